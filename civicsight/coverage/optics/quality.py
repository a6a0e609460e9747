"""How good a view is: ladders of pixel density, and the limits that apply after density.

All of it concerns what a person can make out. It says nothing about analytics or thermal images,
and proves neither lighting nor recognition.

References
----------
EN 62676-4:2015 and IEC 62676-4:2025 (levels, as quoted by manufacturers; the texts themselves
were not seen); GB 50395-2007 6.0.1 and GB 51348 14.3.6 (scene light).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np

from civicsight.core.errors import N_, Text
from civicsight.coverage.optics.footprint import depression_deg
from civicsight.rules.ladders import LADDERS, Ladder, Level
from civicsight.rules.pack import TARGET_HEIGHTS_M, Profile

__all__ = ["LADDERS", "Ladder", "Level", "level_of"]


FACE_HEIGHT_M: Final = TARGET_HEIGHTS_M["person"]
"""Height of a face above the ground."""

FACE_WIDTH_M: Final = 0.16
"""Width of a face."""

SCENE_LIGHT_FACTOR: Final = 50.0
"""Scene light must be this many times the camera's minimum illumination (GB 50395-2007)."""

FACE_PITCH_WARN_DEG: Final = 15.0
"""Depression to a face from which recognition suffers (assumption of the project)."""


def level_of(px_m: float, ladder: Ladder) -> Level | None:
    """Return the highest level that a density reaches, None below the lowest; bounds belong to it.

    Examples
    --------
    >>> str(level_of(62.5, LADDERS["dori"]).label)
    'observe'
    """
    reached = [level for level in ladder.levels if px_m >= level.px_m]
    return reached[-1] if reached else None


def night_reach_m(
    density_reach_m: float,
    own_light_m: float,
    *,
    scene_lux: float = 0.0,
    camera_lux: float = np.inf,
) -> float:
    """Return the distance to which a level holds at night [m].

    Parameters
    ----------
    density_reach_m
        Distance at which the density falls below the level.
    own_light_m
        Range of the camera's own light; 0 for none.
    scene_lux, camera_lux
        Light at the scene at night, and minimum illumination of the camera. Enough of the former
        replaces the own light.
    """
    if scene_lux >= SCENE_LIGHT_FACTOR * camera_lux:
        return density_reach_m
    return min(density_reach_m, own_light_m)


def face_pitch(height_m: float, distance_m: float, profile: Profile) -> Pitch:
    """Judge how steeply a camera looks down on a face at a horizontal distance.

    It fails beyond the angle that the capture profile of persons allows.
    """
    angle = float(depression_deg(height_m, profile.target_height_m, distance_m))
    if profile.max_tilt_deg is not None and angle > profile.max_tilt_deg:
        return Pitch.FAIL
    return Pitch.WARN if angle > FACE_PITCH_WARN_DEG else Pitch.OK


def capture_faults(
    profile: Profile, *, depression_deg: float, yaw_deg: float, px_m: float
) -> tuple[Text, ...]:
    """List what keeps a view from what a capture profile asks of it; empty if nothing does.

    Parameters
    ----------
    profile
        What is asked.
    depression_deg, yaw_deg
        How far below the horizontal the camera looks at the target, and how far off its axis.
    px_m
        Density at the target.
    """
    checks = (
        (N_("vertical angle"), abs(depression_deg), profile.max_tilt_deg),
        (N_("horizontal angle"), abs(yaw_deg), profile.max_yaw_deg),
    )
    faults = [
        N_("%(what)s %(found)s°, at most %(limit)s°", what=what, found=round(found, 1), limit=limit)
        for what, found, limit in checks
        if limit is not None and found > limit
    ]
    if px_m < profile.px_per_m:
        least = f"{profile.px_per_m:g}"
        faults.append(
            N_("%(found)s px/m, at least %(limit)s px/m", found=round(px_m, 1), limit=least)
        )
    return tuple(faults)


class Pitch(StrEnum):
    """Verdict on the depression to a face."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
