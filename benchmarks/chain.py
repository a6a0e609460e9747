"""The whole chain, stage by stage, as a city grows tenfold and a hundredfold.

Called as ``python -m benchmarks.chain``. Buildings are those of New York, cut to a square; cameras,
places and gates are seeded beside them and say so. Every size runs in a process of its own, so that
its memory is its own; a stage within another is set in under it.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from benchmarks.bars import print_table
from benchmarks.cities import ROOT, data_folder
from benchmarks.memory import peak_mib
from civicsight.io import read_city
from civicsight.model import City
from tests.made import with_made
from tests.test_cities import SEED

MIB_IN_KIB = 1024


class Size(NamedTuple):
    """How much of the city is taken, and what is seeded into it."""

    share: float
    cameras: int
    per_item: int


SIZES = {"1x": Size(0.01, 200, 9), "10x": Size(0.1, 2_000, 90), "100x": Size(1.0, 20_000, 909)}

STAGES = (
    ("check", "civicsight.coverage.check", "check"),
    ("· poses", "civicsight.coverage.check", "place_and_read"),
    ("· select", "civicsight.coverage.demand.find", "select_zones"),
    ("· parts", "civicsight.coverage.demand.find", "find_parts"),
    ("· · gates", "civicsight.coverage.demand.parts", "find_gates"),
    ("· scenes", "civicsight.coverage.check", "build_scenes"),
    ("· matrices", "civicsight.coverage.check", "compute_matrices"),
    ("· reuse", "civicsight.coverage.check", "find_reuse"),
    ("· repairs", "civicsight.coverage.check", "find_repairs"),
    ("· gaps", "civicsight.coverage.check", "find_gaps"),
    ("· withheld", "civicsight.coverage.check", "_withheld"),
    ("· duplicates", "civicsight.coverage.check", "weigh_duplicates"),
    ("· rivals settled", "civicsight.coverage.check", "settle"),
    ("· overlaps", "civicsight.coverage.check", "find_overlaps"),
    ("· raster", "civicsight.coverage.check", "compute_coverage"),
    ("· page", "civicsight.report.check_files", "write_page"),
    ("· tables", "civicsight.report.check_files", "make_tables"),
    ("· csv", "civicsight.report.check_files", "write_csv"),
    ("· workbook", "civicsight.report.check_files", "write_workbook"),
    ("· layers", "civicsight.report.check_files", "write_geopackage"),
    ("· rasters", "civicsight.report.check_files", "write_geotiff"),
)
"""What a stage is called, the module that calls it, and the name it is called by there."""


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(measure(SIZES[options.one], options)))
        return
    names = options.sizes or list(SIZES)
    found = {name: _ask(name, sys.argv[1:]) for name in names}
    stages = list(dict.fromkeys(stage for entry in found.values() for stage in entry["cpu_s"]))
    rows = [
        (stage, *(_spent(found[name], stage) for name in names), *_growth(found, stage))
        for stage in stages
    ]
    print_table(("stage, CPU s", *names, *("growth" for _ in names[1:])), rows)
    sizes = list(next(iter(found.values()))["sizes"])
    print_table(
        ("size", *names),
        [
            (size, *(f"{found[name]['sizes'].get(size, 0):,.0f}" for name in names))
            for size in sizes
        ],
    )
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")


def measure(size: Size, options: argparse.Namespace) -> dict[str, Any]:
    """Run the chain once over a city and return CPU seconds and peak memory of each stage."""
    watch = _Watch()
    watch.cpu_s["import"], watch.peak_mib["import"] = _importing()
    city = watch.timed("read", lambda: read_city(data_folder() / "nyc_buildings", name="nyc")[0])
    city = with_made(cut(city, size.share), size.cameras, SEED, per_item=size.per_item)
    from civicsight.coverage import check as checking

    for stage, module, name in STAGES:
        watch.stand_before(importlib.import_module(module), name, stage)
    result = checking.check(city)
    sizes = {
        "buildings": len(city.buildings),
        "cameras": len(result.cameras),
        "places": len(result.zones),
        "parts": len(result.parts),
        "points": len(result.samples),
    }
    if "judge" not in options.without:
        from civicsight import judge

        watch.timed("judge", lambda: judge(result))
    if "write" not in options.without:
        from civicsight import write_report

        with tempfile.TemporaryDirectory() as folder:
            watch.timed("write", lambda: write_report(result, Path(folder)))
    if "candidates" not in options.without:
        from civicsight.planning.candidates import generate

        offers = watch.timed("candidates", lambda: generate(result))
        sizes["candidates"] = len(offers.table)
        if "plan" not in options.without:
            from civicsight.planning.make import Aims, Run, make_plan
            from civicsight.planning.solver.outcome import Limits

            run = Run(Limits(seconds=options.seconds))
            alone = Aims(extras=False)  # without what other plans would cost
            plan = watch.timed("plan", lambda: make_plan(result, alone, run=run, offers=offers))
            sizes |= {"plan's cost, yuan": plan.proof.value, "its bound, yuan": plan.proof.bound}
    return {"cpu_s": watch.cpu_s, "peak_mib": watch.peak_mib, "sizes": sizes}


def cut(city: City, share: float) -> City:
    """Return the square about the middle that holds so much of the buildings."""
    if share >= 1.0:
        return city
    xy = shapely.get_coordinates(shapely.centroid(city.buildings.geometry.to_numpy()))
    away = np.abs(xy - np.median(xy, axis=0)).max(axis=1)
    half = float(np.quantile(away, share))
    x, y = np.median(xy, axis=0)
    square = shapely.box(x - half, y - half, x + half, y + half)
    return replace(city, buildings=city.buildings[away <= half], extent=square)


class _Watch:
    """CPU seconds and peak memory of named stages; what is called often is added up."""

    def __init__(self) -> None:
        self.cpu_s: dict[str, float] = {}
        self.peak_mib: dict[str, float] = {}

    def timed(self, stage: str, act: Callable[[], Any]) -> Any:
        self.cpu_s.setdefault(stage, 0.0)
        began = time.process_time()
        try:
            return act()
        finally:
            self.cpu_s[stage] += time.process_time() - began
            self.peak_mib[stage] = peak_mib()

    def stand_before(self, module: Any, name: str, stage: str) -> None:
        """Time a function wherever `module` calls it by `name`."""
        act = getattr(module, name)

        @functools.wraps(act)
        def timed(*given: Any, **named: Any) -> Any:
            return self.timed(stage, lambda: act(*given, **named))

        setattr(module, name, timed)


def _importing() -> tuple[float, float]:
    """Return CPU seconds and MiB of a process that imports what checks and reports need."""
    code = "import civicsight.report.check_files, civicsight.planning.compliance"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, after.ru_maxrss / MIB_IN_KIB


def _ask(name: str, arguments: list[str]) -> dict[str, Any]:
    """Measure one size in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.chain", *arguments, "--one", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _spent(entry: dict[str, Any], stage: str) -> str:
    if stage not in entry["cpu_s"]:
        return "-"
    return f"{entry['cpu_s'][stage]:.2f} ({entry['peak_mib'][stage]:,.0f} MiB)"


def _growth(found: dict[str, Any], stage: str) -> list[str]:
    spent = [entry["cpu_s"].get(stage) for entry in found.values()]
    return [f"{more / less:.1f}" if less and more else "-" for less, more in pairwise(spent)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chain", description=__doc__)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), help="by default all")
    parser.add_argument(
        "--without", nargs="+", default=[], choices=("judge", "write", "candidates", "plan")
    )
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="for the choice of a plan, at most"
    )
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--one", choices=list(SIZES), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
