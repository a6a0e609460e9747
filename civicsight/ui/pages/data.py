"""Page: what the data lack, and the import of the local planner with its report."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.errors import N_, CivicsightError
from civicsight.i18n import Language, translate
from civicsight.maps.live import drawn_layer, flight_to, live_group
from civicsight.maps.style import PLACED_STYLE
from civicsight.maps.words import number
from civicsight.store import Role
from civicsight.ui.access.signin import Way, standing, way_in
from civicsight.ui.access.uploads import ask_for_file
from civicsight.ui.elements import table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, current
from civicsight.ui.projectmap import show_project
from civicsight.ui.services.intake import (
    DATUM_LABELS,
    KIND_LABELS,
    Intake,
    project_file,
    quality_rows,
    take_in,
)
from civicsight.ui.services.project import Project

TAKEN: Final = "data.taken"
"""Key of the file that was read last, with the digest of the project it was read into."""

MAP: Final = "data.map"
MAP_PX: Final = 420
KEPT: Final = 8
WIDTHS: Final = (90, 330, 80, 70, 370, 370)


def render(visit: Visit) -> None:
    """Draw what the data lack, and below it the import where it is open."""
    heads = (N_("Layer"), N_("What is lacking"), N_("Rows"), N_("Share"), N_("What follows"),
             N_("What would lift it"))  # fmt: skip
    rows = find_quality(visit.project.digest, visit.language, visit.project)
    if rows:
        columns = {visit.say(head): px for head, px in zip(heads, WIDTHS, strict=True)}
        table(rows, columns)
    else:
        st.success(visit.say(N_("The data lack nothing that a finding would need.")))
    if not _may_import(visit):
        text = N_(
            "Files are brought in by a municipal planner on the machine itself, never over the "
            "network: with the app there, or with 'civicsight import'."
        )
        st.info(visit.say(text))
        return
    _import(visit)
    taken = st.session_state.get(TAKEN)
    if taken is not None and taken[0] == visit.project.digest:
        _report(visit, taken[1])


def _may_import(visit: Visit) -> bool:
    return way_in() is Way.LOCAL and visit.actor.role is Role.PLANNER


def _import(visit: Visit) -> None:
    """Draw the form of an import; the datum stands beside the file, before anything is read."""
    still = standing(visit.actor)
    kinds = {code: visit.say(text) for code, text in KIND_LABELS.items()}
    datums = {code: visit.say(text) for code, text in DATUM_LABELS.items()}
    with st.form("data.import"):
        label = N_("File of cameras, buildings or registers (at most 50 MB)")
        sent_file = ask_for_file(
            visit.say(label), "data.file", lambda: still() and _may_import(visit)
        )
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        kind = left.selectbox(
            visit.say(N_("What it holds")), list(kinds), format_func=kinds.__getitem__
        )
        datum = middle.selectbox(
            visit.say(N_("Datum of its longitudes and latitudes")),
            list(datums),
            format_func=datums.__getitem__,
        )
        keep_good = right.checkbox(visit.say(N_("Take the good rows where others are bad")))
        sent = st.form_submit_button(visit.say(N_("Read and show")))
    if not sent:
        return
    st.session_state.pop(TAKEN, None)
    if sent_file is None:
        st.error(visit.say(N_("Choose a file first. Nothing was read.")))
        return
    visit = current()
    if not _may_import(visit):
        return
    try:
        taken = take_in(visit.project.city, sent_file.name, sent_file.getvalue(),
                        kind=kind, datum=datum, keep_good=keep_good)  # fmt: skip
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    st.session_state[TAKEN] = (visit.project.digest, taken)


def _report(visit: Visit, taken: Intake) -> None:
    """Tell what happened to the rows, what they change, and offer the project with them."""
    kept = {"kept": number(taken.report.kept), "read": number(taken.report.read)}
    st.text(visit.say(N_("%(kept)s of %(read)s rows can be used", **kept)))
    _show_places(visit, taken)
    st.text(taken.report.summary(visit.language))
    st.text(taken.edits.summary(visit.language))
    if taken.edits.is_empty:
        return
    if not taken.is_sure:
        st.error(visit.say(N_("The place of these rows is doubtful: declare the datum above.")))
        return
    st.download_button(
        visit.say(N_("Take the project with these changes")), lambda: project_file(taken.city),
        "project.gpkg", on_click="ignore", key="data.download",
    )  # fmt: skip
    st.text(visit.say(N_("Open it with: civicsight app --project project.gpkg")))


def _show_places(visit: Visit, taken: Intake) -> None:
    """Draw the rows where they would come to lie, before anybody takes them."""
    placed = taken.placed
    if placed.empty:
        return
    datum = visit.say(DATUM_LABELS[taken.datum or ""])
    text = N_(
        "Orange: where the rows come to lie with this datum: %(datum)s. If they are beside the "
        "streets and gates they belong to, read the file again with another.",
        datum=datum,
    )
    st.text(visit.say(text))
    fly = {**flight_to(placed), "n": f"{taken.datum} {len(placed)}"}
    layer = drawn_layer("taken", placed, list(placed.index), PLACED_STYLE)
    group = live_group(layers=[layer], fly=fly)
    show_project(visit, MAP, group=group, height=MAP_PX)


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_quality(digest: str, language: Language, _project: Project) -> list[tuple[str, ...]]:
    """Find what the data lack, once a project and language."""
    del digest
    return quality_rows(_project.city, _project.rules, lambda text: translate(text, language))
