"""How far each of many points of places is from the nearest way, and which way that is.

A search for each point alone would take most of the time of the weighing; those that follow each
other along a wall lie together, and what is nearest to any of them is not far from their middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from civicsight.core.arrays import FloatArray, Geometries, IntArray, nth_of
from civicsight.coverage.entrances.walls import FAR_M

TOGETHER: Final = 6
"""So many points that follow each other are looked around at once; measured among 4, 8, 12, all."""

MOST_PAIRS: Final = 500_000
"""So many points and pieces of ways are held against each other at a time."""

SLACK_M: Final = 0.01
"""More than any rounding of distances."""


@dataclass(frozen=True, slots=True, eq=False)
class Wayside:
    """The way that is nearest to each of some points.

    Parameters
    ----------
    way
        Its row, -1 where none is within `FAR_M`, the first of several that are as near; shape
        ``(n,)``.
    gap_m
        How far it is, `FAR_M` at most; shape ``(n,)``.
    """

    way: IntArray
    gap_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Ways, cut where they bend.

    Parameters
    ----------
    way
        Way of each straight piece by its row, ascending; shape ``(n,)``.
    start, step
        Where each begins, and how it leads to its end [m]; shape ``(n, 2)``.
    tree
        Search tree of the pieces.
    """

    way: IntArray
    start: FloatArray
    step: FloatArray
    tree: shapely.STRtree


def ways_of(lines: Geometries) -> Ways:
    """Return lines, cut where they bend."""
    parts, line = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    goes_on = part[1:] == part[:-1]
    start, end = xy[:-1][goes_on], xy[1:][goes_on]
    tree = shapely.STRtree(shapely.linestrings(np.stack([start, end], axis=1)))
    return Ways(line[part[:-1][goes_on]].astype(np.int64), start, end - start, tree)


def wayside_of(site: IntArray, xy: FloatArray, ways: Ways) -> Wayside:
    """Return the way that is nearest to each point.

    Parameters
    ----------
    site
        Place of each point, ascending, and along its outline; shape ``(n,)``.
    xy
        East and north [m]; shape ``(n, 2)``.
    ways
        Among which is looked.
    """
    way, gap = np.full(len(xy), -1, np.int64), np.full(len(xy), FAR_M)
    if not len(xy) or not len(ways.way):
        return Wayside(way, gap)
    begins = np.flatnonzero(np.diff(site, prepend=-1))
    first = np.flatnonzero(nth_of(np.diff(begins, append=len(site))) % TOGETHER == 0)
    count = np.diff(first, append=len(site))
    near, piece = _near(first, xy, ways)
    pieces = np.bincount(near, minlength=len(first))
    begin = np.cumsum(pieces) - pieces
    for own in _portions(count * pieces):
        points = np.repeat(first[own], count[own]) + nth_of(count[own])
        each = np.repeat(pieces[own], count[own])
        points, each = points[each > 0], each[each > 0]
        if not len(points):
            continue
        group = np.repeat(np.arange(len(first))[own], count[own])
        group = group[pieces[group] > 0]
        at = piece[np.repeat(begin[group], each) + nth_of(each)]
        gaps = _gaps(np.repeat(xy[points], each, axis=0), ways.start[at], ways.step[at])
        starts = np.cumsum(each) - each
        least = np.minimum.reduceat(gaps, starts)
        nearest = np.flatnonzero(gaps == np.repeat(least, each))
        nearest = nearest[np.searchsorted(nearest, starts)]
        here = least <= FAR_M
        way[points[here]], gap[points[here]] = ways.way[at[nearest[here]]], least[here]
    return Wayside(way, gap)


def _near(first: IntArray, xy: FloatArray, ways: Ways) -> tuple[IntArray, IntArray]:
    """Return for each group the pieces that may be nearest to one of its points, in their order.

    From no point it is farther to the nearest piece than to that which is nearest to the middle.
    """
    low, high = np.minimum.reduceat(xy, first), np.maximum.reduceat(xy, first)
    middle = shapely.points((low + high) / 2.0)
    radius = np.hypot(*(high - low).T) / 2.0
    reach = np.full(len(first), FAR_M)
    (at, _), least = ways.tree.query_nearest(
        middle, max_distance=FAR_M, return_distance=True, all_matches=False
    )
    reach[at] = np.minimum(least + radius[at], FAR_M)
    near, piece = ways.tree.query(middle, "dwithin", reach + radius + SLACK_M)
    order = np.lexsort((piece, near))
    return near[order].astype(np.int64), piece[order].astype(np.int64)


def _portions(pairs: IntArray) -> Iterator[slice]:
    """Yield groups that follow one another and have no more than `MOST_PAIRS`, or one with more."""
    total = np.cumsum(pairs)
    begin = 0
    while begin < len(pairs):
        before = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, before + MOST_PAIRS, "right")))
        yield slice(begin, end)
        begin = end


def _gaps(xy: FloatArray, start: FloatArray, step: FloatArray) -> FloatArray:
    """Return the distances of points from straight pieces, pair by pair."""
    away = xy - start
    size = (step * step).sum(axis=1)
    share = np.clip((away * step).sum(axis=1) / np.maximum(size, 1e-12), 0.0, 1.0)
    away -= share[:, None] * step
    return np.hypot(away[:, 0], away[:, 1])
