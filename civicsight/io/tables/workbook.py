"""Workbooks (XLSX) into rows of text, with comments and formatting, once found harmless."""

from __future__ import annotations

import posixpath
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from civicsight.core.bounded.text import TORN
from civicsight.core.errors import InputError
from civicsight.core.progress import counted
from civicsight.io.source_options import NOTHING, Declared, Remark
from civicsight.io.tables.grid import PEEK, Cell, choose_sheet, grid_of, sheet_of_grid
from civicsight.io.tables.package import (
    Marks,
    open_package,
    parse_part,
    part_of,
    read_marks,
    refuse_damaged,
)
from civicsight.io.tables.sheet import Sheet

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


Formatting = tuple[bool, str]
"""Whether a cell is struck out, and its fill colour."""

PLAIN: Final = frozenset({"", "00000000", "FFFFFFFF", "00FFFFFF"})
"""Colours of a cell that has none, or is white."""


def mark_formatting(
    row: Iterable[Any], number: int, marks: Marks, known: dict[int, Formatting]
) -> None:
    """Mark a row that has a cell which is struck out, and the first fill colour of the row.

    Parameters
    ----------
    row, number
        Cells of openpyxl, and the number of their row.
    marks
        What is marked.
    known
        Looks of each style that was met; cells share few of them.
    """
    for cell in row:
        style = getattr(cell, "_style_id", None)
        if style is None or cell.value is None:
            continue
        if style not in known:
            known[style] = _formatting_of(cell)
        struck, colour = known[style]
        if struck:
            marks.struck.add(number)
        if colour:
            marks.fills.setdefault(number, colour)


def _formatting_of(cell: Any) -> Formatting:
    fill, font = cell.fill, cell.font
    colour = fill.fgColor if fill is not None and fill.fill_type == "solid" else None
    shown = "" if colour is None else str(getattr(colour, colour.type))
    if colour is not None and colour.type != "rgb":
        shown = f"{colour.type} {shown}"
    return bool(font is not None and font.strike), "" if shown in PLAIN else shown


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


EMPTY: Final[Cell] = (None, "", False)

UNREADABLE: Final = (*TORN, SyntaxError, Warning)
"""What openpyxl and zipfile raise where a workbook is damaged; for XML, of either parser, a
SyntaxError; a warning where the program has made errors of them."""


def read_workbook(path: Path, declared: Declared = NOTHING) -> Sheet:
    """Read one sheet of a workbook as rows of text.

    Numbers become the text that they are, dates ISO 8601; merged cells below the header all take
    the value that they show.

    Raises
    ------
    InputError
        If it is no XLSX, is damaged, expands beyond reason, holds macros or entities; if the sheet
        is unclear; if the header is hidden or merged; or if there is no table on the sheet.
    """
    with open_package(path) as package, path.open("rb") as stream:
        # A stream, because openpyxl asks a path for a certain extension.
        book = _open(stream, path)
        try:
            sheets: dict[str, Any] = {sheet.title: sheet for sheet in book.worksheets}
            seen = {name: sheet.sheet_state == "visible" for name, sheet in sheets.items()}
            name, hidden = choose_sheet(
                seen, lambda one: _is_filled(sheets[one]), path.name, declared.layer
            )
            marks = read_marks(package, path.name, name)
            grid = grid_of(name, path.name, _rows(sheets[name], marks), marks)
            comments = read_comments(package, part_of(package, name, path.name))
        except UNREADABLE as error:
            if isinstance(error, InputError):
                raise
            refuse_damaged(path.name, type(error).__name__)
        finally:
            book.close()
    sheet = sheet_of_grid(grid, marks, hidden, declared=declared)
    return sheet._replace(beside=(*sheet.beside, *comments))


def _open(stream: BinaryIO, path: Path) -> Workbook:
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Parts that openpyxl does not know, such as validation rules, hold no values.
            warnings.filterwarnings("ignore", module=r"openpyxl\..*")
            return openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except UNREADABLE as error:
        refuse_damaged(path.name, type(error).__name__)


def _is_filled(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=PEEK, values_only=True)
    return any(value is not None for row in rows for value in row)


def _rows(sheet: Any, marks: Marks) -> Iterator[list[Cell]]:
    known: dict[int, Formatting] = {}
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"openpyxl\..*")
        for number, row in enumerate(counted(sheet.iter_rows(), 0), start=1):
            mark_formatting(row, number, marks, known)
            yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    value = cell.value
    return EMPTY if value is None else (value, cell.number_format, cell.data_type == "e")
