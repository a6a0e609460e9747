"""What a judgement of duplicates takes from elsewhere: prices, work on what stands, the night."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.coverage.check import build_scenes
from civicsight.coverage.matrix import CoverageMatrix, at_night, compute_matrix
from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.duplicates.camera_set import recorded_costs
from civicsight.planning.duplicates.offers import Offers
from civicsight.planning.judging.indices import SURE
from civicsight.scene.bodies import Scene


def offers_of(candidates: CandidateSet) -> Offers:
    """Return the work on existing cameras that a set of candidates proposes."""
    table = candidates.table[["measure", "camera_id", "cost_yuan"]]
    return Offers(pd.DataFrame(table[table["camera_id"].notna()]), candidates.matrix)


def prices_of(result: CheckResult, candidates: CandidateSet) -> pd.Series:
    """Return what cameras cost [yuan]: as recorded, else a planned one by the price table."""
    built = candidates.table
    built = built[built["measure"].eq("new") & built["camera_id"].notna()]
    by_table = built.set_index("camera_id")["cost_yuan"]
    recorded = pd.Series(recorded_costs(result.cameras), result.cameras.index)
    return recorded.fillna(by_table.reindex(recorded.index))


def see_by_night(result: CheckResult, scene: Scene | None = None) -> CoverageMatrix | None:
    """Compute what the cameras of a check see by their own light, in the reading ``sure``.

    Parameters
    ----------
    result
        What `check` found.
    scene
        Of the reading ``sure``, built without it.

    Returns
    -------
    CoverageMatrix or None
        None where the check was one by night already, or no camera has a recorded light: then the
        night tells no camera from another.
    """
    heads = result.heads[result.heads["reading"].eq(SURE)]
    lit = "night_reach_m" in heads and bool(np.isfinite(heads["night_reach_m"].astype(float)).any())
    if result.summary.get("night") or not lit:
        return None
    scene = build_scenes(result.city)[SURE] if scene is None else scene
    shining = at_night(gpd.GeoDataFrame(heads))
    return compute_matrix(
        shining, result.parts, result.samples, scene, camera_ids=result.cameras.index
    )
