"""Holding a list against the register on the command line: counts, decisions, the record."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.io import save_city
from civicsight.io.project_file import load_city
from civicsight.model import CAMERAS
from tests.result_town import make_city, table
from tests.test_cli import CAMERA

SPOTS = 12


@pytest.fixture
def town(tmp_path):
    """A saved project with a dozen cameras, thirty metres from each other."""
    city = make_city("豫章")
    x, y = CAMERA["geometry"].x, CAMERA["geometry"].y
    each = [
        {**CAMERA, "camera_id": f"C{n:02d}", "name": f"人民路{n}号", "height_m": 4.0}
        for n in range(SPOTS)
    ]
    cameras = table(CAMERAS, each)
    places = gpd.points_from_xy([x + 30.0 * n for n in range(SPOTS)], [y] * SPOTS)
    cameras = cameras.set_geometry(gpd.GeoSeries(places, cameras.index, crs=city.crs))
    return save_city(replace(city, cameras=cameras), tmp_path / "town.gpkg")


def list_of(town, tmp_path, rows=5):
    """Return a list of the first cameras: one higher, one moved, one more."""
    cameras = load_city(town).cameras.iloc[:rows]
    out = pd.DataFrame(
        {
            "camera_id": cameras.index,
            "x": cameras.geometry.x.round(2),
            "y": cameras.geometry.y.round(2),
            "name": cameras["name"],
            "height_m": cameras["height_m"],
        }
    )
    out.iloc[1, 4] = 6.5
    out.iloc[2, 2] += 12.0
    extra = {"camera_id": "N1", "x": out.iloc[0, 1] + 500.0, "y": out.iloc[0, 2], "height_m": 5.0}
    path = tmp_path / "list.csv"
    pd.concat([out, pd.DataFrame([extra])]).to_csv(path, index=False)
    return path


def test_what_is_missing_is_said_and_nothing_is_written(capsys, town, tmp_path):
    before, path = town.read_bytes(), list_of(town, tmp_path)
    words = ["inventory", "reconcile", str(town), str(path), "--out", str(tmp_path / "out")]
    assert run([*words, "--lang", "en"]) == OK
    said = " ".join(capsys.readouterr().out.split())
    assert "3 are the same in both, 2 differ, 7 of the register are missing from the list" in said
    assert town.read_bytes() == before
    assert run([*words, "--json", "--rule", "missing=keep", "--by", "Li"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert told["states"] == {
        "same": 3, "different": 2, "missing": 7, "not_expected": 0, "added": 1,
    }  # fmt: skip
    assert told["differences"]["missing"]["kept"] == 7
    assert town.read_bytes() == before


def test_what_was_settled_is_in_the_project_with_who_when_and_why(capsys, town, tmp_path):
    path = list_of(town, tmp_path)
    words = [
        *("inventory", "reconcile", str(town), str(path), "--out", str(tmp_path / "out")),
        *("--rule", "missing=keep", "--rule", "changed=take", "--rule", "moved=take"),
        *("--by", "Li", "--on", "2026-03-01", "--reason", "list of one station", "--accept"),
    ]
    assert run(words) == OK
    city = load_city(town)
    assert city.cameras.loc["C01", "height_m"] == 6.5
    assert "N1" not in city.cameras.index
    assert len(city.changes) == 9
    assert set(city.changes["decided_by"]) == {"Li"}
    assert set(city.changes["decided_on"]) == {"2026-03-01"}
    assert set(city.changes["reason"]) == {"list of one station"}
    assert run(["import", str(town), "--dry-run", "--lang", "en"]) == OK
    assert "record of changes: 9" in capsys.readouterr().out


@pytest.mark.slow
def test_the_workbook_goes_back_by_the_same_command(capsys, town, tmp_path):
    path, out = list_of(town, tmp_path), tmp_path / "out"
    words = ["inventory", "reconcile", str(town), str(path), "--out", str(out)]
    assert run([*words]) == OK
    book = out / "reconciliation.xlsx"
    sheet = pd.read_excel(book, sheet_name=1, dtype=str, engine="openpyxl").fillna("")
    kind, decision = sheet.columns[4], sheet.columns[11]
    sheet[decision] = sheet[kind].str.contains("清单新增").map({True: "按清单", False: ""})
    filled = tmp_path / "decided.csv"
    sheet.to_csv(filled, index=False)
    capsys.readouterr()
    assert run([*words, "--decisions", str(filled), "--by", "Li", "--accept"]) == OK
    city = load_city(town)
    assert list(city.changes["what"]) == ["added"]
    assert "N1" in city.cameras.index


def test_rows_that_could_not_be_used_are_said_beside_what_is_missing(capsys, town, tmp_path):
    path = list_of(town, tmp_path)
    text = path.read_text("utf-8").replace("6.5", "high")
    path.write_text(text, encoding="utf-8")
    words = ["inventory", "reconcile", str(town), str(path), "--out", str(tmp_path / "out")]
    assert run([*words, "--keep-good", "--lang", "en"]) == OK
    said = " ".join(capsys.readouterr().out.split())
    assert "8 of the register are missing" in said
    assert "1 rows of the list could not be used: cameras in them count as missing" in said


@pytest.mark.slow
def test_what_is_wrong_is_said_in_words(capsys, town, tmp_path):
    path = list_of(town, tmp_path)
    words = ["inventory", "reconcile", str(town), str(path), "--out", str(tmp_path / "out")]
    for more, said in (
        (["--rule", "lost=keep"], "lost=keep"),
        (["--on", "soon"], "YYYY-MM-DD"),
        (["--rule", "missing=keep", "--accept"], "7"),
        (["--decisions", str(path)], "Decision"),
        (["--decisions", str(tmp_path / "nothing.csv")], "nothing.csv"),
    ):
        assert run([*words, *more, "--lang", "en"]) == BAD_INPUT
        assert said in capsys.readouterr().err
    assert not len(load_city(town).changes)
