"""Linear programmes with some whole variables: stated as arrays, solved by HiGHS or step by step.

References
----------
Huangfu and Hall (2018), Parallelizing the dual revised simplex method, for HiGHS; `first_order` for
programmes that are too large to factorise.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver import highs, worker
from civicsight.planning.solver.first_order import Entries, Relaxed
from civicsight.planning.solver.outcome import Limits

NODE_LIMIT: Final = 100_000
"""Greatest number of nodes of a search tree, if nobody says another."""

SIMPLEX_ENTRIES: Final = 20_000
"""A relaxed programme of more entries is solved by the interior point method."""

IMPOSSIBLE: Final = frozenset({"Infeasible", "Primal infeasible or unbounded"})
"""What the solver says when no values keep the rows."""

FACTOR_ENTRIES: Final = 1_000_000
"""The relaxed programme of more entries is bounded step by step, not factorised."""

EARLY_STEPS: Final = 400
"""Steps of it before the solver is asked, where time is limited: a second or two."""

STEPS: Final = 3_000
"""Steps of the first-order method, if time lasts."""


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Maximise ``gain @ v`` so that ``matrix @ v <= high`` and ``0 <= v <= upper``.

    Parameters
    ----------
    gain, upper, whole
        Of each variable, shape ``(n,)``: what a unit is worth, its greatest value, and whether it
        is a whole number; before the last of those all are taken as whole.
    matrix, high
        Shapes ``(m, n)`` and ``(m,)``.
    """

    gain: FloatArray
    upper: FloatArray
    whole: BoolArray
    matrix: csr_array
    high: FloatArray

    def is_kept_by(self, values: FloatArray, tolerance: float = 1e-6) -> bool:
        """Tell whether values keep every row and every range."""
        room = tolerance * np.maximum(1.0, np.abs(self.high))
        ranged = (values >= -tolerance) & (values <= self.upper + tolerance)
        return bool(ranged.all() and (self.matrix @ values <= self.high + room).all())


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the solver says.

    Parameters
    ----------
    solution
        Values of the variables, shape ``(n,)``; None if nothing was found.
    bound
        What no values can beat, by the solver's word.
    duals
        Of the rows, shape ``(m,)``, at least 0: what one more unit of room is worth; empty where
        variables are whole.
    is_final, is_impossible
        Whether the search came to its end; whether no values keep the rows.
    """

    solution: FloatArray | None
    bound: float
    duals: FloatArray
    is_final: bool
    is_impossible: bool


def solve(
    linear: Linear,
    *,
    start: FloatArray | None = None,
    limits: Limits | None = None,
    node_limit: int = NODE_LIMIT,
) -> Answer:
    """Solve it on one thread, so that the same input gives the same answer.

    Parameters
    ----------
    linear
        What to solve; relaxed where no variable is whole.
    start
        Values to start from.
    limits
        When to end; only its time and its stop are heard.
    node_limit
        Greatest number of nodes of the search tree.
    """
    limits, began = limits or Limits(), time.perf_counter()
    answer = _ask(linear, start, limits, node_limit, began)
    if start is None or not answer.is_final or answer.solution is None:
        return answer
    value = float(linear.gain @ answer.solution)
    if answer.bound <= value + 1e-6 * max(1.0, abs(value)):
        return answer
    # HiGHS 1.16 may hand the start back as the best though it has proved no such thing.
    again = _ask(linear, None, limits, node_limit, began)
    return again if again.is_final else answer


def _ask(
    linear: Linear, start: FloatArray | None, limits: Limits, node_limit: int, began: float
) -> Answer:
    """Ask the solver once."""
    programme = programme_of(linear, start=start, limits=limits, node_limit=node_limit)
    found: dict[str, Any] = {"solution": None, "bound": -np.inf}
    answer = worker.ask(programme, found.__setitem__, limits, began)
    is_whole = bool(linear.whole.any())
    if answer is None:
        return Answer(
            _kept(linear, found["solution"]),
            -found["bound"],
            np.empty(0),
            is_final=False,
            is_impossible=False,
        )
    dual = answer["dual"]
    return Answer(
        _kept(linear, answer["values"]),
        -answer["bound"] if is_whole else np.inf,
        np.abs(dual) if dual is not None and not is_whole else np.empty(0),
        answer["status"] == "Optimal",
        answer["status"] in IMPOSSIBLE,
    )


def programme_of(
    linear: Linear,
    *,
    start: FloatArray | None = None,
    limits: Limits | None = None,
    node_limit: int = NODE_LIMIT,
    method: str | None = None,
) -> highs.Programme:
    """Return the same in the form of the solver, which makes a cost small; arguments as `solve`."""
    limits = limits or Limits()
    columns = csc_array(linear.matrix)
    columns.sort_indices()
    return highs.Programme(
        cost=-linear.gain,
        upper=linear.upper,
        indptr=columns.indptr.astype(np.int32),
        index=columns.indices.astype(np.int32),
        value=columns.data.astype(np.float64),
        low=np.full(len(linear.high), -np.inf),
        high=linear.high,
        whole=bool(linear.whole.any()),
        method=method or ("ipm" if columns.nnz > SIMPLEX_ENTRIES else "simplex"),
        start=np.empty(0) if start is None else start,
        tolerance=1e-7,
        gap=1e-9 * max(1.0, float(np.abs(linear.gain).max(initial=0.0))),
        seconds=max(limits.seconds, 0.0),
        node_limit=node_limit,
        fractional=int(np.argmax(np.append(linear.whole[::-1], True))),
    )


def _kept(linear: Linear, values: FloatArray | None) -> FloatArray | None:
    return values if values is not None and linear.is_kept_by(values) else None


def upper_bound(linear: Linear, duals: FloatArray) -> float:
    """Return what no values can beat, from any duals of the rows that are at least 0.

    By weak duality ``duals @ high + upper @ max(0, gain - matrix.T @ duals)``; duals below 0
    count as 0, so nothing that a solver returns can make the bound wrong. A margin covers rounding.
    """
    duals = np.maximum(duals, 0.0)
    left = np.maximum(linear.gain - linear.matrix.T @ duals, 0.0)
    bound = float(duals @ linear.high + linear.upper @ left)
    size = float(duals @ np.abs(linear.high) + linear.upper @ left)
    return bound + 1e-12 * size


def reprice(linear: Linear, duals: FloatArray, row: int | None) -> FloatArray:
    """Return duals with the best price of one row, all others as they are.

    What is left is a fractional knapsack (Dantzig 1957): variables in the order of what they bring
    for a unit of the row, until its room is full; the last one sets the price. A row of money has
    one such price for all it buys, which first-order steps find last.

    Parameters
    ----------
    row
        A row without coefficients below 0; None leaves the duals as they are.
    """
    if row is None:
        return duals
    duals = np.maximum(duals, 0.0)
    first, last = linear.matrix.indptr[row : row + 2]
    j, size = linear.matrix.indices[first:last], linear.matrix.data[first:last]
    other = duals.copy()
    other[row] = 0.0
    left = (linear.gain - linear.matrix.T @ other)[j]
    paid = size > 0.0
    left, size, upper = left[paid], size[paid], linear.upper[j[paid]]
    rate = np.maximum(left / size, 0.0)
    order = np.argsort(-rate, kind="stable")
    spent = np.cumsum((size * upper)[order])
    over = np.flatnonzero(spent > linear.high[row])
    other[row] = rate[order][over[0]] if len(over) else 0.0
    return other


def relax(linear: Linear, *, limits: Limits | None = None, money: int | None = None) -> Answer:
    """Bound a programme by its relaxation: what no values can beat, and the duals that prove it.

    Up to `FACTOR_ENTRIES` entries the solver finds them; beyond, or where it has none by the end of
    its time, the first-order method, with the best price of the row `money`. Where time is limited
    and the solver may not end, some first-order steps come before it; it is not asked where they
    took half of the time.
    """
    limits, began = limits or Limits(), time.perf_counter()
    none, duals = np.zeros(len(linear.high)), np.empty(0)

    def left(share: float) -> Limits:
        rest = max(limits.seconds - (time.perf_counter() - began), 0.0)
        return replace(limits, seconds=share * rest)

    early, entries, is_late = none, linear.matrix.nnz, False
    if SIMPLEX_ENTRIES < entries <= FACTOR_ENTRIES and np.isfinite(limits.seconds):
        early = first_order_duals(linear, steps=EARLY_STEPS, limits=left(1.0), money=money)
        is_late = left(1.0).seconds < 0.5 * limits.seconds
    if entries <= FACTOR_ENTRIES and not is_late:
        relaxed = replace(linear, whole=np.zeros_like(linear.whole))
        answer = solve(relaxed, limits=left(0.75))
        if answer.is_impossible:
            return answer
        duals = answer.duals
    if not len(duals):
        duals = first_order_duals(linear, limits=left(1.0), money=money, start=early)
    duals = min(duals, early, none, key=lambda each: upper_bound(linear, each))
    return Answer(None, upper_bound(linear, duals), duals, is_final=False, is_impossible=False)


def first_order_duals(
    linear: Linear,
    *,
    steps: int = STEPS,
    limits: Limits | None = None,
    money: int | None = None,
    start: FloatArray | None = None,
) -> FloatArray:
    """Find duals of the rows without factorising the matrix; those of the tightest bound."""
    limits, began = limits or Limits(), time.perf_counter()
    best = np.zeros(len(linear.high)) if start is None else start
    least = upper_bound(linear, best)

    def is_over() -> bool:
        return limits.is_over(time.perf_counter() - began)

    for found in _relaxed(linear).duals(best, steps, is_over=is_over):
        duals = reprice(linear, found, money)
        bound = upper_bound(linear, duals)
        if bound < least:
            best, least = duals, bound
    return best


def _relaxed(linear: Linear) -> Relaxed:
    """Return the same as least cost, rows and costs of like size."""
    matrix = csr_array(linear.matrix)
    row = np.repeat(np.arange(len(linear.high)), np.diff(matrix.indptr))
    heights = np.zeros(len(linear.high))
    np.maximum.at(heights, row, np.abs(matrix.data))
    heights[heights == 0.0] = 1.0
    even = csr_array((-matrix.data / heights[row], matrix.indices, matrix.indptr), matrix.shape)
    scale = float(np.abs(linear.gain).max(initial=0.0)) or 1.0
    return Relaxed(
        _entries(even),
        _entries(csr_array(even.T)),
        csr_array(matrix.shape),
        -linear.gain / scale,
        linear.upper,
        -linear.high / heights,
        scale,
        heights,
    )


def _entries(matrix: csr_array) -> Entries:
    return Entries(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data)
