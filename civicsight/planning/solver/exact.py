"""The best choice for certain, by branch and cut, as far as limits allow.

References
----------
HiGHS (Huangfu and Hall 2018) with a warm start; candidates whose reduced cost alone lifts the bound
above a known choice are left out (reduced-cost fixing, Nemhauser and Wolsey 1988). A solver's word
is not taken for a choice: each is counted again before it is believed.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any, Final

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver.bounds import (
    cost_step,
    forced_costs,
    lower_bound,
    reduced_costs,
    round_up,
)
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.solver.programme import programme_of
from civicsight.planning.solver.worker import ask

NEAR: Final = 1e-6
"""Share by which a solver's bound may be off from rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """What an exact solver found.

    Parameters
    ----------
    chosen
        bool, shape ``(n_candidate,)``: counted again and feasible; None if nothing is known.
    value
        Its cost [yuan]; infinite for none.
    bound
        What no choice can beat: the greater of the given bound and the solver's word.
    optimal
        Whether value and bound meet.
    infeasible
        Whether no choice exists, by the solver's word.
    solver
        Name and version, empty if it did not run.
    """

    chosen: BoolArray | None
    value: float
    bound: float
    optimal: bool
    infeasible: bool
    solver: str


def solve_exact(
    problem: Problem,
    *,
    start: BoolArray | None = None,
    dual: FloatArray | None = None,
    limits: Limits | None = None,
    node_limit: int | None = None,
) -> Exact:
    """Find the cheapest choice, or the best one and a bound by the end of the limits.

    Parameters
    ----------
    problem
        What is asked for.
    start
        A known choice; one that is not feasible is ignored.
    dual
        Duals, for a bound that hangs on no solver and to leave out candidates.
    limits
        Time and stop, heard within 200 ms; steps are those of local search and not of this.
    node_limit
        Nodes of the search tree: an end that repeats itself on any machine.
    """
    began = time.perf_counter()
    limits = limits or Limits()
    best = _Best(problem)
    if start is not None:
        best.offer(start)
    best.trust(0.0 if dual is None else round_up(problem, lower_bound(problem, dual)))
    if not best.is_closed():
        _search(problem, best, dual, limits, node_limit, began)
    return best.result()


def _search(
    problem: Problem,
    best: _Best,
    dual: FloatArray | None,
    limits: Limits,
    node_limit: int | None,
    began: float,
) -> None:
    """Run the solver, keeping what it says as far as it can be believed.

    From a start HiGHS 1.16 now and then gives the value of the optimum with the columns of the
    start. Where the columns cost more than the value it is asked once more, without.
    """
    step = cost_step(problem)
    banned = _needless(problem, best, dual, step)
    for start in (best.chosen, None):
        programme = programme_of(
            problem,
            whole=True,
            start=start,
            banned=banned,
            gap=step * 0.999 if step else 1e-9,
            node_limit=node_limit,
        )
        answer = ask(programme, best.hear, limits, began)
        if answer is None or best.settles(answer) or start is None:
            return


def _needless(
    problem: Problem, best: _Best, dual: FloatArray | None, step: float
) -> BoolArray | None:
    """Tell which candidates are in no choice cheaper than the known one by a step of the costs.

    Those of the known one stay, so that it remains a choice. Without a step one as cheap stays too.
    """
    if dual is None or best.chosen is None:
        return None
    bound = lower_bound(problem, dual)
    rise = forced_costs(problem, reduced_costs(problem, dual))
    needless: BoolArray = bound + rise > (best.value - step) * (1.0 + NEAR) + NEAR
    return needless & ~best.chosen


@dataclass(slots=True, eq=False)
class _Best:
    """The best choice that was counted again, and the bounds that were heard."""

    problem: Problem
    chosen: BoolArray | None = None
    value: float = math.inf
    bound: float = 0.0
    doubted: bool = False
    infeasible: bool = False
    solver: str = ""

    def offer(self, chosen: BoolArray) -> bool:
        """Keep a choice if it is feasible and cheaper; return whether it is feasible."""
        if not self.problem.is_feasible(chosen):
            return False
        value = self.problem.price(chosen)
        if value < self.value:
            self.chosen, self.value = chosen.copy(), value
        return True

    def trust(self, bound: float) -> None:
        """Raise the bound, as high as the known choice at most."""
        self.bound = max(self.bound, min(bound, self.value))

    def hear(self, kind: str, value: Any) -> None:
        """Hear the solver; one that called a wrong choice feasible is not believed any more."""
        if kind == "solution":
            chosen = value[: self.problem.n_candidate] > 0.5
            self.doubted |= not self.offer(chosen)
        elif not self.doubted and math.isfinite(value):
            self.trust(self._lift(value))

    def settles(self, answer: dict[str, Any]) -> bool:
        """Take an answer; return whether its choice is what its value says."""
        self.solver = answer["version"]
        if answer["status"] == "Infeasible":
            self.infeasible = self.chosen is None
            return True
        if answer["values"] is not None:
            self.hear("solution", answer["values"])
        self.hear("bound", answer["bound"])
        if answer["status"] != "Optimal" or self.doubted:
            return True
        # Costs that are not whole: value and word are the same but for the solver's rounding.
        if self.value - answer["bound"] <= NEAR * max(1.0, self.value):
            self.trust(self.value)
        return self.is_closed()

    def is_closed(self) -> bool:
        """Tell whether nothing cheaper can exist."""
        return self.chosen is not None and self.value <= self.bound * (1.0 + 1e-9) + 1e-9

    def _lift(self, bound: float) -> float:
        return max(0.0, round_up(self.problem, bound - NEAR * max(1.0, abs(bound))))

    def result(self) -> Exact:
        """Return what is known."""
        return Exact(
            self.chosen, self.value, self.bound, self.is_closed(), self.infeasible, self.solver
        )
