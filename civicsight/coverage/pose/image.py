"""The record of a camera, the image it tells of, and all directions that image may reach.

A record with a gap leaves many poses open. A band of azimuths and elevations that holds the
pictures of them all bounds what the camera could see; one band cannot, for a picture that looks
steeply down sees all azimuths, so below the camera there is a second one, all round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import asin, atan, atan2, cos, degrees, hypot, isfinite, nan, pi, radians, sin, sqrt, tan
from types import MappingProxyType
from typing import Final, NamedTuple

from civicsight.coverage.optics.lens import WIDEST_RECTILINEAR_DEG, Lens, square_vfov_deg
from civicsight.coverage.optics.rigs import Preset
from civicsight.coverage.pose.assumptions import BEST_OPTICS, LEAST_USE_PX_M, WIDEST_DEG


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one camera; NaN and ``unknown`` where nothing is.

    Parameters
    ----------
    heads
        Number of heads of a `multi_head`, 0 if unknown; they span `hfov_deg` together and each has
        `width_px`.
    shift_m
        How far it was moved out of a building.
    facade_deg, roof_m
        Outward azimuth of its wall and height of its building.
    entrance_deg, junction_deg
        Azimuth to the nearest entrance and junction that it may look at.
    sector_deg
        Middle of the 45 degree sector that it is known to look into.
    by_address
        Whether it had no coordinates and was placed by its address.
    least_px_m
        Density to which a view of no recorded reach is followed.
    detection_range_m
        Range at which a camera that is judged by it detects a person.
    """

    kind: str = "unknown"
    mount: str = "unknown"
    height_m: float = nan
    azimuth_deg: float = nan
    tilt_deg: float = nan
    roll_deg: float = 0.0
    hfov_deg: float = nan
    vfov_deg: float = nan
    width_px: float = nan
    height_px: float = nan
    reach_m: float = nan
    near_m: float = 0.0
    presets: tuple[Preset, ...] = ()
    heads: int = 0
    shift_m: float = 0.0
    facade_deg: float = nan
    roof_m: float = nan
    entrance_deg: float = nan
    junction_deg: float = nan
    sector_deg: float = nan
    by_address: bool = False
    least_px_m: float = LEAST_USE_PX_M
    detection_range_m: float = nan


@dataclass(frozen=True, slots=True)
class View:
    """One head of one reading, as a row of `model.HEADS`.

    `duty` is the share of time that the head looks this way, `stop` the number of the preset in
    its tour, from 1, 0 of a view that is none; `assumptions` are names from
    `assumptions.ASSUMPTIONS`; `edge_gain` is how many times finer than this band a wall may be at
    the edge of the plane picture that the band stands for; `detection_range_m` is the range by
    which it is judged, NaN where its pixels count.
    """

    azimuth_deg: float
    tilt_deg: float
    roll_deg: float
    hfov_deg: float
    vfov_deg: float
    width_px: float
    height_m: float
    reach_m: float
    near_m: float
    lens: Lens
    duty: float = 1.0
    stop: int = 0
    assumptions: tuple[str, ...] = ()
    edge_gain: float = 1.0
    detection_range_m: float = nan


FULL_CIRCLE_DEG: Final = 360.0

WIDEST_PLANE_DEG: Final = WIDEST_RECTILINEAR_DEG - 1e-6
"""A plane picture is narrower than `WIDEST_RECTILINEAR_DEG`."""

WIDEST_BY_KIND_DEG: Final[Mapping[str, float]] = MappingProxyType(
    {"fisheye": 180.0, "panorama": FULL_CIRCLE_DEG}
)
"""The widest that a camera of a kind may see, `WIDEST_DEG` of any other."""

LEAST_FIELD_DEG: Final = 0.1
"""The least that an image can show."""

VFOV_DEG: Final = (LEAST_FIELD_DEG, 179.0)
"""Vertical fields that a plane image can have."""


def lens_of(record: Record) -> Lens:
    """Return the projection of a build and angle."""
    if record.kind == "fisheye":
        return "equidistant"
    if record.kind == "multi_head":
        return "rectilinear"
    if record.kind == "panorama" or record.hfov_deg >= FULL_CIRCLE_DEG:
        return "cylindrical"
    return "rectilinear" if record.hfov_deg < WIDEST_RECTILINEAR_DEG else "equidistant"


def is_full_circle(record: Record, lens: Lens) -> bool:
    """Tell whether the azimuth is without effect: all round, or round about straight down."""
    if lens == "equidistant":
        return abs(record.tilt_deg - 90.0) < 1e-6
    return record.hfov_deg >= FULL_CIRCLE_DEG


def image_angle_deg(record: Record) -> float:
    """Return the horizontal field of one image.

    NaN if it or the number of heads is not known, or they contradict each other: a span of half a
    degree does not divide among six.
    """
    if record.kind != "multi_head":
        return record.hfov_deg
    one = record.hfov_deg / record.heads if record.heads else nan
    return one if one >= LEAST_FIELD_DEG else nan


def vfov_of(record: Record, hfov_deg: float, lens: Lens) -> float:
    """Return the vertical field by the shape of a plane image, else as recorded, else NaN."""
    shaped = isfinite(record.height_px) and lens == "rectilinear"
    if shaped and (record.kind == "ptz" or not isfinite(record.vfov_deg)):
        vfov = square_vfov_deg(hfov_deg, record.width_px, record.height_px)
    else:
        vfov = nan if record.kind == "ptz" else record.vfov_deg
    narrowest, widest = VFOV_DEG
    return min(max(vfov, narrowest), widest) if lens == "rectilinear" and isfinite(vfov) else vfov


def finest_image(record: Record) -> tuple[float, float, bool]:
    """Return angle and pixels of the finest image a camera may have, and whether it is known."""
    angle, width = image_angle_deg(record), record.width_px
    if record.kind != "ptz" and isfinite(angle) and isfinite(width):
        return angle, width, True
    angle = or_else(angle, BEST_OPTICS.hfov_deg)
    if record.kind == "ptz":
        presets = (preset.hfov_deg for preset in record.presets)
        angle = min(BEST_OPTICS.hfov_deg, angle, *presets)
    return angle, max(BEST_OPTICS.width_px, or_else(width, 0.0)), False


class Image(NamedTuple):
    """The widest image a camera may have: projection, angles, and how much wider it sees in all.

    `beyond_deg` is what the other heads of a camera with several see beside one of them.
    """

    lens: Lens
    hfov_deg: float
    vfov_deg: float
    beyond_deg: float = 0.0


def widest_image(record: Record) -> Image:
    """Return the widest and highest image that a record leaves open."""
    widest = WIDEST_BY_KIND_DEG.get(record.kind, WIDEST_DEG)
    one = or_else(image_angle_deg(record), widest)
    lens = lens_of(replace(record, hfov_deg=or_else(record.hfov_deg, widest)))
    if record.kind == "ptz":
        one = max(one, *(preset.hfov_deg for preset in record.presets), 0.0)
    one = min(one, WIDEST_PLANE_DEG) if lens == "rectilinear" else one
    beyond = record.hfov_deg - one if record.kind == "multi_head" else 0.0
    return Image(lens, one, highest_deg(record, one, lens), max(or_else(beyond, 360.0), 0.0))


def highest_deg(record: Record, hfov_deg: float, lens: Lens) -> float:
    """Return the vertical field of an image; where nothing tells, it may stand upright."""
    vfov = vfov_of(record, hfov_deg, lens)
    if isfinite(vfov):
        return vfov
    if lens != "rectilinear":
        return hfov_deg if lens == "equidistant" else WIDEST_DEG
    return min(square_vfov_deg(hfov_deg, 9.0, 16.0), max(hfov_deg, WIDEST_DEG))


def edge_gain(record: Record, angle_deg: float) -> float:
    """Return how many times finer a wall may be at the corner of a picture than in a band.

    A wall at distance ``r``, turned to the lens, has ``N / (h r)`` in a band and ``f r / Z^2`` in a
    plane picture, with ``f = N / (2 tan(h/2))`` and ``(r / Z)^2 = 1 + a^2 + b^2`` at the tangents
    ``a <= tan(h/2)`` and ``b <= tan(v/2)`` off the axis. The quotient is greatest at a corner:
    ``h / (2 tan(h/2)) (1 + tan^2(h/2) + tan^2(v/2))``, which is at least ``h / sin(h)``. Where
    nothing tells how high the picture is, it may stand upright.
    """
    lens = lens_of(replace(record, hfov_deg=or_else(record.hfov_deg, angle_deg)))
    if lens != "rectilinear" or angle_deg >= WIDEST_RECTILINEAR_DEG:
        return 1.0
    vfov = highest_deg(record, angle_deg, "rectilinear")
    across, up = tan(radians(angle_deg) / 2.0), tan(radians(vfov) / 2.0)
    return radians(angle_deg) / (2.0 * across) * (1.0 + across**2 + up**2)


def or_else(value: float, default: float) -> float:
    """Return a value, or a default where it is not known."""
    return value if isfinite(value) else default


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
        # The bands of a plane picture; one that is rolled lies in a larger upright one.
        across, up = tan(radians(hfov_deg) / 2.0), tan(radians(vfov_deg) / 2.0)
        turn = radians(roll_deg)
        a = across * abs(cos(turn)) + up * abs(sin(turn))
        b = across * abs(sin(turn)) + up * abs(cos(turn))
        found = (_tilted(a, b, radians(tilt_deg)),) if isfinite(tilt_deg) else _any_tilt(a, b)
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
