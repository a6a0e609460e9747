"""Seeded inventories and registers for real cities that come without cameras, places or gates.

What these functions return is synthetic and says so in its ``source`` column; the buildings and
roads under it are real. The same city and seed give the same rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.model import CAMERAS, ENTRANCES, PLACES, City

SOURCE = "synthetic, seeded"
HEIGHT_M = 6.0
WALL_M, POLE_M, KERB_M = 0.3, 4.0, 1.0
CLEAR_M = 0.25
"""No camera stands nearer than this to any building, but for the one it hangs on."""

HALF_WIDTH_M = {"motorway": 12.0, "trunk": 10.0, "primary": 9.0, "secondary": 7.0, "tertiary": 5.0}
USUAL_HALF_M = 3.5
NO_STREET = (
    "footway",
    "path",
    "steps",
    "cycleway",
    "corridor",
    "pedestrian",
    "track",
    "proposed",
    "construction",
)

LENSES = ((2560, 1440, 50.0, 29.4), (2560, 1440, 60.0, 36.0), (1920, 1080, 90.0, 58.7))
STATUS = ("existing", "approved", "planned")
STATUS_SHARE = (0.85, 0.05, 0.10)

ITEMS = {
    "8.1": {"office": "government"},
    "8.2a": {"amenity": "bus_station"},
    "8.3": {"power": "plant"},
    "8.4": {"amenity": "bank"},
    "8.5": {"amenity": "school"},
    "8.6": {"tourism": "museum"},
    "8.7": {"shop": "mall"},
    "8.8": {"amenity": "fuel"},
    "8.9": {},
    "8.10": {"landuse": "residential"},
    "8.11": {"amenity": "exhibition_centre"},
}
FOOTPRINT_M2 = (150.0, 30_000.0)
DOOR_M, OPEN_M = 3.0, 8.0
"""Width of a made gate, and how much open space a facade with one has in front."""

WATCH_M = 7.0
"""How far before a gate its camera stands: 7.4 m to a face, 370 px/m, 19 degrees down."""


def with_made(city: City, cameras: int, seed: int, per_item: int = 3) -> City:
    """Return a city with a seeded inventory, register and gates in place of its own.

    Every second gate has a camera that watches it; the others stand where chance puts them.
    """
    places, entrances = seeded_register(city, seed, per_item=per_item)
    outward = np.array([float(tags["outward_deg"]) for tags in entrances["tags"]])
    watchers = watch(entrances.geometry.iloc[::2], outward[::2])
    inventory = pd.concat([watchers, seeded_cameras(city, cameras - len(watchers), seed)])
    return replace(
        city,
        cameras=inventory,
        places=places,
        entrances=entrances,
        sources=(*city.sources, "cameras, places and gates: synthetic, seeded by the tests"),
    )


def watch(gates: gpd.GeoSeries, outward_deg: FloatArray) -> gpd.GeoDataFrame:
    """Return one camera before each gate that sees it well enough for any class."""
    turn = np.radians(outward_deg)
    xy = shapely.get_coordinates(gates.to_numpy())
    places = xy + WATCH_M * np.column_stack([np.sin(turn), np.cos(turn)])
    frame = gpd.GeoDataFrame(
        {
            "name": [f"made watcher of {label}" for label in gates.index],
            "kind": "fixed",
            "mount": "pole",
            "setting": "outdoor",
            "status": "existing",
            "height_m": 4.0,
            "azimuth_deg": (outward_deg + 180.0) % 360.0,
            "tilt_deg": 18.9,
            "roll_deg": 0.0,
            "hfov_deg": 50.0,
            "vfov_deg": 29.4,
            "width_px": 2560.0,
            "height_px": 1440.0,
            "reach_m": 30.0,
            "near_m": 0.0,
            "night_reach_m": 30.0,
            "usable": True,
            "purpose": "made",
            "owner": "government",
            "source": SOURCE,
        },
        geometry=shapely.points(places),
        crs=gates.crs,
        index=[f"watch-{label}" for label in gates.index],
    )
    return _declared(CAMERAS, frame)


def seeded_cameras(city: City, n: int, seed: int) -> gpd.GeoDataFrame:
    """Return `n` cameras with full pose: on walls, on poles before facades and at kerbs."""
    rng = np.random.default_rng(seed)
    tries = [
        _at_facades(city, 3 * n, rng, WALL_M),
        _at_facades(city, 3 * n, rng, POLE_M),
        _at_kerbs(city, 3 * n, rng),
    ]
    shares = np.array([0.4, 0.3, 0.3]) if len(tries[2][0]) else np.array([0.6, 0.4, 0.0])
    kind = rng.choice(3, size=n, p=shares)
    tree = shapely.STRtree(city.buildings.geometry.to_numpy())
    xy, azimuth = np.empty((n, 2)), np.empty(n)
    for which, (places, towards) in enumerate(tries):
        wanted = np.flatnonzero(kind == which)
        near = tree.query(shapely.points(places), predicate="dwithin", distance=CLEAR_M)[0]
        free = np.setdiff1d(np.arange(len(places)), near)[: len(wanted)]
        assert len(free) == len(wanted), "too few free places for the cameras asked for"
        xy[wanted], azimuth[wanted] = places[free], towards[free]
    lens = np.array(LENSES)[rng.integers(len(LENSES), size=n)]
    frame = gpd.GeoDataFrame(
        {
            "name": [f"made camera {i}" for i in range(n)],
            "kind": "fixed",
            "mount": np.where(kind == 0, "wall", "pole"),
            "setting": "outdoor",
            "status": rng.choice(STATUS, size=n, p=STATUS_SHARE),
            "height_m": HEIGHT_M,
            "azimuth_deg": azimuth.round(1),
            "tilt_deg": rng.uniform(8.0, 20.0, n).round(1),
            "roll_deg": 0.0,
            "hfov_deg": lens[:, 2],
            "vfov_deg": lens[:, 3],
            "width_px": lens[:, 0],
            "height_px": lens[:, 1],
            "reach_m": 80.0,
            "near_m": 0.0,
            "night_reach_m": 30.0,
            "usable": True,
            "purpose": "made",
            "owner": "government",
            "source": SOURCE,
        },
        geometry=shapely.points(xy),
        crs=city.crs,
        index=[f"made-{i:05d}" for i in range(n)],
    )
    return _declared(CAMERAS, frame)


def seeded_register(
    city: City, seed: int, *, per_item: int = 3
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return `per_item` designated places of each class, made of buildings, with one gate each.

    The gate is in the middle of the longest straight facade with open space in front.
    """
    rng = np.random.default_rng(seed)
    geometry = city.buildings.geometry
    area = geometry.area.to_numpy()
    fit = np.flatnonzero(
        (area >= FOOTPRINT_M2[0])
        & (area <= FOOTPRINT_M2[1])
        & geometry.geom_type.eq("Polygon").to_numpy()
    )
    tree = shapely.STRtree(geometry.to_numpy())
    items = [item for item in ITEMS for _ in range(per_item)]
    chosen: list[int] = []
    doors: list[tuple[FloatArray, float]] = []
    for row in rng.permutation(fit):
        door = _door(geometry.iloc[row], tree)
        if door is not None:
            chosen.append(int(row))
            doors.append(door)
        if len(chosen) == len(items):
            break
    assert len(chosen) == len(items), "too few buildings with an open facade"
    names = [f"made place {i} ({item})" for i, item in enumerate(items)]
    places = gpd.GeoDataFrame(
        {
            "name": names,
            "tags": [
                {**ITEMS[item], "name": name} for item, name in zip(items, names, strict=True)
            ],
            "item": items,
            "standing": "designated",
            "source": SOURCE,
        },
        geometry=geometry.iloc[chosen].to_numpy(),
        crs=city.crs,
        index=[f"made-place-{i}" for i in range(len(items))],
    )
    entrances = gpd.GeoDataFrame(
        {
            "kind": "main",
            "name": names,
            "vehicle": False,
            "confirmed": True,
            "width_m": DOOR_M,
            "source": SOURCE,
            "tags": [{"outward_deg": f"{azimuth:.6f}"} for _, azimuth in doors],
        },
        geometry=shapely.points(np.array([middle for middle, _ in doors])),
        crs=city.crs,
        index=[f"made-gate-{i}" for i in range(len(items))],
    )
    return _declared(PLACES, places), _declared(ENTRANCES, entrances)


def _declared(table: Any, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    out = table.complete(frame)
    assert isinstance(out, gpd.GeoDataFrame)
    table.check(out)
    return out


def _at_facades(
    city: City, n: int, rng: np.random.Generator, away_m: float
) -> tuple[FloatArray, FloatArray]:
    """Return places `away_m` outside of outer walls and azimuths about straight outward."""
    start, along, length, outward = _outer_walls(city.buildings.geometry)
    wall = np.searchsorted(np.cumsum(length), rng.uniform(0, length.sum(), n)).clip(
        0, len(length) - 1
    )
    share = rng.uniform(0.1, 0.9, n)[:, None]
    places = start[wall] + share * along[wall] + away_m * outward[wall]
    azimuth = np.degrees(np.arctan2(outward[wall, 0], outward[wall, 1]))
    return places, (azimuth + rng.uniform(-40, 40, n)) % 360


def _outer_walls(outlines: gpd.GeoSeries) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return start, vector, length and outward direction of every straight piece of outer wall."""
    parts = shapely.get_parts(shapely.orient_polygons(outlines.to_numpy()))
    xy, ring = shapely.get_coordinates(shapely.get_exterior_ring(parts), return_index=True)
    joined = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    along = xy[joined + 1] - xy[joined]
    length = np.hypot(*along.T)
    return xy[joined], along, length, np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None]


def _at_kerbs(city: City, n: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return places beside streets and azimuths about along them."""
    streets = city.roads[~city.roads["kind"].isin(NO_STREET) & city.roads.geometry.length.gt(5.0)]
    if streets.empty:
        return np.empty((0, 2)), np.empty(0)
    length = streets.geometry.length.to_numpy()
    which = rng.choice(len(streets), size=n, p=length / length.sum())
    at = rng.uniform(1.0, length[which] - 1.0)
    lines = streets.geometry.to_numpy()[which]
    here, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, at + d)) for d in (0.0, 0.5)
    )
    forward = (ahead - here) / np.maximum(np.hypot(*(ahead - here).T), 1e-9)[:, None]
    half = streets["kind"].map(HALF_WIDTH_M).fillna(USUAL_HALF_M).to_numpy()[which] + KERB_M
    side = rng.choice([-1.0, 1.0], n)
    places = here + (side * half)[:, None] * np.column_stack([-forward[:, 1], forward[:, 0]])
    turn = np.where(rng.uniform(size=n) < 0.5, 0.0, 180.0) + rng.uniform(-30, 30, n)
    return places, (np.degrees(np.arctan2(forward[:, 0], forward[:, 1])) + turn) % 360


def _door(outline: shapely.Polygon, tree: shapely.STRtree) -> tuple[FloatArray, float] | None:
    """Return the middle of the longest straight wall with open space in front, and its azimuth."""
    start, along, length, outward = _outer_walls(gpd.GeoSeries([outline]))
    for wall in np.argsort(-length, kind="stable"):
        if length[wall] < 2 * DOOR_M:
            return None
        middle = start[wall] + along[wall] / 2
        reach = [middle + away * outward[wall] for away in (0.1, OPEN_M)]
        front = shapely.LineString(reach).buffer(DOOR_M / 2 + 0.5, cap_style="flat")
        if not tree.query(front, predicate="intersects").size:
            azimuth = np.degrees(np.arctan2(outward[wall, 0], outward[wall, 1])) % 360.0
            return middle, float(azimuth)
    return None
