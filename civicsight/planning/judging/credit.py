"""What the law lets count: coverage without the cameras that break Article 9.

References
----------
Article 9: a camera that stands or looks where it may not is listed, and what it sees is nobody's
coverage; it is masked, moved or taken down before anything is built.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from civicsight.coverage.findings.camera_set import UNBUILT
from civicsight.coverage.findings.status import part_status
from civicsight.coverage.privacy.barred_cameras import find_unmasked, serving
from civicsight.coverage.privacy.look import WallPoints
from civicsight.coverage.result import CheckResult
from civicsight.model import READINGS


def credited(result: CheckResult, barred: Collection[str]) -> CheckResult:
    """Return a check in which some cameras meet nothing.

    Parameters
    ----------
    result
        What `check` found.
    barred
        Cameras that are credited with nothing; others are not touched, nor is anything looked at
        anew.

    Returns
    -------
    CheckResult
        With other `matrices` and `part_status`; cameras, findings and numbers stay those of the
        inventory as it is.
    """
    cameras = result.cameras
    gone = cameras.index.isin(list(barred))
    if not gone.any():
        return result
    kept = cameras[~gone]
    matrices = {
        reading: matrix.select(cameras=matrix.camera_ids[~matrix.camera_ids.isin(list(barred))])
        for reading, matrix in result.matrices.items()
    }
    status = part_status(
        result.parts,
        result.samples,
        matrices,
        turning=kept.index[kept["kind"].eq("ptz")],
        unbuilt=kept.index[kept["status"].isin(UNBUILT)],
    )
    return replace(result, matrices=matrices, part_status=status)


def lawful_status(
    result: CheckResult, facades: gpd.GeoDataFrame, walls: WallPoints
) -> pd.DataFrame:
    """Return how parts stand without the cameras that see more of the private than allowed.

    Parameters
    ----------
    result
        What `check` found; it credits no camera that stands in a private place.
    facades, walls
        The private facades, and the same laid out in the scene that shows most.
    """
    asked = result.heads["camera_id"].isin(serving(result.matrices, result.samples))
    sure = gpd.GeoDataFrame(result.heads[asked & result.heads["reading"].eq(READINGS[0])])
    seen = find_unmasked(result.rules, facades, walls, sure)
    return credited(result, list(seen.index)).part_status


def not_today(result: CheckResult, barred: Collection[str]) -> frozenset[str]:
    """Return the cameras that cover nothing today: barred by the law, or not built yet."""
    planned = result.cameras.index[result.cameras["status"].eq("planned")]
    return frozenset((*map(str, barred), *map(str, planned)))
