"""Workbooks (XLSX) into rows of text: opened only after their size and parts are found harmless."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from civicsight.core.errors import InputError
from civicsight.core.progress import counted
from civicsight.io.file_formats import sniff
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.comments import read_comments
from civicsight.io.tables.grid import PEEK, Cell, choose_sheet, grid_of, sheet_of_grid
from civicsight.io.tables.looks import Look, see_looks
from civicsight.io.tables.package import Marks, open_package, part_of, read_marks, refuse_damaged
from civicsight.io.tables.sheet import Sheet

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

EMPTY: Final[Cell] = (None, "", False)

UNREADABLE = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    Warning,
)
"""What openpyxl and zipfile raise where a workbook is damaged; for XML, of either parser, a
SyntaxError; a warning where the program has made errors of them."""


def is_workbook(path: str | Path) -> bool:
    """Tell whether a file is a workbook of any age, by its content."""
    return sniff(path) in {"XLSX", "XLS", "ODS"}


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
    known: dict[int, Look] = {}
    sheet.reset_dimensions()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"openpyxl\..*")
        for number, row in enumerate(counted(sheet.iter_rows(), 0), start=1):
            see_looks(row, number, marks, known)
            yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    value = cell.value
    return EMPTY if value is None else (value, cell.number_format, cell.data_type == "e")
