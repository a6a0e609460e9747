"""Layers of a project as QGIS edits them, and of earlier formats, brought up to date in a copy.

A step changes tables by SQL. Triggers are set aside meanwhile and put back as they were: those of a
spatial index call functions that only GDAL and QGIS have, and a table that is made anew would lose
its own without a word. So no step may change a geometry or the key of a row.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NoReturn

import geopandas as gpd

from civicsight.core.atomic import flush, scratch_beside
from civicsight.core.errors import N_, InputError
from civicsight.io.faults import reject
from civicsight.io.file_formats import sniff
from civicsight.io.project_row import PROJECT_LAYER, read_name, read_version
from civicsight.io.vectors import geopackage
from civicsight.io.vectors.database import Database, opened, quoted
from civicsight.io.vectors.files import require_file, unchanged
from civicsight.io.vectors.vector import read_vector
from civicsight.model import CITY_TABLES, Table
from civicsight.model.format_versions import (
    FORMATS,
    PROJECT,
    Step,
    own_version,
    path_before,
    steps_from,
)
from civicsight.model.notes import Note, noted

TRIGGERS: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"


@contextmanager
def as_of_today(file: Path) -> Iterator[Path]:
    """Give a file to read: itself, or a copy brought up to date if it is an earlier project.

    Parameters
    ----------
    file
        A GeoPackage; one that is no project stays what it is.

    Raises
    ------
    InputError
        If it is a later format, or a project that does not say which.
    """
    row = read_version(file)
    steps = steps_of(row, file.name) if row else ()
    if not steps:
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="civicsight-") as folder:
        copy = Path(folder) / file.name
        bring_up(file, copy, steps)
        yield copy


def steps_of(row: dict[str, object], file: str) -> tuple[Step, ...]:
    """Return what leads from the format that a project states to today's."""
    return steps_from(PROJECT, row.get("format"), file, writer=str(row.get("civicsight") or ""))


def keep_before(file: Path) -> Path | None:
    """Copy a project of an earlier format beside itself, before it is replaced.

    Returns
    -------
    Path or None
        The copy; None where there is nothing of an earlier format.

    Raises
    ------
    InputError
        If it is a project of a later format.
    """
    row = _row(file)
    if not row or not steps_of(row, file.name):
        return None
    kept = path_before(file, int(str(row["format"])))
    with scratch_beside(kept, need_bytes=file.stat().st_size) as folder:
        scratch = folder / kept.name
        shutil.copyfile(file, scratch)
        flush(scratch)
        os.link(scratch, kept)
    return kept


def _row(file: Path) -> dict[str, object]:
    """Return what a project states; nothing of what is none or cannot be read."""
    if not file.is_file() or sniff(file) != "GPKG":
        return {}
    try:
        return read_version(file)
    except InputError:
        return {}


def bring_up(file: Path, target: Path, steps: tuple[Step, ...]) -> None:
    """Copy a project and take the copy through steps, in one transaction, down to the disk.

    Raises
    ------
    InputError
        If the copy is not sound afterwards.
    """
    shutil.copyfile(file, target)
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as base:
            _apply(base, steps)
            faults = base.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name) from error
        raise
    if faults != [("ok",)]:
        reject("project.migration", file.name, found=str(faults[0][0]))
    flush(target)


def _apply(base: sqlite3.Connection, steps: tuple[Step, ...]) -> None:
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", "trusted_schema = OFF"):
        base.execute(f"PRAGMA {pragma}")
    base.execute("BEGIN EXCLUSIVE")
    triggers = base.execute(TRIGGERS).fetchall()
    for name, _ in triggers:
        base.execute(f"DROP TRIGGER {quoted(name)}")
    for step in steps:
        step.apply(base)
    # Write the number of today, and who wrote it where the file has a column for that.
    columns = {row[1] for row in base.execute(f"PRAGMA table_info({PROJECT_LAYER})")}
    values = {"format": FORMATS[PROJECT].number, "civicsight": own_version()}
    for name in values.keys() & columns:
        base.execute(f"UPDATE {PROJECT_LAYER} SET {name} = ?", (values[name],))  # noqa: S608 - own names
    present = {name for name, _ in base.execute(TRIGGERS)}
    for name, statement in triggers:
        if name not in present:
            base.execute(statement)
    base.execute("COMMIT")


BY_NAME: Final[Mapping[str, Table]] = {table.name: table for table in CITY_TABLES}

DBF_NAME: Final = 10
"""Characters that a Shapefile keeps of the name of a column."""

QUIET: Final = frozenset({"layer_styles", "qgis_projects", PROJECT_LAYER})
"""Tables of a GeoPackage that are no layers."""

COMPUTED: Final = frozenset(
    {"heads", "zones", "parts", "samples", "gaps", "duplicates", "overlaps", "views", "cells"}
)
"""Layers of our outputs that follow from the project: an edit of them has no effect."""

POINTS, LINES, AREAS = SHAPE_ENDINGS = ("_points", "_lines", "_areas")
"""What stands behind the name of a layer of our outputs that was parted by shape."""


@dataclass(frozen=True, slots=True, eq=False)
class EditedFile:
    """Layers of an edited file by table of the project, as they were read.

    Parameters
    ----------
    source
        Name of the file.
    layers
        Rows in the CRS of the file, without an index of their own.
    notes
        Layers that were left aside.
    city
        Name of the project that the file is a copy of; empty if it does not say.
    """

    source: str
    layers: Mapping[str, gpd.GeoDataFrame]
    notes: tuple[Note, ...] = ()
    city: str = ""


def read_edited(path: str | Path) -> EditedFile:
    """Read the layers of an edited file.

    Parameters
    ----------
    path
        A copy of a project or a GeoPackage of a report, edited; or one layer saved as GeoPackage,
        GeoJSON, Shapefile, FlatGeobuf or GeoParquet.

    Raises
    ------
    InputError
        If the file cannot be read, or none of its layers belongs to a project.
    """
    file = require_file(path)
    if sniff(file) == "GPKG":
        with as_of_today(file) as current:
            return _from_geopackage(current)
    vector = read_vector(file)
    if vector.faults:
        raise InputError(vector.faults)
    short = vector.driver == "ESRI Shapefile"
    frame = _with_full_names(vector.frame) if short else vector.frame
    table = table_of(file.stem, frame.columns)
    if table is None:
        _refuse_unknown(file.name, file.stem)
    return EditedFile(file.name, {table.name: frame})


def _with_full_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Undo that a Shapefile cuts names of columns, where only one can be meant."""
    names = {name for table in CITY_TABLES for name in (table.index, *(c.name for c in table))}
    by_start: dict[str, list[str]] = {}
    for name in names - set(frame.columns):
        if len(name) > DBF_NAME:
            by_start.setdefault(name[:DBF_NAME], []).append(name)
    return frame.rename(columns={cut: full[0] for cut, full in by_start.items() if len(full) == 1})


def is_computed(layer: str) -> bool:
    """Tell whether a layer of our outputs follows from the project, whole or parted by shape."""
    return layer in COMPUTED or any(
        layer.removesuffix(ending) in COMPUTED for ending in SHAPE_ENDINGS
    )


def _from_geopackage(file: Path) -> EditedFile:
    layers: dict[str, gpd.GeoDataFrame] = {}
    left = []
    with unchanged(file), opened(file) as base:
        every = geopackage.contents(base)
        names = [name for name in every if name not in QUIET]
        for name in names:
            table = None if is_computed(name) else table_of(name, _columns(base, name))
            if table is None:
                left.append(name)
                continue
            if table.name in layers:
                reject("edits.layer_twice", file.name, found=name, table=table.name)
            layers[table.name] = _read_layer(base, name)
        city = read_name(base) if PROJECT_LAYER in every else ""
    if not layers:
        _refuse_unknown(file.name, ", ".join(names))
    names_left = ", ".join(left)
    note = noted(
        "file.unread",
        N_("layers that are not part of a project, left aside: %(names)s", names=names_left),
        len(left),
    )
    return EditedFile(file.name, layers, (note,) if left else (), city)


def _columns(base: Database, name: str) -> list[str]:
    """Return the columns of a layer; a view has none that are read."""
    plain = base.kind_of(name) == "table"
    return [column.name for column in base.columns(name)] if plain else []


def _read_layer(base: Database, name: str) -> gpd.GeoDataFrame:
    found = geopackage.read_layer(base, name, flat=False)
    if found.faults:
        placed = [replace(fault, where=f"{name} {fault.where}") for fault in found.faults]
        raise InputError(placed)
    if isinstance(found.frame, gpd.GeoDataFrame):
        return found.frame
    return gpd.GeoDataFrame(found.frame, geometry=gpd.GeoSeries([None] * len(found.frame)))


def table_of(name: str, names: Iterable[str]) -> Table | None:
    """Return the table that a layer belongs to: that of its name, else of its column of ids."""
    plain = name.strip().lower()
    if plain in BY_NAME:
        return BY_NAME[plain]
    columns = {str(column).lower() for column in names}
    fitting = [table for table in CITY_TABLES if table.index in columns]
    return fitting[0] if len(fitting) == 1 else None


def _refuse_unknown(source: str, found: str) -> NoReturn:
    reject("edits.no_layer", source, found=found, names=", ".join(BY_NAME))
