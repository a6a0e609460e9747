"""Departments on a page: chosen from the list of the rule packs, called in its language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from civicsight.core.errors import N_
from civicsight.core.i18n import pick
from civicsight.planning.record.consultation import call_department, find_consulted
from civicsight.ui.frame import Visit


def calling(visit: Visit) -> Callable[[str], str]:
    """Return what says what a department is called in the language of the page."""
    return partial(call_department, rules=visit.project.rules, language=visit.language)


def ask_departments(visit: Visit, key: str) -> None:
    """Ask which departments are heard: those of the list, and others by their own name."""
    listed = [pick(each.body.label, visit.language) for each in visit.project.rules.consulted]
    st.multiselect(
        visit.translate(N_("Departments to be heard")),
        listed,
        key=key,
        accept_new_options=True,
        filter_mode="contains",  # what only comes near is not what Enter takes
        placeholder=visit.translate(N_("Choose from the list, or type another and press Enter")),
    )


def change_departments(
    visit: Visit, heard: Sequence[str], key: str
) -> Callable[[], tuple[str, ...]]:
    """Ask which departments are heard from now on; return what reads it from the field."""
    call = calling(visit)
    named = [find_consulted(name, visit.project.rules) for name in heard]
    listed = [
        pick(each.body.label, visit.language)
        for each in visit.project.rules.consulted
        if each not in named
    ]
    said = {name: call(name) for name in (*heard, *listed)}
    back = {text: name for name, text in said.items()}
    st.multiselect(
        visit.translate(N_("Departments to be heard")),
        list(said.values()),
        [said[n] for n in heard],
        key=key,
        accept_new_options=True,
        filter_mode="contains",
        placeholder=visit.translate(N_("Choose from the list, or type another and press Enter")),
    )
    return lambda: tuple(back.get(name, name) for name in asked_departments(key))


def asked_departments(key: str) -> tuple[str, ...]:
    """Return the departments that were named in a field of `ask_departments`."""
    named = (str(name).strip() for name in st.session_state.get(key) or ())
    return tuple(filter(None, named))
