"""The server's own English texts, put into the language of the visit in the browser.

Streamlit has no translation (its issue 1353). What it writes by itself is exchanged where it stands
alone as a text, a title, a label or a placeholder; texts of pages and data are longer or elsewhere
and are never touched, since only these sentences are known.
"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language, translate

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


def tell_language(language: Language) -> None:
    """Tell the browser the language, and have it watch for texts in another."""
    _WORDS(key="words", data=said_in(language))


def said_in(language: Language) -> dict[str, Any]:
    """Return the language as a browser knows it, and what is exchanged for what."""
    pairs = {
        translate(word, other): translate(word, language)
        for word in WORDS
        for other in LANGUAGES
        if other != language
    }
    return {"code": HTML_LANGUAGE[language], "words": pairs}
