"""Made problems of plans, and their solution by trying everything."""

import itertools

import numpy as np
from hypothesis import strategies as st

from civicsight.planning.solver.model import FREE, Problem


def by_brute_force(problem):
    """Return the least cost of all choices, infinite if none is valid; counted one by one."""
    least = float("inf")
    rows = [
        set(problem.cells[a:b].tolist()) for a, b in itertools.pairwise(problem.indptr.tolist())
    ]
    for bits in itertools.product((False, True), repeat=problem.n_candidate):
        taken = [j for j, bit in enumerate(bits) if bit]
        cost = sum(problem.cost[j] for j in taken)
        if cost < least and is_valid(problem, rows, taken):
            least = cost
    return float(least)


def is_valid(problem, rows, taken):
    for s, most in enumerate(problem.capacity):
        if sum(problem.site[j] == s for j in taken) > most:
            return False
    lost = [0.0] * len(problem.slack)
    for r, need in enumerate(problem.need):
        if sum(r in rows[j] for j in taken) >= need:
            continue
        if problem.group[r] == FREE:
            return False
        lost[problem.group[r]] += problem.weight[r]
    return all(gone <= slack + 1e-6 for gone, slack in zip(lost, problem.slack, strict=True))


@st.composite
def problems(draw, most=8):
    """Draw a problem with every kind of rule; about half of them have a solution."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    meets = rng.random((n, m)) < draw(st.sampled_from([0.2, 0.4, 0.7]))
    n_site, n_group = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    need = rng.integers(0, draw(st.integers(1, 3)) + 1, m)
    if draw(st.booleans()):
        need = np.minimum(need, meets.sum(axis=0))
    return Problem.of(
        [np.flatnonzero(row).tolist() for row in meets],
        cost=rng.integers(0, 6, n).astype(float),
        n_requirement=m,
        need=need,
        weight=rng.integers(1, 5, m).astype(float),
        site=rng.integers(FREE, n_site, n),
        capacity=rng.integers(0, 3, n_site),
        group=rng.integers(FREE, n_group, m),
        slack=rng.integers(0, 8, n_group).astype(float),
    )
