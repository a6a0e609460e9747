"""A hand-made result: a tiny town with every status, and hostile text wherever text can stand.

Nothing here is computed by the engine. What a report has to say about it can be read off below.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry import LineString, MultiPoint, Point, box

from civicsight.coverage._kernels.views import BLOCK, Blocks
from civicsight.coverage.raster import CoverageRaster
from civicsight.rules import load_packs
from civicsight.schema import (
    BARRIERS,
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    ENTRANCES,
    FINDINGS,
    HEADS,
    OBSTACLES,
    PARTS,
    PLACES,
    ROADS,
    SAMPLES,
    ZONES,
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


def make_zones(label: str) -> gpd.GeoDataFrame:
    rows = [
        ("8.5:way/1", "8.5", "designated", label, area(20, 20, 50, 60)),
        ("8.6:way/3", "8.6", "candidate", label, area(70, 70, 110, 110)),
        ("8.10:way/4", "8.10", "candidate", None, area(20, 80, 50, 110)),
    ]
    return table(
        ZONES,
        [
            {
                "zone_id": z,
                "item": item,
                "pack": "nanchang",
                "name": name,
                "standing": standing,
                "confidence": 0.85,
                "qualifiers": (),
                "place_id": z.partition(":")[2],
                "source": label,
                "geometry": geometry,
            }
            for z, item, standing, name, geometry in rows
        ],
    )


PART_ROWS = (
    (
        "p1",
        "8.5:way/1",
        "8.5",
        "entrance",
        "covered",
        line((50, 38), (50, 42)),
        1.0,
        1.0,
        1.0,
        260.0,
    ),
    (
        "p2",
        "8.5:way/1",
        "8.5",
        "vehicle_entrance",
        "assumed",
        line((30, 60), (34, 60)),
        0.0,
        1.0,
        1.0,
        180.0,
    ),
    ("p3", "8.6:way/3", "8.6", "entrance", "possible", at(70, 90), 0.0, 0.5, 1.0, 130.0),
    ("p4", "8.6:way/3", "8.6", "entrance", "gap", line((88, 110), (92, 110)), 0.0, 0.0, 0.25, 40.0),
    ("p5", "8.10:way/4", "8.10", "area", "gap", area(22, 112, 48, 120), 0.0, 0.1, 0.3, 20.0),
)


def make_parts(label: str) -> gpd.GeoDataFrame:
    return table(
        PARTS,
        [
            {
                "part_id": p,
                "zone_id": zone,
                "item": item,
                "article": "8",
                "rule": f"R8.{item[2:]}",
                "pack": "nanchang",
                "kind": kind,
                "profile": "recognise",
                "need_px_m": 125.0,
                "fraction": 0.95,
                "k": 1,
                "inferred": p == "p3",
                "how": label,
                "confidence": 0.8,
                "geometry": geometry,
            }
            for p, zone, item, kind, _, geometry, *_ in PART_ROWS
        ],
    )


def make_status(label: str) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {
                "part_id": p,
                "item": item,
                "required": 0.95,
                "fraction_sure": s,
                "fraction_assumed": a,
                "fraction_possible": m,
                "status": status,
                "need_px_m": 125.0,
                "k": 1,
                "best_px_m": best,
                "weight": 4.0,
                "cameras": ("c1",) if status == "covered" else (),
                "built": status == "covered",
                "blockers": (f"building way/3 ({label})", "obstacle panel/1", "ground")
                if status == "gap"
                else (),
            }
            for p, _, item, _, status, _, s, a, m, best in PART_ROWS
        ]
    )
    return frame.set_index("part_id")


def make_findings(label: str) -> dict[str, gpd.GeoDataFrame]:
    def finding(
        f: str, kind: str, subject: str, outcome: str, severity: str, geometry, **more: Any
    ) -> dict[str, Any]:
        return {
            "finding_id": f,
            "article": "8" if kind == "gap" else "7",
            "rule": "R8.6" if kind == "gap" else "R7.4",
            "pack": "nanchang",
            "kind": kind,
            "subject": subject,
            "outcome": outcome,
            "severity": severity,
            "readings": ("sure",),
            "certainty": 0.8,
            "assumptions": (),
            "geometry": geometry,
            **more,
        }

    def gap(
        part: str,
        outcome: str,
        severity: str,
        geometry,
        status: str,
        *assumptions: str,
        **more: Any,
    ) -> dict[str, Any]:
        evidence = {
            "status": status,
            "need_px_m": 125.0,
            "required": 0.95,
            "fraction_sure": 0.0,
            "fraction_assumed": 0.0,
            "fraction_possible": 0.25,
            "best_px_m_possible": 40.0,
            "cameras": [],
            "blockers": [],
            "reuse": [],
            **more,
        }
        readings = {"gap": ("sure", "assumed", "possible"), "possible": ("sure", "assumed")}.get(
            status, ("sure",)
        )
        return finding(
            f"gap/{part}",
            "gap",
            part,
            outcome,
            severity,
            geometry,
            readings=readings,
            assumptions=assumptions,
            evidence=evidence,
        )

    reuse = [
        {
            "camera": "c4",
            "how": "re-aim",
            "distance_m": 30.0,
            "turn_deg": None,
            "share": 1.0,
            "px_m": 140.0,
        }
    ]
    gaps = [
        gap(
            "p4",
            "fail",
            "violation",
            MultiPoint([at(88, 110), at(90, 110), at(92, 110)]),
            "gap",
            blockers=[f"building way/3 ({label})", "ground"],
            reuse=reuse,
            note=label,
            out_of_use=[
                {"camera": "c9", "why": "broken", "distance_m": 12.2, "would_cover": True},
                {"camera": "c8", "why": "removed", "distance_m": 8.0, "would_cover": None},
                {"camera": "c7", "why": "indoor", "distance_m": 3.0, "would_cover": None},
            ],
        ),
        gap("p5", "fail", "warning", area(22, 112, 48, 120), "gap", "candidate_place"),
        gap(
            "p2",
            "undetermined",
            "warning",
            MultiPoint([at(30, 60), at(34, 60)]),
            "assumed",
            "outward_half",
            cameras=["c3"],
        ),
        gap(
            "p3",
            "undetermined",
            "warning",
            at(70, 90),
            "possible",
            "any_direction",
            "inferred_part",
        ),
    ]
    twins = [
        finding(
            "twin/c1/c2",
            "twin",
            "c1",
            "not_applicable",
            "info",
            line((52, 40), (53, 42)),
            evidence={
                "twin": "c2",
                "camera_status": "existing",
                "twin_status": "planned",
                "distance_m": 2.24,
                "angle_deg": 2.0,
                "containment": 0.97,
                "jaccard": 0.9,
                "verdict": "twin",
            },
        ),
        finding(
            "duplicate/c2/R7.3",
            "duplicate",
            "c2",
            "undetermined",
            "info",
            MultiPoint([at(50, 38), at(50, 40)]),
            readings=("assumed",),
            assumptions=("pixels_by_kind",),
            evidence={
                "verdict": "redundant_with",
                "camera_status": "planned",
                "total": 4.0,
                "unique": 0.12,
                "fair": 2.0,
                "gain": 0.03,
                "relies_on": ["c1"],
                "relies_on_exact": True,
                "dominated_by": [],
                "saving": None,
                "justification": label,
            },
        ),
    ]
    overlaps = [
        finding(
            "overlap/c1",
            "overlap",
            "c1",
            "pass",
            "info",
            MultiPoint([at(50, 38)]),
            evidence={
                "total": 4.0,
                "unique": 0.1,
                "fair": 2.0,
                "with": [{"camera": "c2", "shared": 3.9, "containment": 0.97, "jaccard": 0.9}],
            },
        )
    ]
    return {
        "gaps": table(FINDINGS, gaps),
        "duplicates": table(FINDINGS, twins),
        "overlaps": table(FINDINGS, overlaps),
    }


def make_raster() -> CoverageRaster:
    """Return two blocks: the south-west one sees 300 px/m in its own south-west quarter."""
    index = np.array([[0, -1], [-1, 1]])
    best = np.zeros((2, BLOCK, BLOCK), np.float32)
    count = np.zeros((2, BLOCK, BLOCK), np.uint16)
    closed = np.zeros((2, BLOCK, BLOCK), np.bool_)
    best[0, :128, :128], count[0, :128, :128] = 300.0, 2
    best[1, 10, 10], count[1, 10, 10] = 30.0, 1
    closed[0, 200:, :] = True
    return CoverageRaster(
        TOWN_CRS, 0.5, 1.5, (EAST, NORTH), Blocks(0, 0, index), best, count, closed
    )


def make_result(label: str = "豫章中学", *, synthetic: bool = True, raster: bool = True) -> Any:
    """Return what `check` returns, made by hand."""
    cameras = make_cameras(label)
    return SimpleNamespace(
        city=make_city(label, synthetic=synthetic),
        rules=load_packs(("nanchang", "cn-national-799")),
        cameras=cameras,
        heads=make_heads(),
        zones=make_zones(label),
        parts=make_parts(label),
        samples=table(
            SAMPLES,
            [
                {
                    "sample_id": f"{p}@{k}",
                    "part_id": p,
                    "height_m": 1.6,
                    "normal_deg": 90.0,
                    "need_px_m": 125.0,
                    "weight": 1.0,
                    "geometry": at(50, 38 + k),
                }
                for p in ("p1", "p2")
                for k in range(3)
            ],
        ),
        matrices={},
        left_out=make_zones(label).iloc[:2],
        part_status=make_status(label),
        raster=make_raster() if raster else None,
        summary={"cameras": 4},
        **make_findings(label),
    )
