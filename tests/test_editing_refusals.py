"""What the law does not let anybody draw, whoever draws it and from wherever it comes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapely.geometry import Point

from civicsight.core.errors import N_
from civicsight.core.i18n import translate
from civicsight.coverage.privacy.facades import find_private
from civicsight.editing.commands import Add, Aim, AnswerRoomUse, Move, Remove, SetOptics
from civicsight.editing.draft import Draft
from civicsight.editing.refusals import Guard, Refused, RoomUseAsked, changed_cameras
from civicsight.editing.session import begin
from civicsight.model import DOCUMENTS
from tests.app_town import (
    DIGEST,
    IN_DORM,
    IN_HOSTEL,
    IN_TOILET,
    RULES,
    SECRET,
    app_city,
    app_guard,
    session,
)
from tests.test_check import table

CORRIDOR = AnswerRoomUse("new/1", "corridor", Add("new/1", *IN_DORM, 0.0))


@pytest.mark.parametrize(
    "command",
    [
        Add("new/1", *IN_TOILET, 0.0),
        Add("new/1", *IN_TOILET, 0.0, setting="indoor"),
        Add("new/1", *IN_TOILET, 0.0, height_m=9.0),
        Add("new/1", *IN_TOILET, 0.0, mount="roof", height_m=2.5),
        Add("new/1", -29.8, 13.0, 0.0, setting="indoor"),
        Move("south", *IN_TOILET),
        AnswerRoomUse("south", "lobby", Move("south", *IN_TOILET)),
    ],
)
def test_camera_in_a_toilet_is_refused_with_the_article(command):
    before = session()
    with pytest.raises(Refused) as caught:
        before.do(command)
    assert (caught.value.article, caught.value.rule) == ("9", "R9.1")
    assert "WC North" in str(caught.value.place)
    assert caught.value.articles == (("nanchang", "9"), ("cn-national-799", "8"))
    assert "Article 9 (Nanchang)" in str(caught.value)
    assert str(caught.value.faults[0].remedy)
    assert not before.dirty


@pytest.mark.parametrize(
    "command",
    [
        Add("new/1", -29.8, 13.0, 0.0, mount="wall", height_m=3.0),  # on its outer wall
        Add("new/1", -31.0, 13.0, 0.0),
        Add("new/1", *IN_TOILET, 0.0, mount="roof", height_m=5.0),
    ],
)
def test_camera_outside_of_it_is_allowed(command):
    assert session().do(command).dirty


def test_camera_on_the_roof_cannot_be_lowered_into_it():
    roof = session().do(Add("new/1", *IN_TOILET, 0.0, mount="roof", height_m=5.0))
    with pytest.raises(Refused):
        roof.do(SetOptics("new/1", height_m=2.5))


def test_guard_reads_the_outlines_that_the_report_reads():
    report = find_private(app_city(), RULES).areas
    assert app_guard().areas["kind"].tolist() == report["kind"].tolist()


def test_dormitory_asks_for_the_room():
    add = Add("new/1", *IN_DORM, 0.0)
    with pytest.raises(RoomUseAsked) as caught:
        session().do(add)
    asked = caught.value
    assert (asked.article, asked.camera_id, asked.command) == ("9", "new/1", add)
    assert "Hall 3" in str(asked.place)
    # The strictest of the laws: a dining hall is allowed by one of the two alone.
    assert set(asked.choices) == {"lobby", "corridor", "stairs", "reception", "plant_room", "room"}


@pytest.mark.parametrize("use", ["room", "other", "dining_hall"])
def test_a_room_is_refused(use):
    with pytest.raises(Refused) as caught:
        session().do(AnswerRoomUse("new/1", use, Add("new/1", *IN_DORM, 0.0)))
    assert (caught.value.article, caught.value.rule) == ("9", "R9.2")


def test_a_corridor_is_accepted_and_leaves_a_question():
    edited = session().do(CORRIDOR)
    camera = edited.draft.cameras.loc["new/1"]
    assert (camera["room_use"], camera["setting"]) == ("corridor", "indoor")
    (question,) = edited.questions
    assert (question.camera_id, question.article) == ("new/1", "9")
    assert "Hall 3" in str(question.text)
    assert not edited.undo().questions
    assert "new/1" not in edited.undo().draft.cameras.index


def test_answer_holds_in_that_house_alone():
    edited = session().do(CORRIDOR)
    near = edited.do(Move("new/1", IN_DORM[0] + 2.0, IN_DORM[1]))
    assert near.do(Aim("new/1", 45.0)).dirty
    with pytest.raises(RoomUseAsked):
        near.do(Move("new/1", *IN_HOSTEL))


def test_answer_for_a_camera_that_stands_there_already():
    edited = session().do(CORRIDOR)
    with pytest.raises(Refused):
        edited.do(AnswerRoomUse("new/1", "room"))
    assert edited.do(AnswerRoomUse("new/1", "lobby")).draft.cameras.loc["new/1", "room_use"] == (
        "lobby"
    )


def test_unsure_place_is_a_question_and_no_refusal():
    unsure = app_guard().areas.assign(confidence=0.5, registered=False)
    guard = Guard(RULES, unsure)
    edited = begin(app_city(), guard, DIGEST).do(Add("new/1", *IN_TOILET, 0.0))
    (question,) = edited.questions
    assert "WC North" in str(question.text)


def test_area_of_prior_consent_is_refused_and_not_named():
    with pytest.raises(Refused) as caught:
        session().do(Add("new/1", *SECRET, 0.0))
    assert caught.value.article == "6"
    assert "military" not in str(caught.value)


@pytest.mark.parametrize(("subject", "allowed"), [("", True), ("new/1", True), ("new/2", False)])
def test_consent_on_file_allows_it(subject, allowed):
    papers = table(DOCUMENTS, {"d": {"kind": "consent", "subject": subject}}, [Point(0, 0)])
    city = replace(app_city(), documents=papers)
    edited = begin(city, app_guard(), DIGEST)
    if allowed:
        assert edited.do(Add("new/1", *SECRET, 0.0)).dirty
    else:
        with pytest.raises(Refused):
            edited.do(Add("new/1", *SECRET, 0.0))


def test_unlawful_camera_may_always_be_removed():
    forged = Add("new/1", *IN_TOILET, 0.0).apply(Draft(app_city()))
    city = replace(app_city(), cameras=forged.cameras)
    edited = begin(city, app_guard(), DIGEST)
    with pytest.raises(Refused):
        edited.do(Aim("new/1", 10.0))
    assert "new/1" not in edited.do(Remove("new/1")).draft.cameras.index


def test_changed_cameras_are_those_that_differ():
    old = session().draft
    new = session().do(Aim("south", 1.0)).do(Remove("twin")).do(Add("new/1", 1.0, 1.0, 0.0)).draft
    assert sorted(changed_cameras(old, new)) == ["new/1", "south", "twin"]
    assert changed_cameras(old, old) == []


def test_refusal_is_said_in_chinese():
    with pytest.raises(Refused) as caught:
        session().do(Move("south", *IN_TOILET))
    fault = caught.value.faults[0]
    for text in (fault.expected, fault.remedy, N_("Undo its removal.")):
        assert translate(text, "zh_CN") != str(text)
