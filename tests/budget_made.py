"""Small random problems with budgets, and the best answer by trying every choice."""

from __future__ import annotations

import itertools

import numpy as np

from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.model import FREE, Problem


def random_problem(rng: np.random.Generator, *, largest: int = 9) -> Problem:
    """Make a problem with needs, capacities, groups and candidates that exist (cost 0)."""
    n, m = int(rng.integers(1, largest + 1)), int(rng.integers(1, 13))
    density = rng.uniform(0.1, 0.6)
    rows = [np.flatnonzero(rng.random(m) < density).tolist() for _ in range(n)]
    n_site = int(rng.integers(0, 4))
    n_group = int(rng.integers(0, 4))
    cost = rng.integers(1, 30, n).astype(float) * 1000.0
    cost[rng.random(n) < 0.2] = 0.0
    need = np.where(rng.random(m) < 0.25, rng.integers(0, 4, m), 1)
    weight = rng.integers(1, 9, m) * rng.choice([1.0, 0.25])
    group = rng.integers(FREE, n_group, m)
    whole = np.bincount(group[group >= 0], weight[group >= 0], minlength=n_group)
    return Problem.of(
        rows,
        cost=cost,
        n_requirement=m,
        need=need,
        weight=weight,
        site=rng.integers(FREE, n_site, n),
        capacity=rng.integers(0, 3, n_site),
        group=group,
        slack=np.floor(whole * rng.choice([0.0, 0.2, 0.5])),
    )


def random_budgets(rng: np.random.Generator, problem: Problem) -> Budgets:
    """Make budgets of which some bind, some do not, and some floors cannot be reached."""
    whole = problem.cost.sum()
    count = int(rng.integers(0, 4))
    limits = rng.uniform(0, 1, count) * whole
    limits[rng.random(count) < 0.4] = np.inf
    floors = np.where(rng.random(count) < 0.5, rng.uniform(0, 0.7, count), 0.0)
    return Budgets.of(
        problem,
        np.inf if rng.random() < 0.1 else float(np.round(rng.uniform(0, 0.8) * whole)),
        limits_yuan=np.round(limits),
        floors=floors,
        of_candidate=rng.integers(FREE, count, problem.n_candidate),
        of_requirement=rng.integers(FREE, count, problem.n_requirement),
    )


def every_choice(problem: Problem) -> np.ndarray:
    """Return all choices, shape ``(2**n, n)``."""
    return np.array(list(itertools.product([False, True], repeat=problem.n_candidate)))


def met_by_each(problem: Problem, choices: np.ndarray) -> np.ndarray:
    """Tell what each choice meets, shape ``(n_choice, n_requirement)``, from the dense matrix."""
    meets = np.zeros((problem.n_candidate, problem.n_requirement), int)
    for j in range(problem.n_candidate):
        meets[j, problem.cells[problem.indptr[j] : problem.indptr[j + 1]]] = 1
    return choices.astype(int) @ meets >= problem.need


def within_sites(problem: Problem, choices: np.ndarray) -> np.ndarray:
    """Tell which choices keep the capacity of every site."""
    ok = np.ones(len(choices), bool)
    for s, capacity in enumerate(problem.capacity):
        ok &= choices[:, problem.site == s].sum(axis=1) <= capacity
    return ok


def unmet_beyond(problem: Problem, met: np.ndarray) -> np.ndarray:
    """Return the weight that stays unmet beyond what may, by choice."""
    lost = ~met * problem.weight
    beyond = lost[:, problem.group == FREE].sum(axis=1)
    for g, slack in enumerate(problem.slack):
        beyond = beyond + np.maximum(lost[:, problem.group == g].sum(axis=1) - slack, 0.0)
    return beyond


def complete_parts(problem: Problem, met: np.ndarray) -> np.ndarray:
    """Count parts whose unmet weight is within their slack; a lone requirement is a part."""
    count = (met & (problem.group == FREE)).sum(axis=1)
    for g, slack in enumerate(problem.slack):
        lost = (~met * problem.weight)[:, problem.group == g].sum(axis=1)
        count = count + (lost <= slack + 1e-6)
    return count


def best_value(problem: Problem, budgets: Budgets, *, parts: bool) -> tuple[float, float] | None:
    """Return the best that is allowed and its least cost, None if nothing is: by every choice."""
    choices = every_choice(problem)
    met = met_by_each(problem, choices)
    ok = within_sites(problem, choices) & (choices @ problem.cost <= budgets.total_yuan + 1e-6)
    for d, (limit, floor) in enumerate(zip(budgets.limits_yuan, budgets.floors, strict=True)):
        ok &= choices @ (problem.cost * (budgets.of_candidate == d)) <= limit + 1e-6
        weight = problem.weight * (budgets.of_requirement == d)
        ok &= met @ weight >= floor * weight.sum() - 1e-6
    worth = problem.weight * (problem.need > 0)  # nobody can meet the others
    value = met @ worth
    if parts:
        value = complete_parts(problem, met) + value / max(worth.sum(), 1e-300)
    if not ok.any():
        return None
    best = float(value[ok].max())
    return best, float((choices @ problem.cost)[ok & (value >= best - 1e-6)].min())
