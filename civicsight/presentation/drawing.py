"""Drawings: a view of the ground, bars and signs as markup, and a canvas for every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

import shapely
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from civicsight.core.cache import Remembered
from civicsight.core.html_safe import safe
from civicsight.core.hues import INK
from civicsight.presentation.numbers import Statuses
from civicsight.presentation.symbols import STATUS_STYLES

SCALES_M: Final = (5, 10, 20, 50, 100, 200)


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
            middle = BAR_HEIGHT / 2
            dash = DASH_PX.get(name)
            dashes = f' stroke-dasharray="{dash[0]} {dash[1]}"' if dash else ""
            pieces.append(
                f'<line x1="{left:.2f}" x2="{left + width:.2f}" y1="{middle}" y2="{middle}" '
                f'stroke="{STATUS_STYLES[name]["color"]}" stroke-width="{BAR_HEIGHT}"{dashes}/>'
            )
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


PAPER: Final = "#fbfaf7"
FINER: Final = 3
"""Pixels of the PNG for one of the drawing, so that it prints."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line, area or word of a drawing.

    Parameters
    ----------
    points
        Corners [px]; of a word where it begins, on its base line.
    fill, line
        Colours; empty for none.
    width
        Of the line [px].
    opacity
        Of the fill [0-1].
    closed
        Whether the line returns to its start.
    text
        A word; empty for a line or an area.
    """

    points: tuple[tuple[float, float], ...]
    fill: str = ""
    line: str = ""
    width: float = 1.0
    opacity: float = 1.0
    closed: bool = True
    text: str = ""


@dataclass(slots=True)
class Canvas:
    """A drawing of a size [px], painted from the back to the front."""

    width: int
    height: int
    strokes: list[Stroke] = field(default_factory=list)

    def area(self, points: Points, fill: str, line: str = "", **look: float) -> None:
        """Paint an area."""
        self.strokes.append(Stroke(tuple(points), fill, line, **look))  # type: ignore[arg-type]

    def trace(self, points: Points, line: str, width: float = 1.0) -> None:
        """Paint an open line."""
        self.strokes.append(Stroke(tuple(points), "", line, width, closed=False))

    def word(self, x: float, y: float, text: str, colour: str = INK) -> None:
        """Write a word over a light edge."""
        self.strokes.append(Stroke(((x, y),), colour, text=text))

    def shape(self, view: View, shape: BaseGeometry, fill: str, line: str, **look: float) -> None:
        """Paint what lies in the window of a view of a shape; a hole is filled like the rest."""
        inside = shapely.simplify(shapely.intersection(shape, view.window), 0.3 / view.scale)
        for part in shapely.get_parts(inside):
            ring = part.exterior if part.geom_type == "Polygon" else part
            points = [view.at(x, y) for x, y, *_ in ring.coords] if not ring.is_empty else []
            if len(points) > 2 and part.geom_type == "Polygon":
                self.area(points, fill, line, **look)
            elif len(points) > 1:
                self.trace(points, line, look.get("width", 1.0))

    def svg(self, label: str) -> str:
        """Return the drawing as markup that says in words what it shows."""
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{safe(label)}">'
            f'<rect width="{self.width}" height="{self.height}" fill="{PAPER}"/>'
            f"{''.join(map(_markup, self.strokes))}</svg>"
        )

    def svg_file(self, label: str) -> bytes:
        """Return the drawing as a file of its own, which has to name its language."""
        alone = self.svg(label).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        return alone.encode()

    def png(self) -> bytes:
        """Return the drawing as an image that prints."""
        said = repr((self.width, self.height, self.strokes)).encode()
        return PAINTED.get(sha256(said).digest(), self._paint_all)

    def _paint_all(self) -> bytes:
        image = Image.new("RGB", (self.width * FINER, self.height * FINER), PAPER)
        font = ImageFont.load_default(11 * FINER)
        for stroke in self.strokes:
            _paint(ImageDraw.Draw(image, "RGBA"), stroke, font)
        file = BytesIO()
        image.save(file, "PNG")  # packing it harder takes four times as long for a hundredth less
        return file.getvalue()


PAINTED: Final[Remembered[bytes]] = Remembered(32)
"""Images by what is drawn: the documents of both languages, and their proof, show the same ones."""


def _markup(stroke: Stroke) -> str:
    if stroke.text:
        ((x, y),) = stroke.points
        spot = f'<text x="{x:.1f}" y="{y:.1f}" font-size="11"'
        edge = f'{spot} fill="none" stroke="#fff" stroke-width="3">{safe(stroke.text)}</text>'
        return f'{edge}{spot} fill="{stroke.fill}">{safe(stroke.text)}</text>'
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in stroke.points)
    path += "Z" if stroke.closed else ""
    return (
        f'<path d="{path}" fill="{stroke.fill or "none"}" fill-opacity="{stroke.opacity}" '
        f'stroke="{stroke.line or "none"}" stroke-width="{stroke.width}"/>'
    )


def _paint(draw: ImageDraw.ImageDraw, stroke: Stroke, font: Font) -> None:
    points = [(x * FINER, y * FINER) for x, y in stroke.points]
    if stroke.text:
        draw.text(
            points[0],
            stroke.text,
            stroke.fill,
            font,
            anchor="ls",
            stroke_width=FINER,
            stroke_fill="#ffffff",
        )
        return
    if stroke.fill and len(points) > 2:
        draw.polygon(points, fill=f"{stroke.fill}{round(255 * stroke.opacity):02x}")
    if stroke.line:
        line = [*points, points[0]] if stroke.closed else points
        draw.line(line, stroke.line, max(1, round(stroke.width * FINER)), joint="curve")
