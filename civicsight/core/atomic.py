"""Files and folders that are whole or not there: made beside their place, then moved into it.

What is under way lies in a folder `.civicsight-*` that is locked while its process lives. One that
nobody holds is left over from a run that was killed; whoever writes to the same place next removes
it. A write that fails is told by the name of what was asked for, never of what is under way.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path
from time import time
from typing import Final
from uuid import uuid4

from civicsight.core.errors import N_, CivicsightError, WriteError

UNDER_WAY: Final = ".civicsight-"
"""How the name of a folder begins in which something is being made."""

OLD_S: Final = 86_400.0
"""Where a folder cannot be locked, what is older than this counts as left over [s]."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_CLOSED: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
PROBE: Final = bytes(1_048_576)
"""What is written to see whether anything can be."""


@contextmanager
def written_whole(path: Path, *, need_bytes: int = 0) -> Iterator[Path]:
    """Give a name to write to; move it to `path` if all went well, else remove it.

    File and folder are flushed to the disk, so that a power cut leaves the old one or the new one.

    Parameters
    ----------
    path
        Where the file will be; its folder is made.
    need_bytes
        How much it takes, where that is known before.

    Raises
    ------
    WriteError
        If it cannot be written; a file that was there before stays.
    """
    with scratch_beside(path, need_bytes=need_bytes) as folder:
        scratch = folder / path.name
        yield scratch
        flush(scratch)
        scratch.replace(path)
    flush(path.parent)  # if this fails, the new file is in place: nobody is told otherwise


@contextmanager
def written_together(out: Path) -> Iterator[Path]:
    """Give a folder to write files into; move each to its place in `out` once all are whole.

    Files of the same name are replaced, other files stay.

    Raises
    ------
    WriteError
        If one cannot be written; while they were being made nothing in `out` was changed.
    """
    with scratch_beside(out / out.name, asked=out) as folder:
        yield folder
        made = sorted(path for path in folder.rglob("*") if path.is_file())
        moves = {path: out / path.relative_to(folder) for path in made}
        for path, target in moves.items():
            flush(path)
            if target.is_dir():  # before anything is replaced
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            target.parent.mkdir(parents=True, exist_ok=True)
        for path, target in moves.items():
            path.replace(target)
    for place in {out, *(target.parent for target in moves.values())}:
        flush(place)


@contextmanager
def scratch_beside(path: Path, *, asked: Path | None = None, need_bytes: int = 0) -> Iterator[Path]:
    """Give an empty folder in the folder of `path`, which is made; it goes afterwards.

    Parameters
    ----------
    path
        What will be made there.
    asked
        What a person asked for, if not that.
    need_bytes
        How much it takes, where that is known before.

    Raises
    ------
    WriteError
        If something within cannot be written.
    """
    target, around = asked or path, path.parent
    with naming_target(target, around, need_bytes=need_bytes):
        if asked is None and path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        around.mkdir(parents=True, exist_ok=True)
        remove_left_over(around)
        with (
            held_folder(around) as folder,
            naming_target(target, around, folder, need_bytes=need_bytes),
        ):
            yield folder


@contextmanager
def naming_target(
    target: Path, around: Path, scratch: Path | None = None, *, need_bytes: int = 0
) -> Iterator[None]:
    """Name `target` in whatever goes wrong while something is written to the folder `around`."""
    try:
        yield
    except WriteError as error:  # of one file of several
        if scratch is None or around != target:
            raise
        raise WriteError(error.code, f"{_name(target)}/{error.target}", error.told) from error
    except CivicsightError:
        raise
    except (OSError, RuntimeError, sqlite3.Error) as error:
        made = _size(scratch) if scratch is not None else 0
        places = {target, around, *around.parents}
        code = _code(error, places, scratch or around / UNDER_WAY, scratch)
        if code is None:
            raise
        raise _explained(code, target, max(need_bytes, made), free_bytes(around) + made) from error


def flush(path: Path) -> None:
    """Bring a file, or the names in a folder where the system can, to the disk."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def free_bytes(path: Path) -> int:
    """Return the free space of the disk on which a path is or would be."""
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def remove_left_over(folder: Path, prefix: str = UNDER_WAY) -> None:
    """Remove from a folder what runs that were killed had under way."""
    for scrap in folder.glob(f"{prefix}*"):
        handle = _lock(scrap, wait=False)
        try:
            if handle is not None or _is_old(scrap):
                remove_folder(scrap)
        finally:
            if handle is not None:
                os.close(handle)


@contextmanager
def held_folder(around: Path, prefix: str = UNDER_WAY) -> Iterator[Path]:
    """Give a new folder, locked where folders can be locked; it goes afterwards."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=around))
        handle = _lock(folder, wait=True)
        if folder.exists():
            break
        if handle is not None:  # somebody took it for left over before it was locked
            os.close(handle)
    try:
        yield folder
    finally:
        remove_folder(folder)
        if handle is not None:
            os.close(handle)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all in it, also one that a stranger made to resist; errors are ignored.

    Its folders may be nested deeper than a path can be long, or may not be listed, and whoever made
    it may still be at work: links are not followed.
    """
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if sys.platform == "win32" or not folder.exists():
        return
    with suppress(OSError):
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            while entries := os.listdir(top):  # noqa: PTH208 - an open folder
                list(map(_lift, entries, repeat(top)))
        finally:
            os.close(top)
        folder.rmdir()


def _lift(name: str, top: int) -> None:
    """Remove an entry of an open folder; of a folder, move its own folders up beside it first."""
    place = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=top)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            os.unlink(name, dir_fd=top)
            return
        Path(f"/proc/self/fd/{place}").chmod(0o700)
        inner = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=place)
    finally:
        os.close(place)
    try:
        for entry in os.listdir(inner):  # noqa: PTH208 - an open folder
            os.rename(entry, uuid4().hex, src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)


def _lock(folder: Path, *, wait: bool) -> int | None:
    """Lock a folder for as long as the handle is open; None if it is not to be had."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # held by another run, or a file system without locks
        os.close(handle)
        return None
    return handle


def _is_old(scrap: Path) -> bool:
    try:
        return sys.platform == "win32" and time() - scrap.stat().st_mtime > OLD_S
    except OSError:
        return False


def _code(error: Exception, places: set[Path], under_way: Path, scratch: Path | None) -> int | None:
    """Return what an error says of writing as a code of the system, None if it is of another kind.

    One that names a file elsewhere came of reading it.
    """
    if isinstance(error, OSError) and error.errno is not None:
        name = error.filename
        here = name is None or str(name).startswith(str(under_way)) or Path(str(name)) in places
        return error.errno if here else None
    if scratch is None or isinstance(error, RecursionError | NotImplementedError):
        return None
    try:
        _probe(scratch)
    except OSError as found:
        return found.errno
    return None


def _probe(scratch: Path) -> None:
    """Write a file a little longer than those there are.

    GDAL and SQLite do not say why they could not write ("Failed to commit transaction"); whether
    the disk or a limit of the system stopped them, the next write tells.
    """
    longest = max((path.stat().st_size for path in scratch.rglob("*") if path.is_file()), default=0)
    with (scratch / "probe").open("wb") as file:
        file.seek(longest)
        file.write(PROBE)
        flush(scratch / "probe")


def _explained(code: int, target: Path, need: int, free: int) -> WriteError:
    reason = os.strerror(code)
    if code in _FULL:
        why = N_(
            "the disk is full; at least %(need)s MiB are needed, %(free)s MiB are free. Free some "
            "space or name a place on another disk, and run the same again",
            need=_mib(need),
            free=_mib(free),
        )
    elif code in _CLOSED:
        why = N_(
            "nothing may be written there (%(reason)s). Ask for the right to, or name another "
            "folder",
            reason=reason,
        )
    elif code == errno.EFBIG:
        why = N_(
            "the system allows no larger file (%(reason)s). Raise its limit, or name a place on "
            "another disk",
            reason=reason,
        )
    else:
        why = N_("%(reason)s. Look at the place, or name another one", reason=reason)
    return WriteError(code, _name(target), why)


def _mib(size: int) -> str:
    return f"{-(-size * 10 // 1_048_576) / 10:.1f}"


def _name(target: Path) -> str:
    return target.name or target.resolve().name or str(target)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
