"""How long a fresh process takes to its first result, with and without compiled kernels on disk."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

FIRST_RESULT = """
import shapely, geopandas as gpd
from civicsight.coverage.camera import Camera
from civicsight.coverage.viewshed import viewshed

crs, shape = "EPSG:32635", shapely.box(10, -5, 20, 5)
house = gpd.GeoDataFrame({"height_m": [9.0]}, geometry=[shape], crs=crs)
print(viewshed(Camera(0.0, 0.0, crs, azimuth_deg=90.0), house).area_m2)
"""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds of a process that ends after its first result."""

    wall_s: float
    cpu_s: float


def time_start() -> tuple[Start, Start]:
    """Time two processes, the first of which finds nothing compiled."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"CIVICSIGHT_CACHE_DIR": folder}
        environment.pop("NUMBA_CACHE_DIR", None)
        spent = []
        for _ in range(2):
            began, used = time.perf_counter(), _children_cpu()
            subprocess.run(
                [sys.executable, "-c", FIRST_RESULT],
                env=environment,
                check=True,
                capture_output=True,
            )
            spent.append(Start(time.perf_counter() - began, _children_cpu() - used))
    return spent[0], spent[1]


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
