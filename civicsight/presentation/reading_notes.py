"""The notes of how lists were read, as rows under headings and as lines: the same on every page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from civicsight.core.errors import FEWEST_ALIKE, N_, Text
from civicsight.core.i18n import Language, translate
from civicsight.io.report import LAYER_LABELS
from civicsight.model.notes import Note, by_row, count_of, in_order

TITLE: Final = N_("Notes on how the lists were read")
HEADINGS: Final = (
    N_("File"),
    N_("Layer"),
    N_("Kind of note"),
    N_("Count"),
    N_("Found in the list"),
    N_("What to do"),
)
COUNT: Final = 3
"""Place of the column of figures."""


def note_rows(notes: Iterable[Note], language: Language) -> list[tuple[str, ...]]:
    """Return a row for each note under `HEADINGS`, those that weigh most first."""
    return [
        (
            one.source,
            translate(LAYER_LABELS.get(one.layer, Text(one.layer)), language),
            translate(one.title, language),
            count_of(one),
            translate(one.example, language),
            translate(one.remedy, language),
        )
        for one in in_order(tuple(notes))
    ]


def note_table(notes: Iterable[Note], language: Language) -> dict[str, Any]:
    """Return the notes as a page shows them: title, headings and rows, with kind and count."""
    told = in_order(tuple(notes))
    return {
        "title": translate(TITLE, language),
        "headings": [translate(heading, language) for heading in HEADINGS],
        "rows": [
            {"kind": one.kind, "count": one.count, "cells": row}
            for one, row in zip(told, note_rows(told, language), strict=True)
        ],
    }


def notes_beside(notes: Iterable[Note], layer: str, language: Language) -> dict[str, str]:
    """Return by id of a table what was noted of its row, in one text: its own notes first.

    What was found is said where it concerns the row and few others.
    """

    def note_text(one: Note) -> str:
        title = translate(one.title, language)
        if len(one.rows) >= FEWEST_ALIKE:
            return title
        text = N_("%(what)s: %(value)s", what=title, value=one.example)
        return translate(text, language)

    told = [one for one in notes if one.weight != "info"]
    return {
        row: "; ".join(map(note_text, sorted(own, key=lambda one: len(one.rows))))
        for row, own in by_row(told, layer).items()
    }
