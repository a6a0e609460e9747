"""The signs of a version that somebody drew: one for each thing that is done, by its action."""

from __future__ import annotations

import pytest

from civicsight.application.signs import sign_version
from civicsight.application.today import TODAY
from civicsight.application.workflow import open_session, perform, save
from civicsight.editing.commands import Add, Aim, Move, Remove, SetOptics
from civicsight.editing.project import Project
from civicsight.maps.events import EDITED
from civicsight.maps.works import WORKS
from civicsight.presentation.names import name_all
from civicsight.store import Actor, Denied, Role
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result

LI = Actor("Li", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
FINER = {"width_px": 3840.0, "hfov_deg": 40.0}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return the town with a version that does one thing with each camera."""
    folder = tmp_path_factory.mktemp("signs")
    project = Project(app_city(), RULES, app_result(), DIGEST, folder / "plans.gpkg")
    session = open_session(project, LI, app_guard())
    for command in (
        Aim("south", 170.0),  # re-aim
        Remove("away"),  # dismantle
        Remove("twin"),  # planned, given up: nothing is done with it
        Move("wall", 33.0, -6.0),  # replace: elsewhere, with another device
        SetOptics("wall", **FINER),
        Add("new/1", 30.0, 48.0, 180.0, height_m=3.5),
    ):
        session = perform(project, LI, session, command)
    save(project, LI, session)
    return project


def signs_of(project, actor):
    """Return the ids of the signs that somebody sees, by action."""
    names = name_all(project.result, "en")
    drawn = sign_version(project, actor, project.plan_id, 1, names)
    start = f"{EDITED}{WORKS}_"
    return {
        one["key"].removeprefix(start): one["data"]["ids"]
        for one in drawn
        if one["key"].startswith(start) and not one["key"].endswith("_views")
    }


def test_each_camera_has_the_sign_of_what_is_done_with_it(project):
    assert signs_of(project, LI) == {
        "reaim": ["south"],
        "take_down": ["away"],
        "move": ["wall"],
        "new": ["new/1"],
    }


def test_what_stands_has_no_sign(project):
    names = name_all(project.result, "en")
    assert sign_version(project, LI, project.plan_id, TODAY, names) == []


def test_a_version_that_is_not_open_shows_no_signs(project):
    with pytest.raises(Denied):
        signs_of(project, WEST)
