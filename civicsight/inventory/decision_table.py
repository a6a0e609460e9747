"""The table in which people decide about differences: written, filled in and read back.

Its rows are the differences; whoever decides fills in the last columns and changes nothing else.
Words are read in every language and as codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import pandas as pd

from civicsight.core.errors import N_, Fault, InputError, Text
from civicsight.core.i18n import LANGUAGES, in_all, label_in_all, translate
from civicsight.core.values import as_day
from civicsight.inventory.difference import WHAT, Reconciliation
from civicsight.inventory.faults import fault
from civicsight.inventory.settling import DECISIONS, KEY, as_text
from civicsight.io.registers.prepare import find_headers
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.lexicon import Headers
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import normal

TITLES: Final[Mapping[str, Text]] = {
    "difference_id": N_("Number of the difference"),
    "known_id": N_("Number in the register"),
    "listed_id": N_("Number in the list"),
    "name": N_("Name"),
    "what": N_("Difference"),
    "field": N_("Code of the column"),
    "column": N_("Column"),
    "old": N_("In the register"),
    "new": N_("In the list"),
    "distance_m": N_("How far apart [m]"),
    "certainty": N_("Certainty that both are one camera"),
    "decision": N_("Decision"),
    "decided_by": N_("Settled by"),
    "decided_on": N_("Settled on"),
    "reason": N_("Why"),
}
"""Headings of the table, by column."""

SHEET: Final = N_("Differences")
"""What the sheet is called, in all languages one behind the other."""

NEEDED: Final = (*KEY, "decision")
NAMED: Final = frozenset({"changed", "filled", "emptied"})
"""Kinds of differences that name a column."""


def write_rows(found: Reconciliation, names: Mapping[str, Text]) -> pd.DataFrame:
    """Return the differences as rows of words, under a number each.

    Parameters
    ----------
    found
        The differences, some of them settled perhaps.
    names
        What columns are called, by name; one that is not in there stays as it is.
    """
    table = found.differences
    worded = {
        "what": table["what"].map(lambda code: in_all(WHAT[code])),
        "column": [
            in_all(names.get(field, Text(field))) if what in NAMED else ""
            for what, field in zip(table["what"], table["field"], strict=True)
        ],
        "old": table["old"].map(as_text),
        "new": table["new"].map(as_text),
        "distance_m": table["distance_m"].round(1),
        "certainty": table["certainty"].round(3),
        "decision": table["decision"].map(lambda code: in_all(DECISIONS[code]) if code else ""),
    }
    rows = table.assign(**worded)
    return rows[[name for name in TITLES if name != table.index.name]]


def read_decisions(sheet: Sheet, declared: Declared = NOTHING) -> pd.DataFrame:
    """Return the rows of a table of decisions, with codes in place of words.

    Parameters
    ----------
    sheet
        The table as it was read.
    declared
        What a person says of it: a mapping goes before the headings.

    Raises
    ------
    InputError
        If a column is missing, or a kind, a decision or a day is none.
    """
    found = find_headers(sheet, headings(), declared)
    lacking = [name for name in NEEDED if name not in found]
    if lacking:
        raise InputError([_no_column(sheet, name) for name in lacking])
    table = pd.DataFrame(
        {name: [row[header] or "" for row in sheet.rows] for name, header in found.items()},
        dtype=object,
    ).assign(where=sheet.where)
    faults: list[Fault] = []
    for name, words in (("what", WHAT), ("decision", DECISIONS)):
        codes = table[name].map(_code_of(words))
        wrong = codes.isna()
        faults += _bad_words(sheet, table[wrong], name, found[name], words)
        table[name] = codes.fillna("")
    if "decided_on" in table:
        days = table["decided_on"].map(lambda text: as_day(text) if text else "")
        wrong = ~days.map(_is_day)
        faults += _bad_words(sheet, table[wrong], "decided_on", found["decided_on"], {})
        table["decided_on"] = days
    if faults:
        raise InputError(faults)
    return table


def headings() -> Headers:
    """Return what each column may be called: its name, and its title in each language."""
    return {
        name: (
            name.replace("_", " "),
            in_all(title),
            *(translate(title, language) for language in LANGUAGES),
        )
        for name, title in TITLES.items()
    }


def _code_of(words: Mapping[str, Text]) -> Callable[[str], str | None]:
    """Return what finds the code that a word in any language stands for; no word stays none."""
    said = {"": ""}
    for code, text in words.items():
        every = (code, in_all(text), *(translate(text, language) for language in LANGUAGES))
        said |= {normal(one): code for one in every}
    return lambda word: said.get(normal(word))


def _is_day(text: object) -> bool:
    return isinstance(text, str) and (text == "" or (as_day(text) == text and len(text) == 10))


def _no_column(sheet: Sheet, name: str) -> Fault:
    return fault(
        "table.missing_column:decisions",
        sheet.source,
        "row 1",
        in_all(TITLES[name]),
        ", ".join(sheet.header)[:500],
        name=TITLES[name],
    )


def _bad_words(
    sheet: Sheet, rows: pd.DataFrame, name: str, header: str, words: Mapping[str, Text]
) -> list[Fault]:
    cells = [(at, str(text)[:100]) for at, text in zip(rows["where"], rows[name], strict=True)]
    if not words:
        return [fault("cell.value:day", sheet.source, at, header, text) for at, text in cells]
    choices = label_in_all(lambda own: ", ".join(translate(text, own) for text in words.values()))
    return [
        fault("cell.value:word", sheet.source, at, header, text, choices=choices)
        for at, text in cells
    ]
