"""Small hand-made inputs for the tests of the city's readers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.model import (
    DISTRICTS,
    LAND_COVER,
    PRIVATE_PLACES,
    PROJECTS,
    PROPOSALS,
    RECORD_TABLES,
    SIGNS,
)

METRIC = CRS.from_epsg(32650)
"""UTM zone 50 N, which covers Nanchang."""

X0, Y0 = 390_000.0, 3_170_000.0
"""A corner in Nanchang in `METRIC` [m]."""


def registers(crs: CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables of a city that only registers fill, without rows."""
    tables = (DISTRICTS, PRIVATE_PLACES, SIGNS, PROJECTS, *RECORD_TABLES, PROPOSALS, LAND_COVER)
    return {table.name: table.empty(crs) for table in tables}


def features(*rows: tuple[str, dict[str, str], shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return tagged features; geometry counts in metres from the corner."""
    labels = pd.Index([label for label, _, _ in rows], dtype=object)
    shapes = [shapely.transform(shape, lambda xy: xy + np.array([X0, Y0])) for _, _, shape in rows]
    return gpd.GeoDataFrame(
        {"tags": pd.Series([tags for _, tags, _ in rows], index=labels, dtype=object)},
        geometry=shapes,
        crs=METRIC,
        index=labels,
    )


def box(x: float, y: float, width: float, depth: float) -> shapely.Polygon:
    """Return a rectangle by its south-west corner and sides."""
    return shapely.box(x, y, x + width, y + depth)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a small text file as bytes, so that its line ends stay as they are."""
    path.write_bytes(text.encode(encoding))
    return path


def knot(times: int = 500) -> shapely.Polygon:
    """Return an outline of 10 m by 10 m in which a piece of three corners is repeated."""
    piece = [(10, 10), (0, 10), (2, 4)]
    return shapely.Polygon([(0, 0), (10, 0), *(piece * times)])
