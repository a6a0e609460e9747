"""Sheets of a workbook that explain the table beside them, and hold no rows themselves."""

from __future__ import annotations

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, translate

TITLE: Text = N_("Meaning of columns")
"""Title of the sheet that a template explains its columns on."""


def is_explanation(title: str) -> bool:
    """Tell whether a sheet explains columns, by its title in any of our languages."""
    return title.strip() in {translate(TITLE, language) for language in LANGUAGES}
