"""Help where it is needed: what the page of the moment is for, and the whole job in five steps."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.ui.page import Page

STEPS: Final[tuple[Text, ...]] = (
    N_("Bring in the city, its cameras and the lists of places and gates."),
    N_("Look at what is not covered, the worst first."),
    N_("Settle what nobody knows: gates, directions, places."),
    N_("Draw up the plan, and change on the map what you know better."),
    N_("Have it reviewed and approved, and hand over the documents."),
)


def show_help(page: Page, language: Language) -> None:
    """Draw the button that opens the help of a page."""
    with st.popover(translate(N_("Help"), language), key="help", type="tertiary"):
        for text in page.about:
            st.text(translate(text, language))
        show_steps(language)


def show_steps(language: Language) -> None:
    """List the whole job, step by step."""
    st.markdown(f"**{translate(N_('The whole job in five steps'), language)}**")
    said = (translate(text, language) for text in STEPS)
    st.text("\n".join(f"{n}  {text}" for n, text in enumerate(said, start=1)))
