"""The numbers of a check, plain enough for JSON and for a sentence.

Every headline comes in readings side by side: sure, only if assumed, only if all goes well, and not
even possibly. Counts that rest on assumptions are never added to those that do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.coverage.findings.camera_set import (
    UNBUILT,
    build_camera_set,
    shares_beside,
    with_status,
)
from civicsight.coverage.findings.case import COUNTED
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.findings.status import STATUSES
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.model import READINGS

DOUBLES: Final = ("duplicate", "twin", "near")
"""Kinds of findings on cameras that do what others do."""


def count_cameras(cameras: gpd.GeoDataFrame, heads: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count the cameras by what became of them and by what is known of them."""
    used = is_in_use(cameras)
    by_reading = {
        reading: int(heads.loc[heads["reading"].eq(reading), "camera_id"].nunique())
        for reading in READINGS
    }
    usable = cameras.get("usable", pd.Series(None, cameras.index))
    status = cameras.get("status", pd.Series(None, cameras.index)).fillna("existing")
    return {
        "read": len(cameras),
        "in_use": int(used.sum()),
        "by_status": _counts(status),
        "by_kind": _counts(cameras["kind"].fillna("unknown")),
        "moved": int((cameras["placed"].eq("moved")).sum()),
        "moved_m_most": float(cameras["shift_m"].max()) if len(cameras) else 0.0,
        "on_wall": int(cameras["facade_deg"].notna().sum()),
        "indoor": int(cameras["placed"].eq("indoor").sum()),
        "off_terrain": int(cameras["placed"].eq("off_terrain").sum()),
        "off_map": int(cameras["placed"].eq("off_map").sum()),
        "out_of_use": int((~used).sum()),
        "use_unrecorded": int(usable.isna().sum()),
        "unknown_direction": int(cameras["azimuth_deg"].isna().sum()),
        "unknown_height": int(cameras["height_m"].isna().sum()),
        "complete_record": by_reading["sure"],
        "assumed_pose": by_reading["assumed"] - by_reading["sure"],
        "no_pose_to_assume": by_reading["possible"] - by_reading["assumed"],
        "reasons": _counts(cameras["reason"]),
    }


def count_buildings(buildings: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count the buildings and those whose height is assumed."""
    assumed = int(buildings["height_assumed"].sum())
    return {
        "count": len(buildings),
        "height_assumed": assumed,
        "height_assumed_share": assumed / len(buildings) if len(buildings) else 0.0,
    }


def count_zones(zones: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count the mandatory places by item and by standing."""
    table = zones.groupby(["item", "standing"], observed=True).size()
    by_item: dict[str, dict[str, int]] = {}
    for (item, standing), count in table.items():
        by_item.setdefault(str(item), {})[str(standing)] = int(count)
    return {
        "count": len(zones),
        "by_standing": _counts(zones["standing"]),
        "by_item": _sorted(by_item),
    }


def count_parts(parts: gpd.GeoDataFrame, status: pd.DataFrame, *, looked: bool) -> dict[str, Any]:
    """Count the parts by status: in all, by item and by kind.

    ``covered`` counts cameras of the plan like those that stand; ``covered_now`` and
    ``covered_once_built`` are the two parts of it. Where nobody said which cameras stand, no part
    was judged, and none has a status.
    """
    without_samples = len(parts) - len(status)
    inferred = (parts["inferred"] & ~parts["confirmed"]).reindex(status.index).astype(bool)
    status = status if looked else status.iloc[:0]
    kind = parts["kind"].reindex(status.index)
    gates = kind.isin(["entrance", "vehicle_entrance"])
    return {
        "count": len(parts),
        "judged": len(status),
        "without_samples": without_samples,
        "inferred": int(inferred.sum()),
        "by_status": _statuses(status["status"]),
        "gates": _statuses(status.loc[gates, "status"]),
        "by_item": _sorted(
            {str(item): _statuses(rows) for item, rows in status["status"].groupby(status["item"])}
        ),
        "by_kind": {str(name): _statuses(rows) for name, rows in status["status"].groupby(kind)},
        "presets_only": int(status["presets_only"].sum()),
        **_now_or_later(status),
        "built_gates": _now_or_later(status[gates]),
        "built_by_item": _sorted(
            {str(item): _now_or_later(rows) for item, rows in status.groupby("item")}
        ),
        "built_by_kind": {str(name): _now_or_later(rows) for name, rows in status.groupby(kind)},
    }


def count_samples(
    samples: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, matrices: Mapping[str, CoverageMatrix]
) -> dict[str, Any]:
    """Count the demand samples that enough cameras meet, in each reading."""
    k = parts["k"].reindex(samples["part_id"]).to_numpy(np.int64)
    met = {f"met_{name}": int(matrix.met(samples, k).sum()) for name, matrix in matrices.items()}
    return {"count": len(samples), **met}


def count_findings(
    gaps: gpd.GeoDataFrame,
    duplicates: gpd.GeoDataFrame,
    overlaps: gpd.GeoDataFrame,
    *,
    looked: bool,
) -> dict[str, Any]:
    """Count the findings by severity, and the gaps that an existing camera could close.

    Where nobody said which cameras stand, no gap was found.
    """
    gaps = gaps if looked else gaps.iloc[:0]
    found = {"gaps": gaps, "duplicates": duplicates, "overlaps": overlaps}
    counts: dict[str, Any] = {
        name: {
            "count": len(table),
            "by_outcome": _counts(table["outcome"]),
            "by_severity": _counts(table["severity"]),
        }
        for name, table in found.items()
    }
    offers = [evidence["reuse"] for evidence in gaps["evidence"]]
    counts["gaps"]["could_turn_a_camera"] = sum(
        any(offer["how"] == "re-aim" for offer in offer_list) for offer_list in offers
    )
    counts["gaps"]["could_upgrade_a_camera"] = sum(
        bool(offer_list) and all(offer["how"] != "re-aim" for offer in offer_list)
        for offer_list in offers
    )
    counts["duplicates"]["by_kind"] = _counts(duplicates["kind"])
    counts["duplicates"] |= count_doubles(duplicates)
    every = pd.concat([table["severity"] for table in found.values()])
    counts["violations"] = int(every.eq("violation").sum())
    return counts


def count_doubles(duplicates: gpd.GeoDataFrame) -> dict[str, dict[str, dict[str, int]]]:
    """Count duplicates, twins and near pairs: planned and existing ones, for sure or if assumed."""
    # By the record, not by the outcome: a planned camera kept because others go is not judged.
    status = duplicates["evidence"].map(lambda evidence: (evidence or {}).get("camera_status"))
    planned = status.isin(UNBUILT).astype(bool)
    counts = {}
    for kind in DOUBLES:
        chosen = duplicates["kind"].eq(kind)
        counts[kind] = {
            "planned": _sure_or_assumed(duplicates[chosen & planned]),
            "existing": _sure_or_assumed(duplicates[chosen & ~planned]),
        }
    return counts


def without_looking(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a check where nobody said which cameras stand.

    What their views, and pairs of them, would have shown has no number: it is None, never nought.
    """
    counted = {"cameras": ("read",), "samples": ("count",), "findings": (), "redundant": ()}
    return dict(summary) | {
        name: _unknown(summary[name]) | {one: summary[name][one] for one in known}
        for name, known in counted.items()
    }


def _unknown(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _unknown(own) if isinstance(own, Mapping) else None for name, own in counts.items()
    }


def count_redundant(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
) -> dict[str, Any]:
    """Count the cameras that meet demand, and those without a share of their own, by reading."""
    counts: dict[str, Any] = {}
    for reading in READINGS:
        camera_set = build_camera_set(cameras, parts, samples, matrices[reading])
        shares = shares_beside(camera_set, with_status(camera_set, COUNTED))
        serves = shares.total > 0.0
        counts[reading] = {
            "serve_demand": int(serves.sum()),
            "no_share_of_their_own": int((serves & (shares.unique <= TOLERANCE)).sum()),
        }
    return counts


def _sure_or_assumed(findings: gpd.GeoDataFrame) -> dict[str, int]:
    """Count findings that are sure, and those that hold only if assumptions do."""
    sure = int(findings["readings"].map(lambda readings: READINGS[0] in (readings or ())).sum())
    return {"sure": sure, "only_if_assumed": len(findings) - sure}


def _now_or_later(status: pd.DataFrame) -> dict[str, int]:
    """Split the covered parts: by cameras that stand, and only once planned ones are built."""
    now = int(status["built"].sum())
    return {
        "covered_now": now,
        "covered_once_built": int(status["status"].eq("covered").sum()) - now,
    }


def _statuses(status: pd.Series) -> dict[str, int]:
    return {name: int(status.eq(name).sum()) for name in STATUSES}


def _counts(values: pd.Series) -> dict[str, int]:
    """Count values, in the order of their names."""
    return {str(name): int(count) for name, count in values.value_counts().sort_index().items()}


def _sorted(by_item: dict[str, Any]) -> dict[str, Any]:
    """Sort items as people do: 8.2a before 8.10."""

    def order(item: str) -> tuple[tuple[int, str], ...]:
        steps = []
        for step in item.split("."):
            digits = step.rstrip("abcdefghijklmnopqrstuvwxyz")
            steps.append((int(digits) if digits.isdecimal() else 0, step))
        return tuple(steps)

    return {item: by_item[item] for item in sorted(by_item, key=order)}
