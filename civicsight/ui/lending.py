"""The place on a page where somebody makes, and takes away, the token by which a program reads."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from civicsight.application.tokens import (
    OGC_PATH,
    USUAL_DAYS,
    add_token,
    read_tokens,
    revoke_token,
    tokens_path,
)
from civicsight.core.errors import N_, CivicsightError
from civicsight.store import Actor
from civicsight.ui.access.signin import Way, way_in
from civicsight.ui.chosen import chosen_project
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, current

MADE: Final = "lending.made"
"""Key of a token that was just made, for the one run that shows it."""


def offer_token(visit: Visit) -> None:
    """Draw what makes, names and takes away the token of who looks, for the project that is open.

    Who signed in by a provider gets his from whoever runs the app: a provider is not asked again
    whether he still is who he was.
    """
    path = chosen_project()
    if path is None or way_in() is Way.PROVIDER:
        return
    with st.expander(visit.translate(N_("Let another program read this project"))):
        text = N_(
            "GIS and platforms read buildings, cameras, gates and approved measures below "
            "%(path)s of the app, with your role, by a token in the header Authorization: "
            "Bearer. Secret cameras are left out. You have one token; another takes its place.",
            path=f"{OGC_PATH}/{path.stem}",
        )
        st.text(visit.translate(text))
        try:
            _show(visit)
        except CivicsightError as error:
            show_refusal(error, visit.language)


def _show(visit: Visit) -> None:
    """Draw how the token stands, and what can be done with it."""
    known = read_tokens(tokens_path()).get(visit.actor.name)
    if known is not None:
        text = N_(
            "Your token opens %(project)s until %(day)s.",
            project=known.project.name,
            day=known.until.isoformat(),
        )
        st.text(visit.translate(text))
    with st.container(horizontal=True):
        make = N_("Make a token for %(days)s days", days=USUAL_DAYS)
        st.button(visit.translate(make), key="lending.make", on_click=_make)
        if known is not None:
            take = N_("Take my token away")
            st.button(visit.translate(take), key="lending.revoke", on_click=_revoke)
    made = st.session_state.pop(MADE, None)
    if isinstance(made, CivicsightError):
        show_refusal(made, visit.language)
    elif made:
        st.success(visit.translate(N_("Copy it now: it is shown this once and kept nowhere.")))
        st.code(made, language=None)


def _make() -> None:
    """Make a token with the rights of this moment."""
    visit, path = current(), chosen_project()
    own = Actor(visit.actor.name, visit.actor.role, visit.actor.district)
    try:
        st.session_state[MADE] = add_token(tokens_path(), own, Path(str(path)).resolve())[0]
    except CivicsightError as error:
        st.session_state[MADE] = error


def _revoke() -> None:
    revoke_token(tokens_path(), current().actor.name)
