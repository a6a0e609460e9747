"""The queue of gates as a table to take along and bring back, and the register of the confirmed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import geopandas as gpd
import streamlit as st

from civicsight.application.outputs import keep_export
from civicsight.application.plans import require_right
from civicsight.application.scope import hidden_places, home_of
from civicsight.core.errors import N_, CivicsightError, InputError
from civicsight.editing.gate_list import answer_gates, write_gate_list, write_register
from civicsight.io.apart.reading import read_apart
from civicsight.store import ALLOWED, Act
from civicsight.ui.access.signin import standing
from civicsight.ui.access.uploads import Entitled, take_file
from civicsight.ui.completing.answers import give
from civicsight.ui.editor.state import EditorState
from civicsight.ui.editor.visits import desk_of
from civicsight.ui.elements import link_to_file
from civicsight.ui.errors import show_refusal
from civicsight.ui.frame import Visit, current

WRITTEN: Final = "complete.list.written"
"""Key of the file that was written last: of which draft, for whom, its name and content."""

KEEP: Final = "complete.list.keep"
"""Key of whether bad rows are let go."""

TAKEN: Final = "complete.list.taken"
"""Key of what came of the list that was brought back last: sentences, or why it was refused."""

TYPES: Final = ("xlsx", "csv")


def offer_lists(visit: Visit, editor: EditorState) -> None:
    """Offer the open gates as a table to fill in, a field to take it back, and the register."""
    with st.popover(visit.translate(N_("As a table"))):
        list_, register = N_("Write the list to fill in"), N_("Write the register of the confirmed")
        if visit.actor.role in ALLOWED[Act.EXPORT]:
            st.button(
                visit.translate(list_),
                key="complete.list.write",
                on_click=_write,
                args=("gates.xlsx", _write_list),
            )
            st.button(
                visit.translate(register),
                key="complete.list.register",
                on_click=_write,
                args=("entrances.xlsx", _write_register),
            )
        of, name, content = st.session_state.get(WRITTEN, (None, "", b""))
        if of == (editor.session.digest, visit.actor, visit.language):
            st.html(link_to_file(visit, name, content))
        if editor.may_draw:
            st.checkbox(visit.translate(N_("Take the good rows where others are bad")), key=KEEP)
            entitled = Entitled(visit.actor.name, standing(visit.actor))
            label = N_("The list as it was filled in (XLSX or CSV)")
            take_file(
                visit.translate(label), "complete.list", entitled, TYPES, partial(take_list, visit)
            )
        told, error = st.session_state.get(TAKEN, ((), None))
        if told:
            st.text("\n".join(map(visit.translate, told)))
        if error is not None:
            show_refusal(error, visit.language)


def take_list(visit: Visit, name: str, content: bytes) -> None:
    """Give the answers of a list to the draft, all or none, and keep what is to be said of it."""
    editor = desk_of(visit)
    try:
        result, end = editor.project.result, Path(name).suffix.lower().lstrip(".")
        with TemporaryDirectory(prefix="civicsight-") as scratch:
            path = Path(scratch) / f"gates.{end if end in TYPES else TYPES[0]}"
            path.write_bytes(content)
            table, report = read_apart(
                "gate_list", path, crs=result.city.crs, near=result.city.extent, keep_good=True
            )
        keep_good = bool(st.session_state.get(KEEP))
        hidden = hidden_places(result, visit.actor)
        found = answer_gates(
            result, editor.session.done, table, report, keep_good=keep_good, hidden=hidden
        )
    except CivicsightError as error:
        st.session_state[TAKEN] = ((), error)
        return
    commands = [command for answer in found.answers for command in answer]
    if commands and not give(visit, editor, commands):
        st.session_state.pop(TAKEN, None)  # the panel says what stood in the way
        return
    left = InputError(list(found.faults)) if found.faults else None
    st.session_state[TAKEN] = (found.told, left)


def _write_list(path: Path, editor: EditorState, visit: Visit) -> None:
    result = editor.project.result
    hidden = hidden_places(result, visit.actor)
    write_gate_list(path, result, editor.session.done, visit.language, hidden=hidden)


def _write_register(path: Path, editor: EditorState, visit: Visit) -> None:
    city = editor.draft.city
    own = city.entrances[home_of(city.entrances, visit.actor, city)]
    write_register(path, replace(city, entrances=gpd.GeoDataFrame(own)), visit.language)


def _write(name: str, write: Callable[[Path, EditorState, Visit], None]) -> None:
    """Write a file of the draft by the rights of this moment, and keep it for who asked."""
    visit = current()
    try:
        require_right(visit.project, visit.actor, Act.EXPORT)
    except CivicsightError as error:
        st.session_state[TAKEN] = ((), error)
        return
    editor = desk_of(visit)
    with TemporaryDirectory(prefix="civicsight-") as scratch:
        path = Path(scratch) / name
        write(path, editor, visit)
        content = path.read_bytes()
    keep_export(visit.project, visit.actor, name, content)
    of = (editor.session.digest, visit.actor, visit.language)
    st.session_state[WRITTEN] = (of, name, content)
