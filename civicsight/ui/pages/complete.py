"""Page: what nobody has settled, one after the other, that first which would settle most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from civicsight.application.outputs import Output
from civicsight.application.queue import GATES, PLACES, RECORDS, Queue, order_kinds, queue_of
from civicsight.core.errors import N_, Text
from civicsight.coverage.result import no_inventory
from civicsight.planning.statement.figures import figures_of_check
from civicsight.presentation.lexicon import number
from civicsight.report.brief import list_steps
from civicsight.report.partition import UNLISTED
from civicsight.ui.completing.answers import MAP, offer_save, offer_undo
from civicsight.ui.completing.gates import ask_gate
from civicsight.ui.completing.lists import offer_lists
from civicsight.ui.completing.places import ask_place
from civicsight.ui.completing.records import ask_record
from civicsight.ui.dimensions import ask_cameras
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import beside_map, link_to
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import project_names, rest_of_window, show_project
from civicsight.ui.pages.report import WRITE

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.ui.editor.state import EditorState

KIND: Final = "complete.kind"
QUEUE: Final = "complete.queue"
"""Key of what is open: of which project, for whom and of which draft, and the queue."""

LABELS: Final[dict[str, Text]] = {
    GATES: N_("Gates (%(count)s)"),
    RECORDS: N_("Records (%(count)s)"),
    PLACES: N_("Not judged (%(count)s)"),
}
DONE: Final[dict[str, Text]] = {
    GATES: N_("Every gate is confirmed, or settled in your draft."),
    RECORDS: N_("Every record of a camera is complete, or completed in your draft."),
    PLACES: N_("Every place was judged, or is settled in your draft."),
}
ASK: Final[dict[str, Callable[..., None]]] = {
    GATES: ask_gate,
    RECORDS: ask_record,
    PLACES: ask_place,
}


def render(_visit: Visit) -> None:
    """Draw the question that comes next."""
    st.fragment(_next)()


def _next() -> None:
    visit = current()
    editor = desk_of(visit)
    result = visit.project.result
    queue = _queue(visit, editor)
    kinds = _kinds(visit.project.digest, result)
    chosen = st.session_state.get(KIND) or next(
        (kind for kind in kinds if queue.counts()[kind]), kinds[0]
    )
    above = partial(_choose, visit, queue, kinds, chosen)
    own: list[Any] = getattr(queue, chosen)
    desk, foot = st.container(), st.container()  # the filter stands below the map, not above it
    if chosen == RECORDS and own:
        with foot:
            own = _narrowed(visit, own)
    with desk:
        _draw(visit, editor, chosen, own, above)
    _others(visit)


def _draw(
    visit: Visit, editor: EditorState, chosen: str, own: list[Any], above: Callable[[], None]
) -> None:
    """Draw the question that comes next, or that none is open."""
    if own:
        ASK[chosen](visit, editor, own, above)
    else:
        ground, side = beside_map()
        with ground:
            show_project(visit, MAP, height=rest_of_window())
        with side:
            above()
            _show_done(visit, chosen)
            with st.container(horizontal=True):
                offer_undo(visit, editor)
            if chosen == GATES:
                offer_lists(visit, editor)
            offer_save(visit, editor)


def _narrowed(visit: Visit, records: list[Any]) -> list[Any]:
    """Return the records of the points that are asked for; all where none of these is open."""
    asked = ask_cameras(visit, "complete")
    found = records if asked is None else [one for one in records if one.camera_id in asked]
    if not found:
        st.text(
            visit.translate(N_("No record of these points is open; the list goes on with all."))
        )
    return found or records


def _queue(visit: Visit, editor: EditorState) -> Queue:
    """Return what is open, found anew where the draft is another one."""
    key = (visit.project.digest, visit.actor, editor.session.digest)
    kept, queue = st.session_state.get(QUEUE, (None, None))
    if kept != key:
        queue = queue_of(editor.edit_context, editor.draft, editor.session.done, visit.actor)
        st.session_state[QUEUE] = (key, queue)
    found: Queue = queue
    return found


@st.cache_data(max_entries=8, show_spinner=False)
def _kinds(digest: str, _result: CheckResult) -> tuple[str, ...]:
    """Return the kinds of questions in their order, once a project."""
    del digest
    return order_kinds(_result)


def _choose(visit: Visit, queue: Queue, kinds: tuple[str, ...], chosen: str) -> None:
    """Draw the choice among the kinds of questions, each with its count."""
    counts, result = queue.counts(), visit.project.result
    if no_inventory(result):  # all for one reason, and so none is asked by itself
        counts |= {PLACES: figures_of_check(result).of("places.not_judged.before")}
    said = {
        kind: visit.translate(replace(LABELS[kind], values={"count": number(counts[kind])}))
        for kind in kinds
    }
    if not st.session_state.get(KIND):
        st.session_state[KIND] = chosen
    st.segmented_control(
        visit.translate(N_("What is asked")),
        kinds,
        format_func=said.__getitem__,
        key=KIND,
        label_visibility="collapsed",
    )


def _show_done(visit: Visit, chosen: str) -> None:
    """Say that nothing is open of a kind; of places, whether anything was judged at all."""
    if chosen == PLACES and no_inventory(visit.project.result):
        st.text(visit.translate(UNLISTED))
        link_to(visit, "data", N_("To the data: bring in what is missing"))
        return
    st.success(visit.translate(DONE[chosen]))


def _others(visit: Visit) -> None:
    """Say what else would settle something."""
    result = visit.project.result
    names = project_names(visit.project.digest, result, visit.language)
    with st.expander(visit.translate(N_("What else would settle something"))):
        for step in list_steps(result, names, figures_of_check(result)):
            st.text(visit.translate(step))
        link_to(visit, "report", N_("List for a survey"), **{WRITE: Output.SURVEY.value})
        link_to(visit, "compliance", N_("What was not judged, and why"))
        link_to(visit, "data", N_("What the data lack"))
