"""How a message lies on the line between two processes: a line of sizes, then the parts."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Final

from civicsight.io.apart.codec import Packed, pack, unpack

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
    return unpack(bytes(parts[0]), tuple(parts[1:]), limit=limit)


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
