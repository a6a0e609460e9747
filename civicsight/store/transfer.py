"""A store in another database, and a version as a GeoPackage of its own, verified on both sides.

What a version is bound to is its bytes, and those do not depend on where they lie: the copy has the
digests of the original, down to the end of the audit.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, insert, inspect, select

from civicsight.core.atomic import free_bytes, written_whole
from civicsight.core.errors import WriteError
from civicsight.store import postgis, sqlite
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import Head, append, own_end
from civicsight.store.database import HEADROOM_BYTES, Backend, Database, require_space
from civicsight.store.faults import reject
from civicsight.store.records import Version, as_text
from civicsight.store.refusals import StoreFull
from civicsight.store.store import Store, connect_to, is_server, open_store
from civicsight.store.tables import (
    ATTACHMENT,
    AUDIT,
    DOCUMENT,
    FEATURE,
    METADATA,
    PLAN,
    PLAN_VERSION,
    STORE,
)
from civicsight.store.transactions import doing, looking
from civicsight.store.verify import Verified, Watch, proof_of
from civicsight.store.versions import load_version

ORDER: Final = (STORE, AUDIT, ATTACHMENT, FEATURE, DOCUMENT, PLAN_VERSION, PLAN)
"""A version that is there seals its rows: they come before it, and entries in their order."""

BATCH: Final = 2_000
"""Rows that are in memory at a time."""


def copy_store(
    source: Store, target: str | Path, actor: Actor, *, watch: Watch | None = None
) -> Verified:
    """Copy a store into a file or a database that holds none.

    Everything is copied or nothing. The act is in the audit of both, as that of a backup is.

    Parameters
    ----------
    source
        Others may go on writing into it; the copy is one state of it.
    target
        A file, or a URL of SQLAlchemy.
    actor
        Who copies; the right is that of a backup.
    watch
        Told the stage, and how much of it is done.

    Returns
    -------
    Verified
        What was compared, the same on both sides.

    Raises
    ------
    InputError
        If there is a store or a file already.
    Damaged
        If the source is not what was written; nothing is copied then.
    """
    if is_server(target):
        database = connect_to(target)
        there = postgis.has_store(database)
        database.engine.dispose()
    else:
        there = _path_of(target).exists()
    if there:
        _refuse(target)
    with doing(source.database, actor, Act.BACKUP) as connection:
        append(connection, actor, Act.BACKUP, {"to": _name_of(target)})
    with source.database.reading() as connection:
        given = proof_of(connection, source.database, watch=watch)
        if is_server(target):
            _fill_server(connection, connect_to(target))
        else:
            path = _path_of(target)
            sqlite.create_file(path, lambda new: _copy_rows(connection, new, sqlite.SQLITE))
    with open_store(target) as copied, copied.database.reading() as connection:
        found = proof_of(connection, copied.database, ends=(given.head,), watch=watch)
    if found != given:  # somebody else made a store there meanwhile
        _refuse(target)
    return found


def _fill_server(old: Connection, database: Database) -> None:
    try:
        with database.writing() as new:
            if inspect(new).has_table(STORE.name):
                _refuse(database.name)
            METADATA.create_all(new)
            database.backend.lay_out(new)
            _copy_rows(old, new, database.backend)
    finally:
        database.engine.dispose()


def _copy_rows(old: Connection, new: Connection, backend: Backend) -> None:
    """Copy every row of every table as it is, and show the layers."""
    for table in ORDER:
        query = select(table).order_by(*table.primary_key.columns)
        rows = old.execute(query.execution_options(yield_per=BATCH))
        for some in rows.mappings().partitions():
            values: list[dict[str, Any]] = [dict(row) for row in some]
            new.execute(insert(table), values)
            if table is FEATURE:
                backend.place(new, values)
    backend.show(new)


def _refuse(target: str | Path) -> None:
    reject("store.there", _name_of(target))


def _path_of(target: str | Path) -> Path:
    return Path(str(target).removeprefix("sqlite:///"))


def _name_of(target: str | Path) -> str:
    """Return the last part of a place, which holds no password and no folder."""
    return str(target).rsplit("/", maxsplit=1)[-1].split("?", maxsplit=1)[0]


def export_version(
    store: Store, actor: Actor, plan_id: str, path: str | Path, *, n: int | None = None
) -> Path:
    """Write one version as a GeoPackage of its own, whole or not at all.

    Every layer becomes a table; what it is (plan, version, root, head of the audit) and the
    documents as JSON text are in the table ``about``.

    Raises
    ------
    StoreFull
        If there is no space for it; a file that was there before stays.
    """
    target = Path(path)
    with looking(store.database, actor, Act.EXPORT, plan_id) as (connection, plan):
        version = load_version(connection, store.name, plan_id, n or plan.version)
        end = own_end(connection)
    need = HEADROOM_BYTES + 2 * sum(
        int(frame.memory_usage(deep=True).sum()) for frame in version.layers.values()
    )
    require_space(target, need)
    try:
        with written_whole(target, need_bytes=need) as scratch:
            for name, frame in version.layers.items():
                _write_layer(scratch, name, frame)
            _write_layer(scratch, "about", _about(version, end))
    except (OSError, RuntimeError) as error:
        # GDAL says neither of a full disk nor of anything else by a code of its own.
        full = isinstance(error, WriteError) and error.code == errno.ENOSPC
        if full or free_bytes(target) < need:
            raise StoreFull(target.name, need, free_bytes(target)) from error
        raise
    return target


def _write_layer(path: Path, name: str, frame: pd.DataFrame) -> None:
    import pyogrio

    out = frame.reset_index()
    for column in out.columns:
        if pd.api.types.is_object_dtype(out[column]):
            out[column] = out[column].map(_cell)
    pyogrio.write_dataframe(out, path, layer=name, driver="GPKG", append=path.exists())


def _cell(value: object) -> object:
    return value if value is None or isinstance(value, str) else as_text(value)


def _about(version: Version, end: Head) -> pd.DataFrame:
    told = version.head
    rows = {
        "plan": told.plan_id,
        "version": str(told.n),
        "root": told.digest,
        "author": told.author,
        "created_at": told.created_at,
        "note": told.note,
        "audit": str(end.describe()),
    } | {f"document {name}": as_text(body) for name, body in version.documents.items()}
    return pd.DataFrame({"name": list(rows), "value": list(rows.values())})
