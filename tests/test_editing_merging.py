"""Two drafts brought together: whatever each side did, every id is as the side that was chosen."""

from __future__ import annotations

import numpy as np
import pytest

from civicsight.editing.commands import Add, Aim, Comment, Move, Remove, SetOptics
from civicsight.editing.merging import BOTH, CONFLICT, OURS, SAME, THEIRS, merge_sessions, three_way
from tests.app_town import session
from tests.drawn import a_few

STANDING = ("south", "twin", "away", "wall")


def drawn(begun, random, steps):
    """Give random commands to a draft, and take some back."""
    for _ in range(steps):
        cameras = begun.draft.cameras
        known = [one for one in cameras.index if cameras.loc[one, "status"] != "removed"]
        label = str(random.choice([*known, "new/1", "new/2"]))
        value = float(random.integers(1, 360))
        if label not in known and label in cameras.index:
            continue
        if label not in known:
            command = Add(label, 30.0 + value / 36.0, 48.0, value, name=label)
        else:
            command = [Aim(label, value), Move(label, 20.0 + value / 20.0, 45.0), Remove(label),
                       SetOptics(label, height_m=2.0 + value / 100.0),
                       Comment(label, f"{value}")][random.integers(5)]  # fmt: skip
        begun = begun.do(command)
        if random.random() < 0.2:
            begun = begun.undo()
    return begun


def said_of(one, label):
    """Return all that a draft says of a camera, as text; empty where it has none."""
    cameras = one.draft.cameras
    if label not in cameras.index:
        return ""
    return repr(sorted((str(k), str(v)) for k, v in cameras.loc[label].to_dict().items()))


@pytest.mark.parametrize("seed", a_few(range(12), 6))
def test_every_camera_is_as_the_side_that_was_chosen(seed):
    random = np.random.default_rng(seed)
    base = drawn(session(), random, 4)
    ours, theirs = drawn(base, random, 5), drawn(base, random, 5)
    for _ in range(int(random.integers(3))):  # also steps that both knew are taken back
        theirs = theirs.undo()
    merge = three_way(base, ours, theirs)
    states = {one.label: one.state for one in merge.subjects}
    for label in {*STANDING, "new/1", "new/2"}:
        was, one, two = (said_of(each, label) for each in (base, ours, theirs))
        wanted = (
            None if one == two == was else SAME if one == two else THEIRS if one == was
            else OURS if two == was else CONFLICT
        )  # fmt: skip
        assert states.get(label) == wanted, label
    for side, chosen in ((OURS, ours), (THEIRS, theirs)):
        settled = {one.label: side for one in merge.subjects if one.state == CONFLICT}
        merged = merge_sessions(merge, settled)
        for label in {*STANDING, "new/1", "new/2"}:
            state = states.get(label, SAME)
            source = {OURS: ours, THEIRS: theirs, SAME: ours, CONFLICT: chosen}[state]
            assert said_of(merged, label) == said_of(source, label), (label, state)
        remarks = [one for one in merged.done if isinstance(one, Comment)]
        put_aside = [one.remark for one in merge.remarks if settled.get(one.label) == OURS]
        for each in (ours, theirs):
            said = [one for one in each.done if isinstance(one, Comment)]
            assert all(one in remarks or one in put_aside for one in said)


def test_both_stay_where_each_side_built_something_under_one_number():
    base = session()
    ours = base.do(Add("new/1", 30.0, 48.0, 180.0)).do(Add("new/2", 32.0, 48.0, 180.0))
    theirs = base.do(Add("new/1", 55.0, 48.0, 90.0)).do(Aim("new/1", 45.0))
    merge = three_way(base, ours, theirs)
    (one,) = [each for each in merge.subjects if each.state == CONFLICT]
    assert one.choices == (OURS, THEIRS, BOTH)
    cameras = merge_sessions(merge, {"new/1": BOTH}).draft.cameras
    assert list(cameras.index.difference(base.draft.cameras.index)) == ["new/1", "new/2", "new/3"]
    assert cameras.loc["new/3", "azimuth_deg"] == 45.0
    assert cameras.loc["new/1", "azimuth_deg"] == 180.0


@pytest.mark.parametrize(
    ("ours", "state"),
    [((), THEIRS), ((Aim("south", 10.0),), CONFLICT), ((Aim("twin", 10.0),), THEIRS)],
)
def test_a_remark_is_a_change_to_settle(ours, state):
    base, said = session(), Comment("south", "too low")
    mine = base
    for command in ours:
        mine = mine.do(command)
    merge = three_way(base, mine, base.do(said))
    (remark,) = merge.remarks
    assert (remark.remark, remark.state, remark.choices) == (said, state, (OURS, THEIRS))
    assert said in merge_sessions(merge, {}).done
    assert said not in merge_sessions(merge, {remark.label: OURS}).done
    assert said in merge_sessions(merge, {remark.label: THEIRS}).done
