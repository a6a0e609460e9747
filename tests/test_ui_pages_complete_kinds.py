"""The queue as a page: records of cameras and places not judged beside gates, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyproj import Transformer

from civicsight.application.queue import GATES, PLACES, RECORDS, order_kinds
from civicsight.application.records import PLACE, doubtful_records
from civicsight.core.i18n import translate
from civicsight.coverage.pose.assumptions import ASSUMPTIONS
from civicsight.editing.commands import Comment, ConfirmGate
from civicsight.editing.gates import FARTHEST_M
from civicsight.editing.project import Project
from civicsight.presentation.names import name_all
from civicsight.store import Actor, Role
from civicsight.ui.editor.forms import FIELDS
from civicsight.ui.pages import PAGES
from civicsight.ui.pages.complete import DONE, LABELS
from tests.caches import own_cache
from tests.test_application_queue import RIGHT, doubtful, unjudged
from tests.test_ui_pages_complete import LI, SAYS, WANG, press
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "complete")
CODES = ("en", "zh_CN")


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))

    def of(result):
        path = tmp_path / "plans.gpkg"
        return Project(result.city, result.rules, result, f"queue {id(result)}", path)

    return of


def opened(monkeypatch, project, kind, code="en", actor=LI):
    test = open_page(monkeypatch, project, PAGE, code, actor=actor)
    assert not test.exception
    if test.session_state["complete.kind"] != kind:
        test.button_group(key="complete.kind").set_value(kind).run()
    assert not test.exception
    return test


def label_of(kind, count, code):
    return translate(LABELS[kind], code) % {"count": count}


@pytest.mark.parametrize("code", CODES)
def test_the_kind_that_settles_most_is_asked_first_and_each_tells_its_count(
    monkeypatch, made, code
):
    project = made(doubtful())
    test = open_page(monkeypatch, project, PAGE, code, actor=LI)
    order = order_kinds(project.result)
    choice = test.button_group(key="complete.kind")
    assert test.session_state["complete.kind"] == order[0]
    records = doubtful_records(project.result, project.city.cameras, project.result.heads)
    told = [option.content for option in choice.proto.options]
    assert told[order.index(RECORDS)] == label_of(RECORDS, len(records), code)
    assert len(told) == len(order)


@pytest.mark.parametrize("code", CODES)
def test_a_record_is_asked_for_what_it_lacks_with_units_and_limits(monkeypatch, made, code):
    project = made(doubtful())
    result = project.result
    first = doubtful_records(result, project.city.cameras, result.heads)[0]
    test = opened(monkeypatch, project, RECORDS, code)
    said = texts_of(test, ("text",))
    assert name_all(result, code).cameras[first.camera_id] in said
    for name in first.assumptions:
        assert any(translate(ASSUMPTIONS[name].meaning, code) in text for text in said)
    shown = {field.label: field for field in test.number_input}
    wanted = [name for name in first.missing if name in FIELDS]
    assert set(shown) == {translate(FIELDS[name][0], code) for name in wanted}
    for name in wanted:
        label, least, most, _ = FIELDS[name]
        field = shown[translate(label, code)]
        assert (field.min, field.max, field.value) == (least, most, None)


def fill(test, record):
    key = f"complete.record.{record.camera_id}.0"
    for name in record.missing:
        if name in FIELDS:
            test.number_input(key=f"{key}.{name}").set_value(RIGHT[name])
        elif name == "kind":
            test.selectbox(key=f"{key}.kind").set_value(RIGHT["kind"])


def test_an_answer_is_kept_with_its_basis_and_taken_back_as_one(monkeypatch, made):
    project = made(doubtful())
    result = project.result
    queue = doubtful_records(result, project.city.cameras, result.heads)
    test = opened(monkeypatch, project, RECORDS)
    for one in queue:  # to the first that can be answered without the map
        if one.missing and PLACE not in one.missing and not one.in_the_data:
            break
        press(test, "complete.later")
    test.selectbox(key="complete.basis").set_value("drawing").run()
    assert press(test, "complete.record") == ()
    assert any("Nothing was filled in" in text for text in texts_of(test, ("text",)))
    fill(test, one)
    done = press(test, "complete.record")
    assert isinstance(done[-1], Comment)
    assert done[-1] == Comment(one.camera_id, "drawing or permit")
    assert len(done) > 1
    assert press(test, "complete.undo") == ()


def test_who_may_not_draw_reads_what_is_missing(monkeypatch, made):
    test = opened(monkeypatch, made(doubtful()), RECORDS, actor=WANG)
    assert not test.number_input
    assert "Records are completed by a planner." in texts_of(test, SAYS)


def test_a_district_planner_is_not_asked_of_cameras_elsewhere(monkeypatch, made):
    liu = Actor("Liu", Role.DISTRICT_PLANNER, "nowhere")
    test = opened(monkeypatch, made(doubtful()), RECORDS, actor=liu)
    assert any(str(DONE[RECORDS]) in text for text in texts_of(test, ("success",)))


@pytest.mark.parametrize("code", CODES)
def test_an_unjudged_place_says_why_and_takes_the_entrance_that_settles_it(monkeypatch, made, code):
    project = made(unjudged())
    test = opened(monkeypatch, project, PLACES, code)
    assert "Bare" in texts_of(test, ("text",))
    listing = next(one for one in test.button if one.key == "complete.entrance")
    assert listing.disabled
    to_degrees = Transformer.from_crs(project.city.crs, "EPSG:4326", always_xy=True)
    spot = project.result.zones.geometry.iloc[
        [name == "Bare" for name in project.result.zones["name"]].index(True)
    ]
    for seq, far_m in enumerate((40.0, 1.0)):
        lng, lat = to_degrees.transform(spot.x + far_m, spot.y)
        event = {"kind": "point", "seq": seq, "lat": lat, "lng": lng}
        test.session_state["complete.event"] = event
        test.run()
        listing = next(one for one in test.button if one.key == "complete.entrance")
        assert listing.disabled is (far_m > FARTHEST_M)
    entrance, said = press(test, "complete.entrance")
    assert isinstance(entrance, ConfirmGate)
    assert round(entrance.x - spot.x, 3) == 1.0
    assert said.subject == entrance.gate_id
    assert any(translate(DONE[PLACES], code) in text for text in texts_of(test, ("success",)))
    assert press(test, "complete.undo") == ()


def test_every_kind_has_words_for_its_count_and_its_end():
    assert set(LABELS) == set(DONE) == {GATES, RECORDS, PLACES}


def test_the_filter_of_records_stands_below_the_map_and_narrows_all_the_same(monkeypatch, made):
    """Above the map it pushed the map out of the window."""
    result = doubtful()
    stations = ["East", *["West"] * (len(result.cameras) - 1)]
    cameras = result.cameras.assign(police_station=stations)
    test = opened(monkeypatch, made(replace(result, cameras=cameras)), RECORDS)
    keys = [str(one.key) for one in test.selectbox]
    assert keys.index("complete.dimension") == len(keys) - 1
    test.selectbox(key="complete.dimension").set_value("police_station").run()
    assert not test.exception
    assert any("value.police_station" in str(one.key) for one in test.selectbox)
