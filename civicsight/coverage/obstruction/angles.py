"""Which lines the limits of angle of a part's profile allow, as the coverage matrix has it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import IntArray
from civicsight.coverage.matrix import is_allowed, limits_of, pair_up
from civicsight.scene.bodies import Scene


def angles_allow(
    heads: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
    head: IntArray,
    sample: IntArray,
) -> npt.NDArray[np.bool_]:
    """Tell which pairs of rows of heads and samples are within the limits of angle."""
    own = parts[parts.index.isin(samples["part_id"])]
    limits = limits_of(heads, own, samples)
    pairs = pair_up(heads, samples, scene, limits, np.zeros(len(heads), np.int64))
    return is_allowed(pairs, head, sample)
