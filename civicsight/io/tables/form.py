"""What a kind of inventory looks like, and how its meanings are matched with the columns there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from civicsight.core.errors import N_, Fault, InputError
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.lexicon import plain
from civicsight.io.tables.rows import Cell, Rows
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import (
    PLACE_HEADERS,
    VALUES,
    Headers,
    Words,
    match_headers,
    match_value,
    normal,
)
from civicsight.model import Column, Table

CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


class Form(NamedTuple):
    """What a kind of inventory looks like: its table, headers, defaults and words for values.

    `words` holds the words for the closed lists by column and value, as `synonyms.VALUES` does.
    `extra` declares columns that are read and not stored: the table is made from them by `after`,
    which may change rows, name faults, and tell what it did. `readers` bring the words of some
    columns into the form in which they are then read as all others are. `places` are the headers
    that say where a row is.
    """

    table: Table
    headers: Headers
    defaults: dict[str, object]
    words: Words = VALUES
    extra: tuple[Column, ...] = ()
    after: Callable[[Rows], None] | None = None
    readers: Mapping[str, Callable[[str], Cell]] = MappingProxyType({})
    places: Headers = PLACE_HEADERS

    @property
    def all_headers(self) -> Headers:
        """Headers of places and of the form itself."""
        return {**self.places, **self.headers}


def match_columns(sheet: Sheet, form: Form, declared: Declared) -> dict[str, str]:
    """Find the column for each meaning: what a mapping says goes before what names suggest.

    Raises
    ------
    InputError
        If the mapping names a meaning that the form lacks, or a column that the sheet lacks.
    """
    return match_names(sheet.header, sheet.source, form, declared.mapping)


def match_names(
    header: Sequence[str], source: str, form: Form, mapping: ColumnMapping | None
) -> dict[str, str]:
    """Find the column for each meaning among the names of a source; see `match_columns`."""
    said = {} if mapping is None else resolve(mapping.columns, form.all_headers)
    faults = [_fault(header, source, form, *entry) for entry in said.items()]
    wrong = [fault for fault in faults if fault is not None]
    wrong += [] if mapping is None else _soughtfaults(source, form, mapping.words)
    if wrong:
        raise InputError(wrong)
    chosen = {meaning: name for meaning, name in said.items() if name}
    rest = {name: words for name, words in form.all_headers.items() if name not in said}
    free = [name for name in header if name not in chosen.values()]
    return {**match_headers(free, rest), **chosen}


def resolve(columns: Mapping[str, str], headers: Headers) -> dict[str, str]:
    """Return columns of a mapping by meaning, where it calls a meaning by one of its headers."""
    known = {key: next(iter(match_headers([key], headers)), key) for key in columns}
    return {
        key if key in headers or name in columns else name: columns[key]
        for key, name in known.items()
    }


def label_in(words: Iterable[str], value: str) -> dict[str, str]:
    """Return a value as a label, in Chinese by the first of its words that is Chinese."""
    return {"en": value, "zh": next((word for word in words if CHINESE.search(word)), value)}


def choices_of(form: Form, column: Column) -> dict[str, str]:
    """Return the values of a closed list as a label."""
    words = form.words.get(column.name, {})
    labels = [label_in(words.get(value, ()), value) for value in column.choices]
    return {side: ", ".join(label[side] for label in labels) for side in ("en", "zh")}


def _fault(
    names: Sequence[str], source: str, form: Form, meaning: str, header: str
) -> Fault | None:
    if meaning not in form.all_headers:
        near = difflib.get_close_matches(meaning, form.all_headers, n=3) or list(form.all_headers)
        return Fault(
            "mapping.meaning",
            source,
            "",
            meaning,
            header,
            N_("one of %(choices)s", choices=", ".join(near)),
            N_("Correct the mapping file."),
        )
    if header and header not in names:
        return Fault(
            "mapping.header",
            source,
            "",
            meaning,
            header,
            N_("one of %(choices)s", choices=", ".join(names)[:500]),
            N_("Correct the mapping file."),
        )
    return None


def _soughtfaults(source: str, form: Form, words: Words) -> list[Fault]:
    """Return a fault for each value of a mapping that the form does not have."""
    columns = (*form.table, *form.extra)
    choices = {column.name: column.choices for column in columns if column.choices}
    bounds = {column.name: column for column in columns if column.kind == "float"}
    return [
        _number_fault(source, bounds[column], value)
        for column in words.keys() & bounds.keys()
        for value in words[column]
        if not _in_bounds(bounds[column], value)
    ] + [
        Fault(
            "mapping.word",
            source,
            "",
            column,
            value,
            N_("one of %(choices)s", choices=", ".join(choices.get(column, choices))),
            N_("Correct the mapping file."),
        )
        for column, values in words.items()
        for value in values
        if column not in bounds and value not in choices.get(column, ())
    ]


def _in_bounds(column: Column, value: str) -> bool:
    try:
        return column.low <= float(value) <= column.high
    except ValueError:
        return False


def _number_fault(source: str, column: Column, value: str) -> Fault:
    return Fault(
        "mapping.word",
        source,
        "",
        column.name,
        value,
        N_(
            "a number from %(low)s to %(high)s %(unit)s",
            low=f"{column.low:g}",
            high=f"{column.high:g}",
            unit=column.unit,
        ),
        N_("Correct the mapping file."),
    )


def taught_numbers(declared: Declared, column: str) -> dict[str, float]:
    """Return the words that a mapping teaches for a column of numbers, as words are compared."""
    said = {} if declared.mapping is None else declared.mapping.words.get(column, {})
    return {plain(word): float(value) for value, words in said.items() for word in words}


def match_word(form: Form, declared: Declared, column: str, text: str) -> str | None:
    """Return the value of a closed list that a word stands for, with the words of a mapping."""
    sought = normal(text)
    if declared.mapping is not None:
        for value, words in declared.mapping.words.get(column, {}).items():
            if sought in {normal(word) for word in words} or text in words:
                return value
    return match_value(column, text, form.words)
