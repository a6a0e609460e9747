"""What one hostile file is: whom it attacks, how it is made, and what must come of it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

READ: Final = "read"
CANARY: Final = "canary-of-a-foreign-file"
"""What stands in the foreign file; no answer may hold it."""

FOREIGN: Final = "foreign"
"""Folder, beside that of the hostile file, whose files nobody may open."""

ADDRESS: Final = "http://127.0.0.1:9/canary"
"""An address that nobody may ask."""

Make = Callable[[Path], Path]
"""Writes a file into an empty folder, and returns the path that is given to a reader."""


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile file.

    Parameters
    ----------
    format
        Name of the format that is attacked, see `corpus.FORMATS`.
    name
        What it tries.
    reader
        Reader of `civicsight.io.reader_registry.READERS` that it is given to.
    make
        Writes it.
    code
        What must come of it: `READ`, or the code of the first fault; empty: either.
    more
        What the reader is told by name.
    slow
        Whether it is too dear for the quick suite.
    """

    format: str
    name: str
    reader: str
    make: Make
    code: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    slow: bool = False

    @property
    def id(self) -> str:
        """Name among all cases."""
        return f"{self.format}: {self.name}"


def written(name: str, content: bytes | str | Callable[[], bytes | str]) -> Make:
    """Return a maker of a file with this content; what is large is given as a function."""

    def make(folder: Path) -> Path:
        given = content() if callable(content) else content
        path = folder / name
        path.write_bytes(
            given.encode("utf-8", "surrogatepass") if isinstance(given, str) else given
        )
        return path

    return make


def foreign(path: Path) -> Path:
    """Return the foreign file of a case that lies in a folder."""
    return path.parent / FOREIGN / "secret.csv"


def pointing(name: str, content: str) -> Make:
    """Return a maker of a file in which ``SECRET`` is the path of the foreign file."""
    return lambda folder: written(name, content.replace("SECRET", str(foreign(folder))))(folder)


def packed(name: str, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Make:
    """Return a maker of a ZIP file of these members."""

    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as out:
            for member, content in members:
                out.writestr(member, content)
        return folder / name

    return make


def patched(make: Make, *patches: tuple[int, bytes]) -> Make:
    """Return a maker of the same file with other bytes at some places, from its end if negative."""

    def change(folder: Path) -> Path:
        path = make(folder)
        content = bytearray(path.read_bytes())
        for at, new in patches:
            start = at if at >= 0 else len(content) + at
            content[start : start + len(new)] = new
        path.write_bytes(bytes(content))
        return path

    return change


def replaced(make: Make, old: bytes, new: bytes, count: int = -1) -> Make:
    """Return a maker of the same file with other bytes in place of some that are in it."""

    def change(folder: Path) -> Path:
        path = make(folder)
        content = path.read_bytes()
        assert old in content, (path.name, old)
        path.write_bytes(content.replace(old, new, count))
        return path

    return change


def beside(make: Make, *others: tuple[str, bytes | str]) -> Make:
    """Return a maker of the same file with others beside it."""

    def both(folder: Path) -> Path:
        path = make(folder)
        for name, content in others:
            pointing(name, content)(folder) if isinstance(content, str) else written(name, content)(
                folder
            )
        return path

    return both
