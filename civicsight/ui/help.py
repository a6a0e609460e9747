"""Help where it is needed: what the page of the moment is for, and the whole job in five steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate

ABOUT: Final[Mapping[str, tuple[Text, ...]]] = {
    "start": (
        N_("Projects lie here, and what waits for you in each of them."),
        N_("Try the made-up district first, or begin a project from files of your own."),
    ),
    "home": (
        N_("How all places, gates and key parts stand, and what to do first."),
        N_(
            "A ring on the map is a place; its number is how many of its parts are not yet "
            "covered. Come closer, and every sign stands for itself."
        ),
    ),
    "plan": (
        N_(
            "Draft by hand: add a camera and drag it, turn it by its handle, draw places and "
            "obstacles, confirm gates."
        ),
        N_("Nothing is changed for others until you save a version; each step can be taken back."),
    ),
    "draw": (
        N_(
            "Let the program look for a cheap compliant plan, or for what your money buys, and say "
            "how far from the best it can be."
        ),
        N_(
            "Stop it when you are satisfied: what it has found by then is a plan, and the bound "
            "says how much better any plan could be."
        ),
    ),
    "view3d": (
        N_("The plan map tilted: the same draft and panel; look through a camera to check a view."),
        N_(
            "Drag to turn, the wheel to come closer, the right button to shift; with a tool a "
            "click on the ground or a wall says where."
        ),
    ),
    "findings": (
        N_("All gaps and duplicates, the worst first."),
        N_("Choose a row, and the map shows what it stands on and which cameras could help."),
    ),
    "complete": (
        N_("What nobody has settled yet, one after the other."),
        N_(
            "Each answer is kept with your name and what it relies on; the next one is that with "
            "which most is settled."
        ),
    ),
    "compliance": (
        N_("Every article with its rules, what was found, and the questions that people decide."),
        N_("An answer given here stands in the report."),
    ),
    "duplicates": (
        N_("Cameras that others could replace, by whom, and what would be lost."),
        N_("A duplicate is no proof that a camera can go: people weigh that."),
    ),
    "review": (
        N_("One version on the map and what is decided about it: money, changes, gaps, opinions."),
        N_("Click on the map to remark; who approves is told what is still missing."),
    ),
    "works": (
        N_(
            "How far the works of a plan are, month by month, what is late and what is to be filed."
        ),
        N_(
            "Hand in the table that contractors fill in, and after the works the measurements: "
            "they say which gates were promised and are not met."
        ),
    ),
    "compare": (
        N_("Two versions side by side: measures, money, places."),
        N_("Move the line on the map between the one and the other."),
    ),
    "report": (
        N_("Documents, tables and layers of the project or of a version."),
        N_("The edition for the public leaves out what may not be shown."),
    ),
    "data": (
        N_("What is lacking in the data, and what cannot be said because of it."),
        N_("Bring files in here: nothing is taken over before you have seen it."),
    ),
}
"""Two sentences a page: what it is for, and what one has to know."""

STEPS: Final[tuple[Text, ...]] = (
    N_("Bring in the city, its cameras and the lists of places and gates."),
    N_("Look at what is not covered, the worst first."),
    N_("Settle what nobody knows: gates, directions, places."),
    N_("Draw up the plan, and change on the map what you know better."),
    N_("Have it reviewed and approved, and hand over the documents."),
)


def show_help(code: str, language: Language) -> None:
    """Draw the button that opens the help of a page."""
    with st.popover(translate(N_("Help"), language), key="help", type="tertiary"):
        for text in ABOUT[code]:
            st.text(translate(text, language))
        show_steps(language)


def show_steps(language: Language) -> None:
    """List the whole job, step by step."""
    st.markdown(f"**{translate(N_('The whole job in five steps'), language)}**")
    said = (translate(text, language) for text in STEPS)
    st.text("\n".join(f"{n}  {text}" for n, text in enumerate(said, start=1)))
