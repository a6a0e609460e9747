"""What is kept so that nothing is computed twice: in memory by use, on disk by content.

A folder of a result is named by the digest of all that the result depends on, and is there whole or
not at all. Only this user may read it.
"""

from __future__ import annotations

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

from civicsight.core.atomic import telling
from civicsight.core.errors import MismatchError

V = TypeVar("V")

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
UNDER_WAY: Final = ".making-"
OLD_S: Final = 86_400.0


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
        """Return the folder of a result, None if it is not there; it then counts as used."""
        place = self.place(digest)
        if not place.is_dir():
            return None
        os.utime(place)
        return place

    @contextmanager
    def filling(self, digest: str) -> Iterator[Path]:
        """Give a folder to write into; it takes its place if all went well, else it goes."""
        place = self.place(digest)
        with telling(self.folder, self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            scratch = Path(tempfile.mkdtemp(prefix=f"{UNDER_WAY}{os.getpid()}-", dir=self.folder))
        try:
            with telling(self.folder, self.folder, scratch):
                yield scratch
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
