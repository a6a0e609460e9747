"""Before and after as a drawing (SVG): what stands, who looks, what is no longer seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.coverage.check import CheckResult
from civicsight.coverage.obstruction import Permit
from civicsight.maps.safe import safe

SIDE: Final = 420
"""Side of a picture [px]."""

MARGIN_M: Final = 15.0
LEAST_SPAN_M: Final = 60.0

SCALES_M: Final = (5, 10, 20, 50, 100, 200)

INK, SEEN, LOST, HOUSE, NEW = "#1a1a1a", "#2f7d5b", "#b0006d", "#d8d2c6", "#d55e00"


def draw_pair(result: CheckResult, permit: Permit, labels: Sequence[str]) -> tuple[str, str]:
    """Draw the place without and with a facility, as markup.

    Parameters
    ----------
    result, permit
        What was checked, and what the facility takes.
    labels
        What the two pictures show, in words.
    """
    frame = _frame(result, permit)
    return (
        _draw(result, permit, frame, labels[0], after=False),
        _draw(result, permit, frame, labels[1], after=True),
    )


def _frame(result: CheckResult, permit: Permit) -> tuple[float, float, float]:
    """Return centre and side of what is drawn [m]: the facility, harmed cameras, lost samples."""
    loss = permit.loss
    shapes = [
        permit.facility.shape,
        *result.cameras.geometry[sorted(set(loss.cameras["camera_id"]))],
        *result.samples.geometry[sorted(set(loss.samples["sample_id"]))],
    ]
    west, south, east, north = shapely.total_bounds(np.array(shapes, object))
    span = max(east - west, north - south) + 2 * MARGIN_M
    return (west + east) / 2, (south + north) / 2, max(span, LEAST_SPAN_M)


def _draw(
    result: CheckResult,
    permit: Permit,
    frame: tuple[float, float, float],
    label: str,
    *,
    after: bool,
) -> str:
    x, y, span = frame
    window = shapely.box(x - span / 2, y - span / 2, x + span / 2, y + span / 2)
    view = _View(x - span / 2, y + span / 2, SIDE / span, window)
    pieces = [view.path(shape, HOUSE, "#8a8272") for shape in result.city.buildings.geometry]
    for ground in permit.ground.values():
        seen = ground.before.difference(ground.lost) if after else ground.before
        pieces.append(view.path(seen, SEEN, "none", opacity=0.25))
        if after:
            pieces.append(view.path(ground.lost, "url(#lost)", LOST))
    if after:
        pieces.append(view.path(permit.facility.shape, NEW, NEW, opacity=0.6, width=4))
    pieces += _points(result, permit, view, after=after)
    return (
        f'<svg viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{safe(label)}">'
        '<defs><pattern id="lost" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff" '
        f'fill-opacity="0.4"/><rect width="2.4" height="6" fill="{LOST}"/></pattern></defs>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="#fbfaf7"/>{"".join(pieces)}'
        f"{_scale(span)}</svg>"
    )


def _points(result: CheckResult, permit: Permit, view: _View, *, after: bool) -> list[str]:
    """Draw samples near the facility, lost ones crossed, and the cameras that lose something."""
    lost = set(permit.loss.samples["sample_id"])
    harmed = set(permit.loss.cameras["camera_id"])
    pieces, labels = [], []
    for name, point in result.samples.geometry.items():
        if view.window.covers(point):
            px, py = view.at(point.x, point.y)
            gone = after and name in lost
            pieces.append(
                f'<path d="M{px - 4:.1f} {py - 4:.1f}l8 8m0-8l-8 8" stroke="{LOST}" '
                'stroke-width="2"/>'
                if gone
                else f'<circle cx="{px:.1f}" cy="{py:.1f}" r="2.5" fill="{SEEN}"/>'
            )
    for name, point in result.cameras.geometry.items():
        if view.window.covers(point):
            px, py = view.at(point.x, point.y)
            fill = INK if name in harmed else "#fff"
            pieces.append(
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="5" fill="{fill}" stroke="{INK}"/>'
            )
            if name in harmed:
                labels.append(
                    f'<text x="{px + 8:.1f}" y="{py + 14:.1f}" font-size="13">{safe(name)}</text>'
                )
    return pieces + labels


def _scale(span: float) -> str:
    length = max([length for length in SCALES_M if length < span / 3], default=SCALES_M[0])
    width = length * SIDE / span
    return (
        f'<path d="M12 {SIDE - 14}h{width:.1f}" stroke="{INK}" stroke-width="3"/>'
        f'<text x="12" y="{SIDE - 20}" font-size="13">{length} m</text>'
        f'<path d="M{SIDE - 18} 32v-22m-6 8l6-8l6 8" stroke="{INK}" fill="none" '
        f'stroke-width="2"/><text x="{SIDE - 22}" y="46" font-size="13">N</text>'
    )


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """From metres to the pixels of a picture."""

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
            for line_xy in _lines(shapely.simplify(inside, 0.3 / self.scale))
        ]
        if not steps:
            return ""
        fill = fill if inside.area > 0.0 else "none"
        return (
            f'<path d="{"".join(steps)}" fill="{fill}" fill-opacity="{opacity}" '
            f'fill-rule="evenodd" stroke="{line}" stroke-width="{width}"/>'
        )


def _lines(shape: BaseGeometry) -> list[list[tuple[float, float]]]:
    """Return the lines of a shape: rings of areas, lines as they are."""
    found = []
    for part in shapely.get_parts(shape):
        rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        found += [[(x, y) for x, y, *_ in ring.coords] for ring in rings if ring.length > 0.0]
    return found
