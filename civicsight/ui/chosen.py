"""The project that a visit works on: by the address, by the setting, or by what was chosen last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import streamlit as st

from civicsight.core.atomic import written_whole
from civicsight.core.settings import cache_dir, projects_dir, setting
from civicsight.editing.projects import find_project
from civicsight.ui.access.signin import current_actor

PARAMETER: Final = "project"
"""Parameter of an address that names a project by its code."""

ASKED: Final = "project_asked"
CHOSEN: Final = "project_chosen"
LAST: Final = "last_projects.json"
"""What each person opened last, among the caches: who comes again goes on with it."""


def chosen_project() -> Path | None:
    """Return the file that this visit works on, None if it has still to be chosen.

    A project in the address counts once, as `language.current_language` has it.
    """
    asked = st.query_params.get(PARAMETER)
    if asked != st.session_state.get(ASKED):
        st.session_state[ASKED] = asked
        if asked and find_project(projects_dir(), asked) is not None:
            work_on(asked)
    named = setting("project")
    if CHOSEN not in st.session_state:
        st.session_state[CHOSEN] = "" if named else _read_last().get(_who(), "")
    found = find_project(projects_dir(), st.session_state[CHOSEN])
    if found is not None:
        return found.path
    return Path(named) if named else None


def keep_in_address() -> None:
    """Have the address name what was chosen: a reload leads to it, whatever the app began with."""
    code = st.session_state.get(CHOSEN)
    if code and st.query_params.get(PARAMETER) != code:
        st.session_state[ASKED] = st.query_params[PARAMETER] = code


def work_on(code: str) -> None:
    """Work on a project of the folder from now on, and the next time this person comes."""
    st.session_state[CHOSEN] = code
    known = _read_last()
    if known.get(_who()) != code:
        with written_whole(cache_dir() / LAST) as scratch:
            told = json.dumps(known | {_who(): code}, ensure_ascii=False)
            scratch.write_text(told, encoding="utf-8")


def _who() -> str:
    actor = current_actor()
    return "" if actor is None else f"{actor.name} {actor.role}"


def _read_last() -> dict[str, str]:
    """Return what each person opened last; a file that says nothing sensible says nothing."""
    try:
        told = json.loads((cache_dir() / LAST).read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
