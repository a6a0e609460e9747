"""The row of a project file that holds what is in no layer: name, CRS, extent, sources, terrain."""

from __future__ import annotations

import base64
import json
import math
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import quote

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.bounded.text import inflate, load_crs, load_json, load_wkt
from civicsight.io.faults import reject
from civicsight.io.rasters.cells import MAX_CELLS
from civicsight.io.vectors.database import MAX_VALUE, Database, opened
from civicsight.model.provenance import Provenance, from_dict
from civicsight.model.terrain import Terrain

PROJECT_LAYER: Final = "civicsight"
"""Table of a project file that holds what is not in a layer."""

COLUMNS: Final = ("format", "name", "crs", "extent", "sources", "synthetic")
LATER: Final = ("terrain", "provenance")
"""Columns that a project has, and those that one of an earlier version may lack."""

VERSION: Final = ("format", "civicsight")
"""Columns that say which format it is, and which civicsight wrote it."""

KINDS: Final = {"str": str, "int": int, "How": str}
"""Types of the plain fields of a provenance."""

HEIGHT: Final = np.dtype("<f8")


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """What a project says of itself as a whole; see `civicsight.model.City`."""

    name: str
    crs: CRS
    extent: BaseGeometry
    sources: tuple[str, ...]
    synthetic: bool
    provenance: tuple[Provenance, ...]
    terrain: Terrain | None


def read_name(base: Database) -> str:
    """Return the name of the project that a file is a copy of; empty if it does not say.

    Raises
    ------
    InputError
        If the table of it is none.
    """
    table = base.find(PROJECT_LAYER)
    known = [] if table is None else [column.name for column in base.columns(table)]
    if table is None or "name" not in known:
        return ""
    (names,) = base.read(table, ["name"])
    return str(names[0]) if names else ""


def read_version(file: Path) -> dict[str, object]:
    """Return ``format`` and ``civicsight`` of a GeoPackage; nothing where it is no project.

    Raises
    ------
    InputError
        If the file is damaged or in use, or the table of it is none.
    """
    with opened(file) as base:
        table = base.find(PROJECT_LAYER)
        known = [] if table is None else [column.name for column in base.columns(table)]
        names = [name for name in VERSION if name in known]
        if table is None or not names:
            return {}
        rows = list(zip(*base.read(table, names), strict=True))
    return dict(zip(names, rows[0], strict=True)) if rows else {}


def read_marks(path: str | Path, wanted: Iterable[str]) -> tuple[frozenset[str], dict[str, object]]:
    """Return which of some tables a database has, and what `read_version` says of it.

    Journals beside it are left aside: they hold rows, not the tables that tell what a file is. One
    that cannot be opened has no names.
    """
    file = Path(path)
    place = f"file:{quote(str(file))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(place, uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            listed = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = frozenset(wanted) & {name for (name,) in listed}
    except (sqlite3.Error, UnicodeDecodeError):
        return frozenset(), {}
    return names, read_version(file) if PROJECT_LAYER in names else {}


def read_row(base: Database) -> ProjectRow:
    """Return what a project says of itself, every value measured before it is decoded.

    Raises
    ------
    InputError
        If the table is not as we write it, or a value is damaged or too large.
    """
    file = base.file.name
    row = _values(base)
    for column in COLUMNS[1:-1]:
        if not isinstance(row[column], str):
            refuse_damaged(file, column, type(row[column]).__name__)
    sources = _parsed(file, "sources", row["sources"])
    if not isinstance(sources, list) or not all(isinstance(text, str) for text in sources):
        refuse_damaged(file, "sources", row["sources"])
    try:
        crs = load_crs(row["crs"])
    except ValueError as error:
        refuse_damaged(file, "crs", str(error))
    return ProjectRow(
        row["name"],
        crs,
        _extent(file, row["extent"]),
        tuple(sources),
        bool(row["synthetic"]),
        _provenance(file, row["provenance"]),
        _unpacked(file, row["terrain"]),
    )


def packed(terrain: Terrain | None) -> str | None:
    """Return a terrain as text: place and shape, and its heights compressed without loss."""
    if terrain is None:
        return None
    heights = base64.b64encode(zlib.compress(np.ascontiguousarray(terrain.z, HEIGHT).tobytes()))
    return json.dumps(
        {
            "x0": terrain.x0,
            "y0": terrain.y0,
            "step": terrain.step,
            "shape": terrain.z.shape,
            "z": heights.decode("ascii"),
        }
    )


def refuse_damaged(file: str, column: str, found: str, where: str = PROJECT_LAYER) -> NoReturn:
    """Refuse a file that cannot be read as a project.

    Raises
    ------
    InputError
        Always.
    """
    reject("project.damaged", file, where, column, found[:80])


def _values(base: Database) -> dict[str, Any]:
    """Return the one row of the table by column."""
    table = base.find(PROJECT_LAYER)
    known = [] if table is None else [column.name for column in base.columns(table)]
    lacking = [name for name in COLUMNS if name not in known]
    if table is None or lacking:
        refuse_damaged(base.file.name, ", ".join(lacking), ", ".join(known))
    names = [name for name in (*COLUMNS, *LATER) if name in known]
    columns = base.read(table, names)
    if len(columns[0]) != 1:
        refuse_damaged(base.file.name, "", f"{len(columns[0])} rows")
    return dict.fromkeys(LATER) | {
        name: values[0] for name, values in zip(names, columns, strict=True)
    }


def _parsed(file: str, column: str, text: str) -> Any:
    try:
        return load_json(text)
    except ValueError as error:
        refuse_damaged(file, column, str(error))


def _extent(file: str, text: str) -> BaseGeometry:
    try:
        shape = load_wkt(text)
    except ValueError as error:
        refuse_damaged(file, "extent", str(error))
    if not (shape.is_empty or np.isfinite(shapely.bounds(shape)).all()):
        refuse_damaged(file, "extent", text)
    return shape


def _provenance(file: str, text: object) -> tuple[Provenance, ...]:
    entries = _parsed(file, "provenance", text) if isinstance(text, str) else []
    kinds = {
        entry.name: KINDS[str(entry.type)]
        for entry in fields(Provenance)
        if str(entry.type) in KINDS
    }
    good = isinstance(entries, list) and all(_is_entry(entry, kinds) for entry in entries)
    if not good:
        refuse_damaged(file, "provenance", str(text))
    return tuple(from_dict(entry) for entry in entries)


def _is_entry(entry: object, kinds: dict[str, type]) -> bool:
    """Tell whether a value is what `Provenance.to_dict` makes."""
    if not isinstance(entry, dict) or not {"layer", "source"} <= entry.keys():
        return False
    counts = entry.get("counts", {})
    return (
        isinstance(counts, dict)
        and all(isinstance(number, int) for number in counts.values())
        and all(isinstance(entry[name], kind) for name, kind in kinds.items() if name in entry)
    )


def _unpacked(file: str, text: object) -> Terrain | None:
    """Return a terrain, its size asked before its heights are unpacked."""
    if not isinstance(text, str):
        return None
    try:
        told = load_json(text, limit=MAX_VALUE)
        x0, y0, step = (float(told[name]) for name in ("x0", "y0", "step"))
        n_row, n_col = (int(side) for side in told["shape"])
        heights = told["z"]
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        refuse_damaged(file, "terrain", str(error))
    if not (min(n_row, n_col) >= 2 and step > 0 and all(map(math.isfinite, (x0, y0, step)))):
        refuse_damaged(file, "terrain", f"{n_row} x {n_col}, {step} m")
    if n_row * n_col > MAX_CELLS:
        reject(
            "project.too_large",
            file,
            PROJECT_LAYER,
            "terrain",
            f"{n_row} x {n_col}",
            limit=MAX_CELLS,
        )
    try:
        data = inflate(base64.b64decode(heights), n_row * n_col * HEIGHT.itemsize)
    except (ValueError, TypeError) as error:
        refuse_damaged(file, "terrain", str(error))
    z = np.frombuffer(data, HEIGHT).reshape(n_row, n_col).astype(np.float64, copy=False)
    if np.isinf(z).any():
        refuse_damaged(file, "terrain", "inf")
    return Terrain(z, x0, y0, step)
