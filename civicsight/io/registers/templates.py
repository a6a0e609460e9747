"""Templates of every table that can be imported: a header, one example row, and what each means.

Everything is generated from `model` and the words that the readers understand, so that a template
cannot promise what the import does not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, Language, label_in_all
from civicsight.io.faults import reject
from civicsight.io.registers.classes import item_lists
from civicsight.io.registers.obstacles import OBSTACLE_SCHEMA, TREE_SCHEMA
from civicsight.io.registers.planning import (
    ANSWER_SCHEMA,
    CONSENT_SCHEMA,
    DOCUMENT_SCHEMA,
    MEASURED_SCHEMA,
    PLAN_SCHEMA,
    PROGRESS_SCHEMA,
    PROPOSAL_SCHEMA,
    SURVEYED_SCHEMA,
)
from civicsight.io.registers.read import (
    DISTRICT_SCHEMA,
    PLACE_SCHEMA,
    PRIVATE_SCHEMA,
    PROJECT_SCHEMA,
    SIGN_SCHEMA,
)
from civicsight.io.registers.template_files import (
    NOTHING,
    Entry,
    Kind,
    example_of,
    flag_word,
    headers_of,
    write_csv,
    write_explanation,
    write_geojson,
    write_workbook,
)
from civicsight.io.tables.inventory import CAMERA_SCHEMA, ENTRANCE_SCHEMA
from civicsight.io.tables.source_schema import SourceSchema, label_in
from civicsight.io.vectors.attributes import BUILDING_SCHEMA
from civicsight.model import BUILDINGS, Column
from civicsight.model.inputs import BUILDING_SOURCE, POSITION, SHAPE

SOURCE_SCHEMAS: Final[dict[str, SourceSchema]] = {
    "cameras": CAMERA_SCHEMA,
    "places": PLACE_SCHEMA,
    "entrances": ENTRANCE_SCHEMA,
    "private": PRIVATE_SCHEMA,
    "districts": DISTRICT_SCHEMA,
    "signs": SIGN_SCHEMA,
    "projects": PROJECT_SCHEMA,
    "obstacles": OBSTACLE_SCHEMA,
    "trees": TREE_SCHEMA,
    "plans": PLAN_SCHEMA,
    "documents": DOCUMENT_SCHEMA,
    "answers": ANSWER_SCHEMA,
    "consent": CONSENT_SCHEMA,
    "proposals": PROPOSAL_SCHEMA,
}
"""Schema of each table that rows of text can fill, by the name under which it is imported."""

OTHERS: Final[dict[str, SourceSchema]] = {
    "measured": MEASURED_SCHEMA,
    "surveyed": SURVEYED_SCHEMA,
    "progress": PROGRESS_SCHEMA,
}
"""Schemas of tables that a command reads and that belong to no city."""

TABLES: Final = (*SOURCE_SCHEMAS, *OTHERS, "buildings")
"""Everything that has a template."""

LON, LAT = 115.8922, 28.6765
"""Where the examples are: in Nanchang [deg, WGS 84]."""

SQUARE: Final = tuple(
    (round(LON + across * 0.0005, 4), round(LAT + up * 0.0005, 4))
    for across, up in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
)
"""Corners of an example's area [deg, WGS 84]."""

MEASURES: Final = ("id", "height", "building:levels", "min_height")
"""What a template asks of the attributes of a building; others are read where they are given."""

ATTRIBUTES: Final[tuple[Column, ...]] = tuple(
    column
    for column in (*BUILDING_SOURCE, *BUILDINGS)
    if column.name in (*MEASURES, "kind", "name", "built_from", "removed_by")
)
"""What is read of a layer of buildings."""


def template(names: Sequence[str] = (), out: str | Path = ".", kind: Kind = "xlsx") -> list[Path]:
    """Write the templates of some tables, by default of all; returns the files."""
    return write_templates(out, tables=names or None, form=kind)


def write_templates(
    folder: str | Path,
    *,
    tables: Iterable[str] | None = None,
    languages: Sequence[Language] = LANGUAGES,
    form: Kind = "xlsx",
) -> list[Path]:
    """Write a template for each table that can be imported.

    Parameters
    ----------
    folder
        Where to write; it is made if it is not there.
    tables
        Names as in `TABLES`; all by default.
    languages
        Languages of explanations; headers and example are in the first of them, with the name of
        the column in brackets.
    form
        ``xlsx``: a workbook with the table and a sheet for each language that explains its columns.
        ``csv``: the table and its explanation as two files in UTF-8 with a byte order mark, so that
        spreadsheet programs read the Chinese. Buildings are a GeoJSON with its explanation.

    Returns
    -------
    list of Path
        The files, in the order of the tables.

    Raises
    ------
    InputError
        If a table has no template.
    """
    wanted = list(TABLES if tables is None else tables)
    unknown = [name for name in wanted if name not in TABLES]
    if unknown:
        reject("template.unknown", ", ".join(unknown), choices=", ".join(TABLES))
    target = Path(folder)
    return [path for name in wanted for path in _write_one(target, name, languages, form)]


def _write_one(folder: Path, name: str, languages: Sequence[Language], form: Kind) -> list[Path]:
    """Write the template of one table and, where it has no sheet for it, its explanation."""
    entries = list_columns(name)
    if name != "buildings" and form == "xlsx":
        return [write_workbook(folder / f"{name}.xlsx", name, entries, languages)]
    if name == "buildings":
        path = write_geojson(folder / "buildings.geojson", entries, languages, SQUARE)
    else:
        rows = [headers_of(entries, languages), example_of(entries, languages)]
        path = write_csv(folder / f"{name}.csv", rows)
    return [path, *write_explanation(folder, name, entries, languages, form)]


def list_columns(name: str) -> tuple[Entry, ...]:
    """Return the columns of a template, in order."""
    if name == "buildings":
        return tuple(_entry(column, BUILDING_SCHEMA) for column in ATTRIBUTES)
    schema = {**SOURCE_SCHEMAS, **OTHERS}[name]
    table = schema.table
    where = SHAPE if table.shape == "Polygon" else POSITION
    place = tuple(column for column in where if column.name in PLACED)
    if not table.placed:
        place = tuple(replace(column, required=False, nullable=True) for column in place)
    own = (column for column in table if column.kind != "object")
    return tuple(_entry(column, schema) for column in (table.identifier, *place, *own))


PLACED: Final[Mapping[str, str]] = {
    "lon": f"{LON:.4f}",
    "lat": f"{LAT:.4f}",
    "datum": "WGS84",
    "wkt": "POLYGON((" + ",".join(f"{x:.4f} {y:.4f}" for x, y in SQUARE) + "))",
}
"""Where the example of a template is."""


def _entry(column: Column, schema: SourceSchema) -> Entry:
    headers = schema.all_headers.get(column.name, column.headers)
    values = schema.words.get(column.name, {})
    listed = {value: label_in(values.get(value, ()), value) for value in column.choices}
    needed = (column.required or not column.nullable) and column.name not in schema.defaults
    needed = needed and column.kind != "bool"
    example = PLACED.get(column.name, column.example)
    if column.kind in ("bool", "maybe"):
        example = label_in_all(lambda language: flag_word(N_("yes"), language))
    elif isinstance(example, str):
        example = listed.get(example, {"en": example})
    items = item_lists() if column.name == "item" else NOTHING
    return Entry(column, label_in(headers, column.name), listed, needed, example, items)
