"""Drawings of the chapters: the area with what lies outside, ways in with signs, time lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import geopandas as gpd
import shapely

from civicsight.presentation.html_safe import safe
from civicsight.report.drawing import INK, View, draw_scale, view_of

SIDE: Final = 520
"""Side of a map [px]."""

MARGIN: Final = 1.06

EDGE: Final = "#0072b2"
BAD: Final = "#b0006d"
GOOD: Final = "#009e73"
PALE: Final = "#dcd6ca"
HOUSE: Final = "#e9e4da"

LINE_WIDE, LINE_ROW, LINE_LEFT = 640, 34, 150
"""Width of a time line, height of a row of it, and where its days begin [px]."""


def draw_area(
    areas: gpd.GeoDataFrame,
    roads: gpd.GeoSeries,
    good: gpd.GeoSeries,
    bad: gpd.GeoSeries,
    label: str,
) -> str:
    """Draw areas with points inside of them as dots, and points outside of them as crosses."""
    view = _view_around([*areas.geometry, *good, *bad])
    return _sheet(
        view,
        [
            *(view.path(road, "none", PALE, width=1.2) for road in _in(roads, view)),
            *(view.path(area, EDGE, EDGE, opacity=0.05, width=1.6) for area in areas.geometry),
            *(_dot(view, spot) for spot in good),
            *(_cross(view, spot) for spot in bad),
        ],
        label,
    )


def draw_ways_in(
    wedges: Iterable[Any],
    roads: gpd.GeoSeries,
    ways: gpd.GeoDataFrame,
    signs: gpd.GeoSeries,
    label: str,
) -> str:
    """Draw views, where one walks or drives into them, and signs.

    `ways` has a column ``met``; one that meets a sign is an open arrow, another a full one.
    """
    view = _view_around([*ways.geometry, *signs])
    return _sheet(
        view,
        [
            *(view.path(road, "none", PALE, width=1.2) for road in _in(roads, view)),
            *(view.path(wedge, INK, INK, opacity=0.05, width=0.4) for wedge in wedges),
            *(_arrow(view, row) for row in ways.itertuples()),
            *(_square(view, spot) for spot in signs),
        ],
        label,
    )


def draw_overlap(
    mine: gpd.GeoSeries,
    others: gpd.GeoSeries,
    ground: tuple[gpd.GeoSeries, gpd.GeoSeries],
    label: str,
) -> str:
    """Draw the view of a camera over those that do its work, on `ground`: buildings and roads."""
    buildings, roads = ground
    view = _view_around([*mine, *others])
    return _sheet(
        view,
        [
            *(view.path(road, "none", PALE, width=1.2) for road in _in(roads, view)),
            *(view.path(house, HOUSE, PALE) for house in _in(buildings, view)),
            *(view.path(wedge, EDGE, EDGE, opacity=0.25, width=1.2) for wedge in others),
            *(view.path(wedge, INK, INK, opacity=0.4, width=1.6) for wedge in mine),
        ],
        label,
    )


def draw_time_line(
    rows: Sequence[tuple[str, Mapping[str, date]]], marks: Mapping[str, str], label: str
) -> str:
    """Draw days by row: a mark for each, and months along the foot.

    Parameters
    ----------
    rows
        Name of each row, and its days by kind.
    marks
        Letter of each kind.
    label
        What it shows, in words.
    """
    days = [day for _, own in rows for day in own.values()]
    first, last = min(days), max(days)
    span = max((last - first).days, 1)
    scale = (LINE_WIDE - LINE_LEFT - 40) / span
    tall = LINE_ROW * len(rows) + 22
    pieces = []
    for n, (name, own) in enumerate(rows):
        y = LINE_ROW * n + 20
        pieces.append(
            f'<path d="M{LINE_LEFT} {y}H{LINE_WIDE - 20}" stroke="{PALE}" stroke-width="1"/>'
            f'<text x="0" y="{y + 4}" font-size="10">{safe(name[:18])}</text>'
        )
        ordered = sorted(own.items(), key=lambda entry: entry[1])
        for k, (kind, day) in enumerate(ordered):
            x = LINE_LEFT + (day - first).days * scale
            pieces.append(
                f'<circle cx="{x:.1f}" cy="{y}" r="3" fill="{EDGE}"/>'
                f'<text x="{x:.1f}" y="{y - 5 if k % 2 else y + 13}" font-size="9" '
                f'text-anchor="middle">{safe(marks[kind])}</text>'
            )
    for day, anchor in ((first, "start"), (last, "end")):
        x = LINE_LEFT + (day - first).days * scale
        pieces.append(
            f'<text x="{x:.1f}" y="{tall - 3}" font-size="9" text-anchor="{anchor}">{day}</text>'
        )
    return (
        f'<svg class="strip" viewBox="0 0 {LINE_WIDE} {tall}" role="img" '
        f'aria-label="{safe(label)}">'
        f"<title>{safe(label)}</title>{''.join(pieces)}</svg>"
    )


def _view_around(shapes: Iterable[Any]) -> View:
    west, south, east, north = shapely.total_bounds(list(shapes))
    span = max(east - west, north - south, 50.0) * MARGIN
    return view_of((west + east) / 2, (south + north) / 2, span, SIDE)


def _in(shapes: gpd.GeoSeries, view: View) -> list[Any]:
    return list(shapes.iloc[sorted(shapes.sindex.query(view.window, predicate="intersects"))])


def _sheet(view: View, pieces: list[str], label: str) -> str:
    return (
        f'<svg class="map" viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{safe(label)}">'
        f'<title>{safe(label)}</title><rect width="{SIDE}" height="{SIDE}" fill="#fbfaf7"/>'
        f"{''.join(pieces)}{draw_scale(SIDE / view.scale, SIDE)}</svg>"
    )


def _dot(view: View, spot: Any) -> str:
    x, y = view.at(spot.x, spot.y)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{INK}"/>'


def _cross(view: View, spot: Any) -> str:
    x, y = view.at(spot.x, spot.y)
    return (
        f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0-10l-10 10" stroke="{BAD}" stroke-width="2.4"/>'
    )


def _square(view: View, spot: Any) -> str:
    x, y = view.at(spot.x, spot.y)
    return (
        f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="#fff" '
        f'stroke="{GOOD}" stroke-width="1.6"/>'
    )


def _arrow(view: View, way: Any) -> str:
    x, y = view.at(way.geometry.x, way.geometry.y)
    fill, line = ("#fff", GOOD) if way.met == "met" else (BAD, BAD)
    return (
        f'<path d="M0-6l4 9l-4-3l-4 3z" fill="{fill}" stroke="{line}" stroke-width="1.2" '
        f'transform="translate({x:.1f} {y:.1f}) rotate({way.heading_deg:.0f})"/>'
    )
