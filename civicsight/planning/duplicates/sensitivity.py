"""How certain a verdict is: the cameras stand and look a little differently than on record.

References
----------
A heading read off a map or a plan is right to some degrees, a position to some metres; a verdict
that does not survive that is uncertain. A Monte Carlo over seeded scenarios.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.progress import Progress
from civicsight.coverage.check import scenes_of
from civicsight.coverage.findings.camera_set import CameraSet, could_gain, count_watchers
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.matrix import at_night, compute_matrix
from civicsight.coverage.result import CheckResult
from civicsight.planning.duplicates.appraise import Appraisal, is_low
from civicsight.planning.duplicates.plan_set import refit
from civicsight.planning.duplicates.redundancy import needed_weight, split
from civicsight.planning.judging.indices import SURE
from civicsight.scene.bodies import Scene

HEADING_DEG: Final = 5.0
POSITION_M: Final = 2.0
"""A recorded heading and position are off by at most so much (convention of the project)."""


def flip_shares(
    result: CheckResult,
    found: Appraisal,
    *,
    scenarios: int,
    seed: int = 0,
    scene: Scene | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """Return the share of scenarios in which a planned camera becomes or ceases to be a duplicate.

    Parameters
    ----------
    result, found
        The check, and the measures of its cameras as recorded.
    scenarios, seed
        How many, and of which kind: the same seed gives the same for any order of the cameras.
    scene
        Of the reading ``sure``; built from the city without it.
    progress
        Called with scenarios done and in all.

    Returns
    -------
    ndarray
        Shape ``(n_camera,)``; 0 for cameras that are not judged.
    """
    camera_set = found.camera_set
    flips = np.zeros(len(camera_set.planned))
    if not scenarios or not found.judged.any():
        return flips
    heads = result.heads[result.heads["reading"].eq(SURE)]
    heads = heads[heads["camera_id"].isin(camera_set.camera_ids)]
    scene = scenes_of(result)[SURE] if scene is None else scene
    rng = np.random.default_rng(seed)
    for number in range(scenarios):
        moved = perturb_heads(heads, result.city.buildings, rng)
        flips += found.judged & (
            found.low != _low(found, look_again(result, camera_set, moved, scene))
        )
        if progress is not None:
            progress(number + 1, scenarios)
    return flips / scenarios


def perturb_heads(
    heads: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    rng: np.random.Generator,
    *,
    heading_deg: float = HEADING_DEG,
    position_m: float = POSITION_M,
    height_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """Turn and move every camera at random, all heads of one together.

    Uniform within the greatest error. A camera that would end up inside a building is moved the
    other way, and stays if that is inside as well.
    """
    cameras = np.unique(heads["camera_id"].to_numpy(object).astype(str))
    camera = np.searchsorted(cameras, heads["camera_id"].to_numpy(object).astype(str))
    turn, angle, radius, lift = rng.random((4, len(cameras)))
    away = position_m * np.sqrt(radius)
    step = np.column_stack([away * np.sin(2 * np.pi * angle), away * np.cos(2 * np.pi * angle)])
    at = shapely.get_coordinates(heads.geometry.to_numpy())
    xy = at + step[camera]
    outlines = buildings.geometry.to_numpy()
    tree = shapely.STRtree(outlines)
    for attempt in (at - step[camera], at):
        inside = np.unique(tree.query(shapely.points(xy), predicate="within")[0])
        xy[inside] = attempt[inside]
    height = heads["height_m"].to_numpy(np.float64) + height_m * (2.0 * lift[camera] - 1.0)
    return heads.assign(
        azimuth_deg=heads["azimuth_deg"] + heading_deg * (2.0 * turn[camera] - 1.0),
        height_m=np.maximum(height, 0.1),
    ).set_geometry(gpd.GeoSeries(shapely.points(xy), heads.index, crs=heads.crs))


def may_be_hidden(result: CheckResult, found: Appraisal) -> BoolArray:
    """Tell which duplicates may add enough after all: only a guessed height hides their view.

    What stands in a camera's own way in the reading ``sure`` may be a building as high as it could
    be; a verdict against the camera must not rest on that.
    """
    camera_set = found.camera_set
    samples = result.samples.loc[camera_set.sample_ids[~camera_set.dark]]
    widest = result.matrices["possible"].select(
        cameras=camera_set.camera_ids, samples=samples.index
    )
    meets = csr_array(widest.meets(samples))
    meets.resize(camera_set.meets.shape)  # by night nobody is credited with more
    steady = found.staying & ~camera_set.turning
    watchers = count_watchers(camera_set, steady)
    hidden = np.zeros(len(camera_set.planned), bool)
    for c in np.flatnonzero(found.low):
        best = could_gain(camera_set, meets, int(c), steady, watchers)
        hidden[c] = best >= found.thresholds.gain - TOLERANCE
    return hidden


def look_again(
    result: CheckResult, camera_set: CameraSet, heads: gpd.GeoDataFrame, scene: Scene
) -> CameraSet:
    """Return the fleet as it sees with other heads: by day and, if it has nights, by night."""
    samples = result.samples.loc[camera_set.sample_ids[~camera_set.dark]]
    views = [heads, at_night(heads)] if camera_set.dark.any() else [heads]
    matrices = [
        compute_matrix(some, result.parts, samples, scene, camera_ids=camera_set.camera_ids)
        for some in views
    ]
    return refit(camera_set, result, matrices)


def _low(found: Appraisal, camera_set: CameraSet) -> BoolArray:
    """Tell which planned cameras are duplicates in one scenario, beside the same that stay."""
    asked = split(camera_set)
    total = np.bincount(
        camera_set.row, camera_set.weight[camera_set.meets.indices], len(camera_set.planned)
    )
    whole = np.where(total > 0.0, total, 1.0)
    standing = ~camera_set.planned & camera_set.linked
    gain, kept = (
        needed_weight(camera_set, asked, background) / whole
        for background in (standing, found.staying)
    )
    low: BoolArray = is_low(gain, kept, found.thresholds) & (total > 0.0)
    return low
