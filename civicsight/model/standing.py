"""A city as it stands in a year: what is built by then, without what is gone.

References
----------
Article 11: a system goes into use with its main works, so that it is judged among the buildings
that stand in that year, not among those of today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.settings import present_day
from civicsight.model.city import City

COMES, GOES = "built_from", "removed_by"
YEARS: Final = (COMES, GOES)
"""Columns of buildings: the first year in which one stands, and the first in which it does not."""


def standing_in(city: City, year: int | None = None) -> City:
    """Return a city with the buildings that stand in a year, by default the present one.

    A building without years stands always. The years of those that are left are cleared, so that
    the city of a year stays what it is, whatever year it is taken for.
    """
    buildings = city.buildings
    if not comes_or_goes(buildings).any():
        return city
    stands = stands_in(buildings, present_day().year if year is None else year)
    return replace(city, buildings=buildings[stands].assign(**dict.fromkeys(YEARS, np.nan)))


def stands_in(buildings: pd.DataFrame, year: int) -> npt.NDArray[np.bool_]:
    """Tell which buildings stand in a year, bool, shape ``(n,)``."""
    from_year, to_year = (_years(buildings, name) for name in YEARS)
    stands: npt.NDArray[np.bool_] = ~(from_year > year) & ~(to_year <= year)
    return stands


def comes_or_goes(buildings: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which buildings do not stand always, bool, shape ``(n,)``."""
    from_year, to_year = (_years(buildings, name) for name in YEARS)
    changes: npt.NDArray[np.bool_] = np.isfinite(from_year) | np.isfinite(to_year)
    return changes


def _years(buildings: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """Return a column of years, NaN where there is none; the project may be older than it."""
    if name not in buildings:
        return np.full(len(buildings), np.nan)
    years: npt.NDArray[np.float64] = buildings[name].to_numpy(np.float64)
    return years
