"""Small demand tables and matrices by hand, for the tests of findings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from shapely.geometry import LineString, Point

from civicsight.coverage.matrix import CoverageMatrix
from civicsight.model import CAMERAS, HEADS, PARTS, READINGS, SAMPLES, ZONES
from civicsight.rules import load_packs

CRS = "EPSG:4548"
RULES = load_packs()
CLASS = next(zone for zone in RULES.zone_classes if zone.parts)


def frame(table, rows, geometry):
    names = list(rows)
    made = gpd.GeoDataFrame(list(rows.values()), index=names, geometry=list(geometry), crs=CRS)
    complete = table.complete(made)
    table.check(complete)
    return complete


def zones(**rows):
    base = {"item": CLASS.id, "pack": CLASS.pack, "standing": "confirmed", "confidence": 1.0}
    rows = {name: base | columns for name, columns in rows.items()}
    return frame(ZONES, rows, [Point(0, 0).buffer(9)] * len(rows))


def parts(**rows):
    """Build parts of zone ``z``; a part is a gate 4 m long unless said otherwise."""
    base = {
        "zone_id": "z",
        "item": CLASS.id,
        "article": CLASS.article,
        "rule": CLASS.rule,
        "pack": CLASS.pack,
        "kind": "entrance",
        "profile": "recognise",
        "need_px_m": 125.0,
        "fraction": 0.95,
        "k": 1,
        "inferred": False,
        "confirmed": True,
        "how": "mapped",
        "confidence": 0.9,
        "max_tilt_deg": np.nan,
        "max_yaw_deg": np.nan,
    }
    rows = {name: base | columns for name, columns in rows.items()}
    lines = [LineString([(10 * i, 0), (10 * i + 4, 0)]) for i in range(len(rows))]
    return frame(PARTS, rows, lines)


def samples(part_table, weights, *, at=None):
    """Build samples by part: a list of weights each; ``p/0``, ``p/1`` ... one metre apart."""
    rows, points = {}, []
    for i, (part, values) in enumerate(weights.items()):
        need = part_table["need_px_m"].get(part, 125.0)
        for j, weight in enumerate(values):
            rows[f"{part}/{j}"] = {
                "part_id": part,
                "height_m": 1.6,
                "normal_deg": np.nan,
                "need_px_m": need,
                "weight": float(weight),
            }
            points.append(Point(10 * i + j, 0))
    return frame(SAMPLES, rows, at or points)


def cameras(**rows):
    base = {"kind": "fixed", "status": "existing", "usable": True, "owner": "government"}
    spots = [columns.pop("at", (3.0 * i, -10.0)) for i, columns in enumerate(rows.values())]
    rows = {name: base | columns for name, columns in rows.items()}
    return frame(CAMERAS, rows, [Point(spot) for spot in spots])


def heads(camera_table, azimuth=0.0, **confidence):
    """Build one complete head a camera and reading; names in `confidence` are assumed ones."""
    rows = {}
    for i, camera in enumerate(camera_table.index):
        towards = azimuth[i] if isinstance(azimuth, list) else azimuth
        for reading in READINGS:
            sure = camera not in confidence
            if not sure and reading == "sure":
                continue
            rows[f"{camera}/{reading}/0"] = {
                "camera_id": camera,
                "reading": reading,
                "height_m": 4.0,
                "azimuth_deg": towards,
                "tilt_deg": 10.0,
                "roll_deg": 0.0,
                "hfov_deg": 60.0,
                "vfov_deg": 40.0,
                "width_px": 1920.0,
                "reach_m": 90.0,
                "near_m": 0.0,
                "lens": "rectilinear",
                "assumptions": () if sure else ("faces_outward",),
                "confidence": confidence.get(camera, 1.0),
            }
    spots = [camera_table.geometry[row["camera_id"]] for row in rows.values()]
    return frame(HEADS, rows, spots)


def matrix(camera_table, sample_table, seen):
    """Build a matrix: px/m by camera and sample; a part name stands for all its samples."""
    q = np.zeros((len(camera_table), len(sample_table)), np.float32)
    for camera, views in seen.items():
        row = camera_table.index.get_loc(camera)
        for label, px_m in views.items():
            own = sample_table["part_id"].eq(label) | (sample_table.index == label)
            q[row, own.to_numpy()] = px_m
    return CoverageMatrix(csr_array(q), camera_table.index, sample_table.index)


def readings(sure, assumed=None, possible=None):
    assumed = assumed or sure
    return {"sure": sure, "assumed": assumed, "possible": possible or assumed}


def shuffled(table, seed):
    return table.iloc[np.random.default_rng(seed).permutation(len(table))]


def by_subject(findings, kind):
    chosen = findings[findings["kind"].eq(kind)]
    return {row["subject"]: row for _, row in chosen.iterrows()}


EMPTY_BLOCKED = pd.DataFrame(columns=["reading", "camera_id", "sample_id", "px_m", "blocker"])
