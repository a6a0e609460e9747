"""What is written otherwise of a camera in the register and in a list, column by column."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import ObjectArray
from civicsight.core.column import Column
from civicsight.core.keyed_difference import Tolerance, differing
from civicsight.model import CAMERAS

TURNED: Final = Tolerance(within=0.1, turn=360.0)
"""Angles so near each other are the same, as tables round them [deg]."""

WRITTEN: Final = Tolerance(within=1e-9, share=1e-6)
"""Numbers so near each other were only written otherwise."""

ANGLES: Final = frozenset({"azimuth_deg", "tilt_deg", "roll_deg"})
BUILT: Final = "existing"
NOT_EXPECTED: Final = ("planned", "approved", "removed")
"""States of cameras that a list of what stands need not have."""

TAG: Final = "tags."
"""What stands before the heading of a column that has no meaning here."""


def of_pairs(
    matches: pd.DataFrame, rows: Any, what: Any, field: str, old: ObjectArray, new: ObjectArray
) -> pd.DataFrame:
    """Return a difference of one column for some of the pairs, of one kind or each of its own."""
    at = np.asarray(rows, bool)
    own = matches.loc[at, ["known_id", "listed_id", "certainty"]]
    return own.assign(
        what=what,
        field=field,
        old=pd.Series(old[at], own.index, dtype=object),
        new=pd.Series(new[at], own.index, dtype=object),
    )


def changed_values(
    known: gpd.GeoDataFrame, listed: gpd.GeoDataFrame, matches: pd.DataFrame, given: Collection[str]
) -> list[pd.DataFrame]:
    """Return what is written otherwise, column by column."""
    one, two = known.loc[matches["known_id"]], listed.loc[matches["listed_id"]]
    rows = [
        _of_column(matches, column, *(side[column.name].to_numpy(object) for side in (one, two)))
        for column in CAMERAS
        if column.name in given and column.name != "tags"
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
) -> pd.DataFrame:
    nothing = "unknown" if column.choices else ""
    before, now = old.copy(), new.copy()
    for side in (before, now):
        side[pd.isna(side) | (side == nothing)] = None
    one, two = before, now
    if column.kind == "text" and not column.choices:
        one, two = (
            np.array([said and _plain(said) for said in side], object) for side in (one, two)
        )
    other = differing(one, two, TURNED if column.name in ANGLES else WRITTEN)
    lacks = [pd.isna(side[other]) for side in (before, now)]
    what = np.select(lacks, ["filled", "emptied"], "changed")
    return of_pairs(matches, other, what, column.name, before, now)


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
