"""Long computations beside the pages: one at a time for each worker, with progress and an end.

Each worker is a process of its own (`work`), started without the page that asks, so none of its
code runs twice; a job that is cancelled ends with its process, whatever it is in the middle of.
What was computed once is answered from disk, by the digest of all that it depends on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from queue import Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
from pyproj import CRS

from civicsight.application.job import Job, JobState
from civicsight.application.job_worker import Slot
from civicsight.application.messages import At
from civicsight.application.plan_work import CHECKING, PLAN_FOLDER, SUMMARY, PlanAims
from civicsight.application.work import RESULT, VERDICTS, Kind, Task
from civicsight.core.cache import Shelf
from civicsight.core.errors import MismatchError
from civicsight.core.settings import cache_dir
from civicsight.coverage.result import CheckResult
from civicsight.editing.project import Project
from civicsight.editing.projects import packs_beside
from civicsight.editing.result_file import is_kept, keep_result, kept_result, kept_table
from civicsight.editing.session import PlanSession
from civicsight.rules import Rules
from civicsight.store import Answer

if TYPE_CHECKING:
    from civicsight.planning.record.plan import Plan

JOBS: Final = "jobs"
RESULTS: Final = "results"
"""Folders below that of the caches."""


@cache
def job_pool() -> JobPool:
    """Return the pool of this server; the first call makes it."""
    return JobPool(cache_dir())


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
        self._asked: dict[tuple[str, Path], list[tuple[Job, ...]]] = {}
        self._lock, self._queue = Lock(), Queue[Job | None]()
        slots = [Slot(self.shelf, in_threads=in_threads) for _ in range(workers)]
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
            project.base,
            tuple(map(str, packs_beside(project.store_path))),
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
        if not is_kept(Path(task.kept), project.digest):
            keep_result(project.result, project.digest, Path(task.kept))
        self._queue.put(job)
        return job

    def find(self, job_id: str) -> Job | None:
        """Return a job of this process by its id."""
        return self._jobs.get(job_id)

    def note_asked(self, person: str, store_path: Path, jobs: Sequence[Job]) -> None:
        """Note what a person asked for at once, to be found again from whatever window.

        Parameters
        ----------
        person
            Name of who asked.
        store_path
            The project's file of plans.
        jobs
            What was asked for; one that was asked for before counts as asked for now.
        """
        ids = {job.id for job in jobs}
        with self._lock:
            before = self._asked.get((person, store_path), [])
            left = [tuple(job for job in group if job.id not in ids) for group in before]
            self._asked[person, store_path] = [*filter(None, left), tuple(jobs)]

    def asked_by(self, person: str, store_path: Path) -> list[tuple[Job, ...]]:
        """Return the jobs that a person asked for of a project, by when they were asked for."""
        return list(self._asked.get((person, store_path), []))

    def folder(self, job: Job) -> Path:
        """Return the folder of what a job found.

        Raises
        ------
        MismatchError
            If it is not done, or its result was cleared away since.
        """
        found = self.shelf.find(job.id) if job.state is JobState.DONE else None
        if found is None:
            msg = f"job {job.id[:8]} has no result now: it is {job.state}"
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

    def plan(self, job: Job) -> Plan:
        """Return the plan that a job drew up.

        Raises
        ------
        MismatchError
            If the job is not done.
        InputError
            If its files are torn.
        """
        from civicsight.planning.record.documents import documents_in, from_documents

        return from_documents(documents_in(self.folder(job) / PLAN_FOLDER))

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
