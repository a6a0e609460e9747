"""How the opinions of departments were adopted: the table that goes with a submitted plan.

Departments that did not answer, and opinions that nobody has settled, stand in it by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core import i18n
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, LANGUAGES, Language, in_all, listed
from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.opinions import (
    ADOPTIONS,
    AGREED,
    REPLIES,
    UNSTATED,
    Answered,
    Voiced,
)
from civicsight.presentation.changed_inputs import describe_changed, note_changed
from civicsight.presentation.document import Block, Document, Section, Table
from civicsight.presentation.lexicon import clock, number
from civicsight.report.consultation import Asked
from civicsight.report.docx import write_docx
from civicsight.report.files import Write, write_files
from civicsight.report.marking import LABEL, mark_text, marked_names
from civicsight.report.plan.teller import new_camera
from civicsight.report.tables import write_workbook

BOOK, PAPER = "adoption.xlsx", "adoption.{}.docx"

OWN: Final = {
    "body": N_("Department that is asked"),
    "answered": N_("Answer to the plan as a whole"),
    "text": N_("Opinion"),
    "subject": N_("On what"),
    "adopted": N_("How it was settled"),
    "reason": N_("What was changed, or why it was not"),
    "settled_by": N_("Settled by"),
    "settled_at": N_("Settled at"),
    "answered_by": N_("Who answered"),
    "dated_on": N_("Day"),
    "voiced": N_("Opinions"),
    "open": N_("Not settled"),
}
"""Headings, by column."""

OPEN: Final = N_("not settled yet")
SILENT: Final = N_("has not answered")
WHOLE: Final = N_("the plan")


def write_adoption(
    answered: Sequence[Answered],
    asked: Asked,
    out_dir: str | Path,
    *,
    names: Mapping[str, Text] | None = None,
    languages: Sequence[Language] = LANGUAGES,
    mark: str = "",
    changed: Sequence[str] = (),
) -> list[Path]:
    """Write the workbook, and a document in each language.

    Parameters
    ----------
    answered, asked
        How the plan stands with each department, and which plan it is.
    out_dir, languages
        Folder, made if it is missing; languages of the document.
    names
        What points are called, by their number; by default by it.
    mark
        A key of `marking.MARKS`, or empty.
    changed
        Inputs that changed since the plan was made, as of `Plan.stale`.
    """
    files: dict[str, Write] = {}
    for language in languages:
        told = adoption_document(answered, asked, language, names or {})
        new = (i18n.translate(text, language) for text in describe_changed(changed))
        told = replace(told, lead=(*told.lead, *new))
        name = PAPER.format(HTML_LANGUAGE[language])
        files[name] = partial(
            write_docx, told=told, root=asked.root, approval=False, mark=mark_text(mark, language)
        )
    notes = {
        in_all(N_("Plan")): asked.name,
        in_all(N_("Stage")): in_all(asked.stage),
        in_all(N_("Root of the version")): asked.root,
        in_all(N_("In short")): "\n".join(map(in_all, summary_of(answered))),
    }
    notes |= {in_all(label): in_all(text) for label, text in asked.pins}
    notes |= note_changed(changed) | ({in_all(LABEL): mark_text(mark)} if mark else {})
    rows = [
        (
            one.department,
            in_all(reply_of(one)),
            one.text,
            one.answered_by,
            one.dated_on,
            len(one.voiced),
            len(one.open),
        )
        for one in answered
    ]
    columns = ["body", "answered", "text", "answered_by", "dated_on", "voiced", "open"]
    tables = {
        "opinions": _opinions(answered, names or {}),
        "departments": pd.DataFrame(rows, columns=columns).set_index("body"),
    }
    files[BOOK] = partial(write_workbook, tables=tables, notes=notes, headings=OWN, mark=mark)
    return write_files(out_dir, marked_names(files, mark, [*languages, LANGUAGES[0]][0]))


def summary_of(answered: Sequence[Answered]) -> list[Text]:
    """Say how many were asked, who has not answered, and how opinions were settled."""
    asked = [one for one in answered if one.is_named]
    silent = [one.department for one in asked if not one.has_answered]
    every = [voiced for one in answered for voiced in one.voiced]
    counts = {code: sum(one.adopted == code for one in every) for code in ADOPTIONS}
    told = [
        N_(
            "Departments asked: %(asked)s, answered: %(answered)s, without objection: %(agreed)s.",
            asked=number(len(asked)),
            answered=number(sum(one.has_answered for one in asked)),
            agreed=number(sum(one.reply == AGREED for one in asked)),
        ),
        N_(
            "Opinions: %(all)s; adopted %(adopted)s, adopted in part %(partly)s, not adopted "
            "%(refused)s, not settled %(open)s.",
            all=number(len(every)),
            open=number(sum(one.is_open for one in every)),
            **{code: number(count) for code, count in counts.items()},
        ),
    ]
    if silent:
        told.append(N_("Not answered yet: %(names)s", names=listed(silent)))
    left = [f"{one.department} ({voiced.number})" for one in answered for voiced in one.open]
    if left:
        told.append(N_("Not settled yet: %(names)s", names=listed(left)))
    return told


def reply_of(one: Answered | Voiced) -> Text:
    """Return in words what a department answered."""
    if isinstance(one, Answered) and not one.has_answered:
        return SILENT
    return REPLIES.get(one.reply, UNSTATED)


def _about(one: Voiced, names: Mapping[str, Text]) -> Text:
    """Return what an opinion is on."""
    return names.get(one.subject, N_("%(name)s", name=one.subject)) if one.subject else WHOLE


def names_in(documents: Mapping[str, Any]) -> dict[str, Text]:
    """Return what the new points of a version are called; nothing of one that was drawn by hand."""
    plan = find_plan(documents)
    if plan is None:
        return {}
    return {
        str(label): N_("new point %(number)s", number=int(number))
        for label, number in plan.numbers.items()
        if new_camera(str(label)) is not None
    }


def _opinions(answered: Sequence[Answered], names: Mapping[str, Text]) -> pd.DataFrame:
    """Return every opinion as a row, under its number."""
    rows = [
        (
            one.number,
            whose.department,
            in_all(reply_of(one)),
            one.text,
            in_all(_about(one, names)),
            in_all(ADOPTIONS.get(one.adopted, OPEN)),
            one.reason,
            one.settled_by,
            clock(one.settled_at) if one.settled_at else "",
        )
        for whose in answered
        for one in whose.voiced
    ]
    columns = [
        "number",
        "body",
        "answered",
        "text",
        "subject",
        "adopted",
        "reason",
        "settled_by",
        "settled_at",
    ]
    return pd.DataFrame(rows, columns=columns).set_index("number")


def adoption_document(
    answered: Sequence[Answered], asked: Asked, language: Language, names: Mapping[str, Text]
) -> Document:
    """Return what the document says in one language."""

    def translate(text: Text) -> str:
        return i18n.translate(text, language)

    title = translate(
        N_("Adoption of opinions: %(plan)s (%(stage)s)", plan=asked.name, stage=asked.stage)
    )
    lead = tuple(map(translate, (*summary_of(answered), *(line for _, line in asked.pins))))
    sections = (
        Section(
            translate(N_("Opinions and how they were settled")),
            [_voiced(answered, names, translate)],
        ),
        Section(translate(N_("What the departments answered")), [_asked(answered, translate)]),
    )
    return Document(language, title, lead, (), sections)


def _voiced(
    answered: Sequence[Answered], names: Mapping[str, Text], translate: Callable[[Text], str]
) -> Block:
    rows = tuple(
        (
            str(one.number),
            whose.department,
            f"{translate(reply_of(one))}: {one.text}" if one.text else translate(reply_of(one)),
            translate(_about(one, names)),
            translate(ADOPTIONS.get(one.adopted, OPEN)),
            one.reason or "–",
        )
        for whose in answered
        for one in whose.voiced
    )
    if not rows:
        return translate(N_("No department wants anything changed."))
    headings = (
        translate(N_("No.")),
        *(translate(OWN[name]) for name in ("body", "text", "subject", "adopted", "reason")),
    )
    return Table(translate(N_("Adoption of opinions")), headings, rows, frozenset({0}))


def _asked(answered: Sequence[Answered], translate: Callable[[Text], str]) -> Block:
    if not answered:
        return translate(N_("No department was named when the plan began."))
    rows = tuple(
        (
            one.department,
            translate(reply_of(one)),
            one.text or "–",
            one.answered_by or "–",
            one.dated_on or "–",
        )
        for one in answered
    )
    headings = tuple(
        translate(OWN[name]) for name in ("body", "answered", "text", "answered_by", "dated_on")
    )
    return Table(translate(N_("What the departments answered")), headings, rows)
