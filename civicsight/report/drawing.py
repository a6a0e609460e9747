"""Small plans as drawings (SVG): from metres to pixels, shapes as paths, scale and north."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

SCALES_M: Final = (5, 10, 20, 50, 100, 200)

INK: Final = "#1a1a1a"


def draw_scale(span_m: float, side_px: int) -> str:
    """Return scale bar and north arrow of a square picture, as markup."""
    length = max([length for length in SCALES_M if length < span_m / 3], default=SCALES_M[0])
    width = length * side_px / span_m
    return (
        f'<path d="M12 {side_px - 14}h{width:.1f}" stroke="{INK}" stroke-width="3"/>'
        f'<text x="12" y="{side_px - 20}" font-size="13">{length} m</text>'
        f'<path d="M{side_px - 18} 32v-22m-6 8l6-8l6 8" stroke="{INK}" fill="none" '
        f'stroke-width="2"/><text x="{side_px - 22}" y="46" font-size="13">N</text>'
    )


def lines_of(shape: BaseGeometry) -> list[list[tuple[float, float]]]:
    """Return the lines of a shape: rings of areas, lines as they are."""
    found = []
    for part in shapely.get_parts(shape):
        rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        found += [[(x, y) for x, y, *_ in ring.coords] for ring in rings if ring.length > 0.0]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """From metres to the pixels of a picture.

    Parameters
    ----------
    west, north
        Upper left corner of what is drawn [m].
    scale
        Pixels of a metre.
    window
        What is drawn.
    """

    west: float
    north: float
    scale: float
    window: BaseGeometry

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a place."""
        return (x - self.west) * self.scale, (self.north - y) * self.scale

    def path(
        self, shape: BaseGeometry, fill: str, line: str, *, opacity: float = 1.0, width: float = 1.0
    ) -> str:
        """Return a shape as a path, cut to the window; empty outside."""
        inside = shapely.intersection(shape, self.window)
        steps = [
            "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in (self.at(*xy) for xy in line_xy))
            for line_xy in lines_of(shapely.simplify(inside, 0.3 / self.scale))
        ]
        if not steps:
            return ""
        fill = fill if inside.area > 0.0 else "none"
        return (
            f'<path d="{"".join(steps)}" fill="{fill}" fill-opacity="{opacity}" '
            f'fill-rule="evenodd" stroke="{line}" stroke-width="{width}"/>'
        )


def view_of(x: float, y: float, span_m: float, side_px: int) -> View:
    """Return the view of a square about a point."""
    half = span_m / 2
    window = shapely.box(x - half, y - half, x + half, y + half)
    return View(x - half, y + half, side_px / span_m, window)
