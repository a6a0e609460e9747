"""The cameras of a plan over what has to be seen: who exists, who is planned, who stands in.

References
----------
Article 7: what exists is used first. Article 9: a camera that may not stand is nobody's stand-in,
and what lies inside a private place is no demand. Article 14: a camera outside the shared network
does not serve the plan until it is linked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, hstack

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.result import CheckResult

UNLINKED: Final = "not_connected"
OTHER_OWNER: Final = "non_government"
PLANNED: Final = "planned"

UNKNOWN: Final = -1
"""Purpose that nobody recorded."""

NO_SIDE, BEFORE, BEHIND = 0, 1, 2
"""Side from which a camera looks at a gate; none where nobody walks in a direction."""

DENIALS: Final = frozenset({"", "no", "false", "0"})
"""What the tag ``temporary`` holds for a camera that stays."""


def build_camera_set(
    result: CheckResult,
    *,
    prices: pd.Series | None = None,
    barred: Collection[str] = (),
    private: gpd.GeoDataFrame | None = None,
    night: CoverageMatrix | None = None,
) -> CameraSet:
    """Put the cameras in use, in the order of their ids, over the samples of mandatory parts.

    Parameters
    ----------
    result
        What `check` found; the reading ``sure`` counts.
    prices
        Yuan by camera; without it the tag ``cost`` of the record.
    barred, private
        Cameras that Article 9 forbids, and private areas: neither those cameras count nor samples
        inside an area whose whole interior is private.
    night
        Matrix of the same cameras by their own light: what is met by day has to be met then too;
        half of each weight is by day and half by night.
    """
    cameras, parts = result.cameras, result.parts
    counts = is_in_use(cameras) & ~_temporary(cameras) & ~cameras.index.isin(list(barred))
    used = cameras[counts].sort_index()
    samples = _counted(result, private)
    matrices = [result.matrices["sure"], *([] if night is None else [night])]
    places = pd.concat([samples] * len(matrices))
    q, meets = _stack(matrices, used.index, samples)
    planned = used["status"].eq(PLANNED).to_numpy(bool)
    foreign = used["owner"].eq(OTHER_OWNER) | used["network_state"].eq(UNLINKED)
    part = parts.index.get_indexer(places["part_id"])
    return CameraSet(
        camera_ids=used.index,
        sample_ids=places.index,
        meets=meets,
        q=q,
        weight=places["weight"].to_numpy(np.float64) / len(matrices),
        k=parts["k"].to_numpy(np.int64)[part],
        part=part.astype(np.int64),
        dark=np.arange(len(places)) >= len(samples),
        planned=planned,
        linked=planned | ~foreign.to_numpy(bool),
        turning=used["kind"].eq("ptz").to_numpy(bool),
        held=used.index.isin(result.withheld.index),
        purpose=_purposes(used),
        side=_sides(used, places, meets),
        cost_yuan=_costs(used, prices),
    )


def refit(fleet: CameraSet, result: CheckResult, matrices: Sequence[CoverageMatrix]) -> CameraSet:
    """Return the same cameras and samples by other matrices: by day, and by night if it has any."""
    samples = result.samples.loc[fleet.sample_ids[~fleet.dark]]
    q, meets = _stack(matrices, fleet.camera_ids, samples)
    places = result.samples.loc[fleet.sample_ids]
    side = _sides(result.cameras.loc[fleet.camera_ids], places, meets)
    return replace(fleet, q=q, meets=meets, side=side)


def pack_camera_set(
    meets: csr_array,
    *,
    planned: BoolArray,
    weight: npt.ArrayLike = 1.0,
    k: npt.ArrayLike = 1,
    part: npt.ArrayLike = 0,
    linked: npt.ArrayLike = True,
    turning: npt.ArrayLike = False,
    held: npt.ArrayLike = False,
    purpose: npt.ArrayLike = UNKNOWN,
    cost_yuan: npt.ArrayLike = np.nan,
) -> CameraSet:
    """Make a fleet of plain arrays; scalars spread, labels are numbers in the order of rows."""
    n, m = meets.shape
    meets = csr_array((np.ones(meets.nnz, np.bool_), meets.indices, meets.indptr), shape=(n, m))
    meets.sort_indices()
    return CameraSet(
        camera_ids=pd.Index([f"{i:0{len(str(n))}d}" for i in range(n)], dtype=object),
        sample_ids=pd.RangeIndex(m),
        meets=meets,
        q=meets,
        weight=_spread(weight, m, np.float64),
        k=_spread(k, m, np.int64),
        part=_spread(part, m, np.int64),
        dark=np.zeros(m, bool),
        planned=np.asarray(planned, bool),
        linked=_spread(linked, n, np.bool_) | np.asarray(planned, bool),
        turning=_spread(turning, n, np.bool_),
        held=_spread(held, n, np.bool_),
        purpose=_spread(purpose, n, np.int64),
        side=np.zeros(meets.nnz, np.int8),
        cost_yuan=_spread(cost_yuan, n, np.float64),
    )


def _stack(
    matrices: Sequence[CoverageMatrix], camera_ids: pd.Index, samples: gpd.GeoDataFrame
) -> tuple[csr_array, csr_array]:
    """Put matrices beside each other: densities, and which of them are enough."""
    need = samples["need_px_m"].to_numpy(np.float64)
    chosen = [matrix.select(cameras=camera_ids, samples=samples.index) for matrix in matrices]
    q = csr_array(hstack([one.q for one in chosen], format="csr"))
    meets = csr_array(hstack([one.meets(need) for one in chosen], format="csr"))
    meets.sort_indices()
    return q, meets


def _spread(value: npt.ArrayLike, count: int, kind: Any) -> npt.NDArray[Any]:
    spread: npt.NDArray[Any] = np.array(np.broadcast_to(np.asarray(value, kind), count))
    return spread


def _counted(result: CheckResult, private: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the samples of mandatory parts that stand for something and are not private."""
    samples = result.samples
    counted = samples[samples["part_id"].isin(result.parts.index) & (samples["weight"] > 0.0)]
    counted = counted.sort_index()
    if private is None or private.empty:
        return counted
    areas = private[private["scope"].eq("whole_interior")].geometry
    inside, _ = areas.sindex.query(counted.geometry, predicate="within")
    return counted.drop(counted.index[np.unique(inside)])


def _temporary(cameras: gpd.GeoDataFrame) -> BoolArray:
    """Tell which existing cameras are recorded as temporary; they will not be there."""

    def is_so(tags: object) -> bool:
        value = tags.get("temporary") if isinstance(tags, Mapping) else None
        return value is not None and str(value).strip().lower() not in DENIALS

    stands = ~cameras["status"].eq(PLANNED).to_numpy(bool)
    temporary: BoolArray = stands & cameras["tags"].map(is_so).to_numpy(bool)
    return temporary


def _purposes(cameras: gpd.GeoDataFrame) -> IntArray:
    """Give every recorded purpose a number."""
    texts = cameras["purpose"].where(cameras["purpose"].fillna("").astype(str).str.strip().ne(""))
    codes, _ = pd.factorize(texts, sort=True, use_na_sentinel=True)
    return np.asarray(codes, np.int64)


def _sides(
    cameras: gpd.GeoDataFrame, samples: gpd.GeoDataFrame, meets: csr_array
) -> npt.NDArray[np.int8]:
    """Tell for each stored entry from which side of its gate a camera looks at a sample."""
    row = np.repeat(np.arange(meets.shape[0]), np.diff(meets.indptr))
    column = meets.indices
    normal = np.radians(samples["normal_deg"].to_numpy(np.float64))[column]
    east = samples.geometry.x.to_numpy()[column] - cameras.geometry.x.to_numpy()[row]
    north = samples.geometry.y.to_numpy()[column] - cameras.geometry.y.to_numpy()[row]
    along = east * np.sin(normal) + north * np.cos(normal)
    side = np.where(along < 0.0, BEFORE, BEHIND)
    return np.where(np.isnan(normal), NO_SIDE, side).astype(np.int8)


def _costs(cameras: gpd.GeoDataFrame, prices: pd.Series | None) -> FloatArray:
    """Return what each camera costs [yuan], NaN where nobody says."""
    if prices is not None:
        return np.asarray(prices.reindex(cameras.index), np.float64)
    return recorded_costs(cameras)


def recorded_costs(cameras: gpd.GeoDataFrame) -> FloatArray:
    """Return the tag ``cost`` of each camera [yuan], NaN where it holds no sum."""
    tags = cameras["tags"].map(lambda tags: tags.get("cost") if isinstance(tags, Mapping) else None)
    costs = pd.to_numeric(tags, errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(costs) & (costs >= 0.0), costs, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class CameraSet:
    """Cameras in use and what they meet.

    Parameters
    ----------
    camera_ids, sample_ids
        Labels of rows, sorted, and of columns.
    meets
        bool, shape ``(n_camera, n_sample)``: who meets which requirement at its level.
    q
        The same in px/m, also below the need.
    weight, k, part, dark
        Of each sample: metres or square metres, cameras asked for, number of its part, and whether
        it is meant by night.
    planned, linked, turning, held
        Of each camera: not yet approved; government's and in the shared network as far as anyone
        recorded (a planned one will be); credited by presets; beside something that was not
        judged, so that nothing may be said against it.
    purpose
        Number of the recorded purpose of each camera, `UNKNOWN` without one.
    side
        Of each stored entry of `meets`: side of the gate from which the camera looks.
    cost_yuan
        Of each camera, NaN where nobody says.

    Raises
    ------
    MismatchError
        If the arrays do not fit each other, or the labels of cameras are not sorted.
    """

    camera_ids: pd.Index
    sample_ids: pd.Index
    meets: csr_array
    q: csr_array
    weight: FloatArray
    k: IntArray
    part: IntArray
    dark: BoolArray
    planned: BoolArray
    linked: BoolArray
    turning: BoolArray
    held: BoolArray
    purpose: IntArray
    side: npt.NDArray[np.int8]
    cost_yuan: FloatArray

    def __post_init__(self) -> None:
        """Check shapes and order: everything behind relies on them."""
        n, m = self.meets.shape
        by_camera = (self.camera_ids, self.planned, self.linked, self.turning, self.held)
        lengths = [(len(one), n) for one in (*by_camera, self.purpose, self.cost_yuan)]
        by_sample = (self.sample_ids, self.weight, self.k, self.part, self.dark)
        lengths += [(len(one), m) for one in by_sample] + [(len(self.side), self.meets.nnz)]
        if any(found != expected for found, expected in lengths):
            msg = f"the arrays of a fleet do not fit {n} cameras and {m} samples"
            raise MismatchError(msg)
        if not self.camera_ids.is_monotonic_increasing or self.camera_ids.has_duplicates:
            msg = "the cameras of a fleet have to be sorted by id, each once"
            raise MismatchError(msg)

    @property
    def row(self) -> IntArray:
        """Camera of each stored entry of `meets`."""
        return np.repeat(np.arange(self.meets.shape[0]), np.diff(self.meets.indptr))

    @property
    def sha256(self) -> str:
        """Digest of everything that a verdict rests on."""
        digest = hashlib.sha256()
        for label in (*self.camera_ids, *self.sample_ids):
            digest.update(f"{label}\n".encode())
        arrays = (self.meets.indptr, self.meets.indices, self.weight, self.k, self.planned,
                  self.linked, self.turning, self.held, self.purpose, self.side,
                  self.cost_yuan)  # fmt: skip
        for array in arrays:
            kind = np.float64 if array.dtype.kind == "f" else np.int64
            digest.update(np.ascontiguousarray(array, kind).tobytes())
        return digest.hexdigest()
