"""Geodetic systems of Chinese sources: WGS 84, CGCS2000, GCJ-02 and BD-09, exact both ways.

Map vendors in China publish coordinates that are shifted on purpose: GCJ-02 by 100 to 700 m, and
BD-09 by a further kilometre or so. The shift is a smooth function of place without a closed
inverse; here the inverse is iterated until nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray
from civicsight.io.source_options import DATUMS, Datum

Pair = tuple[FloatArray, FloatArray]

SHIFTED: frozenset[Datum] = frozenset({"gcj02", "bd09"})
"""Systems that are shifted against WGS 84."""

DATUM_NAMES: dict[Datum, str] = {
    "wgs84": "WGS 84",
    "cgcs2000": "CGCS2000",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
}
"""What people call the systems, in any language."""

SHIFT_AREA = (72.004, 0.8293, 137.8347, 55.8271)
"""``west, south, east, north`` between which vendors shift coordinates [deg].

The rectangle that converters commonly use. It reaches into neighbouring countries, where vendors
draw the line along the border: what lies there should not be declared as GCJ-02 or BD-09.
"""

SEMI_MAJOR_M = 6_378_245.0
ECCENTRICITY_2 = 0.006_693_421_622_965_943
"""Krassovsky's ellipsoid, on which the shift in metres becomes one in degrees."""

ORIGIN = (105.0, 35.0)
"""Longitude and latitude that the polynomials of the shift count from [deg]."""

BD_TURN = np.pi * 3000.0 / 180.0
BD_STEP = (0.0065, 0.006)
"""Constant part of the step from GCJ-02 to BD-09 [deg]."""

ROUNDS = 30
"""Rounds of the inverse at most; a round leaves less than a 30th of the error, some ten suffice."""

CONVERGED_DEG = 1e-13
"""The inverse stops when no coordinate moves by more than this, 10 nm on the ground [deg]."""

METRES_PER_DEGREE = 111_195.0
"""Length of a degree of latitude on the mean sphere [m]."""


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> Pair:
    """Move coordinates of a declared system to WGS 84.

    CGCS2000 and WGS 84 are realisations of the same frame at different epochs: they differ by
    decimetres from the motion of the continent and are taken as equal. Outside of `SHIFT_AREA`
    nothing is shifted; whether a place lies there is judged by the coordinates given. The inverse
    is exact to a micrometre.

    Parameters
    ----------
    lon, lat
        Longitudes and latitudes in `datum`, of one shape [deg]; what is not finite stays as it is.
    datum
        One of `declared.DATUMS`.

    Returns
    -------
    lon, lat
        New float64 arrays in WGS 84 [deg].

    Raises
    ------
    ValueError
        If the system is unknown.

    Examples
    --------
    >>> lon, lat = to_wgs84([115.8631006], [28.6795698], "gcj02")
    >>> print(f"{lon[0]:.6f}, {lat[0]:.6f}")
    115.858200, 28.682900
    """
    return _applied(lon, lat, datum, _inverse)


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> Pair:
    """Move coordinates of WGS 84 to another system; the reverse of `to_wgs84`.

    Notes
    -----
    The shift to GCJ-02 is a sum of polynomials and sines in longitude and latitude that became
    known through the converters in common use; no standard publishes it. BD-09 is GCJ-02 turned
    and stretched by small sines, plus a constant.
    """
    return _applied(lon, lat, datum, _forward)


def in_shift_area(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which coordinates lie where vendors shift them."""
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    west, south, east, north = SHIFT_AREA
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north), bool)


def ground_distance(
    lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray
) -> FloatArray:
    """Return the distance between places that are less than some kilometres apart [m]."""
    east = (lon2 - lon1) * np.cos(np.radians((lat1 + lat2) / 2))
    out: FloatArray = METRES_PER_DEGREE * np.hypot(east, lat2 - lat1)
    return out


def _applied(
    lon: npt.ArrayLike,
    lat: npt.ArrayLike,
    datum: Datum,
    move: Callable[[FloatArray, FloatArray, Datum], Pair],
) -> Pair:
    """Move what lies in the shifted area and copy the rest."""
    if datum not in DATUMS:
        msg = f"datum is {datum!r}, expected one of {', '.join(DATUMS)}"
        raise ValueError(msg)
    x, y = np.array(lon, np.float64), np.array(lat, np.float64)
    if datum in SHIFTED:
        inside = in_shift_area(x, y)
        x[inside], y[inside] = move(x[inside], y[inside], datum)
    return x, y


def _forward(lon: FloatArray, lat: FloatArray, datum: Datum) -> Pair:
    x, y = _gcj_of_wgs(lon, lat)
    return _bd_of_gcj(x, y) if datum == "bd09" else (x, y)


def _inverse(lon: FloatArray, lat: FloatArray, datum: Datum) -> Pair:
    """Solve ``forward(p) = given`` by stepping against the error that is left."""
    x, y = lon.copy(), lat.copy()
    for _ in range(ROUNDS):
        got_x, got_y = _forward(x, y, datum)
        x += lon - got_x
        y += lat - got_y
        left = max(np.abs(lon - got_x).max(initial=0.0), np.abs(lat - got_y).max(initial=0.0))
        if left < CONVERGED_DEG:
            break
    return x, y


def _gcj_of_wgs(lon: FloatArray, lat: FloatArray) -> Pair:
    x, y = lon - ORIGIN[0], lat - ORIGIN[1]
    root = np.sqrt(np.abs(x))
    common = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) / 1.5
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) / 1.5
    phi = np.radians(lat)
    w_2 = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / (w_2 * np.sqrt(w_2))
    parallel_m = SEMI_MAJOR_M / np.sqrt(w_2) * np.cos(phi)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _waves(t: FloatArray, *terms: tuple[float, float]) -> FloatArray:
    """Sum sines of given amplitude [m] and half period [deg]."""
    out = np.zeros_like(t)
    for amplitude, half in terms:
        out += amplitude * np.sin(np.pi * t / half)
    return out


def _bd_of_gcj(lon: FloatArray, lat: FloatArray) -> Pair:
    length = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD_TURN)
    return length * np.cos(angle) + BD_STEP[0], length * np.sin(angle) + BD_STEP[1]
