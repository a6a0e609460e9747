"""Existing cameras that could close a gap: turned, with better optics, or repaired.

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
from civicsight.coverage.findings.turning import find_offers
from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.coverage.pose.image import FULL_CIRCLE_DEG
from civicsight.coverage.pose.placement import UNKNOWN_GROUND
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.scene.bodies import Scene

ALL_TILTS: Final = (40.0, 100.0)
"""Tilt and vertical field of a band from straight below to 10 degrees above the horizon."""

REUSE_COLUMNS: Final = ("part_id", "camera_id", "how", "distance_m", "share", "px_m", "turn_deg")

WAYS: Final = ("re-aim", "upgrade", "re-aim-and-upgrade")
"""What a camera needs to cover a part: to be turned, another lens, or both; least work first."""

GUESSED: Final = frozenset(
    {
        "all_round",
        "outward_half",
        "faces_outward",
        "faces_entrance",
        "faces_junction",
        "tour_all_round",
        "any_direction",
        "direction_by_sector",
    }
)
"""Assumptions of a head whose direction nobody recorded, or only to a sector."""

REUSABLE: Final = ("existing", "approved")
"""Cameras that may be turned; a planned one is simply planned elsewhere."""

MOST_OFFERS: Final = 3
"""Cameras that are named for one part, the nearest first."""


def find_reuse(
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    unmet: pd.Index,
    cameras: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    scene: Scene,
    *,
    radius_m: float,
) -> pd.DataFrame:
    """Find existing cameras near uncovered parts that could be turned to cover them.

    Each camera is tried where it is, with the optics it has or is assumed to have, turned any way;
    what it may cover at once is bounded by its field of view.

    Parameters
    ----------
    parts, samples, unmet
        Tables `model.PARTS` and `model.SAMPLES`, and the samples that want a camera.
    cameras, heads, scene
        Placed cameras, their heads, and what stands in between.
    radius_m
        Greatest distance of a camera from a part.

    Returns
    -------
    DataFrame
        Rows of `REUSE_COLUMNS`, at most `MOST_OFFERS` a part: ``how`` is ``re-aim`` if the part
        then reaches its required share, ``upgrade`` if the part is in its picture but too coarse,
        ``re-aim-and-upgrade`` if it is neither in the picture nor near enough; ``share`` of the
        part [0-1] that it would meet or see, the px/m that share gets at least, and ``turn_deg``
        from the recorded direction to the part [0-180], NaN if no direction is recorded.
    """
    status = cameras.get("status", pd.Series(None, cameras.index))
    reusable = cameras.index[status.isin(REUSABLE) | status.isna()]
    turned = _turn_anywhere(heads[heads["camera_id"].isin(reusable)])
    wanting = samples.loc[unmet]
    wanting = wanting[wanting["weight"] > 0.0]
    parts = parts[parts.index.isin(wanting["part_id"])]
    # Parts and cameras within a distance of each other.
    part_geometry, head_geometry = parts.geometry.to_numpy(), turned.geometry.to_numpy()
    part, head = shapely.STRtree(head_geometry).query(
        part_geometry, predicate="dwithin", distance=radius_m
    )
    near = pd.DataFrame(
        {
            "part_id": parts.index.to_numpy(object)[part],
            "camera_id": turned["camera_id"].to_numpy(object)[head],
            "distance_m": shapely.distance(part_geometry[part], head_geometry[head]),
        }
    )
    turned = turned[turned["camera_id"].isin(near["camera_id"])]
    wanting = wanting[wanting["part_id"].isin(near["part_id"])]
    aimed = recorded_heads(heads[heads["camera_id"].isin(turned["camera_id"])])
    # For each part its `total` weight, and what is `wanted` to its required share.
    total = samples.groupby("part_id")["weight"].sum().reindex(parts.index)
    lacking = samples.loc[unmet].groupby("part_id")["weight"].sum().reindex(parts.index)
    wanted = parts["fraction"].astype("float64") * total - (total - lacking)
    short = pd.DataFrame({"total": total, "wanted": wanted.clip(lower=0.0)})
    offers = find_offers(turned, aimed, parts, wanting, scene, near, short)
    frame = pd.DataFrame(offers, columns=list(REUSE_COLUMNS))
    frame["effort"] = frame["how"].map(WAYS.index)
    frame = frame.sort_values(["part_id", "effort", "distance_m", "camera_id"], kind="stable")
    frame = frame.drop(columns="effort")
    return frame.groupby("part_id").head(MOST_OFFERS).reset_index(drop=True)


def recorded_heads(heads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the heads, as they probably are, whose direction is on record or without effect."""
    believed = heads[heads["reading"].eq("assumed")]
    recorded = [GUESSED.isdisjoint(names) for names in believed["assumptions"]]
    return believed[np.array(recorded, bool)]


def _turn_anywhere(heads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one head a camera with the density of its image, in every direction.

    ``angle_deg`` keeps what one image spans.
    """
    believed = heads[heads["reading"].isin(["assumed", "possible"])]
    first = believed.sort_values(["camera_id", "reading"], kind="stable").drop_duplicates(
        "camera_id"
    )
    tilt, band = ALL_TILTS
    width = first["width_px"] * FULL_CIRCLE_DEG / first["hfov_deg"]
    return first.assign(
        azimuth_deg=0.0,
        tilt_deg=tilt,
        roll_deg=0.0,
        hfov_deg=FULL_CIRCLE_DEG,
        vfov_deg=band,
        width_px=width,
        lens="cylindrical",
        duty=1.0,
        angle_deg=first["hfov_deg"],
    )


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
        Tables `model.PARTS`, those not covered, and `model.SAMPLES`.
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
    verdicts = _try_reviving(near, parts, samples, sure, heads, scene)
    near["would_cover"] = pd.Series(verdicts, near.index, dtype=object)
    return near[list(REPAIR_COLUMNS)]


def revive(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the broken and removed cameras that stand outdoors, as if they were in use."""
    why = _reasons(cameras)
    outdoors = why.index[why.ne("indoor")]
    return cameras.loc[outdoors].assign(usable=True, status="existing")


def _reasons(cameras: gpd.GeoDataFrame) -> pd.Series:
    """Return why each camera does not count; those where nothing is known have no repair."""
    placed = cameras.get("placed", pd.Series("kept", cameras.index))
    idle = cameras[~is_in_use(cameras) & ~placed.isin(UNKNOWN_GROUND).to_numpy(bool)]
    placed = placed.loc[idle.index]
    removed = idle.get("status", pd.Series(None, idle.index)).eq("removed")
    why = pd.Series("broken", idle.index, dtype=object).mask(removed, "removed")
    return why.mask(placed.eq("indoor"), "indoor")


def _try_reviving(
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
    seen = sure.select(samples=wanting.index).watchers(wanting)
    more = trial.meets(wanting)
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
