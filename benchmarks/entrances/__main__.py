"""Learn the score table of gates, and say how well it does in cities that it has not seen.

python -m benchmarks.entrances              the bars, city by city, beside the rivals
python -m benchmarks.entrances --ablation   and what each generator and measure adds
python -m benchmarks.entrances --tried      and what further measures and sources would add
python -m benchmarks.entrances --plot FILE  and the calibration as a picture (SVG)
python -m benchmarks.entrances --pictures FOLDER  and ten hits and ten misses (PNG)
python -m benchmarks.entrances --many       and what ten thousand places take
python -m benchmarks.entrances --write      learn from all cities and write the package's table
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.entrances import pictures
from benchmarks.entrances.many import measure_many
from benchmarks.entrances.measured import (
    Judged,
    calibration,
    gates_of,
    judge,
    left_out,
    pooled,
    precision_recall,
)
from benchmarks.entrances.otherwise import RIVALS, tenants_right
from benchmarks.entrances.sets import Labelled, read_sets
from benchmarks.entrances.training import Examples, examples_of, learn, write
from benchmarks.entrances.tried import print_tried, read_addresses
from civicsight.core.arrays import FloatArray
from civicsight.coverage.entrances.features import FEATURES
from civicsight.coverage.entrances.traces import TRACES

HEAD = (
    f"{'':24} {'buildings':>9}  {'precision':18} {'recall':18} {'error m':>7} {'median':>7}"
    f" {'main first':>10}"
)


def main() -> None:
    """Run what is asked for."""
    asked = _arguments()
    sets, digest = read_sets(asked.data)
    examples = examples_of(sets)
    chances = left_out(sets, examples)
    print_bars(sets, examples, chances)
    print_calibration(examples, chances, asked.plot)
    tenants = tenants_right(sets)
    print(
        f"\ntenants: {tenants['right'].mean():.2f} of {len(tenants)} fronts have a door within 15 m"
    )
    if asked.ablation:
        print_ablation(sets, examples)
    if asked.tried:
        print_tried(sets, examples, read_addresses(asked.data, sets))
    if asked.pictures:
        pictures.draw(sets, examples, chances, asked.pictures)
    if asked.many:
        print(measure_many())
    if asked.write:
        steps = {"tenant": float(tenants["right"].mean())}
        write(replace(learn(examples), steps=steps), sets, digest, examples)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("ENTRANCES_DATA", "")))
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--tried", action="store_true")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--many", action="store_true")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def print_bars(sets: Sequence[Labelled], examples: Examples, chances: Sequence[FloatArray]) -> None:
    """Print the bars of each left-out city, of all, and of the rivals."""
    print(HEAD)
    each = [
        judge(one, gates_of(found, chance))
        for one, (found, _), chance in zip(sets, examples, chances, strict=True)
    ]
    for city in dict.fromkeys(one.city for one in sets):
        mine = [judged for one, judged in zip(sets, each, strict=True) if one.city == city]
        print(_line(city, pooled(mine)))
    print(_line("all, each left out", pooled(each)))
    for name, rival in RIVALS.items():
        print(_line(name, pooled([judge(one, rival(one)) for one in sets])))


def _line(name: str, judged: Judged) -> str:
    precision, recall = precision_recall(judged)
    main = f"{judged.main_first.mean():.2f}" if len(judged.main_first) else "-"
    return (
        f"{name:24} {len(judged.counts):9}  {precision!s:18} {recall!s:18}"
        f" {np.nanmean(judged.error_m):7.1f} {np.nanmedian(judged.error_m):7.1f}"
        f" {main:>6} of {len(judged.main_first)}"
    )


def print_calibration(examples: Examples, chances: Sequence[FloatArray], plot: Path | None) -> None:
    """Print how often a gate is there by the chance that was said, and draw it."""
    right = np.concatenate([right for _, right in examples])
    error, rows = calibration(np.concatenate(chances), right)
    print(f"\ncalibration error {error:.3f}\n   said   true  count")
    for said, true, count in rows:
        print(f"{said:7.2f}{true:7.2f}{count:7.0f}")
    if plot is not None:
        pictures.draw_calibration(rows, error, plot)


def print_ablation(sets: Sequence[Labelled], examples: Examples) -> None:
    """Print the bars without each kind of trace, and without each measure."""
    print(f"\nwithout a generator\n{HEAD}")
    for kind, name in enumerate(TRACES[:-1]):
        fewer = [
            (found[found.kind != kind], right[found.kind != kind]) for found, right in examples
        ]
        print(_without(name, sets, fewer, [f"to_{name}_m"]))
    print(f"\nwithout a measure\n{HEAD}")
    for name in FEATURES:
        print(_without(name, sets, examples, [name]))


def _without(
    name: str, sets: Sequence[Labelled], examples: Examples, without: Sequence[str]
) -> str:
    chances = left_out(sets, examples, without)
    judged = [
        judge(one, gates_of(found, chance))
        for one, (found, _), chance in zip(sets, examples, chances, strict=True)
    ]
    return _line(name, pooled(judged))


if __name__ == "__main__":
    main()
