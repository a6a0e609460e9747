"""A value at first sight: at most twenty lines of text, and HTML with a small map for notebooks.

A class says once what is shown, as an `Overview`; text and HTML are both made of it. Labels are
names that the value has in Python, so that a reader can go on from what is shown. Nothing is
computed for it: numbers are lengths of tables, and the map thins what it draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from civicsight.core.html_safe import safe
from civicsight.core.hues import BUILDING, GROUND, INK

MOST_LINES: Final = 20
"""Lines of a text."""

WIDTH: Final = 100
"""Characters of a line."""

LONGEST: Final = 300
"""Characters of one value; what a file holds may be longer."""

MOST_SHAPES: Final = 1_500
"""Shapes of one kind on a map; of more, every second, third and so on is drawn."""

MOST_CORNERS: Final = 200
"""Corners of one shape on a map; a shape of more is drawn as its box."""

MAP_PX: Final = 320
"""Longer side of a map."""

DOT_PX: Final = 2.5
"""Radius of a point on a map."""

MOST_ROWS: Final = 50
"""Rows of a fold."""

STYLE: Final = (
    "display:inline-block;vertical-align:top;margin:0 1.5em 0 0;font-size:90%;text-align:left"
)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Shapes of one kind on a small map.

    Parameters
    ----------
    shapes
        Geometries of any type, in metres.
    colour
        Of points and lines, and of the outlines of areas.
    fill
        Inside of areas; empty for none.
    loud
        Whether what is smaller than a dot is drawn as one, and lines are bold.
    """

    shapes: Iterable[Any]
    colour: str = INK
    fill: str = ""
    loud: bool = False


def houses(shapes: Iterable[Any]) -> Drawn:
    """Return the footprints of buildings, as every small map draws them."""
    return Drawn(shapes, BUILDING["color"], BUILDING["fill"])


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What is shown of a value.

    Parameters
    ----------
    title
        Its class, and what it is called.
    facts
        Values by name; the names are those of attributes where there are such.
    folds
        More of it, closed in HTML and left out of the text: rows of name and value by heading.
    drawn
        Makes what the map shows, from the ground up; only HTML asks for it.
    """

    title: str
    facts: Mapping[str, object]
    folds: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))
    drawn: Callable[[], Sequence[Drawn]] = tuple

    def line(self) -> str:
        """Return all facts in one line."""
        facts = ", ".join(f"{name} {plain(value)}" for name, value in self.facts.items())
        return f"<{plain(self.title)} {facts}>"

    def text(self) -> str:
        """Return a line for the title and at least one for each fact, `MOST_LINES` at most."""
        width = max(map(len, self.facts), default=0)
        lines = [f"<{plain(self.title)}>"]
        for name, value in self.facts.items():
            rows = wrap(plain(value), WIDTH - width - 4) or [""]
            heads = [f"  {name:<{width}}  ", *[" " * (width + 4)] * (len(rows) - 1)]
            lines += [f"{head}{row}".rstrip() for head, row in zip(heads, rows, strict=True)]
        if len(lines) > MOST_LINES:
            left = len(lines) - MOST_LINES + 1
            lines[MOST_LINES - 1 :] = [f"  ... {left} more lines"]
        return "\n".join(lines)

    def html(self) -> str:
        """Return the same as a table beside a small map, and the folds below, in one piece."""
        facts = (_row(name, plain(value)) for name, value in self.facts.items())
        folds = "".join(_fold(heading, rows) for heading, rows in self.folds.items() if rows)
        return (
            f'<div class="civicsight"><table style="{STYLE}">'
            f'<caption style="text-align:left"><b>{safe(plain(self.title))}</b></caption>'
            f"{''.join(facts)}</table>{draw(self.drawn())}{folds}</div>"
        )


def plain(value: object) -> str:
    """Return a value as text of one line that is not too long; numbers with groups of thousands."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return f"{value:,}"
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def crs_name(crs: CRS) -> str:
    """Return the code of a CRS, or its name where it has none."""
    return crs.to_string() if crs.to_authority() else crs.name


def joined(counts: Mapping[Any, object]) -> str:
    """Return counts in one text, each behind its name."""
    return ", ".join(f"{name} {plain(count)}" for name, count in counts.items())


def _row(name: str, value: str) -> str:
    return f'<tr><th style="text-align:left">{safe(name)}</th><td>{safe(value)}</td></tr>'


def _fold(heading: str, rows: Mapping[str, object]) -> str:
    """Return rows that open by a click, `MOST_ROWS` at most."""
    shown = "".join(_row(plain(name), plain(rows[name])) for name in list(rows)[:MOST_ROWS])
    left = len(rows) - MOST_ROWS
    more = _row("...", f"{left:,} more") if left > 0 else ""
    return (
        f"<details><summary>{safe(heading)} ({len(rows):,})</summary>"
        f'<table style="font-size:90%;text-align:left">{shown}{more}</table></details>'
    )


def draw(drawn: Sequence[Drawn]) -> str:
    """Return shapes as one inline SVG with north up; nothing where there is none."""
    layers = [(each, _thinned(each.shapes)) for each in drawn]
    corners = [shapely.bounds(shapes) for _, shapes in layers if len(shapes)]
    if not corners:
        return ""
    bounds = np.concatenate(corners)
    west, south = np.nanmin(bounds[:, :2], axis=0)
    east, north = np.nanmax(bounds[:, 2:], axis=0)
    metres = float(max(east - west, north - south, 1.0))
    scale = (MAP_PX - 2 * DOT_PX - 2) / metres
    inside = (np.array([east - west, north - south]) * scale + 2 * DOT_PX + 2).round().astype(int)
    marks = "".join(_marks(each, shapes, (west, north), scale) for each, shapes in layers)
    width, height = (max(int(side), 8) for side in inside)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" style="background:{GROUND}">{marks}</svg>'
    )


def _thinned(shapes: Iterable[Any]) -> npt.NDArray[Any]:
    """Return shapes that can be drawn, of too many every second, third and so on."""
    found: npt.NDArray[Any] = np.asarray(shapes, object)
    step = -(-len(found) // MOST_SHAPES) or 1
    found = found[::step]
    there: npt.NDArray[Any] = found[~(shapely.is_missing(found) | shapely.is_empty(found))]
    return there


def _marks(each: Drawn, shapes: npt.NDArray[Any], corner: tuple[float, float], scale: float) -> str:
    """Return shapes as one path of lines and areas, and one of dots."""
    parts = shapely.get_parts(shapes)
    parts = np.where(
        shapely.get_num_coordinates(parts) > MOST_CORNERS, shapely.envelope(parts), parts
    )
    if each.loud and len(parts):
        west, south, east, north = shapely.bounds(parts).T
        small = np.maximum(east - west, north - south) * scale < 2 * DOT_PX
        parts = np.where(small, shapely.centroid(parts), parts)
    kinds = shapely.get_dimensions(parts)
    dots, paths = [], []
    for x, y in _pixels(parts[kinds == 0], corner, scale)[0].tolist():
        dots.append(
            f"M{x - DOT_PX:.1f} {y:.1f}a{DOT_PX} {DOT_PX} 0 1 0 {2 * DOT_PX} 0"
            f"a{DOT_PX} {DOT_PX} 0 1 0 {-2 * DOT_PX} 0"
        )
    for areal in (1, 2):
        thin = shapely.simplify(parts[kinds == areal], 0.5 / scale)
        lines = shapely.get_rings(thin) if areal == 2 else thin
        pixels, line = _pixels(lines, corner, scale)
        bounds = np.flatnonzero(np.diff(line)) + 1
        ends = "z" if areal == 2 else ""
        paths += [
            "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.tolist()) + ends
            for ring in np.split(pixels, bounds)
            if len(ring)
        ]
    fill, width = each.fill or "none", 'stroke-width="2"' if each.loud else ""
    lines_of = f'<path d="{"".join(paths)}" fill="{fill}" stroke="{each.colour}" {width}/>'
    dots_of = f'<path d="{"".join(dots)}" fill="{each.colour}"/>'
    return (lines_of if paths else "") + (dots_of if dots else "")


def _pixels(
    shapes: npt.NDArray[Any], corner: tuple[float, float], scale: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the corners of shapes in pixels of the map, and to which shape each belongs."""
    xy, number = shapely.get_coordinates(shapes, return_index=True)
    flipped = (xy - np.array(corner)) * np.array([scale, -scale])
    return flipped + DOT_PX + 1.0, number
