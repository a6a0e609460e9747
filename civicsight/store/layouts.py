"""Layouts of a store by the number of their format: known, brought up to date, read before that.

Steps never change what a digest binds: rows of `plan_version` and `audit` keep their columns, and
`plan` those that its entry in the audit tells.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, inspect, select, update

from civicsight.model.format_versions import FORMATS, STORE, Step, steps_from
from civicsight.store import sqlite, tables
from civicsight.store.actors import Act
from civicsight.store.audit import entries
from civicsight.store.database import Database
from civicsight.store.faults import fault, reject
from civicsight.store.refusals import Damaged, changed

LAYOUTS: Final[dict[int, dict[str, str]]] = {
    1: {
        "sqlite": "c7a471dc0cd6adfae5c79962ee88dfe936ff7478529bd211f996a06f17cd58f4",
        "postgresql": "8625b04f11ceacbca010c8013f866569f080482cd770582eddd066cfad4381c0",
    },
    4: {
        "sqlite": "4b1404c4d36a0a866790ab4b937a605ffca793acaa99b2a2906b30cc158f8656",
        "postgresql": "1cd74449b08c20bdb88d25789773fcdbc665ec34cd8ec27430b66eff5fe6bcf5",
    },
    5: {
        "sqlite": "667221eff27407a0728ac051acdc29e086f000e9a077ab3eeebe6f1e88741369",
        "postgresql": "2ade215fa725b1f5e23cbf757c3d1d75fb440ec8e6b5dddbd27491d04eeaf754",
    },
}
LAYOUTS[3] = LAYOUTS[1] | {
    "sqlite": "9213d474a88e6e906fae041171a82fd136942888024be91c7946c8d0edfae666"
}
LAYOUTS[2] = LAYOUTS[1]  # what a version is bound by is another matter than how it lies there
"""Digest of tables and triggers of each format, by database: what differs is not migrated."""


def require_known(connection: Connection, file: str) -> tuple[int, tuple[Step, ...]]:
    """Return the format of a store, and what leads from it to today's.

    Raises
    ------
    InputError
        If it is no store, or of a later format.
    """
    found = None
    if inspect(connection).has_table(tables.STORE.name):
        found = connection.execute(select(tables.STORE.c.format)).scalar()
    if not isinstance(found, int):
        reject("store.not_a_store", file)
    writer = _writer(connection, file) if found > FORMATS[STORE].number else ""
    return found, steps_from(STORE, found, file, writer=writer)


def _writer(connection: Connection, file: str) -> str:
    """Return the civicsight that brought a store to its format, where the audit can be read."""
    told = ""
    try:
        for entry in entries(connection, file, tables.AUDIT.c.action == Act.MIGRATE):
            told = str(entry.says.get("civicsight", told))
    except Damaged:
        return ""  # of a later format is whatever it likes
    return told


def require_layout(connection: Connection, database: Database, number: int) -> None:
    """Refuse a store whose tables and triggers are not those of its format.

    Raises
    ------
    Damaged
        If somebody changed them: a migration would make them whole, and nobody would ever know.
    """
    known = LAYOUTS[number][connection.dialect.name]
    if database.backend.layout(connection) != known:
        raise Damaged([changed(database.name, "schema")])


def bring_up_store(
    connection: Connection, database: Database, steps: tuple[Step, ...], *, state: bool
) -> None:
    """Take a store through steps, inside of a transaction of the caller.

    Parameters
    ----------
    connection, database
        A connection that may write, and what it is to.
    steps
        From the format that it has to today's.
    state
        Whether to write the number of today; the audit has to tell the same.
    """
    database.backend.unseal(connection)
    for step in steps:
        step.apply(connection)
    if state:
        connection.execute(update(tables.STORE).values(format=FORMATS[STORE].number))
    database.backend.reseal(connection)


def for_reading(database: Database, number: int, steps: tuple[Step, ...]) -> Database:
    """Return a store of an earlier format as one of today that nobody can write into.

    The file stays as it is; the copy is in memory.

    Raises
    ------
    InputError
        If it is on a server.
    Damaged
        If it is not what was written.
    """
    today = FORMATS[STORE].number
    if database.path is None:
        reject("store.older:server", database.name, field="format", found=str(number), number=today)
    closed = fault(
        "store.older:closed",
        database.name,
        field="format",
        found=str(number),
        number=today,
        name=database.name,
    )
    with database.reading() as connection:
        require_layout(connection, database, number)
    copy = database
    if database.closed is None:  # else it is a copy in memory already
        copy = replace(database, engine=sqlite.engine_in_memory(database.path))
    with copy.engine.connect() as plain:
        connection = plain.execution_options(**copy.backend.write_options)
        with connection.begin():
            bring_up_store(connection, copy, steps, state=False)
            copy.backend.show(connection)
    return replace(copy, closed=closed)
