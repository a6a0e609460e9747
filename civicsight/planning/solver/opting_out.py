"""What a budget can reach at most, by what it would cost to leave a place, a part or a metre out.

Whoever may leave out each place for a fee solves a cover problem, whose duals the first-order
method of `bounds` finds in seconds, however large it is. At the right fee, what a place more costs
at the margin of the budget, they bound what the budget reaches; they are laid out as duals of the
rows of its programme, so that a bound is counted and verified as any other.

References
----------
Partial covering by the Lagrangian of its fee (Könemann, Parekh, Segev 2011; Geoffrion 1974).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from civicsight.core.arrays import BoolArray, FloatArray, IndexArray
from civicsight.planning.solver.bounds import (
    first_dual,
    first_order_duals,
    lower_bound,
    reduced_costs,
)
from civicsight.planning.solver.lawful_model import Lawful, Programme
from civicsight.planning.solver.linear import Linear, upper_bound
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.solver.standing import beside_standing

STEPS: Final = 300
"""First-order steps at one fee: more raise the bound by less than a tenth of a percent."""

ROUNDS: Final = 6
"""Fees that are tried at most."""

FARTHEST: Final = 1.0
"""How far from a fee the same duals are held against others, as the logarithm of their ratio."""

NEAR: Final = 0.02
"""Fees so near, as above, are one."""


def indispensable(lawful: Lawful) -> BoolArray:
    """Tell which requirements no complete group lacks: without one the rest of it is too light."""
    problem = lawful.problem
    whole = np.bincount(problem.group, problem.worth, minlength=len(problem.slack))
    least = lawful.least * (1.0 - TOLERANCE) - TOLERANCE
    lacking: BoolArray = (whole[problem.group] - problem.worth) < least[problem.group]
    return lacking & (problem.need > 0)


def bound_of(lawful: Lawful, programme: Programme, linear: Linear, duals: FloatArray) -> float:
    """Return what no choice can beat, from any duals of the rows of a programme.

    At most `linear.upper_bound`: a complete group has all that is indispensable to it, so what that
    falls short of its duals is taken from what the group leaves.
    """
    free = programme.variables.split(linear.gain - linear.matrix.T @ np.maximum(duals, 0.0))
    problem = lawful.problem
    short = np.maximum(-programme.merged.share(free["seen"], problem.weight), 0.0)
    short *= indispensable(lawful)
    owed = np.bincount(problem.group, short, minlength=len(problem.slack))
    saved = float(np.minimum(np.maximum(free["whole"], 0.0), owed).sum())
    return upper_bound(linear, duals) - saved * (1.0 - TOLERANCE)


class _Asked(NamedTuple):
    """How an aim counts: `family` of rows it rests on, `block` of rows of groups that adds it up.

    `target` is the weight that a group needs, `gain` what it brings then; `unit` is what may be
    left out, of each requirement (FREE: not asked), and `worth` what each unit brings.
    """

    family: int
    block: int
    target: FloatArray
    gain: FloatArray
    unit: IndexArray
    worth: FloatArray
    place: IndexArray | None = None


def _asked(lawful: Lawful, aim: str) -> _Asked | None:
    """Return how an aim counts, None for one that is no cover."""
    problem, places = lawful.problem, lawful.places
    if aim in ("metres", "joined"):
        each = np.where(problem.worth > 0.0, np.arange(problem.n_requirement), FREE)
        family = int(aim == "joined")
        return _Asked(family, 1 + family, lawful.asked, lawful.asked, each, problem.worth)
    of_kind = np.append(places.weights, 0.0)
    if aim == "parts":
        parts = np.where(places.kind == FREE, FREE, np.arange(len(places.kind)))
        worth = of_kind[places.kind]
        return _Asked(0, 0, lawful.least, worth, parts[problem.group], worth)
    if aim == "places":
        unit, worth = places.place[problem.group], of_kind[places.kinds]
        return _Asked(0, 0, lawful.least, worth, unit, worth, places.place)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Prices:
    """Duals of a cover problem as duals of the rows of a programme, at any fee."""

    lawful: Lawful
    programme: Programme
    linear: Linear
    asked: _Asked
    problem: Problem

    def at(self, dual: FloatArray, fee: float) -> FloatArray:
        """Return duals of the rows: a yuan is worth one unit in `fee`."""
        lawful, asked, merged = self.lawful, self.asked, self.programme.merged
        rows, groups, budgets = len(merged.first), len(lawful.asked), lawful.budgets
        seen = merged.total(dual) / fee
        duals = np.zeros(len(self.linear.high))
        duals[asked.family * rows : (asked.family + 1) * rows] = seen
        first = self.programme.families * rows
        sites = lawful.problem.capacity
        duals[first : first + len(sites)] = self._sites(dual) / fee
        first += len(sites)
        duals[first] = 1.0 / fee  # the row of all money
        first += int(np.isfinite([budgets.total_yuan, *budgets.limits_yuan]).sum())
        first += int((budgets.floors > 0).sum())
        shares, paid = self._shares(seen)
        at = first + asked.block * groups
        duals[at : at + groups] = shares
        if asked.place is not None:
            inside = np.flatnonzero(asked.place != FREE)
            first += 3 * groups
            duals[first : first + len(inside)] = paid[inside]
        return duals

    def best_fee(self, dual: FloatArray, fee: float) -> float:
        """Return the fee of the least bound, as a share of the one that the duals were found at.

        A bound is convex in what a yuan is worth, so it falls and rises once.
        """

        def bound(away: float) -> float:
            duals = self.at(dual, fee * math.exp(away))
            return bound_of(self.lawful, self.programme, self.linear, duals)

        near = minimize_scalar(
            bound, bounds=(-FARTHEST, FARTHEST), method="bounded", options={"xatol": NEAR / 4}
        )
        return math.exp(float(near.x)) if near.fun < bound(0.0) else 1.0

    def _sites(self, dual: FloatArray) -> FloatArray:
        """Return the price of each site [yuan]: what the first candidate that has to go collects.

        It is what that collects above its cost; those before it keep what they collect beyond.
        """
        sites, price = self.problem.site, np.zeros(len(self.problem.capacity))
        sited = np.flatnonzero(sites != FREE)
        above = -reduced_costs(self.problem, dual)[sited]
        order = np.lexsort((-above, sites[sited]))
        site, above = sites[sited][order], above[order]
        first = np.searchsorted(site, np.arange(len(price))) + self.problem.capacity
        gone = np.flatnonzero(first < np.searchsorted(site, np.arange(len(price)), side="right"))
        price[gone] = np.maximum(above[first[gone]], 0.0)
        return price

    def _shares(self, seen: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the dual of each group, what a unit of its weight is worth, and what it all pays.

        What cannot be missed pays all that it collects. The rest pays for the weight that it still
        needs at the rate of a quantile of its rows; a unit is worth no more than it brings.
        """
        problem, asked, merged = self.lawful.problem, self.asked, self.programme.merged
        count, worth = len(asked.target), problem.worth
        paid = problem.need * merged.share(seen, problem.weight)
        bound = indispensable(self.lawful) if asked.block == 0 else np.zeros(len(worth), np.bool_)
        sure = np.bincount(problem.group, paid * bound, minlength=count)
        target = asked.target - np.bincount(problem.group, worth * bound, minlength=count)
        rows = np.flatnonzero((worth > 0.0) & ~bound)
        rate, group = paid[rows] / worth[rows], problem.group[rows]
        order = np.lexsort((rate, group))
        rate, group, met = rate[order], group[order], np.cumsum(worth[rows[order]])
        before = np.append(0.0, met)[np.searchsorted(group, np.arange(count))]
        enough = met - before[group] >= target[group]
        share = np.full(count, np.inf)
        np.minimum.at(share, group[enough], rate[enough])
        share = np.where(np.isfinite(share) & (target > 0.0), share, 0.0)
        unit = np.arange(count) if asked.place is None else asked.place
        inside = unit != FREE
        fixed, scaled = (
            np.bincount(unit[inside], each[inside], minlength=len(asked.gain))
            for each in (sure, target * share)
        )
        kept = np.clip((asked.gain - fixed) / np.maximum(scaled, 1e-300), 0.0, 1.0)
        share = share * np.append(kept, 0.0)[unit]
        return share, sure + np.maximum(target, 0.0) * share


def opting_duals(
    lawful: Lawful,
    programme: Programme,
    linear: Linear,
    at: int,
    *,
    reached: float,
    limits: Limits,
    known: dict[str, FloatArray] | None = None,
) -> list[FloatArray]:
    """Return duals that bound an aim within all the money there is, none for one that is no cover.

    Parameters
    ----------
    lawful, programme
        What is asked for, with a limit of all money, and its model.
    linear, at
        The model of one aim, and which it is.
    reached
        What a known choice reaches of the aim: the first fee follows from it.
    limits
        When to end; what was found by then is returned.
    known
        Duals of the cover problem by aim, as they were found for other money: taken to begin from,
        and left for the next.
    """
    known, aim = {} if known is None else known, lawful.aims[at]
    asked = _asked(lawful, aim)
    if asked is None:
        return []
    began = time.perf_counter()
    own = lawful.problem if asked.family else beside_standing(lawful, may_turn=True)[0]
    problem = replace(own, need=np.where(asked.unit == FREE, 0, own.need).astype(own.need.dtype))
    prices = _Prices(lawful, programme, linear, asked, problem)
    fee = 2.0 * max(lawful.budgets.total_yuan, 1.0) / max(reached, 1.0)
    dual, found = known.get(aim, first_dual(problem)), []
    for step in range(ROUNDS):
        if step or aim not in known:
            charged = _with_fees(problem, asked, fee)
            dual = _climb(charged, dual, lambda: limits.is_over(time.perf_counter() - began))
        away = prices.best_fee(dual, fee)
        fee *= away
        found.append(prices.at(dual, fee))
        is_near = abs(math.log(away)) < NEAR and step > 0
        if is_near or limits.is_over(time.perf_counter() - began):
            break
    known[aim] = dual
    return found


def _climb(problem: Problem, dual: FloatArray, is_over: Callable[[], bool]) -> FloatArray:
    """Return better duals of a cover problem."""
    bound = lower_bound(problem, dual)
    for found in first_order_duals(problem, dual, STEPS, is_over=is_over):
        value = lower_bound(problem, found)
        if value > bound:
            dual, bound = found, value
    return dual


def _with_fees(problem: Problem, asked: _Asked, fee: float) -> Problem:
    """Return the problem with a candidate for each unit that meets all of it for a fee.

    Where requirements ask for several cameras, so many candidates share the fee.
    """
    most = max(1, int(problem.need.max(initial=1)))
    count = len(asked.worth)
    indptr, cells, cost = [problem.indptr], [problem.cells], [problem.cost]
    for spare in range(most):
        rows = np.flatnonzero((asked.unit != FREE) & (problem.need > spare))
        rows = rows[np.lexsort((rows, asked.unit[rows]))]
        ends = np.searchsorted(asked.unit[rows], np.arange(1, count + 1))
        indptr.append(indptr[-1][-1] + ends)
        cells.append(rows.astype(problem.cells.dtype))
        cost.append(fee * asked.worth / most)
    free = np.full(most * count, FREE)
    return replace(
        problem,
        indptr=np.concatenate(indptr),
        cells=np.concatenate(cells),
        cost=np.concatenate(cost),
        site=np.append(problem.site, free).astype(problem.site.dtype),
    )
