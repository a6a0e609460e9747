"""Ask a solver in a process that can be ended, because it may not hear that it should stop.

Processes are kept and used again; one that is ended is not missed.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import Any, BinaryIO, Final, Protocol, cast

from civicsight.core.child import Child, start_python
from civicsight.core.errors import N_, SetupError
from civicsight.core.extensions import added
from civicsight.core.settings import setting
from civicsight.planning.solver import highs
from civicsight.planning.solver.highs import Programme, Report
from civicsight.planning.solver.outcome import Limits

POLL_S: Final = 0.02
"""A wish to stop is looked for this often [s]."""

PATIENCE_S: Final = 0.1
"""A solver that was asked to stop has this long to say what it found [s]."""

SMALL_ENTRIES: Final = 200
"""A programme of fewer entries is solved where it is asked: it is done before a stop matters. One
of 3,800 was seen to hear it after four seconds only."""


class Solver(Protocol):
    """What solves linear and whole-number programmes: a module that is a program too.

    As a program it answers what comes on its standard input as `highs.serve` does. HiGHS is ours; a
    package of others adds such a module, and the setting ``solver`` chooses it by its name.
    """

    NAME: str
    """Name and version, as certificates say it."""

    __file__: str

    def solve(
        self, programme: Programme, report: Report, is_over: Callable[[], bool]
    ) -> dict[str, Any]:
        """Solve a programme here; as `highs.solve`."""


def _chosen() -> Solver:
    def name_of(module: ModuleType) -> str:
        return module.__name__.rpartition(".")[2]

    others = added("solvers", ModuleType, {name_of(highs)}, name_of)
    solvers = {name_of(module): cast("Solver", module) for module in (highs, *others)}
    name = setting("solver")
    if name not in solvers:
        raise SetupError(
            N_(
                "There is no solver %(name)s: CIVICSIGHT_SOLVER is one of %(names)s.",
                name=name,
                names=", ".join(solvers),
            )
        )
    return solvers[name]


SOLVER: Final = _chosen()
"""What runs, and what certificates name."""

_idle: list[_Process] = []
_lock = threading.Lock()
_elsewhere_s = [0.0]
"""Processor time of solvers in processes of their own, so far."""


def processor_s() -> float:
    """Return the processor time of this process and of its solvers so far, of all threads [s]."""
    return time.process_time() + _elsewhere_s[0]


def ask(
    programme: Programme, report: Report, limits: Limits, began: float
) -> dict[str, Any] | None:
    """Solve a programme and return the answer of `highs.solve`.

    Parameters
    ----------
    tell
        Hears ``solution`` and ``bound`` as they are found.
    limits, began
        When to end, and when `time.perf_counter` began to count: heard within 200 ms. What was
        told by then stands.

    Returns
    -------
    dict or None
        None if the solver was ended before it answered, or ended by itself.
    """

    def is_over() -> bool:
        return limits.is_over(time.perf_counter() - began)

    if len(programme.index) < SMALL_ENTRIES:
        return SOLVER.solve(programme, report, is_over)
    process = _take()
    answer, asked = None, time.perf_counter()
    try:
        answer = _converse(process, programme, report, is_over)
    finally:
        # One that was ended cannot say what it took: its single thread had all of this time.
        took = (answer or {}).get("processor_s", time.perf_counter() - asked)
        with _lock:
            _elsewhere_s[0] += took
        # A process that still computes, or that an error left half-heard, is of no more use.
        _give_back(process) if answer is not None else process.end()
    return answer


def _converse(
    process: _Process, programme: Programme, report: Report, is_over: Any
) -> dict[str, Any] | None:
    if not process.send(highs.to_message(programme)):
        return None
    deadline = float("inf")
    while time.perf_counter() < deadline:
        if deadline == float("inf") and is_over():
            process.send(None)
            deadline = time.perf_counter() + PATIENCE_S
        for kind, value in process.hear():
            if kind == "done":
                return cast("dict[str, Any]", value)
            if kind == "lost":
                return None
            report(kind, value)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Process:
    """A running solver, and what it said so far."""

    process: Child
    inbox: SimpleQueue[tuple[str, Any]]

    def send(self, message: object) -> bool:
        """Say something; return whether somebody is there to listen."""
        try:
            highs.send(cast("BinaryIO", self.process.stdin), message)
        except OSError:
            return False
        return True

    def hear(self) -> Iterator[tuple[str, Any]]:
        """Yield what was said, after a short wait for the first word."""
        with suppress(Empty):
            yield self.inbox.get(timeout=POLL_S)
            while True:
                yield self.inbox.get_nowait()

    def end(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                cast("BinaryIO", stream).close()


def _take() -> _Process:
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.process.poll() is None:
                return process
            process.end()
    return _start()


def _give_back(process: _Process) -> None:
    with _lock:
        _idle.append(process)


def _start() -> _Process:
    # An interrupt is for whoever asks, who ends it; one that waits would print where it waited.
    process = start_python(str(Path(SOLVER.__file__)), keys=False)
    inbox: SimpleQueue[tuple[str, Any]] = SimpleQueue()
    threading.Thread(
        target=_listen, args=(cast("BinaryIO", process.stdout), inbox), daemon=True
    ).start()
    return _Process(process, inbox)


def _listen(source: BinaryIO, inbox: SimpleQueue[tuple[str, Any]]) -> None:
    try:
        while True:
            inbox.put(highs.receive(source))
    except (EOFError, OSError, ValueError):
        inbox.put(("lost", None))


@atexit.register
def _end_all() -> None:
    with _lock:
        while _idle:
            _idle.pop().end()


if hasattr(os, "register_at_fork"):
    # Two processes may not talk to one solver.
    os.register_at_fork(after_in_child=_idle.clear)
