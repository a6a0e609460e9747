"""The matrix on disk: each row as runs of neighbours, found without reading the rest.

Requirements are numbered along the raster, so what a candidate meets comes in runs of some nine on
average: five bytes a run instead of four an entry. The arrays are plain ``.npy`` files, mapped into
memory, so that opening a city costs no more than opening a street.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import IndexArray, IntArray, nth_of

LONGEST: Final = 255
"""A run has at most so many entries: its length is one byte."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Rows of ascending indices as runs.

    Parameters
    ----------
    run_ptr
        Runs of row ``j`` are ``run_ptr[j]:run_ptr[j + 1]``.
    run_start
        First index of each run.
    run_length
        Entries of each run, 1 to `LONGEST`.

    Examples
    --------
    >>> runs = encode(np.array([0, 3, 5]), np.array([4, 5, 6, 0, 9], np.int32))
    >>> runs.run_start.tolist(), runs.run_length.tolist(), runs.row(1).tolist()
    ([4, 0, 9], [3, 1, 1], [0, 9])
    """

    run_ptr: IntArray
    run_start: npt.NDArray[np.uint32]
    run_length: npt.NDArray[np.uint8]

    def row(self, j: int) -> IndexArray:
        """Return the indices of one row, ascending."""
        runs = slice(self.run_ptr[j], self.run_ptr[j + 1])
        return _spread(self.run_start[runs], self.run_length[runs])

    def decode(self) -> tuple[IntArray, IndexArray]:
        """Return the compressed rows: where each starts, and all indices."""
        ends = np.concatenate([[0], np.cumsum(self.run_length, dtype=np.int64)])
        return ends[self.run_ptr], _spread(self.run_start, self.run_length)


def encode(indptr: IntArray, cells: IndexArray) -> Runs:
    """Turn compressed rows of ascending indices into runs."""
    breaks = np.ones(len(cells), np.bool_)
    np.not_equal(cells[1:], cells[:-1] + 1, out=breaks[1:])
    starts = indptr[:-1]
    breaks[starts[starts < len(cells)]] = True
    first = np.flatnonzero(breaks)
    length = np.diff(np.append(first, len(cells)))
    pieces = -(-length // LONGEST)
    if len(length) and pieces.max() > 1:
        rank = nth_of(pieces)
        length = np.minimum(np.repeat(length, pieces) - rank * LONGEST, LONGEST)
        first = np.repeat(first, pieces) + rank * LONGEST
    return Runs(
        np.searchsorted(first, indptr).astype(np.int64),
        cells[first].astype(np.uint32),
        length.astype(np.uint8),
    )


def save_runs(folder: Path, runs: Runs) -> None:
    """Write the three arrays into a folder."""
    for name in ("run_ptr", "run_start", "run_length"):
        np.save(folder / f"{name}.npy", getattr(runs, name))


def open_runs(folder: Path, *, mode: Literal["r"] | None = "r") -> Runs:
    """Map the three arrays of a folder into memory; with mode None read them."""
    return Runs(
        *(
            np.load(folder / f"{name}.npy", mmap_mode=mode)
            for name in ("run_ptr", "run_start", "run_length")
        )
    )


def _spread(start: npt.NDArray[np.uint32], length: npt.NDArray[np.uint8]) -> IndexArray:
    """Return all indices of runs, one after the other."""
    ends = np.cumsum(length, dtype=np.int64)
    shift = start.astype(np.int64) - (ends - length)
    total = int(ends[-1]) if len(ends) else 0
    spread: IndexArray = np.repeat(shift, length)
    return (spread + np.arange(total)).astype(np.int32)
