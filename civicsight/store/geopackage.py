"""What makes the file of a store a GeoPackage: its system tables and a layer of current features.

A layer is a view, so that other programs can read it and not write it.

References
----------
OGC 12-128r19, GeoPackage Encoding Standard 1.4.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, select

from civicsight.core.errors import Fault
from civicsight.store.frames import OWN_CRS_ID, box_of
from civicsight.store.refusals import changed
from civicsight.store.tables import CURRENT, PLAN, PLAN_VERSION, STORE

SHOWN: Final = re.compile(r"[^\W\d]\w{0,62}")
"""Columns that a layer can show: words of any language, without anything that SQL knows."""

FIXED: Final = ("fid", "geom", "plan_id", "plan_name", "plan_state", "plan_version")

DECISIONS: Final = {
    "opinions": ("opinion", ("department", "dated_on", "text", "digest")),
    "approvals": ("approve", ("body", "document_number", "dated_on", "scan_sha256", "digest")),
}
"""Tables of decisions: the act that the audit has them under, and what is said there."""


@dataclass(slots=True)
class Shown:
    """A layer as the current versions of all plans make it up."""

    index: str
    changed_at: str
    columns: dict[str, str] = field(default_factory=dict)
    srs_id: int | None = None
    crs_name: str = ""
    definition: str = ""
    types: set[str] = field(default_factory=set)
    z: int = 0
    boxes: list[list[float]] = field(default_factory=list)


def current_layers(connection: Connection) -> dict[str, Shown]:
    """Put together what the layers of all current versions have in common, and what not."""
    rows = connection.execute(
        select(PLAN_VERSION.c.layers, PLAN_VERSION.c.created_at)
        .join(
            PLAN, (PLAN.c.plan_id == PLAN_VERSION.c.plan_id) & (PLAN.c.version == PLAN_VERSION.c.n)
        )
        .order_by(PLAN.c.plan_id)
    )
    layers: dict[str, Shown] = {}
    for described, created_at in rows:
        for name, about in json.loads(described).items():
            shown = layers.setdefault(name, Shown(about["index"], created_at))
            _add(shown, about, created_at)
    return layers


def _add(shown: Shown, about: dict[str, Any], created_at: str) -> None:
    shown.changed_at = max(shown.changed_at, created_at)
    for column, kind in about["columns"]:
        before = shown.columns.setdefault(column, kind)
        if before != kind:
            shown.columns[column] = "float" if {before, kind} == {"float", "int"} else "text"
    if "crs" in about:
        shown.srs_id, shown.crs_name = about["srs_id"], about["crs_name"]
        shown.definition = about["definition"]
        shown.types.add(about["type"])
        shown.z = max(shown.z, about["z"])
        shown.boxes += [about["bounds"]] if about["bounds"] else []


def index_of(shown: Shown) -> str:
    """Return the name under which a layer shows the ids of its rows."""
    return shown.index if SHOWN.fullmatch(shown.index) else "feature_id"


def columns_of(shown: Shown) -> list[tuple[str, str]]:
    """Return name and kind of the columns that a layer shows beside the fixed ones."""
    taken = {*FIXED, index_of(shown).casefold()}
    columns = []
    for column, kind in shown.columns.items():
        if SHOWN.fullmatch(column) and column.casefold() not in taken:
            taken.add(column.casefold())
            columns.append((column, kind))
    return columns


APPLICATION_ID: Final = 0x47504B47
"""GPKG in ASCII."""
USER_VERSION: Final = 10_400
R_TREE_ROUNDING: Final = 3e-7
"""An R*Tree keeps 32-bit numbers, rounded outwards by one part in 2 to the power of 23 at most."""

CASTS: Final = {"float": "REAL", "int": "INTEGER", "bool": "INTEGER"}

SYSTEM_TABLES: Final = (
    (
        "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, "
        "organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, "
        "definition TEXT NOT NULL, description TEXT)"
    ),
    (
        "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, "
        "data_type TEXT NOT NULL, "
        "identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL "
        "DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, "
        "max_y DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) "
        "REFERENCES gpkg_spatial_ref_sys(srs_id))"
    ),
    (
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
        "geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, "
        "m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), "
        "CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY "
        "(table_name) REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs "
        "FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))"
    ),
)

PLACES: Final = "CREATE VIRTUAL TABLE feature_place USING rtree(fid, min_x, max_x, min_y, max_y)"
"""Boxes of the features of all versions."""

JSON_TEXT: Final = "CAST(json_extract(body, '$.{key}') AS TEXT) AS {key}"


def _decisions(action: str, keys: tuple[str, ...]) -> str:
    """Write the query of what was decided in one kind of act."""
    columns = ", ".join(JSON_TEXT.replace("{key}", key) for key in keys)
    return (
        f"SELECT seq AS fid, plan_id, at, actor, {columns}, hash FROM audit "  # noqa: S608 - words of this module
        f"WHERE action = '{action}' AND json_extract(body, '$.refused') IS NULL"
    )


RECORDS: Final = {
    "plans": (
        "SELECT rowid AS fid, plan_id, name, author, district, state, rev, version, digest "
        "FROM plan"
    )
} | {name: _decisions(*decision) for name, decision in DECISIONS.items()}
"""Records of the store as tables without a place, for whoever opens the file elsewhere."""

WGS_84: Final = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,'
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)

KEYS: Final = {
    "gpkg_spatial_ref_sys": "srs_id",
    "gpkg_contents": "table_name",
    "gpkg_geometry_columns": "table_name",
}
"""System tables in the order in which they refer to each other, with what their rows are about."""

Rows = dict[object, tuple[Any, ...]]
"""Rows of a system table by what they are about."""

NO_DATE: Final = "1970-01-01T00:00:00.000Z"


def lay_out_geopackage(connection: Connection) -> None:
    """Add the system tables, the spatial index and the records."""
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={USER_VERSION}")
    for statement in (*SYSTEM_TABLES, PLACES):
        connection.exec_driver_sql(statement)


def place_features(connection: Connection, features: list[dict[str, Any]]) -> None:
    """Put features into the spatial index."""
    boxes = [(row["fid"], box) for row in features if (box := box_of(row["geom"])) is not None]
    if boxes:
        connection.exec_driver_sql(
            "INSERT INTO feature_place VALUES (?, ?, ?, ?, ?)", [(fid, *box) for fid, box in boxes]
        )


def show_layers(connection: Connection) -> None:
    """Bring views and system tables to what the current versions of all plans hold."""
    views, found = _wanted_views(connection), _views(connection)
    for name in found.keys() - views.keys():
        _forget(connection, name)
    for name, statement in views.items():
        if found.get(name) == statement:
            continue
        if name in found:
            connection.exec_driver_sql(f'DROP VIEW "{name}"')
        connection.exec_driver_sql(statement)
    for table, wanted in _wanted_rows(connection).items():
        present = _rows(connection, table)
        for row in (row for key, row in wanted.items() if present.get(key) != row):
            marks = ", ".join("?" * len(row))
            connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608 - a constant


def hide_layers(connection: Connection) -> None:
    """Take the views away, so that the tables below them may change."""
    for name in _views(connection):
        connection.exec_driver_sql(f'DROP VIEW "{name}"')


def layer_faults(connection: Connection, file: str) -> list[Fault]:
    """Name every view and row of a system table that is not as it should be."""
    wanted, found = _wanted_views(connection), _views(connection)
    wrong = {f"view {name}" for name in wanted if found.get(name) != wanted[name]}
    for table, rows in _wanted_rows(connection).items():
        present = _rows(connection, table)
        wrong |= {f"{table} {key}" for key in rows if present.get(key) != rows[key]}
    return [changed(file, where) for where in sorted(wrong)]


def place_faults(connection: Connection, file: str) -> list[Fault]:
    """Name every feature whose box in the spatial index is not its own."""
    rows = connection.exec_driver_sql(
        "SELECT f.layer, f.feature_id, f.geom, p.min_x, p.max_x, p.min_y, p.max_y "
        "FROM feature f LEFT JOIN feature_place p ON p.fid = f.fid"
    )
    wrong = [(layer, label) for layer, label, geom, *box in rows if not _fits(geom, box)]
    faults = [changed(file, layer, "feature_place", str(label)) for layer, label in wrong]
    lost = connection.exec_driver_sql(
        "SELECT count(*) FROM feature_place WHERE fid NOT IN (SELECT fid FROM feature)"
    ).scalar_one()
    return [*faults, changed(file, "feature_place")] if lost else faults


def _fits(geom: bytes | None, box: list[float | None]) -> bool:
    """Tell whether a box encloses a geometry as closely as 32 bits can."""
    own = box_of(geom)
    if own is None or box[0] is None:
        return own is None and box[0] is None
    pairs = zip(own, box, strict=True)
    return all(
        kept is not None and abs(kept - exact) <= R_TREE_ROUNDING * abs(exact)
        for exact, kept in pairs
    )


def _wanted_views(connection: Connection) -> dict[str, str]:
    layers = {name: _view(name, shown) for name, shown in current_layers(connection).items()}
    return layers | {name: f"CREATE VIEW {name} AS {query}" for name, query in RECORDS.items()}


def _view(name: str, shown: Shown) -> str:
    """Write the statement of a view; `name` and `SHOWN` columns hold nothing that SQL knows."""
    columns = [
        "f.fid AS fid",
        *(["f.geom AS geom"] if shown.srs_id is not None else []),
        f'f.feature_id AS "{index_of(shown)}"',
    ]
    for column, kind in columns_of(shown):
        value = f"json_extract(f.properties, '$.\"{column}\"')"
        columns.append(f'CAST({value} AS {CASTS.get(kind, "TEXT")}) AS "{column}"')
    columns += ["p.plan_id AS plan_id", "p.name AS plan_name", "p.state AS plan_state"]
    columns.append("p.version AS plan_version")
    return (
        f'CREATE VIEW "{name}" AS SELECT {", ".join(columns)} FROM feature f '  # noqa: S608 - see above
        f"JOIN plan p ON p.plan_id = f.plan_id WHERE f.layer = '{name}' AND {CURRENT}"
    )


def _views(connection: Connection) -> dict[str, str]:
    """Return the views of the file that are layers or records of a store."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    return {
        name: statement
        for name, statement in rows
        if name in RECORDS or f'CREATE VIEW "{name}" AS SELECT f.fid AS fid' in (statement or "")
    }


def _wanted_rows(connection: Connection) -> dict[str, Rows]:
    systems: Rows = {
        -1: ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", None),
        0: ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
        4326: ("WGS 84", 4326, "EPSG", 4326, WGS_84, None),
    }
    since = connection.execute(select(STORE.c.created_at)).scalar() or NO_DATE
    empty = (None, None, None, None)
    contents: Rows = {name: (name, "attributes", name, "", since, *empty, None) for name in RECORDS}
    columns: Rows = {}
    for name, shown in current_layers(connection).items():
        kind = "attributes" if shown.srs_id is None else "features"
        box = _union(shown.boxes) or empty
        contents[name] = (name, kind, name, "", shown.changed_at, *box, shown.srs_id)
        if shown.srs_id is not None:
            shape = next(iter(shown.types)) if len(shown.types) == 1 else "GEOMETRY"
            columns[name] = (name, "geom", shape, shown.srs_id, shown.z, 0)
            owner = "NONE" if shown.srs_id == OWN_CRS_ID else "EPSG"
            systems[shown.srs_id] = (
                shown.crs_name,
                shown.srs_id,
                owner,
                shown.srs_id,
                shown.definition,
                None,
            )
    return dict(zip(KEYS, (systems, contents, columns), strict=True))


def _union(boxes: list[list[float]]) -> tuple[float, ...] | None:
    if not boxes:
        return None
    low_x, low_y, high_x, high_y = zip(*boxes, strict=True)
    return min(low_x), min(low_y), max(high_x), max(high_y)


def _rows(connection: Connection, table: str) -> Rows:
    key = KEYS[table]
    found = connection.exec_driver_sql(f"SELECT * FROM {table}")  # noqa: S608 - a constant
    place = list(found.keys()).index(key)
    return {row[place]: tuple(row) for row in found}


def _forget(connection: Connection, name: str) -> None:
    connection.exec_driver_sql(f'DROP VIEW "{name}"')
    for table in ("gpkg_geometry_columns", "gpkg_contents"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE table_name = ?", (name,))  # noqa: S608 - a constant
