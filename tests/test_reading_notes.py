"""Notes on how lists were read: the same on every way in, and kept with results."""

from __future__ import annotations

import html
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from openpyxl.styles import Font

import civicsight as cs
from civicsight.cli.entry import main
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.editing.project import Project
from civicsight.editing.result_file import keep_result, kept_result
from civicsight.inventory import reconcile
from civicsight.io import save_city
from civicsight.io.packs import load_packs
from civicsight.io.reader_registry import read_into
from civicsight.io.source_options import NOTHING
from civicsight.model.notes import NOTE_KINDS, Note, note_from_dict
from civicsight.model.provenance import Provenance, from_dict
from civicsight.planning.aims.request import Aims, Run
from civicsight.planning.judging.secrecy import without_hidden
from civicsight.planning.make import make_plan
from civicsight.planning.record.documents import to_documents
from civicsight.planning.record.opinions import stage_of
from civicsight.planning.solver.outcome import Limits
from civicsight.presentation.facts import camera_facts
from civicsight.presentation.names import name_all
from civicsight.presentation.reading_notes import HEADINGS
from civicsight.report.check_page import write_page
from civicsight.report.consultation import Asked
from civicsight.report.editions import write_edition
from civicsight.report.plan.script import with_told
from civicsight.report.plan.teller import teller_of
from civicsight.ui.pages import PAGES
from tests.ui_made import make_project, open_page

HEADER = ["camera_id", "x", "y", "height_m", "azimuth_deg", "tilt_deg"]


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A small city without provenance of its own."""
    made = make_project(tmp_path_factory.mktemp("made"), label="School").city
    return replace(made, provenance=(), cameras=made.cameras.iloc[:0])


def good(city, n):
    spot = city.extent.centroid
    return [f"c{n}", spot.x + n, spot.y + 2 * n, 4.5 + n % 2, 30.0 * n + 0.5, 10 + n % 3]


def as_csv(path, header, rows):
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def plain(city, path):
    return as_csv(path, HEADER, [good(city, n) for n in range(4)])


def odd_values(city, path):
    rows = [good(city, n) for n in range(6)]
    rows[1][4], rows[2][3], rows[3][3] = 450, 400, 0.5
    return as_csv(path, HEADER, rows)


def look_up(city, path):
    return as_csv(path, HEADER, [[*good(city, n)[:5], -5 - n % 2] for n in range(6)])


def unread_columns(city, path):
    header = [*HEADER, "status code", "how many"]
    return as_csv(path, header, [[*good(city, n), 1 + n % 3, 2] for n in range(6)])


def outside(city, path):
    rows = [good(city, n) for n in range(4)]
    rows[3][1] = city.extent.bounds[2] + 400.0
    return as_csv(path, HEADER, rows)


def one_value(city, path):
    return as_csv(path, HEADER, [[*good(city, n)[:3], 6.0, *good(city, n)[4:]] for n in range(6)])


def bad_row(city, path):
    rows = [good(city, n) for n in range(4)]
    rows[2][1] = "nowhere"
    return as_csv(path, HEADER, rows)


def as_book(header, rows, path):
    """Write a workbook with a hidden row, one that is struck out, and a hidden sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (header, *rows):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    for cell in sheet[5]:
        cell.font = Font(strike=True)
    book.create_sheet("old").sheet_state = "hidden"
    book.save(path)
    return path


def looks(city, path):
    return as_book(HEADER, [good(city, n) for n in range(6)], path)


def all_at_once(city, path):
    rows = [[*good(city, n)[:5], -5 - n % 2, 1 + n % 3, 2] for n in range(8)]
    rows[1][4], rows[2][3], rows[3][3] = 450, 400, 0.5
    rows[6][1] = city.extent.bounds[2] + 400.0
    rows[7][1] = "nowhere"
    return as_book([*HEADER, "status code", "how many"], rows, path)


Make = Callable[[Any, Path], Path]
LISTS: dict[str, tuple[Make, str, dict[str, int]]] = {
    "all at once": (
        all_at_once,
        "xlsx",
        {
            "cells.read_as": 1,
            "camera.high": 1,
            "camera.low": 1,
            "camera.looks_up": 8,
            "columns.unread": 2,
            "camera.outside": 1,
            "rows.refused": 1,
            "rows.hidden": 1,
            "rows.struck": 1,
            "sheets.hidden": 1,
        },
    ),
    "plain": (plain, "csv", {}),
    "odd values": (odd_values, "csv", {"cells.read_as": 1, "camera.high": 1, "camera.low": 1}),
    "look up": (look_up, "csv", {"camera.looks_up": 6}),
    "unread columns": (unread_columns, "csv", {"columns.unread": 2}),
    "outside": (outside, "csv", {"camera.outside": 1}),
    "one value": (one_value, "csv", {"columns.constant": 1}),
    "bad row": (bad_row, "csv", {"rows.refused": 1}),
    "looks": (looks, "xlsx", {"rows.hidden": 1, "rows.struck": 1, "sheets.hidden": 1}),
}
"""Lists of cameras, and what has to be noted of each beside how it was read."""

QUICK = ("all at once",)


def pairs(notes: Any) -> Counter[tuple[str, int]]:
    return Counter((one.kind, one.count) for one in notes)


def of_json(notes: Any) -> Counter[tuple[str, int]]:
    return Counter((one["kind"], one["count"]) for one in notes)


def by_table(rows: list[tuple[str, str]], code: str) -> Counter[tuple[str, int]]:
    """Return kinds and counts of a table that says them in words."""
    kinds = {translate(kind.title, code): name for name, kind in NOTE_KINDS.items()}
    return Counter((kinds[title], int(count)) for title, count in rows)


def on_page(path: Path) -> Counter[tuple[str, int]]:
    found = re.findall(r'<tr data-kind="([^"]+)" data-count="(\d+)">', path.read_text("utf-8"))
    return Counter((kind, int(count)) for kind, count in found)


def on_terminal(told: str) -> Counter[tuple[str, int]]:
    line = " ".join(html.unescape(told).split())
    found = re.findall(r"(?:Note|Warning): [^:]+: (.+?) \((\d+)\)\. ", line)
    return by_table(found, "en")


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([*map(str, words), "--lang", "en"])
    return int(stopped.value.code or 0)


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in LISTS]
)
def test_every_way_in_tells_the_same_notes(city, name, tmp_path, capsys, monkeypatch):
    make, end, wanted = LISTS[name]
    path = make(city, tmp_path / f"list.{end}")
    keep = ["--keep-good"] if "rows.refused" in wanted else []
    ways: dict[str, Counter[tuple[str, int]]] = {}
    cameras, report = cs.read_cameras(path, near=city, keep_good=bool(keep))
    ways["report"] = pairs(report.told())
    result = cs.check(city, cameras, raster=False)
    ways["result"], ways["summary"] = pairs(result.notes), of_json(result.summary["notes"])
    for shown in map(html.unescape, (report._repr_html_(), result._repr_html_())):
        assert [k for k in wanted if str(NOTE_KINDS[k].title) not in shown] == []
    assert all("notes" in repr(shown) for shown in (report, result))

    project = tmp_path / "project.gpkg"
    save_city(city, project)
    capsys.readouterr()
    words = ["--as", "cameras", "--into", project, *keep]
    assert run("import", path, *words, "--dry-run", "--json") == 0
    ways["import"] = of_json(json.loads(capsys.readouterr().out)["parts"][0]["notes"])
    out = tmp_path / "out"
    run("check", project, path, *keep, "--no-raster", "--out", out, "--json")
    told = capsys.readouterr()
    ways["check --json"] = of_json(json.loads(told.out)["notes"])
    ways["terminal"] = on_terminal(told.err)
    for code, file in (("en", "page.en.html"), ("zh", "page.zh-CN.html")):
        ways[f"page {code}"] = on_page(out / file)

    taken, _ = read_into(path, "cameras", city, declared=NOTHING, keep_good=bool(keep))
    save_city(taken, project)
    kept, _ = cs.read_city(project)
    ways["project"] = pairs(kept.notes)
    again = cs.check(kept, raster=False)
    keep_result(again, "digest", tmp_path / "kept.zip")
    found = kept_result(tmp_path / "kept.zip", "digest", load_packs())
    ways["kept result"] = pairs(found.notes)
    opened = Project(kept, load_packs(), again, "digest", tmp_path / "plans.gpkg")
    for code in LANGUAGES[:1] if name in QUICK else LANGUAGES:
        for page in (one for one in PAGES if one.code in {"data", "home"}):
            test = open_page(monkeypatch, opened, page, code)
            assert not test.exception
            heads = [translate(head, code) for head in HEADINGS]
            tables = [one.value for one in test.dataframe if set(heads) <= set(one.value.columns)]
            rows = [tuple(row) for table in tables for row in table[heads[2:4]].to_numpy()]
            ways[f"app {page.code} {code}"] = by_table(rows, code)

    assert all(found == ways["report"] for found in ways.values()), ways
    doubts = {(one.kind, one.count) for one in report.told() if one.weight != "info"}
    assert {(kind, n) for kind, n in wanted.items()} <= doubts
    assert {kind for kind, _ in doubts} - set(wanted) <= {"datum.untested", "columns.constant"}


@pytest.fixture(scope="module")
def result(city, tmp_path_factory):
    """What was found with the list that has all at once."""
    path = all_at_once(city, tmp_path_factory.mktemp("list") / "list.xlsx")
    cameras, _ = cs.read_cameras(path, near=city, keep_good=True)
    return cs.check(city, cameras, raster=False)


@pytest.mark.slow
def test_what_was_read_otherwise_stands_beside_the_camera(result, tmp_path):
    names = name_all(result, "en")
    facts = dict(zip(result.cameras.index, map(dict, camera_facts(result, names)), strict=True))
    assert "found 450. It was read as 90" in facts["c1"]["How the list was read"]
    assert "400" in facts["c2"]["How the list was read"]
    assert "450" not in facts["c0"]["How the list was read"]
    write_page(tmp_path / "page.html", result, "en", files_beside={})
    assert (tmp_path / "page.html").read_text("utf-8").count("It was read as 90") > 1


def test_a_camera_outside_the_mapped_area_is_not_judged_and_counted_so(result):
    assert result.cameras.loc["c6", "placed"] == "off_map"
    assert "c6" not in set(result.heads["camera_id"])
    assert result.summary["cameras"]["off_map"] == 1
    counted = result.summary["partition"]["cameras"]
    assert (counted["count"], counted["not_judged"]) == (7, counted["reasons"]["off_map"])
    names = name_all(result, "en")
    facts = dict(zip(result.cameras.index, map(dict, camera_facts(result, names)), strict=True))
    assert facts["c6"]["Not counted"] == "outside the mapped area"


def test_an_area_that_is_not_known_has_no_outside(city):
    nowhere = replace(city, extent=shapely.Polygon())
    none = city.cameras
    assert cs.check(nowhere, cameras=none, raster=False).summary["cameras"]["off_map"] == 0


def test_a_list_that_could_not_be_read_says_of_no_camera_that_it_is_missing(city, tmp_path):
    known, _ = cs.read_cameras(plain(city, tmp_path / "list.csv"), near=city)
    with pytest.raises(InputError) as caught:
        reconcile(known, known.iloc[:0], source="list.csv", unread=44)
    (fault,) = caught.value.faults
    assert (fault.code, fault.file, fault.found) == ("list.unread", "list.csv", "0 / 44")
    assert len(reconcile(known, known.iloc[:0], source="list.csv").differences) == 4


def test_a_note_is_kept_in_both_languages(city, tmp_path):
    _, report = cs.read_cameras(odd_values(city, tmp_path / "list.csv"), near=city)
    for entry in report.provenance():
        back = from_dict(json.loads(json.dumps(entry.to_dict(), ensure_ascii=False)))
        assert isinstance(back, Provenance)
        for before, after in zip(entry.notes, back.notes, strict=True):
            assert isinstance(after, Note)
            assert (before.kind, before.count, before.rows) == (after.kind, after.count, after.rows)
            for code in LANGUAGES:
                assert translate(before.example, code) == translate(after.example, code)
    assert note_from_dict({"kind": "of.later", "example": {"en": "x"}}).kind in NOTE_KINDS


UNSEEN = "hidden-camera-7"


@pytest.mark.slow
def test_a_plan_for_the_public_holds_no_note_on_a_hidden_record(city, tmp_path):
    rows = [[*good(city, n), "no"] for n in range(4)]
    rows[2][0], rows[2][4], rows[2][6] = UNSEEN, 450, "yes"
    path = as_csv(tmp_path / "list.csv", [*HEADER, "secrecy"], rows)
    whole, _ = read_into(path, "cameras", city, declared=NOTHING)
    public = without_hidden(whole, load_packs())
    held = {}
    for name, own in (("whole", whole), ("public", public)):
        found = cs.check(own, raster=False)
        aims = Aims(public=name == "public", extras=False)
        plan = with_told(make_plan(found, aims, run=Run(Limits(steps=50))), found)
        held[name] = list(to_documents(plan).values())
    asked = Asked("East", 1, "ab" * 32, stage_of("draft", ()))
    for file in write_edition("public", asked, teller_of(plan, found, "en"), tmp_path / "out"):
        with zipfile.ZipFile(file) as archive:
            held["public"] += [archive.read(part) for part in archive.namelist()]
    for word in (UNSEEN, "found 450"):
        assert any(word.encode() in content for content in held["whole"])
        assert [content for content in held["public"] if word.encode() in content] == []
    assert "notes" not in plan.parameters
