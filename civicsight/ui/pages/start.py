"""Page: what there is to do, the projects, something to try, and a new project from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from civicsight.application.beginning import Beginning, laws_of
from civicsight.application.inbox.desk import inbox
from civicsight.application.inbox.entry import Entry
from civicsight.application.intake import together
from civicsight.application.overview import NO_PLACES
from civicsight.application.review import describe_news
from civicsight.application.tasks import Waiting, list_waiting
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.i18n import pick
from civicsight.core.settings import projects_dir
from civicsight.editing.examples import LABELS, list_examples, read_example
from civicsight.editing.projects import Listed, archive_project, bring_back, list_projects
from civicsight.presentation.lexicon import local_time, number
from civicsight.rules import load_packs
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.bringing import bring_in, may_bring_in, owner_of, sure_changes
from civicsight.ui.elements import attempt, go_on_with, lead_to, link_to, show_said
from civicsight.ui.errors import show_refusal, warn
from civicsight.ui.frame import Visitor
from civicsight.ui.handing_over import offer_to_begin
from civicsight.ui.help import show_steps
from civicsight.ui.outline import draw_city
from civicsight.ui.starting import ask_frame

BEGINNING: Final = "start.beginning"
"""Key of the project that is begun in this session."""

NEW_NAME: Final = "start.name"
LAW_REFUSED: Final = "start.law.refused"
"""Key of why the last rule pack was refused."""

PACKS: Final = ("yaml", "yml")
FIGURES: Final = (
    ("buildings", N_("buildings")),
    ("roads", N_("roads")),
    ("places", N_("places and areas")),
    ("entrances", N_("entrances")),
    ("cameras", N_("cameras")),
)


def render(who: Visitor) -> None:
    """Draw what waits for this person, then the projects, then what is new."""
    show_said(who)
    listed = list_projects(projects_dir())
    _tasks(who, list_waiting(who.actor, listed))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _projects(who, listed)
        if not listed and may_bring_in(who):
            _examples(who)
    with right:
        if not listed:
            show_steps(who.language)
        elif may_bring_in(who):
            _examples(who)
    if may_bring_in(who):
        st.markdown(f"**{who.translate(N_('New project from files'))}**")
        begun = _begun(who)
        asks = N_("Project name (defaults to the name of the city file)")
        begun.name = st.text_input(who.translate(asks), key=NEW_NAME).strip()
        _law(who, begun)
        label = (
            N_(
                "First the city: OpenStreetMap (.osm.pbf), buildings, CityGML or a project, with "
                "others beside it if you like (each at most 50 MB)"
            )
            if begun.city is None
            else N_("Then cameras, registers of places and gates, districts (each at most 50 MB)")
        )
        bring_in(who, begun, label, partial(_show_begun, who, begun))
        offer_to_begin(who)


def _tasks(who: Visitor, waiting: list[Waiting]) -> None:
    """List what waits for this person in all projects, each with a way to it."""
    if not waiting:
        return
    st.markdown(f"**{who.translate(N_('For you to do'))}**")
    for one in waiting:
        with st.container(horizontal=True, vertical_alignment="center"):
            news = describe_news(one.news, who.translate)
            told = filter(None, (one.project.name, one.plan, who.translate(one.state), news))
            st.text(" · ".join(told), width="content")
            link_to(who, "review", N_("Go to it"), project=one.project.code)


def _projects(who: Visitor, listed: list[Listed]) -> None:
    """List the projects, the one that was written last first."""
    if listed:
        st.markdown(f"**{who.translate(N_('Projects'))}**")
    else:
        text = N_("There is no project yet. Try an example, or begin one with files of your own.")
        st.text(who.translate(text))
    for one in listed:
        if not one.is_archived:
            _row(who, one)
    archived = [one for one in listed if one.is_archived]
    if archived:
        with st.expander(who.translate(N_("Archived: %(count)s", count=number(len(archived))))):
            for one in archived:
                _row(who, one)


def _row(who: Visitor, one: Listed) -> None:
    """Draw one project: its name, when it was written, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"project-{one.code}"):
        with st.container(width="stretch", gap=None):
            st.text(one.name)
            told = N_("written %(at)s", at=local_time(one.changed_at))
            damaged = N_("the file cannot be read as a project")
            st.caption(who.translate(damaged if one.is_damaged else told))
        if not one.is_archived and not one.is_damaged:
            link_to(who, "home", N_("Open"), project=one.code)
        if may_bring_in(who):
            label, act, done = (
                (N_("Bring back"), bring_back, N_("The project was brought back."))
                if one.is_archived
                else (N_("Archive"), archive_project, N_("The project was archived."))
            )
            if st.button(
                who.translate(label), key=f"move-{one.is_archived}-{one.code}", type="tertiary"
            ):
                attempt(who, partial(act, projects_dir(), one.code), done)


def _examples(who: Visitor) -> None:
    """Offer something to try; it becomes a project like any other."""
    st.markdown(f"**{who.translate(N_('Try it'))}**")
    st.text(who.translate(N_("What to do first there: the worst gap, and mend it.")))
    for code in list_examples():
        if st.button(who.translate(LABELS[code]), key=f"try-{code}"):
            _try(who, code)


def _try(who: Visitor, code: str) -> None:
    """Go on with an example: the project that it was made when it was tried first, or a new one."""
    try:
        with st.spinner(who.translate(N_("Reading the city"))):
            city = read_example(code)
        tried = [one for one in list_projects(projects_dir()) if one.name == city.name]
        if tried and not tried[0].is_archived:
            lead_to(who, tried[0].code)
        go_on_with(who, city)
    except CivicsightError as error:
        show_refusal(error, who.language)


def _law(who: Visitor, begun: Beginning) -> None:
    """Say by which law the project is judged, and take a rule pack of its own; few have one."""
    laws = begun.laws or laws_of(load_packs())
    packs = who.translate(N_(", ")).join(pick(dict(name), who.language) for name in laws)
    with st.container(horizontal=True, vertical_alignment="center", key="start-law"):
        st.text(who.translate(N_("Law: %(packs)s", packs=packs)), width="content")
        with st.popover(who.translate(N_("Another law"))):
            label = N_("Rule pack of your own (YAML), beside those of the program")
            entitled = Entitled(who.actor.name, standing(who.actor))
            take_file(who.translate(label), "start.law", entitled, PACKS, partial(_take_law, begun))
            if begun.law:
                st.button(
                    who.translate(N_("Take back")),
                    key="start.law.back",
                    on_click=_drop_law,
                    args=(begun,),
                )
    error = st.session_state.get(LAW_REFUSED)
    if error is not None:
        show_refusal(error, who.language)


def _take_law(begun: Beginning, _name: str, content: bytes) -> None:
    """Take a rule pack; one that is refused changes nothing."""
    st.session_state.pop(LAW_REFUSED, None)
    try:
        begun.take_law(content)
    except CivicsightError as error:
        st.session_state[LAW_REFUSED] = error


def _drop_law(begun: Beginning) -> None:
    begun.law, begun.laws = b"", ()


def _begun(who: Visitor) -> Beginning:
    """Return the project that is begun: that of the files of this visit, in whatever window."""
    for entry in reversed(inbox().of_visit(owner_of(who))):
        if isinstance(entry.base, Beginning):
            return entry.base
    new: Beginning = st.session_state.setdefault(BEGINNING, Beginning())
    return new


def _show_begun(who: Visitor, begun: Beginning, done: Mapping[str, Entry]) -> None:
    """Show the city as it would be, what was read of each file, and begin the project with it."""
    if begun.city is None:
        return
    changing = sure_changes(who, done)
    try:
        city = together(begun.city, changing)
    except CivicsightError as error:
        show_refusal(error, who.language)
        return
    framed = ask_frame(who, begun, city)
    if framed is None:
        return
    city = framed
    figures = " · ".join(
        f"{number(len(getattr(city, table)))} {who.translate(label)}" for table, label in FIGURES
    )
    st.text(figures)
    if city.places.empty:
        warn(who.translate(NO_PLACES), "no_places")
    drawn = who.translate(N_("The city as it was read, with what was added to it"))
    st.html(draw_city(city, drawn, cameras=True))
    if st.button(who.translate(N_("Begin the project")), type="primary"):
        try:
            go_on_with(
                who,
                replace(city, name=begun.name or city.name),
                partial(_forget, who, begun),
                begun.law,
            )
        except CivicsightError as error:
            show_refusal(error, who.language)


def _forget(who: Visitor, begun: Beginning) -> None:
    """Put the files of a project away that is kept now."""
    for entry in inbox().of_visit(owner_of(who), begun):
        inbox().put_away(entry)
    for key in (BEGINNING, NEW_NAME, LAW_REFUSED):
        st.session_state.pop(key, None)
