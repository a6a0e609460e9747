"""Tables for people with a spreadsheet: CSV and XLSX, headings in every language, nothing live.

A cell that begins like a formula would run in a spreadsheet; it gets an apostrophe in front, in
both formats, so that both hold the same text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, MismatchError, Text
from civicsight.core.i18n import columns_of, in_all
from civicsight.core.inert import inert, inert_cells
from civicsight.coverage.demand.needs import possible_labels
from civicsight.coverage.result import partition
from civicsight.coverage.standing import direction_of_cameras
from civicsight.maps.encode import lon_lat
from civicsight.presentation.codes import worded
from civicsight.presentation.columns import NONE, SHEETS, heading
from civicsight.presentation.names import judge_parts, with_class_names
from civicsight.presentation.numbers import all_findings
from civicsight.presentation.reading_notes import notes_beside
from civicsight.report.licence import note_label
from civicsight.report.marking import mark_text

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


NO_CHOICES: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})

MAX_TITLE: Final = 31
"""Characters of the name of a sheet."""

MAX_ROWS: Final = 1_048_575
"""Rows of a worksheet, its heading not counted."""

BOLD: Final = Font(name="Calibri", bold=True)
SHADE: Final = PatternFill("solid", fgColor="E2DCD2")
ABOVE: Final = Alignment(vertical="top")
BELOW: Final = Alignment(vertical="top", wrap_text=True)
"""Where what has one line and what has several stands in a cell."""

PAPER_A3: Final = 8
WIDTHS: Final = (8, 28)
MEASURED: Final = 200
"""So many rows say how wide a column has to be; longer texts go on below."""

LINES: Final = 6
"""Lines of a cell at most, so that a row stays one; what is longer is cut off by the next cell."""

MONEY: Final = "[yuan]"
"""What the heading of a column of sums says, in English."""

SUMS: Final = "sums"
"""Attribute of a table: the places of its rows that are sums of others."""


def make_tables(result: CheckResult) -> dict[str, pd.DataFrame]:
    """Return ``cameras``, ``zones``, ``parts`` and ``findings`` as plain tables with positions.

    Columns are those of `civicsight.model` plus what was found; ``lon`` and ``lat`` are in
    degrees (WGS 84), ``x`` and ``y`` in the CRS of the project [m].
    """
    moved = result.heads.groupby("camera_id")["shift_m"].max()
    cameras = result.cameras.assign(
        direction_known=direction_of_cameras(result),
        shift_m=moved.reindex(result.cameras.index).fillna(0.0),
    )
    for column, language in columns_of("note").items():
        beside = notes_beside(result.notes, "cameras", language)
        if beside:
            cameras[column] = [beside.get(str(label), "") for label in cameras.index]
    findings = pd.concat([all_findings(result), result.overlaps])
    frames = {
        "cameras": cameras,
        "zones": with_class_names(_places(result)),
        "parts": judge_parts(result),
        "findings": findings,
    }
    return {name: plain_positions(frame) for name, frame in frames.items()}


def _places(result: CheckResult) -> gpd.GeoDataFrame:
    """Return every place that is counted with its state, also those that nobody has decided on."""
    state = partition(result).places["state"]
    undecided = result.left_out.set_axis(possible_labels(result.left_out))
    undecided = undecided[undecided.index.isin(state.index)].assign(standing="candidate")
    rows = pd.concat([result.zones, undecided]) if len(undecided) else result.zones
    own = gpd.GeoDataFrame(rows[result.zones.columns], crs=result.zones.crs)
    return gpd.GeoDataFrame(own.assign(state=state.reindex(own.index)).rename_axis("zone_id"))


UNLIKE_TEXT: Final = frozenset({"=", "#"})
"""What begins a formula or a code of an error: a spreadsheet takes such a text for one."""


def write_csv(path: Path, frame: pd.DataFrame, headings: Mapping[str, Text] = NONE) -> None:
    """Write a table as CSV: UTF-8 with byte order mark, headings in every language, inert cells.

    `headings` says what columns are called that no table of the report has. Codes of closed lists
    are written as words.
    """
    rows = _rows_of(worded(frame))
    with (
        written_whole(path) as scratch,
        scratch.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(_headings(frame, headings))
        writer.writerows(rows)


def write_notes(path: Path, notes: Mapping[str, str]) -> None:
    """Write as CSV what tables cannot say of themselves: origin, licences, rule packs."""
    with (
        written_whole(path) as scratch,
        scratch.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        csv.writer(file).writerows([key, inert(value)] for key, value in notes.items())


def write_workbook(
    path: Path,
    tables: Mapping[str, pd.DataFrame],
    notes: Mapping[str, str],
    headings: Mapping[str, Text] = NONE,
    choices: Mapping[str, Sequence[str]] = NO_CHOICES,
    mark: str = "",
) -> None:
    """Write tables as sheets of one workbook, with a first sheet of notes.

    Parameters
    ----------
    path
        The ``.xlsx`` file.
    tables
        By name, as `make_tables` returns them.
    notes
        Lines of the first sheet: what is said, by heading.
    headings
        What columns are called that no table of the report has.
    choices
        Words that may be chosen in the cells of a column that people fill in, by its name.
    mark
        A key of `marking.MARKS` that is printed at the head of every page; none by default.

    Raises
    ------
    MismatchError
        If a table has more rows than a sheet can hold.
    """
    book = Workbook(write_only=True)
    about = book.create_sheet(_title(N_("About")))
    about.column_dimensions["A"].width = 34
    about.column_dimensions["B"].width = 110
    _set_print(about)
    for label, note in notes.items():
        about.append([_head(about, note_label(label)), _line(about, note, BELOW)])
    for name, frame in tables.items():
        if len(frame) > MAX_ROWS:
            msg = (
                f"{name} has {len(frame)} rows, a sheet holds {MAX_ROWS}: "
                "use the CSV or the GeoPackage"
            )
            raise MismatchError(msg)
        _write_sheet(book, name, frame, headings, choices)
    for sheet in book.worksheets if mark else ():
        margins: Any = sheet.HeaderFooter
        margins.oddHeader.left.text = margins.evenHeader.left.text = mark_text(mark)
    with written_whole(path) as scratch:
        book.save(scratch)


def plain_positions(frame: Any) -> pd.DataFrame:
    """Return a table with positions in place of its geometry; see `make_tables`."""
    out = pd.DataFrame(frame.drop(columns="geometry"))
    if len(frame):
        on_it = frame.geometry.representative_point()
        positions = lon_lat(frame.geometry)
        out["lon"] = [place[1] for place in positions]
        out["lat"] = [place[0] for place in positions]
        out["x"], out["y"] = on_it.x.round(2), on_it.y.round(2)
    else:
        out[["lon", "lat", "x", "y"]] = np.nan
    return out


def _headings(frame: pd.DataFrame, own: Mapping[str, Text] = NONE) -> list[str]:
    return [in_all(heading(str(name), own)) for name in (frame.index.name, *frame)]


def _title(text: Text) -> str:
    """Return what a sheet is called, in as many languages as its name has room for."""
    mark_text = in_all(text, "\n").split("\n")
    while len(" ".join(mark_text)) > MAX_TITLE and len(mark_text) > 1:
        mark_text.pop()
    return " ".join(mark_text)[:MAX_TITLE]


def _write_sheet(
    book: Workbook,
    name: str,
    frame: pd.DataFrame,
    own: Mapping[str, Text] = NONE,
    choices: Mapping[str, Sequence[str]] = NO_CHOICES,
) -> None:
    sums = frozenset(frame.attrs.get(SUMS, ()))
    sheet, frame = book.create_sheet(_title(SHEETS[name])), worded(frame)
    sheet.freeze_panes = "B2"
    _set_print(sheet)
    headings = _headings(frame, own)
    columns = (frame.index, *(frame[column] for column in frame.columns))
    widths = []
    for k, (label, column) in enumerate(zip(headings, columns, strict=True), start=1):
        texts = [*label.split(), *(str(inert(value)) for value in column[:MEASURED])]
        width = 3 + max(map(_breadth, texts))
        widths.append(min(max(WIDTHS[0], width), WIDTHS[1]))
        sheet.column_dimensions[get_column_letter(k)].width = widths[-1]
    for column in frame.columns.intersection(list(choices)):
        rule = DataValidation("list", '"{}"'.format(",".join(choices[column])), allow_blank=True)
        letter = get_column_letter(frame.columns.get_loc(column) + 2)
        rule.add(f"{letter}2:{letter}{max(len(frame), 1) + 1}")
        sheet.data_validations.append(rule)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(frame) + 1}"
    sheet.append([_head(sheet, heading) for heading in headings])
    is_money = [MONEY in heading for heading in headings]
    looks = (_look_of(sheet, ABOVE), _look_of(sheet, BELOW))
    for at, row in enumerate(_rows_of(frame)):
        sheet.append(_body(sheet, row, widths, is_money, looks, is_sum=at in sums))


def _look_of(sheet: Any, alignment: Alignment) -> StyleArray:
    """Return a style as a cell keeps it; set by its name, it is looked for by all of its fields."""
    cell: Any = WriteOnlyCell(sheet)
    cell.alignment = alignment
    return StyleArray(cell._style)  # noqa: SLF001 - there is no other way to what cells share


def _breadth(text: str) -> int:
    """Return how wide a text is, in Latin letters; a Chinese one is two of them."""
    return len(text.encode("gb18030"))


def _body(
    sheet: Any,
    row: Sequence[object],
    widths: list[int],
    is_money: list[bool],
    looks: tuple[StyleArray, StyleArray],
    *,
    is_sum: bool,
) -> list[Any]:
    """Return a row below the heading: sums by thousands and in bold, long texts in several lines.

    `looks` are those of a text in one line and in several. A style is a cell of its own, which
    takes longer than a value: most rows need none.
    """
    long = [_goes_on(value, width) for value, width in zip(row, widths, strict=True)]
    styled, cells = is_sum or any(long), []
    for value, below, money in zip(row, long, is_money, strict=True):
        counted = money and isinstance(value, int | float)
        if not (styled or counted):
            cells.append(_plain(sheet, value))
            continue
        cell = _cell_text(Cell(sheet, 1, 1, cast("Any", inert(value)), looks[below]))
        if counted:
            cell.number_format = "#,##0" if float(cell.value).is_integer() else "#,##0.00"
        if is_sum:
            cell.font = BOLD
        cells.append(cell)
    return cells


def _goes_on(value: object, width: int) -> bool:
    """Tell whether a text has to go on below, and may."""
    if not isinstance(value, str) or 2 * len(value) < width:
        return False
    return width < _breadth(value) + 2 <= LINES * width


def _rows_of(frame: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Return the rows of a table as inert cells, the index first."""
    columns = (frame.index, *(frame.iloc[:, k] for k in range(len(frame.columns))))
    return zip(*(inert_cells(column) for column in columns), strict=True)


def _plain(sheet: Any, value: object) -> object:
    """Return what writes an inert value; a text is a cell only where it might be no text."""
    is_odd = isinstance(value, str) and value[:1] in UNLIKE_TEXT
    return _line(sheet, value, ABOVE) if is_odd else value


def _set_print(sheet: Any) -> None:
    """Print a sheet across, all columns on one page, with its headings on every page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", PAPER_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _head(sheet: Any, text: str) -> Any:
    cell = _line(sheet, text, BELOW)
    cell.font, cell.fill = BOLD, SHADE
    return cell


def _line(sheet: Any, value: object, alignment: Alignment) -> Any:
    cell = _cell_text(WriteOnlyCell(sheet, cast("Any", inert(value))))
    cell.alignment = alignment
    return cell


def _cell_text(cell: Any) -> Any:
    """Make a text of what is one, whatever it looks like."""
    if isinstance(cell.value, str):
        cell.data_type = "s"
    return cell
