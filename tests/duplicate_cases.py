"""Small checked cities for the tests of duplicate construction, and counting by definition."""

from __future__ import annotations

from itertools import combinations, permutations
from types import SimpleNamespace

import numpy as np
from shapely.geometry import Point

from civicsight.coverage.findings.withheld import none_withheld
from civicsight.model import BUILDINGS
from tests.small import CRS, RULES, heads, matrix, parts, readings, samples, zones

OK = 200.0  # px/m that meets the need of 125
COARSE = 60.0  # seen, but below it


def planned(**columns):
    return {"status": "planned"} | columns


def checked(
    cams,
    seen,
    *,
    weights=None,
    part_rows=None,
    normals=None,
    azimuth=0.0,
    rules=RULES,
    zone_rows=None,
    upgrades=None,
    possible=None,
    at=None,
    **confidence,
):
    """Return what a check would, as far as duplicates read it."""
    weights = weights or {"p": [1, 1], "q": [1, 1]}
    table = parts(**{name: (part_rows or {}).get(name, {}) for name in weights})
    points = samples(table, weights, at=at)
    if normals:
        points["normal_deg"] = points["part_id"].map(normals).astype(float)
    placed = cams.assign(placed="kept") if "placed" not in cams.columns else cams
    buildings = BUILDINGS.empty(CRS)
    return SimpleNamespace(
        city=SimpleNamespace(buildings=buildings, name="small"),
        rules=rules,
        cameras=placed,
        heads=heads(cams, azimuth, **confidence),
        zones=zones(**(zone_rows or {"z": {}})),
        parts=table,
        samples=points,
        matrices=readings(
            matrix(cams, points, seen), None, matrix(cams, points, possible) if possible else None
        ),
        withheld=none_withheld(),
        duplicates=upgrades if upgrades is not None else empty_findings(),
    )


def empty_findings():
    from civicsight.model import FINDINGS

    return FINDINGS.empty(CRS)


def shapley(dense, weight, k):
    """Return the Shapley value of the coverage game with `k` of 1, over all orders of arrival.

    For a greater `k` a sample is worth its weight times the share of `k` that is there.
    """
    n = len(dense)
    value = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        count = np.zeros(dense.shape[1])
        for j in order:
            before = np.minimum(count, k)
            count = count + dense[j]
            value[j] += (weight * (np.minimum(count, k) - before)).sum()
    return value / len(orders)


def dearest_spare(dense, k, cost, judged, staying):
    """Return the greatest cost of judged cameras that can go with nothing lost, by enumeration."""
    every = dense[judged | staying].sum(axis=0)
    least = np.minimum(every, k)
    rows = np.flatnonzero(judged & dense.any(axis=1))
    best = 0.0
    for size in range(len(rows) + 1):
        for gone in combinations(rows, size):
            left = (judged | staying).copy()
            left[list(gone)] = False
            if (dense[left].sum(axis=0) >= least).all():
                best = max(best, float(cost[list(gone)].sum()))
    return best


def spot(x, y):
    return Point(x, y)
