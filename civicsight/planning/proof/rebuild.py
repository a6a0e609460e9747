"""Compute some rows of the matrix again the slow way: a wrong matrix cannot certify itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import product
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.core.progress import Progress
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.privacy.masks import masked, picture_of, placed_masks
from civicsight.planning.proof.oracle import Look, Oracle, is_allowed
from civicsight.scene.bodies import Scene

ROWS: Final = 50
"""Rows that are computed again."""

TIE_M: Final = 1e-6
"""An answer that changes if the target moves by this much is a tie and no difference [m]."""

DENSITY_ROUNDING: Final = 1e-5
"""Share by which a density may differ: the matrix keeps seven digits."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is not what the oracle finds [px/m]."""

    camera_id: str
    sample_id: str
    stored_px_m: float
    found_px_m: float


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the comparison found.

    Parameters
    ----------
    camera_ids
        Rows that were computed again.
    pairs, seen, ties
        Entries compared, those that are not 0 in the matrix, and those that may go either way.
    differences
        What differs; none if the matrix is right.
    """

    camera_ids: tuple[str, ...]
    pairs: int
    seen: int
    ties: int
    differences: tuple[Difference, ...]


def rebuild(
    matrix: CoverageMatrix,
    heads: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
    *,
    always: Collection[str] = (),
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Rebuilt:
    """Compute rows of a matrix again from heads, parts, samples and scene.

    Parameters
    ----------
    matrix
        As `coverage.matrix.compute_matrix` gave it.
    heads, parts, samples, scene
        What it was computed from.
    always
        Rows that are computed in any case.
    rows, seed
        How many of the others, those that see anything first, and which; the draw depends on
        nothing else.
    progress
        Called with rows done and in all.
    """
    chosen = _draw(matrix, always, rows, seed)
    oracle, found = Oracle(scene), list[Difference]()
    columns = matrix.sample_ids.get_indexer(samples.index)
    ties = seen = 0
    for done, row in enumerate(chosen.tolist()):
        camera = matrix.camera_ids[row]
        stored = np.asarray(matrix.q[[row]].toarray(), np.float64)[0][columns]
        own = heads[heads["camera_id"].eq(camera)]
        views = _Views.of_heads(own, parts, samples, scene, oracle)
        for k in np.flatnonzero(~_agrees(stored, views.densities(np.zeros(3)))):
            if views.is_tie(int(k), float(stored[k])):
                ties += 1
            else:
                density = views.density(int(k), np.zeros(3))
                label = str(samples.index[k])
                found.append(Difference(str(camera), label, float(stored[k]), density))
        seen += int(np.count_nonzero(stored))
        if progress is not None:
            progress(done + 1, len(chosen))
    names = tuple(str(matrix.camera_ids[row]) for row in chosen)
    return Rebuilt(names, len(names) * len(samples), seen, ties, tuple(found))


def _draw(
    matrix: CoverageMatrix, always: Collection[str], rows: int, seed: int
) -> npt.NDArray[np.int64]:
    """Draw rows beside those always taken, who sees something before who sees nothing."""
    names = matrix.camera_ids.to_numpy(str)
    order = np.argsort(names, kind="stable")
    is_taken = np.isin(names[order], list(always))
    mixed = np.random.default_rng(seed).permutation(order[~is_taken])
    empty = np.diff(matrix.q.indptr)[mixed] == 0
    drawn = mixed[np.argsort(empty, kind="stable")][:rows]
    together: npt.NDArray[np.int64] = np.concatenate([order[is_taken], drawn]).astype(np.int64)
    return together


def _agrees(stored: FloatArray, found: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell where two densities are the same, but for rounding."""
    near: npt.NDArray[np.bool_] = np.abs(stored - found) <= DENSITY_ROUNDING * np.maximum(
        stored, found
    )
    return near


@dataclass(frozen=True, slots=True, eq=False)
class _Views:
    """The heads of one camera and all samples, ready to be looked at one by one.

    `targets` are relative to the scene's origin, `limits` greatest tilt, greatest yaw and axis of
    each sample [deg], `shares` the share of time that each asks for and `dark` whether it asks for
    a view at night; `hides` says of each head whether its mask covers a point, `duties` for what
    share of time it looks this way, `lights` how far it sees at night [m].
    """

    oracle: Oracle
    looks: list[Look]
    hides: list[Callable[[FloatArray], bool]]
    targets: FloatArray
    limits: FloatArray
    duties: list[float]
    lights: list[float]
    shares: list[float]
    dark: list[bool]

    @classmethod
    def of_heads(
        cls,
        heads: gpd.GeoDataFrame,
        parts: gpd.GeoDataFrame,
        samples: gpd.GeoDataFrame,
        scene: Scene,
        oracle: Oracle,
    ) -> _Views:
        """Place heads and samples in the scene."""
        of_part = parts[["max_tilt_deg", "max_yaw_deg"]].astype("float64")
        angles = of_part.reindex(samples["part_id"]).to_numpy(np.float64)
        axis = samples["normal_deg"].to_numpy(np.float64)[:, None]
        eyes, masks = _places(heads, scene, oracle), placed_masks(heads)
        looks = [_look(head, eye) for (_, head), eye in zip(heads.iterrows(), eyes, strict=True)]
        hides: list[Callable[[FloatArray], bool]] = [_never] * len(looks)
        for row, mask in masks.items():
            picture = picture_of(heads, row, eyes[row])
            hides[row] = _mask_test(picture, mask)
        targets = _places(samples, scene, oracle)
        asked = parts.reindex(samples["part_id"])
        return cls(
            oracle,
            looks,
            hides,
            targets,
            np.hstack([angles, axis]),
            [_duty(head) for _, head in heads.iterrows()],
            [_light(head) for _, head in heads.iterrows()],
            asked["min_time_share"].astype("float64").fillna(0.0).tolist(),
            asked["light"].eq("night").tolist(),
        )

    def densities(self, shift: FloatArray) -> FloatArray:
        """Return the best density of any head at each sample, with targets moved by `shift`."""
        near = np.zeros(len(self.targets), np.bool_)
        for look in self.looks:
            away = np.linalg.norm(self.targets - np.array(look.eye), axis=1)
            near |= away <= look.reach + 1.0
        out = np.zeros(len(self.targets))
        out[near] = [self.density(int(k), shift) for k in np.flatnonzero(near)]
        return out

    def density(self, k: int, shift: FloatArray) -> float:
        """Return the best density that heads give one sample for the share of time asked."""
        x, y, z = (self.targets[k] + shift).tolist()
        found = []
        heads = zip(self.looks, self.hides, self.duties, self.lights, strict=True)
        for look, hides, duty, light in heads:
            if not is_allowed(look.eye, (x, y, z), *self.limits[k].tolist()):
                continue
            if self.dark[k] and np.linalg.norm(np.subtract((x, y, z), look.eye)) > light:
                continue
            density = self.oracle.sees(look, (x, y, z))
            if density > 0.0 and not hides(np.array([x, y, z])):
                found.append((density, duty))
        held = 0.0
        for density, duty in sorted(found, reverse=True):
            held += duty
            if held >= self.shares[k] - 1e-9:
                return density
        return 0.0

    def is_tie(self, k: int, stored: float) -> bool:
        """Tell whether a target that moves by a hair gives what is stored."""
        shifts = np.array(list(product((-TIE_M, 0.0, TIE_M), repeat=3)))
        found = np.array([self.density(k, shift) for shift in shifts])
        return bool(_agrees(np.full(len(found), stored), found).any())


def _places(table: gpd.GeoDataFrame, scene: Scene, oracle: Oracle) -> FloatArray:
    """Return places relative to the origin, with heights above datum, shape ``(n, 3)``."""
    x = table.geometry.x.to_numpy(np.float64) - scene.origin[0]
    y = table.geometry.y.to_numpy(np.float64) - scene.origin[1]
    ground = [oracle.ground(*place) for place in zip(x.tolist(), y.tolist(), strict=True)]
    return np.column_stack([x, y, np.array(ground) + table["height_m"].to_numpy(np.float64)])


def _look(head: pd.Series, eye: FloatArray) -> Look:
    x, y, z = eye.tolist()
    return Look(
        (x, y, z),
        azimuth=float(head["azimuth_deg"]),
        tilt=float(head["tilt_deg"]),
        roll=float(head["roll_deg"]),
        hfov=float(head["hfov_deg"]),
        vfov=float(head["vfov_deg"]),
        lens=str(head["lens"]),
        near=float(head["near_m"]),
        reach=float(head["reach_m"]),
        width_px=float(head["width_px"]),
    )


def _duty(head: pd.Series) -> float:
    """Return for what share of time a head looks this way; always where nothing else is known."""
    duty = float(head.get("duty", 1.0))
    return 1.0 if np.isnan(duty) or head["reading"] == "possible" else duty


def _light(head: pd.Series) -> float:
    """Return how far a head sees at night; unrecorded light shines in the kindest reading alone."""
    light = float(head.get("night_reach_m", np.nan))
    if not np.isnan(light):
        return light
    return np.inf if head["reading"] == "possible" else 0.0


def _never(_point: FloatArray) -> bool:
    return False


def _mask_test(picture: object, mask: object) -> Callable[[FloatArray], bool]:
    return lambda point: bool(masked(picture, mask, point[None])[0])  # type: ignore[arg-type] # as given by `masks`
