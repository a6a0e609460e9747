"""Every page and every paper of a plan, opened in a language, as the lines that a person reads."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import streamlit as st
from rich.console import Console

from civicsight.application.drawing_up import keep_drawn
from civicsight.application.job import Job, JobState
from civicsight.application.work import Kind, Task
from civicsight.cli import show
from civicsight.cli.plan_output import describe, show_made
from civicsight.cli.session import Session, inert_console
from civicsight.cli.show import show_brief
from civicsight.core.errors import N_, Text
from civicsight.core.i18n import LANGUAGES, Language, translate
from civicsight.core.settings import present_day
from civicsight.coverage.result import CheckResult
from civicsight.editing.project import Project
from civicsight.planning.aims.options import RECOMMENDED
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.judging.indices import allowed_m2
from civicsight.planning.money.funding import fund
from civicsight.planning.money.payers import payers_of
from civicsight.planning.record.consultation import packages as packages_of
from civicsight.planning.record.documents import to_documents
from civicsight.planning.record.opinions import stage_of
from civicsight.presentation.evidence import finding_remedy, finding_sentence
from civicsight.presentation.facts import camera_facts, part_facts
from civicsight.presentation.names import name_judged
from civicsight.presentation.numbers import all_findings
from civicsight.report import consultation, editions
from civicsight.report.check_page import render_page
from civicsight.report.compliance import Account, give_account
from civicsight.report.compliance.account import in_words, recount_tables, write_plain
from civicsight.report.compliance.volumes import render_annex, render_report
from civicsight.report.consultation import Asked, table_of
from civicsight.report.html import render_sections
from civicsight.report.plan import funding, options
from civicsight.report.plan.papers import write_plan
from civicsight.report.plan.teller import teller_of
from civicsight.rules.dossier import GUESSED
from civicsight.store import Actor, Role
from civicsight.ui import plan_jobs
from civicsight.ui.pages import PAGES, decision
from tests.figures.cities import Drawn
from tests.ui_made import open_page

LI: Final = Actor("Li", Role.PLANNER)

Lines = tuple[str, ...]
"""What a surface says, one line for each element, row or paragraph."""

SPOKEN: Final = (
    "text", "markdown", "caption", "error", "warning", "info", "success", "title", "header",
    "subheader", "code",
)  # fmt: skip
LABELLED: Final = ("button", "expander", "link_button", "tab", "checkbox", "toggle")
CHOSEN: Final = ("radio", "selectbox", "multiselect", "segmented_control", "button_group")


class Row(str):
    """A row of a table as a line, with its cells and what stands above each."""

    __slots__ = ("cells", "heads")

    heads: tuple[str, ...]
    cells: tuple[str, ...]

    @classmethod
    def of(cls, cells: Iterable[str], heads: Iterable[str] = ()) -> Row:
        """Return a row; one that names its columns has no headings, those of a table share them."""
        told = tuple(map(str, cells))
        row = cls(" | ".join(told))
        row.cells, row.heads = told, heads if isinstance(heads, tuple) else tuple(heads)
        return row


class _Text(HTMLParser):
    """Gathers what a page shows, a line for each block and row; neither code nor drawings."""

    BLOCKS: Final = frozenset(
        {
            "figcaption",
            "p",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "div",
            "section",
            "caption",
            "dt",
            "dd",
            "br",
            "table",
        }
    )
    SILENT: Final = frozenset({"script", "style", "svg", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.lines, self.line, self.silent = list[str](), list[str](), 0
        self.cells: list[str] | None = None
        self.heads: tuple[str, ...] = ()
        self.are_heads = True

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        self.silent += tag in self.SILENT
        if tag == "tr":
            self._end()
            self.cells, self.are_heads = [], True
        elif tag in ("td", "th"):
            self.are_heads &= tag == "th"
            self.line = []
        elif tag == "dd" and self.cells is None:
            self.line.append(" | ")
        elif tag in self.BLOCKS and self.cells is None:
            self._end()
        elif tag in self.BLOCKS:
            self.line.append(" ")
        elif tag in ("b", "strong", "small", "option"):
            self.line.append(" | ")
        if tag == "table":
            self.heads = ()

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT
        if tag in ("td", "th") and self.cells is not None:
            self.cells.append(" ".join("".join(self.line).split()).strip(" |"))
            self.line = []
        elif tag == "tr" and self.cells is not None:
            if self.are_heads and not self.heads:
                self.heads = tuple(self.cells)
                self.lines.append(Row.of(self.cells))
            elif any(self.cells):
                self.lines.append(Row.of(self.cells, self.heads))
            self.cells = None
        elif tag in self.BLOCKS and tag != "dt" and self.cells is None:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.line.append(data)

    def _end(self) -> None:
        text = " ".join("".join(self.line).split()).strip(" |")
        self.line = []
        if text:
            self.lines.append(text)

    def close(self) -> None:
        super().close()
        self._end()


def lines_of_html(text: str) -> Lines:
    """Return what a page of HTML shows."""
    reader = _Text()
    reader.feed(text)
    reader.close()
    return tuple(reader.lines)


def lines_of_table(table: pd.DataFrame) -> Lines:
    """Return a table: its headings, and a line for each row."""
    heads = tuple(map(str, table.columns))
    return (Row.of(heads), *(Row.of(row, heads) for row in table.itertuples(index=False)))


def lines_of_page(test: Any) -> Lines:
    """Return what a page of the app shows, the values of its tables with their headings."""
    if test.exception:
        raise AssertionError(str(test.exception[0].value))
    found: list[str] = []
    for kind in SPOKEN:
        found += [line for one in test.get(kind) for line in str(one.value).splitlines()]
    for kind in LABELLED:
        found += [str(getattr(one, "label", "") or "") for one in test.get(kind)]
    for kind in CHOSEN:
        found += [
            " | ".join([str(one.label or ""), *map(str, getattr(one, "options", ()))])
            for one in test.get(kind)
        ]
    found += [
        " | ".join([one.label, one.value, one.delta or ""]).strip(" |")
        for one in test.get("metric")
    ]
    for one in test.get("html"):
        found += lines_of_html(one.value)
    for one in (*test.dataframe, *test.table):
        found += lines_of_table(one.value)
    return tuple(line for line in found if line.strip())


def lines_of_docx(content: bytes) -> Lines:
    """Return paragraphs and rows of a document, its headers and footers too."""
    made = docx.Document(io.BytesIO(content))
    bodies = [made, *(one for s in made.sections for one in (s.header, s.footer))]
    found: list[str] = []
    for body in bodies:
        found += [paragraph.text for paragraph in body.paragraphs]
        for table in body.tables:
            heads: tuple[str, ...] = ()
            for row in table.rows:
                cells = tuple(cell.text for cell in row.cells)
                found.append(Row.of(cells, heads))
                heads = heads or cells
    return tuple(line for line in found if line.strip())


def lines_of_workbook(content: bytes) -> Lines:
    """Return the rows of all sheets, each after the name of its sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found: list[str] = []
    for sheet in book:
        heads: tuple[str, ...] = ()
        for values in sheet.iter_rows(values_only=True):
            cells = tuple("" if value is None else str(value) for value in values)
            found += [Row.of(cells, heads)] if any(cells) else []
            heads = heads or tuple(f"{sheet.title}: {cell}" for cell in cells)
    return tuple(found)


def lines_of_csv(content: bytes) -> Lines:
    """Return the rows of a table."""
    heads, *rows = csv.reader(content.decode("utf-8-sig").splitlines())
    return (Row.of(heads), *(Row.of(row, heads) for row in rows))


OF_VERDICTS: Final = ("pack", "rule", "subject_kind", "subject", "outcome", "severity")


ASKED: Final = "Plan"


class _Pool:
    """A pool of which one job is done: the plan that is looked at."""

    def __init__(self, drawn: Drawn, project: Project) -> None:
        self.drawn = drawn
        self.job = Job(Task(Kind.OPTIMISE, "", project.digest))
        self.job.finish(JobState.DONE)

    def asked_by(self, _person: str, _store_path: Path) -> list[tuple[Job, ...]]:
        return [(self.job,)]

    def plan(self, _job: Job) -> Any:
        return self.drawn.plan


class Desk:
    """A project whose plan was drawn up and kept, and every page and paper of it.

    Parameters
    ----------
    drawn
        The plan.
    folder
        Empty; the store and the papers are written there.
    """

    def __init__(self, drawn: Drawn, folder: Path) -> None:
        self.drawn, self.folder = drawn, folder
        digest = f"{drawn.label} {id(drawn)}"
        city = drawn.result.city
        self.project = Project(city, drawn.result.rules, drawn.result, digest,
                               folder / "plans.gpkg")  # fmt: skip
        for plan in filter(None, (drawn.earlier, drawn.plan)):
            keep_drawn(self.project, LI, plan, "Plan")

    def page(self, code: str, language: Language) -> Lines:
        """Return what a page shows."""
        page = next(one for one in PAGES if one.code == code)
        pool = _Pool(self.drawn, self.project)
        st.cache_data.clear()
        st.cache_resource.clear()
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(plan_jobs, "job_pool", lambda: pool)
            test = open_page(monkeypatch, self.project, page, language, actor=LI)
            return lines_of_page(test)

    def sheet(self, language: Language) -> Lines:
        """Return the sheet that is signed, as the link under Review serves it."""
        served: list[bytes] = []

        def serve(_visit: Any, name: str, content: bytes, _told: Any = None) -> str:
            served.extend([content] if name == decision.SHEET else [])
            return "<p></p>"

        with patch.object(decision, "link_to_file", serve):
            self.page("review", language)
        return lines_of_html(served[-1].decode()) if served else ()

    @cached_property
    def account(self) -> Account:
        """Give account of the check by every rule."""
        return give_account(self.drawn.result.city, rules=self.drawn.result.rules)

    def handed_round(self, language: Language) -> dict[str, Lines]:
        """Return what goes round of the plan: options, editions, and what departments are asked."""
        plan, result = self.drawn.plan, self.drawn.result
        teller = teller_of(plan, result, language)
        asked = Asked(ASKED, 1, "ab" * 32, stage_of("submitted", ()))
        found = {
            "options": options.options_document({RECOMMENDED: teller}, {RECOMMENDED: asked.root})
        }
        # That for the public is of a plan that was drawn up without hidden records, and no other.
        for code in (
            "finance",
            "works",
            *(() if plan.parameters.get("hidden", 1) else ("public",)),
        ):
            edition = editions.EDITIONS[code]
            found[f"edition.{code}"] = editions.edition_document(
                edition, asked, teller, edition.sheets(teller)
            )
        paid = fund(plan, payers_of(plan), result.cameras["owner"])
        found["money"] = funding.funding_document(teller, paid, None)
        packages = packages_of(plan, result, (), language)
        found |= {
            f"consultation.{n}": consultation.consultation_document(
                one, asked, teller, table_of(one, teller)
            )
            for n, one in enumerate(packages)
        }
        return {
            f"{name}:{language}": lines_of_html(render_sections(one, (Text(""), "")))
            for name, one in found.items()
        }

    def papers(self, languages: tuple[Language, ...]) -> dict[str, bytes]:
        """Write what is handed on of the plan; return each file by its name."""
        out = self.folder / "papers"
        plan, result = self.drawn.plan, self.drawn.result
        files = write_plan(plan, result, out, languages=languages, pdf=False)
        return {str(file.relative_to(out)): file.read_bytes() for file in files if file.is_file()}

    def terminal(self, language: Language) -> Lines:
        """Return what the command line prints of the plan."""
        session, heard = _session(language)
        return tuple(session.translate(line) for line in describe(self.drawn.plan)) + tuple(heard())

    def told_json(self, language: Language) -> dict[str, Any]:
        """Return what the command line prints of the plan for a program."""
        session, heard = _session(language)
        show_made(session, self.drawn.plan, [], None, json_=True)
        return dict(json.loads("\n".join(heard())))

    def tables(self) -> Path:
        """Write the record of the plan, and the tables of its check beside it; return where."""
        out, result = self.folder / "tables", self.drawn.result
        (out / "check").mkdir(parents=True)
        for name, plan in (("plan", self.drawn.plan), ("earlier", self.drawn.earlier)):
            if plan is not None:
                (out / f"{name}.json").write_bytes(to_documents(plan)["plan.json"])
        packages = packages_of(self.drawn.plan, result, (), "en") if self.drawn.plan else ()
        tables = {
            "consultation": pd.DataFrame(
                [
                    (one.department, label)
                    for language in LANGUAGES
                    for one in (
                        packages_of(self.drawn.plan, result, (), language) if packages else ()
                    )
                    for label in one.points.index
                ],
                columns=["department", "camera_id"],
            ),
            "cameras": result.cameras.rename_axis("camera_id"),
            "parts": result.parts.rename_axis("part_id"),
            "part_status": result.part_status.rename_axis("part_id"),
            "missing": result.missing,
            "zones": result.zones.rename_axis("place").assign(
                classes=[[tuple(one) for one in own] for own in result.zones["classes"]]
            ),
            "left_out": result.left_out,
            "heads": result.heads,
            "withheld": result.withheld,
            "barred": pd.DataFrame({"camera_id": result.barred}),
            "buildings": result.city.buildings,
            "provenance": pd.DataFrame(map(asdict, result.city.provenance)),
            "gaps": told_in_json(result.gaps),
            "verdicts": verdicts_of(self.account),
            **records_of(self.account),
            "documents": result.city.documents,
            "facts": facts_of(self.account),
            "duplicates": told_in_json(result.duplicates),
            "notes": pd.DataFrame([one.to_dict() for one in result.notes]),
            "entrances": result.city.entrances.rename_axis("entrance_id"),
            "answers": result.city.answers,
            "districts": districts_of(result),
            "allowed": pd.DataFrame({"area_m2": [allowed_m2(result.rules)]}),
            "asked": pd.DataFrame(
                [(one.pack, one.id) for pack in result.rules.packs for one in pack.zones],
                columns=["pack", "item"],
            ),
        }
        for name, table in tables.items():
            pd.DataFrame(table).drop(columns="geometry", errors="ignore").to_csv(
                out / "check" / f"{name}.csv"
            )
        (out / "check" / "report").mkdir()
        for name, frame in recount_tables(self.account.dossier).items():
            write_plain(out / "check" / "report" / name, frame)
        return out

    def check(self, languages: tuple[Language, ...]) -> dict[str, Lines]:
        """Return what is shown of the check: its page, the terminal, and the compliance report."""
        found, result = dict[str, Lines](), self.drawn.result
        for language in languages:
            page = render_page(result, language, files_beside={}, other_languages=(),
                               imports=(), made_on=present_day())  # fmt: skip
            found[f"check:{language}"] = lines_of_html(page)
            found[f"terminal.check:{language}"] = told_of_check(result, language)
            for name, render in (("report", render_report), ("annex", render_annex)):
                page = render(self.account, language, "0" * 64)
                found[f"{name}:{language}"] = lines_of_html(page)
        return found


def told_of_check(result: CheckResult, language: Language) -> Lines:
    """Return what the command line prints of a check, its columns as wide as keys are long."""
    session, heard = _session(language)
    with patch.object(show, "FIGURE_WIDTH", 120):
        show_brief(session, result)
    return tuple(
        Row.of(cell.strip() for cell in line.split("\N{BOX DRAWINGS LIGHT VERTICAL}"))
        for line in heard()
    )


def verdicts_of(account: Account) -> pd.DataFrame:
    """Return the verdicts with their reasons as each language says them."""
    verdicts = pd.DataFrame(account.compliance.verdicts)
    said = {f"because_{language}": [in_words(texts, language) for texts in verdicts["because"]]
            for language in LANGUAGES}  # fmt: skip
    return verdicts[list(OF_VERDICTS)].assign(**said)


def records_of(account: Account) -> dict[str, pd.DataFrame]:
    """Return the subjects of rules, where they are, and what is on record of each."""
    dossier, verdicts = account.dossier, account.compliance.verdicts
    outcome = verdicts.set_index(["pack", "rule", "subject"])["outcome"].to_dict()
    rules = [rule for pack in account.result.rules.packs for rule in pack.rules]
    kinds = sorted({kind for rule in rules for kind in rule.subjects})
    whole = dossier.areas("jurisdiction").union_all()
    spots = {"camera": dossier.tables["camera"].geometry,
             "zone": account.result.zones.geometry.representative_point()}  # fmt: skip
    counties = dossier.areas("district")
    subjects, known, values = [], [], []
    for kind in kinds:
        for one in dossier.subjects(kind):
            spot = spots[kind][one.label] if kind in spots else None
            codes = (
                [] if spot is None or counties.empty else counties["code"][counties.covers(spot)]
            )
            share = dossier.public_share(one.label) if kind == "camera" else None
            subjects.append({
                "kind": kind, "subject": one.label, "code": next(iter(codes), ""),
                "is_outside": spot is not None and not spot.within(whole), "on_target": share,
            })  # fmt: skip
    for rule in rules:
        for check in rule.check.predicates():
            for kind in rule.subjects:
                for name in check.values.get("fields", ()):  # noqa: PD011
                    known += [(kind, name, one.label, one.value(name) is not None)
                              for one in dossier.subjects(kind)]  # fmt: skip
                if check.name == "one_of" and check.values["field"] in dossier.tables[kind]:  # noqa: PD011
                    name, allowed = check.values["field"], check.values["values"]  # noqa: PD011
                    values += [
                        (rule.pack, rule.id, kind, name, GUESSED if pd.isna(value) else value,
                         value in allowed, outcome.get((rule.pack, rule.id, label), ""))
                        for label, value in dossier.tables[kind][name].items()
                    ]  # fmt: skip
    ways = pd.concat(dossier.signs.values()) if dossier.signs else pd.DataFrame()
    heads = ["pack", "rule", "kind", "field", "value", "as_asked", "outcome"]
    asked = next(iter(dossier.rules.by_predicate("keeps_coverage")), None)
    of = tuple(next(check.values["of"] for check in asked.check.predicates()  # noqa: PD011
                    if check.name == "keeps_coverage")) if asked else ()  # fmt: skip
    fall = [(one.label, part) for one in (dossier.subjects("obstacle") if asked else ())
            for part in ("", *dossier.lost_coverage(one.label, of, 0).dropped)]  # fmt: skip
    pieces = account.dossier.exposure.facades["building_id"].rename_axis("sample_id")
    return {
        "subjects": pd.DataFrame(subjects),
        "fall": pd.DataFrame(fall, columns=["facility", "part_id"]),
        "pieces": pieces.reset_index(),
        "fields": pd.DataFrame(known, columns=["kind", "field", "subject", "is_known"])
        .drop_duplicates(["kind", "field", "subject"]),
        "values": pd.DataFrame(values, columns=heads),
        "ways": ways.reindex(columns=["camera_id", "met"]),
    }  # fmt: skip


def facts_of(account: Account) -> pd.DataFrame:
    """Return the facts with their bases, and their reasons as each language says them."""
    facts = pd.DataFrame(account.compliance.facts)
    table = facts[[*OF_VERDICTS, "department"]].assign(
        bases=[[tuple(one) for one in own] for own in facts["bases"]]
    )
    for language in LANGUAGES:
        names = name_judged(account.dossier, language, coded=False)
        table[f"because_{language}"] = list(map(names.why, facts["because"]))
        coded = replace(names, coded=True)
        table[f"coded_{language}"] = list(map(coded.why, facts["because"]))
    return table


def sentences_of(account: Account) -> set[str]:
    """Return what is said of one camera, part or place alone: reasons, findings and facts.

    How the parts of a place are covered is counted again, see `tracing.reasons_of`.
    """
    found, result = set[str](), account.result
    for language in LANGUAGES:
        plain = name_judged(account.dossier, language, coded=False)
        for names in (plain, replace(plain, coded=True)):
            for table in (account.compliance.verdicts, account.compliance.facts):
                found |= {
                    names.why((text,))
                    for own in table["because"]
                    for text in own
                    if text.template not in RECOUNTED
                }
            for own in account.compliance.facts["evidence"]:
                found |= set(names.evidence(own).split(translate(N_("; "), language)))
        for row in all_findings(result).itertuples():
            found |= {finding_sentence(row, names), finding_remedy(row, names)}
        for facts in (*part_facts(result, names), *camera_facts(result, names)):
            found |= {value for _, value in facts}
    return {" ".join(text.split()) for text in found}


NOT_COVERED: Final = "%(gaps)s of %(parts)s parts are not covered"
UNSURE: Final = (
    "%(count)s of %(parts)s parts are covered only if an assumption holds, or could not be judged"
)
RECOUNTED: Final = (NOT_COVERED, UNSURE)


def districts_of(result: CheckResult) -> pd.DataFrame:
    """Return the district of each part, of one that was not found that of its place."""
    districts = find_districts(result.city)
    lost = result.missing[~result.missing["part_id"].isin(result.parts.index)]
    labels = [*result.parts.index, *lost["part_id"]]
    shapes = [*result.parts.geometry, *result.zones.geometry.reindex(lost["zone_id"])]
    if districts.empty or not labels:
        return pd.DataFrame(columns=["part_id", "district"])
    names = name_districts(gpd.GeoSeries(shapes, crs=result.parts.crs), districts)
    return pd.DataFrame({"part_id": labels, "district": names})


def told_in_json(findings: pd.DataFrame) -> pd.DataFrame:
    """Return findings with what they rest on as JSON."""
    columns = ("evidence", "assumptions")
    return findings.assign(**{
        name: [json.dumps(one, default=str) for one in findings[name]] for name in columns
    })  # fmt: skip


def _session(language: Language) -> tuple[Session, Callable[[], list[str]]]:
    out, err = io.StringIO(), io.StringIO()
    consoles = [inert_console(Console(file=file, width=2_000)) for file in (out, err)]
    return Session(language, *consoles), lambda: out.getvalue().splitlines()


def flat(value: Any, name: str = "") -> Iterator[str]:
    """Yield what JSON holds, a line for each value behind its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}".strip("."))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from flat(inner, f"{name}[{n}]")
    else:
        yield f"{name}: {value}"


PAGES_OF_PLAN: Final = tuple(
    code for code in ("home", "draw", "findings", "compliance", "complete", "duplicates", "review",
                      "works", "compare", "report", "data")
)  # fmt: skip
"""Pages that tell of a check or of a plan; the map that is drawn on and the 3D view are no text."""


TABLES: Final = ("json", "xlsx", "csv")
"""What is no page: its numbers are values in columns, held by a test of their own."""


def surfaces(desk: Desk, languages: tuple[Language, ...]) -> dict[str, Lines]:
    """Open everything; return lines by surface and language."""
    found = desk.check(languages)
    for language in languages:
        for code in PAGES_OF_PLAN:
            found[f"page:{code}:{language}"] = desk.page(code, language)
        found |= desk.handed_round(language)
        found[f"sheet:{language}"] = desk.sheet(language)
        found[f"terminal:{language}"] = desk.terminal(language)
        found[f"json:{language}"] = tuple(flat(desk.told_json(language)))
    for name, content in desk.papers(languages).items():
        if name.endswith(".docx"):
            found[f"docx:{_language(name)}"] = lines_of_docx(content)
        elif name.endswith(".html"):
            found[f"html:{_language(name)}"] = lines_of_html(content.decode())
        elif name.endswith(".xlsx"):
            found["xlsx"] = lines_of_workbook(content)
        elif name.endswith(".csv") and "/" not in name:
            found[f"csv:{name}"] = lines_of_csv(content)
    return found


def _language(name: str) -> str:
    known = re.search(r"\.(\w+)\.\w+$", name)
    return known[1] if known else name
