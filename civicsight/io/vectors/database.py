"""SQLite files from strangers: plain tables are read, nothing in the file is run.

A view is a program that whoever reads it runs, and a virtual table opens what it names. So what is
read has to be a table that keeps rows itself; SQLite asks `_allowed` before it does anything else,
and it stops when it works longer, or hands out more, than a file of this size can hold.

References
----------
SQLite, "Defense Against The Dark Arts", "Compile-Time Authorization Callbacks", "Hot journals".
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import quote

from civicsight.core import settings
from civicsight.core.errors import N_, refuse
from civicsight.io.faults import reject
from civicsight.io.tables.text_files import MAX_COLUMNS

BATCH: Final = 10_000
BATCH_BYTES: Final = 64 << 20
"""Rows that are asked for at once, and the text in them at most."""

LENGTH: Final = "CASE WHEN typeof(%(name)s) IN ('text', 'blob') THEN length(%(name)s) ELSE 0 END"
TOGETHER: Final = 200
"""How long a value is, and columns whose lengths are added up in one query."""

STEPS: Final = 50_000_000
STEPS_A_BYTE: Final = 24
"""Steps of SQLite's machine for one file; a value takes a byte or more, and a dozen steps."""

PAUSE: Final = 100_000
"""Steps between two looks at their number."""

CELL_BYTES: Final = 32
"""Memory of a value beside its text: a number of Python and the place that holds it."""

MAX_VALUE: Final = 600_000_000
"""Bytes of one value; ground heights at the largest size that is read take 550 MB as text."""

QUERIES: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
FUNCTIONS: Final = frozenset({"count", "length", "max", "total", "typeof"})
PRAGMAS: Final = frozenset({"table_info", "trusted_schema"})
PLAIN: Final = re.compile(r"CREATE\s+TABLE\b", re.IGNORECASE)


class Declared(NamedTuple):
    """A column as its table declares it; `is_key` where it only numbers the rows."""

    name: str
    kind: str
    is_key: bool


@contextmanager
def opened(file: Path) -> Iterator[Database]:
    """Open a database that nobody is writing to, so that nothing beside it is made or changed.

    Raises
    ------
    InputError
        If it is in use, damaged, or asks for more than a file of its size can need.
    """
    # Journals that hold something: changes which are not in the file, or half in it.
    ends = ("-journal", "-wal")
    found = [(end, file.with_name(file.name + end)) for end in ends]
    beside = [
        (end, path.stat().st_size) for end, path in found if path.exists() and path.stat().st_size
    ]
    for end, size in beside:
        reject("gpkg.in_use", file.name, found=f"{file.name}{end}, {size} bytes")
    size = file.stat().st_size
    steps = _Steps(STEPS + STEPS_A_BYTE * size)
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)
        ) as base:
            base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
            base.execute("PRAGMA trusted_schema = OFF")
            base.set_authorizer(_allowed)
            base.set_progress_handler(steps.take, PAUSE)
            yield Database(base, file, size, settings.read_memory())
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if steps.left <= 0:
            reject("file.endless:table", file.name, found=f"> {STEPS} steps")
        large = isinstance(error, sqlite3.DataError)
        refuse(
            "file.too_large" if large else "file.damaged",
            file.name,
            N_("at most %(limit)s bytes in one value", limit=MAX_VALUE)
            if large
            else N_("a complete file in the format %(driver)s", driver="GPKG"),
            N_("Export or download the file again."),
            found=str(error)[:200],
        )


def quoted(name: str) -> str:
    """Return a name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def _allowed(
    action: int, first: str | None, second: str | None, _base: str | None, inside: str | None
) -> int:
    """Tell SQLite what it may do: read columns, and nothing on behalf of a view or a trigger."""
    known = action in QUERIES or (action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS)
    plain = action == sqlite3.SQLITE_FUNCTION and second in FUNCTIONS
    return sqlite3.SQLITE_OK if (known or plain) and inside is None else sqlite3.SQLITE_DENY


@dataclass(slots=True)
class _Steps:
    """Steps that SQLite may still take; `take` is asked after each `PAUSE`."""

    left: int

    def take(self) -> bool:
        self.left -= PAUSE
        return self.left <= 0


@dataclass(slots=True)
class _Spent:
    """The memory of what was handed out of a file so far."""

    memory: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Database:
    """An open file of which plain tables can be read, its bytes, and the memory they may take."""

    base: sqlite3.Connection
    file: Path
    size: int
    limit: int
    _spent: _Spent = field(default_factory=_Spent)

    def kind_of(self, name: str) -> str:
        """Return what a name stands for: table, view, virtual table or none."""
        return self._look_up(name)[1]

    def find(self, name: str) -> str | None:
        """Return how the file spells the name of a table, None if it has none.

        Raises
        ------
        InputError
            If it is a view or a virtual table.
        """
        spelt, kind = self._look_up(name)
        if kind in {"view", "virtual table"}:
            self.refuse_view(name, kind)
        return spelt if kind == "table" else None

    def _look_up(self, name: str) -> tuple[str, str]:
        row = self.base.execute(
            "SELECT name, type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE "
            "AND type IN ('table', 'view')",
            (name,),
        ).fetchone()
        if row is None:
            return name, "none"
        plain = row[1] == "table" and PLAIN.match(str(row[2]).lstrip())
        return str(row[0]), "table" if plain else "view" if row[1] == "view" else "virtual table"

    def refuse_view(self, name: str, found: str) -> NoReturn:
        """Refuse what has no rows of its own: reading it runs what somebody wrote into the file.

        Raises
        ------
        InputError
            Always.
        """
        reject("gpkg.view", self.file.name, found=f"{name}: {found}")

    def triggers(self) -> list[str]:
        """Return the names of the triggers, none of which is ever run."""
        found = self.base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return [str(row[0]) for row in found]

    def columns(self, table: str) -> list[Declared]:
        """Return the columns of a table that `find` found.

        Raises
        ------
        InputError
            If there are more than anybody needs.
        """
        info = self.base.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
        # A key made of whole numbers only numbers the rows.
        kinds = [str(row[2]).upper() for row in info]
        found = [
            Declared(str(row[1]), kind, bool(row[5]) and kind == "INTEGER")
            for row, kind in zip(info, kinds, strict=True)
        ]
        if len(found) > MAX_COLUMNS:
            reject(
                "file.too_large:columns",
                self.file.name,
                table,
                found=str(len(found)),
                limit=MAX_COLUMNS,
            )
        return found

    def read(self, table: str, names: Sequence[str]) -> list[list[Any]]:
        """Return columns of a table that `find` found, in the order of its rows.

        Raises
        ------
        InputError
            If they need more memory than the settings allow, or are longer than the file.
        """
        batch = self._measure(table, names)
        listed = ", ".join(map(quoted, names))
        query = f"SELECT {listed} FROM {quoted(table)} NOT INDEXED"  # noqa: S608 - quoted
        columns: list[list[Any]] = [[] for _ in names]
        cursor = self.base.execute(query)
        while rows := cursor.fetchmany(batch):
            for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(values)
        return columns

    def _measure(self, table: str, names: Sequence[str]) -> int:
        """Have SQLite count rows and lengths; return how many rows may be asked for at once."""
        longest, lengths, rows = 0, 0, 0
        for start in range(0, len(names), TOGETHER):
            told = [LENGTH % {"name": quoted(name)} for name in names[start : start + TOGETHER]]
            length = " + ".join(told)
            query = f"SELECT count(*), max({length}), total({length}) FROM {quoted(table)}"  # noqa: S608 - quoted
            rows, most, total = self.base.execute(f"{query} NOT INDEXED").fetchone()
            longest += most or 0
            lengths += int(total)
        self._spent.memory += lengths + CELL_BYTES * len(names) * rows
        if lengths > self.size:  # pages that several rows share
            reject(
                "file.damaged",
                self.file.name,
                table,
                found="values longer than the file",
                driver="GPKG",
            )
        if self._spent.memory > self.limit:
            refuse_memory(self.file.name, f"{self._spent.memory // 1_000_000} MB", table)
        return max(1, min(BATCH, BATCH_BYTES // max(longest, 1)))


def refuse_memory(file: str, found: str, where: str = "") -> NoReturn:
    """Refuse a file whose values need more memory than the settings allow.

    Raises
    ------
    InputError
        Always.
    """
    reject(
        "file.too_large:values",
        file,
        where,
        found=found,
        limit=settings.read_memory() // 1_000_000,
        name="CIVICSIGHT_READ_MEMORY",
    )
