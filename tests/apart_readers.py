"""Readers that do what a file which took over a library would do; for reading processes only."""

# ruff: noqa: ARG001 - a reader is given a path, whatever it does with it

from __future__ import annotations

import ctypes
import errno
import os
import socket
import stat
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import shapely

from civicsight.core.progress import counted


def echo(path: Path, *values: Any, **options: Any) -> Any:
    """Return what was sent, and the text of the file."""
    return path.read_text(encoding="utf-8"), values, options


def devour(path: Path) -> None:
    """Take memory without end, in pieces that are written to."""
    kept = []
    while True:
        kept.append(bytearray(b"x" * 10_000_000))


def build(path: Path) -> int:
    """Take a hundred megabytes, and be done."""
    return len(bytearray(b"x" * 50_000_000)) + len(path.name)


def reserve(path: Path) -> None:
    """Take more memory at once than an address space may have."""
    bytearray(1 << 45)


def sleep(path: Path) -> None:
    """Never come back, without work."""
    while True:
        time.sleep(3600)


def seek(path: Path) -> None:
    """Look before the beginning of the file, as a library does whose sums do not add up."""
    with path.open("rb") as stream:
        os.lseek(stream.fileno(), -1, os.SEEK_SET)


def starve(path: Path) -> None:
    """Say as the system does that there is no memory for a map of a file."""
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


def exhaust(path: Path) -> None:
    """Unite two sound shapes whose edges meet 640,000 times; the address space is to be bounded.

    Nothing but that bounds a reading process where its memory cannot be watched.
    """
    teeth = [(n, 100.0 if n % 2 else 1.0) for n in range(801)]
    upright = shapely.Polygon([*teeth, (800, 0), (0, 0)])
    lying = shapely.transform(upright, lambda xy: xy[:, ::-1] * (8.0, 0.125))
    shapely.union_all([upright, lying])


def spin(path: Path) -> None:
    """Never come back, with work."""
    while True:
        pass


def crash(path: Path) -> None:
    """Read where there is no memory."""
    ctypes.string_at(0)


def leave(path: Path) -> None:
    """End without a word."""
    os._exit(0)


def babble(path: Path) -> None:
    """Send what is no message, and end."""
    for number in range(3, 64):
        try:
            os.write(number, b"[3]\n{}")
        except OSError:
            continue
    os._exit(0)


def blunder(path: Path) -> None:
    """Fail as a library does."""
    list(path.name)[1_000]  # no name is so long


def passwords(path: Path) -> str:
    """Read a file of the system."""
    return Path("/etc/passwd").read_text(encoding="utf-8")


def neighbour(path: Path) -> str:
    """Read a file that lies beside the one that was given."""
    return (path.parent / "private.txt").read_text(encoding="utf-8")


def part(path: Path) -> str:
    """Read a file that belongs to the one that was given."""
    return path.with_suffix(".dbf").read_text(encoding="utf-8")


def scrawl(path: Path) -> None:
    """Write beside the file."""
    (path.parent / "written.txt").write_text("here I was", encoding="utf-8")


def overwrite(path: Path) -> None:
    """Write into the file itself."""
    path.write_text("here I was", encoding="utf-8")


def execute(path: Path) -> None:
    """Run another program."""
    os.execv(sys.executable, [sys.executable, "-c", "pass"])  # noqa: S606 - it is never run


def fill(path: Path) -> int:
    """Write a file into the folder that is one's own."""
    kept = Path(tempfile.gettempdir()) / "kept.bin"
    kept.write_bytes(b"x" * 1000)
    return kept.stat().st_size


def connect(path: Path) -> None:
    """Call the port that the file names."""
    port = int(path.read_text(encoding="utf-8"))
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def multiply(path: Path) -> list[int]:
    """Leave processes behind that never end, out of reach of the own group."""
    left = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            os.setsid()
            sleep(path)
        left.append(child)
    return left


def kill_parent(path: Path) -> None:
    """End the process that this one comes from."""
    os.kill(os.getppid(), 9)


def lie(path: Path) -> Any:
    """Return a sentence that would fill the memory of whoever shows it."""
    from civicsight.core.errors import Text

    return Text("%(n)999999999s", {"n": 1})


def count(path: Path) -> int:
    """Take a thousand rows, and tell how many."""
    return len(list(counted(range(1000), 1000)))


def chatter(path: Path) -> None:
    """Tell progress that is none, without end."""
    line = next(number for number in range(64) if _is_socket(number))
    while os.write(line, b"#1 1\n#" + b"9" * 100_000):
        pass


def loaded(path: Path) -> list[str]:
    """Return the names of the libraries that are imported."""
    return sorted({name.partition(".")[0] for name in sys.modules})


def sockets(path: Path) -> int:
    """Return how many sockets this process holds."""
    return sum(map(_is_socket, range(64)))


def _is_socket(number: int) -> bool:
    with suppress(OSError):
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    return False


def formats(path: Path) -> list[str]:
    """Return what GDAL would open here."""
    from civicsight.io.apart.fence import known_drivers

    return sorted(known_drivers())


READERS = {
    reader.__name__: reader
    for reader in (
        *(babble, blunder, build, chatter, connect, count, crash, devour, echo, execute, exhaust),
        *(fill, formats, kill_parent, leave, lie, loaded, multiply, neighbour, overwrite, part),
        *(passwords, reserve, scrawl, seek, sleep, sockets, spin, starve),
    )
}
