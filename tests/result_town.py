"""The tiny town of the hand-made result, with hostile text wherever text can stand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from pyproj import CRS
from shapely.geometry import LineString, Point, box

from civicsight.model import (
    BARRIERS,
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    ENTRANCES,
    HEADS,
    OBSTACLES,
    PLACES,
    ROADS,
    City,
)
from tests.city_made import registers

TOWN_CRS = CRS.from_epsg(4548)
EAST, NORTH = 390_000.0, 3_172_000.0

HOSTILE = (
    "<img src=x onerror=\"window.pwned='img'\">",
    "</script><script>window.pwned='script'</script>",
    "`${window.pwned='template'}`",
    "\"'><svg/onload=window.pwned='svg'>",
    "{{ 7*7 }}{% raise %}\\",
)
"""Labels that run as a script where somebody forgets that they are text."""

FORMULAS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")')
"""Labels that a spreadsheet runs."""


def at(x: float, y: float) -> Point:
    """Return a point of the town, metres from its south-west corner."""
    return Point(EAST + x, NORTH + y)


def area(x0: float, y0: float, x1: float, y1: float):
    return box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in points])


def table(declared: Any, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return a complete table; the first key of a row is its id."""
    if not rows:
        return declared.empty(TOWN_CRS)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=TOWN_CRS)
    return declared.complete(frame.set_index(declared.index))


def make_city(label: str, *, synthetic: bool = True) -> City:
    buildings = [
        ("way/1", 20, 20, 50, 60, 12.0, False),
        ("way/2", 70, 20, 110, 50, 9.0, True),
        ("way/3", 70, 70, 110, 110, 18.0, True),
        ("way/4", 20, 80, 50, 110, 6.0, True),
    ]
    return City(
        name=label,
        crs=TOWN_CRS,
        **registers(TOWN_CRS),
        extent=area(0, 0, 130, 130),
        buildings=table(
            BUILDINGS,
            [
                {
                    "building_id": b,
                    "height_m": h,
                    "base_m": 0.0,
                    "height_assumed": assumed,
                    "height_source": "default",
                    "kind": "school",
                    "name": label if b == "way/3" else None,
                    "geometry": area(x0, y0, x1, y1),
                }
                for b, x0, y0, x1, y1, h, assumed in buildings
            ],
        ),
        obstacles=table(
            OBSTACLES,
            [
                {
                    "obstacle_id": "panel/1",
                    "kind": "panel",
                    "height_m": 6.0,
                    "name": label,
                    "geometry": line((60, 60), (64, 60)),
                }
            ],
        ),
        canopies=table(CANOPIES, []),
        roads=table(
            ROADS,
            [
                {
                    "road_id": "way/10",
                    "kind": "primary",
                    "name": label,
                    "geometry": line((0, 65), (130, 65)),
                },
                {
                    "road_id": "way/11",
                    "kind": "footway",
                    "name": None,
                    "geometry": line((60, 0), (60, 130)),
                },
            ],
        ),
        places=table(
            PLACES,
            [
                {
                    "place_id": "relation/1",
                    "name": "东城区",
                    "tags": {"boundary": "administrative", "admin_level": "6", "name": "东城区"},
                    "geometry": area(60, 0, 130, 130),
                },
                {
                    "place_id": "relation/2",
                    "name": "西城区",
                    "tags": {"boundary": "administrative", "admin_level": "6", "name": "西城区"},
                    "geometry": area(0, 0, 60, 130),
                },
            ],
        ),
        entrances=table(
            ENTRANCES,
            [{"entrance_id": "node/1", "kind": "main", "name": label, "geometry": at(50, 40)}],
        ),
        barriers=table(BARRIERS, []),
        cameras=make_cameras(label),
        sources=(f"© OpenStreetMap contributors, ODbL {label}",),
        synthetic=synthetic,
    )


def make_cameras(label: str) -> gpd.GeoDataFrame:
    rows = [
        ("c1", 52, 40, "fixed", 90.0),
        ("c2", 53, 42, "fixed", 92.0),
        ("c3", 112, 40, "dome", np.nan),
        ("c4", 60, 112, "unknown", np.nan),
    ]
    return table(
        CAMERAS,
        [
            {
                "camera_id": c,
                "name": label if c != "c4" else None,
                "kind": kind,
                "mount": "wall",
                "status": "existing",
                "height_m": 4.0,
                "azimuth_deg": azimuth,
                "usable": True,
                "purpose": label,
                "owner": "government",
                "source": label,
                "tags": {"name": label},
                "geometry": at(x, y),
            }
            for c, x, y, kind, azimuth in rows
        ],
    )


def make_heads() -> gpd.GeoDataFrame:
    rows = [
        ("c1", "sure", 90.0, 60.0, 0.4, ()),
        ("c1", "assumed", 90.0, 60.0, 0.4, ()),
        ("c1", "possible", 90.0, 60.0, 0.4, ()),
        ("c2", "sure", 92.0, 60.0, 0.0, ()),
        ("c2", "assumed", 92.0, 60.0, 0.0, ()),
        ("c2", "possible", 92.0, 60.0, 0.0, ()),
        ("c3", "assumed", 90.0, 180.0, 0.0, ("outward_half", "height_by_mount")),
        ("c3", "possible", 0.0, 360.0, 0.0, ("any_direction",)),
        ("c4", "assumed", 0.0, 360.0, 0.0, ("untyped_as_dome", "all_round")),
        ("c4", "possible", 0.0, 360.0, 0.0, ("any_direction",)),
    ]
    spots = {"c1": at(52, 40), "c2": at(53, 42), "c3": at(112, 40), "c4": at(60, 112)}
    return table(
        HEADS,
        [
            {
                "head_id": f"{c}/{reading}",
                "camera_id": c,
                "reading": reading,
                "height_m": 4.0,
                "azimuth_deg": azimuth,
                "tilt_deg": 10.0,
                "roll_deg": 0.0,
                "hfov_deg": span,
                "vfov_deg": 40.0,
                "width_px": 1920.0,
                "reach_m": 80.0,
                "near_m": 0.0,
                "lens": "rectilinear" if span < 180 else "cylindrical",
                "shift_m": shift,
                "assumptions": assumptions,
                "confidence": 1.0,
                "geometry": spots[c],
            }
            for c, reading, azimuth, span, shift, assumptions in rows
        ],
    )
