"""What cameras carry of the required coverage, and what is lost when some of them fail.

For a part ``p`` of required share ``f_p`` of which a set of cameras meets ``met_p`` [0-1], the
required coverage is the sum over parts of ``min(met_p / f_p, 1)``: each part counts once, and what
goes beyond the law counts nothing.

References
----------
Article 8. Two failures together differ from the sum of each alone only in parts that both serve,
so all pairs are exact at the cost of those that meet. For more, the worst set is a hard problem: a
greedy search from the worst pair gives one that is at least so bad, a sample the average.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, nth_of
from civicsight.coverage.findings.camera_set import (
    CameraSet,
    count_watchers,
    take_away,
    weigh_by_part,
)

MOST_KEPT: Final = 4_000_000
"""Of more pairs than that no quantiles are given, only mean and worst."""

PAIR: Final = (0, 1)
ROUNDING: Final = 1e-9


def load_of(camera_set: CameraSet, fraction: FloatArray) -> Load:
    """Return who carries what.

    Parameters
    ----------
    camera_set, fraction
        Cameras and what they meet; required share of each part [0-1], shape ``(n_part,)``.
    """
    every = np.ones(len(camera_set.planned), bool)
    cover = count_watchers(camera_set, every)
    met = weigh_by_part(camera_set, cover >= camera_set.k, len(fraction))
    needed = fraction * weigh_by_part(camera_set, slice(None), len(fraction))
    return Load(camera_set, every, cover, met, needed)


def any_one(load: Load) -> Failures:
    """Let each camera fail alone."""
    lost = single_losses(load)
    return Failures(lost, float(lost.mean()), (int(lost.argmax()),), float(lost.max()), len(lost))


def any_two(load: Load) -> Failures:
    """Let every pair of cameras fail."""
    single, n = single_losses(load), len(load.present)
    first, second, more = _corrections(load)
    order = np.lexsort((second, first))
    first, second, more = first[order], second[order], more[order]
    start = np.searchsorted(first, np.arange(n + 1))
    count = n * (n - 1) // 2
    kept = np.zeros(count if count <= MOST_KEPT else 0)
    worst, pair, total, at = -1.0, PAIR, 0.0, 0
    for i in range(n - 1):
        lost = single[i] + single[i + 1 :]
        mine = slice(start[i], start[i + 1])
        np.add.at(lost, second[mine] - i - 1, more[mine])
        j = int(lost.argmax())
        if lost[j] > worst:
            worst, pair = float(lost[j]), (i, i + 1 + j)
        total += float(lost.sum())
        kept[at : at + len(lost)] = lost[: len(kept) - at]
        at += len(lost)
    return Failures(kept, total / count, pair, worst, count)


def any_many(load: Load, failed: int, *, draws: int, seed: int) -> Failures:
    """Let random sets of cameras fail, and look for the worst set from the worst pair on."""
    rng = np.random.default_rng([seed, failed])
    n = len(load.present)
    sets = [np.sort(rng.choice(n, failed, replace=False)) for _ in range(draws)]
    lost = np.array([lost_without(load, some) for some in sets])
    greedy = _greedy(load, failed)
    bad = lost_without(load, np.array(greedy))
    worst = tuple(int(i) for i in sets[int(lost.argmax())]) if draws else greedy
    if not draws or bad >= lost.max():
        return Failures(lost, float(lost.mean()) if draws else np.nan, greedy, bad, draws)
    return Failures(lost, float(lost.mean()), worst, float(lost.max()), draws)


def lost_without(load: Load, cameras: IntArray) -> float:
    """Return the required coverage that is lost when some cameras fail at once."""
    return load.covered - without(load, cameras).covered


def without(load: Load, cameras: IntArray) -> Load:
    """Return what is left when some cameras have failed."""
    camera_set = load.camera_set
    column, left, lost = take_away(camera_set, load.cover, cameras)
    present, cover = load.present.copy(), load.cover.copy()
    present[cameras] = False
    cover[column] = left
    met = load.met - weigh_by_part(camera_set, lost, len(load.met))
    return replace(load, present=present, cover=cover, met=met)


def single_losses(load: Load) -> FloatArray:
    """Return what is lost with each camera that is there, shape ``(n_camera,)``."""
    camera, part, weight = _carried(load)
    loss = _drop(load, part, weight)
    return np.bincount(camera, loss, len(load.present)).astype(np.float64)


def _carried(load: Load) -> tuple[IntArray, IntArray, FloatArray]:
    """Return by camera and part, sorted, the weight that falls with the camera alone."""
    camera_set = load.camera_set
    row, column = camera_set.row, camera_set.meets.indices
    edge = load.present[row] & (load.cover[column] == camera_set.k[column])
    key = row[edge] * len(load.met) + camera_set.part[column[edge]]
    pairs, at = np.unique(key, return_inverse=True)
    weight = np.bincount(at, camera_set.weight[column[edge]], len(pairs)).astype(np.float64)
    return pairs // len(load.met), pairs % len(load.met), weight


def _corrections(load: Load) -> tuple[IntArray, IntArray, FloatArray]:
    """Return by pair, sorted within, what is lost beyond the sum of the losses of each alone."""
    camera, part, weight = _carried(load)
    n, parts = len(load.present), len(load.met)
    one, two, twice = _pairs_by_sample(load)
    a, b = _pairs_within(part)
    first = np.concatenate([camera[a], one])
    second = np.concatenate([camera[b], two])
    where = np.concatenate([part[a], load.camera_set.part[twice.column]])
    extra = np.concatenate([np.zeros(len(a)), twice.weight])
    key = (np.minimum(first, second) * n + np.maximum(first, second)) * parts + where
    pairs, at = np.unique(key, return_inverse=True)
    beyond = np.bincount(at, extra, len(pairs))
    where, first, second = pairs % parts, pairs // parts // n, pairs // parts % n
    alone = [
        _look_up(camera * parts + part, weight, some * parts + where) for some in (first, second)
    ]
    joint = _drop(load, where, alone[0] + alone[1] + beyond)
    return first, second, joint - _drop(load, where, alone[0]) - _drop(load, where, alone[1])


def _pairs_by_sample(load: Load) -> tuple[IntArray, IntArray, _Twice]:
    """Return pairs that share a sample: what falls only with both, or was counted with each."""
    camera_set = load.camera_set
    column, row = camera_set.meets.indices.astype(np.int64), camera_set.row
    spare = load.cover[column] - camera_set.k[column]
    twice = (spare == 1) | ((spare == 0) & (camera_set.k[column] > 1))
    mine = np.flatnonzero(twice & load.present[row])
    mine = mine[np.argsort(column[mine], kind="stable")]
    a, b = _pairs_within(column[mine])
    a, b = mine[a], mine[b]
    weight = np.where(spare[a] == 1, 1.0, -1.0) * camera_set.weight[column[a]]
    return row[a], row[b], _Twice(column[a], weight)


def _pairs_within(label: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs of positions, each once, that carry the same label."""
    order = np.argsort(label, kind="stable")
    _, start, count = np.unique(label[order], return_index=True, return_counts=True)
    last = np.repeat(start + count, count)
    behind = last - np.arange(len(label)) - 1
    a = np.repeat(np.arange(len(label)), behind)
    step = nth_of(behind)
    return order[a], order[a + 1 + step]


def _look_up(keys: IntArray, values: FloatArray, wanted: IntArray) -> FloatArray:
    """Return values by sorted keys, 0 where there is none."""
    if not len(keys):
        return np.zeros(len(wanted))
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0.0)


def _drop(load: Load, part: IntArray, weight: FloatArray) -> FloatArray:
    """Return what each part loses of its worth when some weight of it falls."""
    met, needed = load.met[part], load.needed[part]
    return _worth(met, needed) - _worth(met - weight, needed)


def _worth(met: FloatArray, needed: FloatArray) -> FloatArray:
    safe = np.where(needed > 0.0, needed, 1.0)
    return np.where(needed > 0.0, np.clip(met / safe, 0.0, 1.0), 0.0)


def _greedy(load: Load, failed: int) -> tuple[int, ...]:
    """Take away what hurts most, one camera or the two that only hurt together."""
    chosen: list[int] = []
    left = load
    while len(chosen) < failed:
        lost = np.where(left.present, single_losses(left), -1.0)
        step: tuple[int, ...] = (int(lost.argmax()),)
        if failed - len(chosen) >= len(PAIR):
            pair = any_two(left)
            step = pair.worst if pair.most > len(PAIR) * lost.max() + ROUNDING else step
        chosen += step
        left = without(left, np.array(step))
    return tuple(sorted(chosen))


@dataclass(frozen=True, slots=True, eq=False)
class _Twice:
    """Samples of pairs, and the weight that falls beyond the sum of each alone."""

    column: IntArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Cameras and what they carry.

    Parameters
    ----------
    camera_set, present
        Cameras, and which of them have not failed.
    cover
        Cameras that meet each sample, shape ``(n_sample,)``.
    met, needed
        Weight of each part that is met as often as asked, and that is required.
    """

    camera_set: CameraSet
    present: BoolArray
    cover: IntArray
    met: FloatArray
    needed: FloatArray

    @property
    def covered(self) -> float:
        """Required coverage: parts, each by the share of what is required of it."""
        return float(_worth(self.met, self.needed).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Failures:
    """What is lost of the required coverage, in parts.

    Parameters
    ----------
    losses, mean
        Of every case that was looked at, empty where they are too many to keep; on average.
    worst, most
        Numbers of the cameras whose failure costs most of all that were found, and what it costs.
    cases
        How many were looked at.
    """

    losses: FloatArray
    mean: float
    worst: tuple[int, ...]
    most: float
    cases: int
