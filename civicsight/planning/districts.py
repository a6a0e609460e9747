"""What a district is: one meaning for plans, money, tables, pages and whom they are open to.

A register says the level of each of its areas, or its codes do. The districts of a city are those
of the coarsest level that divides it: its counties, else its streets, else other areas. Without a
register they are what the map says. An area of any other level is found by its name or code.

References
----------
GB/T 2260-2007 for counties, GB/T 10114-2003 for streets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.errors import N_, Text
from civicsight.model import DISTRICTS, City

LEVELS: Final = ("county", "street", "other")
"""Levels that divide a city, the coarsest first."""

LEVEL_TEXTS: Final[Mapping[str, Text]] = {
    "county": N_("counties"),
    "street": N_("streets and towns"),
    "other": N_("other areas"),
}
"""What the districts of a level are called."""

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


def find_areas(city: City) -> gpd.GeoDataFrame:
    """Return the districts of a city, and after them those of every other level that has a name.

    What somebody asks for by name or code is found here; the districts come first.
    """
    districts, register = find_districts(city), city.districts.sort_index()
    rest = register[~register.index.isin(districts.index)]
    return gpd.GeoDataFrame(pd.concat([districts, rest]) if len(rest) else districts, crs=city.crs)


def labels_of(districts: gpd.GeoDataFrame) -> pd.Series:
    """Return what each district is called: its name, else its code."""
    return districts["name"].where(districts["name"].notna(), districts["code"]).astype(str)


def name_districts(shapes: gpd.GeoSeries, districts: gpd.GeoDataFrame) -> list[str]:
    """Return the district in which each shape mainly lies; empty text where it lies in none.

    Of two that share an edge it is the first by code and id, so that each shape counts once.
    """
    names = np.full(len(shapes), "", object)
    placed = np.flatnonzero(shapes.notna().to_numpy())
    if len(districts) and len(placed):
        order = districts.sort_index().sort_values("code", kind="stable")
        tree = shapely.STRtree(order.geometry.to_numpy())
        spots = shapes.iloc[placed].representative_point().to_numpy()
        row, found = tree.query(spots, predicate="intersects")
        last_first = np.lexsort((-found, row))
        label = labels_of(order).to_numpy(object)
        names[placed[row[last_first]]] = label[found[last_first]]
    return [str(name) for name in names]


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
