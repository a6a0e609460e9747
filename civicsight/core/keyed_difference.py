"""Two states of one table held against each other by key: rows that came, went or say otherwise.

What counts as the same is one rule for every room:

- what is not known (None, NaN, NaT, an empty shape) is the same as what else is not known, and as a
  column that is not there;
- numbers are the same within a `Tolerance`, exactly by default; 1, 1.0 and True are one number;
- mappings, lists, tuples and arrays are the same if what they hold is, keys in any order;
- shapes are the same if neither strays farther than `NEAR_M` from the other, whichever vertex comes
  first; an outline is not the area inside;
- anything else is the same where it is equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from operator import is_not
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, FloatArray, Geometries

NEAR_M: Final = 1e-6
"""Shapes so near each other are one: a shorter way is rounding [m]."""

EDGE_SHARE: Final = 0.1
"""Edges are measured at every tenth, for outlines over the same vertices may run otherwise."""

ADDED: Final = "added"
REMOVED: Final = "removed"
GEOMETRY: Final = "geometry"
"""What differs of a row, beside the name of any other column."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far apart numbers may be that are one.

    Parameters
    ----------
    within
        Greatest distance, in the unit of the numbers.
    share
        Greatest distance as a share of the larger of both.
    turn
        A full turn of an angle, over which it begins anew; 0 for what does not.
    """

    within: float = 0.0
    share: float = 0.0
    turn: float = 0.0

    def spans(self, one: Any, two: Any) -> Any:
        """Tell whether numbers, or each of two arrays of numbers, are one."""
        with np.errstate(invalid="ignore"):  # infinity less infinity
            gap = np.abs(one - two)
            gap = np.minimum(gap % self.turn, -gap % self.turn) if self.turn else gap
            most = np.maximum(self.within, self.share * np.maximum(np.abs(one), np.abs(two)))
            return (one == two) | (gap <= most)


EXACT: Final = Tolerance()
LISTS: Final = (list, tuple, np.ndarray)


def is_missing(value: object) -> bool:
    """Tell whether a value is not known."""
    if isinstance(value, BaseGeometry):
        return bool(value.is_empty)
    return value is None or pd.isna(value) is True


def is_same(one: object, two: object, tolerance: Tolerance = EXACT) -> bool:  # noqa: PLR0911 - one rule a line
    """Tell whether two values are the same; what they hold in turn has to be so exactly.

    Examples
    --------
    >>> is_same({"a": [1, None]}, {"a": (1.0, float("nan"))}), is_same("", None)
    (True, False)
    """
    if one is two:
        return True
    if isinstance(one, BaseGeometry) and isinstance(two, BaseGeometry):
        return bool(apart_m(np.array([one]), np.array([two]))[0] <= NEAR_M)
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(is_same(one[key], two[key]) for key in one)
    if isinstance(one, LISTS) and isinstance(two, LISTS):
        return len(one) == len(two) and all(map(is_same, one, two))
    if is_missing(one) or is_missing(two):
        return is_missing(one) and is_missing(two)
    if isinstance(one, Real) and isinstance(two, Real):
        return bool(one == two or tolerance.spans(float(one), float(two)))
    return not isinstance(one, LISTS) and not isinstance(two, LISTS) and bool(one == two)


def differing(
    one: npt.NDArray[Any], two: npt.NDArray[Any], tolerance: Tolerance = EXACT
) -> BoolArray:
    """Tell which values of two columns are not the same, row by row."""
    if all(column.dtype.kind in "biuf" for column in (one, two)):
        old, new = one.astype(np.float64), two.astype(np.float64)
        return ~np.asarray(tolerance.spans(old, new) | (np.isnan(old) & np.isnan(new)), bool)
    found = np.fromiter(map(is_not, one, two), bool, len(one))
    shapes = found & shapely.is_geometry(one) & shapely.is_geometry(two)
    rest = np.flatnonzero(found & ~shapes)
    found[shapes] = apart_m(one[shapes], two[shapes]) > NEAR_M
    found[rest] = [not is_same(one[row], two[row], tolerance) for row in rest]
    return found


def apart_m(one: Geometries, two: Geometries) -> FloatArray:
    """Return how far shapes stray from one another at most [m].

    Parameters
    ----------
    one, two
        Geometries in one metric CRS, shape ``(n,)``; None where there is none.

    Returns
    -------
    ndarray
        Hausdorff distance of points, lines and outlines, edges measured at every tenth; 0 of two
        that are alike, infinite where only one is there, or one is an area and one a line.
    """
    lacks = [shapely.is_missing(side) | shapely.is_empty(side) for side in (one, two)]
    alike = shapely.equals_exact(one, two, 0.0) | (lacks[0] & lacks[1])
    apart = np.where(alike, 0.0, np.inf)
    near = ~alike & (shapely.get_dimensions(one) == shapely.get_dimensions(two))
    near &= ~lacks[0] & ~lacks[1]
    apart[near] = shapely.hausdorff_distance(one[near], two[near], densify=EDGE_SHARE)
    return apart


def compare(
    before: pd.DataFrame,
    after: pd.DataFrame,
    columns: Sequence[str] | None = None,
    tolerance: Tolerance = EXACT,
) -> pd.DataFrame:
    """Compare two states of one table, row by row of their index.

    Parameters
    ----------
    before, after
        Earlier and later state; no two rows of one have the same key.
    columns
        What is compared, in this order; by default all that either state has.
    tolerance
        Of all numbers.

    Returns
    -------
    DataFrame
        What is not the same, by key and then by column: ``key``; ``what``, the column, or `ADDED`
        or `REMOVED` of a row that one state alone has; ``before`` and ``after`` of a value, None
        where it is not known.
    """
    both = before.index.intersection(after.index)
    rows = [(key, ADDED, None, None) for key in after.index.difference(both, sort=False)]
    rows += [(key, REMOVED, None, None) for key in before.index.difference(both, sort=False)]
    names = [*before.columns, *after.columns] if columns is None else columns
    at = [side.index.get_indexer(both) for side in (before, after)]
    for name in dict.fromkeys(names):
        old, new = (
            side[name].to_numpy()[own] if name in side.columns else np.full(len(both), None)
            for side, own in zip((before, after), at, strict=True)
        )
        other = differing(old, new, tolerance)
        rows += [
            (key, name, *pair)
            for key, *pair in zip(both[other], _known(old[other]), _known(new[other]), strict=True)
        ]
    table = pd.DataFrame(rows, columns=["key", "what", "before", "after"], dtype=object)
    return table.sort_values("key", kind="stable", ignore_index=True)


def _known(values: npt.NDArray[Any]) -> list[Any]:
    """Return values as Python has them, None where nothing is known."""
    plain = [value.item() if isinstance(value, np.generic) else value for value in values.tolist()]
    return [None if is_missing(value) else value for value in plain]
