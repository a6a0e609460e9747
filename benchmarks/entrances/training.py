"""Learning the score table: a logistic regression on intervals, held back by a penalty."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from benchmarks.entrances.sets import SETS, Labelled
from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.coverage.entrances import scores as table
from civicsight.coverage.entrances.features import FEATURES, Candidates
from civicsight.coverage.entrances.scores import Scores, bins_of

WRITTEN: Final = Path(table.__file__).with_name(table.FILE)

PENALTY: Final = 10.0
"""Weight of the squared points; chosen among 3, 10 and 30 by the left-out cities, Helsinki's
thirty places not among them."""

TRACE_EDGES: Final = (3.0, 8.0, 15.0, 30.0, 99.9)
"""The last interval says that the place has no such trace."""

EDGES: Final[dict[str, tuple[float, ...]]] = {
    "way_m": (2, 5, 10, 20),
    "beyond_way_m": (2, 6, 12, 25),
    "street_m": (5, 10, 20, 40),
    "beyond_street_m": (2, 6, 12, 25),
    "road_class": (0.35, 0.55, 0.65, 0.75, 0.85),
    "open_ahead_m": (3, 8, 20),
    "to_corner_m": (2, 5, 10, 20),
    "wall_m": (5, 10, 20, 40),
    "chance": (0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.8),
    "rivals": (2, 4, 7, 12, 20, 35),
}
"""Where intervals end; for a trace, `TRACE_EDGES`."""

Examples = list[tuple[Candidates, BoolArray]]
"""Candidates of one map, and which of them are right."""


def edges() -> tuple[FloatArray, ...]:
    """Return where the intervals of each measure end, in the order of `FEATURES`."""
    return tuple(np.array(EDGES.get(name, TRACE_EDGES), np.float64) for name in FEATURES)


def learn(
    examples: Examples, *, without: Sequence[str] = (), further: Sequence[FloatArray] = ()
) -> Scores:
    """Learn a table from the candidates of some maps.

    Parameters
    ----------
    examples
        Candidates of each map, and which of them are right. A building counts by the root of its
        candidates: neither as one voice whatever its size, nor as many as it has walls.
    without
        Measures that are not looked at.
    further
        Where the intervals of measures end that stand behind those of the package.
    """
    ends = (*edges(), *further)
    spread = [np.cumsum([1, *(len(one) + 1 for one in ends)])][0]
    matrix = np.concatenate([_columns(found.measured, ends, spread) for found, _ in examples])
    right = np.concatenate([right for _, right in examples]).astype(np.float64)
    weight = np.concatenate([np.bincount(one.site)[one.site] ** -0.5 for one, _ in examples])
    weight *= len(weight) / weight.sum()
    held = np.concatenate([[0.0], np.full(spread[-1] - 1, PENALTY)])
    blind = np.zeros(spread[-1], bool)
    for column, name in enumerate(FEATURES):
        blind[spread[column] : spread[column + 1]] = name in without
    matrix[:, blind] = 0.0

    def loss(points: FloatArray) -> tuple[float, FloatArray]:
        odds = matrix @ points
        wrong = weight * (expit(odds) - right)
        value = float((weight * (np.logaddexp(0.0, odds) - right * odds)).sum())
        slope = matrix.T @ wrong + held * points
        return value + float((held * points**2).sum()) / 2.0, slope

    points = minimize(loss, np.zeros(spread[-1]), jac=True, method="L-BFGS-B").x
    each = tuple(points[spread[at] : spread[at + 1]] for at in range(len(ends)))
    return Scores(float(points[0]), ends, each, {}, {})


def _columns(values: FloatArray, ends: tuple[FloatArray, ...], spread: FloatArray) -> FloatArray:
    """Return a one for the start and for the interval of each measure; shape ``(n, points)``."""
    matrix = np.zeros((len(values), int(spread[-1])))
    matrix[:, 0] = 1.0
    rows = np.arange(len(values))[:, None]
    matrix[rows, bins_of(values, ends) + spread[:-1].astype(np.int64)] = 1.0
    return matrix


def examples_of(sets: Sequence[Labelled]) -> Examples:
    """Return the candidates of each map, and which of them are right."""
    found = [one.candidates() for one in sets]
    return [(found_, one.right(found_)) for found_, one in zip(found, sets, strict=True)]


def write(scores: Scores, sets: Sequence[Labelled], digest: str, examples: Examples) -> None:
    """Write a table into the package, with what it was learned from."""
    recipe: dict[str, Any] = {
        "command": "python -m benchmarks.entrances --write",
        "method": "logistic regression on intervals, quadratic penalty, L-BFGS-B from zero",
        "penalty": PENALTY,
        "seed": "none: nothing is drawn",
        "sets": {name: [Path(file).name for file in files] for name, files in SETS.items()},
        "sha256_of_sets": digest,
        "licence": "learned from OpenStreetMap data, ODbL 1.0, © OpenStreetMap contributors",
        "buildings": sum(len(one.ids) for one in sets),
        "doors": sum(len(one.doors) for one in sets),
        "candidates": sum(len(right) for _, right in examples),
    }
    measures = {
        name: {
            "edges": scores.edges[column].tolist(),
            "points": [round(float(value), 3) for value in scores.points[column]],
        }
        for column, name in enumerate(FEATURES)
    }
    written = {
        "recipe": recipe,
        "start": round(scores.start, 3),
        "measures": measures,
        "steps": {name: round(share, 3) for name, share in scores.steps.items()},
    }
    text = json.dumps(written, indent=1, ensure_ascii=False)
    text = re.sub(r"\[[-\d.,\s]+\]", lambda row: " ".join(row[0].split()), text)  # a row, a line
    WRITTEN.write_text(text + "\n", "utf-8")
