"""Rows on their way from a sheet to a table: cells read, faults and notices kept, heads made."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.core.bounded.text import load_json
from civicsight.core.errors import N_, Fault, Text
from civicsight.io.crs import grid_azimuth
from civicsight.io.report import Count, row_text
from civicsight.io.source_options import Declared
from civicsight.io.tables.cells import CUT_NUMBER, DIRECTIONS, Cell, cell_reader, cut_number
from civicsight.io.tables.form import Form
from civicsight.io.tables.sheet import Sheet
from civicsight.io.vectors.geometry import (
    lost_faults,
    mended_faults,
    repair_polygons,
    tangled_faults,
)
from civicsight.model import Column

Values = npt.NDArray[np.object_]

AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
MANY_ALIKE = 5
"""Groups of rows that a note names before it cuts the list."""


@dataclass(slots=True)
class Rows:
    """Everything that is known of the rows while a table is made of them.

    Parameters
    ----------
    sheet, found
        Where they come from, and the column of each meaning.
    labels, where
        Identifier and place in the file of each row.
    points
        Their places in the working CRS.
    columns
        Values by column of the form, those of its extra columns too.
    several
        Directions of the rows that name more than one.
    faults, notices
        What makes a row unusable, and what was done to read one.
    """

    sheet: Sheet
    found: dict[str, str]
    labels: Values
    where: Values
    points: gpd.GeoSeries
    columns: dict[str, Values] = field(default_factory=dict)
    several: dict[int, tuple[float, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)

    def number(self, name: str) -> npt.NDArray[np.float64]:
        """Return a column of numbers, NaN where unknown; all of it where the sheet lacks it."""
        values = self.columns.get(name)
        if values is None:
            return np.full(len(self.labels), np.nan)
        return np.array([np.nan if value is None else value for value in values], float)

    def text(self, name: str) -> Values:
        """Return a column of texts, None where unknown; all of it where the sheet lacks it."""
        return self.columns.get(name, np.full(len(self.labels), None, object))

    def good(self) -> BoolArray:
        """Return which rows have no fault."""
        bad = {fault.where for fault in self.faults}
        return np.array([where not in bad for where in self.where], bool)

    def take(self, rows: Sequence[int], labels: Sequence[str]) -> None:
        """Repeat, reorder or drop rows, under new labels."""
        index = np.asarray(rows, int)
        self.labels = as_objects(labels)
        self.where = self.where[index]
        self.points = self.points.iloc[index].reset_index(drop=True)
        self.columns = {name: values[index] for name, values in self.columns.items()}
        if "tags" in self.columns:
            self.columns["tags"] = as_objects([dict(tags) for tags in self.columns["tags"]])
        self.several = {n: self.several[row] for n, row in enumerate(index) if row in self.several}

    def fault(self, row: int, meaning: str, code: str, expected: Text, remedy: Text) -> None:
        """Name what makes one row unusable."""
        self.faults.append(self._entry(row, meaning, code, expected, remedy))

    def notice(self, row: int, meaning: str, expected: Text, done: Text) -> None:
        """Name what was done to read one row."""
        self.notices.append(self._entry(row, meaning, "cell.read_as", expected, done))

    def _entry(self, row: int, meaning: str, code: str, expected: Text, remedy: Text) -> Fault:
        header = self.found.get(meaning, meaning)
        values = self.columns.get(meaning)
        found = "" if values is None or values[row] is None else str(values[row])
        where = str(self.where[row])
        return Fault(code, self.sheet.source, where, header, found[:100], expected, remedy)


def as_objects(values: Sequence[object]) -> Values:
    """Return values as an array of objects, whatever they are."""
    out = np.empty(len(values), object)
    out[:] = values
    return out


def read_cells(rows: Rows, form: Form, declared: Declared) -> None:
    """Read every cell of every column that the form declares, and keep the others as tags."""
    kept: list[dict[str, str]] = [{} for _ in rows.sheet.rows]
    for column in (*form.table, *form.extra):
        header = rows.found.get(column.name)
        if header is None or column.name == "tags":
            continue
        reader = cell_reader(column, form, declared, header, rows.sheet.header)
        reader = reader if reader is Cell else cache(reader)
        values = []
        for number, row in enumerate(rows.sheet.rows):
            text = row[header]
            cell = Cell(None) if text is None else reader(str(text))
            values.append(cell.value)
            if cell.several:
                rows.several[number] = cell.several
            if cell.expected is not None or cell.notice is not None:
                _note_cell(rows, number, (header, str(text)), cell, column)
                kept[number][header] = str(text)
        rows.columns[column.name] = as_objects(values)
    rows.columns["tags"] = _tags(rows, form, kept)


def _note_cell(rows: Rows, number: int, place: tuple[str, str], cell: Cell, column: Column) -> None:
    header, text = place
    where = str(rows.where[number])
    source = rows.sheet.source
    if cell.expected is not None:
        remedy = column.meaning
        if column.choices:
            remedy = N_("Use one of these words, or add yours to the words of a mapping file.")
        entry = Fault("cell.value", source, where, header, text[:100], cell.expected, remedy)
        rows.faults.append(entry)
    elif cell.notice is not None:
        entry = Fault(
            "cell.read_as", source, where, header, text[:100], column.meaning, cell.notice
        )
        rows.notices.append(entry)


def _tags(rows: Rows, form: Form, kept: list[dict[str, str]]) -> Values:
    """Keep what the table has no column for as text by header, and what was read with a notice."""
    stored = {column.name for column in form.table} | {"lon", "lat", "x", "y", form.table.index}
    known = {header for meaning, header in rows.found.items() if meaning in stored - {"tags"}}
    own = rows.found.get("tags")
    extra = [name for name in rows.sheet.header if name not in known and name != own]
    out = []
    for row, more in zip(rows.sheet.rows, kept, strict=True):
        entry = {name: str(row[name]) for name in extra if row[name] is not None}
        out.append({**_own_tags(row[own] if own else None), **entry, **more})
    return as_objects(out)


def _own_tags(text: str | None) -> dict[str, str]:
    try:
        value = load_json(text) if text else {}
    except ValueError:
        return {"tags": str(text)}
    if isinstance(value, dict):
        return {str(key): str(entry) for key, entry in value.items()}
    return {"tags": str(text)}


def read_labels(sheet: Sheet, column: str | None) -> tuple[Values, list[Fault]]:
    """Return an identifier for each row, as the text that it is; the number of the row without."""
    if column is None:
        return as_objects([str(n) for n in range(1, len(sheet.rows) + 1)]), []
    labels: list[str] = []
    faults: list[Fault] = []
    first: dict[str, str] = {}
    for row, where in zip(sheet.rows, sheet.where, strict=True):
        label = row[column]
        labels.append(label or where)
        wrong = _wrong_label(label, first, dated=(where, column) in sheet.dates)
        if wrong is None:
            first[labels[-1]] = where
        else:
            code, expected, remedy = wrong
            faults.append(Fault(code, sheet.source, where, column, label or "", expected, remedy))
    return as_objects(labels), faults


def settle_shapes(rows: Rows, shape: str) -> None:
    """Name the rows of another kind of shape than their table holds, and repair the others."""
    _require_shape(rows, shape)
    _mend_areas(rows)


def _require_shape(rows: Rows, shape: str) -> None:
    """Name the rows that are of another kind of shape than their table holds."""
    if shape not in {"Point", "LineString", "Polygon"}:
        return
    good = rows.good()
    for number, place in enumerate(rows.points):
        if place is None or not good[number]:
            continue
        lone = shapely.get_geometry(place, 0) if shapely.get_num_geometries(place) == 1 else place
        kind = lone.geom_type if shape == "Point" else lone.geom_type.removeprefix("Multi")
        if kind != shape:
            source, where = rows.sheet.source, str(rows.where[number])
            expected = N_("a finite %(shape)s", shape=shape)
            remedy = (
                N_("Draw one point where it stands; the middle of a shape is not taken for it.")
                if shape == "Point"
                else N_("Mend or remove the feature.")
            )
            rows.faults.append(
                Fault("place.shape", source, where, "geometry", kind, expected, remedy)
            )


def _mend_areas(rows: Rows) -> None:
    """Repair areas that cross themselves and say so, and name those that have none in the end."""
    shapes = rows.points.to_numpy()
    areas = np.isin(shapely.get_type_id(shapes), AREAS)
    crossing = np.flatnonzero(areas)[~shapely.is_valid(shapes[areas])]
    if not len(crossing):
        return
    drawn, where, source = shapes[crossing], rows.where[crossing], rows.sheet.source
    repair = repair_polygons(drawn)
    flat = shapely.is_missing(repair.geometry) & ~repair.tangled
    rows.notices.extend(mended_faults(where, repair, source))
    rows.faults.extend(lost_faults(where[flat], drawn[flat], source))
    rows.faults.extend(tangled_faults(where, drawn, repair.tangled, source))
    mended = shapes.copy()
    mended[crossing] = repair.geometry
    rows.points = gpd.GeoSeries(mended, index=rows.points.index, crs=rows.points.crs)


def note_alike(rows: Rows) -> None:
    """Name the rows whose identifiers a person would take for the same."""
    alike: dict[str, list[int]] = {}
    for number, label in enumerate(rows.labels):
        plain = "".join(unicodedata.normalize("NFKC", str(label)).casefold().split())
        alike.setdefault(plain, []).append(number)
    groups = [
        ", ".join(str(rows.where[n]).removeprefix("row ") for n in group)
        for group in alike.values()
        if len({rows.labels[n] for n in group}) > 1
    ]
    if groups:
        more = " ..." if len(groups) > MANY_ALIKE else ""
        rows.notes.append(
            N_(
                "identifiers that differ only in case, width or blanks, kept apart: %(rows)s",
                rows="; ".join(groups[:MANY_ALIKE]) + more,
            )
        )


def _wrong_label(
    label: str | None, first: dict[str, str], *, dated: bool
) -> tuple[str, Text, Text] | None:
    """Return code, expectation and remedy of what is no identifier; `first` holds those before."""
    remedy = N_("Give every row an id of its own.")
    as_text = N_("Format the column as text and enter the identifier again.")
    if label is None:
        return "table.no_id", N_("an identifier"), remedy
    if CUT_NUMBER.fullmatch(label):
        return "table.cut_id", cut_number(), as_text
    if label in first:
        expected = N_("each id once; it is also in %(where)s", where=row_text(first[label]))
        return "table.repeated_id", expected, remedy
    if dated:
        expected = N_("an identifier, which a spreadsheet program has turned into a date")
        return "workbook.date", expected, as_text
    return None


def turn_north(rows: Rows, declared: Declared, *, degrees: bool) -> None:
    """Turn directions that count from true north so that they count from grid north.

    Parameters
    ----------
    rows, declared
        The rows, and what their directions count from where that is declared.
    degrees
        Whether the places came as longitude and latitude; then true north is meant by default.
    """
    names = [name for name in DIRECTIONS if np.isfinite(rows.number(name)).any()]
    if not names:
        return
    true = declared.north == "true" if declared.north is not None else degrees
    rows.notes.append(
        N_("directions count from true north and were turned to grid north")
        if true
        else N_("directions count from grid north, as they are")
    )
    if not true:
        return
    placed = rows.good() & rows.points.notna().to_numpy()
    for name in names:
        values = rows.number(name)
        values[placed] = grid_azimuth(values[placed], rows.points[placed].representative_point())
        rows.columns[name] = as_objects([None if np.isnan(v) else float(v) for v in values])
