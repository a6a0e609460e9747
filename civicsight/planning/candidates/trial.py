"""Poses put to the test: what each meets in the scene against cameras, and what the law says.

Poses go through it tile by tile: a tile is looked from, judged and reduced to what is worth keeping
before the next begins, so memory grows with what is kept and not with what is tried. All of a site
are in one tile, and poses of different sites have nothing to do with each other until masks are
drawn, so the same is kept for any size and order of the tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, vstack

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.progress import Progress
from civicsight.coverage.incidence import find_met
from civicsight.planning.candidates.demand import BATCH, Demand, count_of, stage
from civicsight.planning.candidates.effort import Memory
from civicsight.planning.candidates.lawful import Law, with_masks
from civicsight.planning.candidates.reduce import undominated

MASK_BATCH: Final = 512
"""The same for masks, each of which is drawn on its own."""

MOST_MASKED: Final = 4
"""Masks are drawn for poses over samples with fewer lawful poses than this a camera asked for."""

LAWFUL, EXPOSED, BARRED = 1, 2, 3
"""States of a pose that was judged: an exposed one may be saved by a mask."""

STAGES: Final = ((0.0, 0.7), (0.7, 1.0))
"""Shares of trying poses without masks, and with."""

LOOKING: Final = 0.7
"""Share of looking in trying a tile; judging is the rest."""


class Passed(NamedTuple):
    """Candidates that are lawful and of use, and what the others would have met.

    `rows` are their places among those asked; `meets` what they meet, bool; `barred` are rows with
    their `reason`; `lost` tells by reason which samples only a ban keeps from some candidate.
    """

    rows: IntArray
    meets: csr_array
    heads: gpd.GeoDataFrame
    area_m2: FloatArray
    mask: npt.NDArray[np.object_]
    barred: IntArray
    reason: npt.NDArray[np.object_]
    lost: dict[str, BoolArray]


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Poses to be tried.

    Parameters
    ----------
    ids
        Of the poses.
    site, cost
        Where each stands, numbers in an order that leaves neighbours together, and what it costs.
    heads_at
        Returns the heads of some rows by ``camera_id``: there are too many to have all at once.
    """

    ids: pd.Index
    site: IntArray
    cost: FloatArray
    heads_at: Callable[[IntArray], gpd.GeoDataFrame]

    def heads(self, rows: IntArray) -> tuple[gpd.GeoDataFrame, IntArray]:
        """Return the heads of some rows in their order, and which of the rows each is of."""
        heads = self.heads_at(rows)
        of_head = self.ids[rows].get_indexer(heads["camera_id"])
        order = np.argsort(of_head, kind="stable")
        return gpd.GeoDataFrame(heads.iloc[order]), of_head[order]

    def tiles(self, size: int) -> Iterator[IntArray]:
        """Yield rows by site, about so many at a time, those of a site in their order."""
        order = np.argsort(self.site, kind="stable")
        begins = np.flatnonzero(np.diff(self.site[order], prepend=-1))
        yield from np.split(order, begins[np.flatnonzero(np.diff(begins // size)) + 1])


def try_poses(
    poses: Poses, demand: Demand, law: Law, memory: Memory, *, progress: Progress | None = None
) -> Passed:
    """Find out which poses are of use and lawful.

    A pose is judged unless lawful ones of its site outdo it (see `reduce`): it is never needed.

    Parameters
    ----------
    poses
        What is tried.
    demand, law
        What is to be met, and what is forbidden.
    memory
        Says how many poses are in memory at a time, and counts those that are kept.
    progress
        Called with steps done and in all.
    """
    stages = [stage(progress, *share) for share in STAGES]
    found, exposed, done = _Found(poses, demand, law, memory), list[_Exposed](), 0
    for rows in poses.tiles(memory.tile):
        shares = done / len(poses.ids), (done + len(rows)) / len(poses.ids)
        exposed.append(_try_tile(found, rows, stage(stages[0], *shares)))
        done += len(rows)
    _judge_masked(found, exposed, stages[1])
    return found.close()


class _Exposed(NamedTuple):
    """Poses that a mask may save: rows, whether nothing outdoes them bare, and what they meet."""

    rows: IntArray
    foremost: BoolArray
    meets: csr_array


class _Tile(NamedTuple):
    """Poses of use: their rows, what each meets, where it stands and what it costs, and heads.

    `of_head` is the place of each head's pose among the rows, ascending.
    """

    rows: IntArray
    meets: csr_array
    site: IntArray
    cost: FloatArray
    heads: gpd.GeoDataFrame
    of_head: IntArray

    def undominated(
        self, among: IntArray, most: int, outdoing: BoolArray | None = None
    ) -> IntArray:
        """Return those of some poses that others of them, or the outdoing ones, do not outdo."""
        meets, site, cost = csr_array(self.meets[among]), self.site[among], self.cost[among]
        kept: IntArray = among[undominated(meets, site, cost, most=most, outdoing=outdoing)]
        return kept

    def heads_of(self, some: IntArray) -> gpd.GeoDataFrame:
        """Return the heads of some poses, in the order of the rows."""
        return gpd.GeoDataFrame(self.heads[np.isin(self.of_head, some)])


def _try_tile(found: _Found, rows: IntArray, progress: Progress | None) -> _Exposed:
    """Look from the poses of a tile, judge them bare, and keep what is lawful and not outdone."""
    poses, demand = found.poses, found.demand
    heads, of_head = poses.heads(rows)
    order = np.lexsort((of_head, heads["height_m"].to_numpy(), poses.site[rows[of_head]]))
    meets = find_met(
        gpd.GeoDataFrame(heads.iloc[order]),
        of_head[order],
        len(rows),
        found.targets,
        progress=stage(progress, 0.0, LOOKING),
    )
    useful = count_of(meets, demand.wanting) > 0
    kept = rows[useful]
    own = useful[of_head]
    tile = _Tile(
        kept,
        csr_array(meets[useful]),
        poses.site[kept],
        poses.cost[kept],
        gpd.GeoDataFrame(heads[own]),
        (np.cumsum(useful) - 1)[of_head[own]],
    )
    return _judge_bare(found, tile, stage(progress, LOOKING, 1.0))


def _judge_bare(found: _Found, tile: _Tile, progress: Progress | None) -> _Exposed:
    """Judge poses without masks, keep the lawful, and return the exposed that these do not outdo.

    Those that nothing outdoes come first; where one is not lawful, or sees some of the private wall
    that it may, those that it outdid follow: less of it is an aim of the plan.
    """
    most = int(found.demand.asked.max(initial=1))
    state, area_m2 = np.zeros(len(tile.rows), np.int8), np.zeros(len(tile.rows))
    alive, lawful, waves = np.arange(len(state)), [np.zeros(0, np.int64)], 0
    clean, may = state == LAWFUL, state == 0
    while len(chosen := _among(tile.undominated(alive, most, may[alive]), state == 0)):
        for some in np.split(chosen, range(BATCH, len(chosen), BATCH)):
            judged = found.judge(
                tile.rows[some], tile.heads_of(some), csr_array(tile.meets[some]), may_mask=False
            )
            state[some] = np.where(judged.fine, LAWFUL, np.where(judged.exposed, EXPOSED, BARRED))
            area_m2[some] = judged.area_m2
            lawful.append(some[judged.fine])
            if progress is not None:
                progress(int((state > 0).sum()), len(state))
        waves += 1
        clean = (state == LAWFUL) & (area_m2 == 0.0)
        may = clean | (state == 0)
        changed = tile.site[chosen[~clean[chosen]]]
        alive = np.flatnonzero((state <= LAWFUL) & np.isin(tile.site, changed))
    kept = np.concatenate(lawful)
    if waves > 1:  # those of one wave do not outdo each other
        kept = tile.undominated(kept, most, clean[kept])
    none = np.full(len(kept), None, object)
    heads = with_masks(tile.heads_of(kept), found.poses.ids[tile.rows[kept]], none)
    found.keep(tile.rows[kept], csr_array(tile.meets[kept]), heads, area_m2[kept], none)
    hopeful = np.flatnonzero((state == LAWFUL) | (state == EXPOSED))
    if not (state == EXPOSED).any():
        hopeful = hopeful[:0]
    # A mask may leave less of a pose than of one that it outdoes bare: those follow it.
    first = _among(tile.undominated(hopeful, most), state == EXPOSED)
    every = _among(tile.undominated(hopeful, most, clean[hopeful]), state == EXPOSED)
    every = np.union1d(first, every)
    return _Exposed(tile.rows[every], np.isin(every, first), csr_array(tile.meets[every]))


def _among(rows: IntArray, kept: BoolArray) -> IntArray:
    """Return the rows that are kept."""
    some: IntArray = rows[kept[rows]]
    return some


def _judge_masked(found: _Found, exposed: list[_Exposed], progress: Progress | None) -> None:
    """Judge exposed poses with masks, where few others are lawful; the rest are left out."""
    demand, ids = found.demand, found.poses.ids
    foremost = _join([tile.foremost for tile in exposed], np.bool_)
    every = _join([tile.rows for tile in exposed], np.int64)
    order = np.lexsort((every, ~foremost))
    none = csr_array((0, found.targets.width), dtype=np.bool_)
    meets = csr_array(vstack([none, *(tile.meets for tile in exposed)], format="csr"))
    enough = MOST_MASKED * demand.asked
    for first in range(0, len(order), MASK_BATCH):
        batch = order[first : first + MASK_BATCH]
        own = csr_array(meets[batch])
        some = count_of(own, demand.wanting & (found.counts < enough)) > 0
        rows = every[batch[some]]
        if len(rows):
            heads, left = found.poses.heads(rows)[0], csr_array(own[some])
            judged = found.judge(rows, heads, left, may_mask=True)
            fine = judged.fine
            heads = gpd.GeoDataFrame(judged.heads[judged.heads["camera_id"].isin(ids[rows[fine]])])
            left = csr_array(judged.left[fine])
            found.keep(rows[fine], left, heads, judged.area_m2[fine], judged.mask[fine])
        found.leave(every[batch[~some]])
        if progress is not None:
            progress(first + len(batch), len(order))


class _Judged(NamedTuple):
    """Which poses pass and which a mask may save; heads, what is met and private wall, masked."""

    fine: BoolArray
    exposed: BoolArray
    heads: gpd.GeoDataFrame
    left: csr_array
    area_m2: FloatArray
    mask: npt.NDArray[np.object_]


class _Found:
    """What was judged so far."""

    def __init__(self, poses: Poses, demand: Demand, law: Law, memory: Memory) -> None:
        self.memory = memory
        self.poses, self.demand, self.law, self.targets = poses, demand, law, demand.targets()
        self.lawful: list[tuple[IntArray, csr_array, gpd.GeoDataFrame, FloatArray]] = []
        self.masks: list[npt.NDArray[np.object_]] = []
        self.barred: list[tuple[IntArray, npt.NDArray[np.object_]]] = []
        self.lost: dict[str, BoolArray] = {}
        self.counts = np.zeros(self.targets.width, np.int64)

    def judge(
        self, rows: IntArray, heads: gpd.GeoDataFrame, meets: csr_array, *, may_mask: bool
    ) -> _Judged:
        """Judge some candidates by their heads, in the order of the rows."""
        verdicts = self.law.judge(heads, may_mask=may_mask)
        ids, reason, left = self.poses.ids[rows], verdicts.reason, meets
        masked = np.flatnonzero(pd.notna(verdicts.mask) & pd.isna(reason))
        if may_mask:
            heads = with_masks(heads, ids, verdicts.mask)
            left = self._left(heads, ids, meets, masked)
            reason[masked[count_of(left, self.demand.wanting)[masked] == 0]] = "sight"
        fine = np.asarray(pd.isna(reason), np.bool_)
        exposed = np.asarray(reason == "sight", np.bool_) & (not may_mask)
        final = np.flatnonzero(~exposed)
        self._lose(csr_array(meets[final]), csr_array(left[final]), reason[final])
        self.counts += np.bincount(left[fine].indices, minlength=len(self.counts))
        barred = ~fine & ~exposed
        self.barred.append((rows[barred], reason[barred]))
        return _Judged(fine, exposed, heads, left, verdicts.area_m2, verdicts.mask)

    def keep(
        self,
        rows: IntArray,
        meets: csr_array,
        heads: gpd.GeoDataFrame,
        area_m2: FloatArray,
        mask: npt.NDArray[np.object_],
    ) -> None:
        """Keep candidates that are lawful."""
        self.memory.count(kept=len(rows))
        self.lawful.append((rows, meets, heads, area_m2))
        self.masks.append(mask)

    def leave(self, rows: IntArray) -> None:
        """Leave out exposed candidates for which no mask is drawn: enough others are lawful."""
        if len(rows):
            self.barred.append((rows, np.full(len(rows), "sight", object)))

    def _left(
        self, heads: gpd.GeoDataFrame, ids: pd.Index, meets: csr_array, masked: IntArray
    ) -> csr_array:
        """Return what candidates meet with their masks."""
        if not len(masked):
            return meets
        row = ids[masked].get_indexer(heads["camera_id"])
        some = gpd.GeoDataFrame(heads[row >= 0])
        seen = find_met(some, row[row >= 0], len(masked), self.targets)
        pick = np.arange(len(ids))
        pick[masked] = len(ids) + np.arange(len(masked))
        return csr_array(csr_array(vstack([meets, seen], format="csr"))[pick])

    def _lose(self, before: csr_array, after: csr_array, reason: npt.NDArray[np.object_]) -> None:
        """Remember the samples that a ban or a mask takes from candidates."""
        for name in {entry for entry in reason if entry is not None} | {"sight"}:
            rows = np.flatnonzero(reason == name)
            lost = self.lost.setdefault(name, np.zeros(len(self.counts), np.bool_))
            lost[before[rows].indices] = True
        gone = csr_array(before.astype(np.int8) - after.astype(np.int8))
        self.lost["sight"][gone.indices[gone.data > 0]] = True

    def close(self) -> Passed:
        """Put everything together."""
        none = csr_array((0, len(self.counts)), dtype=np.bool_)
        rows = _join([entry[0] for entry in self.lawful], np.int64)
        heads = [entry[2] for entry in self.lawful]
        return Passed(
            rows,
            csr_array(vstack([none, *(entry[1] for entry in self.lawful)], format="csr")),
            gpd.GeoDataFrame(pd.concat(heads), crs=heads[0].crs),
            _join([entry[3] for entry in self.lawful], np.float64),
            _join(self.masks, object),
            _join([entry[0] for entry in self.barred], np.int64),
            _join([entry[1] for entry in self.barred], object),
            self.lost,
        )


def _join(arrays: Sequence[npt.NDArray[Any]], kind: type) -> npt.NDArray[Any]:
    return np.concatenate([*arrays, np.zeros(0, kind)]).astype(kind)
