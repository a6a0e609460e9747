"""Poses put to the test: what each meets in the scene against cameras, and what the law says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array, vstack

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.progress import Progress
from civicsight.coverage.jobs import place_on_curve
from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.planning.candidates.lawful import Law, with_masks
from civicsight.planning.candidates.reduce import undominated
from civicsight.scene.bodies import Scene

BATCH: Final = 4096
"""Candidates that are looked from at a time: neighbours, so that few samples are in reach."""

MASK_BATCH: Final = 512
"""The same for masks, each of which is drawn on its own."""

MOST_MASKED: Final = 4
"""Masks are drawn for poses over samples with fewer lawful poses than this a camera asked for."""

LAWFUL, EXPOSED, BARRED = 1, 2, 3
"""States of a pose that was judged: an exposed one may be saved by a mask."""

STAGES: Final = ((0.0, 0.4), (0.4, 0.7), (0.7, 1.0))
"""Shares of looking, and of judging without and with masks."""

STEPS: Final = 1000
"""Steps in which progress is reported."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What is to be met, and where.

    Parameters
    ----------
    parts, samples
        Tables of `model`.
    scene
        The one against cameras.
    wanting
        Samples that what stands does not meet often enough, shape ``(n_sample,)``.
    asked
        How many cameras each sample asks for.
    open
        Positions of the samples of parts that fall short: what poses are tried over.
    """

    parts: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    scene: Scene
    wanting: BoolArray
    asked: IntArray
    open: IntArray

    def meets(self, q: csr_array) -> csr_array:
        """Tell which entries reach the need of their sample, indices sorted."""
        ids = pd.RangeIndex(q.shape[0])
        met = CoverageMatrix(q, ids, self.samples.index).meets(self.samples)
        met.sort_indices()
        return met


class Passed(NamedTuple):
    """Candidates that are lawful and of use, and what the others would have met.

    `rows` are their places among those asked; `barred` are rows with their `reason`; `lost` tells
    by reason which samples only a ban keeps from some candidate.
    """

    rows: IntArray
    q: csr_array
    heads: gpd.GeoDataFrame
    area_m2: FloatArray
    mask: npt.NDArray[np.object_]
    barred: IntArray
    reason: npt.NDArray[np.object_]
    lost: dict[str, BoolArray]


def look(
    heads: gpd.GeoDataFrame,
    ids: pd.Index,
    demand: Demand,
    *,
    among: IntArray | None = None,
    progress: Progress | None = None,
) -> csr_array:
    """Return px/m of every candidate at every sample, shape ``(n_id, n_sample)``.

    Candidates are looked from in batches of neighbours, at the samples in their reach.

    Parameters
    ----------
    heads, ids
        Heads by ``camera_id``, and the candidates in the order of the rows.
    demand, among
        What is to be met, and the samples that are looked at; by default all.
    """
    shape = (len(ids), len(demand.samples))
    if not len(heads) or not len(demand.samples):
        return csr_array(shape, dtype=np.float32)
    of_head = ids.get_indexer(heads["camera_id"])
    points = heads.geometry.to_numpy()
    xy = shapely.get_coordinates(points)
    order = np.argsort(place_on_curve(xy, 32.0), kind="stable")
    _, first = np.unique(of_head[order], return_index=True)
    turn = of_head[order][np.sort(first)]
    among = np.arange(shape[1]) if among is None else among
    targets = (among, shapely.STRtree(demand.samples.geometry.to_numpy()[among]))
    parts, done = [], 0
    rows_of = _rows_of(of_head, len(ids))
    for some in np.split(turn, range(BATCH, len(turn), BATCH)):
        rows = np.concatenate([rows_of[number] for number in some.tolist()])
        parts.append(_look_at_near(gpd.GeoDataFrame(heads.iloc[rows]), ids[some], demand, targets))
        done += len(some)
        if progress is not None:
            progress(done, len(turn))
    missing = np.setdiff1d(np.arange(len(ids)), turn)
    stacked = vstack([*parts, csr_array((len(missing), shape[1]), dtype=np.float32)], format="csr")
    back = np.argsort(np.concatenate([turn, missing]), kind="stable")
    return csr_array(csr_array(stacked)[back])


def _rows_of(of_head: IntArray, count: int) -> list[IntArray]:
    order = np.argsort(of_head, kind="stable")
    return np.split(order, np.searchsorted(of_head[order], np.arange(1, count)))


def _look_at_near(
    heads: gpd.GeoDataFrame,
    ids: pd.Index,
    demand: Demand,
    targets: tuple[IntArray, shapely.STRtree],
) -> csr_array:
    """Look at the samples within reach of any of the heads."""
    west, south, east, north = heads.total_bounds
    reach = float(heads["reach_m"].max()) + 1.0
    box = shapely.box(west - reach, south - reach, east + reach, north + reach)
    near = targets[0][np.sort(targets[1].query(box))]
    samples = gpd.GeoDataFrame(demand.samples.iloc[near])
    q = compute_matrix(heads, demand.parts, samples, demand.scene, camera_ids=ids).q
    shape = (len(ids), len(demand.samples))
    return csr_array((q.data, near[q.indices], q.indptr), shape=shape)


def try_poses(
    heads: gpd.GeoDataFrame,
    ids: pd.Index,
    site: IntArray,
    cost: FloatArray,
    demand: Demand,
    law: Law,
    *,
    progress: Progress | None = None,
) -> Passed:
    """Find out which poses are of use and lawful.

    A pose is judged unless lawful ones of its site outdo it (see `reduce`): it is never needed.

    Parameters
    ----------
    heads, ids
        Heads by ``camera_id``, and the poses.
    site, cost
        Of each pose.
    demand, law
        What is to be met, and what is forbidden.
    progress
        Called with steps done and in all.
    """
    stages = [stage(progress, *share) for share in STAGES]
    q = look(heads, ids, demand, among=demand.open, progress=stages[0])
    meets = demand.meets(q)
    useful = np.flatnonzero(np.diff(csr_array(meets[:, demand.wanting]).indptr))
    found = _Found(heads, ids, demand, law, q)
    poses = _Poses(useful, csr_array(meets[useful]), site[useful], cost[useful])
    most = int(demand.asked.max(initial=1))
    exposed = _judge_bare(found, poses, most, stages[1])
    _judge_masked(found, exposed, meets, stages[2])
    return found.close()


class _Poses(NamedTuple):
    """Poses of use: their rows, and what each meets, where it stands and what it costs."""

    rows: IntArray
    meets: csr_array
    site: IntArray
    cost: FloatArray

    def undominated(
        self, among: IntArray, most: int, outdoing: BoolArray | None = None
    ) -> IntArray:
        """Return those of some poses that others of them, or the outdoing ones, do not outdo."""
        meets, site, cost = csr_array(self.meets[among]), self.site[among], self.cost[among]
        kept: IntArray = among[undominated(meets, site, cost, most=most, outdoing=outdoing)]
        return kept


def _judge_bare(found: _Found, poses: _Poses, most: int, progress: Progress | None) -> IntArray:
    """Judge poses without masks; return the exposed ones that no lawful one outdoes.

    Those that nothing outdoes come first; where one is not lawful, those that it outdid follow.
    """
    state = np.zeros(len(poses.rows), np.int8)
    alive = np.arange(len(state))
    while len(chosen := _among(poses.undominated(alive, most), state == 0)):
        for some in np.split(chosen, range(BATCH, len(chosen), BATCH)):
            fine, seeing = found.judge(poses.rows[some], may_mask=False)
            state[some] = np.where(fine, LAWFUL, np.where(seeing, EXPOSED, BARRED))
            if progress is not None:
                progress(int((state > 0).sum()), len(state))
        changed = poses.site[chosen[state[chosen] != LAWFUL]]
        alive = np.flatnonzero((state <= LAWFUL) & np.isin(poses.site, changed))
    hopeful = np.flatnonzero((state == LAWFUL) | (state == EXPOSED))
    # A mask may leave less of a pose than of one that it outdoes bare: those follow it.
    first = poses.undominated(hopeful, most)
    every = poses.undominated(hopeful, most, state[hopeful] == LAWFUL)
    turn = np.concatenate([first, np.setdiff1d(every, first)])
    exposed: IntArray = poses.rows[_among(turn, state == EXPOSED)]
    return exposed


def _among(rows: IntArray, kept: BoolArray) -> IntArray:
    """Return the rows that are kept."""
    some: IntArray = rows[kept[rows]]
    return some


def _judge_masked(
    found: _Found, exposed: IntArray, meets: csr_array, progress: Progress | None
) -> None:
    """Judge exposed poses with masks, where few others are lawful; the rest are left out."""
    demand, some = found.demand, exposed[:0]
    enough = MOST_MASKED * demand.asked
    wanted = csr_array(meets[exposed] * demand.wanting[None, :])
    for first in range(0, len(exposed), MASK_BATCH):
        rows = np.arange(first, min(first + MASK_BATCH, len(exposed)))
        lacking = (found.counts < enough).astype(np.int64)
        some = rows[(csr_array(wanted[rows]).astype(np.int64) @ lacking) > 0]
        if len(some):
            found.judge(exposed[some], may_mask=True)
        found.leave(exposed[np.setdiff1d(rows, some)])
        if progress is not None:
            progress(int(rows[-1]) + 1, len(exposed))


def stage(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Report a stage as a share of all."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(round(STEPS * (start + (end - start) * done / max(total, 1))), STEPS)

    return report


class _Found:
    """What was judged so far."""

    def __init__(
        self, heads: gpd.GeoDataFrame, ids: pd.Index, demand: Demand, law: Law, q: csr_array
    ) -> None:
        self.heads, self.ids, self.demand, self.law, self.q = heads, ids, demand, law, q
        self.rows_of = _rows_of(ids.get_indexer(heads["camera_id"]), len(ids))
        self.lawful: list[tuple[IntArray, csr_array, gpd.GeoDataFrame, FloatArray]] = []
        self.masks: list[npt.NDArray[np.object_]] = []
        self.barred: list[tuple[IntArray, npt.NDArray[np.object_]]] = []
        self.lost: dict[str, BoolArray] = {}
        self.counts = np.zeros(q.shape[1], np.int64)

    def judge(self, rows: IntArray, *, may_mask: bool) -> tuple[BoolArray, BoolArray]:
        """Judge some candidates and keep what passes; tell which do, and which a mask may save."""
        own = np.concatenate([self.rows_of[row] for row in rows.tolist()])
        heads = gpd.GeoDataFrame(self.heads.iloc[own])
        verdicts = self.law.judge(heads, may_mask=may_mask)
        ids, reason, q = self.ids[rows], verdicts.reason, csr_array(self.q[rows])
        masked = np.flatnonzero(pd.notna(verdicts.mask) & pd.isna(reason))
        heads = with_masks(heads, ids, verdicts.mask)
        left = self._left(heads, ids, q, masked)
        after = np.diff(csr_array(self.demand.meets(left)[:, self.demand.wanting]).indptr)
        reason[masked[after[masked] == 0]] = "sight"
        fine = np.asarray(pd.isna(reason), np.bool_)
        exposed = np.asarray(reason == "sight", np.bool_) & (not may_mask)
        final = np.flatnonzero(~exposed)
        self._lose(csr_array(q[final]), csr_array(left[final]), reason[final])
        kept = gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids[fine])])
        self.lawful.append((rows[fine], csr_array(left[fine]), kept, verdicts.area_m2[fine]))
        self.counts += np.bincount(self.demand.meets(left[fine]).indices, minlength=q.shape[1])
        self.masks.append(verdicts.mask[fine])
        barred = ~fine & ~exposed
        self.barred.append((rows[barred], reason[barred]))
        return fine, exposed

    def leave(self, rows: IntArray) -> None:
        """Leave out exposed candidates for which no mask is drawn: enough others are lawful."""
        if len(rows):
            self.barred.append((rows, np.full(len(rows), "sight", object)))

    def _left(
        self, heads: gpd.GeoDataFrame, ids: pd.Index, q: csr_array, masked: IntArray
    ) -> csr_array:
        """Return what candidates meet with their masks."""
        if not len(masked):
            return q
        some = gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids[masked])])
        parts = vstack(
            [q, look(some, ids[masked], self.demand, among=self.demand.open)], format="csr"
        )
        pick = np.arange(len(ids))
        pick[masked] = len(ids) + np.arange(len(masked))
        return csr_array(csr_array(parts)[pick])

    def _lose(self, q: csr_array, left: csr_array, reason: npt.NDArray[np.object_]) -> None:
        """Remember the samples that a ban or a mask takes from candidates."""
        before, after = self.demand.meets(q), self.demand.meets(left)
        for name in {entry for entry in reason if entry is not None} | {"sight"}:
            rows = np.flatnonzero(reason == name)
            lost = self.lost.setdefault(name, np.zeros(q.shape[1], np.bool_))
            lost[before[rows].indices] = True
        gone = csr_array(before.astype(np.int8) - after.astype(np.int8))
        self.lost["sight"][gone.indices[gone.data > 0]] = True

    def close(self) -> Passed:
        """Put everything together."""
        width = self.q.shape[1]
        none = csr_array((0, width), dtype=np.float32)
        rows = _join([entry[0] for entry in self.lawful], np.int64)
        heads = [entry[2] for entry in self.lawful] or [self.heads.iloc[:0]]
        return Passed(
            rows,
            csr_array(vstack([none, *(entry[1] for entry in self.lawful)], format="csr")),
            gpd.GeoDataFrame(pd.concat(heads), crs=self.heads.crs),
            _join([entry[3] for entry in self.lawful], np.float64),
            _join(self.masks, object),
            _join([entry[0] for entry in self.barred], np.int64),
            _join([entry[1] for entry in self.barred], object),
            self.lost,
        )


def _join(arrays: Sequence[npt.NDArray[Any]], kind: type) -> npt.NDArray[Any]:
    return np.concatenate([*arrays, np.zeros(0, kind)]).astype(kind)
