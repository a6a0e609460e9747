"""What budgets buy, and what the reuse of existing cameras saves (goals G7 and G8).

G7: coverage at 20, 50 and 80 % of the cost of covering everything lies within 3 % of what the
relaxed programme proves, and is never below greedy. G8: with existing cameras for nothing a plan
never costs more than without; asking for two cameras on a fifth of the cells is solved as well.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np

from benchmarks.instances import SMALL, City, make_city
from civicsight.planning.budget import recompute_bound, widest
from civicsight.planning.budget_model import Budgets
from civicsight.planning.model import Problem
from civicsight.planning.optimise import cheapest
from civicsight.planning.outcome import Limits

SHARES = (0.2, 0.5, 0.8)
ZONES = City(side_m=720.0, cell_m=2.0, spacing_m=25.0, zoned=0.1)
N_EXISTING = 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each cover of everything")
    options = parser.parse_args()
    limits = Limits(seconds=options.seconds)
    for name, city in (("small city", SMALL), ("zones of a city", ZONES)):
        problem = make_city(city)
        print(
            f"{name}: {problem.n_requirement:,} cells, {problem.n_candidate:,} candidates, "
            f"{len(problem.cells):,} entries"
        )
        measure_budgets(problem, limits)
    measure_reuse(make_city(ZONES), limits)


def measure_budgets(problem: Problem, limits: Limits) -> None:
    """Print coverage, bound and gap at each share of the cost of covering everything."""
    full = cheapest(problem, limits=limits).value
    whole = problem.weight.sum()
    print(f"  everything costs {full:,.0f}")
    for share in SHARES:
        budgets = Budgets.of(problem, np.floor(share * full))
        greedy = widest(problem, budgets, limits=Limits(steps=0, seconds=0.0)).value
        begun = time.perf_counter()
        found = widest(problem, budgets)
        took = time.perf_counter() - begun
        proven = min(recompute_bound(problem, budgets, found.dual), whole)
        gap, before = proven / found.value - 1.0, proven / greedy - 1.0
        verdict = "reached" if gap <= 0.03 and found.value >= greedy else "missed"
        print(
            f"  {share:4.0%} of it: {found.value / whole:7.2%}, at most {proven / whole:7.2%}, "
            f"gap {gap:6.2%} (greedy {before:6.2%}), {took:5.1f} s, G7 {verdict}"
        )


def measure_reuse(problem: Problem, limits: Limits, seed: int = 0) -> None:
    """Print what a plan costs with existing cameras for nothing, and with a need of two."""
    rng = np.random.default_rng(seed)
    existing = rng.choice(problem.n_candidate, min(N_EXISTING, problem.n_candidate), replace=False)
    cost = problem.cost.copy()
    cost[existing] = 0.0
    without = cheapest(problem, limits=limits)
    reused = replace(problem, cost=cost)
    known = without.chosen.copy()
    with_reuse = cheapest(reused, limits=limits, start=known)
    verdict = "reached" if with_reuse.value <= without.value else "missed"
    print(
        f"reuse of {len(existing)} cameras: {with_reuse.value:,.0f} (gap {with_reuse.gap:.2%}) "
        f"against {without.value:,.0f} (gap {without.gap:.2%}), G8 {verdict}"
    )
    degree = np.bincount(problem.cells, minlength=problem.n_requirement)
    twice = (rng.random(problem.n_requirement) < 0.2) & (degree >= 2) & (problem.need == 1)
    begun = time.perf_counter()
    two = cheapest(replace(problem, need=(problem.need + twice).astype(np.int32)), limits=limits)
    took = time.perf_counter() - begun
    print(
        f"two cameras on {twice.mean():.0%} of the cells: {two.value:,.0f} (gap {two.gap:.2%}), "
        f"{took:.1f} s, {two.status}"
    )


if __name__ == "__main__":
    main()
