"""The layers that rules measure against, as far as registers have them; none is ever inferred."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from civicsight.model import City

COUNTY, WHOLE = "county", "city"
"""Levels of the districts that divide the work, and of the area where the law applies."""

LAYERS: Final = ("jurisdiction", "district", "district_edge", "consent_layer")


def areas_of(city: City, layer: str) -> gpd.GeoDataFrame:
    """Return the areas of a layer, by their ids; empty where no register has them.

    Parameters
    ----------
    city, layer
        One of `LAYERS`. The jurisdiction is the city's own outline, or else all its districts
        together; an edge is the outline of each district.
    """
    if layer == "consent_layer":
        return city.consent_areas
    districts = city.districts
    counties = districts[districts["level"].eq(COUNTY)]
    if layer == "district":
        return counties
    if layer == "district_edge":
        return counties.set_geometry(counties.geometry.boundary)
    whole = districts[districts["level"].eq(WHOLE)]
    if len(whole) or counties.empty:
        return whole
    joined = gpd.GeoSeries([counties.union_all()], index=pd.Index([WHOLE]), crs=city.crs)
    return gpd.GeoDataFrame(geometry=joined)
