"""A store that lies where nothing can be written is read; and a clock that was set back is said."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError

from civicsight.cli.entry import OK, run
from civicsight.core.errors import InputError
from civicsight.store import leave_remark, open_store, verify
from civicsight.store.sqlite import engine_in_memory
from civicsight.store.verify import clock_steps
from tests.store_parts import LI, SUN, approved, begun, commit
from tests.test_kept import unpacked


@pytest.fixture
def share(tmp_path):
    """Show a folder where nothing can be written, as a share is that is mounted so."""
    made = []

    def act(folder: Path) -> Path:
        if os.geteuid():
            for path in (*folder.iterdir(), folder):
                path.chmod(path.stat().st_mode & 0o555)
            return folder
        there = tmp_path / "share"
        there.mkdir()
        bind = subprocess.run(["mount", "--bind", folder, there], check=False, capture_output=True)
        if bind.returncode:
            pytest.skip("nothing can be mounted here")
        made.append(there)
        subprocess.run(["mount", "-o", "remount,bind,ro", there], check=True)
        return there

    yield act
    for there in made:
        subprocess.run(["umount", there], check=True)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "plans").mkdir()
    return tmp_path / "plans"


def test_a_store_on_a_read_only_share_is_read_and_refuses_acts(folder, share, capsys):
    with begun(folder / "plans.gpkg") as store:
        approved(store)
        held = verify(store, SUN)
        there = share(folder) / "plans.gpkg"  # the end of it lies in the log only
        assert Path(f"{folder / 'plans.gpkg'}-wal").stat().st_size
        with open_store(there) as copy:
            assert verify(copy, SUN, expect_head=held.head.hash) == held
            assert copy.plan(LI, "donghu") == store.plan(LI, "donghu")
            assert len(copy.read_version(LI, "donghu").layers) == 3
            for act in (
                lambda: commit(copy, copy.plan(LI, "donghu")),
                lambda: leave_remark(copy, LI, "donghu", "x", digest=""),
            ):
                with pytest.raises(InputError, match="Copy the store to a folder of your own"):
                    act()
    assert run(["plan", "audit", str(there), "--as", "Sun", "--lang", "en"]) == OK
    assert "Each entry follows the one before" in capsys.readouterr().err


def test_a_store_of_an_earlier_format_is_read_there_too(folder, share):
    unpacked("store-v4.gpkg", folder)
    with open_store(share(folder) / "store-v4.gpkg") as store:
        assert len(store.list_plans(SUN)) == 7
        with pytest.raises(InputError):
            store.new_plan(LI, "x", name="x")


def test_a_copy_that_fails_is_closed(tmp_path, monkeypatch):
    """Python 3.13 warned of a database that nobody closed: the copy of a damaged file."""
    opened = []

    class Watched(sqlite3.Connection):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            opened.append(self)

    plain = sqlite3.connect
    monkeypatch.setattr(
        "civicsight.store.sqlite.sqlite3.connect", lambda *a, **k: plain(*a, factory=Watched, **k)
    )
    path = tmp_path / "torn.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5_000)
    with pytest.raises(DatabaseError), engine_in_memory(path).connect():
        pass
    assert len(opened) == 2
    for one in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            one.execute("SELECT 1")


def test_nothing_is_left_behind(folder, share, monkeypatch, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with begun(folder / "plans.gpkg"):
        pass
    with open_store(share(folder) / "plans.gpkg") as store:
        assert store.list_plans(LI)
        assert not list(scratch.iterdir())


TIMES = ("2026-03-01T10:00:00.000Z", "2026-03-01T09:00:00.000Z", "2026-03-01T09:00:01.000Z")


def test_a_clock_that_was_set_back_is_said(tmp_path, monkeypatch, capsys):
    times = iter(TIMES)
    monkeypatch.setattr("civicsight.store.audit.now", lambda: next(times, TIMES[2]))
    monkeypatch.setattr("civicsight.store.store.now", lambda: TIMES[0])
    path = tmp_path / "plans.gpkg"
    with begun(path) as store:  # begin, create, commit: of the first no time is asked
        found = verify(store, SUN)
    assert [(step.seq, step.before, step.at) for step in found.clock] == [(3, TIMES[0], TIMES[1])]
    words = ["plan", "audit", str(path), "--as", "Sun", "--lang", "en"]
    assert run(words) == OK
    said = " ".join(capsys.readouterr().err.split())
    assert "the clock was set back between entries 2 and 3" in said
    assert run([*words, "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert told["clock_set_back"] == [{"seq": 3, "before": TIMES[0], "at": TIMES[1]}]


def test_entries_of_days_to_come_are_said(tmp_path, monkeypatch, capsys):
    path = tmp_path / "plans.gpkg"
    with monkeypatch.context() as ahead:
        ahead.setattr("civicsight.store.audit.now", lambda: "2099-01-01T00:00:00.000Z")
        with begun(path):
            pass
    assert run(["plan", "audit", str(path), "--as", "Sun", "--lang", "en"]) == OK
    assert "later than the clock of this machine" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("times", "steps"),
    [
        (TIMES[:1], []),
        (["2026-03-01T10:00:00.900Z", "2026-03-01T10:00:00.100Z"], []),  # of two machines
        (["2026-03-01T10:00:02.000Z", "2026-03-01T10:00:00.100Z"], [2]),
        (["x", TIMES[0], TIMES[1], "", TIMES[2]], [3]),
    ],
)
def test_steps_of_the_clock(times, steps):
    found = clock_steps(enumerate(times, start=1))
    assert [step.seq for step in found] == steps


def test_a_sound_store_says_nothing(tmp_path):
    path = unpacked("store-v5.gpkg", tmp_path)
    with open_store(shutil.copy(path, tmp_path / "x.gpkg")) as store:
        assert verify(store, SUN).clock == ()
