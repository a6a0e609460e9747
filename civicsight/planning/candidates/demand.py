"""What is to be met, and what candidates deliver of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.core.progress import Progress
from civicsight.coverage.incidence import Targets
from civicsight.coverage.jobs import place_on_curve
from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.scene.bodies import Scene

BATCH: Final = 4096
"""Candidates of which all densities are computed, and that are judged, at a time."""

STEPS: Final = 1000
"""Steps in which progress is reported."""


Block: TypeAlias = tuple[IntArray, csr_array]
"""Rows of a matrix, and what stands in them."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What is to be met, and where.

    Parameters
    ----------
    parts, samples
        Tables of `model`.
    scene
        The one against cameras.
    wanting
        Samples that what stands does not meet often enough, shape ``(n_sample,)``.
    asked
        How many cameras each sample asks for.
    open
        Positions of the samples of parts that fall short: what poses are tried over.
    """

    parts: gpd.GeoDataFrame
    samples: gpd.GeoDataFrame
    scene: Scene
    wanting: BoolArray
    asked: IntArray
    open: IntArray

    def targets(self) -> Targets:
        """Lay out the samples that poses are tried over."""
        return Targets(self.samples, self.parts, self.scene, self.open)

    def meets(self, q: csr_array) -> csr_array:
        """Tell which entries reach the need of their sample, indices sorted."""
        ids = pd.RangeIndex(q.shape[0])
        met = CoverageMatrix(q, ids, self.samples.index).meets(self.samples)
        met.sort_indices()
        return met


def look(heads: gpd.GeoDataFrame, ids: pd.Index, demand: Demand) -> csr_array:
    """Return px/m of every candidate at every sample, shape ``(n_id, n_sample)``."""
    return put_together(look_in_batches(heads, ids, demand), (len(ids), len(demand.samples)))


def look_in_batches(
    heads: gpd.GeoDataFrame, ids: pd.Index, demand: Demand, *, progress: Progress | None = None
) -> list[Block]:
    """Look from candidates in batches of neighbours, at the samples in their reach.

    Parameters
    ----------
    heads, ids
        Heads by ``camera_id``, and the candidates in the order of the rows.
    demand
        What is to be met.
    progress
        Called with candidates done and in all.

    Returns
    -------
    list
        Rows among the candidates, and their px/m at every sample.
    """
    if not len(heads) or not len(demand.samples):
        return []
    of_head = ids.get_indexer(heads["camera_id"])
    xy = shapely.get_coordinates(heads.geometry.to_numpy())
    # Those of one place follow each other, so that lines are followed once.
    order = np.lexsort((of_head, heads["height_m"].to_numpy(), *xy.T, place_on_curve(xy, 32.0)))
    _, first = np.unique(of_head[order], return_index=True)
    turn = of_head[order][np.sort(first)]
    tree = shapely.STRtree(demand.samples.geometry.to_numpy())
    blocks, done = list[Block](), 0
    rows_of = np.split(
        by_row := np.argsort(of_head, kind="stable"),
        np.searchsorted(of_head[by_row], np.arange(1, len(ids))),
    )
    for some in np.split(turn, range(BATCH, len(turn), BATCH)):
        rows = np.concatenate([rows_of[number] for number in some.tolist()])
        near = _look_at_near(gpd.GeoDataFrame(heads.iloc[rows]), ids[some], demand, tree)
        blocks.append((some, near))
        done += len(some)
        if progress is not None:
            progress(done, len(turn))
    return blocks


def _look_at_near(
    heads: gpd.GeoDataFrame, ids: pd.Index, demand: Demand, tree: shapely.STRtree
) -> csr_array:
    """Look at the samples within reach of any of the heads."""
    west, south, east, north = heads.total_bounds
    reach = float(heads["reach_m"].max()) + 1.0
    box = shapely.box(west - reach, south - reach, east + reach, north + reach)
    near = np.sort(tree.query(box))
    samples = gpd.GeoDataFrame(demand.samples.iloc[near])
    q = compute_matrix(heads, demand.parts, samples, demand.scene, camera_ids=ids).q
    shape = (len(ids), len(demand.samples))
    return csr_array((q.data, near.astype(np.int32)[q.indices], q.indptr), shape=shape)


def put_together(blocks: list[Block], shape: tuple[int, int]) -> csr_array:
    """Put blocks of rows where they belong, and let go of each; rows of none are empty."""
    length = np.zeros(shape[0], np.int64)
    for rows, block in blocks:
        length[rows] = np.diff(block.indptr)
    indptr = np.append(0, np.cumsum(length))
    indptr = indptr.astype(np.int32 if indptr[-1] < 2**31 else np.int64)
    indices, data = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    while blocks:
        rows, block = blocks.pop()
        own = np.diff(block.indptr)
        at = np.arange(block.nnz) + np.repeat(indptr[rows] - block.indptr[:-1], own)
        indices[at], data[at] = block.indices, block.data
    whole = csr_array((data, indices, indptr), shape=shape)
    whole.sort_indices()
    return whole


def count_of(meets: csr_array, samples: BoolArray) -> IntArray:
    """Count the samples of some that each row meets."""
    counts: IntArray = np.diff(np.append(0, np.cumsum(samples[meets.indices]))[meets.indptr])
    return counts


def stage(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Report a stage as a share of all."""
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(round(STEPS * (start + (end - start) * done / max(total, 1))), STEPS)

    return report
