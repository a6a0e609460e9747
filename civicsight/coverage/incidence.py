"""Who meets what, and nothing of what just falls short: for poses tried by the hundred thousand.

A matrix holds every density. Whoever weighs poses asks only whether needs are met, so what cannot
meet one is left out where that costs least: once for a place by the limits of angle, then for each
head by how far its pixels reach, and only then are lines of sight followed. The entries are those
of `CoverageMatrix.meets` of the matrix of the same heads.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.progress import Progress
from civicsight.coverage._kernels.accumulate import look_from_heads
from civicsight.coverage._kernels.views import EYE
from civicsight.coverage.jobs import run_jobs
from civicsight.coverage.matrix import (
    BY_NIGHT,
    LEAST_SHARE,
    SHARE_ROUNDING,
    Pairs,
    duty_of,
    is_allowed,
    light_of,
    limits_of,
    positions,
)
from civicsight.coverage.prepare import Prepared, prepare, prepare_heads, prepare_points
from civicsight.coverage.privacy.masks import COLUMN, veiled
from civicsight.rules.criteria import Need
from civicsight.scene.bodies import MIN_TRANSMITTANCE, Scene

HEADS_PER_JOB: Final = 2048

ROUNDING: Final = 1e-6
"""Share by which a head is taken to see farther than its pixels reach: densities are rounded."""


class Laid(NamedTuple):
    """Samples as jobs take them.

    `points` and `inside_of` are those of `prepare_points`, `place` positions above datum; `limits`,
    `normal` and `need` as in `matrix.Pairs`; `tree` holds the points on the ground.
    """

    points: FloatArray
    inside_of: npt.NDArray[np.int32]
    place: FloatArray
    limits: FloatArray
    normal: FloatArray
    need: FloatArray
    tree: shapely.STRtree


class Targets:
    """Samples laid out once, to be looked at from many heads.

    Parameters
    ----------
    samples, parts
        Tables of `model`.
    scene
        What stands in the way.
    among
        Positions of the samples that are looked at, ascending; by default all. Columns stay those
        of `samples`.

    Raises
    ------
    SchemaError, CrsError, MismatchError
        As `matrix.compute_matrix`.
    """

    def __init__(
        self,
        samples: gpd.GeoDataFrame,
        parts: gpd.GeoDataFrame,
        scene: Scene,
        among: IntArray | None = None,
    ) -> None:
        self.scene, self.width = scene, len(samples)
        self.column = np.arange(len(samples)) if among is None else among
        some = gpd.GeoDataFrame(samples.iloc[self.column])
        points, inside_of = prepare_points(some, scene)
        self.laid = Laid(
            points,
            inside_of,
            positions(some, scene),
            limits_of(None, parts, some),
            np.radians(some["normal_deg"].to_numpy(np.float64)),
            Need.of(some).px_m,
            shapely.STRtree(shapely.points(points[:, :2])),
        )


def find_met(
    heads: gpd.GeoDataFrame,
    row: IntArray,
    count: int,
    targets: Targets,
    *,
    progress: Progress | None = None,
) -> csr_array:
    """Tell which samples each camera meets by its heads, for the share of time that is asked.

    Parameters
    ----------
    heads
        Table `model.HEADS`. Lines are followed once for heads of one place that follow each other.
    row, count
        Row of the camera of each head, and how many rows there are.
    targets
        The samples.
    progress
        Called with heads done and in all.

    Returns
    -------
    csr_array
        bool, shape ``(count, n_sample)``, indices int32 and sorted.

    Raises
    ------
    SchemaError, InputError, CrsError, MismatchError
        If the heads are not as declared, or do not fit the scene.
    """
    shape = (count, targets.width)
    if not len(heads) or not len(targets.column):
        return csr_array(shape, dtype=np.bool_)
    eyes, ready = prepare_heads(heads, targets.scene), prepare(targets.scene)
    place, light = positions(heads, targets.scene), light_of(heads)
    shared = (ready, eyes.table, eyes.skips, place, light, targets.laid)
    jobs = _jobs(eyes.table[:, :3])
    weights = [last - first for first, last in jobs]
    parts = run_jobs(_meet, jobs, weights, progress, None, shared=shared)
    head, sample = (np.concatenate([part[k] for part in parts]) for k in range(2))
    if COLUMN in heads.columns and heads[COLUMN].notna().any():
        shown = ~veiled(heads, eyes.table[:, :3], targets.laid.points, head, sample)
        head, sample = head[shown], sample[shown]
    duty = duty_of(heads)
    at = (row[head].astype(np.int32), targets.column[sample].astype(np.int32))
    if (duty >= 1.0).all():
        found = csr_array((np.ones(len(head), np.bool_), at), shape)
        found.sum_duplicates()
        return found
    share = np.zeros(targets.width)
    share[targets.column] = targets.laid.limits[:, LEAST_SHARE]
    held = csr_array((duty[head], at), shape)
    held.sum_duplicates()
    enough = held.data >= share[held.indices] - SHARE_ROUNDING
    ends = np.append(0, np.cumsum(enough))[held.indptr].astype(np.int32)
    return csr_array((np.ones(ends[-1], np.bool_), held.indices[enough], ends), shape=shape)


def _jobs(eyes: FloatArray) -> list[tuple[int, int]]:
    """Cut heads into jobs that leave those of one place together."""
    begins = np.flatnonzero(np.append(True, (eyes[1:] != eyes[:-1]).any(axis=1)))
    cuts = np.unique(begins[np.searchsorted(begins, np.arange(0, begins[-1] + 1, HEADS_PER_JOB))])
    return list(zip(cuts.tolist(), [*cuts[1:].tolist(), len(eyes)], strict=True))


def _meet(
    ready: Prepared,
    table: FloatArray,
    skips: npt.NDArray[np.int32],
    place: FloatArray,
    light: FloatArray,
    laid: Laid,
    first: int,
    last: int,
) -> tuple[IntArray, IntArray]:
    """Return the pairs of heads ``first:last`` and samples whose need is met."""
    eyes = table[first:last]
    sample, bounds = _within(eyes, place[first:last], light[first:last], laid)
    density, blocked_by = np.zeros(len(sample)), np.zeros(len(sample), np.int32)
    look_from_heads(
        ready.solids,
        ready.ground,
        eyes,
        skips,
        MIN_TRANSMITTANCE,
        laid.points,
        laid.inside_of,
        np.full(len(laid.points), np.inf),
        sample,
        bounds,
        np.full((len(laid.points), 2), -1, np.int32),
        density,
        blocked_by,
    )
    met = (blocked_by == -1) & Need(laid.need[sample]).is_met(density.astype(np.float32))
    head = np.repeat(np.arange(first, last), np.diff(bounds))
    return head[met], sample[met].astype(np.int64)


def _within(
    eyes: FloatArray, place: FloatArray, light: FloatArray, laid: Laid
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the samples that each eye may meet, in order, and where those of each begin.

    No lens gives more than its pixels spread over its arc.
    """
    begins = np.flatnonzero(np.append(True, (eyes[1:, :3] != eyes[:-1, :3]).any(axis=1)))
    pixels = np.where(eyes[:, EYE.stated] > 0.0, np.inf, eyes[:, EYE.px_per_rad])
    with np.errstate(divide="ignore"):
        far = np.minimum(eyes[:, EYE.reach], pixels / laid.need.min()) * (1.0 + ROUNDING)
    spots = shapely.points(eyes[begins, :2])
    widest = np.maximum.reduceat(far, begins)
    spot, sample = laid.tree.query(spots, predicate="dwithin", distance=widest)
    fits = _is_allowed(place[begins], np.maximum.reduceat(light, begins), laid, spot, sample)
    spot, sample = spot[fits], sample[fits]
    order = np.lexsort((sample, spot))
    spot, sample = spot[order], sample[order]
    away = np.linalg.norm(laid.points[sample] - eyes[begins[spot], :3], axis=1)
    fine = away * laid.need[sample]
    starts = np.searchsorted(spot, np.arange(len(begins) + 1))
    heads = np.diff(np.append(begins, len(eyes)))
    count = np.repeat(np.diff(starts), heads)
    ends = np.cumsum(count)
    pair = np.arange(ends[-1]) + np.repeat(np.repeat(starts[:-1], heads) - (ends - count), count)
    near = away[pair] <= np.repeat(eyes[:, EYE.reach] * (1.0 + ROUNDING), count)
    near &= fine[pair] <= np.repeat(pixels * (1.0 + ROUNDING), count)
    if (dark := laid.limits[:, BY_NIGHT] > 0.0).any():
        near &= ~dark[sample[pair]] | (away[pair] <= np.repeat(light, count))
    kept = np.append(0, np.cumsum(near))[np.append(0, ends)]
    return sample[pair[near]].astype(np.int32), kept.astype(np.int32)


def _is_allowed(
    place: FloatArray, light: FloatArray, laid: Laid, spot: IntArray, sample: IntArray
) -> BoolArray:
    """Tell which pairs are within the limits of angle and light, which know nothing of a pose."""
    need, duty = Need(laid.need), np.ones(len(place))
    pairs = Pairs(
        np.arange(len(place)), place, laid.place, laid.limits, laid.normal, need, light, duty
    )
    return is_allowed(pairs, spot, sample)
