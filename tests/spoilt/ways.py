"""The three ways in, and what came of a hostile file by each: read, refused in words, or worse."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from civicsight.application.beginning import Beginning
from civicsight.application.inbox.desk import Inbox
from civicsight.application.inbox.entry import Asked, Entry, Owner, State
from civicsight.application.inbox.queue import FILE_BYTES, Bounds
from civicsight.application.intake import KIND_LABELS
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import CivicsightError, InputError
from civicsight.core.settings import MEGABYTE
from civicsight.io.apart.reading import Gate, gate
from civicsight.store import Actor, Role
from tests.spoilt.attacks.whole import PROJECT, content_of
from tests.spoilt.case import CANARY, FOREIGN, Case
from tests.spoilt.sound import TOLD

MOST_S: Final = 60.0
"""Seconds of a processor that a hostile file may take."""

MOST_MB: Final = 1_000.0
"""Memory that a process that reads one may take."""

HANGS_S: Final = 600.0
WIDE: Final = Bounds(1_000 * MEGABYTE, 100, 1_000 * MEGABYTE, 1)
RAW: Final = "file.unreadable"
UNSAID: Final = "a file that can be read"
"""What is expected where nobody foresaw what a library said."""


class Outcome(StrEnum):
    """What came of a file; all after the second break what is promised."""

    READ = "read"
    REFUSED = "refused"
    WORDLESS = "no remedy"
    RAW = "raw error"
    DIED = "reader died"
    HANG = "hang"
    TRACEBACK = "traceback"
    LEAK = "foreign words"
    CHANGED = "files changed"


ENDS: Final = {"file.deadly": Outcome.DIED, "file.endless": Outcome.HANG}
"""What a code says of how the reading ended."""

GOOD: Final = frozenset({Outcome.READ, Outcome.REFUSED})


class Answer(NamedTuple):
    """What came of a file, its code or its words, processor [s] and memory [MB] at most."""

    outcome: Outcome
    told: str
    cpu_s: float = 0.0
    peak_mb: float = 0.0

    @property
    def breaks(self) -> bool:
        """Whether it breaks a promise."""
        over = self.cpu_s > MOST_S or self.peak_mb > MOST_MB
        return self.outcome not in GOOD or over


@contextmanager
def laid_out(case: Case, root: Path) -> Iterator[Path]:
    """Make a hostile file, with a foreign one beside its folder; give its path."""
    with TemporaryDirectory(dir=root, prefix="case-") as around:
        inside = Path(around) / "in"
        secret = inside / FOREIGN / "secret.csv"
        secret.parent.mkdir(parents=True)
        secret.write_text(f"{CANARY},lon,lat\n{CANARY},115.9,28.7\n", encoding="utf-8")
        yield case.make(inside)


def told_by(error: CivicsightError) -> tuple[Outcome, str]:
    """Return what an error is to whoever reads it."""
    text = str(error)
    if CANARY in text:
        return Outcome.LEAK, text[:200]
    if not isinstance(error, InputError):
        return Outcome.RAW, f"{type(error).__name__}: {text[:200]}"
    first = error.faults[0]
    code = first.code
    if code in ENDS or (code == RAW and str(first.expected) == UNSAID):
        return ENDS.get(code, Outcome.RAW), text[:200]
    whole = all(str(fault.remedy) and str(fault.expected) for fault in error.faults)
    return (Outcome.REFUSED if whole else Outcome.WORDLESS), code


def _attempt(call: Callable[[], Any], opened: Gate) -> Answer:
    """Call something, and note what came of it."""
    before = time.process_time()
    opened.spent.cpu_s = opened.spent.peak_bytes = 0
    try:
        call()
        outcome, told = Outcome.READ, Outcome.READ.value
    except CivicsightError as error:
        outcome, told = told_by(error)
    except Exception as error:  # noqa: BLE001 - what must not be is counted
        outcome, told = Outcome.TRACEBACK, f"{type(error).__name__}: {error}"[:200]
    cpu_s = time.process_time() - before + opened.spent.cpu_s
    return Answer(outcome, told, cpu_s, opened.spent.peak_bytes / MEGABYTE)


def by_python(case: Case, path: Path, opened: Gate | None = None) -> Answer:
    """Read a file as a program does."""
    opened = opened or gate()
    told = TOLD.get(case.reader, ())
    return _attempt(lambda: opened.read(case.reader, path, *told, **case.more), opened)


def by_app(case: Case, path: Path, root: Path) -> Answer | None:
    """Send a file as the page does; None where a page cannot send it."""
    if not path.is_file() or path.is_symlink() or path.stat().st_size > FILE_BYTES:
        return None
    if case.reader == "pack":
        return _attempt(lambda: Beginning().take_law(path.read_bytes()), gate())
    kind = case.reader if case.reader in KIND_LABELS else ""
    owner = Owner(Actor("Li", Role.PLANNER))

    def send() -> None:
        base = Beginning()
        if kind:
            base.city = _town(root)
        box = Inbox(root / "box", WIDE)
        try:
            entry = box.take(base, owner, path.name, path.read_bytes(), Asked(kind))
            _require_read(entry)
        finally:
            box.close()

    return _attempt(send, gate())


def _require_read(entry: Entry) -> None:
    if not entry.over.wait(HANGS_S):
        raise TimeoutError(entry.name)
    if entry.state is not State.DONE:
        raise entry.error or RuntimeError(entry.state)


def _town(root: Path) -> Any:
    from civicsight.io.project_file import load_city

    path = root / f"base-{PROJECT}"
    if not path.exists():
        path.write_bytes(content_of(PROJECT))
    return load_city(path)


def words_of(case: Case, path: Path, root: Path) -> list[str]:
    """Return the words of the command to which a file is given."""
    table = root / "table.csv"
    if not table.exists():
        table.write_bytes(content_of("table.csv"))
    _town(root)
    name = str(path)
    given = {
        "pack": ["rules", "lint", name],
        "mapping": ["import", str(table), "--as", "cameras", "--mapping", name, "--dry-run"],
        "gazetteer": ["import", str(table), "--as", "cameras", "--gazetteer", name, "--dry-run"],
        "ground": ["import", str(root / f"base-{PROJECT}"), "--dem", name, "--dry-run"],
        "handover": ["plan", "takeover", name, str(root / f"base-{PROJECT}"), "--as", "Li"],
        "project": ["import", name, "--dry-run"],
        "boundary": ["import", str(root / f"base-{PROJECT}"), "--boundary", name, "--dry-run"],
    }
    kind = ["--as", case.reader] if case.reader == "city" or case.reader in KIND_LABELS else []
    crs = ["--source-crs", "EPSG:4548"] if case.more and case.format == "DXF" else []
    return [*given.get(case.reader, ["import", name, *kind, *crs, "--dry-run"]), "--lang", "en"]


def told_on_terminal(code: int, text: str) -> tuple[Outcome, str]:
    """Return what a terminal showed."""
    flat = " ".join(text.split())
    if CANARY in text:
        return Outcome.LEAK, flat[-200:]
    if "Traceback (most recent" in text:
        return Outcome.TRACEBACK, flat[-300:]
    if code == OK:
        return Outcome.READ, Outcome.READ.value
    if code != BAD_INPUT:
        return Outcome.RAW, f"exit {code}: {flat[-200:]}"
    if "\x1b]" in text or "\u202e" in text:
        return Outcome.LEAK, "signs that move a terminal"
    return (Outcome.REFUSED if len(flat) > 20 else Outcome.WORDLESS), flat[:120]


def by_entry(case: Case, path: Path, root: Path) -> Answer:
    """Run the command of a file within this process."""
    printed = io.StringIO()
    codes: list[int] = []
    with redirect_stdout(printed), redirect_stderr(printed):
        answer = _attempt(lambda: codes.append(run(words_of(case, path, root))), gate())
    if not codes:
        return answer
    outcome, told = told_on_terminal(codes[0], printed.getvalue())
    return answer._replace(outcome=outcome, told=told)


def by_terminal(case: Case, path: Path, root: Path) -> Answer:
    """Run the command of a file in a process of its own, and take what all its processes took."""
    words = [sys.executable, "-m", "civicsight", *words_of(case, path, root)]
    log = root / "terminal.txt"
    code, cpu_s, peak_mb = measured(words, log, root)
    outcome, told = told_on_terminal(code, log.read_text("utf-8", "replace"))
    return Answer(outcome, told, cpu_s, peak_mb)


STARTER: Final = """
import json, os, sys
told = int(sys.argv[1])
os.set_inheritable(told, False)
process = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, state, used = os.wait4(process, 0)
code = os.waitstatus_to_exitcode(state)
os.write(told, json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024]).encode())
"""


def measured(words: list[str], log: Path, folder: Path) -> tuple[int, float, float]:
    """Run a program; return its code, processor [s] and memory [MB] at most, all processes counted.

    The kernel lets a program begin with the most memory of whoever started it. A small process
    starts it therefore, and not this one, which has made files of any size.
    """
    source, sink = os.pipe()
    with os.fdopen(source, "rb") as answer, log.open("wb") as out:
        try:
            subprocess.run(
                [sys.executable, "-I", "-S", "-c", STARTER, str(sink), *words],
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=folder,
                pass_fds=[sink], check=True,
            )  # fmt: skip
        finally:
            os.close(sink)
        code, cpu_s, peak = json.loads(answer.read())
    return code, cpu_s, peak / MEGABYTE
