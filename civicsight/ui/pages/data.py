"""Page: what the data lack, and the files that planners bring in."""

from __future__ import annotations

from typing import Final

import streamlit as st

from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.i18n import Language, translate
from civicsight.core.settings import MEGABYTE
from civicsight.editing.project import Project
from civicsight.maps.live import drawn_layer, flight_to, live_group
from civicsight.presentation.lexicon import number
from civicsight.presentation.symbols import PLACED_STYLE
from civicsight.store import ALLOWED, Act
from civicsight.ui.access.signin import standing, this_visit
from civicsight.ui.access.uploads import Entitled, ask_for_files, coming_of, release, why_not
from civicsight.ui.elements import link_to_file, table
from civicsight.ui.errors import refusal_lines, show_refusal, warn
from civicsight.ui.frame import Visit, current
from civicsight.ui.mapview import show_project
from civicsight.ui.services.inbox.desk import inbox
from civicsight.ui.services.inbox.entry import STATE_LABELS, Asked, Entry, Owner, State
from civicsight.ui.services.intake import (
    DATUM_LABELS,
    KIND_LABELS,
    Intake,
    asked_crs,
    project_file,
    quality_rows,
    together,
)

ROUND: Final = "data.round"
"""Key of how often files were handed in: each time the field is a new one, and empty."""

MADE: Final = "data.made"
"""Key of the project that was written last: of which, with which files, and its content."""

SYSTEM: Final = "data.crs"
"""Key of the coordinate system that a person names."""

OPEN: Final = N_(
    "To work with the changes, open the downloaded file with: civicsight app --project "
    "project.gpkg, or give it to whoever runs this app. Until then every page here shows the "
    "project without them."
)
FILE: Final = "project.gpkg"
MAP: Final = "data.map"
MAP_PX: Final = 420
BUSY_S, IDLE_S = 0.5, 2.0
"""How often it is shown how far the files are: while some are under way, and otherwise [s]."""


def may_bring_in(visit: Visit) -> bool:
    """Tell whether somebody may bring files in; the inbox asks once more."""
    return visit.actor.role in ALLOWED[Act.IMPORT]


def bring_in(visit: Visit) -> None:
    """Draw the field, what is under way, and what came of it."""
    _ask(visit)
    entries = inbox().of_visit(owner_of(visit))
    over = tuple(entry.id for entry in entries if entry.is_over)
    busy = len(over) < len(entries)
    _watch(over, BUSY_S if busy else IDLE_S)
    for entry in entries:
        if entry.is_over:
            _show_end(visit, entry)
    done = {entry.id: entry for entry in entries if entry.state is State.DONE}
    if done:
        _show_results(visit, done)


def owner_of(visit: Visit) -> Owner:
    """Return whose files are meant: of this person in this visit, in whatever window."""
    return Owner(visit.actor, this_visit(), standing(visit.actor))


def _ask(visit: Visit) -> None:
    """Draw the form; what is known of the files stands beside them, before anything is read."""
    owner = owner_of(visit)
    turn = st.session_state.get(ROUND, 0)
    kinds = {code: visit.say(text) for code, text in KIND_LABELS.items()}
    datums = {code: visit.say(text) for code, text in DATUM_LABELS.items()}
    with st.form("data.import"):
        label = N_("Files of cameras, buildings or registers (each at most 50 MB)")
        entitled = Entitled(owner.person, owner.stands)
        files = ask_for_files(visit.say(label), f"data.files.{turn}", entitled)
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        kind = left.selectbox(
            visit.say(N_("What they hold")), list(kinds), format_func=kinds.__getitem__
        )
        datum = middle.selectbox(
            visit.say(N_("Datum of their longitudes and latitudes")),
            list(datums),
            format_func=datums.__getitem__,
        )
        keep_good = right.checkbox(visit.say(N_("Take the good rows where others are bad")))
        named = _ask_system(visit, owner)
        sent = st.form_submit_button(visit.say(N_("Read and show")))
    if not sent:
        return
    if not files:
        st.error(visit.say(N_("Choose a file first. Nothing was read.")))
        return
    visit = current()
    try:
        asked = Asked(kind, datum, keep_good, asked_crs(named))
        for file in files:
            inbox().take(visit.project, owner_of(visit), file.name, file.getvalue(), asked)
    except CivicsightError as error:
        show_refusal(error, visit.language)
        return
    finally:
        for file in files:
            release(file)
    st.session_state[ROUND] = turn + 1
    st.rerun()


def _ask_system(visit: Visit, owner: Owner) -> str:
    """Ask for the coordinate system once a file was refused for want of it."""
    if not any(entry.is_unplaced for entry in inbox().of_visit(owner)):
        return ""
    label = N_("Coordinate system of files that name none, such as EPSG:4548")
    return st.text_input(visit.say(label), key=SYSTEM)


def _watch(over: tuple[str, ...], every_s: float) -> None:
    """Show again and again what is under way, beside the files that are over already."""

    @st.fragment(run_every=every_s)
    def look() -> None:
        _show_under_way(over)

    look()


def _show_under_way(over: tuple[str, ...]) -> None:
    """Show what is sent, waits and is read; when one is over, the page comes with its result."""
    visit = current()
    told = why_not()
    if told is not None:
        warn(visit.say(told), "not_taken")
    for coming in coming_of(visit.actor.name):
        text = N_("A file is being sent: %(came)s of %(size)s MB",
                  came=_megabytes(coming.came), size=_megabytes(coming.size))  # fmt: skip
        st.text(visit.say(text))
    entries = inbox().of_visit(owner_of(visit))
    if tuple(entry.id for entry in entries if entry.is_over) != over:
        st.rerun()
    for entry in entries:
        if not entry.is_over:
            _show_one(visit, entry)


def _show_one(visit: Visit, entry: Entry) -> None:
    """Show where a file is, and a way to end it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"way-{entry.id}"):
        st.text(f"{entry.name} · {_megabytes(entry.size)} MB · {visit.say(_where(entry))}")
        if entry.share is not None:
            st.progress(min(max(entry.share, 0.0), 1.0))
        st.button(
            visit.say(N_("Cancel")), key=f"cancel-{entry.id}", disabled=entry.stop.is_set(),
            on_click=_end, args=(entry.id,),
        )  # fmt: skip


def _where(entry: Entry) -> Text:
    """Say where a file is that is not over."""
    if entry.stop.is_set():
        return N_("is being cancelled")
    if entry.state is not State.WAITING:
        return entry.step
    place, of = inbox().place(entry)
    return N_("waits for its turn: place %(place)s of %(of)s", place=max(place, 1), of=max(of, 1))


def _end(entry_id: str) -> None:
    """Cancel a file of whoever asks, by the rights of this moment."""
    entry = inbox().find(owner_of(current()), entry_id)
    if entry is not None:
        inbox().cancel(entry)


def _put_away(entry_id: str) -> None:
    entry = inbox().find(owner_of(current()), entry_id)
    if entry is not None:
        inbox().put_away(entry)


def _show_end(visit: Visit, entry: Entry) -> None:
    """Show in a line what came of a file, and why it was refused."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"end-{entry.id}"):
        st.text(f"{entry.name} · {visit.say(_outcome(entry))}")
        st.button(
            visit.say(N_("Put away")), key=f"away-{entry.id}", type="tertiary",
            on_click=_put_away, args=(entry.id,),
        )  # fmt: skip
    if entry.error is not None:
        text = N_("The file was not read; nothing of it was kept, and nothing was changed.")
        st.error(visit.say(text))
        for line in refusal_lines(entry.error, visit.language):
            st.text(line)
        if entry.is_unplaced:
            text = N_("Name its coordinate system in the form above, and send the file again.")
            st.text(visit.say(text))


def _outcome(entry: Entry) -> Text:
    if entry.intake is None:
        return STATE_LABELS[entry.state]
    report = entry.intake.report
    return N_("%(kept)s of %(read)s rows can be used",
              kept=number(report.kept), read=number(report.read))  # fmt: skip


def _show_results(visit: Visit, done: dict[str, Entry]) -> None:
    """Show what one of the files brings, and offer the project with all of them."""
    names = {key: entry.name for key, entry in done.items()}
    chosen = next(reversed(done))
    if len(done) > 1:
        chosen = st.selectbox(
            visit.say(N_("Show the rows of")), list(names), len(names) - 1,
            format_func=names.__getitem__, key=f"data.shown.{chosen}",
        )  # fmt: skip
    intake = done[chosen].intake
    if intake is not None:
        _show_places(visit, intake)
        st.text(intake.report.summary(visit.language))
        st.text(intake.edits.summary(visit.language))
    _offer(visit, done)


def _offer(visit: Visit, done: dict[str, Entry]) -> None:
    """Offer the project with the changes of all files, once none of them is doubtful."""
    found = [entry.intake for entry in done.values() if entry.intake is not None]
    changing = [intake for intake in found if not intake.edits.is_empty]
    doubtful = [intake.report.source for intake in changing if not intake.is_sure]
    if not changing:
        return
    if doubtful:
        text = N_(
            "The place of the rows of %(names)s is doubtful. Declare the datum above and have them "
            "read again, or put them away.",
            names=", ".join(doubtful),
        )
        warn(visit.say(text), "doubtful")
        return
    text = N_("The project that is open here stays as it is: the changes go into a new file.")
    st.text(visit.say(text))
    key = (visit.project.digest, *done)
    if st.button(visit.say(N_("Write the project with these changes")), type="primary"):
        try:
            content = project_file(together(visit.project.city, changing))
        except CivicsightError as error:
            show_refusal(error, visit.language)
            return
        st.session_state[MADE] = (key, content)
    made, content = st.session_state.get(MADE, ((), b""))
    if made == key:
        st.html(link_to_file(visit, FILE, content))
        st.text(visit.say(OPEN))


def _show_places(visit: Visit, intake: Intake) -> None:
    """Draw the rows where they would come to lie, before anybody takes them."""
    placed = intake.placed
    if placed.empty:
        return
    datum = visit.say(DATUM_LABELS[intake.datum or ""])
    text = N_(
        "Orange: where the rows come to lie with this datum: %(datum)s. If they are beside the "
        "streets and gates they belong to, read the file again with another.",
        datum=datum,
    )
    st.text(visit.say(text))
    fly = {**flight_to(placed), "n": f"{intake.datum} {len(placed)}"}
    layer = drawn_layer("taken", placed, list(placed.index), PLACED_STYLE)
    group = live_group(layers=[layer], fly=fly)
    show_project(visit, MAP, group=group, height=MAP_PX)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}"


KEPT: Final = 8
WIDTHS: Final = (90, 330, 80, 70, 370, 370)


def render(visit: Visit) -> None:
    """Draw what brings files in, for whom may, and below it what the data lack."""
    if may_bring_in(visit):
        bring_in(visit)
    else:
        text = N_(
            "Files are brought in by a municipal planner: on this page, or with 'civicsight "
            "import' on the command line."
        )
        st.info(visit.say(text))
    _show_lacks(visit)


def _show_lacks(visit: Visit) -> None:
    heads = (N_("Layer"), N_("What is lacking"), N_("Rows"), N_("Share"), N_("What follows"),
             N_("What would lift it"))  # fmt: skip
    rows = find_quality(visit.project.digest, visit.language, visit.project)
    if rows:
        columns = {visit.say(head): px for head, px in zip(heads, WIDTHS, strict=True)}
        table(rows, columns)
    else:
        st.success(visit.say(N_("The data lack nothing that a finding would need.")))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def find_quality(digest: str, language: Language, _project: Project) -> list[tuple[str, ...]]:
    """Find what the data lack, once a project and language."""
    del digest
    return quality_rows(_project.city, _project.rules, lambda text: translate(text, language))
