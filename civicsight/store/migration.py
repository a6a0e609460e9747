"""A store brought to the format of today: backed up, and verified before anything is kept."""

from __future__ import annotations

from pathlib import Path

from civicsight.core.errors import N_
from civicsight.model.format_versions import FORMATS, STORE, Step, own_version, path_before
from civicsight.store import sqlite
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import append, head
from civicsight.store.backup import copy_file
from civicsight.store.database import Database
from civicsight.store.layouts import bring_up, require_known, require_layout
from civicsight.store.refusals import refuse
from civicsight.store.store import connect_to, is_server
from civicsight.store.transactions import doing
from civicsight.store.verify import proof_of

WRITTEN_TIMES = 3
"""A row is in the backup, in the log and in its table."""


def look_at_store(place: str | Path) -> tuple[int, tuple[Step, ...]]:
    """Return the format of a store, and what would lead to today's.

    Raises
    ------
    InputError
        If it is no store, or of a later format.
    """
    database = _open(place)
    try:
        with database.reading() as connection:
            return require_known(connection, database.name)
    finally:
        database.engine.dispose()


def migrate_store(place: str | Path, actor: Actor, *, backed_up: bool = False) -> Path | None:
    """Bring a store to the format of today; one that has it stays untouched.

    Everything is done in one transaction and verified in it, so that any way to break off leaves
    the store as it was. The audit goes on: the migration is an entry of it.

    Parameters
    ----------
    place, actor
        Which store, and who does it.
    backed_up
        Whether somebody backed a server up with its own tools; a file gets its backup here.

    Returns
    -------
    Path or None
        The backup.

    Raises
    ------
    Denied
        If who acts has no right to; it is in the audit.
    Damaged
        If the store is not what was written, before or after.
    StoreFull
        If there is no space for it.
    """
    if not look_at_store(place)[1]:
        return None
    database = _open(place)
    try:
        if database.path is None and not backed_up:
            refuse(
                "store.server",
                database.name,
                N_("a database server that was backed up"),
                N_("Back it up with its own tools (pg_dump), and say so: --backed-up"),
            )
        return _migrate(database, actor)
    finally:
        database.engine.dispose()


def _migrate(database: Database, actor: Actor) -> Path | None:
    size = 0 if database.path is None else database.path.stat().st_size
    kept: Path | None = None
    try:
        with doing(database, actor, Act.MIGRATE, need_bytes=WRITTEN_TIMES * size) as connection:
            number, steps = require_known(connection, database.name)
            if not steps:
                return None  # somebody else was faster
            require_layout(connection, database, number)
            if database.path is not None:
                kept = path_before(database.path, number)
                # Nobody else can write by now: the copy is what the steps begin with.
                copy_file(database.path, kept, proved=False)
            end = head(connection)
            bring_up(connection, database, steps, state=True)
            told = {"from": number, "to": FORMATS[STORE].number, "civicsight": own_version()}
            append(connection, actor, Act.MIGRATE, told | ({"backup": kept.name} if kept else {}))
            database.backend.show(connection)
            proof_of(connection, database, expect_head=end.hash)
    except BaseException:
        if kept is not None:
            kept.unlink(missing_ok=True)  # of what was not changed nobody needs a backup
        raise
    return kept


def _open(place: str | Path) -> Database:
    if is_server(place):
        return connect_to(place)
    return sqlite.connect(Path(str(place).removeprefix("sqlite:///")))
