"""The difference between a project and a copy of it that was edited by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import Geometries
from civicsight.core.column import Column, expected_number
from civicsight.core.errors import N_, Fault, InputError, SchemaError, Text
from civicsight.core.keyed_difference import is_missing, is_same
from civicsight.io.apart.reading import read_apart
from civicsight.io.crs import FAR_M, crs_name
from civicsight.io.edits.model import (
    REPROJECTED_M,
    SAME_M,
    Change,
    Edits,
    LayerEdits,
    Reshaped,
    find_reshaped,
)
from civicsight.io.edits.values import (
    UnreadableError,
    choices_in,
    empty_value,
    label_rows,
    read_value,
    value_of,
)
from civicsight.io.faults import fault, reject
from civicsight.io.project_layers import EditedFile
from civicsight.io.tables.sheet import DIMENSIONS
from civicsight.model import CITY_TABLES, City, Table
from civicsight.model.notes import Note, noted

After = str | Path | City | EditedFile | Mapping[str, gpd.GeoDataFrame]

BOOKKEEPING: Final = frozenset({"fid", "ogc_fid", "id", "layer", "path", "geometry"})
"""Columns that a desktop GIS adds and numbers as it likes."""


def compare(before: City, after: After, *, source: str = "edited") -> Edits:
    """Find what was added, removed, moved, drawn anew and retyped.

    Parameters
    ----------
    before
        The project, not changed.
    after
        The edited file, which is read apart, or what `read_edited` returns of it; another state of
        the project; layers by table, ids as a column or index. What it lacks is untouched, never
        emptied.
    source
        What to call tables that come from no file.

    Returns
    -------
    Edits
        Features within a millimetre of their place are in place; in a file of another CRS,
        within 2 cm.

    Raises
    ------
    InputError
        With every cell, shape and id that cannot be taken over; nothing is taken over then.
    """
    file = _file_of(after, source)
    if file.city and file.city != before.name:
        reject("edits.other_project", file.source, found=file.city, name=before.name)
    layers, faults = [], []
    for table in CITY_TABLES:
        if table.name in file.layers:
            edits, found = _compare_layer(table, before, file.layers[table.name], file.source)
            layers.append(edits)
            faults += found
    if faults:
        raise InputError(faults)
    return Edits(file.source, tuple(layers), file.notes)


def _file_of(after: After, source: str) -> EditedFile:
    """Return what was edited in one form, whatever it was given as."""
    if isinstance(after, City):
        after = {table.name: getattr(after, table.name) for table in CITY_TABLES}
    if isinstance(after, Mapping):
        layers = dict(after)
        for name, frame in after.items():
            if frame.index.name is not None and frame.index.name not in frame.columns:
                layers[name] = frame.reset_index()  # ids as a column
        return EditedFile(source, layers)
    if isinstance(after, EditedFile):
        return after
    edited: EditedFile = read_apart("edited", after)
    return edited


def _compare_layer(
    table: Table, before: City, raw: gpd.GeoDataFrame, source: str
) -> tuple[LayerEdits, list[Fault]]:
    old: gpd.GeoDataFrame = getattr(before, table.name)
    names = {str(name).lower(): name for name in raw.columns}
    if table.index not in names:
        lost = fault(
            "edits.no_id",
            source,
            table.name,
            table.index,
            ", ".join(str(name) for name in raw.columns),
            name=table.index,
        )
        return LayerEdits(table.name, len(raw), old.iloc[:0]), [lost]
    shapes, tolerance_m = _shapes(table, raw, before.crs, source)
    ids = raw[names[table.index]].tolist()
    labels, fresh = label_rows(table, old, ids, shapes, tolerance_m)
    job = _Job(table, old, raw, names, labels, shapes, source)
    faults = _shape_faults(job)
    if faults:
        return LayerEdits(table.name, len(raw), old.iloc[:0]), faults
    both = [row for row, label in enumerate(labels) if label in old.index]
    stayed = [labels[row] for row in both]
    reshaped = find_reshaped(stayed, old.geometry.loc[stayed].to_numpy(), shapes[both], tolerance_m)
    reshaped, placed = _without_placement(job, reshaped)
    changed, faults = _changes(job, both)
    added, more = _added(job)
    present = set(labels)
    edits = LayerEdits(
        table.name,
        len(raw),
        added,
        tuple(label for label in old.index if label not in present),
        reshaped,
        changed,
        fresh,
        _notes(job, changed, reshaped, added, placed, before),
    )
    return edits, [*faults, *more, *_far_faults(job, before, reshaped, added)]


def _shapes(table: Table, raw: gpd.GeoDataFrame, crs: CRS, source: str) -> tuple[Geometries, float]:
    """Return the geometries in the CRS of the project, and what counts as rounding [m]."""
    if raw.crs is None:
        if not raw.geometry.notna().any():
            return raw.geometry.to_numpy(), SAME_M
        reject("edits.no_crs", source, table.name, crs=crs_name(crs))
    flat = shapely.force_2d(raw.geometry.to_numpy())
    flat[shapely.is_empty(flat)] = None
    if raw.crs == crs:
        return flat, SAME_M
    return gpd.GeoSeries(flat, crs=raw.crs).to_crs(crs).to_numpy(), REPROJECTED_M


def _shape_faults(job: _Job) -> list[Fault]:
    """Refuse rows without a place, of another shape, and new outlines that cross themselves."""
    none = shapely.is_missing(job.shapes)
    missing = none | ~np.isfinite(shapely.bounds(job.shapes)).all(axis=1)
    faults = [
        fault("edits.no_geometry", *job.place(int(row)), "geometry")
        for row in np.flatnonzero(missing & (job.table.placed | ~none))
    ]
    known = job.old.geometry.reindex(job.labels).to_numpy()
    changed = ~missing & ~shapely.equals_exact(job.shapes, known, SAME_M)
    dimensions = shapely.get_dimensions(job.shapes)
    wrong = dimensions != DIMENSIONS.get(job.table.shape, dimensions)
    if job.table.shape == "Point":
        wrong |= shapely.get_num_geometries(job.shapes) > 1
    for row in np.flatnonzero(changed & wrong):
        place, found = job.place(int(row)), job.shapes[row].geom_type
        faults.append(fault("edits.shape", *place, "geometry", found, shape=job.table.shape))
    solid = dimensions == 2
    for row in np.flatnonzero(changed & solid & ~shapely.is_valid(job.shapes)):
        if known[row] is not None and not shapely.is_valid(known[row]):
            continue  # it was broken before, and is not what was edited
        why = shapely.is_valid_reason(job.shapes[row])
        faults.append(fault("edits.crossing", *job.place(int(row)), "geometry", why))
    return faults


def _changes(job: _Job, rows: list[int]) -> tuple[tuple[Change, ...], list[Fault]]:
    """Return the values that mean something else than before."""
    changes, faults = [], []
    for column in job.columns():
        name = job.names.get(column.name.lower())
        if name is None:
            continue
        raw = job.raw[name].tolist()
        known = job.old[column.name].reindex(job.labels).tolist()
        for row in rows:
            try:
                value = read_value(column, value_of(job.table.name, column, raw[row]), known[row])
            except UnreadableError as error:
                faults.append(job.unreadable(row, column, raw[row], error))
                continue
            if not is_same(value, known[row]):
                faults += job.misfits(row, column, value)
                changes.append(Change(job.labels[row], column.name, known[row], value))
    return tuple(changes), faults


def _added(job: _Job) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return the new rows as a declared table."""
    rows = [row for row, label in enumerate(job.labels) if label not in job.old.index]
    faults: list[Fault] = []
    data: dict[str, list[Any]] = {}
    for column in job.columns():
        name = job.names.get(column.name.lower())
        raw = [None] * len(job.raw) if name is None else job.raw[name].tolist()
        values = []
        for row in rows:
            try:
                value = read_value(column, value_of(job.table.name, column, raw[row]))
            except UnreadableError as error:
                faults.append(job.unreadable(row, column, raw[row], error))
                value = None
            values.append(empty_value(column) if is_missing(value) else value)
        data[column.name] = values
    if not rows or faults:
        return job.old.iloc[:0], faults
    index = pd.Index([job.labels[row] for row in rows], dtype=object)
    columns = {key: pd.Series(values, index=index, dtype=object) for key, values in data.items()}
    frame = gpd.GeoDataFrame(columns, geometry=list(job.shapes[rows]), index=index, crs=job.old.crs)
    table: gpd.GeoDataFrame = job.table.complete(frame)
    try:
        job.table.check(table)
    except SchemaError as error:  # told of the file that the rows are in
        faults = [
            replace(fault, file=job.source, where=f"{job.table.name} {fault.where}")
            for fault in error.faults
        ]
    return table, faults


def _far_faults(
    job: _Job, before: City, reshaped: tuple[Reshaped, ...], added: gpd.GeoDataFrame
) -> list[Fault]:
    """Refuse what was put far from the project: a slip of the coordinate system, not a suburb."""
    places = {entry.label: entry.geometry for entry in reshaped}
    places |= dict(zip(added.index.astype(str), added.geometry, strict=True))
    if before.extent.is_empty:
        return []
    rows = {label: row for row, label in enumerate(job.labels)}
    return [
        fault(
            "edits.far",
            *job.place(rows[label]),
            "geometry",
            f"{away / 1000:.0f} km",
            km=f"{FAR_M / 1000:g}",
        )
        for label, shape in places.items()
        if shape is not None and (away := shape.distance(before.extent)) > FAR_M
    ]


def _without_placement(
    job: _Job, reshaped: tuple[Reshaped, ...]
) -> tuple[tuple[Reshaped, ...], int]:
    """Leave out cameras that a check had moved off their wall, by just that much."""
    if not {"placed", "shift_m"} <= job.names.keys():
        return reshaped, 0
    shift = dict(zip(job.labels, job.raw[job.names["shift_m"]].tolist(), strict=True))
    kept = tuple(
        entry
        for entry in reshaped
        if not (entry.moved and abs(entry.distance_m - float(shift[entry.label] or 0.0)) <= SAME_M)
    )
    return kept, len(reshaped) - len(kept)


def _notes(
    job: _Job,
    changed: tuple[Change, ...],
    reshaped: tuple[Reshaped, ...],
    added: gpd.GeoDataFrame,
    placed: int,
    before: City,
) -> tuple[Note, ...]:
    """Say what a person should know before the changes are taken."""
    notes = []
    if len(job.old) and not len(job.raw):
        note = noted(
            "edits.emptied",
            N_("the layer is empty in the file: all %(count)s rows go", count=len(job.old)),
        )
        notes.append(note)
    declared = {column.name for column in job.columns()}
    unknown = [n for n in job.names if n not in declared | BOOKKEEPING | {job.table.index}]
    lacking = sorted(column.name for column in job.columns() if column.name not in job.names)
    if unknown:
        names = ", ".join(sorted(str(job.names[name]) for name in unknown))
        notes.append(
            noted(
                "edits.aside",
                N_("columns that the table does not have, left aside: %(names)s", names=names),
                len(unknown),
            )
        )
    if lacking and len(job.raw):
        names = ", ".join(lacking)
        notes.append(
            noted(
                "edits.lacking",
                N_("columns that the file lacks, left as they were: %(names)s", names=names),
                len(lacking),
            )
        )
    if placed:
        note = noted(
            "edits.placed",
            N_("%(count)s cameras stand where the check moved them; not counted", count=placed),
        )
        notes.append(note)
    heights = {change.label for change in changed if change.field == "height_m"}
    if "height_assumed" in job.old.columns and heights:
        settled = {c.label for c in changed if c.field == "height_assumed" and not c.new}
        still = job.old.loc[sorted(heights - settled), "height_assumed"].sum()
        if still:
            note = noted(
                "edits.assumed",
                N_(
                    "%(count)s new heights are still marked as assumed: clear height_assumed "
                    "if they were measured",
                    count=int(still),
                ),
            )
            notes.append(note)
    shapes = [*(entry.geometry for entry in reshaped), *added.geometry]
    outside = sum(s is not None and not s.intersects(before.extent) for s in shapes)
    if outside:
        note = noted(
            "edits.outside",
            N_("%(count)s of them lie outside the area of the project", count=outside),
        )
        notes.append(note)
    return tuple(notes)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One layer under comparison: the project's rows, the file's rows with their ids and places."""

    table: Table
    old: gpd.GeoDataFrame
    raw: gpd.GeoDataFrame
    names: Mapping[str, Any]
    labels: list[str]
    shapes: Geometries
    source: str

    def columns(self) -> list[Column]:
        """Return the declared columns, and those that the project has beyond them."""
        declared = list(self.table)
        known = {column.name for column in declared}
        for name in self.old.columns:
            if name not in known and name != "geometry":
                values = self.old[name]
                kind = "float" if pd.api.types.is_numeric_dtype(values) else "text"
                kind = "bool" if pd.api.types.is_bool_dtype(values) else kind
                declared.append(Column(str(name), kind, Text("")))  # type: ignore[arg-type]
        return declared

    def place(self, row: int) -> tuple[str, str]:
        """Return file and row as a fault names them."""
        return self.source, f"{self.table.name} {self.labels[row]}"

    def unreadable(self, row: int, column: Column, raw: object, error: UnreadableError) -> Fault:
        """Return the fault of a cell that cannot be read."""
        found, expected = str(raw)[:80], error.expected
        place = (*self.place(row), column.name)
        return Fault("edits.bad_value", *place, found, expected, column.meaning)

    def misfits(self, row: int, column: Column, value: Any) -> list[Fault]:
        """Return the fault of a value that can be read but is not allowed."""
        expected = None
        if is_missing(value):
            expected = None if column.nullable else N_("a value")
        elif column.choices and value not in column.choices:
            expected = N_("one of %(choices)s", choices=choices_in(self.table.name, column))
        elif column.kind in ("float", "int") and not column.low <= value <= column.high:
            expected = expected_number(column)
        if expected is None:
            return []
        place, found = (*self.place(row), column.name), str(value)[:80]
        return [Fault("edits.bad_value", *place, found, expected, column.meaning)]
