"""Facades of private buildings, storey by storey, as points just outside the wall.

Storeys are 3 m high and looked at 1.5 m above their floor, once a metre along the wall (assumptions
of the project, since maps have no windows). Each sample stands for its piece of wall. Pieces that
touch another building (a shared wall) or lie under the ground are no facade.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, nth_of
from civicsight.coverage.privacy.places import FACADES, find_areas
from civicsight.model import City
from civicsight.model.terrain import Terrain
from civicsight.rules import Rules
from civicsight.scene.bodies import lowest_ground
from civicsight.scene.segments import cut_walls

STOREY_M: Final = 3.0
"""Height of a storey (assumption)."""

SIGHT_M: Final = 1.5
"""Height of a sample above its floor: the middle of a window (assumption)."""

PIECE_M: Final = 1.0
"""Length of wall that a sample stands for, about."""

OUTSIDE_M: Final = 0.05
"""Distance of a sample from its wall, so that the wall itself does not hide it."""

OPEN_M: Final = 0.5
"""A wall with another building within this distance is shared, not open (assumption)."""

OWN_M: Final = 1.0
"""A wall belongs to a private part of a building if it is within this distance of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Private:
    """What is private in a city.

    Parameters
    ----------
    areas
        Table `places.PRIVATE`.
    facades
        Table `places.FACADES`.
    aside
        Places that are private but without walls that could be looked at: ``place_id``, ``kind``,
        ``name`` and ``reason`` (a key of `places.WHY`).
    """

    areas: gpd.GeoDataFrame
    facades: gpd.GeoDataFrame
    aside: pd.DataFrame

    @property
    def area_m2(self) -> float:
        """Area of all private facades [m2]."""
        return float(self.facades["area_m2"].sum())


def find_private(city: City, rules: Rules) -> Private:
    """Find what is private in a city, and sample its facades.

    Parameters
    ----------
    city
        Its buildings, places, register of private places and terrain.
    rules
        Packs with classes of private places.

    Returns
    -------
    Private
        The same for any order of the tables' rows.
    """
    areas, aside = find_areas(city, rules)
    facades, buried = sample_facades(areas, city.buildings, city.terrain)
    lost = pd.DataFrame(
        [(label, "", None, "ground_unknown") for label in buried], columns=aside.columns
    )
    parts = [part for part in (aside, lost) if len(part)]
    return Private(areas, facades, pd.concat(parts, ignore_index=True) if parts else aside)


def sample_facades(
    areas: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, terrain: Terrain | None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Sample the facades of private places.

    Parameters
    ----------
    areas
        Table `places.PRIVATE`.
    buildings, terrain
        Of the same city. A top is measured from the lowest ground along the outline, as in a
        scene.

    Returns
    -------
    tuple
        Table `places.FACADES`, and the buildings that are left out because the ground under them
        is not known.
    """
    marked = areas[areas["has_facade"]]
    rows = np.unique(buildings.index.get_indexer(marked["building_id"].unique()))
    rows = rows[rows >= 0]
    foot, base, top = _levels(buildings, terrain)
    unknown = [str(label) for label in buildings.index[rows[np.isnan(foot[rows])]]]
    rows = rows[~np.isnan(foot[rows])]
    if not len(rows):
        return gpd.GeoDataFrame(FACADES.empty(areas.crs)), unknown
    columns = _cut_columns(buildings, rows)
    cells = _cut_cells(columns, foot, base, top, terrain)
    cells = cells[_is_open(cells, columns, buildings, base, top)]
    owned = _own(cells, columns, marked, buildings)
    return _lay_out(owned, columns, marked, buildings), unknown


def _levels(
    buildings: gpd.GeoDataFrame, terrain: Terrain | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return foot, underside and top of each building above datum [m]; NaN on unknown ground."""
    foot, lost = lowest_ground(buildings, terrain)
    foot[lost | ~np.isfinite(foot)] = np.nan
    height = pd.to_numeric(buildings["height_m"]).to_numpy(np.float64)
    plain = pd.Series(0.0, buildings.index)
    base = pd.to_numeric(buildings.get("base_m", plain)).fillna(0.0).to_numpy(np.float64)
    return foot, foot + base, foot + height


def _cut_columns(buildings: gpd.GeoDataFrame, rows: IntArray) -> pd.DataFrame:
    """Cut the walls of chosen buildings into columns of about a metre, with a point outside each.

    Columns: ``building`` (row), ``x``, ``y``, ``normal`` [rad], ``width``.
    """
    shapes = gpd.GeoDataFrame(
        {"two_sided": False, "base": 0.0, "top": 0.0},
        index=range(len(rows)),
        geometry=buildings.geometry.to_numpy()[rows],
        crs=buildings.crs,
    )
    walls = cut_walls(shapes, (0.0, 0.0))
    start, along = walls.xyz[:, 0:2], walls.xyz[:, 2:4] - walls.xyz[:, 0:2]
    length = np.hypot(along[:, 0], along[:, 1])
    pieces = np.maximum(1, np.rint(length / PIECE_M)).astype(np.int64)
    wall = np.repeat(np.arange(len(length)), pieces)
    nth = nth_of(pieces)
    share = (nth + 0.5) / pieces[wall]
    # The inside of a ring is on its left (`segments.cut_walls`), so outward is to the right.
    outward = np.column_stack([along[:, 1], -along[:, 0]]) / length[:, None]
    at = start[wall] + share[:, None] * along[wall] + OUTSIDE_M * outward[wall]
    return pd.DataFrame(
        {
            "building": rows[walls.owner[wall]],
            "x": at[:, 0],
            "y": at[:, 1],
            "normal": np.arctan2(outward[wall, 0], outward[wall, 1]),
            "width": (length / pieces)[wall],
        }
    )


def _cut_cells(
    columns: pd.DataFrame,
    foot: FloatArray,
    base: FloatArray,
    top: FloatArray,
    terrain: Terrain | None,
) -> pd.DataFrame:
    """Cut columns into storeys; what is under the ground is cut off.

    Columns: ``column``, ``storey``, and ``low``, ``high``, ``z``, ``ground`` above datum [m]. A
    storey lower than a sample is high belongs to the one below.
    """
    building = columns["building"].to_numpy()
    height = top[building] - base[building]
    count = np.maximum(1, np.floor((height + STOREY_M - SIGHT_M) / STOREY_M)).astype(np.int64)
    column = np.repeat(np.arange(len(columns)), count)
    nth = nth_of(count)
    of = building[column]
    low = base[of] + nth * STOREY_M
    high = np.where(nth == count[column] - 1, top[of], low + STOREY_M)
    ground = np.zeros(len(columns))
    if terrain is not None:
        ground = terrain.height_at(columns["x"].to_numpy(), columns["y"].to_numpy())
    ground = ground[column]
    z = low + np.minimum(SIGHT_M, (high - low) / 2.0)
    cut = np.maximum(low, ground)
    z = np.maximum(z, cut + np.minimum(SIGHT_M, (high - cut) / 2.0) * (cut > low))
    storey = np.floor((low - foot[of]) / STOREY_M + 1e-9) + 1.0
    cells = pd.DataFrame(
        {"column": column, "storey": storey, "low": cut, "high": high, "z": z, "ground": ground}
    )
    return cells[(high > cut) & ~np.isnan(ground)]


def _is_open(
    cells: pd.DataFrame,
    columns: pd.DataFrame,
    buildings: gpd.GeoDataFrame,
    base: FloatArray,
    top: FloatArray,
) -> BoolArray:
    """Tell which cells have open space in front: no other building, nor a fold of their own."""
    shapes = buildings.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    start = columns[["x", "y"]].to_numpy()
    normal = columns["normal"].to_numpy()
    reach = (OPEN_M - OUTSIDE_M) * np.column_stack([np.sin(normal), np.cos(normal)])
    probes = shapely.linestrings(np.stack([start, start + reach], axis=1))
    column, other = tree.query(probes, predicate="intersects")
    own = other == columns["building"].to_numpy()[column]
    folded = own & shapely.intersects(shapely.points(start[column]), shapes[other])
    column, other = column[~own | folded], other[~own | folded]
    order = np.argsort(column, kind="stable")
    column, other = column[order], other[order]
    of = cells["column"].to_numpy()
    first, last = np.searchsorted(column, of, "left"), np.searchsorted(column, of, "right")
    cell = np.repeat(np.arange(len(of)), last - first)
    nth = nth_of(last - first)
    met = other[first[cell] + nth]
    z = cells["z"].to_numpy()[cell]
    # On unknown ground nobody can say how high the other is; it is taken to be there.
    closed = (~(z <= base[met])) & (~(z >= top[met]))
    open_: BoolArray = np.ones(len(of), bool)
    open_[cell[closed]] = False
    return open_


def _own(
    cells: pd.DataFrame,
    columns: pd.DataFrame,
    marked: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Give each cell to the surest private place that takes its building, storey and wall."""
    labels = buildings.index.to_numpy(object)
    building = columns["building"].to_numpy()[cells["column"].to_numpy()]
    point = columns[["x", "y"]].to_numpy()[cells["column"].to_numpy()]
    storey = cells["storey"].to_numpy()
    owner = np.full(len(cells), -1)
    confidence = np.zeros(len(cells))
    order = np.argsort(building, kind="stable")
    starts = building[order]
    hosts = buildings.index.get_indexer(marked["building_id"])
    shapes = buildings.geometry.to_numpy()
    for row, area in enumerate(marked.itertuples()):
        at = int(hosts[row])
        mine = order[np.searchsorted(starts, at, "left") : np.searchsorted(starts, at, "right")]
        fits = ~(storey[mine] < area.from_floor) & ~(storey[mine] > area.to_floor)
        if area.geometry is not shapes[at]:
            away = shapely.distance(shapely.points(point[mine]), area.geometry)
            fits &= away <= OWN_M
        fits &= (area.confidence > confidence[mine]) | (owner[mine] < 0)
        owner[mine[fits]], confidence[mine[fits]] = row, area.confidence
    owned = cells.assign(owner=owner, confidence=confidence, building_id=labels[building])
    return owned[owner >= 0]


def _lay_out(
    cells: pd.DataFrame,
    columns: pd.DataFrame,
    marked: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Lay out the table of facades, by building, column and storey."""
    if cells.empty:
        return gpd.GeoDataFrame(FACADES.empty(marked.crs))
    of = cells["column"].to_numpy()
    width = columns["width"].to_numpy()[of]
    low, high = cells["low"] - cells["ground"], cells["high"] - cells["ground"]
    assumed = buildings.get("height_assumed", pd.Series(data=False, index=buildings.index))
    frame = pd.DataFrame(
        {
            "building_id": cells["building_id"].to_numpy(object),
            "private_id": marked.index.to_numpy(object)[cells["owner"].to_numpy()],
            "height_m": (cells["z"] - cells["ground"]).to_numpy(),
            "normal_deg": np.degrees(columns["normal"].to_numpy()[of]) % 360.0,
            "area_m2": width * (high - low).to_numpy(),
            "width_m": width,
            "low_m": low.clip(lower=0.0).to_numpy(),
            "high_m": high.to_numpy(),
            "storey": cells["storey"].to_numpy(),
            "confidence": cells["confidence"].to_numpy(),
        }
    )
    by_label = assumed.astype(bool)
    frame["height_assumed"] = by_label.reindex(frame["building_id"]).to_numpy()
    x, y = columns["x"].to_numpy()[of], columns["y"].to_numpy()[of]
    number = frame.groupby("building_id", sort=False).cumcount()
    frame.index = pd.Index(frame["building_id"] + "/" + number.astype(str), name=FACADES.index)
    table = gpd.GeoDataFrame(frame, geometry=shapely.points(x, y), crs=marked.crs)
    return gpd.GeoDataFrame(FACADES.complete(table))
