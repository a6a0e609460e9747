"""Zones of the Gauss-Krueger projection: which one a CRS, or the digits of an easting, stand for.

Chinese surveying divides the country into zones of 3 degrees (numbers 25 to 45, for maps of towns)
or 6 degrees (13 to 23, for small scales). An easting counts from 500 km west of the meridian of
its zone, and may carry the number of the zone in front: 556,823 m in zone 40 is 40,556,823.
"""

from __future__ import annotations

from typing import NamedTuple

from pyproj import CRS

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


def plain_crs() -> list[CRS]:
    """Return the CRSs on CGCS2000 in zones of 3 degrees without number, west to east."""
    return [CRS.from_epsg(NARROW_PLAIN + step) for step in range(len(NARROW))]


def in_china_northings(low: float, high: float) -> bool:
    """Tell whether northings can be those of places in China."""
    return NORTHINGS_M[0] <= low and high <= NORTHINGS_M[1]
