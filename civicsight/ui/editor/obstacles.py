"""What is drawn in the way: its facts, what it takes from cameras and gates, where it may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from civicsight.application.obstacles import Judged, judge_obstacle, limit_obstacle
from civicsight.core.errors import N_, Text
from civicsight.editing.commands import DrawObstacle
from civicsight.editing.draft import free_id
from civicsight.presentation.lexicon import drawn_name, number, share
from civicsight.presentation.names import Names
from civicsight.report.permit_page import limit_in_words, limits_of
from civicsight.report.permit_words import HOLDS, headline_of, verdict_of
from civicsight.ui.editor.obstacle_losses import drawn_shape
from civicsight.ui.editor.state import WALL, EditorState, close_drawing
from civicsight.ui.elements import table
from civicsight.ui.errors import warn
from civicsight.ui.frame import Visit, current

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from civicsight.ui.editor.sight import Sight

KINDS: Final[Mapping[str, tuple[Text, float, float]]] = {
    "panel": (N_("billboard or screen"), 6.0, 2.5),
    "wall": (N_("free-standing wall"), 2.5, 0.0),
    "structure": (N_("structure"), 3.0, 0.0),
}
"""Kinds of obstacle with top and underside to begin with [m]; an area is a structure at first."""

KIND, TOP, BASE = "plan.drawn.kind", "plan.drawn.top", "plan.drawn.base"
CHOSEN: Final = "plan.obstacle"
LIMITS: Final = "plan.obstacle.limits"
"""Key of the obstacle whose limits somebody asked for."""

WIDTHS: Final = (165, 65, 50, 80)


def obstacle_form(visit: Visit, editor: EditorState, sight: Sight, names: Names) -> None:
    """Ask for the facts of an obstacle; what it takes follows each of them at once."""
    what, ring = editor.drawn or ("", ())
    if KIND not in st.session_state:
        st.session_state[KIND] = "panel" if what == WALL else "structure"
        _follow_kind()
    said = {code: visit.translate(label) for code, (label, _, _) in KINDS.items()}
    st.text_input(visit.translate(N_("Name")), key="plan.drawn.name", max_chars=100)
    st.selectbox(
        visit.translate(N_("Kind")),
        list(said),
        format_func=said.__getitem__,
        key=KIND,
        on_change=_follow_kind,
    )
    left, right = st.columns(2)
    left.number_input(visit.translate(N_("Top [m]")), 0.1, 1_000.0, step=0.5, key=TOP)
    right.number_input(visit.translate(N_("Underside [m]")), 0.0, 1_000.0, step=0.5, key=BASE)
    top, base = (float(st.session_state[key]) for key in (TOP, BASE))
    shape = drawn_shape(what, ring)
    if base < top and shape.is_valid:
        _show_losses(visit, editor, sight, names, "", (shape, top, base, st.session_state[KIND]))
    left, right = st.columns(2)
    left.button(
        visit.translate(N_("Put it into the plan")),
        key="plan.drawn.send",
        type="primary",
        on_click=_close,
        args=(editor,),
    )
    right.button(
        visit.translate(N_("Drop the drawing")),
        key="plan.drawn.drop",
        on_click=drop_drawing,
        args=(editor,),
    )


def is_weighed(editor: EditorState) -> bool:
    """Tell whether the panel looks at what an obstacle takes, of which the map shows the losses."""
    return editor.drawn is not None or "obstacles" in editor.draft.changed


def draw_obstacles(visit: Visit, editor: EditorState, sight: Sight, names: Names) -> None:
    """Say what each obstacle of the draft takes; nothing where it has none, or one is drawn."""
    table_now = editor.draft.table("obstacles")
    fresh = table_now.loc[table_now.index.difference(editor.draft.base.obstacles.index)]
    if fresh.empty or editor.drawn is not None:
        return
    titles = {
        str(label): drawn_name(str(label), fresh["name"].get(label), visit.language)
        for label in fresh.index
    }
    with st.expander(
        visit.translate(N_("What the drawn obstacles take")), key="obstacles", expanded=True
    ):
        label = list(titles)[-1]
        if len(titles) > 1:
            if st.session_state.get(CHOSEN) not in titles:
                st.session_state[CHOSEN] = label
            label = st.selectbox(
                visit.translate(N_("Obstacle")),
                list(titles),
                format_func=titles.__getitem__,
                key=CHOSEN,
            )
        else:
            st.text(titles[label])
        row = fresh.loc[label]
        body = (row["geometry"], float(row["height_m"]), float(row["base_m"]), str(row["kind"]))
        _show_losses(visit, editor, sight, names, label, body)


def drop_drawing(editor: EditorState) -> None:
    """Forget what was drawn and is not in the plan."""
    editor.drawn = None
    st.session_state.pop(KIND, None)


def _follow_kind() -> None:
    _, top, base = KINDS[st.session_state[KIND]]
    st.session_state[TOP], st.session_state[BASE] = top, base


def _close(editor: EditorState) -> None:
    what, ring = editor.drawn or ("", ())
    told = st.session_state
    label = free_id("obstacle", editor.draft.table("obstacles").index)
    command = DrawObstacle(
        label,
        ring,
        told[TOP],
        told[BASE],
        what != WALL,
        told[KIND],
        told["plan.drawn.name"].strip(),
    )
    close_drawing(editor, current().actor, command)
    if editor.drawn is None:
        st.session_state.pop(KIND, None)
        st.session_state[CHOSEN] = label


def _show_losses(
    visit: Visit,
    editor: EditorState,
    sight: Sight,
    names: Names,
    label: str,
    body: tuple[BaseGeometry, float, float, str],
) -> None:
    """Say what an obstacle takes: the verdict, gates that fall, and what each camera loses."""
    with st.spinner(visit.translate(N_("Trying it against every camera that stands"))):
        judged = judge_obstacle(editor.project, *body)
    editor.judged = _open_to(judged, sight)
    permit = judged.permit
    warn(visit.translate(headline_of(permit)), f"obstacle-{label}")
    st.text(visit.translate(verdict_of(permit)))
    st.caption(
        visit.translate(
            N_(
                "Tried alone, against cameras that stand; what the draft as a whole opens or "
                "closes is counted above the map."
            )
        )
    )
    for holds, own in judged.falling.groupby(judged.falling, sort=False):
        listed = visit.translate(N_(", ")).join(names.parts.get(part, part) for part in own.index)
        text = N_(
            "No longer covered, %(certain)s: %(parts)s.", certain=HOLDS[str(holds)], parts=listed
        )
        st.text(visit.translate(text))
    _table(visit, judged, sight, names)
    if permit.looked and permit.verdict != "free":
        _limits(visit, editor, judged, f"{label}{body[1:]}")


def _open_to(judged: Judged, sight: Sight) -> Judged:
    """Leave out cameras that are not open to whoever looks."""
    own = judged.cameras[judged.cameras.index.isin(sight.cameras.index)]
    ground = {name: shape for name, shape in judged.ground.items() if name in own.index}
    return Judged(judged.permit, own, judged.falling, ground)


def _table(visit: Visit, judged: Judged, sight: Sight, names: Names) -> None:
    shown = judged.cameras[judged.cameras.index.isin(sight.cameras.index)]
    if len(shown):
        headings = (N_("Camera"), N_("View lost"), N_("m²"), N_("How certain"))
        rows = [
            (
                names.cameras.get(str(label), str(label)),
                share(row["share"]),
                number(row["lost_m2"]),
                visit.translate(HOLDS[row["holds"]]),
            )
            for label, row in shown.iterrows()
        ]
        table(rows, dict(zip(map(visit.translate, headings), WIDTHS, strict=True)))
    elsewhere = len(judged.cameras) - len(shown)
    if elsewhere:
        text = N_("%(count)s cameras in other districts lose view too.", count=number(elsewhere))
        st.text(visit.translate(text))


def _limits(visit: Visit, editor: EditorState, judged: Judged, key: str) -> None:
    """Say how high it may be and how far it has to move, once somebody asks."""
    if st.session_state.get(LIMITS) != key:
        label = visit.translate(N_("How high may it be, and where would it take nothing?"))
        st.button(label, key="plan.obstacle.ask", on_click=_ask, args=(key,))
        return
    with st.spinner(visit.translate(N_("Trying heights and places"))):
        limits = limits_of(limit_obstacle(editor.project, judged))
    told = pd.DataFrame([limit_in_words(row, visit.translate) for _, row in limits.iterrows()])
    for (height, move), own in told.groupby(["height", "move"], sort=False):
        cover = visit.translate(N_(", ")).join(own["reading"])
        text = N_(
            "So that it leaves %(cover)s: top at most %(height)s; or moved: %(move)s.",
            cover=cover,
            height=height,
            move=move,
        )
        st.text(visit.translate(text))


def _ask(key: str) -> None:
    st.session_state[LIMITS] = key
