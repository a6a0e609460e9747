"""Surveys: which stops, in which order, what goes out, and what comes back in place of what."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import permutations
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from civicsight.application.intake import KIND_LABELS, take_in
from civicsight.application.outputs import Output, write_output
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.coverage.check import check
from civicsight.coverage.demand.numbers import spot_of
from civicsight.editing.gate_list import write_gate_list
from civicsight.inventory.survey import STOPS, survey_stops
from civicsight.inventory.survey_results import take_survey
from civicsight.inventory.walk import _nearest_next, length_m, order_walk
from civicsight.io import save_city
from civicsight.io.datums import ground_distance
from civicsight.io.project_file import load_city
from civicsight.io.registers.planning import read_surveyed
from civicsight.model import CAMERAS, ROADS
from civicsight.model.plan_tables import SURVEYED
from civicsight.planning.candidates.sites import REFUSED_M, Spacing, find_sites
from civicsight.report.survey import BOOK, GPX, KML, KMZ, write_survey
from civicsight.store import Actor, Role
from tests.app_town import app_result
from tests.result_town import make_city, table
from tests.test_cli import CAMERA
from tests.ui_made import make_project

KML_NAMES = {"k": "http://www.opengis.net/kml/2.2"}
GPX_NAMES = {"g": "http://www.topografix.com/GPX/1/1"}


@pytest.mark.parametrize("seed", range(60))
def test_a_walk_is_never_longer_than_the_nearest_next_and_near_the_shortest(seed):
    rng = np.random.default_rng(seed)
    spots = rng.uniform(0.0, 100.0, (int(rng.integers(1, 8)), 2))
    walk = order_walk(spots)
    assert sorted(walk) == list(range(len(spots)))
    assert length_m(spots, walk) <= length_m(spots, _nearest_next(spots, walk[0])) + 1e-9
    others = [stop for stop in range(len(spots)) if stop != walk[0]]
    best = min(length_m(spots, np.array([walk[0], *way])) for way in permutations(others))
    assert length_m(spots, walk) <= 1.2 * best + 1e-9


def test_stops_of_one_street_stay_together_and_a_straight_street_is_walked_along():
    rng = np.random.default_rng(3)
    along = rng.permutation(12) * 10.0
    spots = np.column_stack([along, np.repeat([0.0, 80.0], 6)])
    walk = order_walk(spots, pd.Series(["north"] * 6 + ["south"] * 6))
    assert {*walk[:6]} in ({*range(6)}, {*range(6, 12)})
    for part in (walk[:6], walk[6:]):
        steps = np.diff(spots[part, 0])
        assert (steps > 0).all() or (steps < 0).all()
    assert order_walk(np.zeros((0, 2)), pd.Series([], dtype=object)).tolist() == []


def city_with(**changes):
    """Return a town with a street and four cameras: whole, without direction, planned, removed."""
    city = make_city("town")
    x, y = CAMERA["geometry"].x, CAMERA["geometry"].y
    rows = [
        {**CAMERA, "camera_id": name, "name": name.upper(), **own, "geometry": Point(x - 6 * n, y)}
        for n, (name, own) in enumerate(
            {
                "whole": {},
                "blind": {"azimuth_deg": None, "height_m": None},
                "plan": {"status": "planned"},
                "gone": {"status": "removed", "azimuth_deg": None},
            }.items()
        )
    ]
    street = {"road_id": "r1", "kind": "residential", "name": "East Lane",
              "geometry": LineString([(x - 50, y - 5), (x + 200, y - 5)])}  # fmt: skip
    return replace(city, cameras=table(CAMERAS, rows), roads=table(ROADS, [street]), **changes)


@pytest.fixture(scope="module")
def result():
    return check(city_with(), raster=False)


def test_stops_are_what_nobody_knows_and_what_is_planned(result):
    stops = survey_stops(result)
    by_subject = stops.set_index("subject")
    assert by_subject.loc["blind", "kind"] == "record"
    assert {"height_by_mount", "any_height"} & set(by_subject.loc["blind", "assumed"])
    assert by_subject.loc["plan", "kind"] == "planned"
    assert not {"gone"} & set(stops["subject"])
    assert by_subject.loc["blind", "street"] == "East Lane"
    assert list(stops.index) == list(range(1, len(stops) + 1))
    assert set(stops["kind"]) <= set(STOPS)
    only = survey_stops(result, ["planned"])
    assert list(only["subject"]) == ["plan"]
    assert survey_stops(result, []).empty


def test_gates_carry_the_ids_of_the_list_in_which_they_are_answered(tmp_path):
    town = app_result()
    parts = town.parts.assign(how="frontage", confirmed=False, entrance_id=["s", None])
    result = replace(town, parts=parts)
    spot = spot_of(parts.iloc[1])
    gates = {"s", f"8.5:p#gate@{spot.x:.0f},{spot.y:.0f}"}
    assert {*survey_stops(result, ["gate"])["subject"]} == gates
    book = tmp_path / "gates.xlsx"
    write_gate_list(book, result, (), "en")
    cells = {
        cell
        for row in openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True)
        for cell in row
    }
    assert gates <= cells


def read_kml(text):
    root = ET.fromstring(text)  # noqa: S314 - our own file
    points = root.findall(".//k:Placemark[k:Point]", KML_NAMES)
    return [
        (one.find("k:name", KML_NAMES).text,
         *map(float, one.find("k:Point/k:coordinates", KML_NAMES).text.split(",")))
        for one in points
    ]  # fmt: skip


def test_the_files_hold_every_stop_where_it_is(result, tmp_path):
    hostile = replace(result.city, name="<town> & Co")
    stops = survey_stops(result)
    files = write_survey(stops, hostile, tmp_path)
    assert len(files) == 6
    text = (tmp_path / KML).read_text("utf-8")
    with ZipFile(tmp_path / KMZ) as package:
        assert package.namelist() == ["doc.kml"]
        assert package.read("doc.kml").decode() == text
    marks = read_kml(text)
    degrees = stops.geometry.to_crs("EPSG:4326")
    assert [name.split()[0] for name, _, _ in marks] == [str(stop) for stop in stops.index]
    for (_, lon, lat), place in zip(marks, degrees, strict=True):
        assert (lon, lat) == pytest.approx((place.x, place.y), abs=1e-6)
    root = ET.parse(tmp_path / GPX).getroot()  # noqa: S314 - our own file
    way = root.findall("g:rte/g:rtept", GPX_NAMES)
    assert [(float(one.get("lon")), float(one.get("lat"))) for one in way] == [
        pytest.approx(mark[1:]) for mark in marks
    ]
    page = (tmp_path / "sheet.zh-CN.html").read_text("utf-8")
    assert "East Lane" in page
    assert page.count("<svg") >= len(stops)
    write_survey(stops, hostile, tmp_path / "again")
    assert (tmp_path / "again" / KMZ).read_bytes() == (tmp_path / KMZ).read_bytes()


def test_maps_of_vendors_get_their_own_system(result, tmp_path):
    stops = survey_stops(result)
    for datum in ("wgs84", "gcj02"):
        write_survey(stops, result.city, tmp_path / datum, datum=datum)
    one, two = (read_kml((tmp_path / datum / KML).read_text("utf-8"))[0][1:]
                for datum in ("wgs84", "gcj02"))  # fmt: skip
    assert 300.0 < float(ground_distance(*one, *two)) < 900.0


def results_of(**cells):
    """Return results of the survey as the reader gives them, by camera."""
    city = city_with()
    rows = {
        name: {"surveyed_by": "Li", "surveyed_on": "2026-03-01", **own}
        for name, own in cells.items()
    }
    frame = gpd.GeoDataFrame(
        pd.DataFrame.from_dict(rows, orient="index"), geometry=[None] * len(rows), crs=city.crs
    )
    return SURVEYED.complete(frame)


@pytest.mark.slow
def test_what_was_found_takes_the_place_of_what_was_assumed():
    city = city_with()
    before = check(city, raster=False).heads
    assert before[before["camera_id"].eq("blind")]["assumptions"].map(len).max() > 0
    found = take_survey(
        city,
        results_of(
            blind={"azimuth_deg": 90.0, "height_m": 5.5, "power": True, "pole_work": "borrowed",
                   "duct": "none", "consent": "agreed", "tilt_deg": 20.0},
            whole={},
        ),
        "survey.xlsx",
    )  # fmt: skip
    row = found.city.cameras.loc["blind"]
    assert (row["azimuth_deg"], row["height_m"], row["tilt_deg"]) == (90.0, 5.5, 20.0)
    assert (row["power"], row["pole_work"]) == (True, "borrowed")
    assert row["tags"]["duct"] == "none"
    after = check(found.city, raster=False).heads
    own = after[after["camera_id"].eq("blind")]["assumptions"]
    assert not {"any_direction", "any_height", "height_by_mount"} & set(own.explode())
    record = found.city.changes
    assert set(record["field"]) == {
        "azimuth_deg", "height_m", "tilt_deg", "power", "pole_work", "tags.duct", "tags.consent",
    }  # fmt: skip
    assert set(record["decided_by"]) == {"Li"}
    assert set(record["decided_on"]) == {"2026-03-01"}
    assert found.silent == ("whole",)
    assert len(found.city.cameras) == len(city.cameras)


def test_what_cannot_be_built_goes_out_with_its_reason():
    city = city_with()
    told = results_of(plan={"buildable": False, "why_not": "gas main below"})
    found = take_survey(city, told, "s.csv")
    assert found.city.cameras.loc["plan", "status"] == "removed"
    assert found.unbuildable.to_dict() == {"plan": "gas main below"}
    record = found.city.changes[found.city.changes["what"].eq("unbuildable")].iloc[0]
    assert (record["subject"], record["reason"]) == ("plan", "gas main below")
    with pytest.raises(InputError, match="this camera stands"):
        take_survey(city, results_of(whole={"buildable": False, "why_not": "x"}), "s.csv")
    with pytest.raises(InputError, match="nobody"):
        take_survey(city, results_of(nobody={"height_m": 3.0}), "s.csv")


def test_the_next_plan_proposes_no_site_where_nothing_can_be_built():
    city = city_with()
    wanting = gpd.GeoDataFrame(geometry=[city.cameras.geometry["plan"]], crs=city.crs)
    areas = pd.DataFrame({"building_id": pd.Series(dtype=object)})

    def sites(town):
        placed = town.cameras.assign(placed="kept")
        return find_sites(town, placed, areas, wanting, within_m=60.0, spacing=Spacing(2.0, 2.0))

    spot = sites(city).geometry.iloc[0]
    places = city.cameras.geometry.copy()
    places["plan"] = spot
    city = replace(city, cameras=city.cameras.set_geometry(places))
    told = results_of(plan={"buildable": False, "why_not": "gas main below"})
    before, after = sites(city), sites(take_survey(city, told, "s.csv").city)
    assert (before.distance(spot) < REFUSED_M).any()
    assert not (after.distance(spot) < REFUSED_M).any()
    assert set(after.index) == set(before.index[before.distance(spot) > REFUSED_M])


def test_nothing_found_changes_nothing():
    city = city_with()
    assert take_survey(city, results_of(whole={}, plan={}), "s.csv").city is city


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("blind,5,,,,", "who surveyed"),
        ("plan,,no,,Li,2026-03-01", "why it cannot be built"),
        ("blind,high,,,Li,2026-03-01", "high"),
    ],
)
def test_a_result_needs_a_name_a_day_and_a_reason(tmp_path, row, said):
    path = tmp_path / "s.csv"
    head = "camera_id,height_m,buildable,why_not,surveyed_by,surveyed_on"
    path.write_text(f"{head}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_surveyed(path, crs=city_with().crs)


@pytest.mark.slow
def test_the_list_goes_out_is_filled_in_and_comes_back(capsys, tmp_path):
    project = save_city(city_with(), tmp_path / "town.gpkg")
    out = tmp_path / "survey"
    assert run(["survey", "out", str(project), "--out", str(out), "--lang", "en"]) == OK
    assert "planned point: 1" in capsys.readouterr().out
    book = openpyxl.load_workbook(out / "survey.xlsx")
    sheet = book.worksheets[1]
    heads = [cell.value for cell in sheet[1]]
    at = {name: heads.index(next(h for h in heads if h.endswith(f"({name})"))) + 1
          for name in ("camera_id", "azimuth_deg", "height_m", "surveyed_by", "surveyed_on",
                       "buildable", "why_not")}  # fmt: skip
    for row in range(2, sheet.max_row + 1):
        subject = sheet.cell(row, at["camera_id"]).value
        told = {"surveyed_by": "李", "surveyed_on": "2026-03-01"}
        told |= {"azimuth_deg": "东", "height_m": "5.5米"} if subject == "blind" else {}
        told |= {"buildable": "否", "why_not": "燃气管线"} if subject == "plan" else {}
        for name, value in told.items():
            sheet.cell(row, at[name]).value = value
    book.save(out / "survey.xlsx")
    words = ["survey", "in", str(project), str(out / "survey.xlsx")]
    before = project.read_bytes()
    assert run([*words, "--lang", "en"]) == OK
    assert project.read_bytes() == before
    printed = capsys.readouterr()
    assert "plan (燃气管线)" in printed.out
    assert "--accept" in printed.err
    assert run([*words, "--accept", "--json"]) == OK
    city = load_city(project)
    assert city.cameras.loc["blind", "height_m"] == 5.5
    # East by the compass, which counts from true north; the grid is turned by a degree or so.
    assert city.cameras.loc["blind", "azimuth_deg"] == pytest.approx(90.0, abs=2.0)
    assert city.cameras.loc["plan", "status"] == "removed"
    assert not city.changes["what"].eq("moved").any()
    assert not city.changes["field"].eq("geometry").any()
    assert run(["survey", "out", str(project), "--stops", "pub", "--lang", "en"]) == BAD_INPUT
    capsys.readouterr()
    words = ["survey", "out", str(project), "--stops", "planned", "--out", str(out), "--lang", "en"]
    assert run(words) == OK
    assert "Nothing has to be looked at on site" in " ".join(capsys.readouterr().err.split())


def test_results_come_in_by_the_app_as_by_the_command_line(tmp_path):
    city = city_with()
    path = tmp_path / "found.csv"
    path.write_text(
        "camera_id,height_m,duct,surveyed_by,surveyed_on\nblind,5.5,none,Li,2026-03-01\n",
        encoding="utf-8",
    )
    taken = take_in(city, path, kind="surveyed")
    assert taken.city.cameras.loc["blind", "height_m"] == 5.5
    assert taken.city.cameras.loc["blind", "tags"]["duct"] == "none"
    assert set(taken.city.changes["decided_by"]) == {"Li"}
    changed = {change.field for change in taken.edits.layer("cameras").changed}
    assert changed == {"height_m", "tags"}
    assert "surveyed" in KIND_LABELS


def test_the_list_is_an_output_of_the_app(tmp_path):
    project = make_project(tmp_path)
    name, content = write_output(project, Actor("Li", Role.PLANNER), Output.SURVEY)
    assert name == "civicsight-survey.zip"
    with ZipFile(BytesIO(content)) as package:
        assert {BOOK, KML, KMZ, GPX} <= set(package.namelist())
