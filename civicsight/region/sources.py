"""What a region is imported from: GeoParquet by table, PostGIS, or a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.bounded.text import load_json
from civicsight.io import load_city
from civicsight.io.crs import moved
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.windows import Box, pieces_of
from civicsight.model import require_metric
from civicsight.region.faults import reject
from civicsight.region.folder import COMMON, TABLES
from civicsight.region.gather import pieces_of_city
from civicsight.store.spatial_tables import pieces_of_table

PARQUET: Final = (".parquet", ".geoparquet")
PROJECT: Final = ".gpkg"
SERVER: Final = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Source:
    """A source of rows: a file or a schema of a server; which table it holds, all if empty."""

    place: str
    table: str = ""


def source_of(word: str) -> Source:
    """Return what a word of the command line names: ``FILE``, ``TABLE=FILE``, or a server.

    The name of a file of GeoParquet tells its table, as in ``buildings.parquet``.

    Raises
    ------
    InputError
        If no table is named, or one that there is not.
    """
    head, sign, rest = word.partition("=")
    if sign and head in TABLES:
        return Source(rest, head)
    if urlsplit(word).scheme in SERVER or Path(word).suffix.lower() == PROJECT:
        return Source(word)
    table = Path(word).stem.partition(".")[0]
    if Path(word).suffix.lower() not in PARQUET or table not in TABLES:
        choices = ", ".join(TABLES)
        reject("region.source", Path(word).name, choices=choices, name=Path(word).name)
    return Source(word, table)


def pieces_of_sources(
    sources: Iterable[Source], window: Box | None = None
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the rows of sources, some at a time, with the name of their table.

    Parameters
    ----------
    sources
        Where rows are.
    window
        Only what meets it is read, each source in its own CRS; what has no place is read as a
        whole.

    Raises
    ------
    InputError, CrsError
        If a source cannot be used.
    """
    for source in sources:
        if urlsplit(source.place).scheme in SERVER:
            yield from _of_server(source, window)
        elif Path(source.place).suffix.lower() == PROJECT:
            ground = None if window is None else shapely.box(*window)
            for table, frame in pieces_of_city(load_city(require_file(source.place))):
                whole = ground is None or table in COMMON
                yield table, frame if whole else frame[frame.intersects(ground)]
        else:
            for piece in pieces_of(require_file(source.place), window):
                yield source.table, _labelled(piece, source.table)


def crs_of_sources(sources: Iterable[Source]) -> CRS:
    """Return the CRS of the first rows; it has to be metric.

    Raises
    ------
    InputError, CrsError
        If there are no rows, or their CRS is not in metres.
    """
    first = next(iter(pieces_of_sources(sources)), None)
    if first is None:
        reject("region.empty:files")
    return require_metric(first[1], first[0])


def area_of_sources(
    sources: Iterable[Source], crs: CRS, window: Box | None = None
) -> BaseGeometry | None:
    """Return the area that projects cover; None where a source is none and does not say.

    Parameters
    ----------
    sources, window
        As of `pieces_of_sources`.
    crs
        What the area is brought to.
    """
    files = [Path(source.place) for source in sources]
    if any(file.suffix.lower() != PROJECT for file in files):
        return None
    areas = []
    for city in (load_city(require_file(file)) for file in files):
        read = city.extent if window is None else city.extent.intersection(shapely.box(*window))
        areas.append(moved(gpd.GeoSeries([read], crs=city.crs), crs).iloc[0])
    return shapely.union_all(areas)


def _of_server(source: Source, window: Box | None) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the tables of a server: ``...?schema=name``, by default ``public``."""
    parts = urlsplit(source.place)
    schema = parts.query.partition("schema=")[2] or "public"
    url = parts._replace(query="").geturl()
    for table in (
        [source.table] if source.table else ("buildings", "roads", "places", "entrances", "cameras")
    ):
        for piece in pieces_of_table(url, schema, table, window):
            yield table, _labelled(piece, table)


def _labelled(piece: gpd.GeoDataFrame, table: str) -> gpd.GeoDataFrame:
    """Return rows with their ids as labels, and tags as what they say by key."""
    declared = TABLES[table]
    if declared.index in piece.columns:
        piece = gpd.GeoDataFrame(piece.set_index(declared.index))
    if piece.index.name != declared.index:
        reject("table.missing_column:ids", table, field=declared.index, name=declared.index)
    things = [
        column.name for column in declared if column.kind == "object" and column.name in piece
    ]
    for name in things:
        read = [_thing(value, table, str(label), name) for label, value in piece[name].items()]
        piece = piece.assign(**{name: pd.Series(read, piece.index, dtype=object)})
    return piece


def _thing(value: Any, table: str, label: str, name: str) -> dict[str, str] | None:
    """Return tags, which files hold as JSON, as a map or as a structure."""
    try:
        told = load_json(value) if isinstance(value, str) else value
        if isinstance(told, list | np.ndarray):
            told = dict(told)
        if isinstance(told, dict):
            return {str(key): str(text) for key, text in told.items() if text is not None}
    except (TypeError, ValueError):
        told = value
    if told is not None and told == told:  # noqa: PLR0124 - NaN
        reject("region.tags", table, label, name, str(value)[:80])
    return None
