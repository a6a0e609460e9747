"""What is written is whole or not there, and a write that fails is told by what was asked for."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from civicsight.cli.entry import BAD_INPUT
from civicsight.core.atomic import (
    UNDER_WAY,
    flush,
    remove_left_over,
    written_together,
    written_whole,
)
from civicsight.core.errors import SetupError, WriteError
from civicsight.io import save_city
from civicsight.io.project_file import load_city
from tests.result_town import make_city

ROOT = Path(__file__).resolve().parent.parent
FULL, READ_ONLY, DENIED = errno.ENOSPC, errno.EROFS, errno.EACCES
SAID = {FULL: "the disk is full", READ_ONLY: "may be written", DENIED: "may be written"}


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def put(file: Path, text: str) -> None:
    with written_whole(file) as scratch:
        scratch.write_text(text)


def put_together(folder: Path, texts: dict[str, str]) -> None:
    with written_together(folder) as scratch:
        for name, text in texts.items():
            (scratch / name).write_text(text)


def break_off(file: Path, size: int, **more: int) -> None:
    """Write some of a file, and meet the end of the disk."""
    with written_whole(file, **more) as scratch:
        scratch.write_bytes(bytes(size))
        raise OSError(FULL, os.strerror(FULL))


def failing(code):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    return fail


POINTS = {
    "the folder": (os, "mkdir"),
    "the scratch": (tempfile, "mkdtemp"),
    "the flush": (os, "fsync"),
    "the move": (Path, "replace"),
}


@pytest.mark.parametrize("code", [FULL, READ_ONLY, DENIED])
@pytest.mark.parametrize("point", POINTS)
def test_a_write_that_fails_anywhere_names_what_was_asked_for(point, code, tmp_path, monkeypatch):
    file, folder = tmp_path / "deep" / "plan.json", tmp_path / "report"
    if point != "the folder":
        file.parent.mkdir()
        folder.mkdir()
        file.write_text("before")
        (folder / "page.html").write_text("before")
    before = names(tmp_path)
    monkeypatch.setattr(*POINTS[point], failing(code))
    with pytest.raises(WriteError, match=rf"^plan.json was not written: .*{SAID[code]}") as error:
        put(file, "after")
    assert error.value.errno == code
    with pytest.raises(WriteError, match=rf"^report was not written: .*{SAID[code]}"):
        put_together(folder, {"page.html": "after"})
    monkeypatch.undo()
    assert names(tmp_path) == before
    assert {path.read_text() for path in tmp_path.rglob("*") if path.is_file()} <= {"before"}


def test_a_file_of_a_folder_is_named_with_it(tmp_path):
    def fill():
        with written_together(tmp_path / "report") as scratch:
            break_off(scratch / "page.html", 3_000_000)

    with pytest.raises(WriteError, match=r"^report/page.html was not written: the disk is full"):
        fill()
    assert names(tmp_path) == ["report"]


def test_how_much_is_needed_is_said_where_it_is_known(tmp_path):
    with pytest.raises(WriteError, match=r"at least 7.0 MiB are needed, [0-9.]+ MiB are free"):
        break_off(tmp_path / "a", 10, need_bytes=7 << 20)
    with pytest.raises(WriteError, match=r"at least 2.0 MiB are needed"):
        break_off(tmp_path / "a", 2 << 20)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "no such file", "/elsewhere/input.csv"),
        SetupError("no font"),
        RuntimeError("a ring is not closed"),
        RecursionError(),
        ValueError("7"),
    ],
)
def test_what_is_no_fault_of_writing_stays_what_it_is(error, tmp_path):
    with pytest.raises(type(error)) as caught, written_whole(tmp_path / "a"):
        raise error
    assert caught.value is error
    assert names(tmp_path) == []


def test_nothing_is_replaced_where_one_cannot_be(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a").write_text("before")
    with pytest.raises(WriteError, match=r"Is a directory"):
        put_together(tmp_path, {"a": "after", "b": "after"})
    assert (tmp_path / "a").read_text() == "before"
    assert names(tmp_path) == ["a", "b"]


def test_files_in_folders_of_a_folder_arrive(tmp_path):
    with written_together(tmp_path / "out") as scratch:
        (scratch / "deep").mkdir()
        (scratch / "deep" / "a").write_text("1")
        (scratch / "b").write_text("2")
    assert names(tmp_path / "out") == ["b", "deep", "deep/a"]


def test_file_and_folder_are_flushed_before_and_after_the_move(tmp_path, monkeypatch):
    done = []
    sync, move = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append(os.fstat(handle)), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda *words: (done.append("moved"), move(*words)))
    target = save_city(make_city("a"), tmp_path / "town.gpkg")
    at = len(done) - 1 - done[::-1].index("moved")
    assert target.stat().st_ino in {entry.st_ino for entry in done[:at] if entry != "moved"}
    assert tmp_path.stat().st_ino in {entry.st_ino for entry in done[at + 1 :]}


KILLED = """
import os, sys
from pathlib import Path
from civicsight.core.atomic import written_together
with written_together(Path(sys.argv[1])) as scratch:
    (scratch / "half").write_text("half")
    print(scratch.name, flush=True)
    sys.stdin.read()
    os._exit(9)
"""


@pytest.mark.skipif(os.name != "posix", reason="folders are locked on POSIX")
def test_what_a_killed_run_left_goes_with_the_next_and_what_runs_stays(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        name = process.stdout.readline().strip()
        assert name.startswith(UNDER_WAY)
        with written_whole(tmp_path / "first") as scratch:
            scratch.write_text("1")
        assert names(tmp_path) == [name, f"{name}/half", "first"]
        process.kill()
        process.communicate()
    (tmp_path / ".civicsight-notes").write_text("a file of somebody else")
    with written_whole(tmp_path / "second") as scratch:
        scratch.write_text("2")
    assert names(tmp_path) == [".civicsight-notes", "first", "second"]


def test_a_link_is_not_followed_when_left_overs_are_removed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a").write_text("1")
    (tmp_path / f"{UNDER_WAY}link").symlink_to(tmp_path / "kept")
    remove_left_over(tmp_path)
    assert (tmp_path / "kept" / "a").is_file()
    flush(tmp_path / "kept")


LIMITED = """
import resource, sys
from civicsight.cli.entry import run
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="the limit is one of POSIX")
@pytest.mark.parametrize(
    "limit", [1_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (60_000, 150_000))]
)
@pytest.mark.slow
def test_a_real_limit_that_the_library_meets_is_told(limit, tmp_path):
    town = save_city(make_city("a"), tmp_path / "town.gpkg")
    out = tmp_path / "copy.gpkg"
    words = ["import", str(town), "--out", str(out), "--lang", "en"]
    command = [sys.executable, "-c", LIMITED, str(limit), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == BAD_INPUT, done.stderr
    assert "copy.gpkg was not written" in done.stderr
    assert UNDER_WAY not in done.stderr
    assert "project.gpkg" not in done.stderr
    assert names(tmp_path) == ["town.gpkg"]
    assert load_city(town).name == "a"
