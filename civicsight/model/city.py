"""A city: the tables of one project in one metric CRS, and what of it stands in a year.

References
----------
Article 11: a system goes into use with its main works, so that it is judged among the buildings
that stand in that year, not among those of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import CrsError
from civicsight.core.hues import INK
from civicsight.core.overview import Drawn, Overview, crs_name, houses, joined
from civicsight.core.settings import present_day
from civicsight.model.inputs import (
    BARRIERS,
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    CITY_TABLES,
    DISTRICTS,
    ENTRANCES,
    LAND_COVER,
    OBSTACLES,
    PLACES,
    PRIVATE_PLACES,
    PROJECTS,
    ROADS,
    SIGNS,
)
from civicsight.model.notes import Note, in_order, sentence_of
from civicsight.model.plan_tables import PROPOSALS
from civicsight.model.provenance import Provenance, notes_in
from civicsight.model.records import ANSWERS, CHANGES, CONSENT_AREAS, DOCUMENTS, PLANS
from civicsight.model.terrain import Terrain


def empty_tables(crs: CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return every table of a city without rows."""
    return {name: table.copy(deep=False) for name, table in _empty_tables(crs).items()}


@lru_cache(maxsize=8)
def _empty_tables(crs: CRS) -> dict[str, gpd.GeoDataFrame]:
    """Make them once: whoever writes into a copy leaves these alone (pandas copies on write)."""
    return {table.name: table.empty(crs) for table in CITY_TABLES}


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """The tables of one project, all in one metric CRS.

    Parameters
    ----------
    name
        What people call it.
    crs
        The working CRS.
    extent
        Area that was read; nothing outside it is known.
    sources
        Origin and licence of each layer, shown on every output.
    terrain
        The ground; None where it is taken as flat at height 0.
    synthetic
        Whether it is made up; every output then says so.
    provenance
        What was imported into each layer and edited there, oldest first.
    """

    name: str
    crs: CRS
    extent: BaseGeometry
    buildings: gpd.GeoDataFrame = field(metadata={"table": BUILDINGS})
    obstacles: gpd.GeoDataFrame = field(metadata={"table": OBSTACLES})
    canopies: gpd.GeoDataFrame = field(metadata={"table": CANOPIES})
    roads: gpd.GeoDataFrame = field(metadata={"table": ROADS})
    places: gpd.GeoDataFrame = field(metadata={"table": PLACES})
    entrances: gpd.GeoDataFrame = field(metadata={"table": ENTRANCES})
    barriers: gpd.GeoDataFrame = field(metadata={"table": BARRIERS})
    cameras: gpd.GeoDataFrame = field(metadata={"table": CAMERAS})
    districts: gpd.GeoDataFrame = field(metadata={"table": DISTRICTS})
    private_places: gpd.GeoDataFrame = field(metadata={"table": PRIVATE_PLACES})
    signs: gpd.GeoDataFrame = field(metadata={"table": SIGNS})
    projects: gpd.GeoDataFrame = field(metadata={"table": PROJECTS})
    plans: gpd.GeoDataFrame = field(metadata={"table": PLANS})
    documents: gpd.GeoDataFrame = field(metadata={"table": DOCUMENTS})
    answers: gpd.GeoDataFrame = field(metadata={"table": ANSWERS})
    changes: gpd.GeoDataFrame = field(metadata={"table": CHANGES})
    consent_areas: gpd.GeoDataFrame = field(metadata={"table": CONSENT_AREAS})
    proposals: gpd.GeoDataFrame = field(metadata={"table": PROPOSALS})
    land_cover: gpd.GeoDataFrame = field(metadata={"table": LAND_COVER})
    terrain: Terrain | None = None
    sources: tuple[str, ...] = ()
    synthetic: bool = False
    provenance: tuple[Provenance, ...] = ()

    def __post_init__(self) -> None:
        """Check every table and that all share the CRS."""
        for entry in fields(self):
            table = entry.metadata.get("table")
            if table is not None:
                frame = getattr(self, entry.name)
                table.check(frame)
                if frame.crs != self.crs:
                    msg = f"{table.name} is in {frame.crs.name!r}, the city in {self.crs.name!r}"
                    msg += ": convert it with to_crs()"
                    raise CrsError(msg)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a person has to know of how its lists were read, what weighs most first."""
        return in_order(notes_in(self.provenance))

    def __repr__(self) -> str:
        """Say where it is, how large, and how many rows each table has."""
        return self._overview().text()

    def _repr_html_(self) -> str:
        """Show the same beside a small map, for a notebook."""
        return self._overview().html()

    def _overview(self) -> Overview:
        tables = {each.name: getattr(self, each.name) for each in CITY_TABLES}
        filled = {name: table for name, table in tables.items() if len(table)}
        west, south, east, north = self.extent.bounds or (0.0, 0.0, 0.0, 0.0)
        facts: dict[str, object] = {
            "crs": crs_name(self.crs),
            "extent": f"{east - west:,.0f} x {north - south:,.0f} m",
            "rows": joined({name: len(table) for name, table in filled.items()}) or "none",
            "empty": ", ".join(name for name in tables if name not in filled) or "none",
            "terrain": "flat at 0 m"
            if self.terrain is None
            else "grid of {} x {}".format(*self.terrain.z.shape),
            "synthetic": self.synthetic,
            "sources": "; ".join(self.sources) or "none",
            "notes": joined({str(one.title): one.count for one in self.notes}) or "none",
        }
        columns = {name: ", ".join(map(str, table.columns)) for name, table in filled.items()}
        read = {
            f"{number}. {entry.layer}": f"{entry.source}, {entry.how}: {entry.kept:,} rows kept"
            for number, entry in enumerate(self.provenance, start=1)
        }
        notes = {str(k): sentence_of(one) for k, one in enumerate(self.notes, start=1)}
        folds: dict[str, Mapping[str, object]] = {
            "columns": columns,
            "provenance": read,
            "notes": notes,
        }
        return Overview(f"City {self.name}", facts, folds, self._drawn)

    def _drawn(self) -> list[Drawn]:
        return [houses(self.buildings.geometry), Drawn(self.cameras.geometry, INK)]


BEGINS: Final = ("installed_on", "in_use_on")
"""Days of a camera's record before which it sees nothing."""


def begins_after(cameras: pd.DataFrame, day: date) -> npt.NDArray[np.bool_]:
    """Tell which cameras come into use only after a day, bool, shape ``(n,)``."""
    later = np.zeros(len(cameras), bool)
    for name in (name for name in BEGINS if name in cameras):
        days = pd.to_datetime(cameras[name], errors="coerce", format="ISO8601")
        later |= (days > pd.Timestamp(day)).to_numpy(bool)
    return later


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
