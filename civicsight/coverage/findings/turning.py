"""What existing cameras could do for parts if they were turned, part by part.

Everything is laid out once by camera and part, so that a pair costs what it sees and no more.

References
----------
Article 7: existing resources are used before new ones are built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.coverage.pose.image import FULL_CIRCLE_DEG
from civicsight.rules.criteria import Need
from civicsight.scene.bodies import Scene

ROUNDING: Final = 1e-6
"""Sums of weights in another order differ by less, as a share and in metres."""

Offer = tuple[str, str, str, float, float, float, float]
"""A row of `reuse.REUSE_COLUMNS`."""


def find_offers(
    turned: gpd.GeoDataFrame,
    aimed: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    wanting: gpd.GeoDataFrame,
    scene: Scene,
    near: pd.DataFrame,
    short: pd.DataFrame,
) -> list[Offer]:
    """Return what cameras could do for parts, where that is enough.

    Parameters
    ----------
    turned, aimed
        Cameras as if they saw all round, with ``angle_deg``, what one image spans; and their heads
        as recorded.
    parts, wanting, scene
        Parts, their samples that want a camera, and what stands in between.
    near
        Pairs of ``part_id`` and ``camera_id`` with their ``distance_m``.
    short
        By part: ``total``, its weight, and ``wanted``, what of it lacks.
    """
    trial = _try(turned, aimed, parts, wanting, scene)
    part, camera = short.index.get_indexer(near["part_id"]), trial.code(near["camera_id"])
    total, wanted = (short[name].to_numpy(np.float64)[part] for name in ("total", "wanted"))
    key = camera * len(parts) + parts.index.get_indexer(near["part_id"])
    found = trial.turned.runs(key)
    run = np.concatenate([[0.0], np.cumsum(trial.weight[trial.turned.column])])
    # No image holds more than all that is seen.
    seen = run[found.stop] - run[found.start]
    could = (found.stop > found.start) & (seen >= wanted * (1.0 - ROUNDING) - ROUNDING)
    labels = near[["part_id", "camera_id", "distance_m"]].to_numpy(object)
    offers = []
    for at in np.flatnonzero(could).tolist():
        own = slice(found.start[at], found.stop[at])
        best = _offer(trial, int(camera[at]), int(key[at]), own, float(wanted[at]))
        if best is not None:
            how, gained, least, turn = best
            name, label, away = labels[at]
            share = gained / float(total[at])
            offers.append((name, label, how, float(away), share, least, turn))
    return offers


def _try(
    turned: gpd.GeoDataFrame,
    aimed: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    wanting: gpd.GeoDataFrame,
    scene: Scene,
) -> _Trial:
    """See what the cameras meet of what wants one: turned any way, and as they hang."""
    matrix = compute_matrix(turned, parts, wanting, scene)
    now = compute_matrix(aimed, parts, wanting, scene, camera_ids=matrix.camera_ids)
    of_part = parts.index.get_indexer(wanting["part_id"])
    code = matrix.camera_ids.get_indexer(turned["camera_id"])
    order = np.argsort(code)
    owner = np.asarray(matrix.camera_ids.get_indexer(aimed["camera_id"]), np.int64)
    by_camera = np.argsort(owner, kind="stable")
    views = _Views(
        owner[by_camera],
        aimed.get_coordinates().to_numpy(np.float64)[by_camera],
        aimed["azimuth_deg"].to_numpy(np.float64)[by_camera],
        aimed["hfov_deg"].to_numpy(np.float64)[by_camera],
    )
    return _Trial(
        matrix.camera_ids,
        _by_pair(matrix, of_part, len(parts)),
        _by_pair(now, of_part, len(parts)),
        turned.get_coordinates().to_numpy(np.float64)[order],
        turned["angle_deg"].to_numpy(np.float64)[order],
        views,
        wanting.get_coordinates().to_numpy(np.float64),
        Need.of(wanting),
        wanting["weight"].to_numpy(np.float64),
    )


def _offer(
    trial: _Trial, camera: int, key: int, own: slice, wanted: float
) -> tuple[str, float, float, float] | None:
    """Return how one camera could close one part, with what gain, px/m and turn; None if not."""
    chosen, density = trial.turned.column[own], trial.turned.density[own]
    bearing = np.degrees(np.arctan2(*(trial.xy[chosen] - trial.eye[camera]).T))
    weight = trial.weight[chosen]
    met = trial.need[chosen].is_met(density)
    for how, useful in (("re-aim", met), ("upgrade", np.ones(len(chosen), bool))):
        gained = most_in_one_image(bearing[useful], weight[useful], float(trial.angle_deg[camera]))
        if gained > 0.0 and gained >= wanted * (1.0 - TOLERANCE):
            least = float(density[useful].min())
            turn = trial.turn_deg(camera, chosen[useful])
            turned = how == "upgrade" and not trial.is_in_picture(key, wanted)
            return "re-aim-and-upgrade" if turned else how, gained, least, turn
    return None


def most_in_one_image(bearing_deg: FloatArray, weight: FloatArray, angle_deg: float) -> float:
    """Return the greatest weight of targets within an angle.

    Examples
    --------
    >>> most_in_one_image(np.array([350.0, 10.0, 90.0]), np.array([1.0, 1.0, 1.5]), 30.0)
    2.0
    """
    if not len(bearing_deg) or angle_deg >= FULL_CIRCLE_DEG:
        return float(weight.sum())
    order = np.argsort(bearing_deg % FULL_CIRCLE_DEG, kind="stable")
    around = bearing_deg[order] % FULL_CIRCLE_DEG
    twice = np.concatenate([around, around + FULL_CIRCLE_DEG])
    run = np.concatenate([[0.0], np.cumsum(np.tile(weight[order], 2))])
    last = np.searchsorted(twice, around + angle_deg + TOLERANCE, "right")
    last = np.minimum(last, np.arange(len(around)) + len(around))
    return float((run[last] - run[: len(around)]).max())


class _Runs(NamedTuple):
    """Where the entries of each pair begin and end."""

    start: IntArray
    stop: IntArray


class _ByPair(NamedTuple):
    """Densities above zero, in runs of one camera and part, by the number of the sample."""

    key: IntArray
    column: IntArray
    density: FloatArray

    def runs(self, keys: IntArray) -> _Runs:
        """Return the run of each pair."""
        return _Runs(
            np.searchsorted(self.key, keys, "left"), np.searchsorted(self.key, keys, "right")
        )


def _by_pair(matrix: CoverageMatrix, part: IntArray, count: int) -> _ByPair:
    """Lay out a matrix by camera and part; a pair has the number ``camera * count + part``."""
    coo = matrix.q.tocoo()
    row, column = (np.asarray(axis, np.int64) for axis in coo.coords)
    seen = coo.data > 0.0
    row, column, density = row[seen], column[seen], coo.data[seen].astype(np.float64)
    key = row * count + part[column]
    order = np.lexsort((column, key))
    return _ByPair(key[order], column[order], density[order])


class _Views(NamedTuple):
    """Heads as recorded, in the order of their cameras."""

    camera: IntArray
    eye: FloatArray
    azimuth_deg: FloatArray
    hfov_deg: FloatArray

    def of(self, camera: int) -> slice:
        """Return the heads of a camera."""
        return slice(*np.searchsorted(self.camera, [camera, camera + 1]))


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """Cameras over what wants a camera.

    `turned` is what they see if they look all round, `now` as they hang; `eye` [m] and `angle_deg`
    (what one image spans) are by camera, `xy` [m], `need` and `weight` by sample.
    """

    camera_ids: pd.Index
    turned: _ByPair
    now: _ByPair
    eye: FloatArray
    angle_deg: FloatArray
    views: _Views
    xy: FloatArray
    need: Need
    weight: FloatArray

    def code(self, names: pd.Series) -> IntArray:
        """Return the numbers of cameras."""
        return np.asarray(self.camera_ids.get_indexer(names), np.int64)

    def is_in_picture(self, key: int, wanted: float) -> bool:
        """Tell whether a camera sees, as it hangs, what is missing of a part, however coarsely."""
        start, stop = np.searchsorted(self.now.key, [key, key + 1])
        weight = self.weight[self.now.column[start:stop]]
        return bool(len(weight) and weight.sum() >= wanted * (1.0 - TOLERANCE))

    def turn_deg(self, camera: int, targets: IntArray) -> float:
        """Return the least angle from a recorded direction to the middle of the targets [deg]."""
        own = self.views.of(camera)
        if own.start == own.stop:
            return float("nan")
        if (self.views.hfov_deg[own] >= FULL_CIRCLE_DEG).any():
            return 0.0
        middle = np.average(self.xy[targets], axis=0, weights=self.weight[targets])
        east, north = (middle - self.views.eye[own]).T
        apart = np.degrees(np.arctan2(east, north)) - self.views.azimuth_deg[own]
        return float(np.abs((apart + 180.0) % FULL_CIRCLE_DEG - 180.0).min())
