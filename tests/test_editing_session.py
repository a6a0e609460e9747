"""Editing a plan: steps back and forth, drafts as text, and texts that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicsight.application.drafts import KeptDraft
from civicsight.core.errors import InputError
from civicsight.coverage.demand.find import find_demand
from civicsight.editing.codec import from_plain, to_plain
from civicsight.editing.commands import (
    Add,
    Aim,
    AnswerRoomUse,
    Comment,
    ConfirmGate,
    DrawObstacle,
    DrawZone,
    Move,
    RejectGate,
    Remove,
    SetOptics,
)
from civicsight.editing.refusals import Refused
from civicsight.editing.session import MAX_COMMANDS, begin, from_json
from civicsight.model import CITY_TABLES
from tests.app_town import DIGEST, IN_DORM, IN_TOILET, app_city, app_guard, session
from tests.drawn import LONGER

RING = ((60.0, 5.0), (70.0, 5.0), (70.0, 12.0))
ONE_OF_EACH = (
    Add("new/1", 30.0, 48.0, 180.0, height_m=3.5, name="North"),
    Move("new/1", 31.0, 49.0),
    Aim("new/1", 181.0, 12.0),
    SetOptics("new/1", hfov_deg=60.0, width_px=3840.0),
    Remove("away"),
    ConfirmGate("gate/9", 0.0, 20.0, width_m=3.0, by="Li", on="2026-10-01", basis="seen"),
    RejectGate("s", "mapped", ((28.0, 0.0), (32.0, 0.0))),
    DrawZone("zone/1", RING, "8.5", name="Annex"),
    DrawObstacle("wall/1", RING, 3.0, closed=False),
    AnswerRoomUse("new/2", "corridor", Add("new/2", *IN_DORM, 0.0)),
    Comment("new/1", "see the site"),
)


def tables(draft):
    """Return everything in a draft that can be compared, as text."""
    return {
        table.name: pd.DataFrame(draft.table(table.name)).astype(str).to_json()
        for table in CITY_TABLES
    } | {"rooms": dict(draft.rooms), "comments": draft.comments}


@cache
def everything():
    edited = session()
    for command in ONE_OF_EACH:
        edited = edited.do(command)
    return edited


def test_each_command_does_what_it_says():
    draft = everything().draft
    camera = draft.cameras.loc["new/1"]
    assert (camera.geometry.x, camera.geometry.y) == (31.0, 49.0)
    assert (camera["azimuth_deg"], camera["tilt_deg"], camera["hfov_deg"]) == (181.0, 12.0, 60.0)
    assert (camera["width_px"], camera["status"], camera["name"]) == (3840.0, "planned", "North")
    assert draft.cameras.loc["away", "status"] == "removed"
    assert bool(draft.table("entrances").loc["gate/9", "confirmed"])
    assert "s" not in draft.table("entrances").index
    assert draft.table("places").loc["zone/1", "standing"] == "candidate"
    assert draft.table("obstacles").loc["wall/1"].geometry.length == pytest.approx(10 + 7)
    assert draft.cameras.loc["new/2", "room_use"] == "corridor"
    assert draft.comments == (("new/1", "see the site"),)
    assert draft.city.cameras is draft.cameras  # the whole city is sound
    assert all(str(command.describe()) for command in ONE_OF_EACH)


def test_base_is_never_changed():
    before = tables(session().draft)
    everything()
    assert tables(session().draft) == before


def test_removed_planned_camera_is_gone_and_a_standing_one_stays_on_record():
    edited = session().do(Remove("twin")).do(Remove("south"))
    assert "twin" not in edited.draft.cameras.index
    assert edited.draft.cameras.loc["south", "status"] == "removed"
    with pytest.raises(InputError, match="removed"):
        edited.do(Move("south", 1.0, 1.0))


def test_rejected_opening_gets_a_wall_and_a_front_cannot_be_rejected():
    line = ((0.0, 18.0), (0.0, 22.0))
    walled = session().do(RejectGate("p#entrance-3", "crossing", line)).draft
    assert walled.table("barriers").loc["p#entrance-3", "kind"] == "wall"
    with pytest.raises(InputError, match="front"):
        session().do(RejectGate("p#entrance-3", "frontage", line))


def test_gate_that_is_rejected_is_demanded_no_longer():
    edited = session().do(RejectGate("n", "mapped", ()))
    parts = find_demand(edited.draft.city, app_guard().rules).parts
    assert "n" not in set(parts["entrance_id"].dropna())


moves = st.builds(
    Move, st.sampled_from(["south", "twin", "wall"]), st.floats(-20, 100), st.floats(-20, 9)
)
aims = st.builds(Aim, st.sampled_from(["south", "twin", "away"]), st.floats(-720, 720), st.none())
optics = st.builds(SetOptics, st.sampled_from(["south", "twin"]), hfov_deg=st.floats(10, 120))
others = st.sampled_from([c for c in ONE_OF_EACH if isinstance(c, Comment | DrawZone | Remove)])


@pytest.mark.slow
@settings(max_examples=12 * LONGER, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(moves, aims, optics, others), max_size=8))
def test_any_commands_undone_are_the_base_and_redone_are_the_same(commands):
    edited = session()
    for command in commands:
        try:
            edited = edited.do(command)
        except InputError:
            continue  # a camera that is gone, or a place that is drawn already
    digest, after = edited.digest, tables(edited.draft)
    back = edited
    while back.can_undo:
        back = back.undo()
    assert back.draft is edited.drafts[0]
    assert tables(back.draft) == tables(session().draft)
    assert not back.dirty
    assert back.digest == session().digest
    while back.can_redo:
        back = back.redo()
    assert back.digest == digest
    assert tables(back.draft) == after


def test_undo_and_redo_of_nothing_change_nothing():
    fresh = session()
    assert fresh.undo() is fresh
    assert fresh.redo() is fresh
    assert not fresh.dirty


def test_a_new_command_forgets_what_was_undone():
    edited = everything().undo()
    assert edited.can_redo
    assert not edited.do(Comment("", "other")).can_redo


def test_draft_survives_a_restart(tmp_path):
    edited = everything().undo().saved(4).do(Aim("south", 10.0)).undo()
    path = tmp_path / "new" / "draft.json"
    KeptDraft(path, "Li").keep(edited)
    assert path.stat().st_mode & 0o077 == 0
    again = from_json(path.read_text("utf-8"), app_city(), app_guard(), DIGEST)
    assert again.digest == edited.digest
    assert tables(again.draft) == tables(edited.draft)
    assert (again.revision, again.dirty, again.undone) == (4, False, edited.undone)
    assert again.redo().digest == edited.redo().digest


def test_saved_session_is_dirty_only_after_a_change():
    edited = everything()
    assert edited.dirty
    kept = edited.saved(3)
    assert (kept.revision, kept.dirty) == (3, False)
    assert kept.undo().dirty
    assert not kept.undo().redo().dirty


@pytest.mark.parametrize("command", ONE_OF_EACH)
def test_command_comes_back_from_text_as_it_was(command):
    assert from_plain(json.loads(json.dumps(to_plain(command)))) == command


HOSTILE = [
    None,
    [],
    "move",
    {},
    {"act": "eval", "camera_id": "south"},
    {"act": "move", "camera_id": "south", "x": 1.0},
    {"act": "move", "camera_id": "south", "x": 1.0, "y": 1.0, "status": "existing"},
    {"act": "move", "camera_id": "south", "x": float("nan"), "y": 1.0},
    {"act": "move", "camera_id": "south", "x": float("inf"), "y": 1.0},
    {"act": "move", "camera_id": "south", "x": 10**400, "y": 1.0},
    {"act": "move", "camera_id": "south", "x": True, "y": 1.0},
    {"act": "move", "camera_id": "south", "x": "1", "y": 1.0},
    {"act": "move", "camera_id": ["south"], "x": 1.0, "y": 1.0},
    {"act": "move", "camera_id": " ", "x": 1.0, "y": 1.0},
    {"act": "add", "camera_id": "a\x00b", "x": 1.0, "y": 1.0, "azimuth_deg": 0.0},
    {"act": "add", "camera_id": "a", "x": 1.0, "y": 1.0, "azimuth_deg": 0.0, "room_use": "lobby"},
    {"act": "comment", "subject": "", "text": "x" * 2_001},
    {"act": "comment", "subject": "", "text": "\ud800"},
    {"act": "draw_zone", "zone_id": "z", "ring": [[0, 0]] * 2_001, "item": "8.5"},
    {"act": "draw_zone", "zone_id": "z", "ring": [[0, 0, 0]], "item": "8.5"},
    {"act": "draw_zone", "zone_id": "z", "ring": "0 0, 1 1", "item": "8.5"},
    {"act": "draw_obstacle", "obstacle_id": "o", "ring": [], "height_m": 1.0, "closed": 1},
    {"act": "answer_room_use", "camera_id": "a", "use": "lobby", "placing": {"act": "remove"}},
    {"act": "answer_room_use", "camera_id": "a", "use": "lobby",
     "placing": {"act": "answer_room_use", "camera_id": "a", "use": "lobby"}},
]  # fmt: skip


@pytest.mark.parametrize("label", ["东湖（北）-01", "cam 1 (gate)", "a&b+c", "<img src=x>", "=1+1"])
def test_an_id_of_any_inventory_can_be_edited_kept_and_taken_up_again(label):
    command = Add(label, 30.0, 48.0, 180.0)
    kept = session().do(command).do(Aim(label, 90.0)).to_json()
    again = from_json(kept, app_city(), app_guard(), DIGEST)
    assert again.draft.cameras.loc[label, "azimuth_deg"] == 90.0


@pytest.mark.parametrize("value", HOSTILE)
def test_what_is_no_command_is_refused(value):
    with pytest.raises(InputError):
        from_plain(value)


BAD_COMMANDS = [
    Move("nobody", 0.0, 0.0),
    Move("south", 9_000.0, 0.0),
    Aim("gone", 0.0),
    Add("south", 1.0, 1.0, 0.0),
    Add("a", 1.0, 1.0, 0.0, kind="laser"),
    Add("a", 1.0, 1.0, 0.0, height_m=-3.0),
    SetOptics("south", hfov_deg=0.0),
    SetOptics("south", reach_m=1e7),
    DrawZone("z", ((0.0, 0.0), (1.0, 1.0)), "8.5"),
    DrawZone("z", ((0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0)), "8.5"),
    DrawZone("z", RING, "99.9"),
    DrawObstacle("o", RING, 2.0, base_m=2.0),
    DrawObstacle("o", RING, -2.0, base_m=-3.0),
    DrawObstacle("o", ((1.0, 1.0),), 2.0, closed=False),
    ConfirmGate("gate/9", 0.0, 1e7),
    AnswerRoomUse("new/2", "corridor", Add("new/3", *IN_DORM, 0.0)),
    AnswerRoomUse("south", "palace"),
    Comment("south", "  "),
]


@pytest.mark.parametrize("command", BAD_COMMANDS)
def test_what_cannot_be_done_is_refused_and_changes_nothing(command):
    edited = session()
    before = edited.digest
    with pytest.raises(InputError) as caught:
        edited.do(command)
    assert caught.value.faults
    assert all(str(fault.expected) for fault in caught.value.faults)
    assert edited.digest == before


def broken(**changes):
    return json.dumps(json.loads(everything().to_json()) | changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[" * 100_000,
        "[1]",
        "{}",
        {"more": 1},
        {"format": 3},
        {"revision": True},
        {"base": "cd" * 32},
        {"done": [to_plain(Comment("", "x"))] * (MAX_COMMANDS + 1)},
        {"done": [{"act": "exec"}]},
        {"undone": [{"act": "exec"}]},
    ],
)
def test_text_that_is_no_draft_of_this_project_is_refused(text):
    """Nor is what one of all commands wrote, with something in it that none writes."""
    if isinstance(text, dict):
        text = broken(**text)
    with pytest.raises(InputError):
        from_json(text, app_city(), app_guard(), DIGEST)


def test_unlawful_command_in_a_text_is_refused_too():
    text = broken(done=[to_plain(Add("new/1", *IN_TOILET, 0.0))], undone=[])
    with pytest.raises(Refused):
        from_json(text, app_city(), app_guard(), DIGEST)


def test_unlawful_command_that_waits_to_be_redone_is_refused_when_it_comes():
    text = broken(done=[], undone=[to_plain(Move("south", *IN_TOILET))])
    again = from_json(text, app_city(), app_guard(), DIGEST)
    with pytest.raises(Refused):
        again.redo()


def test_session_put_together_by_hand_is_refused():
    lawful = session().do(Aim("south", 5.0))
    forged = Move("south", *IN_TOILET).apply(lawful.draft)
    with pytest.raises(InputError, match="foreign"):
        replace(lawful, drafts=(*lawful.drafts, forged)).require_lawful()
    with pytest.raises(Refused):
        replace(
            lawful, drafts=(*lawful.drafts, forged), done=(Move("south", *IN_TOILET),)
        ).require_lawful()
    everything().require_lawful()


def test_digest_depends_on_project_and_commands_alone():
    assert everything().digest == everything().digest
    assert everything().digest != everything().undo().digest
    assert begin(app_city(), app_guard(), "cd" * 32).digest != session().digest
