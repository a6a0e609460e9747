"""Cameras out of use beside what is not covered: broken, removed, or indoors.

References
----------
Article 7: existing resources are used before new ones are built. A camera that once stood there has
a pole, a wall and a cable; to repair it is the first thing to consider.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.findings.reuse import recorded_heads
from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.scene.bodies import Scene

OUT_OF_USE_M: Final = 30.0
"""A camera out of use is named for parts within this distance: it stands at the same gate."""

REPAIR_COLUMNS: Final = ("part_id", "camera_id", "why", "distance_m", "would_cover")


def find_repairs(
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    sure: CoverageMatrix,
    cameras: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    scene: Scene,
    *,
    radius_m: float = OUT_OF_USE_M,
) -> pd.DataFrame:
    """Find cameras out of use near parts that are not covered.

    Parameters
    ----------
    parts, samples
        Tables `schema.PARTS`, those not covered, and `schema.SAMPLES`.
    sure
        What the cameras in use deliver for sure.
    cameras, heads, scene
        Placed cameras, all of them; heads of those that `revive` returns; what stands in between.
    radius_m
        Greatest distance of a camera from a part.

    Returns
    -------
    DataFrame
        Rows of `REPAIR_COLUMNS`, the nearest first: ``why`` is ``indoor``, ``removed`` or
        ``broken``; ``would_cover`` tells whether the part would reach its required share if the
        camera looked as recorded, beside what is sure; None indoors or if no direction is recorded.
    """
    idle = _reasons(cameras)
    spots, places = cameras.geometry.loc[idle.index].to_numpy(), parts.geometry.to_numpy()
    part, camera = shapely.STRtree(spots).query(places, predicate="dwithin", distance=radius_m)
    near = pd.DataFrame(
        {
            "part_id": parts.index.to_numpy(object)[part],
            "camera_id": idle.index.to_numpy(object)[camera],
            "why": idle.to_numpy(object)[camera],
            "distance_m": shapely.distance(places[part], spots[camera]),
        }
    )
    near = near.sort_values(["part_id", "distance_m", "camera_id"], ignore_index=True)
    verdicts = _try(near, parts, samples, sure, heads, scene)
    near["would_cover"] = pd.Series(verdicts, near.index, dtype=object)
    return near[list(REPAIR_COLUMNS)]


def revive(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the broken and removed cameras that stand outdoors, as if they were in use."""
    why = _reasons(cameras)
    outdoors = why.index[why.ne("indoor")]
    return cameras.loc[outdoors].assign(usable=True, status="existing")


def _reasons(cameras: gpd.GeoDataFrame) -> pd.Series:
    """Return why each camera does not count; those off the terrain are no matter of repair."""
    placed = cameras.get("placed", pd.Series("kept", cameras.index))
    idle = cameras[~is_in_use(cameras) & placed.ne("off_terrain").to_numpy(bool)]
    placed = placed.loc[idle.index]
    removed = idle.get("status", pd.Series(None, idle.index)).eq("removed")
    why = pd.Series("broken", idle.index, dtype=object).mask(removed, "removed")
    return why.mask(placed.eq("indoor"), "indoor")


def _try(
    near: pd.DataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    sure: CoverageMatrix,
    heads: gpd.GeoDataFrame,
    scene: Scene,
) -> list[bool | None]:
    """Tell for each part and camera whether the camera would close the part."""
    aimed = recorded_heads(heads[heads["camera_id"].isin(near["camera_id"])])
    known = near["camera_id"].isin(aimed["camera_id"]).to_numpy(bool)
    if not known.any():
        return [None] * len(near)
    wanting = samples[samples["part_id"].isin(near.loc[known, "part_id"])]
    trial = compute_matrix(aimed, parts, wanting, scene)
    need = wanting["need_px_m"].to_numpy(np.float64)
    seen = sure.select(samples=wanting.index).watchers(need)
    more = trial.meets(need)
    enough = parts["k"].reindex(wanting["part_id"]).to_numpy(np.int64) - seen
    weight = wanting["weight"].to_numpy(np.float64)
    of_part = wanting.groupby("part_id").indices
    verdicts: list[bool | None] = []
    for tried, part_id, camera_id in zip(known, near["part_id"], near["camera_id"], strict=True):
        if not tried:
            verdicts.append(None)
            continue
        columns = of_part[part_id]
        own = more[[trial.camera_ids.get_loc(camera_id)]][:, columns].toarray()[0]
        share = _share(own.astype(np.int64) >= enough[columns], weight[columns])
        verdicts.append(share >= float(parts["fraction"][part_id]) - TOLERANCE)
    return verdicts


def _share(met: npt.NDArray[np.bool_], weight: FloatArray) -> float:
    """Return the share of a weight that is met."""
    return float(weight[met].sum() / weight.sum())
