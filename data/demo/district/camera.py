"""One row of the made inventory, and how a camera is aimed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from district.plane import Point
from district.proof import TARGET_M, Eye, vfov_deg

GOVERNMENT, LEASED, OTHER = "government", "government_leased", "non_government"


@dataclass(frozen=True, slots=True)
class Lens:
    """Pixels of the stream and angle of the lens."""

    width_px: int
    height_px: int
    hfov_deg: float


FACE = Lens(2560, 1440, 50.0)
PLATE = Lens(2560, 1440, 60.0)
FINE_PLATE = Lens(3840, 2160, 56.0)
CLOSE = Lens(2560, 1440, 40.0)
STREET = Lens(2560, 1440, 60.0)
WIDE = Lens(3840, 2160, 80.0)
YARD = Lens(3072, 1728, 90.0)
EDGE = Lens(3840, 2160, 50.0)
LONG = Lens(3840, 2160, 40.0)
OVERVIEW = Lens(1920, 1080, 90.0)


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the inventory; None where the record says nothing."""

    key: str
    name: str
    x: float
    y: float
    height_m: float
    azimuth_deg: float | None
    tilt_deg: float
    lens: Lens
    reach_m: float
    status: str = "existing"
    owner: str = OTHER
    mount: str = "pole"
    kind: str = "fixed"
    setting: str = "outdoor"
    usable: bool = True
    purpose: str = "出入口管理"
    pole: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def eye(self) -> Eye:
        """The camera as a complete pose; looks north where the direction is not recorded."""
        return Eye(
            self.x,
            self.y,
            self.height_m,
            self.azimuth_deg or 0.0,
            self.tilt_deg,
            self.lens.hfov_deg,
            self.vfov_deg,
            self.lens.width_px,
            self.reach_m,
        )

    @property
    def vfov_deg(self) -> float:
        """Vertical field of view, rounded as the inventory states it."""
        return round(vfov_deg(self.lens.hfov_deg, self.lens.width_px, self.lens.height_px), 2)


def bearing_deg(start: Point, end: Point) -> float:
    """Return the direction from one point to another, rounded to a hundredth of a degree."""
    return round(math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360, 2)


def tilt_to_deg(start: Point, end: Point, height_m: float, target_m: float = TARGET_M) -> float:
    """Return the tilt at which a camera looks at a target, rounded to a hundredth of a degree."""
    return round(math.degrees(math.atan2(height_m - target_m, math.dist(start, end))), 2)
