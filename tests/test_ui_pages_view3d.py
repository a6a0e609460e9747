"""The page of the 3D view: its list, what a click in the view does, and who sees which cameras."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st

from civicsight.core.i18n import LANGUAGES, translate
from civicsight.core.settings import cache_dir
from civicsight.editing.project import Project
from civicsight.maps import scene_3d
from civicsight.maps.scene_3d import window_of
from civicsight.presentation.names import name_all
from civicsight.presentation.symbols import PART_LABELS, PART_STYLES
from civicsight.store import Actor, Role
from civicsight.ui import mapview
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.editor.state import open_editor
from civicsight.ui.editor.visits import arrive
from civicsight.ui.pages import PAGES
from civicsight.ui.pages.view3d import find_solid
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.caches import own_cache
from tests.test_maps_scene_3d import unpack
from tests.ui_made import make_project, open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "view3d")
LI = Actor("Li", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
HOSTILE = '<img src=x onerror="alert(1)">[x](javascript:alert(1)) $a$ :red[b]'


@pytest.fixture
def sent(monkeypatch):
    """Return what the view is handed, instead of a browser."""
    handed = []

    def note(**arguments):
        handed.append(arguments["data"])

    monkeypatch.setattr(mapview, "_MAP", note)
    return handed


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    find_solid.clear()
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


def document_of(data):
    """Return the document that the last view would fetch."""
    name = data["document"].split("/")[-1].partition(".")[0]
    return unpack(mapview.SERVED.guarded.get(("solid", name)))


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("role", [Role.PLANNER, Role.REVIEWER, Role.ANALYST])
def test_everybody_may_look(monkeypatch, project, sent, code, role):
    test = open_page(monkeypatch, project, PAGE, code, actor=Actor("Wu", role))
    assert not test.exception
    head, _ = document_of(sent[-1])
    assert len(head["cameras"]["ids"]) == len(project.result.cameras)
    assert sent[-1]["maker"] == "solid"
    assert sent[-1]["group"] == {
        "selected": None, "fly": 0, "tool": "select", "hidden": [], "styles": {},
    }  # fmt: skip
    assert sent[-1]["words"]["missing"]


def test_the_list_of_gaps_holds_the_parts_that_nothing_covers(monkeypatch, project, sent):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    status = project.result.part_status["status"]
    gap = translate(PART_LABELS["gap"], "en")
    assert len(test.dataframe[-1].value) == status.eq("gap").sum()
    test.toggle(key="solid.gaps").set_value(False).run()
    states = test.dataframe[-1].value.iloc[:, 1]
    assert states.eq(gap).sum() == status.eq("gap").sum()
    assert len(states) == len(project.result.parts)
    assert sent


def tell(test, kind, seq, **more):
    """Do in the view what a browser would tell of."""
    test.session_state["solid.event"] = {"kind": kind, "seq": seq, "lat": 0.0, "lng": 0.0, **more}
    test.run()
    assert not test.exception
    return test.session_state["plan.desk"][1]


def test_a_click_in_the_view_selects_in_the_panel_and_does_not_move_the_eye(
    monkeypatch, project, sent
):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    label = str(project.result.cameras.index[0])
    editor = tell(test, "select", 1, layer="cameras", id=label)
    assert editor.camera_id == label
    group = sent[-1]["group"]
    assert (group["selected"], group["fly"]) == (["cameras", label], 0)
    assert any(label in text for text in texts_of(test, ("text",)))


def test_the_draft_is_edited_from_the_view_as_on_the_map(monkeypatch, project, sent):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    test.radio(key="plan.tool").set_value("add").run()
    assert sent[-1]["group"]["tool"] == "add"
    editor = tell(test, "point", 1, x=30.0, y=48.0)
    assert editor.camera_id == "new/1"
    spot = editor.draft.cameras.geometry["new/1"]
    assert (spot.x, spot.y) == (30.0, 48.0)
    group = sent[-1]["group"]
    assert (group["tool"], group["selected"]) == ("select", ["cameras", "new/1"])
    edited = group["edited"]
    assert edited["ids"] == ["new/1"]
    window = window_of(project.city)
    place = [edited["at"][0][0] + window.east, edited["at"][0][1] + window.north]
    assert place == pytest.approx([30.0, 48.0], abs=0.01)
    assert len(edited["eyes"]) == 3 * len(edited["heads"])
    assert len(edited["rays"]) == 3 * len(edited["ray_m"])
    test.slider(key="plan.slide.new/1.azimuth_deg").set_value(180.0).run()
    assert sent[-1]["group"]["edited"]["heads"][0][1] == 180.0
    changed = editor.changes()
    rank = list(PART_STYLES)
    told = sent[-1]["group"]["styles"]
    assert set(told) == set(changed.index)
    assert {rank[k] for k in told.values()} <= {"unbuilt", "covered", "assumed", "possible"}
    test.radio(key="plan.tool").set_value("move").run()
    tell(test, "point", 2, x=28.0, y=47.0)
    assert editor.draft.cameras.geometry["new/1"].x == 28.0
    tell(test, "select", 3, layer="cameras", id="south")
    test.slider(key="plan.slide.south.azimuth_deg").set_value(10.0).run()
    assert sent[-1]["group"]["hidden"] == ["south"]


def test_what_is_selected_on_the_map_is_selected_in_the_view_and_flown_to(monkeypatch, project):
    handed = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: handed.append(arguments["data"]))
    editor = open_editor(project, LI, cache_dir())
    editor.select("cameras", "south")
    monkeypatch.setattr(st, "session_state", {})
    arrive(editor, "plan")
    assert editor.flights == 1
    arrive(editor, "plan")
    assert editor.flights == 1  # it is there already
    arrive(editor, "solid")
    assert (editor.flights, editor.target) == (2, ("cameras", "south"))


def test_who_does_not_draw_has_no_tool_in_the_view(monkeypatch, project, sent):
    test = open_page(monkeypatch, project, PAGE, "en", actor=Actor("Wang", Role.REVIEWER))
    assert not test.radio
    editor = tell(test, "point", 1, x=30.0, y=48.0)
    assert not editor.session.done
    assert sent


def test_a_link_chooses_and_flies(monkeypatch, project, sent):
    part = str(project.result.parts.index[0])
    open_page(monkeypatch, project, PAGE, "zh_CN", actor=LI, sel=part)
    group = sent[-1]["group"]
    assert group["selected"] == ["parts", part]
    assert group["fly"] > 0


@pytest.mark.slow
def test_a_larger_city_is_drawn_around_what_was_flown_to_and_stays_at_a_click(
    monkeypatch, project, sent
):
    monkeypatch.setattr(scene_3d, "WHOLE_M", 1.0)
    monkeypatch.setattr(scene_3d, "AROUND_M", 40.0)
    monkeypatch.setattr(scene_3d, "GRID_M", 10.0)
    cameras = project.result.cameras
    first, last = (str(label) for label in cameras.geometry.x.sort_values().index[[0, -1]])
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI, sel=first)
    around = sent[-1]["document"]
    assert first in document_of(sent[-1])[0]["cameras"]["ids"]
    assert last not in document_of(sent[-1])[0]["cameras"]["ids"]
    test.session_state["solid.event"] = {
        "kind": "select", "seq": 1, "layer": "cameras", "id": last, "lat": 0.0, "lng": 0.0,
    }  # fmt: skip
    test.run()
    assert sent[-1]["document"] == around
    assert sent[-1]["group"]["selected"] == ["cameras", last]
    open_page(monkeypatch, project, PAGE, "en", actor=LI, sel=last)
    assert last in document_of(sent[-1])[0]["cameras"]["ids"]


def test_a_district_planner_gets_the_own_cameras_and_no_picture_of_coverage(
    monkeypatch, project, sent
):
    own = seen_result(project, WEST).cameras.index
    assert 0 < len(own) < len(project.result.cameras)
    other = str(project.result.cameras.index.difference(own)[0])
    test = open_page(monkeypatch, project, PAGE, "en", actor=WEST, sel=other)
    assert not test.exception
    head, arrays = document_of(sent[-1])
    assert head["cameras"]["ids"] == list(own)
    assert not {"coverage", "samples"} & arrays.keys()
    assert {row[0] for row in head["cameras"]["heads"]} <= set(range(len(own)))
    assert sent[-1]["group"]["selected"] is None
    test.session_state["solid.event"] = {
        "kind": "select", "seq": 9, "layer": "cameras", "id": other, "lat": 0.0, "lng": 0.0,
    }  # fmt: skip
    test.run()
    assert not test.exception
    assert sent[-1]["group"]["selected"] is None
    named = {other, name_all(project.result, "en").cameras[other]}
    assert named.isdisjoint(texts_of(test, ("text",)))
    rows = [str(cell) for one in test.dataframe for cell in one.value.to_numpy().ravel()]
    assert named.isdisjoint(rows)


def test_another_city_has_another_document(monkeypatch, project, sent, tmp_path):
    open_page(monkeypatch, project, PAGE, "en", actor=LI)
    other = make_project(tmp_path)
    open_page(monkeypatch, other, PAGE, "en", actor=LI)
    assert sent[0]["document"] != sent[-1]["document"]


def test_what_the_data_say_is_never_markdown(monkeypatch, tmp_path, sent):
    hostile = make_project(tmp_path, label=HOSTILE)
    test = open_page(monkeypatch, hostile, PAGE, "en", actor=LI)
    assert not test.exception
    kinds = ("markdown", "info", "warning", "error", "button", "page_link", "expander")
    assert not [text for text in texts_of(test, kinds) if "onerror" in text]
    cells = [str(cell) for one in test.dataframe for cell in one.value.to_numpy().ravel()]
    assert any("onerror" in cell for cell in cells)
    assert any("onerror" in title for title in document_of(sent[-1])[0]["cameras"]["titles"])


def test_a_project_without_anything_says_what_to_do(monkeypatch, tmp_path, sent):
    bare = make_project(tmp_path)
    result = bare.result
    for name in ("cameras", "parts"):
        setattr(result, name, getattr(result, name).iloc[:0])
    test = open_page(monkeypatch, replace(bare, digest="bare"), PAGE, "en", actor=LI)
    assert "Bring cameras" in test.info[0].value
    assert not sent
