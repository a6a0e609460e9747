"""The image that a record tells of: its projection, its angles, and the finest it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite, nan, radians, tan
from types import MappingProxyType
from typing import Final, NamedTuple

from civicsight.coverage.optics.lens import WIDEST_RECTILINEAR_DEG, Lens, square_vfov_deg
from civicsight.coverage.pose.assumptions import BEST_OPTICS, WIDEST_DEG
from civicsight.coverage.pose.record import Record

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
