"""How long a fresh process takes to its first result, with and without compiled kernels on disk."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Final

FIRST_RESULT: Final = """
import shapely, geopandas as gpd
from civicsight.coverage.camera import Camera
from civicsight.coverage.viewshed import viewshed

crs, shape = "EPSG:32635", shapely.box(10, -5, 20, 5)
house = gpd.GeoDataFrame({"height_m": [9.0]}, geometry=[shape], crs=crs)
print(viewshed(Camera(0.0, 0.0, crs, azimuth_deg=90.0), house).area_m2)
"""

CHECK: Final = """
from benchmarks.cities import make
from civicsight.coverage.check import check

print(len(check(make("helsinki")).parts))
"""

PLAN: Final = """
from benchmarks.cities import YEARS, make
from civicsight.coverage.check import check
from civicsight.planning.candidates import generate
from civicsight.planning.make import Aims, Run, make_plan
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.prices.terms import BudgetOf

result = check(make("district"), raster=False)
offers = generate(result)
for budget in (None, 500_000.0):
    aims = Aims(budget, YEARS, extras=False, budget_of=BudgetOf.WORKS)
    print(make_plan(result, aims, run=Run(Limits(200, 5.0)), offers=offers).cost_yuan)
"""

ALL: Final = """
from civicsight.coverage._kernels.ahead import compile_all

print(compile_all())
"""

CASES: Final = {
    "one viewshed": FIRST_RESULT,
    "check of central Helsinki": CHECK,
    "plans of the made district": PLAN,
    "every kernel": ALL,
}
"""What a process is asked for first."""

COUNT: Final = """
import atexit, sys
from civicsight.coverage._kernels import apart
names = []
apart._listeners.append(names.append)
atexit.register(lambda: print(*names, file=sys.stderr))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """A process that ends after its first result, with all that it started.

    Parameters
    ----------
    wall_s, cpu_s
        Seconds.
    compiled
        Kernels that had to be compiled, in order.
    """

    wall_s: float
    cpu_s: float
    compiled: tuple[str, ...]


def time_start(case: str = "one viewshed") -> tuple[Start, Start]:
    """Time two processes, the first of which finds nothing compiled."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CIVICSIGHT_CACHE_DIR": folder}
        environment.pop("NUMBA_CACHE_DIR", None)
        spent = []
        for _ in range(2):
            began, used = time.perf_counter(), _children_cpu()
            done = subprocess.run(
                [sys.executable, "-c", COUNT + CASES[case]],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            wall_s, cpu_s = time.perf_counter() - began, _children_cpu() - used
            spent.append(Start(wall_s, cpu_s, tuple(done.stderr.splitlines()[-1].split())))
    return spent[0], spent[1]


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
