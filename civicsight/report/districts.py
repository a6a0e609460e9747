"""In which district a finding lies, where the data have districts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.io import district_of
from civicsight.model import DISTRICTS, City

LEVELS: Final = tuple(str(level) for level in range(6, 11))
"""OSM admin levels that may be districts: counties and urban districts in China (6) and finer."""

FEWEST: Final = 2
"""Less than two districts divide nothing."""


def find_districts(city: City) -> gpd.GeoDataFrame:
    """Return the districts of a city: its register, or else what the map says.

    Of the map, the coarsest level counts that divides the city.

    Returns
    -------
    GeoDataFrame
        Table `schema.DISTRICTS` in the CRS of the city; empty if nothing divides it.
    """
    if len(city.districts):
        return city.districts
    places = city.places
    tags: pd.Series = places["tags"]
    borders = tags.map(lambda entry: _tag(entry, "boundary")) == "administrative"
    areas = places.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    level = tags.map(lambda entry: _tag(entry, "admin_level"))
    name = places["name"].where(places["name"].notna(), tags.map(lambda entry: _tag(entry, "name")))
    for wanted in LEVELS:
        chosen = borders & areas & (level == wanted) & name.notna()
        chosen &= places.geometry.intersects(city.extent)
        if int(chosen.sum()) >= FEWEST:
            found = {"code": "", "name": name[chosen].astype(str), "level": "other"}
            return DISTRICTS.complete(
                gpd.GeoDataFrame(found, geometry=places.geometry[chosen], crs=city.crs)
            )
    return DISTRICTS.empty(city.crs)


def name_districts(shapes: gpd.GeoSeries, districts: gpd.GeoDataFrame) -> list[str]:
    """Return the district in which each shape mainly lies; empty text where it lies in none."""
    label = districts["name"].where(districts["name"].notna(), districts["code"])
    return [
        "" if district is None else str(label[district])
        for district in district_of(gpd.GeoDataFrame(geometry=shapes), districts)
    ]


def _tag(entry: Any, key: str) -> str | None:
    value = entry.get(key) if isinstance(entry, Mapping) else None
    return None if value is None else str(value)
