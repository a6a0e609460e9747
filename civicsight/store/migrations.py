"""Files of earlier formats brought up to date: what they are, what it takes, and a backup first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn

from civicsight.core.atomic import written_whole
from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, MismatchError
from civicsight.io.apart.reading import read_apart
from civicsight.io.project_layers import bring_up, keep_before, steps_of
from civicsight.io.project_row import PROJECT_LAYER
from civicsight.io.signatures import SQLITE
from civicsight.io.vectors.files import head_of
from civicsight.model.format_versions import (
    FORMATS,
    PLAN,
    PROJECT,
    STORE,
    Format,
    Step,
    own_version,
    path_before,
    steps_from,
)
from civicsight.planning.record.documents import PLAN_FILE
from civicsight.store import sqlite
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import append, head
from civicsight.store.backup import copy_file
from civicsight.store.database import Database
from civicsight.store.faults import reject
from civicsight.store.layouts import bring_up_store, require_known, require_layout
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
    InputError
        If it is no store, of a later format, or on a server that nobody backed up.
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
            reject("store.server:backup", database.name)
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
            bring_up_store(connection, database, steps, state=True)
            told = {"from": number, "to": FORMATS[STORE].number, "civicsight": own_version()}
            append(connection, actor, Act.MIGRATE, told | ({"backup": kept.name} if kept else {}))
            database.backend.show(connection)
            proof_of(connection, database, ends=(end,))
    except BaseException:
        if kept is not None:
            kept.unlink(missing_ok=True)  # of what was not changed nobody needs a backup
        raise
    return kept


def _open(place: str | Path) -> Database:
    if is_server(place):
        return connect_to(place)
    return sqlite.connect(Path(str(place).removeprefix("sqlite:///")))


MARKS: Final = {PROJECT_LAYER: PROJECT, "store": STORE}
"""Format by the table that only files of it have."""


@dataclass(frozen=True, slots=True)
class Migration:
    """What a file is, and what brings or brought it up to date.

    Parameters
    ----------
    known
        Its format.
    found
        The number that it states.
    steps
        What leads to today's number; nothing where it has it.
    backup
        The file as it was before; None where nothing was changed, or on a server.
    """

    known: Format
    found: int
    steps: tuple[Step, ...]
    backup: Path | None = None

    @property
    def rewrites(self) -> bool:
        """Whether the file itself is changed; what a digest binds never is."""
        return bool(self.steps) and self.known.name in MARKS.values()


def look(place: str | Path) -> Migration:
    """Return what a file is, and what would bring it up to date; nothing is changed.

    Parameters
    ----------
    place
        A project, a file of plans, the URL of a database with plans, or the folder of a plan.

    Raises
    ------
    InputError
        If it is none of them, or of a later format.
    """
    if is_server(place):
        return Migration(FORMATS[STORE], *look_at_store(place))
    path = Path(place)
    if (path / PLAN_FILE).is_file():
        file = path / PLAN_FILE
        try:
            text = load_json(file.read_bytes())
        except ValueError:
            _refuse(file.name)
        found = text.get("format") if isinstance(text, dict) else None
        steps = steps_from(PLAN, found, file.name)
        return Migration(FORMATS[PLAN], int(str(found)), steps)
    # The format of a file by its tables, and what a project says of its own.
    if not path.is_file() or not head_of(path).startswith(SQLITE):
        _refuse(path.name)
    names, row = read_apart("marks", path, tuple(MARKS))
    found = [name for table, name in MARKS.items() if table in names]
    name, row = (found[0], row) if len(found) == 1 else _refuse(path.name)
    if name == STORE:
        return Migration(FORMATS[STORE], *look_at_store(path))
    steps = steps_of(row, path.name)
    return Migration(FORMATS[PROJECT], int(str(row["format"])), steps)


def migrate(place: str | Path, actor: Actor | None = None, *, backed_up: bool = False) -> Migration:
    """Bring a file up to date, after a backup; one that is stays untouched.

    Parameters
    ----------
    place
        As of `look`.
    actor
        Who does it; a file of plans asks for the right and keeps the name.
    backed_up
        Whether somebody backed a database server up with its own tools.

    Raises
    ------
    MismatchError
        If plans are to be brought up to date and nobody is said to do it.
    Denied, Damaged, StoreFull
        As `migrate_store`.
    InputError
        If it is of no format or a later one, cannot be read, or is not sound afterwards; it is as
        it was then.
    """
    seen = look(place)
    if not seen.rewrites:
        return seen
    if seen.known.name == PROJECT:
        return replace(seen, backup=_migrate_project(Path(place), seen.steps))
    if actor is None:
        raise MismatchError(N_("say who brings the plans up to date: --as NAME"))
    return replace(seen, backup=migrate_store(place, actor, backed_up=backed_up))


def _migrate_project(file: Path, steps: tuple[Step, ...]) -> Path | None:
    """Write a project beside its place as it is today, read it, and put it in place.

    It is read apart before a step runs here, and what the steps made of it after that.
    """
    read_apart("project", file)
    kept, before = keep_before(file), file.stat().st_ino
    try:
        with written_whole(file) as scratch:
            bring_up(file, scratch, steps)
            read_apart("project", scratch)
    except BaseException:
        if kept is not None and file.stat().st_ino == before:
            kept.unlink(missing_ok=True)  # of what was not changed nobody needs a backup
        raise
    return kept


def _refuse(file: str) -> NoReturn:
    reject("formats.unknown", file)
