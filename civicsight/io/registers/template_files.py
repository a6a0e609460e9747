"""How a table to fill in is written: a workbook, separated text, or a layer of buildings."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, Label, Language, pick, translate
from civicsight.core.inert import MAX_CELL, as_written
from civicsight.core.shown import shown
from civicsight.core.values import as_flag
from civicsight.io.faults import reject
from civicsight.io.tables.column_matching import meaning_in_source
from civicsight.io.tables.grid import EXPLANATION_TITLE
from civicsight.io.tables.source_schema import label_in
from civicsight.model import Column

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Kind = Literal["xlsx", "csv"]

KIND_LABELS: Final[dict[str, Text]] = {
    "text": N_("text"),
    "float": N_("number"),
    "int": N_("number"),
    "bool": N_("yes or no"),
    "maybe": N_("yes or no, empty if unknown"),
    "date": N_("day, such as 2026-03-01"),
}


MAX_FORMULA: Final = 255
"""Characters that a spreadsheet program takes for a list."""

MAX_CHOSEN: Final = 10_000
"""Rows of a template in which lists can be chosen from."""


NOTHING: Final[Label] = MappingProxyType({"en": ""})


@dataclass(frozen=True, slots=True)
class Entry:
    """One column of a template.

    Parameters
    ----------
    column
        Its declaration.
    header
        Its word as a label; in English its name.
    words
        Words for its closed list as labels, by value.
    required
        Whether a row without it is refused.
    example
        Example as a label, as a person would enter it.
    listed
        What may be entered as a label, where that is no closed list.
    """

    column: Column
    header: Label
    words: Mapping[str, Label]
    required: bool
    example: Label
    listed: Label


def open_entry(column: Column) -> Entry:
    """Return a column that may be filled in, without an example."""
    words = {value: label_in(column.words[value], value) for value in column.choices}
    header = label_in(column.headers, column.name)
    return Entry(column, header, words, required=False, example=NOTHING, listed=NOTHING)


def headers_of(entries: Sequence[Entry], languages: Sequence[Language]) -> list[str]:
    """Return the row of headers."""
    return [
        _with_code(pick(entry.header, languages[0]), entry.column.name, "{}({})")
        for entry in entries
    ]


def _with_code(word: str, code: str, form: str) -> str:
    return word if word == code else form.format(word, code)


def example_of(entries: Sequence[Entry], languages: Sequence[Language]) -> list[str]:
    """Return the example row."""
    return [pick(entry.example, languages[0]) for entry in entries]


def explain(
    entries: Sequence[Entry], language: Language, languages: Sequence[Language] = LANGUAGES
) -> list[list[str]]:
    """Return what each column means, with a header row, in one language."""
    titles = (
        N_("Column"),
        N_("Meaning"),
        N_("Kind"),
        N_("Unit"),
        N_("Allowed values"),
        N_("Required"),
        N_("Example"),
    )
    rows = [[translate(title, language) for title in titles]]
    for entry, header in zip(entries, headers_of(entries, languages), strict=True):
        required = N_("required") if entry.required else N_("optional")
        rows.append(
            [
                header,
                translate(meaning_in_source(entry.column), language),
                translate(KIND_LABELS[entry.column.kind], language),
                entry.column.unit,
                _allowed(entry, language),
                translate(required, language),
                pick(entry.example, language),
            ]
        )
    return rows


def _allowed(entry: Entry, language: Language) -> str:
    column = entry.column
    if entry.words:
        said = ((pick(label, language), value) for value, label in entry.words.items())
        return "; ".join(_with_code(word, value, "{} ({})") for word, value in said)
    if column.kind == "float" and column.low > -1e300 and column.high < 1e300:
        return f"{column.low:g} - {column.high:g}"
    return pick(entry.listed, language)


def flag_word(text: Text, language: Language) -> str:
    """Return the word for yes or no in a language whose word is read, else the English one."""
    said = translate(text, language)
    return said if isinstance(as_flag(said), bool) else str(text)


def write_csv(path: Path, rows: list[list[str]]) -> Path:
    """Write separated text that spreadsheet programs read as UTF-8."""
    with (
        written_whole(path) as scratch,
        scratch.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return path


def write_explanation(
    folder: Path, name: str, entries: Sequence[Entry], languages: Sequence[Language], form: Kind
) -> list[Path]:
    """Write the explanation beside a table that has no sheet for it."""
    if form == "csv":
        rows = [row for language in languages for row in explain(entries, language, languages)]
        return [write_csv(folder / f"{name}_columns.csv", rows)]
    from openpyxl import Workbook

    book = Workbook()
    del book[book.sheetnames[0]]
    for language in languages:
        _add_explanation(
            book.create_sheet(translate(EXPLANATION_TITLE, language)), entries, language, languages
        )
    path = folder / f"{name}_columns.xlsx"
    with written_whole(path) as scratch:
        book.save(scratch)
    return [path]


def write_workbook(
    path: Path,
    name: str,
    entries: Sequence[Entry],
    languages: Sequence[Language],
    rows: Sequence[Sequence[object]] | None = None,
) -> Path:
    """Write a workbook with a table and a sheet for each language that explains it.

    `rows` hold a cell for each entry; by default there is one, the example. Text in them is text,
    whatever it looks like: an identifier keeps its zeros, and nothing is a formula.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet: Any = book[book.sheetnames[0]]
    sheet.title = name
    sheet.append(headers_of(entries, languages))
    rows = [example_of(entries, languages)] if rows is None else rows
    for column, entry in enumerate(entries, start=1):
        head = sheet.cell(1, column)
        head.font = Font(bold=True)
        for row, cells in enumerate(rows, start=2):
            _fill(sheet.cell(row, column), entry, cells[column - 1])
        word = pick(entry.header, languages[0])
        sheet.column_dimensions[head.column_letter].width = max(12, min(40, 2 * len(word) + 14))
    sheet.freeze_panes = "A2"
    _add_choices(sheet, entries, languages)
    for language in languages:
        _add_explanation(
            book.create_sheet(translate(EXPLANATION_TITLE, language)), entries, language, languages
        )
    with written_whole(path) as scratch:
        book.save(scratch)
    return path


def _fill(cell: Any, entry: Entry, value: object) -> None:
    """Put a value into a cell; an empty one of a column of text is one for text as well."""
    if entry.column.kind == "float" and value not in ("", None):
        cell.value = float(str(value))
        return
    cell.number_format = "@"
    if value not in ("", None):
        cell.value = shown(str(value))[:MAX_CELL]
        cell.data_type = "s"


def write_rows(
    path: Path,
    name: str,
    entries: Sequence[Entry],
    languages: Sequence[Language],
    rows: Sequence[Sequence[object]],
) -> list[Path]:
    """Write rows with headers and explanation as the ending of the file asks, CSV or XLSX.

    Raises
    ------
    InputError
        If it ends otherwise.
    """
    if path.suffix.lower() == ".xlsx":
        return [write_workbook(path, name, entries, languages, rows)]
    if path.suffix.lower() != ".csv":
        reject("table.ending", path.name)
    cells = [["" if cell is None else str(as_written(cell)) for cell in row] for row in rows]
    written = write_csv(path, [headers_of(entries, languages), *cells])
    return [written, *write_explanation(path.parent, path.stem, entries, languages, "csv")]


def _add_choices(sheet: Any, entries: Sequence[Entry], languages: Sequence[Language]) -> None:
    """Let closed lists be chosen from; other words may still be entered."""
    from openpyxl.worksheet.datavalidation import DataValidation

    language = languages[0]
    for number, entry in enumerate(entries, start=1):
        words = [pick(label, language) for label in entry.words.values()]
        if entry.column.kind in {"bool", "maybe"}:
            words = [flag_word(text, language) for text in (N_("yes"), N_("no"))]
        formula = '"{}"'.format(",".join(words))
        if not words or len(formula) > MAX_FORMULA or any("," in word for word in words):
            continue
        rule = DataValidation(type="list", formula1=formula, showErrorMessage=False)
        letter = sheet.cell(1, number).column_letter
        rule.add(f"{letter}2:{letter}{MAX_CHOSEN}")
        sheet.add_data_validation(rule)


def _add_explanation(
    sheet: Worksheet, entries: Sequence[Entry], language: Language, languages: Sequence[Language]
) -> None:
    from openpyxl.styles import Alignment, Font

    for row in explain(entries, language, languages):
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEFG", (30, 46, 16, 8, 50, 10, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
    sheet.freeze_panes = "A2"


def write_geojson(
    path: Path,
    entries: Sequence[Entry],
    languages: Sequence[Language],
    ring: Sequence[tuple[float, float]],
) -> Path:
    """Write a layer of one building with the attributes of a template."""
    examples = zip(entries, example_of(entries, languages), strict=True)
    properties = {
        entry.column.name: float(example) if entry.column.kind == "float" else example
        for entry, example in examples
    }
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [[list(corner) for corner in ring]]},
    }
    content = {"type": "FeatureCollection", "features": [feature]}
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    with written_whole(path) as scratch:
        scratch.write_text(text, encoding="utf-8")
    return path
