"""What a job does, in whatever process: the check of a draft, a plan, or the verdicts, as files.

A process of its own reads tasks from its standard input and writes how far it is to its standard
output, a line of JSON each: so it knows nothing of pages, can be killed at any time, and nothing
that it is sent can run as code.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, TextIO

from civicsight.application.faults import reject
from civicsight.application.messages import At, Report, plain_at, plain_text, reasons_of
from civicsight.application.plan_work import (
    CHECKING,
    KEEPING,
    PlanAims,
    between,
    draw_curve,
    draw_up,
    summarise,
)
from civicsight.core.cache import Remembered, Shelf
from civicsight.core.errors import N_, CivicsightError
from civicsight.editing.project import COMPILING

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.model import City
    from civicsight.rules import Rules

JUDGING: Final = N_("Asking every rule of every subject")

RESULT: Final = "result.zip"
VERDICTS: Final = "verdicts.zip"
RASTERS: Final[Mapping[str, str]] = {"best_px_m": "coverage.tif", "cameras": "cameras.tif"}

WRITING_FROM: Final = 0.9
"""Share of a check that is done when every camera is looked through."""

READ: Final = 0.4
"""Share of a judgement that is done when the project is read."""

CODE: Final = ("planning", "application")
"""Rooms that a result depends on beside those that the digest of a project binds."""

NICENESS: Final = 5
"""How far jobs give way to pages."""


class Kind(StrEnum):
    """What a job computes."""

    CHECK = "check"
    OPTIMISE = "optimise"
    JUDGE = "judge"
    CURVE = "curve"


OF_AIMS: Final = frozenset({Kind.OPTIMISE, Kind.CURVE})
"""Jobs that depend on what is asked of a plan."""


@cache
def code_digest() -> str:
    """Return the digest of what draws up plans and applies drafts, which no project binds."""
    total = hashlib.sha256()
    package = Path(str(files("civicsight")))
    for room in CODE:
        for path in sorted((package / room).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                total.update(f"{path.relative_to(package).as_posix()}\0".encode())
                total.update(path.read_bytes())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Task:
    """A job as plain values.

    Parameters
    ----------
    kind
        What to compute.
    kept, project_digest
        File of the checked project (`result_file.keep_result`), and the digest it is kept under.
    session, session_digest
        The draft as text and its digest (`PlanSession`); empty: the project as it is.
    aims
        What is asked of a plan.
    answers, day
        What people answered as text (`store.Answer`), and the day on which rules are asked.
    base
        Digest of what the draft was drawn on.
    laws
        Files of the rule packs that the project has beside those of the program.
    code
        Digest of what the project's own does not bind, from `code_digest`.
    """

    kind: Kind
    kept: str
    project_digest: str
    session: str = ""
    session_digest: str = ""
    aims: PlanAims = field(default_factory=PlanAims)
    answers: str = ""
    day: str = ""
    base: str = ""
    laws: tuple[str, ...] = ()
    code: str = field(default_factory=code_digest)

    @property
    def digest(self) -> str:
        """Digest of all that the result depends on: the same task is never run twice."""
        told = [str(self.kind), self.project_digest, self.session_digest, self.code]
        told += [json.dumps(asdict(self.aims), sort_keys=True)] * (self.kind in OF_AIMS)
        told += [self.answers, self.day] * (self.kind is Kind.JUDGE)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


_PLANNED: Final[Remembered[CheckResult | None]] = Remembered(1)
"""The project that was planned for last: planning again begins where it stood."""


def run(task: Task, folder: Path, report: Report, stop: Event | None = None) -> None:
    """Do a task and write what it finds into a folder.

    Parameters
    ----------
    task, folder
        What to do, and where to write: `RESULT` and `RASTERS` of a check, `PLAN_FOLDER` of a plan,
        `SUMMARY` of both and of a
        curve; `VERDICTS`.
    tell
        Hears where it is; what it raises ends the job.
    stop
        Ends the optimiser, which keeps the best plan so far.

    Raises
    ------
    InputError
        If the project is no longer kept, or a command of the draft is not lawful.
    MismatchError
        If nothing lawful satisfies what is asked of a plan.
    """
    with kernels_reported_to(report) as hear:
        _run(task, folder, hear, stop)


@contextmanager
def kernels_reported_to(report: Report) -> Iterator[Report]:
    """Tell also, wherever a job is, that it waits for a kernel."""
    from civicsight.coverage._kernels.apart import reported_to

    last = At(0.0, CHECKING)

    def hear(at: At) -> None:
        nonlocal last
        last = at
        report(at)

    with reported_to(lambda _name: report(replace(last, stage=COMPILING))):
        yield hear


def _run(task: Task, folder: Path, report: Report, stop: Event | None) -> None:
    from civicsight.editing.result_file import kept_result
    from civicsight.io.packs import load_packs

    report(At(0.0, JUDGING if task.kind is Kind.JUDGE else CHECKING))
    rules = load_packs(user=task.laws)

    def read() -> CheckResult | None:
        return kept_result(Path(task.kept), task.project_digest, rules)

    # The candidates of a plan are at hand as long as the result is that they were made of.
    project = _PLANNED.get(task.project_digest, read) if task.kind in OF_AIMS else read()
    if project is None:
        reject("job.project")
    city = _city_of(task, project, rules)
    if task.kind is Kind.CHECK:
        _check(task, city, project, folder, report)
    elif task.kind is Kind.JUDGE:
        _judge(task, project, folder, report)
    else:
        draw = draw_curve if task.kind is Kind.CURVE else draw_up
        draw(task.aims, city, project, folder, report, stop)


def serve(lines: TextIO, out: TextIO, folder: Path) -> None:
    """Do the tasks that come as lines, until there are no more; `enough` ends a search early."""

    def send(**message: Any) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    asked: Queue[tuple[Task, Event] | None] = Queue()
    Thread(target=_hear, args=(lines, asked), daemon=True).start()
    while (found := asked.get()) is not None:
        task, enough = found
        try:
            with Shelf(folder).filling(task.digest) as scratch:
                run(task, scratch, lambda at: send(at=plain_at(at)), enough)
        except CivicsightError as error:
            send(failed=[plain_text(text) for text in reasons_of(error)])
        else:
            send(done=task.digest)


def _hear(lines: TextIO, asked: Queue[tuple[Task, Event] | None]) -> None:
    """Pass tasks on as they come, and the word that a plan is good enough to the task it is for."""
    waiting: dict[str, Event] = {}
    for line in lines:
        data = json.loads(line)
        if "enough" in data:
            if data["enough"] in waiting:
                waiting[data["enough"]].set()
            continue
        aims = PlanAims.of(data["aims"])
        read = {"kind": Kind(data["kind"]), "aims": aims, "laws": tuple(data["laws"])}
        task = Task(**{**data, **read})
        waiting[task.digest] = Event()
        asked.put((task, waiting[task.digest]))
    asked.put(None)


def as_line(task: Task) -> str:
    """Return a task as the line that `serve` reads."""
    return json.dumps(asdict(task)) + "\n"


def enough_line(digest: str) -> str:
    """Return the line by which `serve` ends the search of a task and keeps the best so far."""
    return json.dumps({"enough": digest}) + "\n"


def _city_of(task: Task, project: CheckResult, rules: Rules) -> City:
    """Return the city of the draft, every command asked of the law once more."""
    from civicsight.editing.refusals import make_guard
    from civicsight.editing.session import from_json

    if not task.session:
        return project.city
    guard = make_guard(project.city, rules)
    return from_json(task.session, project.city, guard, task.base).draft.city


def _check(task: Task, city: City, project: CheckResult, folder: Path, report: Report) -> None:
    from civicsight.coverage.check import check
    from civicsight.editing.result_file import keep_result
    from civicsight.report.geotiff import write_geotiff

    result = check(
        city,
        rules=project.rules,
        before=project.parts,
        progress=lambda done, total: report(At(WRITING_FROM * done / max(total, 1), CHECKING)),
    )
    report(At(WRITING_FROM, KEEPING))
    keep_result(result, task.digest, folder / RESULT)
    if result.raster is not None and len(result.raster.best):
        for kind, name in RASTERS.items():
            write_geotiff(folder / name, result.raster, kind)
    summarise(folder, {"check": result.summary})


def _judge(task: Task, project: CheckResult, folder: Path, report: Report) -> None:
    from civicsight.application.verdicts import with_answers
    from civicsight.editing.result_file import keep_table
    from civicsight.planning.compliance import judge
    from civicsight.store import Answer

    given = [Answer(**one) for one in json.loads(task.answers)]
    judged = judge(
        replace(project, city=with_answers(project.city, given)),
        today=date.fromisoformat(task.day),
        progress=lambda done, total: report(At(between(READ, WRITING_FROM, done, total), JUDGING)),
    )
    report(At(WRITING_FROM, KEEPING))
    keep_table(judged.verdicts, folder / VERDICTS)


if __name__ == "__main__":
    with suppress(AttributeError):  # Windows has no niceness
        os.nice(NICENESS)
    pipe, sys.stdout = sys.stdout, sys.stderr  # whatever prints must not mix with the messages
    with suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.stdin, pipe, Path(sys.argv[1]))
