"""A backup of a database server: what `pg_dump` wrote, read back row by row and proved.

The dump is one that `pg_restore` brings back. Whether it holds the store is not left to its length:
its rows are put into a store in a file beside it, which is verified like any other, and goes.

References
----------
PostgreSQL, COPY, "Text Format".
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Integer, LargeBinary, Table, insert
from sqlalchemy.types import BigInteger

from civicsight.core.atomic import flush, scratch_beside
from civicsight.store import sqlite
from civicsight.store.database import Database
from civicsight.store.faults import reject
from civicsight.store.refusals import Damaged, changed
from civicsight.store.tables import FEATURE, METADATA
from civicsight.store.verify import proof_of

WRITER, READER = "pg_dump", "pg_restore"

BATCH: Final = 2_000
"""Rows that are in memory at a time."""

COPY: Final = re.compile(r"COPY (?:\S+\.)?\"?(\w+)\"? \((.+)\) FROM stdin;")
END: Final = "\\."
NOTHING: Final = "\\N"
ESCAPED: Final = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)")
SIGNS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def require_tools(name: str) -> None:
    """Refuse where the programs are missing, and say who makes the backup then."""
    for program in (WRITER, READER):
        if shutil.which(program) is None:
            reject("store.dump:program", name, program=program, name=name)


def dump(database: Database, target: Path) -> None:
    """Write a dump of a store, prove that its rows are the store, and give it its name.

    Raises
    ------
    InputError
        If the programs are missing or fail.
    Damaged
        If what the dump holds is not what was written.
    """
    require_tools(database.name)
    with scratch_beside(target) as folder:
        made = folder / target.name
        _run(database, WRITER, "--format=custom", "--no-password", f"--file={made}")
        # Put the rows of a dump into a store in a file, and verify that one.
        scratch = folder / "read-back.gpkg"
        sqlite.create_file(scratch, lambda connection: _fill(connection, database, made))
        read_back = replace(sqlite.connect(scratch), name=database.name)
        try:
            with read_back.reading() as connection:
                proof_of(connection, read_back)
        finally:
            read_back.engine.dispose()
        flush(made)
        made.replace(target)
        flush(target.parent)


def _run(database: Database, program: str, *words: str) -> None:
    """Run a program on the database; the password goes by the environment, which nobody lists."""
    url = database.engine.url
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [program, *words, f"--dbname={plain}"],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, **password, "LC_MESSAGES": "C"},
    )
    if done.returncode:
        _failed(database.name, program, done.stderr)


def _failed(name: str, program: str, told: str) -> None:
    reject(
        "store.dump:failed",
        name,
        found=next((line for line in told.splitlines() if line.strip()), ""),
        program=program,
    )


def _fill(connection: Connection, database: Database, made: Path) -> None:
    # Rows come in the order of the pages of the server, and triggers ask for that of their making.
    sqlite.SQLITE.unseal(connection)
    with subprocess.Popen(  # noqa: S603 - a fixed program, no shell
        [READER, "--data-only", "--file=-", str(made)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as reader:
        assert reader.stdout is not None  # noqa: S101 - it was asked for
        assert reader.stderr is not None  # noqa: S101
        _put(connection, database.name, reader.stdout)
        told = reader.stderr.read()
    if reader.returncode:
        _failed(database.name, READER, told)
    sqlite.SQLITE.reseal(connection)
    sqlite.SQLITE.show(connection)


def _put(connection: Connection, name: str, lines: Iterable[str]) -> None:
    try:
        for table, rows in batches(lines):
            connection.execute(insert(table), rows)
            if table is FEATURE:
                sqlite.SQLITE.place(connection, rows)
    except ValueError as error:
        raise Damaged([changed(name, "", found=str(error)[:80])]) from error


def batches(lines: Iterable[str]) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Yield the rows of the tables of a store out of the text of a dump, some at a time.

    Raises
    ------
    ValueError
        If it breaks off, or a value is none of its column.
    """
    table: Table | None = None
    inside, columns, rows = False, [""], list[dict[str, Any]]()
    for raw in lines:
        line = raw.removesuffix("\n")
        begins = None if inside else COPY.fullmatch(line)
        if begins is not None:
            inside, table = True, METADATA.tables.get(begins[1])
            columns = [name.strip(' "') for name in begins[2].split(",")]
        elif inside and line == END:
            if table is not None and rows:
                yield table, rows
            inside, rows = False, []
        elif inside and table is not None:
            values = zip(columns, line.split("\t"), strict=True)
            rows.append({name: value_of(table, name, text) for name, text in values})
            if len(rows) == BATCH:
                yield table, rows
                rows = []
    if inside:
        msg = "the dump breaks off"
        raise ValueError(msg)


def value_of(table: Table, column: str, text: str) -> str | int | bytes | None:
    """Return a value as the database had it."""
    if text == NOTHING:
        return None
    plain = ESCAPED.sub(_sign, text) if "\\" in text else text
    kind = table.columns[column].type
    if isinstance(kind, LargeBinary):
        return bytes.fromhex(plain.removeprefix("\\x"))
    return int(plain) if isinstance(kind, (Integer, BigInteger)) else plain


def _sign(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code, 8)) if code.isdigit() else SIGNS.get(code, code)
