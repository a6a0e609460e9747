"""GeoPackages read as the databases that they are: read only, plain tables, nothing run.

References
----------
OGC 12-128r19, GeoPackage 1.4: clause 2.1.3 (BLOB format of geometries), 1.1.3 (contents), 2.1.5
(geometry columns).
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from civicsight.core.arrays import Geometries
from civicsight.core.bounded.text import load_crs
from civicsight.core.bounded.wkb import Flaw
from civicsight.core.errors import N_, Fault, refuse
from civicsight.io.faults import reject
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.database import Database, opened
from civicsight.io.vectors.files import pick_layer
from civicsight.io.vectors.shapes import FoundLayer, read_shapes, shape_fault
from civicsight.model.notes import noted

ENVELOPE_BYTES = (0, 32, 48, 48, 64)
"""Length of the box in the head of a geometry, by its code."""

UNKNOWN_SRS = frozenset({-1, 0, None})
"""Codes for a plane or globe that the file does not know."""

UNDEFINED = "Undefined"
"""Beginning of the names of systems that GDAL and the standard write where there is none."""

OWN_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
"""Beginnings of the names of triggers that the standard and GDAL make."""

FLAGS = (None, 0, 1)
"""What a column of yes and no holds."""

DTYPES: dict[str, np.dtype[Any]] = {
    "INT": np.dtype("int64"),
    "INTEGER": np.dtype("int64"),
    "MEDIUMINT": np.dtype("int32"),
    "SMALLINT": np.dtype("int16"),
    "REAL": np.dtype("float64"),
    "DOUBLE": np.dtype("float64"),
    "FLOAT": np.dtype("float32"),
}
"""Numbers by the type of their column, where the values are such; SQLite itself promises nothing.

References
----------
OGC 12-128r19, table 1.
"""

LOOKS, WHEN = "layer_styles", frozenset({"update_time"})
"""Table that QGIS keeps the looks of layers in, and the column that says when."""

LAYERS = frozenset({"features", "attributes"})
"""Kinds of contents that are read."""


def layer_names(file: Path) -> list[str]:
    """Return the names of the layers of features and of plain tables.

    Raises
    ------
    InputError
        If the file is damaged or in use.
    """
    with opened(file) as base:
        return list(contents(base))


def contents(base: Database) -> dict[str, str]:
    """Return the kinds of the layers by name, in the order of the contents.

    Raises
    ------
    InputError
        If there is no list of contents.
    """
    found = _rows(base, "gpkg_contents", ["table_name", "data_type"])
    if found is None:
        reject("file.damaged", base.file.name, found="gpkg_contents: none", driver="GPKG")
    return {str(name): kind for name, kind in found if kind in LAYERS}


def digest_layers(path: str | Path) -> dict[str, str]:
    """Return the digest of the rows of each layer, and of the looks of all [SHA-256].

    When a file was written is no part of it: the same layers written anew have the same digests.

    Raises
    ------
    InputError
        If the file is damaged or in use.
    """
    with opened(Path(path)) as base:
        tables = {name: base.find(name) for name in (*contents(base), LOOKS)}
        return {name: _digest(base, table) for name, table in tables.items() if table is not None}


def _digest(base: Database, table: str) -> str:
    names = [column.name for column in base.columns(table) if column.name not in WHEN]
    digest = sha256(repr(names).encode())
    for row in zip(*base.read(table, names), strict=True):
        digest.update(repr(row).encode(errors="replace"))
    return digest.hexdigest()


def read_geopackage(file: Path, layer: str | None, _: Declared = NOTHING) -> FoundLayer:
    """Read one layer; its key, which only numbers the rows, is left out.

    Raises
    ------
    InputError
        If the file is damaged or in use, the layer is missing, unclear, a view, or has no shapes.
    """
    with opened(file) as base:
        every = contents(base)
        shaped = {name for name, _, _ in _shape_columns(base)}
        names = [name for name, kind in every.items() if kind == "features" and name in shaped]
        name = pick_layer(file, names or list(every), list(every), layer)
        if name not in names:
            expected = N_("a layer with geometry")
            refuse("layer.no_geometry", file.name, expected, N_("Name another layer."), found=name)
        found = read_layer(base, name)
        strange = [name for name in base.triggers() if not name.startswith(OWN_TRIGGERS)]
    if not isinstance(found.frame, gpd.GeoDataFrame):
        expected = N_("a layer with geometry")
        refuse("layer.no_geometry", file.name, expected, N_("Name another layer."), found=name)
    shown = ", ".join(strange[:5])
    note = noted(
        "file.unread",
        N_("triggers in the file, which are never run: %(names)s", names=shown),
        len(strange),
    )
    return found._replace(notes=(note,) if strange else ())


def read_layer(
    base: Database, name: str, *, flat: bool = True, crs: CRS | None = None
) -> FoundLayer:
    """Read one layer; a plain table has no geometry.

    Parameters
    ----------
    base, name
        The file, and a name of its `contents`.
    flat
        Whether heights beside the coordinates are left out.
    crs
        System of the layer; that which the file gives it by default.

    Raises
    ------
    InputError
        If the layer is a view or its CRS cannot be known.
    """
    table = base.find(name)
    if table is None:
        base.refuse_view(name, "none")
    declared = [column for column in base.columns(table) if not column.is_key]
    columns = base.read(table, [column.name for column in declared])
    at = {str(layer): (column, srs) for layer, column, srs in _shape_columns(base)}
    shape, srs = at.get(name, (None, None))
    data, shapes = {}, None
    rows = len(columns[0]) if columns else 0
    for column in declared:
        values = columns.pop(0)  # so that nothing is held twice for long
        if column.name == shape:
            shapes = values
        else:
            data[column.name] = _series(values, column.kind)
    plain = pd.DataFrame(data, index=range(rows))
    if shapes is None:
        return FoundLayer(plain)
    blobs, faults = _unwrap(shapes, base.file.name)
    found = read_shapes(blobs, base.file.name, flat=flat)
    every = sorted((*faults, *found.faults), key=lambda fault: int(fault.where))
    plain = plain.drop(columns="geometry", errors="ignore")
    frame = gpd.GeoDataFrame(plain, geometry=found.geometry, crs=crs or _crs(base, srs))
    return FoundLayer(frame, tuple(every), found.mended, has_z=found.has_z)


def _rows(base: Database, name: str, columns: list[str]) -> list[tuple[Any, ...]] | None:
    """Return columns of a table of the standard, None if the file does not have it."""
    table = base.find(name)
    return None if table is None else list(zip(*base.read(table, columns), strict=True))


def _shape_columns(base: Database) -> list[tuple[Any, ...]]:
    """Return the table, name and system of each column of geometries."""
    columns = ["table_name", "column_name", "srs_id"]
    return _rows(base, "gpkg_geometry_columns", columns) or []


def _series(values: list[Any], kind: str) -> pd.Series:
    """Return a column as its type says."""
    if kind == "BOOLEAN" and all(value in FLAGS for value in values):
        values = [None if value is None else bool(value) for value in values]
    series = pd.Series(values, dtype=object if bytes in set(map(type, values)) else None)
    dtype = DTYPES.get(kind)
    if dtype is None or (len(series) and series.isna().all()):
        return series if dtype is None else series.astype(np.float64)
    fits = series.dtype.kind == dtype.kind and (
        dtype.kind == "f" or np.array_equal(series, series.astype(dtype))
    )
    return series.astype(dtype) if fits or not len(series) else series


def _crs(base: Database, srs: object) -> CRS | None:
    """Return the CRS of a layer, None where the file says that it is not known."""
    if srs in UNKNOWN_SRS:
        return None
    columns = ["srs_id", "organization", "organization_coordsys_id", "definition"]
    known = _rows(base, "gpkg_spatial_ref_sys", columns) or []
    tries = [(read, row) for row in known if row[0] == srs for read in (_by_code, _by_text)]
    for read, row in tries:
        try:
            found = read(row)
        except (CRSError, ValueError):
            continue
        return None if found.name.startswith(UNDEFINED) else found
    return reject("crs.unknown:geopackage", base.file.name, found=str(srs))


def _by_code(row: tuple[Any, ...]) -> CRS:
    return CRS.from_authority(str(row[1]).upper(), str(row[2]))


def _by_text(row: tuple[Any, ...]) -> CRS:
    return load_crs(str(row[3]))


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
