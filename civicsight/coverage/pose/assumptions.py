"""What is assumed about a camera whose record is incomplete: every assumption has a name.

The figures are planning conventions of the project, gathered here so that a person can weigh and
change them. A confidence is the chance that the assumption holds for a camera of a city's
inventory; a head stands on the product of those it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text


def confidence_of(names: Iterable[str]) -> float:
    """Return the chance that all named assumptions hold; 1 for none."""
    return prod(ASSUMPTIONS[name].confidence for name in names)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing taken for granted, and the chance that it is so."""

    confidence: float
    meaning: Text


@dataclass(frozen=True, slots=True)
class UsualOptics:
    """Angle and pixels of a usual device of one kind."""

    hfov_deg: float
    vfov_deg: float
    width_px: float


ASSUMPTIONS: Final[Mapping[str, Assumption]] = MappingProxyType(
    {
        "untyped_as_dome": Assumption(0.7, N_("its build is not recorded; it is taken as a dome")),
        "untyped_as_fixed": Assumption(0.8, N_("its build is not recorded; it is taken as fixed")),
        "all_round": Assumption(0.6, N_("standing free, it sees all round")),
        "outward_half": Assumption(0.7, N_("on a wall, it sees the half circle outward")),
        "faces_outward": Assumption(0.6, N_("on a wall, it looks straight outward")),
        "faces_entrance": Assumption(0.6, N_("it looks at the nearest entrance")),
        "faces_junction": Assumption(0.5, N_("it looks at the nearest junction")),
        "tour_all_round": Assumption(
            0.5, N_("its tour is not recorded; it looks all round in turn")
        ),
        "height_by_mount": Assumption(0.7, N_("its height is the usual one of its mount")),
        "height_by_roof": Assumption(0.6, N_("it stands a metre above its roof")),
        "tilt_by_reach": Assumption(0.6, N_("it is tilted so that its frame ends at its reach")),
        "looks_down": Assumption(0.8, N_("a fisheye looks straight down")),
        "angle_by_kind": Assumption(0.6, N_("its field of view is the usual one of its build")),
        "pixels_by_kind": Assumption(
            0.7, N_("its pixels are those of a usual two-megapixel stream")
        ),
        "shape_of_image": Assumption(0.8, N_("its image has the usual shape")),
        "heads_by_span": Assumption(
            0.7, N_("the number of its heads follows from the angle they span")
        ),
        "moved_far": Assumption(0.9, N_("it was moved out of a building by more than a metre")),
        "placed_by_address": Assumption(
            0.5, N_("it was placed by its address, which is not where it hangs")
        ),
        "direction_by_sector": Assumption(
            0.7,
            N_("its direction is known to a sector of 45 degrees; it looks along the middle of it"),
        ),
        "any_direction": Assumption(0.25, N_("it may look in any direction")),
        "any_tilt": Assumption(0.5, N_("it may be tilted in any way")),
        "range_by_kind": Assumption(
            0.5, N_("it detects a person at the usual range of a thermal camera")
        ),
        "any_range": Assumption(0.2, N_("it may detect a person as far as any camera is followed")),
        "any_height": Assumption(0.5, N_("it may hang at any usual height")),
        "best_optics": Assumption(
            0.2, N_("it may have the best optics in use: 3840 px over 30 degrees")
        ),
    }
)
"""Assumptions by name."""

USUAL_OPTICS: Final[Mapping[str, UsualOptics]] = MappingProxyType(
    {
        "fixed": UsualOptics(80.0, 50.0, 1920.0),
        "dome": UsualOptics(100.0, 67.0, 1920.0),
        "ptz": UsualOptics(60.0, 36.0, 1920.0),
        "fisheye": UsualOptics(180.0, 180.0, 2048.0),
        "panorama": UsualOptics(180.0, 70.0, 4096.0),
        "multi_head": UsualOptics(90.0, 59.0, 1920.0),
        "thermal": UsualOptics(25.0, 19.0, 384.0),
    }
)
"""Usual optics by build; those of `multi_head` are of one head, four of which make the circle."""

BEST_OPTICS: Final = UsualOptics(30.0, 17.1, 3840.0)
"""The best that a street camera may plausibly have: eight megapixels behind a long lens."""

WIDEST_DEG: Final = 110.0
"""The widest that a fixed camera of unknown angle may see."""

USUAL_HEIGHT_M: Final[Mapping[str, float]] = MappingProxyType(
    {"wall": 3.5, "ceiling": 3.0, "gate": 4.6, "pole": 6.0, "unknown": 4.6}
)
"""Usual height by mount, from the steps 3.5, 4.6, 5.3, 6.0 and 6.8 m of a police code list."""

HEIGHT_RANGE_M: Final = (2.5, 8.0)
"""Lowest and highest usual mount: out of a hand's reach, within a lift's."""

BELOW_ROOF_M: Final = 0.3
"""A camera on a wall hangs at least this far below the roof."""

ABOVE_ROOF_M: Final = 1.0
"""A camera on a roof stands this far above it."""

LEAST_USE_PX_M: Final = 20.0
"""A view is followed to this density, or to the lowest that the rules speak of if that is less."""

LONGEST_REACH_M: Final = 400.0
"""No street camera is followed farther than this, but where its record says so."""

USUAL_RANGE_M: Final = 100.0
"""A thermal camera of no stated range detects a person this far; makers state 100 m and more."""

ENTRANCE_RANGE_M: Final = (2.0, 15.0)
"""A fixed camera may look at an entrance this far away; nearer, it hangs above the door."""

JUNCTION_RANGE_M: Final = (3.0, 25.0)
"""A fixed camera may look at a junction this far away: across a wide street."""

SURE_SHIFT_M: Final = 1.0
"""A record moved by more than this no longer says where its camera is."""
