"""Linear programmes with some whole variables: stated as arrays, solved by HiGHS or step by step.

References
----------
Huangfu and Hall (2018), Parallelizing the dual revised simplex method, for HiGHS. Chambolle and
Pock (2011), A first-order primal-dual algorithm, with the step lengths of Pock and Chambolle (2011)
for programmes that are too large to factorise.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver import highs, worker
from civicsight.planning.solver.outcome import Limits

NODE_LIMIT: Final = 100_000
"""Greatest number of nodes of a search tree, if nobody says another."""

SIMPLEX_ENTRIES: Final = 20_000
"""A relaxed programme of more entries is solved by the interior point method."""

IMPOSSIBLE: Final = frozenset({"Infeasible", "Primal infeasible or unbounded"})
"""What the solver says when no values keep the rows."""

ROUND: Final = 200
"""Steps of the first-order method between two looks at its bound and at whether to stop."""


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
    prices
        Of the rows, shape ``(m,)``, at least 0: what one more unit of room is worth; empty where
        variables are whole.
    is_final, is_impossible
        Whether the search came to its end; whether no values keep the rows.
    """

    solution: FloatArray | None
    bound: float
    prices: FloatArray
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
    programme = _programme(linear, start, limits, node_limit)
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


def _programme(
    linear: Linear, start: FloatArray | None, limits: Limits, node_limit: int
) -> highs.Programme:
    """Return the same in the form of the solver, which makes a cost small."""
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
        method="ipm" if columns.nnz > SIMPLEX_ENTRIES else "simplex",
        start=np.empty(0) if start is None else start,
        tolerance=1e-7,
        gap=1e-9 * max(1.0, float(np.abs(linear.gain).max(initial=0.0))),
        seconds=max(limits.seconds, 0.0),
        node_limit=node_limit,
        fractional=int(np.argmax(np.append(linear.whole[::-1], True))),
    )


def _kept(linear: Linear, values: FloatArray | None) -> FloatArray | None:
    return values if values is not None and linear.is_kept_by(values) else None


def upper_bound(linear: Linear, prices: FloatArray) -> float:
    """Return what no values can beat, from any prices of the rows that are at least 0.

    By weak duality ``prices @ high + upper @ max(0, gain - matrix.T @ prices)``; prices below 0
    count as 0, so nothing that a solver returns can make the bound wrong. A margin covers rounding.
    """
    prices = np.maximum(prices, 0.0)
    left = np.maximum(linear.gain - linear.matrix.T @ prices, 0.0)
    bound = float(prices @ linear.high + linear.upper @ left)
    size = float(prices @ np.abs(linear.high) + linear.upper @ left)
    return bound + 1e-12 * size


def first_order_prices(
    linear: Linear, *, rounds: int = 15, limits: Limits | None = None
) -> FloatArray:
    """Find prices of the rows without factorising the matrix: for programmes of any size.

    Primal-dual hybrid gradient with the diagonal steps of Pock and Chambolle, restarted at its
    average whenever that proves a tighter bound, and with step lengths balanced as in PDLP
    (Applegate et al. 2021); returns the prices of the tightest bound.
    """
    limits, began = limits or Limits(), time.perf_counter()
    matrix, high, across = linear.matrix, linear.high, csr_array(linear.matrix.T)
    scale = float(np.abs(linear.gain).max(initial=1e-300))
    gain = linear.gain / scale
    step_row = 1.0 / np.maximum(abs(matrix).sum(axis=1), 1e-12)
    step_col = 1.0 / np.maximum(abs(matrix).sum(axis=0), 1e-12)
    values, prices = np.zeros(len(gain)), np.zeros(len(high))
    best, least, weight = prices, upper_bound(linear, prices), 1.0
    begin_values, begin_prices = values, prices
    for _ in range(rounds):
        mean_values, mean_prices = np.zeros_like(values), np.zeros_like(prices)
        for _ in range(ROUND):
            if limits.is_over(time.perf_counter() - began):
                return best * scale
            ascent = step_col / weight * (gain - across @ prices)
            moved = np.clip(values + ascent, 0.0, linear.upper)
            excess = matrix @ (2.0 * moved - values) - high
            prices = np.maximum(prices + weight * step_row * excess, 0.0)
            values = moved
            mean_values += values / ROUND
            mean_prices += prices / ROUND
        ends = [(upper_bound(linear, y * scale), y) for y in (mean_prices, prices)]
        bound, tightest = min(ends, key=lambda end: end[0])
        if bound < least:
            best, least = tightest, bound
        if tightest is mean_prices:
            values, prices = mean_values, mean_prices
        along = float(np.linalg.norm((values - begin_values) / np.sqrt(step_col)))
        across_rows = float(np.linalg.norm((prices - begin_prices) / np.sqrt(step_row)))
        if min(along, across_rows) > 1e-12:
            weight = float(np.sqrt(weight * across_rows / along))
        begin_values, begin_prices = values, prices
    return best * scale
