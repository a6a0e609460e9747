"""The page of the plan map: what a click, a drag and a form do, and what nobody gets past."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from pyproj import Transformer
from shapely.geometry import LineString

from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.i18n import translate
from civicsight.coverage.check import check
from civicsight.coverage.optics.lens import Frame, Optics
from civicsight.editing.commands import Add, Aim, ConfirmGate, Move
from civicsight.editing.preview import preview
from civicsight.editing.project import Project
from civicsight.maps.likeness import portray
from civicsight.presentation.lexicon import DRAWN_NAMES, number
from civicsight.presentation.names import name_all
from civicsight.report.permit_words import headline_of
from civicsight.rules.vocabulary import word
from civicsight.store import Actor, Role, open_store
from civicsight.ui.editor.private import name_places
from civicsight.ui.editor.sight import group_of, look_at, own_sentences, seen_result
from civicsight.ui.pages import PAGES, plan_map
from civicsight.ui.services.findings import list_rows
from civicsight.ui.services.jobs import JobPool
from civicsight.ui.services.obstacles import judge_obstacle
from civicsight.ui.services.workflow import open_session, perform, save
from tests.app_town import DIGEST, IN_DORM, IN_TOILET, RULES, app_city, app_guard, app_result
from tests.caches import own_cache
from tests.ui_made import open_page, texts_of

PAGE = next(page for page in PAGES if page.code == "plan")
LI, WU = Actor("Li", Role.PLANNER), Actor("Wu", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
READERS = (Role.REVIEWER, Role.ANALYST, Role.AUDITOR)
SAYS = ("text", "error", "warning", "info")


FIRST = ("zh_CN", pytest.param("en", marks=pytest.mark.slow))
SECOND = (pytest.param("zh_CN", marks=pytest.mark.slow), "en")
"""Languages in turn; all in the long proofs."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(own_cache(tmp_path)))
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def opened(monkeypatch, project):
    def open_as(code="en", actor=LI, **query):
        test = open_page(monkeypatch, project, PAGE, code, actor=actor, **query)
        assert not test.exception
        return test

    return open_as


TO_DEGREES = Transformer.from_crs(app_city().crs, "EPSG:4326", always_xy=True)


def degrees(x, y):
    lng, lat = TO_DEGREES.transform(x, y)
    return {"lng": lng, "lat": lat}


def tell(test, kind, place=(0.0, 0.0), **more):
    """Do on the map what a browser would tell of."""
    seq = test.session_state["count"] + 1 if "count" in test.session_state else 1
    test.session_state["count"] = seq
    test.session_state["plan.event"] = {"kind": kind, "seq": seq, **degrees(*place), **more}
    test.run()
    assert not test.exception
    return editor_of(test)


def editor_of(test):
    return test.session_state["plan.desk"][1]


def said(test):
    return " ".join(texts_of(test, SAYS))


def press(test, key):
    next(button for button in test.button if str(button.key).endswith(key)).click().run()
    assert not test.exception
    return editor_of(test)


@pytest.mark.parametrize("code", FIRST)
def test_a_camera_is_added_moved_aimed_and_taken_back_on_the_map(opened, code):
    test = opened(code)
    test.radio(key="plan.tool").set_value("add").run()
    editor = tell(test, "point", (30.0, 48.0))
    assert editor.selected == ("cameras", "new/1")
    assert test.radio(key="plan.tool").value == "select"
    tell(test, "aim", (30.0, 0.0), id="new/1")
    editor = tell(test, "move", (31.0, 47.0), id="new/1")
    camera = editor.draft.cameras.loc["new/1"]
    assert (camera["geometry"].x, camera["geometry"].y) == pytest.approx((31.0, 47.0), abs=1e-3)
    assert camera["azimuth_deg"] == pytest.approx(180.0, abs=0.1)
    found = preview(editor.session, "new/1", editor.edit_context)
    names = name_all(app_result(), code)
    heed, facts = own_sentences(found, look_at(editor, LI), editor, names)
    shown = "\n".join(texts_of(test, ("text",))).split("\n")
    assert {translate(text, code) for text in (*heed, *facts)} <= set(shown)
    assert press(test, "plan.undo").draft.cameras.geometry["new/1"].x == pytest.approx(
        30.0, abs=1e-3
    )
    editor = press(test, "plan.redo")
    assert editor.draft.cameras.geometry["new/1"].x == pytest.approx(31.0, abs=1e-3)
    assert len(editor.session.done) == 3


def test_the_form_does_what_the_map_does(opened):
    test = opened()
    for name, value in {"x": 30.0, "y": 48.0, "azimuth_deg": 180.0, "hfov_deg": 60.0}.items():
        test.number_input(key=f"plan.add.{name}").set_value(value)
    test.text_input(key="plan.add.name").set_value("Gate")
    editor = press(test, "plan.add.send")
    camera = editor.draft.cameras.loc["new/1"]
    assert (camera["name"], camera["hfov_deg"], camera["geometry"].y) == ("Gate", 60.0, 48.0)
    key = "plan.camera.new/1.1"
    test.number_input(key=f"{key}.x").set_value(31.0)
    test.number_input(key=f"{key}.azimuth_deg").set_value(170.0)
    test.number_input(key=f"{key}.height_m").set_value(6.0)
    editor = press(test, f"{key}.apply")
    camera = editor.draft.cameras.loc["new/1"]
    assert (camera["geometry"].x, camera["azimuth_deg"], camera["height_m"]) == (31.0, 170.0, 6.0)
    assert [type(one).__name__ for one in editor.session.done] == [
        "Add",
        "Move",
        "Aim",
        "SetOptics",
    ]
    assert "new/1" not in press(test, "plan.remove").draft.cameras.index


def test_what_the_law_forbids_is_refused_with_its_article(opened):
    test = opened()
    editor = tell(test, "move", IN_TOILET, id="south")
    assert not editor.session.done
    assert "Article 9" in said(test)
    assert "the plan stays as it was" in said(test)


def test_the_use_of_a_room_is_asked_for_in_place(opened):
    test = opened()
    editor = tell(test, "move", IN_DORM, id="south")
    assert editor.asked is not None
    assert test.selectbox(key="plan.room").value is None
    assert not press(test, "plan.room.send").session.done
    test.selectbox(key="plan.room").set_value("room")
    assert not press(test, "plan.room.send").session.done
    assert str(translate(word("corridor"), "en")) in said(test)
    tell(test, "move", IN_DORM, id="south")
    test.selectbox(key="plan.room").set_value("corridor")
    editor = press(test, "plan.room.send")
    assert editor.draft.cameras.loc["south", "room_use"] == "corridor"
    assert isinstance(editor.session.done[0].placing, Move)
    tell(test, "move", (121.0, 84.0), id="twin")
    assert press(test, "plan.room.drop").asked is None


def rings(*corners):
    return [[at["lat"], at["lng"]] for at in (degrees(*corner) for corner in corners)]


def test_a_place_that_is_drawn_gets_its_class_from_a_form(opened):
    test = opened()
    editor = tell(test, "draw", what="zone", ring=rings((60.0, 0.0), (70.0, 0.0), (70.0, 9.0)))
    assert editor.drawn[0] == "zone"
    test.text_input(key="plan.drawn.name").set_value("Annex")
    test.selectbox(key="plan.drawn.item").set_value("8.5")
    row = press(test, "plan.drawn.send").draft.table("places").loc["zone/1"]
    assert (row["name"], row["geometry"].area) == ("Annex", pytest.approx(45.0, rel=1e-3))
    assert editor.drawn is None


@pytest.mark.parametrize("code", FIRST)
def test_an_obstacle_says_at_once_what_it_takes_and_still_does_once_it_is_in_the_plan(opened, code):
    test = opened(code)
    editor = tell(test, "draw", what="wall", ring=rings((25.0, -4.0), (35.0, -4.0)))
    assert test.selectbox(key="plan.drawn.kind").value == "panel"
    test.selectbox(key="plan.drawn.kind").set_value("wall").run()
    assert test.number_input(key="plan.drawn.top").value == 2.5  # the usual wall
    test.number_input(key="plan.drawn.top").set_value(6.0).run()
    assert not test.exception
    found = judge_obstacle(editor.project, LineString([(25, -4), (35, -4)]), 6.0, 0.0, "wall")
    assert len(found.falling)
    told = str(translate(headline_of(found.permit), code))
    assert told in said(test)
    names = name_all(app_result(), code)
    layers = group_of(editor, look_at(editor, LI), "select", names)["layers"]
    assert {"edited_waiting", "edited_lost", "edited_hindered"} <= {one["key"] for one in layers}
    editor = press(test, "plan.drawn.send")
    row = editor.draft.table("obstacles").loc["obstacle/1"]
    assert (row["kind"], row["height_m"], row["geometry"].geom_type) == ("wall", 6.0, "LineString")
    assert told in said(test)  # of what is in the plan too
    name = translate(replace(DRAWN_NAMES["obstacle"], values={"n": 1}), code)
    assert str(name) in said(test)
    assert "obstacle/1" not in said(test)
    press(test, "plan.obstacle.ask")
    assert said(test)


def test_an_obstacle_that_is_lower_than_its_underside_is_not_judged_and_refused(opened):
    test = opened()
    tell(test, "draw", what="obstacle", ring=rings((60.0, 0.0), (70.0, 0.0), (70.0, 9.0)))
    test.number_input(key="plan.drawn.base").set_value(9.0).run()
    editor = press(test, "plan.drawn.send")
    assert editor.refused is not None
    assert editor.drawn is not None  # it waits for other heights
    assert press(test, "plan.drawn.drop").drawn is None


def test_a_camera_is_proposed_that_closes_the_gap_it_is_for(opened):
    status = app_result().part_status["status"]
    gap = status.index[status.eq("gap")][0]
    test = opened(sel=gap)
    assert "With this draft: not covered." in said(test)
    editor = press(test, "plan.front")
    after = check(editor.draft.city, rules=RULES, raster=False).part_status["status"]
    assert (after[gap], editor.camera_id) == ("covered", "new/1")
    assert "Gaps closed: 1, opened: 0" in said(test)
    tell(test, "select", layer="edited_parts", id=gap)
    assert "covered for sure once planned cameras are built" in said(test)
    assert "As it is: not covered." in said(test)


def test_a_gate_is_confirmed_or_taken_out(monkeypatch, project):
    parts = app_result().parts
    part = parts.index[parts["entrance_id"].eq("n")][0]
    unsure = replace(app_result(), parts=parts.assign(confirmed=False))
    other = replace(project, result=unsure, digest="cd" * 32)
    test = open_page(monkeypatch, other, PAGE, "en", actor=LI, sel=part)
    assert editor_of(test).selected == ("parts", part)
    editor = press(test, "plan.confirm")
    assert isinstance(editor.session.done[0], ConfirmGate)
    assert editor.draft.table("entrances").loc["n", "confirmed"]
    assert "Nothing has to be confirmed" in said(test)
    press(test, "plan.undo")
    editor = press(test, "plan.reject")
    assert "n" not in editor.draft.table("entrances").index
    assert "no longer asks for this part" in said(test)


def test_a_slider_acts_at_once_and_shows_what_the_map_did(opened):
    test = opened("en")
    test.radio(key="plan.tool").set_value("add").run()
    tell(test, "point", (30.0, 48.0))
    test.slider(key="plan.slide.new/1.azimuth_deg").set_value(90.0).run()
    editor = editor_of(test)
    assert editor.draft.cameras.loc["new/1", "azimuth_deg"] == 90.0
    assert len(editor.session.done) == 2
    tell(test, "aim", (30.0, 0.0), id="new/1")
    assert test.slider(key="plan.slide.new/1.azimuth_deg").value == pytest.approx(180.0, abs=0.1)
    assert press(test, "plan.undo").draft.cameras.loc["new/1", "azimuth_deg"] == 90.0


def test_a_device_of_the_catalogue_is_chosen_and_the_draft_has_its_optics(opened):
    test = opened("en")
    test.radio(key="plan.tool").set_value("add").run()
    tell(test, "point", (30.0, 48.0))
    test.selectbox(key="plan.device.new/1").set_value("long").run()
    record = editor_of(test).draft.cameras.loc["new/1"]
    assert (record["hfov_deg"], record["reach_m"]) == (30.0, 120.0)
    assert test.selectbox(key="plan.device.new/1").value == "long"


@pytest.mark.parametrize("code", FIRST)
def test_the_look_through_a_camera_says_what_it_records_at_a_chosen_distance(opened, code):
    test = opened(code)
    test.radio(key="plan.tool").set_value("add").run()
    tell(test, "point", (30.0, 48.0))
    test.selectbox(key="plan.device.new/1").set_value("long").run()
    editor = editor_of(test)
    begun = test.slider(key="plan.look.new/1").value
    test.slider(key="plan.look.new/1").set_value(begun + 2.0).run()
    assert not test.exception
    head = editor.edit_context.look(editor.draft, "new/1").heads.iloc[0]
    found = portray(
        Optics(head["hfov_deg"], head["vfov_deg"], head["width_px"]),
        Frame(0.0, 0.0, head["height_m"], head["azimuth_deg"], head["tilt_deg"]), begun + 2.0,
    )  # fmt: skip
    told = said(test)
    for value in (found.face_px, found.person_px, found.plate_px, found.face_px_m):
        assert number(value) in told
    pictures = [block for block in test.get("html") if "data:image/png" in block.proto.body]
    assert pictures[0].proto.body.count("<img") == 3
    tell(test, "aim", (30.0, 0.0), id="new/1")
    assert test.slider(key="plan.look.new/1").value == begun + 2.0  # it stays where it was put


def test_in_focus_are_a_camera_with_its_parts_and_a_part_with_its_gap(opened):
    test = opened("en")
    gap = app_result().gaps.iloc[0]
    editor = tell(test, "select", layer="parts", id=gap["subject"])
    names = name_all(app_result(), "en")
    focus = group_of(editor, look_at(editor, LI), "select", names)["focus"]
    assert focus[0] == ["parts", gap["subject"]]
    assert ["gaps", str(gap.name)] in focus
    test.radio(key="plan.tool").set_value("add").run()
    editor = tell(test, "point", (30.0, 48.0))
    met = preview(editor.session, "new/1", editor.edit_context).parts
    focus = group_of(editor, look_at(editor, LI), "select", names)["focus"]
    assert focus[0] == ["edited_cameras", "new/1"]
    assert {label for _, label in focus[1:]} == {part.part_id for part in met}


@pytest.mark.parametrize("role", READERS)
def test_who_does_not_draw_sees_the_same_map_without_tools(opened, role):
    test = opened(actor=Actor("Wang", role), sel="south")
    assert not [button for button in test.button if button.key in {"plan.undo", "plan.save"}]
    assert not test.radio
    editor = tell(test, "move", (0.0, 0.0), id="south")
    assert not editor.session.done
    tell(test, "select", layer="cameras", id="twin")
    assert editor.camera_id == "twin"
    assert "It sees" in said(test)


def test_a_district_planner_sees_and_changes_the_own_cameras_alone(opened, project):
    test = opened(actor=WEST)
    editor = editor_of(test)
    sight = look_at(editor, WEST)
    whole = set(app_city().cameras.index)
    west = {label for label, at in app_city().cameras.geometry.items() if at.x < 50.0}
    assert set(sight.cameras.index) == west
    assert sight.elsewhere == len(whole - west)
    shown = seen_result(project, WEST)
    assert set(shown.cameras.index) == west
    assert set(shown.heads["camera_id"]) <= west
    assert shown.raster is None
    assert not tell(test, "move", (60.0, 0.0), id="south").session.done
    assert test.error


def test_the_list_is_searched_and_a_link_selects(opened):
    test = opened(sel="twin")
    assert editor_of(test).camera_id == "twin"
    assert len(test.dataframe[0].value) == len(app_city().cameras)
    test.text_input(key="plan.search").set_value("SOU").run()
    assert list(test.dataframe[0].value["Id"]) == ["south"]
    test.text_input(key="plan.search").set_value("nobody").run()
    assert "No camera is called that" in said(test)


@pytest.mark.parametrize("code", FIRST)
def test_what_is_drawn_and_unnamed_is_called_by_kind_and_number(opened, code):
    test = opened(code)
    test.radio(key="plan.tool").set_value("add").run()
    editor = tell(test, "point", (30.0, 48.0))
    name = str(translate(replace(DRAWN_NAMES["new"], values={"n": 1}), code))
    assert name in said(test)
    rows = test.dataframe[0].value.to_numpy().tolist()
    assert [row[:2] for row in rows if row[1] == name] == [["", name]]
    assert "new/1" not in said(test)
    editor.refused = InputError([Fault("edit.far", where="new/1", expected=N_("a place"),
                                       remedy=N_("Draw it again."))])  # fmt: skip
    test.run()
    assert "new/1" not in said(test)
    layers = group_of(editor, look_at(editor, LI), "select", name_all(app_result(), code))["layers"]
    drawn = next(one for one in layers if one["key"] == "edited_cameras")
    assert drawn["data"]["titles"] == [name]


def test_who_saves_second_is_told_who_was_first_and_can_open_anew(opened, project):
    test = opened()
    tell(test, "aim", (0.0, 50.0), id="south")
    assert "Changes not saved: 1" in said(test)
    fresh = open_session(project, WU, app_guard())
    save(project, WU, perform(project, WU, fresh, Aim("twin", 5.0)))
    press(test, "plan.save")
    assert "Wu" in said(test)
    editor = press(test, "plan.reopen")
    assert editor.draft.cameras.loc["twin", "azimuth_deg"] == 5.0
    tell(test, "aim", (0.0, 50.0), id="south")
    test.text_input(key="plan.note").set_value("turned")
    assert not press(test, "plan.save").session.dirty
    with open_store(project.store_path) as store:
        assert [head.note for head in store.list_versions(LI, project.plan_id)] == ["", "turned"]


@pytest.mark.parametrize("code", SECOND)
def test_who_saves_second_sees_both_and_may_go_on_with_his_own(opened, project, code):
    test = opened(code)
    tell(test, "aim", (0.0, 50.0), id="south")
    fresh = open_session(project, WU, app_guard())
    save(project, WU, perform(project, WU, fresh, Aim("twin", 5.0)))
    press(test, "plan.save")
    shown = next(one.value for one in test.dataframe if len(one.value.columns) == 4
                 and len(one.value) == 2)  # fmt: skip
    mine = editor_of(test).draft.cameras.loc["south", "azimuth_deg"]
    cells = {tuple(map(float, row[2:])) for row in shown.to_numpy().tolist()}
    assert cells == {(0.0, mine), (5.0, 0.0)}  # what was saved, and the own draft
    editor = press(test, "plan.mine")
    assert editor.refused is None
    assert editor.draft.cameras.loc["south", "azimuth_deg"] == mine
    assert not press(test, "plan.save").session.dirty
    with open_store(project.store_path) as store:
        assert [head.author for head in store.list_versions(LI, project.plan_id)] == ["Wu", "Li"]
        saved = store.read_version(LI, project.plan_id).layers["cameras"]["azimuth_deg"]
    assert (saved["south"], saved["twin"]) == (mine, 0.0)


def test_of_two_windows_the_one_that_lags_behind_may_go_on_with_its_own(opened):
    one, other = opened(), opened()
    tell(one, "aim", (0.0, 50.0), id="south")
    tell(other, "aim", (50.0, 0.0), id="twin")
    editor = press(other, "plan.mine")
    assert (editor.refused, editor.session.done) == (None, ())
    assert len(tell(other, "aim", (50.0, 0.0), id="twin").session.done) == 1
    assert editor_of(opened()).session.digest == editor_of(other).session.digest


def test_a_draft_is_there_again_after_the_visit(opened):
    tell(opened(), "aim", (0.0, 50.0), id="south")
    assert len(editor_of(opened()).session.done) == 1
    assert not editor_of(opened(actor=WU)).session.done


@pytest.mark.parametrize("code", SECOND)
def test_of_two_windows_the_one_that_lags_behind_is_told_and_nothing_is_lost(opened, code):
    one, other = opened(code), opened(code)
    tell(one, "aim", (0.0, 50.0), id="south")
    tell(one, "move", (2.0, -8.0), id="twin")
    editor = tell(other, "aim", (50.0, 0.0), id="twin")
    assert not editor.session.done
    remedy = N_("Show the newer draft in this window and repeat what you did last; nothing of it "
                "was lost.")  # fmt: skip
    assert translate(remedy, code) in said(other)
    assert "Li" in said(other)
    kept = editor_of(opened(code)).session
    assert [type(command) for command in kept.done] == [Aim, Move]
    editor = press(other, "plan.renew")
    assert editor.session.digest == kept.digest
    assert translate(remedy, code) not in said(other)
    assert len(tell(other, "aim", (50.0, 0.0), id="twin").session.done) == 3
    editor = press(one, "plan.undo")  # now the first window is the one that lags behind
    assert len(editor.session.done) == 2
    assert translate(remedy, code) in said(one)
    assert len(editor_of(opened(code)).session.done) == 3


def test_a_window_that_lags_behind_saves_no_version(opened, project):
    one, other = opened(), opened()
    tell(one, "aim", (0.0, 50.0), id="south")
    renewed = opened()
    tell(one, "move", (2.0, -8.0), id="twin")
    press(renewed, "plan.save")
    assert "another window" in said(renewed)
    with open_store(project.store_path) as store:
        assert store.list_plans(LI) == []
    assert not press(one, "plan.save").session.dirty
    tell(other, "aim", (50.0, 0.0), id="twin")  # a version was saved meanwhile: it is behind too
    assert "another window" in said(other)
    editor = press(other, "plan.renew")
    assert (len(editor.session.done), editor.session.revision) == (2, 2)
    assert not editor.session.dirty


def test_totals_come_from_a_job_and_the_same_from_the_cache(opened, tmp_path, monkeypatch):
    pool = JobPool(tmp_path / "jobs", in_threads=True)
    monkeypatch.setattr(plan_map, "job_pool", lambda: pool)
    test = opened()
    test.radio(key="plan.tool").set_value("add").run()
    tell(test, "point", (30.0, 48.0))
    press(test, "plan.totals")
    job = totals_job(pool, test)
    job.wait(120)
    test.run()
    assert not test.exception
    assert "Totals of the draft (changes: 1)" in said(test)
    press(test, "plan.totals")
    assert totals_job(pool, test).from_cache
    assert "answered at once" in said(test)
    pool.close()


def totals_job(pool, test):
    return pool.find(test.session_state[plan_map.WATCHED][0])


@pytest.mark.parametrize("code", SECOND)
def test_who_could_look_into_a_dormitory_is_asked_by_its_name(opened, project, code):
    test = opened(code)
    editor = editor_of(test)
    editor.session = editor.session.do(Add("look", 95.0, 60.0, azimuth_deg=90.0))
    test.run()
    called = name_places(editor.edit_context.private.areas, name_all(project.result, code))
    field = test.selectbox(key="plan.private")
    assert field.options == list(called.values()) == ["Hall 3", "Inn", "WC North"]
    dormitory, _, toilet = called
    field.set_value(dormitory).run()
    assert not test.exception
    head = translate("At most [m²]", code)
    shown = next(one.value for one in test.dataframe if head in one.value)
    assert shown[head].tolist() == ["180"]
    test.selectbox(key="plan.private").set_value(toilet).run()
    none = translate("No camera that is listed here could look into it.", code)
    assert none in texts_of(test, SAYS)


@pytest.mark.parametrize("code", FIRST)
def test_a_gap_that_is_chosen_says_what_would_mend_it(opened, project, code):
    row = next(one for one in list_rows(project.result, code).rows if one.layer == "gaps")
    test = opened(code, sel=row.subject)
    told = translate(N_("What would mend it: %(remedy)s", remedy=row.remedy), code)
    assert told in texts_of(test, SAYS)


def test_what_map_and_register_call_alike_in_one_building_is_one_place():
    areas = pd.DataFrame(
        [("Hall", "b1"), ("Hall", "b1"), ("Hall", "b2"), ("Inn", "b3")],
        index=["p1", "p2", "p3", "p4"], columns=["name", "building_id"],
    ).assign(label=None, kind="dormitory")  # fmt: skip
    called = name_places(areas, name_all(app_result(), "en"))
    assert called == {
        ("p1", "p2"): "Hall (b1)", ("p3",): "Hall (b2)", ("p4",): "Inn",
    }  # fmt: skip


def test_the_map_is_told_before_the_panel_but_where_it_shows_what_the_panel_finds(
    opened, monkeypatch
):
    """Whoever drags a camera waits for the map; an obstacle is weighed by the panel first."""
    drawn = []
    for name in ("draw_panel", "show_project"):
        real = getattr(plan_map, name)

        def note(*given, name=name, real=real, **more):
            drawn.append(name)
            return real(*given, **more)

        monkeypatch.setattr(plan_map, name, note)
    test = opened()
    assert drawn[-2:] == ["show_project", "draw_panel"]
    tell(test, "draw", what="obstacle", ring=rings((60.0, 0.0), (70.0, 0.0), (70.0, 9.0)))
    assert drawn[-2:] == ["draw_panel", "show_project"]
