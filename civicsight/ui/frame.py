"""The frame around every page: language, sign-in, the open project, navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

import streamlit as st

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, own_name
from civicsight.editing.project import Project, opening
from civicsight.store import ROLE_LABELS, Actor
from civicsight.ui.access.connections import LINES
from civicsight.ui.access.presses import keep_refused
from civicsight.ui.access.signin import (
    Way,
    ask_to_sign_in,
    current_actor,
    keep_visit,
    sign_out,
    visit_standing,
    way_in,
)
from civicsight.ui.access.uploads import closing_offers, sweep
from civicsight.ui.chosen import chosen_project, keep_in_address
from civicsight.ui.config import ICON, root_path
from civicsight.ui.help import show_help
from civicsight.ui.language import current_language, other_language, set_language, switch_to
from civicsight.ui.page import Page
from civicsight.ui.pages import OPENING, PAGES, START, load_page

STYLE: Final = """<style>
.stMainBlockContainer {padding: 3.6rem 1.5rem 1rem; max-width: none;}
[data-testid="stStatusWidget"] {display: none;}
[data-testid="InputInstructions"] {display: none;}
[data-testid="stMetric"] {padding: .35rem .7rem; border-left: 4px solid #0072B2;}
[data-testid="stMetricValue"] {font-size: 1.55rem; line-height: 1.3;}
[data-testid="stMetricLabel"] p {font-size: .85rem; color: #1F2933;}
[data-testid="stCaptionContainer"] {color: #52606D; opacity: 1;}
.st-key-words, .st-key-keeper {display: none;}
[class*="st-key-warned-"] {padding: .3rem .8rem; background: #FFF8E1; border-color: #B7791F;}
.civicsight-download {display: inline-block; padding: .4rem 1rem; border-radius: .5rem;
  color: #FFFFFF !important; background: #0072B2; text-decoration: none;}
.civicsight-download:hover, .civicsight-download:focus-visible {background: #00527A;}
[data-testid="stAlertContainer"] {padding: .3rem .8rem;}
.st-key-ground {flex: 1 1 24rem; min-width: 20rem;}
.st-key-side {max-height: calc(100dvh - 124px); overflow: hidden auto; padding-right: .4rem;}
@media (max-width: 60rem) {
  .st-key-desk {flex-direction: column;}
  .st-key-desk > div {flex: none !important; width: 100% !important;}
  .st-key-ground, .st-key-side {flex: none; width: 100% !important; max-height: none;}
  .st-key-ground .civicsight-live {height: 52dvh !important;}
}
.civicsight-bar {display: flex; height: .8rem; border-radius: .4rem; overflow: hidden; gap: 1px;}
.civicsight-states {list-style: none; margin: .4rem 0 0; padding: 0 !important; font-size: .85rem;}
.civicsight-states li {display: flex; align-items: baseline; gap: .4rem; margin: 0;}
.civicsight-states i {width: .65rem; height: .65rem; border-radius: .2rem; flex: none;}
.civicsight-states i.sign {width: 1rem; height: auto; font-style: normal; text-align: center;}
.civicsight-states b {margin-left: auto;}
[class*="st-key-first-"] {border-top: 1px solid #E4DFD5; padding-top: .3rem;}
.stMainBlockContainer h3 {padding: 0; font-size: 1.4rem;}
</style>"""
"""A wide page with little air above: the map has to fit on a screen of 768 lines."""

POLL_S: Final = 0.25


def run() -> None:
    """Draw the app once; the server calls this for every run of a session."""
    language = current_language()
    translate = partial(i18n.translate, language=language)
    st.set_page_config(page_title="civicsight", page_icon=str(ICON), layout="wide")
    st.html(STYLE)
    set_language(language)
    waits = keep_visit(root_path())
    if waits:
        LINES.admit(st.context.headers, visit_standing())
    st.logo(str(ICON), size="large")
    pages = [
        st.Page(
            partial(_wait if waits else _draw, page),
            title=translate(page.title),
            url_path=page.code,
            default=page is PAGES[0],
        )
        for page in sorted(PAGES, key=lambda page: not page.is_start)
    ]
    known = current_actor() is not None and chosen_project() is not None
    # Every page keeps its address while nobody is signed in: a link survives the sign-in.
    st.navigation(pages, position="top" if known else "hidden").run()


def visitor() -> Guest:
    """Return who is here, in which language; where nobody is signed in, the run ends here.

    A page calls it again in every fragment and callback, so that a role that was taken away is
    gone at once.
    """
    language = current_language()
    actor = current_actor()
    if actor is None:
        ask_to_sign_in(language)
        st.stop()
    return Guest(language, actor, partial(i18n.translate, language=language))


def current() -> Visit:
    """Return the visit: who looks at which project, in which language, at this moment.

    Where nobody is signed in, nothing is chosen, or nothing is open yet, the run ends here.
    """
    who = visitor()
    path = chosen_project()
    if path is None:
        st.stop()
    under_way = opening(path)
    if not under_way.future.done():
        st.stop()  # a fragment of before; the page shows how far the opening is
    return Visit(who.language, who.actor, who.translate, under_way.future.result())


def _is_open(page: Page) -> bool:
    """Tell whether the chosen project is open; show how far the opening is where it is not.

    The page then ends by itself. Were it stopped, the server would keep the fragments of the page
    before, and one that runs again by its clock would draw into this one.
    """
    who, path = visitor(), chosen_project()
    under_way = None if path is None else opening(path)
    is_open = under_way is not None and under_way.future.done()
    if under_way is not None and not is_open:
        _show_opening(who, under_way.early, page)
    return is_open


def empty(visit: Visit, what: Text, remedy: Text) -> None:
    """Say that there is nothing, and what to do about it."""
    st.info(f"{visit.translate(what)}  \n{visit.translate(remedy)}")


def _wait(_page: Page) -> None:
    """Draw nothing yet: the browser soon says that it has kept the sign-in."""


def _draw(page: Page) -> None:
    """Draw a page below the line that all pages share."""
    language = current_language()
    if current_actor() is None:
        _show_switch(language)
        with closing_offers():
            ask_to_sign_in(language)
        return
    page = page if chosen_project() is not None else START
    keep_in_address()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(i18n.translate(page.title, language), width="content", anchor=False)
        name = st.container(width="stretch")
        _show_person(language)
        show_help(page, language)
        _show_switch(language)
    with closing_offers():
        if page.is_start:
            name.text(i18n.translate(N_("Planning of public-safety video systems"), language))
            _render(page, visitor())
            return
        if not _is_open(page):
            return
        visit = current()
        keep_refused(visit.project, visit.actor, LINES.take_pressed(st.context.headers))
        # Not before: a project that comes open while the line is drawn would stay without a name.
        name.text(visit.project.city.name)
        _render(page, visit)


def _render(page: Page, who: Visitor) -> None:
    module: Any = load_page(page)
    module.render(who)


def _show_person(language: Language) -> None:
    actor = current_actor()
    if actor is None:
        return
    role = i18n.translate(ROLE_LABELS[actor.role], language)
    district = f" {actor.district}" if actor.district else ""
    st.text(f"{actor.name} · {role}{district}", width="content")
    if way_in() is not Way.LOCAL:
        label = i18n.translate(N_("Sign out"), language)
        st.button(label, key="sign_out", type="tertiary", on_click=_leave)


def _leave() -> None:
    """Sign out; what was sent in this visit goes with it, wherever it has got to."""
    sign_out()
    sweep()


def _show_switch(language: Language) -> None:
    other = other_language(language)
    st.button(
        own_name(other), key="switch_language", type="tertiary", on_click=switch_to, args=(other,)
    )


def _show_opening(who: Guest, early: Project | None, page: Page) -> None:
    """Show how far an opening is, beside what is known of the project by now."""
    if early is None:
        show_progress(who.language, None)
        return
    _render(OPENING, Visit(who.language, who.actor, who.translate, early))
    load_page(page)  # it comes next; while kernels are compiled, this process has nothing to do


@st.fragment(run_every=POLL_S)
def show_progress(language: Language, known: Project | None) -> None:
    """Show how far the opening is; once more is known, the page is drawn anew.

    `known` is the project without findings that is on the screen, if any.
    """
    path = chosen_project()
    if path is None:
        st.rerun()
    under_way = opening(path)
    if under_way.future.done() or known is not under_way.early:
        st.rerun()
    translate = partial(i18n.translate, language=language)
    st.progress(under_way.share, translate(under_way.step))
    if known is not None and known.result.raster is None:
        st.text(
            translate(
                N_(
                    "The map shows what was read. What the cameras see is computed: nothing is "
                    "judged yet."
                )
            )
        )
    elif known is not None:
        st.text(
            translate(
                N_(
                    "What the cameras see is computed. Places are compared with it now: nothing "
                    "is judged yet."
                )
            )
        )
    st.text(
        translate(
            N_(
                "The project is opened and checked once; the next start finds the result where "
                "it was kept."
            )
        )
    )


class Visitor(Protocol):
    """Who is here, in which language, whether a project is open or not."""

    @property
    def language(self) -> Language:
        """The language of the page."""

    @property
    def actor(self) -> Actor:
        """Who acts, as the store knows him."""

    @property
    def translate(self) -> Callable[[Text], str]:
        """What renders a sentence in the language."""


@dataclass(frozen=True, slots=True, eq=False)
class Guest:
    """Who is here while no project is needed: see `Visitor`."""

    language: Language
    actor: Actor
    translate: Callable[[Text], str]


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """Who looks at what, in which language: a `Visitor`, and the project that is open."""

    language: Language
    actor: Actor
    translate: Callable[[Text], str]
    project: Project
