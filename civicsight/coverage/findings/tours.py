"""For what share of time tours hold the parts that they look at.

References
----------
Article 8 and docs/decisions/0055: a tour counts for sure only from the share of time that the
capture profile asks for.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.coverage.matrix import duty_of, is_allowed, limits_of, pair_up
from civicsight.coverage.viewshed import sightlines
from civicsight.scene.bodies import Scene

TOUR_COLUMNS: Final = ("part_id", "camera_id", "share")


def find_tours(
    heads: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, samples: gpd.GeoDataFrame, scene: Scene
) -> pd.DataFrame:
    """Find which parts cameras on a tour make out, and for what share of time they hold them.

    Parameters
    ----------
    heads
        Heads of one reading (`model.HEADS`); those that always look the same way are passed over.
    parts, samples, scene
        Tables of `model`, and what stands in between.

    Returns
    -------
    DataFrame
        Rows of `TOUR_COLUMNS`, by part, the longest share first: the least share of any sample of
        the part that the camera meets at some stop.

    Raises
    ------
    SchemaError, CrsError, MismatchError
        As `matrix.compute_matrix`.
    """
    turning = gpd.GeoDataFrame(heads[duty_of(heads) < 1.0])
    limits = limits_of(None, parts, samples)
    if turning.empty or samples.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in TOUR_COLUMNS})
    lines = sightlines(turning, samples, scene, named_from=np.inf).q.tocoo()
    code, camera = pd.factorize(turning["camera_id"])
    pairs = pair_up(turning, samples, scene, limits, np.asarray(code, np.int64))
    head, sample = (np.asarray(axis, np.int64) for axis in lines.coords)
    met = pairs.need[sample].is_met(lines.data) & is_allowed(pairs, head, sample)
    head, sample = head[met], sample[met]
    found = pd.DataFrame(
        {
            "part_id": samples["part_id"].to_numpy(object)[sample],
            "camera_id": camera.to_numpy(object)[pairs.camera[head]],
            "sample": sample,
            "share": pairs.duty[head],
        }
    )
    held = found.groupby(["part_id", "camera_id", "sample"], as_index=False)["share"].sum()
    least = held.groupby(["part_id", "camera_id"], as_index=False)["share"].min()
    order = ["part_id", "share", "camera_id"]
    ordered = least.sort_values(order, ascending=[True, False, True], ignore_index=True)
    return ordered[list(TOUR_COLUMNS)]
