"""Draw the icon of the app: a view cast past a building; `python -m tools.app_icon`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

ICON = Path(__file__).resolve().parent.parent / "civicsight" / "ui" / "icon.png"
SIDE = 64
OVER = 8
"""The picture is drawn larger and made smaller, which smooths its edges."""

PAPER, VIEW, HOUSE, CAMERA = "#0B3A5B", "#56B4E9", "#F6F4EF", "#D55E00"


def draw() -> Image.Image:
    """Return the icon."""
    picture = Image.new("RGBA", (SIDE * OVER, SIDE * OVER))
    pen = ImageDraw.Draw(picture)

    def scaled(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * OVER, y * OVER) for x, y in points]

    pen.rounded_rectangle(scaled((1, 1), (63, 63)), radius=13 * OVER, fill=PAPER)
    pen.polygon(scaled((14, 50), (55, 34), (55, 55), (49, 58)), fill=VIEW)
    pen.polygon(scaled((14, 50), (18, 9), (30, 9)), fill=VIEW)
    pen.rectangle(scaled((29, 13), (52, 34)), fill=HOUSE)
    pen.ellipse(scaled((7, 43), (21, 57)), fill=CAMERA, outline=HOUSE, width=2 * OVER)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw().save(ICON, optimize=True)
