"""The cameras of a plan over what has to be seen, and counters that follow a plan under edit.

Beside the number of cameras that meet each sample stands the sum of their numbers: where one camera
alone is left, that *is* its number, so whoever becomes or ceases to be the only one is known
without looking at anybody else. One camera costs as much as its own row.

References
----------
Article 7: what exists is used first. Article 9: a camera that may not stand is nobody's stand-in,
and what lies inside a private place is no demand. Article 14: a camera outside the shared network
does not serve the plan until it is linked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, hstack

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.coverage.findings.camera_set import (
    BEFORE,
    BEHIND,
    NO_SIDE,
    PLANNED,
    CameraSet,
    counted_samples,
    needs_connection,
    pack_camera_set,
    recorded,
    recorded_costs,
    states_of,
    weigh_by_part,
)
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.result import CheckResult

DENIALS: Final = frozenset({"", "no", "false", "0"})
"""What the tag ``temporary`` holds for a camera that stays."""


def plan_camera_set(
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
    part = parts.index.get_indexer(places["part_id"])
    texts = used["purpose"].where(used["purpose"].fillna("").astype(str).str.strip().ne(""))
    codes, _ = pd.factorize(texts, sort=True, use_na_sentinel=True)
    return pack_camera_set(
        meets,
        cameras=used,
        samples=places,
        q=q,
        weight=places["weight"].to_numpy(np.float64) / len(matrices),
        k=parts["k"].to_numpy(np.int64)[part],
        part=part,
        dark=np.arange(len(places)) >= len(samples),
        status=states_of(used),
        linked=~needs_connection(used),
        turning=used["kind"].eq("ptz").to_numpy(bool),
        held=used.index.isin(result.withheld.index),
        purpose=np.asarray(codes, np.int64),
        side=_sides(used, places, meets),
        cost_yuan=recorded_costs(used)
        if prices is None
        else np.asarray(prices.reindex(used.index), np.float64),
    )


def refit(
    camera_set: CameraSet, result: CheckResult, matrices: Sequence[CoverageMatrix]
) -> CameraSet:
    """Return the same cameras and samples by other matrices: by day, and by night if it has any."""
    samples = result.samples.loc[camera_set.sample_ids[~camera_set.dark]]
    q, meets = _stack(matrices, camera_set.camera_ids, samples)
    places = result.samples.loc[camera_set.sample_ids]
    side = _sides(result.cameras.loc[camera_set.camera_ids], places, meets)
    return replace(camera_set, q=q, meets=meets, side=side)


def _stack(
    matrices: Sequence[CoverageMatrix], camera_ids: pd.Index, samples: gpd.GeoDataFrame
) -> tuple[csr_array, csr_array]:
    """Put matrices beside each other: densities, and which of them are enough."""
    chosen = [matrix.select(cameras=camera_ids, samples=samples.index) for matrix in matrices]
    q = csr_array(hstack([one.q for one in chosen], format="csr"))
    meets = csr_array(hstack([one.meets(samples) for one in chosen], format="csr"))
    meets.sort_indices()
    return q, meets


def _counted(result: CheckResult, private: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the samples of mandatory parts that stand for something and are not private."""
    counted = counted_samples(result.samples, result.parts).sort_index()
    if private is None or private.empty:
        return counted
    areas = private[private["scope"].eq("whole_interior")].geometry
    inside, _ = areas.sindex.query(counted.geometry, predicate="within")
    return counted.drop(counted.index[np.unique(inside)])


def _temporary(cameras: gpd.GeoDataFrame) -> BoolArray:
    """Tell which existing cameras are recorded as temporary; they will not be there."""
    said = recorded(cameras, "temporary")
    denied = said.astype(str).str.strip().str.lower().isin(DENIALS)
    temporary: BoolArray = (said.notna() & ~denied & cameras["status"].ne(PLANNED)).to_numpy(bool)
    return temporary


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


class IncrementalCover:
    """Who is needed where, kept up to date by `add`, `remove` and `move`.

    Parameters
    ----------
    camera_set
        Cameras and what they meet.
    present
        Which of them are there at first, shape ``(n_camera,)``; all by default.

    Attributes
    ----------
    cover
        Cameras that meet each sample, shape ``(n_sample,)``.
    unique
        Weight that is lost if a camera alone goes, shape ``(n_camera,)``; 0 for one that is away.
    met
        Weight of each part that is met as often as asked, shape ``(n_part,)``.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> from civicsight.coverage.findings.camera_set import pack_camera_set
    >>> ring = csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], bool))
    >>> cover = IncrementalCover(pack_camera_set(ring, status="planned"))
    >>> cover.remove(0)
    >>> cover.unique.tolist(), cover.met.tolist()
    ([0.0, 1.0, 1.0], [3.0])
    """

    def __init__(self, camera_set: CameraSet, present: BoolArray | None = None) -> None:
        n, m = camera_set.meets.shape
        self.present = np.zeros(n, bool)
        self.cover = np.zeros(m, np.int32)
        self.unique = np.zeros(n)
        self.met = np.zeros(int(camera_set.part.max(initial=-1)) + 1)
        self._owner = np.zeros(m, np.int64)
        self._weight, self._k, self._part = camera_set.weight, camera_set.k, camera_set.part
        self._rows = np.split(
            camera_set.meets.indices.astype(np.int64), camera_set.meets.indptr[1:-1]
        )
        # Where several are asked for, who they are is kept; such samples are few.
        self._watchers: dict[int, set[int]] = {
            int(s): set() for s in np.flatnonzero(camera_set.k > 1)
        }
        self._fill(camera_set, np.ones(n, bool) if present is None else present)

    def add(self, camera: int) -> None:
        """Put a camera there."""
        self._require(camera, present=False)
        row = self._rows[camera]
        self._shift(row, camera, 1)
        self.present[camera] = True

    def remove(self, camera: int) -> None:
        """Take a camera away; what it would meet is remembered."""
        self._require(camera, present=True)
        self._shift(self._rows[camera], camera, -1)
        self.present[camera] = False
        self.unique[camera] = 0.0

    def move(self, camera: int, samples: npt.ArrayLike) -> None:
        """Let a camera meet other samples: it was turned, moved or has another lens.

        Parameters
        ----------
        camera
            Its number; whether it is there does not change.
        samples
            Numbers of the samples that it meets now, each once.
        """
        row = np.unique(np.asarray(samples, np.int64))
        if len(row) and not 0 <= row[0] <= row[-1] < len(self.cover):
            msg = f"samples {row[0]} to {row[-1]} are not all among {len(self.cover)}"
            raise MismatchError(msg)
        there = bool(self.present[camera])
        if there:
            self.remove(camera)
        self._rows[camera] = row
        if there:
            self.add(camera)

    def total(self, camera: int) -> float:
        """Return the weight that a camera meets, there or not."""
        return float(self._weight[self._rows[camera]].sum())

    def gain(self, camera: int) -> float:
        """Return the weight that only this camera adds to those that are there."""
        if self.present[camera]:
            return float(self.unique[camera])
        row = self._rows[camera]
        return float(self._weight[row[self.cover[row] < self._k[row]]].sum())

    def _require(self, camera: int, *, present: bool) -> None:
        if bool(self.present[camera]) != present:
            state = "not there" if present else "there already"
            msg = f"camera {camera} is {state}"
            raise MismatchError(msg)

    def _fill(self, camera_set: CameraSet, present: BoolArray) -> None:
        """Count all cameras at once."""
        row, column = camera_set.row, camera_set.meets.indices
        here = present[row]
        self.present[:] = present
        self.cover[:] = np.bincount(column[here], minlength=len(self.cover))
        self._owner[:] = np.bincount(column[here], row[here], len(self.cover)).astype(np.int64)
        needed = here & (self.cover[column] <= self._k[column])
        own = np.bincount(row[needed], self._weight[column[needed]], len(self.unique))
        self.unique[:] = own
        self.met[:] = weigh_by_part(camera_set, self.cover >= self._k, len(self.met))
        for i in np.flatnonzero(here & (self._k[column] > 1)):
            self._watchers[int(column[i])].add(int(row[i]))

    def _shift(self, row: IntArray, camera: int, step: int) -> None:
        """Add a camera to its samples, or take it off."""
        cover, k, weight = self.cover[row], self._k[row], self._weight[row]
        self._owner[row] += step * camera
        self.cover[row] = cover + step
        # Between `k` and `k + 1` cameras the others gain or lose what they are needed for.
        edge = (cover == k) if step > 0 else (cover == k + 1)
        self._credit(row[edge & (k == 1)], camera, -step)
        for sample in row[k > 1].tolist():
            self._change_watchers(sample, camera, step)
        if step > 0:
            self.unique[camera] = float(weight[cover < k].sum())
        crossed = (cover + 1 == k) if step > 0 else (cover == k)
        np.add.at(self.met, self._part[row[crossed]], step * weight[crossed])

    def _credit(self, samples: IntArray, camera: int, sign: int) -> None:
        """Give or take what the other camera at each sample is alone needed for."""
        others = self._owner[samples] if sign > 0 else self._owner[samples] - camera
        np.add.at(self.unique, others, sign * self._weight[samples])

    def _change_watchers(self, sample: int, camera: int, step: int) -> None:
        """Follow who meets a sample that asks for several."""
        watching, k = self._watchers[sample], int(self._k[sample])
        if step > 0:
            others: Iterable[int] = list(watching) if len(watching) == k else ()
            watching.add(camera)
        else:
            watching.discard(camera)
            others = list(watching) if len(watching) == k else ()
        for other in others:
            self.unique[other] -= step * self._weight[sample]
