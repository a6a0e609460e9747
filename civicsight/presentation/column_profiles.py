"""What was understood of a table, column by column, as a person reads it, and what may be said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from civicsight.core.errors import N_
from civicsight.core.i18n import Language, pick, translate
from civicsight.io.tables.column_matching import ColumnDescription, label_of
from civicsight.io.tables.source_schema import SourceSchema, label_in
from civicsight.presentation.codes import COLUMNS
from civicsight.presentation.lexicon import number, share

HEADINGS: Final = (N_("Column"), N_("Taken as"), N_("Filled"), N_("Examples"), N_("Not understood"))

UNREAD: Final = 6
"""Values that were not understood and are shown of a column; a mapping file has them all."""

OWN: Final = "tags"
"""Meaning that no column of a stranger's table has."""

CLAUSE: Final = re.compile(r"[,;:\uff0c\uff1b\uff1a\u3002\uff08]| \(")
"""Where the first clause of a meaning ends, in any language."""

DECIMAL: Final = re.compile(r"-?\d+\.\d+")


def understood_rows(
    columns: Sequence[ColumnDescription], language: Language, schema: SourceSchema | None = None
) -> list[tuple[str, ...]]:
    """Return a row a column, under `HEADINGS`: its name, what it is, and what of it was not read.

    With a schema its values are named in words, without one by their codes, as a mapping has them.
    """
    words: dict[str, dict[str, str]] = {}
    if schema is not None:
        words = {one.meaning: value_labels(schema, one.meaning, language) for one in columns}
    return [
        (
            entry.header,
            taken_as(entry, language),
            f"{number(entry.cells)} ({share(entry.filled)})",
            ", ".join(
                _example(text, words.get(entry.meaning, {}).get(value, value))
                for text, value in entry.examples
            ),
            not_understood(entry),
        )
        for entry in columns
    ]


def _example(text: str, value: str) -> str:
    """Return a text, with what it was read as where that is not the same."""
    return text if not value or _plain(text) == _plain(value) else f"{text} → {value}"


def _plain(text: str) -> str:
    """Return a decimal number without the zeros at its end."""
    return text.rstrip("0").rstrip(".") if DECIMAL.fullmatch(text) else text


def taken_as(entry: ColumnDescription, language: Language) -> str:
    """Say what a column is taken for, with the unit of its values."""
    return translate(entry.label, language) + (f" [{entry.unit}]" if entry.unit else "")


def not_understood(entry: ColumnDescription) -> str:
    """Say how many cells of a column were not understood, and which values with their numbers.

    Empty where all were.
    """
    if not entry.lost:
        return ""
    shown = ", ".join(f"{text} ({number(count)})" for text, count in entry.unread[:UNREAD])
    return f"{number(entry.lost)}: {shown}" + (" …" if len(entry.unread) > UNREAD else "")


def field_labels(schema: SourceSchema, language: Language) -> dict[str, str]:
    """Return what a column may be said to be, in few words, by meaning; each of its own name."""
    known = {column.name: column for column in schema.columns}
    said = {
        meaning: CLAUSE.split(
            translate(label_of(schema, meaning, known.get(meaning)), language), maxsplit=1
        )[0]
        for meaning in schema.all_headers
        if meaning != OWN
    }
    alike = Counter(said.values())
    return {
        meaning: f"{label} ({meaning})" if alike[label] > 1 else label
        for meaning, label in said.items()
    }


def value_labels(schema: SourceSchema, meaning: str, language: Language) -> dict[str, str]:
    """Return the values of a closed list as words; empty where a column has no such list."""
    column = next((c for c in schema.columns if c.name == meaning), None)
    if column is None:
        return {}
    words, named = schema.words.get(meaning, {}), COLUMNS.get(meaning, {})
    return {
        value: translate(named[value], language)
        if value in named
        else pick(label_in(words.get(value, ()), value), language).replace("_", " ")
        for value in column.choices
    }
