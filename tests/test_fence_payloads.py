"""A reader that was taken over is refused everything: as root, as another user, on old kernels.

Each act is tried inside a reading process after its fences stand, and looked for from outside.
"""

from __future__ import annotations

import os
import sys

import pytest

from civicsight.io.apart import fence, seccomp

if sys.platform != "linux":
    pytest.skip("the fences are those of Linux", allow_module_level=True)

from tests.fence.acts import BY_NAME
from tests.fence.app import Burst, Row
from tests.fence.bombs import LITTLE, SENDING, TAKING
from tests.fence.started import OTHER_USER, OtherUserError, rows, start

pytestmark = [
    pytest.mark.skipif(not fence.landlock_version(), reason="no Landlock in this system"),
    pytest.mark.skipif(not seccomp.is_known(), reason="no numbers of this machine's calls"),
]

VERSION = fence.landlock_version()
KERNELS = sorted({1, min(4, VERSION), VERSION})
USERS = pytest.mark.parametrize(
    "user", [pytest.param(os.getuid(), id="this user"), pytest.param(OTHER_USER, id="another")]
)
MEMORY, DISK = 100_000_000, 200_000_000
"""What `LITTLE` allows for the values and the scratch folder of one file [bytes]."""


def tried(user: int, **asked: object) -> list[list[Row]]:
    """Have acts tried by a program of a user, if this system lets us become that one.

    The system lacks no fence: what an old kernel lacks is another test's.
    """
    if user not in (os.getuid(), 0) and os.getuid() != 0:
        pytest.skip("only root becomes another user: run the tests as root too")
    try:
        lacks, *found = start(user, lacks=True, **asked)
    except OtherUserError as error:
        pytest.skip(f"this system lets nobody become another user: {error}")
    assert lacks == []
    return [rows(line) for line in found]


def not_refused(found: list[Row]) -> list[Row]:
    """Return what was done, reached, or seen from outside."""
    return [row for row in found if not row.is_refused]


@USERS
def test_every_act_is_refused_and_has_no_effect(user):
    """On the Landlock of this kernel, on that of 6.7, and on the first."""
    found = tried(user, kernels=[{"landlock": version} for version in KERNELS])
    assert [not_refused(some) for some in found] == [[]] * len(KERNELS)
    assert all([row.act for row in some] == list(BY_NAME) for some in found)
    assert len(BY_NAME) > 180


@pytest.mark.slow
@USERS
def test_every_act_is_refused_on_all_kernels_between(user):
    between = [version for version in range(1, VERSION + 1) if version not in KERNELS]
    found = tried(user, kernels=[{"landlock": version} for version in between])
    assert [not_refused(some) for some in found] == [[]] * len(between)


@pytest.mark.slow
def test_without_a_fence_the_acts_are_done():
    """What is refused without any fence, too, shows nothing: hardly anything to root."""
    (found,) = tried(os.getuid(), unfenced=True)
    done = {row.act for row in not_refused(found)}
    assert len(done) > (130 if os.getuid() == 0 else 100)
    assert {"UNIX socket with a path", "mode", "fork", "limit the app", "shared memory"} <= done
    seen = {row.act for row in found if row.effect}
    assert seen >= {"times", "end a process", "cut short by path", "shared memory"}


@pytest.mark.slow
def test_what_an_old_landlock_lets_happen_is_closed_by_the_filter():
    """Both are needed, and a kernel of before is acted as it is."""
    old, new = tried(os.getuid(), kernels=[{"landlock": 1, "filtered": False}, {"filtered": False}])
    closed_later = {"cut short by path", "cut the accounts short", "cut short on opening"}
    if VERSION >= fence.SCOPES_SINCE:
        closed_later |= {"end a process", "signal the app", "end a process by tkill"}
    done = {row.act for row in not_refused(old)}
    assert closed_later <= done
    assert closed_later & {row.act for row in not_refused(new)} == set()


def burst(*names: str) -> list[Burst]:
    """Have bombs read by a program that allows little memory."""
    return [Burst(*line) for line in start(os.getuid(), settings=LITTLE, bombs=names)]


def assert_bounded(found: list[Burst]) -> None:
    """Whoever waits takes what the line may hold and a copy; disk is looked at 20 times a second.

    The line holds twice the memory of values, and what libraries take. Of disk, what is written
    between two looks comes on top.
    """
    assert [one for one in found if one.grown > 6 * MEMORY or one.left > 5 * DISK] == []
    for one in found:
        assert one.code or one.got <= TAKING[one.bomb][1], one
        assert one.code or one.bomb in TAKING, one


QUICK = ("threads", "lists of nothing")


def test_bombs_are_bounded():
    assert_bounded(burst(*QUICK))


@pytest.mark.slow
def test_all_bombs_are_bounded():
    assert_bounded(burst(*[name for name in (*TAKING, *SENDING) if name not in QUICK]))
