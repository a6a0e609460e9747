"""Two curves: what less coverage would cost, and how value and bound closed on each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from civicsight.core.arrays import FloatArray
from civicsight.planning.plan import Plan
from civicsight.report.drawing import INK
from civicsight.report.plan.canvas import Canvas

WIDTH, HEIGHT = 620, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 40

VALUE: Final = "#b0006d"
BOUND: Final = "#006b4f"
GRID: Final = "#cfc8ba"


def draw_slider(plan: Plan) -> Canvas:
    """Draw cost and bound [1000 yuan] over the share of the demand that is asked for [%]."""
    table = plan.slider.sort_values("share")
    share = table["share"].to_numpy(np.float64) * 100
    series = [
        (share, table[name].to_numpy(np.float64) / 1000, colour)
        for name, colour in (("cost_yuan", VALUE), ("bound_yuan", BOUND))
    ]
    return _draw(series, lambda x: f"{x:.0f}", marks=True)


def draw_history(plan: Plan) -> Canvas:
    """Draw value and bound over time [s]: money in 1000 yuan, weight as it is."""
    table = plan.history
    scale = 1000.0 if plan.proof.goal == "cheapest" else 1.0
    seconds = table["seconds"].to_numpy(np.float64)
    series = []
    for name, colour in (("value", VALUE), ("bound", BOUND)):
        known = table[name].to_numpy(np.float64) / scale
        series.append((seconds, known, colour))
    return _draw(series, lambda x: f"{x:.1f}", marks=False)


def _draw(
    series: Sequence[tuple[FloatArray, FloatArray, str]],
    tell: Callable[[float], str],
    *,
    marks: bool,
) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    xs = np.concatenate([x for x, _, _ in series])
    ys = np.concatenate([y for _, y, _ in series])
    ys = ys[np.isfinite(ys)]
    if not len(xs) or not len(ys):
        return canvas
    west, east = float(xs.min()), max(float(xs.max()), float(xs.min()) + 1e-9)
    top = max(float(ys.max()) * 1.05, 1e-9)

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (x - west) / (east - west) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM),
        )

    for level in np.linspace(0.0, top, 5):
        (x0, y0), (x1, y1) = at(west, level), at(east, level)
        canvas.trace([(x0, y0), (x1, y1)], GRID)
        canvas.word(6, y0 + 4, f"{level:,.4g}")
    for tick in np.unique(xs) if marks else np.linspace(west, east, 6):
        x, y = at(float(tick), 0.0)
        canvas.trace([(x, y), (x, y + 5)], INK)
        canvas.word(x - 8, y + 20, tell(float(tick)))
    for x_values, y_values, colour in series:
        known = np.isfinite(y_values)
        points = [at(x, y) for x, y in zip(x_values[known], y_values[known], strict=True)]
        if len(points) > 1:
            canvas.trace(points, colour, 2.0)
        for px, py in points if marks else ():
            canvas.area(
                [(px - 4, py - 4), (px + 4, py - 4), (px + 4, py + 4), (px - 4, py + 4)], colour
            )
    return canvas
