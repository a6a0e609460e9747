"""Whether rows lie in the city that they are said to be of: one guard for files and programs."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import BoolArray, Geometries
from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.model import CAMERAS, City
from civicsight.model.provenance import of_layer

NEAR_M: Final = 5_000.0
"""What is farther than this from the extent of the city does not belong to it [m]."""

SHIFT: Final = "datum_shift_m"
"""What a reader counts, and writes into the ``attrs`` of a table, where rows seem off because of
their datum and nobody declared it: by so many metres."""


def lie_near(places: Geometries, area: BaseGeometry, limit_m: float = NEAR_M) -> BoolArray:
    """Tell which places lie in an area, or within a limit of it [m]."""
    near: BoolArray = shapely.distance(places, area) <= limit_m
    return near


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
    """Refuse cameras that seem to lie elsewhere than they stand: far away, or in another datum.

    Parameters
    ----------
    city, cameras
        The city, and the table that replaces its own; None for its own.

    Raises
    ------
    InputError
        ``place.far`` for rows far from the city; ``datum.shift`` where the rows were measured off
        when they were read, and nobody declared their datum.
    """
    table = city.cameras if cameras is None else cameras
    require_near(table.geometry.to_numpy(), table.index, city.extent, CAMERAS.name)
    shifts = {CAMERAS.name: int(table.attrs.get(SHIFT, 0))}
    if table is city.cameras:
        # Of a source that was read again, the last reading counts.
        for entry in of_layer(city.provenance, CAMERAS.name):
            shifts[entry.source] = dict(entry.counts).get(SHIFT, 0)
    faults = [
        Fault(
            "datum.shift",
            source,
            field="datum",
            found=f"{shift} m",
            expected=N_("cameras that do not seem shifted, or a declared datum"),
            remedy=N_(
                'Declare the datum and read again: --datum gcj02, in Python Declared(datum="gcj02"'
                "); wgs84 if all is right as it is."
            ),
        )
        for source, shift in shifts.items()
        if shift > 0
    ]
    if faults:
        raise InputError(faults)
