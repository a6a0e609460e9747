"""What a department is asked about a plan: a workbook to fill in and a document, with its points.

Both hold what concerns this department alone, and of it what the list of the rule pack lets it be
told. Answers are read back from the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.core.i18n import LANGUAGES, in_all, pick
from civicsight.core.progress import Progress
from civicsight.io.registers.replies import reply_entries
from civicsight.io.registers.template_files import headers_of
from civicsight.planning.record.actions import actions_of, describe_action
from civicsight.planning.record.consultation import WHOLE, Package, acted_on
from civicsight.planning.record.plan import Plan
from civicsight.planning.record.root import SHORT
from civicsight.presentation.document import Block, Document, Facts, Section, Table
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names
from civicsight.report.docx import write_docx
from civicsight.report.files import Write, write_files
from civicsight.report.licence import describe_origin
from civicsight.report.marking import LABEL, mark_text, marked_names
from civicsight.report.plan.bill import WORDS
from civicsight.report.plan.teller import HOST_LABELS, Teller, new_camera
from civicsight.report.tables import plain_positions, write_workbook
from civicsight.rules.consultation import WORKS

SHEET: Final = N_("Answers")
"""What the sheet of a workbook is called that is filled in, in all languages."""

OWN: Final = {
    "point": N_("Point"),
    "measure": N_("Measure"),
    "serves": N_("What it is for"),
    "why": N_("Why it concerns you"),
    "year": N_("Year"),
    "district": N_("District"),
    "host": N_("Carrier"),
    "height_m": N_("Height of the lens [m]"),
    "works": N_("Items of work"),
    "lon": N_("Longitude WGS 84 [deg]"),
    "lat": N_("Latitude WGS 84 [deg]"),
    "cost_yuan": N_("Works [yuan]"),
}
"""Headings of what a department is told, by column."""

COMMON: Final = ("point", "measure", "serves", "why", "year", "district")
SHOWN: Final = {
    "position": ("lon", "lat"),
    "works": ("host", "height_m", "works"),
    "money": ("cost_yuan",),
}
"""Columns of what somebody may be told, by the keys of `rules.consultation.SHOWN`."""

PAPER: Final = ("point", "measure", "serves", "year", "district", "works", "cost_yuan")
"""Columns that a page has room for."""

FIGURES: Final = frozenset({"year", "cost_yuan"})

ASKED: Final = N_(
    "Please answer to the plan as a whole in the row %(row)s of the sheet of answers, and to "
    "single points where something is to be changed: agree, disagree, or remark, with what is to "
    "be changed and why, who answers, and the day. Leave the other columns as they are and send "
    "the workbook back. A point without an answer counts as not answered."
)
CHOSEN: Final = N_(
    "Which points concern a department is a convention of the rule pack and no provision of the "
    "law; whoever is asked may ask for the other points."
)
UNLISTED: Final = N_(
    "The list of the rule pack does not say what concerns this department: it is asked about "
    "every point."
)
NOTHING: Final = N_("By the list of the rule pack no single point concerns this department.")

UNSAFE: Final = re.compile(r'[\\/:*?"<>|\s\x00-\x1f]+')
"""What no file name holds on every system."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is put before departments.

    Parameters
    ----------
    name, version, root
        Of the plan: what it is called, its version and the root of that.
    stage
        At which stage it is.
    end
        The end of the audit of the plans as the paper leaves; None where no store keeps them.
    """

    name: str
    version: int
    root: str
    stage: Text
    end: Text | None = None

    @property
    def pins(self) -> tuple[tuple[Text, Text], ...]:
        """What papers say of the end of the audit: label and line."""
        return () if self.end is None else ((N_("Audit of the plans"), self.end),)


def write_packages(
    packages: Sequence[Package],
    asked: Asked,
    teller: Teller,
    out_dir: str | Path,
    *,
    mark: str = "",
    progress: Progress | None = None,
) -> list[Path]:
    """Write a workbook and a document for each department.

    Parameters
    ----------
    packages, asked
        From `planning.record.consultation.packages`, and of which plan.
    teller
        The plan in words of the language of the documents.
    out_dir
        Folder, made if it is missing.
    mark
        A key of `marking.MARKS`, or empty.
    progress
        Called with files done and in all.
    """
    language = teller.names.language
    files: dict[str, Write] = {}
    for count, package in enumerate(packages, start=1):
        table = table_of(package, teller)
        name = f"{count:02d}-{file_name(package.department)}"
        files[f"{name}.xlsx"] = partial(
            _write_book, package=package, asked=asked, teller=teller, table=table, mark=mark
        )
        told = consultation_document(package, asked, teller, table)
        files[f"{name}.docx"] = partial(
            write_docx, told=told, root=asked.root, approval=False, mark=mark_text(mark, language)
        )
    return write_files(out_dir, marked_names(files, mark, language), progress)


def file_name(text: str) -> str:
    """Return a name of somebody's as a part of a file name.

    Examples
    --------
    >>> file_name(" urban management / parks ")
    'urban-management-parks'
    """
    return UNSAFE.sub("-", text).strip("-.")[:60] or "-"


def table_of(package: Package, teller: Teller) -> pd.DataFrame:
    """Return the points of a package in words, by their number, with the columns that it shows."""
    plan, names = teller.plan, teller.names
    acted = acted_on(plan)
    rows = acted.loc[acted.index.isin(package.points.index)]
    places, numbers = plain_positions(rows), plan.numbers.reindex(rows.index)
    done = zip(actions_of(plan).reindex(rows.index), rows["article"], strict=True)
    table = pd.DataFrame(
        {
            "point": [names.translate(name_point(plan, str(label), names)) for label in rows.index],
            "measure": [names.translate(describe_action(*each)) for each in done],
            "serves": [names.listed(parts, names.parts) for parts in rows["parts"]],
            "why": [
                _why(works, classes, teller)
                for works, classes in zip(
                    *(package.points.loc[rows.index, name] for name in ("works", "classes")),
                    strict=True,
                )
            ],
            "year": rows["year"].astype(int),
            "district": rows["district"].fillna(""),
            "lon": places["lon"].astype(float).round(6),
            "lat": places["lat"].astype(float).round(6),
            "host": [
                names.translate(HOST_LABELS.get(host, Text(host or "")))
                for host in rows["host"].where(rows["host"].notna(), "")
            ],
            "height_m": rows["height_m"].round(1),
            "works": items_of(plan, rows.index, names.translate),
            "cost_yuan": rows["cost_yuan"],
        },
        index=rows.index,
    ).set_axis(pd.Index(numbers.astype(str), name="reply_id"))
    more = [name for what, own in SHOWN.items() if package.shows(what) for name in own]
    return table[[*COMMON, *more]].sort_values(["year", "district", "point"], kind="stable")


def name_point(plan: Plan, label: str, names: Names) -> Text:
    """Return what a point is called: its number where it is new, whose id says where it stands."""
    if new_camera(label) is None:
        return N_("%(name)s", name=names.cameras.get(label, label))
    return N_("new point %(number)s", number=int(plan.numbers.get(label, 0)))


def _why(works: Iterable[str], classes: Iterable[tuple[str, str]], teller: Teller) -> str:
    """Say by what a point concerns a department."""
    names = teller.names
    told = [
        *(names.translate(WORKS[work]) for work in works),
        *(names.class_of(*own) for own in classes),
    ]
    return names.translate(N_("; ")).join(told)


def items_of(plan: Plan, labels: pd.Index, translate: Callable[[Text], str]) -> list[str]:
    """Return what is done on each point, in words, without what it costs."""
    bill = plan.bill[plan.bill["camera_id"].isin(labels)]
    named = bill["item"].map(lambda item: translate(WORDS.get(item, Text(item))))
    by_point = named.groupby(bill["camera_id"]).agg(
        lambda own: translate(N_("; ")).join(own.unique())
    )
    return [str(text) for text in by_point.reindex(labels).fillna("")]


def _write_book(
    path: Path, *, package: Package, asked: Asked, teller: Teller, table: pd.DataFrame, mark: str
) -> None:
    """Write the workbook: what it is about, the answers to fill in, and what is told of points."""
    translate, entries = teller.names.translate, reply_entries()
    headings = [entry.column.name for entry in entries]
    words = dict(zip(headings, headers_of(entries, LANGUAGES), strict=True))
    whole = pd.DataFrame({"point": translate(N_("The plan as a whole"))}, index=[WHOLE])
    rows = pd.concat([whole, table[list(COMMON)]]).rename_axis("reply_id")
    rows = rows.assign(year=[None if year != year else int(year) for year in rows["year"]])  # noqa: PLR0124 - NaN
    filled = rows.assign(body=package.department, root=asked.root[:SHORT])
    answers = filled.reindex(columns=[*COMMON, *(name for name in headings if name != "reply_id")])
    choices = {
        entry.column.name: [pick(label, teller.names.language) for label in entry.words.values()]
        for entry in entries
        if entry.words
    }
    facts = {in_all(label): value for label, value in _facts(package, asked, teller)}
    lines = _lines(package, teller)
    told = "\n".join(teller.names.translate(line) for line in lines)
    write_workbook(
        path,
        {"answers": answers, "points": table},
        {**facts, in_all(N_("How to answer")): told}
        | teller.noted()
        | ({in_all(LABEL): mark_text(mark)} if mark else {}),
        {**OWN, **{name: Text(word) for name, word in words.items()}},
        choices=choices,
        mark=mark,
    )


def _facts(package: Package, asked: Asked, teller: Teller) -> list[tuple[Text, str]]:
    """Return what stands at the head of a package: label and value."""
    why = package.consulted
    told = teller.names.translate(UNLISTED) if why is None else teller.names.pick(why.why)
    return [
        (N_("Department that is asked"), package.department),
        (N_("Plan"), asked.name),
        (N_("Stage"), teller.names.translate(asked.stage)),
        (N_("Version"), number(asked.version)),
        (N_("Root of the version"), asked.root),
        *((label, teller.names.translate(text)) for label, text in asked.pins),
        (N_("What concerns the department"), told),
        (N_("Points"), _points(package)),
    ]


def _points(package: Package) -> str:
    """Say how many points concern a department."""
    return keyed(f"consultation.{package.department}", number(len(package.points)))


def _lines(package: Package, teller: Teller) -> list[Text]:
    found = [Text(ASKED.template, {"row": WHOLE}), CHOSEN]
    found += [] if len(package.points) else [NOTHING]
    result = teller.result
    return [*found, *describe_origin(result.city, result.rules, teller.names.language)]


def consultation_document(
    package: Package, asked: Asked, teller: Teller, table: pd.DataFrame
) -> Document:
    """Return what the document says: what is asked, the points, and a slip to sign."""
    translate = teller.names.translate
    facts = Facts(
        tuple((translate(label), value) for label, value in _facts(package, asked, teller))
    )
    asked_of: list[Block] = [facts, *map(translate, _lines(package, teller))]
    sections = [Section(translate(N_("What the department is asked")), asked_of)]
    if len(table):
        # The workbook has the numbers of the points and the rest.
        shown = [name for name in PAPER if name in table]
        headings = (translate(N_("No.")), *(translate(OWN[name]) for name in shown))
        rows = tuple(
            (str(count), *(_cell(value) for value in values))
            for count, values in enumerate(table[shown].itertuples(index=False), start=1)
        )
        figures = {k for k, name in enumerate(shown, start=1) if name in FIGURES}
        sections.append(
            Section(
                translate(N_("Points that concern the department")),
                [
                    Table(
                        translate(N_("Points one by one")), headings, rows, frozenset({0, *figures})
                    )
                ],
            )
        )
    # The slip is signed and stamped where the answer also goes on paper.
    choice = "   ".join(
        f"\u2610 {translate(text)}"
        for text in (N_("agrees"), N_("wants changes"), N_("does not agree"))
    )
    labels = (
        N_("Answer to the plan as a whole"),
        N_("Opinion, point by point"),
        N_("Who answers"),
        N_("Day"),
        N_("Seal"),
    )
    answers = tuple((translate(label), choice if k == 0 else "") for k, label in enumerate(labels))
    sections.append(
        Section(
            translate(N_("Answer of the department")),
            [
                Table(
                    translate(N_("Slip")), (translate(N_("What")), translate(N_("Answer"))), answers
                )
            ],
        )
    )
    title = translate(
        N_("Consultation on the plan: %(plan)s (%(stage)s)", plan=asked.name, stage=asked.stage)
    )
    language, result = teller.names.language, teller.result
    banners = tuple(map(translate, describe_origin(result.city, result.rules, language)))
    return Document(language, title, teller.changed(), banners, tuple(sections))


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value or "–"
    if value != value:  # noqa: PLR0124 - NaN
        return "–"
    return f"{value:g}" if abs(value) < 10_000 else number(value)
