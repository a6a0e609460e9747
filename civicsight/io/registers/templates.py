"""Templates of every table that can be imported: a header, one example row, and what each means.

Everything is generated from `model` and the words that the readers understand, so that a template
cannot promise what the import does not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from civicsight.core.column import must, number, text
from civicsight.core.errors import N_, refuse
from civicsight.core.i18n import LANGUAGES, Label, Language, label_in_all
from civicsight.io.registers.classes import item_lists
from civicsight.io.registers.headers import SHAPE_HEADERS
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
from civicsight.io.tables.inventory import CAMERA_SCHEMA, ENTRANCE_SCHEMA, written_examples
from civicsight.io.tables.source_schema import SourceSchema, label_in
from civicsight.io.tables.synonyms import BUILDING_HEADERS, PLACE_HEADERS
from civicsight.io.tables.words import YEAR_HEADERS
from civicsight.io.vectors.attributes import BUILDING_SCHEMA
from civicsight.model import Column

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

IDENTIFIER: Final = str(N_("Identifier; every row has its own"))

POSITION: Final[tuple[Column, ...]] = (
    must("lon", "deg", str(N_("Longitude")), -180, 180),
    must("lat", "deg", str(N_("Latitude")), -90, 90),
    text(
        "datum",
        str(N_("Geodetic system of longitude and latitude: WGS 84, CGCS2000, GCJ-02 or BD-09")),
    ),
)
SHAPE: Final[tuple[Column, ...]] = (
    text(
        "wkt",
        str(
            N_(
                "Shape as well-known text, longitude before latitude; instead of this table a "
                "vector layer of the areas with its other columns can be imported"
            )
        ),
        required=True,
    ),
)
MEASURES: Final = ("height", "building:levels", "min_height")
"""What a template asks of the measures of a building; others are read where they are given."""

ATTRIBUTES: Final[tuple[Column, ...]] = (
    text("id", IDENTIFIER),
    *(column for column in BUILDING_SCHEMA.extra if column.name in MEASURES),
    text("kind", str(N_("Kind of building, as the source names it"))),
    text("name", str(N_("Name of the building"))),
    number("built_from", "year", str(N_("First year in which it stands"))),
    number("removed_by", "year", str(N_("First year in which it no longer stands"))),
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
        expected = N_("one of %(choices)s", choices=", ".join(TABLES))
        remedy = N_("Name a table that can be imported.")
        refuse("template.unknown", ", ".join(unknown), expected, remedy)
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
        headers = {**BUILDING_HEADERS, **YEAR_HEADERS}
        return tuple(_entry(name, column, headers, {}) for column in ATTRIBUTES)
    schema = {**SOURCE_SCHEMAS, **OTHERS}[name]
    place = SHAPE if schema.table.shape == "Polygon" else POSITION
    if not schema.table.placed:
        place = tuple(replace(column, required=False, nullable=True) for column in place)
    columns = (
        text(schema.table.index, IDENTIFIER),
        *place,
        *(column for column in schema.table if column.kind != "object"),
    )
    headers = {**PLACE_HEADERS, **SHAPE_HEADERS, **schema.headers}
    return tuple(_entry(name, column, headers, schema.defaults, schema) for column in columns)


def _entry(
    name: str,
    column: Column,
    headers: Any,
    defaults: dict[str, object],
    schema: SourceSchema | None = None,
) -> Entry:
    header = label_in(headers[column.name], column.name)
    values = (
        dict(schema.words.get(column.name, {})) if schema is not None and column.choices else {}
    )
    listed = {value: label_in(values.get(value, ()), value) for value in column.choices}
    needed = (column.required or not column.nullable) and column.name not in defaults
    needed = needed and column.kind != "bool"
    example = _examples(name, column, listed)
    items = item_lists() if column.name == "item" else NOTHING
    return Entry(column, header, listed, needed, example, items)


def _examples(name: str, column: Column, words: Mapping[str, Label]) -> Label:
    """Return the example of a column."""
    placed = {
        "lon": f"{LON:.4f}",
        "lat": f"{LAT:.4f}",
        "datum": "WGS84",
        "wkt": "POLYGON((" + ",".join(f"{x:.4f} {y:.4f}" for x, y in SQUARE) + "))",
    }
    value = placed.get(column.name) or written_examples()[name][column.name]
    if isinstance(value, Mapping):
        return value
    if column.kind in ("bool", "maybe"):
        return label_in_all(lambda language: flag_word(N_("yes"), language))
    return words.get(value, {"en": value})
