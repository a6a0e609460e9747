"""Rows that lie too far from the city, and what would bring them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from civicsight.city.crs import FAR_M, crs_name, strays
from civicsight.city.plausible import pair
from civicsight.city.refusal import refuse
from civicsight.city.tables.coordinates import SWAPPED, to_crs
from civicsight.city.tables.sheet import Sheet
from civicsight.city.zones import plain_crs
from civicsight.errors import N_, Fault

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

FloatArray = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NEAR_M = 5_000.0
"""A camera or place farther than this from the extent of the city does not belong to it [m]."""

MOST = 0.5
"""From this share of far rows on it is not the rows that are wrong but their system [0-1]."""


def far_faults(
    sheet: Sheet,
    places: gpd.GeoSeries,
    good: Bools,
    near: BaseGeometry | None,
    *,
    pairs: FloatArray | None = None,
    degrees: bool = False,
) -> list[Fault]:
    """Return a fault for each row far from the city, or from the bulk of the rows.

    Parameters
    ----------
    sheet, places, good
        The rows, their places in the working CRS, and which of them have one to judge.
    near
        Extent of the city in the working CRS; None measures from the rows themselves.
    pairs, degrees
        The two numbers of each row as written, and whether they are longitude and latitude.

    Raises
    ------
    InputError
        ``crs.zone`` if most rows are far, and another zone would bring them into the city.
    """
    shapes = places.to_numpy()
    far = np.zeros(len(shapes), bool)
    if near is None:
        far[good] = strays(shapes[good])
        limit = FAR_M
    else:
        far[good] = ~(shapely.distance(shapes[good], near) <= NEAR_M)
        limit = NEAR_M
    crs = CRS(places.crs)
    swapped: Bools = np.zeros(len(shapes), bool)
    if near is not None and pairs is not None and far.any():
        swapped = np.logical_and(far, _near_swapped(pairs, near, crs, degrees=degrees))
        if not degrees and (far & ~swapped).sum() > MOST * good.sum():
            _require_zone(sheet, pairs[good], near, crs)
    rows = np.flatnonzero(far).tolist()
    return [_fault(sheet, row, pairs, limit, swapped=bool(swapped[row])) for row in rows]


def _fault(
    sheet: Sheet, row: int, pairs: FloatArray | None, limit: float, *, swapped: bool
) -> Fault:
    return Fault(
        "place.swapped" if swapped else "place.far",
        sheet.source,
        sheet.where[row],
        "",
        "" if pairs is None else pair(*pairs[row]),
        N_("a place within %(limit)s km of the city", limit=f"{limit / 1000:g}"),
        SWAPPED if swapped else N_("Check the coordinates; (0, 0) stands for unknown."),
    )


def _near_swapped(pairs: FloatArray, near: BaseGeometry, crs: CRS, *, degrees: bool) -> Bools:
    """Tell which rows would lie in the city with their two numbers exchanged."""
    usable = np.asarray(np.isfinite(pairs).all(axis=1), bool)
    if degrees:
        usable &= np.abs(pairs[:, 0]) <= 90
    turned = np.where(usable[:, None], pairs[:, ::-1], 0.0)
    xy = to_crs(turned, crs) if degrees else turned
    usable &= np.isfinite(xy).all(axis=1)
    distance = np.full(len(xy), np.inf)
    distance[usable] = shapely.distance(shapely.points(xy[usable]), near)
    return np.asarray(distance <= NEAR_M, bool)


def _require_zone(sheet: Sheet, pairs: FloatArray, near: BaseGeometry, crs: CRS) -> None:
    """Refuse eastings of another zone, if one of them lands in the city."""
    x, y = np.median(pairs, axis=0)
    for other in plain_crs():
        there = Transformer.from_crs(other, crs, always_xy=True).transform(x, y)
        if np.isfinite(there).all() and shapely.Point(there).distance(near) <= NEAR_M:
            refuse(
                "crs.zone",
                sheet.source,
                N_("a place within %(limit)s km of the city", limit=f"{NEAR_M / 1000:g}"),
                N_(
                    "In %(crs)s the rows would lie in the city: declare it with --source-crs if "
                    "that is so.",
                    crs=crs_name(other),
                ),
                found=pair(x, y),
                field="x, y",
            )
