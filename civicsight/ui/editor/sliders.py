"""Sliders that turn, tilt, zoom and raise a camera: the view on the map follows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import radians, tan
from typing import Any, Final, NamedTuple

import pandas as pd
import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.coverage.optics.lens import square_vfov_deg
from civicsight.editing.commands import Aim, Command, SetOptics
from civicsight.ui.editor.state import EditorState, act
from civicsight.ui.frame import Visit, current

FLAT_DEG: Final = 179.0
"""Beyond this a picture is no plane, and its height does not follow from its width."""


class Slide(NamedTuple):
    """What a slider changes: its label, least, most, step, and the command of a new value."""

    label: Text
    least: float
    most: float
    step: float
    command: Callable[[str, Mapping[str, Any], float], Command]


def _turn(camera_id: str, _record: Mapping[str, Any], value: float) -> Command:
    return Aim(camera_id, value)


def _tilt(camera_id: str, _record: Mapping[str, Any], value: float) -> Command:
    return Aim(camera_id, None, value)


def _zoom(camera_id: str, record: Mapping[str, Any], value: float) -> Command:
    """Change the lens: the sensor stays, so that the picture keeps the shape that it has."""
    width, height = record["hfov_deg"], record["vfov_deg"]
    if pd.isna(height) or not max(width, height, value) < FLAT_DEG:
        return SetOptics(camera_id, hfov_deg=value)
    shape = (tan(radians(width) / 2.0), tan(radians(height) / 2.0))
    return SetOptics(camera_id, hfov_deg=value, vfov_deg=round(square_vfov_deg(value, *shape), 2))


def _raise(camera_id: str, _record: Mapping[str, Any], value: float) -> Command:
    return SetOptics(camera_id, height_m=value)


SLIDES: Final[Mapping[str, Slide]] = {
    "azimuth_deg": Slide(N_("Azimuth [°]"), 0.0, 360.0, 1.0, _turn),
    "tilt_deg": Slide(N_("Tilt [°]"), 0.0, 60.0, 1.0, _tilt),
    "hfov_deg": Slide(N_("Width of view [°]"), 5.0, 120.0, 1.0, _zoom),
    "height_m": Slide(N_("Height [m]"), 2.0, 15.0, 0.1, _raise),
}


def draw_sliders(visit: Visit, editor: EditorState) -> None:
    """Draw a slider for each value that is on record; what is not is typed in the form."""
    record = editor.draft.cameras.loc[editor.camera_id]
    known = {name: float(record[name]) for name in SLIDES if not pd.isna(record[name])}
    columns = st.columns(2)
    for n, (name, value) in enumerate(known.items()):
        slide, key = SLIDES[name], f"plan.slide.{record.name}.{name}"
        # The map, the form and the way back change it too: what it shows is the draft's.
        st.session_state[key] = value
        columns[n % 2].slider(
            visit.translate(slide.label),
            min(slide.least, value),
            max(slide.most, value),
            step=slide.step,
            format="%.1f",
            key=key,
            on_change=partial(_slid, editor, str(record.name), name, key),
        )


def _slid(editor: EditorState, camera_id: str, name: str, key: str) -> None:
    record = editor.draft.cameras.loc[camera_id]
    value = round(float(st.session_state[key]), 2)
    act(editor, current().actor, SLIDES[name].command(camera_id, record, value))
