"""The coverage matrix: pixels per metre that each camera delivers at each sample of demand.

Every finding is a reduction over it. An entry is 0 (and not stored) where the sample is out of
frame, out of reach, blocked, or outside the limits of the part's profile: of angle, of light, and
of the share of time for which a tour holds it.

References
----------
Articles 7 and 8; one matrix for each reading of the cameras.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.core.errors import MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage.viewshed import sightlines
from civicsight.model import HEADS, PARTS, READINGS, SAMPLES
from civicsight.rules.criteria import Asked, Need
from civicsight.scene.bodies import Scene

ANGLE_ROUNDING_DEG: Final = 1e-9
"""An angle exactly at its limit stays within it, whatever the rounding."""

SHORTEST_REACH_M: Final = 0.1
"""A head whose light reaches less far than a view can be declared sees nothing at night [m]."""

SHARE_ROUNDING: Final = 1e-9
"""A share of time exactly at what is asked is enough, whatever the rounding."""

STEEPEST, WIDEST, LEAST_SHARE, BY_NIGHT = range(4)
"""Columns of the limits of a sample: greatest depression and yaw [deg], least share of time, and 1
where a view has to count at night too."""

BLOCKED_COLUMNS: Final = ("reading", "camera_id", "sample_id", "px_m", "blocker")


@dataclass(frozen=True, slots=True, eq=False)
class CoverageMatrix:
    """What every camera delivers at every sample.

    Parameters
    ----------
    q
        float32, shape ``(n_camera, n_sample)``: px/m.
    camera_ids, sample_ids
        Labels of rows and columns, each once.

    Raises
    ------
    MismatchError
        If the labels repeat or do not fit the shape, or a value is negative or not finite.

    Examples
    --------
    >>> q = csr_array(np.array([[130.0, 80.0], [0.0, 90.0]], np.float32))
    >>> matrix = CoverageMatrix(q, pd.Index(["a", "b"]), pd.Index(["s", "t"]))
    >>> matrix.watchers(80.0).tolist(), matrix.best().tolist()
    ([1, 2], [130.0, 90.0])
    """

    q: csr_array
    camera_ids: pd.Index
    sample_ids: pd.Index

    def __post_init__(self) -> None:
        """Check labels and values."""
        labels = (len(self.camera_ids), len(self.sample_ids))
        if self.q.shape != labels:
            msg = f"the matrix has shape {self.q.shape}, its labels {labels}"
            raise MismatchError(msg)
        for index in (self.camera_ids, self.sample_ids):
            if index.has_duplicates:
                first = index[index.duplicated()][0]
                msg = f"the matrix has {first!r} more than once; label every row and column once"
                raise MismatchError(msg)
        if not (np.isfinite(self.q.data) & (self.q.data >= 0)).all():
            msg = "the matrix holds a density that is negative or not finite"
            raise MismatchError(msg)

    def best(self) -> npt.NDArray[np.float32]:
        """Return the best density at each sample [px/m], shape ``(n_sample,)``; 0 if unseen."""
        best = np.zeros(self.q.shape[1], np.float32)
        np.maximum.at(best, self.q.indices, self.q.data)
        return best

    def meets(self, asked: Asked) -> csr_array:
        """Tell which entries meet a need: that of the samples, one value or one a sample [px/m].

        bool, shape ``(n_camera, n_sample)``. A need of 0 still asks for a view.
        """
        need = Need(np.broadcast_to(Need.of(asked).px_m, self.q.shape[1]))
        enough = need[self.q.indices].is_met(self.q.data)
        column = self.q.indices[enough]
        ends = np.append(0, np.cumsum(enough))[self.q.indptr].astype(column.dtype)
        met = csr_array((np.ones(len(column), np.bool_), column, ends), shape=self.q.shape)
        met.sort_indices()
        return met

    def watchers(self, asked: Asked) -> IntArray:
        """Count the cameras that meet a need at each sample, shape ``(n_sample,)``."""
        need = Need(np.broadcast_to(Need.of(asked).px_m, self.q.shape[1]))
        met = self.q.indices[need[self.q.indices].is_met(self.q.data)]
        counts: IntArray = np.bincount(met, minlength=self.q.shape[1]).astype(np.int64)
        return counts

    def met(self, asked: Asked, k: npt.ArrayLike = 1) -> BoolArray:
        """Tell at which samples at least `k` cameras meet a need, shape ``(n_sample,)``."""
        enough: BoolArray = self.watchers(asked) >= np.asarray(k)
        return enough

    def select(
        self, *, cameras: pd.Index | None = None, samples: pd.Index | None = None
    ) -> CoverageMatrix:
        """Return the rows and columns with the given labels, in their order.

        Raises
        ------
        MismatchError
            If a label is not in the matrix.
        """
        camera_ids = self.camera_ids if cameras is None else cameras
        sample_ids = self.sample_ids if samples is None else samples
        q = self.q if cameras is None else self.q[_positions(self.camera_ids, camera_ids)]
        q = q if samples is None else q[:, _positions(self.sample_ids, sample_ids)]
        return CoverageMatrix(csr_array(q), camera_ids, sample_ids)


def compute_matrices(
    heads: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scenes: Mapping[str, Scene],
    *,
    camera_ids: pd.Index | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, CoverageMatrix], pd.DataFrame]:
    """Compute the matrix of each reading.

    Parameters
    ----------
    heads, parts, samples, scenes
        Tables of `model`, and the scene of each reading: `sure` with assumed buildings at their
        highest, `possible` at their lowest.
    camera_ids
        Rows of the matrices; by default the cameras that have a head, sorted.
    progress
        Called with heads done and in all.

    Returns
    -------
    tuple
        Matrices by reading, each at least the one before, and the pairs that would meet their need
        but for something in between: `BLOCKED_COLUMNS`, with ``blocker`` a row of the scene's
        features (-2 the ground, -3 several crowns together).

    Raises
    ------
    SchemaError, CrsError, MismatchError
        If a table is not as declared, the CRSs differ, or a sample has no part.
    """
    limits = limits_of(heads, parts, samples)
    camera_ids = _cameras(heads) if camera_ids is None else camera_ids
    matrices: dict[str, CoverageMatrix] = {}
    blocked = []
    floor = csr_array((len(camera_ids), len(samples)), dtype=np.float32)
    done = 0
    for reading in READINGS:
        chosen = heads[heads["reading"].eq(reading)]
        show = _shift(progress, done, len(heads))
        scene = scenes[reading]
        q, hidden = _look(chosen, samples, scene, limits, camera_ids, progress=show)
        done += len(chosen)
        floor = csr_array(floor.maximum(q))
        matrices[reading] = CoverageMatrix(floor, camera_ids, samples.index)
        blocked.append(hidden.assign(reading=reading))
    return matrices, pd.concat(blocked, ignore_index=True)[list(BLOCKED_COLUMNS)]


def compute_matrix(
    heads: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
    *,
    camera_ids: pd.Index | None = None,
) -> CoverageMatrix:
    """Compute the matrix of the given heads in one scene, whatever their reading.

    Raises
    ------
    SchemaError, CrsError, MismatchError
        As `compute_matrices`.
    """
    limits = limits_of(heads, parts, samples)
    camera_ids = _cameras(heads) if camera_ids is None else camera_ids
    lines = sightlines(heads, samples, scene, named_from=np.inf)
    camera = _positions(camera_ids, pd.Index(heads["camera_id"]))
    pairs = pair_up(heads, samples, scene, limits, camera)
    return CoverageMatrix(
        _best_of_heads(pairs, lines.q, len(camera_ids)), camera_ids, samples.index
    )


def at_night(heads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the heads as far as their own light lets them see.

    A head without light, or with less than it needs to its nearest focus, is left out.
    """
    if "night_reach_m" not in heads.columns:
        return heads
    reach = np.minimum(heads["reach_m"].to_numpy(np.float64), light_of(heads))
    lit = (reach >= SHORTEST_REACH_M) & (reach > heads["near_m"].to_numpy(np.float64))
    return heads.assign(reach_m=reach)[lit]


def _look(
    heads: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
    limits: FloatArray,
    camera_ids: pd.Index,
    *,
    progress: Progress | None,
) -> tuple[csr_array, pd.DataFrame]:
    """Return the entries of the matrix, and the pairs that are blocked."""
    lines = sightlines(heads, samples, scene, named_from=samples, progress=progress)
    camera = _positions(camera_ids, pd.Index(heads["camera_id"]))
    pairs = pair_up(heads, samples, scene, limits, camera)
    q = _best_of_heads(pairs, lines.q, len(camera_ids))
    return q, _blocked(pairs, lines.blocked, camera_ids, samples.index)


def _positions(index: pd.Index, labels: pd.Index) -> IntArray:
    positions = index.get_indexer(labels)
    if (positions < 0).any():
        first = labels[int(np.flatnonzero(positions < 0)[0])]
        msg = f"the matrix has no {first!r}; select labels that it has"
        raise MismatchError(msg)
    return np.asarray(positions, np.int64)


def _cameras(heads: gpd.GeoDataFrame) -> pd.Index:
    return pd.Index(sorted(heads["camera_id"].unique()), dtype=object)


def limits_of(
    heads: gpd.GeoDataFrame | None, parts: gpd.GeoDataFrame, samples: gpd.GeoDataFrame
) -> FloatArray:
    """Check the tables; return what limits a view of each sample, ``(n_sample, 4)``.

    Columns are `STEEPEST`, `WIDEST`, `LEAST_SHARE` and `BY_NIGHT`; what a part is silent on does
    not limit.
    """
    for table, frame in ((HEADS, heads), (PARTS, parts), (SAMPLES, samples)):
        if frame is not None:
            table.check(frame)
    known = samples["part_id"].isin(parts.index)
    if not known.all():
        first = samples.index[~known][0]
        msg = f"{int((~known).sum())} samples belong to no part, first {first!r}: drop them"
        raise MismatchError(msg)
    angles = parts[["max_tilt_deg", "max_yaw_deg"]].astype("float64").fillna(np.inf)
    of_part = angles.assign(
        share=parts["min_time_share"].astype("float64").fillna(0.0),
        night=parts["light"].eq("night").astype("float64"),
    )
    limits: FloatArray = of_part.reindex(samples["part_id"]).to_numpy(np.float64)
    return limits


def _shift(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Report the heads of one reading as a share of those of all."""
    if progress is None:
        return None
    return lambda done, _: progress(before + done, total)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Heads of one reading against samples: where they are, and what limits a pair.

    `camera` is the row of each head; `eye` and `target` are positions above datum [m], `limits`
    as of `limits_of`, `normal` the axis of walking [rad] and `need` what is asked of each sample.
    `light` is how far a head sees at night [m], `duty` for what share of time it looks this way.
    """

    camera: IntArray
    eye: FloatArray
    target: FloatArray
    limits: FloatArray
    normal: FloatArray
    need: Need
    light: FloatArray
    duty: FloatArray


def pair_up(
    heads: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    scene: Scene,
    limits: FloatArray,
    camera: IntArray,
) -> Pairs:
    """Lay out heads and samples; `camera` is the row of each head, `limits` as of `limits_of`."""
    return Pairs(
        camera,
        positions(heads, scene),
        positions(samples, scene),
        limits,
        np.radians(samples["normal_deg"].to_numpy(np.float64)),
        Need.of(samples),
        light_of(heads),
        duty_of(heads),
    )


def light_of(heads: pd.DataFrame) -> FloatArray:
    """Return how far each head sees by its own light [m].

    A light that nobody recorded shines only in the reading that is kind to the camera.
    """
    recorded = heads.get("night_reach_m", pd.Series(np.nan, heads.index)).to_numpy(np.float64)
    kind = heads["reading"].eq("possible").to_numpy()
    return np.where(np.isnan(recorded), np.where(kind, np.inf, 0.0), recorded)


def duty_of(heads: pd.DataFrame) -> FloatArray:
    """Return for what share of time each head counts as looking this way.

    In the reading ``possible`` a camera that turns may look wherever it can.
    """
    duty = heads.get("duty", pd.Series(1.0, heads.index)).to_numpy(np.float64)
    return np.where(np.isnan(duty) | heads["reading"].eq("possible").to_numpy(), 1.0, duty)


def positions(table: gpd.GeoDataFrame, scene: Scene) -> FloatArray:
    """Return position and height above datum of each row, shape ``(n, 3)``."""
    points = table.geometry.to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    return np.column_stack([x, y, scene.ground_at(x, y) + table["height_m"].to_numpy(np.float64)])


def is_allowed(pairs: Pairs, head: IntArray, sample: IntArray) -> BoolArray:
    """Tell which pairs are within the limits of angle and of light.

    Who passes a gate shows the front to one side of it and, coming the other way, to the other: the
    axis of walking counts, not its sense.
    """
    step = pairs.target[sample] - pairs.eye[head]
    depression = np.degrees(np.arctan2(-step[:, 2], np.hypot(step[:, 0], step[:, 1])))
    bearing = np.arctan2(step[:, 0], step[:, 1])
    along = np.abs(np.cos(bearing - pairs.normal[sample]))
    yaw = np.degrees(np.arccos(np.clip(along, 0.0, 1.0)))
    yaw = np.where(np.isnan(yaw), 0.0, yaw)
    limits = pairs.limits[sample]
    fits: BoolArray = (depression <= limits[:, STEEPEST] + ANGLE_ROUNDING_DEG) & (
        yaw <= limits[:, WIDEST] + ANGLE_ROUNDING_DEG
    )
    dark = limits[:, BY_NIGHT] > 0.0
    if dark.any():
        fits &= ~dark | (np.linalg.norm(step, axis=1) <= pairs.light[head])
    return fits


def _best_of_heads(pairs: Pairs, lines: csr_array, n_camera: int) -> csr_array:
    """Return the best density that heads of a camera deliver, within the limits.

    Stops of a tour deliver together what they deliver for the share of time that is asked.
    """
    coo = lines.tocoo()
    head, sample = (np.asarray(axis, np.int64) for axis in coo.coords)
    fits = is_allowed(pairs, head, sample)
    head, sample, density = head[fits], sample[fits], coo.data[fits]
    camera, shape = pairs.camera[head], (n_camera, lines.shape[1])
    if not len(camera):
        return csr_array(shape, dtype=np.float32)
    tours = bool((pairs.duty < 1.0).any())
    order = np.lexsort((-density, sample, camera) if tours else (sample, camera))
    head, camera, sample, density = head[order], camera[order], sample[order], density[order]
    first = np.flatnonzero((np.diff(camera, prepend=-1) != 0) | (np.diff(sample, prepend=-1) != 0))
    if not tours:
        best = np.maximum.reduceat(density, first)
        return csr_array((best, (camera[first], sample[first])), shape=shape)
    group = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(head))))
    run = np.cumsum(pairs.duty[head])
    held = run - np.append(0.0, run)[first][group]
    enough = np.flatnonzero(held >= pairs.limits[sample, LEAST_SHARE] - SHARE_ROUNDING)
    first = enough[np.diff(group[enough], prepend=-1) != 0]
    return csr_array((density[first], (camera[first], sample[first])), shape=shape)


def _blocked(
    pairs: Pairs, lines: pd.DataFrame, camera_ids: pd.Index, sample_ids: pd.Index
) -> pd.DataFrame:
    """Name the pairs that would meet their need but for something in between."""
    head, sample = lines["head"].to_numpy(np.int64), lines["sample"].to_numpy(np.int64)
    density = lines["px_m"].to_numpy(np.float64)
    kept = pairs.need[sample].is_met(density) & is_allowed(pairs, head, sample)
    kept &= pairs.duty[head] >= pairs.limits[sample, LEAST_SHARE] - SHARE_ROUNDING
    return pd.DataFrame(
        {
            "camera_id": camera_ids.to_numpy(object)[pairs.camera[head[kept]]],
            "sample_id": sample_ids.to_numpy(object)[sample[kept]],
            "px_m": density[kept],
            "blocker": lines["blocker"].to_numpy(np.int64)[kept],
        }
    )
