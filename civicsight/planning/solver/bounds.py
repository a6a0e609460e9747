"""What no plan can beat: the Lagrangian bound of any duals, rounded so that it is never too high.

References
----------
Relaxing the requirements at duals ``y >= 0`` leaves a problem that falls apart by site and by
group (Beasley 1987, Caprara, Fischetti, Toth 1999)::

    L(y) = sum_r need_r y_r
         + sum over sites of their at most `capacity` most negative reduced costs
         - sum over groups of the most that their slack can save,

where the reduced cost of a candidate is its cost less the duals that it collects, and the saving
of a group is a fractional knapsack of values ``need_r y_r`` and weights (Dantzig 1957), but for
requirements that alone are heavier than the slack. Why duals
and not the word of a solver: docs/decisions/.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import MismatchError
from civicsight.coverage._kernels.apart import heeding
from civicsight.planning.solver._kernels.bounds import reduce_costs, share_costs
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Limits, Progress, Watch
from civicsight.planning.solver.programme import excusable, greatest_loss, programme_of, relaxed_of
from civicsight.planning.solver.worker import ask

SIMPLEX_ENTRIES: Final = 50_000
"""Below this the simplex method solves the relaxation as fast as an interior point does."""

SOLVER_ENTRIES: Final = 1_000_000
"""Above this a solver's factorisation takes longer than the first-order method."""

WARM_STEPS: Final = 200
"""Steps of the first-order method before a solver starts: there is a bound at once."""

LEAST_STEPS, MOST_STEPS, WORK_ENTRIES = 600, 20_000, 30_000_000_000
"""Steps of the first-order method alone: as many as read so many entries, within these."""

GUARD: Final = 1e-9
"""A bound above a whole total by no more than this share is not lifted to the next: whoever counts
again rounds otherwise and may find it below."""

ROUNDING: Final = 2.0**-50
"""Eight units of roundoff: what one term of a sum may be off by, as a share of its parts."""


def lower_bound(problem: Problem, dual: FloatArray) -> float:
    """Return the Lagrangian bound of duals, never above its true value [yuan].

    Parameters
    ----------
    problem
        What is asked for.
    dual
        Dual of each requirement, at least 0, shape ``(n_requirement,)``. Any duals give a valid
        bound, good ones a high one.

    Raises
    ------
    MismatchError
        If the shape differs, or a dual is negative or not finite.

    Examples
    --------
    >>> ring = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[2.0, 2.0, 2.0])
    >>> round(lower_bound(ring, np.ones(3)), 9)
    3.0
    """
    reduced = reduced_costs(problem, dual)
    worth = problem.need * dual
    taken = reduced[_pays(problem, reduced)]
    total = math.fsum(worth) - ROUNDING * math.fsum(worth) + math.fsum(taken)
    # The most that the slack of each group can save, rounded up [yuan].
    loose = excusable(problem)
    loose = loose[np.argsort(problem.group[loose], kind="stable")]
    ends = np.searchsorted(problem.group[loose], np.arange(len(problem.slack) + 1))
    slack = greatest_loss(problem) * (1.0 + ROUNDING)
    savings = [
        _saving(worth[loose[first:last]], problem.weight[loose[first:last]], most)
        for first, last, most in zip(ends[:-1], ends[1:], slack.tolist(), strict=True)
        if first < last  # a small problem of a large one has many groups without a requirement
    ]
    saved = math.fsum(savings)
    parts = math.fsum(worth) + math.fsum(-taken) + saved
    return max(0.0, total - saved - ROUNDING * parts)


def best_dual(
    problem: Problem,
    *,
    limits: Limits | None = None,
    watch: Watch | None = None,
    threads: int = 1,
    start: FloatArray | None = None,
) -> FloatArray:
    """Return duals with a high bound, the highest that the linear relaxation gives if time lasts.

    Below `SOLVER_ENTRIES` entries HiGHS solves the relaxation, by the simplex method where it is
    small and else by an interior point; above, and while that runs, a first-order method.

    Parameters
    ----------
    problem
        What is asked for.
    limits
        Time and stop, heard within 200 ms; the best duals by then are returned.
    watch
        Hears the bound as it rises; the value of a choice is not known here and infinite.
    threads
        Threads of the first-order method; the duals are the same for any number.
    start
        Known duals to begin with.
    """
    limits = limits or Limits()
    climb = _Climb(problem, watch, time.perf_counter(), dual=np.zeros(problem.n_requirement))
    with heeding(limits.is_stopped):
        _climb(climb, limits, threads, start)
    return climb.dual


def _climb(climb: _Climb, limits: Limits, threads: int, start: FloatArray | None) -> None:
    """Offer better and better duals until the limits end it."""
    problem = climb.problem

    def is_over() -> bool:
        return limits.is_over(time.perf_counter() - climb.began)

    climb.offer(first_dual(problem) if start is None else start)
    entries = len(problem.cells)
    if not entries or is_over():
        return
    small = entries <= SOLVER_ENTRIES
    steps = WARM_STEPS if small else max(LEAST_STEPS, min(MOST_STEPS, WORK_ENTRIES // entries))
    if entries > SIMPLEX_ENTRIES:
        for dual in first_order_duals(problem, climb.dual, steps, is_over=is_over, threads=threads):
            climb.offer(dual)
    if small and not is_over():
        climb.ask_solver(limits)


def first_order_duals(
    problem: Problem,
    start: FloatArray,
    steps: int,
    *,
    is_over: Callable[[], bool],
    threads: int = 1,
) -> Iterator[FloatArray]:
    """Yield better and better duals of the requirements [yuan]; see `first_order.Relaxed.duals`."""
    relaxed = relaxed_of(problem)
    begin = np.append(start, np.zeros(len(relaxed.low) - len(start)))
    for duals in relaxed.duals(begin, steps, is_over=is_over, threads=threads):
        yield duals[: problem.n_requirement]


def reduced_costs(problem: Problem, dual: FloatArray) -> FloatArray:
    """Return the cost of each candidate less the duals it collects, rounded down [yuan].

    Raises
    ------
    MismatchError
        As `lower_bound`.
    """
    dual = np.ascontiguousarray(dual, np.float64)
    if dual.shape != (problem.n_requirement,) or not (np.isfinite(dual) & (dual >= 0.0)).all():
        msg = f"duals have to be {problem.n_requirement} finite numbers of at least 0"
        raise MismatchError(msg)
    out = np.empty(problem.n_candidate)
    reduce_costs(problem.indptr, problem.cells, problem.cost, dual, out)
    return out


def forced_costs(problem: Problem, reduced: FloatArray) -> FloatArray:
    """Return by how much the bound rises at least where each candidate is taken for certain.

    A candidate whose rise lifts the bound above the cost of a known choice is in no better one. On
    a site that is full it drives out the least of those that paid.
    """
    rise = np.maximum(reduced, 0.0)
    pays = _pays(problem, reduced)
    sited = problem.site != FREE
    count = np.bincount(problem.site[pays & sited], minlength=len(problem.capacity))
    least = np.full(len(problem.capacity), -np.inf)
    np.maximum.at(least, problem.site[pays & sited], reduced[pays & sited])
    out = sited & ~pays
    full = np.zeros(problem.n_candidate, np.bool_)
    full[out] = (count == problem.capacity)[problem.site[out]]
    rise[full] = np.where(
        problem.capacity[problem.site[full]] > 0, reduced[full] - least[problem.site[full]], np.inf
    )
    return rise


def cost_step(problem: Problem) -> float:
    """Return the number that every cost is a whole multiple of [yuan]; 0 if there is none."""
    cost = problem.cost
    if not len(cost) or not (cost == np.rint(cost)).all() or cost.max() >= 2.0**53:
        return 0.0
    return float(np.gcd.reduce(cost.astype(np.int64)))


def round_up(problem: Problem, bound: float) -> float:
    """Lift a bound to the next total that whole costs can add up to.

    `bound` has to be true as it stands, such as that of `lower_bound`.

    Examples
    --------
    >>> ring = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[2.0, 2.0, 2.0])
    >>> round_up(ring, 2.999999)
    4.0
    """
    step = cost_step(problem)
    return math.ceil(bound / step * (1.0 - GUARD)) * step if step else bound


def first_dual(problem: Problem) -> FloatArray:
    """Return duals that every candidate can pay: its cost shared evenly by what it meets."""
    dual = np.full(problem.n_requirement, np.inf)
    share_costs(problem.indptr, problem.cells, problem.cost, dual)
    return np.where(np.isfinite(dual), dual, 0.0)


def _pays(problem: Problem, reduced: FloatArray) -> BoolArray:
    """Tell which candidates the relaxed problem takes: of each site the most negative ones."""
    pays: BoolArray = reduced < 0.0
    rows = np.flatnonzero(pays & (problem.site != FREE))
    rows = rows[np.lexsort((reduced[rows], problem.site[rows]))]
    site = problem.site[rows]
    rank = np.arange(len(rows)) - np.searchsorted(site, site)
    pays[rows[rank >= problem.capacity[site]]] = False
    return pays


def _saving(value: FloatArray, weight: FloatArray, slack: float) -> float:
    """Return the most value that fits into a slack, rounded up.

    By duality it is at most ``rate * slack`` and what each value is above the rate of its weight,
    whatever the rate: a wrong order of near equals does no harm.
    """
    order = np.argsort(-value / weight, kind="stable")
    at = int(np.searchsorted(np.cumsum(weight[order]), slack))
    if at >= len(order):
        return math.fsum(value) * (1.0 + ROUNDING)
    rate = float(value[order[at]] / weight[order[at]])
    above = value - rate * weight
    off = math.fsum(value) + math.fsum((rate * weight)[above > 0.0]) + rate * slack
    return math.fsum(np.maximum(above, 0.0)) + rate * slack + ROUNDING * off


@dataclass(slots=True, eq=False)
class _Climb:
    """The best duals so far, and whom to tell."""

    problem: Problem
    watch: Watch | None
    began: float
    dual: FloatArray
    bound: float = -math.inf
    steps: int = 0

    def offer(self, dual: FloatArray) -> None:
        """Keep duals whose bound is higher, and tell."""
        self.steps += 1
        bound = lower_bound(self.problem, dual)
        if bound > self.bound:
            self.bound, self.dual = bound, dual
        if self.watch is not None:
            seconds = time.perf_counter() - self.began
            self.watch(Progress(seconds, self.steps, math.inf, self.bound, "bound"))

    def ask_solver(self, limits: Limits) -> None:
        """Solve the linear relaxation; duals that a solver calls wrong are as valid as any."""
        method = "simplex" if len(self.problem.cells) <= SIMPLEX_ENTRIES else "ipm"
        left = max(0.0, limits.seconds - (time.perf_counter() - self.began))
        programme = programme_of(self.problem, whole=False, method=method, seconds=left)
        answer = ask(programme, lambda _kind, _value: None, limits, self.began)
        if answer is None or answer["dual"] is None:
            return
        dual = np.maximum(answer["dual"][: self.problem.n_requirement], 0.0)
        if np.isfinite(dual).all():
            self.offer(dual)
