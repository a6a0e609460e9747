"""Public maps with mapped doors, and the places on them whose doors are known.

The doors of a map are the labels, and nobody looks at them while gates are sought. A wall without a
mapped door is no wall without a door: only buildings with one count. The buildings of the thirty
Helsinki places that were judged by hand are left out; those judge the product, once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Polygon

from civicsight.core.arrays import BoolArray, FloatArray, Geometries, IntArray
from civicsight.coverage.demand.sites import HOST_M, Site, standing_buildings
from civicsight.coverage.demand.surroundings import Surroundings, look_around
from civicsight.coverage.entrances.features import Candidates, right_where
from civicsight.coverage.entrances.likely import candidates_of, marks_of
from civicsight.coverage.entrances.traces import ON_WALL_M
from civicsight.io import helsinki_path
from civicsight.io.project import read_city
from civicsight.model import City

JUDGED: Final = Path(__file__).resolve().parents[2] / "tests" / "helsinki_gates.csv"

SETS: Final[dict[str, tuple[str | Path, ...]]] = {
    "beijing": ("osm_beijing_bupt/map.osm",),
    "berlin": ("osm_berlin_wittenau/miraustr.osm.pbf",),
    "darmstadt": (
        "osm_doors/da_hbf_2.osm.pbf",
        "osm_doors/darmstadt-bismarckstr.osm.pbf",
        "osm_doors/luisenplatz-darmstadt.osm.pbf",
    ),
    "helsinki": (Path(helsinki_path()),),
    "karlsruhe": (
        "osm_doors/karlsruhe-kirchfeld.osm.pbf",
        "osm_doors/karlsruhe-kit-nord.osm.pbf",
        "osm_doors/tram-junction.osm.pbf",
    ),
    "massy": ("osm_doors/station-border.osm.pbf",),
    "monaco": ("monaco_osm_dem/monaco-latest.osm.pbf",),
    "rome": ("osm_rome_esquilino/rome-piazza-vittorio-emanuele.osm.pbf",),
}
"""Maps by city, below the folder of data; Helsinki's comes with a library."""

DOORS: Final = frozenset(
    {"main", "yes", "entrance", "secondary", "service", "shop", "exit", "side"}
    | {"emergency_ward_entrance"}
)
"""Kinds of doors that are a place's own; not those of flats, garages and stairs."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Buildings of one map whose doors are known.

    Parameters
    ----------
    city
        Its name.
    around
        What surrounds them.
    marks
        Points of whatever the map marks.
    ids
        Ids of the buildings; shape ``(n,)``.
    outlines
        Their outlines; shape ``(n,)``.
    door_of, doors, is_main
        Building of each door by its row, where it is, and whether the map calls it the main one.
    """

    city: str
    around: Surroundings
    marks: Geometries
    ids: list[str]
    outlines: Geometries
    door_of: IntArray
    doors: FloatArray
    is_main: BoolArray

    def candidates(self) -> Candidates:
        """Return where the buildings may have their gates, without a look at their doors."""
        return candidates_of(list(self.outlines), self.around, self.marks)[0]

    def right(self, found: Candidates) -> BoolArray:
        """Tell which candidates have a door within reach."""
        return right_where(found, self.door_of, self.doors)

    def sites(self) -> list[Site]:
        """Return the buildings as the search for gates knows them."""
        return [
            Site(name, outline, shapely.point_on_surface(outline), built=True)
            for name, outline in zip(self.ids, self.outlines, strict=True)
        ]


def read_sets(data: Path) -> tuple[list[Labelled], str]:
    """Return the labelled maps below a folder, and one digest of all that was read."""
    found, digest, seen = [], hashlib.sha256(), set[str]()
    for city, files in SETS.items():
        for name in files:
            path = data / name  # an absolute one stays what it is
            digest.update(path.read_bytes())
            one = labelled(city, read_city(path)[0], seen)
            seen |= set(one.ids)
            found.append(one)
    digest.update(JUDGED.read_bytes())
    return found, digest.hexdigest()


def labelled(name: str, city: City, seen: set[str]) -> Labelled:
    """Return the buildings of a city that have doors, without those seen on another map of it."""
    solid = standing_buildings(city.buildings)
    around = look_around(
        roads=city.roads, entrances=city.entrances, barriers=city.barriers, buildings=solid
    )
    outlines = np.array([_outline(shape) for shape in around.buildings], object)
    door, host = _doors(around, outlines)
    left_out = solid.index.isin(seen) | _is_judged(name, city, around)
    keep = ~left_out[host]
    door, host = door[keep], host[keep]
    rows, door_of = np.unique(host, return_inverse=True)
    points = np.asarray(city.places.geometry[city.places.geom_type.eq("Point")].array)
    return Labelled(
        name,
        around,
        marks_of(points, around),
        [str(entry) for entry in solid.index[rows]],
        outlines[rows],
        door_of.astype(np.int64),
        shapely.get_coordinates(around.points[door]),
        around.entrances["kind"].eq("main").to_numpy(bool)[door],
    )


def _outline(shape: shapely.Geometry) -> Polygon:
    return Polygon(max(shapely.get_parts(shape), key=lambda part: part.area).exterior)


def _doors(around: Surroundings, outlines: Geometries) -> tuple[IntArray, IntArray]:
    """Return each door that is a place's own, with the building in whose outer wall it is."""
    door, host = around.building_tree.query(around.points, predicate="dwithin", distance=ON_WALL_M)
    rings = shapely.get_exterior_ring(outlines[host])
    outside = shapely.distance(rings, around.points[door]) <= ON_WALL_M
    own = around.entrances["kind"].isin(DOORS).to_numpy(bool)[door]
    return door[outside & own], host[outside & own]


def _is_judged(name: str, city: City, around: Surroundings) -> BoolArray:
    """Tell which buildings belong to one of the thirty places that were judged by hand."""
    found = np.zeros(len(around.buildings), bool)
    if name == "helsinki":
        ids = pd.read_csv(JUDGED, dtype=str)["place_id"].unique()
        places: gpd.GeoSeries = city.places.geometry[city.places.index.isin(ids)]
        _, at = around.building_tree.query(
            np.asarray(places.array), predicate="dwithin", distance=HOST_M
        )
        found[at] = True
    return found
