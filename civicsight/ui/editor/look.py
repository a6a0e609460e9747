"""The look through a camera: a person and a plate at the pixels that it records them with."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.coverage.check import MAP_READING
from civicsight.coverage.optics.footprint import depression_deg
from civicsight.coverage.optics.lens import Frame, Optics
from civicsight.coverage.optics.quality import (
    FACE_HEIGHT_M,
    FACE_PITCH_WARN_DEG,
    Pitch,
    capture_faults,
    face_pitch,
    level_of,
)
from civicsight.maps.likeness import Likeness, encode, portray
from civicsight.presentation.lexicon import number
from civicsight.ui.editor.state import EditorState
from civicsight.ui.frame import Visit

if TYPE_CHECKING:
    import numpy.typing as npt

    from civicsight.rules import Rules
    from civicsight.rules.pack import Profile

NEAREST_M: Final = 1.0
USUAL_M: Final = 20.0
"""Distance at which the look begins where the view does not go down to a face [m]."""

OPTICS: Final = ("hfov_deg", "vfov_deg", "width_px", "near_m", "reach_m")

SIZES: Final = {"person": (100, 230), "face": (170, 130), "plate": (230, 90)}
"""Width and height at most of each picture [px]; a pixel of the recording is a square in it."""

LABELS: Final = {"person": N_("A person"), "face": N_("The face"), "plate": N_("A number plate")}


def draw_look(visit: Visit, editor: EditorState) -> None:
    """Draw what the selected camera records at a distance that somebody chooses."""
    camera_id = str(editor.camera_id)
    heads = editor.edit_context.look(editor.draft, camera_id).heads
    heads = heads[heads["reading"].eq(MAP_READING)]
    with st.expander(
        visit.translate(N_("Look through the camera: a person and a plate")), key="look"
    ):
        if heads.empty:
            st.text(visit.translate(N_("Of its view too little is known for a picture.")))
            return
        head = heads.iloc[0]
        if not np.isnan(head.get("detection_range_m", np.nan)):
            st.text(visit.translate(N_("It records heat: no face and no plate can be made out.")))
            return
        _look(visit, editor, camera_id, head)


def _look(visit: Visit, editor: EditorState, camera_id: str, head: pd.Series) -> None:
    key, most = f"plan.look.{camera_id}", max(float(np.floor(head["reach_m"])), NEAREST_M + 1.0)
    chosen = st.session_state.get(key, _in_the_middle(head))
    st.session_state[key] = min(max(chosen, NEAREST_M), most)  # a shorter reach moves it along
    label = visit.translate(N_("Distance [m]"))
    distance_m = st.slider(label, NEAREST_M, most, step=1.0, format="%.0f", key=key)
    rules = editor.edit_context.rules
    seen = likeness_of(head, distance_m, rules)
    pictures = {name: getattr(seen, name) for name in SIZES}
    told = {
        name: _figure(visit.translate(LABELS[name]), picture, SIZES[name])
        for name, picture in pictures.items()
        if picture is not None
    }
    beside = told.get("face", "") + told.get("plate", "")
    st.html(
        '<div style="display:flex;gap:12px;align-items:flex-start">'
        f"{told.get('person', '')}<div>{beside}</div></div>"
    )
    said = describe_likeness(seen, head, rules)
    st.text("\n".join(map(visit.translate, said)))
    st.caption(
        visit.translate(
            N_(
                "Drawn shapes on level ground with nothing in between; each square is a pixel of "
                "the recording, grey lies outside of it. Light, motion and compression "
                "are left out."
            )
        )
    )


def _in_the_middle(head: pd.Series) -> float:
    """Return the distance at which a face stands in the middle of the picture, in whole metres."""
    slope = float(np.tan(np.radians(head["tilt_deg"])))
    if slope <= 0.0:
        return USUAL_M
    return float(np.round((head["height_m"] - FACE_HEIGHT_M) / slope))


def likeness_of(head: pd.Series, distance_m: float, rules: Rules) -> Likeness:
    """Return what a head, a row of `model.HEADS`, records at a distance on level ground.

    A face and a plate are at the heights that the capture profiles of the packs say.
    """
    asked = {"face_m": rules.asked_of("person"), "plate_m": rules.asked_of("plate")}
    heights = {key: each.target_height_m for key, each in asked.items() if each is not None}
    numbers = {name: float(head[name]) for name in OPTICS}
    optics = Optics(lens=head["lens"], **numbers)
    pose = (float(head[name]) for name in ("height_m", "azimuth_deg", "tilt_deg", "roll_deg"))
    return portray(optics, Frame(0.0, 0.0, *pose), distance_m, **heights)


def describe_likeness(seen: Likeness, head: pd.Series, rules: Rules) -> list[Text]:
    """Put into words what can be made out at a distance, and what keeps a person from it.

    What is legible and how steep is too steep are what the capture profiles of the packs say.
    """
    height_m = float(head["height_m"])
    person, plate = rules.asked_of("person"), rules.asked_of("plate")
    said = []
    if seen.sees_face:
        level = level_of(seen.face_px_m, rules.ladder)
        values = {
            "density": number(seen.face_px_m),
            "face": number(seen.face_px),
            "level": level.label if level else N_("below every level"),
        }
        said.append(N_("Face: %(face)s px wide, %(density)s px/m: %(level)s.", **values))
        said += [] if person is None else _pitch(height_m, seen.distance_m, person)
    else:
        said.append(N_("A face is not in the picture, or beyond its reach, at this distance."))
    if seen.whole_person:
        said.append(N_("Person of 1.70 m: %(person)s px high.", person=number(seen.person_px)))
    else:
        said.append(N_("Feet or head are outside of the picture."))
    if not seen.sees_plate:
        said.append(N_("A plate is not in the picture, or beyond its reach, at this distance."))
        return said
    said.append(
        N_(
            "Plate: %(plate)s px wide, %(density)s px/m.",
            plate=number(seen.plate_px),
            density=number(seen.plate_px_m),
        )
    )
    if plate is None:
        said.append(N_("No rule pack in use says when a plate is legible."))
        return said
    down = float(depression_deg(height_m, plate.target_height_m, seen.distance_m))
    faults = capture_faults(plate, depression_deg=down, yaw_deg=0.0, px_m=seen.plate_px_m)
    said += [N_("Keeps a person from reading it: %(fault)s.", fault=fault) for fault in faults]
    if not faults:
        said.append(N_("Legible by the rule packs in use."))
    return said


def _pitch(height_m: float, distance_m: float, person: Profile) -> list[Text]:
    pitch = face_pitch(height_m, distance_m, person)
    if pitch is Pitch.OK or person.max_tilt_deg is None:
        return []
    angle = number(float(depression_deg(height_m, person.target_height_m, distance_m)))
    values = {
        "angle": angle,
        "warn": number(FACE_PITCH_WARN_DEG),
        "fail": number(person.max_tilt_deg),
    }
    return [
        N_(
            "It looks down on the face by %(angle)s°: recognition suffers from %(warn)s°, and "
            "fails from %(fail)s°.",
            **values,
        )
    ]


def _figure(title: str, picture: npt.NDArray[np.uint8], room: tuple[int, int]) -> str:
    """Return a picture with every pixel of it as many on the screen as there is room for."""
    rows, columns = picture.shape[:2]
    scale = min(room[0] / columns, room[1] / rows)
    scale = float(np.floor(scale)) if scale >= 1.0 else scale
    smooth = "pixelated" if scale >= 1.0 else "auto"
    alt = escape(title, quote=True)
    return (
        f'<figure style="margin:0 0 6px"><img src="{encode(picture)}" alt="{alt}"'
        f' width="{round(columns * scale)}" height="{round(rows * scale)}"'
        f' style="image-rendering:{smooth};display:block">'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )
