"""A linear or whole-number programme for HiGHS, solved here or in a process of its own.

Run as a program this file serves one programme after another on its standard streams. It imports
nothing of the package, so that such a process is there in a seventh of a second; it ends with its
input, so that it never outlives who asked.

References
----------
Huangfu and Hall (2018), Parallelizing the dual revised simplex method (HiGHS).
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.metadata import version
from queue import SimpleQueue
from typing import Any, BinaryIO

import highspy
import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray

Report = Callable[[str, Any], None]
"""Hears ``solution`` (values), ``bound`` (value) and at last ``done`` (an `Answer`)."""

HEAD = struct.Struct("<Q")

NAME = f"HiGHS {version('highspy')}"
"""Name and version of the solver, as certificates say it."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Least ``cost @ x`` for ``low <= A x <= high`` and ``0 <= x <= upper``.

    Parameters
    ----------
    cost, upper
        Of each column.
    indptr, index, value
        ``A`` by columns.
    low, high
        Of each row; infinite where there is no limit.
    whole
        Whether columns are whole numbers: one for all.
    method
        How a linear programme is solved: ``ipm``, ``simplex`` or ``pdlp``.
    start
        Values of a known choice; empty if there is none.
    tolerance, gap
        By how much a row may be off, and what a whole-number answer may be off the best.
    seconds, node_limit
        When to end.
    fractional
        The last so many columns need not be whole numbers.
    """

    cost: FloatArray
    upper: FloatArray
    indptr: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    whole: bool
    method: str
    start: FloatArray
    tolerance: float
    gap: float
    seconds: float
    node_limit: int
    fractional: int = 0


class QuietHighs(highspy.Highs):
    """A solver that is silent from its first moment: it greets when callbacks are set up."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name
        """Be silent, then go on as ever."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call] # the solver's own


def solve(programme: Programme, report: Report, is_over: Callable[[], bool]) -> dict[str, Any]:
    """Solve a programme on one thread.

    Parameters
    ----------
    tell
        Hears every better choice and the bound, as they are found.
    is_over
        Asked now and then; a solver busy with one long step does not ask.

    Returns
    -------
    dict
        ``values`` and ``dual`` of the rows (None where there are none), ``bound``, ``status`` by
        the solver's own name, and its ``version``.
    """
    solver = load(programme)
    best = -np.inf

    def hear(event: Any) -> None:
        nonlocal best
        if event.data_out.mip_dual_bound > best:
            best = float(event.data_out.mip_dual_bound)
            report("bound", best)
        event.interrupt(is_over())

    def yield_to(event: Any) -> None:
        event.interrupt(is_over())

    if programme.whole:
        solver.cbMipInterrupt += hear
        solver.cbMipImprovingSolution += lambda event: report(
            "solution", np.array(event.data_out.mip_solution)
        )
    solver.cbSimplexInterrupt += yield_to
    solver.cbIpmInterrupt += yield_to
    solver.run()
    solution, info = solver.getSolution(), solver.getInfo()
    return {
        "values": np.array(solution.col_value) if solution.value_valid else None,
        "dual": np.array(solution.row_dual) if solution.dual_valid else None,
        "bound": float(info.mip_dual_bound) if programme.whole else -np.inf,
        "status": solver.modelStatusToString(solver.getModelStatus()),
        "version": NAME,
    }


def load(programme: Programme) -> Any:
    """Hand a programme to a fresh solver, with options under which it repeats itself."""
    solver = QuietHighs()  # type: ignore[no-untyped-call] # its base says no types
    options: dict[str, Any] = {
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
        "primal_feasibility_tolerance": programme.tolerance,
        "mip_feasibility_tolerance": programme.tolerance,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": programme.gap,
        "time_limit": programme.seconds,
        "mip_max_nodes": programme.node_limit,
    }
    if not programme.whole:
        options |= {"solver": programme.method, "run_crossover": "off"}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(programme))
    if len(programme.start):
        columns = np.arange(len(programme.start), dtype=np.int32)
        solver.setSolution(len(columns), columns, programme.start)
    return solver


def _model(programme: Programme) -> Any:
    lp = highspy.HighsLp()
    n, m = len(programme.cost), len(programme.low)
    lp.num_col_, lp.num_row_ = n, m
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = programme.cost, np.zeros(n), programme.upper
    lp.row_lower_, lp.row_upper_ = programme.low, programme.high
    matrix = lp.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.num_col_, matrix.num_row_ = n, m
    matrix.start_, matrix.index_, matrix.value_ = (
        programme.indptr,
        programme.index,
        programme.value,
    )
    if programme.whole:
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger] * (n - programme.fractional) + [
            kinds.kContinuous
        ] * programme.fractional
    return lp


def send(stream: BinaryIO, message: object) -> None:
    """Write one message of plain values and arrays."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEAD.pack(len(body)))
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message.

    Raises
    ------
    EOFError
        If the other side is gone.
    """
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (size,) = HEAD.unpack(head)
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - written by the process that this one started


def to_message(programme: Programme) -> dict[str, Any]:
    """Return a programme as plain values: the other process knows no package."""
    return {entry.name: getattr(programme, entry.name) for entry in fields(programme)}


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Solve what comes until the input ends; a message while solving asks to end early."""
    inbox: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(source, inbox), daemon=True).start()
    while True:
        message = inbox.get()
        if message is None:
            continue
        began = time.process_time()
        answer = solve(
            Programme(**message),
            lambda kind, value: send(sink, (kind, value)),
            lambda: not inbox.empty(),
        )
        send(sink, ("done", answer | {"processor_s": time.process_time() - began}))


def _listen(source: BinaryIO, inbox: SimpleQueue[dict[str, Any] | None]) -> None:
    """Pass messages on; end the process, whatever it does, once nobody is left to answer."""
    try:
        while True:
            inbox.put(receive(source))
    except (EOFError, OSError):
        os._exit(0)


def serve_standard() -> None:
    """Serve on the standard streams, as a program that `worker` starts."""
    # Whatever a library prints goes nowhere: the stream carries messages alone.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    serve_standard()
