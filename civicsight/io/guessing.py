"""What the rows of a table or a layer most likely are: by columns, shapes, names and values.

Only what is at hand is looked at: the names of the columns, the shapes and values of the first
rows. What fits two kinds is asked, with both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import geopandas as gpd
import shapely

from civicsight.core.errors import N_, Text, refuse
from civicsight.io.registers.classes import read_district_code
from civicsight.io.registers.templates import SOURCE_SCHEMAS
from civicsight.io.registers.words import COLUMNS, KIND_COLUMNS, NAMES
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.camera_evidence import is_of_cameras
from civicsight.io.tables.column_matching import Understood, describe_columns
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.source_schema import SourceSchema, resolve
from civicsight.io.tables.synonyms import (
    PLACE_HEADERS,
    SHAPE_HEADERS,
    match_headers,
    match_value,
    normal,
)
from civicsight.io.vectors.attributes import BUILDING_SCHEMA

BUILDINGS: Final = "buildings"
INVENTORY: Final = "cameras"
"""What rows are taken for of which nothing is known."""

LAYER_SCHEMAS: Final[Mapping[str, SourceSchema]] = {BUILDINGS: BUILDING_SCHEMA, **SOURCE_SCHEMAS}
"""Schema of everything that a layer may hold."""

LOOKED_AT: Final = 300
"""First rows whose shapes and values are looked at."""

SHARED: Final = 2
"""A word that more kinds know as a column tells none of them from a building."""

TELLING: Final = 2
"""So many columns of its own make an area another thing than a building."""

BY_DIMENSION: Final = ("Point", "LineString", "Polygon")
IDLE: Final = frozenset({"source", "tags"})
"""Meanings that every table has."""

NAMED, VALUED, HINTED = "\x00name", "\x00values", "\x00hint"
SIGNS: Final = frozenset({NAMED, VALUED, HINTED})
"""What speaks for a kind beside its columns; no column is called so."""

SAY = "--as %s"
WORD: Final = re.compile(r"[a-z]+|[^\x00-\x7f]+")


class Evidence(NamedTuple):
    """What speaks for a kind: names of columns and further signs, and its own column of ids."""

    facts: frozenset[str]
    ids: str = ""
    placed: bool = True

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """How well it fits: by what speaks for it, then by its ids, then by its places."""
        return len(self.facts), bool(self.ids), self.placed


def table_kind(sheet: Sheet, declared: Declared = NOTHING) -> str:
    """Return the kind whose schema knows most headers; a table that none knows is an inventory.

    Of two that know as many, the one whose identifiers are there goes first, then the one whose
    rows stand on the map just as these do. A mapping leaves only the kinds with all its meanings.

    Raises
    ------
    InputError
        If the headers are those of several kinds alike.
    """
    placed = bool(
        match_headers(sheet.header, {**PLACE_HEADERS, **SHAPE_HEADERS}).keys() - {"datum"}
    )
    known = {
        name: Evidence(
            frozenset(found.values()),
            found.get(schema.table.index, ""),
            schema.table.placed == placed,
        )
        for name, schema in _fitting(SOURCE_SCHEMAS, declared).items()
        for found in [match_headers(sheet.header, schema.headers)]
    }
    best = _richest(known)
    if len(best) > 1:
        expected = N_("headers of one kind of table")
        _ask("table.kind", sheet.source, expected, best, ", ".join(sheet.header), "row 1")
    kind = best[0] if best else INVENTORY
    if kind == INVENTORY and declared.mapping is None:
        names = [sheet.source, *(note.text for note in sheet.beside)]
        columns = {name: [row[name] for row in sheet.rows[:LOOKED_AT]] for name in sheet.header}
        _require_cameras("table.kind", sheet.source, names, columns)
    return kind


def layer_kind(frame: gpd.GeoDataFrame, file: Path, declared: Declared = NOTHING) -> str:
    """Return what the rows of a layer are, a key of `LAYER_SCHEMAS`.

    Points and lines are what most columns, the name of the file and the values speak for; they are
    never buildings. Areas are buildings where nothing else is told.

    Parameters
    ----------
    frame, file
        The layer as it was read, and the file that it is in.
    declared
        Layer, and a mapping, which leaves only the kinds with all its meanings.

    Raises
    ------
    InputError
        If it fits several kinds alike.
    """
    shape = _shape(frame)
    if not shape:
        return BUILDINGS  # nothing has a place: its reader says so, row by row
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    schemas = {
        name: schema
        for name, schema in _fitting(LAYER_SCHEMAS, declared).items()
        if schema.table.shape in ("Any", shape)
    }
    head = frame.head(LOOKED_AT)
    words = _words(f"{file.stem} {declared.layer or ''}")
    known = {
        name: _evidence(name, schema, columns, head, words) for name, schema in schemas.items()
    }
    placed = [name for name, seen in known.items() if seen.placed]
    best = _beside_buildings(known) if shape == "Polygon" else _richest(known) or placed
    if len(best) > 1:
        expected = N_("a layer whose shapes, columns, name and values are those of one kind")
        _ask("layer.kind", file.name, expected, best, f"{shape}: {', '.join(columns)}")
    kind = best[0] if best else INVENTORY
    if kind == INVENTORY and declared.mapping is None:
        cells = {name: [str(value) for value in head[name].dropna()] for name in columns}
        _require_cameras("layer.kind", file.name, [file.stem, declared.layer or ""], cells)
    return kind


def _require_cameras(
    code: str, file: str, names: Sequence[str], columns: Mapping[str, Sequence[str | None]]
) -> None:
    """Refuse rows of which nothing says that they are cameras, before they are taken for some."""
    if not is_of_cameras(names, columns):
        expected = N_("a name, a column or a word that tells what the rows are")
        _ask(code, file, expected, [INVENTORY], ", ".join(columns), "row 1")


def require_buildings(frame: gpd.GeoDataFrame, file: Path, declared: Declared) -> None:
    """Refuse a layer that is to make a city and holds something else than buildings.

    Raises
    ------
    InputError
        If it is taken for another kind, or fits several.
    """
    kind = layer_kind(frame, file, declared)
    if kind != BUILDINGS:
        columns = [str(name) for name in frame.columns if name != frame.geometry.name]
        expected = N_("footprints of buildings, or an export of OSM features")
        _ask("layer.kind", file.name, expected, [kind], f"{_shape(frame)}: {', '.join(columns)}")


def read_columns(path: str | Path, kind: str, declared: Declared = NOTHING) -> Understood:
    """Read a table to say of each column what it is taken for, and what of it is not understood.

    Parameters
    ----------
    path, kind
        The source, and what it holds: a key of `LAYER_SCHEMAS`.
    declared
        What is known of it.

    Raises
    ------
    InputError
        As `read_sheet`; and if a mapping is declared and does not fit.
    """
    return describe_columns(read_sheet(path, declared), LAYER_SCHEMAS[kind], declared)


def _ask(
    code: str, file: str, expected: Text, kinds: Sequence[str], found: str, where: str = ""
) -> NoReturn:
    remedy = N_("Say what the rows are: %(choices)s", choices=" / ".join(SAY % n for n in kinds))
    refuse(code, file, expected, remedy, found=found[:500], where=where)


def _fitting(schemas: Mapping[str, SourceSchema], declared: Declared) -> dict[str, SourceSchema]:
    """Return the forms that have all meanings of a mapping."""
    said = {} if declared.mapping is None else declared.mapping.columns
    return {
        name: schema
        for name, schema in schemas.items()
        if resolve(said, schema.all_headers).keys() <= schema.all_headers.keys()
    }


def _richest(known: Mapping[str, Evidence]) -> list[str]:
    """Return the kinds for which most speaks; none where nothing does."""
    most = max((seen.rank for seen in known.values()), default=(0, False, False))
    return [name for name, seen in known.items() if seen.rank == most] if most[0] else []


def _beside_buildings(known: Mapping[str, Evidence]) -> list[str]:
    """Return what areas are: buildings, unless more speaks for another kind and against them."""
    others = [seen for name, seen in known.items() if name != BUILDINGS]
    shared = Counter(fact for seen in others for fact in seen.facts)
    houses = known.get(BUILDINGS, Evidence(frozenset())).facts
    sure: dict[str, int] = {}
    doubtful: dict[str, int] = {}
    for name, seen in known.items():
        own = {fact for fact in seen.facts - houses if shared[fact] <= SHARED or fact in SIGNS}
        against = houses - seen.facts
        certain = len(own) >= TELLING or bool(own & {*SIGNS, seen.ids})
        if name != BUILDINGS and own and len(own) >= len(against):
            (sure if certain and not against else doubtful)[name] = len(own)
    if sure or not doubtful:
        return _most(sure) or [BUILDINGS]
    return [BUILDINGS, *_most(doubtful)]


def _most(counts: Mapping[str, int]) -> list[str]:
    return [name for name, count in counts.items() if count == max(counts.values())]


def _evidence(
    name: str,
    schema: SourceSchema,
    columns: Sequence[str],
    head: gpd.GeoDataFrame,
    words: frozenset[str],
) -> Evidence:
    found = match_headers(columns, schema.headers)
    facts = {column for meaning, column in found.items() if meaning not in IDLE}
    if _speaks(words, NAMES.get(name, ())):
        facts.add(NAMED)
    if any(_speaks(_words(column), COLUMNS.get(name, ())) for column in columns):
        facts.add(HINTED)
    if name == "trees" and _valued(schema, [found.get("kind"), *columns], head):
        facts.add(VALUED)
    if name == "districts" and _is_coded(found.get("code"), head):
        facts |= {VALUED, HINTED}
    return Evidence(frozenset(facts), found.get(schema.table.index, ""), schema.table.placed)


def _valued(schema: SourceSchema, columns: list[str | None], head: gpd.GeoDataFrame) -> bool:
    """Tell whether most values of a column of kinds are kinds of this schema."""
    for column in columns[:1] + [name for name in columns[1:] if normal(name) in KIND_COLUMNS]:
        values = [] if column is None else head[column].dropna().astype(str).tolist()
        known = [value for value in values if match_value("kind", value, schema.words)]
        if values and 2 * len(known) > len(values):
            return True
    return False


def _is_coded(column: str | None, head: gpd.GeoDataFrame) -> bool:
    """Tell whether a column has the code of another administrative division in every row."""
    values = [] if column is None else head[column].dropna().astype(str).tolist()
    codes = [read_district_code(value).value for value in values]
    return bool(values) and None not in codes and len(set(codes)) == len(head)


def _shape(frame: gpd.GeoDataFrame) -> str:
    """Return what most of the first shapes are; empty where none is there."""
    shapes = frame.geometry.to_numpy()
    there = shapes[~shapely.is_missing(shapes)][:LOOKED_AT]
    if not len(there):
        return ""
    counts = Counter(shapely.get_dimensions(there).tolist())
    return BY_DIMENSION[max(counts, key=lambda dimension: (counts[dimension], dimension))]


def _words(text: str) -> frozenset[str]:
    """Return the words of a name in small letters, Latin ones in the singular too."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    found = WORD.findall(plain)
    return frozenset((*found, *(word.removesuffix("s") for word in found)))


def _speaks(words: Iterable[str], told: Iterable[str]) -> bool:
    """Tell whether one of the words is among those that tell, or holds one without spaces."""
    examples = tuple(told)
    return any(
        word == one or (not one.isascii() and one in word) for word in words for one in examples
    )
