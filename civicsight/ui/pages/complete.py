"""Page: what nobody has settled, one after the other, that first which would settle most."""

from __future__ import annotations

import streamlit as st

from civicsight.core.errors import N_
from civicsight.presentation.numbers import count_data, count_parts
from civicsight.report.brief import list_steps
from civicsight.ui.completing.answers import offer_save, offer_undo
from civicsight.ui.completing.gates import ask_gate
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import link_to
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import project_names
from civicsight.ui.services.completing import open_gates


def render(_visit: Visit) -> None:
    """Draw the question that comes next."""
    st.fragment(_next)()


def _next() -> None:
    visit = current()
    editor = desk_of(visit)
    queue = open_gates(visit.project.result, editor.session.done)
    if not queue:
        empty(visit, N_("Every gate is confirmed, or settled in your draft."),
              N_("Save the draft on the plan map."))  # fmt: skip
        with st.container(horizontal=True):
            offer_undo(visit, editor)
        offer_save(visit, editor)
    else:
        ask_gate(visit, editor, queue, lambda: None)
    _others(visit)


def _others(visit: Visit) -> None:
    """Say what else would settle something."""
    result = visit.project.result
    names = project_names(visit.project.digest, result, visit.language)
    with st.expander(visit.say(N_("What else would settle something"))):
        for step in list_steps(result, names, count_parts(result), count_data(result)):
            st.text(visit.say(step))
        link_to(visit, "compliance", N_("What was not judged, and why"))
        link_to(visit, "data", N_("What the data lack"))
