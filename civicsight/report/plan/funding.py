"""Who pays for what of a plan, as it is handed on: sums, the list of projects, lease and building.

No position stands in any of it: it is what an office of finance is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_, Text
from civicsight.core.figure import keyed
from civicsight.core.i18n import HTML_LANGUAGE, in_all
from civicsight.inventory.streets import street_names
from civicsight.planning.money.bill import HUNDRED
from civicsight.planning.money.funding import Funding
from civicsight.planning.money.lease import Comparison
from civicsight.planning.money.payers import CONDITIONS, NOBODY, SOURCES, Payer, to_csv
from civicsight.planning.money.shares import percent, shares_of
from civicsight.planning.prices.terms import rounded
from civicsight.planning.record.actions import MEASURE_LABELS
from civicsight.planning.statement.figures import figures_of_funding
from civicsight.presentation.columns import HEADINGS, heading
from civicsight.presentation.dimensions import UNSTATED, stated, sum_by, value_text, values_of
from civicsight.presentation.document import Block, Document, Section, Table
from civicsight.presentation.lexicon import number
from civicsight.report.docx import write_docx
from civicsight.report.files import Write, write_bytes, write_files
from civicsight.report.html import render_sections
from civicsight.report.licence import describe_origin
from civicsight.report.plan.papers import levelled
from civicsight.report.plan.teller import Teller
from civicsight.report.tables import write_workbook

PAGE, PAPER, BOOK, RULES = "funding.{}.html", "funding.{}.docx", "funding.xlsx", "payers.csv"

UNASSIGNED: Final = N_("not assigned")
UNNAMED: Final = N_("not named")
NO_DISTRICT: Final = N_("no district on record")
MOST_NAMED: Final = 3
"""So many streets and places are named of a project."""

OWN: Final = {
    "project": N_("Project number"),
    "project_name": N_("Name of the project"),
    "where": N_("Place of works"),
    "content": N_("What is built"),
    "points": N_("Points one by one"),
    "cost_yuan": N_("Investment [yuan]"),
    "cost_wan": N_("Investment (10,000 yuan)"),
    "source": N_("Money from"),
    "unit": N_("Responsible unit"),
    "build_yuan": N_("Built: paid by then [yuan]"),
    "lease_yuan": N_("Leased: paid by then [yuan]"),
    "build_present_yuan": N_("Built: as of today [yuan]"),
    "lease_present_yuan": N_("Leased: as of today [yuan]"),
    "year": N_("Year"),
    "dimension": N_("Summed by"),
    "value": N_("Value"),
}
"""Headings of the workbook, by column."""

OPEN: Final = f"money.source.{NOBODY}."
"""Beginning of the keys of what is assigned to no source."""

ADD_UP: Final = N_(
    "Sums are the investment of the bill: works, with their share of what is added. Rows are "
    "rounded to 100 yuan so that they add up to it; the workbook has whole yuan."
)


def source_text(source: str) -> Text:
    """Return what a source of money is called."""
    shares = shares_of(source)
    if len(shares) == 1:
        return SOURCES.get(source, UNASSIGNED)
    *others, last = (
        N_("%(source)s %(share)s %%", source=SOURCES.get(name, UNASSIGNED), share=percent(part))
        for name, part in shares.items()
    )
    for one in reversed(others):
        last = N_("%(one)s, %(more)s", one=one, more=last)
    return last


def wan(hundreds: float) -> str:
    """Return hundreds of yuan in units of ten thousand, with two digits."""
    return number(float(hundreds) / 100, 2)


def in_wan(yuan: float) -> str:
    """Return yuan in units of ten thousand with two digits, a half up."""
    return wan(rounded(Fraction(yuan) / HUNDRED))


def write_funding(
    funding: Funding,
    lease: Comparison | None,
    tellers: Sequence[Teller],
    out_dir: str | Path,
    *,
    payers: Iterable[Payer],
    root: str,
) -> list[Path]:
    """Write page and document in each language, the workbook, and the rules that were used.

    Parameters
    ----------
    funding, lease
        Who pays for what; the comparison, where there is one.
    tellers
        The plan with the words of each language that is written.
    out_dir
        Folder, made if it is missing.
    payers, root
        The rules, and the root of the plan.
    """
    files: dict[str, Write] = {}
    for teller in tellers:
        told, code = funding_document(teller, funding, lease), HTML_LANGUAGE[teller.names.language]
        page = render_sections(told, (N_("Root of the plan:"), root))
        files[PAGE.format(code)] = partial(write_bytes, content=page)
        files[PAPER.format(code)] = partial(levelled, write_docx, told=told, root=root)
    notes = {
        in_all(N_("Plan")): tellers[0].result.city.name,
        in_all(N_("Root of the plan:")): root,
        in_all(N_("How")): in_all(ADD_UP),
    }
    notes |= tellers[0].noted()
    tables = tables_of(funding, lease, tellers[0])
    files[BOOK] = partial(levelled, write_workbook, tables=tables, notes=notes, headings=OWN)
    native = tellers[0].names.language != "en"
    files[RULES] = partial(write_bytes, content=to_csv(payers, native=native))
    return write_files(out_dir, files)


def tables_of(
    funding: Funding, lease: Comparison | None, teller: Teller
) -> dict[str, pd.DataFrame]:
    """Return the sheets: the list of projects, sums, every point, lease and building."""
    translate = teller.names.translate
    projects = pd.DataFrame(_listed(teller, funding)).set_index("project")
    tables = {"projects": projects}
    for name, keys in (("by_source", ("source", "year")), ("by_district", ("district", "source"))):
        sums = funding.by(*keys)
        tables[name] = _worded(sums, translate).set_index(keys[0])
    if len(sums := _by_record(funding, teller)):
        tables["sums"] = sums
    translate, cameras = teller.names.translate, teller.result.cameras
    named = {
        name: [translate(value_text(name, value)) for value in values_of(cameras, name)]
        for name in stated(cameras)
    }
    record = pd.DataFrame(named, index=cameras.index).reindex(funding.points.index)
    points = _worded(funding.points.drop(columns=["owner"]), translate)
    tables["points"] = points.join(record.fillna(translate(UNSTATED)))
    if lease is not None and len(lease.years):
        tables["lease"] = lease.years
    return tables


def _by_record(funding: Funding, teller: Teller) -> pd.DataFrame:
    """Return points and sums by each column of the record that any camera states."""
    translate, cameras = teller.names.translate, teller.result.cameras
    cost = funding.points["cost_yuan"]
    rows = [
        (translate(HEADINGS[name]), translate(value_text(name, value)), *counted)
        for name in stated(cameras)
        for value, _, counted in sum_by(cameras, name, [cost.mul(0).add(1), cost])
        if counted[0]
    ]
    headings = ["dimension", "value", "points", "cost_yuan"]
    return pd.DataFrame(rows, columns=headings).set_index("dimension")


def _worded(table: pd.DataFrame, translate: Callable[[Text], str]) -> pd.DataFrame:
    """Put codes of sums into words, and hundreds of yuan into units of ten thousand."""
    out = table.copy()
    if "source" in out:
        out["source"] = [translate(source_text(value)) for value in out["source"]]
    if "unit" in out:
        out["unit"] = [value or translate(UNNAMED) for value in out["unit"]]
    if "district" in out:
        out["district"] = [value or translate(NO_DISTRICT) for value in out["district"]]
    if "measure" in out:
        out["measure"] = [translate(MEASURE_LABELS[value]) for value in out["measure"]]
    if "hundreds" in out:
        out["cost_wan"] = out.pop("hundreds") / 100
    return out


def _listed(teller: Teller, funding: Funding) -> list[dict[str, Any]]:
    """Return the projects in words, columns as in `OWN`."""
    translate = teller.names.translate
    streets = street_names(teller.plan.works.geometry, teller.result.city.roads)
    rows = []
    own = funding.points.groupby("project").groups
    for row in funding.projects.itertuples():
        labels = list(own[row.Index])
        rows.append(
            {
                "project": row.Index,
                "year": row.year,
                "district": row.district or translate(NO_DISTRICT),
                "project_name": translate(project_name(row)),
                "where": _where(teller, streets, labels),
                "content": translate(_content(teller, row, labels)),
                "points": row.points,
                "cost_yuan": row.cost_yuan,
                "cost_wan": row.hundreds / 100,
                "source": translate(source_text(row.source)),
                "unit": row.unit or translate(UNNAMED),
            }
        )
    return rows


def project_name(row: Any) -> Text:
    """Return what a project is called."""
    return N_(
        "%(district)s, %(year)s: %(measure)s (%(source)s)",
        district=row.district or NO_DISTRICT,
        year=row.year,
        measure=MEASURE_LABELS[row.measure],
        source=source_text(row.source),
    )


def _where(teller: Teller, streets: pd.Series, labels: list[str]) -> str:
    """Name the streets of a project, else the places that it serves."""
    named = [name for name in dict.fromkeys(streets.loc[labels]) if name]
    if not named:
        zones = _zones(teller, labels)
        named = list(dict.fromkeys(teller.names.zones.get(zone, zone) for zone in zones))
    return teller.names.listed(named, {}, MOST_NAMED) or "–"


def _zones(teller: Teller, labels: list[str]) -> list[str]:
    """Return the places that measures serve."""
    served = teller.plan.measures.loc[labels, "parts"]
    parts = [part for own in served for part in (own if own is not None else ())]
    known = teller.plan.parts["zone_id"]
    return list(dict.fromkeys(str(known[part]) for part in parts if part in known.index))


def _content(teller: Teller, row: Any, labels: list[str]) -> Text:
    """Say what a project is: what is done, for how many gates of how many places."""
    served = teller.plan.measures.loc[labels, "parts"]
    parts = {part for own in served for part in (own if own is not None else ())}
    return N_(
        "%(measure)s: %(points)s points, for %(parts)s gates and key parts of %(places)s places",
        measure=MEASURE_LABELS[row.measure],
        **{
            name: keyed(f"money.project.{row.Index}.{name}", number(count))
            for name, count in (
                ("points", row.points),
                ("parts", len(parts)),
                ("places", len(_zones(teller, labels))),
            )
        },
    )


def funding_document(teller: Teller, funding: Funding, lease: Comparison | None) -> Document:
    """Return what page and document say in one language."""
    translate, city = teller.names.translate, teller.result.city
    sections = [
        Section(
            translate(N_("By source of money")),
            [_cross(teller, funding, "year"), translate(ADD_UP)],
        ),
        Section(translate(N_("By district")), [_cross(teller, funding, "district")]),
        Section(translate(N_("Project list")), [], _projects(teller, funding)),
    ]
    if lease is not None:
        sections.append(
            Section(translate(N_("Lease beside building")), lease_blocks(teller, lease))
        )
    return Document(
        teller.names.language,
        translate(N_("Money and projects of the plan: %(place)s", place=city.name)),
        (*map(translate, summary_of(funding, lease)), *teller.changed()),
        tuple(map(translate, describe_origin(city, teller.result.rules, teller.names.language))),
        tuple(sections),
    )


def summary_of(funding: Funding, lease: Comparison | None) -> list[Text]:
    """Say what comes to how much, what is not assigned, which rules fit nothing."""
    found = figures_of_funding(funding).entries
    none = {"points": keyed("money.source..points", "0"), "yuan": in_wan(0.0)}
    told = [
        N_(
            "Investment: %(sum)s (10,000 yuan), %(points)s points in %(projects)s projects; not "
            "assigned to a source: %(open)s, %(left)s points.",
            sum=found["money.all..yuan"].written(in_wan),
            points=found["money.all..points"],
            projects=found["money.projects"],
            open=found[OPEN + "yuan"].written(in_wan) if OPEN + "yuan" in found else none["yuan"],
            left=found.get(OPEN + "points", none["points"]),
        )
    ]
    if funding.idle:
        asked = ([getattr(one, name) for name in CONDITIONS] for one in funding.idle)
        named = "; ".join(", ".join(filter(None, one)) or "*" for one in asked)
        told.append(
            N_(
                "Rules that fit no point of the plan: %(count)s (%(rules)s).",
                count=number(len(funding.idle)),
                rules=named,
            )
        )
    return told + ([] if lease is None else [describe_crossing(lease)])


def describe_crossing(lease: Comparison) -> Text:
    """Say from which year on a lease costs more than building."""
    which = (
        N_("%(points)s points whose source is a lease", points=number(lease.points))
        if lease.assigned
        else N_(
            "all %(points)s points that get a new device, as none is assigned to a lease",
            points=number(lease.points),
        )
    )
    if lease.crossing is None:
        return N_(
            "Lease beside building, %(which)s: within 50 years the lease does not cost more.",
            which=which,
        )
    if lease.crossing_present is None or lease.crossing_present == lease.crossing:
        return N_(
            "Lease beside building, %(which)s: by the end of year %(year)s the lease has "
            "cost more.",
            which=which,
            year=lease.crossing,
        )
    return N_(
        "Lease beside building, %(which)s: by the end of year %(year)s the lease has cost more, "
        "as of today by the end of year %(present)s.",
        which=which,
        year=lease.crossing,
        present=lease.crossing_present,
    )


def _cross(teller: Teller, funding: Funding, key: str) -> Table:
    """Return a table of sources by year or district, with the sums of both."""
    translate = teller.names.translate
    table = funding.by(key, "source")
    found = figures_of_funding(funding).entries

    def told(name: str) -> str:
        figure = found.get(f"money.{name}.yuan")
        return wan(0) if figure is None else figure.written(in_wan)

    names = [name for name in (*SOURCES, NOBODY) if name in set(table["source"])]
    rows = [
        (
            str(label) or translate(NO_DISTRICT),
            *(told(f"{key}_source.{label}/{name}") for name in names),
            told(f"{key}.{label}"),
        )
        for label in sorted(set(table[key]))
    ]
    rows.append(
        (translate(N_("In all")), *(told(f"source.{name}") for name in names), told("all."))
    )
    first = HEADINGS["district"] if key == "district" else OWN["year"]
    headings = (
        translate(first),
        *(translate(source_text(name)) for name in names),
        translate(N_("In all")),
    )
    caption = CAPTIONS[key]
    return Table(translate(caption), headings, tuple(rows), frozenset(range(1, len(headings))))


CAPTIONS: Final = {
    "year": N_("Sources of money by year [10,000 yuan]"),
    "district": N_("Sources of money by district [10,000 yuan]"),
}


def _projects(teller: Teller, funding: Funding) -> list[Section]:
    """Return the list of projects, year by year."""
    translate = teller.names.translate
    listed, found = pd.DataFrame(_listed(teller, funding)), figures_of_funding(funding).entries

    def told(key: str) -> tuple[str, str]:
        money = found[f"money.{key}.yuan"].written(in_wan)
        return f"{found[f'money.{key}.points']}", money

    names = ("project", "project_name", "where", "content", "points", "cost_wan", "source", "unit")
    headings = tuple(translate(heading(name, OWN)) for name in names)
    sections = []
    for year, own in listed.groupby("year") if len(listed) else ():
        rows = [
            (*map(str, values[:4]), *told(f"project.{values[0]}"), *map(str, values[6:]))
            for values in own[list(names)].itertuples(index=False, name=None)
        ]
        total = ("", translate(N_("In all")), "", "", *told(f"year.{year}"), "", "")
        title = translate(N_("Projects of %(year)s", year=year))
        sections.append(Section(title, [Table(title, headings, (*rows, total), frozenset({4, 5}))]))
    return sections


def lease_blocks(teller: Teller, lease: Comparison) -> list[Block]:
    """Return the comparison year by year, and what it stands on."""
    translate = teller.names.translate
    blocks: list[Block] = [
        translate(describe_crossing(lease)),
        translate(
            N_(
                "Building takes %(invested)s yuan at once and %(build)s a year; leasing %(lease)s "
                "a year, with what the lease does not hold. In the bill these points stand with "
                "what building them costs.",
                invested=number(lease.invested_yuan),
                build=number(lease.build_yuan),
                lease=number(lease.lease_yuan),
            )
        ),
    ]
    if lease.years.empty:
        return [
            *blocks,
            translate(N_("The price table has no number of years (row life): no table.")),
        ]
    names = [name for name in lease.years if lease.years[name].notna().all()]
    rows = [
        (str(row[0]), *(number(value) for value in row[1:]))
        for row in lease.years[names].itertuples(name=None)
    ]
    headings = (translate(N_("By the end of year")), *(translate(OWN[name]) for name in names))
    caption = translate(N_("Lease beside building, year by year"))
    return [*blocks, Table(caption, headings, tuple(rows), frozenset(range(1, len(headings))))]
