"""GeoPackages looked at as databases, read only, before GDAL opens them.

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
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from civicsight.city.refusal import refuse
from civicsight.city.vectors.shapes import Geometries, shape_fault
from civicsight.city.vectors.wkb import Flaw
from civicsight.errors import N_, Fault, Text

ENVELOPE_BYTES = (0, 32, 48, 48, 64)
"""Length of the box in the head of a geometry, by its code."""

OWN_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
"""Beginnings of the names of triggers that the standard and GDAL make."""

MAX_STEPS = 50_000_000
"""Steps of SQLite's machine for one file's list of layers; a real one takes thousands."""


class Chosen(NamedTuple):
    """The layer to read: its name, its geometries as WKB, and faults of those that are none."""

    name: str
    blobs: Geometries
    faults: tuple[Fault, ...]
    has_crs: bool
    notes: tuple[Text, ...]


def layer_names(file: Path) -> list[str]:
    """Return the names of the layers of features and of plain tables.

    Raises
    ------
    InputError
        If the file is damaged or in use.
    """
    with _opened(file) as base:
        return [name for name, kind in _contents(base) if kind in {"features", "attributes"}]


def choose(file: Path, layer: str | None) -> Chosen:
    """Choose a layer and take its geometries out of the database.

    Raises
    ------
    InputError
        If the file is damaged or in use, the layer is missing, unclear, a view, or has no shapes.
    """
    with _opened(file) as base:
        names = layer_names_with_shapes(base)
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
        column, srs = base.execute(
            "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (name,)
        ).fetchone()
        rows = [row[0] for row in base.execute(f"SELECT {_quoted(column)} FROM {_quoted(name)}")]  # noqa: S608 - quoted
        notes = _trigger_notes(base)
    blobs, faults = _unwrap(rows, file.name)
    return Chosen(name, blobs, faults, srs not in {-1, 0}, notes)


def layer_names_with_shapes(base: sqlite3.Connection) -> list[str]:
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
