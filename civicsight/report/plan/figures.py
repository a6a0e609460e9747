"""Drawings of a plan: map sheets, the overview, curves of cost and coverage, the search."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import cos, pi, radians, sin
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.hues import BUILDING, INK
from civicsight.coverage.result import CheckResult
from civicsight.planning.record.actions import done_in
from civicsight.planning.record.plan import Plan
from civicsight.presentation.drawing import SCALES_M, Canvas, View, view_of
from civicsight.presentation.symbols import MEASURE_STYLES, STATUS_STYLES, ZONE_STYLE

SIDE: Final = 620
"""Side of a sheet [px]."""

MARGIN_M: Final = 40.0
SHEET_M: Final = 800.0
"""Greatest side of a sheet: beyond it no house can be told from its neighbour in print."""

WEDGE_M: Final = 25.0
STREET: Final = "#dcd6ca"

CORNERS: Final[Mapping[str, int]] = {
    "square": 4, "diamond": 4, "triangle": 3, "disc": 32, "pause": 6, "cross": 8,
}  # fmt: skip
"""Corners by which print tells the signs of `MEASURE_STYLES` apart."""


def draw_overview(result: CheckResult, plan: Plan, when: str) -> Canvas:
    """Draw the whole area: its parts by what they were before the plan, or will be after it."""
    shapes = [*result.parts.geometry, *plan.works.geometry]
    view = _frame(
        np.asarray(gpd.GeoSeries(shapes).total_bounds if shapes else result.city.extent.bounds)
    )
    canvas = _ground(result, view, houses=SIDE / view.scale <= 3 * SHEET_M)
    _parts(canvas, result, plan, view, when)
    if when == "after":
        for _, row in numbered(plan).iterrows():
            _camera(canvas, view, row, "")
    _scale(canvas, view)
    return canvas


def sheets_of(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Divide the works of a plan into sheets, from north-west to south-east, by their number."""
    works = numbered(plan)
    if works.empty:
        return {}
    west, _, _, north = works.total_bounds
    column = ((works.geometry.x - west) // SHEET_M).astype(int)
    row = ((north - works.geometry.y) // SHEET_M).astype(int)
    groups = works.groupby([row, column], sort=True)
    return {str(k): gpd.GeoDataFrame(own) for k, (_, own) in enumerate(groups, start=1)}


def numbered(plan: Plan) -> gpd.GeoDataFrame:
    """Return the works with the ``number`` by which maps and tables name them, in order of ids."""
    works = done_in(plan)
    return works[works["year"].gt(0)].sort_index().assign(number=plan.numbers)


def draw_sheet(result: CheckResult, plan: Plan, works: gpd.GeoDataFrame) -> Canvas:
    """Draw one sheet: its measures with numbers and directions, over what they will cover."""
    view = _frame(works.total_bounds)
    canvas = _ground(result, view, houses=True)
    _parts(canvas, result, plan, view, "after")
    for _, row in works.iterrows():
        _camera(canvas, view, row, str(row["number"]))
    _scale(canvas, view)
    return canvas


def _frame(bounds: Any) -> View:
    west, south, east, north = (float(value) for value in bounds)
    span = max(east - west, north - south) + 2 * MARGIN_M
    return view_of((west + east) / 2, (south + north) / 2, span, SIDE)


def _ground(result: CheckResult, view: View, *, houses: bool) -> Canvas:
    canvas = Canvas(SIDE, SIDE)
    layers: list[tuple[Any, Any, Any, float, float]] = [
        (result.city.roads, "none", STREET, 3.0 if houses else 1.0, 1.0)
    ]
    if houses:
        layers.append((result.city.buildings, BUILDING["fill"], BUILDING["color"], 0.7, 1.0))
    layers.append((result.zones, ZONE_STYLE["color"], ZONE_STYLE["color"], 0.8, 0.08))
    for table, fill, line, width, opacity in layers:
        rows = sorted(table.sindex.query(view.window, predicate="intersects"))
        for shape in table.geometry.iloc[rows]:
            canvas.shape(view, shape, str(fill), str(line), width=width, opacity=opacity)
    return canvas


def _parts(canvas: Canvas, result: CheckResult, plan: Plan, view: View, when: str) -> None:
    status: pd.Series = plan.parts[f"status_{when}"]
    shapes = result.parts.geometry.reindex(status.index)
    for label, shape in shapes.items():
        if shape is None or not shape.intersects(view.window):
            continue
        colour = STATUS_STYLES[status[label]]["color"]
        canvas.shape(view, shape, colour, colour, width=3.0, opacity=0.25)
        spot = shape.representative_point()
        canvas.area(
            _polygon(
                *view.at(spot.x, spot.y),
                4.0,
                {"covered": 24, "assumed": 4, "possible": 3}.get(status[label], 5),
            ),
            colour,
            INK,
        )


def _camera(canvas: Canvas, view: View, row: pd.Series, label: str) -> None:
    x, y = view.at(row["geometry"].x, row["geometry"].y)
    look = MEASURE_STYLES[row["action"]]
    colour = str(look["color"])
    if np.isfinite(row["azimuth_deg"]) and np.isfinite(row["hfov_deg"]) and label:
        half = min(float(row["hfov_deg"]), 359.0) / 2
        reach = WEDGE_M * view.scale
        turns = np.linspace(row["azimuth_deg"] - half, row["azimuth_deg"] + half, 12)
        arc = [(x + reach * sin(radians(t)), y - reach * cos(radians(t))) for t in turns]
        canvas.area([(x, y), *arc], colour, colour, opacity=0.18, width=0.8)
    fill, edge = ("#ffffff", colour) if look.get("hollow") else (colour, "#ffffff")
    canvas.area(_polygon(x, y, 5.0, CORNERS[look["sign"]]), fill, edge)
    if label:
        canvas.word(x + 6, y - 5, label, colour)


def _polygon(x: float, y: float, radius: float, corners: int) -> list[tuple[float, float]]:
    turns = [
        2 * pi * k / corners - pi / 2 + (pi / 4 if corners == 4 else 0) for k in range(corners)
    ]
    return [(x + radius * cos(turn), y + radius * sin(turn)) for turn in turns]


def _scale(canvas: Canvas, view: View) -> None:
    span_m = SIDE / view.scale
    steps = (*SCALES_M, 500, 1_000, 2_000, 5_000)
    length = max([step for step in steps if step < span_m / 3], default=steps[0])
    canvas.trace([(12, SIDE - 14), (12 + length * view.scale, SIDE - 14)], INK, 3.0)
    canvas.word(12, SIDE - 20, f"{length} m")
    canvas.trace([(SIDE - 18, 32), (SIDE - 18, 10)], INK, 2.0)
    canvas.trace([(SIDE - 24, 18), (SIDE - 18, 10), (SIDE - 12, 18)], INK, 2.0)
    canvas.word(SIDE - 22, 46, "N")


WIDTH, HEIGHT = 620, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 40

VALUE: Final = "#b0006d"
BOUND: Final = "#006b4f"
GRID: Final = "#cfc8ba"

FloatArray = npt.NDArray[np.float64]


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
