"""Run the long proofs in stages: `python -m tools.verify [--list] [--stage NAME] [--minutes N]`.

Each stage takes at most 40 minutes on two cores and leaves a stamp with the commit that it ran on.
A stage that passed on this commit is not run again, so a run that was stopped goes on where it was.
A stamp counts only for the same commit and a tree without changes.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
STAMPS: Final = ROOT / "out" / "verify"
LIMIT_S: Final = 40 * 60
"""A stage that takes longer is ended and has failed: it has to be cut in two."""

ENDING_LINES: Final = 3
"""So many of the last lines of a stage are kept with its stamp."""

SLOW_FILES: Final = {
    "slow-planning": ("test_plan*", "test_cli_plan*", "test_notebook_plan*", "test_forger*"),
    "slow-region": ("test_region*", "test_store*", "test_exchange*", "test_handover*"),
    "slow-app": ("test_ui*", "test_application*", "test_office*"),
    "slow-maps": ("test_maps*", "test_report*", "test_notebook*", "test_demo*", "test_documented*"),
    "slow-reading": (
        "test_city*", "test_awkward*", "test_bad*", "test_hostile*", "test_spoilt*", "test_apart*",
        "test_fence*",
    ),
    "slow-figures": ("test_figures*",),
    "slow-others": ("*",),
}  # fmt: skip
"""Files of tests by stage; a file belongs to the first stage whose pattern fits. All are named:
which tests are slow is known when they are collected, as `tests.drawn` and turns of languages mark
them too."""


TWO_CITIES: Final = "helsinki or school"
PARTS: Final = {
    "slow-figures": {
        "-1": f"--dist loadgroup -k '{TWO_CITIES}'",
        "-2": f"--dist loadgroup -k 'not ({TWO_CITIES})'",
    }
}
"""Stages that would take too long at once: endings of their parts, and which tests each takes how.
Plans of one city stay on one worker."""


@dataclass(frozen=True)
class Stage:
    """One command, and what it shows.

    Parameters
    ----------
    name, shows
        What the stage is called, and one phrase.
    command
        A module of Python with its arguments, or `make` with a target; run in the repository.
    is_long
        Whether properties are tried on 1,000 cases each in place of 30.
    """

    name: str
    shows: str
    command: str
    is_long: bool = False

    @property
    def words(self) -> list[str]:
        """Return program and arguments."""
        words = shlex.split(self.command)
        return words if words[0] == "make" else [sys.executable, "-m", *words]


PROOFS: Final = (
    Stage("drawn", "1,000 cases of each property",
          "pytest -n 2 -m 'hypothesis and not slow'", is_long=True),
    Stage("golden", "every output as before", "tools.golden"),
    Stage("spoilt-1", "files spoilt for half an hour", "tests.spoilt hunt 30 out/unforeseen"),
    Stage("spoilt-2", "other files, half an hour", "tests.spoilt hunt 30 out/unforeseen"),
    Stage("hostile-api", "every hostile file as a program reads it", "tests.spoilt api"),
    Stage("hostile-app", "the same as a page sends them", "tests.spoilt app"),
    Stage("hostile-entry", "the same by commands", "tests.spoilt entry"),
    *(
        Stage(f"terminal-{part}", "the same, a process for each", f"tests.spoilt terminal {part} 4")
        for part in range(1, 5)
    ),
    Stage("docs", "the site without a warning, notebooks run", "make docs"),
    Stage("checked", "kernels with bounds checks", "make checked"),
    Stage("coverage", "branches visited", "make coverage"),
    Stage("engine", "engine, growth, start, reading, a million cameras",
          "benchmarks --only engine --only peers --only growth --only start --only reading "
          "--only million"),
    Stage("covers", "set covers and rooms beside other solvers",
          "benchmarks.planning --case g1 --case g2"),
    Stage("cities", "zones, a city, eighty million entries, least sites",
          "benchmarks.planning --case g3 --case g4 --case g5 --case g6"),
    Stage("budgets", "budgets, reuse, duplicates, stops, proofs, the matrix on disk",
          "benchmarks.planning --case g7 --case g8 --case g9 --case g10 --case g11 --case g12"),
)  # fmt: skip
"""What runs after the slow tests."""


@dataclass(frozen=True)
class Stamp:
    """How a stage ended: its commit, a `+` behind it where the tree had changes; times in UTC."""

    stage: str
    commit: str
    began: str
    seconds: float
    exit_code: int
    ending: tuple[str, ...]


def stages(root: Path = ROOT) -> list[Stage]:
    """Return all stages in the order in which they run."""
    slow = []
    for name, files in slow_files(root).items():
        for part, spread in PARTS.get(name, {"": "--dist loadfile"}).items():
            command = f"pytest -n 2 {spread} -m 'slow and not alone' {' '.join(files)}"
            slow.append(Stage(f"{name}{part}", f"slow tests in {len(files)} files", command))
    alone = f"pytest -m 'slow and alone' {' '.join(alone_files(root))}"
    return [*slow, Stage("slow-alone", "slow tests with a limit of wall time", alone), *PROOFS]


def alone_files(root: Path) -> list[str]:
    """Return the files with tests that want the machine for themselves; each names the mark."""
    return [file for file in test_files(root) if "mark.alone" in (root / file).read_text("utf-8")]


def test_files(root: Path) -> list[str]:
    """Return all files of tests."""
    return [f"tests/{path.name}" for path in sorted((root / "tests").glob("test_*.py"))]


def slow_files(root: Path = ROOT) -> dict[str, list[str]]:
    """Return the files of tests by stage, each file in one stage."""
    found: dict[str, list[str]] = {name: [] for name in SLOW_FILES}
    for file in test_files(root):
        found[stage_of(Path(file).name)].append(file)
    return found


def stage_of(file: str) -> str:
    """Return the stage of a file of tests."""
    fits = (name for name, globs in SLOW_FILES.items() if any(fnmatch(file, g) for g in globs))
    return next(fits)


def commit_of(root: Path = ROOT) -> str:
    """Return the commit of the tree, with a `+` behind it where something is not committed."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=normal")
    return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")


def run(
    stage: Stage, commit: str, folder: Path, *, root: Path = ROOT, limit_s: float = LIMIT_S
) -> Stamp:
    """Run one stage, its output into a log beside the stamp, and write the stamp.

    A stage over its limit is ended with all processes that it started; its exit code is 124, as
    that of `timeout`. A stage that is interrupted leaves no stamp.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log, stamp_file = folder / f"{stage.name}.log", folder / f"{stage.name}.json"
    stamp_file.unlink(missing_ok=True)
    began, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
    environment = os.environ | {"CIVICSIGHT_CACHE_DIR": str(root / "out" / ".cache" / "compiled")}
    if stage.is_long:
        environment["CIVICSIGHT_TEST_PROFILE"] = "long"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            stage.words, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            code = 124
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    ending = [*lines[-ENDING_LINES:]]
    if code == 124:
        ending.append(f"ended after {limit_s / 60:.0f} minutes: cut this stage in two")
    seconds = round(time.monotonic() - clock, 1)
    stamp = Stamp(stage.name, commit, began, seconds, code, tuple(ending))
    stamp_file.write_text(json.dumps(asdict(stamp), indent=2, ensure_ascii=False), "utf-8")
    return stamp


def stamp_of(stage: Stage, folder: Path) -> Stamp | None:
    """Return the stamp that a stage left, or None where it left none that can be read."""
    try:
        found = json.loads((folder / f"{stage.name}.json").read_text("utf-8"))
        return Stamp(**{**found, "ending": tuple(found["ending"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def is_shown(stamp: Stamp | None, commit: str) -> bool:
    """Tell whether a stamp shows that its stage passes on a commit without changes."""
    return (
        stamp is not None
        and stamp.exit_code == 0
        and stamp.commit == commit
        and not commit.endswith("+")
    )


def table(chosen: Sequence[Stage], folder: Path, commit: str) -> Iterator[str]:
    """Yield a line a stage: its state on this commit, and what was seen of it last."""
    for stage in chosen:
        stamp = stamp_of(stage, folder)
        if stamp is None:
            state = "not run"
        else:
            passed = "passed" if stamp.exit_code == 0 else f"FAILED ({stamp.exit_code})"
            here = "" if is_shown(stamp, commit) or stamp.commit == commit else ", another commit"
            state = f"{passed} on {stamp.commit}{here}, {stamp.began}, {stamp.seconds / 60:.1f} min"
        yield f"{stage.name:14} {state}; shows: {stage.shows}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what this commit still lacks; return 0 where every chosen stage has passed on it."""
    parser = argparse.ArgumentParser(prog="python -m tools.verify", description=__doc__)
    every = stages()
    parser.add_argument("--list", action="store_true", help="say what was run, and run nothing")
    parser.add_argument("--stage", action="append", choices=[stage.name for stage in every])
    parser.add_argument("--minutes", type=float, help="begin no stage after so many minutes")
    asked = parser.parse_args(arguments)
    chosen = [stage for stage in every if not asked.stage or stage.name in asked.stage]
    commit, began = commit_of(), time.monotonic()
    for stage in chosen if not asked.list else ():
        if is_shown(stamp_of(stage, STAMPS), commit):
            continue
        if asked.minutes is not None and time.monotonic() - began > asked.minutes * 60:
            break
        print(f"{stage.name}: {stage.command[:110]}", flush=True)
        stamp = run(stage, commit, STAMPS)
        print(*(f"    {line}" for line in stamp.ending), sep="\n", flush=True)
    print(f"\ncommit {commit}")
    print(*table(chosen, STAMPS, commit), sep="\n")
    return not all(is_shown(stamp_of(stage, STAMPS), commit) for stage in chosen)


if __name__ == "__main__":
    sys.exit(main())
