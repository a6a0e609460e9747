"""How far the works of a plan are, as it is handed on: a page and a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language, in_all
from civicsight.io.registers.template_files import headers_of
from civicsight.io.registers.templates import list_columns
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.planning.works.progress import NONE, STAGES, STATES, Progress
from civicsight.presentation.changed_inputs import describe_changed, note_changed
from civicsight.presentation.columns import HEADINGS, SHEETS, heading
from civicsight.presentation.document import Document, Section, Table
from civicsight.presentation.lexicon import number
from civicsight.report.files import Write, write_bytes, write_files
from civicsight.report.html import render_sections
from civicsight.report.tables import write_workbook

PAGE, BOOK = "page.{}.html", "progress.xlsx"
POINTS, INDEX = "points", "camera_id"
FILLED: Final = SHEETS[POINTS]
"""What the sheet of a workbook is called that is filled in, in all languages."""

OWN: Final = {
    **STAGES,
    "works": N_("Measures"),
    "late": N_("Late"),
    "contractor": N_("Contractor"),
    "stage": N_("Stage reached"),
    "state": N_("Against its year"),
    "late_days": N_("Days late"),
    "pole_on": N_("Pole up on"),
    "power_on": N_("Power on since"),
    "online_on": N_("On line since"),
    "accepted_on": N_("Accepted on"),
    "due_on": N_("To be filed by"),
    "overdue_days": N_("Days overdue"),
}
"""Headings, by column."""

NOTHING: Final = N_("nothing reported")
NOBODY: Final = N_("not named")


def write_to_fill(
    path: Path,
    kind: str,
    works: pd.DataFrame,
    called: Sequence[str],
    *,
    name: str,
    root: str,
    changed: Sequence[str] = (),
) -> None:
    """Write the table that comes back: a row for each point to build, under the template's heads.

    Parameters
    ----------
    path
        The ``.xlsx`` file.
    kind
        Name of the template: ``progress`` or ``measured``.
    works, called
        Measures of the plan, and what the point of each is called.
    name, root, changed
        Of the plan, the root of its version, and the inputs that changed since it was made.
    """
    entries = list_columns(kind)
    headings = dict(
        zip([entry.column.name for entry in entries], headers_of(entries, LANGUAGES), strict=True)
    )
    shown = pd.DataFrame(
        {
            "name": called,
            "measure": [in_all(MEASURE_LABELS[code]) for code in works["measure"]],
            "district": works["district"].to_numpy(),
            "year": works["year"].to_numpy(),
        },
        index=works.index.astype(str),
    )
    columns = [name for name in headings if name != INDEX]
    table = shown.reindex(columns=[*columns, *shown]).rename_axis(INDEX)
    known = {column: heading(column, OWN) for column in shown}
    notes = {in_all(N_("Plan")): name, in_all(N_("Root of the version")): root}
    write_workbook(
        path,
        {POINTS: table},
        notes | note_changed(changed),
        known | {column: Text(head) for column, head in headings.items()},
    )


def write_progress(
    found: Progress,
    out_dir: str | Path,
    *,
    name: str,
    root: str,
    languages: Sequence[Language] = LANGUAGES,
    changed: Sequence[str] = (),
) -> list[Path]:
    """Write the workbook, and a page in each language.

    Parameters
    ----------
    found
        From `follow_works`.
    out_dir, languages
        Folder, made if it is missing; languages of the page.
    name, root, changed
        Of the plan, and the inputs that changed since it was made.
    """
    files: dict[str, Write] = {}
    for language in languages:
        told = progress_document(found, language, name=name)
        new = (i18n.translate(text, language) for text in describe_changed(changed))
        told = replace(told, lead=(*told.lead, *new))
        page = render_sections(told, (N_("Root of the plan:"), root))
        files[PAGE.format(HTML_LANGUAGE[language])] = partial(write_bytes, content=page)
    notes = {
        in_all(N_("Plan")): name,
        in_all(N_("Root of the plan:")): root,
        in_all(N_("As of")): found.on.isoformat(),
    }
    files[BOOK] = partial(
        write_workbook, tables=tables_of(found), notes=notes | note_changed(changed), headings=OWN
    )
    return write_files(out_dir, files)


def tables_of(found: Progress) -> dict[str, pd.DataFrame]:
    """Return the sheets: sums, each measure, what is to be filed."""
    works = found.works.assign(
        measure=found.works["measure"].map(lambda code: in_all(MEASURE_LABELS[code])),
        stage=found.works["stage"].map(lambda code: in_all(_stage(code))),
        state=found.works["state"].map(lambda code: in_all(STATES[code])),
    )
    sums = found.sums.reset_index("contractor")
    return {"by_contractor": sums, "works": works, "filing": found.filing}


def _stage(code: str) -> Text:
    return NOTHING if code == NONE else STAGES[code]


def summary_of(found: Progress) -> list[Text]:
    """Say how far the works are, how many are late, and how many are overdue for filing."""
    works, states = len(found.works), found.works["state"].value_counts()
    sums = found.sums.sum()
    overdue = int((found.filing["overdue_days"] > 0).sum())
    return [
        N_(
            "Measures that build something: %(works)s; pole up or beyond %(pole)s, power on or "
            "beyond %(power)s, on line or beyond %(online)s, accepted %(accepted)s.",
            works=number(works),
            **{stage: number(int(sums.get(stage, 0))) for stage in STAGES},
        ),
        N_(
            "Late: %(late)s; due this year: %(due)s; nothing reported: %(silent)s.",
            late=number(int(states.get("late", 0))),
            due=number(int(states.get("due", 0))),
            silent=number(int(found.works["stage"].eq(NONE).sum())),
        ),
        N_(
            "On line and not filed: %(open)s, of them overdue: %(overdue)s.",
            open=number(len(found.filing)),
            overdue=number(overdue),
        ),
    ]


def progress_document(found: Progress, language: Language, *, name: str) -> Document:
    """Return what the page says in one language."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    names = ("works", *STAGES, "late")
    sums = tuple(
        (district or "–", contractor or translate(NOBODY), *(number(int(n)) for n in counts))
        for (district, contractor), counts in zip(
            found.sums.index, found.sums[[*names]].to_numpy(), strict=True
        )
    )
    headings = (
        translate(HEADINGS["district"]),
        translate(OWN["contractor"]),
        *(translate(OWN[one]) for one in names),
    )
    late = found.works[found.works["state"].eq("late")].sort_values("late_days", ascending=False)
    sections = [
        Section(
            translate(N_("By district and contractor")),
            [Table("", headings, sums, frozenset(range(2, 2 + len(names))))],
        ),
        Section(translate(N_("Late: %(count)s", count=number(len(late)))), _late(late, translate)),
        Section(
            translate(N_("To be filed: %(count)s", count=number(len(found.filing)))),
            _filing(found.filing, translate),
        ),
    ]
    return Document(
        language,
        translate(
            N_("Progress of the works: %(plan)s, %(day)s", plan=name, day=found.on.isoformat())
        ),
        tuple(map(translate, summary_of(found))),
        (),
        tuple(sections),
    )


def _late(late: pd.DataFrame, translate: Any) -> list[Any]:
    if late.empty:
        return [translate(N_("No measure is late."))]
    names = ("measure", "district", "contractor", "year", "stage", "late_days")
    heads = (translate(HEADINGS["camera_id"]), *(translate(heading(name, OWN)) for name in names))
    rows = tuple(
        (
            str(row.Index),
            translate(MEASURE_LABELS[row.measure]),
            row.district or "–",
            row.contractor or translate(NOBODY),
            str(row.year),
            translate(_stage(row.stage)),
            number(row.late_days),
        )
        for row in late.itertuples()
    )
    return [Table("", heads, rows, frozenset({6}))]


def _filing(filing: pd.DataFrame, translate: Any) -> list[Any]:
    if filing.empty:
        return [translate(N_("Whatever is on line is filed."))]
    names = ("contractor", "online_on", "due_on", "overdue_days")
    heads = (translate(HEADINGS["camera_id"]), *(translate(OWN[name]) for name in names))
    rows = tuple(
        (
            str(row.Index),
            row.contractor or translate(NOBODY),
            row.online_on,
            row.due_on,
            number(max(row.overdue_days, 0)),
        )
        for row in filing.itertuples()
    )
    return [Table("", heads, rows, frozenset({4}))]
