"""Long computations beside the pages: one at a time for each worker, with progress and an end.

Each worker is a process of its own (`work`), started without the page that asks, so none of its
code runs twice; a job that is cancelled ends with its process, whatever it is in the middle of.
What was computed once is answered from disk, by the digest of all that it depends on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final

import geopandas as gpd
from pyproj import CRS

from civicsight.core.cache import Shelf
from civicsight.core.child import Child, start_python
from civicsight.core.errors import N_, CivicsightError, MismatchError, Text
from civicsight.core.settings import cache_dir, worker_count
from civicsight.coverage.result import CheckResult
from civicsight.editing.project import Project
from civicsight.editing.result_file import keep_result, kept_result, kept_table
from civicsight.editing.session import PlanSession
from civicsight.rules import Rules
from civicsight.store import Answer
from civicsight.ui.services.work import (
    CHECKING,
    RESULT,
    SUMMARY,
    VERDICTS,
    At,
    Kind,
    PlanAims,
    Task,
    as_line,
    read_at,
    read_text,
    reasons_of,
    run,
)

JOBS: Final = "jobs"
RESULTS: Final = "results"
"""Folders below that of the caches."""

WORK: Final = "civicsight.ui.services.work"
"""Module that a worker runs."""

HEAR_S: Final = 0.1
"""How often a worker looks whether its job was cancelled [s]."""

LEAST_SHARE: Final = 0.02
"""Before so much is done nobody can say how long it takes."""

WAITING: Final = N_("Waiting for its turn")
ENDED: Final = N_("The computation ended without a result; nothing else is lost. Start it again.")


@cache
def job_pool() -> JobPool:
    """Return the pool of this server; the first call makes it."""
    return JobPool(cache_dir())


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class _Stopped(CivicsightError):  # noqa: N818 - no error, an end
    """Ends a job that runs in a thread."""


@dataclass(slots=True, eq=False)
class Job:
    """A job, as pages watch it.

    Parameters
    ----------
    task
        What is computed.
    state, at
        Where it is.
    reasons
        Why it failed.
    from_cache
        Whether the answer was there already.
    """

    task: Task
    state: JobState = JobState.WAITING
    at: At = field(default_factory=lambda: At(0.0, WAITING))
    reasons: tuple[Text, ...] = ()
    from_cache: bool = False
    started_s: float | None = None
    stop: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)

    @property
    def id(self) -> str:
        """Digest of the task."""
        return self.task.digest

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in OVER

    @property
    def eta_s(self) -> float | None:
        """Seconds that are left if it goes on as it did; None while nobody can say."""
        if self.state is not JobState.RUNNING or self.started_s is None:
            return None
        if self.at.share < LEAST_SHARE:
            return None
        taken = monotonic() - self.started_s
        return taken * (1.0 - self.at.share) / self.at.share

    def cancel(self) -> None:
        """End it; it is over within a second."""
        self.stop.set()

    def wait(self, timeout_s: float | None = None) -> JobState:
        """Wait until it is over, or the time is."""
        self.over.wait(timeout_s)
        return self.state

    def finish(self, state: JobState, reasons: tuple[Text, ...] = ()) -> None:
        """Set how it ended; the first word counts."""
        if not self.is_over:
            self.state, self.reasons = state, reasons
            self.over.set()


class JobPool:
    """Runs jobs; made when the server starts, and closed when it ends.

    Parameters
    ----------
    cache_dir
        Where results and kept projects are.
    workers
        Jobs at a time.
    in_threads
        Whether jobs run in threads of this process, for tests: one ends only where it looks.
    """

    def __init__(self, cache_dir: Path, *, workers: int = 1, in_threads: bool = False) -> None:
        self.cache_dir = cache_dir.absolute()
        self.shelf = Shelf(self.cache_dir / JOBS)
        self.shelf.clear_scraps()
        self._jobs: dict[str, Job] = {}
        self._lock, self._queue = Lock(), Queue[Job | None]()
        slots = [_Slot(self.shelf, in_threads=in_threads) for _ in range(workers)]
        self._threads = [
            Thread(target=slot.loop, args=(self._queue,), name=f"jobs-{number}", daemon=True)
            for number, slot in enumerate(slots)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        kind: Kind,
        project: Project,
        session: PlanSession | None = None,
        aims: PlanAims | None = None,
        *,
        answers: Sequence[Answer] = (),
        day: date | None = None,
    ) -> Job:
        """Ask for a result; the same asked twice is one job, and one that is there is done.

        Parameters
        ----------
        kind
            What to compute.
        project, session
            Of which draft; None: of the project as it is.
        aims
            What is asked of a plan.
        answers, day
            What people answered, and the day on which rules are asked.
        """
        edited = session is not None and bool(session.done)
        task = Task(
            kind,
            str(self.cache_dir / RESULTS / f"{project.digest}.zip"),
            project.digest,
            session.to_json() if session is not None and edited else "",
            session.digest if session is not None and edited else "",
            aims or PlanAims(),
            json.dumps([asdict(one) for one in answers], ensure_ascii=False),
            "" if day is None else day.isoformat(),
        )
        with self._lock:
            known = self._jobs.get(task.digest)
            if known is not None and not known.is_over and not known.stop.is_set():
                return known
            job = self._jobs[task.digest] = Job(task)
        if self.shelf.find(task.digest) is not None:
            job.at, job.from_cache = At(1.0, CHECKING), True
            job.finish(JobState.DONE)
            return job
        if not Path(task.kept).is_file():
            keep_result(project.result, project.digest, Path(task.kept))
        self._queue.put(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a job of this process by its id."""
        return self._jobs.get(job_id)

    def folder(self, job: Job) -> Path:
        """Return the folder of what a job found.

        Raises
        ------
        MismatchError
            If it is not done, or its result was cleared away since.
        """
        found = self.shelf.find(job.id) if job.state is JobState.DONE else None
        if found is None:
            msg = f"job {job.id[:8]} has no result: it is {job.state}"
            raise MismatchError(msg)
        return found

    def summary(self, job: Job) -> dict[str, Any]:
        """Return the numbers of a job."""
        text = (self.folder(job) / SUMMARY).read_text(encoding="utf-8")
        return dict(json.loads(text))

    def result(self, job: Job, rules: Rules) -> CheckResult:
        """Return the result of a check.

        Raises
        ------
        MismatchError
            If the job is not done, or was no check.
        """
        found = kept_result(self.folder(job) / RESULT, job.id, rules)
        if found is None:
            msg = f"job {job.id[:8]} was no check, or its file is torn"
            raise MismatchError(msg)
        return found

    def verdicts(self, job: Job, crs: CRS) -> gpd.GeoDataFrame:
        """Return the table of verdicts of a job, as `judge` made it.

        Raises
        ------
        MismatchError
            If the job is not done, or judged nothing.
        """
        found = kept_table(self.folder(job) / VERDICTS, crs)
        if found is None:
            msg = f"job {job.id[:8]} judged nothing, or its file is torn"
            raise MismatchError(msg)
        return gpd.GeoDataFrame(found)

    def close(self) -> None:
        """Cancel all jobs and end the workers."""
        for job in list(self._jobs.values()):
            job.cancel()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()


class _Slot:
    """One worker: a thread that hands jobs to a process, or does them itself."""

    def __init__(self, shelf: Shelf, *, in_threads: bool) -> None:
        self.shelf, self.in_threads = shelf, in_threads
        self.process: Child | None = None
        self.heard: Queue[bytes | None] = Queue()

    def loop(self, queue: Queue[Job | None]) -> None:
        """Do jobs until there is no more."""
        while (job := queue.get()) is not None:
            if job.stop.is_set():
                job.finish(JobState.CANCELLED)
                continue
            job.state, job.started_s = JobState.RUNNING, monotonic()
            if self.in_threads:
                self._run_here(job)
            else:
                self._run_apart(job)
        self._end()

    def _run_here(self, job: Job) -> None:
        def tell(at: At) -> None:
            job.at = at
            if job.stop.is_set():
                raise _Stopped

        try:
            with self.shelf.filling(job.id) as folder:
                run(job.task, folder, tell, job.stop)
                tell(job.at)
        except _Stopped:
            job.finish(JobState.CANCELLED)
        except CivicsightError as error:
            job.finish(JobState.FAILED, tuple(reasons_of(error)))
        else:
            job.finish(JobState.DONE)
        finally:
            job.finish(JobState.FAILED, (ENDED,))

    def _run_apart(self, job: Job) -> None:
        """Hand a job to the process, and listen to it until the job is over."""
        self._ask(as_line(job.task))
        while not job.is_over:
            if job.stop.is_set():
                self._end()
                job.finish(JobState.CANCELLED)
                return
            try:
                line = self.heard.get(timeout=HEAR_S)
            except Empty:
                continue
            self._take(job, line)

    def _take(self, job: Job, line: bytes | None) -> None:
        """Take what the process says; None: it ended."""
        if line is None:
            self._end()
            job.finish(JobState.FAILED, (ENDED,))
            return
        message = json.loads(line)
        if "at" in message:
            job.at = read_at(message["at"])
        elif "failed" in message:
            job.finish(JobState.FAILED, tuple(map(read_text, message["failed"])))
        else:
            job.finish(JobState.DONE)

    def _ask(self, line: str) -> None:
        """Send a line to the process, started if there is none."""
        if self.process is None or self.process.poll() is not None:
            self._start()
        assert self.process is not None  # noqa: S101 - just started
        assert self.process.stdin is not None  # noqa: S101 - a pipe
        try:
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self.heard.put(None)

    def _start(self) -> None:
        threads = str(max(1, worker_count() - 1))
        self.process = start_python(
            "-m", WORK, str(self.shelf.folder), environment={"CIVICSIGHT_THREADS": threads}
        )
        self.heard = Queue()
        Thread(target=_listen, args=(self.process, self.heard), daemon=True).start()

    def _end(self) -> None:
        """End the process, whatever it is doing, and what it left half written."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.shelf.clear_scraps(self.process.pid)
        self.process = None


def _listen(process: Child, heard: Queue[bytes | None]) -> None:
    """Pass on what a process says, and in the end that it ended."""
    assert process.stdout is not None  # noqa: S101 - a pipe
    for line in process.stdout:
        heard.put(line)
    heard.put(None)
