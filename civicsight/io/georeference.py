"""Where a layer really is: its CRS as declared, its datum undone, what cannot be true refused."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from pyproj.aoi import AreaOfInterest
from pyproj.transformer import TransformerGroup

from civicsight.core.arrays import FloatArray, Geometries
from civicsight.core.errors import N_, Fault, refuse
from civicsight.io.crs import LONLAT, between, crs_name
from civicsight.io.datums import (
    DATUM_NAMES,
    SHIFTED,
    Datum,
    ground_distance,
    in_shift_area,
    to_wgs84,
)
from civicsight.io.faults import fault, reject
from civicsight.io.plausible import (
    beyond_area,
    looks_like,
    looks_swapped,
    middles,
    pair,
    refuse_swapped,
    require_plausible,
)
from civicsight.io.source_options import NOTHING, Declared, hold_datum, remarks_of
from civicsight.model.notes import Note, noted

CGCS2000_LONLAT = CRS.from_epsg(4490)

SAME_M = 1.0
"""Two CRSs that put every corner of the data within this of each other say the same [m]."""

ROUGH_M = 2.0
"""A change of datum with a larger error than this is named in the report [m]."""

USELESS_M = 10.0
"""A change of datum with a larger error than this is refused: it moves cameras across streets."""

NULL_ISLAND_DEG = 0.01
"""A feature that lies within this of (0, 0), in the open sea, has no known place [deg]."""


def georeference(
    frame: gpd.GeoDataFrame, source: str, declared: Declared = NOTHING
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Give a layer its true CRS and place, from what the file and a person declare; guess nothing.

    Parameters
    ----------
    frame
        As it was read; its CRS may be None. It is not changed.
    source
        Name of the file, for messages.
    declared
        CRS of a layer without one, and datum of its longitudes and latitudes.

    Returns
    -------
    frame
        The same rows with a CRS; in WGS 84 if the coordinates were in GCJ-02 or BD-09.
    notes
        What was done to the coordinates.

    Raises
    ------
    InputError
        If the CRS is missing (``crs.missing``), contradicts what is declared
        (``crs.contradiction``), cannot be true (see `plausible.require_plausible`), rests on a
        datum that nobody can convert (``datum.unknown``), or the declared datum does not fit, or
        is not the one that the source names (``datum.contradiction``, ``datum.outside``).
    """
    claims = () if declared.datum is None else (declared.datum,)
    columns = [str(name) for name in frame.columns]
    hold_datum(source, remarks_of(source, columns, layer=declared.layer), claims, declared)
    known, notes = _with_crs(frame, source, declared)
    require_plausible(known, source)
    notes += (*_datum_notes(known, source), *beyond_area(known))
    if declared.datum is None:
        return known, notes
    moved, more = _on_wgs84(known, source, declared.datum)
    return moved, notes + more


def unshift(geometry: Geometries, datum: Datum) -> Geometries:
    """Return geometries in degrees of a datum as ones in WGS 84; heights stay as they are."""

    def move(coordinates: FloatArray) -> FloatArray:
        lon, lat = to_wgs84(coordinates[:, 0], coordinates[:, 1], datum)
        return np.column_stack([lon, lat, coordinates[:, 2:]])

    out: Geometries = geometry.copy()
    solid = shapely.has_z(geometry)
    out[solid] = shapely.transform(geometry[solid], move, include_z=True)
    out[~solid] = shapely.transform(geometry[~solid], move)
    return out


def misplaced(frame: gpd.GeoDataFrame, source: str) -> tuple[Fault, ...]:
    """Name the features of a layer that are no place on the globe, or on both sides of it.

    Parameters
    ----------
    frame
        With its true CRS; features without a geometry are passed over.
    source
        Name of the file.
    """
    bounds = shapely.bounds(frame.geometry.to_numpy()).reshape(-1, 4)
    there = np.isfinite(bounds).all(axis=1)
    crs = CRS(frame.crs)
    if crs.is_projected:
        to_lonlat = between(crs, LONLAT)
        lon, lat = to_lonlat.transform(bounds[:, [0, 2]], bounds[:, [1, 3]])
        lost = there & ~(np.isfinite(lon) & np.isfinite(lat)).all(axis=1)
        return tuple(
            _domain_fault(frame, source, row, bounds[row]) for row in np.flatnonzero(lost).tolist()
        )
    wild = ~((np.abs(bounds[:, [0, 2]]) <= 180) & (np.abs(bounds[:, [1, 3]]) <= 90)).all(axis=1)
    wide = bounds[:, 2] - bounds[:, 0] > 180
    null = (np.abs(bounds) < NULL_ISLAND_DEG).all(axis=1)
    return tuple(
        _degree_fault(str(frame.index[row]), source, bounds[row])
        for row in np.flatnonzero(there & (wild | wide | null))
    )


def _domain_fault(frame: gpd.GeoDataFrame, source: str, row: int, bounds: object) -> Fault:
    low_x, low_y = np.asarray(bounds)[:2]
    return fault(
        "place.domain",
        source,
        str(frame.index[row]),
        "geometry",
        pair(low_x, low_y),
        crs=crs_name(CRS(frame.crs)),
    )


def _degree_fault(label: str, source: str, bounds: FloatArray) -> Fault:
    west, south, east, north = bounds
    code, remedy = "place.range", N_("Correct the coordinates.")
    expected = N_("longitude from -180 to 180 and latitude from -90 to 90")
    if np.abs(bounds).max() < NULL_ISLAND_DEG:
        code, expected = "place.null", N_("a known place")
        remedy = N_("(0, 0) stands for unknown; enter the place.")
    elif max(abs(west), abs(east)) <= 90 < max(abs(south), abs(north)) <= 180:
        code, expected = "place.swapped", N_("longitude first, latitude second")
        remedy = N_("Longitude and latitude look swapped.")
    elif west >= -180 and east <= 180 and max(abs(south), abs(north)) <= 90:
        code, expected = "place.antimeridian", N_("a feature on one side of the 180th meridian")
        remedy = N_("Cut the feature at the meridian, or correct its coordinates.")
    return Fault(code, source, label, "geometry", pair(west, south), expected, remedy)


def _with_crs(
    frame: gpd.GeoDataFrame, source: str, declared: Declared
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Return the layer with the CRS of the file, else with the declared one.

    A plane of its own, such as MapInfo's ``NonEarth``, does not say where on the earth it lies.
    """
    if frame.crs is None or CRS(frame.crs).is_engineering:
        if declared.local is not None:
            shapes = shapely.transform(frame.geometry.to_numpy(), declared.local.out_of)
            placed = frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=declared.local.crs))
            return placed, (declared.local.describe(),)
        crs = _declared_crs(frame, source, declared)
        note = noted(
            "read.coordinates", N_("coordinate system as declared: %(crs)s", crs=crs_name(crs))
        )
        return frame.set_crs(crs, allow_override=True), (note,)
    if declared.crs is not None and not _agree(frame, CRS(frame.crs), declared.crs):
        reject(
            "crs.contradiction", source, found=crs_name(CRS(frame.crs)), crs=crs_name(declared.crs)
        )
    return frame, ()


def _declared_crs(frame: gpd.GeoDataFrame, source: str, declared: Declared) -> CRS:
    """Return what is declared for a layer without CRS; a datum alone declares degrees."""
    if declared.crs is not None:
        return declared.crs
    found = middles(frame.geometry.to_numpy())
    if not len(found.x):
        x = y = np.nan
        advice, text = N_("Add the .prj file of a Shapefile."), ""
    else:
        x, y = found.middle
        advice, text = looks_like(x, y), pair(x, y)
    if looks_swapped(x, y):
        refuse_swapped(found, source)
    if declared.datum is not None and abs(x) <= 180 and abs(y) <= 90:
        return CGCS2000_LONLAT if declared.datum == "cgcs2000" else LONLAT
    return reject("crs.missing", source, found=text, advice=advice)


def _agree(frame: gpd.GeoDataFrame, one: CRS, other: CRS) -> bool:
    """Tell whether two CRSs put the corners of the data at the same place."""
    if one == other:
        return True
    bounds = shapely.bounds(frame.geometry.to_numpy()).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return False
    x, y = bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel()
    lon1, lat1 = between(one, LONLAT).transform(x, y)
    lon2, lat2 = between(other, LONLAT).transform(x, y)
    apart = ground_distance(lon1, lat1, lon2, lat2)
    return bool(np.median(apart) <= SAME_M)


def _datum_notes(frame: gpd.GeoDataFrame, source: str) -> tuple[Note, ...]:
    """Refuse a CRS on a datum without a known way to WGS 84, and name a rough one."""
    crs = CRS(frame.crs)
    if on_modern_ellipsoid(crs):
        return ()
    error_m = _datum_error(frame, crs)
    if not 0 <= error_m <= USELESS_M:
        reject("datum.unknown", source, found=crs_name(crs))
    if error_m <= ROUGH_M:
        return ()
    return (
        noted(
            "read.coordinates",
            N_(
                "converted from %(crs)s with an error of up to %(error)s m",
                crs=crs_name(crs),
                error=f"{error_m:g}",
            ),
        ),
    )


def on_modern_ellipsoid(crs: CRS) -> bool:
    """Tell whether a CRS rests on the ellipsoid of WGS 84, CGCS2000 and their likes.

    Their datums differ by metres at most; those on the ellipsoids of Krassovsky or IAG 1975
    (Beijing 1954, Xian 1980) lie up to more than a hundred metres off.
    """
    ellipsoid = crs.ellipsoid
    return (
        ellipsoid is not None
        and abs(ellipsoid.semi_major_metre - 6_378_137.0) <= 1.0
        and abs(ellipsoid.inverse_flattening - 298.2572) <= 1e-3
    )


def _datum_error(frame: gpd.GeoDataFrame, crs: CRS) -> float:
    """Return the error of the best way from a CRS to WGS 84 at the data [m]; below 0 if unknown."""
    found = middles(frame.geometry.to_numpy())
    if not len(found.x):
        return 0.0
    lon, lat = between(crs, LONLAT).transform(*found.middle)
    area = AreaOfInterest(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    with warnings.catch_warnings():
        # It warns of better ways that need a grid; the error of the one at hand is told instead.
        warnings.filterwarnings("ignore", "Best transformation is not available", UserWarning)
        ways = TransformerGroup(
            crs,
            LONLAT,
            always_xy=True,
            area_of_interest=area,  # type: ignore[arg-type]  # the stub names another class
        ).transformers
    return float(ways[0].accuracy) if ways else -1.0


def _on_wgs84(
    frame: gpd.GeoDataFrame, source: str, datum: Datum
) -> tuple[gpd.GeoDataFrame, tuple[Note, ...]]:
    """Undo the shift of a declared datum."""
    crs = CRS(frame.crs)
    if not on_modern_ellipsoid(crs):
        expected = N_("the declared datum %(datum)s", datum=DATUM_NAMES[datum])
        remedy = N_("The file names another one: leave --datum out, or correct the file.")
        refuse("datum.contradiction", source, expected, remedy, found=crs_name(crs))
    if datum not in SHIFTED:
        return frame, ()
    degrees = frame.to_crs(LONLAT)
    before = middles(degrees.geometry.to_numpy())
    inside = in_shift_area(*before)
    if len(inside) and not inside.any():
        expected = N_("places in China, where %(datum)s applies", datum=DATUM_NAMES[datum])
        remedy = N_("Leave --datum out: elsewhere the coordinates are not shifted.")
        refuse("datum.outside", source, expected, remedy, found=pair(*before.middle))
    moved = unshift(degrees.geometry.to_numpy(), datum)
    lon, lat = to_wgs84(*before, datum)
    apart = ground_distance(*before, lon, lat)
    offset = float(np.median(apart[inside])) if len(inside) else 0.0
    notes = [
        noted(
            "read.coordinates",
            N_(
                "coordinates declared as %(datum)s and moved to WGS 84, by %(offset)s m",
                datum=DATUM_NAMES[datum],
                offset=f"{offset:.0f}",
            ),
        )
    ]
    if not inside.all():
        notes.append(
            noted(
                "read.coordinates",
                N_(
                    "%(count)s features outside of China were not moved", count=int((~inside).sum())
                ),
            )
        )
    return degrees.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=LONLAT)), tuple(notes)
