"""What the law lets count: coverage without the cameras that break Article 9.

References
----------
Article 9: a camera that stands or looks where it may not is listed, and what it sees is nobody's
coverage; it is masked, moved or taken down before anything is built.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from civicsight.coverage.check import CheckResult
from civicsight.coverage.findings.status import part_status
from civicsight.coverage.findings.team import UNBUILT


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


def not_today(result: CheckResult, barred: Collection[str]) -> frozenset[str]:
    """Return the cameras that cover nothing today: barred by the law, or not built yet."""
    planned = result.cameras.index[result.cameras["status"].eq("planned")]
    return frozenset((*map(str, barred), *map(str, planned)))
