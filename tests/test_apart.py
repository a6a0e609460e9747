"""Reading apart: whatever a file does to the process that reads it, nobody else notices."""

from __future__ import annotations

import contextlib
import contextvars
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from civicsight.core import settings
from civicsight.core.errors import InputError
from civicsight.core.progress import hearing
from civicsight.io.apart import fence, reading
from civicsight.io.apart.outcome import memory_for
from civicsight.io.apart.reading import Gate, scratch_in
from civicsight.io.apart.serve import FEW
from tests.conftest import ROOT
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")
fenced = pytest.mark.skipif(not fence.landlock_version(), reason="no Landlock in this system")

KILLS = 50


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        gate = Gate("tests.apart_readers")
        gate.lacks()
    yield gate
    gate.close()


@pytest.fixture
def file(tmp_path, monkeypatch) -> Path:
    """Return a file from a stranger; scratch folders are made beside its folder."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    folder = tmp_path / "given"
    folder.mkdir()
    file = folder / "given.csv"
    file.write_text("hello", encoding="utf-8")
    return file


def refused(gate: Gate, reader: str, file: Path) -> str:
    """Return the code of the one fault of a file, after another was read by the same gate."""
    with pytest.raises(InputError) as caught:
        gate.read(reader, file)
    (fault,) = caught.value.faults
    assert fault.file == "given.csv"
    assert_unharmed(gate, file)
    return fault.code


def assert_unharmed(gate: Gate, file: Path) -> None:
    assert gate.read("echo", file) == (file.read_text(encoding="utf-8"), (), {})
    assert not list((file.parent.parent / "scratch").iterdir())


def test_a_reader_gets_what_it_is_called_with_and_returns_what_it_likes(gate, file):
    said = gate.read("echo", file, 3, [1.5, None], word={"a": (True,)})
    assert said == ("hello", (3, [1.5, None]), {"word": {"a": (True,)}})


@pytest.mark.parametrize(
    ("setting", "said"),
    [("200", r"400 MB of memory.*CIVICSIGHT_READ_MEMORY"), ("2000", r"500 MB.*uncompressed")],
)
def test_memory_without_end_names_the_limit(gate, file, monkeypatch, setting, said):
    """That of the setting, or that of so small a file, which no setting raises."""
    monkeypatch.setenv("CIVICSIGHT_READ_MEMORY", setting)
    with pytest.raises(InputError, match=said):
        gate.read("devour", file)
    assert gate.spent.peak_bytes < 1_000_000_000
    assert_unharmed(gate, file)


def test_the_size_of_all_that_belongs_to_a_file_allows_memory(tmp_path):
    shapes, cells = tmp_path / "a.shp", tmp_path / "a.dbf"
    shapes.write_bytes(b"x" * 1_000_000)
    cells.write_bytes(b"x" * 1_000_000)
    (tmp_path / "b.dbf").write_bytes(b"x" * 1_000_000)
    assert memory_for("buildings", shapes) == 500_000_000 + 128 * 2_000_000
    assert memory_for("ground", shapes) == settings.read_resident()
    (tmp_path / "c.zip").write_bytes(b"PK" + b"x" * 999_998)
    assert memory_for("buildings", tmp_path / "c.zip") == 500_000_000 + 1_280 * 1_000_000
    assert memory_for("buildings", tmp_path) == 500_000_000 + 128 * 4_000_000


def test_a_vast_piece_of_memory_is_not_given_at_all(gate, file):
    assert refused(gate, "reserve", file) == "file.too_large"


@pytest.mark.parametrize("reader", ["sleep", "spin"])
def test_a_reader_that_never_ends_is_ended(gate, file, monkeypatch, reader):
    with monkeypatch.context() as patch:
        patch.setenv("CIVICSIGHT_READ_SECONDS", "1")
        with pytest.raises(InputError, match=r"within 1 seconds.*CIVICSIGHT_READ_SECONDS"):
            gate.read(reader, file)
    assert_unharmed(gate, file)


def test_a_crash_is_told_by_its_signal(gate, file):
    with pytest.raises(InputError, match=r"file\.deadly.*died, found 'signal 11, SIGSEGV'"):
        gate.read("crash", file)
    assert_unharmed(gate, file)


@pytest.mark.parametrize(
    ("reader", "code"),
    [("leave", "file.deadly"), ("babble", "file.unreadable"), ("blunder", "file.unreadable"),
     ("lie", "file.unreadable"), ("seek", "file.unreadable"), ("starve", "file.too_large")],
)  # fmt: skip
def test_what_makes_no_sense_is_a_fault_of_the_file(gate, file, reader, code):
    assert refused(gate, reader, file) == code


def test_a_library_without_memory_is_told_as_that(gate, file, monkeypatch):
    """Its bound is made narrow from here: a reading process cannot change its own any more."""
    with monkeypatch.context() as patch:
        patch.setenv("CIVICSIGHT_READ_MEMORY", "64")
        patch.setattr(reading, "BACKSTOP", 1)
        with pytest.raises(InputError, match=r"file\.too_large"):
            gate.read("exhaust", file)
    assert_unharmed(gate, file)


def test_a_reading_process_holds_its_own_line_and_no_other(gate, file):
    """By the line of the process that it comes from it could take files that others hand over."""
    assert gate.read("sockets", file) == 1


@fenced
@pytest.mark.parametrize("reader", ["passwords", "neighbour", "scrawl", "overwrite", "execute"])
def test_no_other_file_is_read_and_none_written(gate, file, reader):
    private = file.with_name("private.txt")
    private.write_text("nobody's business", encoding="utf-8")
    with pytest.raises(PermissionError):
        gate.read(reader, file)
    assert sorted(path.name for path in file.parent.iterdir()) == ["given.csv", "private.txt"]
    assert_unharmed(gate, file)


def test_what_belongs_to_a_file_is_read_and_its_own_folder_written(gate, file):
    file.with_suffix(".dbf").write_text("table", encoding="utf-8")
    assert gate.read("part", file) == "table"
    assert gate.read("fill", file) == 1000
    assert_unharmed(gate, file)


def test_nobody_is_called(gate, file):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        file.write_text(str(server.getsockname()[1]), encoding="utf-8")
        with pytest.raises(OSError, match=r"unreachable|refused|not permitted|denied"):
            gate.read("connect", file)
        with pytest.raises(BlockingIOError):
            server.accept()


class EnoughError(Exception):
    """Whoever waits has waited enough."""


def test_whoever_waits_hears_how_far_it_is(gate, file):
    said: list[tuple[int, int]] = []
    with hearing(lambda *told: said.append(told)):
        assert gate.read("count", file) == 1000
    assert said[-1] == (1000, 1000)
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    said.clear()
    with hearing(lambda *told: said.append(told)):
        assert gate.read("echo", file)[0] == "hello"  # a reader that says nothing of its own
    assert set(said) == {(0, 0)}
    assert gate.read("count", file) == 1000  # nobody hears


@pytest.mark.parametrize("reader", ["sleep", "spin", "count"])
def test_a_wish_to_stop_ends_the_process(gate, file, reader):
    def stop(_done: int, _total: int) -> None:
        raise EnoughError

    with hearing(stop), contextlib.suppress(EnoughError):
        gate.read(reader, file)
    children = Path(f"/proc/{gate._server.pid}/task/{gate._server.pid}/children")
    while children.read_text(encoding="ascii"):  # it is being ended
        os.sched_yield()
    assert_unharmed(gate, file)


def test_progress_that_is_none_fills_nobody(gate, file, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("CIVICSIGHT_READ_MEMORY", "100")
        with hearing(lambda *_: None), pytest.raises(InputError, match=r"file\.(too_large|unread)"):
            gate.read("chatter", file)
    assert_unharmed(gate, file)


def test_no_process_is_started(gate, file):
    """What was ended before when the reading was over is not begun any more."""
    with pytest.raises(PermissionError):
        gate.read("multiply", file)
    assert_unharmed(gate, file)


def test_the_process_that_others_come_from_cannot_be_ended_by_them(gate, file):
    with pytest.raises(PermissionError):
        gate.read("kill_parent", file)
    assert_unharmed(gate, file)


def test_a_gate_whose_process_died_opens_another(gate, file):
    gate._server.kill()
    gate._server.wait()
    assert_unharmed(gate, file)


@pytest.mark.slow
def test_a_file_is_read_again_where_what_its_process_came_from_was_ended(gate, file):
    """Ended in the middle, before it said how the reading went: the file had no part in it."""
    stop, said = threading.Event(), []

    def read() -> None:
        with hearing(ending_at(stop)), pytest.raises(Unwanted):
            gate.read("sleep", file)
        said.append("stopped")

    reader = threading.Thread(target=read)
    reader.start()
    before = gate._server.pid
    wait_for_child(before)
    gate._server.kill()
    wait_until(lambda: gate._server is not None and gate._server.pid != before)
    wait_for_child(gate._server.pid)
    stop.set()
    reader.join()
    assert said == ["stopped"]
    assert_unharmed(gate, file)


def test_whoever_wishes_it_ends_the_process_that_reads(gate, file, tmp_path):
    stop = threading.Event()
    (tmp_path / "own").mkdir()
    with hearing(ending_at(stop)), scratch_in(tmp_path / "own"):
        reader = threading.Thread(target=contextvars.copy_context().run, args=(slept, gate, file))
        reader.start()
        child = wait_for_child(gate._server.pid)
        (folder,) = (tmp_path / "own").iterdir()
        assert Path(f"/proc/{child}/cwd").resolve() == folder.resolve()
        stop.set()
        reader.join()
    assert not list((tmp_path / "own").iterdir())
    assert_unharmed(gate, file)


def slept(gate: Gate, file: Path) -> None:
    with pytest.raises(Unwanted):
        gate.read("sleep", file)


class Unwanted(Exception):  # noqa: N818 - what happened
    """Nobody wants the file any more."""


def ending_at(stop: threading.Event) -> Callable[[int, int], None]:
    """Return what hears of a reading, and ends it once it is told to."""

    def hear(_done: int, _total: int) -> None:
        if stop.is_set():
            raise Unwanted

    return hear


def wait_for_child(server: int) -> str:
    """Wait until a file is being read: of the processes there, one has gone to its own folder.

    One that has ended may still be there until it is asked for; its folder is gone.
    """
    found: list[str] = []

    def reads() -> bool:
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii")
            places = {child: Path(f"/proc/{child}/cwd") for child in listed.split()}
            found[:] = [
                child
                for child, place in places.items()
                if "civicsight-read-" in str(place.readlink()) and place.is_dir()
            ]
        return len(found) == 1

    wait_until(reads)
    return found[0]


@pytest.mark.slow
def test_without_forks_a_file_gets_a_process_that_is_started_for_it(gate, file, monkeypatch):
    monkeypatch.setattr(fence, "is_linux", lambda: False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert gate.read("echo", file)[0] == "hello"
    with pytest.raises(InputError, match=r"SIGSEGV"):
        gate.read("crash", file)
    wish = threading.Event()
    wish.set()
    with hearing(ending_at(wish)), pytest.raises(Unwanted):
        gate.read("sleep", file)
    assert not list((file.parent.parent / "scratch").iterdir())
    assert Gate().lacks() == (fence.NO_FENCE, fence.NO_NETWORK, fence.NO_FILES)


def test_readers_killed_at_random_harm_nobody(gate, file, rng):
    """Kill reading processes while two threads read; each says so, or returns what it has read."""
    answers: list[object] = []

    def read() -> None:
        while len(answers) < KILLS:
            try:
                answers.append(gate.read("echo", file)[0])
            except InputError as error:
                answers.append(error.faults[0].code)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    server = gate._server.pid
    children = Path(f"/proc/{server}/task/{server}/children")
    spared: set[str] = set()
    while any(reader.is_alive() for reader in readers):
        for child in set(children.read_text(encoding="ascii").split()) - spared:
            if rng.random() < 0.5:
                spared.add(child)
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
    assert set(answers) == {"hello", "file.deadly"}
    assert_unharmed(gate, file)


def test_what_a_reading_process_took_is_told(gate, file):
    gate.read("echo", file)
    small = gate.spent
    assert small.peak_bytes > 1 << 20
    gate.read("build", file)
    assert gate.spent.peak_bytes > small.peak_bytes + (50 << 20)
    assert gate.spent.cpu_s >= small.cpu_s


def test_the_start_waits_for_no_library_that_few_files_need(gate, file):
    seldom = {"numba", "osmnx", "pyrosm", "requests", "scipy", "sqlalchemy", "streamlit"}
    assert not seldom & set(gate.read("loaded", file))


@pytest.mark.slow
def test_what_many_files_need_is_at_hand_once_a_few_were_read(file):
    """Whoever has one file read does not wait for it; of many, none begins with it any more."""
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.closing(Gate("tests.apart_readers")) as new,
    ):
        patch.setenv("PYTHONPATH", str(ROOT))
        loaded = ["openpyxl" in new.read("loaded", file) for _ in range(FEW + 2)]
    assert loaded == [False] * FEW + [True] * 2


def test_gdal_knows_the_allowed_formats_only(gate, file):
    assert set(gate.read("formats", file)) <= fence.ALLOWED
    skipped = fence.environment()[fence.SKIP].split(",")
    assert {"VRT", "OGR_VRT", "WFS", "WMS", "HTTP", "GDALG", "SQLite", "GPKG"} <= set(skipped)
    assert all(name == name.strip() for name in skipped)  # a blank would be part of a name
    assert not fence.ALLOWED & set(skipped)
