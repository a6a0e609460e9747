"""What it costs to read a file in a process of its own, beside reading it in this one."""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from civicsight.city.apart.reading import Gate
from civicsight.city.tables.inventory import read_cameras

REPEATS = 10
DEMO = Path(__file__).resolve().parent.parent / "data" / "demo" / "cameras.csv"
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
