"""The golden run: what the product writes and answers is what is stored of it."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import shapely

from tools.golden.__main__ import main
from tools.golden.canonical import cell, flat, number, words
from tools.golden.collect import ANSWERS, NAMES, QUICK, collect
from tools.golden.files import read_folder
from tools.golden.stored import (
    STORED,
    differences,
    is_close,
    read_stored,
    summed,
    write_copies,
    write_stored,
)
from tools.golden.tables import shape

REMEDY = (
    "outputs differ from what is stored; python -m tools.golden shows more. If that is wanted: "
    "python -m tools.golden --write, and say so in the changelog."
)


def told(blocks):
    return "\n".join([REMEDY, *blocks[:20]])


@pytest.mark.compiled_only
def test_the_made_district_and_all_answers_are_as_stored():
    blocks = differences(collect(QUICK), QUICK)
    assert not blocks, told(blocks)


@pytest.mark.slow
@pytest.mark.compiled_only
def test_every_output_is_as_stored():
    blocks = differences(collect(NAMES), NAMES)
    assert not blocks, told(blocks)


def test_the_stored_side_is_small_sorted_and_complete():
    text = STORED.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(text.encode()) < 300_000
    assert lines == sorted(lines, key=lambda line: line.split("\t")[0])
    rooms = [line.split("\t")[0].partition("/") for line in lines]
    assert {room for room, _, _ in rooms} >= {"helsinki", "district", "internal", "public", "plan"}
    assert sum(room == ANSWERS for room, _, _ in rooms) >= 200
    assert {name for room, _, name in rooms if room == "said"} == set(NAMES) - {ANSWERS}


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        (96.80689514023457, "distance_m", "96.807"),
        (184.51003752537056, "azimuth_deg", "184.5100"),
        (115.90173757123, "lon", "115.90173757"),
        (328.4743347167969, "px_m_sure", "328.474"),
        (0.02027027027027027, "share", "0.020270"),
        (3176347.0912345, "", "3176347.091"),
        (199250.0, "cost_yuan", "199250.00"),
        (-1e-17, "share", "0.000000"),
        (float("nan"), "height_m", "nan"),
    ],
)
def test_a_number_is_rounded_to_what_its_name_promises(value, name, expected):
    assert number(value, name) == expected


def test_the_last_bit_of_a_fraction_that_data_are_full_of_changes_nothing():
    for eighth in np.arange(1, 4000) / 8000.0:
        near = {number(float(np.nextafter(eighth, end)), "height_m") for end in (-9.0, 9.0)}
        assert near == {number(float(eighth), "height_m")}


def test_nothing_of_a_day_a_machine_or_a_version_stays():
    text = (
        f"civicsight 0.1.0, HiGHS 1.16.0, {'0a' * 32}, 2026-11-27T22:25:27.138Z, "
        '"distance_m": 96.80689514023457, data:image/png;base64,iVBORw0KGgo=, on 2026-03-01, 7.2.1'
    )
    assert words(text) == (
        "civicsight <version>, HiGHS <version>, <digest>, <time>, "
        '"distance_m": 96.807, <image/png>, on 2026-03-01, 7.2.1'
    )


def test_shapes_are_compared_to_the_millimetre():
    line = shapely.LineString([(392673.88000001, 3176347.09), (0.1 + 0.2, -1e-9)])
    assert shape(shapely.to_wkb(line)) == "LINESTRING (392673.88 3176347.09, 0.3 0)"
    assert shape(None) == ""


def test_json_is_told_by_its_first_keys():
    assert flat({"b": {"c": [1, 2.5]}, "a": None}) == {
        "a": ["a = "],
        "b.c": ["b.c.0 = 1", "b.c.1 = 2.500000"],
    }


def test_what_a_clock_saw_of_a_search_is_left_out(tmp_path):
    assert flat({"history": {"seconds": [0.1]}, "cost": 1}) == {"cost": ["cost = 1"]}
    drawings = "".join(
        f'<svg aria-label="Value {label}"><path d="M{k}"/><text>{k}</text></svg><p>after</p>'
        for k, label in enumerate(["over time [s]", "随时间 [s] 的变化", "by share"])
    )
    (tmp_path / "page.html").write_text(f"<h2>Search</h2>{drawings}", encoding="utf-8")
    (_, _, pieces) = next(read_folder(tmp_path))
    assert [line for line in pieces["Search"] if not line.startswith("svg@")] == [
        "after", "after", "path@d M2", "2", "after",
    ]  # fmt: skip


def made(folder: Path, *, height="3.5", order=(0, 1), note="a") -> Path:
    """Write a table, a store and a page as the product might."""
    folder.mkdir()
    rows = [["C1", height], ["C2", "4.0"]]
    with (folder / "cameras.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["camera_id", "height_m"], *rows])
    base = sqlite3.connect(folder / "store.gpkg")
    base.execute("CREATE TABLE cameras (fid INTEGER, camera_id TEXT, height_m REAL)")
    for k in order:
        base.execute("INSERT INTO cameras VALUES (?, ?, ?)", (k, rows[k][0], float(rows[k][1])))
    base.commit()
    base.close()
    page = f"<h1>Cameras</h1><p>two</p><h2>Notes</h2><p>{note}</p><script>/* c */ x()</script>"
    (folder / "page.html").write_text(page, encoding="utf-8")
    return folder


def found_in(folder):
    return {
        f"plan/{name}" + (f" > {part}" if part else ""): pieces
        for name, part, pieces in read_folder(folder)
    }


def compare(folder, found, against=None):
    return differences(found, ["plan"], against, folder / "stored.tsv")


@pytest.fixture
def stored(tmp_path):
    """What was made once is stored, with a copy to compare cells with."""
    first = found_in(made(tmp_path / "first"))
    path = tmp_path / "stored.tsv"
    write_stored(summed(first), ["plan"], path)
    write_copies(first, tmp_path / "copies")
    return tmp_path


def test_the_same_in_another_order_and_by_the_last_bit_is_equal(stored):
    again = found_in(made(stored / "again", height=str(np.nextafter(3.5, 9.0)), order=(1, 0)))
    assert compare(stored, again) == []


def test_a_difference_names_the_output_and_its_column_or_section(stored):
    other = found_in(made(stored / "other", height="3.6", note="b"))
    blocks = compare(stored, other)
    assert [block.splitlines()[0] for block in blocks] == [
        "plan/cameras.csv:",
        "plan/page.html:",
        "plan/store.gpkg > cameras:",
    ]
    assert "stored height_m~2~" in blocks[0]
    assert "camera_id" not in blocks[0]
    assert "stored Notes~1~" in blocks[1]


def test_beside_a_copy_a_difference_names_the_cell(stored):
    other = found_in(made(stored / "other", height="3.6"))
    blocks = compare(stored, other, stored / "copies")
    assert blocks[1] == (
        "plan/store.gpkg > cameras:\n  height_m: 1 of 2\n    1 (C1)\n"
        "      stored 3.500\n      found  3.600"
    )


def test_beside_a_copy_a_number_that_fell_on_the_other_side_is_the_same(stored):
    other = found_in(made(stored / "other", height="3.501"))
    assert len(compare(stored, other)) == 2
    assert compare(stored, other, stored / "copies") == []


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        ("at 3.500 m", "at 3.501 m", True),
        ("at 3.500 m", "at 3.502 m", False),
        ("at 3.500 m", "by 3.501 m", False),
        ("0.850000", "0.851000", False),
        ("199250.00 yuan", "199250.01 yuan", False),
        ("84 rows", "85 rows", False),
        ("84 rows", None, False),
    ],
)
def test_close_is_a_unit_of_the_last_decimal(old, new, close):
    assert is_close(old, new) is close


def test_what_is_missing_and_what_is_new_are_said(stored):
    found = found_in(stored / "first")
    found["plan/more.csv"] = found.pop("plan/cameras.csv")
    assert compare(stored, found) == [
        "plan/cameras.csv: no longer written",
        "plan/more.csv: not stored",
    ]


def test_a_run_of_some_stores_those_and_keeps_the_others(tmp_path):
    path = tmp_path / "stored.tsv"
    write_stored({"plan/a": ["x"], "said/plan": ["0"]}, ["plan"], path)
    write_stored({"answers/1": ["y"]}, [ANSWERS], path)
    write_stored({"answers/2": ["z"]}, [ANSWERS], path)
    assert read_stored(path) == {"answers/2": ["z"], "plan/a": ["x"], "said/plan": ["0"]}


def test_the_command_says_what_differs_and_ends_so(monkeypatch, capsys, tmp_path):
    found = {f"{ANSWERS}/1": {"": ["yes"]}}
    monkeypatch.setattr("tools.golden.__main__.collect", lambda _: found)
    monkeypatch.setattr("tools.golden.__main__.LAST", tmp_path / "last")
    words_ = ["--only", ANSWERS, "--stored", str(tmp_path / "stored.tsv")]
    assert main(words_) == 1
    assert "answers/1: not stored" in capsys.readouterr().out
    assert main([*words_, "--write"]) == 0
    assert main(words_) == 0
    assert "all equal" in capsys.readouterr().out
    (copy,) = (tmp_path / "last").iterdir()
    copy.unlink()
    found[f"{ANSWERS}/1"][""] = ["no"]
    assert main([*words_, "--out", str(tmp_path / "out")]) == 1
    assert "answers/1:\n  stored yes\n  found  no" in capsys.readouterr().out
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_a_value_of_a_table_is_told_by_what_it_is():
    assert [cell(v, "x_m") for v in (None, True, 7, 1.23456, "1.23456", "C1", "7.2.1")] == [
        "", "True", "7", "1.235", "1.235", "C1", "7.2.1",
    ]  # fmt: skip
    assert cell(json.dumps({"area_m2": 1.23456789, "a": [1]})) == "a.0 = 1; area_m2 = 1.235"
