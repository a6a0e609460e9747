"""One worker of the pool: a thread that hands jobs to a process of its own, or does them itself."""

from __future__ import annotations

import json
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import Final

from civicsight.application.job import Job, JobState, Stopped
from civicsight.application.messages import At, at_from, reasons_of, text_from
from civicsight.application.work import as_line, enough_line, run
from civicsight.core.cache import Shelf
from civicsight.core.child import Child, start_python
from civicsight.core.errors import N_, CivicsightError
from civicsight.core.settings import worker_count

WORK: Final = "civicsight.application.work"
"""Module that a worker runs."""

HEAR_S: Final = 0.1
"""How often a worker looks whether its job was cancelled [s]."""

ENDED: Final = N_("The computation ended without a result; nothing else is lost. Start it again.")


class Slot:
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
        def report(at: At) -> None:
            job.at = at
            if job.stop.is_set():
                raise Stopped

        try:
            with self.shelf.filling(job.id) as folder:
                run(job.task, folder, report, job.enough)
                report(job.at)
        except Stopped:
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
        told = False
        while not job.is_over:
            if job.stop.is_set():
                self._end()
                job.finish(JobState.CANCELLED)
                return
            if job.enough.is_set() and not told:
                self._ask(enough_line(job.id))
                told = True
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
            job.at = at_from(message["at"])
        elif "failed" in message:
            job.finish(JobState.FAILED, tuple(map(text_from, message["failed"])))
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
