"""In which district a finding lies, where the data have districts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.schema import City

LEVELS: Final = tuple(str(level) for level in range(6, 11))
"""OSM admin levels that may be districts: counties and urban districts in China (6) and finer."""

FEWEST: Final = 2
"""Less than two districts divide nothing."""


def find_districts(city: City) -> gpd.GeoDataFrame:
    """Return the districts of a city, the coarsest level that divides it; empty if none does.

    Returns
    -------
    GeoDataFrame
        Column ``name`` and areas, in the CRS of the city.
    """
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
            return gpd.GeoDataFrame(
                {"name": name[chosen].astype(str)}, geometry=places.geometry[chosen], crs=city.crs
            )
    return gpd.GeoDataFrame({"name": pd.Series(dtype=object)}, geometry=[], crs=city.crs)


def name_districts(shapes: gpd.GeoSeries, districts: gpd.GeoDataFrame) -> list[str]:
    """Return the district in which each shape mainly lies; empty text where it lies in none."""
    if districts.empty or shapes.empty:
        return [""] * len(shapes)
    points = gpd.GeoDataFrame(geometry=shapes.representative_point().reset_index(drop=True))
    joined = gpd.sjoin(points, districts[["name", "geometry"]], predicate="within", how="left")
    first = joined[~joined.index.duplicated()]
    return [name if isinstance(name, str) else "" for name in first["name"]]


def _tag(entry: Any, key: str) -> str | None:
    value = entry.get(key) if isinstance(entry, Mapping) else None
    return None if value is None else str(value)
