"""The score table: how much each measure speaks for a gate, learned from doors on public maps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
from scipy.special import expit

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage.entrances.features import FEATURES

FILE: Final = "scores.json"


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Points for each measure, by the interval that it lies in.

    Parameters
    ----------
    start
        Log-odds of a gate before anything is measured.
    edges
        Where the intervals of each measure end, in the order of `FEATURES`; the last has no end.
    points
        What each interval adds to the log-odds.
    steps
        Of gates that are found otherwise, the share that is right, by the step that found them.
    recipe
        How all of it was learned: sets, counts, penalty, digest.
    """

    start: float
    edges: tuple[FloatArray, ...]
    points: tuple[FloatArray, ...]
    steps: dict[str, float]
    recipe: dict[str, Any]

    def probability(self, values: FloatArray) -> FloatArray:
        """Return the chance that a gate is within `HIT_M` of each candidate.

        Parameters
        ----------
        values
            What is measured of each, in the order of `FEATURES`; shape ``(n, len(FEATURES))``.
        """
        bins = bins_of(values, self.edges)
        total = np.full(len(values), self.start)
        for column, points in enumerate(self.points):
            total += points[bins[:, column]]
        return np.asarray(expit(total), np.float64)


def bins_of(values: FloatArray, edges: tuple[FloatArray, ...]) -> IntArray:
    """Return the interval that each measure lies in, shape as `values`; an edge opens the next."""
    return np.column_stack(
        [np.digitize(values[:, column], ends) for column, ends in enumerate(edges)]
    )


def scores_from(written: dict[str, Any]) -> Scores:
    """Return a table as it is written: the measures by name, each with its edges and points."""
    measures = written["measures"]
    return Scores(
        float(written["start"]),
        tuple(np.array(measures[name]["edges"], np.float64) for name in FEATURES),
        tuple(np.array(measures[name]["points"], np.float64) for name in FEATURES),
        {name: float(share) for name, share in written["steps"].items()},
        written["recipe"],
    )


@cache
def load_scores() -> Scores:
    """Return the table that comes with the package."""
    text = (resources.files(__package__) / FILE).read_text(encoding="utf-8")
    return scores_from(json.loads(text))
