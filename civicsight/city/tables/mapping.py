"""Which column means what: what was understood, as a file that a person edits and uses again."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from civicsight.errors import N_, Text

if TYPE_CHECKING:
    from civicsight.city.declared import Declared
    from civicsight.city.tables.form import Form
    from civicsight.city.tables.sheet import Sheet
    from civicsight.schema import Column

EXAMPLES: Final = 3
"""Different values of a column that are shown."""

MAX_UNREAD: Final = 50
"""Different values that were not understood and are listed for a column."""

PLACE_MEANINGS: Final[MappingOf[str, Text]] = {
    "lon": N_("Longitude in degrees"),
    "lat": N_("Latitude in degrees"),
    "x": N_("Easting in metres"),
    "y": N_("Northing in metres"),
    "datum": N_("Geodetic system of the row"),
}
"""Meanings that no table declares."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a person says about the columns and words of a table.

    Parameters
    ----------
    columns
        Header of the file by meaning, such as ``{"height_m": "lens height (m)"}``; an empty
        header says that the meaning has no column, whatever its name.
    words
        Further words for the closed lists of values, such as
        ``{"kind": {"ptz": ["rotating"]}}``.
    """

    columns: MappingOf[str, str] = field(default_factory=dict)
    words: MappingOf[str, MappingOf[str, tuple[str, ...]]] = field(default_factory=dict)


class Understood(NamedTuple):
    """What was understood of one column.

    Parameters
    ----------
    header
        Its name in the file.
    meaning
        Column of the table, or empty where it is kept as text without a meaning.
    label
        The meaning in words.
    unit
        Unit of the values that were read.
    filled
        Share of the rows that say something [0-1].
    examples
        Some of its texts, each with what it was read as.
    unread
        Texts that were not understood, the most frequent first.
    noticed
        Rows in which more was done than taking the text.
    """

    header: str
    meaning: str
    label: Text
    unit: str
    filled: float
    examples: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    noticed: int


def understood(sheet: Sheet, form: Form, declared: Declared) -> tuple[Understood, ...]:
    """Say of each column of a sheet what it is taken for and how its cells are read.

    Raises
    ------
    InputError
        If a mapping is declared and does not fit.
    """
    from civicsight.city.tables.form import match_columns

    meanings = {header: name for name, header in match_columns(sheet, form, declared).items()}
    columns = {column.name: column for column in (*form.table, *form.extra)}
    return tuple(
        _understood(sheet, form, declared, header, meaning, columns.get(meaning))
        for header in sheet.header
        for meaning in [meanings.get(header, "")]
    )


def _understood(
    sheet: Sheet, form: Form, declared: Declared, header: str, meaning: str, column: Column | None
) -> Understood:
    from civicsight.city.tables.cells import Cell, cell_reader

    texts: dict[str, int] = {}
    for row in sheet.rows:
        text = row[header]
        if text is not None:
            texts[text] = texts.get(text, 0) + 1
    read = Cell if column is None else cell_reader(column, form, declared)
    cells = {text: read(text) for text in texts}
    often = sorted(texts, key=lambda text: -texts[text])
    unread = [text for text in often if cells[text].expected is not None]
    examples = [text for text in texts if cells[text].expected is None][:EXAMPLES]
    return Understood(
        header,
        meaning,
        _label(form, meaning, column),
        "" if column is None else column.unit,
        sum(texts.values()) / max(len(sheet.rows), 1),
        tuple((text[:60], _shown(cells[text].value)) for text in examples),
        tuple(text[:60] for text in unread[:MAX_UNREAD]),
        sum(texts[text] for text, cell in cells.items() if cell.notice is not None),
    )


def _label(form: Form, meaning: str, column: Column | None) -> Text:
    if not meaning:
        return N_("kept as text without a meaning")
    if column is not None:
        return column.meaning
    if meaning == form.table.index:
        return N_("identifier")
    return PLACE_MEANINGS.get(meaning, Text(meaning))


def _shown(value: object) -> str:
    """Write a value as a person compares it with its text; empty where it is unknown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)[:60]
