"""How well gates are found in a city that nothing was learned from: each city left out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.entrances.otherwise import Gates
from benchmarks.entrances.sets import Labelled
from benchmarks.entrances.training import Examples, learn
from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.entrances.features import HIT_M, Candidates
from civicsight.coverage.entrances.likely import FURTHER_CHANCE, choose

DRAWS: Final = 1000
SEED: Final = 19
APART_M: Final = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Gates of some buildings held against their mapped doors, counted by building.

    Parameters
    ----------
    counts
        Gates, those of them that are right, doors, those of them that are found; shape ``(n, 4)``.
    error_m
        From the best gate of each building to the nearest door; NaN where none is found.
    main_first
        Of the buildings with a main door, whether the best gate is at one.
    """

    counts: IntArray
    error_m: FloatArray
    main_first: BoolArray


class Measure(NamedTuple):
    """A measure with the interval that holds 95 of 100 sets of buildings drawn anew."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Say it in two digits."""
        return f"{self.value:.2f} ({self.low:.2f}-{self.high:.2f})"


def judge(one: Labelled, gates: Gates) -> Judged:
    """Hold gates, the best of each building first, against the doors of a map."""
    site, xy = gates
    count = len(one.ids)
    hit = _gap(site, xy, one.door_of, one.doors)
    found = _gap(one.door_of, one.doors, site, xy) <= HIT_M
    right = hit <= HIT_M
    counts = np.column_stack(
        [
            np.bincount(site, minlength=count),
            np.bincount(site[right], minlength=count),
            np.bincount(one.door_of, minlength=count),
            np.bincount(one.door_of[found], minlength=count),
        ]
    )
    known, first = np.unique(site, return_index=True)
    error = np.full(count, np.nan)
    error[known] = hit[first]
    main = _gap(site[first], xy[first], one.door_of[one.is_main], one.doors[one.is_main])
    has_main = np.isin(known, one.door_of[one.is_main])
    return Judged(counts, error, main[has_main] <= HIT_M)


def _gap(site: IntArray, xy: FloatArray, other: IntArray, there: FloatArray) -> FloatArray:
    """Return how far the nearest of the others of the same building is."""
    if not len(other) or not len(site):
        return np.full(len(site), np.inf)
    tree = cKDTree(np.column_stack([there, other * APART_M]))
    gap: FloatArray = tree.query(np.column_stack([xy, site * APART_M]))[0]
    return gap


def pooled(each: Sequence[Judged]) -> Judged:
    """Return the buildings of several maps as those of one."""
    return Judged(
        np.concatenate([one.counts for one in each]),
        np.concatenate([one.error_m for one in each]),
        np.concatenate([one.main_first for one in each]),
    )


def precision_recall(judged: Judged) -> tuple[Measure, Measure]:
    """Return the share of gates that are right, and of doors that are found, with intervals.

    Buildings are drawn anew with replacement, not gates: those of one building hang together.
    """
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(0, len(judged.counts), (DRAWS, len(judged.counts)))
    sums = judged.counts[drawn].sum(axis=1)
    total = judged.counts.sum(axis=0)
    return tuple(  # type: ignore[return-value]
        Measure(
            float(total[top] / max(total[below], 1)),
            *np.quantile(sums[:, top] / np.maximum(sums[:, below], 1), (0.025, 0.975)).tolist(),
        )
        for top, below in ((1, 0), (3, 2))
    )


def left_out(
    sets: Sequence[Labelled],
    examples: Examples,
    without: Sequence[str] = (),
    further: Sequence[FloatArray] = (),
) -> list[FloatArray]:
    """Return the chance of each candidate, learned from the maps of the other cities.

    Parameters
    ----------
    sets, examples
        The labelled maps, and their candidates with what is right.
    without, further
        Measures that are not looked at, and those beside all others, see `learn`.
    """
    chances = []
    for number, one in enumerate(sets):
        pairs = zip(sets, examples, strict=True)
        others = [example for other, example in pairs if other.city != one.city]
        scores = learn(others, without=without, further=further)
        chances.append(scores.probability(examples[number][0].measured))
    return chances


def gates_of(found: Candidates, chance: FloatArray, further: float = FURTHER_CHANCE) -> Gates:
    """Return the gates that are chosen among candidates."""
    rows = choose(found, chance, further)
    return found.site[rows], found.xy[rows]


def calibration(chance: FloatArray, right: BoolArray) -> tuple[float, FloatArray]:
    """Return the mean gap between what is said and what is, and both by tenths of the chance.

    Columns: chance said on average, share that is right, count.
    """
    tenth = np.minimum((chance * 10.0).astype(np.int64), 9)
    count = np.bincount(tenth, minlength=10)
    some = np.maximum(count, 1)
    said = np.bincount(tenth, chance, 10) / some
    true = np.bincount(tenth, right.astype(np.float64), 10) / some
    rows = np.column_stack([said, true, count])
    return float((np.abs(said - true) * count).sum() / count.sum()), rows[count > 0]
