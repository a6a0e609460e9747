"""The working CRS: one metric system for a whole project, ways into it, and Gauss-Krueger zones.

Chinese surveying divides the country into zones of 3 degrees (numbers 25 to 45, for maps of towns)
or 6 degrees (13 to 23, for small scales). An easting counts from 500 km west of the meridian of
its zone, and may carry the number of the zone in front: 556,823 m in zone 40 is 40,556,823.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.transformer import TransformerGroup

from civicsight.core.arrays import BoolArray, FloatArray, Geometries
from civicsight.core.errors import CrsError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


Bounds = tuple[float, float, float, float]

LONLAT = CRS.from_epsg(4326)
"""WGS 84 in degrees, longitude first wherever this package moves coordinates."""

CGCS2000_GK_FIRST = 4534
"""EPSG code of CGCS2000 / 3-degree Gauss-Krueger CM 75E; the next meridians follow by one."""

UTM_LATITUDES = (-80.0, 84.0)
"""Latitudes that UTM covers [deg]."""

FAR_M = 50_000.0
"""A feature farther than this from the bulk of the data is a stray, not a suburb [m].

Two districts of one project lie up to some 30 km apart; a mistyped or zero coordinate is usually
hundreds of kilometres away.
"""

NEAR_DEG = 1.0
"""What lies within this of the median of the data decides on its working CRS [deg]."""

BULK = (0.02, 0.98)
"""Quantiles of the coordinates of roads between which they count as part of the area."""


def working_crs(bounds: Bounds) -> CRS:
    """Choose the metric CRS of a project from the centre of its bounds.

    Mainland China gets CGCS2000 in the 3-degree Gauss-Krueger zone of the centre (EPSG:4534 to
    4554), other places get UTM on WGS 84. The choice depends on the centre alone, so a city on
    both sides of a zone border has one CRS. At 1.5 degrees from the meridian lengths are then
    about 0.03 % too long.

    Parameters
    ----------
    bounds
        ``min_lon, min_lat, max_lon, max_lat`` [deg].

    Raises
    ------
    CrsError
        If the bounds are not longitudes and latitudes, or the centre is polar.
    """
    west, south, east, north = bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        msg = (
            f"bounds are {bounds}; expected longitudes from -180 to 180 and latitudes from -90 to "
            "90, west before east and south before north"
        )
        raise CrsError(msg)
    lon, lat = (west + east) / 2, (south + north) / 2
    if not UTM_LATITUDES[0] <= lat <= UTM_LATITUDES[1]:
        msg = f"the centre of the data is at latitude {lat:.3f}; expected -80 to 84: give a CRS"
        raise CrsError(msg)
    chinese = _cgcs2000(lon, lat)
    if chinese is not None:
        return chinese
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _cgcs2000(lon: float, lat: float) -> CRS | None:
    """Return the Gauss-Krueger zone of a place, if the EPSG registry says it is used there."""
    step = int(np.floor((lon - 73.5) / 3))
    if not 0 <= step <= 20:
        return None
    crs = CRS.from_epsg(CGCS2000_GK_FIRST + step)
    area = crs.area_of_use
    inside = area is not None and area.south <= lat <= area.north
    return crs if inside else None


def centre_bounds(geometry: Geometries, reach: float) -> Bounds:
    """Return the box of the bulk of some geometries, so that strays do not move its centre.

    The bulk is what lies within `reach` of the median, on which no minority has an influence.

    Parameters
    ----------
    geometry
        Geometries in one CRS; empty and missing ones are passed over.
    reach
        In the unit of their coordinates.

    Raises
    ------
    CrsError
        If no geometry has a place.
    """
    centres = centres_of(geometry)
    centres = centres[np.isfinite(centres).all(axis=1)]
    if not len(centres):
        msg = "there is no feature with a place, so no working CRS can be chosen: give a CRS"
        raise CrsError(msg)
    near = centres[(np.abs(centres - np.median(centres, axis=0)) <= reach).all(axis=1)]
    low, high = (near.min(axis=0), near.max(axis=0)) if len(near) else (centres[0], centres[0])
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def centres_of(geometry: Geometries) -> FloatArray:
    """Return the middle of the box of each geometry, shape ``(n, 2)``; NaN for none."""
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    out: FloatArray = (bounds[:, :2] + bounds[:, 2:]) / 2
    return out


def strays(geometry: Geometries, *reference: Geometries) -> BoolArray:
    """Tell which geometries reach farther than `FAR_M` from the bulk of the reference.

    Parameters
    ----------
    geometry
        Geometries in a metric CRS.
    *reference
        What the bulk is measured on; the geometries themselves if nothing is given.
    """
    base = np.concatenate(reference) if reference else geometry
    if not np.isfinite(centres_of(base)).all(axis=1).any():
        return np.zeros(len(geometry), bool)
    low_x, low_y, high_x, high_y = centre_bounds(base, FAR_M)
    box = np.array([low_x - FAR_M, low_y - FAR_M, high_x + FAR_M, high_y + FAR_M])
    bounds = shapely.bounds(geometry)
    inside = (bounds[:, :2] >= box[:2]).all(axis=1) & (bounds[:, 2:] <= box[2:]).all(axis=1)
    nowhere = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    return np.asarray(~inside & ~nowhere, bool)


def extent(buildings: Geometries, roads: Geometries) -> BaseGeometry:
    """Return the area that was read: the box of the buildings and of the bulk of the roads.

    Roads often run on far beyond the edge of an extract, so only their bulk counts. Strays are
    to be taken out before.
    """
    boxes = [shapely.box(*shapely.total_bounds(buildings))] if len(buildings) else []
    if len(roads):
        low, high = np.quantile(shapely.get_coordinates(roads), BULK, axis=0)
        boxes.append(shapely.box(*low, *high))
    if not boxes:
        return shapely.Polygon()
    return shapely.box(*shapely.total_bounds(np.asarray(boxes)))


SAME_GROUND: Final = frozenset(
    {"WGS 84", "WGS 84 (CRS84)", "China Geodetic Coordinate System 2000"}  # CRS84: of GeoJSON
)
"""Geodetic CRS between which PROJ, after a long search, moves nothing: they agree within 1 m."""

SIZE: Final = (6_378_137.0, 298.257_222)
"""Radius [m] and inverse flattening of the ellipsoids of `SAME_GROUND`, which differ by 0.1 mm."""

PLANE: Final = frozenset({"Projected CRS", "Geographic 2D CRS"})
"""Kinds of CRS without heights."""

TURNED_TWICE: Final = (
    " step proj=unitconvert xy_in=rad xy_out=deg step proj=unitconvert xy_in=deg xy_out=rad"
)
"""Steps that PROJ leaves out between two projections."""


@lru_cache(maxsize=64)
def between(source: CRS | str, target: CRS | str) -> Transformer:
    """Return what moves places from one CRS to another, x or longitude first; made once for each.

    To search for the operation takes PROJ 0.1 s for a Chinese CRS, more than to move ten thousand
    places, and every thread has to search anew: in the app that is every run of a page. What is
    given by its steps needs no search. It knows no units: for bounds see `bounds_in_degrees`.
    """
    steps = _steps_between(CRS.from_user_input(source), CRS.from_user_input(target))
    if steps:
        return Transformer.from_pipeline(steps)
    return Transformer.from_crs(source, target, always_xy=True)


def _steps_between(source: CRS, target: CRS) -> str:
    """Return the one operation that there is between two CRS; empty if it hangs on the place."""
    if _on_same_ground(source) and _on_same_ground(target):
        down = Transformer.from_crs(source, source.geodetic_crs, always_xy=True).definition
        up = Transformer.from_crs(target.geodetic_crs, target, always_xy=True).definition
        steps = [text.removeprefix("proj=pipeline") for text in (down, up) if " step " in text]
        return "proj=pipeline" + "".join(steps).replace(TURNED_TWICE, "") if steps else ""
    with warnings.catch_warnings():
        # Of better ways that need a grid: `Transformer.from_crs` takes the same without a word.
        warnings.filterwarnings("ignore", "Best transformation is not available", UserWarning)
        found = TransformerGroup(source, target, always_xy=True)
    one = len(found.transformers) == 1 and not found.unavailable_operations
    return str(found.transformers[0].definition) if one else ""


def _on_same_ground(crs: CRS) -> bool:
    """Tell whether a CRS without heights is on `SAME_GROUND`, not by its name alone."""
    geodetic = crs.geodetic_crs
    if crs.type_name not in PLANE or geodetic is None or geodetic.name not in SAME_GROUND:
        return False
    ellipsoid, meridian = geodetic.ellipsoid, geodetic.prime_meridian
    if ellipsoid is None or meridian is None or meridian.longitude != 0.0:
        return False
    size = ellipsoid.semi_major_metre, ellipsoid.inverse_flattening
    return bool(np.allclose(size, SIZE, rtol=1e-8))


def moved(shapes: gpd.GeoSeries, crs: CRS | str) -> gpd.GeoSeries:
    """Return shapes in another CRS as `to_crs` does, by what is made once (`between`)."""
    if shapes.crs == crs:
        return shapes
    if shapes.has_z.any():
        return shapes.to_crs(crs)
    flat = shapely.transform(
        shapes.to_numpy(), between(shapes.crs, crs).transform, interleaved=False
    )
    return gpd.GeoSeries(flat, index=shapes.index, name=shapes.name, crs=crs)


def bounds_in_degrees(bounds: Sequence[float], crs: CRS) -> Bounds:
    """Return the least box in degrees around a box in a metric CRS, whose sides may be bent."""
    left, bottom, right, top = bounds
    way = Transformer.from_crs(crs, LONLAT, always_xy=True)
    west, south, east, north = way.transform_bounds(left, bottom, right, top)
    return west, south, east, north


def grid_azimuth(azimuth_deg: FloatArray, points: gpd.GeoSeries) -> FloatArray:
    """Turn directions from true north into directions from the grid north of the points' CRS.

    Parameters
    ----------
    azimuth_deg
        Clockwise from true north [deg]; NaN where unknown, and stays so.
    points
        Where each direction is taken, in a metric CRS.
    """
    if not len(points):
        return np.asarray(azimuth_deg, np.float64)
    xy = shapely.get_coordinates(points.to_numpy())
    back = between(points.crs, LONLAT)
    forth = between(LONLAT, points.crs)
    lon, lat = back.transform(xy[:, 0], xy[:, 1])
    x, y = forth.transform(lon, np.asarray(lat) + 1e-4)
    true_north = np.degrees(np.arctan2(x - xy[:, 0], y - xy[:, 1]))
    turned: FloatArray = np.mod(np.asarray(azimuth_deg, np.float64) + true_north, 360.0)
    return turned


def to_working(frame: gpd.GeoDataFrame, crs: CRS | None) -> gpd.GeoDataFrame:
    """Move a table into the working CRS, chosen from its centre where none is given."""
    if crs is None:
        crs = working_crs(centre_bounds(in_degrees(frame), NEAR_DEG))
    return frame.set_geometry(moved(frame.geometry, crs))


def crs_name(crs: CRS) -> str:
    """Return code and name of a CRS for a person."""
    authority = crs.to_authority()
    return f"{':'.join(authority)} {crs.name}" if authority else str(crs.name)


def in_degrees(frame: gpd.GeoDataFrame) -> Geometries:
    """Return the geometries in WGS 84 that lie on the globe; others are no places."""
    geometry = moved(frame.geometry, LONLAT).to_numpy()
    bounds = shapely.bounds(geometry)
    on_globe = (np.abs(bounds[:, [0, 2]]) <= 180) & (np.abs(bounds[:, [1, 3]]) <= 90)
    out: Geometries = geometry[on_globe.all(axis=1)]
    return out


ZONE_M = 1_000_000.0
"""Step of the false easting from one numbered zone to the next [m]."""

FALSE_EASTING_M = 500_000.0

NARROW = range(25, 46)
"""Numbers of zones of 3 degrees; the meridian is three times the number [deg]."""

WIDE = range(13, 24)
"""Numbers of zones of 6 degrees; the meridian is six times the number, less 3 [deg]."""

NARROW_NUMBERED, NARROW_PLAIN, WIDE_NUMBERED, WIDE_PLAIN = 4513, 4534, 4491, 4502
"""EPSG codes of the first zone of CGCS2000, the others follow by one; with number and without."""

REACH_M = 450_000.0
"""Farther than this from its meridian nothing in China lies, even in a wide zone [m]."""

NORTHINGS_M = (1_900_000.0, 5_950_000.0)
"""Distances from the equator between which China lies on the projection [m]."""


class Zone(NamedTuple):
    """Zone of a projected CRS: its meridian [deg] and its number, 0 without one in the easting."""

    meridian: float
    number: int


def zone_of(crs: CRS) -> Zone | None:
    """Return the zone of a transverse Mercator CRS with the false easting of Gauss-Krueger.

    None for any other CRS, UTM included: its scale on the meridian is not 1.

    Examples
    --------
    >>> zone_of(CRS.from_epsg(4528))
    Zone(meridian=120.0, number=40)
    >>> zone_of(CRS.from_epsg(4549))
    Zone(meridian=120.0, number=0)
    """
    operation = crs.coordinate_operation
    if (
        not crs.is_projected
        or operation is None
        or "Transverse Mercator" not in operation.method_name
    ):
        return None
    values = {param.name.lower(): float(param.value) for param in operation.params}
    meridian = values.get("longitude of natural origin")
    easting = values.get("false easting")
    scale = values.get("scale factor at natural origin")
    if meridian is None or easting is None or scale != 1.0:
        return None
    number, rest = divmod(easting, ZONE_M)
    return Zone(meridian, int(number)) if rest == FALSE_EASTING_M else None


def number_in(easting: float) -> int:
    """Return the number of the zone that an easting carries in front, 0 for none.

    Examples
    --------
    >>> number_in(40_556_823.8)
    40
    >>> number_in(556_823.8)
    0
    """
    number, rest = divmod(easting, ZONE_M)
    near = abs(rest - FALSE_EASTING_M) <= REACH_M
    return int(number) if near and (number in NARROW or number in WIDE) else 0


def numbered_crs(number: int) -> CRS:
    """Return the CRS on CGCS2000 whose eastings carry this number of a zone.

    Raises
    ------
    ValueError
        If there is no such zone.
    """
    if number in NARROW:
        return CRS.from_epsg(NARROW_NUMBERED + number - NARROW[0])
    if number in WIDE:
        return CRS.from_epsg(WIDE_NUMBERED + number - WIDE[0])
    msg = f"zone is {number}, expected 25 to 45 (3 degrees) or 13 to 23 (6 degrees)"
    raise ValueError(msg)


def in_china_northings(low: float, high: float) -> bool:
    """Tell whether northings can be those of places in China."""
    return NORTHINGS_M[0] <= low and high <= NORTHINGS_M[1]
