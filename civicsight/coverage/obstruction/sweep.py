"""A quick test whether a facility at another place surely harms; the exact one decides the rest."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.obstruction.bodies import Facility
from civicsight.coverage.obstruction.rays import Site, look_along
from civicsight.model import READINGS
from civicsight.scene.bodies import GROUNDED, MIN_TRANSMITTANCE, Scene


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Lines that meet a need in a reading, against the walls of one facility.

    A view is lost if all lines that met its need are blocked. A line that crosses a wall of an
    opaque body between its base and top is blocked, whatever else; the converse does not hold,
    so that only "surely harms" is answered here.

    Parameters
    ----------
    facility, scene
        What is moved, and where.
    start, end
        Ends of the lines, above datum, shape ``(n, 3)``.
    view
        View of each line.
    layer
        Which of the bodies each line meets.
    bodies
        Height of top and underside above the ground of each body; NaN for one that hides nothing.
    edges
        Walls, ``x0, y0, x1, y1``, shape ``(m, 4)``.
    """

    facility: Facility
    scene: Scene
    start: FloatArray
    end: FloatArray
    view: IntArray
    layer: IntArray
    bodies: FloatArray
    edges: FloatArray

    @staticmethod
    def of(site: Site, reading: str) -> Sweep:
        """Prepare the lines of a reading, and of those that it includes."""
        views, rays, facility = site.views, site.rays, site.facility
        feet = site.bodies(facility)
        need = views.result.samples["need_px_m"].to_numpy(np.float64)[rays.sample]
        lines, layers = [], []
        for number, name in enumerate(READINGS[: READINGS.index(reading) + 1]):
            own = np.flatnonzero(rays.heads["reading"].eq(name).to_numpy()[rays.head])
            nothing = feet[name].iloc[:0]
            seen = look_along(views, rays, name, nothing, own)
            meets = (seen >= need[rays.view[own]]) & (seen > 0.0)
            lines.append(own[meets])
            layers.append(np.full(int(meets.sum()), number))
        line = np.concatenate(lines)
        scene = views.scenes[reading]
        return Sweep(
            facility,
            scene,
            _place(rays.heads, scene)[rays.head[line]],
            _place(rays.samples, scene)[rays.target[rays.view[line]]],
            rays.view[line],
            np.concatenate(layers),
            np.array([_reach(feet[name], facility) for name in READINGS]),
            _edges(facility.shape),
        )

    def harms(self, east_m: float, north_m: float) -> bool:
        """Tell whether the facility surely harms once it is moved."""
        ground = self._ground(east_m, north_m)
        if not len(self.view) or np.isnan(ground):
            return False
        base, top = (ground + self.bodies).T
        blocked = self._blocked(base[self.layer], top[self.layer], east_m, north_m)
        views, code = np.unique(self.view, return_inverse=True)
        lines, hidden = np.bincount(code), np.bincount(code, blocked)
        return bool((lines == hidden).any()) and bool(len(views))

    def _ground(self, east_m: float, north_m: float) -> float:
        """Return the lowest ground along the outline; NaN where it is not known."""
        x, y = shapely.get_coordinates(self.facility.shape).T
        return float(np.min(self.scene.ground_at(x + east_m, y + north_m)))

    def _blocked(
        self, base: FloatArray, top: FloatArray, east_m: float, north_m: float
    ) -> BoolArray:
        edges = self.edges + np.array([east_m, north_m, east_m, north_m])
        step = self.end - self.start
        dx, dy = step[:, :1], step[:, 1:2]
        ex, ey = edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
        ax, ay = edges[:, 0] - self.start[:, :1], edges[:, 1] - self.start[:, 1:2]
        turn = dx * ey - dy * ex
        with np.errstate(divide="ignore", invalid="ignore"):
            along, t = (ax * dy - ay * dx) / turn, (ax * ey - ay * ex) / turn
        z = self.start[:, 2:] + t * step[:, 2:]
        cross = (along >= 0.0) & (along <= 1.0) & (t > 0.0) & (t < 1.0)
        blocked: BoolArray = (cross & (z > base[:, None]) & (z < top[:, None])).any(axis=1)
        if self.facility.crown:  # an eye in a crown looks through it
            shape = self.facility.moved(east_m, north_m).shape
            blocked &= ~shapely.intersects_xy(shape, self.start[:, 0], self.start[:, 1])
        return blocked


def _reach(body: gpd.GeoDataFrame, facility: Facility) -> tuple[float, float]:
    """Return underside and top of a body above the ground, NaN for one that alone hides nothing."""
    if not len(body) or body["transmittance"].iloc[0] >= MIN_TRANSMITTANCE:
        return np.nan, np.nan
    standing = body["base"].iloc[0] <= GROUNDED
    return (GROUNDED if standing else max(facility.base_m, 0.1)), facility.height_m


def _edges(shape: BaseGeometry) -> FloatArray:
    lines = (
        shapely.get_parts(shapely.boundary(shape)) if shape.area > 0 else shapely.get_parts(shape)
    )
    xy, of = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero(of[1:] == of[:-1])
    return np.hstack([xy[joined], xy[joined + 1]])


def _place(table: gpd.GeoDataFrame, scene: Scene) -> FloatArray:
    x, y = table.geometry.x.to_numpy(np.float64), table.geometry.y.to_numpy(np.float64)
    return np.column_stack([x, y, scene.ground_at(x, y) + table["height_m"].to_numpy(np.float64)])
