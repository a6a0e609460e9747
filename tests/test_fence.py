"""The fence closed: what a reading process that was taken over tries comes back refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from civicsight.core.atomic import held_folder
from civicsight.core.errors import InputError
from civicsight.io.apart import fence, reading, seccomp
from civicsight.io.apart.reading import Gate, scratch_in
from tests.conftest import ROOT
from tests.drawn import a_few

pytestmark = [
    pytest.mark.skipif(not seccomp.is_known(), reason="the filter is that of Linux"),
    pytest.mark.skipif(not fence.landlock_version(), reason="no Landlock in this system"),
]


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("PGPASSWORD", "secret")
        patch.setenv("CIVICSIGHT_TOKEN", "secret")
        patch.setenv("CLOUD_KEY", "secret")
        gate = Gate("tests.apart_acts")
        gate.lacks()
    yield gate
    gate.close()


@pytest.fixture
def file(tmp_path) -> Path:
    """Return a file from a stranger."""
    file = tmp_path / "given.csv"
    file.write_text("hello", encoding="utf-8")
    return file


def test_what_readers_do_of_their_own_is_not_refused(gate, file):
    """All else is; `test_fence_payloads` tries it."""
    assert gate.read("needed", file) == ["folder", "folder/thread", "linked"]


def test_the_environment_holds_nothing_but_a_closed_list(gate, file, monkeypatch):
    """Neither what the process has that others come from, nor what comes with a file."""
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-03-01")
    monkeypatch.setenv("CIVICSIGHT_ACCOUNTS", "accounts.json")
    found = gate.read("variables", file)
    assert "secret" not in found.values()
    ours = {*fence.environment(), *reading.SINGLE, "PYTHONPATH", "PYTHONUSERBASE"}
    added = ("GDAL_CURL_CA_BUNDLE", "PROJ_CURL_CA_BUNDLE")  # by libraries, of themselves
    more = {name for name in found if name not in {*ours, *reading.INHERITED, *added}}
    assert more <= {
        "CIVICSIGHT_CACHE_DIR",
        "CIVICSIGHT_READ_MEMORY",
        "CIVICSIGHT_TODAY",
        fence.AGAIN,
    }
    assert found["CIVICSIGHT_TODAY"] == "2026-03-01"
    assert Path(found["TMPDIR"]).name.startswith("civicsight-read-")


@pytest.mark.parametrize("reader", a_few(["write_much", "write_on", "name_on", "nest"], 2))
def test_the_disk_is_bounded_and_nothing_stays(gate, file, tmp_path, monkeypatch, reader):
    """Files that have no name any more count; folders without end, or not to be listed, go too."""
    own = tmp_path / "own"
    own.mkdir()
    with monkeypatch.context() as patch, scratch_in(own):
        patch.setenv("CIVICSIGHT_READ_SCRATCH", "50")
        with pytest.raises(InputError) as caught:
            gate.read(reader, file)
    (fault,) = caught.value.faults
    assert fault.code == ("file.deadly" if reader == "nest" else "file.too_large")
    assert reader == "nest" or "CIVICSIGHT_READ_SCRATCH" in str(fault)
    assert not list(own.iterdir())


@pytest.mark.slow
def test_what_a_killed_program_left_is_swept_and_nothing_else(tmp_path, monkeypatch):
    """A folder that a living process holds stays."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / f"{fence.SCRATCH}dead" / "deep").mkdir(parents=True)
    (tmp_path / "civicsight-other").mkdir()
    with held_folder(tmp_path, fence.SCRATCH) as held:
        gate = Gate("tests.apart_acts")
        gate.lacks()
        assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "civicsight-other", held])
        gate.close()


STOPPED = """
import sys
from pathlib import Path
from civicsight.io.apart.reading import Gate
gate = Gate("tests.apart_readers")
gate.lacks()
print(gate._server.pid, flush=True)
gate.read("sleep", Path(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("when", a_few(["it reads", "it reads elsewhere", "it starts"], 1))
def test_whatever_is_stopped_leaves_no_trace_of_code(file, tmp_path, when):
    """The program, the process that others come from, and one that has just been started."""
    own = tmp_path / "own"
    own.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(own)},
    )  # fmt: skip
    assert process.stdout is not None
    if when != "it starts":
        server = int(process.stdout.readline())
        children = Path(f"/proc/{server}/task/{server}/children")
        while not children.read_text(encoding="ascii"):
            time.sleep(0.01)
        os.kill(process.pid if when == "it reads" else server, signal.SIGTERM)
    time.sleep(0.5)  # another has been started
    process.terminate()
    _, said = process.communicate()
    assert said == ""
