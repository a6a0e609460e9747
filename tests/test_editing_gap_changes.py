"""What a draft changes for the parts, against a check of the whole city before and after."""

from __future__ import annotations

import pytest

from civicsight.coverage.check import check
from civicsight.editing.commands import Add, Aim, DrawObstacle, DrawZone, Move, RejectGate, Remove
from civicsight.editing.edit_context import EditContext
from civicsight.editing.gap_changes import count_changes, judge_parts, part_changes
from tests.app_town import RULES, app_result, session

OPTICS = {"height_m": 3.5, "tilt_deg": 12.0, "hfov_deg": 60.0, "vfov_deg": 40.0}
NORTH = Add("new/1", 30.0, 48.0, 180.0, **OPTICS)
BESIDE = ((60.0, 0.0), (70.0, 0.0), (70.0, 9.0), (60.0, 9.0))
CASES = (
    (),
    (NORTH,),
    (NORTH, Aim("new/1", 0.0)),
    (Remove("south"),),
    (Move("south", 30.0, 48.0), Aim("south", 180.0), Remove("twin")),
    (NORTH, DrawObstacle("wall", ((26.0, 43.0), (34.0, 43.0)), 6.0, closed=False)),
    (RejectGate("n", "mapped", ()),),
    (DrawZone("zone/1", BESIDE, "8.5"),),
)


@pytest.fixture(scope="module")
def edit_context():
    return EditContext(app_result())


def with_(commands):
    edited = session()
    for command in commands:
        edited = edited.do(command)
    return edited.draft


@pytest.mark.parametrize(
    "commands",
    [pytest.param(case, marks=[pytest.mark.slow] * (k % 2)) for k, case in enumerate(CASES)],
)
def test_the_changes_are_those_between_two_checks_of_the_whole_city(edit_context, commands):
    draft = with_(commands)
    before = app_result().part_status["status"].to_dict()
    whole = check(draft.city, rules=RULES, raster=False, before=app_result().parts)
    after = whole.part_status["status"].to_dict()
    expected = {
        label: (before.get(label, ""), after.get(label, ""))
        for label in {*before, *after}
        if before.get(label) != after.get(label)
    }
    changes = part_changes(draft, edit_context)
    assert {label: (row.before, row.after) for label, row in changes.iterrows()} == expected
    closed = sum(now == "covered" for _, now in expected.values())
    opened = sum(was == "covered" and now != "" for was, now in expected.values())
    assert count_changes(changes) == (closed, opened)


def test_gates_beside_one_that_is_not_there_keep_their_ids(edit_context):
    before = app_result().parts
    (gone,) = before.index[before["entrance_id"].eq("n")]
    after = edit_context.standing(with_([RejectGate("n", "mapped", ())])).parts
    same = before.index.intersection(after.index)
    assert gone not in same or not after.geometry[gone].equals(before.geometry[gone])
    counted = before.loc[same].drop(index=gone, errors="ignore")
    assert len(counted) == len(before) - 1
    assert counted.geom_equals(after.loc[counted.index]).all()


def test_some_part_closes_and_some_opens():
    edit_context = EditContext(app_result())
    assert count_changes(part_changes(with_([NORTH]), edit_context))[0] > 0
    assert (
        count_changes(part_changes(with_([Remove("south"), Remove("twin")]), edit_context))[1] > 0
    )


def test_a_part_is_judged_alone_as_among_all(edit_context):
    draft = with_([NORTH])
    status = check(draft.city, rules=RULES, raster=False).part_status["status"]
    for label in status.index:
        assert judge_parts(draft, edit_context, [label]).loc[label, "status"] == status[label]
    assert judge_parts(draft, edit_context, ["no such part"]).empty
