"""Every column that goes out is headed in both languages, once in its table; codes are worded."""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from shapely.geometry import LineString

from civicsight.core.i18n import in_all, translate
from civicsight.coverage.obstruction import obstruct
from civicsight.model import (
    BUILDINGS,
    CAMERAS,
    FINDINGS,
    HEADS,
    MEASURES,
    PARTS,
    PROJECTS,
    SAMPLES,
    TABLES,
    ZONES,
)
from civicsight.model.plan_tables import CANDIDATES
from civicsight.planning.choice.ledger import LEDGER
from civicsight.planning.duplicates import duplicates, make_cards
from civicsight.planning.record.plan import FUNDS
from civicsight.presentation.columns import heading
from civicsight.report.check_files import write_report
from civicsight.report.compliance import write_compliance
from civicsight.report.compliance.account import RECOUNT
from civicsight.report.duplicates import write_duplicates
from civicsight.report.permit_files import write_permits
from civicsight.report.plan import write_plan
from civicsight.report.quality import write_quality
from civicsight.rules import load_packs
from civicsight.rules.vocabulary import word
from tests.drawn import a_few
from tests.plan_made import checked, hand_plan
from tests.test_i18n import CHINESE
from tests.test_obstruction import proposals
from tests.test_report_compliance import account
from tests.test_report_page import Reader

WALL = LineString([(28, -4), (32, -4)])
NOT_HEADED = {"about.csv", *RECOUNT}
"""A list of notes, and tables for programs, whose headings are plain names."""

KEYS = {"fid", "geom"}
"""Columns of a layer that nobody reads."""

RAW = re.compile(r"(?<![\w.［/:-])[a-z]+(?:_[a-z]+)*(?![\w.］/:-])")


def duplicates_of_town(out):
    found = duplicates(checked(), scenarios=0)
    write_duplicates(found, make_cards(found), out)


def permits_of_town(out):
    wall = proposals(W=(WALL, "advert", 5.0, {}))
    write_permits(checked(), obstruct(checked(), wall, years=0, ground=True), out)


WRITERS = {
    "plan": lambda out: write_plan(hand_plan(), checked(), out, pdf=False),
    "check": lambda out: write_report(checked(), out),
    "permits": permits_of_town,
    "compliance": lambda out: write_compliance(account(), out, pdf=False),
    "public": lambda out: write_compliance(account("public"), out, pdf=False),
    "duplicates": duplicates_of_town,
    "quality": lambda out: write_quality(replace(checked().city, cameras=checked().cameras), out),
}
"""What writes each kind of output of a made town."""


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    """Return a function that finds the folder of a kind of output, which is written once."""
    out = tmp_path_factory.mktemp("out")

    def folder(kind):
        if not (out / kind).is_dir():
            WRITERS[kind](out / kind)
        return out / kind

    return folder


def headings_of(folder):
    """Yield the headings of every table of a folder, by file and sheet or layer."""
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv" and path.name not in NOT_HEADED:
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield path.name, next(csv.reader(file))
        elif path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path).worksheets[1:]:
                yield f"{path.name} > {sheet.title}", [cell.value for cell in sheet[1]]
        elif path.suffix == ".gpkg":
            yield from aliases_of(path)


def aliases_of(path):
    """Yield what QGIS calls the columns of each layer, by the style that it opens it with."""
    with closing(sqlite3.connect(path)) as base:
        styles = base.execute(
            "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"
        ).fetchall()
        assert {name for name, _ in styles} == {
            name for (name,) in base.execute("SELECT table_name FROM gpkg_geometry_columns")
        }
        for name, document in styles:
            root = ET.fromstring(document.partition("\n")[2])  # noqa: S314 - our own text
            aliases = {entry.get("field"): entry.get("name") for entry in root.iter("alias")}
            columns = [row[1] for row in base.execute(f"PRAGMA table_info({name})")]
            headed = [aliases.get(column, column) for column in columns if column not in KEYS]
            yield f"{path.name} > {name}", headed


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
def test_every_column_is_headed_in_both_languages_and_once_in_its_table(folder_of, kind):
    tables = dict(headings_of(folder_of(kind)))
    assert tables
    for name, headings in tables.items():
        repeated = {head for head in headings if headings.count(head) > 1}
        assert not repeated, (name, repeated)
        raw = [
            head for head in headings if not (CHINESE.search(head) and re.search("[A-Za-z]", head))
        ]
        if name.endswith((".gpkg > cameras", ".gpkg > buildings")):
            raw = [head for head in headings if not CHINESE.search(head)]  # forms name the column
        assert not raw, (name, raw)


GOING_OUT = (
    CAMERAS,
    BUILDINGS,
    HEADS,
    ZONES,
    PARTS,
    SAMPLES,
    FINDINGS,
    MEASURES,
    CANDIDATES,
    LEDGER,
)


@pytest.mark.parametrize("table", GOING_OUT, ids=lambda table: table.name)
def test_declared_columns_are_headed_apart(table):
    heads = [in_all(heading(name)) for name in (table.index, *(column.name for column in table))]
    assert all(CHINESE.search(head) for head in heads), heads
    assert len(heads) == len(set(heads))


def test_funds_are_headed():
    assert all(CHINESE.search(in_all(heading(name))) for name in FUNDS)


def codes():
    """Return all codes of closed lists that are no names of cameras of the made towns."""
    names = {*checked().cameras.index, *account().result.cameras.index}
    return {code for table in TABLES for column in table for code in column.choices} - names


@pytest.mark.slow
@pytest.mark.parametrize("kind", a_few([*WRITERS][:-1], 2))  # the last lists codes
def test_no_code_is_left_in_a_chinese_page(folder_of, kind):
    pages = sorted(folder_of(kind).glob("*.zh-CN.html"))
    assert pages
    for page in pages:
        text = Reader(page.read_text(encoding="utf-8")).text
        left = codes().intersection(RAW.findall(text))
        assert not left, page.name


@pytest.mark.parametrize("kind", a_few(WRITERS))
def test_columns_of_tables_on_pages_are_headed_apart(folder_of, kind):
    for page in sorted(folder_of(kind).glob("*.html")):
        html = page.read_text(encoding="utf-8")
        for table in re.findall(r"<thead>(.*?)</thead>", html, re.DOTALL):
            heads = re.findall(r"<th[^>]*>(.*?)</th>", table, re.DOTALL)
            heads = [re.sub("<[^>]+>", "", head).strip() for head in heads]
            said = [head for head in heads if head]
            assert len(said) == len(set(said)), (page.name, said)
            assert not [head for head in said if "_" in head], (page.name, said)


def test_every_value_that_a_rule_can_find_has_its_chinese():
    asked = {
        leaf.values["field"]
        for pack in load_packs(("nanchang", "cn-national-799")).packs
        for rule in pack.rules
        for leaf in rule.check.predicates()
        if leaf.name == "one_of"
    }
    choices = {
        (column.name, code)
        for table in (CAMERAS, PROJECTS, ZONES)
        for column in table
        if column.name in asked
        for code in column.choices
    }
    assert len(choices) > 15
    missing = {pair for pair in choices if translate(word(pair[1]), "zh_CN").isascii()}
    assert not missing
