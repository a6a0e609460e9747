"""The table of readers: what a source may hold, who reads it, and a city that holds one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.errors import N_, InputError
from civicsight.io.apart.outcome import TABLE_OF
from civicsight.io.apart.reading import read_apart
from civicsight.io.assemble import RASTERS
from civicsight.io.catalogue.messages import is_catalogue
from civicsight.io.catalogue.reader import read_catalogue
from civicsight.io.citymodels.reader import is_citymodel, read_citymodel
from civicsight.io.datum_fit import marked, with_fit, with_outside
from civicsight.io.faults import reject
from civicsight.io.file_formats import recognise, refuse_format, sniff
from civicsight.io.gazetteer import city_addresses, read_gazetteer
from civicsight.io.guessing import BUILDINGS, layer_kind, read_columns, table_kind
from civicsight.io.handover import read_handover
from civicsight.io.osm.features import is_osm_export
from civicsight.io.project import read_city, read_osm
from civicsight.io.project_file import load_city
from civicsight.io.project_layers import read_edited, table_of
from civicsight.io.project_row import PROJECT_LAYER, read_marks
from civicsight.io.rasters.terrain import read_terrain
from civicsight.io.registers.barriers import read_barriers
from civicsight.io.registers.gates import read_gate_list
from civicsight.io.registers.obstacles import read_obstacles, read_trees
from civicsight.io.registers.planning import (
    read_answers,
    read_consent_areas,
    read_documents,
    read_measured,
    read_plans,
    read_progress,
    read_proposals,
    read_surveyed,
)
from civicsight.io.registers.read import (
    read_boundary,
    read_districts,
    read_places,
    read_private_places,
    read_projects,
    read_signs,
)
from civicsight.io.registers.replies import read_replies
from civicsight.io.registers.templates import SOURCE_SCHEMAS
from civicsight.io.report import ImportReport, merge
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.inventory import read_cameras, read_entrances
from civicsight.io.tables.mapping_file import read_mapping
from civicsight.io.tables.positions import NO_PLACE
from civicsight.io.tables.source import is_table, read_sheet
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.footprints import read_buildings
from civicsight.io.vectors.geopackage import digest_layers, layer_names
from civicsight.io.vectors.parquet import read_own
from civicsight.io.vectors.vector import read_vector
from civicsight.model import City, empty_tables
from civicsight.model.notes import noted
from civicsight.rules.loader import read_pack
from civicsight.scene.nearness import mark_shift

Reader = Callable[..., tuple[gpd.GeoDataFrame, ImportReport]]


def _read_any_buildings(path: str | Path, **asked: Any) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read buildings from a city model or a vector layer; see their readers."""
    if is_citymodel(path):
        given = {name: value for name, value in asked.items() if name not in ("near", "layer")}
        return read_citymodel(path, **given)
    return read_buildings(path, **asked)


CITY: Final = "city"
"""Kind of a source that fills all tables; `read_city` reads it."""

TABLE_READERS: Final[Mapping[str, Reader]] = {
    "buildings": _read_any_buildings,
    "cameras": read_cameras,
    "catalogue": read_catalogue,
    "places": read_places,
    "entrances": read_entrances,
    "private": read_private_places,
    "districts": read_districts,
    "signs": read_signs,
    "projects": read_projects,
    "obstacles": read_obstacles,
    "trees": read_trees,
    "barriers": read_barriers,
    "proposals": read_proposals,
    "plans": read_plans,
    "documents": read_documents,
    "answers": read_answers,
    "consent": read_consent_areas,
}
"""Reader of each kind of table."""

READ_TWICE: Final = 4_000_000
"""Bytes of a layer that is read for its kind, before it is read for its rows."""


def guess_kind(path: str | Path, declared: Declared = NOTHING, *, edited: bool = False) -> str:
    """Name what a source most likely holds, by its content.

    A catalogue of GB/T 28181 is told by its XML, a table of text or a workbook by its headers: it
    is the kind of table that knows most of them. A layer is told by its shapes, columns, name and
    values. Everything else, and a layer that is too large to be read for this alone, is taken for
    a city, whose reader holds what it reads against the same measure. Whoever knows better says so.

    Parameters
    ----------
    path, declared
        The source, and what is known of it.
    edited
        Whether the source may be an edited copy of layers of a project, which is no table by
        itself.

    Raises
    ------
    InputError
        If it is of a format that is not read, a table that cannot be, or one that fits several
        kinds alike.
    """
    source = Path(path)
    if source.is_dir():
        return CITY
    found = recognise(require_file(source))
    if found is not None and not found.holds:
        expected = N_("a city, a table or a layer of a format that is read")
        refuse_format(source, expected, N_("Save the table as CSV UTF-8."))
    if is_catalogue(source):
        return "catalogue"
    if is_table(source):
        return table_kind(read_sheet(source, declared), declared)
    small = found is not None and found.is_layer and source.stat().st_size <= READ_TWICE
    return _layer_kind(source, declared, edited=edited) if small else CITY


def _layer_kind(source: Path, declared: Declared, *, edited: bool) -> str:
    """Return what a file of layers holds; a project and several layers are a city."""
    names = layer_names(source) if sniff(source) == "GPKG" else [source.stem]
    if PROJECT_LAYER in names or (len(names) > 1 and declared.layer is None):
        return CITY
    vector = read_vector(source, declared=declared)
    copied = edited and any(table_of(name, vector.frame.columns) for name in names)
    if copied or is_osm_export(vector.frame):
        return CITY
    return BUILDINGS if vector.is_drawing else layer_kind(vector.frame, source, declared)


def read_into(
    path: str | Path,
    kind: str,
    base: City | None = None,
    *,
    crs: CRS | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[City, ImportReport]:
    """Read one kind of table into a city.

    Parameters
    ----------
    path, kind
        The source and what it holds, a key of `TABLE_READERS`.
    base
        City that takes the rows: they come first, and win where an id is known. Without it the
        city holds nothing else.
    crs
        Working CRS of a city without a base; chosen from the data by default.
    declared, keep_good
        What is known about the source, and whether good rows are taken where others are bad.

    Returns
    -------
    city, report
        The city with the rows, and what was read of the source.

    Raises
    ------
    InputError
        If the source cannot be read, or rows are bad and not `keep_good`.
    """
    table, report = read_rows(path, kind, base, crs=crs, declared=declared, keep_good=keep_good)
    return put_rows(_bare(Path(path), table) if base is None else base, kind, table, report)


def read_rows(
    path: str | Path,
    kind: str,
    base: City | None = None,
    *,
    crs: CRS | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read one kind of table near a city, and put it nowhere; see `read_into`."""
    if declared.corrections is not None and kind not in SOURCE_SCHEMAS:
        reject("cell.corrected:no_table", Path(path).name)
    asked: dict[str, Any] = {"declared": declared, "keep_good": keep_good}
    if kind != "buildings" and base is not None:
        asked["near"] = base.extent
    table, report = _placed(kind, path, base, crs=crs, **asked)
    report = with_fit(report, table, base, declared.datum)
    report = with_outside(report, table, base)
    return marked(table, report), report


def put_rows(
    base: City, kind: str, table: gpd.GeoDataFrame, report: ImportReport
) -> tuple[City, ImportReport]:
    """Return a city with rows that `read_rows` read for it; see `read_into`."""
    field = TABLE_OF.get(kind, kind)
    return _with_rows(base, field, *_over(table, getattr(base, field), report))


def _placed(
    kind: str, path: str | Path, base: City | None, **asked: Any
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a table, with the addresses of the city where it has no coordinates."""
    declared: Declared = asked.pop("declared")
    asked["crs"] = asked["crs"] if base is None else base.crs
    if base is not None and declared.addresses is not None:
        joined = declared.addresses.over(city_addresses(base))
        declared = replace(declared, addresses=joined)
    try:
        table, report = read_apart(kind, path, declared=declared, **asked)
    except InputError as error:
        unplaced = any(fault.field == NO_PLACE for fault in error.faults)
        known = city_addresses(base) if base is not None and unplaced else None
        if known is None or not known.spots or declared.addresses is not None:
            raise
        declared = replace(declared, addresses=known)
        table, report = read_apart(kind, path, declared=declared, **asked)
    return table, report


def _with_rows(
    base: City, field: str, table: gpd.GeoDataFrame, report: ImportReport
) -> tuple[City, ImportReport]:
    """Return a city with one table replaced, and where its rows come from."""
    total = merge(report.source, (report,), crs_found=report.crs_found)
    city = replace(
        base,
        **{field: table},
        sources=tuple(dict.fromkeys((*base.sources, report.source))),
        provenance=(*base.provenance, *total.provenance()),
    )
    return mark_shift(city), total


def _over(
    rows: gpd.GeoDataFrame, known: gpd.GeoDataFrame, report: ImportReport
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Put rows before those that are known; what their source does not carry stays as it was."""
    same = rows.index.intersection(known.index)
    if report.given is None or same.empty:
        return before(rows, known), report
    taken = {*report.given, "geometry", "source", "tags"}
    rows, kept = rows.copy(), []
    for name in known.columns.difference(list(taken)).intersection(rows.columns):
        old, values = known.loc[same, name].astype(object), rows[name].astype(object)
        if not old.isna().all() and not old.equals(values[same]):
            values[same] = old
            rows[name] = values.astype(rows[name].dtype)
            kept.append(str(name))
    note = noted(
        "rows.kept",
        N_(
            "not in the source, so left as it was in %(count)s known rows: %(columns)s",
            count=len(same),
            columns=", ".join(kept),
        ),
        len(same),
    )
    notes = (*report.notes, note) if kept else report.notes
    return before(rows, known), replace(report, notes=notes)


def before(rows: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put rows before those that are known, and let them win where the id is the same."""
    joined = pd.concat([rows, known[~known.index.isin(rows.index)]])
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=known.crs)


def _bare(source: Path, table: gpd.GeoDataFrame) -> City:
    """Return a city of the extent of a table, with nothing in it."""
    shapes = table.geometry.dropna().to_numpy()
    area = shapely.box(*shapely.total_bounds(shapes)) if len(shapes) else shapely.Polygon()
    return City(source.name.split(".")[0], table.crs, area, **empty_tables(table.crs))


READERS: Final[Mapping[str, Callable[..., Any]]] = {
    **TABLE_READERS,
    **RASTERS,
    "boundary": read_boundary,
    "kind": guess_kind,
    "city": read_city,
    "osm": read_osm,
    "ground": read_terrain,
    "project": load_city,
    "marks": read_marks,
    "edited": read_edited,
    "sheet": read_sheet,
    "columns": read_columns,
    "gazetteer": read_gazetteer,
    "heads": read_own,
    "layers": digest_layers,
    "measured": read_measured,
    "gate_list": read_gate_list,
    "surveyed": read_surveyed,
    "progress": read_progress,
    "replies": read_replies,
    "mapping": read_mapping,
    "handover": read_handover,
    "pack": read_pack,
}
"""Reader by name; each takes the path of a file first."""
