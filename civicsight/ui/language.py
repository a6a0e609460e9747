"""The language of a visit: the address of the page, then the session, then the setting."""

from __future__ import annotations

from typing import Final

import streamlit as st
from babel import Locale

from civicsight.core.i18n import DEFAULT_LANGUAGE, HTML_LANGUAGE, LANGUAGES, Language
from civicsight.core.settings import setting

PARAMETER: Final = "lang"
ASKED: Final = "language_asked"
CHOSEN: Final = "language"


def current_language() -> Language:
    """Return the language of this run.

    A language in the address counts once: afterwards the switch of the page does, until the
    address names another one.
    """
    asked = st.query_params.get(PARAMETER)
    if asked != st.session_state.get(ASKED):
        st.session_state[ASKED] = asked
        named = parse_language(asked)
        if named is not None:
            st.session_state[CHOSEN] = named
    chosen: Language = (
        st.session_state.get(CHOSEN) or parse_language(setting("language")) or (DEFAULT_LANGUAGE)
    )
    return chosen


def parse_language(name: str | None) -> Language | None:
    """Return the language of a code such as ``zh``, ``zh-CN`` or ``en_GB``; None if it is none."""
    wanted = (name or "").replace("_", "-").lower().partition("-")[0]
    return next((code for code in LANGUAGES if code.partition("_")[0] == wanted), None)


def other_language(language: Language) -> Language:
    """Return the language to switch to."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


def own_name(language: Language) -> str:
    """Return what a language calls itself."""
    locale = Locale(language.partition("_")[0])
    return str(locale.get_display_name(locale)).capitalize()


def switch_to(language: Language) -> None:
    """Take a language for the rest of the session, and into the address."""
    st.session_state[CHOSEN] = language
    code = HTML_LANGUAGE[language]
    st.session_state[ASKED] = code
    st.query_params[PARAMETER] = code
