"""A database behind a store: connections, transactions, and what goes wrong in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from civicsight.core.atomic import free_bytes
from civicsight.core.errors import Fault, InputError
from civicsight.store.faults import fault, reject
from civicsight.store.refusals import Damaged, StoreFull, changed

HEADROOM_BYTES: Final = 4 * 1_048_576
"""What a database needs beside the rows themselves: its log, its index and its pages."""

DISK_FULL: Final = "53100"
"""What PostgreSQL says of a full disk."""

WAITED: Final = {"55P03", "40P01"}
"""What it says of a lock that somebody else kept, and of two that wait for each other."""

NOT_ALLOWED: Final = "42501"
"""What it says to a role that lacks a right."""

LOST: Final = {"08", "57", "28", "3D"}
"""Classes of what it says when it ends, was ended, or lets nobody in."""

_DAMAGE: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FULL: Final = {sqlite3.SQLITE_FULL}
_DISK: Final = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM}
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CLOSED: Final = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


@dataclass(frozen=True, slots=True)
class Backend:
    """What differs between databases.

    Parameters
    ----------
    write_options
        Options of a connection that is to write; `audit.CHAIN` is one where many may write at once.
    lock
        Takes the right to write for the transaction that has just begun: to one plan, or to the
        whole store if none is named.
    number
        Returns so many new numbers for features, which nobody else gets.
    lay_out
        Adds to the empty tables what keeps them append-only, and the spatial index.
    place
        Puts features, as dictionaries with ``fid`` and ``geom``, into the spatial index.
    show
        Makes the current features readable for other programs, as one layer for each name.
    sound
        Names what is wrong with pages and schema; nothing else is read before.
    shown
        Names what is wrong with the layers.
    placed
        Names what is wrong with the spatial index, which reads every feature of every version.
    unseal, reseal
        Take away, and make again, views and triggers around the steps of a migration; the tables
        are then as a new store has them.
    layout
        Returns the digest of tables and triggers; see `layouts.LAYOUTS`.
    """

    write_options: Mapping[str, Any]
    lock: Callable[[Connection, str | None], None]
    number: Callable[[Connection, int], Sequence[int]]
    lay_out: Callable[[Connection], None]
    place: Callable[[Connection, list[dict[str, Any]]], None]
    show: Callable[[Connection], None]
    sound: Callable[[Connection, str], list[Fault]]
    shown: Callable[[Connection, str], list[Fault]]
    placed: Callable[[Connection, str], list[Fault]]
    unseal: Callable[[Connection], None]
    reseal: Callable[[Connection], None]
    layout: Callable[[Connection], str]


@dataclass(frozen=True, slots=True)
class Database:
    """An open database.

    Parameters
    ----------
    engine, backend
        Connections, and what is particular to this database.
    name
        Name of the file or database in faults, never its folder.
    path, identity
        The file, and device and number by which it is known again; None for a server.
    closed
        Why nothing may be written, None if it may.
    """

    engine: Engine
    backend: Backend
    name: str
    path: Path | None = None
    identity: tuple[int, int] | None = None
    closed: Fault | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store throughout."""
        self._require_same_file()
        with self._explained(0), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, need_bytes: int = 0, plan_id: str | None = None) -> Iterator[Connection]:
        """Give a connection that alone may write; all that it does is kept, or nothing.

        Parameters
        ----------
        need_bytes
            How much is to be written.
        plan_id
            The one plan that it writes to, so that others may write to other plans meanwhile where
            the database can do that; None for the whole store.

        Raises
        ------
        StoreFull
            If there is no space for `need_bytes`, before or while they are written.
        """
        if self.closed is not None:
            raise InputError([self.closed])
        self._require_same_file()
        need = need_bytes + HEADROOM_BYTES
        if self.path is not None:
            require_space(self.path, need)
        with self._explained(need), self.engine.connect() as plain:
            connection = plain.execution_options(**self.backend.write_options)
            with connection.begin():
                self.backend.lock(connection, plan_id)
                yield connection

    def _require_same_file(self) -> None:
        if self.path is not None and file_identity(self.path) != self.identity:
            reject("store.replaced", self.name)

    @contextmanager
    def _explained(self, need: int) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise explained(error, self.name, need, self.path) from error
        except (
            UnicodeDecodeError
        ) as error:  # what SQLite says of a damaged schema names it as it is
            raise Damaged([changed(self.name, "", found=str(error))]) from error


def explained(error: DBAPIError, name: str, need: int, path: Path | None) -> Exception:
    """Return the refusal that an error of the database stands for, or the error itself."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    kind = None if code is None else code & 0xFF
    if kind in _DAMAGE or "decode to UTF-8" in str(error.orig):
        return Damaged([changed(name, "", found=str(error.orig))])
    if kind in _FULL or getattr(error.orig, "sqlstate", None) == DISK_FULL:
        return StoreFull(name, need, 0 if path is None else free_bytes(path))
    state = getattr(error.orig, "sqlstate", None) or ""
    unanswered = isinstance(error, OperationalError) and not state
    is_lost = error.connection_invalidated or unanswered or state[:2] in LOST
    if kind in _DISK:
        fault = _disk(name, str(error.orig))
    elif kind in _BUSY or state in WAITED:
        fault = busy(name)
    elif kind in _CLOSED or state == NOT_ALLOWED:
        fault = read_only(name)
    elif code is None and is_lost:
        fault = _lost(name, str(error.orig))
    else:
        return error
    return InputError([fault])


def require_space(path: Path, need: int) -> None:
    """Refuse to begin what would not fit where a file stands or will stand."""
    free = free_bytes(path)
    if free < need:
        raise StoreFull(path.name, need, free)


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return what stays the same while a file is the same file; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def busy(name: str) -> Fault:
    """Say that another program writes all the time."""
    return fault("store.busy", name)


def read_only(name: str) -> Fault:
    """Say that nothing can be written where a store lies."""
    return fault("store.read_only", name)


def _disk(name: str, found: str) -> Fault:
    """Say that the system failed at reading or writing a file."""
    return fault("store.disk", name, found=found)


def _lost(name: str, found: str) -> Fault:
    """Say that a server went away; of an act that it was just keeping nobody knows but it."""
    return fault("store.lost", name, found=next(iter(found.splitlines()), ""))
