"""Whether rows lie in the city that they are said to be of: one guard for files and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, Geometries
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.model import CAMERAS, City
from civicsight.model.notes import NOTE_KINDS, Note, in_order, kept_on, noted
from civicsight.model.provenance import notes_in

NEAR_M: Final = 5_000.0
"""What is farther than this from the extent of the city does not belong to it [m]."""

ON_WALL_M: Final = 0.5
"""A camera this close to a wall hangs on it: half of central Helsinki's do."""

SHIFT: Final = "datum_shift_m"
"""What a reader counts, and writes into the ``attrs`` of a table, where rows seem off because of
their datum and nobody declared it: by so many metres."""

OUTSIDE: Final[Mapping[str, str]] = {
    "cameras": "camera.outside",
    "places": "rows.outside",
    "entrances": "rows.outside",
}
"""Kind of note on rows outside the mapped area, by the table whose rows are judged there."""

LISTED: Final = 8
"""So many of them are named."""


def lie_near(places: Geometries, area: BaseGeometry, limit_m: float = NEAR_M) -> BoolArray:
    """Tell which places lie in an area, or within a limit of it [m]."""
    near: BoolArray = shapely.distance(places, area) <= limit_m
    return near


def is_mapped(places: Geometries, extent: BaseGeometry) -> BoolArray:
    """Tell which places lie in the area that was read; all do where that is not known.

    What has no place is not outside of anything. Often the area ends at the outermost walls: what
    hangs on them is in it.
    """
    if shapely.is_empty(extent):
        return np.ones(len(places), bool)
    missing = shapely.is_missing(places) | shapely.is_empty(places)
    shapely.prepare(extent)
    mapped: BoolArray = missing | shapely.dwithin(extent, places, ON_WALL_M)
    return mapped


def find_outside(places: gpd.GeoSeries, extent: BaseGeometry) -> tuple[str, ...]:
    """Return the labels of the places that lie outside the area that was read."""
    return tuple(map(str, places.index[~is_mapped(places.to_numpy(), extent)]))


def note_outside(layer: str, labels: tuple[str, ...]) -> tuple[Note, ...]:
    """Return a note on the rows of a table of `OUTSIDE` that lie outside the area, if any do."""
    if not labels:
        return ()
    said = N_(
        "%(count)s rows lie outside the area that was read: %(rows)s",
        count=len(labels),
        rows=", ".join(labels[:LISTED]) + (" ..." if len(labels) > LISTED else ""),
    )
    return (replace(noted(OUTSIDE[layer], said, rows=labels), layer=layer),)


def near_the_city(limit_m: float = NEAR_M) -> Text:
    """Say what is expected of a place."""
    return N_("a place within %(limit)s km of the city", limit=f"{limit_m / 1000:g}")


def require_near(places: Geometries, labels: pd.Index, area: BaseGeometry, table: str) -> None:
    """Refuse rows that lie far from a city, each by its label.

    Parameters
    ----------
    places, labels
        The rows; those without a place are passed over.
    area
        Extent of the city; an empty one has nothing near or far.
    table
        Name of the table.

    Raises
    ------
    InputError
        ``place.far`` for each row farther than `NEAR_M` away.
    """
    if shapely.is_empty(area):
        return
    far = shapely.is_valid_input(places) & ~shapely.is_empty(places) & ~lie_near(places, area)
    expected, remedy = near_the_city(), N_("Check the coordinates, and the CRS they are in.")
    faults = [
        Fault("place.far", table, str(labels[row]), "geometry", str(places[row]), expected, remedy)
        for row in np.flatnonzero(far)
    ]
    if faults:
        raise InputError(faults)


def require_settled(city: City, cameras: gpd.GeoDataFrame | None) -> None:
    """Refuse lists that seem to lie elsewhere than they stand: far away, or in another datum.

    Parameters
    ----------
    city, cameras
        The city, and the table that replaces its own; None for its own.

    Raises
    ------
    InputError
        ``place.far`` for cameras far from the city; ``datum.shift`` for each list whose rows were
        measured off when they were read, and of which nobody declared the datum.
    """
    tables = _tables(city, cameras)
    table = tables[CAMERAS.name]
    require_near(table.geometry.to_numpy(), table.index, city.extent, CAMERAS.name)
    shifts = {
        (layer, source): shift
        for (layer, source), shift in _shifts_of(city).items()
        if layer != CAMERAS.name or table is city.cameras
    }
    listed = {layer for (layer, _), shift in shifts.items() if shift > 0}
    by_hand = {name: one for name, one in tables.items() if name not in listed}
    shifts |= {(name, name): int(one.attrs.get(SHIFT, 0)) for name, one in by_hand.items()}
    _refuse_shifts(shifts)


def _shifts_of(city: City) -> dict[tuple[str, str], int]:
    """Return by how much each list of a city was off, by layer and source [m].

    Of a source that was read again, the last reading counts.
    """
    return {(one.layer, one.source): dict(one.counts).get(SHIFT, 0) for one in city.provenance}


def mark_shift(city: City) -> City:
    """Return a city whose cameras carry by how much their lists were off, as a list does."""
    shifts = (shift for (layer, _), shift in _shifts_of(city).items() if layer == CAMERAS.name)
    shift = max(shifts, default=0)
    if shift == city.cameras.attrs.get(SHIFT, 0):
        return city
    cameras = city.cameras.copy()
    cameras.attrs[SHIFT] = shift
    return replace(city, cameras=cameras)


def require_unshifted(table: pd.DataFrame, layer: str) -> None:
    """Refuse rows of a list that were measured off when it was read, and whose datum is not known.

    Raises
    ------
    InputError
        ``datum.shift``.
    """
    _refuse_shifts({(layer, layer): int(table.attrs.get(SHIFT, 0))})


def _refuse_shifts(shifts: Mapping[tuple[str, str], int]) -> None:
    """Refuse each list, known by layer and source, that seems off by so many metres."""
    faults = [
        Fault(
            "datum.shift",
            source,
            field="datum",
            found=f"{shift} m",
            expected=N_("places that do not seem shifted, or a declared datum"),
            remedy=_how_to_declare(layer),
        )
        for (layer, source), shift in shifts.items()
        if shift > 0
    ]
    if faults:
        raise InputError(faults)


def _how_to_declare(layer: str) -> Text:
    """Say how the datum of a list is declared: a check reads lists of cameras with their datum."""
    if layer == CAMERAS.name:
        return NOTE_KINDS["datum.shift"].remedy
    return N_(
        "Import the list with its datum: civicsight import LIST --as %(layer)s --datum gcj02 --into"
        ' PROJECT, in Python Declared(datum="gcj02"); wgs84 if all is right as it is.',
        layer=layer,
    )


def reading_notes(city: City, cameras: gpd.GeoDataFrame | None) -> tuple[Note, ...]:
    """Return the notes on all lists that a check computes with, those that weigh most first.

    Parameters
    ----------
    city, cameras
        As of `require_settled`.
    """
    tables = _tables(city, cameras)
    own = tables[CAMERAS.name] is city.cameras
    kept = notes_in(city.provenance, but=() if own else (CAMERAS.name,))
    told = {(one.layer, one.source) for one in kept}
    carried = (one for table in tables.values() for one in kept_on(table))
    known = (*kept, *(one for one in carried if (one.layer, one.source) not in told))
    outside = {layer: find_outside(tables[layer].geometry, city.extent) for layer in OUTSIDE}
    return with_rows_outside(known, outside)


def with_rows_outside(
    known: Iterable[Note], outside: Mapping[str, tuple[str, ...]]
) -> tuple[Note, ...]:
    """Return notes with those on rows outside the mapped area, those that weigh most first.

    No reader noted the rows that a program moved there.

    Parameters
    ----------
    known
        What readers noted.
    outside
        Labels of the rows outside the area that was read, by table of `OUTSIDE`.
    """
    known = tuple(known)
    noticed = {one.layer for one in known if one.kind in OUTSIDE.values()}
    by_hand = (
        one
        for layer in OUTSIDE  # whichever was looked at first: a region puts its parts together
        if layer in outside and layer not in noticed
        for one in note_outside(layer, outside[layer])
    )
    return in_order((*known, *by_hand))


def _tables(city: City, cameras: gpd.GeoDataFrame | None) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables that a check computes with, by name; of these a reader's carry its notes.

    Parameters
    ----------
    city, cameras
        As of `require_settled`.
    """
    known = (entry for entry in fields(city) if "table" in entry.metadata)
    tables = {entry.metadata["table"].name: getattr(city, entry.name) for entry in known}
    return tables if cameras is None else {**tables, CAMERAS.name: cameras}
