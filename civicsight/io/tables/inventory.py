"""Inventories and registers: cameras, places and entrances from a table or a vector layer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from civicsight.core.column import Example
from civicsight.core.errors import N_, InputError
from civicsight.core.i18n import label_in_all, pick
from civicsight.io.datums import DATUM_NAMES, DATUMS
from civicsight.io.faults import reject
from civicsight.io.registers.prepare import read_placed
from civicsight.io.report import Count, ImportReport, row_text
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.camera_checks import read_size, settle_cameras
from civicsight.io.tables.camera_poles import with_builds
from civicsight.io.tables.cells import cell_reader, in_one_notation, read_cells
from civicsight.io.tables.column_profile import ask_columns, note_columns, profile_columns
from civicsight.io.tables.corrections import counted
from civicsight.io.tables.positions import locate, with_header_datum
from civicsight.io.tables.rows import (
    Cell,
    Reader,
    Rows,
    as_objects,
    note_alike,
    read_labels,
    settle_shapes,
    turn_north,
)
from civicsight.io.tables.sheet import Sheet, of_shape
from civicsight.io.tables.source_schema import (
    MANY,
    SourceSchema,
    header_label,
    match_columns,
    suggest_meanings,
)
from civicsight.io.tables.synonyms import CODED_HEADERS, match_headers, normal
from civicsight.io.tables.words import DATUM_OF
from civicsight.model import CAMERAS, ENTRANCES, Column, require_metric
from civicsight.model.inputs import CAMERA_SOURCE
from civicsight.model.notes import Note, noted

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


NARROW_EXAMPLE: Final = 12
"""Columns that a row has in common with an example which no row of an office shares by chance."""


def without_example(
    sheet: Sheet, found: dict[str, str], schema: SourceSchema, declared: Declared
) -> Sheet:
    """Return a sheet without the example row of its template; a note names the row.

    A row is the example if it says in all columns of the template what the example says. Of a wide
    template half of the columns may be missing; a narrow example may well be a row of a register.

    Raises
    ------
    InputError
        If there is no other row.
    """
    index = schema.table.index
    own = (schema.table.identifier, *schema.table)
    example = {column.name: column.example for column in own if column.example}
    present = {name: said for name, said in example.items() if name in found}
    least = max(len(example) / 2, min(len(example), NARROW_EXAMPLE))
    if index not in present or len(present) < least:
        return sheet
    columns = {column.name: column for column in schema.columns}
    readers = {name: _reader(columns.get(name), schema, declared) for name in present}
    mine = [
        number
        for number, row in enumerate(sheet.rows)
        if all(_is_said(row[found[name]], said, readers[name]) for name, said in present.items())
    ]
    if not mine:
        return sheet
    where = row_text(sheet.where[mine[0]])
    if len(sheet.rows) == len(mine):
        reject("table.example", sheet.source, sheet.where[mine[0]])
    note = noted(
        "rows.example", N_("%(where)s: the example of the template, left out", where=where)
    )
    keep = [number for number in range(len(sheet.rows)) if number not in mine]
    return sheet._replace(
        rows=[sheet.rows[number] for number in keep],
        where=[sheet.where[number] for number in keep],
        geometry=None if sheet.geometry is None else sheet.geometry.iloc[keep],
        notes=(*sheet.notes, note),
    )


def _reader(column: Column | None, schema: SourceSchema, declared: Declared) -> Reader:
    return Cell if column is None else cell_reader(column, schema, declared)


def _is_said(text: str | None, example: Example, read: Reader) -> bool:
    """Tell whether a cell says what the example says, in whatever words."""
    if text is None:
        return False
    texts = [example] if isinstance(example, str) else example.values()
    return read(text).value in [read(other).value for other in texts]


CAMERA_SCHEMA = SourceSchema(
    CAMERAS,
    {
        "kind": "unknown",
        "mount": "unknown",
        "setting": "unknown",
        "status": "existing",
        "owner": "unknown",
    },
    extra=CAMERA_SOURCE,
    after=settle_cameras,
    readers={"resolution": read_size},
    alike={"status": "condition"},
    coded=CODED_HEADERS,
    section="cameras",
)
ENTRANCE_SCHEMA = SourceSchema(
    ENTRANCES, {"kind": "yes", "vehicle": False, "confirmed": True}, section="entrances"
)


def read_cameras(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a camera inventory.

    Parameters
    ----------
    path
        CSV, TSV or XLSX with a column for each property (`model.CAMERAS`, many Chinese and
        English names are understood) and ``lon``/``lat`` or ``x``/``y``; or a vector layer of
        points. Directions count from true north where the rows have degrees, and from grid north
        where they have metres.
    crs
        Working CRS; by default chosen from the rows.
    near
        Extent of the city in the working CRS: cameras far from it are rejected.
    declared
        Datum, CRS, encoding, sheet, north and mapping of the source.
    keep_good
        Whether to take the good rows where others are rejected; by default all or nothing.

    Returns
    -------
    cameras
        `model.CAMERAS`. Columns without a meaning here are kept as ``tags``.
    report
        Rows read and kept, every bad cell with row and column, columns understood and not.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or rows are bad and not `keep_good`.
    """
    sheet, declared = read_placed(path, declared, with_builds)
    table, report = fill(
        sheet, CAMERA_SCHEMA, crs, near=near, declared=declared, keep_good=keep_good
    )
    return table, replace(report, counts=(*report.counts, *_known(table)))


def _known(table: gpd.GeoDataFrame) -> tuple[Count, ...]:
    return (
        Count("direction", N_("with a direction"), int(table["azimuth_deg"].notna().sum())),
        Count("height", N_("with a height"), int(table["height_m"].notna().sum())),
        Count("kind", N_("of known build"), int((table["kind"] != "unknown").sum())),
    )


def read_entrances(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a register of entrances; they count as confirmed unless a column says otherwise.

    The columns are those of `model.ENTRANCES`. Parameters, results and errors as for
    `read_cameras`.
    """
    sheet, declared = read_placed(path, declared)
    return fill(sheet, ENTRANCE_SCHEMA, crs, near=near, declared=declared, keep_good=keep_good)


def fill(
    sheet: Sheet,
    schema: SourceSchema,
    crs: CRS | None = None,
    *,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn rows of text into a declared table; see `read_cameras`.

    What the profile of a column leaves open (`column_profile`) is asked before any of it is used.
    Columns of kind ``bool`` and ``maybe`` are read as yes and no, ``date`` as days, ``float`` as
    numbers in their unit, closed lists by the words of the schema; all else is text as it stands.
    """
    sheet = of_shape(sheet, schema.table.shape)
    found = match_columns(sheet, schema, declared)
    sheet = in_one_notation(without_example(sheet, found, schema, declared), found, schema)
    profiles = profile_columns(sheet, found, schema, declared)
    questions = ask_columns(profiles, sheet, schema, declared)
    if questions:
        raise InputError(questions)
    points, place_faults, place_notes = locate(
        sheet, found, crs, near, declared, placed=schema.table.placed
    )
    require_metric(points.to_frame("geometry"), schema.table.name)
    labels, id_faults = read_labels(sheet, found.get(schema.table.index))
    rows = Rows(sheet, found, labels, as_objects(sheet.where), points.reset_index(drop=True))
    rows.faults = [*sheet.faults, *place_faults, *id_faults]
    settle_shapes(rows, schema.table.shape)
    note_alike(rows)
    read_cells(rows, schema, declared)
    if schema.after is not None:
        schema.after(rows)
    turn_north(rows, declared, degrees=_in_degrees(sheet, found))
    table = _table(rows, schema)
    if not rows.faults or keep_good:
        schema.table.check(table)
    order = {where: number for number, where in enumerate(sheet.where)}
    lost = {fault.where for fault in sheet.faults} - set(sheet.where)
    report = ImportReport(
        sheet.source,
        schema.table.name,
        len(sheet.rows) + len(lost) + sum(count.number for count in sheet.left),
        len(table),
        (*rows.counts, *counted(sheet), *sheet.left),
        (*sheet.corrected, *rows.notices),
        tuple(sorted(rows.faults, key=lambda fault: order.get(fault.where, -1))),
        (*_notes(sheet, found, schema), *note_columns(profiles), *place_notes, *rows.notes),
        sheet.encoding,
        sheet.crs_found,
        given=_given(rows, schema, found),
        datum=_datum(sheet, found, declared),
        named=_named(rows),
    )
    return table, report.raise_rejected(keep_good=keep_good)


def _named(rows: Rows) -> dict[str, tuple[str, ...]]:
    """Return the ids of the rows that faults and notes are about, by their place in the source."""
    told = {fault.where for fault in (*rows.sheet.corrected, *rows.notices)}
    told |= {where for one in (*rows.sheet.notes, *rows.notes) for where in one.rows}
    found: dict[str, tuple[str, ...]] = {}
    for where, label in zip(rows.where[rows.good()], rows.labels[rows.good()], strict=True):
        if where in told:
            found[str(where)] = (*found.get(str(where), ()), str(label))
    return found


def _given(rows: Rows, schema: SourceSchema, found: dict[str, str]) -> tuple[str, ...]:
    """Return the columns that the rows fill, their numbers too where they have their own."""
    numbers = {schema.table.index} & found.keys()
    filled = (name for name, values in rows.columns.items() if any(pd.notna(values)))
    return (*numbers, *filled)


def _datum(sheet: Sheet, found: dict[str, str], declared: Declared) -> str:
    """Return the systems that the rows name, or what is declared or headed for the others."""
    header = found.get("datum")
    if declared.datum is None and {"lon", "lat"} <= found.keys():
        declared = with_header_datum(sheet, (found["lon"], found["lat"]), declared)
    words = [row[header] if header else None for row in sheet.rows]
    said = {declared.datum if word is None else DATUM_OF.get(normal(word)) for word in words}
    return ", ".join(DATUM_NAMES[datum] for datum in DATUMS if datum in said)


def _in_degrees(sheet: Sheet, found: dict[str, str]) -> bool:
    """Tell whether the rows have longitude and latitude rather than metres."""
    if sheet.geometry is not None:
        return bool(CRS(sheet.geometry.crs).is_geographic)
    return {"lon", "lat"} <= found.keys()


def _table(rows: Rows, schema: SourceSchema) -> gpd.GeoDataFrame:
    floats = {column.name for column in schema.table if column.kind == "float"}
    columns = {
        name: rows.number(name) if name in floats else pd.array(values, dtype=object)
        for name, values in rows.columns.items()
    }
    frame = gpd.GeoDataFrame(
        columns,
        geometry=rows.points.to_numpy(),
        crs=rows.points.crs,
        index=pd.Index(rows.labels, dtype=object),
    )[rows.good()]
    return schema.table.complete(_with_defaults(frame, schema, rows.sheet.source))


def _with_defaults(frame: gpd.GeoDataFrame, schema: SourceSchema, source: str) -> gpd.GeoDataFrame:
    out = frame.copy()
    for name, default in {**schema.defaults, "source": source}.items():
        values = (
            out[name].astype(object)
            if name in out.columns
            else pd.Series(None, index=out.index, dtype=object)
        )
        out[name] = values.where(values.notna(), default)
    return out


def _notes(sheet: Sheet, found: dict[str, str], schema: SourceSchema) -> tuple[Note, ...]:
    labels = {name: header_label(schema, name) for name in found}
    known = label_in_all(
        lambda language: ", ".join(
            f"{pick(labels[name], language)} = {header}" for name, header in found.items()
        )
    )
    extra = [name for name in sheet.header if name not in found.values()]
    notes = [
        noted("columns.read", N_("columns understood: %(columns)s", columns=known), len(found))
    ]
    if extra:
        notes.append(
            noted(
                "columns.unread",
                N_("columns kept as text without a meaning: %(columns)s", columns=", ".join(extra)),
                len(extra),
            )
        )
    twins = [
        f"{name} ~ {found[meaning]}"
        for name in extra
        for meaning in match_headers([name], schema.all_headers)
        if meaning in found and meaning != schema.table.index
    ]
    if twins:
        notes.append(
            noted(
                "columns.twins",
                N_(
                    "columns that could mean the same as the one taken, settle it by a mapping "
                    "if the wrong one was taken: %(columns)s",
                    columns=", ".join(twins),
                ),
                len(twins),
            )
        )
    cells = {name: pd.Series([row[name] for row in sheet.rows[:MANY]]) for name in extra}
    placed = {"lon", "lat", "x", "y"} if sheet.geometry is not None or "x" in found else set()
    known = {**found, **dict.fromkeys(placed, "")}
    return (*sheet.notes, *notes, *suggest_meanings(cells, schema, known))
