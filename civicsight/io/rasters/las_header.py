"""Point clouds (LAS, LAZ): the header held against the size of the file, grids of points joined.

References
----------
ASPRS, LAS Specification 1.4 R15: 2.4 (public header block), 2.5 (variable length records), tables
7 to 21 (point data records). LASzip, "chunk table".
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.io.faults import reject

SIGNATURE: Final = b"LASF"
HEADER: Final = 227
"""Bytes of the header of LAS 1.0 to 1.2; later ones add to it."""

RECORD: Final = 54
EXTENDED: Final = 60
"""Bytes at the head of a variable length record, and of an extended one."""

LENGTHS: Final = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)
"""Least bytes of a point in formats 0 to 10."""

WAVES: Final = frozenset({4, 5, 9, 10})
"""Formats behind whose points the waves themselves may stand."""

PACKED: Final = 0x80
FORMAT: Final = 0x3F
MOST_RECORDS: Final = 10_000

LAYERED: Final = 3
"""Compressor whose chunks each begin with a point and then the number of theirs."""


Triple = tuple[float, float, float]


class LasHeader(NamedTuple):
    """What a point cloud says of itself.

    Parameters
    ----------
    packed
        Whether it is a LAZ.
    start, length, points
        Where its points begin [B], bytes of each, and how many there are.
    scale, shift
        What leads from whole numbers to x, y and z.
    low, high
        Least and greatest x and y.
    """

    packed: bool
    start: int
    length: int
    points: int
    scale: Triple
    shift: Triple
    low: tuple[float, float]
    high: tuple[float, float]


def read_header(path: Path) -> LasHeader:
    """Return what a point cloud says of itself.

    Raises
    ------
    InputError
        If it says what cannot be: more or fewer points than the file has room for, records beyond
        its end, numbers that are none.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(375)
        try:
            header = _checked(head, size, path.name)
            if header.packed:
                _require_few_chunks(stream, header, size, path.name)
        except struct.error:
            refuse_cloud(path.name, f"{len(head)} bytes")
    return header


def refuse_cloud(file: str, found: str) -> NoReturn:
    """Refuse a point cloud that is not whole."""
    reject("file.damaged", file, found=found[:200], driver="LAS / LAZ")


def _checked(head: bytes, size: int, file: str) -> LasHeader:
    major, minor = struct.unpack_from("<BB", head, 24)
    length_of_head, start, records = struct.unpack_from("<HII", head, 94)
    kind, length, count = struct.unpack_from("<BHI", head, 104)
    packed, kind = bool(kind & PACKED), kind & FORMAT
    if head[:4] != SIGNATURE or major != 1 or minor > 4 or kind >= len(LENGTHS):
        refuse_cloud(file, f"LAS {major}.{minor}, format {kind}")
    if length < LENGTHS[kind]:
        refuse_cloud(file, f"{length} bytes a point")
    end, returns = size, sum(struct.unpack_from("<5I", head, 111))
    if minor == 4:
        extended, extended_count, count, *more = struct.unpack_from("<QIQ15Q", head, 235)
        returns = sum(more)
        if extended_count:
            end = extended
            if extended + EXTENDED * extended_count > size or extended_count > MOST_RECORDS:
                refuse_cloud(file, f"{extended_count} records at byte {extended} of {size}")
    room = start - length_of_head
    if length_of_head < HEADER or records > MOST_RECORDS or room < RECORD * records or start > end:
        refuse_cloud(file, f"{records} records before byte {start} of {size}")
    if returns > count:  # some writers count the first five alone, none counts more than there are
        _require_count(count, returns, file, exact=True)
    if not packed:
        _require_count(count, (end - start) / length, file, exact=kind not in WAVES)
    numbers = struct.unpack_from("<12d", head, 131)
    scale, shift, (high_x, low_x, high_y, low_y, *_) = numbers[:3], numbers[3:6], numbers[6:]
    sound = all(map(math.isfinite, numbers)) and min(scale) > 0
    if not sound or high_x < low_x or high_y < low_y:
        refuse_cloud(file, f"x {low_x:g} to {high_x:g}, y {low_y:g} to {high_y:g}")
    low, high = (low_x, low_y), (high_x, high_y)
    return LasHeader(packed, start, length, count, scale, shift, low, high)


def _require_few_chunks(stream: BinaryIO, header: LasHeader, size: int, file: str) -> None:
    """Refuse a table of more chunks than the file has room for: their reader makes room for all.

    Each chunk begins with a whole point.
    """
    stream.seek(header.start)
    (at,) = struct.unpack("<q", stream.read(8))
    if at < 0:  # its writer could not go back, and put it at the end
        stream.seek(max(size - 8, 0))
        (at,) = struct.unpack("<q", stream.read(8))
    if not 0 <= at <= size - 8:
        refuse_cloud(file, f"chunks at byte {at} of {size}")
    stream.seek(at + 4)
    (chunks,) = struct.unpack("<I", stream.read(4))
    if chunks * header.length > size:
        refuse_cloud(file, f"{chunks} chunks in {size} bytes")


def _require_count(count: int, room: float, file: str, *, exact: bool) -> None:
    if count > room or (exact and count + 1 <= room):
        reject("cloud.count", file, found=f"{int(room)}", count=count)


def require_chunks(path: Path, header: LasHeader, description: bytes) -> None:
    """Hold the number of points of a LAZ against the table of its chunks.

    Parameters
    ----------
    path, header
        The file, and what it says of itself.
    description
        Its record "laszip encoded".

    Raises
    ------
    InputError
        If the chunks hold other numbers of points.
    """
    import lazrs

    said = lazrs.LazVlr(description)
    with path.open("rb") as stream:
        stream.seek(header.start)
        table = lazrs.read_chunk_table(stream, said)
        if said.uses_variable_size_chunks():
            least = most = sum(points for points, _ in table)
        else:
            most = len(table) * said.chunk_size()
            least = most - said.chunk_size() + 1 if table else 0
            if table and struct.unpack_from("<H", description)[0] == LAYERED:
                before = sum(size for _, size in table[:-1])
                stream.seek(header.start + 8 + before + header.length)
                last = struct.unpack("<I", stream.read(4))[0]
                least = most = most - said.chunk_size() + last
    if not least <= header.points <= most:
        _require_count(header.points, least, path.name, exact=True)


Grid = npt.NDArray[Any]


def joined(grid: Grid, best: np.ufunc, empty: int) -> Grid:
    """Return a grid of half the rows and columns, each cell the best of four.

    Parameters
    ----------
    grid
        Rows and columns.
    best
        What takes the better of two.
    empty
        What stands beyond the edge of an odd side, and is never better.
    """
    rows, columns = -(-grid.shape[0] // 2), -(-grid.shape[1] // 2)
    wide = np.full((2 * rows, 2 * columns), empty, grid.dtype)
    wide[: grid.shape[0], : grid.shape[1]] = grid
    upper, lower = (best(wide[row::2, ::2], wide[row::2, 1::2]) for row in (0, 1))
    return np.asarray(best(upper, lower))


def bridge(z: FloatArray, covered: BoolArray, far: float) -> int:
    """Draw heights that are unknown between those around, in place; return how many.

    They lie on triangles between the known cells that border on unknown ones (Delaunay), so that a
    slope stays one.

    Parameters
    ----------
    z
        Heights, NaN where unknown.
    covered
        Where something was measured that hides them; all others stay unknown.
    far
        Cells that the nearest known one may be away.
    """
    from scipy.interpolate import LinearNDInterpolator
    from scipy.ndimage import binary_dilation, distance_transform_edt
    from scipy.spatial import QhullError

    known = np.isfinite(z)
    asked = ~known & covered if covered.size else known & ~known
    if not asked.any() or not known.any():
        return 0
    asked &= distance_transform_edt(~known) <= far
    border = known & binary_dilation(asked, np.ones((3, 3), bool))
    try:
        drawn = LinearNDInterpolator(np.argwhere(border), z[border])
    except QhullError:  # fewer than three, or all on one line
        return 0
    z[asked] = drawn(np.argwhere(asked))
    return int(np.isfinite(z[asked]).sum())
