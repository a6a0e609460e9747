"""The page of the plan map: what a click, a drag and a form do, and what nobody gets past."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from shapely.geometry import LineString

from civicsight.application.findings import list_rows
from civicsight.application.obstacles import judge_obstacle
from civicsight.core.errors import N_, Fault, InputError
from civicsight.core.i18n import translate
from civicsight.coverage.check import check
from civicsight.coverage.optics.lens import Frame, Optics
from civicsight.editing.commands import Add, ConfirmGate, Move
from civicsight.editing.preview import preview
from civicsight.maps.likeness import portray
from civicsight.presentation.lexicon import DRAWN_NAMES, number
from civicsight.presentation.names import name_all
from civicsight.report.permit_words import headline_of
from civicsight.rules.vocabulary import word
from civicsight.store import Actor, Role
from civicsight.ui.editor.private import name_places
from civicsight.ui.editor.sight import group_of, look_at, own_sentences, seen_result
from civicsight.ui.pages import plan_map
from tests.app_town import IN_DORM, IN_TOILET, RULES, app_city, app_result
from tests.plan_page import (  # noqa: F401 - fixtures
    FIRST,
    LI,
    PAGE,
    SAYS,
    SECOND,
    degrees,
    editor_of,
    opened,
    press,
    project,
    said,
    tell,
)
from tests.ui_made import open_page, texts_of

WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")


READERS = (Role.REVIEWER, Role.ANALYST, Role.AUDITOR)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
