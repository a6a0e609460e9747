"""A plan that none of those known beats, as a model: cost, places, private wall, worst failure.

References
----------
All unbeaten plans one after the other: Sylva and Crema (2004), A method for finding the set of
non-dominated vectors for multiple objective integer linear programs. What fails with a camera are
the samples that it sees and that have none to spare.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import csr_array, hstack

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.planning.solver.lawful_model import Lawful, Programme, programme_of
from civicsight.planning.solver.linear import Linear
from civicsight.planning.solver.model_builder import Rows, Variables, diagonal

FINEST: Final = (1.0, 1e-3, 0.1, 0.1)
"""Differences that count: yuan, weight of places, square metres of wall, metres lost."""

GOALS: Final = len(FINEST)
"""How many things are weighed."""

NEAR: Final = 1e-6
"""Two sums that differ by less are the same."""


def measured(lawful: Lawful, chosen: BoolArray) -> FloatArray:
    """Return what a choice costs, makes lawful (as a loss), shows of private wall, can lose.

    Returns
    -------
    numpy.ndarray
        Yuan, weight of places below 0, m², and metres that the worst failure of one camera takes,
        shape ``(4,)``; of each less is better.
    """
    found = lawful.count(chosen).of_aim
    lost = losses(lawful, chosen).max(initial=0.0)
    return np.array(
        [lawful.problem.price(chosen), -found["places"], -found["exposure"], float(lost)]
    )


def losses(lawful: Lawful, chosen: BoolArray) -> FloatArray:
    """Return the metres that are no longer met when each camera fails, shape ``(n_candidate,)``."""
    problem, seen = lawful.problem, lawful.seen(chosen)
    bare = (problem.covered(seen) == problem.need) & (problem.need > 0)
    lost: FloatArray = problem.matrix @ np.where(bare, problem.weight, 0.0)
    return np.where(seen, lost, 0.0)


def unbeaten(points: FloatArray) -> BoolArray:
    """Tell which points no other beats, the first of equals, shape ``(n_point,)``."""
    less = points[:, None, :] < points[None, :, :] - NEAR
    beaten = less.any(axis=2) & ~less.any(axis=2).T
    same = ~less.any(axis=2) & ~less.any(axis=2).T
    earlier = np.triu(same, 1).any(axis=0)
    return np.asarray(~beaten.any(axis=0) & ~earlier, np.bool_)


def another(lawful: Lawful, known: FloatArray) -> Linear:
    """State the model of a plan that none of some points beats or equals.

    Parameters
    ----------
    known
        Points as of `measured`, shape ``(n_point, 4)``.

    Returns
    -------
    Linear
        Its best values are of a plan that no plan beats; the first variables are candidates. It
        has no values where `known` holds every such point, differences below `FINEST` apart.
    """
    programme = programme_of(lawful)
    n, rows = len(programme.linear.gain), len(programme.merged.first)
    variables = Variables(
        {
            "before": n,
            "spare": rows,
            "enough": rows,
            "wins": GOALS * len(known),
            "bare": rows,
            "worst": 1,
        }
    )
    failing, top = _failing(lawful, programme)
    # What each variable adds to cost, places as a loss, wall and loss, by rows.
    spread, wall = programme.variables.spread, lawful.exposure
    of_kind = np.append(lawful.places.weights, 0.0)[lawful.places.kinds]
    goals = np.stack(
        [
            variables.spread(before=spread(take=lawful.problem.cost)),
            variables.spread(before=-spread(place=of_kind)),
            variables.spread(before=spread(take=wall, stand=wall[lawful.places.standing])),
            variables.spread(worst=top),
        ]
    )
    sizes = np.maximum(np.abs(goals).sum(axis=1), 1.0)
    return variables.model(
        [
            ({"before": programme.linear.matrix}, programme.linear.high),
            *failing,
            *_beyond(goals, known, variables),
        ],
        gain=-(goals / sizes[:, None]).sum(axis=0),
        whole={"before": True, "spare": True, "enough": True, "wins": True},
    )


def _failing(lawful: Lawful, programme: Programme) -> tuple[list[Rows], float]:
    """Return rows of what falls with each camera, and the most that any camera carries.

    A row is bare where it is seen often enough and not once more; what a camera that is there
    carries of such rows is at most the worst loss.
    """
    problem, merged, widths = lawful.problem, programme.merged, programme.variables.widths
    rows, n = len(merged.first), len(programme.linear.gain)
    n_seeing = widths["take"] + widths["stand"]
    need, one = problem.need[merged.first], diagonal(np.ones(rows))
    sees = csr_array(-programme.linear.matrix[:rows, :n_seeing])
    seen = csr_array(hstack([sees, csr_array((rows, n - n_seeing))]))
    room = np.maximum(sees.sum(axis=1) - need + 1.0, 1.0)
    carried = csr_array(sees.T * merged.total(problem.worth))
    heaviest = np.asarray(carried.sum(axis=1), np.float64)
    there = csr_array(hstack([diagonal(heaviest), csr_array((n_seeing, n - n_seeing))]))
    top = float(heaviest.max(initial=0.0))
    return [
        ({"before": -seen, "spare": diagonal(need + 1.0)}, np.zeros(rows)),
        ({"before": seen, "enough": -diagonal(room)}, need - 1.0),
        ({"enough": one, "spare": -one, "bare": -one}, np.zeros(rows)),
        ({"bare": carried, "before": there, "worst": np.full((n_seeing, 1), -top)}, heaviest),
    ], top


def _beyond(goals: FloatArray, known: FloatArray, variables: Variables) -> list[Rows]:
    """Return rows that ask for something better than each known point."""
    if not len(known):
        return []
    ends = np.cumsum([0, *variables.widths.values()])
    kinds = dict(zip(variables.widths, range(len(variables.widths)), strict=True))
    most = np.maximum(goals, 0.0).sum(axis=1)
    which = np.tile(np.arange(len(goals)), len(known))
    room = np.tile(most, len(known))
    reached = known.ravel() - np.tile(FINEST, len(known))
    blocks = {
        kind: csr_array(goals[which][:, ends[at] : ends[at + 1]])
        for kind, at in kinds.items()
        if kind in ("before", "worst")
    }
    one_of = np.repeat(np.eye(len(known)), len(goals), axis=1)
    return [
        ({**blocks, "wins": diagonal(room - reached)}, room),
        ({"wins": csr_array(-one_of)}, np.full(len(known), -1.0)),
    ]
