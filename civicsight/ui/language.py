"""The language of a visit, and the server's own English texts put into it in the browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import DEFAULT_LANGUAGE, HTML_LANGUAGE, LANGUAGES, Language, translate
from civicsight.core.settings import setting
from civicsight.ui.pages import PAGES

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
    """Return the language to switch to: the next one."""
    return LANGUAGES[(LANGUAGES.index(language) + 1) % len(LANGUAGES)]


def switch_to(language: Language) -> None:
    """Take a language for the rest of the session, and into the address."""
    st.session_state[CHOSEN] = language
    code = HTML_LANGUAGE[language]
    st.session_state[ASKED] = code
    st.query_params[PARAMETER] = code


WORDS: Final[tuple[Text, ...]] = (
    N_("Page not found"),
    N_("The page that you have requested does not seem to exist. Running the app's main page."),
    N_("Connection error"),
    N_("Connecting"),
    N_(
        "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in "
        "your terminal:"
    ),
    N_("Skip to main content"),
    N_("Choose an option"),
    N_("Choose options"),
    N_("No results"),
    N_("Type to search"),
    N_("Clear value"),
    N_("Clear all"),
    N_("Select all"),
    N_("Upload"),
    N_("Drag and drop a file here"),
    N_("Drag and drop files here"),
    N_("Show/hide columns"),
    N_("Download as CSV"),
    N_("Fullscreen"),
    N_("Close fullscreen"),
    N_("Sort ascending"),
    N_("Sort descending"),
    N_("Autosize"),
    N_("Pin column"),
    N_("Hide column"),
    N_("Add row"),
    N_("Delete row(s)"),
    N_("Copy to clipboard"),
    N_("Show password text"),
    N_("Hide password text"),
)

FURTHER: Final = N_("%(count)s more")
"""How many pages do not fit into the bar above, as the server's frame says it."""

SCRIPT: Final = """
export default function (component) {
document.documentElement.lang = component.data.code;
window.civicsightWords = new Map(Object.entries(component.data.words));
if (!window.civicsightWatch) {
  const attributes = ["aria-label", "title", "placeholder"];
  const exchange = (node) => {
    const words = window.civicsightWords;
    if (node.nodeType === Node.TEXT_NODE) {
      const word = words.get(node.nodeValue.trim());
      if (word !== undefined) node.nodeValue = word;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("script, style, textarea")) return;
    for (const name of attributes) {
      const word = words.get((node.getAttribute(name) || "").trim());
      if (word !== undefined) node.setAttribute(name, word);
    }
    node.childNodes.forEach(exchange);
  };
  window.civicsightWatch = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(exchange);
      else exchange(change.target);
    }
  });
  window.civicsightWatch.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributeFilter: attributes,
  });
  window.civicsightExchange = exchange;
}
window.civicsightExchange(document.body);
}
"""
"""A component, for a policy lets no script run that stands within a page."""

_WORDS: Final = st.components.v2.component("civicsight_words", js=SCRIPT, isolate_styles=False)


def set_language(language: Language) -> None:
    """Tell the browser the language, and have it watch for texts in another."""
    _WORDS(key="words", data=words_in(language))


def words_in(language: Language) -> dict[str, Any]:
    """Return the language as a browser knows it, and what is exchanged for what."""
    pages = (replace(FURTHER, values={"count": count}) for count in range(1, len(PAGES) + 2))
    pairs = {
        translate(word, other): translate(word, language)
        for word in (*WORDS, *pages)
        for other in LANGUAGES
        if other != language
    }
    return {"code": HTML_LANGUAGE[language], "words": pairs}
