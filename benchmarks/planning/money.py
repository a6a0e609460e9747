"""What budgets buy (G7): the greatest weight within a budget, beside what is proven and greedy."""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from benchmarks.planning import instances
from benchmarks.planning.covers import size_of
from benchmarks.planning.goals import Found
from benchmarks.planning.race import OURS, RIVALS, SOLVERS, Job, gap_of, race
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_coverage import maximise_coverage
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits

SHARES = (0.2, 0.5, 0.8)
"""Of the cost of covering everything."""


def budgets(options: argparse.Namespace) -> Found:
    """G7: with costs, and with one cost for all as spopt's maximal covering has it."""
    found, gaps, over = Found(), {}, []
    problem = instances.make_city(instances.TINY if options.quick else instances.SMALL)
    kinds = {"costs": problem, "sites": replace(problem, cost=np.ones(problem.n_candidate))}
    seconds = 10.0 if options.quick else 20.0
    for kind, one in kinds.items():
        full = minimise_cost(one, limits=Limits(seconds=seconds)).value
        for share in SHARES:
            budget = float(np.floor(share * full))
            name = f"G7 {share:.0%} of the {kind}, {size_of(one)}"
            job = Job(name, one, seconds, options.threads, budget=budget, cpu=options.cpu)
            rivals = RIVALS if kind == "sites" else SOLVERS
            answers, rows, said = race(job, options.peers_python, rivals)
            found.rows += rows
            found.said += said
            over.append(answers[OURS].value / greedy_value(one, budget))
            for solver, answer in answers.items():
                bound = answer.proven if solver == OURS else answer.bound
                gaps.setdefault(solver, []).append(gap_of(answer.value, bound))
    for solver, some in gaps.items():
        found.note("mclp gap", max(some), solver)
    found.note("mclp greedy", min(over))
    return found


def greedy_value(problem: Problem, budget: float) -> float:
    """Return what the modified greedy alone reaches."""
    limits = Limits(steps=0, seconds=0.0)
    return maximise_coverage(problem, Budgets.of(problem, budget), limits=limits).value
