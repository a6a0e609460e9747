"""Small random towns with places, parts and standing cameras, and the best by other means."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from civicsight.planning.solver.lawful_model import Lawful, Places
from civicsight.planning.solver.model import FREE, Problem
from tests.budget_made import every_choice, within_sites

NEAR = 1e-6


def random_town(rng: np.random.Generator, *, largest: int = 8) -> tuple[Problem, Places]:
    """Make gates of places, some cameras that stand, some of these that could be turned."""
    n_part = int(rng.integers(1, 6))
    n_place = int(rng.integers(1, n_part + 1))
    m, n = int(rng.integers(n_part, 14)), int(rng.integers(2, largest + 1))
    group = np.append(np.arange(n_part), rng.integers(0, n_part, m - n_part))
    rows = [np.flatnonzero(rng.random(m) < rng.uniform(0.1, 0.5)).tolist() for _ in range(n)]
    n_stand = int(rng.integers(0, n // 2 + 1))
    site = np.full(n, FREE)
    site[:n_stand] = np.arange(n_stand)
    turned = rng.random(n) < 0.4
    for j in np.flatnonzero(turned[n_stand:]) + n_stand:
        site[j] = rng.integers(0, n_stand) if n_stand else FREE
    weight = rng.integers(1, 9, m).astype(float)
    whole = np.bincount(group, weight, minlength=n_part)
    problem = Problem.of(
        rows,
        cost=np.where(np.arange(n) < n_stand, 50.0, rng.integers(1, 30, n) * 1000.0),
        n_requirement=m,
        need=np.where(rng.random(m) < 0.2, rng.choice([0, 2], m), 1),
        weight=weight,
        site=site,
        capacity=np.ones(n_stand, np.int32),
        group=group,
        slack=np.floor(whole * rng.choice([0.0, 0.3])),
    )
    place = np.append(np.arange(n_place), rng.integers(0, n_place, n_part - n_place))
    place = np.where(rng.random(n_part) < 0.1, FREE, place)
    of_place = rng.integers(0, 2, n_place)
    kind = np.where(place == FREE, rng.integers(0, 2, n_part), of_place[place])
    place = _dense(place)
    standing = np.arange(n) < n_stand
    as_kinds = kind.astype(np.int32)
    return problem, Places(standing, place, as_kinds, rng.choice([1.0, 2.0], 2))


def _dense(place: Any) -> Any:
    known = np.unique(place[place != FREE])
    return np.where(place == FREE, FREE, np.searchsorted(known, place)).astype(np.int32)


AIMS = ("places", "parts", "metres", "exposure", "joined", "surviving")


def reached_by_each(
    problem: Problem, places: Places, choices: np.ndarray, exposure: Any = 0.0
) -> np.ndarray:
    """Return `AIMS` and counts by class of each choice, shape ``(n_choice, 6 + 2 * n_kind)``."""
    meets = np.zeros((problem.n_candidate, problem.n_requirement))
    for j in range(problem.n_candidate):
        meets[j, problem.cells[problem.indptr[j] : problem.indptr[j + 1]]] = 1
    rows = []
    for choice in choices:
        stays = [
            j
            for j in np.flatnonzero(places.standing & ~choice)
            if not (choice & (problem.site == problem.site[j])).any()
        ]
        own = choice.astype(float) @ meets
        seen = own + meets[stays].sum(axis=0)
        met = (seen >= problem.need, own >= problem.need, seen > problem.need)
        wall = float((exposure * np.where(np.isin(np.arange(len(choice)), stays), 1, choice)).sum())
        aims, kinds = _counts(problem, places, *met)
        rows.append([*aims[:3], -wall, *aims[3:], *kinds])
    return np.array(rows)


def _counts(problem: Problem, places: Places, seen: Any, own: Any, twice: Any) -> Any:
    n_kind = len(places.weights)
    worth = problem.weight * (problem.need > 0)
    done, metres = [], [0.0, 0.0, 0.0]
    for g, slack in enumerate(problem.slack):
        mine = problem.group == g
        asked = max(worth[mine].sum() - slack, 0.0)
        done.append(worth[mine & seen].sum() >= asked - NEAR)
        metres[0] += min(worth[mine & seen].sum(), asked)
        metres[1] += min(worth[mine & own].sum(), asked)
        metres[2] += min(worth[mine & twice].sum(), asked)
    by_place, by_part = [0.0] * n_kind, [0.0] * n_kind
    for g, kind in enumerate(places.kind):
        by_part[kind] += done[g] if kind != FREE else 0
    for p in range(int(places.place.max(initial=FREE)) + 1):
        gates = np.flatnonzero(places.place == p)
        by_place[places.kind[gates[0]]] += all(done[g] for g in gates)
    first = float(np.dot(by_place, places.weights)), float(np.dot(by_part, places.weights))
    return [*first, *metres], [*by_place, *by_part]


def best_by_every_choice(
    problem: Problem, places: Places, total_yuan: float, exposure: Any = 0.0, aims: Any = AIMS[:5]
) -> Any:
    """Return aims and cost of the best choice within money; the cheapest full one if that is."""
    choices = every_choice(problem)
    table = reached_by_each(problem, places, choices, exposure)
    today = table[~choices.any(axis=1)][0]
    cost = choices @ problem.cost
    ok = within_sites(problem, choices) & (cost <= total_yuan + NEAR)
    ok &= (table[:, len(AIMS) :] >= today[len(AIMS) :]).all(axis=1)
    full = ok & (table[:, AIMS.index("joined")] >= sum(asked_of(problem)) - NEAR)
    order = [AIMS.index(aim) for aim in aims]
    for k in order:
        ok &= table[:, k] >= table[ok, k].max() - NEAR
    best = table[ok][0][order]
    return best, float(cost[ok].min()), float(cost[full].min()) if full.any() else None


def asked_of(problem: Problem) -> list[float]:
    """Return the weight that each group asks for."""
    worth = problem.weight * (problem.need > 0)
    sums = [worth[problem.group == g].sum() for g in range(len(problem.slack))]
    return [max(total - slack, 0.0) for total, slack in zip(sums, problem.slack, strict=True)]


def best_by_programme(lawful: Lawful) -> list[float]:
    """Return places, parts and metres by scipy's exact solver: requirement by requirement.

    Variables: candidates, standing cameras, requirements met, parts, their metres, places.
    """
    problem, places = lawful.problem, lawful.places
    n, m, g = problem.n_candidate, problem.n_requirement, len(problem.slack)
    stands = np.flatnonzero(places.standing)
    n_place = int(places.place.max()) + 1
    at = np.cumsum([0, n, len(stands), m, g, g, n_place])
    asked = np.array(asked_of(problem))
    worth = problem.weight * (problem.need > 0)
    rows: list[tuple[list[int], list[float], float]] = []
    covers: list[list[int]] = [[] for _ in range(m)]
    for j in range(n):
        for r in problem.cells[problem.indptr[j] : problem.indptr[j + 1]]:
            covers[r].append(j)
    copy = {int(j): at[1] + k for k, j in enumerate(stands)}
    for r in range(m):
        who = covers[r] + [int(copy[j]) for j in covers[r] if j in copy]
        rows.append(([*who, at[2] + r], [-1.0] * len(who) + [float(problem.need[r])], 0.0))
    for s in range(len(problem.capacity)):
        who = [int(j) for j in np.flatnonzero(problem.site == s)]
        who += [int(copy[j]) for j in who if j in copy]
        rows.append((who, [1.0] * len(who), float(problem.capacity[s])))
    rows.append((list(range(n)), problem.cost.tolist(), lawful.budgets.total_yuan))
    for k in range(g):
        mine = np.flatnonzero(problem.group == k)
        rows += [
            ([*(at[2] + mine), start + k], [*-worth[mine], asked[k] - NEAR], 0.0)
            for start in (at[3], at[4])
        ]
        if places.place[k] != FREE:
            rows.append(([at[3] + k, at[5] + places.place[k]], [-1.0, 1.0], 0.0))
    today = lawful.today.by_kind
    for kind in range(len(places.weights)):
        parts = [int(at[3] + k) for k in np.flatnonzero(places.kind == kind)]
        whole = sorted({int(at[5] + places.place[k - at[3]]) for k in parts})
        rows.append((parts, [-1.0] * len(parts), -float(today[1, kind])))
        rows.append((whole, [-1.0] * len(whole), -float(today[0, kind])))
    row = np.repeat(np.arange(len(rows)), [len(who) for who, _, _ in rows])
    data = np.concatenate([np.asarray(v, float) for _, v, _ in rows])
    column = np.concatenate([np.asarray(who, np.int64) for who, _, _ in rows])
    matrix = coo_array((data, (row, column)), shape=(len(rows), at[-1])).tocsr()
    high = np.array([bound for _, _, bound in rows])
    whole_numbers = np.ones(at[-1])
    whole_numbers[at[4] : at[5]] = 0.0
    whole_numbers[at[2] : at[3]] = problem.need > 1
    gains = np.zeros((3, at[-1]))
    gains[0, at[5] :], gains[1, at[3] : at[4]], gains[2, at[4] : at[5]] = 1.0, 1.0, asked
    best: list[float] = []
    limits = [LinearConstraint(matrix, -np.inf, high)]
    for gain in gains:
        found = milp(-gain, constraints=limits, integrality=whole_numbers, bounds=Bounds(0, 1),
                     options={"mip_rel_gap": 0.0})  # fmt: skip
        assert found.status == 0
        best.append(-float(found.fun))
        limits.append(LinearConstraint(gain[None], best[-1] - 1e-5, np.inf))
    return best
