"""Page: what the data lack, and the files that planners bring in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from civicsight.application.inbox.entry import Entry
from civicsight.application.intake import (
    DATUM_LABELS,
    Intake,
    Put,
    project_file,
    quality_rows,
    together,
)
from civicsight.application.settling import RECORD, put_in, record_of
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.i18n import Language, translate
from civicsight.core.settings import present_day
from civicsight.editing.project import Project
from civicsight.inventory.decision_table import TITLES
from civicsight.io.report import LAYER_LABELS
from civicsight.maps.live import drawn_layer, flight_to, live_group
from civicsight.planning.aims.boundary import kept_within
from civicsight.planning.statement.figures import ROWS
from civicsight.presentation.lexicon import number
from civicsight.presentation.symbols import PLACED_STYLE
from civicsight.ui.bringing import bring_in, may_bring_in, sure_changes
from civicsight.ui.elements import go_on_with, link_to_file, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit
from civicsight.ui.mapview import show_project
from civicsight.ui.reading_notes import show_notes
from civicsight.ui.settling import ask_how_settled
from civicsight.ui.starting import show_frame

MADE: Final = "data.made"
"""Key of the project that was written last: of which, with which files, and its content."""

NAME: Final = "data.name"
"""Key of the name under which a project with the changes is kept."""

OPEN: Final = N_(
    "The downloaded file is a project of its own: open it with civicsight app --project, or give "
    "it to whoever runs another one."
)
FILE: Final = "project.gpkg"
DATED: Final = re.compile(r"( \d{4}-\d\d-\d\d)+$")
"""Days at the end of a name, of which a project with later changes has its own."""

MAP: Final = "data.map"
MAP_PX: Final = 420


def _show_results(visit: Visit, done: Mapping[str, Entry]) -> None:
    """Show what one of the files brings, and offer the project with all of them."""
    names = {key: entry.name for key, entry in done.items()}
    chosen = list(done)[-1]
    if len(done) > 1:
        chosen = st.selectbox(
            visit.translate(N_("Show the rows of")),
            list(names),
            len(names) - 1,
            format_func=names.__getitem__,
            key=f"data.shown.{chosen}",
        )
    intake = done[chosen].intake
    if intake is not None:
        _show_places(visit, intake)
    lists = {
        key: entry.intake.against
        for key, entry in done.items()
        if entry.intake is not None and entry.intake.against is not None
    }
    settled: dict[str, Put] = {
        key: partial(put_in, found=found, choice=ask_how_settled(visit, key, found))
        for key, found in lists.items()
    }
    _offer(visit, done, settled)


def _offer(visit: Visit, done: Mapping[str, Entry], settled: Mapping[str, Put]) -> None:
    """Offer the project with the changes of all files: to go on with here, or as a file."""
    changing = sure_changes(visit, done, settled)
    if not changing:
        return
    text = N_("The project that is open stays as it is: with the changes it becomes another one.")
    st.text(visit.translate(text))
    usual = f"{DATED.sub('', visit.project.city.name)} {present_day().isoformat()}"
    name = st.text_input(
        visit.translate(N_("Name of the project with these changes")), usual, key=NAME
    )
    with st.container(horizontal=True):
        label = visit.translate(N_("Keep it and go on with it"))
        kept = st.button(label, key="data.keep", type="primary")
        written = st.button(visit.translate(N_("Write it as a file")), key="data.write")
    key = (visit.project.digest, name, *done)
    if kept or written:
        try:
            city = replace(together(visit.project.city, changing), name=name)
            city = kept_within(city)
            if kept:
                go_on_with(visit, city)
            st.session_state[MADE] = (key, project_file(city))
        except CivicsightError as error:
            show_refusal(error, visit.language)
            return
    made, content = st.session_state.get(MADE, ((), b""))
    if made == key:
        st.html(link_to_file(visit, FILE, content))
        st.text(visit.translate(OPEN))


def _show_places(visit: Visit, intake: Intake) -> None:
    """Draw the rows where they would come to lie, before anybody takes them."""
    placed = intake.placed
    if placed.empty:
        return
    datum = visit.translate(DATUM_LABELS[intake.datum or ""])
    text = N_(
        "Orange: where the rows come to lie with this datum: %(datum)s. If they are beside the "
        "streets and gates they belong to, read the file again with another.",
        datum=datum,
    )
    st.text(visit.translate(text))
    fly = {**flight_to(placed), "n": f"{intake.datum} {len(placed)}"}
    layer = drawn_layer("taken", placed, list(placed.index), PLACED_STYLE)
    group = live_group(layers=[layer], fly=fly)
    show_project(visit, MAP, group=group, height=MAP_PX)


OF_RECORD: Final = {
    "subject": TITLES["known_id"],
    "field": TITLES["column"],
    "old": N_("Before"),
    "new": N_("After"),
    "source": N_("Source"),
}
"""Headings of the record of changes that differ from those of a table of decisions."""

MOST: Final = 500
RECORD_PX: Final = 318
KEPT: Final = 8
WIDTHS: Final = (90, 330, 80, 70, 370, 370)
SOURCE_WIDTHS: Final = (90, None, 85, 85, 100, 100, 225, 225, 95)


def render(visit: Visit) -> None:
    """Draw what brings files in, for whom may, and below it what the data lack."""
    if may_bring_in(visit):
        label = N_("Files of cameras, buildings or registers (each at most 50 MB)")
        bring_in(visit, visit.project, label, lambda done: _show_results(visit, done))
    else:
        text = N_(
            "Files are brought in by a municipal planner: on this page, or with 'civicsight "
            "import' on the command line."
        )
        st.info(visit.translate(text))
    show_frame(visit, visit.project.city)
    _show_sources(visit)
    show_notes(visit, visit.project.result.notes)
    _show_record(visit)
    st.markdown(f"**{visit.translate(N_('What the data lack'))}**")
    headings = (
        N_("Layer"),
        N_("What is lacking"),
        N_("Rows"),
        N_("Share"),
        N_("What follows"),
        N_("What would lift it"),
    )
    rows = find_quality(visit.project.digest, visit.language, visit.project)
    if rows:
        columns = {
            visit.translate(heading): px for heading, px in zip(headings, WIDTHS, strict=True)
        }
        table(rows, columns)
    else:
        st.success(visit.translate(N_("The data lack nothing that a finding would need.")))


def _show_sources(visit: Visit) -> None:
    """List the files that the project was read from: what of each was taken, and what was not."""
    read = [one for one in visit.project.city.provenance if one.read]
    if not read:
        return
    st.markdown(f"**{visit.translate(N_('What was read, and what could not be'))}**")
    headings = (N_("Layer"), N_("File"), *ROWS.values(), N_("Day"))
    rows = [
        (
            visit.translate(LAYER_LABELS.get(one.layer, Text(one.layer))),
            one.source,
            *(number(getattr(one, name)) for name in ROWS),
            one.imported_on,
        )
        for one in read
    ]
    table(rows, dict(zip(map(visit.translate, headings), SOURCE_WIDTHS, strict=True)))


def _show_record(visit: Visit) -> None:
    """List what was settled in the register: which point, what, by whom, when and why."""
    changes = visit.project.city.changes
    if changes.empty or visit.actor.role.is_bound:
        return
    count = number(len(changes))
    with st.expander(
        visit.translate(N_("Record of changes of the register (%(count)s)", count=count))
    ):
        rows = record_of(visit.project.city, visit.translate).head(MOST)
        headings = [visit.translate({**TITLES, **OF_RECORD}[name]) for name in RECORD]
        table(rows.to_numpy().tolist(), dict.fromkeys(headings), height=RECORD_PX)
        if len(changes) > MOST:
            text = N_("... and %(count)s more", count=number(len(changes) - MOST))
            st.text(visit.translate(text))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_quality(digest: str, language: Language, _project: Project) -> list[tuple[str, ...]]:
    """Find what the data lack, once a project and language."""
    del digest
    return quality_rows(_project.city, _project.rules, lambda text: translate(text, language))
