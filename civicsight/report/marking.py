"""Marks of handling: internal, or a level of secrecy, on every page, sheet and file name.

A person sets the mark; nothing here decides what is secret.

References
----------
GB/T 9704-2012, 7.2.2: the level of secrecy stands at the head of a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, in_all, translate

if TYPE_CHECKING:
    from civicsight.report.files import Files, Write

MARKS: Final[Mapping[str, Text]] = {
    "internal": N_("INTERNAL"),
    "confidential": N_("CONFIDENTIAL"),
    "secret": N_("SECRET"),
    "top_secret": N_("TOP SECRET"),
}
"""Marks, from the lowest up."""

LABEL: Final = N_("Marking")


def mark_text(mark: str, language: Language | None = None) -> str:
    """Return a mark in one language or in all; empty without one."""
    if not mark:
        return ""
    return in_all(MARKS[mark]) if language is None else translate(MARKS[mark], language)


def marked_names(files: Files, mark: str, language: Language) -> dict[str, Write]:
    """Return what writes files with the mark in front of their names.

    Examples
    --------
    >>> list(marked_names({"bill.xlsx": print}, "internal", "en"))
    ['INTERNAL-bill.xlsx']
    """
    start = f"{mark_text(mark, language)}-" if mark else ""
    return {f"{start.replace(' ', '-')}{name}": write for name, write in files.items()}
