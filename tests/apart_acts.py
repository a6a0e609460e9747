"""What a reader that a file took over would try; for reading processes only."""

# ruff: noqa: ARG001 - a reader is given a path, whatever it does with it

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

DOOR = "door"
"""A UNIX socket beside the file, at which a test waits."""


def _acts(path: Path) -> dict[str, Callable[[], Any]]:
    """Return acts by name; each does something outside of reading, or raises OSError."""
    own, parent = Path("own"), os.getppid()
    return {
        "call a UNIX socket": lambda: socket.socket(socket.AF_UNIX).connect(
            str(path.with_name(DOOR))
        ),
        "make a pair of sockets": socket.socketpair,
        "fork": lambda: os.fork() or os._exit(0),
        "start a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "change a mode": lambda: own.chmod(0o777),
        "change an owner": lambda: os.chown(own, os.getuid(), os.getgid()),
        "change times": lambda: os.utime(own, (0, 0)),
        "set an attribute": lambda: os.setxattr(own, "user.a", b"b"),
        "change the mode of the file": lambda: path.chmod(0o644),
        "make a device": lambda: os.mknod("device", 0o60600, os.makedev(7, 0)),
        "make a pipe with a name": lambda: os.mkfifo("pipe"),
        "link": lambda: os.link(own, "linked"),
        "reserve disk": lambda: os.posix_fallocate(os.open(own, os.O_RDWR), 0, 1 << 20),
        "write by a shared map": lambda: mmap.mmap(os.open(own, os.O_RDWR), 1),
        "cut the file short": lambda: os.truncate(path, 0),
        "bound the parent": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, (9, 9)),
        "raise the own bounds": lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
        "slow the parent down": lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
        "pin the parent": lambda: os.sched_setaffinity(parent, {0}),
        "signal the parent": lambda: os.kill(parent, 0),
        "open the parent's memory": lambda: Path(f"/proc/{parent}/mem").open("rb"),
        "name spaces": lambda: _call("unshare", 0x10000000),
        "mount": lambda: _call("mount", b"none", b".", b"tmpfs", 0, None),
        "trace the parent": lambda: _call("ptrace", 16, parent, 0, 0),
        "another filter": lambda: _call("prctl", 22, 2, 0, 0, 0),
        "read another file": lambda: path.with_name("private.txt").read_bytes(),
        "write beside the file": lambda: path.with_name("written.txt").write_bytes(b"x"),
    }


def _call(name: str, *values: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*values) == -1:
        raise OSError(ctypes.get_errno(), name)


def acts(path: Path) -> dict[str, int | str]:
    """Return what came of each act: the number of its error, or that it was done."""
    Path("own").write_bytes(b"x")
    came: dict[str, int | str] = {}
    for name, act in _acts(path).items():
        try:
            act()
            came[name] = "done"
        except OSError as error:
            came[name] = error.errno or 0
        except ValueError as error:  # what Python makes of EPERM for limits
            came[name] = 1 if "not allowed" in str(error) else str(error)
    return came


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
    for reader in (abort, acts, name_on, needed, nest, variables, write_much, write_on)
}
