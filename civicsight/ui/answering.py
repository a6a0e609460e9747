"""The form under an open verdict, and what was answered so far."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import streamlit as st

from civicsight.application.plans import current_plan, keep_answer, stored_answers
from civicsight.application.verdicts import answered_subjects, possible_answers, rule_of
from civicsight.core.errors import N_
from civicsight.core.settings import present_day
from civicsight.presentation.names import Names
from civicsight.store import Answer
from civicsight.ui.elements import as_shown, attempt, show_actor, table
from civicsight.ui.frame import Visit, current

SESSION: Final = "answers"
"""Key of the answers that no plan keeps: they go with the session."""

ANSWERS: Final = {
    "yes": N_("yes, it is met"),
    "no": N_("no, it is not met"),
    "confirmed": N_("confirmed by the reviewer"),
    "waived": N_("waived: accepted as it is"),
    "present": N_("there are such places"),
    "none_here": N_("there is no such place here"),
    "removed": N_("taken out of the plan"),
    "shared": N_("the existing camera is shared instead"),
    "justified": N_("both are needed, with the reason"),
}


def answers_of(visit: Visit) -> tuple[Answer, ...]:
    """Return the answers of the plan, then those of this session."""
    stored = stored_answers(visit.project, visit.actor)
    own: tuple[Answer, ...] = st.session_state.get(SESSION, ())
    return (*stored, *own)


def ask(visit: Visit, verdict: dict[str, Any], names: Names) -> None:
    """Draw the form that answers a verdict: what, who, on which day, why."""
    rules = visit.project.rules
    choices, subjects = possible_answers(verdict, rules), answered_subjects(verdict, rules)
    plan = as_shown("answer.plan", current_plan(visit.project, visit.actor))
    st.text(names.pick(rule_of(verdict, rules).human))
    if not choices:
        st.info(visit.translate(N_("This is a prohibition: nobody can waive it. Change the plan.")))
        return
    if plan is None:
        st.warning(
            visit.translate(
                N_(
                    "No plan has been kept yet: an answer holds for this session alone and goes "
                    "with it. A plan that is kept records it for good."
                )
            )
        )
    if plan is not None:
        show_actor(visit)
    with st.form(f"answer.{verdict['id']}", border=False):
        said = {code: visit.translate(ANSWERS[code]) for code in choices}
        left, middle, right = st.columns(3)
        chosen = left.radio(
            visit.translate(N_("Answer")), choices, format_func=said.__getitem__, index=None
        )
        subject = (
            subjects[0]
            if len(subjects) == 1
            else middle.selectbox(
                visit.translate(N_("What it is about")), subjects, format_func=partial(_name, names)
            )
        )
        middle.text_input(visit.translate(N_("By whom")), visit.actor.name, disabled=True)
        today = present_day().isoformat()
        day = right.text_input(visit.translate(N_("Day (YYYY-MM-DD)")), today)
        reason = st.text_area(visit.translate(N_("Reason, or what was found")), height=70)
        sent = st.form_submit_button(visit.translate(N_("Record the answer")))
    if not sent:
        return
    if chosen is None or not reason.strip():
        st.error(visit.translate(N_("Choose an answer and give a reason. Nothing was recorded.")))
        return
    given = Answer(
        "",
        verdict["pack"],
        verdict["rule"],
        subject,
        chosen,
        reason.strip(),
        visit.actor.name,
        day.strip(),
        plan.digest if plan else "",
    )
    attempt(visit, partial(_keep, given), N_("The answer was recorded."))


def show_answers(visit: Visit, answers: tuple[Answer, ...]) -> None:
    """List what was answered, and by whom."""
    if not answers:
        return
    headings = (
        N_("Rule"),
        N_("What it is about"),
        N_("Answer"),
        N_("Reason"),
        N_("By whom"),
        N_("Day"),
    )
    rows = [
        (
            one.rule,
            one.subject,
            visit.translate(ANSWERS[one.answer]) if one.answer in ANSWERS else one.answer,
            one.reason,
            one.name,
            one.answered_on,
        )
        for one in answers
    ]
    st.text(visit.translate(N_("Answers so far")))
    table(rows, dict.fromkeys((visit.translate(heading) for heading in headings), None))


def _name(names: Names, label: str) -> str:
    return names.listed([label])


def _keep(given: Answer) -> None:
    """Keep an answer with the rights of this moment: under the plan, else in the session."""
    visit = current()
    if keep_answer(visit.project, visit.actor, given) is None:
        st.session_state[SESSION] = (*st.session_state.get(SESSION, ()), given)
