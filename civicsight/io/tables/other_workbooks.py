"""Workbooks of other programs than the present Excel: XLS and ET (OLE2), and ODS.

Their values are read by calamine. What it does not tell is read beside it: hidden rows, cells in
error, zeros in front of a number, and how many cells there will be, before it makes room for them.

References
----------
OASIS, Open Document Format 1.3, part 3: 9.1 (tables), 19.385 (office:value-type); LibreOffice's
calcext:value-type, which says that a cell is in error.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from civicsight.core.errors import N_, InputError, is_panic
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables import xls
from civicsight.io.tables.grid import Cell, choose_sheet, grid_of, place_of, sheet_of_grid
from civicsight.io.tables.package import (
    ODS,
    OLE,
    Marks,
    Merge,
    no_marks,
    open_package,
    parse_part,
    refuse_damaged,
    refuse_kind,
)
from civicsight.io.tables.sheet import MAX_BYTES, Sheet
from civicsight.io.tables.text_files import MAX_CELLS, refuse_size
from civicsight.io.vectors.files import require_size, staged
from civicsight.model.notes import noted

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


class _Book(NamedTuple):
    """An open workbook: its sheets by name, whether each can be seen, and its marks."""

    source: CalamineWorkbook
    seen: dict[str, bool]
    marks: dict[str, Marks]


def read_old_workbook(path: Path, declared: Declared = NOTHING) -> Sheet:
    """Read one sheet of an XLS, ET or ODS as rows of text, as `read_workbook` does.

    Raises
    ------
    InputError
        As `read_workbook`.
    """
    require_size(path, MAX_BYTES, N_("Split the table."))
    with _refused(path):
        book = _open(path)
        sheets = {name: book.source.get_sheet_by_name(name) for name in book.seen}
        name, hidden = choose_sheet(
            book.seen, lambda one: sheets[one].height > 0, path.name, declared.layer
        )
        sheet, marks = sheets[name], book.marks[name]
        marks.merges.extend(_merges(sheet))
        grid = grid_of(name, path.name, _rows(sheet, marks), marks)
    note = noted(
        "rows.looks",
        N_(
            "a workbook of this kind is read without its looks: rows that are struck out or "
            "coloured count like the others"
        ),
    )
    return sheet_of_grid(grid, marks, hidden, declared=declared, notes=(note,))


def _open(path: Path) -> _Book:
    """Open a workbook after its cells were counted."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    content = path.read_bytes()
    if content.startswith(OLE):
        listed = xls.read_xls_marks(content, path.name)
        source = _source(path, "book.xls")
        marks = dict(zip(source.sheet_names, listed, strict=True))
    else:
        with open_package(path, ODS) as package:
            marks = read_ods_marks(package, path.name)
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


TABLE: Final = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
TEXT: Final = "urn:oasis:names:tc:opendocument:xmlns:text:1.0 "
CALC: Final = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "

CELLS: Final = frozenset({f"{TABLE}table-cell", f"{TABLE}covered-table-cell"})
HIDDEN: Final = frozenset({"collapse", "filter"})
ERROR: Final = re.compile(r"#(REF!|DIV/0!|N/A|NAME\?|VALUE!|NUM!|NULL!)|Err:\d{3}")
FILLED: Final = re.compile(r"0\d+")
SHOWN: Final = 100
"""Characters of a cell that are looked at."""

MOST: Final = 1 << 20
"""Rows or columns that a repetition may mean; a sheet has far fewer."""


MAX_MARKS: Final = 2_000_000
"""Hidden rows, cells in error and cells filled with zeros, 150 bytes each."""


@dataclass(slots=True)
class _Walker:
    """Goes through the sheets; `cell` and `text` are those of the present cell."""

    file: str
    sheets: dict[str, Marks] = field(default_factory=dict)
    marks: Marks = field(default_factory=no_marks)
    row: int = 1
    column: int = 0
    rows: int = 1
    hidden: bool = False
    widest: int = 0
    cells: int = 0
    last: tuple[int, int] = (0, 0)
    cell: dict[str, str] = field(default_factory=dict)
    text: str = ""
    aside: int = 0
    marked: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        if name == f"{OFFICE}annotation":
            self.aside += 1
        elif name == f"{TABLE}table":
            self.marks = self.sheets[attributes.get(f"{TABLE}name", "")] = no_marks()
            self.row, self.last = 1, (0, 0)
        elif name == f"{TABLE}table-row":
            self.rows = _count(attributes.get(f"{TABLE}number-rows-repeated"))
            self.hidden = attributes.get(f"{TABLE}visibility") in HIDDEN
            self.column = self.widest = 0
        elif name in CELLS:
            self.cell, self.text = attributes, ""

    def characters(self, text: str) -> None:
        """Meet text; that of a remark is none of the cell."""
        if not self.aside and len(self.text) < SHOWN:
            self.text += text

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if name == f"{OFFICE}annotation":
            self.aside -= 1
        elif name in CELLS:
            self._take_cell()
        elif name == f"{TABLE}table-row":
            if self.widest:
                self._count_cells()
                if self.hidden:
                    self._count_marks(self.rows)
                    self.marks.hidden_rows.update(range(self.row, self.row + self.rows))
            self.row += self.rows

    def _take_cell(self) -> None:
        cell, text = self.cell, self.text.strip()
        columns = _count(cell.get(f"{TABLE}number-columns-repeated"))
        kind, formula = cell.get(f"{OFFICE}value-type", ""), f"{TABLE}formula" in cell
        if kind or text or formula:
            self.widest = self.column + columns
            self._count_cells()
            in_error = cell.get(f"{CALC}value-type") == "error"
            if in_error or (formula and ERROR.fullmatch(text)):
                self._mark(self.marks.errors, text, columns)
            elif kind == "float" and FILLED.fullmatch(text):
                self._mark(self.marks.widths, len(text), columns)
            elif formula and not kind and not text:
                place = place_of(self.row, self.column)
                self.marks.empty_formulas.append((self.row, place))
        high = _count(cell.get(f"{TABLE}number-rows-spanned"))
        wide = _count(cell.get(f"{TABLE}number-columns-spanned"))
        if high * wide > 1:
            row = self.row
            column = self.column
            last_row, last_column = row + high - 1, column + wide - 1
            label = f"{place_of(row, column)}:{place_of(last_row, last_column)}"
            self.marks.merges.append(Merge(label, row, last_row, column, last_column))
        self.column += columns

    def _mark(self, marks: dict[tuple[int, int], Any], value: str | int, columns: int) -> None:
        self._count_marks(self.rows * columns)
        for row in range(self.row, self.row + self.rows):
            for column in range(self.column, self.column + columns):
                marks[row, column] = value

    def _count_marks(self, more: int) -> None:
        """Refuse sheets of which too much would have to be noted beside their cells."""
        self.marked += more
        if self.marked > MAX_MARKS:
            refuse_size(self.file, f"row {self.row}")

    def _count_cells(self) -> None:
        """Refuse sheets that would need too many cells, before anybody fills them in."""
        high, wide = self.last
        now = self.row + self.rows - 1, max(wide, self.widest)
        self.cells += now[0] * now[1] - high * wide
        self.last = now
        if self.cells > MAX_CELLS:
            refuse_size(self.file, f"row {self.row}")


def read_ods_marks(package: zipfile.ZipFile, file: str) -> dict[str, Marks]:
    """Return what is known about each sheet, by its name.

    Raises
    ------
    InputError
        If all sheets together would need more cells than a table may have, as a few bytes can say.
    zipfile.BadZipFile
        If the content is no well-formed XML.
    """
    walker = _Walker(file)
    parse_part(package, ODS, walker.start, walker.end, walker.characters, separator=" ")
    return walker.sheets


def _count(said: str | None) -> int:
    """Return how often something is repeated; what is no number is once.

    Examples
    --------
    >>> _count(None), _count("12"), _count("-1"), _count("9" * 5_000)
    (1, 12, 1, 1048576)
    """
    if said is None or not said.isascii() or not said.isdigit():
        return 1
    return min(max(int(said[:9]), 1), MOST)
