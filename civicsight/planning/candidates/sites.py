"""Places that could carry a camera around what is not met: what stands there, and what could.

Poles of cameras and lamp posts are on record. A wall is there, but nobody has asked its owner; a
street corner or open ground needs a pole that is to be erected: both are named as assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray, Geometries, nth_of
from civicsight.coverage.pose.placement import CLEARANCE_M
from civicsight.coverage.pose.sensor_views import DRIVABLE, find_junctions
from civicsight.model import City
from civicsight.model.provenance import BOUNDARY, of_layer

COLUMNS: Final = ("host", "host_id", "capacity", "roof_m", "facade_deg", "assumptions")
"""Columns of a table of sites beside their places, by ``site_id``."""

CAPACITY: Final = {"pole": 3, "lamp": 1, "facade": 2, "gate": 2, "corner": 3, "ground": 3}
"""Devices that a site carries (assumption of the project)."""

LAMP_TAGS: Final = {
    "highway": frozenset({"street_lamp"}),
    "power": frozenset({"pole"}),
    "man_made": frozenset({"mast", "utility_pole"}),
}
"""Tags of what stands in the street like a pole."""

CORNER_M: Final = 9.0
"""Distance of a street corner from the middle of its junction (assumption of the project)."""

OFF_WALL_M: Final = 0.8
"""A new pole stands at least this far from a wall, so that a person passes."""

OFF_AXIS_M: Final = 3.5
"""A new pole stands at least this far from the axis of a street that is driven on."""

LOWEST_ROOF_M: Final = 3.0
"""A lower building is a booth or a shed that carries no camera."""

SAME_M: Final = 1.0
"""Sites closer than this are one; the first in the order of hosts stays."""


REFUSED_M: Final = 3.0
"""So near to where a survey found that nothing can be built there is no site [m]."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """How close sites stand: along walls, and of new poles on open ground [m]."""

    wall_m: float
    ground_m: float


ROUNDS: Final = (Spacing(6.0, 8.0), Spacing(2.5, 4.0))
"""The second round is finer, where the first leaves gaps."""


def find_sites(
    city: City,
    cameras: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    wanting: gpd.GeoDataFrame,
    *,
    within_m: float,
    spacing: Spacing,
) -> gpd.GeoDataFrame:
    """Find the places near samples that could carry a camera.

    Parameters
    ----------
    city, cameras
        Tables of the project, and its cameras where they were placed.
    areas
        Table of private places; their buildings carry nothing.
    wanting
        Samples that want a camera.
    within_m
        Greatest distance of a site from the nearest of them.
    spacing
        Of sites along walls and on open ground.

    Returns
    -------
    GeoDataFrame
        Columns `COLUMNS` by ``site_id``, none inside a building, beyond the boundary of the
        project, or where a survey found that nothing can be built; each place once.
    """
    near = _Near(wanting.geometry.to_numpy(), within_m)
    buildings = _Buildings(city.buildings, frozenset(areas["building_id"].dropna()))
    tables = [
        near.keep(table)
        for table in (
            _frame(_poles(cameras), city),
            _frame(_lamps(city), city),
            _frame(_gates(city, buildings), city),
            _walls(buildings, near, spacing.wall_m, city),
            _corners(city, buildings),
            _ground(city, buildings, near, spacing.ground_m),
        )
    ]
    sites = gpd.GeoDataFrame(pd.concat(tables), crs=city.crs)
    # Which sites a survey found that nothing can be built at.
    said = city.changes.loc[city.changes["what"].eq("unbuildable"), "subject"]
    refused = city.cameras.geometry[city.cameras.index.isin(said)].to_numpy()
    found = np.zeros(len(sites), bool)
    there, _ = shapely.STRtree(refused).query(
        sites.geometry.to_numpy(), predicate="dwithin", distance=REFUSED_M
    )
    found[there] = True
    barred = found | _are_beyond(sites, city)
    # Leave out sites at the place of another; what is on record comes first.
    sites = sites[buildings.is_free(sites) & ~barred]
    points = sites.geometry.to_numpy()
    first, second = shapely.STRtree(points).query(points, predicate="dwithin", distance=SAME_M)
    dropped = np.zeros(len(points), bool)
    walls = sites["host"].eq("facade").to_numpy(bool)
    # Two walls at a corner look apart: both stay.
    pairs = (second > first) & ~(walls[first] & walls[second])
    for kept, other in zip(first[pairs].tolist(), second[pairs].tolist(), strict=True):
        dropped[other] |= not dropped[kept]
    return gpd.GeoDataFrame(sites[~dropped & ~sites.index.duplicated()])


def _are_beyond(sites: gpd.GeoDataFrame, city: City) -> npt.NDArray[np.bool_]:
    """Tell which sites lie beyond the boundary of a project; none where it has no boundary."""
    if not of_layer(city.provenance, BOUNDARY):
        return np.zeros(len(sites), bool)
    lies: npt.NDArray[np.bool_] = ~sites.intersects(city.extent).to_numpy(bool)
    return lies


class _Near:
    """What is within a distance of the samples."""

    def __init__(self, points: Geometries, within_m: float) -> None:
        self.tree, self.within_m = shapely.STRtree(points), within_m
        self.points = points

    def has(self, points: Geometries) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(points), bool)
        near = self.tree.query_nearest(points, max_distance=self.within_m, all_matches=False)
        found[near[0]] = True
        return found

    def keep(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(sites[self.has(sites.geometry.to_numpy())])


class _Buildings:
    """Buildings, and which of them carry a camera."""

    def __init__(self, buildings: gpd.GeoDataFrame, private: frozenset[str]) -> None:
        self.table, self.shapes = buildings, buildings.geometry.to_numpy()
        self.tree = shapely.STRtree(self.shapes)
        base = buildings["base_m"].fillna(0.0).to_numpy(np.float64)
        self.high = buildings["height_m"].to_numpy(np.float64)
        self.stands = base < 2.0
        carries = self.stands & (self.high >= LOWEST_ROOF_M)
        self.carries = carries & ~buildings.index.isin(list(private))

    def near(self, points: Geometries, distance_m: float) -> npt.NDArray[np.bool_]:
        """Tell which points are within a distance of a building that stands on the ground."""
        which, building = self.tree.query(points, predicate="dwithin", distance=distance_m)
        found = np.zeros(len(points), bool)
        found[which[self.stands[building]]] = True
        return found

    def is_free(self, sites: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
        return ~self.near(sites.geometry.to_numpy(), 1e-6)


Row = dict[str, Any]


def _frame(rows: Iterator[Row], city: City) -> gpd.GeoDataFrame:
    table = pd.DataFrame(list(rows), columns=["site_id", *COLUMNS, "geometry"])
    table[["roof_m", "facade_deg"]] = table[["roof_m", "facade_deg"]].astype("float64")
    return gpd.GeoDataFrame(table.set_index("site_id"), geometry="geometry", crs=city.crs)


def _row(host: str, name: str, point: Any) -> Row:
    return {
        "site_id": f"{host}:{name}",
        "host": host,
        "host_id": name,
        "capacity": CAPACITY[host],
        "roof_m": np.nan,
        "facade_deg": np.nan,
        "assumptions": (),
        "geometry": point,
    }


def _assumed(
    host: str, names: list[str], xy: FloatArray, assumed: str, city: City, **columns: Any
) -> gpd.GeoDataFrame:
    """Return sites that nobody has on record; there are many, so they are made at once."""
    plain = {"host_id": None, "roof_m": np.nan, "facade_deg": np.nan} | columns
    index = pd.Index([f"{host}:{name}" for name in names], name="site_id", dtype=object)
    table = pd.DataFrame({"host": host, "capacity": CAPACITY[host]} | plain, index=index)
    table["assumptions"] = pd.Series([(assumed,)] * len(index), index, dtype=object)
    return gpd.GeoDataFrame(table[list(COLUMNS)], geometry=shapely.points(xy), crs=city.crs)


def _poles(cameras: gpd.GeoDataFrame) -> Iterator[Row]:
    """Yield the poles of cameras that stand, each once."""
    standing = cameras["status"].isna() | cameras["status"].eq("existing")
    on_pole = cameras["mount"].eq("pole") | cameras["pole_id"].notna()
    held = cameras[standing & on_pole & cameras["placed"].isin(["kept", "moved"])]
    name = held["pole_id"].where(held["pole_id"].notna(), held.index.to_series())
    for label, rows in held.groupby(name.astype(str)):
        yield _row("pole", str(label), rows.geometry.iloc[0])


def _lamps(city: City) -> Iterator[Row]:
    for table in (city.obstacles, city.places):
        points = table[table.geometry.geom_type.eq("Point")].sort_index()
        for label, tags, point in zip(points.index, points["tags"], points.geometry, strict=True):
            if tags and any(tags.get(key) in values for key, values in LAMP_TAGS.items()):
                yield _row("lamp", str(label), point)


def carriers_of(city: City) -> set[str]:
    """Return the ids of the lamps and free-standing gates, which could carry a camera."""
    buildings = _Buildings(city.buildings, frozenset())
    return {str(row["host_id"]) for row in (*_lamps(city), *_gates(city, buildings))}


def _gates(city: City, buildings: _Buildings) -> Iterator[Row]:
    """Yield gates that stand free; a door of a building is part of its wall."""
    gates = city.entrances.sort_index()
    free = ~buildings.near(gates.geometry.to_numpy(), 1.0)
    for label, point in gates.geometry[free].items():
        yield _row("gate", str(label), point)


def _walls(buildings: _Buildings, near: _Near, step_m: float, city: City) -> gpd.GeoDataFrame:
    """Return places before the walls of buildings, on a grid so that neighbours share them."""
    reach = near.within_m + step_m
    _, rows = buildings.tree.query(near.points, predicate="dwithin", distance=reach)
    rows = np.unique(rows)
    rows = rows[buildings.carries[rows]]
    shapes = shapely.orient_polygons(shapely.force_2d(buildings.shapes[rows]))
    walls = [_along(shape, step_m) for shape in shapes]
    count = [len(azimuth) for _, azimuth in walls]
    labels = [str(buildings.table.index[row]) for row in rows.tolist()]
    names = [
        f"{label}/{step_m:g}/{number}"
        for label, many in zip(labels, count, strict=True)
        for number in range(many)
    ]
    return _assumed(
        "facade",
        names,
        np.concatenate([np.zeros((0, 2)), *(xy for xy, _ in walls)]),
        "wall_not_surveyed",
        city,
        host_id=np.repeat(np.array(labels, object), count),
        roof_m=np.repeat(buildings.high[rows], count),
        facade_deg=np.concatenate([np.zeros(0), *(azimuth for _, azimuth in walls)]),
    )


def _along(shape: Any, step_m: float) -> tuple[FloatArray, FloatArray]:
    """Return places just outside the outer walls of a building, and the outward azimuths."""
    places, azimuths = [np.zeros((0, 2))], [np.zeros(0)]
    for piece in shapely.get_parts(shape):
        xy = shapely.get_coordinates(piece.exterior)
        step = np.diff(xy, axis=0)
        length = np.hypot(*step.T)
        long = length >= 1.0
        start, step, length = xy[:-1][long], step[long], length[long]
        outward = np.column_stack([step[:, 1], -step[:, 0]]) / length[:, None]
        count = np.maximum(np.round(length / step_m), 1).astype(np.int64)
        wall = np.repeat(np.arange(len(count)), count)
        nth = nth_of(count)
        share = ((nth + 0.5) / count[wall])[:, None]
        places.append(start[wall] + share * step[wall] + CLEARANCE_M * outward[wall])
        azimuths.append((np.degrees(np.arctan2(*outward.T)) % 360.0)[wall])
    return np.concatenate(places), np.concatenate(azimuths)


def _corners(city: City, buildings: _Buildings) -> gpd.GeoDataFrame:
    """Return four corners around each junction, off the streets and the walls."""
    middles = find_junctions(city.roads)
    turns = np.radians([45.0, 135.0, 225.0, 315.0])
    step = CORNER_M * np.column_stack([np.sin(turns), np.cos(turns)])
    xy = (shapely.get_coordinates(middles)[:, None, :] + step).reshape(-1, 2)
    return _erect("corner", xy, city, buildings)


def _ground(city: City, buildings: _Buildings, near: _Near, step_m: float) -> gpd.GeoDataFrame:
    """Return open ground on a grid around the samples."""
    at = np.unique(np.floor(shapely.get_coordinates(near.points) / step_m).astype(np.int64), axis=0)
    half = int(np.ceil(min(near.within_m, MOST_GROUND_M) / step_m))
    around = np.stack(np.meshgrid(*[np.arange(-half, half + 1)] * 2), axis=-1).reshape(-1, 2)
    cells = np.unique((at[:, None, :] + around).reshape(-1, 2), axis=0)
    xy: FloatArray = ((cells + 0.5) * step_m).astype(np.float64)
    return _erect("ground", xy, city, buildings)


MOST_GROUND_M: Final = 30.0
"""A new pole is not sought farther than this: nearer ones serve as well."""


def _erect(host: str, xy: FloatArray, city: City, buildings: _Buildings) -> gpd.GeoDataFrame:
    points = shapely.points(xy)
    clear = ~buildings.near(points, OFF_WALL_M)
    driven = city.roads[city.roads["kind"].isin(DRIVABLE)].geometry.to_numpy()
    on_road = shapely.STRtree(driven).query(points, predicate="dwithin", distance=OFF_AXIS_M)[0]
    clear[on_road] = False
    names = [f"{x:.1f}_{y:.1f}" for x, y in xy[clear].tolist()]
    return _assumed(host, names, xy[clear], "pole_to_be_erected", city)
