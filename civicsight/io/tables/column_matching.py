"""Column matching: what each column of a table is taken for, and mapping files that say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import yaml

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Fault, InputError, PackError, Text, refuse
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.io.registers.headers import SHAPE_HEADERS
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.cells import cell_reader, in_one_notation
from civicsight.io.tables.quantities import read_degrees
from civicsight.io.tables.rows import Cell, Reader
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import SourceSchema, match_columns
from civicsight.io.tables.synonyms import match_headers
from civicsight.io.tables.text_files import decode
from civicsight.model import Column
from civicsight.rules.document import Document, read_document

EXAMPLES: Final = 3
"""Different values of a column that are shown."""

MAX_UNREAD: Final = 50
"""Different values that were not understood and are listed for a column."""

PLACE_MEANINGS: Final[MappingOf[str, Text]] = {
    "lon": N_("Longitude in degrees"),
    "lat": N_("Latitude in degrees"),
    "x": N_("Easting in metres"),
    "y": N_("Northing in metres"),
    "datum": N_("Geodetic system of the row"),
    "wkt": N_("Shape as well-known text"),
    "location": N_("Both coordinates in one cell"),
}
"""Meanings that no table declares."""

SOURCE_MEANINGS: Final[MappingOf[str, Text]] = {
    "azimuth_deg": N_(
        "Direction of view, clockwise from north: true north beside longitude and latitude, grid "
        "north beside metres"
    ),
    "facing_deg": N_(
        "Direction it faces, clockwise from north: true north beside longitude and latitude, grid "
        "north beside metres"
    ),
    "standing": N_("Whether the class is settled; empty is taken as designated"),
}
"""Meanings of columns in a source, which the import brings into the form that tables declare."""


class ColumnDescription(NamedTuple):
    """What was understood of one column.

    Parameters
    ----------
    header
        Its name in the file.
    meaning
        Column of the table, or empty where it is kept as text without a meaning.
    label
        The meaning in words.
    unit
        Unit of the values that were read.
    filled
        Share of the rows that say something [0-1].
    examples
        Some of its texts, each with what it was read as.
    unread
        Texts that were not understood, the most frequent first.
    noticed
        Rows in which more was done than taking the text.
    """

    header: str
    meaning: str
    label: Text
    unit: str
    filled: float
    examples: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    noticed: int


def describe_columns(
    sheet: Sheet, schema: SourceSchema, declared: Declared
) -> tuple[ColumnDescription, ...]:
    """Say of each column of a sheet what it is taken for and how its cells are read.

    Raises
    ------
    InputError
        If a mapping is declared and does not fit.
    """
    found = match_columns(sheet, schema, declared)
    sheet = in_one_notation(sheet, found, schema)
    meanings = {header: name for name, header in found.items()}
    if not {"lon", "lat"} <= found.keys() and not {"x", "y"} <= found.keys():
        loose = [header for header in sheet.header if header not in meanings]
        shapes = match_headers(loose, SHAPE_HEADERS)
        meanings |= {header: name for name, header in shapes.items()}
    columns = {column.name: column for column in (*schema.table, *schema.extra)}
    return tuple(
        _describe(sheet, schema, declared, header, meaning, columns.get(meaning))
        for header in sheet.header
        for meaning in [meanings.get(header, "")]
    )


def _describe(
    sheet: Sheet,
    schema: SourceSchema,
    declared: Declared,
    header: str,
    meaning: str,
    column: Column | None,
) -> ColumnDescription:
    texts: dict[str, int] = {}
    for row in sheet.rows:
        text = row[header]
        if text is not None:
            texts[text] = texts.get(text, 0) + 1
    read: Reader = Cell
    if meaning in {"lon", "lat"}:
        read = _read_degree
    elif column is not None:
        read = cell_reader(column, schema, declared, header, sheet.header)
    cells = {text: read(text) for text in texts}
    often = sorted(texts, key=lambda text: -texts[text])
    unread = [text for text in often if cells[text].expected is not None]
    examples = [text for text in texts if cells[text].expected is None][:EXAMPLES]
    return ColumnDescription(
        header,
        meaning,
        label_of(schema, meaning, column),
        "" if column is None else column.unit,
        sum(texts.values()) / max(len(sheet.rows), 1),
        tuple((text[:60], _shown(cells[text].value)) for text in examples),
        tuple(text[:60] for text in unread[:MAX_UNREAD]),
        sum(texts[text] for text, cell in cells.items() if cell.notice is not None),
    )


def _read_degree(text: str) -> Cell:
    value = read_degrees(text)
    if value is None:
        return Cell(None, N_("degrees such as 115.9035 or 115 54 12.6"))
    return Cell(value)


def meaning_in_source(column: Column) -> Text:
    """Return what a column means in a source, where that is more than what a project keeps."""
    return SOURCE_MEANINGS.get(column.name, column.meaning)


def label_of(schema: SourceSchema, meaning: str, column: Column | None) -> Text:
    """Return what a meaning stands for, in words."""
    if not meaning:
        return N_("kept as text without a meaning")
    if column is not None:
        return meaning_in_source(column)
    if meaning == schema.table.index:
        return N_("identifier")
    return PLACE_MEANINGS.get(meaning, Text(meaning))


def _shown(value: object) -> str:
    """Write a value as a person compares it with its text; empty where it is unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.9g}" if isinstance(value, float) else str(value)[:60]


MAX_BYTES: Final = 200_000
"""A mapping has some dozens of lines."""

WIDE_COLON: Final = re.compile(r"\s*[^\s:#'\"]+\uff1a")

KEYS: Final = ("columns", "words")


def write_mapping(
    path: str | Path,
    sheet: Sheet,
    schema: SourceSchema,
    declared: Declared,
    *,
    language: Language = DEFAULT_LANGUAGE,
) -> Path:
    """Write what was understood of a sheet, so that reading with the file gives the same again.

    Every meaning is listed, those without a column with an empty one, so that nothing is left to
    the names of headers. Words that were not understood stand in remarks, to be put in place.

    Parameters
    ----------
    path
        File to write, YAML in UTF-8.
    sheet, schema, declared
        What was read, what it was read as, and what was declared then.
    language
        Language of the remarks.
    """
    target = Path(path)
    lines = _lines(sheet, schema, declared, language)
    with written_whole(target) as scratch:
        scratch.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def _lines(
    sheet: Sheet, schema: SourceSchema, declared: Declared, language: Language
) -> Iterator[str]:
    """Yield the parts of a mapping file: columns, words, and remarks on what has no place yet."""
    found = match_columns(sheet, schema, declared)
    seen = describe_columns(sheet, schema, declared)
    title = N_(
        "Mapping of %(file)s for the table %(table)s.", file=sheet.source, table=schema.table.name
    )
    advice = N_("Meaning: column of the file. Leave the column empty where there is none.")
    yield _remark(title, language)
    yield _remark(advice, language)
    yield "columns:"
    columns = {column.name: column for column in (*schema.table, *schema.extra)}
    for meaning in schema.all_headers:
        label = translate(label_of(schema, meaning, columns.get(meaning)), language)
        yield f"  {_yaml({meaning: found.get(meaning, '')})}  # {' '.join(label.split())}"
    loose = ", ".join(entry.header for entry in seen if not entry.meaning)
    if loose:
        text = N_("Columns kept as text without a meaning: %(columns)s", columns=loose)
        yield _remark(text, language)
    yield _remark(N_("Further words for values, by column and value."), language)
    yield _yaml({"words": _words(declared)})
    for entry in seen:
        if entry.unread:
            words = " | ".join(entry.unread)
            text = N_("Not understood in %(column)s: %(words)s", column=entry.meaning, words=words)
            yield _remark(text, language)


def read_mapping(path: str | Path) -> ColumnMapping:
    """Read a mapping file.

    Raises
    ------
    InputError
        If it is too large, no YAML, says a key twice, or holds anything but columns and words.
    """
    file = Path(path)
    if not file.is_file():
        refuse("file.missing", file.name, N_("an existing file"), N_("Check the path."))
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        refuse(
            "mapping.too_large",
            file.name,
            N_("at most %(limit)s bytes", limit=MAX_BYTES),
            N_("Correct the mapping file."),
        )
    text = decode(content, file.name).text
    try:
        document = read_document(text.encode(), file.name)
    except PackError as error:
        _refuse_wide_colon(text, file.name)
        remedy = N_("Correct the mapping file.")
        raise InputError(
            [
                replace(fault, code=fault.code.replace("pack.", "mapping."), remedy=remedy)
                for fault in error.faults
            ]
        ) from error
    faults = list(_shape_faults(document))
    if faults:
        raise InputError(faults)
    data = document.data
    columns = {key: str(value or "") for key, value in (data.get("columns") or {}).items()}
    words = {
        column: _by_value(values) for column, values in (data.get("words") or {}).items() if values
    }
    return ColumnMapping(columns, words)


def _refuse_wide_colon(text: str, file: str) -> None:
    """Name the line that has a full-width colon where YAML wants a plain one with a blank."""
    for number, line in enumerate(text.splitlines(), 1):
        if WIDE_COLON.match(line):
            refuse(
                "mapping.colon",
                file,
                N_("a half-width colon and a blank behind the meaning"),
                N_("Correct the mapping file."),
                found=line.strip()[:60],
                where=f"line {number}",
            )


def _shape_faults(document: Document) -> list[Fault]:
    faults = [
        _fault(document, (key,), key, N_("one of %(choices)s", choices=", ".join(KEYS)))
        for key in document.data
        if key not in KEYS
    ]
    for key in KEYS:
        value = document.data.get(key)
        if value is not None and not isinstance(value, dict):
            faults.append(_fault(document, (key,), value, N_("keys and values")))
    if faults:
        return faults
    for meaning, header in (document.data.get("columns") or {}).items():
        if isinstance(header, dict | list):
            faults.append(
                _fault(document, ("columns", meaning), header, N_("the name of a column"))
            )
    for column, values in (document.data.get("words") or {}).items():
        faults += _word_faults(document, column, values)
    return faults


def _by_value(values: MappingOf[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return words by value; a word with a number behind it, ``NNO: 22.5``, is turned round."""
    out: dict[str, tuple[str, ...]] = {}
    for key, texts in values.items():
        if _is_number(texts):
            value = f"{float(texts):g}"
            out[value] = (*out.get(value, ()), str(key))
        else:
            out[str(key)] = (*out.get(str(key), ()), *map(str, texts or ()))
    return out


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, int | float | str) and bool(np.isfinite(float(value)))
    except ValueError:
        return False


def _word_faults(document: Document, column: str, values: Any) -> list[Fault]:
    if values is None:
        return []
    if not isinstance(values, dict):
        return [_fault(document, ("words", column), values, N_("keys and values"))]
    return [
        _fault(document, ("words", column, value), texts, N_("a list of words"))
        for value, texts in values.items()
        if texts is not None
        and not _is_number(texts)
        and (not isinstance(texts, list) or any(isinstance(t, dict | list) for t in texts))
    ]


def _fault(document: Document, path: tuple[str, ...], found: object, expected: Text) -> Fault:
    return document.fault(
        "mapping.shape", path, str(found)[:100], expected, N_("Correct the mapping file.")
    )


def _words(declared: Declared) -> dict[str, dict[str, list[str]]]:
    if declared.mapping is None:
        return {}
    return {
        column: {value: list(texts) for value, texts in values.items()}
        for column, values in declared.mapping.words.items()
    }


def _remark(text: Text, language: Language) -> str:
    """Write a sentence as a remark of one line, whatever it holds."""
    return "# " + " ".join(translate(text, language).split())


def _yaml(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000).rstrip()
