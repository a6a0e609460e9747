"""What cameras see beyond the demand: layers of registers, private façades, public ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from civicsight.coverage.bounds import CELL_M
from civicsight.coverage.ground import seen_ground
from civicsight.model import READINGS, City
from civicsight.scene.bodies import Scene

STREET_HALF_M: Final[Mapping[str, float]] = {
    "motorway": 20.0,
    "trunk": 18.0,
    "primary": 15.0,
    "secondary": 12.0,
    "tertiary": 10.0,
    "footway": 3.0,
    "path": 2.0,
    "steps": 2.0,
    "cycleway": 3.0,
}
"""Half of the width of a street with its pavements, by class (assumption) [m]."""

OTHER_HALF_M: Final = 8.0


def public_ground(city: City, zones: gpd.GeoDataFrame, heads: gpd.GeoDataFrame) -> BaseGeometry:
    """Return the ground in reach that is known to be public or a target: streets, listed places."""
    roads = city.roads
    half = roads["kind"].map(STREET_HALF_M).fillna(OTHER_HALF_M).to_numpy(np.float64)
    streets = shapely.buffer(roads.geometry.to_numpy(), half, quad_segs=2)
    grounds = np.concatenate([streets, zones.geometry.to_numpy()])
    reach = heads["reach_m"].to_numpy(np.float64) + CELL_M
    tree = shapely.STRtree(grounds)
    met = tree.query(heads.geometry.to_numpy(), predicate="dwithin", distance=reach)[1]
    return shapely.union_all(grounds[np.unique(met)])


def public_shares(
    heads: gpd.GeoDataFrame, scene: Scene, city: City, zones: gpd.GeoDataFrame
) -> dict[str, float]:
    """Return by camera the share of the ground it sees that is target or street [0-1].

    A camera that sees no ground has none.
    """
    seen = seen_ground(heads, scene, public_ground(city, zones, heads))
    seen = seen[seen["seen_m2"].gt(0.0)]
    return dict((seen["inside_m2"] / seen["seen_m2"]).items())


def seen_of_areas_m2(
    heads: gpd.GeoDataFrame, scenes: Mapping[str, Scene], areas: gpd.GeoDataFrame
) -> dict[str, dict[str, float]]:
    """Return by reading and camera how much of some areas is seen [m2]; none beyond its reach."""
    whole = shapely.union_all(areas.geometry.to_numpy())
    reach = heads["reach_m"].to_numpy(np.float64)
    pieces = shapely.STRtree(shapely.get_parts(whole))
    head, _ = pieces.query(heads.geometry.to_numpy(), predicate="dwithin", distance=reach)
    near = heads.iloc[np.unique(head)]
    return {
        reading: dict(
            seen_ground(near[near["reading"].eq(reading)], scene, whole)["inside_m2"].items()
        )
        for reading, scene in scenes.items()
    }


def find_ahead(
    heads: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, within_m: float, angle_deg: float
) -> dict[str, list[str]]:
    """Return by camera the private places near by that lie ahead of any of its heads.

    Parameters
    ----------
    heads
        Table `model.HEADS`, all readings.
    areas
        Table of private places; those of which no wall counts are left out.
    within_m, angle_deg
        Greatest distance, and greatest angle off the axis.
    """
    walls = areas[areas["has_facade"] | areas["scope"].eq("whole_interior")]
    tree = shapely.STRtree(walls.geometry.to_numpy())
    eyes = heads.geometry.to_numpy()
    head, area = tree.query(eyes, predicate="dwithin", distance=within_m)
    span = np.maximum(angle_deg, heads["hfov_deg"].to_numpy(np.float64) / 2.0)
    half = np.where(heads["reading"].eq(READINGS[0]), angle_deg, np.minimum(span, 180.0))
    azimuth = heads["azimuth_deg"].to_numpy(np.float64)
    near, sector = np.unique(head, return_inverse=True)
    at = shapely.get_coordinates(eyes[near])[:, None, :]
    turns = np.radians(azimuth[near] + np.linspace(-half[near], half[near], 25)).T
    arc = at + within_m * np.stack([np.sin(turns), np.cos(turns)], axis=2)
    sectors = shapely.polygons(np.concatenate([at, arc], axis=1))
    ahead = shapely.intersects(sectors[sector.ravel()], walls.geometry.to_numpy()[area])
    found: dict[str, set[str]] = {}
    cameras, names = heads["camera_id"].to_numpy(object), walls.index.to_numpy(object)
    for camera, name in zip(cameras[head[ahead]], names[area[ahead]], strict=True):
        found.setdefault(str(camera), set()).add(str(name))
    return {camera: sorted(own) for camera, own in found.items()}


COUNTY, WHOLE = "county", "city"
"""Levels of the districts that the law speaks of, and of the area where it applies."""

LAYERS: Final = ("jurisdiction", "district", "district_edge", "consent_layer")


def areas_of(city: City, layer: str) -> gpd.GeoDataFrame:
    """Return the areas of a layer, by their ids; empty where no register has them.

    Parameters
    ----------
    city, layer
        One of `LAYERS`. The jurisdiction is the city's own outline, or else all its districts
        together; an edge is the outline of each district.
    """
    if layer == "consent_layer":
        return city.consent_areas
    districts = city.districts
    counties = districts[districts["level"].eq(COUNTY)]
    if layer == "district":
        return counties
    if layer == "district_edge":
        return counties.set_geometry(counties.geometry.boundary)
    whole = districts[districts["level"].eq(WHOLE)]
    if len(whole) or counties.empty:
        return whole
    joined = gpd.GeoSeries([counties.union_all()], index=pd.Index([WHOLE]), crs=city.crs)
    return gpd.GeoDataFrame(geometry=joined)
