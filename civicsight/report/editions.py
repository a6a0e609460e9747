"""Editions of a plan by whom they are for: money without places, poles and works, counts alone.

An edition is made of the record of a plan; what it does not show stands in no cell, name or number
of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import HTML_LANGUAGE, in_all
from civicsight.coverage.result import CheckResult
from civicsight.planning.judging.secrecy import count_hidden, count_unsaid, is_secret
from civicsight.planning.record.actions import MEASURE_LABELS, actions_of, describe_action
from civicsight.planning.record.consultation import WORKS_OF, acted_on
from civicsight.planning.record.plan import Plan
from civicsight.presentation.columns import heading
from civicsight.presentation.document import Block, Document, Section, Table
from civicsight.presentation.lexicon import number
from civicsight.report.compliance.public import LEAST, SMALL, suppress
from civicsight.report.consultation import OWN as POINT
from civicsight.report.consultation import Asked, items_of, name_point
from civicsight.report.docx import write_docx
from civicsight.report.faults import reject
from civicsight.report.files import Write, write_files
from civicsight.report.licence import describe_origin
from civicsight.report.marking import LABEL, mark_text, marked_names
from civicsight.report.plan.bill import bill_table, phase_table, phases, tables
from civicsight.report.plan.funding import in_wan
from civicsight.report.plan.papers import sheets_of
from civicsight.report.plan.script import script_of
from civicsight.report.plan.teller import HOST_LABELS, Teller
from civicsight.report.tables import plain_positions, write_workbook

CARRIED: Final = frozenset({"new_pole", "borrowed_pole", "digging"})
"""Kinds of work that the city management looks after."""

PUBLIC: Final = "public"
NOT_MARKED: Final = N_("The edition for the public takes no mark: it is for everybody.")

DIGITS: Final = 6
"""Of a degree; a tenth of a metre."""

OWN: Final = {**POINT, "count": N_("Points")}


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition.

    Parameters
    ----------
    name
        What it is called.
    note
        What it shows and what not.
    sheets
        Returns its tables by name.
    tell
        Returns what its document says of which plan; by default the sum of it, and the tables.
    """

    name: Text
    note: Text
    sheets: Callable[[Teller], dict[str, pd.DataFrame]]
    document: Callable[[Asked, Teller], Document] | None = None


def _finance(teller: Teller) -> dict[str, pd.DataFrame]:
    """Return bill, phases and the cost of each point by its number, without any place or pose.

    A point that stays as it is may cost something too: the points sum to the works.
    """
    plan = teller.plan
    rows = _numbered(plan, plan.works)
    points = _worded(rows, teller)[["measure", "year", "district"]].assign(
        cost_yuan=rows["cost_yuan"].to_numpy()
    )
    return {"bill": bill_table(plan), "phases": phase_table(plan), "points": points}


def _works(teller: Teller) -> dict[str, pd.DataFrame]:
    """Return the points for which poles are put up or borrowed, or the ground is dug."""
    plan = teller.plan
    carried = plan.bill["item"].map(lambda item: bool(CARRIED & {*WORKS_OF.get(item, ())}))
    rows = _numbered(plan, acted_on(plan))
    rows = rows[rows["camera_id"].isin(plan.bill.loc[carried, "camera_id"])]
    places = plain_positions(rows)
    hosts = (HOST_LABELS.get(host, Text(host)) for host in rows["host"].fillna(""))
    points = _worded(rows, teller).assign(
        lon=places["lon"].astype(float).round(DIGITS).to_numpy(),
        lat=places["lat"].astype(float).round(DIGITS).to_numpy(),
        host=[teller.names.translate(host) for host in hosts],
        height_m=rows["height_m"].round(1).to_numpy(),
        works=items_of(plan, pd.Index(rows["camera_id"]), teller.names.translate),
    )
    return {"points": points}


def _public(teller: Teller) -> dict[str, pd.DataFrame]:
    """Return counts by measure and district, none under five and none that gives one away."""
    require_public(teller.plan, teller.result)
    rows = _numbered(teller.plan, acted_on(teller.plan))
    if rows.empty:
        return {"districts": pd.DataFrame({"count": []}, index=pd.Index([], name="district"))}
    table = pd.crosstab(rows["district"].fillna(""), rows["measure"])
    counts = suppress(table.to_numpy().tolist())
    shown = pd.DataFrame(counts, index=table.index.rename("district"), columns=table.columns)
    names = {code: teller.names.translate(MEASURE_LABELS[code]) for code in shown}
    return {"districts": shown.rename(columns=names)}


def require_public(plan: Plan, result: CheckResult) -> None:
    """Refuse to publish a plan that rests on hidden records, or that has a hidden point by now.

    What a plan does not do tells of a hidden camera as well as what it does: where that one covers
    a gate, nothing is built. So no count of such a plan is published, whatever is left out of it.

    Parameters
    ----------
    plan, result
        The plan, and what `check` finds of the whole inventory now.

    Raises
    ------
    InputError
        If it rests on any hidden record, or nobody can tell, or a point of it is hidden now.
    """
    hidden = plan.parameters.get("hidden")
    if hidden is None:  # a plan of before: it is public where its inputs are, and have nothing so
        hidden = count_hidden(result.city, result.cameras, result.rules) or len(plan.stale(result))
    if hidden or _secret(plan, result):
        reject("edition.hidden")


def _secret(plan: Plan, result: CheckResult) -> set[str]:
    """Return the points of a plan that only reviewers may see, by the inventory as it is now."""
    rules = result.rules
    items = {zone.id for zone in rules.zone_classes if zone.secrecy or zone.designated_only}
    parts = set(result.parts.index[result.parts["item"].isin(items)])
    parts |= set(plan.parts.index[plan.parts["item"].isin(items)])
    served = plan.measures["parts"].explode().dropna()
    secret = set(served.index[served.isin(parts)].astype(str))
    for cameras in (plan.cameras, result.cameras):
        own = cameras.index[is_secret(cameras)].intersection(plan.measures.index)
        secret |= set(map(str, own))
    return secret


def _full(teller: Teller) -> dict[str, pd.DataFrame]:
    """Return all tables of the plan."""
    return sheets_of(teller.plan)


def _full_document(asked: Asked, teller: Teller) -> Document:
    """Return the plan as its record tells it, with the stage before anything else."""
    translate, language = teller.names.translate, teller.names.language
    told = script_of(teller.plan, teller.result).told[language]
    title = translate(N_("%(plan)s (%(stage)s)", plan=asked.name, stage=asked.stage))
    banner = translate(
        N_("Copy for circulation; what is verified is the text without stage and mark.")
    )
    return replace(told, title=title, banners=(banner, *told.banners))


EDITIONS: Final[Mapping[str, Edition]] = {
    "full": Edition(
        N_("Whole text for circulation"),
        N_(
            "The whole text and its tables, with the stage and a mark of handling on every page; "
            "the text that is verified byte by byte has neither."
        ),
        _full,
        _full_document,
    ),
    "finance": Edition(
        N_("Edition for finance"),
        N_("What is paid, item by item, year by year and point by point; no places, no views."),
        _finance,
    ),
    "works": Edition(
        N_("Edition for city management"),
        N_(
            "Points for which poles are put up or borrowed or the ground is dug; no views, no cost."
        ),
        _works,
    ),
    "public": Edition(
        N_("Edition for the public"),
        N_(
            "Counts by district and measure, none under five (*), of a plan that was drawn up "
            "without any hidden record; no single point."
        ),
        _public,
    ),
}
"""Editions by their code."""


def _numbered(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """Return measures by their number on the maps; the camera stands in a column."""
    numbers = pd.Index(plan.numbers.reindex(rows.index), name="number")
    return rows.assign(camera_id=rows.index.astype(str)).set_index(numbers).sort_index()


def _worded(rows: pd.DataFrame, teller: Teller) -> pd.DataFrame:
    names = teller.names
    actions = actions_of(teller.plan).reindex(rows["camera_id"])
    texts = zip(actions, rows["article"], strict=True)
    return pd.DataFrame(
        {
            "point": [
                names.translate(name_point(teller.plan, label, names))
                for label in rows["camera_id"]
            ],
            "measure": [names.translate(describe_action(*each)) for each in texts],
            "year": rows["year"].astype(int).to_numpy(),
            "district": rows["district"].fillna("").to_numpy(),
        },
        index=rows.index,
    )


def write_edition(
    code: str, asked: Asked, teller: Teller, out_dir: str | Path, *, mark: str = ""
) -> list[Path]:
    """Write an edition: a workbook and a document in the language of the teller.

    Parameters
    ----------
    code
        A key of `EDITIONS`.
    asked, teller
        Which plan it is, and the plan in words.
    out_dir
        Folder, made if it is missing.
    mark
        A key of `marking.MARKS`, or empty.
    """
    edition, language = EDITIONS[code], teller.names.language
    sheets = edition.sheets(teller)
    notes = {
        in_all(N_("Edition")): in_all(edition.name),
        in_all(N_("Plan")): asked.name,
        in_all(N_("Stage")): in_all(asked.stage),
        in_all(N_("What it shows")): in_all(edition.note),
    }
    notes |= teller.noted() | ({in_all(LABEL): mark_text(mark)} if mark else {})
    if code != PUBLIC:
        notes[in_all(N_("Root of the version"))] = asked.root
        notes |= {in_all(label): in_all(text) for label, text in asked.pins}
    else:
        notes[in_all(N_("Secrecy not stated"))] = _unsaid(teller)
    told = (
        edition_document(edition, asked, teller, sheets)
        if edition.document is None
        else edition.document(asked, teller)
    )
    pins = () if code == PUBLIC else tuple(teller.names.translate(line) for _, line in asked.pins)
    told = replace(told, lead=(*told.lead, *teller.changed(), *pins))
    root = "" if code == PUBLIC else asked.root
    files: dict[str, Write] = {
        f"{code}.xlsx": partial(
            write_workbook, tables=sheets, notes=notes, headings=OWN, mark=mark
        ),
        f"{code}.{HTML_LANGUAGE[language]}.docx": partial(
            write_docx, told=told, root=root, approval=False, mark=mark_text(mark, language)
        ),
    }
    return write_files(out_dir, marked_names(files, mark, language))


def edition_document(
    edition: Edition, asked: Asked, teller: Teller, sheets: Mapping[str, pd.DataFrame]
) -> Document:
    """Return what the document says: the sum of it, and its tables."""
    translate, plan = teller.names.translate, teller.plan
    title = translate(
        N_(
            "%(plan)s (%(stage)s): %(edition)s",
            plan=asked.name,
            stage=asked.stage,
            edition=edition.name,
        )
    )
    money = N_(
        "Investment: %(money)s (10,000 yuan).",
        money=teller.figures["cost.investment"].written(in_wan),
    )
    is_public = edition is EDITIONS[PUBLIC]
    if is_public and len(acted_on(plan)) < LEAST:
        money = N_(
            "Investment: not told, for it is that of fewer than %(least)s points.", least=LEAST
        )
    lead = [translate(edition.note)] + (
        [] if "points" in sheets and "bill" not in sheets else [translate(money)]
    )
    if is_public:
        lead.append(
            translate(
                N_(
                    "Cameras that do not say whether their record is secret, and are taken "
                    "as not secret: %(count)s.",
                    count=_unsaid(teller),
                )
            )
        )
    sections = tuple(
        Section(translate(SHEET_TITLES[name]), _blocks(name, table, teller))
        for name, table in sheets.items()
    )
    language, result = teller.names.language, teller.result
    banners = tuple(map(translate, describe_origin(result.city, result.rules, language)))
    return Document(language, title, tuple(lead), banners, sections)


def _unsaid(teller: Teller) -> str:
    """Count the cameras of which nobody says whether they are secret, none under five."""
    count = count_unsaid(teller.result.cameras)
    return SMALL if 0 < count < LEAST else number(count)


SHEET_TITLES: Final = {
    "bill": N_("Bill of quantities"),
    "phases": N_("Phases"),
    "points": N_("Points one by one"),
    "districts": N_("By district"),
}


def _blocks(name: str, table: pd.DataFrame, teller: Teller) -> list[Block]:
    """Return a table of an edition; its bill and phases as the paper of the plan has them."""
    if name == "bill":
        return [*tables(teller)]
    if name == "phases" and len(table):
        return [phases(teller)]
    return [_grid(name, table, teller.names.translate)]


def _grid(name: str, table: pd.DataFrame, translate: Callable[[Text], str]) -> Block:
    if table.empty:
        return translate(N_("Nothing of the kind."))
    shown: Sequence[Any] = [column for column in table if column not in ("lon", "lat", "height_m")]
    headings = tuple(translate(heading(str(column), OWN)) for column in (table.index.name, *shown))
    rows = tuple(
        (
            _cell(label),
            *(
                str(value) if name == "year" else _cell(value)
                for name, value in zip(shown, values, strict=True)
            ),
        )
        for label, values in zip(
            table.index, table[list(shown)].itertuples(index=False), strict=True
        )
    )
    return Table(translate(SHEET_TITLES[name]), headings, rows)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value or "–"
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return "–"
    return number(float(value), 0 if float(value).is_integer() else 2)
