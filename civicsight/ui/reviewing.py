"""The forms of the review: each act asks the store, with the person of that moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Final

import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.settings import present_day
from civicsight.planning.proof.root import SHORT
from civicsight.store import (
    Act,
    Answer,
    Store,
    answer,
    approve,
    give_opinion,
    implement,
    send_back,
    start_review,
    submit,
)
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, ask_for_file
from civicsight.ui.elements import SELECTED, attempt
from civicsight.ui.frame import Visit, current
from civicsight.ui.services.review import Review, act_on, inputs_now

REMARK: Final = "remark"
SCANS: Final = ("pdf", "png", "jpg", "tif")

HEADS: Final[dict[Act, Text]] = {
    Act.START_REVIEW: N_("Start the joint review"),
    Act.OPINION: N_("Give the opinion of a department"),
    Act.SUBMIT: N_("Submit for approval"),
    Act.RETURN: N_("Return with a reason"),
    Act.APPROVE: N_("Approve"),
    Act.IMPLEMENT: N_("Start the implementation"),
    Act.ANSWER: N_("Remark on a camera, a place or the plan"),
}
"""What each act is called on its form."""


def draw_act(visit: Visit, review: Review, act: Act) -> None:
    """Draw the form of an act; what is typed is kept where the act is refused."""
    linked = act is Act.ANSWER and SELECTED in st.query_params
    opened = st.expander(visit.say(HEADS[act]), expanded=linked)
    with opened, st.form(f"review.{act}", border=False):
        do = FORMS[act](visit, review)
        sent = st.form_submit_button(visit.say(HEADS[act]))
    if sent:
        attempt(visit, partial(act_on, visit.project, do), N_("Done; it is in the decision log."))


def _start(visit: Visit, review: Review) -> Callable[[Store], object]:
    names = ", ".join(review.plan.departments)
    text = N_("The departments are asked: %(names)s", names=names)
    st.text(visit.say(text if names else N_("No department was named when the plan began.")))
    plan = review.plan
    return lambda store: start_review(store, current().actor, plan.plan_id, base_rev=plan.rev)


def _opinion(visit: Visit, review: Review) -> Callable[[Store], object]:
    label, named = visit.say(N_("Department")), review.plan.departments
    if named:
        department = st.selectbox(label, named, key="review.department")
    else:
        department = st.text_input(label, key="review.department")
    day = _day(visit, "review.opinion.day")
    text = st.text_area(visit.say(N_("Opinion")), key="review.opinion")
    plan = review.plan
    return lambda store: give_opinion(
        store, current().actor, plan.plan_id, digest=plan.digest,
        department=department.strip(), dated_on=day, text=text,
    )  # fmt: skip


def _submit(visit: Visit, review: Review) -> Callable[[Store], object]:
    st.text(visit.say(N_("Every department must have given its opinion on this version.")))
    plan, inputs = review.plan, inputs_now(visit.project, review)
    return lambda store: submit(
        store, current().actor, plan.plan_id, base_rev=plan.rev, inputs=inputs
    )


def _return(visit: Visit, review: Review) -> Callable[[Store], object]:
    reason = st.text_area(visit.say(N_("Reason")), key="review.reason")
    plan = review.plan
    return lambda store: send_back(
        store, current().actor, plan.plan_id, base_rev=plan.rev, reason=reason
    )


def _approve(visit: Visit, review: Review) -> Callable[[Store], object]:
    shown = N_("The version begins with %(start)s.", start=review.plan.digest[:SHORT])
    st.text(visit.say(shown))
    label = visit.say(N_("Root of the version: all 64 signs from page one of its paper"))
    root = st.text_input(label, key="review.root").strip()
    body = st.text_input(visit.say(N_("Approving body")), key="review.body")
    number = st.text_input(visit.say(N_("Number of the document")), key="review.number")
    day = _day(visit, "review.approval.day")
    label = visit.say(N_("Scan of the document; only its digest is kept"))
    entitled = Entitled(visit.actor.name, standing(visit.actor))
    scan = ask_for_file(label, "review.scan", entitled, SCANS)
    plan, inputs = review.plan, inputs_now(visit.project, review)
    return lambda store: approve(
        store, current().actor, plan.plan_id, digest=root, body=body,
        document_number=number, dated_on=day, inputs=inputs,
        scan_sha256="" if scan is None else sha256(scan.getvalue()).hexdigest(),
    )  # fmt: skip


def _implement(visit: Visit, review: Review) -> Callable[[Store], object]:
    st.text(visit.say(N_("The approved plan is being built from now on.")))
    plan = review.plan
    return lambda store: implement(store, current().actor, plan.plan_id, base_rev=plan.rev)


def _remark(visit: Visit, review: Review) -> Callable[[Store], object]:
    label = visit.say(N_("Id of the camera or place; empty for the plan"))
    subject = st.text_input(label, st.query_params.get(SELECTED, ""), key="review.subject")
    text = st.text_area(visit.say(N_("Remark")), key="review.remark")
    plan, day = review.plan, present_day().isoformat()
    given = Answer("", "", REMARK, subject.strip(), REMARK, text, "", day, plan.digest)
    return lambda store: _say(store, plan.plan_id, given)


def _say(store: Store, plan_id: str, given: Answer) -> object:
    return answer(store, current().actor, plan_id, given)


def _day(visit: Visit, key: str) -> str:
    today = present_day().isoformat()
    return st.text_input(visit.say(N_("Day (YYYY-MM-DD)")), today, key=key).strip()


FORMS: Final[dict[Act, Callable[[Visit, Review], Callable[[Store], object]]]] = {
    Act.START_REVIEW: _start,
    Act.OPINION: _opinion,
    Act.SUBMIT: _submit,
    Act.RETURN: _return,
    Act.APPROVE: _approve,
    Act.IMPLEMENT: _implement,
    Act.ANSWER: _remark,
}
