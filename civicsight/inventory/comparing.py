"""What is written otherwise of a camera in the register and in a list, column by column."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray, ObjectArray
from civicsight.core.column import Column
from civicsight.model import CAMERAS

SAME_DEG: Final = 0.1
"""Angles up to this far apart are the same, as tables round them [deg]."""

SAME_SHARE: Final = 1e-6
"""Numbers that differ by less than this share of themselves were only written otherwise."""

ANGLES: Final = frozenset({"azimuth_deg", "tilt_deg", "roll_deg"})
BUILT: Final = "existing"
NOT_EXPECTED: Final = ("planned", "approved", "removed")
"""States of cameras that a list of what stands need not have."""

TAG: Final = "tags."
"""What stands before the heading of a column that has no meaning here."""


def of_pairs(
    matches: pd.DataFrame, rows: Any, what: str, field: str, old: ObjectArray, new: ObjectArray
) -> pd.DataFrame:
    """Return a difference of one kind and column for some of the pairs."""
    at = np.asarray(rows, bool)
    own = matches.loc[at, ["known_id", "listed_id", "certainty"]]
    return own.assign(
        what=what, field=field,
        old=pd.Series(old[at], own.index, dtype=object),
        new=pd.Series(new[at], own.index, dtype=object),
    )  # fmt: skip


def changed_values(
    known: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, matches: pd.DataFrame, given: Collection[str]
) -> list[pd.DataFrame]:
    """Return what is written otherwise, column by column."""
    one, two = known.loc[matches["known_id"]], listed.loc[matches["listed_id"]]
    rows = [
        part
        for column in CAMERAS
        if column.name in given and column.name != "tags"
        for part in _of_column(
            matches, column, *(side[column.name].to_numpy(object) for side in (one, two))
        )
    ]
    if "status" not in given:
        states = one["status"].to_numpy(object)
        built = np.isin(states, NOT_EXPECTED)
        now = np.full(len(one), BUILT, object)
        rows.append(of_pairs(matches, built, "changed", "status", states, now))
    if "tags" in given:
        rows += _of_tags(matches, one["tags"], two["tags"])
    return rows


def _of_column(
    matches: pd.DataFrame, column: Column, old: ObjectArray, new: ObjectArray
) -> list[pd.DataFrame]:
    lacks, lacks_now = _unsaid(column, old), _unsaid(column, new)
    other = ~lacks & ~lacks_now
    other[other] = ~_same(column, old[other], new[other])
    before, now = old.copy(), new.copy()
    before[lacks], now[lacks_now] = None, None
    return [
        of_pairs(matches, rows, what, column.name, before, now)
        for what, rows in (
            ("changed", other),
            ("filled", lacks & ~lacks_now),
            ("emptied", ~lacks & lacks_now),
        )
        if rows.any()
    ]


def _unsaid(column: Column, values: ObjectArray) -> BoolArray:
    """Tell which values say nothing."""
    nothing = "unknown" if column.choices else ""
    return np.asarray(pd.isna(values) | (values == nothing), bool)


def _same(column: Column, old: ObjectArray, new: ObjectArray) -> BoolArray:
    """Tell which values say the same, however they are written."""
    if column.kind in ("float", "int"):
        one, two = old.astype(np.float64), new.astype(np.float64)
        if column.name in ANGLES:
            return np.asarray(np.abs((one - two + 180.0) % 360.0 - 180.0) <= SAME_DEG, bool)
        return np.asarray(np.isclose(one, two, rtol=SAME_SHARE, atol=1e-9), bool)
    if column.kind == "text" and not column.choices:
        return np.array([_plain(a) == _plain(b) for a, b in zip(old, new, strict=True)], bool)
    return np.array(old == new, bool)


def _plain(text: object) -> str:
    return " ".join(str(text).split())


def _of_tags(matches: pd.DataFrame, old: pd.Series, new: pd.Series) -> list[pd.DataFrame]:
    """Return what the columns without a meaning say otherwise, each by its heading."""
    before, now = ([tags or {} for tags in side] for side in (old, new))
    rows = [
        (
            at,
            "filled" if own.get(key) in (None, "") else "changed",
            f"{TAG}{key}",
            own.get(key),
            said,
        )
        for at, (own, further) in enumerate(zip(before, now, strict=True))
        for key, said in further.items()
        if _plain(said) != _plain(own.get(key) or "")
    ]
    if not rows:
        return []
    told = pd.DataFrame(rows, columns=["at", "what", "field", "old", "new"], dtype=object)
    own = matches.iloc[told.pop("at").astype(int)][["known_id", "listed_id", "certainty"]]
    return [own.assign(**{name: told[name].to_numpy() for name in told})]
