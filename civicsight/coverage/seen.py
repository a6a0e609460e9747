"""What the cameras deliver at what is demanded, and what of it counts."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from civicsight.core.progress import Progress
from civicsight.coverage.demand.find import Demand
from civicsight.coverage.matrix import CoverageMatrix, compute_matrices
from civicsight.coverage.privacy.barred import find_barred, without_credit
from civicsight.model import City
from civicsight.rules import Rules
from civicsight.scene.bodies import Scene


class Seen(NamedTuple):
    """What cameras deliver as far as it counts, what is blocked, who is barred, and all of it."""

    matrices: dict[str, CoverageMatrix]
    blocked: pd.DataFrame
    barred: tuple[str, ...]
    seen: dict[str, CoverageMatrix]


def see(
    city: City,
    rules: Rules,
    cameras: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    demand: Demand,
    scenes: dict[str, Scene],
    *,
    progress: Progress | None,
) -> Seen:
    """Compute the matrices, with a row for every camera; in the first who is barred has nothing."""
    seen, blocked = compute_matrices(
        heads, demand.parts, demand.samples, scenes, camera_ids=cameras.index, progress=progress
    )
    barred = find_barred(city, rules, cameras, seen, demand.samples)
    return Seen(without_credit(seen, barred), blocked, barred, seen)
