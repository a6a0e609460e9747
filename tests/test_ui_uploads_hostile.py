"""People who send files to the app at the same time: what befalls one of them no other notices."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from itertools import count

import pytest

from civicsight.application.inbox.desk import read_entry
from civicsight.application.inbox.entry import State
from civicsight.application.inbox.queue import Bounds
from civicsight.core.settings import MEGABYTE
from civicsight.io.apart import reading
from tests.inbox_made import (
    CAMERAS,
    end_of,
    opened,
    planner,
    reading_processes,
    rows_of,
    sleepy_gate,
    town_project,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")

TEN = [planner(f"P{number}") for number in range(10)]
WIDE = Bounds(100 * MEGABYTE, 10, 1000 * MEGABYTE, 3)
ALONE = Bounds(100 * MEGABYTE, 10, 1000 * MEGABYTE, 1)


@pytest.fixture
def project(tmp_path):
    return town_project(tmp_path)


def brought(entry):
    """Return the cameras that a file brought."""
    assert entry.state is State.DONE, entry.error
    return set(entry.intake.edits.layer("cameras").added.index)


@pytest.mark.slow
def test_ten_people_at_once_get_each_his_own(tmp_path, project):
    with opened(tmp_path / "box", WIDE) as box:
        sent = {
            (owner.person, number): box.take(
                project, owner, "same.csv", rows_of(f"{owner.person}-{number}"), CAMERAS
            )
            for number in range(2)
            for owner in TEN
        }
        for (person, number), entry in sent.items():
            assert brought(end_of(entry)) == {f"{person}-{number}"}
            box.put_away(entry)
        assert not list(box.folder.iterdir())


@pytest.mark.parametrize(
    "bounds",
    [pytest.param(bounds, marks=pytest.mark.slow) for bounds in (ALONE, WIDE)],
    ids=["one reader", "three readers"],
)
def test_files_that_run_into_the_time_limit_keep_nobody_else(
    tmp_path, project, monkeypatch, bounds
):
    """With one reader a small file waits for one of them at most, with several for none."""
    monkeypatch.setenv("CIVICSIGHT_READ_SECONDS", "2")
    begun, small_rows = [], rows_of("new")

    def read(entry, path, tell):
        begun.append(entry.name)
        return read_entry(entry, path, tell)

    with sleepy_gate(), opened(tmp_path / "box", bounds, read=read) as box:
        endless = [
            box.take(project, TEN[0], f"sleep{number}.csv", b"x", CAMERAS) for number in range(3)
        ]
        small = end_of(box.take(project, TEN[1], "small.csv", small_rows, CAMERAS))
        assert brought(small) == {"new"}
        for entry in endless:
            assert end_of(entry).error.faults[0].code == "file.endless"
    assert begun == ["sleep0.csv", "small.csv", "sleep1.csv", "sleep2.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.slow)])
def test_readers_killed_at_random_are_noticed_by_whose_file_it_was_alone(
    tmp_path, project, rng, kills
):
    """Ten people send without end; of the processes some are killed, and what they come from too.

    A file whose process was not killed is read, with just its rows; one whose process was is
    refused in words, or read if it had answered already. Of ten kills one hits what all processes
    come from: the files that were being read are read again, and nobody hears of it.
    """
    killed, refused, origins, numbers = set(), set(), set(), count()
    with opened(tmp_path / "box", WIDE) as box:

        def send(owner):
            name = f"new{next(numbers)}"  # the town has cameras c1 to c4
            return name, box.take(project, owner, f"{name}.csv", rows_of(name), CAMERAS)

        def judge(name, entry):
            if entry.state is State.REFUSED and entry.id in killed:
                assert entry.error.faults[0].code == "file.deadly"
                refused.add(entry.id)
            else:
                assert brought(entry) == {name}
            box.put_away(entry)

        under_way = {owner: send(owner) for owner in TEN}
        while len(refused) < kills:
            for owner, (name, entry) in under_way.items():
                if entry.is_over:
                    judge(name, entry)
                    under_way[owner] = send(owner)
            for entry_id, process in reading_processes(box).items():
                if entry_id not in killed and rng.random() < 0.2:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                        killed.add(entry_id)
            origin = reading.gate()._server
            if len(refused) // 10 > len(origins) and origin is not None:
                origins.add(origin.pid)
                origin.kill()
        for name, entry in under_way.values():
            judge(name, end_of(entry))
        assert box.waiting_bytes() == 0
        assert not list(box.folder.iterdir())
