"""Measures that whoever asks for a plan wants in it, whatever they cost.

What is held is taken first and the rest is chosen beside it. The proof stays that of the problem as
it is, of which nobody held anything: its bound says how far the plan is from the best there is, and
so also what holding costs at most.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.core.errors import N_, MismatchError
from civicsight.planning.choice.order_of_aims import Aim, Stage
from civicsight.planning.choice.price_of_share import CHOSEN, opened_sites
from civicsight.planning.solver.bounds import lower_bound, round_up
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.outcome import Outcome, Status, Watch


def find_held(problem: Problem, ids: pd.Index, names: Collection[str]) -> BoolArray:
    """Tell which candidates are held.

    Raises
    ------
    MismatchError
        If a name is that of no candidate, or a site cannot carry what is held together.
    """
    for name in sorted(set(names) - set(ids)):
        text = N_(
            "%(name)s is held and is not among the candidates: let it go, or ask for all "
            "else as the plan did that has it",
            name=name,
        )
        raise MismatchError(text)
    held: BoolArray = np.asarray(ids.isin(list(names)), np.bool_)
    kept = problem.uncrowded(held)
    if not kept.all(where=held):
        lost = ", ".join(map(str, ids[held & ~kept]))
        text = N_("no site carries all of these, which are held: %(names)s", names=lost)
        raise MismatchError(text)
    return held


def beside(problem: Problem, held: BoolArray) -> Problem:
    """Return the problem that is left once these candidates are taken: they meet nothing more."""
    if not held.any():
        return problem
    lengths = np.where(held, 0, np.diff(problem.indptr))
    of_held = np.repeat(held, np.diff(problem.indptr))
    taken = np.bincount(problem.site[held] + 1, minlength=len(problem.capacity) + 1)[1:]
    return replace(
        problem,
        indptr=np.append(0, np.cumsum(lengths)).astype(np.int64),
        cells=problem.cells[~of_held],
        need=np.maximum(problem.need - problem.covered(held), 0).astype(np.int32),
        capacity=(problem.capacity - taken).astype(np.int32),
    )


def with_held(problem: Problem, held: BoolArray, outcome: Outcome) -> Outcome:
    """Return a choice for the rest with what is held, proven against all choices there are."""
    if outcome.status not in CHOSEN or not held.any():
        return outcome
    chosen = outcome.chosen | held
    value, paid = problem.price(chosen), problem.price(held)
    bound = min(round_up(problem, lower_bound(problem, outcome.dual)), value)
    is_best = value <= bound * (1.0 + TOLERANCE) + TOLERANCE
    status = Status.FEASIBLE if outcome.status is Status.OPTIMAL else outcome.status
    return replace(
        outcome,
        chosen=chosen,
        value=value,
        bound=bound,
        solver_bound=bound,
        status=Status.OPTIMAL if is_best else status,
        history=tuple(
            replace(each, value=each.value + paid, bound=each.bound + paid)
            for each in outcome.history
        ),
    )


def watching(watch: Watch | None, paid: float) -> Watch | None:
    """Return who hears of the rest as of the whole: what is held is paid in any case."""
    if watch is None or not paid:
        return watch
    return lambda found: watch(replace(found, value=found.value + paid, bound=found.bound + paid))


def staged_with(
    stages: tuple[Stage, ...],
    opens: IndexArray,
    exposure_m2: FloatArray,
    problem: Problem,
    held: BoolArray,
) -> tuple[Stage, ...]:
    """Return stages of the rest with what is held in each."""
    more = {
        Aim.NEW_SITES: float(opened_sites(opens, held)),
        Aim.COST: problem.price(held),
        Aim.EXPOSURE: float(exposure_m2[held].sum()),
    }
    return tuple(
        replace(
            each,
            value=each.value + more.get(each.aim, 0.0),
            bound=each.bound + more.get(each.aim, 0.0),
        )
        for each in stages
    )


def without_opened(opens: IndexArray, held: BoolArray) -> IndexArray:
    """Return the new sites that are still to be opened: those of what is held are open."""
    return np.where(np.isin(opens, opens[held]), FREE, opens).astype(np.int32)
