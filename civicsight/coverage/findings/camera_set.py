"""The cameras of one reading as a team over the demand: who meets what, who counts beside whom.

References
----------
Article 7. Only samples of mandatory parts count, only cameras in use, and each at the level that
the part asks for: an overview never stands in for a recognition.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.findings.shares import Cover, Shares, measure_shares, smallest_cover
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use

UNBUILT: Final = ("approved", "planned")
"""States of a camera that belongs to the plan but does not stand yet."""


def build_camera_set(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
) -> CameraSet:
    """Put the cameras in use over the samples of parts.

    Cameras come in the order of their ids, so that the order of rows never matters.
    """
    used = cameras[is_in_use(cameras)]
    used = used.loc[used.index.intersection(matrix.camera_ids).sort_values()]
    counted = samples[samples["part_id"].isin(parts.index) & (samples["weight"] > 0.0)]
    part = counted["part_id"].to_numpy(object)
    chosen = matrix.select(cameras=used.index, samples=counted.index)
    meets = chosen.meets(counted["need_px_m"].to_numpy(np.float64))
    meets.sort_indices()
    status = used.get("status", pd.Series(None, used.index)).astype(object)
    status = status.where(status.notna(), "existing")
    kind = used.get("kind", pd.Series(None, used.index))
    return CameraSet(
        used,
        counted,
        meets,
        csc_array(meets),
        chosen.q,
        counted["weight"].to_numpy(np.float64),
        parts["k"].reindex(part).to_numpy(np.int64),
        status.to_numpy(object),
        kind.eq("ptz").to_numpy(bool),
    )


def could_gain(team: CameraSet, widest: csr_array, c: int, background: BoolArray) -> float:
    """Return the share of its own that a camera has at best, beside what others see for sure.

    `widest` is what each camera meets in the possible reading, in the rows and columns of the team.
    What hides a camera's own view in the sure reading may be a guess; a verdict against it must not
    rest on that.
    """
    others = background & ~team.turning
    others[c] = False
    watchers = np.asarray(team.meets[np.flatnonzero(others)].sum(axis=0)).ravel()
    row = np.asarray(widest[[c]].toarray(), bool).ravel()
    total = float(team.weight[row].sum())
    return float(team.weight[row & (watchers < team.k)].sum()) / total if total > 0.0 else 0.0


def with_status(team: CameraSet, statuses: Collection[str]) -> BoolArray:
    """Tell which cameras are in one of the given states."""
    chosen: BoolArray = np.isin(team.status.astype(str), list(statuses))
    return chosen


def shares_beside(team: CameraSet, background: BoolArray) -> Shares:
    """Measure every camera beside a background.

    A camera that turns is held to account by all, but does not stand in for a fixed one: it looks
    elsewhere for part of the time.
    """
    every = measure_shares(team.meets, team.weight, team.k, background)
    steady = measure_shares(team.meets, team.weight, team.k, background & ~team.turning)
    return Shares(
        every.total,
        np.where(team.turning, every.unique, steady.unique),
        np.where(team.turning, every.fair, steady.fair),
    )


def stand_ins(
    team: CameraSet, camera: int, background: BoolArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """Find who else meets what a camera meets.

    Returns
    -------
    tuple
        The others, the samples of the camera (positions), and who meets which of them, shape
        ``(n_other, n_sample)``.
    """
    columns = team.meets.indices[team.meets.indptr[camera] : team.meets.indptr[camera + 1]]
    block = csc_array(team.by_sample[:, columns])
    counts = background if team.turning[camera] else background & ~team.turning
    others = np.unique(block.indices)
    others = others[counts[others] & (others != camera)]
    meets = np.asarray(csr_array(block)[others].toarray(), bool)
    return others.astype(np.int64), columns.astype(np.int64), meets


def relies_on(team: CameraSet, camera: int, background: BoolArray) -> Cover:
    """Find the fewest others that together do what a camera does, as far as others can."""
    others, columns, meets = stand_ins(team, camera, background)
    names = [str(team.cameras.index[i]) for i in others]
    return smallest_cover(names, meets, team.k[columns])


@dataclass(frozen=True, slots=True, eq=False)
class CameraSet:
    """Cameras in use, samples that count, and who meets which.

    Parameters
    ----------
    cameras, samples
        Rows of the tables, cameras by id.
    meets, by_sample
        bool, shape ``(n_camera, n_sample)``: fast by camera, and by sample.
    q
        The same in px/m, also below the need.
    weight, k
        By sample.
    status, turning
        By camera: its state in the plan, and whether it is credited by presets.
    """

    cameras: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    meets: csr_array
    by_sample: csc_array
    q: csr_array
    weight: FloatArray
    k: IntArray
    status: npt.NDArray[np.object_]
    turning: BoolArray
