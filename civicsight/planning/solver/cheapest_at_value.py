"""No more money than it takes: the cheapest choice that reaches what a budget was found to buy.

A plan within a budget is lexicographic: first the most that can be met, then the least cost of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, vstack

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model import FREE, TOLERANCE, Problem


def same_met(problem: Problem, met: BoolArray) -> Problem:
    """Return the problem of meeting what is met, whatever else."""
    return replace(
        problem,
        need=np.where(met, problem.need, 0).astype(np.int32),
        group=np.full(problem.n_requirement, FREE, np.int32),
        slack=np.zeros(0),
    )


def keeping(linear: Linear, value: float, cost: FloatArray) -> Linear:
    """Return the programme of least cost among all that reach a value in another.

    Parameters
    ----------
    linear, value
        The other programme, and what it has to reach.
    cost
        Of a unit of each variable.
    """
    least = value - TOLERANCE * max(1.0, abs(value))
    matrix = csr_array(vstack([linear.matrix, csr_array(-linear.gain[None])], format="csr"))
    return replace(linear, gain=-cost, matrix=matrix, high=np.append(linear.high, -least))
