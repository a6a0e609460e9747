"""Footprints and heights of buildings out of vector files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, ObjectArray
from civicsight.core.bounded.crossings import tangled
from civicsight.core.errors import N_, Fault, InputError, refuse
from civicsight.core.values import as_flag
from civicsight.io.crs import FAR_M, crs_name, strays, to_working
from civicsight.io.faults import fault, reject
from civicsight.io.nearness import require_near
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, ColumnMapping, Declared
from civicsight.io.tables.column_profile import unknown_unit
from civicsight.io.tables.source_schema import unit_of_column
from civicsight.io.tables.synonyms import normal
from civicsight.io.vectors.attributes import (
    BUILDING_SCHEMA,
    PART,
    Heights,
    building_heights,
    column_notes,
    find_columns,
    text_column,
)
from civicsight.io.vectors.buildings import Raw, make_buildings
from civicsight.io.vectors.geometry import as_area, lost_faults, tangled_faults
from civicsight.io.vectors.measures import read_year
from civicsight.io.vectors.native import refuse_empty
from civicsight.io.vectors.vector import Vector, read_vector
from civicsight.model.city import YEARS
from civicsight.model.inputs import BUILDING_SOURCE
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

PART_KINDS = frozenset({"building_part", "part", "BuildingPart"})
"""Kinds that mark a row as part of another outline."""

NOT_MEASURES = frozenset({"id", "kind", "coarse kind", "name", "underground", *YEARS})
"""Columns that are no measure of the building."""

ID_SHARE = 0.5
"""A column is an identifier if at least this share of its values differ; rows may repeat some."""


def read_buildings(
    path: str | Path,
    *,
    crs: CRS | None = None,
    layer: str | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read building footprints with their heights from a vector file.

    Attributes are found by name (``height``, ``floors``, ``min_height`` ... in many spellings, and
    by the names of Overture and of Microsoft's footprints). Rows that share an identifier, as
    where tiles cut a building, are joined; an outline drawn twice is taken once; other footprints
    may overlap, and where they do the higher one hides.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, FlatGeobuf, GeoJSON or GeoParquet, or one of them zipped.
    crs
        Working CRS; chosen from the centre of the data by default.
    layer
        Layer to read where there are several.
    near
        Extent of the city that the buildings are added to, in the working CRS.
    declared
        CRS where the file has none, datum, encoding, layer and columns; see `Declared`.
    keep_good
        Whether to take the usable rows where others are rejected.

    Returns
    -------
    buildings
        `model.BUILDINGS` in the working CRS.
    report
        What was read, joined, repaired, assumed and rejected.

    Raises
    ------
    InputError
        If the file cannot be read, or rows are rejected and not `keep_good`.
    """
    vector = read_vector(path, layer=layer, declared=declared)
    if near is not None and crs is not None:
        require_near(vector.frame.geometry, near, crs, Path(path).name, limit_m=FAR_M)
    return buildings_of(
        vector, Path(path).name, crs=crs, mapping=declared.mapping, keep_good=keep_good
    )


def buildings_of(
    vector: Vector,
    source: str,
    *,
    crs: CRS | None = None,
    mapping: ColumnMapping | None = None,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn a layer that was read into the table of buildings; see `read_buildings`."""
    if not len(vector.frame) and not vector.left:
        refuse_empty(Path(source))
    entities = len(vector.frame) + sum(count.number for count in vector.left)
    if vector.is_drawing:
        vector = _areas_of(vector, source)
    found = find_columns(vector.frame, source, mapping)
    bad = [fault.where for fault in vector.faults]
    whole = vector.frame.loc[~vector.frame.index.isin(bad)]
    geometry = whole.geometry.to_numpy()
    if (shapely.is_missing(geometry) | shapely.is_empty(geometry)).all():
        labels = whole.index.to_numpy(object)
        raise InputError(vector.faults + lost_faults(labels, geometry, source))
    frame, notes = _labelled(whole, found.get("id"))
    frame = to_working(frame, crs)
    far = strays(frame.geometry.to_numpy())
    rejected = vector.faults + tuple(far_fault(source, str(label)) for label in frame.index[far])
    buried = _buried(frame, found.get("underground"))
    frame, joined, knotted = _join_rows(frame[~far & ~buried], source)
    heights = _heights(frame, found, source, mapping)
    years: dict[str, pd.Series] = {}
    misread: list[Fault] = []
    for name in (name for name in YEARS if name in found):
        cells = frame[found[name]]
        readings = [read_year(cell) for cell in cells.where(cells.notna(), "")]
        years[name] = pd.Series([reading.value for reading in readings], frame.index, float)
        expected = N_("a year, such as 2028")
        remedy = N_("It was left out, and the building taken to stand; give the year alone.")
        misread += [
            Fault("year.unusable", source, str(label), name, str(cell), expected, remedy)
            for label, cell in cells[[not reading.readable for reading in readings]].items()
        ]
    kind = _kind(frame, found)
    name = text_column(frame, found.get("name"))
    rows = gpd.GeoDataFrame(
        heights.frame.assign(kind=kind, name=name, tags=None, **years),
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
        index=frame.index,
    )
    is_part: BoolArray = kind.isin(PART_KINDS).to_numpy(bool)
    if PART in frame.columns:
        mapped = frame[PART]
        is_part = is_part | (mapped.notna() & mapped.astype(str).ne("no")).to_numpy(bool)
    table, report = make_buildings(
        Raw(rows, is_part),
        source,
        read=entities,
        counts=(
            *vector.left,
            Count("joined", N_("rows joined with another of the same id"), joined),
            Count("excluded.underground", N_("underground, no obstacle"), int(buried.sum())),
            *heights.counts,
        ),
        faults=vector.mended + heights.faults + tuple(misread),
    )
    report = replace(
        report,
        rejected=rejected + knotted + report.rejected,
        notes=(*vector.notes, *notes, *heights.notes, *column_notes(vector.frame, found)),
        encoding=vector.encoding,
        crs_found=crs_name(vector.frame.crs),
    )
    report = report.raise_rejected(keep_good=keep_good)
    if not report.kept:  # a city without buildings hides nothing from view
        if report.rejected:
            raise InputError(report.rejected)
        expected = N_("at least one building")
        remedy = N_("Check the layer, its coordinate system and what was left out.")
        refuse("buildings.none", source, expected, remedy, found=f"0 / {report.read}")
    return table, report


def _areas_of(vector: Vector, source: str) -> Vector:
    """Return the areas of a drawing, and closed lines as such; count what has none."""
    shapes = as_area(vector.frame.geometry.to_numpy())
    frame = vector.frame.set_geometry(shapes, crs=vector.frame.crs)
    area = shapely.get_dimensions(shapes) == 2
    area |= np.isin(frame.index, [fault.where for fault in vector.faults])
    if not area.any():
        reject("buildings.none", source, found=f"0 / {len(frame)}")
    label = N_("open lines, points and texts of the drawing, without an area")
    count = Count("excluded.shape", label, int((~area).sum()))
    return vector._replace(frame=frame[area], left=(*vector.left, count))


def _heights(
    frame: gpd.GeoDataFrame, found: dict[str, str], source: str, mapping: ColumnMapping | None
) -> Heights:
    """Read the heights of footprints; `found` gives the column for each meaning."""
    measures = {name: column for name, column in found.items() if name not in NOT_MEASURES}
    attributes = pd.DataFrame(
        {name: frame[column] for name, column in measures.items()}, index=frame.index
    )
    lengths = {column.name for column in BUILDING_SOURCE if column.unit == "m"}
    named = {
        name: unit_of_column(name, column, BUILDING_SCHEMA, mapping)
        for name, column in measures.items()
        if name in lengths
    }
    known = {name: own.unit for name, own in named.items() if own is not None and own.unit}
    factors = {
        name: float(unit.factor) for name, unit in known.items() if unit.quantity == "length"
    }
    strange = {
        name: own.word for name, own in named.items() if own is not None and name not in factors
    }
    if strange:
        faults = []
        for name, word in strange.items():
            expected, remedy = unknown_unit(name, "m")
            faults.append(Fault("column.unit", source, "", measures[name], word, expected, remedy))
        raise InputError(faults)
    return building_heights(attributes, _kind(frame, found), source, factors=factors)


def _kind(frame: gpd.GeoDataFrame, found: dict[str, str]) -> pd.Series:
    """Return the kind; where it is not known the coarser one that Overture gives beside it."""
    kind = text_column(frame, found.get("kind"))
    return kind.where(kind.notna(), text_column(frame, found.get("coarse kind")))


def _labelled(
    frame: gpd.GeoDataFrame, column: str | None
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Label rows by their identifier, if the column is one."""
    if column is None:
        return frame, (noted("read.rows", N_("no column with identifiers: rows are numbered")),)
    values = frame[column].where(frame[column].isna(), frame[column].astype(str))
    if values.isna().any() or values.nunique() < ID_SHARE * len(frame):
        return frame, (
            noted(
                "read.rows",
                N_(
                    "column %(column)s repeats too often to identify rows: rows are numbered",
                    column=column,
                ),
            ),
        )
    labels = pd.Index([str(value) for value in values], dtype=object)
    return frame.set_axis(labels, axis=0), ()


def _join_rows(
    frame: gpd.GeoDataFrame, source: str
) -> tuple[gpd.GeoDataFrame, int, tuple[Fault, ...]]:
    """Unite the footprints of rows that share a label; the first row gives the attributes.

    What cannot be repaired is left out, and named.
    """
    repeated = frame.index.duplicated(keep=False)
    if not repeated.any():
        return frame, 0, ()
    pieces = frame[repeated]
    labels, shapes = pieces.index.to_numpy(object), pieces.geometry.to_numpy()
    knotted = tangled(shapes)
    faults = tangled_faults(labels, shapes, knotted, source)
    pieces = pieces[~knotted]
    first = pieces[~pieces.index.duplicated()]
    code = pd.Categorical(pieces.index, categories=first.index).codes
    order = np.argsort(code, kind="stable")
    geometry = pieces.geometry.to_numpy()[order]
    invalid = ~shapely.is_valid(geometry)
    geometry[invalid] = shapely.make_valid(geometry[invalid])
    groups = np.split(geometry, np.flatnonzero(np.diff(code[order])) + 1)
    united = np.array([_united(group) for group in groups], dtype=object)
    first = first.set_geometry(gpd.GeoSeries(united, index=first.index, crs=frame.crs))
    whole = gpd.GeoDataFrame(
        pd.concat([frame[~repeated], first]), geometry="geometry", crs=frame.crs
    )
    return whole, len(pieces) - len(first), faults


def _united(shapes: ObjectArray) -> BaseGeometry:
    """Return areas as one, beside what has none: lines are never cut where they meet."""
    areas = shapely.get_dimensions(shapes) == 2
    whole, others = shapely.union_all(shapes[areas]), shapes[~areas & ~shapely.is_missing(shapes)]
    return shapely.geometrycollections([whole, *others]) if len(others) else whole


def _buried(frame: gpd.GeoDataFrame, column: str | None) -> BoolArray:
    """Tell which rows a column marks as underground."""
    if column is None:
        return np.zeros(len(frame), bool)
    said = frame[column].map(lambda cell: as_flag(normal(cell)) is True)
    return np.asarray(said.to_numpy(bool))


def far_fault(source: str, label: str) -> Fault:
    """Return the fault of a feature that lies far from all others."""
    return fault("place.far", source, label, "geometry")
