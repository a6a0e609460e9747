"""The long proofs in stages: each stamped with its commit, none too long, none run twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.waiting import wait_until
from tools import verify
from tools.verify import Stage

COMMIT = "0123456789ab"
TESTS = verify.ROOT / "tests"
MAKEFILE = (verify.ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _made_modules(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def stage(folder: Path, code: str, name: str = "made") -> Stage:
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return Stage(name, "a made proof", name)


def run(made: Stage, folder: Path, commit: str = COMMIT, limit_s: float = 60.0) -> verify.Stamp:
    return verify.run(made, commit, folder, root=folder, limit_s=limit_s)


def is_over(process: Path) -> bool:
    """Tell whether a process is gone, or only waits for somebody to be told that it ended."""
    try:
        return process.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_stage_that_passes_is_stamped_with_its_commit(tmp_path):
    made = stage(tmp_path, "print('7 passed')")
    stamp = run(made, tmp_path)
    assert (stamp.commit, stamp.exit_code, stamp.ending) == (COMMIT, 0, ("7 passed",))
    assert verify.stamp_of(made, tmp_path) == stamp
    assert verify.is_shown(stamp, COMMIT)


@pytest.mark.parametrize("commit", ["ba9876543210", f"{COMMIT}+"])
def test_a_stamp_shows_nothing_of_another_commit_or_of_changes(tmp_path, commit):
    assert not verify.is_shown(run(stage(tmp_path, "pass"), tmp_path, commit), COMMIT)
    assert not verify.is_shown(run(stage(tmp_path, "pass"), tmp_path, commit), f"{COMMIT}+")


def test_a_stage_that_fails_is_stamped_and_shows_nothing(tmp_path):
    stamp = run(stage(tmp_path, "import sys; print('1 failed'); sys.exit(3)"), tmp_path)
    assert (stamp.exit_code, stamp.ending) == (3, ("1 failed",))
    assert not verify.is_shown(stamp, COMMIT)


def test_a_stage_over_its_limit_is_ended_with_all_that_it_started(tmp_path):
    code = (
        "import subprocess, sys, time\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(inner.pid, flush=True)\n"
        "time.sleep(600)"
    )
    stamp = run(stage(tmp_path, code), tmp_path, limit_s=3.0)
    assert stamp.exit_code == 124
    assert "cut this stage in two" in stamp.ending[-1]
    wait_until(lambda: is_over(Path(f"/proc/{stamp.ending[0]}/stat")))


def test_a_damaged_stamp_counts_as_none(tmp_path):
    made = stage(tmp_path, "pass")
    run(made, tmp_path)
    file = tmp_path / "made.json"
    for text in ("", "{}", "[]", file.read_text()[:40]):
        file.write_text(text)
        assert verify.stamp_of(made, tmp_path) is None


def test_a_run_goes_on_where_it_was_stopped(tmp_path, monkeypatch, capsys):
    counted = tmp_path / "runs"
    tally = f"open({str(counted)!r}, 'a').write('x')"
    fails_once = f"{tally}\nimport sys; sys.exit(len(open({str(counted)!r}).read()) == 2)"
    every = [stage(tmp_path, tally, "first"), stage(tmp_path, fails_once, "second")]
    monkeypatch.setattr(verify, "stages", lambda: every)
    monkeypatch.setattr(verify, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(verify, "commit_of", lambda: COMMIT)
    assert verify.main([])
    assert counted.read_text() == "xx"
    assert not verify.main([])  # the second alone
    assert counted.read_text() == "xxx"
    capsys.readouterr()
    assert not verify.main(["--list"])
    assert capsys.readouterr().out.count(f"passed on {COMMIT}") == 2


def test_every_file_of_tests_is_in_one_stage():
    """Helpers and turns of languages mark tests as slow too: no text in their file says so."""
    by_stage = verify.slow_files()
    files = [file for some in by_stage.values() for file in some]
    assert sorted(files) == sorted(f"tests/{path.name}" for path in TESTS.glob("test_*.py"))
    assert all(by_stage.values())


def test_every_stage_has_a_name_of_its_own_and_a_command_that_exists():
    every = verify.stages()
    assert len({one.name for one in every}) == len(every)
    for one in every:
        name, *rest = one.command.split()
        path = verify.ROOT / Path(*name.split("."))
        is_module = path.with_suffix(".py").exists() or (path / "__main__.py").exists()
        assert name == "pytest" or is_module or (name == "make" and f"\n{rest[0]}:" in MAKEFILE)
