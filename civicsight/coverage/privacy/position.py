"""Where cameras stand and face: inside private places, and at private doors.

An outline proves that a camera stands inside a toilet block. It never proves that a camera in a
hotel does not look into a room; that takes a declared use of the room, or a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray, IntArray
from civicsight.core.errors import CrsError
from civicsight.coverage.pose.assumptions import SURE_SHIFT_M
from civicsight.coverage.privacy.masks import shows_one_picture
from civicsight.coverage.viewshed import sightlines
from civicsight.model import HEADS, NEED, READINGS, SAMPLES
from civicsight.rules.dossier import CONTRADICTED, INTERIORS
from civicsight.scene.bodies import Scene

OUTSIDE: Final = frozenset({"above_roof", "under"})
"""Reasons of a place that is over or under a building, not in it (`pose.placement`)."""

DOOR_GAP_M: Final = 2.0
"""An entrance this close to a building is one of its doors (assumption of the project)."""

NOT_PRIVATE: Final = frozenset({"shop", "garage", "parking_entrance", "gate", "subway_entrance"})
"""Kinds of entrances of a private building that lead to something else."""

DOOR_EYE_M: Final = 1.5
"""Height at which a door is looked at."""

STEP_M: Final = 0.1
"""A door is looked at this far before its wall, on the side of the camera."""

INSIDE: Final = (
    "camera_id",
    "private_id",
    "building_id",
    "scope",
    "kind",
    "setting",
    "confidence",
    "assumptions",
)
"""Columns of `find_inside`."""

FACED: Final = (
    "camera_id",
    "reading",
    "entrance_id",
    "private_id",
    "building_id",
    "distance_m",
    "off_deg",
    "confidence",
)
"""Columns of `find_faced`."""


def find_inside(cameras: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find cameras within the outline of places whose inside is private.

    Parameters
    ----------
    cameras
        Table `model.CAMERAS`, placed by `pose.placement.place_cameras` or not.
    areas
        Table `places.PRIVATE`.

    Returns
    -------
    DataFrame
        Columns `INSIDE`, one row for each camera and place. ``setting`` is ``indoor`` or
        ``outdoor`` as recorded, ``deep_inside`` if it is so far within the walls that it is taken
        as indoors, else ``unknown``; `CONTRADICTED` if it is recorded outdoors and stands farther
        within the outline than its place may be wrong. Storeys of the place are not compared: the
        height of an indoor camera may be above the street or above its own floor.

    Raises
    ------
    CrsError
        If the CRSs differ.
    """
    _require_one_crs(cameras, areas)
    inner = areas[areas["scope"].isin(INTERIORS)]
    reasons = cameras.get("reason", pd.Series("free", cameras.index))
    standing = cameras[~reasons.isin(OUTSIDE).to_numpy()]
    tree = shapely.STRtree(inner.geometry.to_numpy())
    camera, area = tree.query(standing.geometry.to_numpy(), predicate="intersects")
    held = shapely.get_dimensions(inner.geometry.to_numpy()[area]) == 2
    camera, area = camera[held], area[held]
    rows = inner.iloc[area]
    outline = shapely.boundary(rows.geometry.to_numpy())
    depth = shapely.distance(standing.geometry.to_numpy()[camera], outline)
    # Where each camera is: as recorded, or as its place within the walls suggests.
    recorded = standing.get("setting", pd.Series(None, standing.index, dtype=object))
    known = recorded.where(recorded.isin(["indoor", "outdoor"]))
    deep = standing.get("reason", pd.Series("free", standing.index)).eq("deep_inside")
    settings = known.where(known.notna(), deep.map({True: "deep_inside", False: "unknown"}))
    found = pd.DataFrame(
        {
            "camera_id": standing.index.to_numpy(object)[camera],
            "private_id": rows.index.to_numpy(object),
            "building_id": rows["building_id"].to_numpy(object),
            "scope": rows["scope"].to_numpy(object),
            "kind": rows["kind"].to_numpy(object),
            "setting": _decided(settings.to_numpy(object)[camera], depth),
            "confidence": rows["confidence"].to_numpy(np.float64),
            "assumptions": rows["assumptions"].to_numpy(object),
        },
        columns=list(INSIDE),
    )
    return found.sort_values(["camera_id", "private_id"], ignore_index=True)


def as_recorded(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return placed cameras where their records have them: what was moved off a wall is moved back.

    A record just inside a wall is taken for one on it, so that its view can be computed; it may
    also tell the truth.
    """
    moved = cameras["placed"].eq("moved").to_numpy()
    turn = np.radians(cameras["facade_deg"].to_numpy(np.float64)[moved])
    back = cameras["shift_m"].to_numpy(np.float64)[moved]
    places = cameras.geometry.to_numpy().copy()
    at = shapely.get_coordinates(places[moved])
    step = back[:, None] * np.column_stack([np.sin(turn), np.cos(turn)])
    places[moved] = shapely.points(at - step)
    return gpd.GeoDataFrame(cameras.set_geometry(gpd.GeoSeries(places, cameras.index, cameras.crs)))


def _decided(settings: npt.NDArray[Any], depth_m: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Let the position decide where it contradicts a record."""
    return np.where((settings == "outdoor") & (depth_m > SURE_SHIFT_M), CONTRADICTED, settings)


def find_doors(entrances: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find the entrances of private places, each given to the surest place it belongs to.

    Columns ``entrance_id``, ``private_id``, ``building_id`` and ``confidence``.
    """
    _require_one_crs(entrances, areas)
    private = areas[areas["has_facade"] | areas["scope"].eq("whole_interior")]
    people = entrances[
        ~entrances["kind"].isin(NOT_PRIVATE) & ~entrances["vehicle"].astype(bool).to_numpy()
    ]
    tree = shapely.STRtree(private.geometry.to_numpy())
    door, area = tree.query(people.geometry.to_numpy(), predicate="dwithin", distance=DOOR_GAP_M)
    rows = private.iloc[area]
    found = pd.DataFrame(
        {
            "entrance_id": people.index.to_numpy(object)[door],
            "private_id": rows.index.to_numpy(object),
            "building_id": rows["building_id"].to_numpy(object),
            "confidence": rows["confidence"].to_numpy(np.float64),
        }
    )
    found = found.sort_values(["entrance_id", "confidence"], ascending=[True, False], kind="stable")
    return found.drop_duplicates("entrance_id", ignore_index=True)


def find_faced(
    heads: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    scenes: Mapping[str, Scene],
    *,
    within_m: float,
    angle_deg: float,
) -> pd.DataFrame:
    """Find private doors that cameras face, in the picture and with nothing in between.

    Parameters
    ----------
    heads, entrances, areas
        Tables `model.HEADS`, `model.ENTRANCES` and `places.PRIVATE` in one CRS.
    scenes
        Scene of each reading.
    within_m, angle_deg
        Greatest distance on the ground, and greatest angle between the axis and the door. A head
        that stands for several directions may face whatever it spans.

    Returns
    -------
    DataFrame
        Columns `FACED`: for each camera and door the first reading in which it is faced, the
        others then hold too.

    Raises
    ------
    SchemaError, CrsError, MismatchError
        If a table is not as declared, CRSs differ, or a head stands on unknown ground.
    """
    HEADS.check(heads)
    _require_one_crs(heads, areas)
    doors = find_doors(entrances, areas)
    parts = [
        _faced(
            heads[heads["reading"].eq(reading)],
            doors,
            entrances,
            scenes[reading],
            (within_m, angle_deg),
        )
        for reading in READINGS
    ]
    found = pd.concat(parts, ignore_index=True)
    found = found.drop_duplicates(["camera_id", "entrance_id"])
    return found.sort_values(["camera_id", "distance_m", "entrance_id"], ignore_index=True)


def _faced(
    heads: gpd.GeoDataFrame,
    doors: pd.DataFrame,
    entrances: gpd.GeoDataFrame,
    scene: Scene,
    limits: tuple[float, float],
) -> pd.DataFrame:
    """Return the doors that heads of one reading face, the nearest to the axis of several heads."""
    within_m, angle_deg = limits
    eyes = heads.geometry.get_coordinates().to_numpy(np.float64)
    places = entrances.geometry.reindex(doors["entrance_id"])
    at = shapely.get_coordinates(places.to_numpy())
    head, door = shapely.STRtree(shapely.points(at)).query(
        heads.geometry.to_numpy(), predicate="dwithin", distance=within_m
    )
    step = at[door] - eyes[head]
    away = np.hypot(step[:, 0], step[:, 1])
    bearing = np.degrees(np.arctan2(step[:, 0], step[:, 1]))
    off = np.abs((bearing - heads["azimuth_deg"].to_numpy()[head] + 180.0) % 360.0 - 180.0)
    span = np.where(shows_one_picture(heads), 0.0, heads["hfov_deg"].to_numpy(np.float64) / 2.0)
    near = (off <= np.maximum(angle_deg, span[head])) & (away > 0.0)
    head, door, away, off, step = (v[near] for v in (head, door, away, off, step))
    seen = _in_sight(heads, scene, head, at[door] - STEP_M * step / away[:, None])
    facts = doors.iloc[door[seen]]
    found = pd.DataFrame(
        {
            "camera_id": heads["camera_id"].to_numpy(object)[head[seen]],
            "reading": heads["reading"].to_numpy(object)[head[seen]],
            "entrance_id": facts["entrance_id"].to_numpy(object),
            "private_id": facts["private_id"].to_numpy(object),
            "building_id": facts["building_id"].to_numpy(object),
            "distance_m": away[seen],
            "off_deg": off[seen],
            "confidence": facts["confidence"].to_numpy(np.float64),
        },
        columns=list(FACED),
    )
    return found.sort_values("off_deg", kind="stable")


def _in_sight(
    heads: gpd.GeoDataFrame, scene: Scene, head: IntArray, at: FloatArray
) -> npt.NDArray[np.bool_]:
    """Tell of which pairs the head sees the place before the door."""
    if not len(head):
        return np.zeros(0, bool)
    rows: dict[str, Any] = {"part_id": "door", NEED: 0.0, "weight": 1.0}
    frame = gpd.GeoDataFrame(
        {**rows, "height_m": DOOR_EYE_M},
        index=[f"door/{k}" for k in range(len(head))],
        geometry=shapely.points(at),
        crs=heads.crs,
    )
    samples = gpd.GeoDataFrame(SAMPLES.complete(frame))
    used, row = np.unique(head, return_inverse=True)
    q = sightlines(heads.iloc[used], samples, scene, named_from=np.inf).q
    pairs = q.tocoo()
    seen = np.zeros(len(head), bool)
    own = row.ravel()[pairs.coords[1]] == pairs.coords[0]
    seen[pairs.coords[1][own & (pairs.data > 0.0)]] = True
    return seen


def _require_one_crs(table: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
    if table.crs != areas.crs:
        msg = f"one table is in {table.crs}, private places in {areas.crs}: convert with to_crs()"
        raise CrsError(msg)
