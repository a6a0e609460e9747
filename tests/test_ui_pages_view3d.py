"""The page of the 3D view: its list, what a click in the view does, and who sees which cameras."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.core.i18n import LANGUAGES, translate
from civicsight.editing.project import Project
from civicsight.maps import scene_3d
from civicsight.presentation.symbols import PART_LABELS
from civicsight.store import Actor, Role
from civicsight.ui import mapview
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.pages import PAGES
from civicsight.ui.pages.view3d import find_solid
from tests.app_town import DIGEST, RULES, app_city, app_result
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
def project(tmp_path):
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
    assert sent[-1]["group"] == {"selected": None, "fly": 0}
    assert sent[-1]["words"]["missing"]


def test_the_list_of_gaps_holds_the_parts_that_nothing_covers(monkeypatch, project, sent):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    status = project.result.part_status["status"]
    gap = translate(PART_LABELS["gap"], "en")
    test.selectbox(key="solid.layer").select("parts").run()
    states = test.dataframe[0].value.iloc[:, 1]
    assert states.eq(gap).sum() == status.eq("gap").sum()
    assert len(states) == len(project.result.parts)
    test.selectbox(key="solid.layer").select("cameras").run()
    assert len(test.dataframe[0].value) == len(project.result.cameras)
    assert sent


def test_a_click_in_the_view_tells_of_the_camera_and_does_not_move_the_eye(
    monkeypatch, project, sent
):
    test = open_page(monkeypatch, project, PAGE, "en", actor=LI)
    label = str(project.result.cameras.index[0])
    test.session_state["solid.event"] = {
        "kind": "select", "seq": 1, "layer": "cameras", "id": label, "lat": 0.0, "lng": 0.0,
    }  # fmt: skip
    test.run()
    assert not test.exception
    assert sent[-1]["group"] == {"selected": ["cameras", label], "fly": 0}
    assert any(label in text for text in texts_of(test, ("text",)))


def test_a_link_chooses_and_flies(monkeypatch, project, sent):
    part = str(project.result.parts.index[0])
    open_page(monkeypatch, project, PAGE, "zh_CN", actor=LI, sel=part)
    assert sent[-1]["group"] == {"selected": ["parts", part], "fly": 1}


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
    assert sent[-1]["group"] == {"selected": ["cameras", last], "fly": 1}
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
    assert not any(other in text for text in texts_of(test, ("text",)))


def test_another_city_has_another_document(monkeypatch, project, sent, tmp_path):
    open_page(monkeypatch, project, PAGE, "en", actor=LI)
    other = make_project(tmp_path)
    open_page(monkeypatch, other, PAGE, "en", actor=LI)
    assert sent[0]["document"] != sent[-1]["document"]


def test_what_the_data_say_is_never_markdown(monkeypatch, tmp_path, sent):
    hostile = make_project(tmp_path, label=HOSTILE)
    test = open_page(monkeypatch, hostile, PAGE, "en", actor=LI, sel="c1")
    assert not test.exception
    assert sent[-1]["group"]["selected"] == ["cameras", "c1"]
    kinds = ("markdown", "info", "warning", "error", "button", "page_link", "expander")
    assert not [text for text in texts_of(test, kinds) if "onerror" in text]
    assert any("onerror" in entry.value for entry in test.text)


def test_a_project_without_anything_says_what_to_do(monkeypatch, tmp_path, sent):
    bare = make_project(tmp_path)
    result = bare.result
    for name in ("cameras", "parts"):
        setattr(result, name, getattr(result, name).iloc[:0])
    test = open_page(monkeypatch, replace(bare, digest="bare"), PAGE, "en", actor=LI)
    assert "Bring cameras" in test.info[0].value
    assert not sent
