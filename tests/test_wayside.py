"""The way that is nearest to each of many points, against one distance after the other."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString

from civicsight.coverage.entrances import wayside
from civicsight.coverage.entrances.walls import FAR_M
from civicsight.coverage.entrances.wayside import TOGETHER, ways_of, wayside_of


def some_ways(rng, count):
    """Return bent ways, some of several parts, one that is a point twice, and one that is again."""
    lines = []
    for n in range(count):
        bends = rng.uniform(0, 400, 2) + np.cumsum(rng.normal(0, 25, (rng.integers(2, 7), 2)), 0)
        line = LineString(bends)
        lines.append(MultiLineString([line, LineString(bends + 90.0)]) if n % 5 == 0 else line)
    return np.array([*lines, LineString([(50, 50), (50, 50)]), lines[0]], object)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [1, 40, 500_000])
def test_the_nearest_way_is_that_of_brute_force(monkeypatch, seed, most):
    monkeypatch.setattr(wayside, "MOST_PAIRS", most)
    rng = np.random.default_rng(seed)
    lines = some_ways(rng, 12)
    count = rng.integers(1, 3 * TOGETHER, 20)
    site = np.repeat(np.arange(20), count)
    middles = rng.uniform(-250, 650, (20, 2))
    xy = middles[site] + rng.uniform(-60, 60, (len(site), 2))
    found = wayside_of(site, xy, ways_of(lines))
    gaps = shapely.distance(shapely.points(xy)[:, None], lines[None, :])
    least = gaps.min(axis=1)
    near = least <= FAR_M
    assert near.any()
    assert not near.all()
    assert found.gap_m == pytest.approx(np.minimum(least, FAR_M), abs=1e-9)
    assert (found.way[~near] == -1).all()
    assert found.way[near].tolist() == gaps[near].argmin(axis=1).tolist()  # the first of equals


def test_where_there_is_no_way_or_no_point_nothing_is_found():
    nothing = np.empty(0, object)
    found = wayside_of(np.array([0, 0]), np.zeros((2, 2)), ways_of(nothing))
    assert (found.way == -1).all()
    assert (found.gap_m == FAR_M).all()
    lines = ways_of(np.array([LineString([(0, 0), (1, 0)])], object))
    assert not len(wayside_of(np.zeros(0, np.int64), np.zeros((0, 2)), lines).way)
