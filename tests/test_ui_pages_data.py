"""The page of the data: what they lack, and the import of the local planner alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.city.project_file import load_city
from civicsight.errors import N_, InputError
from civicsight.i18n import LANGUAGES, translate
from civicsight.report.quality.measure import quality_of
from civicsight.store import Actor, Role
from civicsight.ui import mapview
from civicsight.ui.pages import PAGES
from civicsight.ui.pages import data as page
from civicsight.ui.services import intake
from tests.ui_made import make_project, open_page

PAGE = next(one for one in PAGES if one.code == "data")
ROWS = "camera_id,x,y,height_m\nnew-1,500010,3160010,4.5\nnew-2,500020,3160020,5\n"


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, label="School")


def csv_of(city):
    spot = city.extent.centroid
    return f"camera_id,x,y,height_m\nnew-1,{spot.x},{spot.y},4.5\nnew-2,{spot.x},{spot.y},5\n"


def take(city, text, **asked):
    options = {"kind": "cameras", "datum": "", "keep_good": False} | asked
    return intake.take_in(city, "../../cams .csv", text.encode(), **options)


def test_the_table_says_what_the_data_lack(project):
    rows = intake.quality_rows(project.city, project.rules, lambda text: translate(text, "en"))
    limits = quality_of(project.city, rules=project.rules).limits
    assert [row[1] for row in rows] == [translate(limit.lack, "en") for limit in limits]
    assert all(row[4] and row[5] for row in rows)


def test_a_file_is_read_into_the_project_which_stays_as_it_is(project, tmp_path):
    before = len(project.city.cameras)
    taken = take(project.city, csv_of(project.city))
    assert (taken.report.read, taken.report.kept) == (2, 2)
    assert "/" not in taken.report.source
    assert len(project.city.cameras) == before
    path = tmp_path / "project.gpkg"
    path.write_bytes(intake.project_file(taken.city))
    assert {"new-1", "new-2"} <= set(load_city(path).cameras.index)
    assert len(taken.city.cameras) == before + 2


def test_what_is_too_large_or_broken_is_refused(project, monkeypatch):
    monkeypatch.setattr(intake, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="at most"):
        take(project.city, ROWS)
    monkeypatch.undo()
    with pytest.raises(InputError):
        take(project.city, "camera_id,x,y\nnew,not a number,3\n")
    with pytest.raises(InputError, match="whole city"):
        intake.take_in(project.city, "x.geojson", b'{"type":"FeatureCollection","features":[]}',
                       kind="", datum="", keep_good=False)  # fmt: skip


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_rows_are_on_the_map_where_the_datum_puts_them(monkeypatch, project, code):
    sent = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: sent.append(arguments["data"]))
    taken = take(project.city, csv_of(project.city))
    placed = taken.placed
    assert set(placed.index) == {
        *map(str, taken.edits.layer("cameras").added.index),
        *(entry.label for entry in taken.edits.layer("cameras").reshaped),
    }
    assert all(taken.city.cameras.geometry[label].equals(at) for label, at in placed.items())
    test = open_page(monkeypatch, project, PAGE, code)
    test.session_state[page.TAKEN] = (project.digest, replace(taken, datum="gcj02"))
    test.run()
    assert not test.exception
    assert any("GCJ-02" in one.value for one in test.text)
    group = sent[-1]["group"]
    assert group["layers"][0]["key"].endswith("taken")
    west, south, east, north = placed.to_crs("EPSG:4326").total_bounds
    lat, lng = group["fly"]["at"]
    assert south <= lat <= north
    assert west <= lng <= east


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_local_planner_imports_and_others_read_why_not(monkeypatch, project, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert len(test.selectbox) == 2
    test.button[-1].click().run()
    assert test.error
    taken = take(project.city, csv_of(project.city))
    test.session_state[page.TAKEN] = (project.digest, taken)
    test.run()
    assert not test.exception
    assert any("new-1" in one.value or "2" in one.value for one in test.text)
    reviewer = open_page(monkeypatch, project, PAGE, code, actor=Actor("Wang", Role.REVIEWER))
    assert not reviewer.selectbox
    assert reviewer.info


def test_a_planner_over_the_network_imports_nothing(monkeypatch, project):
    monkeypatch.setattr(page, "way_in", lambda: page.Way.ACCOUNTS)
    test = open_page(monkeypatch, project, PAGE, "en")
    assert not test.selectbox
    assert "never over the network" in test.info[0].value


def test_a_doubtful_place_is_not_offered_before_the_datum_is_declared(monkeypatch, project):
    taken = take(project.city, csv_of(project.city))
    assert taken.is_sure
    doubtful = replace(taken, report=replace(taken.report, warnings=(N_("off by 500 m"),)))
    assert not doubtful.is_sure
    assert replace(doubtful, datum="gcj02").is_sure
    test = open_page(monkeypatch, project, PAGE, "en")
    test.session_state[page.TAKEN] = (project.digest, doubtful)
    test.run()
    assert not test.exception
    assert "declare the datum" in test.error[0].value
    assert not test.get("download_button")
