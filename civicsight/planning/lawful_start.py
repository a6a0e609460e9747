"""Where the search for what a budget buys begins: what stands for nothing, places given up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from civicsight.core.arrays import BoolArray, IndexArray, IntArray
from civicsight.planning.solver.covering import cover_of, drop_redundant
from civicsight.planning.solver.lawful_model import Lawful, Places
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


def shed(
    problem: Problem, places: Places, chosen: BoolArray, total_yuan: float
) -> BoolArray | None:
    """Give up the places that save most money, one after the other, until the money suffices.

    Parameters
    ----------
    problem, places
        The problem with what stands as free candidates, and which group is of which place.
    chosen, total_yuan
        A choice that meets all, and the money there is.

    Returns
    -------
    numpy.ndarray or None
        What is left of the choice; None where the money does not suffice for anything.
    """
    label = places.place[problem.group]
    row = np.repeat(np.arange(problem.n_candidate), np.diff(problem.indptr))
    while problem.price(chosen) > total_yuan:
        covered, need = problem.covered(chosen)[problem.cells], problem.need[problem.cells]
        needed = chosen[row] & (covered <= need) & (need > 0)
        pairs = np.unique(np.stack([row[needed], label[problem.cells[needed]]]), axis=1)
        alone = np.bincount(pairs[0], minlength=problem.n_candidate) == 1
        own = pairs[:, alone[pairs[0]]]
        saved = np.bincount(own[1] + 1, problem.cost[own[0]], minlength=2)
        if not (saved > 0).any():
            return None
        worst = int(np.argmax(saved)) - 1
        problem = replace(problem, need=np.where(label == worst, 0, problem.need).astype(np.int32))
        chosen = drop_redundant(problem, cover_of(problem, transposed=False), chosen)
    return chosen
