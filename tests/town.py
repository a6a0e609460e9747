"""Small towns by hand, for the tests of places and gates: every table from plain rows."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, Polygon, box

from civicsight.model import BARRIERS, BUILDINGS, ENTRANCES, PLACES, ROADS

CRS = "EPSG:4548"
X, Y = 400_000.0, 3_170_000.0  # a corner in Nanchang; the towns are drawn from (0, 0)


def at(*points):
    return [(X + x, Y + y) for x, y in points]


def point(x, y):
    return Point(X + x, Y + y)


def line(*points):
    return LineString(at(*points))


def rect(x0, y0, x1, y1):
    return box(X + x0, Y + y0, X + x1, Y + y1)


def ring(*points):
    return Polygon(at(*points))


def yard(x, y):
    """Return a building all round a yard that nobody sees into."""
    return rect(x - 20, y - 20, x + 20, y + 20).difference(rect(x - 8, y - 8, x + 8, y + 8))


def _table(table, rows):
    if not rows:
        return gpd.GeoDataFrame(table.empty(CRS))
    frame = gpd.GeoDataFrame(
        pd.DataFrame(list(rows.values()), index=list(rows)), geometry="geometry", crs=CRS
    )
    full = gpd.GeoDataFrame(table.complete(frame))
    table.check(full)
    return full


def places(**rows):
    """Build places: ``name=(geometry, tags, other columns)``."""
    return _table(
        PLACES,
        {
            key.replace("__", "/"): {
                "geometry": row[0],
                "tags": row[1],
                "source": "osm",
                "name": row[1].get("name"),
                **(row[2] if len(row) > 2 else {}),
            }
            for key, row in rows.items()
        },
    )


def roads(**rows):
    """Build roads: ``id=(line, class, other columns)``."""
    plain = {"bridge": False, "tunnel": False, "tags": {}}
    return _table(
        ROADS,
        {
            key: {"geometry": row[0], "kind": row[1], **plain, **(row[2] if len(row) > 2 else {})}
            for key, row in rows.items()
        },
    )


def entrances(**rows):
    plain = {"vehicle": False, "confirmed": False, "source": "osm", "tags": {}}
    return _table(
        ENTRANCES,
        {
            key: {"geometry": row[0], "kind": row[1], **plain, **(row[2] if len(row) > 2 else {})}
            for key, row in rows.items()
        },
    )


def barriers(**rows):
    return _table(
        BARRIERS, {key: {"geometry": row[0], "kind": row[1]} for key, row in rows.items()}
    )


def buildings(**rows):
    plain = {"height_m": 12.0, "base_m": 0.0, "height_assumed": True, "tags": {}}
    return _table(
        BUILDINGS,
        {
            key: {"geometry": row[0], **plain, **(row[1] if len(row) > 1 else {})}
            for key, row in rows.items()
        },
    )
