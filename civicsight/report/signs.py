"""Signs and bars of the page as small drawings (SVG), in the looks of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from civicsight.presentation.html_safe import safe
from civicsight.presentation.numbers import Statuses
from civicsight.presentation.symbols import STATUS_STYLES

PATHS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disc": '<circle cx="10" cy="10" r="6.5"/>',
        "square": '<path d="M4 4h12v12H4z"/>',
        "diamond": '<path d="M10 2l8 8-8 8-8-8z"/>',
        "pause": '<path d="M4 4h4.5v12H4zM11.5 4H16v12h-4.5z"/>',
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

SHARE_LOOKS: Final = (("#2f7d5b", ""), ("#0072b2", "3 1"), ("#b0006d", "2 1"), ("#e6e0d4", ""))
"""Known, assumed, missing, and what is neither: hatched, so that they differ in black and white."""


def draw_sign(style: Mapping[str, Any]) -> str:
    """Draw the sign of a style, as markup."""
    hollow = bool(style.get("hollow"))
    fill, edge = ("#fff", style["color"]) if hollow else (style["color"], "#1a1a1a")
    return (
        '<svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" '
        f'fill="{fill}" stroke="{edge}" stroke-width="{2.5 if hollow else 1}">'
        f"{PATHS[style['sign']]}</svg>"
    )


def draw_bar(statuses: Statuses, label: str) -> str:
    """Draw how the parts of a class divide, as markup; nothing for none."""
    if not statuses.total:
        return ""
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
    return (
        f'<svg class="bar" viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" role="img" '
        f'aria-label="{safe(label)}" preserveAspectRatio="none">'
        f"<title>{safe(label)}</title>{''.join(pieces)}</svg>"
    )


def draw_shares(counts: Sequence[int], label: str) -> str:
    """Draw how rows divide into known, assumed, missing and the rest, as markup; nothing for none.

    Parameters
    ----------
    counts
        Rows by kind in the order of `SHARE_LOOKS`.
    label
        What the bar says in words; empty where the words stand beside it.
    """
    total = sum(counts)
    if not total:
        return ""
    left, pieces = 0.0, []
    for look, count in zip(SHARE_LOOKS, counts, strict=False):
        width = BAR_WIDTH * count / total
        if width:
            dash = f' stroke-dasharray="{look[1]}"' if look[1] else ""
            pieces.append(
                f'<line x1="{left:.2f}" x2="{left + width:.2f}" y1="7" y2="7" '
                f'stroke="{look[0]}" stroke-width="{BAR_HEIGHT}"{dash}/>'
            )
        left += width
    name = f'role="img" aria-label="{safe(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg class="bar" viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" {name} '
        f'preserveAspectRatio="none">{"".join(pieces)}</svg>'
    )


def _piece(name: str, left: float, width: float) -> str:
    middle = BAR_HEIGHT / 2
    dash = DASH_PX.get(name)
    dashes = f' stroke-dasharray="{dash[0]} {dash[1]}"' if dash else ""
    return (
        f'<line x1="{left:.2f}" x2="{left + width:.2f}" y1="{middle}" y2="{middle}" '
        f'stroke="{STATUS_STYLES[name]["color"]}" stroke-width="{BAR_HEIGHT}"{dashes}/>'
    )
