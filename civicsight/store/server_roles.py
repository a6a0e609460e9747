"""Two roles of a database server: an owner who changes tables, and a user who owns nothing.

Triggers refuse whoever changes what was kept, but the owner of a table can switch them off. The
role by which planners and the app connect is another one: it reads, adds rows, and takes a plan on
by a step. What it could not do as such, to show a new layer as a view, a function of the owner does
for it out of names and kinds of columns, never out of SQL.

References
----------
PostgreSQL, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError

from civicsight.store.database import NOT_ALLOWED, Database, explained
from civicsight.store.faults import reject
from civicsight.store.geopackage import DECISIONS
from civicsight.store.postgis import GUARDS, PROMISES, SHAPE, connect, marks, path_of, quoted
from civicsight.store.store import open_store
from civicsight.store.tables import CURRENT, METADATA, PLAN, STEPPED, STORE

OWNER: Final = "civicsight_owner"
USER: Final = "civicsight"

FIXED: Final = ("plans", *DECISIONS)
"""Views that every store has, which the owner makes once."""

IN_AN_ACT: Final = """
  IF NOT EXISTS (SELECT 1 FROM audit WHERE action = 'commit' AND seq = (SELECT max(seq) FROM audit)
     AND xmin::text::bigint = txid_current() % 4294967296) THEN
    RAISE EXCEPTION 'civicsight: layers change with a version'; END IF;"""
"""Views follow from versions: a transaction that commits none has none to change."""

HELPERS: Final = {
    "store_show(layer text, index_name text, srid integer, columns text)": f"""
DECLARE query text;
BEGIN{IN_AN_ACT}
  IF layer = ANY (ARRAY{list(FIXED)}) THEN RAISE EXCEPTION 'civicsight: no layer'; END IF;
  SELECT 'SELECT f.fid AS fid, '
    || CASE WHEN srid IS NULL THEN '' ELSE format(
         'ST_SetSRID(%s, %s)::geometry(Geometry, %s) AS geom, ', $shape${SHAPE}$shape$, srid, srid)
       END
    || format('f.feature_id AS %I, ', index_name)
    || coalesce(string_agg(format('(f.properties::json ->> %L)::%s AS %I', one ->> 0,
         CASE one ->> 1 WHEN 'double precision' THEN 'double precision' WHEN 'bigint' THEN 'bigint'
         WHEN 'boolean' THEN 'boolean' ELSE 'text' END, one ->> 0) || ', ', '' ORDER BY n), '')
    || 'p.plan_id AS plan_id, p.name AS plan_name, p.state AS plan_state, '
    || 'p.version AS plan_version FROM feature f '
    || 'JOIN plan p ON p.plan_id = f.plan_id '
    || format('WHERE f.layer = %L AND ', layer) || $current${CURRENT}$current$
  INTO query FROM json_array_elements(columns::json) WITH ORDINALITY AS told(one, n);
  EXECUTE format('DROP VIEW IF EXISTS %I', layer);
  EXECUTE format('CREATE VIEW %I AS %s', layer, query);
  EXECUTE format('COMMENT ON VIEW %I IS %L', layer, 'civicsight ');
END""",  # noqa: S608 - own words, and what `format` quotes
    "store_mark(layer text, mark text)": f"""
BEGIN{IN_AN_ACT}
  IF layer = ANY (ARRAY{list(FIXED)}) OR mark !~ '^civicsight [0-9a-f]{{64}}$' THEN
    RAISE EXCEPTION 'civicsight: no mark'; END IF;
  EXECUTE format('COMMENT ON VIEW %I IS %L', layer, mark);
END""",
    "store_hide(layer text)": f"""
BEGIN{IN_AN_ACT}
  IF layer = ANY (ARRAY{list(FIXED)}) OR coalesce(obj_description(to_regclass(quote_ident(layer)),
     'pg_class'), '') NOT LIKE 'civicsight %' THEN RAISE EXCEPTION 'civicsight: no layer'; END IF;
  EXECUTE format('DROP VIEW %I', layer);
END""",
}
"""What the owner does for the user: name with arguments, and text of each function."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The two roles of a store, and which of them were made now.

    Parameters
    ----------
    owner, user
        Their names.
    made
        Those that were not there before; they have no password yet.
    url
        Address for planners and the app: that of the store with the user, without a password.
    """

    owner: str
    user: str
    made: tuple[str, ...]
    url: str


def init_store(url: str, *, owner: str = OWNER, user: str = USER) -> Roles:
    """Begin a store on a server, or take the one that is there, and give it an owner and a user.

    It may be repeated: what is there already stays, and rights that were added by hand are taken
    from the user again.

    Parameters
    ----------
    url
        The database, with a role that may create roles and extensions, as the administrator of the
        server has it; it is asked for once and never kept.
    owner, user
        Names of the two roles, which are made if they are missing.

    Raises
    ------
    InputError
        If the roles are one, the user could become the owner, or whoever connects may not do it.
    """
    address = make_url(url)
    open_store(url, create=True).close()
    database = connect(address)
    try:
        with database.engine.connect() as plain:
            connection = plain.execution_options(**database.backend.write_options)
            with connection.begin():
                database.backend.lock(connection, None)
                made = tuple(role for role in (owner, user) if _make_role(connection, role))
                _require_apart(connection, database, owner, user)
                _hand_over(connection, owner)
                _help(connection, owner, user)
                _grant(connection, owner, user)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == NOT_ALLOWED:
            reject("store.roles:right", database.name, found=str(error.orig).splitlines()[0])
        raise explained(error, database.name, 0, None) from error
    finally:
        database.engine.dispose()
    plain_url = address.set(drivername="postgresql", username=user, password=None)
    return Roles(owner, user, made, plain_url.render_as_string())


def _make_role(connection: Connection, role: str) -> bool:
    found = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    if found.scalar():
        return False
    connection.exec_driver_sql(f"CREATE ROLE {quoted(role)} LOGIN")
    return True


def _require_apart(connection: Connection, database: Database, owner: str, user: str) -> None:
    """Refuse a user who is the owner, could become it, or stands above all rights."""
    asked = "SELECT rolsuper OR pg_has_role(rolname, %s, 'MEMBER') FROM pg_roles WHERE rolname = %s"
    if connection.exec_driver_sql(asked, (owner, user)).scalar():
        reject("store.roles:user", database.name, field="user", found=user)


def _hand_over(connection: Connection, owner: str) -> None:
    """Make one role the owner of everything that belongs to a store."""
    to, schema = quoted(owner), _schema(connection)
    connection.exec_driver_sql(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {to}")
    for table in METADATA.sorted_tables:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} OWNER TO {to}")
    for view in marks(connection):
        connection.exec_driver_sql(f'ALTER VIEW "{view}" OWNER TO {to}')
    for name, _, _ in (*GUARDS, *PROMISES):
        connection.exec_driver_sql(f"ALTER FUNCTION {name}() OWNER TO {to}")


def _help(connection: Connection, owner: str, user: str) -> None:
    for head, body in HELPERS.items():
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {head} RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = {path_of(connection)} AS $help${body.replace('%', '%%')}$help$"
        )
        name = head.partition("(")[0]
        connection.exec_driver_sql(f"ALTER FUNCTION {name} OWNER TO {quoted(owner)}")
        connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {name} TO {quoted(user)}")


def _grant(connection: Connection, owner: str, user: str) -> None:
    """Give the user what the work takes, and take away whatever else it had."""
    to, schema = quoted(user), _schema(connection)
    everything = ", ".join(table.name for table in METADATA.sorted_tables)
    grown = ", ".join(t.name for t in METADATA.sorted_tables if t is not STORE)
    shown = ", ".join([everything, *(f'"{view}"' for view in marks(connection))])
    sequence = "feature_fid_seq"
    for statement in (
        f"SELECT setval('{sequence}', (SELECT coalesce(max(fid), 0) + 1 FROM feature))",  # noqa: S608 - own words
        f"REVOKE ALL ON {shown} FROM PUBLIC, {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT SELECT ON {shown} TO {to}",
        f"GRANT INSERT ON {grown} TO {to}",
        f"GRANT UPDATE ({', '.join(STEPPED)}) ON {PLAN.name} TO {to}",
        f"GRANT USAGE, SELECT ON SEQUENCE {sequence} TO {to}",
        (
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(owner)} IN SCHEMA {schema} "
            f"GRANT SELECT ON TABLES TO {to}"
        ),
    ):
        connection.exec_driver_sql(statement)


def _schema(connection: Connection) -> str:
    return quoted(str(connection.exec_driver_sql("SELECT current_schema()").scalar_one()))
