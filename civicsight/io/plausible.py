"""Whether coordinates can be what their CRS says, and if not, what they look like."""

from __future__ import annotations

from typing import NamedTuple, NoReturn

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray, ObjectArray
from civicsight.core.errors import N_, Text, refuse
from civicsight.io.crs import (
    LONLAT,
    NARROW_NUMBERED,
    ZONE_M,
    between,
    crs_name,
    in_china_northings,
    number_in,
    numbered_crs,
    zone_of,
)
from civicsight.io.datums import in_shift_area
from civicsight.io.faults import reject
from civicsight.model.notes import Note, noted

MOST = 0.5
"""A layer is refused where less than this share of its features lies where its CRS is used [0-1].

What single features do wrong is their own fault; half of them cannot all be strays.
"""

MARGIN_DEG = 2.0
"""Data may lie this far outside of the area that the registry names for a CRS [deg].

A city on the border of two zones is drawn in one of them; what is read wrongly lands far away.
"""

BORDER_DEG = 0.5
"""A layer that lies farther outside of it than a city on the border does is worth a word [deg]."""

METRES = 1_000.0
"""No pair of longitude and latitude has both numbers above this."""

POLAR_DEG = 84.0
"""No city lies nearer to a pole; a latitude above it may be a longitude of western China [deg]."""


class Found(NamedTuple):
    """Middle of each feature that has a place, in the numbers of the file: shape (n,)."""

    x: FloatArray
    y: FloatArray

    @property
    def middle(self) -> tuple[float, float]:
        """Return the median, which strays do not move."""
        return float(np.median(self.x)), float(np.median(self.y))

    def swapped(self) -> Found:
        """Return the same with both axes exchanged."""
        return Found(self.y, self.x)


def middles(geometry: ObjectArray) -> Found:
    """Return the middles of the features with finite coordinates."""
    bounds = shapely.bounds(geometry).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    return Found((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)


def require_plausible(frame: gpd.GeoDataFrame, source: str) -> None:
    """Refuse a layer whose coordinates cannot be in the CRS that it has.

    Parameters
    ----------
    frame
        With a CRS; a layer without any place passes.
    source
        Name of the file, for the message.

    Raises
    ------
    InputError
        ``crs.kind``, ``crs.swapped``, ``crs.metres``, ``crs.degrees``, ``crs.range``, ``crs.zone``,
        ``crs.domain`` or ``crs.area``: each names the coordinates and what they look like.
    """
    crs = CRS(frame.crs)
    if not (crs.is_geographic or crs.is_projected):
        reject("crs.kind", source, found=crs_name(crs))
    found = middles(frame.geometry.to_numpy())
    if not len(found.x):
        return
    if crs.is_geographic:
        _require_degrees(found, crs, source)
    else:
        _require_metres(found, crs, source)


def pair(x: float, y: float) -> str:
    """Write two coordinates as a person reads them: degrees to a metre, metres whole."""
    return ", ".join(f"{v:.0f}" if abs(v) > METRES else f"{v:.6g}" for v in (x, y))


def candidates(x: float, y: float) -> tuple[str, ...]:
    """Name the systems in which a coordinate pair would lie in China, or could be degrees.

    It is advice to a person who has to declare one; nothing is chosen by it.

    Examples
    --------
    >>> candidates(40_556_823.0, 3_463_294.0)
    ('EPSG:4528 CGCS2000 / 3-degree Gauss-Kruger zone 40',)
    """
    if abs(x) <= 180 and abs(y) <= 90:
        return ("EPSG:4326 WGS 84", "EPSG:4490 CGCS2000")
    out = []
    number = number_in(x)
    if number and in_china_northings(y, y):
        out.append(crs_name(numbered_crs(number)))
    if in_shift_area(*_to_lonlat(Found(np.array([x]), np.array([y])), CRS.from_epsg(3857)))[0]:
        out.append("EPSG:3857 WGS 84 / Pseudo-Mercator")
    if 0 < x < ZONE_M and in_china_northings(y, y):
        out += [
            "EPSG:4534-4554 CGCS2000 / 3-degree Gauss-Kruger CM 75E-135E",
            "EPSG:32643-32653 WGS 84 / UTM zone 43N-53N",
        ]
    return tuple(out)


def looks_like(x: float, y: float) -> Text:
    """Say which systems coordinates occur in, or that they are in none that is known here."""
    names = candidates(x, y)
    if names:
        return N_("Coordinates like these occur in %(systems)s.", systems="; ".join(names))
    return N_("Ask who made the data for its coordinate system.")


def looks_swapped(x: float, y: float) -> bool:
    """Tell whether a pair makes sense only with its axes exchanged: latitude or northing first."""
    if abs(x) <= 90 and POLAR_DEG < abs(y) <= 180:
        return abs(y) > 90 or bool(in_shift_area(y, x))
    return not candidates(x, y) and bool(candidates(y, x)) and abs(x) > METRES


def refuse_swapped(found: Found, source: str) -> NoReturn:
    """Refuse a layer that has latitude or northing first."""
    x, y = found.middle
    expected = N_("longitude or easting first, latitude or northing second")
    remedy = N_(
        "The axes look swapped: %(found)s. Exchange them where the layer is made. %(advice)s",
        found=pair(x, y),
        advice=looks_like(y, x),
    )
    refuse("crs.swapped", source, expected, remedy, found=pair(x, y), field="geometry")


def area_of_use(crs: CRS) -> tuple[float, float, float, float] | None:
    """Return ``west, south, east, north`` where a CRS is used, as registered; None if unknown."""
    area = crs.area_of_use
    if area is None:
        code = crs.to_epsg(min_confidence=25)
        likely = CRS.from_epsg(code) if code else None
        area = likely.area_of_use if likely is not None and _same_measures(crs, likely) else None
    return None if area is None else area.bounds


def _same_measures(one: CRS, other: CRS) -> bool:
    """Tell whether two CRSs are projected by the same figures, whatever their names are.

    What has no name at all, as in files of MapInfo, is else taken for a zone of another continent.
    """
    figures = [
        sorted(round(float(entry.value), 6) for entry in operation.params) if operation else None
        for operation in (one.coordinate_operation, other.coordinate_operation)
    ]
    return figures[0] == figures[1]


def beyond_area(frame: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Say where a layer lies if that is beside the area of its CRS, as a wrong zone puts it."""
    crs = CRS(frame.crs)
    found = middles(frame.geometry.to_numpy())
    if not crs.is_projected or not len(found.x) or in_area(found, crs, BORDER_DEG).mean() >= MOST:
        return ()
    lon, lat = _to_lonlat(found, crs)
    return (
        noted(
            "zone.doubt",
            N_(
                "most features lie at %(where)s, beside the area of %(crs)s (%(area)s): check "
                "whether it is the right zone",
                where=pair(float(np.median(lon)), float(np.median(lat))),
                crs=crs_name(crs),
                area=", ".join(f"{v:g}" for v in area_of_use(crs) or ()),
            ),
        ),
    )


def in_area(found: Found, crs: CRS, margin: float = MARGIN_DEG) -> BoolArray:
    """Tell which places lie where their CRS is used, or on the globe if that is unknown."""
    lon, lat = _to_lonlat(found, crs)
    on_globe = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= 90)
    bounds = area_of_use(crs)
    if bounds is None:
        x, y = between(LONLAT, crs).transform(lon, lat)
        return np.asarray(
            on_globe & np.asarray(np.hypot(x - found.x, y - found.y) <= 1.0, bool), bool
        )
    west, south, east, north = bounds
    width = (east - west) % 360 if west > east else east - west
    turned = np.mod(np.where(on_globe, lon, 0.0) - (west - margin), 360.0)
    there = (turned <= width + 2 * margin) & (lat >= south - margin)
    return np.asarray(on_globe & there & (lat <= north + margin), bool)


def _to_lonlat(found: Found, crs: CRS) -> tuple[FloatArray, FloatArray]:
    transformer = between(crs, LONLAT)
    lon, lat = transformer.transform(found.x, found.y)
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def _require_degrees(found: Found, crs: CRS, source: str) -> None:
    x, y = found.middle
    on_globe = (np.abs(found.x) <= 180) & (np.abs(found.y) <= 90)
    if looks_swapped(x, y):
        refuse_swapped(found, source)
    if on_globe.mean() >= MOST:
        return
    if abs(x) > METRES and abs(y) > METRES:
        expected = N_("degrees, as %(crs)s has", crs=crs_name(crs))
        remedy = N_(
            "These are metres labelled as degrees. %(advice)s Export the layer again with its "
            "true coordinate system, or declare it if the file names none (--source-crs).",
            advice=looks_like(x, y),
        )
        refuse("crs.metres", source, expected, remedy, found=pair(x, y), field="geometry")
    expected = N_("longitude from -180 to 180 and latitude from -90 to 90")
    remedy = N_("Correct the coordinates, or the coordinate system of the layer.")
    refuse("crs.range", source, expected, remedy, found=pair(x, y), field="geometry")


def _require_metres(found: Found, crs: CRS, source: str) -> None:
    x, y = found.middle
    if abs(x) <= 180 and abs(y) <= 180:
        reject(
            "crs.degrees:labelled", source, field="geometry", found=pair(x, y), crs=crs_name(crs)
        )
    _require_zone(x, y, crs, source)
    there = in_area(found, crs)
    if there.mean() >= MOST:
        return
    if in_area(found.swapped(), crs).mean() >= MOST or looks_swapped(x, y):
        refuse_swapped(found, source)
    _refuse_place(found, crs, source, int(there.sum()))


def _require_zone(x: float, y: float, crs: CRS, source: str) -> None:
    """Refuse eastings that carry another number of a zone than the CRS, or one too many or few."""
    zone, number = zone_of(crs), number_in(x)
    plain = 0 < x < ZONE_M and in_china_northings(y, y)
    if zone is None or zone.number == number or not (number or plain):
        return
    if number:
        advice = N_(
            "The easting begins with %(number)s, the number of a zone: declare or export the layer "
            "as %(crs)s, or the same zone of its own datum.",
            number=number,
            crs=crs_name(numbered_crs(number)),
        )
    else:
        numbered = numbered_crs(zone.number).to_epsg() or 0
        advice = N_(
            "The easting carries no number of a zone: declare or export the layer in the system of "
            "the same meridian without one (CGCS2000: EPSG:%(code)s).",
            code=numbered + (21 if numbered >= NARROW_NUMBERED else 11),
        )
    expected = N_("eastings of %(crs)s", crs=crs_name(crs))
    refuse("crs.zone", source, expected, advice, found=pair(x, y), field="geometry")


def _refuse_place(found: Found, crs: CRS, source: str, there: int) -> NoReturn:
    """Refuse a layer that lands outside of the area of its CRS, or nowhere at all."""
    x, y = found.middle
    lon, lat = _to_lonlat(found, crs)
    finite = np.isfinite(lon) & np.isfinite(lat)
    if finite.mean() < MOST:
        expected = N_("coordinates that %(crs)s can stand for", crs=crs_name(crs))
        remedy = N_(
            "They are no place on the globe in this system. %(advice)s", advice=looks_like(x, y)
        )
        refuse("crs.domain", source, expected, remedy, found=pair(x, y), field="geometry")
    where = pair(float(np.median(lon[finite])), float(np.median(lat[finite])))
    expected = N_(
        "features where %(crs)s is used: %(area)s",
        crs=crs_name(crs),
        area=", ".join(f"{v:g}" for v in area_of_use(crs) or ()),
    )
    remedy = N_(
        "%(count)s of %(total)s features lie there, their middle lands at %(where)s. %(advice)s",
        count=there,
        total=len(found.x),
        where=where,
        advice=looks_like(x, y),
    )
    refuse("crs.area", source, expected, remedy, found=pair(x, y), field="geometry")
