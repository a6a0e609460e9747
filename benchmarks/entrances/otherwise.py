"""What the other ways of finding a gate are worth: rivals of the table, and steps that it leaves.

Tenants of larger houses and grounds without a roof are not weighed by the table: a tenant has the
free wall nearest to its mark, grounds have the ways that come in. Here is how often that is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely

from benchmarks.entrances.sets import Labelled
from civicsight.core.arrays import FloatArray, IntArray
from civicsight.coverage.demand.gates import GateSearch, join, rank
from civicsight.coverage.demand.inferred_openings import (
    drop_near,
    find_crossings,
    find_dead_ends,
    find_front,
)
from civicsight.coverage.demand.openings import Opening
from civicsight.coverage.demand.sites import HOST_M, Site
from civicsight.coverage.entrances.features import HIT_M
from civicsight.coverage.entrances.traces import TRACES

SEARCH: Final = GateSearch()
NO_STOPS: Final = shapely.STRtree([])

Gates = tuple[IntArray, FloatArray]
"""Row of the building of each gate, and where it is; the best of each building first."""


def facade_middle(one: Labelled) -> Gates:
    """Return the middle of the front that faces the best road."""
    return _gates(_front(site, one)[:1] for site in one.sites())


def nearest_street(one: Labelled) -> Gates:
    """Return the point of the wall that is nearest to a street."""
    rings = shapely.get_exterior_ring(one.outlines)
    (at, street), _ = one.around.street_tree.query_nearest(
        rings, return_distance=True, all_matches=False
    )
    lines = shapely.shortest_line(rings[at], one.around.streets[street])
    return at, shapely.get_coordinates(shapely.get_point(lines, 0))


def footway_end(one: Labelled) -> Gates:
    """Return where paths end before the wall; a building without any has no gate."""
    found = one.candidates()
    ends = found.kind == TRACES.index("end_walk")
    return found.site[ends], found.xy[ends]


def random_wall(one: Labelled) -> Gates:
    """Return a point of the wall that is drawn."""
    rings = shapely.get_exterior_ring(one.outlines)
    share = np.random.default_rng(19).random(len(rings))
    points = shapely.line_interpolate_point(rings, share, normalized=True)
    return np.arange(len(rings)), shapely.get_coordinates(points)


def seven_steps(one: Labelled) -> Gates:
    """Return what the steps of the law's analysis find, which the table takes the place of."""
    return _gates(_steps(site, one) for site in one.sites())


RIVALS: Final[dict[str, Callable[[Labelled], Gates]]] = {
    "the seven steps": seven_steps,
    "facade middle": facade_middle,
    "nearest street": nearest_street,
    "footway end": footway_end,
    "random wall": random_wall,
}


def _front(site: Site, one: Labelled) -> list[Opening]:
    return find_front(site, one.around, street="", reach_m=SEARCH.front_m)


def _steps(site: Site, one: Labelled) -> list[Opening]:
    found = join(find_crossings(site, one.around), SEARCH.cluster_m)
    ends = find_dead_ends(site, one.around, reach_m=SEARCH.dead_end_m)
    found += drop_near(join(ends, SEARCH.cluster_m), found, SEARCH.cluster_m)
    openings = {site.zone_id: found or _front(site, one)}
    gates = rank(openings, {site.zone_id: [site]}, one.around, NO_STOPS, (), SEARCH)
    return [gate.opening for gate in gates[site.zone_id]]


def _gates(each: Sequence[list[Opening]]) -> Gates:
    found = [(row, opening.point) for row, openings in enumerate(each) for opening in openings]
    points = [point for _, point in found]
    return np.array([row for row, _ in found], np.int64), shapely.get_coordinates(points)


def tenants_right(sets: Sequence[Labelled]) -> pd.DataFrame:
    """Return for each tenant of a labelled building whether its front has a door within reach.

    Columns ``city`` and ``right``. The door may be any of the building's: a tenant shares it.
    """
    rows = []
    for one in sets:
        mark, host = shapely.STRtree(one.outlines).query(
            one.marks, predicate="dwithin", distance=HOST_M
        )
        several = np.bincount(host, minlength=len(one.outlines))[host] > 1
        for at, of in zip(mark[several].tolist(), host[several].tolist(), strict=True):
            site = Site("", one.outlines[of], one.marks[at], built=True, tenant=True)
            foot = shapely.get_coordinates(_front(site, one)[0].point)
            doors = one.doors[one.door_of == of]
            rows.append((one.city, bool(np.hypot(*(doors - foot).T).min() <= HIT_M)))
    return pd.DataFrame(rows, columns=["city", "right"])
