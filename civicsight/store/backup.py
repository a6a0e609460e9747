"""Copies of a store: made while others write, verified, and brought back without losing any."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from civicsight.core.atomic import flush, free_bytes, scratch_beside
from civicsight.core.errors import WriteError
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import Head, append
from civicsight.store.database import HEADROOM_BYTES, require_space
from civicsight.store.dumps import dump, require_tools
from civicsight.store.refusals import Damaged, StoreFull, changed
from civicsight.store.sqlite import connect
from civicsight.store.store import Store, open_store
from civicsight.store.transactions import doing, looking
from civicsight.store.verify import Verified, Watch, proof_of

COMPANIONS: Final = ("-wal", "-shm")
"""The log of a file of SQLite and the index of its log: the file is moved with them only."""


def verify(
    store: Store,
    actor: Actor,
    *,
    expect_head: str = "",
    ends: Iterable[Head] = (),
    watch: Watch | None = None,
) -> Verified:
    """Compare everything in a store with what was written.

    Parameters
    ----------
    store, actor
        What, and for whom.
    expect_head
        Hash printed on an approval or a backup: its entry has to be in the audit. Without one and
        without `ends`, a chain whose end was cut off looks whole.
    ends
        Ends of the audit that were kept outside, as `ends.read_ends` finds them in a file.
    watch
        Told the stage, and how much of it is done.

    Raises
    ------
    Damaged
        If anything differs; all of it is named.
    """
    with looking(store.database, actor, Act.READ) as (connection, _):
        kept = (*ends, *([Head(0, expect_head)] if expect_head else ()))
        return proof_of(connection, store.database, ends=kept, watch=watch)


def backup(store: Store, actor: Actor, folder: str | Path) -> Path:
    """Copy a store to a dated file, and verify the copy.

    Others may go on writing; the copy is one state of the store. The act is in the audit of both.
    Of a database server it is a dump for `pg_restore`, whose rows are read back and verified.

    Raises
    ------
    InputError
        If it lies on a server and `pg_dump` is missing or fails.
    StoreFull
        If there is no space for it.
    """
    path = store.database.path
    if path is None:
        require_tools(store.name)
        target = Path(folder) / f"{store.name}-{_stamp()}.dump"
    else:
        target = Path(folder) / f"{path.stem}-{_stamp()}{path.suffix}"
    with doing(store.database, actor, Act.BACKUP) as connection:
        append(connection, actor, Act.BACKUP, {"file": target.name})
    if path is None:
        dump(store.database, target)
    else:
        copy_file(path, target)
    return target


def restore(copy: str | Path, target: str | Path, actor: Actor) -> Path | None:
    """Put a verified backup in the place of a store.

    What was there is kept beside it under a dated name.

    Returns
    -------
    Path or None
        Where the file that was there is kept.

    Raises
    ------
    Damaged
        If the backup is not what was written; nothing is changed then.
    """
    source, place = Path(copy), Path(target)
    # The right is asked of the backup: of the file to be replaced perhaps nothing can be read.
    with open_store(source) as store, doing(store.database, actor, Act.RESTORE) as connection:
        append(connection, actor, Act.RESTORE, {"file": source.name, "to": place.name})
    with scratch_beside(place, need_bytes=source.stat().st_size) as folder:
        scratch = folder / place.name
        copy_file(source, scratch, asked=place)
        kept = _keep(place)
        scratch.replace(place)
        flush(place.parent)
    return kept


def copy_file(
    source: Path, target: Path, *, proved: bool = True, asked: Path | None = None
) -> None:
    """Copy a database through its own backup, flush the copy, verify it, and give it its name.

    Where it is not to be proved, as one of an earlier format cannot be, its pages are looked at.
    `asked` is what a person asked for, if not `target`.
    """
    need = source.stat().st_size + HEADROOM_BYTES
    require_space(target, need)
    try:
        with scratch_beside(target, asked=asked, need_bytes=need) as folder:
            _copy(source, folder / target.name, proved=proved)
            (folder / target.name).replace(target)
            flush(target.parent)
    except WriteError as error:
        if error.code == errno.ENOSPC:
            raise StoreFull((asked or target).name, need, free_bytes(target)) from error
        raise


def _copy(source: Path, scratch: Path, *, proved: bool) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(scratch)) as new:
        old.backup(new)
    flush(scratch)
    copied = connect(scratch)
    with copied.reading() as connection:
        if proved:
            proof_of(connection, copied)
        elif connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
            raise Damaged([changed(source.name, "")])
    copied.engine.dispose()


def _keep(place: Path) -> Path | None:
    """Give a file that is about to be replaced a second name, and take its log away with it.

    A log that stayed would be replayed into the file that comes.
    """
    if not place.exists():
        return None
    kept = place.with_name(f"{place.stem}-kept-{_stamp()}{place.suffix}")
    os.link(place, kept)
    for companion in COMPANIONS:
        beside = Path(f"{place}{companion}")
        if beside.exists():
            beside.rename(f"{kept}{companion}")
    return kept


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3]
