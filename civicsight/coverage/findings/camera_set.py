"""Cameras over the demand: who meets what, who counts beside whom; check and plan read one set.

References
----------
Article 7. Only samples of mandatory parts count, only cameras in use, and each at the level that
the part asks for: an overview never stands in for a recognition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, nth_of
from civicsight.core.errors import MismatchError
from civicsight.coverage.findings.shares import Cover, Shares, measure_shares, smallest_cover
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use

UNBUILT: Final = ("approved", "planned")
"""States of a camera that belongs to the plan but does not stand yet."""


EXISTING: Final = "existing"
PLANNED: Final = "planned"

UNKNOWN: Final = -1
"""Purpose that nobody recorded."""

NO_SIDE, BEFORE, BEHIND = 0, 1, 2
"""Side from which a camera looks at a gate; none where nobody walks in a direction."""


_built: ContextVar[dict[tuple[int, ...], tuple[object, CameraSet]] | None] = ContextVar(
    "built", default=None
)


@contextmanager
def sharing_sets() -> Iterator[None]:
    """Have `build_camera_set` inside return one set for the same tables."""
    token = _built.set({})
    try:
        yield
    finally:
        _built.reset(token)


def build_camera_set(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
) -> CameraSet:
    """Put the cameras in use over the samples of parts.

    Cameras come in the order of their ids, so that the order of rows never matters.
    """
    tables, built = (cameras, parts, samples, matrix), _built.get()
    if built is None:
        return _build(*tables)
    key = tuple(map(id, tables))  # of tables that are kept with it, so that no other gets one
    if key not in built:
        built[key] = (tables, _build(*tables))
    return built[key][1]


def _build(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrix: CoverageMatrix,
) -> CameraSet:
    used = cameras[is_in_use(cameras)]
    used = used.loc[used.index.intersection(matrix.camera_ids).sort_values()]
    counted = counted_samples(samples, parts)
    part = counted["part_id"].to_numpy(object)
    chosen = matrix.select(cameras=used.index, samples=counted.index)
    meets = chosen.meets(counted)
    kind = used.get("kind", pd.Series(None, used.index))
    return pack_camera_set(
        meets,
        cameras=used,
        samples=counted,
        q=chosen.q,
        weight=counted["weight"].to_numpy(np.float64),
        k=parts["k"].reindex(part).to_numpy(np.int64),
        part=parts.index.get_indexer(part),
        status=states_of(used),
        turning=kind.eq("ptz").to_numpy(bool),
    )


def counted_samples(samples: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the samples of some parts that stand for something."""
    counts = samples["part_id"].isin(parts.index) & (samples["weight"] > 0.0)
    return gpd.GeoDataFrame(samples[counts])


def recorded(cameras: pd.DataFrame, name: str) -> pd.Series:
    """Return what an inventory says beside its declared columns: in one of its own, or in a tag."""
    none = pd.Series(None, cameras.index, dtype=object)
    tags = cameras.get("tags", none).map(
        lambda tags: tags.get(name) if isinstance(tags, Mapping) else None
    )
    own = cameras.get(name, none).astype(object)
    said: pd.Series = own.where(own.notna(), tags)
    return said


def recorded_costs(cameras: pd.DataFrame) -> FloatArray:
    """Return what each camera is recorded to cost [yuan], NaN where there is no sum."""
    costs = pd.to_numeric(recorded(cameras, "cost"), errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(costs) & (costs >= 0.0), costs, np.nan)


def states_of(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Return the state of each camera in the plan; one of which nobody says it exists."""
    status = cameras.get("status", pd.Series(None, cameras.index)).astype(object)
    return np.asarray(status.where(status.notna(), EXISTING), object)


PRIVATE_OWNER: Final = "non_government"
"""A camera of this owner is taken as it hangs: nobody else may turn or replace it."""

JOINED: Final = ("connected", "scheduled")
"""States of the network in which a camera needs no connection."""


def needs_connection(cameras: pd.DataFrame) -> BoolArray:
    """Tell which cameras have to be connected to the shared network before they serve others.

    A camera of the government serves as it is, unless its record says that it is not connected; one
    of another owner only where its record says that it is. Article 7: what exists is used first.
    Article 14: it is connected to the shared network; until then it serves nobody else.
    """
    none = pd.Series(None, cameras.index, dtype=object)
    state, owner = cameras.get("network_state", none), cameras.get("owner", none)
    alone: BoolArray = state.eq("not_connected").to_numpy(bool)
    theirs: BoolArray = (owner.eq(PRIVATE_OWNER) & ~state.isin(JOINED)).to_numpy(bool)
    return alone | theirs


def pack_camera_set(
    meets: csr_array,
    *,
    cameras: pd.DataFrame | None = None,
    samples: pd.DataFrame | None = None,
    q: csr_array | None = None,
    weight: npt.ArrayLike = 1.0,
    k: npt.ArrayLike = 1,
    part: npt.ArrayLike = 0,
    dark: npt.ArrayLike = False,
    status: npt.ArrayLike = EXISTING,
    linked: npt.ArrayLike = True,
    turning: npt.ArrayLike = False,
    held: npt.ArrayLike = False,
    purpose: npt.ArrayLike = UNKNOWN,
    side: npt.ArrayLike = NO_SIDE,
    cost_yuan: npt.ArrayLike = np.nan,
) -> CameraSet:
    """Make a set of plain arrays; scalars spread, labels are numbers in the order of rows.

    What is planned is linked when it is built.
    """
    n, m = meets.shape
    meets = csr_array((np.ones(meets.nnz, np.bool_), meets.indices, meets.indptr), shape=(n, m))
    meets.sort_indices()
    labels = pd.Index([f"{i:0{len(str(n))}d}" for i in range(n)], dtype=object)
    states = _spread(status, n, np.object_)
    return CameraSet(
        cameras=pd.DataFrame(index=labels) if cameras is None else cameras,
        samples=pd.DataFrame(index=pd.RangeIndex(m)) if samples is None else samples,
        meets=meets,
        q=meets if q is None else q,
        weight=_spread(weight, m, np.float64),
        k=_spread(k, m, np.int64),
        part=_spread(part, m, np.int64),
        dark=_spread(dark, m, np.bool_),
        status=states,
        linked=_spread(linked, n, np.bool_) | (states == PLANNED),
        turning=_spread(turning, n, np.bool_),
        held=_spread(held, n, np.bool_),
        purpose=_spread(purpose, n, np.int64),
        side=_spread(side, meets.nnz, np.int8),
        cost_yuan=_spread(cost_yuan, n, np.float64),
    )


def _spread(value: npt.ArrayLike, count: int, kind: Any) -> npt.NDArray[Any]:
    spread: npt.NDArray[Any] = np.array(np.broadcast_to(np.asarray(value, kind), count))
    return spread


def could_gain(
    camera_set: CameraSet, widest: csr_array, c: int, steady: BoolArray, watchers: IntArray
) -> float:
    """Return the share of its own that a camera has at best, beside what others see for sure.

    `widest` is what each camera meets in the possible reading, in the rows and columns of the set;
    `watchers` counts at each sample those of `steady` that meet it, as of `count_watchers`. What
    hides a camera's own view in the sure reading may be a guess; a verdict against it must not rest
    on that.
    """
    columns = widest.indices[widest.indptr[c] : widest.indptr[c + 1]]
    weight = camera_set.weight[columns]
    total = float(weight.sum())
    others = watchers[columns] - (steady[c] & np.isin(columns, camera_set.columns_of(c)))
    return float(weight[others < camera_set.k[columns]].sum()) / total if total > 0.0 else 0.0


def count_watchers(camera_set: CameraSet, counted: BoolArray) -> IntArray:
    """Count those of some cameras that meet each sample."""
    found: IntArray = np.bincount(
        camera_set.meets.indices[counted[camera_set.row]], minlength=camera_set.meets.shape[1]
    )
    return found


def take_away(
    camera_set: CameraSet, cover: IntArray, cameras: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Let some cameras go at once, beside `cover`, which counts who meets each sample.

    Returns
    -------
    tuple
        The samples that they meet, how many others still meet each, and those samples that were
        met as often as asked and are so no more.
    """
    rows = [camera_set.columns_of(c) for c in cameras]
    column, times = np.unique(np.concatenate([np.zeros(0, np.int64), *rows]), return_counts=True)
    k, left = camera_set.k[column], cover[column] - times
    return column, left, column[(cover[column] >= k) & (left < k)]


def weigh_by_part(camera_set: CameraSet, samples: Any, count: int) -> FloatArray:
    """Sum the weight of some samples, numbers or a mask, by each of `count` parts."""
    part, weight = camera_set.part[samples], camera_set.weight[samples]
    return np.bincount(part, weight, count).astype(np.float64)


def with_status(camera_set: CameraSet, statuses: Collection[str]) -> BoolArray:
    """Tell which cameras are in one of the given states."""
    chosen: BoolArray = pd.Index(camera_set.status).isin(list(statuses))
    return chosen


def shares_beside(camera_set: CameraSet, background: BoolArray) -> Shares:
    """Measure every camera beside a background.

    A camera that turns is held to account by all, but does not stand in for a fixed one: it looks
    elsewhere for part of the time.
    """
    every = measure_shares(camera_set.meets, camera_set.weight, camera_set.k, background)
    steady = measure_shares(
        camera_set.meets, camera_set.weight, camera_set.k, background & ~camera_set.turning
    )
    return Shares(
        every.total,
        np.where(camera_set.turning, every.unique, steady.unique),
        np.where(camera_set.turning, every.fair, steady.fair),
    )


def stand_ins(
    camera_set: CameraSet, camera: int, background: BoolArray
) -> tuple[IntArray, IntArray, BoolArray]:
    """Find who else meets what a camera meets.

    Returns
    -------
    tuple
        The others, the samples of the camera (positions), and who meets which of them, shape
        ``(n_other, n_sample)``.
    """
    columns = camera_set.columns_of(camera)
    who, at = entries_of(camera_set.by_sample, columns)
    counts = background[who] & (who != camera)
    if not camera_set.turning[camera]:
        counts &= ~camera_set.turning[who]
    others, row = np.unique(who[counts], return_inverse=True)
    meets = np.zeros((len(others), len(columns)), bool)
    meets[row, at[counts]] = True
    return others.astype(np.int64), columns, meets


def entries_of(by_column: csc_array, columns: IntArray) -> tuple[IntArray, IntArray]:
    """Return the row of each stored entry of some columns, and which of them it stands in."""
    start = by_column.indptr[columns]
    count = by_column.indptr[columns + 1] - start
    at = np.repeat(np.arange(len(columns)), count)
    within = nth_of(count)
    return by_column.indices[start[at] + within].astype(np.int64), at


def relies_on(
    camera_set: CameraSet, others: IntArray, columns: IntArray, meets: BoolArray
) -> Cover:
    """Find the fewest of the `stand_ins` that do what a camera does, as far as they can."""
    return smallest_cover(camera_set.names[others].tolist(), meets, camera_set.k[columns])


@dataclass(frozen=True, eq=False)  # no slots: what is cached has to lie somewhere
class CameraSet:
    """Cameras in use and what they meet.

    Parameters
    ----------
    cameras, samples
        Rows of the tables: cameras by id, samples in the order of the columns.
    meets
        bool, shape ``(n_camera, n_sample)``: who meets which requirement at its level.
    q
        The same in px/m, also below the need.
    weight, k, part, dark
        Of each sample: metres or square metres, cameras asked for, number of its part, and whether
        it is meant by night.
        Of each camera: its state in the plan; in the shared network and of the government, as far
        as anyone recorded (a planned one will be); credited by presets; beside something not
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

    cameras: pd.DataFrame
    samples: pd.DataFrame
    meets: csr_array
    q: csr_array
    weight: FloatArray
    k: IntArray
    part: IntArray
    dark: BoolArray
    status: npt.NDArray[np.object_]
    linked: BoolArray
    turning: BoolArray
    held: BoolArray
    purpose: IntArray
    side: npt.NDArray[np.int8]
    cost_yuan: FloatArray

    def __post_init__(self) -> None:
        """Check shapes and order: everything behind relies on them."""
        n, m = self.meets.shape
        by_camera = (self.cameras, self.status, self.linked, self.turning, self.held)
        lengths = [(len(one), n) for one in (*by_camera, self.purpose, self.cost_yuan)]
        by_sample = (self.samples, self.weight, self.k, self.part, self.dark)
        lengths += [(len(one), m) for one in by_sample] + [(len(self.side), self.meets.nnz)]
        if any(found != expected for found, expected in lengths):
            msg = f"the arrays of a camera set do not fit {n} cameras and {m} samples"
            raise MismatchError(msg)
        if not self.camera_ids.is_monotonic_increasing or self.camera_ids.has_duplicates:
            msg = "the cameras of a set have to be sorted by id, each once"
            raise MismatchError(msg)

    @property
    def camera_ids(self) -> pd.Index:
        """Labels of rows, sorted."""
        return self.cameras.index

    @property
    def sample_ids(self) -> pd.Index:
        """Labels of columns; by night each comes once more."""
        return self.samples.index

    @cached_property
    def names(self) -> npt.NDArray[np.object_]:
        """Labels of rows as plain text."""
        return np.array(list(map(str, self.cameras.index)), object)

    @cached_property
    def points(self) -> npt.NDArray[np.object_]:
        """Where each sample is."""
        return np.asarray(self.samples["geometry"].array, object)

    @cached_property
    def places(self) -> npt.NDArray[np.object_]:
        """Where each camera is."""
        return np.asarray(self.cameras["geometry"].array, object)

    @cached_property
    def purposes(self) -> npt.NDArray[np.object_]:
        """What each camera is recorded to be for."""
        none = pd.Series(None, self.cameras.index, dtype=object)
        return np.asarray(self.cameras.get("purpose", none), object)

    @cached_property
    def planned(self) -> BoolArray:
        """Which cameras are planned and not yet approved."""
        planned: BoolArray = self.status == PLANNED
        return planned

    @cached_property
    def by_sample(self) -> csc_array:
        """`meets`, fast by sample."""
        return csc_array(self.meets)

    def columns_of(self, camera: int) -> IntArray:
        """Return the samples that a camera meets (positions, ascending)."""
        start, stop = self.meets.indptr[camera : camera + 2]
        columns: IntArray = self.meets.indices[start:stop].astype(np.int64)
        return columns

    @cached_property
    def row(self) -> IntArray:
        """Camera of each stored entry of `meets`."""
        return np.repeat(np.arange(self.meets.shape[0]), np.diff(self.meets.indptr))

    @property
    def sha256(self) -> str:
        """Digest of everything that a verdict rests on."""
        digest = hashlib.sha256()
        for label in (*self.camera_ids, *self.sample_ids):
            digest.update(f"{label}\n".encode())
        arrays = (
            self.meets.indptr,
            self.meets.indices,
            self.weight,
            self.k,
            self.planned,
            self.linked,
            self.turning,
            self.held,
            self.purpose,
            self.side,
            self.cost_yuan,
        )
        for array in arrays:
            kind = np.float64 if array.dtype.kind == "f" else np.int64
            digest.update(np.ascontiguousarray(array, kind).tobytes())
        return digest.hexdigest()
