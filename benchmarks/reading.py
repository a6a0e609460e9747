"""What it costs to read a file in a process of its own, beside reading it in this one."""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.memory import peak_mib
from civicsight.io.apart.reading import Gate
from civicsight.io.reader_registry import TABLE_READERS
from civicsight.io.tables.inventory import read_cameras

REPEATS = 10
DEMO = Path(__file__).resolve().parent.parent / "data" / "demo" / "cameras.csv"
MIB = 1 << 20
ONE = "camera_id,lon,lat\n1,24.94,60.17\n"


@dataclass(frozen=True, slots=True)
class Reading:
    """Seconds of one file, median of some, apart and in this process."""

    name: str
    apart_s: float
    here_s: float

    @property
    def overhead_s(self) -> float:
        """What reading apart adds."""
        return self.apart_s - self.here_s


def time_reading() -> tuple[float, float, list[Reading]]:
    """Return wall and processor time of the start, and the files."""
    gate = Gate()
    began, used = time.perf_counter(), _children_cpu()
    gate.lacks()
    wall = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.csv"
        one.write_text(ONE, encoding="utf-8")
        read = [
            Reading(
                name,
                _median(lambda file=file: gate.read("cameras", file)),
                _median(lambda file=file: read_cameras(file)),
            )
            for name, file in (("one row", one), ("the made district", DEMO))
        ]
    gate.close()
    return wall, _children_cpu() - used, read


@dataclass(frozen=True, slots=True)
class Large:
    """A large file: seconds of a processor and of the clock, and memory at its most [MiB].

    The reading process is of the lowest priority: by the clock the two compare on an idle machine
    only.
    """

    name: str
    child_s: float
    parent_s: float
    here_s: float
    wall_s: float
    here_wall_s: float
    child_mib: float
    parent_mib: float

    @property
    def ratio(self) -> float:
        """Processor time of both processes in multiples of reading it in this one."""
        return (self.child_s + self.parent_s) / self.here_s


def time_large(rows: int) -> list[Large]:
    """Read cameras as CSV, as many rows with its header, and buildings as GeoPackage, both ways."""
    gate, found = Gate(), []
    gate.lacks()
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("cameras", _write_cameras), ("buildings", _write_buildings)):
            file = make(Path(folder), rows)
            began, used = time.perf_counter(), time.process_time()
            gate.read(name, file)
            apart = (time.perf_counter() - began, time.process_time() - used)
            peak = peak_mib()  # before this process reads it itself
            began, used = time.perf_counter(), time.process_time()
            TABLE_READERS[name](file)
            here = (time.perf_counter() - began, time.process_time() - used)
            spent = gate.spent
            found.append(
                Large(f"{rows:,} {name}, {file.suffix[1:]}", spent.cpu_s, apart[1], here[1],
                      apart[0], here[0], spent.peak_bytes / MIB, peak)
            )  # fmt: skip
    gate.close()
    return found


def _write_cameras(folder: Path, rows: int) -> Path:
    file, rng, rows = folder / "cameras.csv", np.random.default_rng(1), rows - 1
    lon, lat = 115.8 + 0.2 * rng.random(rows), 28.6 + 0.2 * rng.random(rows)
    with file.open("w", encoding="utf-8") as out:
        out.write("camera_id,lon,lat,height_m,kind,azimuth_deg\n")
        out.writelines(
            f"cam-{n},{lon[n]:.6f},{lat[n]:.6f},{4 + n % 5},fixed,{n % 360}\n" for n in range(rows)
        )
    return file


def _write_buildings(folder: Path, rows: int) -> Path:
    file, n = folder / "buildings.gpkg", np.arange(rows)
    x, y = 500_000 + 20.0 * (n % 1000), 3_160_000 + 20.0 * (n // 1000)
    table = {"height_m": 3.0 + n % 40, "name": [f"b{number}" for number in n]}
    shapes = shapely.box(x, y, x + 10, y + 12)
    gpd.GeoDataFrame(table, geometry=shapes, crs=4549).to_file(file, driver="GPKG")
    return file


def _median(work: Callable[[], object]) -> float:
    work()
    spent = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
