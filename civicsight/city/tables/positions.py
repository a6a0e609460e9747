"""Where the rows of an inventory are, and which positions cannot be right."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NoReturn

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from civicsight.city.crs import FAR_M, LONLAT, strays
from civicsight.city.refusal import refuse
from civicsight.city.tables.sheet import Sheet
from civicsight.city.tables.synonyms import PLACE_HEADERS, SAME_DATUM, normal
from civicsight.errors import N_, Fault, Text

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

FloatArray = npt.NDArray[np.float64]

NULL_ISLAND_DEG = 1e-3
"""Longitude and latitude both closer to 0 than this mean "unknown" [deg]."""

NEAR_M = 5_000.0
"""A camera or place farther than this from the extent of the city does not belong to it [m]."""


def locate(
    sheet: Sheet, found: dict[str, str], crs: CRS, near: BaseGeometry | None
) -> tuple[gpd.GeoSeries, list[Fault]]:
    """Return the place of each row in the working CRS, and the rows that have none to trust.

    Parameters
    ----------
    sheet
        The rows; those of a vector layer bring their geometry.
    found
        Column by meaning; used are ``lon`` and ``lat``, else ``x`` and ``y``.
    crs
        Working CRS, which ``x`` and ``y`` are in.
    near
        Extent of the city in that CRS, or None.

    Raises
    ------
    InputError
        If there are no columns for a place.
    """
    if sheet.geometry is not None:
        places, faults = sheet.geometry.to_crs(crs), _shape_faults(sheet)
        lonlat = None
    elif {"lon", "lat"} <= found.keys():
        degrees, faults = _degrees(sheet, found)
        lonlat = degrees
        x, y = Transformer.from_crs(LONLAT, crs, always_xy=True).transform(
            degrees[:, 0], degrees[:, 1]
        )
        places = gpd.GeoSeries(_points(np.column_stack([x, y])), crs=crs)
    elif {"x", "y"} <= found.keys():
        metres, faults = _numbers(sheet, (found["x"], found["y"]), N_("metres in the working CRS"))
        lonlat = None
        places = gpd.GeoSeries(_points(metres), crs=crs)
    else:
        _missing_place(sheet)
    faults += _datum_faults(sheet, found.get("datum"))
    bad = {fault.where for fault in faults}
    good = np.array([where not in bad for where in sheet.where], bool)
    return places, faults + _far_faults(sheet, places, good, near, lonlat, crs)


def _points(xy: FloatArray) -> npt.NDArray[np.object_]:
    out = np.full(len(xy), None, object)
    known = np.isfinite(xy).all(axis=1)
    out[known] = shapely.points(xy[known])
    return out


def _numbers(
    sheet: Sheet, headers: tuple[str, str], expected: Text
) -> tuple[FloatArray, list[Fault]]:
    values = np.full((len(sheet.rows), 2), np.nan)
    faults = []
    for n, (row, where) in enumerate(zip(sheet.rows, sheet.where, strict=True)):
        for side, header in enumerate(headers):
            text = row[header]
            try:
                values[n, side] = float(text) if text is not None else np.nan
            except ValueError:
                values[n, side] = np.nan
            if not np.isfinite(values[n, side]):
                faults.append(
                    Fault(
                        "place.number",
                        sheet.source,
                        where,
                        header,
                        text or "",
                        expected,
                        N_("Enter the coordinate."),
                    )
                )
    return values, faults


def _degrees(sheet: Sheet, found: dict[str, str]) -> tuple[FloatArray, list[Fault]]:
    headers = (found["lon"], found["lat"])
    values, faults = _numbers(sheet, headers, N_("decimal degrees"))
    for (lon, lat), where in zip(values, sheet.where, strict=True):
        pair = f"{lon:g}, {lat:g}"
        if not np.isfinite([lon, lat]).all():
            continue
        if abs(lon) < NULL_ISLAND_DEG and abs(lat) < NULL_ISLAND_DEG:
            faults.append(
                Fault(
                    "place.null",
                    sheet.source,
                    where,
                    ", ".join(headers),
                    pair,
                    N_("a known place"),
                    N_("(0, 0) stands for unknown; enter the place."),
                )
            )
        elif abs(lat) > 90 >= abs(lon):
            faults.append(
                Fault(
                    "place.swapped",
                    sheet.source,
                    where,
                    ", ".join(headers),
                    pair,
                    N_("longitude first, latitude second"),
                    N_("Longitude and latitude look swapped."),
                )
            )
        elif abs(lon) > 180 or abs(lat) > 90:
            faults.append(
                Fault(
                    "place.range",
                    sheet.source,
                    where,
                    ", ".join(headers),
                    pair,
                    N_("longitude from -180 to 180 and latitude from -90 to 90"),
                    N_("Enter decimal degrees in WGS 84."),
                )
            )
    return values, faults


def _datum_faults(sheet: Sheet, header: str | None) -> list[Fault]:
    """Return a fault for each row whose own column says that it is in a shifted system.

    Chinese map vendors shift their coordinates by some 500 m (GCJ-02) and more (BD-09).
    """
    if header is None:
        return []
    return [
        Fault(
            "place.datum",
            sheet.source,
            where,
            header,
            str(row[header]),
            N_("WGS 84 or CGCS2000"),
            N_("Convert the coordinates of the row, or correct the column."),
        )
        for row, where in zip(sheet.rows, sheet.where, strict=True)
        if row[header] is not None and normal(row[header]) not in SAME_DATUM
    ]


def _shape_faults(sheet: Sheet) -> list[Fault]:
    assert sheet.geometry is not None  # noqa: S101 - only called for layers
    known = {fault.where for fault in sheet.faults}
    return [
        Fault(
            "place.missing",
            sheet.source,
            where,
            "geometry",
            "",
            N_("a place"),
            N_("Draw the feature."),
        )
        for where, shape in zip(sheet.where, sheet.geometry, strict=True)
        if where not in known
        and (shape is None or shape.is_empty or not np.isfinite(shape.bounds).all())
    ]


def _far_faults(
    sheet: Sheet,
    places: gpd.GeoSeries,
    good: npt.NDArray[np.bool_],
    near: BaseGeometry | None,
    lonlat: FloatArray | None,
    crs: CRS,
) -> list[Fault]:
    shapes = places.to_numpy()
    if near is None:
        far = np.zeros(len(shapes), bool)
        far[good] = strays(shapes[good])
        limit = FAR_M
    else:
        far = good & ~(shapely.distance(shapes, near) <= NEAR_M)
        limit = NEAR_M
    swapped = _swapped(lonlat, near, crs, len(shapes))
    faults = []
    for row in np.flatnonzero(far):
        where = sheet.where[row]
        found = f"{lonlat[row, 0]:g}, {lonlat[row, 1]:g}" if lonlat is not None else ""
        remedy = (
            N_("Longitude and latitude look swapped.")
            if swapped[row]
            else N_("Check the coordinates; (0, 0) stands for unknown.")
        )
        faults.append(
            Fault(
                "place.swapped" if swapped[row] else "place.far",
                sheet.source,
                where,
                "",
                found,
                N_("a place within %(limit)s km of the city", limit=f"{limit / 1000:g}"),
                remedy,
            )
        )
    return faults


def _swapped(
    lonlat: FloatArray | None, near: BaseGeometry | None, crs: CRS, count: int
) -> npt.NDArray[np.bool_]:
    """Tell which places would lie in the city with longitude and latitude exchanged."""
    if lonlat is None or near is None:
        return np.zeros(count, bool)
    usable = np.abs(lonlat[:, 0]) <= 90
    turned = np.where(usable[:, None], lonlat[:, ::-1], 0.0)
    x, y = Transformer.from_crs(LONLAT, crs, always_xy=True).transform(turned[:, 0], turned[:, 1])
    points = _points(np.column_stack([x, y]))
    return np.asarray(usable & (shapely.distance(points, near) <= NEAR_M), bool)


def _missing_place(sheet: Sheet) -> NoReturn:
    """Refuse a table without columns that say where its rows are."""
    words = [word for names in PLACE_HEADERS.values() for word in names]
    near = [
        f"{name} ~ {close[0]}"
        for name in sheet.header
        if (close := difflib.get_close_matches(name.lower(), words, n=1, cutoff=0.7))
    ]
    found = ", ".join(sheet.header) + (f" ({', '.join(near)}?)" if near else "")
    refuse(
        "table.missing_column",
        sheet.source,
        N_("columns lon and lat, or x and y"),
        N_("Rename or add the columns."),
        found=found,
        where="row 1",
        field="lon, lat",
    )
