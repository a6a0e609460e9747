"""The directions that a picture may reach, as bands of azimuths and elevations about its axis.

A record with a gap leaves many poses open. A band that holds the pictures of them all bounds what
the camera could see; one band cannot, for a picture that looks steeply down sees all azimuths, so
below the camera there is a second one, all round.
"""

from __future__ import annotations

from math import asin, atan, atan2, cos, degrees, hypot, isfinite, pi, radians, sin, sqrt, tan
from typing import Final, NamedTuple

from civicsight.coverage.optics.lens import Lens

LIFT_DEG: Final = 10.0
"""No axis points higher above the horizon, where nobody recorded where it points (assumption)."""

STEEP_DEG: Final = 30.0
"""Below this depression a picture of unknown tilt may see all azimuths; less for a wide one."""

WIDER_DEG: Final = 1e-6
"""A band is this much wider than the pictures in it, for their edges belong to them."""


class Band(NamedTuple):
    """Directions up to `half_deg` off an azimuth, with elevations from `low_deg` to `high_deg`."""

    half_deg: float
    low_deg: float
    high_deg: float

    @property
    def tilt_deg(self) -> float:
        """Return the middle of the elevations, below the horizontal."""
        return -0.5 * (self.low_deg + self.high_deg)

    @property
    def vfov_deg(self) -> float:
        """Return the height of the band."""
        return self.high_deg - self.low_deg


def bands_of(
    lens: Lens, hfov_deg: float, vfov_deg: float, tilt_deg: float, roll_deg: float = 0.0
) -> tuple[Band, ...]:
    """Return bands that hold every direction of a picture, or of all pictures of unknown tilt.

    Parameters
    ----------
    lens
        Projection of the picture.
    hfov_deg, vfov_deg
        Angles of view; a smaller picture lies in that of a larger one.
    tilt_deg
        Of the axis, below the horizontal; NaN for any from `LIFT_DEG` above it to straight down.
    roll_deg
        Rotation about the axis.
    """
    if lens == "rectilinear":
        found = _plane(hfov_deg, vfov_deg, tilt_deg, roll_deg)
    elif lens == "equidistant":
        found = _cone(0.5 * hfov_deg, tilt_deg)
    else:
        found = _panorama(0.5 * hfov_deg, 0.5 * vfov_deg, tilt_deg)
    return tuple(
        Band(min(half + WIDER_DEG, 180.0), max(low - WIDER_DEG, -90.0), min(high + WIDER_DEG, 90.0))
        for half, low, high in found
    )


def one_band(bands: tuple[Band, ...], aside_deg: float) -> tuple[Band, ...]:
    """Return bands, as one where all of them go all round once they are widened on both sides."""
    if all(band.half_deg + aside_deg >= 180.0 for band in bands):
        low, high = min(band.low_deg for band in bands), max(band.high_deg for band in bands)
        return (Band(180.0, low, high),)
    return bands


def _panorama(half_deg: float, rise_deg: float, tilt_deg: float) -> tuple[Band, ...]:
    if isfinite(tilt_deg):
        return (Band(half_deg, -tilt_deg - rise_deg, -tilt_deg + rise_deg),)
    return (Band(half_deg, -90.0, LIFT_DEG + rise_deg),)


def _cone(opening_deg: float, tilt_deg: float) -> tuple[Band, ...]:
    """Return the band of a round picture; one that holds the vertical sees all azimuths."""
    if not isfinite(tilt_deg):
        return (Band(180.0, -90.0, LIFT_DEG + opening_deg),)
    if opening_deg + abs(tilt_deg) >= 90.0:
        half = 180.0
    else:
        half = degrees(asin(min(1.0, sin(radians(opening_deg)) / cos(radians(tilt_deg)))))
    return (Band(half, -tilt_deg - opening_deg, -tilt_deg + opening_deg),)


def _plane(hfov_deg: float, vfov_deg: float, tilt_deg: float, roll_deg: float) -> tuple[Band, ...]:
    """Return the bands of a plane picture; one that is rolled lies in a larger upright one."""
    across, up = tan(radians(hfov_deg) / 2.0), tan(radians(vfov_deg) / 2.0)
    turn = radians(roll_deg)
    a = across * abs(cos(turn)) + up * abs(sin(turn))
    b = across * abs(sin(turn)) + up * abs(cos(turn))
    return (_tilted(a, b, radians(tilt_deg)),) if isfinite(tilt_deg) else _any_tilt(a, b)


def _tilted(a: float, b: float, tilt: float) -> Band:
    """Return the band of a picture of tangents ``a`` and ``b`` off its axis.

    The direction at tangents ``(x, y)`` rises by ``y cos(t) - sin(t)`` over ``cos(t) + y sin(t)``
    ahead and ``x`` aside. So azimuths are extreme at corners, and so are elevations but for the
    middles of the upper and the lower edge, unless the picture holds the vertical.
    """
    ahead = cos(tilt) - b * abs(sin(tilt))
    corners = [
        (y * cos(tilt) - sin(tilt)) / sqrt(1.0 + x * x + y * y) for x in (0.0, a) for y in (-b, b)
    ]
    low, high = degrees(asin(min(corners))), degrees(asin(max(corners)))
    if ahead > 0.0:
        return Band(degrees(atan2(a, ahead)), low, high)
    return Band(180.0, low, 90.0) if tilt < 0.0 else Band(180.0, -90.0, high)


def _any_tilt(a: float, b: float) -> tuple[Band, ...]:
    """Return the bands of all pictures from `LIFT_DEG` above the horizon to straight down.

    A direction of depression ``e`` at azimuth ``d`` off the axis lies ``sin(d) cos(e)`` off the
    vertical plane through it, which no tilt changes and ``a / sqrt(1 + a^2)`` bounds. No picture
    sees backwards less deep than its corner when it looks straight down. Above the horizon the
    lifted picture reaches farthest aside, at its upper corners.
    """
    steep = min(radians(STEEP_DEG), atan(1.0 / hypot(a, b)))
    lift = radians(LIFT_DEG)
    aside = asin(min(1.0, sin(atan(a)) / cos(steep)))
    ahead = cos(lift) - b * sin(lift)
    half = max(aside, atan2(a, ahead)) if ahead > 0.0 else pi
    top = min(LIFT_DEG + degrees(atan(b)), 90.0)
    return (Band(degrees(half), -degrees(steep), top), Band(180.0, -90.0, -degrees(steep)))
