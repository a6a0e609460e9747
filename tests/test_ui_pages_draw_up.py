"""The page of the optimiser: asked, watched, looked at, asked again without a measure, kept."""

from __future__ import annotations

from base64 import b64decode

import pytest

from civicsight.application.drawing_up import PLAN_ID, list_works, name_work
from civicsight.application.job import JobState
from civicsight.application.jobs import JobPool
from civicsight.application.plan_options import option_of
from civicsight.application.plan_work import PlanAims
from civicsight.core.errors import N_
from civicsight.core.i18n import LANGUAGES, translate
from civicsight.editing.project import Project
from civicsight.planning.aims.options import EVERYTHING, OPTIONS, RECOMMENDED
from civicsight.planning.candidates.effort import Forecast
from civicsight.planning.money.bill import sums_of
from civicsight.planning.money.payers import Payer, payers_of
from civicsight.planning.prices.price_table import Prices, read_prices
from civicsight.planning.record.documents import from_record
from civicsight.planning.statement.figures import figures_of
from civicsight.report.plan.funding import in_wan
from civicsight.report.plan.teller import teller_of
from civicsight.store import Actor, Role, open_store
from civicsight.ui import plan_form as plan_asked
from civicsight.ui import plan_jobs
from civicsight.ui.pages import PAGES
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.caches import own_cache
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "draw")
LI = Actor("Li", Role.PLANNER)
FIRST = ("zh_CN", pytest.param("en", marks=pytest.mark.slow))


@pytest.fixture
def pool(tmp_path, monkeypatch):
    made = JobPool(tmp_path / "jobs", in_threads=True)
    monkeypatch.setattr(plan_jobs, "job_pool", lambda: made)
    monkeypatch.setattr(plan_asked, "PlanAims", quick)
    yield made
    made.close()


def quick(**asked):
    return PlanAims(**asked | {"steps": 200, "seconds": 20.0})


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def opened(monkeypatch, project, pool):  # noqa: ARG001 - the pool is in place
    def open_as(code="en", actor=LI):
        test = open_page(monkeypatch, project, PAGE, code, actor=actor)
        assert not test.exception
        return test

    return open_as


def said(test):
    return " ".join(texts_of(test, ("text", "error", "warning", "info", "success", "metric")))


def press(test, key):
    next(button for button in test.button if str(button.key) == key).click().run()
    assert not test.exception


def drawn(test, pool):
    """Wait for the plan that was asked for last, and draw the page with it."""
    job = asked_of(pool)[-1]
    assert job.wait(120) is JobState.DONE, job.reasons
    test.run()
    assert not test.exception
    return job


def asked_of(pool):
    """Return the jobs of whoever asked in this test, the last one at the end."""
    return [job for groups in pool._asked.values() for group in groups for job in group]


@pytest.mark.parametrize("code", FIRST)
def test_a_plan_is_asked_for_looked_at_and_kept(opened, pool, project, code):
    test = opened(code)
    press(test, "draw.go")
    job = drawn(test, pool)
    plan = pool.plan(job)
    assert in_wan(plan.cost_yuan) in [metric.value for metric in test.metric]
    works = list_works(plan)
    label = str(works.index[0])
    kind = works["measure"].iloc[0]
    at = app_city().extent.centroid
    del at
    test.session_state["draw.event"] = {
        "kind": "select", "seq": 1, "layer": f"edited_works_{kind}", "id": label,
        "lat": 28.6, "lng": 115.8,
    }  # fmt: skip
    test.run()
    assert not test.exception
    keys = [str(button.key) for button in test.button]
    assert keys.index("draw.without") < keys.index("draw.go")  # why it is there heads the panel
    assert keys.index("draw.keep") < keys.index("draw.documents.write")
    assert in_wan(sums_of(plan).investment) in said(test)  # what the review counts
    shown = "".join(element.value for element in test.get("html"))
    assert (" m²</b>" in shown) == (kind != "drop")
    press(test, "draw.documents.write")
    assert any("civicsight-plan.zip" in element.value for element in test.get("html"))
    press(test, "draw.keep")
    kept = translate(N_("Kept: it can be handed in under Review."), code)
    assert kept in [one.value for one in test.success]
    order = [one.type for one in test.main if one.type in {"metric", "success", "expander"}]
    assert order.index("metric") < order.index("success")  # beside the button, not above the panel
    with open_store(project.store_path) as store:
        version = store.read_version(LI, PLAN_ID)
    assert set(version.layers["measures"].index) == set(plan.measures.index)


def test_a_plan_waited_for_is_there_after_a_reload_and_the_last_one_opens(opened, pool, project):
    """A reload is a new session: it forgot what the server still had."""
    test = opened()
    press(test, "draw.go")
    job = asked_of(pool)[-1]
    assert "draw.cancel" in " ".join(str(one.key) for one in test.button) or job.is_over
    assert job.wait(120) is JobState.DONE, job.reasons
    again = opened()
    assert in_wan(pool.plan(job).cost_yuan) in [metric.value for metric in again.metric]
    other = opened(actor=Actor("Wu", Role.PLANNER))
    assert not other.metric, "another person did not ask for it"
    elsewhere = project.store_path.with_name("of-another-project.gpkg")
    assert not pool.asked_by(LI.name, elsewhere)


@pytest.mark.slow
def test_what_less_money_gives_up_is_one_click_and_a_table(opened, pool):
    test = opened()
    press(test, "draw.go")
    first = pool.plan(drawn(test, pool))
    test.radio(key="draw.aim").set_value("budget").run()
    press(test, "draw.less.0.2")
    bill = sums_of(first).investment
    assert test.number_input(key="draw.money").value == pytest.approx(bill * 0.8e-4)
    press(test, "draw.go")
    second = pool.plan(drawn(test, pool))
    assert sums_of(second).investment <= bill * 0.8
    shown = next(one.value for one in test.dataframe if "Here" in one.value.columns)
    costs = [in_wan(plan.cost_yuan) for plan in (first, second)]
    assert shown.iloc[0].tolist() == ["Works [10,000 yuan]", *costs]
    lost = first.parts["status_after"].eq("covered") & second.parts["status_after"].ne("covered")
    assert ("No longer covered" in said(test)) == bool(lost.any())


@pytest.mark.slow
def test_planning_again_without_a_measure_leaves_it_alone_and_shows_both(opened, pool):
    test = opened()
    press(test, "draw.go")
    first = drawn(test, pool)
    works = list_works(pool.plan(first))
    new = next(label for label in works.index if label.startswith("new:"))
    test.session_state["draw.chosen"] = new
    test.run()
    press(test, "draw.without")
    second = drawn(test, pool)
    assert second.task.aims.ruled_out == (new,)
    assert second.task.aims.start  # it begins from the first
    assert second.task.aims.years == first.task.aims.years
    after = pool.plan(second)
    assert new not in after.works.index
    assert after.cost_yuan >= pool.plan(first).cost_yuan or figures_of(after).left
    assert len(test.dataframe) == 8  # plans, beside the first, measures, and its five of money
    assert len(test.dataframe[0].value) == 2
    press(test, f"back-{new}")
    assert "Without" not in " ".join(texts_of(test, ("text",))[:3])


def test_a_sum_that_is_missing_is_asked_for_and_nothing_begins(opened, pool):
    test = opened()
    test.radio(key="draw.aim").set_value("budget").run()
    press(test, "draw.go")
    assert "how much money" in said(test)
    assert not asked_of(pool)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_form_tells_beforehand_what_a_limit_may_not_suffice_for(
    opened, pool, monkeypatch, code
):
    """The page began what it could have known not to end in time; the terminal said so."""
    asked = []

    def foresee(_, aims):
        asked.append((aims.robust_k, aims.known_gates, aims.districts))
        return Forecast(40, 4_000, 400, 90.0, 300.0)

    monkeypatch.setattr(plan_asked, "PlanAims", PlanAims)
    monkeypatch.setattr(plan_asked, "foresee", foresee)
    plan_asked.find_forecast.clear()
    test = opened(code)
    told = translate(Forecast(40, 4_000, 400, 90.0, 300.0).describe(), code)
    assert told in [one.value for one in test.caption]
    assert "30 s" not in said(test), "two minutes suffice"
    test.selectbox(key="draw.time").set_value(30.0).run()
    short = translate(Forecast(40, 4_000, 400, 90.0, 300.0).warn(30.0), code)
    assert short in said(test)
    assert not asked_of(pool)
    test.radio(key="draw.aim").set_value("failure").run()
    test.checkbox(key="draw.known").check().run()
    test.multiselect(key="draw.districts").set_value(["East"]).run()
    assert asked[-1] == (1, True, ("East",))
    plan_asked.find_forecast.clear()


@pytest.mark.slow
def test_a_sum_buys_what_it_can(opened, pool):
    test = opened()
    test.radio(key="draw.aim").set_value("budget").run()
    test.number_input(key="draw.money").set_value(1.0).run()
    press(test, "draw.go")
    job = drawn(test, pool)
    assert job.task.aims.budget_yuan == 10_000.0
    assert sums_of(pool.plan(job)).investment <= 10_000.0
    assert "Budget (Investment; all years, all districts): 10,000 yuan, spent" in said(test)
    test.radio(key="draw.budget_of").set_value("works").run()
    press(test, "draw.go")
    works = asked_of(pool)[-1]
    assert works.task.aims.budget_of == "works"


@pytest.mark.parametrize("actor", [
    Actor("Wang", Role.REVIEWER), Actor("Xi", Role.DISTRICT_PLANNER, "West"),
])  # fmt: skip
def test_who_may_not_draw_up_a_plan_is_told_who_may(opened, actor):
    test = opened(actor=actor)
    assert "municipal planner" in " ".join(texts_of(test, ("info", "text", "markdown", "warning")))
    assert not [button for button in test.button if button.key == "draw.go"]


@pytest.mark.slow
@pytest.mark.parametrize("code", FIRST)
def test_three_options_stand_side_by_side_and_the_one_chosen_is_kept(opened, pool, project, code):
    test = opened(code)
    press(test, "draw.three")
    jobs = asked_of(pool)
    assert [option_of(job.task.aims) for job in jobs] == list(OPTIONS)
    for job in jobs:
        assert job.wait(120) is JobState.DONE, job.reasons
    test.run()
    assert not test.exception
    shown = "".join(element.value for element in test.get("html"))
    for job in jobs:
        assert f">{in_wan(pool.plan(job).cost_yuan)}<" in shown
    choice = test.radio(key=f"draw.option.{jobs[1].id}")
    assert choice.value == RECOMMENDED
    choice.set_value(EVERYTHING).run()
    assert not test.exception
    press(test, "draw.keep")
    with open_store(project.store_path) as store:
        version = store.read_version(LI, PLAN_ID)
    assert set(version.layers["measures"].index) == set(pool.plan(jobs[-1]).measures.index)


@pytest.mark.slow
def test_what_is_held_is_in_the_next_plan_until_it_is_let_go(opened, pool):
    test = opened()
    press(test, "draw.go")
    first = drawn(test, pool)
    works = list_works(pool.plan(first))
    new = next(label for label in works.index if label.startswith("new:"))
    test.session_state["draw.chosen"] = new
    test.run()
    press(test, "draw.hold")
    assert test.session_state["draw.held"] == {new: name_work(told(pool, first), new)}
    press(test, "draw.go")
    second = drawn(test, pool)
    assert second.task.aims.held == (new,)
    assert new in pool.plan(second).works.index
    assert "In any case" in said(test)
    press(test, f"back-{new}")
    assert not test.session_state["draw.held"]


def told(pool, job):
    return teller_of(pool.plan(job), app_result(), "en")


@pytest.mark.slow
def test_a_table_of_ones_own_prices_the_plan_and_a_bad_one_is_refused(opened, pool):
    test = opened()
    usual = read_prices()
    dear = usual.table.assign(price_yuan=usual.table["price_yuan"] * 3)
    text = Prices(dear, "own").to_csv()
    test.get("file_uploader")[0].set_value(("bad.csv", b"item,unit\npole,pole\n", "text/csv"))
    test.run()
    assert not test.exception
    assert "price_yuan" in said(test)
    assert "draw.prices" not in test.session_state
    test.get("file_uploader")[0].set_value(("own.csv", text.encode(), "text/csv")).run()
    assert not test.exception
    assert "Prices: own.csv" in said(test)
    press(test, "draw.go")
    job = drawn(test, pool)
    assert pool.plan(job).inputs["prices"] == Prices(dear, "").digest
    press(test, "draw.prices.back")
    assert "planning figures of the project" in said(test)


@pytest.mark.slow
def test_districts_are_asked_for_alone(opened, pool):
    test = opened()
    assert test.multiselect(key="draw.districts").options == ["East", "West"]
    test.multiselect(key="draw.districts").set_value(["East"]).run()
    press(test, "draw.go")
    job = drawn(test, pool)
    assert job.task.aims.districts == ("East",)
    assert list(pool.plan(job).parameters["scope"]["districts"]) == ["East"]
    assert "Asked for in these districts alone: East" in said(test)


@pytest.mark.slow
def test_a_point_of_the_curve_is_the_sum_that_is_asked_for(opened, pool):
    test = opened()
    press(test, "draw.curve")
    job = asked_of(pool)[-1]
    assert job.wait(120) is JobState.DONE, job.reasons
    test.run()
    assert not test.exception
    curve = pool.summary(job)["curve"]
    (drawn_as,) = [
        element.value for element in test.get("html") if "data:image/svg" in element.value
    ]
    picture = b64decode(drawn_as.partition("base64,")[2].partition('"')[0]).decode()
    assert "10,000 yuan" in picture
    middle = len(curve["budget_yuan"]) // 2
    key = f"draw.curve.{job.id[:12]}"
    test.session_state[key] = {"selection": {"rows": [middle], "columns": [], "cells": []}}
    test.run()
    press(test, "draw.curve.point")
    plan = drawn(test, pool)
    assert plan.task.aims.budget_yuan == curve["budget_yuan"][middle]
    assert pool.plan(plan).cost_yuan <= curve["budget_yuan"][middle]
    assert test.radio(key="draw.aim").value == "budget"


@pytest.mark.slow
def test_an_option_that_came_to_nothing_is_told_beside_the_others(opened, pool):
    test = opened()
    test.session_state["draw.held"] = {"new:nothing": "Nothing"}
    test.run()
    press(test, "draw.three")
    jobs = asked_of(pool)
    for job in jobs:
        assert job.wait(120) is JobState.FAILED
    test.run()
    assert not test.exception
    assert said(test).count("is held and is not among the candidates") == len(jobs)
    for name in OPTIONS.values():
        assert str(name) in said(test)


@pytest.mark.slow
def test_who_pays_is_said_by_rule_and_point_and_kept_with_the_version(opened, pool, project):
    test = opened()
    press(test, "draw.go")
    plan = pool.plan(drawn(test, pool))
    works = list_works(plan)[lambda table: table["year"].gt(0)]
    label, kind = str(works.index[0]), str(works["measure"].iloc[0])
    press(test, "draw.payers.add")
    assert not own_payers_in(test)  # a rule that says nothing is none
    test.selectbox(key="draw.payers.source").set_value("city").run()
    press(test, "draw.payers.add")
    test.session_state["draw.chosen"] = label
    test.run()
    test.selectbox(key="draw.payers.measure").set_value(kind)
    test.selectbox(key="draw.payers.source").set_value("own")
    test.text_input(key="draw.payers.unit").set_value("Station")
    test.checkbox(key="draw.payers.point").check().run()
    press(test, "draw.payers.add")
    assert own_payers_in(test) == (Payer("city"), Payer("own", "Station", camera_id=label))
    assert "everything else: City budget" in said(test)
    press(test, "draw.keep")
    with open_store(project.store_path) as store:
        kept = from_record(store.read_version(LI, PLAN_ID).documents)
    assert payers_of(kept) == own_payers_in(test)
    press(test, "draw.payers.back.0")
    assert len(own_payers_in(test)) == 1
    again = opened()
    press(again, "draw.go")
    drawn(again, pool)
    assert own_payers_in(again) == payers_of(kept)  # a new visit goes on with what is kept


def own_payers_in(test):
    known = "draw.payers" in test.session_state
    return test.session_state["draw.payers"] if known else ()
