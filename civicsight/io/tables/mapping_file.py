"""Mapping files: which column of a table means what, and words of one's own, to edit and reuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from civicsight.core.atomic import written_whole
from civicsight.core.errors import N_, Fault, InputError, PackError, Text
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.io.faults import reject
from civicsight.io.source_options import ColumnMapping
from civicsight.io.tables.column_matching import Understood, label_of
from civicsight.io.tables.source_schema import SourceSchema
from civicsight.io.tables.text_files import decode
from civicsight.rules.document import Document, read_document

MAX_BYTES: Final = 200_000
"""A mapping has some dozens of lines."""

WIDE_COLON: Final = re.compile(r"\s*[^\s:#'\"]+\uff1a")

KEYS: Final = ("columns", "words", "units")


def write_mapping(
    path: str | Path,
    seen: Understood,
    schema: SourceSchema,
    mapping: ColumnMapping | None = None,
    *,
    language: Language = DEFAULT_LANGUAGE,
) -> Path:
    """Write what was understood of a table; see `mapping_text`."""
    target = Path(path)
    text = mapping_text(seen, schema, mapping, language=language)
    with written_whole(target) as scratch:
        scratch.write_text(text, encoding="utf-8")
    return target


def mapping_text(
    seen: Understood,
    schema: SourceSchema,
    mapping: ColumnMapping | None = None,
    *,
    language: Language = DEFAULT_LANGUAGE,
) -> str:
    """Return what was understood of a table, so that reading with it gives the same again.

    Every meaning is listed, those without a column with an empty one, so that nothing is left to
    the names of headers. Words that were not understood stand in remarks, to be put in place.

    Parameters
    ----------
    seen, schema, mapping
        What was understood, of which table, and what was said of it then.
    language
        Language of the remarks.

    Returns
    -------
    str
        YAML, whose keys `read_mapping` knows.
    """
    return "\n".join(_lines(seen, schema, mapping, language)) + "\n"


def _lines(
    seen: Understood, schema: SourceSchema, mapping: ColumnMapping | None, language: Language
) -> Iterator[str]:
    """Yield the parts of a mapping file: columns, words, and remarks on what has no place yet."""
    found = {entry.meaning: entry.header for entry in seen.columns if entry.meaning}
    title = N_(
        "Mapping of %(file)s for the table %(table)s.", file=seen.source, table=schema.table.name
    )
    advice = N_("Meaning: column of the file. Leave the column empty where there is none.")
    yield _remark(title, language)
    yield _remark(advice, language)
    yield "columns:"
    known = {column.name: column for column in schema.columns}
    for meaning in schema.all_headers:
        label = translate(label_of(schema, meaning, known.get(meaning)), language)
        yield f"  {_yaml({meaning: found.get(meaning, '')})}  # {' '.join(label.split())}"
    loose = ", ".join(entry.header for entry in seen.columns if not entry.meaning)
    if loose:
        text = N_("Columns kept as text without a meaning: %(columns)s", columns=loose)
        yield _remark(text, language)
    yield _remark(N_("Further words for values, by column and value."), language)
    yield _yaml({"words": _words(mapping)})
    yield _remark(N_("Units of numbers by meaning, such as height_m: ft."), language)
    yield _yaml({"units": {} if mapping is None else dict(mapping.units)})
    for entry in seen.columns:
        if entry.unread:
            words = " | ".join(text for text, _ in entry.unread)
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
        reject("file.missing", file.name)
    with file.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        reject("mapping.too_large", file.name, limit=MAX_BYTES)
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
    units = {key: str(value) for key, value in (data.get("units") or {}).items() if value}
    return ColumnMapping(columns, words, units)


def _refuse_wide_colon(text: str, file: str) -> None:
    """Name the line that has a full-width colon where YAML wants a plain one with a blank."""
    for number, line in enumerate(text.splitlines(), 1):
        if WIDE_COLON.match(line):
            reject("mapping.colon", file, f"line {number}", found=line.strip()[:60])


def _shape_faults(document: Document) -> list[Fault]:
    faults = [
        document.fault("mapping.shape:key", (key,), str(key)[:100], choices=", ".join(KEYS))
        for key in document.data
        if key not in KEYS
    ]
    for key in KEYS:
        value = document.data.get(key)
        if value is not None and not isinstance(value, dict):
            faults.append(document.fault("mapping.shape:keys", (key,), str(value)[:100]))
    if faults:
        return faults
    for meaning, header in (document.data.get("columns") or {}).items():
        if isinstance(header, dict | list):
            path, found = ("columns", meaning), str(header)[:100]
            faults.append(document.fault("mapping.shape:column", path, found))
    for meaning, unit in (document.data.get("units") or {}).items():
        if isinstance(unit, dict | list):
            path, found = ("units", meaning), str(unit)[:100]
            faults.append(document.fault("mapping.shape:unit", path, found))
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
        return [document.fault("mapping.shape:keys", ("words", column), str(values)[:100])]
    return [
        document.fault("mapping.shape:words", ("words", column, value), str(texts)[:100])
        for value, texts in values.items()
        if texts is not None
        and not _is_number(texts)
        and (not isinstance(texts, list) or any(isinstance(t, dict | list) for t in texts))
    ]


def _words(mapping: ColumnMapping | None) -> dict[str, dict[str, list[str]]]:
    said = {} if mapping is None else mapping.words
    return {
        column: {value: list(texts) for value, texts in values.items()}
        for column, values in said.items()
    }


def _remark(text: Text, language: Language) -> str:
    """Write a sentence as a remark of one line, whatever it holds."""
    return "# " + " ".join(translate(text, language).split())


def _yaml(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000).rstrip()
