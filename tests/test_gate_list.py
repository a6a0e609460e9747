"""The list of gates out and in, and the register of those that somebody confirmed."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from pyproj import CRS, Transformer

from civicsight.application.queue import own_gates
from civicsight.application.scope import hidden_places
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.coverage.check import check
from civicsight.coverage.demand.numbers import gate_id
from civicsight.editing.commands import Comment, ConfirmGate, RejectGate
from civicsight.editing.gate_list import (
    answer_gates,
    asked_gates,
    with_answers,
    write_gate_list,
    write_register,
)
from civicsight.editing.gates import open_gates
from civicsight.io import load_city, save_city
from civicsight.io.datums import from_wgs84
from civicsight.io.reader_registry import read_into
from civicsight.io.registers.gates import read_gate_list
from civicsight.io.tables.inventory import read_entrances
from civicsight.model import DISTRICTS, City, empty_tables
from civicsight.rules import load_packs
from civicsight.store import Actor, Role
from civicsight.ui.completing.lists import _write_list, _write_register
from tests import town
from tests.drawn import a_few

RULES = load_packs()
LISTED = {"item": "8.5", "standing": "designated", "source": "register"}
SAID = {"decided_by": "Li", "decided_on": "2026-10-01", "basis": "seen on site"}


@cache
def row_of_houses(count=14):
    """Return designated houses in a row, two of them with a path to a wall, one with a door."""
    houses = {f"h{n}": (town.rect(60 * n, 0, 60 * n + 24, 16),) for n in range(count)}
    spots = {
        f"p{n}": (town.point(60 * n + 12, 8), {"name": f"House {n}"}, LISTED) for n in range(count)
    }
    paths = {f"w{n}": (town.line((60 * n + 20, 40), (60 * n + 20, 16)), "footway") for n in (1, 2)}
    tables = empty_tables(town.CRS) | {
        "places": town.places(**spots),
        "buildings": town.buildings(**houses),
        "roads": town.roads(
            street=(town.line((-60, -12), (60 * count, -12)), "residential"), **paths
        ),
        "entrances": town.entrances(door=(town.point(192, 16), "main")),
    }
    extent = shapely.box(town.X - 100, town.Y - 100, town.X + 60 * count + 100, town.Y + 100)
    return City("Row", CRS.from_user_input(town.CRS), extent, **tables)


@cache
def checked():
    return check(row_of_houses(), rules=RULES, raster=False)


def cells_of(path):
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))


def rows_in(path):
    """Return the rows of a written table by the code in their headers, and how to write them."""
    if path.suffix == ".csv":
        head, *rows = cells_of(path)
    else:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    codes = [name.rpartition("(")[2].rstrip(")") for name in head]
    return [dict(zip(codes, row, strict=True)) for row in rows]


def fill_in(path, answers):
    """Write answers into a list, each beside its id."""
    codes = list(rows_in(path)[0])
    at = {row["gate_id"]: n for n, row in enumerate(rows_in(path), start=2)}
    if path.suffix == ".csv":
        table = cells_of(path)
        for label, said in answers.items():
            for name, value in said.items():
                table[at[label] - 1][codes.index(name)] = value
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(table)
        return
    book = openpyxl.load_workbook(path)
    for label, said in answers.items():
        for name, value in said.items():
            book.worksheets[0].cell(at[label], codes.index(name) + 1, value)
    book.save(path)


def lonlat(x, y):
    return Transformer.from_crs(town.CRS, "EPSG:4326", always_xy=True).transform(x, y)


def ten_answers(result):
    """Return seven gates confirmed, one that is elsewhere, two that are not there."""
    queue = asked_gates(result, ())
    how = {label: result.parts.loc[gate.part_id, "how"] for label, gate in queue.items()}
    none = [label for label, step in how.items() if step == "dead_end"][:2]
    rest = [label for label in queue if label not in none][:8]
    part = result.parts.loc[queue[rest[0]].part_id]
    middle = part.geometry.centroid
    lon, lat = lonlat(middle.x + 3.0, middle.y)
    moved = {"decision": "moved", "moved_lon": lon, "moved_lat": lat, **SAID}
    return (
        {rest[0]: moved}
        | {label: {"decision": "yes", **SAID} for label in rest[1:]}
        | {label: {"decision": "no", **SAID} for label in none}
    ), (middle.x + 3.0, middle.y)


def taken(path, result, done=(), **asked):
    city = result.city
    table, report = read_gate_list(path, crs=city.crs, near=city.extent, keep_good=True)
    return answer_gates(result, done, table, report, **asked), report


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", a_few(["csv", "xlsx"]))
def test_ten_rows_filled_in_settle_ten_gates_and_no_other(tmp_path, language, form):
    result = checked()
    path = tmp_path / f"gates.{form}"
    write_gate_list(path, result, (), language)
    order = [row["gate_id"] for row in rows_in(path)]
    assert order == [one.gate_id for one in open_gates(result, ())] == list(asked_gates(result, ()))
    assert len(order) > 12
    answers, place = ten_answers(result)
    assert len(answers) == 10
    fill_in(path, answers)

    found, report = taken(path, result)
    assert len(found.answers) == 10
    assert found.left_open == len(order) - 10
    assert not found.faults
    assert {entry.code: entry.number for entry in report.counts}["open"] == found.left_open
    first = {type(commands[0]) for commands in found.answers}
    assert first == {ConfirmGate, RejectGate}
    assert all(isinstance(commands[-1], Comment) for commands in found.answers)

    after = check(with_answers(result, found), rules=RULES, raster=False)
    gates = after.city.entrances
    confirmed = gates[gates["confirmed"]]
    yes = {label for label, said in answers.items() if said["decision"] != "no"}
    assert set(confirmed.index) == yes
    said = confirmed[["confirmed_by", "confirmed_on", "basis"]].drop_duplicates()
    assert said.values.tolist() == [["Li", "2026-10-01", "seen on site"]]
    (moved,) = (label for label, told in answers.items() if told["decision"] == "moved")
    assert confirmed.geometry.loc[moved].distance(shapely.Point(place)) < 0.01

    still = asked_gates(after, ())
    assert not answers.keys() & still.keys()
    left = {row["gate_id"]: row for row in rows_in(path) if row["gate_id"] not in answers}
    elsewhere = {label for label, gate in asked_gates(result, ()).items()
                 if label in left and gate.zone_id not in zones_of(result, answers)}  # fmt: skip
    assert elsewhere
    for label in elsewhere:
        was = result.parts.loc[asked_gates(result, ())[label].part_id]
        now = after.parts.loc[still[label].part_id]
        assert now.geometry.equals(was.geometry)
        assert not now["confirmed"]
        assert now["confidence"] == was["confidence"]
    assert not set(gates.index) & left.keys() - {"door"}
    refused = after.city.answers
    assert set(refused["subject"]) == answers.keys() - yes
    assert set(refused["answered_by"]) == {"Li"}
    assert set(refused["reason"]) == {"seen on site"}


def zones_of(result, labels):
    asked = asked_gates(result, ())
    return {asked[label].zone_id for label in labels}


def test_an_answer_of_the_list_is_that_of_the_app(tmp_path):
    from civicsight.editing.gates import confirmed_with, rejected_with

    result, path = checked(), tmp_path / "gates.csv"
    write_gate_list(path, result, (), "en")
    answers, _ = ten_answers(result)
    fill_in(path, answers)
    found, _ = taken(path, result)
    parts = {gate_id(part): part for _, part in result.parts.iterrows()}
    for commands, (label, row) in zip(found.answers, found.rows.iterrows(), strict=True):
        part = parts[label]
        if row["decision"] == "yes":
            own = confirmed_with(part, "seen on site", by="Li", on="2026-10-01")
            assert commands == own
        elif row["decision"] == "no":
            assert commands[0] == rejected_with(part, "x")[0]
            assert commands[1].text == "seen on site (Li, 2026-10-01)"


def test_a_list_may_come_back_again_with_more_rows(tmp_path):
    result, path = checked(), tmp_path / "gates.xlsx"
    write_gate_list(path, result, (), "en")
    answers, _ = ten_answers(result)
    fill_in(path, answers)
    found, _ = taken(path, result)
    done = [command for commands in found.answers for command in commands]
    again, _ = taken(path, result, done)
    assert (len(again.answers), again.settled) == (0, 10)
    after = check(with_answers(result, found), rules=RULES, raster=False)
    more = next(row["gate_id"] for row in rows_in(path) if row["gate_id"] in asked_gates(after, ()))
    fill_in(path, {more: {"decision": "yes", **SAID}})
    last, _ = taken(path, after)
    assert (len(last.answers), last.settled) == (1, 10)
    assert with_answers(after, last).entrances["confirmed"].sum() == 9


LON, LAT = lonlat(town.X, town.Y)

BAD = [
    ({"basis": "seen on site"}, "decision", "gate.undecided"),
    ({"decision": "perhaps", **SAID}, "decision", "cell.value"),
    ({"decision": "yes"}, "decided_by", "gate.unsaid"),
    ({"decision": "yes", **SAID, "decided_on": "2126-01-01"}, "decided_on", "gate.day"),
    ({"decision": "yes", **SAID, "decided_on": "soon"}, "decided_on", "cell.value"),
    ({"decision": "moved", **SAID}, "moved_lon", "gate.nowhere"),
    ({"decision": "moved", "moved_lon": 1.0, **SAID}, "moved_l", ""),
    ({"decision": "moved", "moved_lon": 1.0, "moved_lat": 2.0, **SAID}, "", "place."),
    ({"decision": "yes", "moved_lon": LON, "moved_lat": LAT, **SAID}, "moved_lon", "gate.place"),
    ({"decision": "moved", "moved_lon": LON + 0.002, "moved_lat": LAT, **SAID}, "moved_l", "gate."),
    ({"decision": "no", **SAID}, "decision", "gate.front"),
    ({"gate_id": "nobody", "decision": "yes", **SAID}, "gate_id", "gate.unknown"),
    ({"presumed_lat": "", "decision": "yes", **SAID}, "presumed_l", "gate.unknown_place"),
    ({"presumed_lat": "28.62", "decision": "yes", **SAID}, "presumed_lon", "gate.another"),
]


@pytest.mark.parametrize(("said", "field", "code"), BAD)
def test_a_bad_row_is_named_and_nothing_is_taken(tmp_path, said, field, code):
    result, path = checked(), tmp_path / "gates.csv"
    write_gate_list(path, result, (), "en")
    queue = asked_gates(result, ())
    bad, good = [label for label, gate in queue.items() if gate.is_presumed][:2]
    fill_in(path, {bad: said, good: {"decision": "yes", **SAID}})
    where = f"row {[row['gate_id'] for row in rows_in(path)].index(said.get('gate_id', bad)) + 2}"
    with pytest.raises(InputError) as refused:
        taken(path, result)
    faults = [fault for fault in refused.value.faults if fault.where == where]
    assert any(fault.field.startswith(field) for fault in faults)
    assert any(fault.code.startswith(code) for fault in faults)
    assert all(str(fault.expected) and str(fault.remedy) for fault in faults)
    assert {fault.where for fault in refused.value.faults} == {where}
    found, _ = taken(path, result, keep_good=True)
    assert [commands[0].gate_id for commands in found.answers] == [good]
    assert {fault.where for fault in found.faults} == {where}


def test_a_place_of_another_datum_is_taken_where_it_says_so_and_refused_where_not(tmp_path):
    result, path = checked(), tmp_path / "gates.csv"
    write_gate_list(path, result, (), "zh_CN")
    label, gate = next(iter(asked_gates(result, ()).items()))
    at = result.parts.loc[gate.part_id].geometry.centroid
    lon, lat = (float(one) for one in from_wgs84(*map(np.array, lonlat(at.x, at.y)), "gcj02"))
    said = {"decision": "移位", "moved_lon": repr(lon), "moved_lat": repr(lat), **SAID}
    fill_in(path, {label: said | {"datum": "GCJ-02"}})
    (commands,) = taken(path, result)[0].answers
    assert shapely.Point(commands[0].x, commands[0].y).distance(at) < 0.5
    fill_in(path, {label: said | {"datum": ""}})
    with pytest.raises(InputError) as refused:
        taken(path, result)
    assert {fault.code for fault in refused.value.faults} <= {"gate.far", "place.far"}


def test_a_list_that_is_read_as_a_register_makes_no_fact(tmp_path):
    result = checked()
    for form in ("csv", "xlsx"):
        path = tmp_path / f"gates.{form}"
        write_gate_list(path, result, (), "en")
        for kind in ("entrances", "answers", "places"):
            with pytest.raises(InputError):
                read_into(path, kind, result.city)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", a_few(["xlsx", "csv"]))
def test_a_register_of_the_confirmed_is_read_in_another_project(tmp_path, language, form):
    result, path = checked(), tmp_path / f"gates.{form}"
    write_gate_list(path, result, (), language)
    answers, _ = ten_answers(result)
    fill_in(path, answers)
    own = with_answers(result, taken(path, result)[0])
    own = replace(own, entrances=own.entrances.assign(name="=1+1", width_m=3.5))
    out = tmp_path / f"entrances.{form}"
    write_register(out, own, language)
    other, report = read_into(out, "entrances", replace(row_of_houses(), name="Other"))
    kept = own.entrances[own.entrances["confirmed"]]
    came = other.entrances.loc[kept.index]
    assert not report.rejected
    assert set(other.entrances.index) == {*kept.index, "door"}
    names = ["kind", "vehicle", "confirmed", "width_m", "confirmed_by", "confirmed_on", "basis",
             "source"]  # fmt: skip
    assert came[names].values.tolist() == kept[names].values.tolist()
    assert set(came["name"]) == {"=1+1"}
    assert came.geometry.distance(kept.geometry).max() < 0.01
    again = check(other, rules=RULES, raster=False)
    here = check(own, rules=RULES, raster=False)
    sure = [one.parts[one.parts["confirmed"]].set_index("entrance_id") for one in (again, here)]
    assert 5 < len(sure[0]) <= len(kept)
    assert set(sure[0].index) == set(sure[1].index) <= set(kept.index)
    assert sure[0].distance(sure[1].loc[sure[0].index]).max() < 0.01
    assert read_entrances(out, crs=own.crs)[0].index.equals(kept.index)


@pytest.mark.slow
def test_on_the_command_line_answers_come_into_a_project_once_accepted(capsys, tmp_path):
    project = save_city(row_of_houses(), tmp_path / "row.gpkg")
    path, words = tmp_path / "gates.xlsx", ["--lang", "en"]
    assert run(["gates", "ask", str(project), "--out", str(path), *words]) == OK
    assert len(rows_in(path)) == len(asked_gates(checked(), ()))
    answers, _ = ten_answers(checked())
    fill_in(path, answers)
    before = project.read_bytes()
    assert run(["gates", "answer", str(project), str(path), *words]) == OK
    printed = capsys.readouterr()
    assert "gates settled: 10" in printed.out
    assert "--accept" in printed.err
    assert project.read_bytes() == before
    assert run(["gates", "answer", str(project), str(path), "--accept", "--json"]) == OK
    figures = json.loads(capsys.readouterr().out)
    assert (figures["settled"], figures["settled_before"]) == (10, 0)
    assert load_city(project).entrances["confirmed"].sum() == 8
    out = tmp_path / "entrances.csv"
    assert run(["gates", "register", str(project), "--out", str(out), "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["gates"] == 8
    bare = save_city(row_of_houses(), tmp_path / "bare.gpkg")
    words = ["import", str(out), "--into", str(bare), "--accept", "--lang", "en"]
    assert run([*words, "--as", "entrances"]) == OK
    assert load_city(bare).entrances["confirmed"].sum() == 8
    assert run(["gates", "register", str(project), "--out", str(tmp_path / "e.pdf")]) == BAD_INPUT


def test_a_district_planner_takes_and_brings_back_what_lies_in_the_own_district(tmp_path):
    """The list, the queue and the register held the gates of all districts."""
    whole, x = checked(), town.X + 400
    rows = {code: {"code": code, "name": code, "level": "county"} for code in ("West", "East")}
    ends = ((town.X - 100, x), (x, town.X + 2_000))
    areas = [shapely.box(a, town.Y - 100, b, town.Y + 100) for a, b in ends]
    counties = DISTRICTS.complete(
        gpd.GeoDataFrame(list(rows.values()), index=list(rows), geometry=areas, crs=town.CRS)
    )
    entrances = whole.city.entrances.assign(confirmed=True)
    result = replace(whole, city=replace(whole.city, districts=counties, entrances=entrances))
    west, east = (Actor("Xi", Role.DISTRICT_PLANNER, name) for name in ("West", "East"))
    queues = [own_gates(result, (), one) for one in (west, east, Actor("Li", Role.PLANNER))]
    assert len(queues[0]) > 3
    assert len(queues[0]) + len(queues[1]) == len(queues[2])
    session = SimpleNamespace(done=(), digest="d")
    desk = SimpleNamespace(project=SimpleNamespace(result=result), session=session,
                           draft=SimpleNamespace(city=result.city))  # fmt: skip
    visit = SimpleNamespace(actor=west, language="en")
    path = tmp_path / "gates.csv"
    _write_list(path, desk, visit)
    assert [row["gate_id"] for row in rows_in(path)] == [one.gate_id for one in queues[0]]
    _write_register(tmp_path / "own.csv", desk, visit)
    _write_register(tmp_path / "other.csv", desk, SimpleNamespace(actor=east, language="en"))
    held = [len(rows_in(tmp_path / f"{name}.csv")) for name in ("own", "other")]
    assert held == [1, 0]  # the door of the third house

    write_gate_list(path, result, (), "en")
    own, other = queues[0][0].gate_id, queues[1][0].gate_id
    yes = {"decision": "yes", **SAID}
    fill_in(path, {own: yes, other: yes})
    hidden = hidden_places(result, west)
    with pytest.raises(InputError) as caught:
        taken(path, result, hidden=hidden)
    assert [(one.code, one.found) for one in caught.value.faults] == [("gate.unknown", other)]
    assert len(taken(path, result, hidden=hidden, keep_good=True)[0].answers) == 1
