"""Grids as text (ESRI ASCII), found whole before GDAL reads them.

GDAL takes a word for 0, and reads rows that are not there as 0 as well: a hole in a survey would be
a plain at sea level.

References
----------
Esri, ArcGIS: "Esri ASCII raster format".
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from civicsight.core.errors import N_
from civicsight.io.refusal import refuse

HEAD: Final = 4_096
"""Bytes in which the header stands."""

LINE: Final = re.compile(
    rb"\s*(ncols|nrows|[xy]ll(?:corner|center|centre)|cellsize|d[xy]|nodata_value)"
    rb"[ \t]+(\S{1,64})[ \t]*(?:\r\n|\n|\r)",
    re.IGNORECASE,
)
NUMBER: Final = b"0123456789+-.,eE \t\r\n"
"""What values are written with; also ``nan`` and ``inf``, in which some programs write a hole."""

WORDS: Final = re.compile(rb"nan|inf", re.IGNORECASE)
PIECE: Final = 1 << 22
BLANK: Final = 32
"""Bytes up to this one part values."""


class Header(NamedTuple):
    """What a grid says of itself: rows, columns, and where its values begin [B]."""

    rows: int
    columns: int
    start: int


def require_whole(path: Path, most: int) -> None:
    """Refuse a grid with other than numbers, with too few or many of them, or with too long sides.

    Raises
    ------
    InputError
        With the number of values that was found.
    """
    with path.open("rb") as stream:
        header = _header(stream.read(HEAD))
        if header is None:
            refuse(
                "raster.broken",
                path.name,
                N_("a header with whole numbers of rows and columns, and the size of a cell"),
                N_("The file is damaged or cut short; copy or export it again."),
            )
        if max(header.rows, header.columns) > most:
            refuse(
                "raster.too_large",
                path.name,
                N_("a raster of at most %(limit)s cells along a side", limit=most),
                N_("Cut the raster to the area of the city, and store it in tiles."),
                found=f"{header.rows} x {header.columns}",
            )
        stream.seek(header.start)
        found = _count(stream, path.name)
    if found != header.rows * header.columns:
        refuse(
            "raster.broken",
            path.name,
            N_("a value for each of %(rows)s x %(columns)s cells",
               rows=header.rows, columns=header.columns),
            N_("The file is damaged or cut short; copy or export it again."),
            found=f"{found}",
        )  # fmt: skip


def _header(head: bytes) -> Header | None:
    said: dict[bytes, bytes] = {}
    at = 0
    while line := LINE.match(head, at):
        said[line[1].lower()] = line[2]
        at = line.end()
    rows, columns = said.get(b"nrows", b""), said.get(b"ncols", b"")
    sized = b"cellsize" in said or {b"dx", b"dy"} <= said.keys()
    if not (rows.isdigit() and columns.isdigit() and sized):
        return None
    return Header(int(rows[:9]), int(columns[:9]), at)


def _count(stream: BinaryIO, file: str) -> int:
    """Return how many values follow."""
    count, within = 0, False
    while piece := stream.read(PIECE):
        # A word may go on in the next piece; more than numbers are rare, and looked at only then.
        if (odd := piece.translate(None, NUMBER)) and WORDS.sub(b"", odd):
            refuse(
                "raster.broken",
                file,
                N_("numbers alone behind the header of the grid"),
                N_("The file is damaged or cut short; copy or export it again."),
                found=odd[:40].decode("ascii", "replace"),
            )
        filled = np.frombuffer(piece, np.uint8) > BLANK
        count += int((filled[1:] & ~filled[:-1]).sum()) + bool(filled[0] and not within)
        within = bool(filled[-1])
    return count
