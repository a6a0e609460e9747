"""Files of planners: who may send them, how many, in which turn they are read, and what is left."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from civicsight.application import intake
from civicsight.application.inbox import desk
from civicsight.application.inbox.entry import Owner, State
from civicsight.application.inbox.queue import FILE_BYTES, Bounds, Turns
from civicsight.core.errors import InputError, WriteError
from civicsight.core.i18n import LANGUAGES
from civicsight.core.settings import MEGABYTE
from civicsight.store import Actor, Denied, Role, open_store
from civicsight.ui.errors import refusal_lines
from tests.conftest import ROOT
from tests.inbox_made import (
    BOUNDS,
    CAMERAS,
    Held,
    end_of,
    opened,
    planner,
    reading_processes,
    rows_of,
    sleepy_gate,
    town_project,
)
from tests.waiting import wait_until

LI, WU = planner("Li"), planner("Wu")
WHO = {role: Actor("Wang", role, "West" if role is Role.DISTRICT_PLANNER else "") for role in Role}


@pytest.fixture
def project(tmp_path):
    return town_project(tmp_path)


@pytest.fixture
def held():
    return Held()


@pytest.fixture
def box(tmp_path, held):
    with opened(tmp_path / "box", read=held) as box:
        yield box


@pytest.fixture
def send(box, project):
    """Send a file of some bytes as somebody."""

    def sent(owner, name, size=10):
        return box.take(project, owner, name, bytes(size), CAMERAS)

    return sent


def names(box):
    """Return the files that lie anywhere in the folder of an inbox."""
    return sorted(path.name for path in box.folder.rglob("*") if path.is_file())


def code_of(entry):
    assert entry.state is State.REFUSED
    return entry.error.faults[0].code


def test_a_file_is_read_into_the_project_and_is_gone_with_its_result(tmp_path, project):
    with opened(tmp_path / "box") as box:
        entry = end_of(box.take(project, LI, "cams.csv", rows_of("new-1", "new-2"), CAMERAS))
        assert entry.state is State.DONE, entry.error
        assert (entry.intake.report.read, entry.intake.report.kept) == (2, 2)
        assert {"new-1", "new-2"} <= set(entry.intake.city.cameras.index)
        assert "new-1" not in project.city.cameras.index
        assert box.of_visit(LI) == [entry]
        assert box.of_visit(WU) == []
        assert box.of_visit(replace(LI, visit="another")) == []
        assert names(box) == ["cams.csv"], "to be read again with what is said of its columns"
        box.put_away(entry)
        assert not list(box.folder.iterdir())


@pytest.mark.parametrize("role", Role)
def test_whoever_is_no_municipal_planner_is_denied_and_it_is_in_the_audit(box, project, role):
    owner = Owner(WHO[role], "visit")
    with open_store(project.store_path, create=True):
        pass
    if role is Role.PLANNER:
        assert box.take(project, owner, "a.csv", b"x", CAMERAS).state is not State.REFUSED
        return
    with pytest.raises(Denied):
        box.take(project, owner, "a.csv", b"x", CAMERAS)
    assert not names(box)
    assert box.of_visit(owner) == []
    with open_store(project.store_path) as store:
        last = store.history(Actor("Shen", Role.AUDITOR))[-1]
    assert (last.action, last.actor) == ("import", "Wang")
    assert "refused" in last.says


def test_a_visit_that_is_over_sends_nothing(box, project):
    gone = planner("Li", stands=lambda: False)
    with pytest.raises(Denied):
        box.take(project, gone, "a.csv", b"x", CAMERAS)
    assert not names(box)


def test_files_are_read_one_of_each_person_in_turn(send, box, held):
    sent = [send(LI, f"l{k}") for k in range(3)] + [send(WU, f"w{k}") for k in range(2)]
    wait_until(lambda: sorted(held.begun) == ["l0", "w0"])
    assert [entry.state for entry in sent].count(State.READING) == 2
    order = sorted((box.place(entry), entry.name) for entry in sent if entry.state == "waiting")
    assert order == [((1, 3), "l1"), ((2, 3), "w1"), ((3, 3), "l2")]
    held.read("l0")
    wait_until(lambda: held.begun[2:] == ["l1"])
    held.read("w0", "w1", "l1", "l2")
    assert {end_of(entry).state for entry in sent} == {State.DONE}
    assert box.place(sent[0]) == (0, 0)


def test_a_person_has_one_file_read_at_a_time_even_where_others_have_none(send, held):
    first, second = send(LI, "l0"), send(LI, "l1")
    wait_until(lambda: held.begun == ["l0"])
    assert (first.state, second.state) == (State.READING, State.WAITING)
    held.read("l0", "l1")
    assert end_of(second).state is State.DONE


def entry_of(person, number=0):
    return SimpleNamespace(owner=SimpleNamespace(person=person), number=number)


def test_whoever_comes_while_others_are_read_goes_before_their_next():
    """And whoever sends one file after the other, each when the last is read, before nobody."""
    turns = Turns()
    for number in range(3):
        turns.add(entry_of("many", number))
    had = turns.take()
    turns.add(entry_of("new"))
    assert [one.owner.person for one in turns.order()] == ["new", "many", "many"]
    turns.give_back(had)
    who = []
    for _ in range(4):
        had = turns.take()
        who.append(had.owner.person)
        turns.give_back(had)
        if had.owner.person == "new":
            turns.add(entry_of("new"))
    assert who == ["new", "many", "new", "many"]


@pytest.mark.parametrize("people", range(1, 7))
def test_nobody_waits_for_more_than_one_file_of_each_other(rng, people):
    """With one reader, between two turns of a person who waits everybody else has one at most."""
    turns = Turns()
    for number in range(30):
        turns.add(entry_of(f"p{rng.integers(people)}", number))
    expected, taken = turns.order(), []
    while (entry := turns.take()) is not None:
        taken.append(entry)
        turns.give_back(entry)
    assert taken == expected
    assert sorted(entry.number for entry in taken) == list(range(30))
    who = [entry.owner.person for entry in taken]
    for person in set(who):
        own = [entry.number for entry in taken if entry.owner.person == person]
        assert own == sorted(own)
        turns_of = [at for at, one in enumerate(who) if one == person]
        for one, two in zip([-1, *turns_of], turns_of, strict=False):
            between = who[one + 1 : two]
            assert len(between) == len(set(between))


def test_the_bounds_of_a_person_hold_and_say_so(send, held, box):
    for number in range(3):
        send(LI, f"l{number}")
    many = send(LI, "l3")
    assert code_of(many) == "app.full"
    assert "at most 3 files" in refusal_lines(many.error, "en")[0]
    held.read("l0", "l1", "l2")
    wait_until(lambda: all(entry.is_over for entry in box.of_visit(LI)))
    big = send(LI, "big", 3 * MEGABYTE)
    more = send(replace(LI, visit="other window"), "more", 2 * MEGABYTE)
    assert big.state is not State.REFUSED
    assert code_of(more) == "app.full"
    assert send(WU, "w", 2 * MEGABYTE).state is not State.REFUSED
    assert box.waiting_bytes("Li") == 3 * MEGABYTE + 30
    assert box.waiting_bytes() == 5 * MEGABYTE


def test_what_was_read_counts_for_its_person_until_it_is_put_away(send, held, box):
    held.read("l", "m")
    read = end_of(send(LI, "l", 3 * MEGABYTE))
    full = send(LI, "m", 2 * MEGABYTE)
    assert code_of(full) == "app.full"
    assert "Put one of them away" in refusal_lines(full.error, "en")[0]
    box.put_away(read)
    assert end_of(send(LI, "m", 2 * MEGABYTE)).state is State.DONE


def test_the_room_of_the_server_ends_and_comes_back(send, held, box):
    send(LI, "l", 4 * MEGABYTE)
    full = send(WU, "w", 3 * MEGABYTE)
    assert code_of(full) == "app.full"
    assert "CIVICSIGHT_UPLOAD_SCRATCH" in refusal_lines(full.error, "en")[0]
    assert "w" not in names(box)
    held.read("l")
    wait_until(lambda: box.waiting_bytes() == 0)
    assert send(WU, "w", 3 * MEGABYTE).state is not State.REFUSED


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_disk_is_said_in_words_and_leaves_nothing(box, send, monkeypatch, language):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    entry = send(LI, "cams.csv")
    assert isinstance(entry.error, WriteError)
    assert entry.state is State.REFUSED
    (line,) = refusal_lines(entry.error, language)
    assert "cams.csv" in line
    assert str(box.folder) not in line
    assert ("disk is full" in line) is (language == "en")
    assert not list(box.folder.iterdir())
    assert box.waiting_bytes() == 0


def test_a_file_larger_than_any_is_told_the_way_of_the_command_line(tmp_path, project):
    wide = Bounds(10 * FILE_BYTES, 3, 10 * FILE_BYTES, 1)
    with opened(tmp_path / "box", wide) as box:
        entry = box.take(project, LI, "a.csv", bytes(FILE_BYTES + 1), CAMERAS)
        assert code_of(entry) == "app.import"
        assert "civicsight import" in refusal_lines(entry.error, "en")[0]


def test_what_waits_is_cancelled_at_once_and_what_is_read_soon(send, held, box):
    reads, waits = send(LI, "l0"), send(LI, "l1")
    wait_until(lambda: held.begun == ["l0"])
    box.cancel(waits)
    assert waits.state is State.CANCELLED
    assert names(box) == ["l0"]
    box.cancel(reads)
    assert end_of(reads).state is State.CANCELLED
    assert reads.intake is None
    assert not list(box.folder.iterdir())
    box.put_away(reads)
    assert box.of_visit(LI) == [waits]
    held.read("l2")
    assert end_of(send(LI, "l2")).state is State.DONE


@pytest.mark.slow
def test_the_process_that_reads_a_file_ends_with_its_cancelling(tmp_path, project):
    with sleepy_gate(), opened(tmp_path / "box") as box:
        entry = box.take(project, LI, "sleep.csv", rows_of("n"), CAMERAS)
        child = wait_until(lambda: reading_processes(box).get(entry.id))
        box.cancel(entry)
        assert end_of(entry).state is State.CANCELLED
        wait_until(lambda: not Path(f"/proc/{child}").exists())
        assert not list(box.folder.iterdir())


def test_a_visit_that_ends_takes_all_its_files_with_it(box, project, held):
    stands = [True]
    li = planner("Li", stands=lambda: bool(stands))
    reads, waits = (box.take(project, li, name, b"x", CAMERAS) for name in ("l0", "l1"))
    other = box.take(project, WU, "w", b"x", CAMERAS)
    wait_until(lambda: len(held.begun) == 2)
    box.sweep()
    assert len(box.of_visit(li)) == 2
    stands.clear()
    box.sweep()
    assert waits.state is State.CANCELLED
    assert end_of(reads).state is State.CANCELLED
    assert box.of_visit(li) == []
    assert names(box) == ["w"]
    held.read("w")
    assert end_of(other).state is State.DONE


@pytest.mark.slow
def test_the_next_server_removes_what_one_that_was_killed_left(tmp_path):
    text = (
        "import os, signal\nfrom pathlib import Path\nfrom tests.inbox_made import *\n"
        f"box = Inbox(Path({str(tmp_path / 'box')!r}), BOUNDS, read=Held())\n"
        f"entry = box.take(town_project(Path({str(tmp_path)!r})), planner('Li'), 'secret.csv', "
        "b'x', CAMERAS)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", text], env=environment, check=False)
    assert killed.returncode < 0
    assert [path.name for path in (tmp_path / "box").rglob("*.csv")] == ["secret.csv"]
    with opened(tmp_path / "box"):
        assert not list((tmp_path / "box").rglob("*.csv"))


def test_a_fault_of_the_program_ends_one_file_and_no_turn(tmp_path, project, monkeypatch):
    told = []
    monkeypatch.setattr("threading.excepthook", lambda args: told.append(args.exc_type))

    def read(entry, _path, _tell):
        return {}[entry.name] if entry.name == "bad" else entry.name

    with opened(tmp_path / "box", replace(BOUNDS, reads=1), read=read) as box:
        bad = end_of(box.take(project, LI, "bad", b"x", CAMERAS))
        assert bad.state is State.REFUSED
        assert "Send the file again" in refusal_lines(bad.error, "en")[0]
        assert end_of(box.take(project, LI, "good", b"x", CAMERAS)).state is State.DONE
    assert told == [KeyError]


def test_only_so_many_results_of_a_visit_stay(box, send, held, monkeypatch):
    monkeypatch.setattr(desk, "KEPT", 2)
    held.read("a", "b", "c")
    for name in "abc":
        end_of(send(LI, name))
    wait_until(lambda: not box.waiting_bytes())
    send(LI, "d")
    assert [entry.name for entry in box.of_visit(LI)] == ["c", "d"]


EVIL = {
    "../../etc/passwd": "passwd",
    "..\\..\\app.py": "app.py",
    "a\x00b\x1b[31m\n.csv": "a_b_31m_.csv",
    "x\u202evsc.exe": "x_vsc.exe",
    ".bashrc": "bashrc",
    "..": "upload",
    "/": "upload",
    "": "upload",
    "a b (1).csv": "a_b_1_.csv",
    "摄像机.csv": "摄像机.csv",
}


@pytest.mark.parametrize(("name", "safe"), EVIL.items())
def test_a_name_is_never_a_path(name, safe):
    assert intake.safe_name(name) == safe


@pytest.mark.parametrize("sign", "a摄\U0002000b")
def test_a_long_name_fits_a_file_and_ends_as_it_did(sign, tmp_path):
    safe = intake.safe_name(f"{sign * 300}.geojson")
    assert safe.endswith(".geojson")
    (tmp_path / safe).write_bytes(b"x")


def test_the_same_name_twice_is_two_files(send, held, box):
    one, two, other = send(LI, "../a"), send(LI, "a"), send(WU, "a")
    wait_until(lambda: len(held.begun) == 2)
    assert names(box) == ["a", "a", "a"]
    held.read("a")
    assert {end_of(entry).state for entry in (one, two, other)} == {State.DONE}


def test_files_go_into_the_project_one_after_the_other(tmp_path, project):
    with opened(tmp_path / "box") as box:
        sent = [box.take(project, LI, f"{name}.csv", rows_of(name), CAMERAS) for name in "ab"]
        first, second = (end_of(entry).intake for entry in sent)
    city = intake.together(project.city, [first, second])
    assert {"a", "b"} <= set(city.cameras.index)
    assert len(city.cameras) == len(project.city.cameras) + 2
    with pytest.raises(InputError, match="different rows"):
        intake.together(project.city, [first, first])


def test_the_bounds_are_those_of_the_settings(monkeypatch):
    assert Bounds.of_settings() == Bounds(200 * MEGABYTE, 10, 1000 * MEGABYTE, 3)
    for name in ("PERSON_UPLOADS", "PERSON_FILES", "UPLOAD_SCRATCH", "READS"):
        monkeypatch.setenv(f"CIVICSIGHT_{name}", "1")
    assert Bounds.of_settings() == Bounds(MEGABYTE, 1, MEGABYTE, 1)


def test_the_inbox_of_the_process_is_made_once_and_again_after_its_end(monkeypatch, tmp_path):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    desk.close_inbox()
    first = desk.inbox()
    assert desk.inbox() is first
    desk.close_inbox()
    assert not first.folder.exists()
    assert desk.inbox() is not first
    desk.close_inbox()
