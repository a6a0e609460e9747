"""Workbooks (XLSX) into rows of text: opened only after their size and parts are found harmless."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, NoReturn

from civicsight.city.declared import NOTHING, Declared
from civicsight.city.refusal import refuse
from civicsight.city.tables.delimited import MAX_CELL, MAX_CELLS, Record
from civicsight.city.tables.explanation import is_explanation
from civicsight.city.tables.layout import Layout, count_known, lay_out
from civicsight.city.tables.package import OLE, ZIP, Marks, Merge, open_package, read_marks
from civicsight.city.tables.sheet import Sheet, known_words
from civicsight.errors import N_, Fault, InputError, Text

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

DIGITS: Final = 15
"""Decimal digits that a number in a workbook keeps; further ones were lost when it was typed."""

MAX_ROWS: Final = 1_048_576
"""Rows that a sheet can have."""

PEEK: Final = 100
"""Rows at the top of a sheet that are looked at to see whether it holds anything."""

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
)
"""What openpyxl and zipfile raise where a workbook is damaged; for XML, of either parser, a
SyntaxError."""


class Grid(NamedTuple):
    """The cells of one sheet as text, by row; dates by row and column; and cells in error."""

    records: list[Record]
    dates: set[tuple[int, int]]
    faults: list[Fault]


def is_workbook(path: str | Path) -> bool:
    """Tell whether a file is a workbook of any age, by its content."""
    file = Path(path)
    with file.open("rb") as stream:
        head = stream.read(8)
    if head == OLE:
        return True
    if not head.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(file) as package:
            return any(name.startswith("xl/") for name in package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return b"xl/" in file.read_bytes()[: 1 << 20]


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
            name, hidden = _choose(book, path.name, declared.layer)
            marks = read_marks(package, path.name, name)
            grid = _read_grid(book, name, path.name, marks)
        except UNREADABLE as error:
            if isinstance(error, InputError):
                raise
            _refuse_damaged(path, error)
        finally:
            book.close()
    known = count_known(known_words(declared))
    layout = lay_out(grid.records, path.name, known, padded=False)
    _refuse_header(layout, marks, name, path.name)
    layout, merged = _fill_merged(layout, marks)
    return _sheet(path.name, layout, grid, marks, (*_sheet_notes(name, hidden), *merged))


def _open(stream: BinaryIO, path: Path) -> Workbook:
    import openpyxl

    try:
        with warnings.catch_warnings():
            # Parts that openpyxl does not know, such as validation rules, hold no values.
            warnings.filterwarnings("ignore", module=r"openpyxl\..*")
            return openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except UNREADABLE as error:
        _refuse_damaged(path, error)


def _refuse_damaged(path: Path, error: Exception) -> NoReturn:
    refuse(
        "file.damaged",
        path.name,
        N_("a complete XLSX workbook"),
        N_("Open it in a spreadsheet program and save it again as XLSX."),
        found=type(error).__name__,
    )


def _choose(book: Workbook, file: str, layer: str | None) -> tuple[str, list[str]]:
    """Return the sheet to read and the hidden ones that are passed over."""
    sheets: dict[str, Any] = {sheet.title: sheet for sheet in book.worksheets}
    if layer is not None:
        if layer not in sheets:
            refuse(
                "layer.missing",
                file,
                N_("one of %(names)s", names=", ".join(sheets)),
                N_("Name a layer that exists."),
                found=layer,
            )
        return layer, []
    hidden = [name for name, sheet in sheets.items() if sheet.sheet_state != "visible"]
    rows = {name: sheet for name, sheet in sheets.items() if not is_explanation(name)}
    filled = [name for name, sheet in rows.items() if name not in hidden and _is_filled(sheet)]
    if len(filled) > 1:
        refuse(
            "layer.several",
            file,
            N_("one sheet"),
            N_("Name the sheet to read."),
            found=", ".join(filled),
        )
    if not filled:
        refuse("csv.empty", file, N_("a header and rows"), N_("Export the table again."))
    return filled[0], hidden


def _is_filled(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=PEEK, values_only=True)
    return any(value is not None for row in rows for value in row)


def _read_grid(book: Workbook, name: str, file: str, marks: Marks) -> Grid:
    sheet: Any = book[name]
    sheet.reset_dimensions()
    grid = Grid([], set(), [])
    count = 0
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"openpyxl\..*")
        for number, row in enumerate(sheet.iter_rows(), start=1):
            count += len(row)
            if count > MAX_CELLS or number > MAX_ROWS:
                refuse(
                    "csv.too_many",
                    file,
                    N_("at most %(limit)s cells", limit=MAX_CELLS),
                    N_("Split the table."),
                    where=f"row {number}",
                )
            cells = list(_texts(row, number, name, file, grid))
            if any(cells):
                grid.records.append((number, cells))
    grid.faults.extend(
        _cell_fault(
            "workbook.formula",
            file,
            row,
            f"{name}!{place}",
            "",
            N_("a value"),
            N_("Open the workbook in a spreadsheet program and save it, so that it is computed."),
        )
        for row, place in marks.empty_formulas
    )
    return grid


def _texts(row: Any, number: int, name: str, file: str, grid: Grid) -> Iterator[str]:
    for column, cell in enumerate(row):
        value = cell.value
        place = f"{name}!{getattr(cell, 'coordinate', '')}"
        if isinstance(value, dt.datetime | dt.date):
            grid.dates.add((number, column))
        if getattr(cell, "data_type", "") == "e":
            grid.faults.append(
                _cell_fault(
                    "workbook.error",
                    file,
                    number,
                    place,
                    str(value),
                    N_("a value"),
                    N_("Mend the formula, or replace it by its value."),
                )
            )
        if isinstance(value, int | float) and abs(value) >= 10**DIGITS:
            grid.faults.append(
                _cell_fault(
                    "workbook.digits",
                    file,
                    number,
                    place,
                    f"{value:.15g}",
                    N_("an identifier as text: a number keeps %(digits)s digits", digits=DIGITS),
                    N_("Format the column as text and enter the identifier again."),
                )
            )
        text = _text(value, getattr(cell, "number_format", "") if value is not None else "")
        if len(text) > MAX_CELL:
            grid.faults.append(
                _cell_fault(
                    "workbook.long_cell",
                    file,
                    number,
                    place,
                    text[:40],
                    N_("at most %(limit)s characters", limit=MAX_CELL),
                    N_("Shorten the text."),
                )
            )
        yield text[:MAX_CELL]


def _cell_fault(
    code: str, file: str, row: int, place: str, found: str, expected: Text, remedy: Text
) -> Fault:
    return Fault(code, file, f"row {row}", place, found[:100], expected, remedy)


def _text(value: object, style: str) -> str:
    """Return the text of a cell: whole numbers without a point, leading zeros as they are shown.

    Examples
    --------
    >>> _text(12, "0000"), _text(12.0, "General"), _text(3.5, "General")
    ('0012', '12', '3.5')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        whole = value.time() == dt.time()
        return value.date().isoformat() if whole else value.isoformat(sep=" ")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return str(value).zfill(len(style)) if style and set(style) == {"0"} else str(value)
    return repr(value) if isinstance(value, float) else str(value)


def _refuse_header(layout: Layout, marks: Marks, name: str, file: str) -> None:
    """Refuse a header that a reader of the sheet does not see as it is read."""
    line = layout.header_line
    faults = [
        _cell_fault(
            "workbook.merged_header",
            file,
            line,
            f"{name}!{merge.label}",
            "",
            N_("one header cell for each column, in one row"),
            N_("Unmerge the cells and give every column a header of its own."),
        )
        for merge in marks.merges
        if merge.first_row <= line <= merge.last_row and not _is_told(merge, layout)
    ]
    if line in marks.hidden_rows:
        faults.append(
            _cell_fault(
                "workbook.hidden_header",
                file,
                line,
                f"{name}!A{line}",
                "",
                N_("a header that is not hidden"),
                N_("Show the row, or delete it."),
            )
        )
    if faults:
        raise InputError(faults)


def _is_told(merge: Merge, layout: Layout) -> bool:
    """Tell whether a merge only joins both rows of a header in one column."""
    one = merge.first_column == merge.last_column
    return one and layout.upper_line == merge.first_row and merge.last_row == layout.header_line


def _fill_merged(layout: Layout, marks: Marks) -> tuple[Layout, tuple[Text, ...]]:
    """Give all cells of a merge in one column the value that the merge shows."""
    rows = {line: n for n, line in enumerate(layout.lines)}
    columns = {position: n for n, position in enumerate(layout.positions)}
    done = []
    for merge in marks.merges:
        if merge.first_row <= layout.header_line or merge.first_column not in columns:
            continue
        if merge.first_column != merge.last_column:
            continue
        header = layout.header[columns[merge.first_column]]
        if merge.first_row not in rows:
            continue
        value = layout.rows[rows[merge.first_row]][header]
        for line in range(merge.first_row + 1, merge.last_row + 1):
            if line in rows:
                layout.rows[rows[line]][header] = value
        done.append(merge.label)
    if not done:
        return layout, ()
    shown = ", ".join(done[:PEEK])
    return layout, (
        N_("merged cells, each read as the value that they show: %(cells)s", cells=shown),
    )


def _sheet_notes(name: str, hidden: list[str]) -> tuple[Text, ...]:
    notes = [N_("sheet read: %(name)s", name=name)]
    if hidden:
        notes.append(N_("hidden sheets were left out: %(names)s", names=", ".join(hidden)))
    return tuple(notes)


def _sheet(file: str, layout: Layout, grid: Grid, marks: Marks, notes: tuple[Text, ...]) -> Sheet:
    headers = dict(zip(layout.positions, layout.header, strict=True))
    lines = set(layout.lines)
    places = {f"row {line}" for line in lines}
    dates = frozenset(
        (f"row {row}", headers[column])
        for row, column in grid.dates
        if row in lines and column in headers
    )
    hidden = len(lines & marks.hidden_rows)
    if hidden:
        notes += (N_("hidden rows were read like the others: %(count)s", count=hidden),)
    return Sheet(
        file,
        layout.header,
        layout.rows,
        [f"row {line}" for line in layout.lines],
        notes=(*notes, *layout.notes),
        faults=(*layout.faults, *(fault for fault in grid.faults if fault.where in places)),
        dates=dates,
    )
