"""Signs and bars of the page as small drawings (SVG), in the looks of the map."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup, escape

from civicsight.maps.style import STATUS_STYLES
from civicsight.report.numbers import Statuses

PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disc": '<circle cx="10" cy="10" r="6.5"/>',
        "square": '<path d="M4 4h12v12H4z"/>',
        "diamond": '<path d="M10 2l8 8-8 8-8-8z"/>',
        "triangle": '<path d="M10 3l7.5 13h-15z"/>',
        "cross": '<path d="M6 2.6l4 4 4-4 3.4 3.4-4 4 4 4-3.4 3.4-4-4-4 4-3.4-3.4 4-4-4-4z"/>',
    }
)
BAR_WIDTH: Final = 150
BAR_HEIGHT: Final = 14

DASH_PX: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {"assumed": (9, 1), "possible": (4, 1), "gap": (2, 1)}
)
"""Statuses are hatched more finely the less is known: they differ in black and white as well."""


def draw_sign(style: Mapping[str, Any]) -> Markup:
    """Draw the sign of a style."""
    fill, edge = ("#fff", style["color"]) if style.get("hollow") else (style["color"], "#1a1a1a")
    width = 2.5 if style.get("hollow") else 1
    path = Markup(PATHS[style["sign"]])  # noqa: S704 - our own drawing, no text of anybody
    return Markup(
        '<svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" fill="{}" stroke="{}" '
        'stroke-width="{}">{}</svg>'
    ).format(fill, edge, width, path)


def draw_bar(statuses: Statuses, label: str) -> Markup:
    """Draw how the parts of a class divide; nothing for none."""
    if not statuses.total:
        return Markup()
    left, pieces = 0.0, []
    for name, count in (
        ("covered", statuses.covered),
        ("assumed", statuses.assumed),
        ("possible", statuses.possible),
        ("gap", statuses.gap),
        ("unknown", statuses.unknown),
    ):
        width = BAR_WIDTH * count / statuses.total
        if width:
            pieces.append(_piece(name, left, width))
        left += width
    return Markup(
        '<svg class="bar" viewBox="0 0 {} {}" role="img" aria-label="{}" '
        'preserveAspectRatio="none">{}</svg>'
    ).format(BAR_WIDTH, BAR_HEIGHT, escape(label), Markup().join(pieces))


def _piece(name: str, left: float, width: float) -> Markup:
    middle = BAR_HEIGHT / 2
    dash = DASH_PX.get(name)
    return Markup(
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="{}" stroke-width="{}" '
        'stroke-dasharray="{}"/>'
    ).format(
        round(left, 2),
        round(left + width, 2),
        middle,
        middle,
        STATUS_STYLES[name]["color"],
        BAR_HEIGHT,
        "none" if dash is None else f"{dash[0]} {dash[1]}",
    )
