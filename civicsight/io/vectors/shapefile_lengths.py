"""Whether the records of a Shapefile are as long, and lie where, they and their index say.

GDAL passes over a record that says otherwise, or takes what follows it for its points.

References
----------
ESRI, "ESRI Shapefile Technical Description" (1998): lengths and places in words of two bytes, big
endian; what is in a record little endian, its kind first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import ByteArray
from civicsight.core.errors import N_
from civicsight.io.refusal import refuse
from civicsight.io.vectors.shapefile import SHX_HEAD, SHX_RECORD

Numbers = npt.NDArray[np.int64]


def require_lengths(file: Path, members: dict[str, Path]) -> None:
    """Refuse a Shapefile whose records say that they are longer than they are, or lie elsewhere.

    Raises
    ------
    InputError
        With the first such record.
    """
    shapes = np.fromfile(file, np.uint8)
    index = np.fromfile(members[".shx"], ">i4", offset=SHX_HEAD)
    starts, lengths = index[: len(index) // 2 * 2].reshape(-1, 2).astype(np.int64).T * 2
    inside = (starts >= SHX_HEAD) & (lengths >= 4) & (starts + SHX_RECORD + lengths <= len(shapes))
    at = np.where(inside, starts, 0)
    wrong = ~inside | (_numbers(shapes, at + 4, ">i4") * 2 != lengths)
    needed = _needed(shapes, at + SHX_RECORD, np.where(wrong, 0, lengths))
    wrong |= needed > lengths
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        refuse(
            "shapefile.length",
            file.name,
            N_("records as long as they and their index say"),
            N_("Export the Shapefile again; it was damaged or put together of two versions."),
            where=str(first + 1),
            found=str(int(lengths[first])),
        )


def _needed(shapes: ByteArray, at: Numbers, lengths: Numbers) -> Numbers:
    """Return how many bytes shapes take by the counts of parts and points that they state."""
    kinds = np.where(lengths >= 4, _numbers(shapes, at, "<i4"), 0)
    needed = np.select([kinds == 0, kinds % 10 == 1], [4, 20], 40).astype(np.int64)
    counted = lengths >= 44
    first = np.where(counted, _numbers(shapes, np.where(counted, at + 36, 0), "<i4"), 0)
    second = np.where(counted, _numbers(shapes, np.where(counted, at + 40, 0), "<i4"), 0)
    lined = np.isin(kinds % 10, (3, 5)) & (kinds < 30)
    many = (kinds % 10 == 8) & (kinds < 30)
    below = (lined & ((first < 0) | (second < 0))) | (many & (first < 0))
    needed = np.where(lined, 44 + 4 * first + 16 * second, needed)
    needed = np.where(many, 40 + 16 * first, needed)
    return np.where(below, np.iinfo(np.int64).max, needed)


def _numbers(data: ByteArray, at: Numbers, kind: str) -> Numbers:
    """Return the whole numbers of four bytes that begin at places of a file."""
    places = np.minimum(at[:, None] + np.arange(4), max(len(data) - 1, 0))
    return np.ascontiguousarray(data[places]).view(kind)[:, 0].astype(np.int64)
