"""The forms of the editor: pose and optics of a camera, a place that was drawn, a gate, a room."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import pick
from civicsight.editing.commands import Add, Aim, Command, DrawZone, Move, Remove, SetOptics
from civicsight.editing.draft import free_id
from civicsight.editing.gates import confirming, rejecting
from civicsight.editing.sentences import describe_part
from civicsight.maps.live import Tool
from civicsight.presentation.lexicon import CAMERA_KINDS, MOUNTS
from civicsight.presentation.names import Names
from civicsight.rules.vocabulary import word
from civicsight.ui.editor.gates import is_open, propose, selected_part
from civicsight.ui.editor.state import CAMERAS, EditorState, act, answer_room, close_drawing
from civicsight.ui.errors import show_refusal, warn
from civicsight.ui.frame import Visit, current

TOOL: Final = "plan.tool"
"""Key of the tool in the session."""

TOOLS: Final[Mapping[Tool, Text]] = {
    "select": N_("Select"),
    "add": N_("Add a camera"),
    "zone": N_("Draw a place"),
    "obstacle": N_("Draw an obstacle"),
    "wall": N_("Draw a wall or billboard"),
}
SOLID_TOOLS: Final[Mapping[Tool, Text]] = {
    "select": TOOLS["select"],
    "add": TOOLS["add"],
    "move": N_("Put the chosen camera there"),
}
"""Tools of the view in three dimensions: a click on the ground or a wall says where."""

FIELDS: Final[Mapping[str, tuple[Text, float, float, float]]] = {
    "x": (N_("East x [m]"), -1e7, 1e8, 1.0),
    "y": (N_("North y [m]"), -1e7, 1e8, 1.0),
    "azimuth_deg": (N_("Azimuth [°]"), -360.0, 360.0, 5.0),
    "height_m": (N_("Height [m]"), 0.0, 500.0, 0.5),
    "tilt_deg": (N_("Tilt [°]"), -90.0, 90.0, 1.0),
    "reach_m": (N_("Reach [m]"), 0.1, 10_000.0, 5.0),
    "hfov_deg": (N_("Width of view [°]"), 0.1, 360.0, 5.0),
    "vfov_deg": (N_("Height of view [°]"), 0.1, 360.0, 5.0),
    "width_px": (N_("Width [px]"), 1.0, 100_000.0, 160.0),
    "height_px": (N_("Height [px]"), 1.0, 100_000.0, 90.0),
}
"""Fields of a camera: label, least, most, and step; in rows of three."""

USUAL: Final = Add("", 0.0, 0.0, 0.0)
OPTICS: Final = ("height_m", "hfov_deg", "vfov_deg", "width_px", "height_px", "reach_m")
SAME: Final = 1e-6
COLUMNS: Final = 3


def camera_form(visit: Visit, editor: EditorState) -> None:
    """Draw the form of the selected camera: where it stands, how it looks, and its end."""
    record = editor.draft.cameras.loc[editor.camera_id]
    values = {name: record.get(name) for name in FIELDS}
    values |= {"x": record["geometry"].x, "y": record["geometry"].y}
    key = f"plan.camera.{record.name}.{len(editor.session.done)}"
    with st.form(key, border=False):
        _fields(visit, key, values)
        _choice(visit, f"{key}.kind", N_("Kind"), CAMERA_KINDS, record["kind"])
        st.form_submit_button(
            visit.translate(N_("Apply")),
            key=f"{key}.apply",
            on_click=_apply,
            args=(editor, key, values),
        )
    st.button(
        visit.translate(N_("Remove the camera")),
        key="plan.remove",
        on_click=_do,
        args=(editor, Remove(str(record.name))),
    )


def add_form(visit: Visit, editor: EditorState) -> None:
    """Draw the form that adds a camera without the map."""
    centre = editor.project.city.extent.centroid
    values = {name: getattr(USUAL, name) for name in FIELDS}
    values |= {"x": round(centre.x, 1), "y": round(centre.y, 1)}
    with st.form("plan.add", border=False):
        st.text_input(visit.translate(N_("Name")), key="plan.add.name", max_chars=100)
        _fields(visit, "plan.add", values)
        _choice(visit, "plan.add.kind", N_("Kind"), CAMERA_KINDS, USUAL.kind)
        _choice(visit, "plan.add.mount", N_("Mount"), MOUNTS, USUAL.mount)
        st.form_submit_button(
            visit.translate(N_("Add the camera")),
            key="plan.add.send",
            on_click=_add,
            args=(editor,),
        )


def room_form(visit: Visit, editor: EditorState) -> None:
    """Ask what the room is used for; the act that waits is done with the answer."""
    asked = editor.asked
    if asked is None:
        return
    text = N_(
        "Article %(article)s: what is the room in %(place)s used for in which the camera would "
        "stand? Nothing was changed yet.",
        article=asked.article,
        place=asked.place,
    )
    warn(visit.translate(text), "room")
    said = {use: visit.translate(ROOM if use == "room" else word(use)) for use in asked.choices}
    st.selectbox(
        visit.translate(N_("Use of the room")),
        list(said),
        None,
        format_func=said.__getitem__,
        placeholder=visit.translate(N_("Choose the use")),
        key="plan.room",
    )
    left, right = st.columns(2)
    left.button(
        visit.translate(N_("Answer")),
        key="plan.room.send",
        type="primary",
        on_click=_answer,
        args=(editor,),
    )
    right.button(
        visit.translate(N_("Do not place it")), key="plan.room.drop", on_click=_drop, args=(editor,)
    )


def place_form(visit: Visit, editor: EditorState) -> None:
    """Ask for the class of a place that was drawn."""
    _, ring = editor.drawn or ("", ())
    with st.form("plan.drawn", border=False):
        st.text_input(visit.translate(N_("Name")), key="plan.drawn.name", max_chars=100)
        classes = {
            zone.id: f"{zone.id} {pick(zone.label, visit.language)}"
            for zone in editor.edit_context.rules.zone_classes
        }
        st.selectbox(
            visit.translate(N_("Class of place")),
            list(classes),
            format_func=classes.__getitem__,
            key="plan.drawn.item",
        )
        st.form_submit_button(
            visit.translate(N_("Put it into the plan")),
            key="plan.drawn.send",
            on_click=_close_drawing,
            args=(editor, ring),
        )
    st.button(
        visit.translate(N_("Drop the drawing")),
        key="plan.drawn.drop",
        on_click=_drop,
        args=(editor,),
    )


def gate_form(visit: Visit, editor: EditorState, names: Names) -> None:
    """Show a part that is selected and how it stands; an open gate can be settled."""
    part = selected_part(editor)
    if part is None:
        st.info(visit.translate(N_("The plan no longer asks for this part.")))
        return
    st.text(names.parts.get(str(part.name), str(part.name)))
    said = describe_part(editor.draft, editor.edit_context, str(part.name))
    st.text("\n".join(map(visit.translate, said)))
    if editor.may_draw:
        front = visit.translate(N_("Plan a camera in front of it"))
        st.button(front, key="plan.front", on_click=_stand_in_front, args=(editor, part))
    if not is_open(part):
        st.text(visit.translate(N_("Nothing has to be confirmed here.")))
        return
    st.text(
        visit.translate(
            N_("Inferred, and confirmed by nobody.")
            if part["inferred"]
            else N_("On the map, and confirmed by nobody.")
        )
    )
    if not editor.may_draw:
        return
    left, right = st.columns(2)
    for column, key, label, command in (
        (left, "plan.confirm", N_("Confirm the gate"), confirming(part)),
        (right, "plan.reject", N_("There is no gate"), rejecting(part)),
    ):
        column.button(visit.translate(label), key=key, on_click=partial(_do, editor, command))


def show_refused(visit: Visit, editor: EditorState) -> None:
    """Show why the last act was not done."""
    if editor.refused is not None:
        show_refusal(editor.refused, visit.language)


def _fields(visit: Visit, key: str, values: Mapping[str, Any]) -> None:
    columns = st.columns(COLUMNS)
    for n, (name, (label, least, most, by)) in enumerate(FIELDS.items()):
        value = values[name]
        columns[n % COLUMNS].number_input(
            visit.translate(label),
            least,
            most,
            None if pd.isna(value) else float(value),
            by,
            key=f"{key}.{name}",
        )


def _choice(visit: Visit, key: str, label: Text, words: Mapping[str, Text], value: Any) -> None:
    said = {code: visit.translate(text) for code, text in words.items()}
    at = list(said).index(value if value in said else "unknown")
    st.selectbox(visit.translate(label), list(said), at, format_func=said.__getitem__, key=key)


def _apply(editor: EditorState, key: str, before: Mapping[str, Any]) -> None:
    """Give the commands that what was typed asks for, all or none."""
    camera_id = editor.camera_id
    if camera_id is None:
        return
    given = {name: st.session_state[f"{key}.{name}"] for name in FIELDS}
    new = {
        name
        for name, value in given.items()
        if value is not None and not abs(value - _number(before[name])) <= SAME
    }
    commands: list[Command] = []
    # What was not typed is as the draft has it now: the map may have moved or turned the camera.
    record = editor.draft.cameras.loc[camera_id]
    now = {"x": record["geometry"].x, "y": record["geometry"].y, **record[["azimuth_deg"]]}
    now |= {name: given[name] for name in new}
    if new & {"x", "y"}:
        commands.append(Move(camera_id, now["x"], now["y"]))
    if new & {"azimuth_deg", "tilt_deg"}:
        turn = None if pd.isna(now["azimuth_deg"]) else float(now["azimuth_deg"])
        commands.append(Aim(camera_id, turn, given["tilt_deg"] if "tilt_deg" in new else None))
    optics: dict[str, Any] = {name: given[name] for name in OPTICS if name in new}
    kind = st.session_state[f"{key}.kind"]
    if kind != editor.draft.cameras.loc[camera_id, "kind"] and kind != "unknown":
        optics["kind"] = kind
    if optics:
        commands.append(SetOptics(camera_id, **optics))
    if commands:
        act(editor, current().actor, *commands)


def _add(editor: EditorState) -> None:
    given = {name: st.session_state[f"plan.add.{name}"] for name in FIELDS}
    known = {name: value for name, value in given.items() if value is not None}
    words = {name: st.session_state[f"plan.add.{name}"] for name in ("kind", "mount")}
    camera_id = free_id("new", editor.draft.cameras.index)
    name = st.session_state["plan.add.name"].strip()
    usual = {"x": USUAL.x, "y": USUAL.y, "azimuth_deg": 0.0}
    if act(editor, current().actor, Add(camera_id, **(usual | known), **words, name=name)):
        editor.select(CAMERAS, camera_id, fly=True)


def _close_drawing(editor: EditorState, ring: Any) -> None:
    told = st.session_state
    label = free_id("zone", editor.draft.table("places").index)
    command = DrawZone(label, ring, told["plan.drawn.item"], name=told["plan.drawn.name"].strip())
    close_drawing(editor, current().actor, command)


def _stand_in_front(editor: EditorState, part: Any) -> None:
    camera_id = free_id("new", editor.draft.cameras.index)
    if act(editor, current().actor, propose(editor, part, camera_id)):
        editor.select(CAMERAS, camera_id, fly=True)


def _answer(editor: EditorState) -> None:
    """Pass the answer on; a room is never taken for a corridor because nobody chose."""
    use = st.session_state["plan.room"]
    if use is not None:
        answer_room(editor, current().actor, use)


def _do(editor: EditorState, command: Command) -> None:
    act(editor, current().actor, command)


def _drop(editor: EditorState) -> None:
    """Forget what waits for an answer."""
    editor.asked, editor.drawn, editor.waiting = None, None, ()


def _number(value: Any) -> float:
    return float("nan") if pd.isna(value) else float(value)


ROOM: Final = N_("a room where people live or sleep")
