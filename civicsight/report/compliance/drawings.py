"""Drawings of the annexes: areas, signs, overlaps, time lines, private facades unrolled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.html_safe import safe
from civicsight.core.hues import INK
from civicsight.coverage.privacy.exposure import Exposure
from civicsight.presentation.drawing import View, draw_scale, view_of
from civicsight.presentation.symbols import level_colours

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


WIDE: Final = 640
"""Width of a strip [px]."""

LEAST_PX_M: Final = 5.0
"""A storey of a long facade is drawn no lower than this many pixels a metre."""

MOST_PX_M: Final = 12.0

FOOT: Final = 26
"""Height of what is written under a strip [px]."""

SHADES: Final = ("#fcbba1", "#fb6a4a", "#cb181d", "#67000d")
"""Shades of four steps of detail from the lowest up; they differ in lightness too."""

UNSEEN: Final = "#efece5"
SAME_WALL_DEG: Final = 5.0
LINE_ROOM, TEXT_ROOM = 6.0, 52.0
"""A wall narrower than this gets no line, or no word, of its own [px]."""

EDGE_ROOM: Final = 3.0
"""A narrower piece has no dark edge [px]; a screen draws the thinnest line a whole pixel wide."""

JOINT_M: Final = 0.3
"""Pieces no farther apart lie side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The facade of a building, by piece of wall.

    Parameters
    ----------
    along, width, low, high
        Middle along the outline and width of each piece; lower and upper edge [m].
    before, after
        Finest view that anybody may have of it, without masks and with them [px/m]; 0 for none.
    sure
        Whether a camera sees it by its record alone.
    corners
        Where one wall ends and the next begins [m], with the direction that it faces.
    length_m
        Length of the outline.
    steps
        Densities from which on it is shaded darker, from the lowest up [px/m].
    """

    along: npt.NDArray[np.float64]
    width: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    before: npt.NDArray[np.float64]
    after: npt.NDArray[np.float64]
    sure: npt.NDArray[np.bool_]
    corners: tuple[tuple[float, float], ...]
    length_m: float
    steps: tuple[float, ...]

    def draw(self, label: str, words: Mapping[str, str]) -> str:
        """Draw the strip as markup, beginning at the first corner of the outline.

        Parameters
        ----------
        label
            What it shows, in words.
        words
            What stands under it: ``scale`` and ``faces``.
        """
        across = WIDE / max(self.length_m, 1e-9)
        up = min(max(across, LEAST_PX_M), MOST_PX_M)
        tall = up * float(self.high.max())
        pieces = [self._piece(k, span, across, up, tall) for k, span in self.runs()]
        pieces += self._walls(across, tall, words["faces"])
        scale = 10.0 * across
        pieces.append(
            f'<path d="M0 {tall + 17:.1f}h{scale:.1f}" stroke="{INK}" stroke-width="2"/>'
            f'<text x="{scale + 4:.1f}" y="{tall + 21:.1f}" font-size="9">'
            f"{safe(words['scale'])}</text>"
        )
        return (
            f'<svg class="strip" viewBox="0 0 {WIDE} {tall + FOOT:.1f}" role="img" '
            f'aria-label="{safe(label)}">'
            f"<title>{safe(label)}</title>{''.join(pieces)}</svg>"
        )

    def _walls(self, across: float, tall: float, faces: str) -> list[str]:
        """Draw where each wall begins and which way it faces, as far as there is room to say so."""
        ends = [*(start * across for start, _ in self.corners[1:]), float(WIDE)]
        pieces = []
        for (start, normal), end in zip(self.corners, ends, strict=True):
            x = start * across
            if end - x >= LINE_ROOM:
                pieces.append(
                    f'<path d="M{x:.1f} 0V{tall + 5:.1f}" stroke="{INK}" stroke-width="0.8"/>'
                )
            if end - x >= TEXT_ROOM:
                pieces.append(
                    f'<text x="{x + 2:.1f}" y="{tall + 11:.1f}" font-size="9">'
                    f"{safe(faces)} {normal:.0f}°</text>"
                )
        return pieces

    def runs(self) -> list[tuple[int, tuple[float, float]]]:
        """Join pieces that look alike and lie side by side: one of each run, and where it lies."""
        found: list[tuple[int, tuple[float, float]]] = []
        for k in np.lexsort((self.along, self.high, self.low)):
            start, end = (float(self.along[k] + side * self.width[k] / 2) for side in (-1, 1))
            last, span = found[-1] if found else (-1, (0.0, 0.0))
            if found and self._looks(k) == self._looks(last) and abs(start - span[1]) < JOINT_M:
                found[-1] = (last, (span[0], end))
            else:
                found.append((int(k), (start, end)))
        return found

    def _looks(self, k: int) -> tuple[float, float, str, bool, bool]:
        hidden = bool(self.before[k] > 0.0 and not self.after[k] > 0.0)
        edged = bool(self.before[k] > 0.0 and not self.sure[k])
        return (
            float(self.low[k]),
            float(self.high[k]),
            shade_of(self.after[k], self.steps),
            edged,
            hidden,
        )

    def _piece(
        self, k: int, span: tuple[float, float], across: float, up: float, tall: float
    ) -> str:
        """Draw a run of wall: shaded by what is seen of it, struck out where a mask hides it."""
        x = span[0] * across
        y, w = tall - self.high[k] * up, max((span[1] - span[0]) * across, 0.5)
        h = (self.high[k] - self.low[k]) * up
        *_, shade, edged, hidden = self._looks(k)
        line = ("none" if w < EDGE_ROOM else INK) if edged else "#fff"
        box = (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{shade}" '
            f'stroke="{line}" stroke-width="0.4"/>'
        )
        if hidden:
            slash = f"M{x:.1f} {y + h:.1f}l{w:.1f} {-h:.1f}"
            box += f'<path d="{slash}" stroke="{INK}" stroke-width="0.8"/>'
        return box


def shade_of(px_m: float, steps: tuple[float, ...]) -> str:
    """Return the shade of a density; what is below the lowest step has its shade."""
    if not px_m > 0.0:
        return UNSEEN
    return level_colours(len(steps), SHADES)[bisect_right(steps[1:], px_m)]


def strip_of(
    exposure: Exposure, building_id: str, outline: BaseGeometry, steps: tuple[float, ...]
) -> Strip:
    """Unroll the private facade of a building.

    Parameters
    ----------
    exposure
        What cameras see of private facades.
    building_id, outline
        The building, whose samples stand just outside of its outline.
    steps
        Densities from which on it is shaded darker, from the lowest up [px/m].
    """
    rows = np.flatnonzero(exposure.facades["building_id"].eq(building_id).to_numpy(bool))
    facts = exposure.facades.iloc[rows]
    ring = shapely.get_exterior_ring(shapely.get_parts(outline)[0])
    along = shapely.line_locate_point(ring, facts.geometry.to_numpy())
    best = [
        matrix.best()[rows].astype(np.float64)
        for matrix in (
            exposure.matrices["possible"],
            exposure.veiled["possible"],
            exposure.matrices["sure"],
        )
    ]
    return Strip(
        along,
        facts["width_m"].to_numpy(np.float64),
        facts["low_m"].to_numpy(np.float64),
        facts["high_m"].to_numpy(np.float64),
        best[0],
        best[1],
        best[2] > 0.0,
        _corners(along, facts),
        float(ring.length),
        steps,
    )


def _corners(
    along: npt.NDArray[np.float64], facts: gpd.GeoDataFrame
) -> tuple[tuple[float, float], ...]:
    """Return where walls begin, and which way each faces."""
    laid = pd.DataFrame(
        {
            "start": along - facts["width_m"].to_numpy(np.float64) / 2,
            "normal": facts["normal_deg"].to_numpy(np.float64),
        }
    ).sort_values("start", kind="stable")
    turned = np.abs((laid["normal"].diff().to_numpy() + 180.0) % 360.0 - 180.0)
    first = ~(turned <= SAME_WALL_DEG)
    return tuple(laid.loc[first, ["start", "normal"]].itertuples(index=False, name=None))
