"""The offer to judge a project, and what its verdicts stand on."""

from __future__ import annotations

from datetime import date
from typing import Final

import streamlit as st

from civicsight.errors import N_
from civicsight.store import Answer
from civicsight.ui.elements import step
from civicsight.ui.frame import Visit
from civicsight.ui.services.verdicts import judge_project

USED: Final = "compliance.answers"
"""Key of the answers that the verdicts on the screen were judged with."""


def offer_judging(visit: Visit, answers: tuple[Answer, ...], today: date, *, anew: bool) -> None:
    """Offer to judge, and judge with the progress shown; the verdicts are kept for everybody."""
    if anew:
        st.info(visit.say(N_("There are answers that these verdicts do not know yet.")))
        label = N_("Judge again with the answers")
    else:
        st.info(visit.say(N_("Nothing is judged yet. It takes some seconds, once for everybody.")))
        label = N_("Judge by every article")
    if st.button(visit.say(label), key="judge", type="primary"):
        with step(visit, N_("Asking every rule of every subject")) as tick:
            judge_project(visit.project, answers, today, tick)
        st.session_state[USED] = answers
        st.rerun()


def show_basis(visit: Visit) -> None:
    """Say which packs and which state of the data the verdicts stand on."""
    rules = visit.project.rules
    with st.expander(visit.say(N_("What these verdicts stand on"))):
        digest = N_("Digest of project, packs and engine: %(digest)s", digest=visit.project.digest)
        st.text(visit.say(digest))
        for pack in rules.packs:
            st.text(f"{pack.id} · {pack.version} · SHA-256 {rules.sha256.get(pack.id, '')}")
