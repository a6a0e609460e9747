"""Values that cross to a reading process and back, and how a message lies on the line.

A value is JSON, with tables and arrays beside it; a message is a line of sizes, then the parts.
Nothing is unpickled: what is not in one of the lists below does not cross. What comes back was made
by a process that a file may have taken over, so it is measured before a library decodes it.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core import errors
from civicsight.core.bounded.room import Room, size_built
from civicsight.core.bounded.text import load_crs, load_json
from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import Fault, Text
from civicsight.io.local_systems import LocalSystem
from civicsight.io.project_layers import EditedFile
from civicsight.io.rasters.surface import SurfaceOptions
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import Classes, ColumnMapping, Corrections, Declared, Remark
from civicsight.io.tables.addresses import Addresses, Spot
from civicsight.io.tables.column_matching import ColumnDescription, Understood
from civicsight.io.tables.sheet import Sheet
from civicsight.model import City
from civicsight.model.notes import Note
from civicsight.model.provenance import Provenance
from civicsight.model.terrain import Terrain
from civicsight.rules.document import Document

KNOWN: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (Addresses, City, Classes, ColumnDescription, ColumnMapping, Corrections, Count,
                 Declared, Document, EditedFile, Fault, ImportReport, LocalSystem, Note, Provenance,
                 Remark, Sheet, Spot, SurfaceOptions, Terrain, Text, Understood)
}  # fmt: skip
"""Our own kinds of value that cross, by name: frozen dataclasses and named tuples."""

ERRORS: Final[dict[str, type[Exception]]] = {
    kind.__name__: kind
    for kind in (errors.InputError, errors.PackError, errors.SchemaError, errors.CrsError,
                 errors.MismatchError, errors.OfflineError, errors.SetupError)
}  # fmt: skip
"""Errors that a reader raises on purpose."""

RAISED: Final[tuple[type[Exception], ...]] = (*ERRORS.values(), OSError)

TAG: Final = "$"
PLAIN: Final = (str, bool, int, type(None))
GROUPS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


@lru_cache(maxsize=64)
def crs_of(text: str) -> CRS:
    """Return a coordinate system, the same one for the same text."""
    return load_crs(text)


Small = tuple[type, Callable[[Any], str], Callable[[str], Any]]

SMALL: Final[dict[str, Small]] = {
    "float": (float, repr, float),
    "geometry": (
        BaseGeometry,
        lambda shape: shapely.to_wkb(shape, hex=True),
        lambda said: load_wkb([bytes.fromhex(said)])[0],
    ),
    "crs": (CRS, lambda crs: str(crs.to_wkt()), crs_of),
    "path": (Path, lambda path: str(path.absolute()), Path),
    "time": (pd.Timestamp, lambda time: str(time.isoformat()), pd.Timestamp),
    "bytes": (bytes, bytes.hex, bytes.fromhex),
}
"""Values that are one text: their type, and how they are written and read."""

TEMPLATE: Final = re.compile(r"(?:[^%]|%%|%\(\w+\)[sg])*+")
"""What a sentence with values may hold: a width as in ``%(n)999999999s`` would fill the memory."""

TEXT: Final = frozenset({str})
NUMBERS: Final = frozenset("biuf")
"""Kinds of numpy's numbers that cross."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A value as JSON, and the bytes of its tables and arrays beside it."""

    text: str
    beside: tuple[bytes, ...] = ()


def pack(value: Any) -> Packed:
    """Return a value as it crosses.

    Raises
    ------
    TypeError
        If it holds something of a kind that does not cross.
    """
    writer = _Writer()
    written = writer.write(value)
    return Packed(json.dumps(written), tuple(writer.beside))


def unpack(text: str | bytes, beside: tuple[Any, ...] = (), *, limit: int) -> Any:
    """Return what `pack` was given.

    Parameters
    ----------
    text, beside
        As `pack` made them; `beside` may be views of memory.
    limit
        Bytes that all of it together may take once it is built.

    Raises
    ------
    ValueError
        If it is damaged or holds what does not cross; a city whose tables are not as they are
        declared raises the errors of `Table.check`.
    MemoryError
        If it would take more than allowed; what does is not built.
    """
    room = Room(limit)
    room.take(size_built(text))
    try:
        return _Reader(beside, room).read(load_json(text, limit=limit))
    except (TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        msg = f"not a value that was sent: {type(error).__name__} {error}"
        raise ValueError(msg[:200]) from None


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes values, and keeps what goes beside the JSON."""

    beside: list[bytes] = field(default_factory=list)

    def write(self, value: Any) -> Any:
        if type(value) in PLAIN:
            return value
        if type(value) is list:
            return [self.write(entry) for entry in value]
        if type(value) is dict or isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, pd.DataFrame | pd.Series | np.ndarray):
            return self._large(value)
        name = type(value).__name__
        if KNOWN.get(name) is type(value):
            names = _names(value)
            return {TAG: name, "is": {n: self.write(getattr(value, n)) for n in names}}
        return self._small(name, value)

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        """Write a mapping; one that has our mark as a key, or others than text, goes in pairs."""
        if TAG not in value and TEXT.issuperset(map(type, value)):
            return {key: self.write(entry) for key, entry in value.items()}
        pairs = [[self.write(key), self.write(entry)] for key, entry in value.items()]
        return {TAG: "mapping", "is": pairs}

    def _large(self, value: Any) -> dict[str, Any]:
        from civicsight.io.apart.frames import write_frame

        if isinstance(value, np.ndarray):
            if value.dtype.kind not in NUMBERS:
                _refuse(value.dtype)
            self.beside.append(np.ascontiguousarray(value).tobytes())
            said = {TAG: "array", "type": value.dtype.str, "shape": list(value.shape)}
        elif isinstance(value, pd.Series):
            name = self.write(value.name)
            self.beside.append(write_frame(value.to_frame("geometry"), self.write))
            said = {TAG: "series", "name": name}
        else:
            self.beside.append(write_frame(value, self.write))
            said = {TAG: "table"}
        return said | {"at": len(self.beside) - 1}

    def _small(self, name: str, value: Any) -> Any:
        if name in GROUPS:
            entries = sorted(value) if name != "tuple" else value
            return {TAG: name, "is": [self.write(entry) for entry in entries]}
        if isinstance(value, np.generic) and value.dtype.kind in NUMBERS:
            return {TAG: "number", "type": value.dtype.str, "is": self.write(value.item())}
        if type(value) is float:
            return value if math.isfinite(value) else {TAG: "float", "is": repr(value)}
        if isinstance(value, Exception):
            return _write_error(value, self.write)
        for tag, (kind, write, _) in SMALL.items():
            if isinstance(value, kind):
                return {TAG: tag, "is": write(value)}
        return _refuse(type(value))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads what a `_Writer` wrote, as far as there is room for it."""

    beside: tuple[Any, ...]
    room: Room

    def read(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.read(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        if TAG not in value:
            return {key: self.read(entry) for key, entry in value.items()}
        kind = value[TAG]
        if kind in KNOWN:
            return self._ours(KNOWN[kind], value["is"])
        return self._large(kind, value) if "at" in value else self._small(kind, value["is"], value)

    def _ours(self, kind: type, said: Mapping[str, Any]) -> Any:
        found = {name: self.read(entry) for name, entry in said.items()}
        if kind is Text:
            return _sentence(found["template"], found["values"])
        return kind(**found)

    def _large(self, kind: str, value: Mapping[str, Any]) -> Any:
        from civicsight.io.apart.frames import read_frame

        content = self.beside[value["at"]]
        if kind == "array":
            dtype = _number_type(value["type"])
            self.room.take(len(content))
            return np.frombuffer(content, dtype).reshape(value["shape"]).copy()
        frame = read_frame(content, self.read, self.room)
        if kind == "table":
            return frame
        series = frame["geometry"]
        return series.rename(self.read(value["name"]))

    def _small(self, kind: str, said: Any, value: Mapping[str, Any]) -> Any:
        if kind in SMALL:
            return SMALL[kind][2](said)
        if kind in GROUPS:
            return GROUPS[kind](self.read(said))
        if kind == "mapping":
            return {self.read(key): self.read(entry) for key, entry in said}
        if kind == "number":
            return _number_type(value["type"]).type(self.read(said))
        return _read_error(value["name"], self.read(said))


def _names(value: Any) -> list[str]:
    """Return the fields of a dataclass or a named tuple."""
    return [entry.name for entry in fields(value)] if is_dataclass(value) else list(value._fields)


def _sentence(template: Any, values: Any) -> Text:
    """Return a sentence whose values can be put into it."""
    if not isinstance(template, str) or not isinstance(values, dict):
        raise TypeError(type(template).__name__)
    text = Text(template, values) if values else Text(template)
    if values:
        if not TEMPLATE.fullmatch(template):
            msg = f"not a sentence: {template[:100]}"
            raise ValueError(msg)
        str(text)  # whoever shows it has to find a value for each place
    return text


def _write_error(error: Exception, write: Callable[[Any], Any]) -> dict[str, Any]:
    """Write an error: its faults where it carries some, else what it was raised with."""
    said: Any = list(error.args)
    if isinstance(error, errors.InputError):
        said = [error.faults]
    if isinstance(error, OSError):
        name = str(error.filename or "").replace("\\", "/").rpartition("/")[2]
        said = [error.errno, error.strerror or str(error), *([name] if name else [])]
    name = "OSError" if isinstance(error, OSError) else type(error).__name__
    return {TAG: "error", "name": name, "is": write(said)}


def _read_error(name: str, said: list[Any]) -> Exception:
    if name == "OSError":
        return OSError(*said)
    return ERRORS[name](*said)


def _number_type(name: str) -> np.dtype[Any]:
    found = np.dtype(name)
    if found.kind not in NUMBERS:
        _refuse(name)
    return found


def _refuse(found: object) -> NoReturn:
    msg = f"{found} does not cross"
    raise TypeError(msg)


HEAD: Final = 1 << 20
"""Bytes of the line of sizes at most."""

CHUNK: Final = 1 << 20
PROGRESS: Final = re.compile(rb"#(\d{1,18}) (\d{1,18})\n")


def message(value: Any) -> bytes:
    """Return a value as it lies on the line."""
    packed: Packed = pack(value)
    parts = (packed.text.encode("ascii"), *packed.beside)
    return b"".join((json.dumps([len(part) for part in parts]).encode("ascii"), b"\n", *parts))


def value_of(content: bytes | bytearray, *, limit: int) -> Any:
    """Return the value of a whole message.

    Raises
    ------
    ValueError
        If it is not whole, or not what `message` made.
    MemoryError
        If it would take more than `limit` once it is built.
    """
    end = content.find(b"\n", 0, HEAD)
    sizes = json.loads(content[:end]) if end > 0 else None
    if not isinstance(sizes, list) or not all(type(n) is int and n >= 0 for n in sizes):
        msg = "a message without sizes"
        raise ValueError(msg)
    if not sizes or end + 1 + sum(sizes) != len(content):
        msg = f"{len(content)} bytes of another message"
        raise ValueError(msg)
    view, at, parts = memoryview(content), end + 1, []
    for size in sizes:
        parts.append(view[at : at + size])
        at += size
    return unpack(str(parts[0], "utf-8"), tuple(parts[1:]), limit=limit)


def progress(done: int, total: int) -> bytes:
    """Return the line that tells how far a reader is; any number of them go before a message."""
    return b"#%d %d\n" % (done, total)


def take_progress(content: bytearray) -> tuple[int, int] | None:
    """Take the lines of `progress` from the beginning of what has come; return the last."""
    last = None
    while found := PROGRESS.match(content):
        last = int(found[1]), int(found[2])
        del content[: found.end()]
    return last


def read_message(source: int) -> bytes:
    """Read one message from an open file, and nothing behind it."""
    content = bytearray()
    while b"\n" not in content:
        content += _some(source, 1)
    left = sum(json.loads(content))
    while left:
        more = _some(source, min(left, CHUNK))
        content += more
        left -= len(more)
    return bytes(content)


def _some(source: int, most: int) -> bytes:
    found = os.read(source, most)
    if not found:
        raise EOFError
    return found


def write_message(sink: int, content: bytes) -> None:
    """Write all of a message to an open file."""
    view = memoryview(content)
    while view:
        view = view[os.write(sink, view[:CHUNK]) :]
