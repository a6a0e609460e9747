"""How each camera is recorded, and how each part stands, as pages, maps and counts show them."""

from __future__ import annotations

import pandas as pd

from civicsight.coverage.result import OF_STATUS, CheckResult, no_inventory

ALL_ROUND_DEG = 300.0
"""A single head that sees more than this has no direction worth drawing."""


def direction_of_cameras(result: CheckResult) -> pd.Series:
    """Return ``sure``, ``assumed`` or ``unknown`` for each camera: how its direction is known.

    Unknown are cameras of which not even an assumption gives a direction: without an assumed
    head, or with heads that look all round because nothing says where they look. A camera without
    any head does not count, whatever its record says: it is ``unused``.
    """
    return directions_of(result.heads, result.cameras.index)


def directions_of(heads: pd.DataFrame, cameras: pd.Index) -> pd.Series:
    """Return how the direction of each camera is known; see `direction_of_cameras`."""
    aimed = heads[(heads["hfov_deg"] < ALL_ROUND_DEG)]
    assumed = set(aimed.loc[aimed["reading"] == "assumed", "camera_id"])
    sure = set(heads.loc[heads["reading"] == "sure", "camera_id"])
    used = set(heads["camera_id"])
    known = [
        "sure"
        if label in sure
        else "assumed"
        if label in assumed
        else "unknown"
        if label in used
        else "unused"
        for label in cameras
    ]
    return pd.Series(known, index=cameras, dtype=object)


def status_of_parts(result: CheckResult) -> pd.Series:
    """Return the status of each part, ``unknown`` where it could not be judged."""
    if no_inventory(result):
        return pd.Series("unknown", result.parts.index, dtype=object)
    status = result.part_status["status"].reindex(result.parts.index)
    return status.where(status.isin(list(OF_STATUS)), "unknown").astype(object)


def shown_parts(result: CheckResult) -> pd.Series:
    """Return the status of each part, ``unbuilt`` where only cameras to come cover it for sure."""
    status = status_of_parts(result)
    built = result.part_status["built"].reindex(result.parts.index)
    coming = ~built.fillna(value=False).astype(bool)
    return status.mask(status.eq("covered") & coming, "unbuilt")
