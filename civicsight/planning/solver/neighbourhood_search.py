"""Local search on a large problem: free neighbouring candidates, and cover anew what they met.

A round frees a few patches that share no chosen candidate, searches them side by side, and puts
the results in one after the other, each only if all stays valid. The patches of a round depend on
the seed and on the rounds before it alone.

References
----------
Row weighting on sub-covers, as in large neighbourhood search (Shaw 1998).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray, IntArray
from civicsight.planning.solver._kernels import patch as kernel
from civicsight.planning.solver._kernels.cover import Cover
from civicsight.planning.solver.components import restrict
from civicsight.planning.solver.covering import unmet_weights
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.presolve import presolve
from civicsight.planning.solver.search import begin

PATCHES = 8
"""Patches of one round."""

LEAST_FREED, MOST_FREED = 15, 40
"""Chosen candidates of one patch."""

STEPS = 2_000
"""Steps of the search of one patch."""

SWEEPS = 10
"""How often each chosen candidate is in the middle of a patch, about."""

WHOLE = 500
"""Chosen candidates up to which a problem is searched as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of a problem that is covered anew.

    Parameters
    ----------
    freed
        Chosen candidates that may go.
    columns
        Candidates that may come, the freed among them.
    problem
        What is to be met, in the order of `columns`.
    """

    freed: IntArray
    columns: IntArray
    problem: Problem


class _Room:
    """Arrays to work in, zeroed between uses."""

    def __init__(self, problem: Problem) -> None:
        n, m = problem.n_candidate, problem.n_requirement
        self.left = np.zeros(m, np.int32)
        self.rows = np.empty(m, np.int32)
        self.columns = np.empty(n, np.int32)
        self.is_row = np.zeros(m, np.bool_)
        self.is_column = np.zeros(n, np.bool_)
        self.number = np.full(m, -1, np.int32)


@dataclass(slots=True, eq=False)
class NeighbourhoodSearch:
    """A valid choice that is improved patch by patch.

    Parameters
    ----------
    problem, cover
        What is searched, and its arrays.
    chosen
        The choice; `counts`, `lost` and `used` go with it.
    """

    problem: Problem
    cover: Cover
    chosen: BoolArray
    seed: tuple[int, ...]
    counts: IndexArray = field(init=False)
    lost: FloatArray = field(init=False)
    used: IndexArray = field(init=False)
    queue: list[int] = field(default_factory=list)
    round: int = 0
    steps: int = 0
    value: float = 0.0
    room: _Room = field(init=False)

    def __post_init__(self) -> None:
        """Count what the choice meets."""
        problem = self.problem
        self.counts = problem.covered(self.chosen).astype(np.int32)
        self.lost = unmet_weights(problem, self.counts)
        sites = problem.site[self.chosen & (problem.site != FREE)]
        self.used = np.bincount(sites, minlength=len(problem.capacity)).astype(np.int32)
        self.value = problem.price(self.chosen)
        self.room = _Room(problem)

    @staticmethod
    def is_for(chosen: BoolArray) -> bool:
        """Tell whether a choice is better improved in patches than as a whole."""
        return int(chosen.sum()) > WHOLE

    @property
    def usual_steps(self) -> int:
        """How many steps the size of the problem suggests: each candidate is freed a few times."""
        return SWEEPS * STEPS * int(self.chosen.sum()) // LEAST_FREED

    def lay(self) -> list[tuple[Patch, tuple[int, ...]]]:
        """Return the patches of the next round, each with its seed."""
        self.round += 1
        rng = np.random.default_rng((*self.seed, self.round))
        barred = np.zeros(self.problem.n_candidate, np.bool_)
        patches: list[tuple[Patch, tuple[int, ...]]] = []
        while len(patches) < PATCHES:
            if not self.queue:
                if patches:
                    break
                self.queue = rng.permutation(np.flatnonzero(self.chosen)).tolist()
            middle = self.queue.pop()
            if not self.chosen[middle] or barred[middle]:
                continue
            most = int(rng.integers(LEAST_FREED, MOST_FREED + 1))
            freed = self._free(middle, most, barred)
            barred[freed] = True
            patches.append((self._cut(freed), (*self.seed, self.round, len(patches))))
        return patches

    def _free(self, middle: int, most: int, barred: BoolArray) -> IndexArray:
        """Return chosen candidates around one.

        First those that share requirements, then those that share who might stand in.
        """
        cover, room = self.cover, self.room
        freed = np.empty(most, np.int32)
        freed[0] = middle
        count, before = 1, 0
        while before < count < most:
            before = count
            count = kernel.grow(
                cover,
                self.chosen,
                barred,
                most,
                freed,
                count,
                room.is_column,
                room.is_row,
                room.rows,
            )
            if count < most:
                columns = self._others(freed[:count])
                count = kernel.widen(
                    cover, self.chosen, barred, most, freed, count, columns, room.is_column
                )
        return freed[:count]

    def _open(self, freed: IndexArray) -> tuple[int, int]:
        """Open the rows that only the freed candidates cover; return how many, and of columns."""
        room = self.room
        opened: tuple[int, int] = kernel.open_up(
            self.cover,
            self.chosen,
            self.counts,
            freed,
            room.left,
            room.rows,
            room.columns,
            room.is_row,
            room.is_column,
        )
        return opened

    def _others(self, freed: IndexArray) -> IndexArray:
        """Return who could meet what only the freed candidates meet, ascending."""
        cover, room = self.cover, self.room
        n_row, n_column = self._open(freed)
        columns = np.sort(room.columns[:n_column])
        kernel.close_up(
            cover, freed, room.rows[:n_row], columns, room.left, room.is_row, room.is_column
        )
        return columns

    def _cut(self, freed: IndexArray) -> Patch:
        """Cut a patch out: what only the freed candidates meet, and who else could."""
        problem, cover, room = self.problem, self.cover, self.room
        n_row, n_column = self._open(freed)
        rows, columns = np.sort(room.rows[:n_row]), np.sort(room.columns[:n_column])
        need = problem.need[rows] - (self.counts[rows] - room.left[rows])
        kernel.close_up(cover, freed, rows, columns, room.left, room.is_row, room.is_column)
        room.number[rows] = np.arange(n_row, dtype=np.int32)
        indptr, cells = restrict(
            problem.indptr, problem.cells, columns.astype(np.int64), room.number
        )
        room.number[rows] = -1
        # What is unmet outside the patch uses its slack up.
        unmet = self.counts[rows] < problem.need[rows]
        grouped = unmet & (problem.group[rows] != FREE)
        inside = np.bincount(
            problem.group[rows[grouped]], problem.weight[rows[grouped]], len(problem.slack)
        )
        sites = problem.site[freed]
        staying = self.used - np.bincount(sites[sites != FREE], minlength=len(self.used))
        sub = Problem(
            indptr,
            cells,
            problem.cost[columns],
            need.astype(np.int32),
            problem.weight[rows],
            problem.site[columns],
            (problem.capacity - staying).astype(np.int32),
            problem.group[rows],
            np.maximum(problem.slack - np.maximum(self.lost - inside, 0.0), 0.0),
        )
        return Patch(freed.astype(np.int64), columns.astype(np.int64), sub)

    def sew(self, patch: Patch, into: IntArray) -> None:
        """Put what was found in for what was freed, if it is no dearer and all stays valid."""
        cost = self.problem.cost
        saved = cost[patch.freed].sum() - cost[into].sum()
        if saved < 0.0 or np.array_equal(into, np.sort(patch.freed)):
            return
        fresh = into[~self.chosen[into] | np.isin(into, patch.freed)]
        done = kernel.exchange(
            self.cover,
            self.chosen,
            self.counts,
            self.lost,
            self.used,
            patch.freed.astype(np.int32),
            fresh.astype(np.int32),
        )
        if done:
            self.value = self.problem.price(self.chosen)


def search_patch(patch: Patch, seed: tuple[int, ...], halt: BoolArray) -> tuple[IntArray, int]:
    """Return candidates that cover a patch, the freed ones if none are found, and steps done."""
    reduced = presolve(patch.problem, halt=halt)
    if reduced.is_infeasible or halt[0]:
        return patch.freed, 0
    start = reduced.shrink(np.isin(patch.columns, patch.freed))
    search = begin(reduced.problem, start=start, seed=seed)
    search.run(STEPS, halt)
    if np.isinf(search.value) and reduced.problem.n_requirement:
        return patch.freed, search.steps
    found: IntArray = patch.columns[reduced.expand(search.chosen)]
    return found, search.steps + 1
