"""What is done to a sound file of any format: cut, blanked, doubled, called something else."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.spoilt.case import Case, Make, written
from tests.spoilt.sound import FORMAT_OF, MORE, WRITERS
from tests.spoilt.spoil import spoil

PROJECT: Final = "town.gpkg"
DRAWN: Final = 1
"""So many times each file is also spoilt by a seed, in a way that no hand would choose."""

SEED: Final = 20_261_202


@cache
def content_of(name: str) -> bytes:
    """Return what is in a sound file."""
    with TemporaryDirectory() as folder:
        WRITERS[name][1](Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def _zipped(content: bytes, name: str, times: int) -> bytes:
    for _ in range(times):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as out:
            out.writestr(name, content)
        content, name = sink.getvalue(), "inner.zip"
    return content


def _blank(content: bytes, begin: float, end: float, byte: bytes) -> bytes:
    first, last = int(begin * len(content)), int(end * len(content))
    return content[:first] + byte * (last - first) + content[last:]


WAYS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "empty": lambda _: b"",
    "its first half": lambda content: content[: len(content) // 2],
    "zeros behind its mark": lambda content: content[:16] + bytes(max(len(content) - 16, 0)),
    "its middle all ones": lambda content: _blank(content, 0.3, 0.7, b"\xff"),
    "noise behind it": lambda content: content + random.Random(SEED).randbytes(100_000),
    "three archives around it": lambda content: _zipped(content, "inner.bin", 3),
    "packed by gzip": lambda content: gzip.compress(content, mtime=0),
}
"""What is done with every file."""

STRANGE: Final = (".csv", ".geojson", ".tif", ".xlsx", ".kml", ".gpkg", ".zip", ".shp", ".las", "")
"""Ends that files are given which are of another format."""


def _made(name: str, way: Callable[[bytes], bytes], called: str) -> Make:
    return written(called, lambda: way(content_of(name)))


def _drawn(name: str, turn: int) -> Make:
    return written(name, lambda: spoil(content_of(name), random.Random(f"{SEED} {name} {turn}"))[1])


def _cases(name: str, number: int) -> list[Case]:
    reader, _ = WRITERS[name]
    more = MORE.get(name, {})
    strange = "a" + STRANGE[number % len(STRANGE)]
    made = {f"{name}, {way}": _made(name, change, name) for way, change in WAYS.items()}
    made[f"{name}, called {strange}"] = _made(name, lambda content: content, strange)
    made |= {f"{name}, spoilt by seed {turn}": _drawn(name, turn) for turn in range(DRAWN)}
    return [Case(FORMAT_OF[name], said, reader, make, more=more) for said, make in made.items()]


CASES: Final = tuple(
    case
    for number, name in enumerate(name for name in WRITERS if name != PROJECT)
    for case in _cases(name, number)
)
