"""What was understood of the columns of a file, and what a person says of them instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from civicsight.application.faults import fault
from civicsight.core.errors import Fault, InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.guessing import BUILDINGS, LAYER_SCHEMAS
from civicsight.io.reader_registry import READ_TWICE
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.column_matching import ColumnDescription, Understood
from civicsight.io.tables.source_schema import SourceSchema, match_names

UNUSED: Final = ""
"""What a column is that has no meaning, and what a word means that stays unknown."""

ENDED: Final = frozenset({"file.deadly", "file.endless", "file.too_large"})
"""Codes of files of which the reading process died: they are not tried another time."""

Answers = Mapping[str, str]
"""What each column is, by its name: a meaning of the schema, or `UNUSED`."""

Taught = Mapping[tuple[str, str], str]
"""Values that words stand for, by meaning and word."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose rows are known: what it was read as, and what was understood of it."""

    kind: str
    seen: Understood

    @property
    def schema(self) -> SourceSchema:
        """What such a table may hold."""
        return LAYER_SCHEMAS[self.kind]

    @property
    def known(self) -> int:
        """How many columns have a meaning."""
        return sum(bool(entry.meaning) for entry in self.seen.columns)

    @property
    def lost(self) -> int:
        """How many cells were not understood."""
        return sum(entry.lost for entry in self.seen.columns)


def understand(path: Path, kind: str, declared: Declared) -> Table | None:
    """Return what is understood of a file of rows, None of any other.

    A large layer of buildings is not read twice for it, and what is wrong with a file is left to
    its reader to say.

    Raises
    ------
    InputError
        If the file ended the process that read it.
    """
    if kind not in LAYER_SCHEMAS or (kind == BUILDINGS and path.stat().st_size > READ_TWICE):
        return None
    try:
        return Table(kind, read_apart("columns", path, kind, declared))
    except InputError as error:
        if has_ended(error):
            raise
        return None


def has_ended(error: InputError) -> bool:
    """Tell whether a file ended the process that read it."""
    return any(fault.code in ENDED for fault in error.faults)


def may_be_said(entry: ColumnDescription, schema: SourceSchema) -> bool:
    """Tell whether a person may say what a column is; text of shapes is told by its content."""
    return not entry.meaning or entry.meaning in schema.all_headers


def mapping_of(
    table: Table, answers: Answers, taught: Taught, before: ColumnMapping | None
) -> ColumnMapping:
    """Return what a person said as a mapping that leaves nothing to the names of columns.

    Parameters
    ----------
    table
        What was understood; columns without an answer stay as they were.
    answers, taught
        What columns are, and what words stand for.
    before
        What was said earlier: its words stay known, but for those that now mean another thing.

    Raises
    ------
    InputError
        If two columns are said to be the same, or a word stands for what its column cannot hold.
    """
    said = {entry.header: entry.meaning for entry in table.seen.columns} | dict(answers)
    said = {header: meaning for header, meaning in said.items() if meaning}
    twice = [meaning for meaning, count in Counter(said.values()).items() if count > 1]
    if twice:
        raise InputError([_twice(table, said, meaning) for meaning in twice])
    headers = {meaning: header for header, meaning in said.items()}
    columns = {meaning: headers.get(meaning, "") for meaning in table.schema.all_headers}
    mapping = ColumnMapping(columns, _words(taught, before), {} if before is None else before.units)
    names = [entry.header for entry in table.seen.columns]
    match_names(names, table.seen.source, table.schema, mapping)
    return mapping


def read_sent_mapping(table: Table, content: bytes) -> ColumnMapping:
    """Read a mapping that a browser sent, in a process of its own, and hold it against a table.

    Raises
    ------
    InputError
        If it is no mapping, or names columns that the table does not have.
    """
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / "mapping.yaml"
        path.write_bytes(content)
        mapping: ColumnMapping = read_apart("mapping", path)
    match_names(
        [entry.header for entry in table.seen.columns], table.seen.source, table.schema, mapping
    )
    return mapping


def _words(taught: Taught, before: ColumnMapping | None) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the words of before and those taught now, each for one value."""
    new = {place: value.strip() for place, value in taught.items() if value.strip()}
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    for meaning, values in ({} if before is None else before.words).items():
        for value, texts in values.items():
            left = tuple(text for text in texts if (meaning, text) not in new)
            if left:
                words.setdefault(meaning, {})[value] = left
    for (meaning, text), value in new.items():
        mine = words.setdefault(meaning, {})
        mine[value] = (*mine.get(value, ()), text)
    return words


def _twice(table: Table, said: Answers, meaning: str) -> Fault:
    found = ", ".join(header for header, own in said.items() if own == meaning)
    return fault("app.columns", table.seen.source, field=meaning, found=found)
