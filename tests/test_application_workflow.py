"""Acts on a plan: rights at the moment of the act, denials in the audit, versions and conflicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.application.drafts import draft_of
from civicsight.application.workflow import open_session, perform, save, visible_cameras
from civicsight.core.errors import InputError
from civicsight.core.settings import present_day
from civicsight.editing.commands import (
    Add,
    Aim,
    AnswerRoomUse,
    Comment,
    ConfirmGate,
    DrawZone,
    Move,
    RejectGate,
    Remove,
)
from civicsight.editing.project import Project
from civicsight.editing.refusals import Refused
from civicsight.store import Act, Actor, Conflict, Denied, Role, appoint, open_store, submit
from tests.app_town import DIGEST, IN_DORM, IN_TOILET, RULES, app_city, app_guard, app_result

LI = Actor("Li", Role.PLANNER)
WU = Actor("Wu", Role.PLANNER)
WEST = Actor("Xi", Role.DISTRICT_PLANNER, "West")
EAST = Actor("Dong", Role.DISTRICT_PLANNER, "East")
AUDITOR = Actor("Shen", Role.AUDITOR)
NOT_DRAWING = [
    Actor("A", role) for role in Role if role not in {Role.PLANNER, Role.DISTRICT_PLANNER}
]
NORTH = Add("new/1", 30.0, 48.0, 180.0)


@pytest.fixture
def project(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


def opened(project, actor=LI):
    return open_session(project, actor, app_guard())


def denials(project):
    with open_store(project.store_path) as store:
        return [e for e in store.history(AUDITOR) if "refused" in e.says]


def test_plan_is_begun_saved_and_opened_again(project):
    edited = perform(project, LI, opened(project), NORTH)
    corridor = AnswerRoomUse("new/2", "corridor", Add("new/2", *IN_DORM, 0.0))
    edited = perform(project, LI, edited, corridor).do(Comment("new/1", "look"))
    plan, kept = save(project, LI, edited, note="first")
    assert (plan.version, plan.rev, kept.dirty) == (1, kept.revision, False)
    with open_store(project.store_path) as store:
        version = store.read_version(LI, plan.plan_id)
    assert "new/1" in version.layers["cameras"].index
    assert version.documents["comments"] == [["new/1", "look"]]
    assert version.documents["questions"][0]["camera"] == "new/2"
    assert version.head.inputs == {"project": DIGEST}
    again = opened(project, WU)
    assert (again.digest, again.dirty, again.revision) == (edited.digest, False, plan.rev)
    plan, _ = save(project, WU, perform(project, WU, again, Aim("new/1", 170.0)))
    assert plan.version == 2


def test_drafts_and_versions_go_on_with_another_release_and_not_with_other_data(project, tmp_path):
    data = "cd" * 32
    mine = replace(project, data_digest=data)
    edited = perform(mine, LI, opened(mine), NORTH)
    draft_of(tmp_path, mine, LI).keep(edited)
    save(mine, LI, edited, note="first")
    upgraded = replace(mine, digest="ef" * 32)
    assert opened(upgraded).digest == edited.digest
    kept = draft_of(tmp_path, upgraded, LI).take_up(upgraded, app_guard())
    assert kept is not None
    assert [str(one) for one in kept.done] == [str(one) for one in edited.done]
    with pytest.raises(InputError) as refused:
        opened(replace(mine, data_digest="12" * 32))
    assert refused.value.faults[0].found == ""  # no digest is shown to a person


def test_who_saves_second_is_told_who_was_first(project):
    save(project, LI, perform(project, LI, opened(project), NORTH))
    mine, other = opened(project, LI), opened(project, WU)
    save(project, WU, other.do(Aim("south", 4.0)))
    with pytest.raises(Conflict) as caught:
        save(project, LI, mine.do(Aim("south", 5.0)))
    assert caught.value.who == "Wu"
    assert caught.value.at


@pytest.mark.parametrize("actor", NOT_DRAWING, ids=lambda actor: actor.role)
def test_who_may_not_draw_is_denied_at_the_act_and_audited(project, actor):
    session = opened(project)
    for act in (
        lambda: perform(project, actor, session, NORTH),
        lambda: save(project, actor, session.do(NORTH)),
    ):
        with pytest.raises(Denied):
            act()
    assert [(e.actor, e.action) for e in denials(project)] == [("A", Act.CREATE)] * 2
    save(project, LI, session.do(NORTH))
    with pytest.raises(Denied):
        perform(project, actor, opened(project), Aim("south", 1.0))
    assert denials(project)[-1].action == Act.COMMIT


def test_role_that_was_taken_away_ends_at_once(project):
    session = opened(project)
    perform(project, LI, session, NORTH)
    with open_store(project.store_path) as store:
        root = Actor("Root", Role.ADMIN)
        appoint(store, root, root)
    with pytest.raises(Denied):
        perform(project, LI, session, NORTH)


OUT_OF_WEST = [
    Move("wall", 101.0, 22.0),
    Move("south", 60.0, -8.0),
    Aim("wall", 10.0),
    Remove("wall"),
    Add("new/1", 60.0, 48.0, 0.0),
    Add("new/1", 30.0, 500.0, 0.0),
    ConfirmGate("gate/9", 70.0, 0.0),
    ConfirmGate("s", 70.0, 0.0, moved=True),
    DrawZone("z", ((60.0, 0.0), (70.0, 0.0), (70.0, 9.0)), "8.5"),
]


@pytest.mark.parametrize("command", OUT_OF_WEST)
def test_district_planner_changes_nothing_of_another_district(project, command):
    session = opened(project, WEST)
    with pytest.raises(Denied):
        perform(project, WEST, session, command)
    assert denials(project)[-1].actor == "Xi"


@pytest.mark.parametrize("command", [c for c in OUT_OF_WEST if hasattr(c, "camera_id")])
def test_nor_by_saving_a_draft_that_came_from_elsewhere(project, command):
    forged = opened(project, LI).do(command)
    with pytest.raises(Denied):
        save(project, WEST, forged)


def test_a_confirmation_says_who_gave_it_and_when_and_moves_a_gate_only_where_it_says_so(project):
    session = perform(project, LI, opened(project, LI), ConfirmGate("s", 31.0, 0.0, basis="seen"))
    gate = session.draft.table("entrances").loc["s"]
    said = ["confirmed", "confirmed_by", "confirmed_on", "basis"]
    assert gate[said].tolist() == [True, "Li", present_day().isoformat(), "seen"]
    assert gate.geometry.equals(project.city.entrances.geometry.loc["s"])
    elsewhere = ConfirmGate("s", 31.0, 0.5, moved=True)
    moved = perform(project, LI, session, elsewhere).draft.table("entrances").loc["s"]
    assert (moved.geometry.x, moved.geometry.y) == (31.0, 0.5)


def test_district_planner_works_in_the_own_district(project):
    session = perform(project, WEST, opened(project, WEST), NORTH)
    session = perform(project, WEST, session, RejectGate("n", "mapped", ()))
    plan, _ = save(project, WEST, session)
    assert plan.district == "West"
    with pytest.raises(Denied):
        opened(project, EAST)
    with pytest.raises(Denied):
        perform(project, EAST, session, Aim("wall", 10.0))
    assert denials(project)[-1].actor == "Dong"


def test_law_is_asked_again_when_a_draft_is_saved(project):
    session = opened(project)
    with pytest.raises(Refused):
        perform(project, LI, session, Move("south", *IN_TOILET))
    forged = Move("south", *IN_TOILET).apply(session.draft)
    with pytest.raises(InputError):
        save(project, LI, replace(session, drafts=(*session.drafts, forged)))
    with open_store(project.store_path) as store:
        assert store.list_plans(LI) == []


def test_plan_in_a_closed_state_is_said_so(project):
    plan, kept = save(project, LI, opened(project).do(NORTH))
    with open_store(project.store_path) as store, pytest.raises(InputError):
        submit(store, LI, plan.plan_id, base_rev=plan.rev)
    assert perform(project, LI, kept, Aim("south", 1.0)).dirty


def test_cameras_of_other_districts_are_counts(project):
    cameras = project.city.cameras
    mine, counts = visible_cameras(cameras, project, WEST)
    assert sorted(mine.index) == ["away", "gone", "south", "twin"]
    assert counts.to_dict("records") == [{"district": "East", "status": "existing", "count": 1}]
    for actor in (LI, AUDITOR, *NOT_DRAWING):
        everything, none = visible_cameras(cameras, project, actor)
        assert len(everything) == len(cameras)
        assert none.empty


def test_draft_waits_for_who_left_it(project, tmp_path):
    edited = opened(project).do(NORTH)
    draft_of(tmp_path, project, LI).keep(edited)
    again = draft_of(tmp_path, project, LI).take_up(project, app_guard())
    assert again is not None
    assert again.digest == edited.digest
    assert draft_of(tmp_path, project, WU).take_up(project, app_guard()) is None


def test_version_of_another_state_of_the_project_is_not_opened(project):
    save(project, LI, opened(project).do(NORTH))
    with pytest.raises(InputError, match="base"):
        opened(replace(project, digest="cd" * 32))


def test_plan_that_the_app_did_not_draw_is_not_opened_for_editing(project):
    with open_store(project.store_path, create=True) as store:
        plan = store.new_plan(LI, project.plan_id, name="x")
        store.commit_version(
            LI, plan.plan_id, base_rev=plan.rev, layers={"cameras": project.city.cameras}
        )
    with pytest.raises(InputError, match="other"):
        opened(project)


def test_plan_without_a_version_is_opened_at_its_revision(project):
    with open_store(project.store_path, create=True) as store:
        plan = store.new_plan(LI, project.plan_id, name="x")
    edited = opened(project)
    assert edited.revision == plan.rev
    saved, _ = save(project, LI, edited.do(NORTH))
    assert saved.version == 1
