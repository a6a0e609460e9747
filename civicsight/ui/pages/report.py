"""Page: write a report, layers or the plan, and take the file away."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.application.outputs import MARKED, OUTPUTS, Output, offered_of, write_output
from civicsight.application.report_subject import Reported, changed_since, list_reported, usual_one
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.i18n import LANGUAGES, Language, own_name
from civicsight.presentation.changed_inputs import describe_changed
from civicsight.report.marking import LABEL, MARKS, mark_text
from civicsight.store import ALLOWED, STATE_LABELS, Act, State
from civicsight.ui.answering import SESSION
from civicsight.ui.elements import link_to_file, step
from civicsight.ui.errors import show_refusal, warn
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.handing_over import offer_handover
from civicsight.ui.judging import show_basis
from civicsight.ui.lending import offer_token

MADE: Final = "report.made"
"""Key of the file that was written last: of which project, its name and its content."""

OF: Final = "of"
"""Parameter of an address that names the version to report on."""

WRITE: Final = "write"
"""Parameter of an address that names what is to be written, an `Output`."""

AS_IT_STANDS: Final = ""
PROJECT: Final = N_("The project as it stands")


def render(visit: Visit) -> None:
    """Draw the choice of outputs, and the file that was written last."""
    if visit.actor.role not in ALLOWED[Act.EXPORT]:
        what = N_("Your role does not take anything out of the project.")
        empty(visit, what, N_("Ask somebody who has the right."))
        show_basis(visit)
        return
    left, right = st.columns([3, 2])
    with left:
        of = _choose_subject(visit)
        output = _choose(visit, of)
    with right:  # in sight beside the choice, however many there are
        languages = st.multiselect(
            visit.translate(N_("Languages")),
            LANGUAGES,
            [visit.language],
            format_func=own_name,
            placeholder=visit.translate(N_("Choose languages")),
            key="report.languages",
        )
        pdf = st.checkbox(visit.translate(N_("PDF as well")), key="report.pdf")
        languages = languages or [visit.language]
        mark = _choose_mark(visit) if output in MARKED else ""
        if st.button(visit.translate(N_("Write")), key="write", type="primary"):
            _write(output, languages, of, mark, pdf=pdf)
        _offer(visit)
    offer_handover(visit)
    offer_token(visit)
    show_basis(visit)


def _choose_subject(visit: Visit) -> Reported | None:
    """Return the version that is told of, None for the project as it stands."""
    listed = list_reported(visit.project, visit.actor)
    if not listed:
        st.text(
            visit.translate(
                N_("The report is on the project as it stands: no plan has a version yet.")
            )
        )
        return None
    known = {AS_IT_STANDS: None} | {"/".join(map(str, one.key)): one for one in listed}
    called = {
        key: visit.translate(PROJECT) if one is None else _label(visit, one)
        for key, one in known.items()
    }
    wanted, usual = st.query_params.get(OF), list(known.values()).index(usual_one(listed))
    chosen = st.selectbox(
        visit.translate(N_("Report on")),
        list(known),
        usual if wanted is None or wanted not in known else list(known).index(wanted),
        format_func=called.__getitem__,
        key="report.of",
    )
    of = known[chosen]
    if of is None:
        text = N_("As it stands: no measure of a plan is in it. For those, choose a version.")
        st.caption(visit.translate(text))
    stale = [] if of is None else changed_since(visit.project, of.head)
    for text in describe_changed(stale):
        warn(visit.translate(text), "report")
    return of


def _label(visit: Visit, one: Reported) -> str:
    """Return what a version is called in the list: the plan, its number, how it stands."""
    stands = []
    if one.is_latest:
        stands.append(visit.translate(STATE_LABELS[one.plan.state]))
    elif one.approved:
        stands.append(visit.translate(STATE_LABELS[State.APPROVED]))
    number = visit.translate(N_("version %(number)s", number=one.head.n))
    told = (one.plan.name, number, *stands, one.head.created_at[:10], one.head.note)
    return " · ".join(text for text in told if text)


def _choose(visit: Visit, of: Reported | None) -> Output:
    offered = {output: OUTPUTS[output] for output in offered_of(of)}
    labels = {output: visit.translate(name) for output, (name, _) in OUTPUTS.items()}
    wanted = st.query_params.get(WRITE)
    output = st.radio(
        visit.translate(N_("What to write")),
        list(offered),
        list(offered).index(Output(wanted)) if wanted in offered else 0,
        format_func=labels.__getitem__,
        captions=[visit.translate(text) for _, text in offered.values()],
        key="report.output",
    )
    if of is not None and of.is_drawn:
        text = N_(
            "This version was drawn by hand. The whole text for circulation is not offered: "
            "it tells what the optimiser proved, and nothing is proved of this "
            "version."
        )
        st.caption(visit.translate(text))
    return Output(output)


def _choose_mark(visit: Visit) -> str:
    """Return the mark of handling that somebody sets; none by default."""
    labels = {"": visit.translate(N_("no mark"))} | {
        code: mark_text(code, visit.language) for code in MARKS
    }
    return st.selectbox(
        visit.translate(LABEL), list(labels), format_func=labels.__getitem__, key="report.mark"
    )


def _write(
    output: Output, languages: list[Language], of: Reported | None, mark: str, *, pdf: bool
) -> None:
    """Write with the rights of this moment; a refusal is shown, and nothing is offered."""
    visit = current()
    st.session_state.pop(MADE, None)
    answers = st.session_state.get(SESSION, ())
    try:
        with step(visit, N_("Writing")) as tick:
            name, content = write_output(
                visit.project,
                visit.actor,
                output,
                of=of,
                pdf=pdf,
                languages=languages,
                answers=answers,
                mark=mark,
                progress=tick,
            )
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[MADE] = (visit.project.digest, visit.actor, name, content)


def _offer(visit: Visit) -> None:
    """Offer the file that was written last, to whom it was written for."""
    digest, actor, name, content = st.session_state.get(MADE, ("", None, "", b""))
    if (digest, actor) != (visit.project.digest, visit.actor):
        text = N_("Nothing is written yet. Choose what you need; the file is offered here.")
        st.info(visit.translate(text))
        return
    size = f"{len(content) / 1e6:.1f}"
    st.success(visit.translate(N_("Written: %(file)s, %(size)s MB", file=name, size=size)))
    st.html(link_to_file(visit, name, content))
    st.text(visit.translate(N_("Files of the archive name their sources, licences and digests.")))
