"""The remarks in the review: threads with their files, answered and settled beside the map."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from civicsight.application.review import Review, act_on, open_acts
from civicsight.core.errors import N_, Text
from civicsight.planning.record.opinions import ADOPTIONS, REPLIES
from civicsight.presentation.lexicon import clock
from civicsight.store import (
    ALLOWED,
    Act,
    File,
    Store,
    leave_remark,
    open_store,
    read_attachment,
    settle_opinion,
)
from civicsight.store.attachments import MAX_BYTES, MAX_FILES, STARTS
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, ask_for_files
from civicsight.ui.departments import calling
from civicsight.ui.elements import SELECTED, attempt, link_to, link_to_file, pick_row
from civicsight.ui.frame import Visit, current
from civicsight.ui.pages.decision import SUBJECT, name_subject

if TYPE_CHECKING:
    from civicsight.store import Attachment, Thread

TURN: Final = "review.remark.turn"
"""Key of how often a remark was left: each time its field is a new one."""

HEIGHT_PX: Final = 178
SHOWN_SIGNS: Final = 60

LEFT, SETTLED, OPENED = "left", "settled", "opened"
STATES: Final = {
    LEFT: N_("leave it as it is"),
    SETTLED: N_("settled with this answer"),
    OPENED: N_("open again"),
}
SETTLES: Final = {LEFT: None, SETTLED: True, OPENED: False}


def remark_form(visit: Visit, review: Review) -> Callable[[Store], object]:
    """Draw the fields of a new remark; return what keeps it."""
    label = visit.translate(N_("On what: click on the map, or an id; empty for the plan"))
    st.session_state.setdefault(SUBJECT, st.query_params.get(SELECTED, ""))
    told = name_subject(visit, review, st.session_state[SUBJECT].strip())
    st.text(visit.translate(N_("The remark is on: %(what)s", what=told)))
    subject = st.text_input(label, key=SUBJECT).strip()
    turn = st.session_state.get(TURN, 0)
    text = st.text_area(visit.translate(N_("Remark")), key=f"review.remark.{turn}")
    files = _ask_for_files(visit, f"review.files.new.{turn}")
    return partial(_leave_new, review, text, files, subject=subject)


def draw_threads(visit: Visit, review: Review) -> None:
    """Draw the remarks, open ones first; of the chosen one what was said, and a way to answer."""
    if not review.threads:
        return
    threads = sorted(review.threads, key=lambda one: (not one.is_open, -one.said[-1].seq))
    counts = {"open": sum(one.is_open for one in threads), "all": len(threads)}
    st.text(visit.translate(N_("Remarks: %(all)s, of which open: %(open)s", **counts)))
    headings = (N_("State"), N_("On what"), N_("Last by"), N_("When"), N_("Text"))
    rows = [_row(visit, review, thread) for thread in threads]
    columns = dict.fromkeys((visit.translate(heading) for heading in headings), None)
    picked = pick_row(rows, columns, f"review.threads.{review.plan.plan_id}", height=HEIGHT_PX)
    if picked is None:
        return
    thread = threads[picked]
    for one in thread.said:
        name: Text = one.who
        if one.department:
            department = calling(visit)(one.department)
            name = N_("for %(department)s, by %(name)s", department=department, name=one.who)
        who = N_(
            "%(name)s, %(at)s, on version %(n)s:",
            name=name,
            at=clock(one.at),
            n=review.version_of(one.digest),
        )
        code = REPLIES.get(one.reply) or ADOPTIONS.get(one.adopted)
        said = one.text if code is None else f"{visit.translate(code)} {one.text}"
        st.text(f"{visit.translate(who)} {said}")
        for file in one.files:
            draw_file(visit, review, file)
    if thread.subject:
        link_to(visit, "plan", N_("Show it on the map"), sel=thread.subject)
    if thread.department and visit.actor.role in ALLOWED[Act.SETTLE]:
        _settle(visit, review, thread)
    elif Act.ANSWER in open_acts(review.plan, visit.actor):
        _answer(visit, review, thread)


def _row(visit: Visit, review: Review, thread: Thread) -> tuple[str, ...]:
    state = N_("open") if thread.is_open else N_("settled")
    last = thread.said[-1]
    text = last.text if len(last.text) <= SHOWN_SIGNS else last.text[:SHOWN_SIGNS] + "…"
    about = name_subject(visit, review, thread.subject)
    who = calling(visit)(last.department) or visit.translate(last.who)
    return visit.translate(state), about, who, clock(last.at), text


def draw_file(visit: Visit, review: Review, file: Attachment) -> None:
    """Offer a kept file to who may read the plan; it is never shown in the page."""
    with open_store(visit.project.store_path) as store:
        content = read_attachment(store, visit.actor, review.plan.plan_id, file.sha256)
    told = N_("Download %(name)s (%(size)s KB)", name=file.name, size=-(-file.size // 1000))
    st.html(link_to_file(visit, file.name, content, told))


def _answer(visit: Visit, review: Review, thread: Thread) -> None:
    with st.form(f"review.thread.{thread.seq}", clear_on_submit=True):
        text = st.text_area(visit.translate(N_("Answer")), key=f"review.answer.{thread.seq}")
        states = [LEFT, SETTLED if thread.is_open else OPENED]
        state = st.radio(
            visit.translate(N_("The remark is then")),
            states,
            horizontal=True,
            format_func=lambda code: visit.translate(STATES[code]),
            key=f"review.state.{thread.seq}",
        )
        files = _ask_for_files(visit, f"review.files.{thread.seq}")
        sent = st.form_submit_button(visit.translate(N_("Send the answer")))
    if sent:
        do = partial(_leave, review, text, files, to=thread.seq, settled=SETTLES[state])
        attempt(visit, partial(act_on, visit.project, do), N_("Done; it is in the decision log."))


def _settle(visit: Visit, review: Review, thread: Thread) -> None:
    """Draw the form by which those who draw the plan settle an opinion of a department."""
    said = {code: visit.translate(text) for code, text in ADOPTIONS.items()}
    with st.form(f"review.settle.{thread.seq}", clear_on_submit=True):
        adopted = st.radio(
            visit.translate(N_("How it is settled")),
            list(said),
            index=None,
            format_func=said.__getitem__,
            horizontal=True,
            key=f"review.adopted.{thread.seq}",
        )
        reason = st.text_area(
            visit.translate(N_("What was changed, or why it was not")),
            key=f"review.reason.{thread.seq}",
        )
        sent = st.form_submit_button(visit.translate(N_("Settle the opinion")))
    if sent:
        do = partial(_keep_settled, review, thread.seq, adopted or "", reason)
        attempt(visit, partial(act_on, visit.project, do), N_("Done; it is in the decision log."))


def _keep_settled(review: Review, number: int, adopted: str, reason: str, store: Store) -> int:
    plan = review.plan
    return settle_opinion(
        store,
        current().actor,
        plan.plan_id,
        number,
        digest=plan.digest,
        adopted=adopted,
        reason=reason,
    )


def _ask_for_files(visit: Visit, key: str) -> list[File]:
    most = {"count": MAX_FILES, "size": MAX_BYTES // 1_000_000}
    label = N_("Documents or pictures, at most %(count)s of %(size)s MB each", **most)
    entitled = Entitled(visit.actor.name, standing(visit.actor))
    found: Any = ask_for_files(visit.translate(label), key, entitled, tuple(STARTS))
    return [File(one.name, one.getvalue()) for one in found]


def _leave_new(review: Review, text: str, files: list[File], store: Store, *, subject: str) -> None:
    _leave(review, text, files, store, subject=subject)
    st.session_state[TURN] = st.session_state.get(TURN, 0) + 1  # the next one begins empty


def _leave(review: Review, text: str, files: list[File], store: Store, **more: Any) -> int:
    plan = review.plan
    return leave_remark(
        store, current().actor, plan.plan_id, text, digest=plan.digest, files=files, **more
    )
