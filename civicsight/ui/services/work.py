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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final, TextIO

from civicsight.core.cache import Shelf
from civicsight.core.errors import N_, CivicsightError, Fault, InputError, Text
from civicsight.editing.project import COMPILING

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult
    from civicsight.model import City
    from civicsight.planning.solver.outcome import Progress
    from civicsight.rules import Rules

CHECKING, KEEPING = N_("Looking through every camera"), N_("Writing the result")
JUDGING: Final = N_("Asking every rule of every subject")

RESULT: Final = "result.zip"
SUMMARY: Final = "summary.json"
PLAN_FOLDER: Final = "plan"
VERDICTS: Final = "verdicts.zip"
RASTERS: Final[Mapping[str, str]] = {"best_px_m": "coverage.tif", "cameras": "cameras.tif"}

WRITING_FROM: Final = 0.9
"""Share of a check that is done when every camera is looked through."""

READ: Final = 0.4
"""Share of a judgement that is done when the project is read."""

PLAN_STEPS: Final = (0.15, 0.4, 0.7, 0.8, 0.95, 1.0)
"""Share of a plan that is done as each step begins, after the check: candidates, choice, check,
ledger, other shares; and all. They only pace a bar."""

CODE: Final = ("planning", "ui/services")
"""Rooms that a result depends on beside those that the digest of a project binds."""

NICENESS: Final = 5
"""How far jobs give way to pages."""


class Kind(StrEnum):
    """What a job computes."""

    CHECK = "check"
    OPTIMISE = "optimise"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class PlanAims:
    """What is asked of a plan: money there is, years, and how far to look for a better one."""

    budget_yuan: float | None = None
    years: tuple[int, ...] = ()
    few_sites: bool = False
    steps: int | None = None
    seconds: float = 600.0


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
    code: str = field(default_factory=code_digest)

    @property
    def digest(self) -> str:
        """Digest of all that the result depends on: the same task is never run twice."""
        told = [str(self.kind), self.project_digest, self.session_digest, self.code]
        told += [json.dumps(asdict(self.aims), sort_keys=True)] * (self.kind is Kind.OPTIMISE)
        told += [self.answers, self.day] * (self.kind is Kind.JUDGE)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class At:
    """Where a job is: share done [0-1] and step; of a plan also cost or weight, bound and gap."""

    share: float
    stage: Text
    value: float | None = None
    bound: float | None = None
    gap: float | None = None


Tell = Callable[[At], None]


def run(task: Task, folder: Path, tell: Tell, stop: Event | None = None) -> None:
    """Do a task and write what it finds into a folder.

    Parameters
    ----------
    task, folder
        What to do, and where to write: `RESULT` and `RASTERS` of a check, `PLAN_FOLDER` of a plan,
        `SUMMARY` of both; `VERDICTS`.
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
    with telling_of_kernels(tell) as hear:
        _run(task, folder, hear, stop)


@contextmanager
def telling_of_kernels(tell: Tell) -> Iterator[Tell]:
    """Tell also, wherever a job is, that it waits for a kernel."""
    from civicsight.coverage._kernels.apart import telling

    last = At(0.0, CHECKING)

    def hear(at: At) -> None:
        nonlocal last
        last = at
        tell(at)

    with telling(lambda _name: tell(replace(last, stage=COMPILING))):
        yield hear


def _run(task: Task, folder: Path, tell: Tell, stop: Event | None) -> None:
    from civicsight.editing.result_file import kept_result
    from civicsight.rules import load_packs

    tell(At(0.0, JUDGING if task.kind is Kind.JUDGE else CHECKING))
    rules = load_packs()
    project = kept_result(Path(task.kept), task.project_digest, rules)
    if project is None:
        fault = Fault("job.project", "", "", "", "", N_("the project as it was when it was opened"),
                      N_("Open the project again."))  # fmt: skip
        raise InputError([fault])
    city = _city_of(task, project, rules)
    if task.kind is Kind.CHECK:
        _check(task, city, rules, folder, tell)
    elif task.kind is Kind.JUDGE:
        _judge(task, project, folder, tell)
    else:
        _draw_up(task, city, rules, folder, tell, stop)


def serve(lines: TextIO, out: TextIO, folder: Path) -> None:
    """Do the tasks that come as lines, until there are no more."""

    def say(**message: Any) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    for line in lines:
        data = json.loads(line)
        aims = PlanAims(**{**data["aims"], "years": tuple(data["aims"]["years"])})
        task = Task(**{**data, "kind": Kind(data["kind"]), "aims": aims})
        try:
            with Shelf(folder).filling(task.digest) as scratch:
                run(task, scratch, lambda at: say(at=plain_at(at)))
        except CivicsightError as error:
            say(failed=[plain_text(text) for text in reasons_of(error)])
        else:
            say(done=task.digest)


def as_line(task: Task) -> str:
    """Return a task as the line that `serve` reads."""
    return json.dumps(asdict(task)) + "\n"


def reasons_of(error: CivicsightError) -> list[Text]:
    """Return what an error says, as sentences for a person."""
    if isinstance(error, InputError):
        return [
            N_("%(expected)s is needed. %(remedy)s", expected=f.expected, remedy=f.remedy)
            for f in error.faults
        ]
    return [found if isinstance(found, Text) else Text("%(told)s", {"told": str(found)})
            for found in error.args]  # fmt: skip


def plain_at(at: At) -> dict[str, Any]:
    """Return where a job is as values that JSON holds."""
    return {**{name: getattr(at, name) for name in At.__slots__}, "stage": plain_text(at.stage)}


def read_at(data: Mapping[str, Any]) -> At:
    """Undo `plain_at`."""
    return At(**{**data, "stage": read_text(data["stage"])})


def plain_text(text: Text) -> dict[str, Any]:
    """Return a sentence as values that JSON holds."""
    values = {
        key: plain_text(value) if isinstance(value, Text) else _plain(value)
        for key, value in text.values.items()
    }
    return {"template": text.template, "values": values}


def read_text(data: Mapping[str, Any]) -> Text:
    """Undo `plain_text`."""
    values = {
        key: read_text(value) if isinstance(value, dict) and "template" in value else value
        for key, value in data["values"].items()
    }
    return Text(data["template"], values)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return value if isinstance(value, str | int | float) else str(value)


def _city_of(task: Task, project: CheckResult, rules: Rules) -> City:
    """Return the city of the draft, every command asked of the law once more."""
    from civicsight.editing.refusals import make_guard
    from civicsight.editing.session import from_json

    if not task.session:
        return project.city
    guard = make_guard(project.city, rules)
    return from_json(task.session, project.city, guard, task.project_digest).draft.city


def _check(task: Task, city: City, rules: Rules, folder: Path, tell: Tell) -> None:
    from civicsight.coverage.check import check
    from civicsight.editing.result_file import keep_result
    from civicsight.report.geotiff import write_geotiff

    result = check(
        city,
        rules=rules,
        progress=lambda done, total: tell(At(WRITING_FROM * done / max(total, 1), CHECKING)),
    )
    tell(At(WRITING_FROM, KEEPING))
    keep_result(result, task.digest, folder / RESULT)
    if result.raster is not None and len(result.raster.best):
        for kind, name in RASTERS.items():
            write_geotiff(folder / name, result.raster, kind)
    _summarise(folder, {"check": result.summary})


def _judge(task: Task, project: CheckResult, folder: Path, tell: Tell) -> None:
    from civicsight.editing.result_file import keep_table
    from civicsight.planning.compliance import judge
    from civicsight.store import Answer
    from civicsight.ui.services.verdicts import with_answers

    given = [Answer(**one) for one in json.loads(task.answers)]
    judged = judge(
        replace(project, city=with_answers(project.city, given)),
        today=date.fromisoformat(task.day),
        progress=lambda done, total: tell(At(_between(READ, WRITING_FROM, done, total), JUDGING)),
    )
    tell(At(WRITING_FROM, KEEPING))
    keep_table(judged.verdicts, folder / VERDICTS)


def _between(first: float, last: float, done: int, total: int) -> float:
    return first + (last - first) * done / max(total, 1)


def _draw_up(
    task: Task, city: City, rules: Rules, folder: Path, tell: Tell, stop: Event | None
) -> None:
    from civicsight.coverage.check import check
    from civicsight.planning.documents import to_documents
    from civicsight.planning.make import Aims, Run, make_plan
    from civicsight.planning.solver.outcome import Limits

    pace = _Pace(tell)
    result = check(city, rules=rules, raster=False, progress=pace.check)
    aims = Aims(
        budget_yuan=task.aims.budget_yuan,
        years=task.aims.years,
        few_sites=task.aims.few_sites,
        extras=False,
    )
    limits = Limits(steps=task.aims.steps, seconds=task.aims.seconds, stop=stop)
    plan = make_plan(result, aims, run=Run(limits), step=pace.begin, watch=pace.watch)
    tell(At(PLAN_STEPS[-1], KEEPING))
    for name, content in to_documents(plan).items():
        place = folder / PLAN_FOLDER / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    _summarise(
        folder,
        {
            "cost_yuan": plan.cost_yuan,
            "counts": plan.counts,
            "share_before": plan.share("before"),
            "share_after": plan.share("after"),
            "value": plan.proof.value,
            "bound": plan.proof.bound,
            "gap": plan.proof.gap,
            "status": str(plan.proof.status),
            "open": plan.left_open,
        },
    )


def _summarise(folder: Path, summary: Mapping[str, Any]) -> None:
    (folder / SUMMARY).write_text(
        json.dumps(summary, ensure_ascii=False, default=str), encoding="utf-8"
    )


@dataclass(slots=True, eq=False)
class _Pace:
    """Brings the steps of a plan onto one bar."""

    tell: Tell
    step: int = -1
    stage: Text = CHECKING

    def check(self, done: int, total: int) -> None:
        """Hear of the check before the plan."""
        self.tell(At(PLAN_STEPS[0] * done / max(total, 1), CHECKING))

    def begin(self, stage: Text) -> Callable[[int, int], None]:
        """Begin a step; what it returns hears of its progress."""
        self.step, self.stage = min(self.step + 1, len(PLAN_STEPS) - 2), stage
        first, last = PLAN_STEPS[self.step : self.step + 2]
        self.tell(At(first, stage))
        return lambda done, total: self.tell(At(_between(first, last, done, total), stage))

    def watch(self, found: Progress) -> None:
        """Hear of the optimiser."""
        first = PLAN_STEPS[max(self.step, 0)]
        self.tell(At(first, self.stage, found.value, found.bound, found.gap))


if __name__ == "__main__":
    with suppress(AttributeError):  # Windows has no niceness
        os.nice(NICENESS)
    pipe, sys.stdout = sys.stdout, sys.stderr  # whatever prints must not mix with the messages
    with suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.stdin, pipe, Path(sys.argv[1]))
