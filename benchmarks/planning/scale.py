"""How large, and how obedient: eighty million entries (G5), stops, progress, threads (G10)."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.memory import peak_mib
from benchmarks.planning import instances
from benchmarks.planning.goals import Found
from benchmarks.planning.ours import warm_up
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.covering import greedy, prune
from civicsight.planning.solver.outcome import Limits, Outcome, Progress
from civicsight.planning.solver.presolve import presolve

SEARCH_S, BOUND_S = 180.0, 45.0
STOPS_S = (0.2, 1.0, 3.0, 8.0, 15.0)


def huge(options: argparse.Namespace) -> Found:
    """G5: first plan, reduction, three minutes of search, a bound, memory."""
    found = Found()
    warm_up()
    problem = instances.make_city(instances.MIDDLE if options.quick else instances.HUGE)
    found.said.append(
        f"G5: {problem.n_requirement:,} x {problem.n_candidate:,}, {len(problem.cells):,} entries; "
        "others are not asked: the matrix alone takes them a gibibyte, and minutes to factorise"
    )
    first = _timed(found, "first s", lambda: prune(problem, greedy(problem)))
    pruned = problem.price(first)
    _timed(found, "presolve s", lambda: presolve(problem))
    search, bound = (20.0, 10.0) if options.quick else (SEARCH_S, BOUND_S)
    heard: list[Progress] = []
    outcome: Outcome = _timed(
        found, "whole s",
        lambda: minimise_cost(
            problem, limits=Limits(seconds=search + bound, steps=2**40), threads=options.threads,
            exact=False, watch=heard.append,
        ),
    )  # fmt: skip
    searched = [p for p in heard if p.seconds <= search and np.isfinite(p.value)]
    found.note("saved", 100.0 * (1.0 - searched[-1].value / pruned))
    bounds = [p.seconds for p in heard if p.bound > 0.0]
    found.note("bound s", bounds[0] if bounds else np.nan)
    found.note("peak", peak_mib() / 1024)
    found.said.append(
        f"G5: pruned greedy {pruned:,.0f}, ours {outcome.value:,.0f}, bound {outcome.bound:,.0f} "
        f"(gap {100.0 * outcome.gap:.1f} %), valid {problem.is_feasible(outcome.chosen)}"
    )
    return found


def obedience(_: argparse.Namespace) -> Found:
    """G10: heard within 200 ms, told twice a second, the same on 1, 2 and 4 threads."""
    found = Found()
    warm_up()
    problem = instances.make_city(instances.SMALL)
    plans = [
        minimise_cost(problem, limits=Limits(steps=200_000), seed=3, threads=threads, exact=False)
        for threads in (1, 2, 4)
    ]
    found.note("plans", len({plan.chosen.tobytes() for plan in plans}))
    late, silences = [], []
    for after in STOPS_S:
        stop, asked, told = threading.Event(), [0.0], [time.perf_counter()]
        timer = threading.Timer(after, _ask_to_stop(stop, asked))
        timer.start()
        limits = Limits(steps=2**40 if after < 10.0 else 10**6, stop=stop)
        outcome = minimise_cost(
            problem, limits=limits, watch=lambda _, told=told: told.append(time.perf_counter())
        )
        late.append(1e3 * (time.perf_counter() - asked[0]))
        timer.cancel()
        silences.append(max(np.diff(told)))
        valid = problem.is_feasible(outcome.chosen)
        found.said.append(
            f"G10: stopped after {after:g} s in {outcome.history[-2].stage}: {late[-1]:.0f} ms, "
            f"valid {valid}, longest silence {silences[-1]:.2f} s"
        )
        if not valid:
            late[-1] = np.inf
    found.note("stop ms", max(late))
    found.note("silence s", max(silences))
    return found


def _ask_to_stop(stop: threading.Event, asked: list[float]) -> Callable[[], None]:
    def ask() -> None:
        asked[0] = time.perf_counter()
        stop.set()

    return ask


def _timed(found: Found, key: str, act: Callable[[], Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    made = act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    found.note(key, wall, cpu=cpu)
    found.said.append(f"G5: {key} {wall:.1f} wall, {cpu:.1f} of processors")
    return made
