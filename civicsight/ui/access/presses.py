"""What somebody presses by the wire that no page ever drew for him, kept in the audit.

A page draws a button for whoever may press it. A message that presses another does nothing, for
nothing waits for it; that somebody tried is still worth knowing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

import streamlit as st
from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg

from civicsight.application.plans import require_right
from civicsight.editing.project import Project
from civicsight.store import ALLOWED, Act, Actor, Denied

FORM: Final = "FormSubmitter:"
"""What stands before the name of a form in the key of the button that sends it."""

BEGINNINGS: Final[Mapping[str, Act]] = {
    **{
        f"review.{act}-": act
        for act in (
            *(Act.START_REVIEW, Act.OPINION, Act.SUBMIT, Act.RETURN, Act.APPROVE),
            *(Act.IMPLEMENT, Act.ANSWER, Act.HEAR),
        )
    },
    "review.thread.": Act.ANSWER,
    "review.settle.": Act.SETTLE,
    "answer.": Act.ANSWER,
    **dict.fromkeys(
        ("data.import-", "data.keep", "data.write", "columns-", "mend-", "datum-", "back.take"),
        Act.IMPORT,
    ),
    **dict.fromkeys(
        (
            *("write", "handover.write", "lending.make", "draw.documents.write"),
            *("complete.list.write", "complete.list.register"),
        ),
        Act.EXPORT,
    ),
    **dict.fromkeys(
        (
            *("plan.add.send", "plan.drawn.send", "plan.remove", "plan.save", "plan.camera."),
            *("plan.front", "plan.confirm", "plan.reject", "plan.room.send"),
            *("plan.undo", "plan.redo"),
            *("complete.place", "complete.confirm", "complete.reject", "complete.far.confirm"),
            *("complete.street.confirm", "complete.entrance", "complete.record", "complete.undo"),
            *("draw.go", "draw.three", "draw.less.", "draw.without", "draw.curve", "draw.keep"),
        ),
        Act.COMMIT,
    ),
}
"""What the keys of buttons that do something begin with, and what they do; a test holds that no
button of the app is forgotten here. Who draws up a plan, or changes a draft, needs the right to
keep what comes of it.
"""


def act_of(key: str) -> Act | None:
    """Return what a button does by its key; None for one that takes no right."""
    return next((act for start, act in BEGINNINGS.items() if key.startswith(start)), None)


def pressed_keys(message: bytes) -> set[str]:
    """Return the keys of the buttons that a message of a browser presses; none of what is none.

    The server names an element ``$$ID-DIGEST-KEY``.
    """
    told = BackMsg()
    with suppress(DecodeError):
        told.ParseFromString(message)
    states = told.rerun_script.widget_states.widgets
    pressed = (state.id.split("-", 2) for state in states if state.trigger_value)
    return {parts[2].removeprefix(FORM) for parts in pressed if len(parts) == 3}


def keep_refused(project: Project, actor: Actor, pressed: Iterable[str]) -> None:
    """Keep in the audit what somebody pressed without the right to, and was never shown.

    What was drawn for him, before he lost the right, is refused and kept by the store itself.
    """
    for key in sorted(pressed):
        act = act_of(key)
        was_drawn = key in st.session_state or FORM + key in st.session_state
        if act is not None and actor.role not in ALLOWED[act] and not was_drawn:
            with suppress(Denied):
                require_right(project, actor, act)
