"""One camera alone: a result that knows no other, for a map of what this one sees."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from civicsight.coverage.bounds import CELL_M
from civicsight.coverage.check import MAP_READING, scenes_of
from civicsight.coverage.matrix import at_night
from civicsight.coverage.raster import CoverageRaster, compute_coverage
from civicsight.maps.faults import reject
from civicsight.presentation.evidence import others_of

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

SHOWN: Final = ("sure", MAP_READING)
"""Readings that the map shows: in the third one, a camera of which little is known sees far."""


def camera_alone(result: CheckResult, camera_id: str) -> CheckResult:
    """Return a result with one camera, the parts that it sees, and its own picture of coverage.

    Parts keep the status that all cameras together give them.

    Raises
    ------
    InputError
        If there is no such camera.
    """
    if camera_id not in result.cameras.index:
        reject("map.camera", field="camera", found=camera_id)
    heads = result.heads[result.heads["camera_id"].eq(camera_id)]
    # Parts of which the camera sees anything, on record or as assumed.
    seen = np.zeros(len(result.samples), bool)
    for reading in SHOWN:
        row = result.matrices[reading].select(cameras=pd.Index([camera_id])).q.toarray()[0]
        seen |= row > 0.0
    wanted = result.samples.loc[seen, "part_id"].unique()
    parts = result.parts.loc[result.parts.index.isin(wanted)]
    doubles = result.duplicates
    own = [
        camera_id in {str(subject), *others_of(evidence or {})}
        for subject, evidence in zip(doubles["subject"], doubles["evidence"], strict=True)
    ]
    return replace(
        result,
        cameras=result.cameras.loc[[camera_id]],
        heads=heads,
        parts=parts,
        part_status=result.part_status.reindex(parts.index),
        zones=result.zones[result.zones.index.isin(parts["zone_id"])],
        gaps=result.gaps[result.gaps["subject"].isin(parts.index)],
        duplicates=doubles[own],
        overlaps=result.overlaps.iloc[:0],
        raster=_look(result, camera_id),
    )


def _look(result: CheckResult, camera_id: str) -> CoverageRaster | None:
    """Compute what the camera sees on the ground, in the reading of the map."""
    heads = result.heads
    own = heads[heads["camera_id"].eq(camera_id) & heads["reading"].eq(MAP_READING)]
    if own.empty:
        return None
    seeing = at_night(own) if result.summary.get("night") else own
    cell_m = CELL_M if result.raster is None else result.raster.cell_m
    return compute_coverage(seeing, scenes_of(result)[MAP_READING], cell_m=cell_m)
