"""One drawing, two formats: SVG for pages, PNG for word processors that do not show SVG.

Lettering is ASCII, numbers that a list beside the picture explains: the font that comes with the
library of pictures has no Chinese.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

import shapely
from PIL import Image, ImageDraw, ImageFont
from shapely.geometry.base import BaseGeometry

from civicsight.presentation.html_safe import safe
from civicsight.report.drawing import INK, View

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

    def png(self) -> bytes:
        """Return the drawing as an image that prints."""
        image = Image.new("RGB", (self.width * FINER, self.height * FINER), PAPER)
        font = ImageFont.load_default(11 * FINER)
        for stroke in self.strokes:
            _paint(ImageDraw.Draw(image, "RGBA"), stroke, font)
        file = BytesIO()
        image.save(file, "PNG")  # packing it harder takes four times as long for a hundredth less
        return file.getvalue()


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
        draw.text(points[0], stroke.text, stroke.fill, font, anchor="ls", stroke_width=FINER,
                  stroke_fill="#ffffff")  # fmt: skip
        return
    if stroke.fill and len(points) > 2:
        draw.polygon(points, fill=f"{stroke.fill}{round(255 * stroke.opacity):02x}")
    if stroke.line:
        line = [*points, points[0]] if stroke.closed else points
        draw.line(line, stroke.line, max(1, round(stroke.width * FINER)), joint="curve")
