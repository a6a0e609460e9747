"""A store in PostgreSQL with PostGIS: the same tables, bytes and digests, for many machines.

A geometry is kept as the same blob as in a file, so that a version has one digest wherever it lies;
views show it as a geometry of PostGIS, and an index over the expression makes them fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from platform import node
from typing import Final

from sqlalchemy import URL, Connection, create_engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from civicsight.core.errors import Fault
from civicsight.store.actors import system_user
from civicsight.store.audit import CHAIN
from civicsight.store.database import Backend, Database
from civicsight.store.faults import reject
from civicsight.store.geopackage import DECISIONS, Shown, columns_of, current_layers, index_of
from civicsight.store.records import as_text, digest_of
from civicsight.store.refusals import changed
from civicsight.store.tables import CURRENT, FEATURE, IMMUTABLE, METADATA, SEALED, guards

STORE_LOCK, CHAIN_LOCK, PLAN_LOCKS, NUMBER_LOCK = 7_314_007, 7_314_008, 7_314_009, 7_314_010
"""Numbers of the locks of writers, in the order in which they are taken.

Who writes to one plan shares the lock of the store with the others and alone holds that of the
plan; who writes to the whole store waits for all of them. The lock of the audit is taken last,
with the first entry, so that nobody waits for what somebody else has still to write.
"""

WAIT: Final = "30s"
"""How long a writer waits for another one."""

NAME_BYTES: Final = 63
"""Longest name of a connection."""

SHAPE: Final = (
    "ST_GeomFromWKB(substr(geom, CASE (get_byte(geom, 3) >> 1) & 7 WHEN 1 THEN 41 ELSE 9 END))"
)
"""The geometry in a blob: its WKB begins after 8 bytes, or after those and an envelope of 32."""

SNAPSHOT: Final = "REPEATABLE READ"

CASTS: Final = {"float": "double precision", "int": "bigint", "bool": "boolean"}

GUARDED: Final = tuple(table.name for table in IMMUTABLE)

GUARDS: Final = guards("postgresql")

_TEXTS: Final = ("at", "actor", "role", "district", "action", "plan_id")

_HASH: Final = (
    "encode(sha256(convert_to((SELECT string_agg(CASE WHEN ascii(c) BETWEEN 32 AND 126 THEN c "  # noqa: S608 - own words
    r"WHEN ascii(c) < 65536 THEN '\u' || lpad(to_hex(ascii(c)), 4, '0') "
    r"ELSE '\u' || to_hex(55232 + ascii(c) / 1024) || '\u' || to_hex(56320 + ascii(c) % 1024) "
    "END, '' ORDER BY n) FROM regexp_split_to_table('[' || concat_ws(',', NEW.seq, "
    + ", ".join(f"to_json(NEW.{name})" for name in _TEXTS)
    + ", coalesce(NEW.rev::text, 'null'), to_json(NEW.body), to_json(NEW.prev), 'null') || ']', "
    "'') WITH ORDINALITY AS line(c, n)), 'UTF8')), 'hex')"
)
"""What `records.digest_of` makes of an entry: JSON in ASCII, with pairs beyond the first plane."""

PROMISES: Final = (
    ("audit_hashed", "INSERT ON audit", f"NEW.hash <> {_HASH}"),
    (
        "audit_kept",
        "INSERT ON audit",
        (
            "json_typeof(NEW.body::json) <> 'object' OR NEW.rev IS NOT NULL AND ("
            "NOT EXISTS (SELECT 1 FROM plan p WHERE p.plan_id = NEW.plan_id AND p.rev >= NEW.rev) "
            "OR NEW.action = 'commit' AND NOT EXISTS (SELECT 1 FROM plan_version v "
            "WHERE v.plan_id = NEW.plan_id AND v.rev = NEW.rev "
            "AND v.n = (NEW.body::json -> 'plan' ->> 'version')::int)) "
            "OR NEW.action = 'migrate' AND (NEW.body::json ->> 'to')::int <> "
            "(SELECT format FROM store) AND NOT EXISTS (SELECT 1 FROM audit a "
            "WHERE a.action = 'migrate' AND a.seq > NEW.seq) "
            "OR NEW.action IN ('answer', 'approve', 'opinion') AND EXISTS (SELECT 1 "
            "FROM json_array_elements(NEW.body::json -> 'files') f WHERE NOT EXISTS ("
            "SELECT 1 FROM attachment k WHERE k.sha256 = f ->> 'sha256'))"
        ),
    ),
    (
        "plan_version_told",
        "INSERT ON plan_version",
        (
            "NOT EXISTS (SELECT 1 FROM audit a WHERE a.plan_id = NEW.plan_id AND a.rev = NEW.rev "
            "AND a.action = 'commit' AND (a.body::json -> 'plan' ->> 'version')::int = NEW.n "
            "AND a.body::json -> 'plan' ->> 'digest' = NEW.digest)"
        ),
    ),
    *(
        (
            f"{table}_owned",
            f"INSERT ON {table}",
            (
                "NOT EXISTS (SELECT 1 FROM plan_version v "
                "WHERE v.plan_id = NEW.plan_id AND v.n = NEW.version)"
            ),
        )
        for table in ("feature", "document")
    ),
    (
        "attachment_named",
        "INSERT ON attachment",
        (
            "NEW.sha256 <> encode(sha256(NEW.body), 'hex') OR NOT EXISTS (SELECT 1 FROM audit a "
            "WHERE a.action IN ('answer', 'approve', 'opinion') "
            "AND position(NEW.sha256 IN a.body) > 0)"
        ),
    ),
)
"""Name of a trigger, after what it fires, and what the end of the transaction refuses.

Whoever has the role of the app may add rows; only whole acts are kept: an entry of the audit with
what it tells, and nothing that no entry tells. A file cannot ask so late; who writes to a file owns
its triggers.
"""


def connect(url: URL) -> Database:
    """Open a database.

    Raises
    ------
    InputError
        If the driver is not installed or the server does not answer.
    """
    if find_spec("psycopg") is None:
        reject("store.driver", url.host or "")
    # What is read in one transaction has to be one state of the store, as it is in a file.
    user = system_user().encode("ascii", "replace").decode()
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level=SNAPSHOT,
        pool_pre_ping=True,  # a server that was started anew meanwhile is no fault
        connect_args={
            "options": f"-c lock_timeout={WAIT}",
            "fallback_application_name": f"civicsight {user}@{node()}"[:NAME_BYTES],
        },
    )
    return Database(engine, POSTGIS, url.database or "")


def has_store(database: Database) -> bool:
    """Tell whether a database holds a store already.

    Raises
    ------
    InputError
        If the server does not answer.
    """
    try:
        with database.engine.connect() as connection:
            return inspect(connection).has_table("store")
    except DBAPIError as error:
        text = str(error.orig).splitlines()[0] if str(error.orig) else ""
        reject("store.server:silent", database.name, found=text)


def _lay_out(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
    _guard(connection)
    connection.exec_driver_sql(f"CREATE INDEX feature_place ON feature USING gist (({SHAPE}))")


def path_of(connection: Connection) -> str:
    """Return where functions of a store look names up: as here, temporary tables last.

    A table of somebody's own, temporary and of the same name, is not to be asked instead.
    """
    found = connection.exec_driver_sql("SELECT unnest(current_schemas(false))").scalars()
    return ", ".join([*map(quoted, map(str, found)), "pg_temp"])


def quoted(name: str) -> str:
    """Return a name as SQL spells it."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def _guard(connection: Connection) -> None:
    path = path_of(connection)
    for name, event, condition in (*GUARDS, *PROMISES):
        late = (name, event, condition) in PROMISES
        kind, when = ("CONSTRAINT TRIGGER", "AFTER") if late else ("TRIGGER", "BEFORE")
        connection.exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {path} "
            "AS $$ BEGIN "
            f"IF {condition.replace('%', '%%') or 'TRUE'} THEN RAISE EXCEPTION '{SEALED}'; END IF; "
            "RETURN COALESCE(NEW, OLD); END $$"
        )
        connection.exec_driver_sql(
            f"CREATE {kind} {name} {when} {event} {'DEFERRABLE INITIALLY DEFERRED ' * late}"
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    for table in (*GUARDED, "plan"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "EXECUTE FUNCTION plan_no_delete()"
        )


def _unseal(connection: Connection) -> None:
    for view in marks(connection):
        connection.exec_driver_sql(f'DROP VIEW "{view}"')
    found = _triggers(connection)
    for name, table, _, _, _ in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')
    for function in sorted({row[3] for row in found}):
        connection.exec_driver_sql(f'DROP FUNCTION "{function}"()')


def _reseal(connection: Connection) -> None:
    METADATA.create_all(connection)
    _guard(connection)


def _layout(connection: Connection) -> str:
    return digest_of(sorted([*map(str, row)] for row in _triggers(connection)))


def _lock(connection: Connection, plan_id: str | None) -> None:
    if plan_id is None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({STORE_LOCK})")
        return
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({STORE_LOCK})")
    connection.exec_driver_sql(
        f"SELECT pg_advisory_xact_lock({PLAN_LOCKS}, hashtext(%s))", (plan_id,)
    )


def _lock_chain(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")


def _number(connection: Connection, count: int) -> list[int]:
    """Take numbers from the sequence of the table, which stores of before never used."""
    draw = "SELECT nextval(pg_get_serial_sequence('feature', 'fid')) FROM generate_series(1, %s)"
    found = connection.exec_driver_sql(draw, (count,)).scalars().all()
    highest = select(func.coalesce(func.max(FEATURE.c.fid), 0))
    if not found or found[0] > connection.execute(highest).scalar_one():
        return list(found)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({NUMBER_LOCK})")
    connection.exec_driver_sql(
        "SELECT setval(pg_get_serial_sequence('feature', 'fid'), greatest("
        "nextval(pg_get_serial_sequence('feature', 'fid')), (SELECT max(fid) FROM feature)))"
    )
    return list(connection.exec_driver_sql(draw, (count,)).scalars().all())


def _nothing_more(_connection: Connection, _features: object) -> None:
    """Leave it to the server, whose index over the expression follows by itself."""


def _show(connection: Connection) -> None:
    layers = current_layers(connection)
    wanted, found = _wanted_views(layers), marks(connection)
    owned = not has_helpers(connection)
    for name in found.keys() - wanted.keys():
        if owned:
            connection.exec_driver_sql(f'DROP VIEW "{name}"')
        else:
            connection.exec_driver_sql("SELECT store_hide(%s)", (name,))
    for name, statement in wanted.items():
        if name in found and found[name] == _mark(connection, name, statement):
            continue
        if owned or name not in layers:
            connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')
            connection.exec_driver_sql(f'CREATE VIEW "{name}" AS {statement}')
            mark = _mark(connection, name, statement)
            connection.exec_driver_sql(f"COMMENT ON VIEW \"{name}\" IS '{mark}'")
        else:
            _let_show(connection, name, layers[name], statement)


def _let_show(connection: Connection, name: str, shown: Shown, statement: str) -> None:
    """Have the owner make a view, which a role that owns nothing cannot."""
    columns = [[column, CASTS.get(kind, "text")] for column, kind in columns_of(shown)]
    told = (name, index_of(shown), shown.srs_id, as_text(columns))
    connection.exec_driver_sql("SELECT store_show(%s, %s, %s, %s)", told)
    mark = _mark(connection, name, statement)
    connection.exec_driver_sql("SELECT store_mark(%s, %s)", (name, mark))


def has_helpers(connection: Connection) -> bool:
    """Tell whether views are made by the owner of the store; see `store.server_roles`."""
    found = "SELECT to_regprocedure('store_show(text, text, integer, text)') IS NOT NULL"
    return bool(connection.exec_driver_sql(found).scalar())


def _mark(connection: Connection, name: str, statement: str) -> str | None:
    """Return the digest of a view as it was asked for and as the server keeps it."""
    kept = connection.exec_driver_sql(
        "SELECT definition FROM pg_views WHERE schemaname = current_schema() AND viewname = %s",
        (name,),
    ).scalar()
    return None if kept is None else f"civicsight {digest_of([statement, kept])}"


def marks(connection: Connection) -> dict[str, str]:
    """Return the comments of all views that were made here."""
    rows = connection.exec_driver_sql(
        "SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c "
        "WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace"
    )
    return {name: mark for name, mark in rows if (mark or "").startswith("civicsight ")}


def _wanted_views(layers: Mapping[str, Shown]) -> dict[str, str]:
    views = {name: view_of(name, shown) for name, shown in layers.items()}
    for name, (action, keys) in DECISIONS.items():
        columns = ", ".join(f"body::json ->> '{key}' AS {key}" for key in keys)
        views[name] = (
            f"SELECT seq AS fid, plan_id, at, actor, {columns}, hash FROM audit "  # noqa: S608 - words of this module
            f"WHERE action = '{action}' AND body::json ->> 'refused' IS NULL"
        )
    views["plans"] = (
        "SELECT row_number() OVER (ORDER BY plan_id) AS fid, plan_id, name, author, district, "
        "state, rev, version, digest FROM plan"
    )
    return views


def view_of(name: str, shown: Shown) -> str:
    """Write the query of a layer; its name and columns hold nothing that SQL knows."""
    columns = ["f.fid AS fid", f'f.feature_id AS "{index_of(shown)}"']
    if shown.srs_id is not None:
        shape = f"ST_SetSRID({SHAPE}, {shown.srs_id})::geometry(Geometry, {shown.srs_id})"
        columns.insert(1, f"{shape} AS geom")
    columns += [
        f"(f.properties::json ->> '{column}')::{CASTS.get(kind, 'text')} AS \"{column}\""
        for column, kind in columns_of(shown)
    ]
    columns += ["p.plan_id AS plan_id", "p.name AS plan_name", "p.state AS plan_state"]
    columns.append("p.version AS plan_version")
    return (
        f"SELECT {', '.join(columns)} FROM feature f "  # noqa: S608 - see above
        f"JOIN plan p ON p.plan_id = f.plan_id WHERE f.layer = '{name}' AND {CURRENT}"
    )


def _sound(connection: Connection, file: str) -> list[Fault]:
    """Name every trigger that is missing, switched off, or calls something else."""
    found = {(name, table): (on, code) for name, table, on, _, code in _triggers(connection)}
    wanted = {
        (name, event.split()[-1]): condition or "TRUE"
        for name, event, condition in (*GUARDS, *PROMISES)
    }
    wanted |= {(f"{table}_no_truncate", table): "TRUE" for table in (*GUARDED, "plan")}
    wrong = {
        name
        for (name, table), condition in wanted.items()
        if not _guards(found.get((name, table)), condition)
    }
    wrong |= {name for name, _ in found.keys() - wanted.keys()}
    return [changed(file, f"trigger {name}") for name in sorted(wrong)]


def _triggers(connection: Connection) -> list[tuple[str, str, str, str, str]]:
    """Return name, table, state, function and its text of every trigger on a table of a store."""
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, c.relname, t.tgenabled, p.proname, p.prosrc FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
    )
    tables = {*GUARDED, "plan"}
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows if row[1] in tables]


def _guards(trigger: tuple[str, str] | None, condition: str) -> bool:
    if trigger is None:
        return False
    on, source = trigger
    return on == "O" and source.strip().startswith(f"BEGIN IF {condition} THEN RAISE EXCEPTION")


def _shown_faults(connection: Connection, file: str) -> list[Fault]:
    found = marks(connection)
    return [
        changed(file, f"view {name}")
        for name, statement in sorted(_wanted_views(current_layers(connection)).items())
        if name not in found or found[name] != _mark(connection, name, statement)
    ]


def _no_faults(_connection: Connection, _file: str) -> list[Fault]:
    """Find nothing: the server keeps its index by itself."""
    return []


POSTGIS: Final = Backend(
    {"isolation_level": "READ COMMITTED", CHAIN: _lock_chain},
    _lock,
    _number,
    _lay_out,
    _nothing_more,
    _show,
    _sound,
    _shown_faults,
    _no_faults,
    _unseal,
    _reseal,
    _layout,
)
