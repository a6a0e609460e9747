"""GeoPackages read as the databases that they are: read only, plain tables, nothing run.

References
----------
OGC 12-128r19, GeoPackage 1.4: clause 2.1.3 (BLOB format of geometries), 1.1.3 (contents), 2.1.5
(geometry columns). SQLite, "Write-Ahead Logging" and "Hot journals".
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.city.refusal import refuse
from civicsight.city.vectors.shapes import FoundLayer, Geometries, read_shapes, shape_fault
from civicsight.city.vectors.wkb import Flaw
from civicsight.errors import N_, Fault, Text

ENVELOPE_BYTES = (0, 32, 48, 48, 64)
"""Length of the box in the head of a geometry, by its code."""

UNKNOWN_SRS = frozenset({-1, 0, None})
"""Codes for a plane or globe that the file does not know."""

UNDEFINED = "Undefined"
"""Beginning of the names of systems that GDAL and the standard write where there is none."""

OWN_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
"""Beginnings of the names of triggers that the standard and GDAL make."""

MAX_STEPS = 50_000_000
"""Steps of SQLite's machine for one file's list of layers; a real one takes thousands."""


def layer_names(file: Path) -> list[str]:
    """Return the names of the layers of features and of plain tables.

    Raises
    ------
    InputError
        If the file is damaged or in use.
    """
    with _opened(file) as base:
        return [name for name, kind in _contents(base) if kind in {"features", "attributes"}]


def first_row(file: Path, table: str) -> dict[str, object]:
    """Return the first row of a plain table by column; nothing where there is no such row.

    Raises
    ------
    InputError
        If the file is damaged or in use.
    """
    with _opened(file) as base:
        if table not in {name for name, _ in _contents(base)}:
            return {}
        quoted = table.replace('"', '""')
        found = base.execute(f'SELECT * FROM "{quoted}" LIMIT 1')  # noqa: S608 - quoted
        row = found.fetchone()
        return {} if row is None else dict(zip([c[0] for c in found.description], row, strict=True))


def read_geopackage(file: Path, layer: str | None) -> FoundLayer:
    """Read one layer; its key, which only numbers the rows, is left out.

    Raises
    ------
    InputError
        If the file is damaged or in use, the layer is missing, unclear, a view, or has no shapes.
    """
    with _opened(file) as base:
        names = _with_shapes(base)
        every = [name for name, kind in _contents(base) if kind in {"features", "attributes"}]
        name = _pick(file, names or every, every, layer)
        if name not in names:
            refuse(
                "layer.no_geometry",
                file.name,
                N_("a layer with geometry"),
                N_("Name another layer."),
                found=name,
            )
        _require_table(base, file, name)
        shape, srs = base.execute(
            "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (name,)
        ).fetchone()
        crs = _crs(base, file, srs)
        table = _table(base, name)
        notes = _trigger_notes(base)
    blobs, faults = _unwrap(table.pop(shape).tolist(), file.name)
    shapes = read_shapes(blobs, file.name)
    every_fault = sorted((*faults, *shapes.faults), key=lambda fault: int(fault.where))
    plain = table.drop(columns="geometry") if "geometry" in table else table
    frame = gpd.GeoDataFrame(plain, geometry=shapes.geometry, crs=crs)
    return FoundLayer(frame, tuple(every_fault), shapes.mended, notes, has_z=shapes.has_z)


def _table(base: sqlite3.Connection, name: str) -> pd.DataFrame:
    """Return all columns of a table but its key, in the order of its rows."""
    info = base.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    columns = [(str(row[1]), str(row[2]).upper()) for row in info if not row[5]]
    listed = ", ".join(_quoted(column) for column, _ in columns)
    rows = base.execute(f"SELECT {listed} FROM {_quoted(name)}").fetchall()  # noqa: S608 - quoted
    data = {}
    for number, (column, kind) in enumerate(columns):
        values = [row[number] for row in rows]
        if kind == "BOOLEAN":
            values = [None if value is None else bool(value) for value in values]
        data[column] = pd.Series(values, dtype=object if _holds_bytes(values) else None)
    return pd.DataFrame(data, index=range(len(rows)))


def _holds_bytes(values: list[object]) -> bool:
    return any(isinstance(value, bytes) for value in values)


def _crs(base: sqlite3.Connection, file: Path, srs: int) -> CRS | None:
    """Return the CRS of a layer, None where the file says that it is not known."""
    if srs in UNKNOWN_SRS:
        return None
    row = base.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?",
        (srs,),
    ).fetchone()
    for read in (_by_code, _by_text):
        try:
            if row is not None:
                found = read(row)
                return None if found.name.startswith(UNDEFINED) else found
        except CRSError:
            continue
    return refuse(
        "crs.unknown",
        file.name,
        N_("a coordinate system that its definition makes known"),
        N_("Assign it in QGIS, then save the layer again."),
        found=str(srs),
    )


def _by_code(row: tuple[str, int, str]) -> CRS:
    return CRS.from_authority(str(row[0]).upper(), row[1])


def _by_text(row: tuple[str, int, str]) -> CRS:
    return CRS.from_wkt(str(row[2]))


def _with_shapes(base: sqlite3.Connection) -> list[str]:
    """Return the layers that have a column of geometries, in the order of the contents."""
    shaped = {row[0] for row in base.execute("SELECT table_name FROM gpkg_geometry_columns")}
    return [name for name, kind in _contents(base) if kind == "features" and name in shaped]


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database that nobody is writing to, so that nothing beside it is made or changed."""
    for end, size in _beside(file):
        refuse(
            "gpkg.in_use",
            file.name,
            N_("a GeoPackage that no program has open"),
            N_("Close it in QGIS or other programs, then try again; what they hold is not in it."),
            found=f"{file.name}{end}, {size} bytes",
        )
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)
        ) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            steps = iter(range(MAX_STEPS // 1_000_000))
            base.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
            _contents(base)
            base.set_progress_handler(None, 0)
            yield base
    except (sqlite3.Error, UnicodeDecodeError) as error:
        refuse(
            "file.damaged",
            file.name,
            N_("a complete file in the format %(driver)s", driver="GPKG"),
            N_("Export or download the file again."),
            found=str(error)[:200],
        )


def _beside(file: Path) -> list[tuple[str, int]]:
    """Return journals that hold something: changes which are not in the file, or half in it."""
    ends = ("-journal", "-wal")
    found = [(end, file.with_name(file.name + end)) for end in ends]
    return [
        (end, path.stat().st_size) for end, path in found if path.exists() and path.stat().st_size
    ]


def _contents(base: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = base.execute("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid")
    return [(str(name), str(kind)) for name, kind in rows]


def _pick(file: Path, names: list[str], every: list[str], layer: str | None) -> str:
    """Return the layer asked for, or the only one."""
    if not every:
        refuse(
            "layer.missing",
            file.name,
            N_("at least one layer"),
            N_("Export or download the file again."),
        )
    if layer is None and len(names) > 1:
        refuse(
            "layer.several",
            file.name,
            N_("one layer"),
            N_("Name the layer to read."),
            found=", ".join(names),
        )
    if layer is not None and layer not in every:
        refuse(
            "layer.missing",
            file.name,
            N_("one of %(names)s", names=", ".join(names)),
            N_("Name a layer that exists."),
            found=layer,
        )
    return names[0] if layer is None else layer


def _require_table(base: sqlite3.Connection, file: Path, name: str) -> None:
    """Refuse a view or a virtual table: reading them runs what somebody wrote into the file."""
    row = base.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    plain = row is not None and row[0] == "table"
    if plain and not str(row[1]).lstrip().upper().startswith("CREATE VIRTUAL"):
        return
    refuse(
        "gpkg.view",
        file.name,
        N_("a layer that is a plain table"),
        N_("Save it as a layer of its own in QGIS, then read that one."),
        found=f"{name}: {'none' if row is None else row[0]}",
    )


def _trigger_notes(base: sqlite3.Connection) -> tuple[Text, ...]:
    names = [
        row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    ]
    strange = [str(name) for name in names if not str(name).startswith(OWN_TRIGGERS)]
    if not strange:
        return ()
    shown = ", ".join(strange[:5])
    return (N_("triggers in the file, which are never run: %(names)s", names=shown),)


def _unwrap(rows: list[object], file: str) -> tuple[Geometries, tuple[Fault, ...]]:
    """Take the heads off geometries; what has none is a fault."""
    blobs: Geometries = np.full(len(rows), None, object)
    faults = []
    for row, value in enumerate(rows):
        if value is None:
            continue
        start = _start(value)
        if start is None:
            flaw = Flaw("wkb.damaged", type(value).__name__)
            faults.append(shape_fault(flaw, file, str(row + 1)))
        else:
            blobs[row] = bytes(value)[start:] if isinstance(value, bytes) else None
    return blobs, tuple(faults)


def _start(value: object) -> int | None:
    """Return where the WKB of a GeoPackage geometry begins, None if it is none."""
    if not isinstance(value, bytes) or len(value) < 8 or value[:2] != b"GP":
        return None
    flags = value[3]
    envelope = flags >> 1 & 7
    if flags & 0x20 or envelope >= len(ENVELOPE_BYTES):
        return None  # an extension that only its maker reads, or no code of the standard
    return 8 + ENVELOPE_BYTES[envelope]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
