"""Rows that lie too far from the city, and what would bring them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_, Fault
from civicsight.io.crs import FAR_M, crs_name, strays
from civicsight.io.nearness import MOST, NEAR_M, centres, swapped_into, zone_into
from civicsight.io.plausible import pair
from civicsight.io.refusal import refuse
from civicsight.io.tables.coordinates import SWAPPED
from civicsight.io.tables.sheet import Sheet

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def far_faults(
    sheet: Sheet,
    own: gpd.GeoSeries,
    places: gpd.GeoSeries,
    good: BoolArray,
    near: BaseGeometry | None,
) -> list[Fault]:
    """Return a fault for each row far from the city, or from the bulk of the rows.

    Parameters
    ----------
    sheet, own, places, good
        The rows, their places in the CRS of the source and in the working one, and which of them
        have one to judge.
    near
        Extent of the city in the working CRS; None measures from the rows themselves.

    Raises
    ------
    InputError
        ``crs.zone`` if most rows are far, and another zone would bring them into the city.
    """
    shapes = places.to_numpy()
    far: BoolArray = np.zeros(len(shapes), bool)
    swapped: BoolArray = np.zeros(len(shapes), bool)
    if near is None:
        far[good] = strays(shapes[good])
    else:
        far[good] = ~(shapely.distance(shapes[good], near) <= NEAR_M)
    pairs = centres(own.to_numpy())
    if near is not None and far.any():
        swapped[far] = swapped_into(own[far], near, CRS(places.crs))
        astray = far & ~swapped
        if astray.sum() > MOST * good.sum():
            _require_zone(sheet, pairs[astray], CRS(own.crs), near, CRS(places.crs))
    limit = FAR_M if near is None else NEAR_M
    rows = np.flatnonzero(far).tolist()
    return [_fault(sheet, row, pairs[row], limit, swapped=bool(swapped[row])) for row in rows]


def _fault(sheet: Sheet, row: int, xy: FloatArray, limit: float, *, swapped: bool) -> Fault:
    return Fault(
        "place.swapped" if swapped else "place.far",
        sheet.source,
        sheet.where[row],
        "",
        pair(float(xy[0]), float(xy[1])),
        N_("a place within %(limit)s km of the city", limit=f"{limit / 1000:g}"),
        SWAPPED if swapped else N_("Check the coordinates; (0, 0) stands for unknown."),
    )


def _require_zone(sheet: Sheet, xy: FloatArray, own: CRS, near: BaseGeometry, working: CRS) -> None:
    """Refuse rows of another zone, if one of them leads into the city."""
    x, y = (float(value) for value in np.median(xy, axis=0))
    other = zone_into(x, y, own, near, working)
    if other is not None:
        refuse(
            "crs.zone",
            sheet.source,
            N_("a place within %(limit)s km of the city", limit=f"{NEAR_M / 1000:g}"),
            N_(
                "In %(crs)s the rows would lie in the city: declare it with --source-crs if that "
                "is so.",
                crs=crs_name(other),
            ),
            found=pair(x, y),
            field="x, y",
        )
