"""What a person reads when something goes wrong: what happened, what is safe, what to do."""

from __future__ import annotations

import logging
from typing import Final
from uuid import uuid4

import streamlit as st

from civicsight.core.errors import MAX_LISTED_FAULTS, N_, CivicsightError, Fault, InputError, Text
from civicsight.core.i18n import Language, translate
from civicsight.io import describe_faults
from civicsight.io.report import row_text
from civicsight.presentation.lexicon import drawn_name
from civicsight.ui.language import current_language

WARNED: Final = "warned-"
"""What the keys of all warnings begin with, by which the page gives them their colour."""

WRONG_FILES: Final = frozenset({"file-uploader-invalid-extension", "filename-contains-null-bytes"})
"""How the server calls it if a browser sends a field a file that it does not take."""

WRONG_FILE: Final = N_(
    "The field takes no file of this kind. Nothing was read. Choose a file of a kind that the "
    "label of the field names."
)

LOG: Final = logging.getLogger("civicsight.ui")


def show_script_error(error: Exception) -> bool:
    """Show what ended a run of a page, and keep the trace for the log; never shown to a person."""
    language = current_language()
    if isinstance(error, CivicsightError):
        LOG.warning("refused: %s", error)
        show_refusal(error, language)
        return True
    if getattr(error, "error_id", "") in WRONG_FILES:
        LOG.warning("refused: a file in a field that takes none of its kind")
        st.error(translate(WRONG_FILE, language))
        return True
    incident = uuid4().hex[:8]
    LOG.error("incident %s", incident, exc_info=error)
    show_incident(incident, language)
    return True


def show_refusal(error: CivicsightError, language: Language) -> None:
    """Show an error that was raised on purpose, with every fault and its remedy."""
    head = translate(N_("This cannot be done. Nothing was changed."), language)
    lines = refusal_lines(error, language)
    st.error(head)
    for line in lines:
        st.text(line)


def show_incident(incident: str, language: Language) -> None:
    """Show an error of the program by the number that its trace has in the log."""
    text = N_(
        "Something went wrong inside the program (incident %(incident)s). What was saved is safe; "
        "what was typed last may have to be typed again. Load the page anew; if it happens again, "
        "give the number to whoever runs the program: the log tells more under it.",
        incident=incident,
    )
    st.error(translate(text, language))


def refusal_lines(error: CivicsightError, language: Language) -> list[str]:
    """Return the lines that say what is wrong and how to mend it."""
    if not isinstance(error, InputError):
        told = error.args[0] if error.args else type(error).__name__
        return [translate(told, language) if isinstance(told, Text) else str(told)]
    told = list(describe_faults(error.faults, language, describe=_line))
    lines, more = told[:MAX_LISTED_FAULTS], len(told) - MAX_LISTED_FAULTS
    if more > 0:
        lines.append(translate(N_("... and %(count)s more", count=more), language))
    return lines


def _line(fault: Fault, language: Language) -> str:
    where = drawn_name(translate(row_text(fault.where), language), "", language)
    place = ", ".join(part for part in (fault.file, where, fault.field) if part)
    expected = translate(N_("expected: %(expected)s", expected=fault.expected), language)
    found = translate(N_("found: %(found)s", found=fault.found), language) if fault.found else ""
    remedy = translate(fault.remedy, language)
    return " · ".join(part for part in (place, found, expected, remedy) if part)


def warn(text: str, key: str) -> None:
    """Draw a warning that holds names: the server's own boxes read what is in them as Markdown.

    So do its labels of widgets, captions, metrics and bars. Whatever comes from data goes into
    `st.text`, a table, or the options of a list, which are shown as they are.
    """
    with st.container(border=True, key=f"{WARNED}{key}"):
        st.text(text)
