"""Cameras that stand as they are, as candidates that cost nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from civicsight.core.arrays import BoolArray, IndexArray, IntArray
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.model import FREE, Problem


def beside_standing(lawful: Lawful, *, may_turn: bool) -> tuple[Problem, IntArray]:
    """Return the problem with what stands as free candidates, and where each row is from.

    A row of a camera that stands as it is comes from nowhere (-1).
    """
    problem, standing = lawful.problem, lawful.places.standing
    kept = np.arange(problem.n_candidate)
    if not may_turn:
        kept = kept[standing | ~np.isin(problem.site, problem.site[standing])]
    rows = np.concatenate([kept, np.flatnonzero(standing)])
    lengths = np.diff(problem.indptr)[rows]
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        problem.indptr[:-1][rows] + lengths - ends, lengths
    )
    origin = np.concatenate([kept, np.full(int(standing.sum()), FREE)])
    with_free = replace(
        problem,
        indptr=np.append(0, ends).astype(np.int64),
        cells=problem.cells[places],
        cost=np.where(origin == FREE, 0.0, problem.cost[rows]),
        site=problem.site[rows],
    )
    return with_free, origin


def back(lawful: Lawful, origin: IntArray, chosen: BoolArray) -> BoolArray:
    """Return a choice among the rows of the problem that it is from."""
    own = np.zeros(lawful.problem.n_candidate, np.bool_)
    own[origin[chosen & (origin != FREE)]] = True
    return own


def label_of(labels: IndexArray, origin: IntArray) -> IndexArray:
    """Return labels of candidates by the rows that are from them."""
    return np.append(labels, np.int32(FREE))[origin].astype(np.int32)
