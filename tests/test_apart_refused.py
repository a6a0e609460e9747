"""Fences that the system has and does not put up: then nothing is read, and that is said."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core.errors import MismatchError, SetupError
from civicsight.core.i18n import translate
from civicsight.io.apart import fence, reading
from civicsight.io.apart.outcome import resident
from civicsight.io.apart.reading import Gate
from tests.conftest import ROOT

if sys.platform != "linux":
    pytest.skip("the fences are those of Linux", allow_module_level=True)

from tests import apart_refusing as refusing

pytestmark = [
    pytest.mark.skipif(not refusing.NUMBERS, reason="another machine"),
    pytest.mark.skipif(not fence.landlock_version(), reason="no Landlock in this system"),
]

CODES = (errno.EPERM, errno.ENOMEM, errno.EACCES, errno.EINVAL, errno.EIO)
LACKING = (errno.ENOSYS, errno.EOPNOTSUPP)
NOT_GIVEN = {*LACKING, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSPC, errno.EUSERS}
"""How a system says that it gives this user no network of its own."""


def slowly(*values: object) -> object:
    """Mark a case for which one more process to fork from is started, which takes a second."""
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.fixture(autouse=True)
def passed(monkeypatch) -> None:
    """Let settings of these tests reach the process that others come from, and a child of it."""
    names = {refusing.SERVER, refusing.CHILD}
    monkeypatch.setattr(reading, "INHERITED", reading.INHERITED | names)
    monkeypatch.setattr(
        reading.settings,
        "chosen",
        lambda _: {name: os.environ[name] for name in names if name in os.environ},
    )


@pytest.fixture
def file(tmp_path) -> Path:
    file = tmp_path / "given.csv"
    file.write_text("hello", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        gate = Gate("tests.apart_refusing")
        gate.lacks()
    yield gate
    gate.close()


@pytest.fixture
def started(monkeypatch) -> Iterator[Callable[[str, int], Gate]]:
    """Return what starts a process to fork from in which a step is refused."""
    gates: list[Gate] = []

    def start(step: str, code: int) -> Gate:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv(refusing.SERVER, f"{step} {code}")
        gates.append(Gate("tests.apart_refusing"))
        return gates[-1]

    yield start
    for gate in gates:
        gate.close()


def assert_nothing_is_read(gate: Gate, file: Path, code: int) -> None:
    """The reader would write beside its file, as one without a fence can."""
    with pytest.raises(SetupError) as caught:
        gate.read("scrawl", file)
    assert not file.with_name("written.txt").exists()
    (text,) = caught.value.args
    assert os.strerror(code) in str(text)
    assert "No file is read" in str(text)
    assert "没有读取任何文件" in translate(text, "zh_CN")
    assert ("Free memory" in str(text)) is (code == errno.ENOMEM)


@pytest.mark.parametrize("code", [*CODES, *LACKING], ids=errno.errorcode.get)
@pytest.mark.parametrize("step", refusing.CHILD_STEPS)
def test_a_reading_process_whose_fence_does_not_stand_reads_nothing(
    gate, file, monkeypatch, step, code
):
    """The system has what it is asked for here: what it lacks it has said before."""
    with monkeypatch.context() as patch:
        patch.setenv(refusing.CHILD, f"{step} {code}")
        as_nice = step == "priority" and code == errno.EACCES  # nice(2) calls it the other
        assert_nothing_is_read(gate, file, errno.EPERM if as_nice else code)
    assert gate.read("echo", file)[0] == "hello"


@pytest.mark.parametrize(
    ("step", "code", "found"),
    [("capabilities", 0, "CapPrm"), ("bounding set", 0, "CapBnd"), ("filter", 0, "seccomp"),
     (refusing.UNKNOWN, errno.EINVAL, "CapBnd"), ("restrict", 0, "Landlock")],
)  # fmt: skip
def test_what_does_not_stand_although_nothing_failed_is_seen(
    gate, file, monkeypatch, step, code, found
):
    """A filter that answers 0 says that it was done, and the kernel did nothing."""
    with monkeypatch.context() as patch:
        patch.setenv(refusing.CHILD, f"{step} {code}")
        with pytest.raises(SetupError, match=f"not protected: .*{found}"):
            gate.read("scrawl", file)
    assert not file.with_name("written.txt").exists()
    assert gate.read("echo", file)[0] == "hello"


@pytest.mark.parametrize(
    ("step", "code"),
    [(refusing.VERSION, errno.EPERM), ("network", errno.ENOMEM), ("uid_map", errno.EPERM)]
    + [slowly(refusing.VERSION, errno.ENOMEM)]
    + [slowly(name, errno.EPERM) for name in ("orphans", "death with the parent")]
    + [slowly(refusing.VERSION, code) for code in CODES[2:]]
    + [slowly("network", errno.EIO)]
    + [slowly(name, errno.EPERM) for name in refusing.MAPS if name != "uid_map"],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else value,
)  # fmt: skip
def test_no_file_is_read_from_a_process_that_was_not_fenced(started, file, step, code):
    gate = started(step, code)
    assert_nothing_is_read(gate, file, code)
    if step != "death with the parent":
        with pytest.raises(SetupError, match="No file is read"):
            gate.lacks()


@pytest.mark.parametrize("code", LACKING, ids=errno.errorcode.get)
def test_a_kernel_without_landlock_is_said_and_reads_what_is_ones_own(
    started, file, monkeypatch, code
):
    gate = started(refusing.VERSION, code)
    assert gate.lacks() == (fence.NO_FILES,)
    assert_others_are_not_read(gate, file, monkeypatch)
    gate.read("scrawl", file)
    assert file.with_name("written.txt").exists()


def assert_others_are_not_read(gate: Gate, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of others are refused, unless a setting accepts it; a setting refuses all."""
    with monkeypatch.context() as patch:
        patch.setattr(reading, "_of_others", lambda: True)
        with pytest.raises(SetupError, match=r"protects too little.*CIVICSIGHT_UNFENCED=yes"):
            gate.read("echo", file)
        patch.setenv("CIVICSIGHT_UNFENCED", "yes")
        assert gate.read("echo", file)[0] == "hello"
    with monkeypatch.context() as patch:
        patch.setenv("CIVICSIGHT_UNFENCED", "no")
        with pytest.raises(SetupError, match="protects too little"):
            gate.read("echo", file)
        patch.setenv("CIVICSIGHT_UNFENCED", "maybe")
        with pytest.raises(MismatchError, match="expected yes, no, or nothing"):
            gate.read("echo", file)


@pytest.mark.slow
@pytest.mark.parametrize("code", LACKING, ids=errno.errorcode.get)
def test_a_kernel_without_a_filter_is_said_and_leaves_nothing_behind(
    started, file, monkeypatch, code
):
    """Forks are not refused there; they are ended when the reading is over."""
    gate = started("no filter", code)
    assert gate.lacks() == (fence.NO_FILTER,)
    assert_others_are_not_read(gate, file, monkeypatch)
    left = gate.read("multiply", file)
    assert len(left) == 3
    while any(map(resident, left)):  # they are being ended
        os.sched_yield()


@pytest.mark.parametrize(
    ("version", "filtered", "lacks"),
    [(version, True, ()) for version in range(1, 9)]
    + [(version, False, (fence.NO_FILTER,)) for version in (6, 7, 8)]
    + [(5, False, (fence.NO_FILTER, fence.OLD_LANDLOCK[6])),
       (4, False, (fence.NO_FILTER, fence.OLD_LANDLOCK[5], fence.OLD_LANDLOCK[6])),
       (3, False, (fence.NO_FILTER, fence.OLD_LANDLOCK[5], fence.OLD_LANDLOCK[6])),
       (2, False, (fence.NO_FILTER, *fence.OLD_LANDLOCK.values())),
       (0, False, (fence.NO_FILTER, fence.NO_FILES))],
)  # fmt: skip
def test_what_an_old_landlock_lacks_is_said_where_no_filter_closes_it(
    monkeypatch, version, filtered, lacks
):
    monkeypatch.setattr(fence, "landlock_version", lambda: version)
    monkeypatch.setattr(fence, "has_filter", lambda: filtered)
    assert fence.lacks(network=True) == lacks


@pytest.mark.parametrize(
    "code", [errno.EPERM, *map(slowly, NOT_GIVEN - {errno.EPERM})], ids=errno.errorcode.get
)
def test_a_system_that_gives_no_network_of_its_own_is_said_and_reads(started, file, code):
    gate = started("no network", code)
    assert gate.lacks() == (fence.FILTER_ALONE,)
    assert gate.read("echo", file)[0] == "hello"


@pytest.mark.slow
def test_the_command_line_says_it_with_a_remedy(started, monkeypatch, capsys, tmp_path):
    gate = started("restrict", errno.EPERM)
    monkeypatch.setattr(reading, "_GATES", {os.getpid(): gate})
    (tmp_path / "rows.csv").write_text("camera_id,lon,lat\n1,115.9,28.7\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["--lang", "en", "import", "rows.csv", "--as", "cameras", "--dry-run"]) == BAD_INPUT
    told = " ".join(capsys.readouterr().err.split())
    assert "landlock_restrict_self: Operation not permitted" in told
    assert "Allow this call" in told
    assert "Traceback" not in told
