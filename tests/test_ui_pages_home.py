"""The first page: its map is the map of the app, what is chosen on it is named, and for whom."""

from __future__ import annotations

import pytest

from civicsight.core.i18n import LANGUAGES
from civicsight.editing.project import Project
from civicsight.store import Actor, Role
from civicsight.ui import mapview
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "home")
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")


@pytest.fixture
def sent(monkeypatch):
    handed = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: handed.append(arguments["data"]))
    return handed


@pytest.fixture
def project(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


def choose(test, layer, label):
    test.session_state["home.event"] = {
        "kind": "select", "seq": 1, "layer": layer, "id": label, "lat": 0.0, "lng": 0.0,
    }  # fmt: skip
    test.run()
    assert not test.exception


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_has_the_numbers_and_the_map_of_the_app(monkeypatch, project, sent, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert test.metric
    assert not test.get("iframe")
    assert sent[-1]["maker"] == "live"
    assert sent[-1]["coverage"] is not None


def test_what_is_chosen_is_named_and_marked(monkeypatch, project, sent):
    test = open_page(monkeypatch, project, PAGE, "en")
    label = str(project.result.cameras.index[0])
    choose(test, "cameras", label)
    assert sent[-1]["group"]["selected"] == ["cameras", label]
    assert f"camera {label}" in texts_of(test, ("text",))


def test_a_district_planner_sees_the_own_cameras_alone(monkeypatch, project, sent):
    own = seen_result(project, WEST).cameras.index
    other = str(project.result.cameras.index.difference(own)[0])
    test = open_page(monkeypatch, project, PAGE, "en", actor=WEST)
    choose(test, "cameras", other)
    assert sent[-1]["coverage"] is None
    assert sent[-1]["group"]["selected"] is None
    assert f"camera {other}" not in texts_of(test, ("text",))
