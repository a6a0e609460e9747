"""Page: a plan on its way to approval: what is decided, who may do what now, and the records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import streamlit as st

from civicsight.application.approving import Grounds, describe_known, weigh_grounds
from civicsight.application.decision import awaited, describe_opinion
from civicsight.application.plans import list_plans
from civicsight.application.review import (
    Review,
    act_on,
    compare_end,
    describe_news,
    log_rows,
    moves_of,
    news_since,
    open_acts,
    read_review,
    reason_returned,
    version_in,
)
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.settings import present_day
from civicsight.planning.record.opinions import REPLIES
from civicsight.planning.record.plan import Plan as Optimised
from civicsight.planning.record.root import SHORT
from civicsight.presentation.lexicon import clock
from civicsight.rules.departures import describe_weakened
from civicsight.store import (
    ALLOWED,
    ROLE_LABELS,
    STATE_LABELS,
    Act,
    File,
    Plan,
    State,
    Store,
    approve,
    describe_name,
    describe_unjudged,
    give_opinion,
    hear,
    implement,
    send_back,
    start_review,
    submit,
    unsettled,
)
from civicsight.store.attachments import SCANS
from civicsight.store.audit import Head
from civicsight.store.ends import describe_outside
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, ask_for_file
from civicsight.ui.departments import calling, change_departments
from civicsight.ui.elements import (
    SELECTED,
    as_shown,
    attempt,
    beside_map,
    link_to,
    pick_row,
    show_actor,
    show_said,
    table,
)
from civicsight.ui.errors import show_refusal, warn
from civicsight.ui.faults import reject
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.mapview import project_names
from civicsight.ui.pages.consulting import draw_departments
from civicsight.ui.pages.decision import (
    SUBJECT,
    draw_map,
    draw_money,
    draw_sheet,
    find_decision,
    sheet_link,
)
from civicsight.ui.pages.remarks import draw_file, draw_threads, remark_form

PAPERS: Final = ("html", "zip", "gpkg", "json", "sha256")
"""Ends of the files by which a version is compared."""

HEADINGS: Final[dict[Act, Text]] = {
    Act.START_REVIEW: N_("Start the joint review"),
    Act.OPINION: N_("Give the opinion of a department"),
    Act.SUBMIT: N_("Submit for approval"),
    Act.RETURN: N_("Return with a reason"),
    Act.APPROVE: N_("Approve"),
    Act.IMPLEMENT: N_("Start the implementation"),
    Act.ANSWER: N_("Remark on a camera, a place or the plan"),
    Act.HEAR: N_("Change the departments to be heard"),
}
"""What each act is called on its form."""


def draw_act(visit: Visit, review: Review, act: Act) -> None:
    """Draw the form of an act; what is typed is kept where the act is refused."""
    linked = act is Act.ANSWER and bool(
        SELECTED in st.query_params or st.session_state.get(SUBJECT)
    )
    opened = st.expander(visit.translate(HEADINGS[act]), expanded=linked)
    with opened, st.form(f"review.{act}", border=False):
        do = FORMS[act](visit, review)
        sent = st.form_submit_button(visit.translate(HEADINGS[act]))
    if sent:
        attempt(visit, partial(act_on, visit.project, do), N_("Done; it is in the decision log."))


def _start(visit: Visit, review: Review) -> Callable[[Store], object]:
    names = _names(visit, review.plan.departments)
    text = N_("The departments are asked: %(names)s", names=names)
    st.text(visit.translate(text if names else N_("No department was named when the plan began.")))
    plan = review.plan
    return lambda store: start_review(store, current().actor, plan.plan_id, base_rev=plan.rev)


def _opinion(visit: Visit, review: Review) -> Callable[[Store], object]:
    label, named = visit.translate(N_("Department")), review.plan.departments
    if named:
        department = st.selectbox(label, named, key="review.department", format_func=calling(visit))
    else:
        department = st.text_input(label, key="review.department")
    day = _day(visit, "review.opinion.day")
    said = {code: visit.translate(text) for code, text in REPLIES.items()}
    reply = st.radio(
        visit.translate(N_("Does the department agree?")),
        list(said),
        index=None,
        format_func=said.__getitem__,
        key="review.reply",
        horizontal=True,
    )
    text = st.text_area(visit.translate(N_("Opinion")), key="review.opinion")
    plan = review.plan
    return lambda store: give_opinion(
        store,
        current().actor,
        plan.plan_id,
        digest=plan.digest,
        department=department.strip(),
        dated_on=day,
        text=text,
        reply=reply or "",
    )


def _submit(visit: Visit, review: Review) -> Callable[[Store], object]:
    missing = awaited(review)
    text = (
        N_("Every department has given its opinion on this version.")
        if review.plan.departments
        else N_("No department was named when the plan began.")
    )
    if missing:
        text = N_("Cannot be submitted yet: still awaited: %(names)s", names=_names(visit, missing))
    st.text(visit.translate(text))
    call = calling(visit)
    left = [f"{call(one.department)} ({one.seq})" for one in unsettled(review.threads)]
    if left:
        text = N_("Opinions that are not settled: %(names)s", names=", ".join(left))
        st.text(visit.translate(text))
    plan = review.plan

    def do(store: Store) -> object:
        inputs = _grounds(visit, store, plan).inputs
        return submit(store, current().actor, plan.plan_id, base_rev=plan.rev, inputs=inputs)

    return do


def _grounds(visit: Visit, store: Store, plan: Plan) -> Grounds:
    version = store.read_version(current().actor, plan.plan_id)
    return weigh_grounds(version, visit.project.result, visit.project.base)


def _return(visit: Visit, review: Review) -> Callable[[Store], object]:
    reason = st.text_area(visit.translate(N_("Reason")), key="review.reason")
    plan = review.plan
    return lambda store: send_back(
        store, current().actor, plan.plan_id, base_rev=plan.rev, reason=reason
    )


def _approve(visit: Visit, review: Review) -> Callable[[Store], object]:
    decision = find_decision(visit, review)
    if decision is not None:
        st.html(sheet_link(visit, review, decision))
    made = None if decision is None else decision.made
    public = isinstance(made, Optimised) and bool(made.parameters.get("public"))
    result = visit.project.result
    for n, text in enumerate(
        (*describe_weakened(result.rules), *describe_known(result, public=public))
    ):
        warn(visit.translate(text), f"review-known-{n}")
    st.text(visit.translate(N_("Fields with * are required.")))
    entitled = Entitled(visit.actor.name, standing(visit.actor))
    seen = _ask_version(visit, review, entitled)
    body = st.text_input(_required(visit, BODY), key="review.body").strip()
    number = st.text_input(_required(visit, NUMBER), key="review.number").strip()
    day = _day(visit, "review.approval.day", DAY)
    scan = ask_for_file(_required(visit, SCAN), "review.scan", entitled, SCANS)
    plan = review.plan

    def do(store: Store) -> object:
        root = seen()
        given = ((VERSION, root), (BODY, body), (NUMBER, number), (DAY, day), (SCAN, scan))
        missing = [visit.translate(label) for label, value in given if not value]
        if missing:
            names = visit.translate(N_(", ")).join(missing)
            reject("review.missing", names=names)
        return approve(
            store,
            current().actor,
            plan.plan_id,
            digest=root,
            body=body,
            document_number=number,
            dated_on=day,
            **_grounds(visit, store, plan).held(),
            scan=None if scan is None else File(scan.name, scan.getvalue()),
        )

    return do


VERSION: Final = N_("Version on the paper")
BODY: Final = N_("Approving body")
NUMBER: Final = N_("Number of the document")
DAY: Final = N_("Day of the document (YYYY-MM-DD)")
SCAN: Final = N_("Scan of the document (PDF, JPEG, PNG, TIFF or OFD)")
PAPER: Final = N_("Instead: the file that the paper was printed from (sheet, page or package)")


def _ask_version(visit: Visit, review: Review, entitled: Entitled) -> Callable[[], str]:
    """Ask which version the paper shows, from the list or by a file; return what finds its root."""
    known = {head.digest: head for head in reversed(review.versions)}
    called = {
        root: visit.translate(
            N_("version %(number)s, root %(start)s", number=head.n, start=root[:SHORT])
        )
        for root, head in known.items()
    }
    picked = st.selectbox(
        _required(visit, VERSION),
        list(known),
        None,
        format_func=called.__getitem__,
        key="review.version",
        placeholder=visit.translate(N_("Choose the root that is printed on the paper")),
    )
    paper = ask_for_file(visit.translate(PAPER), "review.paper", entitled, PAPERS)

    def find() -> str:
        if paper is None:
            return picked or ""
        found = version_in(paper.name, paper.getvalue(), review.versions)
        if picked not in (None, found.digest):
            told = visit.translate(N_("version %(number)s", number=found.n))
            reject("review.other", paper.name, found=told, number=known[picked].n)
        return found.digest

    return find


def _required(visit: Visit, label: Text) -> str:
    return f"{visit.translate(label)} *"


def _hear(visit: Visit, review: Review) -> Callable[[Store], object]:
    plan = review.plan
    wanted = change_departments(visit, plan.departments, "review.heard")
    reason = st.text_area(_required(visit, N_("Reason")), key="review.heard.reason")
    return lambda store: hear(
        store, current().actor, plan.plan_id, base_rev=plan.rev, departments=wanted(), reason=reason
    )


def _implement(visit: Visit, review: Review) -> Callable[[Store], object]:
    st.text(visit.translate(N_("The approved plan is being built from now on.")))
    plan = review.plan
    return lambda store: implement(store, current().actor, plan.plan_id, base_rev=plan.rev)


def _names(visit: Visit, departments: Sequence[str]) -> str:
    return visit.translate(N_(", ")).join(map(calling(visit), departments))


def _day(visit: Visit, key: str, required: Text | None = None) -> str:
    label = (
        visit.translate(N_("Day (YYYY-MM-DD)")) if required is None else _required(visit, required)
    )
    return st.text_input(label, present_day().isoformat(), key=key).strip()


FORMS: Final[dict[Act, Callable[[Visit, Review], Callable[[Store], object]]]] = {
    Act.START_REVIEW: _start,
    Act.OPINION: _opinion,
    Act.SUBMIT: _submit,
    Act.RETURN: _return,
    Act.APPROVE: _approve,
    Act.IMPLEMENT: _implement,
    Act.ANSWER: remark_form,
    Act.HEAR: _hear,
}


SIDE_PX: Final = 480
SAID_PX: Final = 178
ON_FEATURES: Final = N_("Question")
"""What is said on a camera, which the map shows."""

LOG_HEADINGS: Final = (
    N_("When"),
    N_("By whom"),
    N_("Role"),
    N_("Act"),
    N_("What"),
    N_("Check code"),
)


def render(visit: Visit) -> None:
    """Draw the plan, what was said of it, the acts that are open, and the decision log."""
    show_said(visit)
    plan = _choose(visit, list_plans(visit.project, visit.actor))
    if plan is None:
        return
    review = read_review(visit.project, visit.actor, plan.plan_id)
    decision = find_decision(visit, review)
    if decision is not None:
        draw_money(visit, decision)
    ground, side = beside_map(SIDE_PX)
    with ground:
        draw_map(review, decision)
    with side:
        st.text(review.plan.name)
        state = {"state": STATE_LABELS[review.plan.state], "n": review.plan.version}
        st.text(visit.translate(N_("State: %(state)s, version %(n)s", **state)))
        if review.plan.departments:
            names = _names(visit, review.plan.departments)
            st.text(visit.translate(N_("Departments to be heard: %(names)s", names=names)))
        if not review.plan.version:
            empty(
                visit,
                N_("This plan has no version yet, so nobody can review it."),
                N_("Save a draft as a version, or keep an optimised plan in the store."),
            )
        news = describe_news(news_since(review.entries, visit.actor), visit.translate)
        if news:
            st.info(news)
        _show_next(visit, review)
        for text in review.ending:
            st.text(visit.translate(text))
        _acts(visit, review)
        if decision is not None:
            draw_sheet(visit, review, decision)
    draw_departments(visit, review)
    draw_threads(visit, review)
    headings = (N_("Version"), N_("Author"), N_("When"), N_("Note"), N_("Root of the version"))
    rows = [
        (
            str(heading.n),
            heading.author,
            clock(heading.created_at),
            heading.note,
            heading.digest[:SHORT],
        )
        for heading in reversed(review.versions)
    ]
    _table(visit, headings, rows)
    _show_remarks(visit, review)
    st.text(visit.translate(N_("Decision log, latest first; nobody can change it")))
    _table(visit, LOG_HEADINGS, log_rows(review.entries, visit.translate))
    _compare_end(visit, review)


def _compare_end(visit: Visit, review: Review) -> None:
    """Say how far the audit goes, and compare it with an end that was kept on a paper."""
    st.text(visit.translate(review.end.describe()))
    st.text(visit.translate(describe_outside(())))
    head = visit.translate(N_("Compare the log with a paper"))
    with st.expander(head), st.form("review.end", border=False):
        label = visit.translate(N_("Line of the paper, or number and digest"))
        typed = st.text_input(label, key="review.end.typed")
        sent = st.form_submit_button(head)
    if not sent:
        return
    try:
        held = compare_end(visit.project, visit.actor, typed)
    except CivicsightError as error:
        show_refusal(error, visit.language)
    else:
        st.success(visit.translate(held))


def _show_next(visit: Visit, review: Review) -> None:
    """Say why a plan came back, and what may be done with it now, by whom."""
    reason = reason_returned(review)
    if reason:
        text = N_("Returned: %(reason)s", reason=reason)
        warn(visit.translate(text), "returned")
    told = []
    for act in moves_of(review.plan) if review.plan.version else ():
        roles = (
            visit.translate(label) for role, label in ROLE_LABELS.items() if role in ALLOWED[act]
        )
        told.append(
            visit.translate(
                N_(
                    "%(act)s: %(roles)s",
                    act=HEADINGS[act],
                    roles=visit.translate(N_(", ")).join(roles),
                )
            )
        )
    if told:
        st.text(visit.translate(N_("What comes next, and who does it:")) + "\n" + "\n".join(told))
    if review.plan.state == State.JOINT_REVIEW:
        text = N_("It can be returned once it is submitted; until then, leave remarks.")
        st.text(visit.translate(text))


def _acts(visit: Visit, review: Review) -> None:
    """Draw the forms of what this person may do now; what is missing for it is said beforehand."""
    shown = as_shown(f"review.{review.plan.plan_id}", review)
    acts = open_acts(shown.plan, visit.actor)
    if not acts:
        st.info(visit.translate(N_("In this state your role reads; it has nothing to do.")))
        return
    show_actor(visit)
    for act in acts:
        draw_act(visit, shown, act)


def _choose(visit: Visit, plans: list[Plan]) -> Plan | None:
    """Return the plan to show; where there is none, say how one is made."""
    if not plans:
        draws = visit.actor.role in ALLOWED[Act.CREATE]
        empty(
            visit,
            N_("There is no plan yet that is open to you."),
            N_("Draw one up and keep it as a version, or save a draft on the plan map.")
            if draws
            else N_("A planner draws one up, or saves a draft on the plan map."),
        )
        if draws:
            link_to(visit, "draw", N_("Draw up a plan"))
            link_to(visit, "plan", N_("Plan on the map"))
        return None
    if len(plans) == 1:
        return plans[0]
    known = {plan.plan_id: plan for plan in plans}
    chosen = st.selectbox(
        visit.translate(N_("Plan")), list(known), format_func=lambda key: known[key].name
    )
    return known[chosen]


def _show_remarks(visit: Visit, review: Review) -> None:
    """List opinions, approvals and questions, each with the version that it holds for."""
    call = calling(visit)
    said = [
        (
            N_("Opinion"),
            call(one.department),
            one.name,
            one.dated_on,
            describe_opinion(one, visit.translate),
            one.digest,
        )
        for one in review.opinions
    ]
    said += [
        (
            N_("Approval"),
            one.body,
            one.name,
            one.dated_on,
            f"{one.document_number}; "
            + visit.translate(Head(one.head_entry, one.head_hash).describe()),
            one.digest,
        )
        for one in review.approvals
    ]
    said += [
        (N_("Question"), camera, "", "", visit.translate(text), review.plan.digest)
        for camera, text in review.questions
    ]
    if not said:
        st.text(visit.translate(N_("Nobody has said anything yet.")))
        return
    headings = (
        N_("Kind"),
        N_("Of whom, or on what"),
        N_("By whom"),
        N_("Day"),
        N_("Text"),
        N_("Version"),
    )
    names = project_names(visit.project.digest, visit.project.result, visit.language)
    rows = [
        (visit.translate(kind), names.label(whom), *cells, review.version_of(digest))
        for kind, whom, *cells, digest in said
    ]
    st.text(visit.translate(N_("What was said, and what is left to be looked at")))
    columns = dict.fromkeys((visit.translate(heading) for heading in headings), None)
    for one in review.approvals:
        st.text(visit.translate(describe_name(one)))
        st.text(visit.translate(describe_unjudged(one)))
        if one.scan is not None:
            draw_file(visit, review, one.scan)
    picked = pick_row(rows, columns, f"review.said.{review.plan.plan_id}", height=SAID_PX)
    if picked is not None and said[picked][0] == ON_FEATURES and said[picked][1]:
        link_to(visit, "plan", N_("Show it on the map"), sel=said[picked][1])


def _table(visit: Visit, headings: tuple[Text, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        table(rows, dict.fromkeys((visit.translate(heading) for heading in headings), None))
