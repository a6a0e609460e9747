"""What kernels are given, made small: tables near (0, 0), eyes, grounds and windows of cells."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from importlib import import_module

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.coverage._kernels.accumulate import eye_at
from civicsight.coverage._kernels.compile import kernel
from civicsight.coverage._kernels.eyes import in_frame, in_reach
from civicsight.coverage._kernels.scan import Canvas
from civicsight.coverage.camera import Camera
from civicsight.coverage.grid import prepare_cells
from civicsight.coverage.prepare import prepare, prepare_camera
from civicsight.model import BUILDINGS, CANOPIES, HEADS, OBSTACLES, SAMPLES
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import build_scene

CRS = "EPSG:32635"
NOBODY = np.zeros(0, np.int32)
NUDGE_M = 1e-7
"""Cells that a shift of this would bring into view or out of it are ties."""

LENSES = ("rectilinear", "equidistant", "cylindrical")


def compiled(module, *names):
    """Make parts of kernels callable from here as they are compiled, not as they are written."""
    home = import_module(f"civicsight.coverage._kernels.{module}")
    return [kernel(getattr(home, name)) for name in names]


def table_of(declared, rows, letter):
    """Lay out pairs of shape and columns as a table."""
    shapes = [shape for shape, _ in rows]
    frame = gpd.GeoDataFrame(
        pd.DataFrame([columns for _, columns in rows]),
        geometry=gpd.GeoSeries(shapes, crs=CRS),
        crs=CRS,
    )
    frame.index = [f"{letter}{k}" for k in range(len(rows))]
    return declared.complete(frame)


def houses(*rows):
    """Make buildings of ``(shape, top)`` or ``(shape, top, base)``."""
    full = [
        (shape, {"height_m": float(top), "base_m": float(sum(base)), "height_assumed": False})
        for shape, top, *base in rows
    ]
    return table_of(BUILDINGS, full, "b") if full else no_houses()


def no_houses():
    return BUILDINGS.empty(CRS)


def panels(*rows):
    """Make obstacles of ``(shape, top, base)``."""
    return table_of(OBSTACLES, [(s, {"height_m": t, "base_m": b}) for s, t, b in rows], "o")


def crowns(*rows):
    """Make crowns of ``(shape, top, base, share that passes in summer)``."""
    full = [(s, {"height_m": t, "base_m": b, "summer": share}) for s, t, b, share in rows]
    return table_of(CANOPIES, full, "c")


def samples_at(*places):
    """Make sample points of ``(x, y, height)``."""
    full = [
        (
            shapely.Point(x, y),
            {"part_id": "p", "height_m": float(z), "need_px_m": 1.0, "weight": 1.0},
        )
        for x, y, z in places
    ]
    return table_of(SAMPLES, full, "s")


def camera_at(x, y, **changes):
    """Make a camera that looks all round unless told otherwise."""
    look = {
        "height_m": 6.0,
        "tilt_deg": 0.0,
        "hfov_deg": 360.0,
        "vfov_deg": 180.0,
        "reach_m": 60.0,
        "lens": "cylindrical",
    }
    return Camera(x, y, CRS, **(look | changes))


def heads_of(*cameras):
    """Make a table of heads, named in order."""
    table = pd.concat([camera.as_heads() for camera in cameras])
    table.index = [f"h{k}" for k in range(len(table))]
    return gpd.GeoDataFrame(HEADS.complete(table), crs=cameras[0].crs)


def random_look(rng, lens):
    """Draw a pose and the angles of a lens."""
    wide = 170.0 if lens == "rectilinear" else 360.0
    return {
        "lens": lens,
        "azimuth_deg": float(rng.choice([rng.uniform(-180, 360), 45.0 * rng.integers(8)])),
        "tilt_deg": float(rng.choice([0.0, rng.uniform(-30, 60), rng.uniform(-90, 90)])),
        "roll_deg": float(rng.choice([0.0, rng.uniform(-180, 180)])),
        "hfov_deg": float(rng.uniform(2.0, wide)),
        "vfov_deg": float(rng.uniform(2.0, min(wide, 180.0))),
        "width_px": float(rng.choice([640, 1920, 3840])),
        "near_m": float(rng.choice([0.0, rng.uniform(0.5, 15.0)])),
    }


def eye_of(camera, scene=None):
    """Return a camera as the kernels take it, and what it looks through."""
    scene = scene or build_scene(no_houses())
    eyes = prepare_camera(camera, scene)
    return eye_at(eyes.table, 0), eyes.skips


def make_terrain(rng, n_row=25, n_col=21, step=5.0, rough=0.5, x0=0.0, y0=0.0):
    """Make a slope with waves and rough ground."""
    x, y = np.meshgrid(np.arange(n_col) * step, np.arange(n_row) * step)
    z = 50.0 + rng.uniform(-0.2, 0.2) * x + rng.uniform(-0.2, 0.2) * y
    z += rng.uniform(0.0, 4.0) * np.sin(x / rng.uniform(8, 40)) * np.cos(y / rng.uniform(8, 40))
    return Terrain(z + rough * rng.standard_normal(z.shape), x0, y0, step)


def cells_of(scene, cell_m, target_height_m=1.5):
    """Mark the cells inside all footprints of a scene."""
    west, south, east, north = prepare(scene).bounds or (*scene.origin, *scene.origin)
    box = np.array([[west, south, east, north]]) - np.tile(scene.origin, 2)
    boxes = np.floor(box / cell_m).astype(np.int64) + np.array([-1, -1, 1, 1])
    return prepare_cells(scene, cell_m, target_height_m, boxes)


def ground_of(terrain=None):
    """Return a terrain as the kernels take it."""
    return prepare(build_scene(no_houses(), terrain=terrain)).ground


def make_canvas(n_row, n_word, *, row0=0, word0=0, eye=(0.0, 0.0), scale=1.0):
    """Make an empty window; the eye is given in cells, centres on whole numbers."""
    bits = np.zeros(n_row * (n_word + 2), np.uint64)
    return Canvas(bits, row0, word0, n_row, n_word, float(eye[0]), float(eye[1]), float(scale))


def unpack(canvas, bits=None):
    """Return the cells of a window as bool, shape ``(n_row, 64 * n_word)``."""
    used = (canvas.bits if bits is None else bits)[: canvas.n_row * canvas.n_word]
    words = used.reshape(canvas.n_word, canvas.n_row).T[:, :, None]
    bits = (words >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return bits.reshape(canvas.n_row, -1).astype(bool)


def fill(canvas):
    """Return the inside of the outlines on a window: the parity of the toggles along each row."""
    return np.logical_xor.accumulate(unpack(canvas), axis=1)


def centres(canvas):
    """Return x and y of all cells relative to the eye [m], shape ``(n_row, 64 * n_word)``."""
    col = canvas.word0 * 64 + np.arange(canvas.n_word * 64)
    row = canvas.row0 + np.arange(canvas.n_row)
    return np.meshgrid((col - canvas.x) / canvas.scale, (row - canvas.y) / canvas.scale)


def cells_in_view(eye, canvas, z):
    """Return which cells are in frame and reach, and for which a hair would change that."""
    x, y = centres(canvas)
    shifts = [(0, 0, 0), *NUDGE_M * np.vstack([np.eye(3), -np.eye(3)])]
    views = np.array(
        [
            [
                in_frame(eye, *v) and in_reach(eye, *v)
                for v in zip((x + dx).flat, (y + dy).flat, (z + dz - eye.z).flat, strict=True)
            ]
            for dx, dy, dz in shifts
        ]
    ).reshape(len(shifts), *x.shape)
    return views[0], (views != views[0]).any(axis=0)


class Backwards(Executor):
    """Runs nothing until the last job is there, then the last one first."""

    def __init__(self, count):
        self.waiting, self.count = [], count

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.waiting.append((future, fn, args, kwargs))
        if len(self.waiting) == self.count:
            for waiting, job, given, named in reversed(self.waiting):
                waiting.set_result(job(*given, **named))
        return future
