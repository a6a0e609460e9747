"""What is decided: the latest version on the map and on one sheet, in words and figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.decided_plan import privacy_of
from civicsight.application.decision import Cameras, awaited, decision_document, read_decision
from civicsight.application.review import read_review
from civicsight.application.workflow import open_session, perform, save
from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.core.settings import present_day
from civicsight.coverage.check import check
from civicsight.editing.commands import Add, Move, Remove
from civicsight.editing.edit_context import edit_context_of
from civicsight.editing.project import Project
from civicsight.editing.session import begin
from civicsight.planning.record.documents import to_record
from civicsight.planning.statement.figures import before_of, figures_of_check
from civicsight.presentation.names import name_all
from civicsight.report.plan.teller import teller_of
from civicsight.store import Actor, Role, give_opinion, open_store, start_review
from civicsight.ui import mapview
from civicsight.ui.editor.sight import seen_result
from civicsight.ui.frame import Visit
from civicsight.ui.pages import PAGES, decision
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.caches import own_cache
from tests.plan_made import checked, gate, hand_plan
from tests.ui_made import open_page, remarked, texts_of

PAGE = next(page for page in PAGES if page.code == "review")
LI, WANG = Actor("Li", Role.PLANNER), Actor("Wang", Role.REVIEWER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
SAYS = ("text", "markdown", "info", "caption")
OFFICES = ("Police", "Planning")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def sent(monkeypatch):
    handed = []
    monkeypatch.setattr(mapview, "_MAP", lambda **arguments: handed.append(arguments["data"]))
    return handed


def draw(project, *commands, note="", departments=OFFICES):
    """Save another version of the plan, with what commands do."""
    bench = edit_context_of(project)
    session = (
        open_session(project, LI, bench.guard)
        if project.store_path.is_file()
        else begin(project.city, bench.guard, project.digest)
    )
    for command in commands:
        session = perform(project, LI, session, command)
    return save(project, LI, session, name="Plan 2027", note=note, departments=departments)[0]


def decided(project, actor=LI):
    review = read_review(project, actor, project.plan_id)
    return review, read_decision(project, actor, edit_context_of(project), review)


NEW = Add("new/1", 30.0, 2.0, 0.0)
"""A camera south of the gate that one of the city watches already."""


@pytest.mark.slow
def test_cameras_are_counted_beside_those_that_stand_and_beside_the_version_before(project):
    draw(project, NEW)
    _, first = decided(project)
    assert (first.cameras, first.since) == (Cameras(1, 0, 0), None)
    label = str(project.city.cameras.index[0])
    place = project.city.cameras.geometry.iloc[0]
    draw(project, Move(label, place.x + 0.5, place.y), Remove("new/1"))
    _, second = decided(project)
    assert second.cameras == Cameras(0, 1, 0)
    assert second.since == Cameras(0, 1, 1)


def test_gaps_are_those_that_a_check_of_the_version_finds(project):
    gone = [label for label in project.city.cameras.index if label in ("south", "twin")]
    draw(project, *(Remove(label) for label in gone))
    _, found = decided(project)
    n = found.figures
    assert n.opened
    after, _ = before_of(check(found.made.draft.city, rules=RULES, raster=False))
    before, _ = before_of(project.result)
    was, now = (table["compliance"].eq("open") for table in (before, after))
    assert set(n.opened) == set(now.index[now & ~was])
    assert set(n.closed) == set(was.index[was & ~now])
    assert n.of("parts.open.after") == int(now.sum())
    assert n.of("parts.covered.after") == int(after["state"].eq("covered").sum())


def test_a_version_of_another_state_of_the_project_is_refused(project):
    draw(project, NEW)
    other = Project(project.city, RULES, project.result, "other", project.store_path)
    review = read_review(other, LI, other.plan_id)
    with pytest.raises(InputError):
        read_decision(other, LI, edit_context_of(project), review)


def test_departments_that_have_not_spoken_on_this_version_are_awaited(project):
    plan = draw(project, NEW)
    with open_store(project.store_path) as store:
        plan = start_review(store, LI, plan.plan_id, base_rev=plan.rev)
        give_opinion(store, WANG, plan.plan_id, digest=plan.digest, department="Police",
                     dated_on=present_day().isoformat(), text="Agreed", reply="agree")  # fmt: skip
    review, found = decided(project)
    assert awaited(review) == ["Planning"]
    told = decision_document(project, review, found, name_all(project.result, "en"), "en")
    said = {section.title: section.blocks for section in told.sections}
    assert list(said) == ["Money", "What changes", "Opinions", "Gaps", "Questions of privacy",
                          "Not judged"]  # fmt: skip
    table, silent = said["Money"]
    assert table.rows[-1][:2] == ("In all", "1")
    assert float(table.rows[-1][2]) > 0.0
    assert "Yearly costs" in silent
    assert said["Opinions"] == ["Police: agrees; Agreed", "Still awaited: Planning"]


@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_page_shows_the_version_on_the_map_and_what_is_decided(
    monkeypatch, project, sent, code
):
    draw(project, NEW, note="first")
    remarked(project, WANG, str(project.city.cameras.index[0]), "Too high")
    test = open_page(monkeypatch, project, PAGE, code, actor=WANG)
    assert not test.exception
    said = texts_of(test, SAYS)
    assert f"**{translate('Money', code)}**" in said
    told = "Investment by the price table of the project"
    start = translate(told, code) if code == "en" else "\u6309\u9879\u76ee\u4ef7\u683c\u8868"
    assert any(text.startswith(start) for text in said)
    keys = [layer["key"] for layer in sent[-1]["group"]["layers"]]
    assert "edited_remarks" in keys
    assert len(keys) > 1
    test.session_state["review.when"] = "before"
    test.run()
    assert [layer["key"] for layer in sent[-1]["group"]["layers"]] == ["edited_remarks"]


@pytest.fixture
def optimised(tmp_path, monkeypatch):
    """Keep two versions of a plan of the optimiser; the second builds nothing."""
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    found = checked()
    project = Project(found.city, found.rules, found, DIGEST, tmp_path / "plans.gpkg", "made")
    plan = hand_plan()
    less = replace(
        plan, measures=plan.measures.drop(index="new/1"), cameras=plan.cameras.drop(index="new/1"),
        bill=plan.bill[plan.bill["camera_id"].ne("new/1")],
        parts=plan.parts.assign(status_after=plan.parts["status_before"]),
    )  # fmt: skip
    with open_store(project.store_path, create=True) as store:
        head = store.new_plan(LI, "made", name="Plan 2027", departments=OFFICES)
        for one in (plan, less):
            head = store.commit_version(
                LI, "made", base_rev=head.rev, documents=to_record(one),
                layers={"measures": one.measures}, inputs=one.inputs,
            )  # fmt: skip
    return project, plan, less


def test_a_new_camera_that_is_not_in_it_any_more_has_no_id_on_the_sheet(optimised):
    project, plan, _ = optimised
    built = {"new/1": "new:pole:L-036@4.6/standard/4/15"}
    before = replace(
        plan,
        measures=plan.measures.rename(index=built),
        cameras=plan.cameras.rename(index=built),
        bill=plan.bill.replace({"camera_id": built}),
    )
    review, found = decided(project)
    found, names = replace(found, before=before), name_all(project.result, "en")
    told = decision_document(project, review, found, names, "en")
    said = [str(block) for section in told.sections for block in section.blocks]
    assert "  new: existing pole L-036, 4.6 m, 4°: not in it any more" in said


@pytest.mark.slow
def test_a_plan_of_the_optimiser_has_the_same_sheet(optimised):
    project, plan, less = optimised
    review, found = decided(project)
    assert (found.cameras, found.since) == (Cameras(0, 1, 1), Cameras(0, 0, 1))
    assert found.figures.closed == []
    assert found.figures.of("parts.open.after") == 1
    assert found.money.investment.value == less.cost_yuan
    told = decision_document(project, review, found, name_all(project.result, "en"), "en")
    said = {section.title: section.blocks for section in told.sections}
    assert list(said) == ["Money", "What changes", "Opinions", "Gaps", "Questions of privacy",
                          "Not judged"]  # fmt: skip
    since = "Since the version before: 2.43 -> 0.08 (10,000 yuan)"
    assert since in said["What changes"]
    assert any("not in it any more" in str(line) for line in said["What changes"])
    rows = {row[0]: row[1:] for row in said["Money"][0].rows}
    assert rows["Re-aim and record"] == ("1", "0.08")
    assert rows["In all"] == ("2", "0.08")
    assert any("1 closed" in str(block) or "0 closed" in str(block) for block in said["Gaps"])
    first = read_review(project, LI, "made")
    first = replace(first, plan=replace(first.plan, version=1))
    whole = read_decision(project, LI, edit_context_of(project), first)
    assert (whole.cameras, whole.since) == (Cameras(1, 1, 1), None)
    assert whole.figures.closed == [gate("n")]
    assert whole.figures.of("parts.open.after") == 0
    assert sum(yuan.value for _, _, yuan in whole.money.rows) == plan.cost_yuan


@pytest.mark.slow
def test_the_sheet_says_what_changed_since_the_plan_was_made_and_what_is_open_by_a_check_of_today(
    optimised,
):
    """It is what is signed, and was the one paper that said nothing of it."""
    project, plan, _ = optimised
    names = name_all(project.result, "en")

    def told():
        review, found = decided(project)
        sheet = decision_document(project, review, found, names, "en")
        return sheet.lead, {section.title: section.blocks for section in sheet.sections}["Gaps"]

    lead, gaps = told()
    assert not any("changed since" in line for line in lead)
    assert not any("By the check of" in str(line) for line in gaps)
    none = plan.before.assign(state="covered", compliance="met")
    older = replace(plan, inputs=dict(plan.inputs) | {"cameras": "ab" * 32}, before=none)
    with open_store(project.store_path) as store:
        rev = store.plan(LI, "made").rev
        store.commit_version(
            LI, "made", base_rev=rev, documents=to_record(older),
            layers={"measures": older.measures}, inputs=older.inputs,
        )  # fmt: skip
    lead, gaps = told()
    assert [line for line in lead if "changed since the plan was made: cameras" in line]
    n = figures_of_check(project.result)
    dated = (
        f"By the check of {present_day().isoformat()}: {n['parts.open.before']} of "
        f"{n['parts.count.before']} gates and key parts are open"
    )
    assert [line for line in gaps if str(line).startswith(dated)]


def test_walls_that_cameras_of_a_plan_may_see_and_breaches_that_it_ends_are_questions():
    plan = hand_plan()
    measures = plan.measures.copy()
    measures.loc["new/1", "exposure_m2"] = 12.0
    measures.loc["twin", ["article", "year"]] = ["9", 2027]
    found = teller_of(replace(plan, measures=measures), checked(), "en")
    walls, breach = sorted(privacy_of(found), key=lambda text: "wall" not in text)
    assert "12 m²" in walls
    assert "Article 9" in breach
    assert not privacy_of(teller_of(plan, checked(), "en"))


@pytest.mark.slow
@pytest.mark.parametrize("code", ["en", "zh_CN"])
def test_the_page_shows_a_plan_of_the_optimiser_on_the_map(monkeypatch, optimised, sent, code):
    project, _, _ = optimised
    test = open_page(monkeypatch, project, PAGE, code, actor=WANG)
    assert not test.exception
    assert f"**{translate('Money', code)}**" in texts_of(test, SAYS)
    keys = [layer["key"] for layer in sent[-1]["group"]["layers"]]
    assert "edited_works_reaim" in keys
    test.session_state["review.when"] = "before"
    test.run()
    assert not sent[-1]["group"]["layers"]


@pytest.mark.usefixtures("sent")
def test_a_district_planner_gets_no_pin_on_a_camera_elsewhere(project):
    draw(project, NEW)
    away = seen_result(project, WEST).cameras.index
    label = str(project.result.cameras.index.difference(away)[0])
    remarked(project, WANG, label, "Too high")
    review = read_review(project, LI, project.plan_id)
    assert decision._pins(visit_of(project, LI), review)
    assert not decision._pins(visit_of(project, WEST), review)


def visit_of(project, actor):
    return Visit("en", actor, str, project)


@pytest.mark.usefixtures("sent")
def test_a_click_on_the_map_names_what_a_remark_is_on(monkeypatch, project):
    draw(project, NEW)
    test = open_page(monkeypatch, project, PAGE, "en", actor=WANG)
    label = str(project.city.cameras.index[0])
    test.session_state["review.map.event"] = {
        "kind": "select", "seq": 1, "layer": "cameras", "id": label, "lat": 0.0, "lng": 0.0,
    }  # fmt: skip
    test.run()
    assert not test.exception
    assert test.text_input(key="review.subject").value == label
    name = name_all(project.result, "en").cameras[label]
    assert f"The remark is on: {name}" in texts_of(test, ("text",))


def test_who_submits_is_told_beforehand_who_is_awaited(monkeypatch, project, sent):
    plan = draw(project, NEW)
    with open_store(project.store_path) as store:
        start_review(store, LI, plan.plan_id, base_rev=plan.rev)
    said = texts_of(open_page(monkeypatch, project, PAGE, "en", actor=LI), SAYS)
    assert "Cannot be submitted yet: still awaited: Police, Planning" in said
    assert sent
