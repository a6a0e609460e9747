"""What a district is: one meaning for plans, money, tables, pages and whom they are open to.

A register says the level of each of its areas, or its codes do. The districts of a city are those
of the coarsest level that divides it: its counties, else its streets, else other areas. Without a
register they are what the map says. An area of any other level is found by its name or code.

References
----------
GB/T 2260-2007 for counties, GB/T 10114-2003 for streets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_, MismatchError
from civicsight.io import district_of
from civicsight.model import DISTRICTS, City

LEVELS: Final = ("county", "street", "other")
"""Levels that divide a city, the coarsest first."""

MAP_LEVELS: Final = tuple(str(level) for level in range(6, 11))
"""OSM admin levels that may be districts: counties and urban districts in China (6) and finer."""

FEWEST: Final = 2
"""Less than two areas of a map divide nothing."""


def find_districts(city: City) -> gpd.GeoDataFrame:
    """Return the districts of a city: those of its register of one level, else those of the map.

    Returns
    -------
    GeoDataFrame
        Table `model.DISTRICTS` in the CRS of the city, by its ids; empty if nothing divides it.
    """
    register = city.districts.sort_index()
    level = register["level"].where(register["level"].isin([*LEVELS, "city", "province"]), "other")
    for wanted in LEVELS:
        if level.eq(wanted).any():
            return gpd.GeoDataFrame(register[level.eq(wanted)])
    return _of_map(city)


def levels_of(city: City) -> list[gpd.GeoDataFrame]:
    """Return the areas of a city level by level: its districts first, then those of other levels.

    What somebody asks for by name or code may lie on any of them.
    """
    districts, register = find_districts(city), city.districts.sort_index()
    rest = register[~register.index.isin(districts.index)]
    others = [gpd.GeoDataFrame(own) for _, own in rest.groupby("level", sort=True, dropna=False)]
    return [districts, *others] if len(districts) else others


def find_named(city: City, names: Collection[str]) -> gpd.GeoDataFrame:
    """Return the areas of the one level on which all names lie; the districts where none is given.

    Parameters
    ----------
    city, names
        Names or codes of areas of its register.

    Raises
    ------
    MismatchError
        If no level has all of them, with what each level has.
    """
    levels = levels_of(city)
    for areas in levels:
        if set(names) <= {*labels_of(areas), *map(str, areas["code"])}:
            return areas
    if not names:
        return find_districts(city)
    known = "; ".join(", ".join(labels_of(areas)) for areas in levels) or "–"
    raise MismatchError(
        N_(
            "Districts have to be named of one level, by name or code. Asked for: %(names)s. There "
            "are, level by level: %(known)s",
            names=", ".join(sorted(names)),
            known=known,
        )
    )


def labels_of(districts: gpd.GeoDataFrame) -> pd.Series:
    """Return what each district is called: its name, else its code."""
    return districts["name"].where(districts["name"].notna(), districts["code"]).astype(str)


def name_districts(shapes: gpd.GeoSeries, districts: gpd.GeoDataFrame) -> list[str]:
    """Return the district in which each shape mainly lies; empty text where it lies in none."""
    label = labels_of(districts)
    return [
        "" if district is None else str(label[district])
        for district in district_of(gpd.GeoDataFrame(geometry=shapes), districts)
    ]


def district_names(shapes: gpd.GeoSeries, city: City) -> list[str]:
    """Return the district of a city in which each shape mainly lies; empty where in none."""
    return name_districts(shapes, find_districts(city))


def _of_map(city: City) -> gpd.GeoDataFrame:
    """Return the administrative areas of the map of the coarsest level that divides the city."""
    places = city.places
    tags: pd.Series = places["tags"]
    borders = tags.map(lambda entry: _tag(entry, "boundary")) == "administrative"
    areas = places.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    level = tags.map(lambda entry: _tag(entry, "admin_level"))
    name = places["name"].where(places["name"].notna(), tags.map(lambda entry: _tag(entry, "name")))
    for wanted in MAP_LEVELS:
        chosen = borders & areas & (level == wanted) & name.notna()
        chosen &= places.geometry.intersects(city.extent)
        if int(chosen.sum()) >= FEWEST:
            found = {"code": "", "name": name[chosen].astype(str), "level": "other"}
            return DISTRICTS.complete(
                gpd.GeoDataFrame(found, geometry=places.geometry[chosen], crs=city.crs)
            )
    return DISTRICTS.empty(city.crs)


def _tag(entry: Any, key: str) -> str | None:
    value = entry.get(key) if isinstance(entry, Mapping) else None
    return None if value is None else str(value)
