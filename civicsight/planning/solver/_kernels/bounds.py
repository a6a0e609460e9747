"""Bounds: reduced costs rounded down, and the two half steps of a primal-dual method.

Every element of a result depends on what it reads alone, so that any split of a range over threads
gives the same bits.
"""

from __future__ import annotations

from civicsight.core.arrays import FloatArray, IndexArray, IntArray
from civicsight.coverage._kernels.compile import kernel

HALF_ULP = 2.0**-53
"""Unit roundoff of double precision."""


@kernel
def reduce_costs(
    indptr: IntArray, cells: IndexArray, cost: FloatArray, dual: FloatArray, out: FloatArray
) -> None:
    """Fill `out` with the cost of each candidate less the duals it collects, rounded down.

    A sum of n terms of one sign is off by at most ``n u`` of itself (Higham 2002, 4.2); twice that
    also pays for the subtraction and for the margin's own rounding.
    """
    for j in range(len(cost)):
        first, last = indptr[j], indptr[j + 1]
        paid = 0.0
        for t in range(first, last):
            paid += dual[cells[t]]
        out[j] = (cost[j] - paid) - 2.0 * HALF_ULP * (last - first + 2) * (cost[j] + paid)


@kernel
def share_costs(indptr: IntArray, cells: IndexArray, cost: FloatArray, out: FloatArray) -> None:
    """Lower `out` to the least share of a cost that any candidate bears for each requirement."""
    for j in range(len(cost)):
        first, last = indptr[j], indptr[j + 1]
        for t in range(first, last):
            out[cells[t]] = min(out[cells[t]], cost[j] / (last - first))


@kernel
def move_primal(
    first: int,
    last: int,
    indptr: IntArray,
    index: IndexArray,
    value: FloatArray,
    stride: int,
    cost: FloatArray,
    dual: FloatArray,
    step: FloatArray,
    upper: FloatArray,
    x: FloatArray,
    ahead: FloatArray,
    mean: FloatArray,
    share: float,
) -> None:
    """Step variables ``first:last`` down their reduced cost, from 0 to `upper`.

    The value of entry t of their columns is ``value[t * stride]``: all are alike with a stride of
    0. `ahead` is the step taken once more, `mean` moves towards `x` by `share`.
    """
    for j in range(first, last):
        slope = cost[j]
        for t in range(indptr[j], indptr[j + 1]):
            slope -= value[t * stride] * dual[index[t]]
        moved = min(upper[j], max(0.0, x[j] - step[j] * slope))
        ahead[j] = 2.0 * moved - x[j]
        x[j] = moved
        mean[j] += share * (moved - mean[j])


@kernel
def move_dual(
    first: int,
    last: int,
    indptr: IntArray,
    index: IndexArray,
    value: FloatArray,
    stride: int,
    low: FloatArray,
    ahead: FloatArray,
    step: FloatArray,
    dual: FloatArray,
    mean: FloatArray,
    share: float,
) -> None:
    """Step the duals of rows ``first:last`` up by what is short, not below 0."""
    for r in range(first, last):
        short = low[r]
        for t in range(indptr[r], indptr[r + 1]):
            short -= value[t * stride] * ahead[index[t]]
        moved = max(0.0, dual[r] + step[r] * short)
        dual[r] = moved
        mean[r] += share * (moved - mean[r])


@kernel
def subtract(
    indptr: IntArray,
    index: IndexArray,
    value: FloatArray,
    stride: int,
    whole: FloatArray,
    factor: FloatArray,
    out: FloatArray,
) -> None:
    """Fill `out` with what is left of `whole` beside the matrix times `factor`."""
    for r in range(len(whole)):
        left = whole[r]
        for t in range(indptr[r], indptr[r + 1]):
            left -= value[t * stride] * factor[index[t]]
        out[r] = left
