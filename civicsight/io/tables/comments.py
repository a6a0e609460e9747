"""What people wrote beside cells of a workbook: comments and their threads, with the cell."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from civicsight.io.stated_datums import Remark
from civicsight.io.tables.package import parse_part

KINDS: Final = ("comments", "threadedComment")
"""What the relations to such parts are called at their end."""

ENTRIES: Final = frozenset({"comment", "threadedComment"})
TEXTS: Final = frozenset({"t", "text"})

MOST: Final = 10_000
"""More comments than this are not read; a sheet of rows has none of them."""

LONGEST: Final = 1_000
"""So many characters of a comment are read."""


def read_comments(package: zipfile.ZipFile, part: str) -> tuple[Remark, ...]:
    """Return the comments of one sheet, each with its cell; a sheet without any has none.

    Parameters
    ----------
    package, part
        A workbook that was found harmless, and the part of it that holds the sheet.
    """
    home = PurePosixPath(part)
    relations = str(home.parent / "_rels" / f"{home.name}.rels")
    names = set(package.namelist())
    if relations not in names:
        return ()
    targets: list[str] = []

    def note(name: str, attributes: dict[str, str]) -> None:
        kind, target = attributes.get("Type", ""), attributes.get("Target", "")
        if name.rpartition(":")[2] == "Relationship" and kind.endswith(KINDS):
            targets.append(_within(home, target))

    parse_part(package, relations, note)
    listener = _Listener()
    for target in targets:
        if target in names:
            parse_part(package, target, listener.start, listener.end, listener.characters)
    return tuple(listener.found)


def _within(home: PurePosixPath, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(str(home.parent), target))


@dataclass(slots=True)
class _Listener:
    """Goes through a part and gathers the text of each comment."""

    found: list[Remark] = field(default_factory=list)
    cell: str = ""
    text: str = ""
    within: str = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        self.within = name.rpartition(":")[2]
        if self.within in ENTRIES:
            self.cell, self.text = attributes.get("ref", "")[:20], ""

    def characters(self, text: str) -> None:
        """Meet text."""
        if self.within in TEXTS and len(self.text) < LONGEST:
            self.text += text[:LONGEST]

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        self.within = ""
        text = " ".join(self.text.split())
        if name.rpartition(":")[2] in ENTRIES and text and len(self.found) < MOST:
            self.found.append(Remark(f"cell {self.cell}", "", text))
