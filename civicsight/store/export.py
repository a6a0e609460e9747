"""A version as a file of its own, for whoever has no use for the rest of a store."""

from __future__ import annotations

import errno
from pathlib import Path

import pandas as pd

from civicsight.core.atomic import free_bytes, written_whole
from civicsight.core.errors import WriteError
from civicsight.store.actors import Act, Actor
from civicsight.store.audit import Head, head
from civicsight.store.database import HEADROOM_BYTES, require_space
from civicsight.store.digest import as_text
from civicsight.store.records import Version
from civicsight.store.refusals import StoreFull
from civicsight.store.store import Store
from civicsight.store.transactions import looking
from civicsight.store.versions import load_version


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
        end = head(connection)
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
        "audit_head": end.hash,
    } | {f"document {name}": as_text(body) for name, body in version.documents.items()}
    return pd.DataFrame({"name": list(rows), "value": list(rows.values())})
