"""Measure a store: commits, readers' waits, many writers, a long audit, a backup and its way back.

Run ``python -m benchmarks.store``; figures depend on the disk, so say which one.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.bars import print_table
from civicsight.store import backup, open_store, restore, verify
from tests.store_parts import LI, ROOT, begun, commit_often, layers
from tests.test_store_sequences import fill

WRITERS, TIMES = 8, 60
SIZES = ((10, 60), (1_000, 20), (10_000, 5))
ENTRIES = 1_000_000
CAMERAS = 100_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows = [
            *_commits(place / "one.gpkg"),
            *_together(place / "many.gpkg"),
            *_audit(place / "long.gpkg"),
            *_drill(place),
        ]
    print_table(("what", "median", "95 %"), rows)


def _commits(path: Path) -> list[tuple[str, str, str]]:
    rows = []
    with begun(path, versions=0) as store:
        for count, times in SIZES:
            tables = layers(count)
            seconds = []
            for _ in range(times):
                rev = store.plan(LI, "donghu").rev
                act = lambda tables=tables, rev=rev: store.commit_version(  # noqa: E731
                    LI, "donghu", base_rev=rev, layers=tables
                )
                seconds.append(_seconds(act))
            rows.append((f"commit of {count} cameras", *_told(seconds)))
            reads = [_seconds(lambda: store.read_version(LI, "donghu")) for _ in range(5)]
            rows.append((f"read and compare {count} cameras", *_told(reads)))
    return rows


def _together(path: Path) -> list[tuple[str, str, str]]:
    begun(path, versions=0).close()
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(WRITERS), context.Queue()
    team = [
        context.Process(target=commit_often, args=(str(path), f"w{n}", TIMES, gate, results))
        for n in range(WRITERS)
    ]
    for member in team:
        member.start()
    told = [results.get() for _ in team]
    for member in team:
        member.join()
    seconds = [value for _, _, values in told for value in values]
    conflicts = sum(len(found) for _, found, _ in told)
    with open_store(path) as store:
        kept = verify(store, LI).versions
    name = f"{WRITERS} writers: {kept} of {WRITERS * TIMES} kept, {conflicts} conflicts; commit"
    return [(name, *_told(seconds))]


def _audit(path: Path) -> list[tuple[str, str, str]]:
    with begun(path) as store:
        fill(store, ENTRIES)
        seconds = _seconds(lambda: verify(store, LI))
    return [
        (f"verify {ENTRIES} entries of the audit", *_told([seconds])),
        ("open that store", *_told([_seconds(lambda: open_store(path).close())])),
    ]


def _drill(folder: Path) -> list[tuple[str, str, str]]:
    path, tables = folder / "city.gpkg", layers(CAMERAS)
    with begun(path, versions=0) as store:
        store.commit_version(LI, "donghu", base_rev=1, layers=tables)
        start = time.perf_counter()
        copy = backup(store, ROOT, folder / "copies")
        backed = time.perf_counter() - start
    size = f"{CAMERAS} cameras, {path.stat().st_size / 1e6:.0f} MB"
    restored = _seconds(lambda: restore(copy, path, ROOT))
    return [
        (f"backup, verified: {size}", *_told([backed])),
        ("restore, verified", *_told([restored])),
        ("open", *_told([_seconds(lambda: open_store(path).close())])),
    ]


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _told(seconds: list[float]) -> tuple[str, str]:
    return f"{np.median(seconds) * 1e3:.1f} ms", f"{np.quantile(seconds, 0.95) * 1e3:.1f} ms"


if __name__ == "__main__":
    main()
