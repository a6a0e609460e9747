"""The goals, and the lines that hold a measured figure against them."""

from __future__ import annotations

import math
from dataclasses import dataclass

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """One goal.

    Parameters
    ----------
    title, unit
        What is measured, and in what.
    key
        Name of the figure.
    must, stretch
        The floor, and what one would be proud of.
    more_is_better
        Whether a figure has to be at least, not at most, the goal.
    """

    title: str
    unit: str
    key: str
    must: float
    stretch: float
    more_is_better: bool = False

    def line(self, figures: Figures) -> tuple[str, ...]:
        """Return the line of the table: title, goal, figure, verdict."""
        sign = ">=" if self.more_is_better else "<="
        goal = f"{sign} {self.must:g} ({self.stretch:g}) {self.unit}"
        found = figures.get(self.key, math.nan)
        if math.isnan(found):
            return self.title, goal, "-", "not measured"
        return self.title, goal, f"{found:.3g}", self._verdict(found)

    def _verdict(self, found: float) -> str:
        sign = -1.0 if self.more_is_better else 1.0
        if sign * found <= sign * self.stretch:
            return "stretch"
        return "met" if sign * found <= sign * self.must else "MISSED"


BARS = (
    Bar("open cells in view that differ from brute force", "", "differ", 0, 0),
    Bar("GDAL / ours, both 360 deg, 0.5 m / 80 m", "x", "gdal 360", 40, 90, more_is_better=True),
    Bar(
        "GDAL / ours, camera of 90 deg, 0.5 m / 80 m", "x", "gdal 90", 125, 350, more_is_better=True
    ),
    Bar("Embree / ours, 90 deg, 1 m / 80 m", "x", "embree 1", 10, 25, more_is_better=True),
    Bar("Embree / ours, 90 deg, 0.5 m / 80 m", "x", "embree 0.5", 30, 80, more_is_better=True),
    Bar(
        "xarray-spatial / ours, 90 deg, 0.5 m / 80 m",
        "x",
        "xarray",
        4_000,
        12_000,
        more_is_better=True,
    ),
    Bar("a camera, flat, 1 m / 80 m, 90 deg", "us", "us 1 80", 20, 8),
    Bar("a camera, flat, 0.5 m / 80 m, 90 deg", "us", "us 0.5 80", 11, 8),
    Bar("the same with px/m", "us", "us px 0.5 80", 25, 15),
    Bar("relief / flat, 0.5 m / 80 m", "x", "x relief", 2, 1.5),
    Bar("24 poses of one site / one, lines of sight", "x", "x poses", 4, 2.5),
    Bar("one camera at 0.1 m among a million footprints", "s", "s city", 0.5, 0.05),
    Bar("a camera, flat, 0.5 m / 150 m, 90 deg", "us", "us 0.5 150", 70, 25),
    Bar("worst case: relief, half of the roofs below", "us", "us worst", 500, 150),
    Bar("one camera from Python (median)", "ms", "ms single", 0.2, 0.02),
    Bar("1,000,000 cameras with count raster, 0.5 m / 80 m", "s", "s million", 10, 8),
    Bar("memory of that", "GiB", "gib million", 1, 0.8),
    Bar("first result of a process, kernels not compiled yet", "s", "s cold", 15, 8),
    Bar("first check of a machine, nothing compiled, CPU in all", "s", "s check cold", 15, 10),
    Bar("first result of a process, kernels on disk", "s", "s warm", 1.5, 0.7),
)


def print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns; the first column is text, the others are set flush right."""
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    for row in (head, tuple("-" * width for width in widths), *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip())
    print(flush=True)
