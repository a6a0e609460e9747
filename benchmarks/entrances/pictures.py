"""Pictures to look at: hits, misses and the calibration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
import shapely

from benchmarks.entrances.measured import gates_of, judge
from benchmarks.entrances.sets import Labelled
from benchmarks.entrances.training import Examples
from civicsight.core.arrays import FloatArray

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "civicsight"

from matplotlib import pyplot as plt  # noqa: E402  (after the choice of what draws)

EACH: Final = 10
AROUND_M: Final = 30.0
SEED: Final = 19


def draw_calibration(rows: FloatArray, error: float, to: Path) -> None:
    """Draw what was said against what is: columns as `calibration` returns them."""
    figure, axes = plt.subplots(figsize=(4.6, 4.2))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.scatter(rows[:, 0], rows[:, 1], s=rows[:, 2] / 4.0, color="#1f5fa8", zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("chance that was said")
    axes.set_ylabel("share with a door within 15 m")
    axes.set_title(f"cities left out in turn; mean gap {error:.3f}", fontsize=10)
    figure.tight_layout()
    figure.savefig(to, metadata={"Date": None})
    plt.close(figure)


def draw(
    sets: Sequence[Labelled], examples: Examples, chances: Sequence[FloatArray], to: Path
) -> None:
    """Draw ten buildings whose best gate is right and ten where it is not, drawn by lot."""
    rows = []
    for number, one in enumerate(sets):
        gates = gates_of(examples[number][0], chances[number])
        error = judge(one, gates).error_m
        rows += [(number, building, float(gap)) for building, gap in enumerate(error)]
    rng = np.random.default_rng(SEED)
    for name, wanted in (
        ("hits", [row for row in rows if row[2] <= 15.0]),
        ("misses", [row for row in rows if row[2] > 15.0]),
    ):
        chosen = [wanted[at] for at in rng.choice(len(wanted), EACH, replace=False)]
        figure, axes = plt.subplots(2, 5, figsize=(20, 8.6))
        for (number, building, gap), axis in zip(chosen, axes.ravel(), strict=True):
            found = gates_of(examples[number][0], chances[number])
            _draw_one(axis, sets[number], building, found[1][found[0] == building], gap)
        figure.tight_layout()
        figure.savefig(to / f"entrances-{name}.png", dpi=70)
        plt.close(figure)


def _draw_one(axis: plt.Axes, one: Labelled, building: int, gates: FloatArray, gap: float) -> None:
    outline = one.outlines[building]
    left, bottom, right, top = outline.bounds
    frame = shapely.box(left - AROUND_M, bottom - AROUND_M, right + AROUND_M, top + AROUND_M)
    for at in one.around.building_tree.query(frame, predicate="intersects"):
        for part in shapely.get_parts(one.around.buildings[at]):
            axis.fill(*np.array(part.exterior.coords).T, color="0.88")
    axis.fill(*np.array(outline.exterior.coords).T, color="#f3d9a4")
    for at in one.around.road_tree.query(frame, predicate="intersects"):
        thick = 0.8 if str(one.around.road_kinds[at]) in ("footway", "path", "steps") else 2.0
        axis.plot(*np.array(one.around.roads[at].coords).T, color="0.55", linewidth=thick)
    for wall in one.around.walls[one.around.wall_tree.query(frame, predicate="intersects")]:
        axis.plot(*shapely.get_coordinates(wall).T, color="#7a3b1d", linewidth=0.8)
    marks = shapely.get_coordinates(one.marks[shapely.intersects(one.marks, frame)])
    doors = one.doors[one.door_of == building]
    axis.plot(*marks.T, "x", color="0.4", markersize=4)
    axis.plot(*doors.T, "o", color="#1c7c3a", markersize=8)
    axis.plot(*gates.T, "s", color="none", markeredgecolor="#b3122b", markersize=11)
    axis.set(xlim=(frame.bounds[0], frame.bounds[2]), ylim=(frame.bounds[1], frame.bounds[3]))
    axis.set_aspect("equal")
    axis.set_axis_off()
    axis.set_title(f"{one.city}: {gap:.0f} m", fontsize=10)
