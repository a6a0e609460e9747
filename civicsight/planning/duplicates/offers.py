"""Existing cameras that would do the work of a planned one for less, once turned or refurbished.

References
----------
Article 7: existing resources are used before new ones are built. A camera that is turned no longer
sees what it saw; both have to be counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import IntArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.planning.duplicates.appraise import Appraisal

WORK: Final = ("reaim", "refurbish")
"""Measures on an existing camera that can spare a new one."""


def best_offers(
    found: Appraisal, offers: Offers, need_px_m: pd.Series
) -> dict[int, tuple[str, str, str, float]]:
    """Find for planned cameras the cheapest work on an existing one that does as well.

    As well means: of all that the two cameras meet now, less is lost than the packs allow a camera
    to contribute. By day only: what an offer sees by night is not known, and not credited.

    Parameters
    ----------
    found
        The planned cameras; duplicates are left out, since nothing at all is cheaper still.
    offers
        Cameras as they would be.
    need_px_m
        Density asked for, by sample.

    Returns
    -------
    dict
        By number of the planned camera: offer, measure, existing camera, yuan.
    """
    fleet = found.fleet
    table, meets = _work_on_existing(found, offers, need_px_m)
    count = np.bincount(fleet.meets.indices[found.staying[fleet.row]], minlength=len(fleet.weight))
    together = csr_array(fleet.meets.astype(np.float64) @ meets.T.astype(np.float64))
    host = fleet.camera_ids.get_indexer(table["camera_id"])
    cost = table["cost_yuan"].to_numpy(np.float64)
    best: dict[int, tuple[str, str, str, float]] = {}
    for p in np.flatnonzero(found.judged & ~found.low):
        able = together.indices[together.indptr[p] : together.indptr[p + 1]]
        able = able[cost[able] < fleet.cost_yuan[p]]
        allowed = found.thresholds.contribution * found.shares.total[p] - TOLERANCE
        for v in able[np.lexsort((able, cost[able]))]:
            if _loss(found, meets, count, int(p), int(host[v]), int(v)) <= max(allowed, TOLERANCE):
                row = table.iloc[v]
                best[int(p)] = (str(table.index[v]), row["measure"], row["camera_id"], cost[v])
                break
    return best


def _work_on_existing(
    found: Appraisal, offers: Offers, need_px_m: pd.Series
) -> tuple[pd.DataFrame, csr_array]:
    """Return the offers on cameras that exist, by id, and what they meet of the fleet's samples."""
    fleet, table = found.fleet, offers.table
    planned = fleet.camera_ids[fleet.planned]
    useful = table["measure"].isin(WORK) & ~table["camera_id"].isin(planned)
    table = table[useful & table["cost_yuan"].notna()].sort_index()
    by_day = fleet.sample_ids[~fleet.dark]
    chosen = offers.matrix.select(cameras=table.index, samples=by_day)
    meets = chosen.meets(need_px_m.reindex(by_day).to_numpy(np.float64)).tocsr()
    meets.resize((len(table), len(fleet.weight)))
    return table, csr_array(meets)


def _loss(found: Appraisal, meets: csr_array, count: IntArray, p: int, e: int, v: int) -> float:
    """Return the weight that is lost if an offer comes in the place of two cameras.

    `count` is of those that stay; `e` is -1 for an existing camera that is credited with nothing.
    """
    fleet = found.fleet
    now = np.zeros(len(fleet.weight), np.int64)
    after = np.zeros(len(fleet.weight), np.int64)
    mine = _row(fleet.meets, p)
    touched = [mine, _row(meets, v)]
    now[mine] += ~found.staying[p]
    after[mine] -= found.staying[p]
    if e >= 0:
        touched.append(_row(fleet.meets, e))
        after[touched[-1]] -= int(found.staying[e])
    after[touched[1]] += 1
    samples = np.unique(np.concatenate(touched))
    before = np.minimum(count[samples] + now[samples], fleet.k[samples])
    lost = count[samples] + after[samples] < before
    return float(fleet.weight[samples[lost]].sum())


def _row(meets: csr_array, row: int) -> IntArray:
    return np.asarray(meets.indices[meets.indptr[row] : meets.indptr[row + 1]], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """Existing cameras as they would be after some work.

    Parameters
    ----------
    table
        By offer: ``measure`` (one of `WORK`; others are passed over), ``camera_id`` and
        ``cost_yuan``.
    matrix
        px/m of each offer at each sample, in the reading ``sure``.
    """

    table: pd.DataFrame
    matrix: CoverageMatrix
