"""Where addresses are: by a table that a person hands in, and by what a city has of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.errors import InputError
from civicsight.io.crs import LONLAT, moved
from civicsight.io.faults import reject
from civicsight.io.registers.prepare import with_places
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.addresses import GAZETTEER, Addresses, Spot, gathered
from civicsight.io.tables.positions import locate
from civicsight.io.tables.quantities import read_amount
from civicsight.io.tables.sheet import address_columns
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.synonyms import ADDRESS_HEADERS, PLACE_HEADERS, match_headers

if TYPE_CHECKING:
    from civicsight.model import City

STREETS: Final = ("addr:street", "addr:place")
OWN: Final = {"places": "place", "buildings": "building"}
"""Tables of a city that have addresses, and what their rows are called."""


def read_gazetteer(path: str | Path, *, declared: Declared = NOTHING) -> Addresses:
    """Read a table or a layer of addresses with their places.

    Parameters
    ----------
    path
        A table with a column of addresses and ``lon``/``lat`` or ``x``/``y``, or a layer; a column
        of metres may say how sure each place is.
    declared
        Datum and CRS of its coordinates.

    Raises
    ------
    InputError
        If it cannot be read, has no addresses, or rows have no place.
    """
    sheet = with_places(read_sheet(path, declared), declared)
    columns = address_columns(sheet, declared)
    if "address" not in columns:
        reject(
            "table.missing_column",
            sheet.source,
            "row 1",
            "address",
            ", ".join(sheet.header)[:500],
            name=" / ".join(ADDRESS_HEADERS["address"][:2]),
        )
    located = locate(sheet, match_headers(sheet.header, PLACE_HEADERS), declared=declared)
    if sheet.faults or located.faults:
        raise InputError([*sheet.faults, *located.faults])
    lonlat = shapely.get_coordinates(shapely.centroid(moved(located.places, LONLAT).to_numpy()))
    return gathered(
        (row[columns["address"]] or "", Spot(x, y, GAZETTEER, "", _metres(row, columns)))
        for row, (x, y) in zip(sheet.rows, lonlat.tolist(), strict=True)
    )


def city_addresses(city: City) -> Addresses:
    """Return the addresses that the places and buildings of a city have of their own.

    A building is placed at its middle, and may be off by half its diagonal; places go first.
    """
    known = Addresses({})
    for name, by in OWN.items():
        table: gpd.GeoDataFrame = getattr(city, name)
        known = known.over(gathered(_own(table, by)))
    return known


def _own(table: gpd.GeoDataFrame, by: str) -> Iterator[tuple[str, Spot]]:
    said = [list(_texts(tags)) if isinstance(tags, dict) else [] for tags in table["tags"]]
    there = np.array([bool(texts) for texts in said], bool)
    shapes = table.geometry.to_numpy()[there]
    points = moved(gpd.GeoSeries(shapely.point_on_surface(shapes), crs=table.crs), LONLAT)
    box = shapely.bounds(shapes)
    half = np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) / 2
    rows = zip(
        table.index[there],
        points.x.tolist(),
        points.y.tolist(),
        half.tolist(),
        (texts for texts in said if texts),
        strict=True,
    )
    for label, x, y, within, texts in rows:
        for text in texts:
            yield text, Spot(x, y, f"{by} {label}", "", within)


def _texts(tags: dict[str, object]) -> Iterator[str]:
    """Return an address as it may be written, with the number behind the street and before it."""
    if full := tags.get("addr:full"):
        yield str(full)
    number = tags.get("addr:housenumber")
    for key in STREETS:
        if number and (street := tags.get(key)):
            yield f"{street}{number}"
            if str(street).isascii():
                yield f"{number}{street}"


def _metres(row: dict[str, str | None], columns: dict[str, str]) -> float | None:
    read = read_amount(row.get(columns.get("within_m", ""), "") or "", "m")
    return None if read.value is None or np.isnan(read.value) else float(read.value)
