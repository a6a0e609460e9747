"""The departments in the review: who has answered what, and the field that takes answers back."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_, CivicsightError
from civicsight.planning.opinions import stage_of
from civicsight.report.adoption import reply_of, summary_of
from civicsight.store import ALLOWED, Act
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, ask_for_file, release
from civicsight.ui.elements import link_to, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit
from civicsight.ui.pages.report import OF
from civicsight.ui.services.consultation import TYPES, stand_in, take_file
from civicsight.ui.services.review import Review

TURN: Final = "consulting.turn"
"""Key of the field for a file, which is a new one for each."""

TAKEN: Final = "consulting.taken"
"""Key of what came of the file that was brought in last: a sentence, or why it was refused."""


def draw_departments(visit: Visit, review: Review) -> None:
    """Draw how the plan stands with each department, and what can be done about it."""
    if not review.plan.version:
        return
    stand = stand_in(review)
    if not stand:
        return
    stage = N_("Stage: %(stage)s", stage=stage_of(review.plan.state, stand))
    st.text("\n".join(map(visit.say, (stage, *summary_of(stand)))))
    asked = N_("Department that is asked")
    heads = (asked, N_("Answer to the plan as a whole"), N_("Day"), N_("Opinion"), N_("Opinions"),
             N_("Not settled"))  # fmt: skip
    rows = [
        (one.department, visit.say(reply_of(one)), one.dated_on, one.text, len(one.voiced),
         len(one.open))
        for one in stand
    ]  # fmt: skip
    table(rows, dict.fromkeys((visit.say(head) for head in heads), None))
    papers = N_("Write what departments are asked, or how opinions were adopted")
    link_to(visit, "report", papers, **{OF: f"{review.plan.plan_id}/{review.plan.version}"})
    if visit.actor.role in ALLOWED[Act.OPINION]:
        _ask(visit, review)


def _ask(visit: Visit, review: Review) -> None:
    """Draw the field that takes the workbook of a department back."""
    turn = st.session_state.get(TURN, 0)
    entitled = Entitled(visit.actor.name, standing(visit.actor))
    label = N_("Answers of a department, as they came back (XLSX or CSV)")
    file = ask_for_file(visit.say(label), f"consulting.{turn}", entitled, TYPES)
    told = st.session_state.pop(TAKEN, None)
    if isinstance(told, CivicsightError):
        show_refusal(told, visit.language)
    elif told is not None:
        st.success(visit.say(told))
    if file is None:
        return
    bring_in(visit, review, file.name, file.getvalue())
    release(file)
    st.session_state[TURN] = turn + 1
    st.rerun()


def bring_in(visit: Visit, review: Review, name: str, content: bytes) -> None:
    """Take the answers of a file, all or none, and keep what is to be said of it."""
    try:
        st.session_state[TAKEN] = take_file(visit.project, visit.actor, review, name, content)
    except CivicsightError as error:
        st.session_state[TAKEN] = error
