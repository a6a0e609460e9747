"""Roads, entrances, walls and buildings around the places, each with its search tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.arrays import FloatArray

Objects = npt.NDArray[np.object_]

ROAD_SCORES: Final[Mapping[str, float]] = {
    "motorway": 1.0,
    "trunk": 1.0,
    "primary": 1.0,
    "secondary": 0.9,
    "tertiary": 0.8,
    "pedestrian": 0.7,
    "unclassified": 0.6,
    "residential": 0.6,
    "living_street": 0.6,
    "busway": 0.5,
    "service": 0.4,
    "footway": 0.3,
    "steps": 0.3,
    "path": 0.3,
    "cycleway": 0.3,
    "track": 0.2,
}
"""How public a way is [0-1], by its OSM class; assumed. A main street has the main gate."""

DRIVABLE: Final = frozenset(
    {
        "motorway",
        "motorway_link",
        "trunk",
        "trunk_link",
        "primary",
        "primary_link",
        "secondary",
        "secondary_link",
        "tertiary",
        "tertiary_link",
        "unclassified",
        "residential",
        "living_street",
        "service",
        "busway",
        "track",
        "road",
    }
)
"""OSM classes of ways that vehicles use."""

STREET_SCORE: Final = 0.5
"""Score from which on a way is a street that shops face, not a lane to a yard."""

ON_FOOT: Final = frozenset({"footway", "pedestrian", "cycleway", "path", "steps"})
"""OSM classes of ways that are not for cars."""

NO_WAY: Final = frozenset(
    {
        "platform",
        "construction",
        "proposed",
        "corridor",
        "elevator",
        "raceway",
        "abandoned",
        "razed",
        "bus_stop",
        "escape",
        "trail",
    }
)
"""OSM classes that lead nobody to a gate."""

BLOCKING: Final = frozenset(
    {
        "wall",
        "fence",
        "hedge",
        "retaining_wall",
        "city_wall",
        "guard_rail",
        "railing",
        "handrail",
        "wire_fence",
    }
)
"""Kinds of lines that a person cannot step over."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What the search for gates looks at.

    Parameters
    ----------
    roads, road_kinds, road_names, road_tree
        Ways on the ground that lead somewhere, without those on bridges and in tunnels; a passage
        through a building stays.
    road_scores
        How public each of them is [0-1].
    passages
        Which of them lead through a building.
    streets, street_of, street_tree
        The streets among them, which shops face; those of one name have one number.
    entrances, points, entrance_tree
        Table `model.ENTRANCES` and its points.
    walls, wall_tree
        Lines that nobody steps over.
    buildings, building_tree
        Buildings that stand on the ground; ones on legs are open below.
    """

    roads: Objects
    road_kinds: Objects
    road_names: Objects
    road_tree: shapely.STRtree
    road_scores: FloatArray
    passages: npt.NDArray[np.bool_]
    streets: Objects
    street_of: npt.NDArray[np.int64]
    street_tree: shapely.STRtree
    entrances: gpd.GeoDataFrame
    points: Objects
    entrance_tree: shapely.STRtree
    walls: Objects
    wall_tree: shapely.STRtree
    buildings: Objects
    building_tree: shapely.STRtree

    def road_score(self, points: Objects, reach_m: float) -> FloatArray:
        """Return the score of the most public way within reach of each point, 0 if none."""
        score = np.zeros(len(points))
        at, road = self.road_tree.query(points, predicate="dwithin", distance=reach_m)
        np.maximum.at(score, at, self.road_scores[road])
        return score

    def nearest_way(self, point: Any, reach_m: float) -> int:
        """Return the position of the way nearest to a point, -1 if none is within reach."""
        near = np.sort(self.road_tree.query(point, predicate="dwithin", distance=reach_m))
        if not len(near):
            return -1
        return int(near[np.argmin(shapely.distance(self.roads[near], point))])

    def built_over(self, points: Objects, clearance_m: float = 0.0) -> npt.NDArray[np.bool_]:
        """Tell which points lie inside a building, or closer to one than the clearance."""
        hit = np.zeros(len(points), bool)
        at, _ = self.building_tree.query(points, predicate="dwithin", distance=clearance_m)
        hit[at] = True
        return hit


def look_around(
    *,
    roads: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
) -> Surroundings:
    """Prepare the tables of a city for the search for gates; `buildings` are those that stand."""
    # Which ways one can leave to enter a place beside them.
    tags = roads["tags"]
    passage = tags.map(lambda entry: _tag(entry, "tunnel") == "building_passage").astype(bool)
    level = tags.map(lambda entry: _tag(entry, "layer") in ("", "0")).astype(bool)
    indoors = tags.map(lambda entry: _tag(entry, "indoor") not in ("", "no")).astype(bool)
    leads = ~roads["kind"].isin(NO_WAY)
    on_the_ground = (
        leads & ~roads["bridge"] & (~roads["tunnel"] | passage) & (level | passage) & ~indoors
    )
    ways = roads[on_the_ground]
    walls = np.asarray(barriers[barriers["kind"].isin(BLOCKING)].geometry.array)
    solid = np.asarray(buildings.geometry.array)
    lines = np.asarray(ways.geometry.array)
    points = shapely.centroid(np.asarray(entrances.geometry.array))
    kinds = ways["kind"].to_numpy(object)
    scores = np.array(
        [ROAD_SCORES.get(str(kind).removesuffix("_link"), 0.1) for kind in kinds], np.float64
    )
    public = scores >= STREET_SCORE
    # A number for each street: one for all of a name, its own for one without.
    names = ways["name"].to_numpy(object)[public]
    known = [name if isinstance(name, str) and name else str(at) for at, name in enumerate(names)]
    numbers = np.unique(np.array(known, str), return_inverse=True)[1].astype(np.int64)
    return Surroundings(
        lines,
        ways["kind"].to_numpy(object),
        ways["name"].to_numpy(object),
        shapely.STRtree(lines),
        scores,
        ways["tunnel"].to_numpy(bool),
        lines[public],
        numbers,
        shapely.STRtree(lines[public]),
        entrances,
        points,
        shapely.STRtree(points),
        walls,
        shapely.STRtree(walls),
        solid,
        shapely.STRtree(solid),
    )


def _tag(tags: object, key: str) -> str:
    return str(tags.get(key, "")) if isinstance(tags, dict) else ""
