"""Measure what an edit costs on central Helsinki: from the command to the new view on the screen.

    python benchmarks/preview.py [--moves 40]

Prints the time to prepare, then median and 95th percentile of a move, an aim and an undo, each with
the preview that follows, and the processor time of all threads, which other work does not change.
The cameras stand before gates of the demo project, seeded.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from civicsight.core.errors import InputError
from civicsight.core.settings import cache_dir
from civicsight.editing.commands import Add, Aim, Move
from civicsight.editing.edit_context import EditContext
from civicsight.editing.examples import HELSINKI, read_example
from civicsight.editing.preview import preview
from civicsight.editing.project import open_project
from civicsight.editing.session import PlanSession, begin
from civicsight.io import save_city


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=40)
    moves = parser.parse_args().moves
    with tempfile.TemporaryDirectory() as folder:
        saved = save_city(read_example(HELSINKI), Path(folder) / "helsinki.gpkg")
        project = open_project(saved, cache_dir())
    start = perf_counter()
    edit_context = EditContext(project.result)
    session = begin(project.city, edit_context.guard, project.digest)
    print(f"prepare {perf_counter() - start:.2f} s")
    rng = np.random.default_rng(7)
    gates = project.result.parts.query("kind == 'entrance'").geometry.centroid
    session = _placed(session, gates, rng)
    preview(session, "bench/0", edit_context)
    times: dict[str, list[tuple[float, float]]] = {"move": [], "aim": [], "undo": []}
    for _ in range(moves):
        at = gates.iloc[int(rng.integers(len(gates)))]
        x, y = at.x + rng.normal(0.0, 8.0), at.y + rng.normal(0.0, 8.0)
        for name, command in (
            ("move", Move("bench/0", x, y)),
            ("aim", Aim("bench/0", float(rng.uniform(0.0, 360.0)))),
            ("undo", None),
        ):
            start, used = perf_counter(), process_time()
            try:
                session = session.undo() if command is None else session.do(command)
            except InputError:
                continue  # inside a private place: refused, and nothing to show
            preview(session, "bench/0", edit_context)
            times[name].append((perf_counter() - start, process_time() - used))
    for name, taken in times.items():
        middle, high = np.percentile(taken, [50, 95], axis=0)
        print(
            f"{name:5} n {len(taken):3}  median {middle[0]:.3f} s  p95 {high[0]:.3f} s  "
            f"processor time {middle[1]:.3f} s, {high[1]:.3f} s"
        )


def _placed(session: PlanSession, gates: object, rng: np.random.Generator) -> PlanSession:
    """Plan twenty cameras, so that a draft has something in it."""
    number = 0
    while number < 20:
        at = gates.iloc[int(rng.integers(len(gates)))]  # type: ignore[attr-defined]
        x, y = at.x + rng.normal(0.0, 8.0), at.y + rng.normal(0.0, 8.0)
        try:
            session = session.do(Add(f"bench/{number}", x, y, float(rng.uniform(0.0, 360.0))))
        except InputError:
            continue
        number += 1
    return session


if __name__ == "__main__":
    main()
