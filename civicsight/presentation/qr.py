"""QR codes: what a person would have to copy sign by sign, for a camera to read from paper.

References
----------
ISO/IEC 18004:2015, model 2; segno encodes.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

import segno

from civicsight.core.hues import INK
from civicsight.presentation.drawing import Canvas

MODULE_PX: Final = 4
QUIET: Final = 4
"""Modules of white around the code, as the standard asks."""


def draw_qr(text: str) -> Canvas:
    """Draw a text as a QR code that may lose a seventh of itself (level M)."""
    rows = [list(row) for row in segno.make_qr(text, error="m", boost_error=False).matrix]
    side = (len(rows) + 2 * QUIET) * MODULE_PX
    canvas = Canvas(side, side)
    for y, row in enumerate(rows, start=QUIET):
        x = QUIET
        for dark, run in groupby(row):
            count = len(list(run))
            if dark:
                west, north, east, south = (MODULE_PX * edge for edge in (x, y, x + count, y + 1))
                corners = ((west, north), (east, north), (east, south), (west, south))
                canvas.area(corners, INK)
            x += count
    return canvas
