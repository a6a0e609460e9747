"""What would fill the machine, or whoever waits for the answer: each is bounded, or is refused.

A bomb of the first kind takes as much of something as it gets and returns how much that was. One of
the second kind sends an answer of its own making, that is small on the line and vast once it is
built.
"""

from __future__ import annotations

import _thread
import errno
import json
import mmap
import os
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from civicsight.io.apart.frames import ABOUT
from tests.fence.acts import line

MEGABYTE = 1_000_000
LITTLE = {
    "CIVICSIGHT_READ_MEMORY": "100",
    "CIVICSIGHT_READ_SCRATCH": "200",
    "CIVICSIGHT_READ_SECONDS": "20",
}
"""Settings of the program that reads bombs."""

MOST_THREADS, MOST_FILES, MOST_NAMES, MOST_DISK = 20_000, 2_000, 300_000, 3_000 * MEGABYTE


def threads() -> int:
    """Start threads that wait."""
    _thread.stack_size(32_768)
    held, started = _thread.allocate_lock(), 0
    held.acquire()
    with suppress(RuntimeError, MemoryError):
        while started < MOST_THREADS:
            _thread.start_new_thread(held.acquire, ())
            started += 1
    time.sleep(1.0)
    return started


def open_files() -> int:
    """Open the same file again and again."""
    number = 0
    with suppress(OSError):
        while number < MOST_FILES:
            number = os.open(os.devnull, os.O_RDONLY)
    return number


def memory() -> NoReturn:
    """Take memory without end."""
    kept = []
    while True:
        kept.append(bytearray(b"x" * 10 * MEGABYTE))


def shared_memory() -> NoReturn:
    """Take memory that could be shared, without end."""
    kept = []
    while True:
        kept.append(mmap.mmap(-1, 10 * MEGABYTE))
        kept[-1].write(b"x" * 10 * MEGABYTE)


def places() -> int:
    """Take addresses, a page at a time; each is a record of the kernel."""
    kept: list[mmap.mmap] = []
    with suppress(OSError, MemoryError):
        while len(kept) < 200_000:
            kept.append(mmap.mmap(-1, 4096, prot=mmap.PROT_READ | len(kept) % 2 << 1))
    return len(kept)


def disk() -> int:
    """Fill the own folder with one file after another."""
    return _filled(keep=True)


def disk_without_names() -> int:
    """Fill the disk with files that have no names any more."""
    return _filled(keep=False)


def _filled(*, keep: bool) -> int:
    piece, total, number = b"x" * 10 * MEGABYTE, 0, 0
    while total < MOST_DISK:
        path = f"{number}.bin"
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT)
            if not keep:
                os.unlink(path)  # noqa: PTH108
            for _ in range(4):
                total += os.write(file, piece)
        except OSError as error:
            if error.errno not in (errno.EDQUOT, errno.ENOSPC, errno.EFBIG, errno.EMFILE):
                raise
            break
        if keep:
            os.close(file)
        number += 1
    return total


def names() -> int:
    """Fill the disk with files in which there is nothing."""
    number = 0
    with suppress(OSError):
        while number < MOST_NAMES:
            os.close(os.open(f"{number}", os.O_WRONLY | os.O_CREAT))
            number += 1
    return number


def sent(*parts: bytes, sizes: list[int] | None = None) -> NoReturn:
    """Send an answer of certain parts, and end."""
    own = line()
    said = [len(part) for part in parts] if sizes is None else sizes
    for part in (json.dumps(said).encode("ascii"), b"\n", *parts):
        view = memoryview(part)
        while view:
            view = view[os.write(own, view[:MEGABYTE]) :]
    os._exit(0)


TABLE = {"value": {"$": "table", "at": 0}}


def stream(arrays: list[pa.Array], how: str, kind: str, times: int = 1, **options: Any) -> bytes:
    """Return batches of columns as they would be sent, but for the options."""
    rows = times * len(arrays[0])
    about = {
        "columns": [{"name": str(at), "how": how, "type": kind} for at in range(len(arrays))],
        "labels": None, "rows": rows, "range": [0, rows, 1], "index_name": None,
    }  # fmt: skip
    schema = pa.schema(
        [pa.field(str(at), array.type) for at, array in enumerate(arrays)],
        metadata={ABOUT: json.dumps(about).encode()},
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for _ in range(times):
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return bytes(sink.getvalue())


def compressed(method: str) -> Callable[[], NoReturn]:
    """Return what sends four gigabytes of nought in a few megabytes."""

    def bomb() -> NoReturn:
        nought = pa.array(np.zeros(2_500_000))
        content = stream([nought], "number", "float64", 200, compression=method)
        sent(json.dumps(TABLE).encode(), content)

    return bomb


def dictionary() -> NoReturn:
    """Send one long text, and ten thousand references to it."""
    words = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(10_000, "int32")), pa.array(["x" * MEGABYTE])
    )
    sent(json.dumps(TABLE).encode(), stream([words], "text", "object"))


def shared_buffers() -> NoReturn:
    """Send a table in which two hundred columns are said to lie at the same place."""
    column = pa.array(np.zeros(20_000))
    content = stream([column] * 200, "number", "float64")
    # Each buffer of 160 kB is said to begin at the start of the body; the rest of it is left out.
    reader = pa.ipc.MessageReader.open_stream(pa.py_buffer(content))
    schema, batch = reader.read_next_message(), reader.read_next_message()
    head, body = bytearray(batch.metadata), bytes(batch.body)[:160_000]
    size = struct.pack("<q", 160_000)
    at = head.find(size)
    while at >= 0:
        head[at - 8 : at] = struct.pack("<q", 0)
        at = head.find(size, at + 8)
    whole = struct.pack("<q", len(batch.body))
    place = head.find(whole)
    head[place : place + 8] = struct.pack("<q", len(body))
    parts = [bytes(schema.serialize()), struct.pack("<iI", -1, len(head)), bytes(head), body]
    sent(json.dumps(TABLE).encode(), b"".join(parts))


def vast_body() -> NoReturn:
    """Send a table whose body is said to be of four gigabytes."""
    content = bytearray(stream([pa.array(np.zeros(1000))], "number", "float64"))
    for true in (8000, 8064):
        place = content.find(struct.pack("<q", true))
        if place >= 0:
            content[place : place + 8] = struct.pack("<q", 1 << 32)
    sent(json.dumps(TABLE).encode(), bytes(content))


def short_texts() -> NoReturn:
    """Send a table of texts of two letters."""
    cells = pa.array(["ab"] * 2_000_000, pa.large_string())
    sent(json.dumps(TABLE).encode(), stream([cells] * 4, "text", "object"))


def one_table_often() -> NoReturn:
    """Send one table, and name it ten thousand times."""
    value = {"value": [{"$": "table", "at": 0}] * 10_000}
    sent(json.dumps(value).encode(), stream([pa.array(np.zeros(1_000_000))], "number", "float64"))


def one_array_often() -> NoReturn:
    """Send one array, and name it ten thousand times."""
    value = {"value": [{"$": "array", "at": 0, "type": "|u1", "shape": [10**7]}] * 10_000}
    sent(json.dumps(value).encode(), bytes(10**7))


def many_rows() -> NoReturn:
    """Send a table of no columns and a million million rows."""
    rows = 10**12
    about = {"columns": [], "labels": None, "rows": rows, "range": [0, rows, 1], "index_name": None}
    schema = pa.schema([], metadata={ABOUT: json.dumps(about).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema):
        pass
    sent(json.dumps(TABLE).encode(), bytes(sink.getvalue()))


def json_cells() -> NoReturn:
    """Send a table whose cells are JSON of lists in which there is nothing."""
    cells = ["[[" + ",".join(["[]"] * 400_000) + "]]", *[None] * 31] * 25
    content = stream([pa.array(cells, pa.large_string())], "json", "object")
    sent(json.dumps(TABLE).encode(), content)


def said(piece: bytes, times: int, begin: bytes = b'{"value": [', end: bytes = b"0]}") -> Any:
    """Return what sends JSON that is one piece many times."""

    def bomb() -> NoReturn:
        size = len(begin) + times * len(piece) + len(end)
        own = line()
        os.write(own, json.dumps([size]).encode() + b"\n" + begin)
        block = piece * 100_000
        for _ in range(times // 100_000):
            view = memoryview(block)
            while view:
                view = view[os.write(own, view) :]
        os.write(own, end)
        os._exit(0)

    return bomb


def array_of_nothing() -> NoReturn:
    """Send an array whose size its shape does not bear out."""
    value = {"value": {"$": "array", "at": 0, "type": "<f8", "shape": [1 << 40]}}
    sent(json.dumps(value).encode(), bytes(8))


def endless() -> NoReturn:
    """Send without end."""
    own, block = line(), b"0" * MEGABYTE
    os.write(own, b"[4294967296]\n")
    while True:
        os.write(own, block)


def four_gigabytes() -> NoReturn:
    """Say that four gigabytes follow, and end."""
    sent(b"{}", sizes=[1 << 32])


TAKING: dict[str, tuple[Callable[[], Any], int]] = {
    "threads": (threads, 1_024),
    "open files": (open_files, 256),
    "memory": (memory, 0),
    "shared memory": (shared_memory, 0),
    "addresses": (places, 65_530),
    "disk": (disk, MOST_DISK // 4),
    "disk without names": (disk_without_names, MOST_DISK // 4),
    "names": (names, MOST_NAMES // 4),
}
"""Bombs that return how much of something they got, and how much that may be at most."""

SENDING: dict[str, Callable[[], NoReturn]] = {
    "zstd": compressed("zstd"),
    "lz4": compressed("lz4"),
    "dictionary": dictionary,
    "shared buffers": shared_buffers,
    "a body of four gigabytes": vast_body,
    "a million million rows": many_rows,
    "short texts": short_texts,
    "one table often": one_table_often,
    "one array often": one_array_often,
    "cells of JSON": json_cells,
    "lists of nothing": said(b"[],", 60_000_000),
    "objects of nothing": said(b"{},", 60_000_000),
    "lists in lists": said(b"[", 50_000_000),
    "an array of nothing": array_of_nothing,
    "without end": endless,
    "four gigabytes that do not come": four_gigabytes,
}
"""Bombs that send an answer of their own."""


def bomb(_path: Path, name: str) -> Any:
    """Do one of them."""
    return SENDING[name]() if name in SENDING else TAKING[name][0]()


READERS = {"bomb": bomb}
