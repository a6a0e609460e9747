"""A store in one SQLite file: how it is opened, what keeps it append-only, where it may lie."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any, Final

from sqlalchemy import URL, Connection, Dialect, Engine, Table, create_engine, event, text
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.pool import StaticPool

from civicsight.core.atomic import flush, scratch_beside
from civicsight.core.errors import Fault, InputError
from civicsight.store.database import (
    HEADROOM_BYTES,
    Backend,
    Database,
    busy,
    explained,
    file_identity,
    read_only,
)
from civicsight.store.faults import reject
from civicsight.store.geopackage import (
    hide_layers,
    lay_out_geopackage,
    layer_faults,
    place_faults,
    place_features,
    show_layers,
)
from civicsight.store.records import digest_of
from civicsight.store.refusals import Damaged, changed
from civicsight.store.tables import METADATA, SEALED, guards

WAIT_S: Final = 30.0
"""How long a writer waits for another one [s]."""

NETWORK_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "glusterfs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.davfs", "davfs", "drvfs"}
)
"""File systems over which the write-ahead log of SQLite is not safe (sqlite.org/wal.html)."""

ATTEMPTS: Final = 10
"""How often a file that others write to is copied, until no act came between."""

MAGIC: Final = b"SQLite format 3\0"

MOUNTS: Final = Path("/proc/mounts")

REFUSES: Final = f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"

TRIGGERS: Final = tuple(
    f"CREATE TRIGGER {name} BEFORE {event} {f'WHEN {condition} ' if condition else ''}{REFUSES}"
    for name, event, condition in guards("sqlite")
)


def connect(path: Path) -> Database:
    """Open the file of a store.

    Raises
    ------
    InputError
        If it is not there, or on a network share.
    Damaged
        If it is no file of SQLite.
    """
    place = path.resolve()
    if not place.is_file():
        reject("store.missing", path.name)
    closed = not (os.access(place, os.W_OK) and os.access(place.parent, os.W_OK))
    if not closed:
        refuse_network_share(place)
    with place.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            # SQLite itself would throw the log of such a file away, and with it what can be saved.
            raise Damaged([changed(path.name, "", found="SQLite")])
    engine = _engine_apart(place) if closed else engine_of(place)
    fault = read_only(path.name) if closed else None
    return Database(engine, SQLITE, path.name, place, file_identity(place), fault)


def _engine_apart(place: Path) -> Engine:
    """Return a copy in memory of a file that lies where nothing can be written.

    SQLite has to write beside a file even to read it. What others have not yet brought into the
    file lies in its log, which is copied with it; both at one moment, between two acts.

    Raises
    ------
    InputError
        If others write all the time.
    """
    files = (place, Path(f"{place}-wal"))
    for _ in range(ATTEMPTS):
        before = [_moment(path) for path in files]
        there = [path for path, seen in zip(files, before, strict=True) if seen is not None]
        with TemporaryDirectory(prefix="civicsight-") as folder:
            for path in there:
                shutil.copyfile(path, Path(folder, path.name))
            if [_moment(path) for path in files] == before:
                engine = engine_in_memory(Path(folder, place.name))
                engine.connect().close()  # which copies it
                return engine
        sleep(WAIT_S / ATTEMPTS / 10)
    raise InputError([busy(place.name)])


def _moment(path: Path) -> tuple[int, int] | None:
    """Return what changes with each act that writes to a file; None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def engine_of(path: Path) -> Engine:
    """Return the connections to one file, each as safe as SQLite can be."""
    url = URL.create("sqlite", database=str(path))
    made = create_engine(url, connect_args={"timeout": WAIT_S})
    return _prepared(
        Engine(made.pool, _dialect(), url, execution_options={"compiled_cache": COMPILED})
    )


COMPILED: Final[dict[Any, Any]] = {}
"""Statements as they were compiled for all files: that takes longer than to run those that open a
store, and the app opens one for every page."""


@cache
def _dialect() -> Dialect:
    """Return what statements are compiled for."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect():  # SQLAlchemy asks the library for its version once
        pass
    engine.dispose()
    return engine.dialect


def engine_in_memory(path: Path) -> Engine:
    """Return a copy of a file that is in memory only, for as long as it is used."""

    def copy() -> sqlite3.Connection:
        with ExitStack() as failed:
            memory = sqlite3.connect(":memory:", check_same_thread=False)
            failed.callback(memory.close)
            with closing(sqlite3.connect(path)) as file:
                file.backup(memory)
            failed.pop_all()
        return memory

    return _prepared(create_engine("sqlite://", creator=copy, poolclass=StaticPool))


def create_file(path: Path, fill: Callable[[Connection], None]) -> None:
    """Make a new store, whole or not at all; one that is there already stays as it is.

    Parameters
    ----------
    path
        Where the file will be.
    fill
        Called with a connection to write the first entry.
    """
    refuse_network_share(path.resolve())
    with scratch_beside(path) as folder:
        scratch = folder / path.name
        engine = engine_of(scratch)
        try:
            with engine.connect() as plain, plain.begin():
                build(plain)
                fill(plain)
        except DBAPIError as error:
            raise explained(error, path.name, HEADROOM_BYTES, path) from error
        finally:
            engine.dispose()
        flush(scratch)
        # Where somebody else was faster, theirs is as good.
        with suppress(FileExistsError):
            os.link(scratch, path)
        flush(path.parent)


def build(connection: Connection) -> None:
    """Make the empty tables of a store and all that belongs to them."""
    METADATA.create_all(connection)
    SQLITE.lay_out(connection)


def refuse_network_share(path: Path) -> None:
    """Refuse a place where two machines could write at once without knowing of each other."""
    kind = "UNC" if str(path).startswith("\\\\") else file_system_of(path)
    if kind == "UNC" or kind in NETWORK_SYSTEMS:
        reject("store.network_share", path.name, found=kind)


def file_system_of(path: Path) -> str:
    """Return the kind of file system that a path is on; empty where that cannot be told."""
    if not MOUNTS.is_file():
        return ""
    mounts = [line.split() for line in MOUNTS.read_text(encoding="utf-8").splitlines()]
    parents = {str(parent) for parent in (path, *path.parents)}
    around = [(len(words[1]), words[2]) for words in mounts if _unescaped(words[1]) in parents]
    # Of two mounts on one place the later one hides the other.
    return max(enumerate(around), key=lambda entry: (entry[1][0], entry[0]))[1][1] if around else ""


def _unescaped(name: str) -> str:
    return name.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")


def _prepared(engine: Engine) -> Engine:
    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where this module says so
        for pragma in ("cell_size_check=ON", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA recursive_triggers=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _lay_out(connection: Connection) -> None:
    _guard(connection)
    lay_out_geopackage(connection)


def _guard(connection: Connection) -> None:
    for statement in TRIGGERS:
        connection.exec_driver_sql(statement)


def _unseal(connection: Connection) -> None:
    hide_layers(connection)
    for kind, name, table, _ in sorted(_schema(connection), key=str):
        if kind == "trigger" and table in METADATA.tables:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _reseal(connection: Connection) -> None:
    """Make every table anew whose text is not that of a new store, and then the triggers."""
    missing = _wanted_schema() - _schema(connection)
    stale = {table for kind, _, table, _ in missing if kind != "trigger"}
    for table in METADATA.sorted_tables:
        if table.name in stale:
            _make_anew(connection, table)
    _guard(connection)


def _make_anew(connection: Connection, table: Table) -> None:
    """Make a table as a new store has it, with the rows that it had."""
    info = connection.exec_driver_sql(f"PRAGMA table_info({table.name})")
    kept = {row[1] for row in info}
    shared = ", ".join(column.name for column in table.columns if column.name in kept)
    if kept:
        connection.exec_driver_sql(
            f"CREATE TABLE moved_rows AS SELECT {shared} FROM {table.name} ORDER BY rowid"  # noqa: S608 - own names
        )
        connection.exec_driver_sql(f"DROP TABLE {table.name}")
    table.create(connection)
    if kept:
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({shared}) SELECT {shared} FROM moved_rows ORDER BY rowid"  # noqa: S608 - own names
        )
        connection.exec_driver_sql("DROP TABLE moved_rows")


def _layout(connection: Connection) -> str:
    ours = [row for row in _schema(connection) if row[2] in METADATA.tables]
    return digest_of(sorted([*map(str, row)] for row in ours))


def _nothing_more(_connection: Connection, _plan_id: str | None) -> None:
    """BEGIN IMMEDIATE took the right to write already."""


def _number(connection: Connection, count: int) -> range:
    highest = connection.exec_driver_sql("SELECT coalesce(max(fid), 0) FROM feature").scalar_one()
    return range(highest + 1, highest + 1 + count)


def _page_faults(connection: Connection, file: str) -> list[Fault]:
    try:
        rows = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    except DatabaseError as error:  # a table of its own kind that cannot even be looked through
        return [changed(file, "", found=str(error.orig))]
    if rows != ["ok"]:
        return [changed(file, "", found=str(row)) for row in rows]
    return schema_faults(connection, file)


def schema_faults(connection: Connection, file: str) -> list[Fault]:
    """Name every table, index and trigger that is not as it was made, or does not belong."""
    found = _schema(connection)
    wanted = _wanted_schema()
    ours = {table for _, _, table, _ in wanted}
    names = {(kind, name) for kind, name, _, _ in wanted}
    wrong = {
        f"{kind} {name}"
        for kind, name, table, _ in found - wanted
        if table in ours or (kind, name) in names
    }
    wrong |= {f"{kind} {name}" for kind, name, _, _ in wanted - found}
    return [changed(file, where) for where in sorted(wrong)]


def _schema(connection: Connection) -> frozenset[tuple[str, str, str, str | None]]:
    rows = connection.execute(
        text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'view'")
    )
    return frozenset((row[0], row[1], row[2], row[3]) for row in rows)


@cache
def _wanted_schema() -> frozenset[tuple[str, str, str, str | None]]:
    engine = _prepared(create_engine("sqlite://", poolclass=StaticPool))
    try:
        with engine.connect() as connection, connection.begin():
            build(connection)
            return _schema(connection)
    finally:
        engine.dispose()


SQLITE: Final = Backend(
    {"writes": True},
    _nothing_more,
    _number,
    _lay_out,
    place_features,
    show_layers,
    _page_faults,
    layer_faults,
    place_faults,
    _unseal,
    _reseal,
    _layout,
)
