"""The scene: ground, walls and crowns as plain arrays, ready for exact sight lines.

Every solid thing is a vertical prism: a footprint between a base and a top. Only its walls are
stored, as directed segments with the inside on the left (outer rings counter-clockwise, holes
clockwise), so that a wall can be seen from outside exactly if the eye is on its right. A thin
panel (a fence, a billboard) is the same segment in both directions. Crowns of trees are prisms
that let part of the sight lines pass.

Coordinates in the arrays are relative to `Scene.origin`, a whole multiple of `ALIGN_M`, so that
double precision resolves far below a micrometre and cells of any whole fraction keep their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import CrsError, MismatchError
from civicsight.core.overview import crs_name
from civicsight.model import BUILDINGS, require_metric
from civicsight.model.terrain import Terrain
from civicsight.scene.segments import Buckets, Volumes, Walls, index_boxes, lay_walls
from civicsight.scene.validation import require_sound

Season = Literal["summer", "winter"]
SEASONS: Final[tuple[Season, Season]] = ("summer", "winter")
Assumed = Literal["as_is", "lowest", "highest"]

ALIGN_M = 9600.0
"""The origin of a scene is a whole multiple of this, which every usual cell size divides."""

GROUNDED = -1.0e9
"""Base of a prism that stands on the ground [m]: no sight line passes below it."""

ENDLESS = 1.0e9
"""Top of a building whose assumed height is taken at its highest [m]."""

LOWEST_BUILDING_M = 2.5
"""Top of a building whose assumed height is taken at its lowest: one low storey [m]."""

HIGHEST_OBSTACLE_M = 4.0
"""Top of a wall or fence whose assumed height is taken at its highest [m]; at its lowest there is
none, because a fence of unknown kind may be one that a camera sees through."""

TRANSMITTANCE = {"summer": 0.15, "winter": 0.6}
"""Share of a sight line that passes a crown of unknown density (assumption of the project)."""

DARK = 1e-6
"""Share that passes a crown taken at its densest; not 0, which marks a solid."""

PIT_M = 1_000.0
"""Unknown ground lies this far below the lowest known where it is not to block a line [m]."""

LOWEST_CROWN_M = 0.1
"""Least height of the underside of a crown [m]."""

BUILD: Final = "build_scene(city.buildings) makes one"
"""What to do where something else was given for a scene."""

MIN_TRANSMITTANCE = 0.5
"""A target is visible if at least this share of its sight line passes all crowns (assumption)."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Scene:
    """What can stand between a camera and a target.

    Parameters
    ----------
    crs
        Metric CRS of everything.
    origin
        Corner that all arrays are relative to [m].
    terrain
        The ground, in absolute coordinates; None for flat ground at height 0.
    features
        One row for each obstacle: ``layer``, ``id``, ``name``, ``height_assumed``, ``base``,
        ``top`` (above datum), ``transmittance`` and its geometry.
    walls
        Faces of all features.
    solid_index
        Index of the faces that stop a sight line: all but those of crowns that let at least
        `MIN_TRANSMITTANCE` pass.
    volumes, volume_index
        What has to be looked at as a body, and the index of its boxes.
    transmittance
        float64, one value a feature: 0 solid, 1 clear.
    relief
        The ground as it blocks: as `terrain`, but without effect where that is unknown if
        assumptions are to hide least. Otherwise unknown ground blocks.
    """

    crs: CRS
    origin: tuple[float, float]
    terrain: Terrain | None
    features: gpd.GeoDataFrame
    walls: Walls
    solid_index: Buckets
    volumes: Volumes
    volume_index: Buckets
    transmittance: FloatArray
    relief: Terrain | None

    def __repr__(self) -> str:
        """Say what stands in it, in one line."""
        layers = self.features["layer"].value_counts().sort_index()
        counts = ", ".join(f"{name} {count:,}" for name, count in layers.items())
        ground = "relief" if self.terrain is not None else "flat ground"
        walls, crs = len(self.walls.owner), crs_name(self.crs)
        return f"<Scene {counts or 'empty'}, {walls:,} walls, {ground}, crs {crs}>"

    def ground_at(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Return the height of the ground above datum [m], 0 where it is flat.

        NaN where the terrain is not known.
        """
        if self.terrain is None:
            return np.zeros(np.broadcast(x, y).shape)
        return self.terrain.height_at(x, y)


def build_scene(
    buildings: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    canopies: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
    *,
    season: Season = "summer",
    assumed: Assumed = "as_is",
    origin: tuple[float, float] | None = None,
    like: Scene | None = None,
) -> Scene:
    """Turn tables into a scene.

    Parameters
    ----------
    buildings, obstacles, canopies
        Tables `model.BUILDINGS`, `model.OBSTACLES`, `model.CANOPIES` in one metric CRS; only
        their geometry and ``height_m`` are needed. They are not changed, and may overlap.
    terrain
        The ground. A top is measured from the lowest ground along the outline (OSM wiki,
        Key:height). Unknown ground blocks every sight line over it, and what stands on it has no
        end; where assumptions are to hide least, neither blocks any.
    season
        Which transmittance of the crowns counts.
    assumed
        What to do with assumed heights: keep them, or take the bound at which something hides
        least or most. A finding that has to be sure uses the bound that is against it.
    origin
        Corner of the arrays, a whole multiple of `ALIGN_M`; parts of a region share theirs.
    like
        A scene of the same tables, whose walls are taken where only heights differ.

    Raises
    ------
    CrsError
        If a table is not in metres or the tables do not share one CRS.
    MismatchError
        If a height is missing.
    SchemaError
        If a shape is missing, of a wrong kind or nowhere on Earth, or a height negative or endless.
    """
    crs = require_metric(buildings, BUILDINGS.name)
    require_sound(buildings, obstacles, canopies)
    top = _heights(buildings, assumed, LOWEST_BUILDING_M, ENDLESS)
    layers = [_frame(buildings, "building", _base(buildings), top)]
    _require_one_crs(crs, obstacles, canopies)
    if obstacles is not None and len(obstacles):
        lines = obstacles[~_is_area(obstacles)]
        top = _heights(lines, assumed, 0.0, HIGHEST_OBSTACLE_M)
        layers += [
            _frame(lines, "obstacle", _base(lines), top, two_sided=True),
            _prisms_of_obstacles(obstacles, assumed),
        ]
    if canopies is not None and len(canopies):
        layers.append(_crowns(canopies, season, assumed))
    rows = pd.concat([each for each in layers if len(each)] or layers[:1], ignore_index=True)
    features = gpd.GeoDataFrame(rows, geometry="geometry", crs=crs)
    corner = origin or _origin(features, terrain)
    return _assemble(_above_datum(features, terrain, assumed), terrain, assumed, corner, like)


def _require_one_crs(crs: CRS, *tables: gpd.GeoDataFrame | None) -> None:
    for table in tables:
        if table is not None and len(table) and table.crs != crs:
            msg = f"a layer is in {table.crs}, the buildings in {crs}: convert it with to_crs()"
            raise CrsError(msg)


def hangs_on_assumptions(
    buildings: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    canopies: gpd.GeoDataFrame,
    terrain: Terrain | None,
    season: Season,
) -> bool:
    """Tell whether anything of a scene is assumed, so that its bounds differ."""
    layers = (buildings, obstacles, canopies)
    return bool(
        (terrain is not None and np.isnan(terrain.z).any())
        or any(layer["height_assumed"].any() for layer in layers)
        or canopies[season].isna().any()
        or (_is_area(obstacles) & obstacles["kind"].eq("unknown").to_numpy(bool)).any()
    )


def _assemble(
    features: gpd.GeoDataFrame,
    terrain: Terrain | None,
    assumed: Assumed,
    origin: tuple[float, float],
    like: Scene | None,
) -> Scene:
    """Cut features into walls, and index them."""
    transmittance, known = features["transmittance"].to_numpy(np.float64), None
    if like is not None and like.origin == origin:
        known = like.features, like.transmittance < MIN_TRANSMITTANCE, like.walls, like.solid_index
    walls, index = lay_walls(features, transmittance < MIN_TRANSMITTANCE, origin, known)
    volumes = _volumes(features, origin)
    return Scene(
        features.crs,
        origin,
        terrain,
        features,
        walls,
        index,
        volumes,
        index_boxes(volumes.boxes, np.arange(len(volumes.boxes))),
        transmittance,
        _kept_low(terrain) if assumed == "lowest" else terrain,
    )


def _kept_low(terrain: Terrain | None) -> Terrain | None:
    """Return the ground with its unknown nodes so low that they block no sight line."""
    if terrain is None or not np.isnan(terrain.z).any():
        return terrain
    low = np.nanmin(terrain.z) - PIT_M
    z = np.where(np.isnan(terrain.z), low, terrain.z)
    return Terrain(z, terrain.x0, terrain.y0, terrain.step)


def _frame(
    table: gpd.GeoDataFrame,
    layer: str,
    base: pd.Series,
    top: pd.Series,
    *,
    two_sided: bool = False,
    transmittance: pd.Series | float = 0.0,
) -> pd.DataFrame:
    """Lay out the features of one layer; `base` and `top` are above the local ground."""
    height = pd.to_numeric(table["height_m"])
    if height.isna().any():
        label = table.index[height.isna()][0]
        count = int(height.isna().sum())
        msg = f"{count} features of {layer} have no height_m, first {label!r}: fill it in"
        raise MismatchError(msg)
    blank = pd.Series([None] * len(table), index=table.index, dtype=object)
    return pd.DataFrame(
        {
            "layer": layer,
            "id": table.index.astype(str),
            "name": table.get("name", blank),
            "height_assumed": table.get(
                "height_assumed", pd.Series(data=False, index=table.index)
            ).astype(bool),
            "base": base.to_numpy(np.float64),
            "top": top.to_numpy(np.float64),
            "two_sided": two_sided,
            "transmittance": transmittance,
            "geometry": table.geometry.to_numpy(),
        }
    )


def _base(table: gpd.GeoDataFrame) -> pd.Series:
    base = table.get("base_m", pd.Series(0.0, index=table.index))
    return pd.to_numeric(base).fillna(0.0)


def _heights(table: gpd.GeoDataFrame, assumed: Assumed, lowest: float, highest: float) -> pd.Series:
    """Return the tops, with those that are assumed taken at the bound asked for."""
    top = pd.to_numeric(table["height_m"]).astype(float)
    if assumed == "as_is" or "height_assumed" not in table:
        return top
    bounded = top.clip(upper=lowest) if assumed == "lowest" else top.clip(lower=highest)
    return top.where(~table["height_assumed"].astype(bool), bounded)


def _is_area(table: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    return np.asarray(shapely.get_dimensions(table.geometry.to_numpy()) == 2, np.bool_)


def _prisms_of_obstacles(obstacles: gpd.GeoDataFrame, assumed: Assumed) -> pd.DataFrame:
    areas = obstacles[_is_area(obstacles)]
    top = _heights(areas, assumed, 0.0, HIGHEST_OBSTACLE_M)
    if assumed == "highest" and "kind" in areas:
        # Where a surface is not known, anything may stand.
        top = top.where(areas["kind"].ne("unknown"), ENDLESS)
    return _frame(areas, "obstacle", _base(areas), top)


def _crowns(canopies: gpd.GeoDataFrame, season: Season, assumed: Assumed) -> pd.DataFrame:
    default = pd.Series(np.nan, index=canopies.index)
    unknown = {"as_is": TRANSMITTANCE[season], "lowest": 1.0, "highest": DARK}[assumed]
    passing = pd.to_numeric(canopies.get(season, default)).fillna(unknown)
    some = canopies[passing < 1.0]
    base = _base(some)
    if assumed == "highest" and "height_assumed" in some:
        base = base.where(~some["height_assumed"].astype(bool), 0.0)
    # Clear of the ground in any case: a line may end inside a crown that starts at its foot.
    return _frame(
        some,
        "canopy",
        base.clip(lower=LOWEST_CROWN_M),
        _heights(some, assumed, 0.0, ENDLESS),
        transmittance=passing[passing < 1.0].to_numpy(),
    )


def _origin(features: gpd.GeoDataFrame, terrain: Terrain | None) -> tuple[float, float]:
    if len(features):
        x, y = features.total_bounds[:2]
    elif terrain is not None:
        x, y = terrain.bounds[:2]
    else:
        return 0.0, 0.0
    return float(np.floor(x / ALIGN_M) * ALIGN_M), float(np.floor(y / ALIGN_M) * ALIGN_M)


def lowest_ground(
    features: gpd.GeoDataFrame, terrain: Terrain | None
) -> tuple[FloatArray, BoolArray]:
    """Return the lowest known ground along each outline, and where some of it is not known.

    Heights are above datum [m], shape ``(n,)``: 0 without a terrain, infinite where all is unknown.
    """
    ground, lost = np.zeros(len(features)), np.zeros(len(features), np.bool_)
    if terrain is not None and len(features):
        xy, of = shapely.get_coordinates(features.geometry.to_numpy(), return_index=True)
        z = terrain.height_at(xy[:, 0], xy[:, 1])
        ground = np.full(len(features), np.inf)
        np.fmin.at(ground, of, z)
        lost[of[np.isnan(z)]] = True
    return ground, lost


def _above_datum(
    features: gpd.GeoDataFrame, terrain: Terrain | None, assumed: Assumed
) -> gpd.GeoDataFrame:
    """Turn heights above the local ground into heights above datum.

    On ground that is known in part only, the lowest known height bounds the true one from above,
    so a prism is rather too high; on unknown ground it has no end. Where assumptions are to hide
    least, such a prism hides nothing.
    """
    ground, lost = lowest_ground(features, terrain)
    nowhere = ~np.isfinite(ground)
    ground[nowhere] = 0.0
    standing = (features["base"].to_numpy() <= 0.0) | lost
    out = features.copy()
    out["base"] = np.where(standing, GROUNDED, ground + features["base"].to_numpy())
    out["top"] = ground + np.where(nowhere, ENDLESS, features["top"].to_numpy())
    if assumed == "lowest":
        out["top"] = np.where(lost, GROUNDED, out["top"])
    return out


def _volumes(features: gpd.GeoDataFrame, origin: tuple[float, float]) -> Volumes:
    """Choose the features that stand clear of the ground or partly let light pass.

    Where an assumed height is taken at its lowest, it may end below the underside on record: then
    nothing is there.
    """
    raised = (features["base"] > GROUNDED) & ~features["two_sided"].astype(bool)
    body = raised | (features["transmittance"] >= MIN_TRANSMITTANCE)
    body &= features["top"] > features["base"]
    rows = np.flatnonzero(body.to_numpy(bool))
    boxes = shapely.bounds(features.geometry.to_numpy()[rows]) - np.asarray(origin * 2)
    return Volumes(boxes.reshape(-1, 4), rows.astype(np.int32))
