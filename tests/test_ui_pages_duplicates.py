"""The page of what is built twice: pairs, cards, the what-if, and other districts as counts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from civicsight.application import doubles as service
from civicsight.application.doubles import Doubles
from civicsight.core.i18n import LANGUAGES
from civicsight.editing.project import Project
from civicsight.planning.duplicates import duplicates, make_cards, what_if
from civicsight.presentation.names import name_all
from civicsight.store import Actor, Role
from civicsight.ui.pages import PAGES
from tests.compliance_made import checked
from tests.ui_made import make_project, open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "duplicates")


@pytest.fixture
def project(tmp_path):
    service._FOUND.__init__(3)
    result = checked()
    return Project(result.city, result.rules, result, "town", tmp_path / "plans.gpkg")


def test_each_pair_names_the_others_and_what_it_adds(project):
    names = name_all(project.result, "en")
    seen = service.open_cameras(project, Actor("Li", Role.PLANNER))
    pairs = service.list_pairs(project.result, names, seen)
    assert seen == set(project.result.cameras.index)
    assert [camera for camera, _ in pairs] == list(project.result.duplicates["subject"])
    assert any("south" in cells[2] for camera, cells in pairs if camera == "twin")


def test_what_lies_in_other_districts_is_a_count_without_names(project):
    names = name_all(project.result, "en")
    (camera, cells), *_ = service.list_pairs(project.result, names, frozenset({"twin"}))
    assert camera == "twin"
    assert cells[2] == "1 in other districts"
    assert "south" not in "".join(cells)
    liu = Actor("Liu", Role.DISTRICT_PLANNER, "nowhere")
    assert service.open_cameras(project, liu) == frozenset()


@pytest.mark.slow
def test_the_cards_are_those_of_the_library(project):
    doubles = service.find_doubles(project)
    assert service.kept_doubles(project) is doubles
    found = duplicates(project.result)
    assert [card.camera_id for card in doubles.cards] == [c.camera_id for c in make_cards(found)]
    assert doubles.found.avoidable_yuan == found.avoidable_yuan
    names = name_all(project.result, "en")
    rows = service.list_cards(doubles, names, frozenset(found.flagged))
    assert [card.camera_id for card, _ in rows] == list(found.flagged)
    assert service.list_cards(doubles, names, frozenset()) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_judges_and_says_what_falls(monkeypatch, project, code):
    test = open_page(monkeypatch, project, PAGE, code)
    assert not test.exception
    assert service.kept_doubles(project) is None
    test.button(key="double").click().run()
    assert not test.exception
    doubles = service.kept_doubles(project)
    assert isinstance(doubles, Doubles)
    camera_set = list(doubles.found.camera_set.camera_ids)
    test.multiselect(key="duplicates.dropped").set_value(camera_set).run()
    assert not test.exception
    expected = what_if(doubles.found, camera_set)
    said = texts_of(test, ("text",))
    assert any(f"{expected.saved_yuan:,.0f}" in text for text in said)
    assert expected.falls
    places = test.dataframe[-1].value
    assert len(places) == len(expected.falls)


def test_a_project_without_pairs_says_what_to_do(monkeypatch, tmp_path):
    clean = make_project(tmp_path)
    clean.result.duplicates = clean.result.duplicates.iloc[:0]
    test = open_page(monkeypatch, clean, PAGE, "en")
    assert "No two cameras" in test.info[0].value
    assert isinstance(clean.result, SimpleNamespace)
