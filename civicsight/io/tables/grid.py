"""The cells of one sheet of any workbook as text, and the table that they make."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Fault, InputError, Text, refuse
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.io.faults import reject
from civicsight.io.secrets import secret_of_header
from civicsight.io.source_options import NOTHING, Declared, Remark
from civicsight.io.tables.layout import Layout, count_known, lay_out
from civicsight.io.tables.package import Marks, Merge
from civicsight.io.tables.sheet import Sheet, known_words
from civicsight.io.tables.text_files import MAX_CELL, MAX_CELLS, Record, refuse_size
from civicsight.model.notes import Note, noted

EXPLANATION_TITLE: Text = N_("Meaning of columns")
"""Title of the sheet that a template explains its columns on."""


def is_explanation(title: str) -> bool:
    """Tell whether a sheet explains columns, by its title in any of our languages."""
    return title.strip() in {translate(EXPLANATION_TITLE, language) for language in LANGUAGES}


DIGITS: Final = 15
"""Decimal digits that a number in a workbook keeps; further ones were lost when it was typed."""

MAX_ROWS: Final = 1_048_576
"""Rows that a sheet can have."""

MAX_NAME: Final = 255
"""Characters of the name of a sheet: spreadsheet programs write at most 31, notes repeat it."""

PEEK: Final = 100
"""Rows at the top of a sheet that are looked at to see whether it holds anything."""

Cell = tuple[object, str, bool]
"""Value of a cell, None where empty; how its number is shown; and whether it is in error."""


class Grid(NamedTuple):
    """The cells of one sheet as text, by row; dates by row and column; and cells in error."""

    name: str
    file: str
    records: list[Record]
    dates: set[tuple[int, int]]
    faults: list[Fault]


def choose_sheet(
    sheets: Mapping[str, bool], is_filled: Callable[[str], bool], file: str, layer: str | None
) -> tuple[str, list[str]]:
    """Return the sheet to read and the hidden ones that are passed over.

    Parameters
    ----------
    sheets
        Whether a sheet can be seen, by its name.
    is_filled
        Tells whether a sheet holds anything.
    file, layer
        Name of the file, and the sheet that was asked for.

    Raises
    ------
    InputError
        If a name is too long; if there is no such sheet; or none is named and several or none hold
        a table.
    """
    long = next((name for name in sheets if len(name) > MAX_NAME), None)
    if long is not None:
        expected = N_("names of sheets of at most %(limit)s characters", limit=MAX_NAME)
        remedy = N_("Give the sheet a shorter name.")
        refuse("workbook.sheet_name", file, expected, remedy, found=f"{long[:40]} ({len(long)})")
    if layer is not None:
        if layer not in sheets:
            expected = N_("one of %(names)s", names=", ".join(sheets))
            refuse("layer.missing", file, expected, N_("Name a layer that exists."), found=layer)
        return layer, []
    hidden = [name for name, seen in sheets.items() if not seen]
    rows = [name for name in sheets if not is_explanation(name)]
    filled = [name for name in rows if name not in hidden and is_filled(name)]
    if len(filled) > 1:
        remedy = N_("Name the sheet to read.")
        refuse("layer.several", file, N_("one sheet"), remedy, found=", ".join(filled))
    if not filled:
        reject("csv.empty", file)
    return filled[0], hidden


def grid_of(name: str, file: str, rows: Iterable[list[Cell]], marks: Marks) -> Grid:
    """Return the cells of a sheet as text.

    Parameters
    ----------
    name, file
        The sheet and its file.
    rows
        All rows from the first one, all cells of each from the first column.
    marks
        What else is known about the sheet.

    Raises
    ------
    InputError
        If there are more cells or rows than a table may have.
    """
    grid = Grid(name, file, [], set(), [])
    count = 0
    for number, row in enumerate(rows, start=1):
        count += len(row)
        if count > MAX_CELLS or number > MAX_ROWS:
            refuse_size(file, f"row {number}")
        cells = list(_texts(row, number, grid))
        if any(cells):
            grid.records.append((number, cells))
    grid.faults.extend(
        _cell_fault(
            "workbook.formula",
            grid,
            row,
            place,
            "",
            N_("a value"),
            N_("Open the workbook in a spreadsheet program and save it, so that it is computed."),
        )
        for row, place in marks.empty_formulas
    )
    return grid


def place_of(row: int, column: int) -> str:
    """Return how a spreadsheet names a cell: row from 1, column from 0.

    Examples
    --------
    >>> place_of(3, 27)
    'AB3'
    """
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


def _texts(row: list[Cell], number: int, grid: Grid) -> Iterator[str]:
    for column, (value, style, in_error) in enumerate(row):
        if value is None and not in_error:
            yield ""
            continue
        text = text_of(value, style)
        if isinstance(value, dt.date):
            grid.dates.add((number, column))
        for code, found, expected, remedy in _spoilt(value, text, in_error=in_error):
            place = place_of(number, column)
            grid.faults.append(_cell_fault(code, grid, number, place, found, expected, remedy))
        yield text[:MAX_CELL]


def _spoilt(value: object, text: str, *, in_error: bool) -> Iterator[tuple[str, str, Text, Text]]:
    """Yield what is wrong with a cell: code, what was found, what was expected, and a remedy."""
    if in_error:
        remedy = N_("Mend the formula, or replace it by its value.")
        yield "workbook.error", text, N_("a value"), remedy
    if isinstance(value, int | float) and abs(value) >= 10**DIGITS:
        expected = N_("an identifier as text: a number keeps %(digits)s digits", digits=DIGITS)
        remedy = N_("Format the column as text and enter the identifier again.")
        yield "workbook.digits", f"{value:.15g}", expected, remedy
    if len(text) > MAX_CELL:
        expected = N_("at most %(limit)s characters", limit=MAX_CELL)
        yield "workbook.long_cell", text[:40], expected, N_("Shorten the text.")


def _cell_fault(
    code: str, grid: Grid, row: int, place: str, found: str, expected: Text, remedy: Text
) -> Fault:
    field = f"{grid.name}!{place}"
    return Fault(code, grid.file, f"row {row}", field, found[:100], expected, remedy)


def text_of(value: object, style: str) -> str:
    """Return the text of a cell: whole numbers without a point, leading zeros as they are shown.

    Examples
    --------
    >>> text_of(12, "0000"), text_of(12.0, "General"), text_of(3.5, "General")
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


def sheet_of_grid(
    grid: Grid,
    marks: Marks,
    hidden: list[str],
    *,
    declared: Declared = NOTHING,
    notes: tuple[Note, ...] = (),
) -> Sheet:
    """Return the table on a sheet.

    Parameters
    ----------
    grid, marks
        Its cells, and what else is known about it.
    hidden
        Sheets that were passed over.
    declared
        A mapping whose headers are known too.
    notes
        What is to be said besides.

    Raises
    ------
    InputError
        If the header is hidden or merged, or there is no table on the sheet.
    """
    layout = lay_out(grid.records, grid.file, count_known(known_words(declared)), padded=False)
    _refuse_header(layout, marks, grid)
    layout, merged = _fill_merged(layout, marks)
    secret = {
        place_of(line, position)
        for position, header in zip(layout.positions, layout.header, strict=True)
        if secret_of_header(header)
        for line in layout.lines
    }
    grid.faults[:] = [
        fault for fault in grid.faults if fault.field.rpartition("!")[2] not in secret
    ]
    told = (*_sheet_notes(grid.name, hidden), *notes, *merged)
    return _sheet(layout, grid, marks, told)


def _refuse_header(layout: Layout, marks: Marks, grid: Grid) -> None:
    """Refuse a header that a reader of the sheet does not see as it is read."""
    line = layout.header_line
    faults = [
        _cell_fault(
            "workbook.merged_header",
            grid,
            line,
            merge.label,
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
                grid,
                line,
                f"A{line}",
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


def _fill_merged(layout: Layout, marks: Marks) -> tuple[Layout, tuple[Note, ...]]:
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
        noted(
            "read.rows",
            N_("merged cells, each read as the value that they show: %(cells)s", cells=shown),
            len(done),
        ),
    )


def _sheet_notes(name: str, hidden: list[str]) -> tuple[Note, ...]:
    notes = [noted("read.as", N_("sheet read: %(name)s", name=name))]
    if hidden:
        notes.append(
            noted(
                "sheets.hidden",
                N_("hidden sheets were left out: %(names)s", names=", ".join(hidden)),
                len(hidden),
            )
        )
    return tuple(notes)


def _sheet(layout: Layout, grid: Grid, marks: Marks, notes: tuple[Note, ...]) -> Sheet:
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
        notes += (
            noted(
                "rows.hidden",
                N_("hidden rows were read like the others: %(count)s", count=hidden),
                rows=[f"row {line}" for line in sorted(lines & marks.hidden_rows)],
            ),
        )
    notes += formatting_notes(marks, lines)
    return Sheet(
        grid.file,
        layout.header,
        layout.rows,
        [f"row {line}" for line in layout.lines],
        notes=(*notes, *layout.notes),
        faults=(*layout.faults, *(fault for fault in grid.faults if fault.where in places)),
        dates=dates,
        beside=(Remark("", f"sheet {grid.name}", grid.name), *layout.beside),
    )


MANY: Final = 10
"""Rows that a note names before it counts the others."""


def formatting_notes(marks: Marks, lines: set[int]) -> tuple[Note, ...]:
    """Say what of the looks of the rows was not read: filters, strike-through, fills that vary."""
    notes = []
    if marks.filters:
        notes.append(
            noted(
                "rows.filtered",
                N_(
                    "not read: a filter that shows some rows only (%(ranges)s); all rows were "
                    "taken",
                    ranges=", ".join(dict.fromkeys(marks.filters)),
                ),
            )
        )
    struck = sorted(lines & marks.struck)
    if struck:
        shown = ", ".join(map(str, struck[:MANY])) + (" ..." if len(struck) > MANY else "")
        notes.append(
            noted(
                "rows.struck",
                N_(
                    "not read: strike-through in %(count)s rows, which count like the others: "
                    "%(rows)s",
                    count=len(struck),
                    rows=shown,
                ),
                rows=[f"row {line}" for line in struck],
            )
        )
    colours = Counter(marks.fills.get(line, "") for line in lines)
    if len(colours) > 1:
        shown = ", ".join(f"{name} ({count})" for name, count in colours.most_common() if name)
        notes.append(
            noted(
                "rows.coloured",
                N_(
                    "not read: fill colours, which vary from row to row and may mean something; "
                    "enter it in a column: %(colours)s",
                    colours=shown,
                ),
            )
        )
    return tuple(notes)
