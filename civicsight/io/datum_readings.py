"""Where rows lie if their coordinates are in one datum or another: to be looked at, never taken."""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import BoolArray, Geometries
from civicsight.io.crs import LONLAT
from civicsight.io.datum_fit import DEEP_M, Hypothesis, placed_as
from civicsight.io.datums import Datum, in_shift_area

LOOKED_AT: Final[tuple[Datum, ...]] = ("wgs84", "gcj02", "bd09")
"""Systems that differ by more than decimetres."""


NEAR_M: Final = 50.0
"""With no building nearer than this a place is not among them [m]."""


class Reading(NamedTuple):
    """The rows of a source as they lie if it is in a datum.

    Parameters
    ----------
    datum
        What the coordinates of the source are taken to be in.
    places
        Points of the rows in the CRS of the city; of an area its middle.
    inside, lone
        Which of them lie in a building, farther than `DEEP_M` behind its wall, and which have no
        building within `NEAR_M`, so that nothing speaks for or against them.
    shift_m
        How far they lie, in the median, from where the datum that is claimed puts them [m].
    """

    datum: Datum
    places: Geometries
    inside: BoolArray
    lone: BoolArray
    shift_m: float


def read_in_each(
    places: gpd.GeoSeries, buildings: gpd.GeoDataFrame, claimed: Datum
) -> tuple[Reading, ...]:
    """Return where rows lie in each datum they may be in; nothing where vendors shift nothing.

    Parameters
    ----------
    places
        Shapes of the rows in the CRS of the city, as they were read; without gaps.
    buildings
        Those of the city, in the same metric CRS.
    claimed
        Datum out of which they were brought there.
    """
    told = "wgs84" if claimed == "cgcs2000" else claimed
    here: Geometries = shapely.centroid(places.to_numpy())
    degrees = gpd.GeoSeries(here, crs=places.crs).to_crs(LONLAT)
    if not in_shift_area(degrees.x, degrees.y).any():
        return ()
    return tuple(
        _reading(
            datum,
            here,
            placed_as(degrees.to_numpy(), told, Hypothesis(datum), buildings),
            buildings,
        )
        for datum in LOOKED_AT
    )


def _reading(
    datum: Datum, here: Geometries, there: Geometries, buildings: gpd.GeoDataFrame
) -> Reading:
    shift_m = float(np.median(shapely.distance(here, there)))
    walls = buildings.geometry.to_numpy()
    tree = shapely.STRtree(walls)
    point, house = tree.query(there, predicate="intersects")
    deep = shapely.distance(there[point], shapely.boundary(walls[house])) > DEEP_M
    inside, lone = np.zeros(len(there), bool), np.ones(len(there), bool)
    inside[point[deep]] = True
    lone[tree.query(there, predicate="dwithin", distance=NEAR_M)[0]] = False
    return Reading(datum, there, inside, lone, shift_m)
