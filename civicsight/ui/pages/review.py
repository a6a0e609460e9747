"""Page: a plan on its way to approval: versions, opinions, decisions, and who may do what now."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.planning.proof.root import SHORT
from civicsight.store import ALLOWED, STATE_LABELS, Act, Plan, describe_name
from civicsight.ui.elements import as_shown, link_to, pick_row, show_said, table, tell_names
from civicsight.ui.frame import Visit, empty
from civicsight.ui.reviewing import draw_act
from civicsight.ui.services.plans import list_plans
from civicsight.ui.services.review import Review, log_rows, open_acts, read_review

SAID_PX: Final = 178
ON_FEATURES: Final = (N_("Remark"), N_("Question"))
"""What is said on a camera or a place, which the map shows."""

LOG_HEADS: Final = (N_("When"), N_("By whom"), N_("Role"), N_("Act"), N_("What"), N_("Hash"))


def render(visit: Visit) -> None:
    """Draw the plan, what was said of it, the acts that are open, and the decision log."""
    show_said(visit)
    plan = _choose(visit, list_plans(visit.project, visit.actor))
    if plan is None:
        return
    review = read_review(visit.project, visit.actor, plan.plan_id)
    left, right = st.columns([3, 2])
    with left:
        _state(visit, review.plan)
        if review.ending is not None:
            st.text(visit.say(review.ending))
        _versions(visit, review)
        _said(visit, review)
    with right:
        shown = as_shown(f"review.{plan.plan_id}", review)
        acts = open_acts(shown.plan, visit.actor)
        if not acts:
            text = N_("In this state your role reads; it has nothing to do.")
            st.info(visit.say(text))
        else:
            tell_names(visit)
        for act in acts:
            draw_act(visit, shown, act)
    st.text(visit.say(N_("Decision log, latest first; nobody can change it")))
    _table(visit, LOG_HEADS, log_rows(review.entries, visit.say))


def _choose(visit: Visit, plans: list[Plan]) -> Plan | None:
    """Return the plan to show; where there is none, say how one is made."""
    if not plans:
        draws = visit.actor.role in ALLOWED[Act.CREATE]
        empty(
            visit,
            N_("There is no plan yet that is open to you."),
            N_("Save a draft on the map, or begin a plan on the command line:")
            if draws
            else N_("A planner begins one on the map, or on the command line:"),
        )
        words = ("civicsight", "plan", "new", visit.project.store_path.name, visit.project.plan_id,
                 "--as", visit.actor.name, "--name", visit.project.city.name)  # fmt: skip
        st.code(shlex.join(words), None)
        return None
    if len(plans) == 1:
        return plans[0]
    known = {plan.plan_id: plan for plan in plans}
    chosen = st.selectbox(
        visit.say(N_("Plan")), list(known), format_func=lambda key: known[key].name
    )
    return known[chosen]


def _state(visit: Visit, plan: Plan) -> None:
    st.text(plan.name)
    state = {"state": STATE_LABELS[plan.state], "n": plan.version}
    st.text(visit.say(N_("State: %(state)s, version %(n)s", **state)))
    if plan.departments:
        names = ", ".join(plan.departments)
        st.text(visit.say(N_("Departments to be heard: %(names)s", names=names)))
    if not plan.version:
        empty(
            visit,
            N_("This plan has no version yet, so nobody can review it."),
            N_("Save a draft as a version, or keep an optimised plan in the store."),
        )


def _versions(visit: Visit, review: Review) -> None:
    heads = (N_("Version"), N_("Author"), N_("When"), N_("Note"), N_("Root"))
    rows = [
        (str(head.n), head.author, head.created_at, head.note, head.digest[:SHORT])
        for head in reversed(review.versions)
    ]
    _table(visit, heads, rows)


def _said(visit: Visit, review: Review) -> None:
    """List opinions, approvals and remarks, each with the version that it holds for."""
    said = [
        (N_("Opinion"), one.department, one.name, one.dated_on, one.text, one.digest)
        for one in review.opinions
    ]
    said += [
        (N_("Approval"), one.body, one.name, one.dated_on, one.document_number, one.digest)
        for one in review.approvals
    ]
    said += [
        (N_("Remark"), one.subject, one.name, one.answered_on, one.reason, one.digest)
        for one in review.remarks
    ]
    said += [
        (N_("Question"), camera, "", "", visit.say(text), review.plan.digest)
        for camera, text in review.questions
    ]
    if not said:
        st.text(visit.say(N_("Nobody has said anything yet.")))
        return
    heads = (N_("Kind"), N_("Of whom, or on what"), N_("By whom"), N_("Day"), N_("Text"),
             N_("Version"))  # fmt: skip
    rows = [(visit.say(kind), *cells, review.version_of(digest)) for kind, *cells, digest in said]
    st.text(visit.say(N_("What was said, and what is left to be looked at")))
    columns = dict.fromkeys((visit.say(head) for head in heads), None)
    for one in review.approvals:
        st.text(visit.say(describe_name(one)))
    picked = pick_row(rows, columns, f"review.said.{review.plan.plan_id}", height=SAID_PX)
    if picked is not None and said[picked][0] in ON_FEATURES and said[picked][1]:
        link_to(visit, "plan", N_("Show it on the map"), sel=said[picked][1])


def _table(visit: Visit, heads: tuple[Text, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        table(rows, dict.fromkeys((visit.say(head) for head in heads), None))
