"""What a reader that a file took over would try; for reading processes only."""

# ruff: noqa: ARG001 - a reader is given a path, whatever it does with it

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path


def needed(path: Path) -> list[str]:
    """Do what readers do of their own: threads, folders, links and files that are gone again."""
    started = threading.Thread(target=lambda: Path("thread").write_bytes(b"x"))
    started.start()
    started.join()
    Path("folder").mkdir()
    Path("thread").rename("folder/thread")
    Path("linked").symlink_to(path)
    Path("linked").read_bytes()
    Path("gone").write_bytes(b"x")
    Path("gone").unlink()
    return sorted(str(found) for found in Path().rglob("*"))


def variables(path: Path) -> dict[str, str]:
    """Return the environment, and what the kernel says this process was started with."""
    return dict(os.environ)


def abort(path: Path) -> None:
    """End as a library does that finds itself in disorder."""
    os.kill(os.getpid(), signal.SIGABRT)


def write_much(path: Path) -> None:
    """Write more into one file than a file may have."""
    with Path("much.bin").open("wb") as out:
        out.writelines(b"x" * 10_000_000 for _ in range(1000))


def write_on(path: Path) -> None:
    """Write one file after another, each of it gone at once but for its handle."""
    kept = []
    for number in range(1000):
        file = Path(f"{number}.bin").open("w+b")  # noqa: SIM115 - it stays open
        Path(file.name).unlink()
        kept.append(file)
        file.write(b"x" * 10_000_000)


def name_on(path: Path) -> None:
    """Make empty files without end."""
    number = 0
    while True:
        number += 1
        Path(f"{number}.txt").touch()


def nest(path: Path) -> None:
    """Make folders in folders, deeper than any path may be long, and die."""
    for _ in range(3000):
        os.mkdir("d" * 100, 0o300)  # noqa: PTH102 - may not be listed
        os.chdir("d" * 100)
    os._exit(1)


READERS = {
    reader.__name__: reader
    for reader in (abort, name_on, needed, nest, variables, write_much, write_on)
}
