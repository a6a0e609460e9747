"""The fence closed: what a reading process that was taken over tries comes back refused."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from civicsight.io.apart import fence, reading, seccomp
from civicsight.io.apart.reading import Gate
from tests.conftest import ROOT

pytestmark = [
    pytest.mark.skipif(not seccomp.is_known(), reason="the filter is that of Linux"),
    pytest.mark.skipif(not fence.landlock_version(), reason="no Landlock in this system"),
]

REFUSED = {errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP}
NOBODY = 65534


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
def file(tmp_path) -> Iterator[Path]:
    """Return a file from a stranger, with a socket and another file beside it."""
    file = tmp_path / "given.csv"
    file.write_text("hello", encoding="utf-8")
    file.with_name("private.txt").write_text("nobody's business", encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(file.with_name("door")))
        door.listen()
        yield file


def test_every_act_is_refused_and_what_readers_need_is_not(gate, file):
    came = gate.read("acts", file)
    assert {name: code for name, code in came.items() if code not in REFUSED} == {}
    assert len(came) > 20
    assert file.read_text(encoding="utf-8") == "hello"
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


AS_ANOTHER = """
import json, sys
from pathlib import Path
from civicsight.io.apart.reading import Gate
gate = Gate("tests.apart_acts")
lacks = [text.template for text in gate.lacks()]
print(json.dumps([lacks, gate.read("acts", Path(sys.argv[1]))]))
gate.close()
"""


AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
AGAIN = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'import ctypes'])"


@pytest.fixture(scope="module")
def as_nobody() -> list[str]:
    """Return the words by which a user without any rights runs Python."""
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root becomes another user")
    for python in (sys.executable, "/usr/bin/python{}.{}".format(*sys.version_info)):
        if not subprocess.run([*AS_NOBODY, python, "-c", AGAIN], check=False, cwd="/").returncode:
            return [*AS_NOBODY, python]
    pytest.skip("no other user may run this Python")


def test_every_act_is_refused_to_another_user(file, tmp_path, as_nobody):
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    own = tmp_path / "own"
    own.mkdir()
    for place in (own, file, file.with_name("door"), file.with_name("private.txt")):
        os.chown(place, NOBODY, NOBODY)
    libraries = [path for path in sys.path if path.endswith("-packages")]
    done = subprocess.run(
        [*as_nobody, "-c", AS_ANOTHER, str(file)],
        capture_output=True, text=True, check=False, cwd="/",
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *libraries]), "TMPDIR": str(own)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lacks, came = json.loads(done.stdout)
    assert lacks == []
    assert {name: code for name, code in came.items() if code not in REFUSED} == {}
    assert not list(own.iterdir())
