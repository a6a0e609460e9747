"""Measure everything in one run: the engine, planning, their peers; `--help` says more."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import numba
import numpy as np

from benchmarks import city, engine, reading, start
from benchmarks.bars import BARS, Figures, print_table
from benchmarks.job import Job, Setting
from benchmarks.peer import INSTALL, Answer, ask
from benchmarks.planning import __main__ as planning
from civicsight.scene.bodies import build_scene
from tests import helsinki

SETTINGS = (Setting(1.0, 80.0), Setting(0.5, 80.0), Setting(0.5, 150.0))
FULL_CIRCLE = Setting(0.5, 80.0, 360.0)
KEYS = {SETTINGS[0]: "us 1 80", SETTINGS[1]: "us 0.5 80", SETTINGS[2]: "us 0.5 150"}
SLOW = {"xarray_spatial": 8}
"""A peer that needs seconds a camera gets at most so many cameras."""

MS, US = 1e3, 1e6


def main() -> None:
    options = _options()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}\n"
    )
    figures: Figures = {}
    report: dict[str, object] = {}
    parts = {
        "engine": lambda: _engine(figures, options),
        "peers": lambda: report.update(peers=_peers(figures, options)),
        "growth": lambda: _growth(options),
        "start": lambda: _start(figures),
        "reading": lambda: _reading(options.rows),
        "million": lambda: _million(figures, options),
        "planning": lambda: planning.main(_of_planning(options)),
    }
    for name, run in parts.items():
        if not options.only or name in options.only:
            run()
    lines = [bar.line(figures) for bar in BARS if bar.key in figures or not options.only]
    if lines:
        print_table(("goal (brackets: stretch)", "goal", "found", ""), lines)
    if options.out:
        text = json.dumps({"figures": figures, **report}, indent=2)
        options.out.write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=["engine", "peers", "growth", "start", "reading", "million", "planning"],
        help="measure this part only; may be repeated",
    )
    parser.add_argument(
        "--cameras", type=int, default=40, help="cameras given to each peer (of 200)"
    )
    parser.add_argument(
        "--batch", type=int, default=engine.BATCH, help="cameras of one batch of ours"
    )
    parser.add_argument("--city-cameras", type=int, default=1_000_000, help="cameras of the city")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of a large file to read")
    parser.add_argument("--gdal-python", default="/usr/bin/python3", help="a Python with GDAL")
    parser.add_argument(
        "--peers-python",
        default=sys.executable,
        help="a Python with xarray-spatial (>= 3.12) and embreex; highspy, ortools and spopt",
    )
    parser.add_argument("--quick", action="store_true", help="planning at small sizes")
    parser.add_argument("--case", action="append", choices=list(planning.CASES), help="of planning")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def _of_planning(options: argparse.Namespace) -> list[str]:
    """Return the options of `python -m benchmarks.planning` that were given here."""
    cases = [part for case in options.case or () for part in ("--case", case)]
    quick = ["--quick"] if options.quick else []
    return [*cases, *quick, "--peers-python", options.peers_python]


def _engine(figures: Figures, options: argparse.Namespace) -> None:
    rows = []
    for cell, reach in ((1.0, 80.0), (0.5, 80.0), (0.5, 150.0)):
        for look in ({}, {"hfov_deg": 360.0}, {"lens": "rectilinear"}):
            buildings, heads = helsinki.workload(options.batch, reach, **look)
            scene = build_scene(buildings)
            alone = engine.time_viewsheds(heads, scene, cell)
            px_m = engine.time_viewsheds(heads, scene, cell, density=True)
            two = engine.time_viewsheds(heads, scene, cell, threads=2)
            count = engine.time_coverage(heads, scene, cell)
            best = engine.time_coverage(heads, scene, cell, density=True)
            name = (
                "pinhole 90 x 59, tilt 15"
                if "lens" in look
                else f"{heads['hfov_deg'].iloc[0]:g} deg"
            )
            rows.append(
                (
                    f"{cell:g} m / {reach:g} m, {name}",
                    *(f"{v * US:.1f}" for v in (alone.cpu_s, px_m.cpu_s)),
                    f"{px_m.cpu_s / alone.cpu_s:.2f}",
                    *(f"{v * US:.1f}" for v in (two.wall_s, count.cpu_s, best.cpu_s)),
                )
            )
            if not look and (cell, reach) == (0.5, 80.0):
                figures["us px 0.5 80"] = px_m.cpu_s * US
            if not look:
                figures[KEYS[Setting(cell, reach)]] = alone.cpu_s * US
            if look == {"hfov_deg": 360.0} and (cell, reach) == (0.5, 80.0):
                figures["us 360"] = alone.cpu_s * US
    print(f"Ours, us a camera, {options.batch} cameras, flat ground")
    print_table(
        (
            *("cell / reach", "alone, CPU", "with px/m", "ratio"),
            *("2 threads, wall", "table to counts", "table to counts and px/m"),
        ),
        rows,
    )
    figures["us worst"] = engine.worst_case().cpu_s * US
    median, high = engine.time_single(SETTINGS[1])
    figures["ms single"] = median * MS
    hilly = engine.relief().cpu_s * US
    figures["x relief"] = hilly / figures["us 0.5 80"]
    one, poses = engine.time_poses()
    figures["x poses"] = poses / one
    figures["s city"], city_mb = engine.time_city()
    print(
        f"Relief, 0.5 m / 80 m: {hilly:.1f} us, {figures['x relief']:.2f} times flat\n"
        f"Lines of sight of a site: one pose {one * MS:.3f} ms, {engine.POSES} poses "
        f"{poses * MS:.3f} ms, {figures['x poses']:.2f} times one\n"
        f"One camera at 0.1 m in a city of a million footprints: {figures['s city']:.3f} s, "
        f"{city_mb:.2f} MB of cells\n"
        f"Relief, half of the roofs below, 0.5 m / 150 m: {figures['us worst']:.0f} us\n"
        f"One call from Python, 0.5 m / 80 m: median {median * MS:.3f} ms, p95 {high * MS:.3f} ms\n"
    )


def _peers(figures: Figures, options: argparse.Namespace) -> list[dict[str, object]]:
    pythons = {
        "gdal_viewshed": options.gdal_python,
        "xarray_spatial": options.peers_python,
        "embree": options.peers_python,
    }
    rows, records = [], []
    for setting in (*SETTINGS, FULL_CIRCLE):
        job = Job(setting, options.cameras)
        wrong, total = engine.count_differences(job)
        figures["differ"] = figures.get("differ", 0) + wrong
        rows.append((f"{setting}: ours", "", "", *_percent(1 - wrong / total, float("nan"), 0, 0)))
        for peer in INSTALL:
            if setting is FULL_CIRCLE and peer == "xarray_spatial":
                continue  # it always computes the full circle
            few = (
                Job(setting, SLOW[peer])
                if options.cameras > SLOW.get(peer, options.cameras)
                else job
            )
            answer = ask(peer, pythons[peer], few)
            if isinstance(answer, str):
                rows.append((f"{setting}: {peer}", "-", "-", "-", "-", "-", "-"))
                print(f"{peer}: {answer}")
                continue
            records.append({"peer": peer, "setting": str(setting), **asdict(answer)})
            rows.append(_peer_row(setting, peer, answer))
            _compare(figures, setting, peer, answer)
    print(
        "Peers, ms a camera, and how often they are right (%); ours and theirs against brute force"
    )
    print_table(
        ("setting: peer", "CPU", "wall", "right", "on edges", "false seen", "false hidden"), rows
    )
    print(f"Versions: {_versions(records)}\n")
    return records


def _peer_row(setting: Setting, peer: str, answer: Answer) -> tuple[str, ...]:
    return (
        f"{setting}: {peer}",
        f"{answer.cpu_s * MS:.3f}",
        f"{answer.wall_s * MS:.3f}",
        *_percent(answer.right, answer.right_on_edge, answer.falsely_seen, answer.falsely_hidden),
    )


def _percent(*shares: float) -> list[str]:
    return ["-" if np.isnan(share) else f"{100 * share:.4g}" for share in shares]


def _compare(figures: Figures, setting: Setting, peer: str, answer: Answer) -> None:
    """Put a peer's time in proportion to ours on the same setting."""
    ours = figures.get(KEYS.get(setting, "us 360"))
    goal = {
        (SETTINGS[1], "gdal_viewshed"): "gdal 90",
        (FULL_CIRCLE, "gdal_viewshed"): "gdal 360",
        (SETTINGS[0], "embree"): "embree 1",
        (SETTINGS[1], "embree"): "embree 0.5",
        (SETTINGS[1], "xarray_spatial"): "xarray",
    }.get((setting, peer))
    if goal and ours:
        figures[goal] = answer.cpu_s * US / ours


def _versions(records: list[dict[str, object]]) -> str:
    found = {str(record["peer"]): str(record["notes"]["version"]) for record in records}  # type: ignore[index]
    return ", ".join(f"{peer} {version}" for peer, version in found.items()) or "none"


def _growth(options: argparse.Namespace) -> None:
    rows = []
    for cell, reach in (
        (0.5, 20.0),
        (0.5, 40.0),
        (0.5, 80.0),
        (0.5, 160.0),
        (0.5, 320.0),
        (2.0, 80.0),
        (1.0, 80.0),
        (0.25, 80.0),
    ):
        buildings, heads = helsinki.workload(options.batch, reach)
        spent = engine.time_viewsheds(heads, build_scene(buildings), cell)
        rows.append((f"{cell:g} m / {reach:g} m", f"{spent.cpu_s * US:.1f}"))
    print("Growth with range and resolution, 90 deg, viewsheds alone")
    print_table(("cell / reach", "us a camera"), rows)
    rows = []
    for n, tiles in (
        (1_000, (1, 1)),
        (10_000, (1, 1)),
        (10_000, (2, 2)),
        (10_000, (4, 3)),
        (100_000, (4, 3)),
    ):
        found = city.run(n, tiles, 0.5, 80.0)
        rows.append(
            (
                f"{n:,} cameras, {found['buildings']:,} buildings",
                *(
                    f"{v:.4g}"
                    for v in (
                        found["scene_s"],
                        found["wall_s"],
                        found["cpu_s"] / n * US,
                        found["peak_mib"],
                    )
                ),
            )
        )
    print("Growth with cameras and buildings, 0.5 m / 80 m, count raster, all cores")
    print_table(("city", "scene s", "wall s", "us a camera (CPU)", "peak MiB"), rows)


def _start(figures: Figures) -> None:
    rows = []
    for case in start.CASES:
        cold, warm = start.time_start(case)
        seconds = (cold.cpu_s, cold.wall_s, warm.cpu_s, warm.wall_s)
        rows.append((case, *(f"{s:.1f}" for s in seconds), str(len(cold.compiled))))
        if case == "one viewshed":
            figures["s cold"], figures["s warm"] = cold.wall_s, warm.wall_s
        if case.startswith("check"):
            figures["s check cold"] = cold.cpu_s
    print("First result of a process: nothing compiled, then kernels on disk, s")
    print_table(("asked for", "cold CPU", "wall", "warm CPU", "wall", "kernels compiled"), rows)


def _reading(rows: int) -> None:
    wall_s, cpu_s, files = reading.time_reading()
    print(f"Reading apart: start {wall_s:.1f} s wall; {cpu_s:.1f} s CPU with all that was read")
    for file in files:
        print(
            f"  {file.name}: {file.apart_s * MS:.0f} ms apart, {file.here_s * MS:.0f} ms in this "
            f"process, {file.overhead_s * MS:.0f} ms more"
        )
    for large in reading.time_large(rows):
        print(
            f"  {large.name}: {large.child_s:.1f} + {large.parent_s:.1f} s CPU apart and in the "
            f"parent, {large.here_s:.1f} s in this process, {large.ratio:.2f} times; "
            f"{large.wall_s:.1f} and {large.here_wall_s:.1f} s wall; at most {large.child_mib:.0f} "
            f"MiB apart and {large.parent_mib:.0f} MiB in the parent"
        )
    print()


def _million(figures: Figures, options: argparse.Namespace) -> None:
    found = city.run(options.city_cameras, (4, 3), 0.5, 80.0)
    print(
        f"{options.city_cameras:,} cameras, {found['buildings']:,} buildings, "
        f"{found['walls']:,} walls, count raster: {found['wall_s']:.1f} s wall, "
        f"{found['cpu_s']:.1f} s CPU, peak {found['peak_mib'] / 1024:.2f} GiB\n"
    )
    if options.city_cameras == 1_000_000:
        figures["s million"], figures["gib million"] = found["wall_s"], found["peak_mib"] / 1024


if __name__ == "__main__":
    main()
