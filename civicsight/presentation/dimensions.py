"""What an office sorts its points by: owner, class, police station, street, platform, zone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.presentation.codes import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

DIMENSIONS: Final = ("owner", "point_class", "police_station", "subdistrict", "platform",
                     "development_zone")  # fmt: skip
"""Columns of the record of a camera by which pages filter and tables sum."""

UNSTATED: Final = N_("not stated")


def values_of(cameras: pd.DataFrame, dimension: str) -> pd.Series:
    """Return the value of each camera as text; empty where nobody states one."""
    column = cameras[dimension].astype(object)
    return column.where(column.notna() & column.ne("unknown"), "").astype(str)


def stated(cameras: pd.DataFrame) -> tuple[str, ...]:
    """Return the dimensions that are stated of any camera, in their order."""
    return tuple(name for name in DIMENSIONS if values_of(cameras, name).ne("").any())


def value_text(dimension: str, value: str) -> Text:
    """Return what a value is called."""
    if not value:
        return UNSTATED
    return COLUMNS.get(dimension, {}).get(value, Text("%(value)s", {"value": value}))


def sum_by(
    cameras: pd.DataFrame, dimension: str, counted: Sequence[pd.Series]
) -> list[tuple[str, int, tuple[int, ...]]]:
    """Count cameras by a dimension, and add up what is counted of them.

    Parameters
    ----------
    cameras, dimension
        Table of cameras by id, and one of `DIMENSIONS`.
    counted
        Whole numbers by camera id; those of ids that are no camera of the table count as not
        stated.

    Returns
    -------
    list
        Value, cameras and a sum for each of `counted`, values in order, not stated last. Each
        column adds up to all cameras, and to all that is counted.
    """
    values = values_of(cameras, dimension)
    sums = [one.groupby(values.reindex(one.index).fillna("")).sum() for one in counted]
    known = sorted({*values, *(name for one in sums for name in one.index)})
    names = sorted(known, key=lambda name: (not name, name))
    return [
        (name, int(values.eq(name).sum()), tuple(int(one.get(name, 0)) for one in sums))
        for name in names
    ]
