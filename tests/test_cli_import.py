"""Import on the command line: what is read, refused, declared, replaced and written."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import openpyxl
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.cli.options import as_declared
from civicsight.core.errors import N_
from civicsight.io import reader_registry, save_city
from civicsight.io.project_file import load_city
from civicsight.model import CAMERAS
from civicsight.model.notes import noted
from tests.result_town import make_city, table
from tests.test_cli import CAMERA, CITY


@pytest.fixture
def town(tmp_path):
    """A saved project with one camera that looks along a street, so that a check takes no time."""
    city = replace(make_city("豫章"), cameras=table(CAMERAS, [CAMERA]))
    return save_city(city, tmp_path / "town.gpkg")


def test_import_reports_and_saves(capsys, town, tmp_path):
    assert run(["import", str(town), "--dry-run", "--lang", "en"]) == OK
    assert "buildings" in capsys.readouterr().out
    target = tmp_path / "deep" / "copy.gpkg"
    assert run(["import", str(town), "--out", str(target), "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["layer"] == "city"
    assert load_city(target).name == "豫章"
    assert run(["import", str(town), "--dry-run", "--crs", "EPSG:1"]) == BAD_INPUT


def test_templates_are_written_and_read_again(capsys, tmp_path):
    assert run(["template", "signs", "--out", str(tmp_path / "t"), "--lang", "en"]) == OK
    assert [file.name for file in (tmp_path / "t").iterdir()] == ["signs.xlsx"]
    project, sheet = tmp_path / "p.gpkg", tmp_path / "t" / "signs.xlsx"
    words = ["import", str(sheet), "--as", "signs", "--out", str(project), "--lang", "en"]
    assert run(words) == BAD_INPUT, "the example of a template is no row of anybody"
    assert "Enter your rows" in " ".join(capsys.readouterr().err.split())
    book = openpyxl.load_workbook(sheet)
    book["signs"].append(["B-002", *[cell.value for cell in book["signs"][2]][1:]])
    book.save(sheet)
    assert run(words) == OK
    assert list(load_city(project).signs.index) == ["B-002"]
    assert run(["template", "wishes", "--out", str(tmp_path / "w")]) == BAD_INPUT
    assert "wishes" in capsys.readouterr().err


INVENTORY = "camera_id,x,y,height_m\nc1,390050,3172040,4\nc2,390060,3172050,5\n"


@pytest.mark.slow
def test_rows_go_into_a_project_only_when_the_difference_was_accepted(capsys, town, tmp_path):
    rows = tmp_path / "more.csv"
    rows.write_text(INVENTORY, encoding="utf-8")
    before = town.read_bytes()
    words = ["import", str(rows), "--as", "cameras", "--into", str(town), "--lang", "en"]
    assert run(words) == OK
    printed = capsys.readouterr()
    assert "c2" in printed.out
    assert "--accept" in printed.err
    assert town.read_bytes() == before
    assert run([*words, "--accept"]) == OK
    assert list(load_city(town).cameras.index) == ["c1", "c2"]


def test_the_mapping_that_was_written_reads_the_same_again(capsys, tmp_path):
    rows = tmp_path / "own.csv"
    rows.write_text("Nr,Rechts,Hoch\n7,390050,3172040\n", encoding="utf-8")
    mapping = tmp_path / "m.yaml"
    words = ["import", str(rows), "--as", "cameras", "--source-crs", "EPSG:4548", "--dry-run"]
    assert run([*words, "--write-mapping", str(mapping), "--lang", "en"]) == BAD_INPUT
    text = mapping.read_text(encoding="utf-8")
    for meaning, header in {"x": "Rechts", "y": "Hoch", "camera_id": "Nr"}.items():
        text = text.replace(f"\n  {meaning}: ''", f"\n  {meaning}: {header}")
    mapping.write_text(text, encoding="utf-8")
    assert run([*words, "--mapping", str(mapping), "--lang", "en"]) == OK
    assert "1 read, 1 kept" in capsys.readouterr().out


def test_every_refused_row_can_be_had_as_a_file(capsys, tmp_path):
    rows = tmp_path / "bad.csv"
    rows.write_text(INVENTORY.replace(",5", ",tall"), encoding="utf-8")
    words = ["import", str(rows), "--as", "cameras", "--source-crs", "EPSG:4548", "--lang", "en"]
    rejects = tmp_path / "rejects.csv"
    assert run([*words, "--dry-run", "--rejects", str(rejects)]) == BAD_INPUT
    text = rejects.read_text(encoding="utf-8-sig")
    assert "tall" in text
    header, row = csv.reader(text.splitlines())
    assert header[:5] == ["Row", "Column", "Found", "Expected", "How to mend it"]
    assert (row[0], row[5:]) == ("row 3", ["c2", "390060", "3172050", "tall"])
    mended = tmp_path / "mended.csv"
    mended.write_text(text.replace(",tall", ",5", 1).replace("tall", "5"), encoding="utf-8")
    again = [str(mended) if word == str(rows) else word for word in words]
    assert run([*again, "--dry-run"]) == OK
    assert run([*words[:-1], "zh_CN", "--dry-run", "--rejects", str(rejects)]) == BAD_INPUT
    assert "行号,列,实际内容,应有内容,修改办法,camera_id" in rejects.read_text("utf-8-sig")
    assert run([*words, "--dry-run", "--json"]) == BAD_INPUT
    printed = capsys.readouterr().out
    assert json.loads(printed[printed.index("{\n") :])["faults"][0]["where"] == "row 3"


def test_quality_and_catalogue_are_written(town, tmp_path):
    rows = tmp_path / "more.csv"
    rows.write_text(
        "camera_id,x,y,height_m,kind\n36010200001320000001,390050,3172040,4,fixed\n",
        encoding="utf-8",
    )
    out = tmp_path / "q"
    assert run(["quality", str(town), str(rows), "--out", str(out), "--lang", "en"]) == OK
    assert {file.name for file in out.iterdir()} >= {"quality.en.html", "quality.csv"}
    assert "36010200001320000001" not in (out / "quality.csv").read_text(encoding="utf-8-sig")
    assert run(["catalogue", str(town), str(rows), "--out", str(tmp_path / "c.xml")]) == BAD_INPUT
    assert not (tmp_path / "c.xml").exists(), "without the id of a system nothing is written"
    system = ["--system", "36010200002000000001"]
    words = ["catalogue", str(town), str(rows), *system, "--out", str(tmp_path / "c.xml")]
    assert run([*words, "--lang", "en"]) == OK
    assert "36010200001320000001" in (tmp_path / "c.xml").read_text(encoding="gb18030")


def test_a_project_that_is_there_is_not_replaced_unasked(capsys, town, tmp_path):
    before = town.read_bytes()
    rows = tmp_path / "more.csv"
    rows.write_text(INVENTORY, encoding="utf-8")
    words = ["import", str(rows), "--source-crs", "EPSG:4548", "--out", str(town), "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "--overwrite" in capsys.readouterr().err
    assert town.read_bytes() == before
    assert run([*words, "--overwrite"]) == OK
    assert list(load_city(town).cameras.index) == ["c1", "c2"]


@pytest.mark.slow
def test_a_doubtful_datum_is_not_accepted_undeclared(capsys, town, tmp_path, monkeypatch):
    rows = tmp_path / "more.csv"
    rows.write_text(INVENTORY, encoding="utf-8")
    doubt = N_("the coordinates look like GCJ-02")
    monkeypatch.setattr(
        reader_registry,
        "with_fit",
        lambda report, *said: replace(
            report, notes=(noted("datum.shift" if said[-1] is None else "datum.against", doubt),)
        ),
    )
    before = town.read_bytes()
    words = ["import", str(rows), "--into", str(town), "--accept", "--lang", "en"]
    assert run(words) == BAD_INPUT
    told = capsys.readouterr().err
    assert "the coordinates look like GCJ-02" in " ".join(told.split())
    assert "--datum gcj02" in told
    assert town.read_bytes() == before
    assert run([*words, "--datum", "wgs84"]) == OK
    assert town.read_bytes() != before


@pytest.mark.slow
def test_a_doubtful_inventory_is_said_first_wherever_it_is_used(
    capsys, town, tmp_path, monkeypatch
):
    rows = tmp_path / "more.csv"
    rows.write_text(INVENTORY, encoding="utf-8")
    doubt = N_("the coordinates look like GCJ-02")
    monkeypatch.setattr(
        "civicsight.io.apart.public.with_fit",
        lambda report, *_: replace(report, notes=(noted("datum.against", doubt),)),
    )
    words = ["quality", str(town), str(rows), "--out", str(tmp_path / "q"), "--lang", "en"]
    assert run([*words, "--datum", "wgs84"]) == OK
    told = " ".join(capsys.readouterr().err.split())
    said = "more.csv: A declared datum that fits worse than another (1)."
    assert f"Warning: {said}" in told
    page = (tmp_path / "q" / "quality.en.html").read_text(encoding="utf-8")
    assert f'<p class="banner" role="note">{said}' in page
    words = ["check", str(town), str(rows), "--out", str(tmp_path / "c"), *CITY, "--no-raster"]
    assert run(words) in (OK, VIOLATION)
    page = (tmp_path / "c" / "page.en.html").read_text(encoding="utf-8")
    assert f'<p class="banner" role="note">{said}' in page


@pytest.mark.parametrize("word", ["GCJ-02", "gcj02", "火星", "高德"])
def test_a_datum_goes_by_the_names_that_people_use(word):
    assert as_declared(word).datum == "gcj02"
