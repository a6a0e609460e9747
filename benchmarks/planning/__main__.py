"""Hold planning against its goals: `python -m benchmarks.planning`; `--help` says more.

g1 set covers of the OR-Library; g2 open rooms; g3 zones in a city; g4 a whole city; g5 eighty
million entries; g6 least sites; g7 most for a budget; g8 reuse; g9 duplicates; g10 stops, progress
and threads; g11 plans counted again; g12 the matrix on disk.

HiGHS, CP-SAT, SCIP and spopt get the same instances, the same limit of wall time and the same
number of threads, each in a process of its own, and every answer is counted again. Building their
model is part of their time; imports and compilation of nobody are. spopt, whose model alone takes
longer than that, has ten times the limit. Nothing fails because it is slow.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.planning import covers, duplicates, money, proofs, scale
from benchmarks.planning.goals import Found, print_found
from benchmarks.planning.race import ROOT, version_of

DATA = ROOT.parent / "shared" / "data" / "optimise"

CASES: dict[str, Callable[[argparse.Namespace], Found]] = {
    "g1": covers.library,
    "g2": covers.rooms,
    "g3": covers.zones,
    "g4": covers.city,
    "g5": scale.huge,
    "g6": covers.least_sites,
    "g7": money.budgets,
    "g8": covers.reuse,
    "g9": duplicates.duplicates,
    "g10": scale.obedience,
    "g11": proofs.verified,
    "g12": proofs.matrix_files,
}


def main(arguments: list[str] | None = None) -> None:
    options = _options(arguments)
    if options.one:
        print(json.dumps(CASES[options.one](options).to_dict()))
        return
    python = options.peers_python
    versions = [f"{name} {version_of(python, name)}" for name in ("highspy", "ortools", "spopt")]
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f} at the start, {options.threads} threads each; "
        f"{', '.join(versions)}\n"
    )
    cases = options.case or list(CASES)
    began = time.perf_counter()
    found: list[Found] = []
    for case in cases:
        found.append(_ask(case, arguments))
        if options.out:  # whoever ends a long run early keeps what was found by then
            text = json.dumps([some.to_dict() for some in found], indent=2)
            options.out.write_text(text, encoding="utf-8")
    print_found(found, cases)
    if options.quick:
        print("Small sizes: the bars are those of the full ones.")
    if options.cpu:
        print("Limits are of the processors' time, on one thread.")
    minutes, load = (time.perf_counter() - began) / 60.0, os.getloadavg()[0]
    print(f"\n{minutes:.0f} minutes, load {load:.1f} at the end")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning", description=__doc__)
    parser.add_argument("--case", action="append", choices=list(CASES), help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes")
    parser.add_argument(
        "--cpu", action="store_true", help="limits of the processors' time, one thread: Linux"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of every solver")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("OPTIMISE_DATA", DATA)))
    parser.add_argument("--peers-python", default=sys.executable, help="a Python with the others")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--one", choices=list(CASES), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.threads = 1 if options.cpu else options.threads
    return options


def _ask(case: str, arguments: list[str] | None) -> Found:
    """Measure one case in a process of its own, so that its memory is its own."""
    given = sys.argv[1:] if arguments is None else arguments
    command = [sys.executable, "-m", "benchmarks.planning", *given, "--one", case]
    print(f"{case} ...", file=sys.stderr, flush=True)
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    if done.returncode:
        return Found(said=[f"{case.upper()}: ended with {done.returncode}; see above"])
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Found(**told)


if __name__ == "__main__":
    main()
