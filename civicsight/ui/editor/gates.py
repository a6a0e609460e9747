"""A gate that is selected on the map: what is known of it, and the commands that settle it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely

from civicsight.ui.editor.desk import PARTS, Desk
from civicsight.ui.services.commands import Add, ConfirmGate, RejectGate

HALF_WALL_M: Final = 6.0
"""Half the length of the wall that closes an inferred opening."""

AHEAD_M: Final = 8.0
"""Distance of a first camera from the part that it is for [m]."""

FACE_M: Final = 1.5
"""Height that such a camera is aimed at [m]."""

SPARE: Final = 1.2
"""So many times the detail asked for, since a part is wider than a point."""

GATES: Final = frozenset({"entrance", "vehicle_entrance"})


def selected_part(desk: Desk) -> Any | None:
    """Return the part that is selected, as the draft has it; None if there is none, or no longer.

    The record has ``name``, ``kind``, ``how``, ``inferred``, ``confirmed`` and its geometry.
    """
    layer, label = desk.selected or ("", "")
    parts = desk.bench.standing(desk.draft).parts
    return parts.loc[label] if layer == PARTS and label in parts.index else None


def is_open(part: Any) -> bool:
    """Tell whether a part is a gate that nobody has confirmed."""
    return str(part["kind"]) in GATES and not bool(part["confirmed"])


def confirming(part: Any) -> ConfirmGate:
    """Return the command that confirms a gate."""
    spot = shapely.point_on_surface(part["geometry"])
    vehicle = part["kind"] == "vehicle_entrance"
    return ConfirmGate(_id_of(part), float(spot.x), float(spot.y), vehicle=vehicle)


def rejecting(part: Any) -> RejectGate:
    """Return the command that takes a gate out, or lays a wall across an inferred opening."""
    spot = shapely.point_on_surface(part["geometry"])
    normal = float(part["normal_deg"])
    along = np.radians((normal if np.isfinite(normal) else 0.0) + 90.0)
    step = HALF_WALL_M * np.array([np.sin(along), np.cos(along)])
    ends = tuple((float(spot.x + s * step[0]), float(spot.y + s * step[1])) for s in (-1.0, 1.0))
    return RejectGate(_id_of(part), str(part["how"]), ends)


def in_front(part: Any, camera_id: str) -> Add:
    """Return a first camera for a part: before it, aimed at it, with the detail it asks for.

    It is a proposal; what stands in between and what the law says, the preview tells.
    """
    spot = shapely.point_on_surface(part["geometry"])
    usual = Add(camera_id, 0.0, 0.0, 0.0)
    normal = float(part["normal_deg"])
    out = normal if np.isfinite(normal) else 180.0
    way = np.array([np.sin(np.radians(out)), np.cos(np.radians(out))])
    down_m = usual.height_m - FACE_M
    slant_m = float(np.hypot(AHEAD_M, down_m))
    # Across the picture lie 2 d tan(w / 2) metres.
    across_m = usual.width_px / (SPARE * float(part["need_px_m"]))
    width_deg = np.degrees(2.0 * np.arctan(across_m / (2.0 * slant_m)))
    return replace(
        usual,
        x=float(spot.x + AHEAD_M * way[0]),
        y=float(spot.y + AHEAD_M * way[1]),
        azimuth_deg=round((out + 180.0) % 360.0, 1),
        tilt_deg=round(float(np.degrees(np.arctan2(down_m, AHEAD_M))), 1),
        hfov_deg=round(float(min(width_deg, usual.hfov_deg)), 1),
    )


def _id_of(part: Any) -> str:
    known = part["entrance_id"]
    return known if isinstance(known, str) and known else str(part.name)
