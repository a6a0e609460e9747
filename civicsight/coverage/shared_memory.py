"""What all jobs of a run share, as one file that other processes map into memory.

A scene in every job would cross a pipe once a job. It is written once instead, under the digest of
what it holds; a job carries the name, and a process reads it once, whatever jobs it is given.
"""

from __future__ import annotations

import mmap
import pickle
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from civicsight.core.cache import Remembered, Shelf
from civicsight.core.errors import N_, SetupError
from civicsight.core.settings import cache_dir

NAME: Final = "shared.bin"
ALIGN: Final = 64
"""Arrays begin at multiples of this, so that they are read where they lie [byte]."""

WORD: Final = 8
"""Bytes of a number in the head of a file."""

MOST_FILES, MOST_IN_MEMORY = 64, 4


class Kept(NamedTuple):
    """A file that holds what jobs share: its folder, and the digest of its bytes."""

    folder: str
    digest: str


_TAKEN: Remembered[Any] = Remembered(MOST_IN_MEMORY)


def keep(things: tuple[Any, ...], folder: Path | None = None) -> Kept:
    """Write what jobs share to a folder that all who run them can read.

    Parameters
    ----------
    things
        Anything that can be pickled; arrays lie in the file as they do in memory.
    folder
        By default one in the cache folder of this user.

    Raises
    ------
    WriteError
        If the folder cannot be written to, or is full.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(things, protocol=5, buffer_callback=buffers.append)
    parts: list[bytes | memoryview] = [head, *(buffer.raw() for buffer in buffers)]
    sizes = [len(parts), *(len(part) for part in parts)]
    first = b"".join(size.to_bytes(WORD, "little") for size in sizes)
    digest = sha256(first)
    for part in parts:
        digest.update(part)
    shelf = Shelf(folder or cache_dir() / "shared", MOST_FILES)
    name = digest.hexdigest()
    if shelf.find(name) is None:
        with shelf.filling(name) as scratch, (scratch / NAME).open("wb") as file:
            for part in (memoryview(first), *parts):
                file.write(part)
                file.write(bytes(-len(part) % ALIGN))
    return Kept(str(shelf.folder), name)


def take(kept: Kept) -> tuple[Any, ...]:
    """Return what `keep` wrote, mapped into memory; each process reads it once.

    Raises
    ------
    SetupError
        If the file cannot be read here, or is not what was written.
    """
    found: tuple[Any, ...] = _TAKEN.get(kept.digest, lambda: _read(kept))
    return found


def _read(kept: Kept) -> tuple[Any, ...]:
    place = Path(kept.folder) / kept.digest / NAME
    try:
        with place.open("rb") as file:
            # Writes stay in this process: kernels take arrays that may be written to.
            whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    except (OSError, ValueError) as error:
        raise SetupError(_UNREADABLE) from error
    parts, digest = _cut(whole)
    if digest != kept.digest:
        raise SetupError(_UNREADABLE)  # changed since it was found whole
    things: tuple[Any, ...] = pickle.loads(parts[0], buffers=parts[1:])  # noqa: S301 - of that digest
    return things


def _cut(whole: memoryview) -> tuple[list[memoryview], str]:
    """Return the parts of a file, and the digest of its bytes without what fills gaps."""
    count = int.from_bytes(whole[:WORD], "little")
    size = WORD * (count + 1)
    digest = sha256(whole[:size])
    sizes = [int.from_bytes(whole[at : at + WORD], "little") for at in range(WORD, size, WORD)]
    parts, at = [], size + -size % ALIGN
    for length in sizes:
        part = whole[at : at + length]
        digest.update(part)
        parts.append(part)
        at += length + -length % ALIGN
    return parts, digest.hexdigest()


_UNREADABLE: Final = N_(
    "a worker cannot read what jobs share; set CIVICSIGHT_CACHE_DIR to a folder that all machines "
    "reach by the same name"
)


def run_shared(function: Callable[..., Any], kept: Kept, *job: Any) -> Any:
    """Run one job with what it shares with others."""
    return function(*take(kept), *job)
