"""Three options side by side on one sheet: what each costs, reaches, builds and is silent on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, in_all
from civicsight.planning.aims.options import OPTIONS, WHAT, alike
from civicsight.planning.money.funding import Funding, fund
from civicsight.planning.record.actions import ACTIONS
from civicsight.planning.record.documents import to_documents
from civicsight.planning.record.root import root_of
from civicsight.planning.statement.figures import Figures, figures_of_funding
from civicsight.presentation.columns import SHEETS
from civicsight.presentation.document import Cell, Document, Section, Table
from civicsight.report.docx import write_docx
from civicsight.report.files import Write, write_bytes, write_files
from civicsight.report.html import render_sections
from civicsight.report.licence import describe_origin
from civicsight.report.plan.funding import NO_DISTRICT, in_wan
from civicsight.report.plan.papers import levelled
from civicsight.report.plan.teller import Teller
from civicsight.report.tables import write_workbook

Row = tuple[Text, tuple[str, ...]]
"""A figure, and its value in each option."""

PAGE, PAPER, BOOK = "options.{}.html", "options.{}.docx", "options.xlsx"

_NUMBER = re.compile(r"[\d,]+(\.\d+)?")

ROOT: Final = N_("Root of the plan")
ITEM: Final = N_("Item")
ITEM_COLUMN: Final = "item"
HEADINGS: Final[Mapping[str, Text]] = {ITEM_COLUMN: ITEM, **OPTIONS}
"""Headings of the workbook, by column."""


def rows_of(n: Figures) -> list[tuple[Text, Text]]:
    """Return what an option costs, reaches and is silent on: the same rows for each.

    Parameters
    ----------
    n
        Figures of its plan.
    """

    def of(key: str, whole: str) -> Text:
        return N_("%(some)s / %(all)s", some=n[key], all=n[whole])

    margin = Text("–") if n.statement is None else n.statement.margin()
    return [
        (N_("Works [10,000 yuan]"), Text(n["cost.works"].written(in_wan))),
        (
            N_("Investment with what is added [10,000 yuan]"),
            Text(n["cost.investment"].written(in_wan)),
        ),
        (N_("Places compliant"), of("places.compliant.after", "places.count.after")),
        (N_("Places compliant before the plan"), Text(str(n["places.compliant.before"]))),
        (N_("Gates and key parts compliant"), of("parts.compliant.after", "parts.count.after")),
        (N_("Gaps closed"), Text(str(n["gaps.closed"]))),
        (N_("Gaps opened"), Text(str(n["gaps.opened"]))),
        (N_("Left open"), Text(str(n["parts.open.after"]))),
        (N_("of these not asked for"), Text(str(n["gaps.not_asked"]))),
        (N_("of these out of reach of every permitted camera"), Text(str(n["gaps.unreachable"]))),
        (N_("Places not judged"), Text(str(n["places.not_judged.after"]))),
        (N_("Could be better by at most"), margin),
    ]


def beside(teller: Teller, other: Teller) -> list[tuple[Text, str, str]]:
    """Return in what a plan differs from another: cost, what is compliant, what is done.

    Of each row the figure of the other plan comes first; rows that do not differ are left out.
    """
    ours, theirs = teller.figures, other.figures
    labels = {
        "places.compliant.after": N_("Places compliant"),
        "parts.compliant.after": N_("Gates and key parts compliant"),
        **{f"measures.{name}": label for name, label in ACTIONS.items()},
    }
    cost, works = "cost.works", N_("Works [10,000 yuan]")
    rows = [(works, theirs[cost].written(in_wan), ours[cost].written(in_wan))]
    rows += [(label, str(theirs[key]), str(ours[key])) for key, label in labels.items()]
    return [row for row in rows if row[1] != row[2]]


def lost_beside(teller: Teller, other: Teller) -> list[str]:
    """Return the parts that are compliant with another plan and open with this one."""
    is_open = set(other.figures.left)
    return [label for label in teller.figures.left if label not in is_open]


def write_options(told: Sequence[Mapping[str, Teller]], out_dir: str | Path) -> list[Path]:
    """Write the sheet as page and document in each language, and the workbook in the first.

    Parameters
    ----------
    told
        For each language the options by code, in the order of `OPTIONS`.
    out_dir
        Folder, made if it is missing.
    """
    plans = {code: teller.plan for code, teller in told[0].items()}
    roots = {code: root_of(to_documents(plan)) for code, plan in plans.items()}
    files: dict[str, Write] = {}
    for tellers in told:
        first = next(iter(tellers.values()))
        document, code = options_document(tellers, roots), HTML_LANGUAGE[first.names.language]
        page = render_sections(document, (Text(""), ""))
        files[PAGE.format(code)] = partial(write_bytes, content=page)
        files[PAPER.format(code)] = partial(
            levelled, write_docx, told=document, root="", approval=False
        )
    notes = {in_all(N_("Plan")): first.result.city.name}
    tables = {"options": _frame(options_document(told[0], roots).sections, (ITEM_COLUMN, *plans))}
    files[BOOK] = partial(levelled, write_workbook, tables=tables, notes=notes, headings=HEADINGS)
    return write_files(out_dir, files)


def options_document(tellers: Mapping[str, Teller], roots: Mapping[str, str]) -> Document:
    """Return what the sheet says in one language."""
    first = next(iter(tellers.values()))
    translate, city = first.names.translate, first.result.city
    headings = (translate(ITEM), *(translate(OPTIONS[code]) for code in tellers))
    more = frozenset(range(1, len(headings)))
    funds = {
        code: fund(teller.plan, (), teller.result.cameras["owner"])
        for code, teller in tellers.items()
    }
    tables = [
        (N_("What each option reaches"), compare(tellers)),
        (N_("Points by what is done"), _measures(tellers)),
        (N_("Investment by year [10,000 yuan]"), _sums(funds, "year")),
        (N_("Investment by district [10,000 yuan]"), _sums(funds, "district")),
    ]
    blocks = [
        Table(
            translate(caption),
            headings,
            tuple((translate(label), *cells) for label, cells in rows),
            more,
        )
        for caption, rows in tables
        if rows
    ]
    named = tuple((translate(OPTIONS[code]), root) for code, root in roots.items())
    blocks.append(
        Table(translate(N_("Roots of the plans")), (translate(ITEM), translate(ROOT)), named)
    )
    lead = [N_("%(option)s: %(what)s.", option=OPTIONS[code], what=WHAT[code]) for code in tellers]
    return Document(
        first.names.language,
        translate(N_("Options for the plan: %(place)s", place=city.name)),
        (*map(translate, lead), *describe_alike(tellers)),
        tuple(map(translate, describe_origin(city, first.result.rules, first.names.language))),
        (Section(translate(SHEETS["options"]), [*blocks]),),
    )


def compare(tellers: Mapping[str, Teller]) -> list[Row]:
    """Return the figures of the options, a row a figure: its name, then one of each."""
    columns = [rows_of(teller.figures) for teller in tellers.values()]
    translate = next(iter(tellers.values())).names.translate
    return [
        (rows[0][0], tuple(translate(value) for _, value in rows))
        for rows in zip(*columns, strict=True)
    ]


def describe_alike(tellers: Mapping[str, Teller]) -> list[str]:
    """Name options that came out as one plan."""
    translate = next(iter(tellers.values())).names.translate
    return [
        translate(
            N_(
                "One and the same plan: %(options)s",
                options=translate(N_("; ")).join(translate(OPTIONS[code]) for code in group),
            )
        )
        for group in alike({code: teller.plan for code, teller in tellers.items()})
    ]


def _measures(tellers: Mapping[str, Teller]) -> list[Row]:
    """Return how many points each option keeps, builds, changes and drops."""
    found = [teller.figures for teller in tellers.values()]
    return [
        (label, tuple(str(n[f"measures.{name}"]) for n in found))
        for name, label in ACTIONS.items()
        if any(n.of(f"measures.{name}") for n in found)
    ]


def _sums(funds: Mapping[str, Funding], key: str) -> list[Row]:
    """Return investment by year or district, and in all, as it adds up; none without any."""
    sums = [figures_of_funding(funding).entries for funding in funds.values()]
    labels = sorted({label for own in funds.values() for label in own.by(key)[key].astype(str)})
    if not any(labels):
        return []
    named = {f"{key}.{label}": Text(label) if label else NO_DISTRICT for label in labels}
    keys = {f"money.{own}.yuan": text for own, text in {**named, "all.": N_("In all")}.items()}
    return [
        (text, tuple(own[one].written(in_wan) if one in own else in_wan(0.0) for own in sums))
        for one, text in keys.items()
    ]


def _frame(sections: Sequence[Section], columns: Iterable[str]) -> pd.DataFrame:
    """Return the tables of the sheet below each other, with what each is as a row of its own."""
    tables = [block for one in sections for block in one.blocks if isinstance(block, Table)]
    names = list(columns)
    rows = [
        [row[0], *map(_as_number, row[1:]), *[""] * (len(names) - len(row))]
        for table in tables
        for row in ((table.caption,), *table.rows)
    ]
    return pd.DataFrame(rows, columns=names).set_index(ITEM_COLUMN)


def _as_number(cell: str | Cell) -> float | str:
    """Return a cell as a workbook counts with it, where it is a number."""
    text = str(cell)
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else text
