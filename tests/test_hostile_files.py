"""Hostile texts in every field, in every file that the project hands out: nothing in one runs."""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pyogrio
import pytest

from civicsight.application.outputs import OF_VERSIONS, Output, offered_of, write_output
from civicsight.application.report_subject import list_reported
from civicsight.editing.project import open_project
from civicsight.planning.make import Aims, make_plan
from civicsight.report.pdf import write_pdf
from civicsight.report.plan import write_plan
from civicsight.store import Role
from tests.hostile import EVIL, LABEL, PEOPLE, hostile_project
from tests.test_ui_hostile import FOUND
from tests.ui_server import browsing

pytestmark = pytest.mark.slow

FORMULA = re.compile(r"[=+\-@|%\t\r\n]")
NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?")
RUNS = ("instrText", "fldSimple", "TargetMode", "altChunk", "oleObject")
"""What of a document is fetched, inserted or computed when it is opened."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write every output of the app and an optimised plan; return the folder."""
    out = tmp_path_factory.mktemp("files")
    cache = Path(os.environ.get("CIVICSIGHT_CACHE_DIR", out / "cache"))
    (out / "project").mkdir()
    project = open_project(hostile_project(out / "project", cache), cache)
    planner = PEOPLE[Role.PLANNER]
    latest = list_reported(project, planner)[0]
    own = set(offered_of(latest)) & OF_VERSIONS - {Output.PUBLIC_PLAN}  # a record is hidden
    asked = dict.fromkeys(offered_of(None)) | dict.fromkeys(own, latest)
    for output, of in asked.items():
        name, content = write_output(project, planner, output, of=of, languages=("en",))
        if name.endswith(".zip"):
            zipfile.ZipFile(BytesIO(content)).extractall(out / output)
        else:
            (out / name).write_bytes(content)
    plan = make_plan(project.result, Aims(extras=False))
    write_plan(plan, project.result, out / "optimised", languages=("en",), pdf=False)
    return out


def files(folder, ending):
    found = [path for path in folder.rglob(f"*{ending}") if "project" not in path.parts]
    assert found, ending
    return found


def test_no_cell_is_a_formula(folder):
    cells = 0
    for path in files(folder, ".csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for cell in (cell for row in csv.reader(file) for cell in row):
                assert not FORMULA.match(cell) or NUMBER.fullmatch(cell), (path.name, cell[:80])
                cells += EVIL in cell
    for path in files(folder, ".xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f", (path.name, cell.coordinate)
                assert cell.hyperlink is None
                assert not isinstance(cell.value, str) or not FORMULA.match(cell.value)
                cells += EVIL in str(cell.value)
    assert cells > 20


def test_no_document_computes_or_fetches_anything(folder):
    seen = 0
    for path in files(folder, ".docx"):
        with zipfile.ZipFile(path) as archive:
            parts = {
                name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
            }
        seen += EVIL in parts["word/document.xml"]
        for name, text in parts.items():
            if name.endswith((".xml", ".rels")):
                ET.fromstring(text)  # noqa: S314 - our own
            found = [mark for mark in RUNS if mark in text]
            assert found in ([], ["instrText"]), (path.name, name)
            assert not re.search("<w:instrText[^>]*>(?!PAGE<|NUMPAGES<)", text), (path.name, name)
    assert seen > 1


def test_layers_hold_the_text_and_their_looks_do_not(folder):
    seen = 0
    for path in files(folder, ".gpkg"):
        for layer, _ in pyogrio.list_layers(path):
            frame = pyogrio.read_dataframe(path, layer=layer)
            texts = frame.drop(columns="geometry", errors="ignore").astype(str)
            seen += int(texts.eq(LABEL).to_numpy().sum())
        with closing(sqlite3.connect(path)) as file, file:
            tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master")}
            if "layer_styles" in tables:
                for (style,) in file.execute("SELECT styleQML FROM layer_styles"):
                    ET.fromstring(style)  # noqa: S314 - our own
                    assert EVIL not in style
    assert seen > 5


def test_every_other_file_is_what_it_says(folder):
    for path in files(folder, ".json"):
        json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.browser
def test_no_page_runs_or_fetches_anything(folder, browser):
    with browsing(browser) as (tab, requests):
        for path in files(folder, ".html"):
            tab.goto(path.as_uri())
            shown = tab.evaluate(
                """() => { let count = 0;
                for (const layer of Object.values(window.civicsight?.layers || {})) {
                  for (const { data, k } of Object.values(layer.byId || {})) {
                    if (data.titles) { civicsight.open(data, k); count += 1; }
                  }
                } return count; }"""
            )
            assert tab.evaluate(FOUND, EVIL) == [], path.name
            if shown:
                assert EVIL in tab.locator(".leaflet-popup-content").inner_text()
        assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
        assert EVIL in tab.content()


def test_no_print_runs_or_leads_anywhere(folder, tmp_path):
    (path,) = files(folder / "optimised", ".html")
    write_pdf(tmp_path / "plan.pdf", path.read_text(encoding="utf-8"))
    data = (tmp_path / "plan.pdf").read_bytes()
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    inside = [zlib.decompress(part) for part in streams if part[:1] == b"x"]
    assert len(inside) > 5
    for part in (data, *inside):
        for mark in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/SubmitForm", b"/GoToR"):
            assert not re.search(mark + rb"\b", part), mark
