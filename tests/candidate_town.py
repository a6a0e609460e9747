"""A town for the tests of candidates: gates, walls, poles and private houses by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely.geometry import LineString, Point, box

from civicsight.coverage.check import build_scenes, place_and_read
from civicsight.coverage.matrix import at_night, compute_matrices
from civicsight.coverage.result import CheckResult
from civicsight.model import (
    BUILDINGS,
    CAMERAS,
    CONSENT_AREAS,
    DISTRICTS,
    OBSTACLES,
    PRIVATE_PLACES,
    ROADS,
    SAMPLES,
    City,
    empty_tables,
)
from civicsight.rules import load_packs
from tests.small import CRS, frame, parts

EAST, NORTH = 400_000.0, 3_170_000.0
RULES = load_packs()
DECLARED = {
    "buildings": (BUILDINGS, {"height_m": 12.0, "base_m": 0.0, "height_assumed": False}),
    "obstacles": (OBSTACLES, {"kind": "wall", "height_m": 20.0, "height_assumed": False}),
    "roads": (ROADS, {"kind": "residential", "bridge": False, "tunnel": False}),
    "private_places": (PRIVATE_PLACES, {"kind": "dormitory", "scope": "whole_interior"}),
    "consent_areas": (CONSENT_AREAS, {}),
    "districts": (DISTRICTS, {"code": "360102", "level": "county"}),
    "cameras": (
        CAMERAS,
        {
            "kind": "fixed",
            "mount": "pole",
            "status": "existing",
            "owner": "government",
            "usable": True,
            "height_m": 4.6,
            "azimuth_deg": 0.0,
            "tilt_deg": 15.0,
            "hfov_deg": 60.0,
            "vfov_deg": 36.0,
            "width_px": 2560.0,
            "reach_m": 60.0,
            "night_reach_m": 30.0,
        },
    ),
}


def at(x, y):
    return Point(EAST + x, NORTH + y)


def rect(x0, y0, x1, y1):
    return box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def line(*points):
    return LineString([(EAST + x, NORTH + y) for x, y in points])


def lanes(low=-60, high=60, step=6):
    """Return streets so close that no pole may be put up between them."""
    return {f"lane{y}": (line((low, y), (high, y)), {}) for y in range(low, high, step)}


def city(**tables):
    """Build a city: ``table={id: (geometry, columns)}``."""
    full = empty_tables(pyproj.CRS(CRS))
    for name, rows in tables.items():
        declared, plain = DECLARED[name]
        if rows:
            made = {label: plain | columns for label, (_, columns) in rows.items()}
            full[name] = frame(declared, made, [shape for shape, _ in rows.values()])
    return City("town", pyproj.CRS(CRS), rect(-200, -200, 200, 200), **full)


def gate(name="g", x=0.0, y=0.0, **columns):
    """Build a part four metres wide, walked through from south to north, and its samples."""
    plain = {"max_tilt_deg": 30.0, "max_yaw_deg": 45.0}
    part = parts(**{name: plain | columns})
    rows = {
        f"{name}/{nth}": {
            "part_id": name,
            "height_m": 1.6,
            "normal_deg": 0.0,
            "need_px_m": float(part.loc[name, "need_px_m"]),
            "weight": 1.0,
        }
        for nth in range(4)
    }
    points = [at(x - 1.5 + nth, y) for nth in range(4)]

    return part, frame(SAMPLES, rows, points)


def checked(town, *gates, night=False):
    """Return what a check of a town finds that candidates are made from."""
    demand = gpd.GeoDataFrame(pd.concat([part for part, _ in gates]))
    samples = gpd.GeoDataFrame(pd.concat([points for _, points in gates]))
    cameras, heads = place_and_read(town, town.cameras)
    seeing = at_night(heads) if night else heads
    matrices, blocked = compute_matrices(
        seeing, demand, samples, build_scenes(town), camera_ids=cameras.index
    )
    none = gpd.GeoDataFrame(geometry=[], crs=CRS)
    return CheckResult(
        town,
        RULES,
        cameras,
        heads,
        none,
        demand,
        samples,
        matrices,
        pd.DataFrame(),
        none,
        none,
        none,
        None,
        {"night": night},
        none,
        blocked,
    )


def met(candidates, result):
    """Return who meets what, bool, by candidate and sample."""
    ids = candidates.matrix.sample_ids
    need = result.samples["need_px_m"].reindex(ids).to_numpy(np.float64)
    dense = candidates.matrix.meets(need).toarray().astype(bool)
    return pd.DataFrame(dense, index=candidates.table.index, columns=ids)
