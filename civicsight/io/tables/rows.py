"""Rows on their way from a sheet to a table: their values, shapes, identifiers and faults."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, ObjectArray
from civicsight.core.errors import N_, Fault, Text
from civicsight.io.crs import grid_azimuth
from civicsight.io.report import Count, row_text
from civicsight.io.source_options import Declared
from civicsight.io.tables.grid import DIGITS
from civicsight.io.tables.sheet import Sheet
from civicsight.io.vectors.geometry import (
    lost_faults,
    mended_faults,
    repair_polygons,
    tangled_faults,
)
from civicsight.model.notes import Note, noted

DIRECTIONS: Final = frozenset({"azimuth_deg", "facing_deg"})
"""Columns that hold a direction of view."""


CUT_NUMBER: Final = re.compile(r"\d(?:\.\d+)?E\+(?:1[1-9]|[2-9]\d)")
"""How spreadsheet programs write a number of more than eleven digits, and lose its digits by it."""


class Cell(NamedTuple):
    """A value read from a cell, or the sentence that says what was expected instead.

    `notice` says what was done where the value is not simply the text; `several` holds directions
    of one row.
    """

    value: object
    expected: Text | None = None
    notice: Text | None = None
    several: tuple[float, ...] = ()


Reader = Callable[[str], Cell]


def cut_number() -> Text:
    """Return what is expected where a spreadsheet program cut the digits of an identifier."""
    return N_("an identifier as text: a number keeps %(digits)s digits", digits=DIGITS)


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
        Values by column of the schema, those of its extra columns too.
    several
        Directions of the rows that name more than one.
    faults, notices
        What makes a row unusable, and what was done to read one.
    """

    sheet: Sheet
    found: dict[str, str]
    labels: ObjectArray
    where: ObjectArray
    points: gpd.GeoSeries
    columns: dict[str, ObjectArray] = field(default_factory=dict)
    several: dict[int, tuple[float, ...]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)

    def number(self, name: str) -> FloatArray:
        """Return a column of numbers, NaN where unknown; all of it where the sheet lacks it."""
        values = self.columns.get(name)
        if values is None:
            return np.full(len(self.labels), np.nan)
        return np.array([np.nan if value is None else value for value in values], float)

    def text(self, name: str) -> ObjectArray:
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

    def notice(
        self, row: int, meaning: str, expected: Text, done: Text, code: str = "cell.read_as"
    ) -> None:
        """Name what was done to read one row."""
        self.notices.append(self._entry(row, meaning, code, expected, done))

    def _entry(self, row: int, meaning: str, code: str, expected: Text, remedy: Text) -> Fault:
        header = self.found.get(meaning, meaning)
        values = self.columns.get(meaning)
        found = "" if values is None or values[row] is None else str(values[row])
        where = str(self.where[row])
        return Fault(code, self.sheet.source, where, header, found[:100], expected, remedy)


def as_objects(values: Sequence[object]) -> ObjectArray:
    """Return values as an array of objects, whatever they are."""
    out = np.empty(len(values), object)
    out[:] = values
    return out


def read_labels(sheet: Sheet, column: str | None) -> tuple[ObjectArray, list[Fault]]:
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
            noted(
                "rows.alike",
                N_(
                    "identifiers that differ only in case, width or blanks, kept apart: %(rows)s",
                    rows="; ".join(groups[:MANY_ALIKE]) + more,
                ),
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
        noted(
            "read.coordinates", N_("directions count from true north and were turned to grid north")
        )
        if true
        else noted("read.coordinates", N_("directions count from grid north, as they are"))
    )
    if not true:
        return
    placed = rows.good() & rows.points.notna().to_numpy()
    for name in names:
        values = rows.number(name)
        values[placed] = grid_azimuth(values[placed], rows.points[placed].representative_point())
        rows.columns[name] = as_objects([None if np.isnan(v) else float(v) for v in values])


def rows_of(mask: BoolArray) -> list[int]:
    """Return the numbers of the rows that a mask marks."""
    return [int(row) for row in np.flatnonzero(mask)]
