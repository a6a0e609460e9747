"""A gate that is selected on the map: what is known of it, and the commands that settle it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely

from civicsight.core.errors import CivicsightError
from civicsight.editing.commands import Add
from civicsight.editing.gap_changes import COVERED, judge_parts
from civicsight.editing.gates import GATES
from civicsight.model import NEED
from civicsight.ui.editor.state import PARTS, EditorState

AHEAD_M: Final = (6.0, 8.0, 12.0)
"""Distances of a first camera from the part that it is for [m]; nearer ones look down too steeply
from the usual height."""

SPARE: Final = 1.2
"""So many times the detail asked for, since a part is wider than a point."""


def selected_part(editor: EditorState) -> Any | None:
    """Return the part that is selected, as the draft has it; None if there is none, or no longer.

    The record has ``name``, ``kind``, ``how``, ``inferred``, ``confirmed`` and its geometry.
    """
    layer, label = editor.selected or ("", "")
    parts = editor.edit_context.standing(editor.draft).parts
    return parts.loc[label] if layer == PARTS and label in parts.index else None


def is_open(part: Any) -> bool:
    """Tell whether a part is a gate that nobody has confirmed."""
    return str(part["kind"]) in GATES and not bool(part["confirmed"])


def propose(editor: EditorState, part: Any, camera_id: str) -> Add:
    """Return a first camera for a part: the nearest of a few before it that covers it for sure.

    Where none does, or none is lawful, it is the nearest one; what is wrong with it, the law and
    the preview tell.
    """
    offers = [_in_front(part, camera_id, ahead_m) for ahead_m in AHEAD_M]
    for offer in offers:
        try:
            after = editor.session.do(offer).draft
        except CivicsightError:
            continue
        if judge_parts(after, editor.edit_context, [str(part.name)])["status"].eq(COVERED).all():
            return offer
    return offers[0]


def _in_front(part: Any, camera_id: str, ahead_m: float) -> Add:
    """Return a camera before a part, aimed at it, with the detail that it asks for."""
    spot = shapely.point_on_surface(part["geometry"])
    usual = Add(camera_id, 0.0, 0.0, 0.0)
    normal = float(part["normal_deg"])
    out = np.radians(normal if np.isfinite(normal) else 0.0)
    down_m = usual.height_m - float(part["target_height_m"])
    # A picture of width w shows 2 d tan(w / 2) metres at a distance of d.
    half = usual.width_px / (SPARE * float(part[NEED])) / (2.0 * np.hypot(ahead_m, down_m))
    half = min(half, np.tan(np.radians(usual.hfov_deg / 2.0)))
    upright = half * usual.height_px / usual.width_px
    return replace(
        usual,
        x=float(spot.x + ahead_m * np.sin(out)),
        y=float(spot.y + ahead_m * np.cos(out)),
        azimuth_deg=round(float(np.degrees(out) + 180.0) % 360.0, 1),
        tilt_deg=round(float(np.degrees(np.arctan2(down_m, ahead_m))), 1),
        hfov_deg=round(float(np.degrees(2.0 * np.arctan(half))), 1),
        vfov_deg=round(float(np.degrees(2.0 * np.arctan(upright))), 1),
    )
