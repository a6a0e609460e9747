"""Workbooks of other programs than the present Excel: XLS and ET (OLE2), and ODS.

Their values are read by calamine. What it does not tell is read beside it: hidden rows, cells in
error, zeros in front of a number, and how many cells there will be, before it makes room for them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from civicsight.core.errors import N_, InputError
from civicsight.io.file_formats import sniff
from civicsight.io.refusal import is_panic, refuse
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables import biff, opendocument
from civicsight.io.tables.grid import Cell, choose_sheet, grid_of, place_of, sheet_of_grid
from civicsight.io.tables.package import (
    ODS,
    OLE,
    Marks,
    Merge,
    open_package,
    refuse_damaged,
    refuse_kind,
)
from civicsight.io.tables.sheet import MAX_BYTES, Sheet
from civicsight.io.vectors.files import staged

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MIMETYPE: Final = b"application/vnd.oasis.opendocument.spreadsheet"


class _Book(NamedTuple):
    """An open workbook: its sheets by name, whether each can be seen, and its marks."""

    source: CalamineWorkbook
    seen: dict[str, bool]
    marks: dict[str, Marks]


def is_old_workbook(path: str | Path) -> bool:
    """Tell by its content whether a file is an XLS, an ET or an ODS, locked ones too."""
    return sniff(path) in {"XLS", "ODS"}


def read_old_workbook(path: Path, declared: Declared = NOTHING) -> Sheet:
    """Read one sheet of an XLS, ET or ODS as rows of text, as `read_workbook` does.

    Raises
    ------
    InputError
        As `read_workbook`.
    """
    if (size := path.stat().st_size) > MAX_BYTES:
        refuse(
            "file.too_large",
            path.name,
            N_("at most %(limit)s bytes", limit=MAX_BYTES),
            N_("Split the table."),
            found=f"{size} bytes",
        )
    with _refused(path):
        book = _open(path)
        sheets = {name: book.source.get_sheet_by_name(name) for name in book.seen}
        name, hidden = choose_sheet(
            book.seen, lambda one: sheets[one].height > 0, path.name, declared.layer
        )
        sheet, marks = sheets[name], book.marks[name]
        marks.merges.extend(_merges(sheet))
        grid = grid_of(name, path.name, _rows(sheet, marks), marks)
    note = N_(
        "a workbook of this kind is read without its looks: rows that are struck out or coloured "
        "count like the others"
    )
    return sheet_of_grid(grid, marks, hidden, declared=declared, notes=(note,))


def _open(path: Path) -> _Book:
    """Open a workbook after its cells were counted."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    content = path.read_bytes()
    if content.startswith(OLE):
        listed = biff.read_sheets(content, path.name)
        source = _source(path, "book.xls")
        marks = dict(zip(source.sheet_names, listed, strict=True))
    else:
        with open_package(path, ODS) as package:
            marks = opendocument.read_sheets(package, path.name)
        source = _source(path, "book.ods")
    seen = {
        sheet.name: sheet.visible == SheetVisibleEnum.Visible
        for sheet in source.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.name in marks
    }
    return _Book(source, seen, marks)


def _source(path: Path, name: str) -> CalamineWorkbook:
    """Open a workbook under a name that says what it is: calamine goes by that alone."""
    from python_calamine import CalamineWorkbook

    with staged({name: path}) as folder:
        return CalamineWorkbook.from_path(folder / name)


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Refuse a workbook on which its reader fails, in whatever way."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except InputError:
        raise
    except PasswordError:
        refuse_kind(path.name, "password")
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        refuse_damaged(path.name, str(error))
    except BaseException as error:
        if not is_panic(error):
            raise
        refuse_damaged(path.name, str(error))


def _merges(sheet: CalamineSheet) -> Iterator[Merge]:
    """Yield the merges of an XLS; those of an ODS are among its marks."""
    for (row, column), (last_row, last_column) in sheet.merged_cell_ranges or ():
        label = f"{place_of(row + 1, column)}:{place_of(last_row + 1, last_column)}"
        yield Merge(label, row + 1, last_row + 1, column, last_column)


def _rows(sheet: CalamineSheet, marks: Marks) -> Iterator[list[Cell]]:
    """Yield all rows from the first one; the reader leaves out empty columns in front."""
    before: list[Cell] = [(None, "", False)] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells: list[Cell] = [*before]
        for column, value in enumerate(row, start=len(before)):
            place = (number, column)
            style = "0" * marks.widths.get(place, 0)
            error = marks.errors.get(place)
            found = error if error is not None else None if value == "" else value
            cells.append((found, style, error is not None))
        yield cells
