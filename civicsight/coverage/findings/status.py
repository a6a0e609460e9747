"""How each part stands: the share that is met, in each reading, and who meets or hides it.

References
----------
Article 8: every main entrance, passage or key part of a mandatory place is to be covered. A part
counts as covered only by what is sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.model import NEED, READINGS
from civicsight.model.results import PRESUMED
from civicsight.rules.criteria import Need

STATUSES: Final = ("covered", "assumed", "possible", "gap")
"""Met for sure; only if an assumption holds; only if all goes well; not even possibly."""

UNMET_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "covered": (),
    "assumed": ("sure",),
    "possible": ("sure", "assumed"),
    "gap": READINGS,
}
"""Readings in which a part of a status is not met."""

MET_IN: Final[Mapping[str, str | None]] = {
    "covered": "sure",
    "assumed": "assumed",
    "possible": "possible",
    "gap": None,
}
"""The reading that a part of a status is credited in."""

MOST_BLOCKERS: Final = 5
"""A part names at most this many features that hide it, the worst first."""

GROUND_ROW, CROWNS_ROW = -2, -3
"""Blockers that are no feature: the ground, and several crowns together."""


def part_status(
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    *,
    blocked: pd.DataFrame | None = None,
    features: pd.DataFrame | None = None,
    turning: pd.Index | None = None,
    unbuilt: pd.Index | None = None,
) -> pd.DataFrame:
    """Judge every part in every reading.

    Parameters
    ----------
    parts, samples, matrices
        Tables `model.PARTS` and `model.SAMPLES`, and the matrix of each reading.
    blocked, features
        Blocked pairs from `compute_matrices`, and the features of the scene, to name blockers.
    turning
        Cameras that are credited by presets, to name parts that rest on them alone.
    unbuilt
        Cameras that are only approved or planned, to tell what is covered without them.

    Returns
    -------
    DataFrame
        One row a part that has samples: ``item``, ``status`` (one of `STATUSES`), ``required`` and
        ``fraction_sure``, ``fraction_assumed``, ``fraction_possible`` [0-1], ``need_px_m``, ``k``,
        ``best_px_m`` (what the required share of the part gets, in the best reading) and the same
        by reading, ``weight``, ``cameras`` (ids that meet some of it in the reading it is credited
        in), ``blockers`` (labels), ``presets_only``, and ``built`` (covered for sure by cameras
        that stand already).
    """
    counted = samples[samples["part_id"].isin(parts.index)]
    code = parts.index.get_indexer(counted["part_id"])
    frame = pd.DataFrame(index=parts.index)
    frame["item"], frame[NEED] = parts["item"], Need.of(parts).px_m
    frame["required"], frame["k"] = parts["fraction"].astype("float64"), parts["k"]
    frame["weight"] = np.bincount(code, counted["weight"].to_numpy(np.float64), len(parts))
    k = frame["k"].to_numpy(np.int64)[code]
    met = {each: _measure(frame, counted, matrices[each], each, code, k) for each in READINGS}
    frame["best_px_m"], frame["status"] = frame["best_px_m_possible"], _judge(frame)
    _judge_presumed(frame, parts["how"], counted, met, code)
    frame["cameras"] = _credited(frame, counted, matrices, code)
    frame["blockers"] = _hidden_by(frame, counted, met, code, blocked, features)
    frame["presets_only"] = _rests_on(frame, counted, matrices["sure"], turning, code, k)
    waits = _rests_on(frame, counted, matrices["sure"], unbuilt, code, k)
    frame["built"] = frame["status"].eq("covered") & ~waits
    return frame[frame["weight"] > 0.0]


def unmet_samples(
    samples: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, matrix: CoverageMatrix
) -> pd.Index:
    """Return the samples that fewer than the required number of cameras meet."""
    counted = samples[samples["part_id"].isin(parts.index)]
    k = parts["k"].reindex(counted["part_id"]).to_numpy(np.int64)
    met = _over(matrix, counted).met(counted, k)
    return counted.index[~met]


def label_blocker(row: int, features: pd.DataFrame | None) -> str:
    """Name what hides a sample: layer and id of a feature, and its name if it has one."""
    if row == GROUND_ROW:
        return "ground"
    if row == CROWNS_ROW or features is None:
        return "canopies" if row == CROWNS_ROW else f"feature {row}"
    feature = features.iloc[row]
    label = f"{feature['layer']} {feature['id']}"
    name = feature.get("name")
    return f"{label} ({name})" if isinstance(name, str) and name else label


def _over(matrix: CoverageMatrix, samples: gpd.GeoDataFrame) -> CoverageMatrix:
    """Return the columns of the given samples."""
    if matrix.sample_ids.equals(samples.index):
        return matrix
    return matrix.select(samples=samples.index)


def _measure(
    frame: pd.DataFrame,
    samples: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
    reading: str,
    code: IntArray,
    k: IntArray,
) -> BoolArray:
    """Add the share that is met in one reading, and the density that the required share gets.

    Returns which samples are met.
    """
    matrix = _over(matrix, samples)
    weight = samples["weight"].to_numpy(np.float64)
    met = matrix.met(samples, k)
    frame[f"fraction_{reading}"] = _share(met, code, weight, len(frame))
    density, required = _kth_best(matrix, k), frame["required"].to_numpy(np.float64)
    frame[f"best_px_m_{reading}"] = _at_share(density, code, weight, required)
    return met


def _share(met: BoolArray, code: IntArray, weight: FloatArray, count: int) -> FloatArray:
    """Return the share of each part's weight that is met; NaN for a part without samples."""
    total = np.bincount(code, weight, count)
    done = np.bincount(code[met], weight[met], count)
    with np.errstate(invalid="ignore"):
        share: FloatArray = done / total
    return share


def _kth_best(matrix: CoverageMatrix, k: IntArray) -> FloatArray:
    """Return at each sample the density that `k` cameras reach or better [px/m]."""
    best = np.where(k == 1, matrix.best().astype(np.float64), 0.0)
    several = k[matrix.q.indices] > 1
    column, density = matrix.q.indices[several], matrix.q.data[several].astype(np.float64)
    order = np.lexsort((-density, column))
    column, density = column[order], density[order]
    start = np.searchsorted(column, np.arange(matrix.q.shape[1]))
    kth = np.arange(len(column)) - start[column] == k[column] - 1
    best[column[kth]] = density[kth]
    return best


def _at_share(
    density: FloatArray, code: IntArray, weight: FloatArray, required: FloatArray
) -> FloatArray:
    """Return the greatest density that the required share of each part reaches [px/m]."""
    count = len(required)
    order = np.lexsort((-density, code))
    code, density, weight = code[order], density[order], weight[order]
    run = np.cumsum(weight)
    start = np.searchsorted(code, np.arange(count))
    before = np.concatenate([[0.0], run])[start]
    total = np.bincount(code, weight, count)
    enough = run - before[code] >= required[code] * total[code] * (1.0 - TOLERANCE)
    result = np.zeros(count)
    held = np.flatnonzero(enough)
    first = held[np.diff(code[held], prepend=-1) != 0]
    result[code[first]] = density[first]
    return result


def _judge(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    status = np.full(len(frame), STATUSES[-1], object)
    for name, reading in reversed(list(zip(STATUSES, READINGS, strict=False))):
        met = frame[f"fraction_{reading}"] >= frame["required"] - TOLERANCE
        status[met.to_numpy(bool)] = name
    return status


def _judge_presumed(
    frame: pd.DataFrame,
    how: pd.Series,
    samples: gpd.GeoDataFrame,
    met: Mapping[str, BoolArray],
    code: IntArray,
) -> None:
    """Judge presumed gates by every position that they may have.

    One is covered for sure only if all positions are, and a gap only if none is even possibly; in
    between it hangs on the presumption, as it always does where no other position is known.
    """
    presumed = how.isin(PRESUMED).to_numpy(bool)
    if not presumed.any():
        return
    count = len(frame)
    elsewhere = samples["weight"].eq(0.0).to_numpy(bool)
    known = how.eq(PRESUMED[-1]).to_numpy(bool) | (np.bincount(code, elsewhere, count) > 0)
    everywhere = known & (np.bincount(code, ~met["sure"], count) == 0)
    somewhere = np.bincount(code, met["possible"], count) > 0
    status = frame["status"].to_numpy(object, copy=True)
    status[presumed & (status == "covered") & ~everywhere] = "assumed"
    status[presumed & (status == "gap") & somewhere] = "possible"
    frame["status"] = status


def _credited(
    frame: pd.DataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    code: IntArray,
) -> pd.Series:
    """Return for each part the cameras that meet some of it in the reading it is credited in."""
    cameras: list[tuple[str, ...]] = [()] * len(frame)
    for name, reading in MET_IN.items():
        if reading is None:
            continue
        matrix = _over(matrices[reading], samples)
        coo = matrix.meets(samples).tocoo()
        counts = frame["status"].eq(name).to_numpy(bool)[code[coo.coords[1]]]
        part, camera = code[coo.coords[1][counts]], coo.coords[0][counts].astype(np.int64)
        pairs = np.unique(part * len(matrix.camera_ids) + camera)
        ids = matrix.camera_ids.to_numpy(object)[pairs % max(len(matrix.camera_ids), 1)]
        of_part = pairs // max(len(matrix.camera_ids), 1)
        first = np.flatnonzero(np.diff(of_part, prepend=-1)).tolist()
        for begin, end in pairwise([*first, len(ids)]):
            cameras[of_part[begin]] = tuple(sorted(ids[begin:end]))
    return pd.Series(cameras, frame.index, dtype=object)


def _hidden_by(
    frame: pd.DataFrame,
    samples: gpd.GeoDataFrame,
    met: Mapping[str, BoolArray],
    code: IntArray,
    blocked: pd.DataFrame | None,
    features: pd.DataFrame | None,
) -> pd.Series:
    """Name what hides the unmet samples of each part, in the most generous reading it fails in."""
    labels: dict[str, tuple[str, ...]] = {}
    if blocked is not None and len(blocked):
        at = samples.index.get_indexer(blocked["sample_id"])
        failed = frame["status"].map(lambda status: (UNMET_IN[status] or ("",))[-1])
        kept = np.zeros(len(blocked), np.bool_)
        number, readings = pd.factorize(blocked["reading"])
        for nth, name in enumerate(readings):
            unmet = failed.eq(name).to_numpy(bool)[code] & ~met[name]
            kept |= (at >= 0) & (number == nth) & unmet[at]
        pairs = pd.DataFrame(
            {
                "part": frame.index[code[at[kept]]],
                "sample": at[kept],
                "blocker": blocked["blocker"].to_numpy(np.int64)[kept],
                "weight": samples["weight"].to_numpy(np.float64)[at[kept]],
            }
        )
        labels = _worst_blockers(pairs, features)
    return pd.Series([labels.get(part, ()) for part in frame.index], frame.index, dtype=object)


def _worst_blockers(
    pairs: pd.DataFrame, features: pd.DataFrame | None
) -> dict[str, tuple[str, ...]]:
    """Return the labels of each part's blockers, those that hide the most weight first."""
    once = pairs.drop_duplicates(["sample", "blocker"])
    hidden = once.groupby(["part", "blocker"], as_index=False)["weight"].sum()
    labels = {row: label_blocker(int(row), features) for row in hidden["blocker"].unique()}
    hidden["label"] = hidden["blocker"].map(labels)
    hidden = hidden.sort_values(["weight", "label"], ascending=[False, True])
    found: dict[str, tuple[str, ...]] = {}
    for part, label in zip(hidden["part"], hidden["label"], strict=True):
        found[str(part)] = (*found.get(str(part), ()), label)[:MOST_BLOCKERS]
    return found


def _rests_on(
    frame: pd.DataFrame,
    samples: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
    others: pd.Index | None,
    code: IntArray,
    k: IntArray,
) -> BoolArray:
    """Tell which covered parts would not be, without the given cameras."""
    covered: BoolArray = frame["status"].eq("covered").to_numpy(bool)
    if others is None or not len(others):
        return np.zeros(len(frame), bool)
    left = _over(matrix, samples).select(cameras=matrix.camera_ids.difference(others))
    met = left.met(samples, k)
    share = _share(met, code, samples["weight"].to_numpy(np.float64), len(frame))
    rests: BoolArray = covered & ~(share >= frame["required"].to_numpy() - TOLERANCE)
    return rests
