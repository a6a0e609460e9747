"""Whether what was read lies in its city, and which mistake would bring it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_
from civicsight.io.crs import LONLAT, between, crs_name
from civicsight.io.plausible import pair
from civicsight.io.refusal import refuse
from civicsight.io.zones import NARROW, NARROW_PLAIN, zone_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


NEAR_M = 5_000.0
"""What is farther than this from the extent of the city does not belong to it [m]."""

MOST = 0.5
"""From this share of far rows on it is not the rows that are wrong but their system [0-1]."""

ZONE_DEG = 3.0
"""Meridians of the narrow zones are this far apart [deg]."""


def centres(geometry: npt.NDArray[np.object_]) -> FloatArray:
    """Return the middle of each geometry, shape (n, 2); NaN for none."""
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    out: FloatArray = (bounds[:, :2] + bounds[:, 2:]) / 2
    return out


def reaches(
    xy: FloatArray, crs: CRS, near: BaseGeometry, working: CRS, limit_m: float = NEAR_M
) -> BoolArray:
    """Tell which places in a CRS lie in an area of the working one, or within a limit of it."""
    x, y = between(crs, working).transform(xy[:, 0], xy[:, 1])
    known = np.isfinite(x) & np.isfinite(y)
    out = np.zeros(len(xy), bool)
    there = shapely.points(np.asarray(x)[known], np.asarray(y)[known])
    out[known] = shapely.distance(there, near) <= limit_m
    return out


def swapped_into(own: gpd.GeoSeries, near: BaseGeometry, working: CRS) -> BoolArray:
    """Tell which places would lie in the city with their two numbers exchanged."""
    turned = centres(own.to_numpy())[:, ::-1].copy()
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
    xy = centres(own.to_numpy())
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
    limit = N_("a place within %(limit)s km of the city", limit=f"{limit_m / 1000:g}")
    refuse(code, source, limit, remedy, found=pair(x, y))


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
