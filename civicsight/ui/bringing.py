"""Bring files in: the form, what is under way, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import streamlit as st

from civicsight.application.beginning import Beginning, in_order
from civicsight.application.inbox.desk import inbox
from civicsight.application.inbox.entry import STATE_LABELS, Asked, Base, Entry, Owner, State
from civicsight.application.intake import DATUM_LABELS, KIND_LABELS, Intake, Put, asked_crs
from civicsight.core.errors import N_, CivicsightError, Text
from civicsight.core.settings import MEGABYTE
from civicsight.presentation.lexicon import number
from civicsight.store import ALLOWED, Act
from civicsight.ui.access.signin import standing, this_visit
from civicsight.ui.access.uploads import Entitled, ask_for_files, coming_of, release, why_not
from civicsight.ui.columns import SYSTEM_LABEL, show_columns
from civicsight.ui.directions import show_directions
from civicsight.ui.errors import refusal_lines, show_refusal, warn
from civicsight.ui.frame import Visitor, visitor
from civicsight.ui.local_system import ask_local
from civicsight.ui.mending import show_mending
from civicsight.ui.shift import show_shift

ROUND: Final = "data.round"
"""Key of how often files were handed in: each time the field is a new one, and empty."""

SYSTEM: Final = "data.crs"
"""Key of the coordinate system that a person names."""

BUSY_S, IDLE_S = 0.5, 2.0
"""How often it is shown how far the files are: while some are under way, and otherwise [s]."""

GONE: Final = N_("The file was not read; nothing of it was kept, and nothing was changed.")
STAYS: Final = N_(
    "The file was not taken, and nothing was changed. It stays here until you put it away. Below, "
    "mend single cells, or say what columns and values mean, or tick that good rows are taken "
    "where others are bad; then have it read again."
)

AS_READ: Final[Mapping[str, Put]] = MappingProxyType({})

Show = Callable[[Mapping[str, Entry]], None]
"""Shows what was read, by the id of each file."""


def may_bring_in(who: Visitor) -> bool:
    """Tell whether somebody may bring files in; the inbox asks once more."""
    return who.actor.role in ALLOWED[Act.IMPORT]


def bring_in(who: Visitor, base: Base, label: Text, show: Show) -> None:
    """Draw the field, what is under way, and what came of it.

    Parameters
    ----------
    who, base
        Who sends files, and into what they are read.
    label
        What the field is called.
    show
        Draws what was read, below it.
    """
    entries = inbox().of_visit(owner_of(who), base)
    with st.expander(
        who.translate(N_("More files") if entries else N_("Files")), expanded=not entries
    ):
        _ask(who, base, label)
    over = tuple(entry.id for entry in entries if entry.is_over)
    busy = len(over) < len(entries)
    _watch(base, over, BUSY_S if busy else IDLE_S)
    for entry in entries:
        if entry.is_over:
            _show_end(who, entry)
    refused = [entry.name for entry in entries if entry.is_over and entry.state is not State.DONE]
    done = {entry.id: entry for entry in entries if entry.state is State.DONE}
    if done:
        if refused:
            text = N_("Not taken, and missing in what follows: %(names)s", names=", ".join(refused))
            warn(who.translate(text), "left_out")
        show(done)


def owner_of(who: Visitor) -> Owner:
    """Return whose files are meant: of this person in this visit, in whatever window."""
    return Owner(who.actor, this_visit(), standing(who.actor))


def _ask(who: Visitor, base: Base, label: Text) -> None:
    """Draw the form; what is known of the files stands beside them, before anything is read."""
    owner = owner_of(who)
    turn = st.session_state.get(ROUND, 0)
    kinds = {code: who.translate(text) for code, text in KIND_LABELS.items()}
    datums = {code: who.translate(text) for code, text in DATUM_LABELS.items()}
    with st.form("data.import", border=False):
        entitled = Entitled(owner.person, owner.stands)
        files = ask_for_files(who.translate(label), f"data.files.{turn}", entitled)
        left, middle, right = st.columns(3, vertical_alignment="bottom")
        kind = left.selectbox(
            who.translate(N_("What they hold")), list(kinds), format_func=kinds.__getitem__
        )
        datum = middle.selectbox(
            who.translate(N_("Datum of their longitudes and latitudes")),
            list(datums),
            format_func=datums.__getitem__,
        )
        keep_good = right.checkbox(who.translate(N_("Take the good rows where others are bad")))
        named = ""
        if any(entry.is_unplaced for entry in inbox().of_visit(owner, base)):
            named = st.text_input(who.translate(SYSTEM_LABEL), key=SYSTEM)
        sent = st.form_submit_button(who.translate(N_("Read and show")))
    local = ask_local(who, "data")
    if not sent:
        return
    if not files:
        st.error(who.translate(N_("Choose a file first. Nothing was read.")))
        return
    who = visitor()
    try:
        asked = Asked(kind, datum, keep_good, asked_crs(named), local=local, classes=base.classes)
    except CivicsightError as error:  # the files stay chosen
        show_refusal(error, who.language)
        return
    try:
        for at in in_order([file.name for file in files]):
            inbox().take(base, owner_of(who), files[at].name, files[at].getvalue(), asked)
    except CivicsightError as error:
        show_refusal(error, who.language)
        return
    finally:
        for file in files:
            release(file)
    st.session_state[ROUND] = turn + 1
    st.rerun()


def _watch(base: Base, over: tuple[str, ...], every_s: float) -> None:
    """Show again and again what is under way, beside the files that are over already."""

    @st.fragment(run_every=every_s)
    def look() -> None:
        who = visitor()
        told = why_not()
        if told is not None:
            warn(who.translate(told), "not_taken")
        for coming in coming_of(who.actor.name):
            text = N_(
                "A file is being sent: %(came)s of %(size)s MB",
                came=_megabytes(coming.came),
                size=_megabytes(coming.size),
            )
            st.text(who.translate(text))
        entries = inbox().of_visit(owner_of(who), base)
        if tuple(entry.id for entry in entries if entry.is_over) != over:
            st.rerun()
        for entry in entries:
            if not entry.is_over:
                _show_one(who, entry)

    look()


def _show_one(who: Visitor, entry: Entry) -> None:
    """Show where a file is, and a way to end it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"way-{entry.id}"):
        st.text(f"{entry.name} · {_megabytes(entry.size)} MB · {who.translate(_where(entry))}")
        if entry.share is not None:
            st.progress(min(max(entry.share, 0.0), 1.0))
        st.button(
            who.translate(N_("Cancel")),
            key=f"cancel-{entry.id}",
            disabled=entry.stop.is_set(),
            on_click=_end,
            args=(entry.id,),
        )


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
    entry = inbox().find(owner_of(visitor()), entry_id)
    if entry is not None:
        inbox().cancel(entry)


def _put_away(entry_id: str) -> None:
    entry = inbox().find(owner_of(visitor()), entry_id)
    if entry is None:
        return
    inbox().put_away(entry)
    if isinstance(entry.base, Beginning) and entry.intake is not None:
        entry.base.let_go(entry.intake)


def _show_end(who: Visitor, entry: Entry) -> None:
    """Show in a line what came of a file, and why it was refused."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"end-{entry.id}"):
        st.text(f"{entry.name} · {who.translate(_outcome(entry))}")
        st.button(
            who.translate(N_("Put away")),
            key=f"away-{entry.id}",
            type="tertiary",
            on_click=_put_away,
            args=(entry.id,),
        )
    if entry.error is not None:
        st.error(who.translate(STAYS if entry.kept else GONE))
        for line in refusal_lines(entry.error, who.language):
            st.text(line)
        if entry.is_unplaced and not entry.kept:
            text = N_("Name its coordinate system in the form above, and send the file again.")
            st.text(who.translate(text))
    owner = owner_of(who)
    show_shift(who, owner, entry)
    show_directions(who, owner, entry)
    show_columns(who, owner, entry)
    show_mending(who, owner, entry)
    if entry.intake is not None:
        for text in entry.intake.told:
            st.text(who.translate(text))
        with st.expander(who.translate(N_("What was read of it"))):
            st.text(entry.intake.report.summary(who.language))
            st.text(entry.intake.edits.summary(who.language))


def _outcome(entry: Entry) -> Text:
    if entry.intake is None:
        return STATE_LABELS[entry.state]
    report = entry.intake.report
    counts = {"kept": number(report.kept), "read": number(report.read)}
    if report.kept > report.read:  # a row of several buildings is taken apart
        return N_("%(read)s rows, taken apart into %(kept)s", **counts)
    return N_("%(kept)s of %(read)s rows can be used", **counts)


def sure_changes(
    who: Visitor, done: Mapping[str, Entry], settled: Mapping[str, Put] = AS_READ
) -> list[Intake]:
    """Return what changes something, of all files; nothing, with a word, while one is doubtful.

    `settled` says, by the id of a file, how it goes in where somebody settled that.
    """
    found = [
        replace(entry.intake, put=settled.get(key))
        for key, entry in done.items()
        if entry.intake is not None
    ]
    changing = [intake for intake in found if intake.changes_something]
    doubtful = [intake.report.source for intake in changing if not intake.is_sure]
    if not doubtful:
        return changing
    text = N_(
        "The place of the rows of %(names)s is doubtful. Declare the datum above and have them "
        "read again, or put them away.",
        names=", ".join(doubtful),
    )
    warn(who.translate(text), "doubtful")
    return []


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}"
