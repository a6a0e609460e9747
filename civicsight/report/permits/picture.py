"""Before and after as a drawing (SVG): what stands, who looks, what is no longer seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from civicsight.coverage.check import CheckResult
from civicsight.coverage.obstruction import Permit
from civicsight.presentation.drawing import INK, View, draw_scale, view_of
from civicsight.presentation.html_safe import safe

SIDE: Final = 420
"""Side of a picture [px]."""

MARGIN_M: Final = 15.0
LEAST_SPAN_M: Final = 60.0

SEEN, LOST, HOUSE, NEW = "#2f7d5b", "#b0006d", "#d8d2c6", "#d55e00"


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
    view = view_of(x, y, span, SIDE)
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
        f"<title>{safe(label)}</title>"
        '<defs><pattern id="lost" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff" '
        f'fill-opacity="0.4"/><rect width="2.4" height="6" fill="{LOST}"/></pattern></defs>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="#fbfaf7"/>{"".join(pieces)}'
        f"{draw_scale(span, SIDE)}</svg>"
    )


def _points(result: CheckResult, permit: Permit, view: View, *, after: bool) -> list[str]:
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
