"""What a version of a plan lets cameras see: the same as a check of the city it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.application.coverage_difference import city_of, see_version
from civicsight.application.workflow import open_session, perform, save
from civicsight.core.i18n import LANGUAGES
from civicsight.coverage.check import check
from civicsight.editing.commands import Aim, Remove
from civicsight.editing.project import Project
from civicsight.planning.record.documents import to_record
from civicsight.planning.record.plan import planned_city
from civicsight.store import Actor, Denied, Role, open_store
from civicsight.ui import mapview
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, RULES, app_city, app_guard, app_result
from tests.plan_made import hand_plan
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "compare")
LI = Actor("Li", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")


@pytest.fixture
def project(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def drawn(project):
    """Save two versions: as it is, and with one camera turned and one taken away."""
    session = open_session(project, LI, app_guard())
    _, session = save(project, LI, session)
    first, second = map(str, project.city.cameras.index[:2])
    session = perform(project, LI, session, Aim(first, 15.0))
    session = perform(project, LI, session, Remove(second))
    save(project, LI, session)
    return session.draft.city


def same(one, two):
    """Tell whether two pictures show the same."""
    return one.bounds == two.bounds and all(
        np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
        for left, right in zip(one.to_dense()[:3], two.to_dense()[:3], strict=True)
    )


@pytest.mark.slow
def test_a_version_sees_what_a_check_of_its_city_sees(project, drawn):
    told = []
    before = see_version(project, LI, project.plan_id, 1, lambda *step: told.append(step))
    after = see_version(project, LI, project.plan_id, 2)
    cell_m = before.cell_m
    assert same(before, check(app_city(), rules=RULES, cell_m=cell_m).raster)
    assert same(after, check(drawn, rules=RULES, cell_m=cell_m).raster)
    assert not same(before, after)
    assert told[-1][0] == told[-1][1] > 0


def test_an_optimised_version_is_the_city_as_its_measures_leave_it(project):
    plan = hand_plan()
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "made", name="Plan")
        store.commit_version(
            LI, "made", base_rev=head.rev, documents=to_record(plan),
            layers={"measures": plan.measures}, inputs=plan.inputs,
        )  # fmt: skip
        version = store.read_version(LI, "made")
    wanted = planned_city(project.result, plan.measures, plan.cameras)
    assert city_of(project, version).cameras.equals(wanted.cameras)


@pytest.mark.usefixtures("drawn")
def test_who_has_one_district_sees_no_picture_of_all(project):
    with pytest.raises(Denied):
        see_version(project, WEST, project.plan_id, 1)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_parts_the_map_between_two_versions(monkeypatch, project, code):
    sent = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: sent.append(arguments["data"]))
    test = open_page(monkeypatch, project, PAGE, code, actor=LI)
    before = sent[-1]["swipe"]  # signs alone
    assert (before["left"], before["right"]) == (None, None)
    test.toggle(key="compare.seen").set_value(True).run()
    assert not test.exception
    assert not texts_of(test, ("info",))
    swipe = sent[-1]["swipe"]
    assert swipe["left"] != swipe["right"]
    labels = swipe["labels"]
    assert labels["left"].endswith("1")
    assert labels["right"].endswith("2")
    assert sent[-1]["coverage"] is None
