"""Closed lists as people fill them in a desktop GIS: by value or in words."""

from __future__ import annotations

from typing import Final

from civicsight.core.table import Column
from civicsight.io.registers.templates import FORMS
from civicsight.io.tables.form import choices_of
from civicsight.io.tables.synonyms import match_value

FORMS_OF: Final = {form.table.name: form for form in FORMS.values()}
"""Form of each table that people fill in words."""


def value_of(table: str, column: Column, raw: object) -> object:
    """Return the value of a closed list that a cell names in words, else the cell."""
    form = FORMS_OF.get(table)
    if form is None or not column.choices or not isinstance(raw, str) or raw in column.choices:
        return raw
    return match_value(column.name, raw, form.words) or raw


def choices_in(table: str, column: Column) -> str | dict[str, str]:
    """Return the values of a closed list, as a label where there are words for them."""
    form = FORMS_OF.get(table)
    return ", ".join(column.choices) if form is None else choices_of(form, column)
