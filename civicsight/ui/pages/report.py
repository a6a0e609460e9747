"""Page: write a report, layers or the plan, and take the file away."""

from __future__ import annotations

from hashlib import sha256
from html import escape

import streamlit as st

from civicsight.errors import N_, CivicsightError
from civicsight.i18n import LANGUAGES, Language
from civicsight.store import ALLOWED, Act
from civicsight.ui.access.signin import may_read
from civicsight.ui.answering import SESSION
from civicsight.ui.config import root_path
from civicsight.ui.elements import step
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, current, empty
from civicsight.ui.judging import show_basis
from civicsight.ui.language import own_name
from civicsight.ui.services.outputs import OUTPUTS, Output, write_output
from civicsight.ui.tiles import SERVED

MADE = "report.made"
"""Key of the file that was written last: of which project, its name and its content."""


def render(visit: Visit) -> None:
    """Draw the choice of outputs, and the file that was written last."""
    if visit.actor.role not in ALLOWED[Act.EXPORT]:
        what = N_("Your role does not take anything out of the project.")
        empty(visit, what, N_("Ask somebody who has the right."))
        show_basis(visit)
        return
    left, right = st.columns([3, 2])
    with left:
        output, languages, pdf = _choose(visit)
        if st.button(visit.say(N_("Write")), key="write", type="primary"):
            _write(output, languages, pdf=pdf)
    with right:
        _offer(visit)
    show_basis(visit)


def _choose(visit: Visit) -> tuple[Output, list[Language], bool]:
    labels = {output: visit.say(name) for output, (name, _) in OUTPUTS.items()}
    output = st.radio(
        visit.say(N_("What to write")),
        list(OUTPUTS),
        format_func=labels.__getitem__,
        captions=[visit.say(text) for _, text in OUTPUTS.values()],
        key="report.output",
    )
    languages = st.multiselect(
        visit.say(N_("Languages")),
        LANGUAGES,
        [visit.language],
        format_func=own_name,
        placeholder=visit.say(N_("Choose languages")),
        key="report.languages",
    )
    pdf = st.checkbox(visit.say(N_("PDF as well (needs Pango)")), key="report.pdf")
    return Output(output), languages or [visit.language], pdf


def _write(output: Output, languages: list[Language], *, pdf: bool) -> None:
    """Write with the rights of this moment; a refusal is shown, and nothing is offered."""
    visit = current()
    st.session_state.pop(MADE, None)
    answers = st.session_state.get(SESSION, ())
    try:
        with step(visit, N_("Writing")) as tick:
            name, content = write_output(
                visit.project, visit.actor, output,
                pdf=pdf, languages=languages, answers=answers, progress=tick,
            )  # fmt: skip
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[MADE] = (visit.project.digest, visit.actor, name, content)


def _offer(visit: Visit) -> None:
    """Offer the file that was written last, to whom it was written for."""
    digest, actor, name, content = st.session_state.get(MADE, ("", None, "", b""))
    if (digest, actor) != (visit.project.digest, visit.actor):
        text = N_("Nothing is written yet. Choose what you need; the file is offered here.")
        st.info(visit.say(text))
        return
    size = f"{len(content) / 1e6:.1f}"
    st.success(visit.say(N_("Written: %(file)s, %(size)s MB", file=name, size=size)))
    st.html(_link(visit, name, content))
    st.text(visit.say(N_("Files of the archive name their sources, licences and digests.")))


def _link(visit: Visit, name: str, content: bytes) -> str:
    """Return a link to a file that asks the right of who follows it, and soon expires.

    The server's own button would hand the file to whoever has its address, signed in or not.
    """
    digest = sha256(name.encode() + content).hexdigest()
    path = SERVED.offer("output", digest, (name, content), visit.actor.name, may_read(visit.actor))
    address = escape(root_path() + path, quote=True)
    label = escape(visit.say(N_("Download")))
    return f'<a class="civicsight-download" href="{address}" download="{escape(name)}">{label}</a>'
