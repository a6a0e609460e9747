"""The optimiser beside its goals: `python -m benchmarks.optimise --only g1 --only g3`.

Wall time is what a user waits; on a machine that does other things too, processor time says what
the work costs. Every plan is counted again on the problem as it was given.

g1   set covers of the OR-Library against the best known values
g2   open rooms
g3   zones in a city: gap that is proven
g4   a whole city: cost, and distance from the bound of its relaxation
g5   a million cells, two hundred thousand candidates, a hundred million entries
g10  stop, progress, and the same plan on any number of threads
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import instances
from civicsight.planning.covering import greedy, prune
from civicsight.planning.model import Problem
from civicsight.planning.optimise import cheapest
from civicsight.planning.outcome import Limits, Outcome, Progress
from civicsight.planning.presolve import presolve

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "optimise"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.optimise", description=__doc__)
    parser.add_argument("--only", nargs="+", action="extend", choices=list(PARTS))
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("OPTIMISE_DATA", DATA)))
    parser.add_argument("--seconds", type=float, help="wall time of each run instead of the goal's")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    _warm_up()
    for name, part in PARTS.items():
        if not options.only or name in options.only:
            part(options)


def read_cover(path: Path) -> Problem:
    """Read a set cover of the OR-Library: by rows, or by columns if it is of a railway."""
    numbers = np.array(gzip.decompress(path.read_bytes()).split(), np.int64).tolist()
    m, n = numbers[:2]
    rows: list[list[int]] = [[] for _ in range(n)]
    if path.name.startswith("rail"):
        costs, at = [], 2
        for j in range(n):
            cost, count = numbers[at : at + 2]
            costs.append(float(cost))
            rows[j] = [r - 1 for r in numbers[at + 2 : at + 2 + count]]
            at += 2 + count
        return Problem.of(rows, cost=costs, n_requirement=m)
    at = 2 + n
    for r in range(m):
        count = numbers[at]
        for j in numbers[at + 1 : at + 1 + count]:
            rows[j - 1].append(r)
        at += 1 + count
    return Problem.of(rows, cost=[float(cost) for cost in numbers[2 : 2 + n]], n_requirement=m)


def best_known(folder: Path) -> dict[str, float]:
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        return {
            Path(row["Path"]).stem: float(row["Best known solution value"])
            for row in csv.DictReader(file)
            if row["Unicost"] == "0"
        }


def library(options: argparse.Namespace) -> None:
    """G1: mean gap at most 0.10 %, greatest at most 1.5 %, five seconds each on one thread."""
    known, gaps = best_known(options.data), []
    print("instance    greedy  pruned    ours    best   gap %  wall s   cpu s")
    for path in sorted(options.data.glob("*.gz")):
        problem, best = read_cover(path), known[path.name.split(".")[0]]
        first = greedy(problem)
        limits = Limits(seconds=options.seconds or 5.0, steps=2**40)
        outcome, wall, cpu = run(problem, limits=limits, exact=False)
        gaps.append(100.0 * (outcome.value / best - 1.0))
        print(
            f"{path.name.split('.')[0]:10} {problem.price(first):7.0f} "
            f"{problem.price(prune(problem, first)):7.0f} {outcome.value:7.0f} {best:7.0f} "
            f"{gaps[-1]:7.2f} {wall:7.1f} {cpu:7.1f}",
            flush=True,
        )
    at_best = sum(gap <= 0.0 for gap in gaps)
    print(f"G1 mean gap {np.mean(gaps):.3f} % (goal 0.10), greatest {max(gaps):.2f} % (goal 1.5), ")
    print(f"   {at_best} of {len(gaps)} at the best known value\n")


def rooms(options: argparse.Namespace) -> None:
    """G2: open rooms of the sizes of AC_10, AC_11 and AC_14; their own patterns are not at hand."""
    for width, depth in ((25, 21), (49, 45), (115, 115)):
        problem = instances.make_room(width, depth)
        report(f"G2 room {width} x {depth}", problem, options, 60.0, exact=False)


def zones(options: argparse.Namespace) -> None:
    """G3: proven gap at most 0.25 % in sixty seconds."""
    outcome = report("G3 zoned city", instances.make_city(instances.ZONED), options, 60.0)
    print(f"   proven gap {100.0 * outcome.gap:.3f} % (goal 0.25)\n")


def city(options: argparse.Namespace) -> None:
    """G4: thirty seconds; gap to the relaxation at most 6 %."""
    outcome = report("G4 city", instances.make_city(instances.MIDDLE), options, 50.0, exact=False)
    print(f"   gap to the bound {100.0 * outcome.gap:.2f} % (goal 6)\n")


def huge(options: argparse.Namespace) -> None:
    """G5: first plan 3 s, presolve 60 s, 22 % cheaper than pruned greedy in 3 min, 2.5 GiB."""
    problem = instances.make_city(instances.HUGE)
    wall, cpu = time.perf_counter(), time.process_time()
    pruned = problem.price(prune(problem, greedy(problem)))
    print(f"G5 {size_of(problem)}")
    print(f"   first plan {pruned:.0f} after {since(wall, cpu)} (goal 3 s)", flush=True)
    wall, cpu = time.perf_counter(), time.process_time()
    reduced = presolve(problem)
    print(f"   presolve {since(wall, cpu)} (goal 60 s), to {size_of(reduced.problem)}", flush=True)
    del reduced
    outcome = report("G5", problem, options, 225.0, exact=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    saved = 100.0 * (1.0 - outcome.value / pruned)
    print(
        f"   {saved:.1f} % cheaper than pruned greedy (goal 22), peak {peak:.2f} GiB (goal 2.5)\n"
    )


def obedience(_: argparse.Namespace) -> None:
    """G10: heard within 200 ms, told twice a second, the same on 1, 2 and 4 threads."""
    problem = instances.make_city(instances.SMALL)
    plans = [
        cheapest(problem, limits=Limits(steps=200_000), seed=3, threads=threads, exact=False)
        for threads in (1, 2, 4)
    ]
    same = len({plan.chosen.tobytes() for plan in plans}) == 1
    print(f"G10 same plan on 1, 2, 4 threads: {same}")
    for after in (0.2, 1.0, 3.0, 8.0, 15.0):
        stop, asked, told = threading.Event(), [0.0], [time.perf_counter()]
        timer = threading.Timer(after, _ask_to_stop(stop, asked))
        timer.start()
        limits = Limits(steps=2**40 if after < 10.0 else 10**6, stop=stop)
        outcome = cheapest(
            problem, limits=limits, watch=lambda _, told=told: told.append(time.perf_counter())
        )
        heard = time.perf_counter() - asked[0]
        timer.cancel()
        print(
            f"   stop after {after:4.1f} s in {outcome.history[-2].stage}: "
            f"{1000.0 * heard:.0f} ms (goal 200), valid {problem.is_feasible(outcome.chosen)}, "
            f"longest silence {max(np.diff(told)):.2f} s (goal 0.5)",
            flush=True,
        )


def _ask_to_stop(stop: threading.Event, asked: list[float]) -> Callable[[], None]:
    def ask() -> None:
        asked[0] = time.perf_counter()
        stop.set()

    return ask


def report(
    name: str, problem: Problem, options: argparse.Namespace, seconds: float, *, exact: bool = True
) -> Outcome:
    """Run once, tell how the cost and the bound moved, and check the plan."""
    print(f"{name}: {size_of(problem)}", flush=True)
    marks = [seconds * k / 8 for k in range(1, 9)]

    def watch(progress: Progress) -> None:
        if marks and progress.seconds >= marks[0]:
            marks.pop(0)
            print(
                f"   {progress.seconds:6.1f} s {progress.stage:9} {progress.value:10.0f} "
                f"{progress.bound:10.0f}",
                flush=True,
            )

    outcome, wall, cpu = run(
        problem,
        limits=Limits(seconds=options.seconds or seconds, steps=None if exact else 2**40),
        exact=exact,
        threads=options.threads,
        watch=watch,
    )
    print(
        f"   {outcome.value:.0f}, bound {outcome.bound:.0f} (by the solver's word "
        f"{outcome.solver_bound:.0f}), gap {100.0 * outcome.gap:.3f} %, {outcome.status}, "
        f"{wall:.1f} s, {cpu:.1f} s of processor",
        flush=True,
    )
    return outcome


def run(problem: Problem, **how: object) -> tuple[Outcome, float, float]:
    """Run once and count the plan again."""
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = cheapest(problem, **how)  # type: ignore[arg-type]
    if not problem.is_feasible(outcome.chosen) or outcome.value != problem.price(outcome.chosen):
        msg = "the plan does not hold what it says"
        raise AssertionError(msg)
    return outcome, time.perf_counter() - wall, time.process_time() - cpu


def size_of(problem: Problem) -> str:
    return (
        f"{problem.n_requirement:,} requirements, {problem.n_candidate:,} candidates, "
        f"{len(problem.cells):,} entries"
    )


def since(wall: float, cpu: float) -> str:
    return f"{time.perf_counter() - wall:.1f} s, {time.process_time() - cpu:.1f} s of processor"


def _warm_up() -> None:
    """Compile everything once."""
    for side_m in (160.0, 800.0):
        problem = instances.make_city(instances.City(side_m=side_m, cell_m=4.0, spacing_m=40.0))
        cheapest(problem, limits=Limits(steps=50_000, seconds=60.0), exact=False)


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "g1": library,
    "g2": rooms,
    "g3": zones,
    "g4": city,
    "g5": huge,
    "g10": obedience,
}

if __name__ == "__main__":
    main()
