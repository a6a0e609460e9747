"""How the cost of a check and a judgement grows: one thing made larger at a time, the rest held.

Called as ``python -m benchmarks.growth --pictures docs/pictures``. Buildings are those of New York,
cut to a square; cameras, places and gates are seeded beside them and say so. Every size runs in a
process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from benchmarks.bars import print_table
from benchmarks.chain import cut
from benchmarks.cities import ROOT, data_folder
from civicsight import check, judge
from civicsight.io import read_city
from tests.made import with_made
from tests.test_cities import SEED


class Scale(NamedTuple):
    """What a city is made of: share of buildings, cameras, places a class, range, side of cells."""

    buildings: float = 0.1
    cameras: int = 2_000
    places: int = 20
    range_m: float = 40.0
    cell_m: float = 1.0


STEPS: Final[Mapping[str, tuple[Any, ...]]] = {
    "buildings": (0.1, 0.3, 1.0),
    "cameras": (2_000, 6_000, 20_000),
    "places": (20, 60, 200),
    "range_m": (40.0, 80.0, 160.0),
    "cell_m": (1.0, 0.5, 0.25),
}
"""The sizes at which each is measured, the others as in `Scale`."""

STAGES: Final = ("check", "judge")
MARKS_S: Final = (1, 2, 5, 10, 20, 50)
FONTS: Final = ("DejaVu Sans", "Noto Sans CJK SC")
COLOURS: Final = {"check": "#0b6e99", "judge": "#b3541e"}
LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "buildings": "buildings", "cameras": "cameras", "places": "places", "range_m": "range [m]",
        "cell_m": "side of a cell [m]", "check": "check", "judge": "judgement",
        "cpu": "CPU seconds", "slope": "slope",
    },
    "zh-CN": {
        "buildings": "建筑物", "cameras": "摄像机", "places": "场所", "range_m": "视距（米）",
        "cell_m": "栅格边长（米）", "check": "核查", "judge": "评判",
        "cpu": "CPU 秒", "slope": "斜率",
    },
}  # fmt: skip


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(measure(Scale(*json.loads(options.one)))))
        return
    found = {
        name: [_ask(Scale()._replace(**{name: size})) for size in sizes]
        for name, sizes in STEPS.items()
    }
    rows = []
    for name, entries in found.items():
        sizes = [entry["sizes"][name] for entry in entries]
        for stage in STAGES:
            spent = [entry["cpu_s"][stage] for entry in entries]
            figures = [f"{size:,g}: {cpu:.1f}" for size, cpu in zip(sizes, spent, strict=True)]
            rows.append((name, stage, *figures, f"{slope(sizes, spent):+.2f}"))
    print_table(("grows", "stage", *("size: CPU s" for _ in range(3)), "slope"), rows)
    if options.out:
        options.out.write_text(json.dumps(found, indent=2), encoding="utf-8")
    if options.pictures:
        for language, words in LABELS.items():
            suffix = "" if language == "en" else f".{language}"
            draw(found, words, options.pictures / f"growth{suffix}.svg")


def measure(scale: Scale) -> dict[str, Any]:
    """Return CPU seconds of checking and judging a city of a scale, and its sizes."""
    whole = read_city(data_folder() / "nyc_buildings", name="nyc")[0]
    judge(check(with_made(cut(whole, 0.005), 40, SEED, per_item=1)))  # loads what is compiled
    city = with_made(cut(whole, scale.buildings), scale.cameras, SEED, per_item=scale.places)
    city = replace(city, cameras=city.cameras.assign(reach_m=scale.range_m))
    began = time.process_time()
    result = check(city, cell_m=scale.cell_m)
    checked = time.process_time()
    judge(result)
    spent = {"check": checked - began, "judge": time.process_time() - checked}
    sizes = {
        "buildings": len(city.buildings),
        "cameras": len(result.cameras),
        "places": len(result.zones),
        "range_m": scale.range_m,
        "cell_m": scale.cell_m,
    }
    return {"cpu_s": spent, "sizes": sizes}


def slope(sizes: Sequence[float], spent: Sequence[float]) -> float:
    """Return the power of a size with which a cost grows, by least squares of logarithms.

    Examples
    --------
    >>> slope([1.0, 10.0, 100.0], [2.0, 20.0, 200.0])
    1.0
    """
    return round(float(np.polyfit(np.log(sizes), np.log(spent), 1)[0]), 6)


def draw(found: Mapping[str, Sequence[Any]], words: Mapping[str, str], path: Path) -> None:
    """Draw both stages over each size, on logarithms, with their slopes; text stays text."""
    look = {"svg.fonttype": "none", "svg.hashsalt": path.name, "font.size": 9, "font.family": FONTS}
    with mpl.rc_context(look):
        figure, axes = plt.subplots(1, len(found), figsize=(2.6 * len(found), 2.8), sharey=True)
        for axis, (name, entries) in zip(axes, found.items(), strict=True):
            sizes = [entry["sizes"][name] for entry in entries]
            for stage, mark in zip(STAGES, ("o-", "s--"), strict=True):
                spent = [entry["cpu_s"][stage] for entry in entries]
                label = f"{words[stage]}: {slope(sizes, spent):+.2f}"
                axis.loglog(sizes, spent, mark, color=COLOURS[stage], markersize=4, label=label)
            axis.set_xlabel(words[name])
            axis.set_xticks(sizes, [f"{size:,g}" for size in sizes])
            axis.minorticks_off()
            axis.grid(visible=True, alpha=0.3)
            axis.legend(title=words["slope"], fontsize=8, title_fontsize=8)
        axes[0].set_yticks(MARKS_S, [f"{mark}" for mark in MARKS_S])
        axes[0].set_ylabel(words["cpu"])
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        plt.close(figure)


def _ask(scale: Scale) -> dict[str, Any]:
    """Measure one scale in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", "--one", json.dumps(scale)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--pictures", type=Path, help="draw them into this folder, once a language")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
