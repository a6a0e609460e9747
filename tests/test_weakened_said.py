"""A number that a user made weaker is said in one sentence on every surface."""

from __future__ import annotations

import datetime as dt
import html
import io
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console
from shapely.geometry import LineString

from civicsight.application.decision import decision_document
from civicsight.cli import plan_frontier
from civicsight.cli.entry import OK, run
from civicsight.cli.session import Session
from civicsight.cli.show import show_brief
from civicsight.core.i18n import translate
from civicsight.coverage.check import check
from civicsight.coverage.obstruction import obstruct
from civicsight.editing.project import Project
from civicsight.planning.aims.options import LEAST
from civicsight.planning.frontier import frontier
from civicsight.planning.money.funding import fund
from civicsight.planning.record.consultation import packages
from civicsight.planning.record.opinions import stage_of
from civicsight.presentation.names import name_all
from civicsight.region import page as region_page
from civicsight.region.folder import Region
from civicsight.region.run import RegionResult
from civicsight.report import consultation, editions
from civicsight.report.brief import brief_result
from civicsight.report.check_page import render_page
from civicsight.report.compliance import give_account
from civicsight.report.compliance.volumes import render_report
from civicsight.report.consultation import Asked
from civicsight.report.licence import rules_notice
from civicsight.report.permit_page import permit_document
from civicsight.report.plan import funding, options
from civicsight.report.plan.script import document_in
from civicsight.report.plan.teller import teller_of
from civicsight.rules import load_packs
from civicsight.rules.departures import describe_weakened
from civicsight.store import Actor, Role
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, app_city, app_result
from tests.caches import own_cache
from tests.consultation_made import NAMED
from tests.plan_made import hand_plan
from tests.test_check import CAMS, town
from tests.test_obstruction import proposals
from tests.test_planning_frontier import QUICK, crossing
from tests.test_rules_overriding import faults_of, pack, param, profile
from tests.test_ui_pages_decision import NEW, decided, draw
from tests.ui_made import open_page

PAGE = next(page for page in PAGES if page.code == "draw")
LI = Actor("Li", Role.PLANNER)
LANGUAGES = ("en", "zh_CN")


@cache
def weak():
    return load_packs(user=[pack(param("gate_fraction", 0.3, "ratio"))])


@cache
def result():
    return check(town(CAMS.loc[["south", "twin", "away", "gone"]]), rules=weak(), raster=False)


def terminal(language):
    out = io.StringIO()
    printed = Console(file=out, width=400)
    show_brief(Session(language, printed, printed), result())
    return out.getvalue()


def permit(language):
    wall = LineString([(28, -4), (32, -4)])
    (one,) = obstruct(result(), proposals(W=(wall, "advert", 5.0, {})), years=0)
    told = permit_document(result(), one, name_all(result(), language), dt.date(2026, 1, 1))
    return " ".join(told.banners)


def compliance(language):
    city = town(CAMS.loc[["south", "twin", "away", "gone"]])
    account = give_account(city, rules=weak(), today=dt.date(2026, 1, 1))
    return render_report(account, language, "ab" * 32)


def paper(kind, language):
    """Return what stands at the head of a paper of a plan, or in the notes of its workbook."""
    plan = hand_plan()
    teller = teller_of(plan, result(), language)
    asked = Asked("East", 1, "ab" * 32, stage_of("joint_review", ()))
    if kind == "consultation":
        package = packages(plan, result(), NAMED, language)[0]
        told = consultation.consultation_document(
            package, asked, teller, consultation.table_of(package, teller)
        )
    elif kind == "money":
        told = funding.funding_document(teller, fund(plan, (), CAMS["owner"]), None)
    elif kind == "options":
        told = options.options_document({LEAST: teller}, {LEAST: "ab" * 32})
    else:
        edition = editions.EDITIONS["finance"]
        told = editions.edition_document(edition, asked, teller, edition.sheets(teller))
    return " ".join(told.banners)


def region(language):
    """Return what stands at the head of the page of a region of one part."""
    part = SimpleNamespace(title="East")
    whole = Region(Path(), "Town", result().city.crs, (0.0, 0.0), 1000.0, None, {"0_0": part}, {})
    homes = dict.fromkeys(map(str, result().zones.index), "0_0")
    found = RegionResult(whole, result(), pd.DataFrame(), {}, {}, homes)
    return " ".join(region_page.region_document(found, language).banners)


SURFACES = {
    "check terminal": terminal,
    "overview": lambda language: " ".join(brief_result(result(), language).notes),
    "check page": lambda language: render_page(
        result(), language, files_beside={}, other_languages=[], imports=[],
        made_on=dt.date(2026, 1, 1)),
    "files": lambda _: " ".join(rules_notice(weak()).values()),
    "plan papers": lambda language: " ".join(document_in(
        name_all(result(), language), result(), "", [], []).banners),
    **{kind: partial(paper, kind) for kind in ("consultation", "money", "options", "edition")},
    "workbooks": lambda language: " ".join(
        teller_of(hand_plan(), result(), language).noted().values()),
    "permit sheet": permit,
    "compliance package": compliance,
    "region": region,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_surface_says_what_was_weakened(language):
    told = [translate(text, language) for text in describe_weakened(weak())]
    assert told
    shown = {name: surface(language) for name, surface in SURFACES.items()}
    silent = {
        (name, text)
        for name, said in shown.items()
        for text in told
        if html.escape(text) not in said and text not in said
    }
    assert silent == set()
    assert result().summary["weakened"] == list(map(str, describe_weakened(weak())))


def test_the_page_of_what_money_buys_says_what_was_weakened(monkeypatch, tmp_path):
    """The command writes it with what holds of the city and packs that it was asked with."""
    monkeypatch.setattr("civicsight.planning.frontier.SMALL_ENTRIES", -1)
    found = frontier(crossing(), levels=[300.0], limits=QUICK)
    monkeypatch.setattr(plan_frontier, "run_check", lambda *_: result())
    monkeypatch.setattr(
        "civicsight.planning.frontier.draw_frontier", lambda *_, **__: (found, pd.Index([*"abcd"]))
    )
    assert run(["plan", "frontier", "city.gpkg", "--out", str(tmp_path)]) == OK
    for language, tongue in (("en", "en"), ("zh_CN", "zh-CN")):
        page = (tmp_path / f"page.{tongue}.html").read_text("utf-8")
        for text in describe_weakened(weak()):
            assert html.escape(translate(text, language)) in page


def test_delivered_packs_weaken_nothing():
    assert describe_weakened(load_packs()) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_for_a_plan_says_it_before_it_asks(monkeypatch, tmp_path, language):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    project = Project(app_city(), weak(), app_result(), DIGEST, tmp_path / "plans.gpkg")
    page = open_page(monkeypatch, project, PAGE, language, actor=LI)
    assert not page.exception
    shown = {text.value for text in page.text}
    weakened = {translate(text, language) for text in describe_weakened(weak())}
    assert weakened <= shown
    draw(project, NEW)
    names = name_all(project.result, language)
    review, decision = decided(project)
    assert weakened <= {*decision_document(project, review, decision, names, language).banners}


STANDARD = (
    "ladder:\n  standard: {standard}\n  levels:\n"
    "    - {{id: identify, px_per_m: {px}, label: {{zh: 甲, en: a}}}}\n"
)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (profile("identify", "px_per_m: 10", "standard"), "profiles.identify.px_per_m"),
        (profile("observe", "px_per_m: 40", "standard"), "profiles.observe.px_per_m"),
        (profile("glimpse", "px_per_m: 40", "standard"), "profiles.glimpse.px_per_m"),
        (STANDARD.format(standard='"EN 62676-4:2015"', px=10), "ladder.levels[0].px_per_m"),
        (STANDARD.format(standard='"IEC 62676-4:2025"', px=250), "ladder.levels[0].px_per_m"),
    ],
)
def test_what_is_called_standard_has_the_values_of_a_known_one(body, field):
    assert {(code, where) for code, _, where in faults_of(pack(body))} == {
        ("pack.off_standard", field)
    }


@pytest.mark.parametrize(
    ("standard", "px", "is_told"), [('"EN 62676-4:2015"', 250, False), ("our own", 10, True)]
)
def test_levels_of_no_known_standard_are_told_as_an_assumption(standard, px, is_told):
    rules = load_packs(user=[pack(STANDARD.format(standard=standard, px=px))])
    assert any("Assumption" in str(text) for text in describe_weakened(rules)) == is_told
