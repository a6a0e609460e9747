"""Small random problems of every variant, and their optimum by trying every choice."""

from __future__ import annotations

import numpy as np

from civicsight.planning.solver.model import FREE, Problem

TOLERANCE = 1e-9

HEARD_S = 0.4
"""A stop is heard within 0.2 s; a machine that runs other tests beside may need twice that."""


def random_problem(rng, most_candidates=9, most_requirements=9) -> Problem:
    """Draw candidates, costs, needs, sites with capacities, groups with slack."""
    n = int(rng.integers(1, most_candidates + 1))
    m = int(rng.integers(1, most_requirements + 1))
    meets = rng.random((n, m)) < rng.choice([0.2, 0.4, 0.7])
    meets[rng.integers(0, n, m), np.arange(m)] = True
    whole = rng.random() < 0.6
    cost = rng.integers(0, 12, n).astype(float) if whole else rng.uniform(0.0, 9.0, n)
    if rng.random() < 0.2:
        cost *= 500.0
    degree = meets.sum(axis=0)
    need = np.minimum(rng.choice([0, 1, 1, 1, 2, 3], m), degree)
    site, capacity = np.full(n, FREE), np.zeros(0, int)
    if rng.random() < 0.5:
        capacity = rng.integers(0, 3, int(rng.integers(1, 4)))
        site = rng.integers(FREE, len(capacity), n)
    group, slack = np.full(m, FREE), np.zeros(0)
    weight = rng.choice([0.1, 0.5, 1.0, 3.0], m) if rng.random() < 0.5 else rng.uniform(0.1, 2, m)
    if rng.random() < 0.5:
        count = int(rng.integers(1, 4))
        group = rng.integers(FREE, count, m)
        share = rng.choice([0.0, 0.05, 0.3, 0.6, 1.0], count)
        slack = share * np.bincount(group[group >= 0], weight[group >= 0], minlength=count)
    rows = [np.flatnonzero(row).tolist() for row in meets]
    return Problem.of(
        rows,
        cost=cost,
        n_requirement=m,
        need=need,
        weight=weight,
        site=site,
        capacity=capacity,
        group=group,
        slack=slack,
    )


def every_choice(n: int) -> np.ndarray:
    """Return all choices of `n` candidates, shape ``(2 ** n, n)``."""
    return (np.arange(1 << n)[:, None] >> np.arange(n) & 1).astype(bool)


def feasible_choices(problem: Problem) -> np.ndarray:
    """Return the feasible choices; plain matrix arithmetic, nothing of the product."""
    choices = every_choice(problem.n_candidate)
    meets = np.zeros((problem.n_candidate, problem.n_requirement))
    for j in range(problem.n_candidate):
        meets[j, problem.cells[problem.indptr[j] : problem.indptr[j + 1]]] = 1
    unmet = choices @ meets < problem.need
    good = ~unmet[:, problem.group == FREE].any(axis=1)
    for s, capacity in enumerate(problem.capacity):
        good &= choices[:, problem.site == s].sum(axis=1) <= capacity
    for g, slack in enumerate(problem.slack):
        lost = unmet[:, problem.group == g] @ problem.weight[problem.group == g]
        good &= lost <= slack * (1 + TOLERANCE) + TOLERANCE
    return choices[good]


def optimum(problem: Problem) -> float:
    """Return the least cost, infinite if nothing is feasible."""
    choices = feasible_choices(problem)
    return float((choices @ problem.cost).min(initial=np.inf))
