"""Rows and layers that lie too far from the city, and what would bring them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_, Fault, refuse
from civicsight.io.crs import (
    FAR_M,
    LONLAT,
    NARROW,
    NARROW_PLAIN,
    between,
    centres_of,
    crs_name,
    strays,
    zone_of,
)
from civicsight.io.plausible import pair
from civicsight.io.tables.coordinates import SWAPPED
from civicsight.io.tables.sheet import Sheet
from civicsight.scene.nearness import NEAR_M, lie_near, near_the_city

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


MOST = 0.5
"""From this share of far rows on it is not the rows that are wrong but their system [0-1]."""

ZONE_DEG = 3.0
"""Meridians of the narrow zones are this far apart [deg]."""


def reaches(
    xy: FloatArray, crs: CRS, near: BaseGeometry, working: CRS, limit_m: float = NEAR_M
) -> BoolArray:
    """Tell which places in a CRS lie in an area of the working one, or within a limit of it."""
    x, y = between(crs, working).transform(xy[:, 0], xy[:, 1])
    known = np.isfinite(x) & np.isfinite(y)
    out = np.zeros(len(xy), bool)
    there = shapely.points(np.asarray(x)[known], np.asarray(y)[known])
    out[known] = lie_near(there, near, limit_m)
    return out


def swapped_into(own: gpd.GeoSeries, near: BaseGeometry, working: CRS) -> BoolArray:
    """Tell which places would lie in the city with their two numbers exchanged."""
    turned = centres_of(own.to_numpy())[:, ::-1].copy()
    crs = CRS(own.crs)
    if crs.is_geographic:
        turned[~(np.abs(turned[:, 1]) <= 90)] = np.nan
    return reaches(turned, crs, near, working)


def require_near(
    own: gpd.GeoSeries, near: BaseGeometry, working: CRS, source: str, *, limit_m: float = NEAR_M
) -> None:
    """Refuse places most of which lie far from the city because their system is wrong.

    Parameters
    ----------
    own
        Places in the CRS of their source; those without one are passed over.
    near, working
        Extent of the city, and the CRS that it is in.
    source
        Name of the file.
    limit_m
        How far from the extent is still near [m].

    Raises
    ------
    InputError
        ``crs.zone`` where another zone leads into the city, ``crs.swapped`` where exchanging the
        axes does, else ``place.elsewhere``.
    """
    xy = centres_of(own.to_numpy())
    xy = xy[np.isfinite(xy).all(axis=1)]
    crs = CRS(own.crs)
    far = ~reaches(xy, crs, near, working, limit_m)
    if not len(xy) or far.mean() <= MOST:
        return
    x, y = (float(value) for value in np.median(xy[far], axis=0))
    other = zone_into(x, y, crs, near, working)
    if other is not None:
        code, remedy = (
            "crs.zone",
            N_(
                "In %(crs)s it would lie in the city: the zone seems to be wrong. Declare or "
                "export it in that system if it is so.",
                crs=crs_name(other),
            ),
        )
    elif swapped_into(own, near, working).mean() > MOST:
        code = "crs.swapped"
        remedy = N_("The axes look swapped: exchanged, it would lie in the city.")
    else:
        code = "place.elsewhere"
        remedy = N_("Check which city it belongs to, and its coordinate system.")
    refuse(code, source, near_the_city(limit_m), remedy, found=pair(x, y))


def zone_into(x: float, y: float, crs: CRS, near: BaseGeometry, working: CRS) -> CRS | None:
    """Return the zone of 3 degrees without number in which a place would lie in the city.

    A zone that is wrong moves everything by a multiple of three degrees of longitude and nothing
    else, so the right one can be named. None where no zone leads into the city.
    """
    zone = zone_of(crs)
    if zone is None:
        return None
    lon, lat = between(crs, LONLAT).transform(x, y)
    for number in NARROW:
        moved = np.array([[lon + ZONE_DEG * number - zone.meridian, lat]])
        if ZONE_DEG * number != zone.meridian and reaches(moved, LONLAT, near, working)[0]:
            return CRS.from_epsg(NARROW_PLAIN + number - NARROW[0])
    return None


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
        far[good] = ~lie_near(shapes[good], near)
    pairs = centres_of(own.to_numpy())
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
        near_the_city(limit),
        SWAPPED if swapped else N_("Check the coordinates; (0, 0) stands for unknown."),
    )


def _require_zone(sheet: Sheet, xy: FloatArray, own: CRS, near: BaseGeometry, working: CRS) -> None:
    """Refuse rows of another zone, if one of them leads into the city."""
    x, y = (float(value) for value in np.median(xy, axis=0))
    other = zone_into(x, y, own, near, working)
    if other is not None:
        remedy = N_(
            "In %(crs)s the rows would lie in the city: declare it with --source-crs if that "
            "is so.",
            crs=crs_name(other),
        )
        refuse("crs.zone", sheet.source, near_the_city(), remedy, found=pair(x, y), field="x, y")
