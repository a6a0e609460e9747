"""Central Helsinki, mirrored until it has so many buildings, with 500 made-up cameras."""

from __future__ import annotations

import math
from functools import cache
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from civicsight.coverage.raster import compute_coverage
from civicsight.model import (
    BUILDINGS,
    CAMERAS,
    CANOPIES,
    FINDINGS,
    HEADS,
    OBSTACLES,
    PARTS,
    ROADS,
    ZONES,
)
from civicsight.rules import load_packs
from civicsight.scene.bodies import build_scene
from tests import helsinki

CAMERA_COUNT = 500
REACH_M = 60.0
WGS84 = "EPSG:4326"


@cache
def make_town(count: int) -> Any:
    """Return as much of what `check` returns as a map looks at."""
    first, streets = helsinki.read()
    side = math.ceil(math.sqrt(count / len(first)))
    buildings, heads = helsinki.workload(CAMERA_COUNT, REACH_M, tiles=(side, side))
    buildings, crs = buildings.iloc[:count], buildings.crs
    streets = helsinki.mirror(streets, first.total_bounds, (side, side))
    cameras = pd.DataFrame({"azimuth_deg": heads["azimuth_deg"].to_numpy()})
    cameras.index = pd.Index(heads["camera_id"].astype(str), name="camera_id")
    cameras = gpd.GeoDataFrame(cameras, geometry=heads.geometry.to_numpy(), crs=crs)
    roads = streets.rename(columns={"highway": "kind"}).assign(tunnel=False)
    city = SimpleNamespace(
        crs=crs,
        extent=shapely.box(*buildings.total_bounds),
        buildings=BUILDINGS.complete(buildings),
        roads=ROADS.complete(roads),
        canopies=CANOPIES.empty(crs),
        obstacles=OBSTACLES.empty(crs),
        sources=("OpenStreetMap contributors, ODbL",),
        synthetic=True,
    )
    return SimpleNamespace(
        city=city,
        rules=load_packs(),
        cameras=CAMERAS.complete(cameras),
        heads=HEADS.complete(heads),
        zones=ZONES.empty(crs),
        parts=PARTS.empty(crs),
        part_status=pd.DataFrame({"status": [], "built": []}, dtype=object),
        raster=compute_coverage(heads, build_scene(buildings), cell_m=1.0),
        **{name: FINDINGS.empty(crs) for name in ("gaps", "duplicates", "overlaps")},
    )


def plain_buildings(result: Any) -> gpd.GeoDataFrame:
    """Return the buildings as the usual way draws them: outlines in degrees, nothing else."""
    return gpd.GeoDataFrame(geometry=result.city.buildings.geometry).to_crs(WGS84)
