"""The store itself: open it, begin a plan, commit and read versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self
from uuid import uuid4

import pandas as pd
from pyproj import CRS
from sqlalchemy import Connection, insert, inspect, make_url
from sqlalchemy.exc import ArgumentError

from civicsight.model import format_versions
from civicsight.store import postgis, sqlite
from civicsight.store.actors import Act, Actor, Role, State
from civicsight.store.audit import (
    BEGIN,
    Entry,
    Head,
    append,
    entries,
    entry_times,
    lock_chain,
    now,
    own_end,
)
from civicsight.store.database import Backend, Database
from civicsight.store.faults import reject
from civicsight.store.frames import PackedLayer, pack_document, pack_layer
from civicsight.store.layouts import for_reading, require_known
from civicsight.store.records import Plan, Version, VersionHead
from civicsight.store.tables import AUDIT, METADATA, STORE
from civicsight.store.transactions import Transaction, doing, finish, looking, moving
from civicsight.store.verify import refuse_damage
from civicsight.store.versions import (
    ROW,
    TAKEN,
    described,
    known_crs,
    load_heads,
    load_plan,
    load_version,
    plan_ids,
    save_plan,
    save_version,
)

SYSTEM: Final = Actor("civicsight", Role.ADMIN)
"""Who begins a store."""

WRITTEN_TIMES: Final = 3
"""A row is written to the log, to its table and, in part, to an index."""


def open_store(place: str | Path, *, create: bool = False) -> Store:
    """Open a store and compare what it holds with what was written.

    One of an earlier format is opened for reading: the file stays as it is.

    Parameters
    ----------
    place
        A file, or a URL of SQLAlchemy such as ``sqlite:///plans.gpkg``.
    create
        Whether to make the file if it is not there.

    Raises
    ------
    InputError
        If there is no store, it was written by a later version, or it lies on a network share.
    Damaged
        If another program wrote into it or the disk lost something; layer and row are named.
    """
    store = Store(_connect(place, create=create))
    try:
        with store.database.reading() as connection:
            number, steps = require_known(connection, store.name)
        if steps:
            earlier = store.database
            store = Store(for_reading(earlier, number, steps))
            if store.database.engine is not earlier.engine:
                earlier.engine.dispose()
        with store.database.reading() as connection:
            refuse_damage(connection, store.database)
    except BaseException:
        store.close()
        raise
    return store


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; close it, or use it in a ``with`` statement."""

    database: Database

    @property
    def name(self) -> str:
        """Name of the file in messages."""
        return self.database.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; the last one brings everything into the file itself."""
        self.database.engine.dispose()

    def new_plan(
        self,
        actor: Actor,
        plan_id: str,
        *,
        name: str,
        district: str = "",
        departments: tuple[str, ...] = (),
    ) -> Plan:
        """Begin a plan without any version.

        Parameters
        ----------
        actor
            Who begins it; it is his own from then on.
        plan_id, name
            Its id, and what people call it.
        district
            The county that it is for; empty for the whole city.
        departments
            Departments whose opinions have to be there before it is submitted.
        """
        plan = Plan(plan_id, name, actor.name, district, departments, State.DRAFT, 1, 0, "")
        with doing(self.database, actor, Act.CREATE, plan) as connection:
            if plan_id in plan_ids(connection, self.name) or not plan_id.strip():
                reject("store.plan_exists", self.name, plan_id)
            body = {"plan": described(plan)}
            append(connection, actor, Act.CREATE, body, plan_id=plan_id, rev=plan.rev)
            save_plan(connection, plan, 0)
        return plan

    def commit_version(
        self,
        actor: Actor,
        plan_id: str,
        *,
        base_rev: int,
        layers: Mapping[str, pd.DataFrame | PackedLayer],
        documents: Mapping[str, Any] | None = None,
        inputs: Mapping[str, str] | None = None,
        note: str = "",
        taken: Mapping[str, Any] | None = None,
    ) -> Plan:
        """Add a version; the plan becomes a draft.

        Parameters
        ----------
        actor, plan_id
            Who commits to which plan.
        base_rev
            Revision of the plan that the version was made from.
        layers
            Tables by name, or as `frames.pack_layer` makes them; all with a place share one CRS.
        documents
            What JSON can hold, by name.
        inputs
            Digests of what the version was computed from, by name; see `stale_inputs`.
        note
            What is new.
        taken
            What the audit keeps of a package that the version was taken from.

        Raises
        ------
        Conflict
            If somebody changed the plan since `base_rev`.
        StoreFull
            If there is no space for it.
        """
        packed = {
            name: layer if isinstance(layer, PackedLayer) else pack_layer(name, layer)
            for name, layer in sorted(layers.items())
        }
        texts = {name: pack_document(name, value) for name, value in (documents or {}).items()}
        need = WRITTEN_TIMES * _size(packed, texts)
        fresh = VersionHead(
            plan_id, 0, 0, "", actor.name, now(), note, dict(inputs or {}), digest=""
        )
        act = moving(self.database, actor, Act.COMMIT, plan_id, base_rev, need_bytes=need)
        with act as deed:
            return self._add(deed, fresh, packed, texts, taken)

    def read_version(self, actor: Actor, plan_id: str, n: int | None = None) -> Version:
        """Return a version, the latest by default, compared with its digest.

        Raises
        ------
        Damaged
            If it is not what was written; layer and row are named.
        """
        with looking(self.database, actor, Act.READ, plan_id) as (connection, plan):
            return load_version(connection, self.name, plan_id, plan.version if n is None else n)

    def plan(self, actor: Actor, plan_id: str) -> Plan:
        """Return a plan as it stands."""
        with looking(self.database, actor, Act.READ, plan_id) as (_, plan):
            return plan

    def list_plans(self, actor: Actor) -> list[Plan]:
        """Return the plans that are open to somebody, by id."""
        with looking(self.database, actor, Act.READ) as (connection, _):
            plans = [load_plan(connection, self.name, i) for i in plan_ids(connection, self.name)]
        return [plan for plan in plans if actor.is_at_home(plan.district)]

    def list_versions(self, actor: Actor, plan_id: str) -> list[VersionHead]:
        """Return what is known of all versions of a plan, oldest first."""
        with looking(self.database, actor, Act.READ, plan_id) as (connection, _):
            return load_heads(connection, self.name, plan_id)

    def history(self, actor: Actor, plan_id: str | None = None) -> list[Entry]:
        """Return the audit of a plan, or of the whole store to those who may audit it."""
        act = Act.AUDIT if plan_id is None else Act.READ
        with looking(self.database, actor, act, plan_id) as (connection, _):
            conditions = () if plan_id is None else (AUDIT.c.plan_id == plan_id,)
            return list(entries(connection, self.name, *conditions))

    def times(self, actor: Actor, plan_id: str | None = None) -> list[tuple[int, str]]:
        """Return number and time of every entry of the audit to those who may read the plan."""
        with looking(self.database, actor, Act.READ, plan_id) as (connection, _):
            return entry_times(connection)

    def end(self, actor: Actor) -> Head:
        """Return the end of the audit, with the id of the store, to be kept outside of it."""
        with looking(self.database, actor, Act.READ) as (connection, _):
            return own_end(connection)

    def _add(
        self,
        deed: Transaction,
        fresh: VersionHead,
        packed: Mapping[str, PackedLayer],
        texts: Mapping[str, str],
        taken: Mapping[str, Any] | None,
    ) -> Plan:
        """Write a version after the latest one."""
        before, connection = deed.before, deed.connection
        head = replace(fresh, n=before.version + 1, rev=before.rev + 1, parent=before.digest)
        head, bound = save_version(connection, self.database, head, packed, texts)
        lock_chain(connection)  # two first versions could bring two CRS
        self._require_one_crs(connection, packed)
        said = {ROW: bound} | ({TAKEN: dict(taken)} if taken else {})
        after = finish(deed, said, version=head.n, digest=head.digest)
        self.database.backend.show(connection)
        return after

    def _require_one_crs(self, connection: Connection, packed: Mapping[str, PackedLayer]) -> None:
        """Refuse layers in another CRS than that of the plans already here."""
        given = {name: layer.about["crs"] for name, layer in packed.items() if "crs" in layer.about}
        one = next(iter([*known_crs(connection, self.name), *given.values()]), "")
        wrong = [name for name, crs in given.items() if crs != one and CRS(crs) != CRS(one)]
        if wrong:
            reject("store.crs:other", self.name, wrong[0])


def _connect(place: str | Path, *, create: bool) -> Database:
    """Open a file or a server, and begin a store where there is none and one is asked for."""
    text = str(place)
    if is_server(place):
        database = connect_to(place)
        there = postgis.has_store(database)
        if create and not there:
            _begin_on_server(database)
        return database
    name = text.removeprefix("sqlite:///")
    if "://" in name:
        _refuse_url(text.split("://", maxsplit=1)[0])
    path = Path(name)
    if create and not path.exists():
        sqlite.create_file(path, lambda connection: _begin(connection, sqlite.SQLITE))
    return sqlite.connect(path)


def _refuse_url(scheme: str) -> NoReturn:
    reject("store.url", scheme)


def is_server(place: str | Path) -> bool:
    """Tell whether a place is a database server, not a file."""
    return str(place).startswith("postgresql")


def connect_to(url: str | Path) -> Database:
    """Open a database of a server, whether it holds a store or not."""
    try:
        return postgis.connect(make_url(str(url)))
    except (ArgumentError, ValueError):
        _refuse_url("postgresql")  # no more of it, for it may hold a password


def _begin_on_server(database: Database) -> None:
    with database.writing() as connection:
        if inspect(connection).has_table(STORE.name):
            return  # somebody else was faster
        METADATA.create_all(connection)
        database.backend.lay_out(connection)
        _begin(connection, database.backend)


def _begin(connection: Connection, backend: Backend) -> None:
    at = now()
    row = {
        "format": format_versions.FORMATS[format_versions.STORE].number,
        "store_id": uuid4().hex,
        "created_at": at,
    }
    connection.execute(insert(STORE), row)
    append(connection, SYSTEM, BEGIN, row, at=at)
    backend.show(connection)


def _size(layers: Mapping[str, PackedLayer], documents: Mapping[str, str]) -> int:
    """Return about how many bytes the rows of a version have."""
    rows = [row for layer in layers.values() for row in layer.rows]
    texts = [row.properties for row in rows] + list(documents.values())
    blobs = sum(len(row.geom or b"") + 200 for row in rows)  # keys, digests and index beside it
    return blobs + sum(len(text.encode()) for text in texts)
