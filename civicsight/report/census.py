"""A list held against the register, as it is handed on: a page, and a workbook to decide in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language, in_all
from civicsight.core.progress import Progress
from civicsight.inventory.census import STATES, UNSTATED, Census, take_census
from civicsight.inventory.comparing import TAG
from civicsight.inventory.decision_table import NAMED, TITLES, write_rows
from civicsight.inventory.difference import WHAT, Reconciliation
from civicsight.inventory.settling import DECISIONS, as_text
from civicsight.presentation.codes import COLUMNS as CODED
from civicsight.presentation.columns import HEADINGS, heading
from civicsight.presentation.document import Cell, Document, Section, Table
from civicsight.presentation.lexicon import number, share
from civicsight.presentation.reading_notes import COUNT, TITLE, note_rows
from civicsight.presentation.reading_notes import HEADINGS as NOTE_HEADINGS
from civicsight.report.files import Write, write_bytes, write_files, write_json
from civicsight.report.html import render_sections
from civicsight.report.licence import MADE_UP
from civicsight.report.tables import write_workbook

PAGE, BOOK, COUNTS = "page.{}.html", "reconciliation.xlsx", "census.json"

MOST_SHOWN: Final = 500
"""A page lists at most so many differences of a kind; the workbook has all of them."""

DOUBTFUL: Final = 0.8
"""Below this certainty a pair is counted as one to look at."""

OWN: Final = {
    **TITLES,
    **STATES,
    "dimension": N_("Summed by"),
    "value": N_("Value"),
    "state": N_("Found to be"),
    "differences": N_("Differences"),
    "cameras": N_("Cameras, each once"),
    "taken": N_("Settled as the list says"),
    "kept": N_("Settled as the register says"),
    "open": N_("Still open"),
}
"""Headings of the workbook, by column."""

HOW: Final = N_(
    "Fill in the columns %(decision)s, %(by)s, %(on)s and %(why)s of the sheet of differences and "
    "hand the workbook back with --decisions; rows without a decision stay open. Decisions: "
    "%(words)s.",
    decision=TITLES["decision"], by=TITLES["decided_by"], on=TITLES["decided_on"],
    why=TITLES["reason"],
    words="; ".join(in_all(text) for text in DECISIONS.values()),
)  # fmt: skip


def write_census(
    found: Reconciliation,
    out_dir: str | Path,
    *,
    name: str,
    synthetic: bool = False,
    languages: Sequence[Language] = LANGUAGES,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the census: a page in each language, the workbook to decide in, the counts as JSON.

    Parameters
    ----------
    found
        The differences, settled or not.
    out_dir, languages
        Folder, made if it is missing; languages of the page.
    name, synthetic
        Of the city; whether its data are made up.
    progress
        Called with files done and in all.
    """
    census = take_census(found)
    files: dict[str, Write] = {}
    for language in languages:
        told = census_document(found, census, language, name=name, synthetic=synthetic)
        page = render_sections(told, (Text(""), ""))
        files[PAGE.format(HTML_LANGUAGE[language])] = partial(write_bytes, content=page)
    files[BOOK] = partial(_write_book, found=found, census=census, name=name)
    files[COUNTS] = partial(write_json, value=counts_of(found, census))
    return write_files(out_dir, files, progress)


def book_of(found: Reconciliation, name: str) -> bytes:
    """Return the workbook to decide in; `name` is that of the city."""
    with TemporaryDirectory(prefix="civicsight-") as folder:
        path = Path(folder) / BOOK
        _write_book(path, found=found, census=take_census(found), name=name)
        return path.read_bytes()


def _write_book(path: Path, *, found: Reconciliation, census: Census, name: str) -> None:
    about = ((N_("Register"), name), (N_("List"), found.source), (N_("How"), in_all(HOW)))
    write_workbook(
        path,
        tables_of(found, census),
        {in_all(title): text for title, text in about},
        OWN,
        choices={"decision": [in_all(text) for text in DECISIONS.values()]},
    )


def counts_of(found: Reconciliation, census: Census) -> dict[str, Any]:
    """Return the counts as plain values, with the notes on how the list was read."""
    return {
        "register": census.known,
        "list": census.listed,
        "states": dict(census.states),
        "differences": census.kinds.to_dict("index"),
        "columns": {str(name): int(count) for name, count in census.fields.items()},
        "notes": [one.to_dict() for one in found.reading],
    }


def tables_of(found: Reconciliation, census: Census) -> dict[str, pd.DataFrame]:
    """Return the sheets of the workbook: differences, every camera with its state, and the sums."""
    names = pd.concat([found.known["name"], found.listed["name"]])
    names = names[~names.index.duplicated()]
    state = census.state_of.map(lambda code: in_all(STATES[code]))
    each = pd.DataFrame({"name": names.reindex(state.index), "state": state})
    kinds = census.kinds.set_axis(
        pd.Index([in_all(WHAT[code]) for code in census.kinds.index], name="what")
    )
    sums = census.dimensions.reset_index()
    sums["value"] = [_value(*pair) for pair in zip(sums["dimension"], sums["value"], strict=True)]
    sums["dimension"] = [in_all(heading(name)) for name in sums["dimension"]]
    return {
        "differences": write_rows(found, HEADINGS),
        "inventory": each.rename_axis("camera_id"),
        "kinds": kinds,
        "sums": sums.set_index("dimension"),
    }


def _value(dimension: str, value: str, language: Language | None = None) -> str:
    """Return a value of a dimension in words."""
    text = N_("not stated") if value == UNSTATED else CODED.get(dimension, {}).get(value)
    if text is None:
        return value
    return in_all(text) if language is None else i18n.translate(text, language)


def summary_of(found: Reconciliation, census: Census) -> list[Text]:
    """Say what the list and the register have and lack, and what is still open."""
    states = census.states
    told = [
        N_(
            "The register has %(known)s cameras, the list %(listed)s rows: %(same)s are the same "
            "in both, %(different)s differ, %(missing)s of the register are missing from the list, "
            "%(added)s rows of the list are new.",
            known=number(census.known),
            listed=number(census.listed),
            same=number(states["same"]),
            different=number(states["different"]),
            missing=number(states["missing"]),
            added=number(states["added"]),
        )
    ]
    kinds = census.kinds
    total = int(kinds["differences"].sum())
    if total:
        told.append(
            N_(
                "Differences: %(total)s; settled as the list says: %(taken)s, as the register "
                "says: %(kept)s; open: %(open)s. What is open changes nothing.",
                total=number(total),
                taken=number(int(kinds["taken"].sum())),
                kept=number(int(kinds["kept"].sum())),
                open=number(int(kinds["open"].sum())),
            )
        )
    differing = found.matches["known_id"].isin(found.differences["known_id"])
    doubtful = int((differing & (found.matches["certainty"] < DOUBTFUL)).sum())
    if doubtful:
        told.append(
            N_(
                "%(count)s pairs that differ are less than %(share)s certain to be one camera: "
                "look at them before a rule is applied.",
                count=number(doubtful),
                share=share(DOUBTFUL),
            )
        )
    if found.unread:
        told.append(
            N_(
                "%(count)s rows of the list could not be used: cameras in them count as missing.",
                count=number(found.unread),
            )
        )
    return [*told, *found.notes]


def census_document(
    found: Reconciliation, census: Census, language: Language, *, name: str, synthetic: bool
) -> Document:
    """Return what the page says in one language."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    states = [(translate(STATES[code]), number(count)) for code, count in census.states.items()]
    state_headings = (translate(N_("Found to be")), translate(N_("Cameras, each once")))
    columns = ("differences", "cameras", "taken", "kept", "open")
    kinds = [
        (translate(WHAT[what]), *(number(int(counts[column])) for column in columns))
        for what, counts in census.kinds.iterrows()
    ]
    kind_headings = (translate(TITLES["what"]), *(translate(OWN[column]) for column in columns))
    sections = [
        Section(
            translate(N_("Counts")),
            [
                Table(
                    translate(N_("Every camera of the register and every row of the list, once")),
                    state_headings,
                    tuple(states),
                    frozenset({1}),
                ),
                Table(
                    translate(N_("Differences by kind")),
                    kind_headings,
                    tuple(kinds),
                    frozenset(range(1, 6)),
                ),
            ],
        )
    ]
    if found.reading:
        grid = Table(
            translate(TITLE),
            tuple(map(translate, NOTE_HEADINGS)),
            tuple(note_rows(found.reading, language)),
            frozenset({COUNT}),
        )
        sections.append(Section(translate(TITLE), [grid]))
    if len(census.dimensions):
        sections.append(Section(translate(N_("By class")), _dimensions(census, language)))
    for what in WHAT:
        rows = found.differences[found.differences["what"].eq(what)]
        if len(rows):
            sections.append(_listing(what, rows, translate))
    return Document(
        language,
        translate(N_("Census of the register of cameras: %(place)s", place=name)),
        tuple(map(translate, summary_of(found, census))),
        (translate(MADE_UP),) if synthetic else (),
        tuple(sections),
    )


def _dimensions(census: Census, language: Language) -> list[Any]:
    """Return a table for each dimension: cameras of each state by its values."""
    tables = []
    for dimension, own in census.dimensions.groupby(level="dimension", sort=False):
        rows = [
            (_value(str(dimension), str(value), language), *(number(int(n)) for n in counts))
            for (_, value), counts in zip(own.index, own.to_numpy(), strict=True)
        ]
        title = i18n.translate(heading(str(dimension)), language)
        headings = (title, *(i18n.translate(text, language) for text in STATES.values()))
        tables.append(Table(title, headings, tuple(rows), frozenset(range(1, 1 + len(STATES)))))
    return tables


def _listing(what: str, rows: pd.DataFrame, translate: Any) -> Section:
    """List the differences of a kind; of very many the first."""
    headings = (
        "known_id",
        "listed_id",
        "name",
        "column",
        "old",
        "new",
        "distance_m",
        "certainty",
        "decision",
    )
    shown = rows.head(MOST_SHOWN)
    cells = tuple(
        (
            row.known_id or "–",
            row.listed_id or "–",
            row.name,
            translate(heading(row.field.removeprefix(TAG), HEADINGS)) if row.what in NAMED else "–",
            _cell_text(row, row.old, translate),
            _cell_text(row, row.new, translate),
            number(row.distance_m, 1),
            share(row.certainty),
            translate(DECISIONS[row.decision]) if row.decision else translate(N_("still open")),
        )
        for row in shown.itertuples()
    )
    title = translate(N_("%(what)s: %(value)s", what=WHAT[what], value=number(len(rows))))
    blocks: list[Any] = [
        Table("", tuple(translate(TITLES[name]) for name in headings), cells, frozenset({6, 7}))
    ]
    if len(rows) > MOST_SHOWN:
        more = N_("... and %(count)s more", count=number(len(rows) - MOST_SHOWN))
        blocks.append(Cell(translate(more), tone="quiet"))
    return Section(title, blocks)


def _cell_text(row: Any, value: object, translate: Any) -> str:
    """Return what a side says, codes as words."""
    text = CODED.get(row.field, {}).get(value) if isinstance(value, str) else None
    return translate(text) if text is not None else as_text(value) or "–"
