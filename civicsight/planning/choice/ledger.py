"""The ledger of a plan: what every measure is for, what would do instead, and what it saves.

References
----------
Article 7: what exists is used before anything is built. A reviewer who strikes a measure has to see
what falls, and what the cheapest other way to meet the same would cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.core.cache import Remembered
from civicsight.core.errors import MismatchError
from civicsight.coverage.findings.shares import smallest_cover
from civicsight.model.plan_tables import LEDGER
from civicsight.planning.aims.requirements import Posed
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.few import cheapest_few
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.outcome import Limits, Status

KEPT_WAYS: Final = 4_096


def ledger(
    posed: Posed,
    chosen: BoolArray,
    table: pd.DataFrame,
    parts: gpd.GeoDataFrame,
    *,
    limits: Limits | None = None,
    hurries: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Write the ledger of a choice of candidates.

    What would do instead is the cheapest set of candidates that, beside the rest of the plan, meets
    again what has to be met; where the rest meets it anyway, the fewest cameras of it that do.

    Parameters
    ----------
    posed, chosen
        The problem with its labels, and which candidates the plan takes.
    table, parts
        Tables `model.plan_tables.CANDIDATES` of the same candidates and `model.PARTS`.
    limits, hurries, progress
        Of each search for another way; whether those that follow take the first way at hand, for
        want of time; called with measures done and in all.

    Raises
    ------
    MismatchError
        If the table does not name the candidates of the problem, or the choice does not fit.
    """
    problem = posed.problem
    if not table.index.equals(posed.candidate_ids) or len(chosen) != problem.n_candidate:
        msg = "the table, the choice and the problem are not of the same candidates"
        raise MismatchError(msg)
    book = _Book(posed, chosen, table, parts, problem.covered(chosen), csc_array(problem.matrix))
    rows = []
    taken = np.flatnonzero(chosen)
    for number_done, j in enumerate(taken, start=1):
        rows.append(_row(book, int(j), Limits(steps=0, seconds=0.0) if hurries() else limits))
        if progress is not None:
            progress(number_done, len(taken))
    frame = pd.DataFrame(rows, index=table.index[taken], columns=[c.name for c in LEDGER])
    complete = LEDGER.complete(frame)
    LEDGER.check(complete)
    return complete


def _row(book: _Book, j: int, limits: Limits | None) -> dict[str, object]:
    """Write the row of one measure."""
    problem, table = book.posed.problem, book.table
    cells = problem.met_by(j)
    needed = cells[book.covered[cells] <= problem.need[cells]]
    met, lost = (_labels(book, some) for some in (cells, needed))
    known = book.parts.reindex(met)
    way = _other_way(book, j, limits)
    own = float(problem.cost[j])
    return {
        "camera_id": book.name(j),
        "measure": table["measure"].iloc[j],
        "cost_yuan": own,
        "serves": float(problem.weight[cells].sum()),
        "alone": float(problem.weight[needed].sum()),
        "parts": met,
        "parts_alone": lost,
        "zones": tuple(sorted({str(zone) for zone in known["zone_id"].dropna()})),
        "articles": tuple(sorted({str(article) for article in known["article"].dropna()})),
        "instead": tuple(book.name(i) for i in way.candidates),
        "instead_measures": tuple(str(table["measure"].iloc[i]) for i in way.candidates),
        "instead_yuan": way.cost_yuan,
        "saved_yuan": way.cost_yuan - own,
        "proven": way.proven,
    }


def _labels(book: _Book, cells: npt.NDArray[np.int32]) -> tuple[str, ...]:
    """Return the parts of some requirements, sorted."""
    groups = np.unique(book.posed.problem.group[cells])
    return tuple(sorted(str(book.posed.part_ids[g]) for g in groups if g != FREE))


def _other_way(book: _Book, j: int, limits: Limits | None) -> _Way:
    """Find the cheapest candidates to take in the place of one."""
    problem = book.posed.problem
    rest = book.chosen.copy()
    rest[j] = False
    left = problem.need - problem.covered(rest)
    # The requirements that are unmet without a candidate, of groups that then lack.
    cells = problem.met_by(j)
    grouped, unmet = problem.group != FREE, left > 0
    within = grouped & unmet
    weight = np.bincount(problem.group[within], problem.weight[within], len(problem.slack))
    lacking = weight > problem.slack * (1.0 + TOLERANCE) + TOLERANCE
    mine = np.zeros(len(left), bool)
    mine[cells] = True
    touched = np.zeros(len(problem.slack), bool)
    touched[problem.group[mine & grouped]] = True
    wanted = mine & ~grouped
    wanted[grouped] = (lacking & touched)[problem.group[grouped]]
    open_cells = np.flatnonzero(unmet & wanted)
    if not len(open_cells):
        return _Way(_who_does(book, j, rest), 0.0, proven=True)
    block = csr_array(book.by_cell[:, open_cells])
    rows = np.flatnonzero((np.diff(block.indptr) > 0) & ~rest)
    rows = rows[rows != j]
    used = np.bincount(problem.site[rest & (problem.site != FREE)], minlength=len(problem.capacity))
    offers = csr_array(block[rows])
    offers.sort_indices()
    available = np.bincount(offers.indices, minlength=len(open_cells))
    need = left[open_cells]
    short = need > available
    group = problem.group[open_cells]
    if (short & (group == FREE)).any():
        return _Way((), np.nan, proven=True)
    # What nobody else could meet has to fit into what may stay unmet.
    stays = np.bincount(group[short], problem.weight[open_cells[short]], len(problem.slack))
    slack = problem.slack - stays
    if (slack < -TOLERANCE * (1.0 + problem.slack)).any():
        return _Way((), np.nan, proven=True)
    smaller = _restrict(problem, rows, offers, open_cells, need, ~short, slack, used)
    limits = limits or Limits()
    if limits.seconds < np.inf or limits.stop is not None:  # then it may end anywhere
        return _cheapest(smaller, limits).among(rows)
    total = sha256()
    for each in fields(smaller):
        array = np.ascontiguousarray(getattr(smaller, each.name))
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(array.tobytes())
    key = (limits.steps, total.digest())
    return _WAYS.get(key, lambda: _cheapest(smaller, limits)).among(rows)


def _cheapest(problem: Problem, limits: Limits) -> _Way:
    """Find the cheapest way to meet a small problem, by the numbers of its own candidates."""
    few = cheapest_few(problem)
    if few is not None:
        return _Way(tuple(np.flatnonzero(few).tolist()), problem.price(few), proven=True)
    outcome = minimise_cost(problem, limits=limits)
    if outcome.status is Status.INFEASIBLE or not problem.is_feasible(outcome.chosen):
        return _Way((), np.nan, proven=outcome.status is Status.INFEASIBLE)
    proven = outcome.status is Status.OPTIMAL
    return _Way(tuple(np.flatnonzero(outcome.chosen).tolist()), outcome.value, proven=proven)


def _restrict(
    problem: Problem,
    rows: IntArray,
    offers: csr_array,
    open_cells: IntArray,
    need: IntArray,
    kept: BoolArray,
    slack: npt.NDArray[np.float64],
    used: IntArray,
) -> Problem:
    """Return the problem of meeting what is open with what is not taken yet."""
    part = csr_array(offers[:, np.flatnonzero(kept)])
    part.sort_indices()
    cells = open_cells[kept]
    return Problem(
        part.indptr.astype(np.int64),
        part.indices.astype(np.int32),
        problem.cost[rows],
        need[kept].astype(np.int32),
        problem.weight[cells],
        problem.site[rows],
        np.maximum(problem.capacity - used, 0).astype(np.int32),
        problem.group[cells],
        np.maximum(slack, 0.0),
    )


def _who_does(book: _Book, j: int, rest: BoolArray) -> tuple[int, ...]:
    """Return the fewest measures of the rest that meet what one meets."""
    problem = book.posed.problem
    cells = problem.met_by(j)
    block = csr_array(book.by_cell[:, cells])
    others = np.flatnonzero((np.diff(block.indptr) > 0) & rest)
    names = [str(book.posed.candidate_ids[i]) for i in others]
    meets = np.asarray(block[others].toarray(), bool)
    cover = smallest_cover(names, meets, problem.need[cells].astype(np.int64))
    return tuple(int(i) for i in book.posed.candidate_ids.get_indexer(list(cover.names)))


@dataclass(frozen=True, slots=True)
class _Way:
    """Candidates that would do instead, and what they cost; NaN if nothing would."""

    candidates: tuple[int, ...]
    cost_yuan: float
    proven: bool

    def among(self, rows: IntArray) -> _Way:
        """Return it by the numbers that its candidates have in the whole problem."""
        return replace(self, candidates=tuple(rows[list(self.candidates)].tolist()))


_WAYS: Final[Remembered[_Way]] = Remembered(KEPT_WAYS)
"""What small problems came to: planning again with a change here leaves those elsewhere as they
were."""


@dataclass(frozen=True, slots=True, eq=False)
class _Book:
    """What all rows are written from; `covered` counts those that meet each requirement."""

    posed: Posed
    chosen: BoolArray
    table: pd.DataFrame
    parts: gpd.GeoDataFrame
    covered: IntArray
    by_cell: csc_array

    def name(self, j: int) -> str:
        """Return the camera of a candidate; a new one is named by the candidate."""
        camera = self.table["camera_id"].iloc[j]
        return str(camera) if isinstance(camera, str) and camera else str(self.table.index[j])
