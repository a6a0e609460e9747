"""Where lenses look: the edge of each picture as rays, cut where they meet the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np

from civicsight.core.arrays import FloatArray
from civicsight.coverage.optics.lens import frame_vectors
from civicsight.maps.prisms import ground_at
from civicsight.model.terrain import Terrain

COLUMNS: Final = 17
"""Rays along the lower and along the upper edge of a picture."""

MARCH: Final = 96
"""Steps in which a ray looks for ground that has relief."""

STEEPEST_DEG: Final = 89.9


@dataclass(frozen=True, slots=True, eq=False)
class Frusta:
    """The views of some heads.

    Parameters
    ----------
    eyes
        Lenses, shape ``(n, 3)``: position in the CRS, height above datum [m].
    rays
        Unit vectors, shape ``(n, 2 * COLUMNS, 3)``: the lower edge of the picture from left to
        right, then the upper one.
    length_m
        How far each goes, shape ``(n, 2 * COLUMNS)``: to the ground, at most to the reach.
    """

    eyes: FloatArray
    rays: FloatArray
    length_m: FloatArray


def look_out(heads: gpd.GeoDataFrame, terrain: Terrain | None) -> Frusta:
    """Return the view of each head; buildings do not end it.

    Parameters
    ----------
    heads
        Table `schema.HEADS`.
    terrain
        Ground known everywhere; None: flat.
    """
    x, y = heads.geometry.x.to_numpy(np.float64), heads.geometry.y.to_numpy(np.float64)
    above = heads["height_m"].to_numpy(np.float64)
    eyes = np.column_stack([x, y, above + ground_at(x, y, terrain)])
    rays = _edges(heads)
    reach = np.broadcast_to(heads["reach_m"].to_numpy(np.float64)[:, None], rays.shape[:2])
    if terrain is None:
        return Frusta(eyes, rays, _to_plane(above, rays, reach))
    return Frusta(eyes, rays, _to_relief(eyes, rays, reach, terrain))


def _edges(heads: gpd.GeoDataFrame) -> FloatArray:
    """Return the rays along the edge of each picture; see `coverage.optics.picture`."""
    lens = heads["lens"].to_numpy()[:, None, None]
    angle = {
        name: np.radians(heads[f"{name}_deg"].to_numpy(np.float64))[:, None]
        for name in ("azimuth", "tilt", "hfov", "vfov")
    }
    share = np.tile(np.linspace(-0.5, 0.5, COLUMNS), 2)
    side = np.repeat([-0.5, 0.5], COLUMNS)
    forward, right, up = (
        part[:, None, :]
        for part in frame_vectors(heads["azimuth_deg"], heads["tilt_deg"], heads["roll_deg"])
    )

    plane = np.where(heads["lens"].eq("rectilinear"), 1.0, 0.0)[:, None]
    across = np.tan(angle["hfov"] * share * plane)[..., None]
    high = np.tan(angle["vfov"] * side * plane)[..., None]
    flat = forward + across * right + high * up
    flat = flat / np.linalg.norm(flat, axis=-1, keepdims=True)

    around = np.where(side < 0.0, np.pi * (1.5 + share), np.pi * (0.5 - share))[:, None]
    half = (angle["hfov"] / 2.0)[..., None]
    round_ = np.cos(half) * forward + np.sin(half) * (np.cos(around) * right + np.sin(around) * up)

    turn = angle["azimuth"] + angle["hfov"] * share
    steepest = np.radians(STEEPEST_DEG)
    rise = np.clip(angle["vfov"] * side - angle["tilt"], -steepest, steepest)
    level = np.cos(rise)
    band = np.stack([level * np.sin(turn), level * np.cos(turn), np.sin(rise)], axis=-1)
    rays: FloatArray = np.where(
        lens == "rectilinear", flat, np.where(lens == "cylindrical", band, round_)
    )
    return rays


def _to_plane(above: FloatArray, rays: FloatArray, reach: FloatArray) -> FloatArray:
    """Cut rays at level ground so far below the lens."""
    down = np.where(rays[..., 2] < 0.0, -rays[..., 2], np.nan)
    return np.fmin(above[:, None] / down, reach)


def _to_relief(
    eyes: FloatArray, rays: FloatArray, reach: FloatArray, terrain: Terrain
) -> FloatArray:
    """Cut rays at the first ground they meet, between the last step above it and the next."""
    steps = np.linspace(0.0, 1.0, MARCH + 1)
    along = reach[..., None] * steps
    at = eyes[:, None, None, :] + along[..., None] * rays[:, :, None, :]
    clear = at[..., 2] - ground_at(at[..., 0], at[..., 1], terrain)
    below = clear < 0.0
    first = np.where(below.any(axis=-1), below.argmax(axis=-1), MARCH)
    after = np.take_along_axis(clear, first[..., None], axis=-1)[..., 0]
    before = np.take_along_axis(clear, np.maximum(first - 1, 0)[..., None], axis=-1)[..., 0]
    part = np.where(after < 0.0, before / np.where(before > after, before - after, 1.0), 1.0)
    cut: FloatArray = reach * np.clip(first - 1 + part, 0.0, MARCH) / MARCH
    return cut
