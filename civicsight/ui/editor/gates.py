"""A gate that is selected on the map: what is known of it, and the commands that settle it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from civicsight.ui.editor.desk import PARTS, Desk
from civicsight.ui.services.commands import ConfirmGate, RejectGate

HALF_WALL_M: Final = 6.0
"""Half the length of the wall that closes an inferred opening."""

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


def _id_of(part: Any) -> str:
    known = part["entrance_id"]
    return known if isinstance(known, str) and known else str(part.name)
