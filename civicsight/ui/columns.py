"""Under a file: what was understood of its columns, and what a person says of them instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from civicsight.application.columns import UNUSED, Table, mapping_of, may_be_said, read_sent_mapping
from civicsight.application.inbox.desk import inbox
from civicsight.application.inbox.entry import Asked, Entry, Owner
from civicsight.application.intake import GUESSED, KIND_LABELS, asked_crs
from civicsight.core.errors import N_, CivicsightError, InputError, Text
from civicsight.io.report import LAYER_LABELS
from civicsight.io.tables.column_matching import ColumnDescription
from civicsight.io.tables.mapping_file import mapping_text
from civicsight.presentation.column_profiles import (
    HEADINGS,
    field_labels,
    understood_rows,
    value_labels,
)
from civicsight.presentation.lexicon import number
from civicsight.ui.access.uploads import Entitled, ask_for_file, release
from civicsight.ui.elements import link_to_file, table
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visitor
from civicsight.ui.local_system import local_of

WIDTHS: Final = (180, 260, 110, None, 260)
"""Widths of the table of columns [px]."""

MOST_WORDS: Final = 12
"""Values of a column that may be taught at once, the most frequent first."""

NO_ROW: Final = frozenset({"", "row 1"})
"""Where the faults of a whole table are: nowhere, or in its header."""

SYSTEM_LABEL: Final = N_("Coordinate system of files that name none, such as EPSG:4548")
GOOD: Final = N_("Take the good rows where others are bad")
HINTS: Final = {
    "float": N_("the number it stands for; empty: leave it"),
    "date": N_("the day it stands for, such as 2026-03-01; empty: leave it"),
}
"""What is written for a value that was not understood, by the kind of its column."""

MAPPING: Final = "mapping.yaml"
MAPPINGS: Final = ("yaml", "yml")

Taught = dict[tuple[str, str], str]


def show_columns(who: Visitor, owner: Owner, entry: Entry) -> None:
    """Draw what was understood of a file, and the form to say it otherwise while it is here."""
    told = entry.table
    if told is None:
        return
    asks = entry.error is not None or told.lost > 0
    with st.expander(who.translate(_title(told)), expanded=asks):
        rows = understood_rows(told.seen.columns, who.language, told.schema)
        table(rows, dict(zip(map(who.translate, HEADINGS), WIDTHS, strict=True)))
        if entry.kept:
            _ask(who, owner, entry, told)
        else:
            text = N_("Send the file again to say what its columns are: it is no longer here.")
            st.text(who.translate(text))
        said = mapping_text(told.seen, told.schema, entry.asked.mapping, language=who.language)
        with st.container(horizontal=True, vertical_alignment="center"):
            label = N_("The columns as a file")
            st.html(link_to_file(who, MAPPING, said.encode(), label), width="content")
            how = N_("for the next time: hand it in here")
            st.text(who.translate(how))
        if entry.kept:
            _take_mapping(who, owner, entry, told)


def _take_mapping(who: Visitor, owner: Owner, entry: Entry, told: Table) -> None:
    """Take a file that says what the columns are, and have the table read again with it."""
    refused = f"mapping-refused-{entry.id}"
    turn = f"mapping-turn-{entry.id}"
    number_of = st.session_state.get(turn, 0)
    label = who.translate(N_("Columns from a file of before (mapping.yaml)"))
    key = f"mapping-{entry.id}-{entry.turn}-{number_of}"
    file = ask_for_file(label, key, Entitled(owner.person, owner.stands), MAPPINGS)
    if file is not None:
        st.session_state[turn] = number_of + 1
        st.session_state.pop(refused, None)
        try:
            mapping = read_sent_mapping(told, file.getvalue())
            inbox().again(owner, entry.id, replace(entry.asked, mapping=mapping))
        except CivicsightError as error:
            st.session_state[refused] = error
        finally:
            release(file)
        st.rerun()
    why = st.session_state.get(refused)
    if why is not None:
        show_refusal(why, who.language)


def _title(told: Table) -> Text:
    counts = {"known": number(told.known), "all": number(len(told.seen.columns))}
    if not told.lost:
        return N_("Columns: %(known)s of %(all)s understood", **counts)
    return N_(
        "Columns: %(known)s of %(all)s understood, %(lost)s cells were not",
        lost=number(told.lost),
        **counts,
    )


def _ask(who: Visitor, owner: Owner, entry: Entry, told: Table) -> None:
    """Draw the form; what needs an answer is open, the rest is folded."""
    said = [one for one in told.seen.columns if may_be_said(one, told.schema)]
    open_ = said if _is_of_columns(entry) else []
    key = f"columns-{entry.id}-{entry.turn}"
    with st.form(key, border=False):
        left, right = st.columns([2, 6], vertical_alignment="bottom")
        with left:
            kinds = {
                code: who.translate(text) for code, text in KIND_LABELS.items() if code != GUESSED
            }
            kinds.setdefault(told.kind, who.translate(LAYER_LABELS.get(told.kind, Text(told.kind))))
            codes = list(kinds)
            kind = st.selectbox(
                who.translate(N_("What its rows are")),
                codes,
                codes.index(told.kind),
                format_func=kinds.__getitem__,
                key=f"{key}-kind",
            )
        good = right.checkbox(who.translate(GOOD), entry.asked.keep_good, key=f"{key}-good")
        system = ""
        if entry.is_unplaced:
            system = left.text_input(who.translate(SYSTEM_LABEL), key=f"{key}-system")
        fields = {UNUSED: who.translate(N_("not used"))} | field_labels(told.schema, who.language)
        answers = _ask_columns(who, open_, told.seen.columns, fields, key)
        taught = _ask_words(who, told, key)
        folded = [] if open_ else said
        if folded:
            title = N_("Say what a column is (%(count)s)", count=number(len(folded)))
            with st.expander(who.translate(title)):
                answers |= _ask_columns(who, folded, told.seen.columns, fields, key)
        sent = st.form_submit_button(who.translate(N_("Read again with this")), type="primary")
    if not sent:
        return
    try:
        if kind != told.kind:
            mapping = None
        else:
            mapping = mapping_of(told, answers, taught, entry.asked.mapping)
        crs = asked_crs(system) or entry.asked.crs
        local = local_of(who) or entry.asked.local
        asked = replace(
            entry.asked, kind=kind, mapping=mapping, keep_good=good, crs=crs, local=local
        )
        read_again(owner, entry, asked)
    except CivicsightError as error:
        show_refusal(error, who.language)


def _is_of_columns(entry: Entry) -> bool:
    """Tell whether a file was refused for its columns or its system, and not for single rows."""
    faults = entry.error.faults if isinstance(entry.error, InputError) else ()
    return entry.is_unplaced or any(fault.where in NO_ROW for fault in faults)


def read_again(owner: Owner, entry: Entry, asked: Asked) -> None:
    """Have a file read again by the rights of this moment, and draw the page anew.

    Raises
    ------
    Denied, InputError
        As of `Inbox.again`.
    """
    inbox().again(owner, entry.id, asked)
    st.rerun()


def _ask_columns(
    who: Visitor,
    asked: Sequence[ColumnDescription],
    columns: Sequence[ColumnDescription],
    fields: dict[str, str],
    key: str,
) -> dict[str, str]:
    """Ask of each column what it is; its name and its first values stand beside."""
    order = {entry.header: at for at, entry in enumerate(columns, 1)}
    answers, codes = {}, list(fields)
    for entry in asked:
        left, middle, right = st.columns([2, 3, 3], vertical_alignment="center")
        left.text(entry.header)
        label = N_("What column %(number)s is", number=order[entry.header])
        answers[entry.header] = middle.selectbox(
            who.translate(label),
            codes,
            codes.index(entry.meaning),
            format_func=fields.__getitem__,
            label_visibility="collapsed",
            key=f"{key}-{order[entry.header]}",
        )
        right.text(", ".join(text for text, _ in entry.examples))
    return answers


def _ask_words(who: Visitor, told: Table, key: str) -> Taught:
    """Ask what each value means that was not understood, in columns whose values are known."""
    taught: Taught = {}
    kinds = {one.name: one.kind for one in told.schema.columns}
    for entry in told.seen.columns:
        words = value_labels(told.schema, entry.meaning, who.language)
        hint = HINTS.get(kinds.get(entry.meaning, ""))
        if not entry.unread or not (words or hint):
            continue
        st.text(who.translate(N_("Not understood in %(column)s:", column=entry.header)))
        for text, count in entry.unread[:MOST_WORDS]:
            left, right = st.columns([2, 6], vertical_alignment="center")
            left.text(f"{text} ({number(count)})")
            with right:
                taught[entry.meaning, text] = _ask_word(
                    who, words, hint, f"{key}-word-{len(taught)}"
                )
    return taught


def _ask_word(who: Visitor, words: dict[str, str], hint: Text | None, key: str) -> str:
    """Ask for the value that a word stands for: one of a list, a number, or a day."""
    label = who.translate(N_("What this value means"))
    if hint is not None and not words:
        return st.text_input(
            label,
            key=key,
            placeholder=who.translate(hint),
            label_visibility="collapsed",
            max_chars=20,
        ).strip()
    known = {UNUSED: who.translate(N_("leave it as it is"))} | words
    return st.selectbox(
        label, list(known), format_func=known.__getitem__, key=key, label_visibility="collapsed"
    )
