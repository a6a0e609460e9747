"""What is kept so that nothing is computed twice: in memory by use, on disk by content.

A folder of a result is named by the digest of all that the result depends on, and is there whole or
not at all. Only this user may read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import time
from typing import Final, Generic, TypeVar

from civicsight.core.atomic import naming_target
from civicsight.core.damage import report_damage
from civicsight.core.errors import MismatchError

V = TypeVar("V")

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
UNDER_WAY: Final = ".making-"
OLD_S: Final = 86_400.0


SEAL: Final = "seal.json"
"""File of a folder that lists all others with their digests; it is written last."""

_WHOLE: Final[dict[str, list[tuple[str, int, int]]]] = {}
"""Folders that this process compared with their seal, by what their files were like then."""


class Remembered(Generic[V]):
    """Values by key, made when first asked for; the one unused longest goes first.

    Parameters
    ----------
    most
        How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}

    def find(self, key: Hashable) -> V | None:
        """Return the value of a key if it is there; nobody waits for one that is being made."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of a key, made by whoever asks first; the others wait for that one."""
        found = self.find(key)
        if found is not None:
            return found
        with self._lock:
            gate = self._making.setdefault(key, Lock())
        try:
            with gate:
                found = self.find(key)
                if found is None:
                    found = make()
                    self._keep(key, found)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return found

    def _keep(self, key: Hashable, made: V) -> None:
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Folders of results by digest.

    Parameters
    ----------
    folder
        Where they are.
    most
        How many stay, the latest used.
    """

    folder: Path
    most: int = 32

    def place(self, digest: str) -> Path:
        """Return the folder of a digest, there or not.

        Raises
        ------
        MismatchError
            If it is no digest: nothing else ever becomes a name of a folder.
        """
        if not DIGEST.fullmatch(digest):
            msg = "expected a digest of 64 digits and small letters from a to f"
            raise MismatchError(msg)
        return self.folder / digest

    def find(self, digest: str) -> Path | None:
        """Return the folder of a result, None if it is not there; it then counts as used.

        One that is not what was written is removed and said, so that it is made anew. What was
        found whole is compared again once a file of it has another size or time.
        """
        place = self.place(digest)
        seal = _seal_of(place)
        if seal is None:
            if place.exists():  # kept before folders were sealed, or something else of that name
                _remove(place)
            return None
        try:
            stats = [(path.name, path.stat()) for path in (*_files(place), place / SEAL)]
            moment = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
            if _WHOLE.get(str(place)) != moment:
                if _contents(place) != seal:
                    report_damage(f"{self.folder.name}/{digest[:8]}")
                    _remove(place)
                    return None
                _WHOLE[str(place)] = moment
            os.utime(place)
        except FileNotFoundError:  # another process has just removed it
            return None
        return place

    @contextmanager
    def filling(self, digest: str) -> Iterator[Path]:
        """Give a folder to write into; it takes its place if all went well, else it goes."""
        place = self.place(digest)
        with naming_target(self.folder, self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            scratch = Path(tempfile.mkdtemp(prefix=f"{UNDER_WAY}{os.getpid()}-", dir=self.folder))
        try:
            with naming_target(self.folder, self.folder, scratch):
                yield scratch
                (scratch / SEAL).write_text(json.dumps(_contents(scratch)), encoding="utf-8")
                if not place.exists():
                    scratch.replace(place)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self._forget()

    def clear_scraps(self, pid: int | None = None) -> None:
        """Remove what a process that ended had under way; by default all that is a day old."""
        pattern = f"{UNDER_WAY}*" if pid is None else f"{UNDER_WAY}{pid}-*"
        for scrap in self.folder.glob(pattern):
            if pid is not None or time() - scrap.stat().st_mtime > OLD_S:
                shutil.rmtree(scrap, ignore_errors=True)

    def _forget(self) -> None:
        """Remove the results that were used longest ago."""
        kept = [path for path in self.folder.iterdir() if DIGEST.fullmatch(path.name)]
        kept.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[self.most :]:
            shutil.rmtree(path, ignore_errors=True)


def _files(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*") if path.is_file() and path.name != SEAL)


def _contents(place: Path) -> dict[str, str]:
    """Return the digest of each file of a folder but its seal; nothing where one cannot be read."""
    found = {}
    try:
        for path in _files(place):
            told = hashlib.sha256(path.read_bytes()).hexdigest()
            found[path.relative_to(place).as_posix()] = told
    except OSError:
        return {}
    return found


def _seal_of(place: Path) -> object:
    """Return what a folder has to hold; None where it has no seal."""
    try:
        return json.loads((place / SEAL).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError):
        return ""  # torn: no folder holds that


def _remove(place: Path) -> None:
    """Remove a folder, or whatever else has its name."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
