"""Who does the work of a planned camera: others as they stand, or turned and refurbished for less.

References
----------
Article 7: existing resources are used before new ones are built; "replaced by a, b and c" is only
checkable with names, operators and days of record. A camera that is turned no longer sees what it
saw; both have to be counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csc_array, csr_array

from civicsight.core.arrays import BoolArray, IntArray
from civicsight.coverage.check import scenes_of
from civicsight.coverage.findings.camera_set import CameraSet, count_watchers, recorded_costs
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.findings.shares import Cover, smallest_cover
from civicsight.coverage.matrix import CoverageMatrix, at_night, compute_matrix
from civicsight.coverage.optics.quality import level_of
from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.duplicates.appraise import Appraisal
from civicsight.planning.judging.indices import SURE
from civicsight.planning.solver.model import FREE, Problem
from civicsight.planning.solver.outcome import Status
from civicsight.scene.bodies import Scene

RECORD_DAYS: Final = ("filed_on", "in_use_on", "installed_on")
"""Days of a record, the most telling first."""


def find_reliance(
    found: Appraisal, by_requirement: csc_array, camera: int, background: BoolArray
) -> Cover:
    """Find the fewest cameras of a background that do what one does, as far as they can.

    Of several choices of one size the first in the order of the ids. `by_requirement` is
    `Requirements.meets` by column.
    """
    meets = found.asked.meets
    columns = meets.indices[meets.indptr[camera] : meets.indptr[camera + 1]]
    block = csr_array(by_requirement[:, columns])
    others = np.flatnonzero((np.diff(block.indptr) > 0) & background)
    others = others[others != camera]
    names = [str(found.camera_set.camera_ids[i]) for i in others]
    dense = np.asarray(block[others].toarray(), bool)
    need = found.asked.need[columns]
    cover = smallest_cover(names, dense, need)
    return cover if cover.exact else _prove(names, dense, need)


def dominators(
    found: Appraisal, by_requirement: csc_array, camera: int, background: BoolArray
) -> tuple[str, ...]:
    """Return those of a background that alone meet all that a camera meets, and cost no more.

    What stands costs nothing any more.
    """
    camera_set, meets = found.camera_set, found.asked.meets
    columns = meets.indices[meets.indptr[camera] : meets.indptr[camera + 1]]
    shared = np.diff(csr_array(by_requirement[:, columns]).indptr)
    whole = (shared == len(columns)) & background & (len(columns) > 0)
    whole[camera] = False
    dearer = camera_set.planned & ~(camera_set.cost_yuan <= camera_set.cost_yuan[camera])
    return tuple(map(str, camera_set.camera_ids[whole & ~dearer]))


def describe(
    result: CheckResult, camera_set: CameraSet, camera: int, names: tuple[str, ...]
) -> tuple[StandIn, ...]:
    """Say of each stand-in whose it is, how old its record is and what it reaches."""
    mine = camera_set.columns_of(camera)
    stand_ins = []
    for name in names:
        row = result.cameras.loc[name]
        other = int(camera_set.camera_ids.get_loc(name))
        both = np.intersect1d(mine, camera_set.columns_of(other))
        density = camera_set.q[[other]][:, both].toarray().ravel()
        least = float(density.min()) if len(density) else 0.0
        level = level_of(least, result.rules.ladder)
        stand_ins.append(
            StandIn(
                name,
                _text(row, "status") or "existing",
                _text(row, "owner"),
                _text(row, "owner_unit"),
                next((day for day in (_text(row, c) for c in RECORD_DAYS) if day), ""),
                _text(row, "source"),
                _text(row, "network_state"),
                not camera_set.linked[other],
                level.name if level else "",
                least,
                float(camera_set.weight[both].sum()),
            )
        )
    return tuple(stand_ins)


def _prove(names: list[str], meets: BoolArray, need: IntArray) -> Cover:
    """Choose the fewest of many, with the optimiser."""
    order = np.argsort(np.asarray(names, object), kind="stable")
    rows = [np.flatnonzero(meets[i]).tolist() for i in order]
    problem = Problem.of(
        rows,
        cost=np.ones(len(rows)),
        n_requirement=meets.shape[1],
        need=np.minimum(need, meets.sum(axis=0)),
        site=FREE,
    )
    outcome = minimise_cost(problem)
    chosen = tuple(names[order[j]] for j in np.flatnonzero(outcome.chosen))
    return Cover(chosen, outcome.status is Status.OPTIMAL)


def _text(row: Mapping[str, Any] | pd.Series, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A camera that does a planned one's work, or some of it.

    Parameters
    ----------
    camera_id, status
        Which, and its state in the plan.
    owner, operator
        Kind of owner and unit that runs it; empty if not recorded.
    recorded_on, source
        Day of its record (filed, put into use or installed), and where the record comes from.
    network_state, to_link
        Whether it is in the shared network, and whether it has to be linked first.
    level, px_m
        Level of EN 62676-4 that it reaches wherever it stands in, and the density behind it.
    weight
        What it meets of the planned camera's work [m or m2].
    """

    camera_id: str
    status: str
    owner: str
    operator: str
    recorded_on: str
    source: str
    network_state: str
    to_link: bool
    level: str
    px_m: float
    weight: float


WORK: Final = ("reaim", "refurbish")
"""Measures on an existing camera that can spare a new one."""


def best_offers(
    found: Appraisal, offers: Offers, samples: pd.DataFrame
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
    samples
        Table `model.SAMPLES`.

    Returns
    -------
    dict
        By number of the planned camera: offer, measure, existing camera, yuan.
    """
    camera_set = found.camera_set
    table, meets = _work_on_existing(found, offers, samples)
    count = count_watchers(camera_set, found.staying)
    together = csr_array(camera_set.meets.astype(np.float64) @ meets.T.astype(np.float64))
    host = camera_set.camera_ids.get_indexer(table["camera_id"])
    cost = table["cost_yuan"].to_numpy(np.float64)
    best: dict[int, tuple[str, str, str, float]] = {}
    for p in np.flatnonzero(found.judged & ~found.low):
        able = together.indices[together.indptr[p] : together.indptr[p + 1]]
        able = able[cost[able] < camera_set.cost_yuan[p]]
        allowed = found.thresholds.contribution * found.shares.total[p] - TOLERANCE
        for v in able[np.lexsort((able, cost[able]))]:
            if _loss(found, meets, count, int(p), int(host[v]), int(v)) <= max(allowed, TOLERANCE):
                row = table.iloc[v]
                best[int(p)] = (str(table.index[v]), row["measure"], row["camera_id"], cost[v])
                break
    return best


def _work_on_existing(
    found: Appraisal, offers: Offers, samples: pd.DataFrame
) -> tuple[pd.DataFrame, csr_array]:
    """Return the offers on cameras that exist, by id, and what they meet of the fleet's samples."""
    camera_set, table = found.camera_set, offers.table
    planned = camera_set.camera_ids[camera_set.planned]
    useful = table["measure"].isin(WORK) & ~table["camera_id"].isin(planned)
    table = table[useful & table["cost_yuan"].notna()].sort_index()
    by_day = camera_set.sample_ids[~camera_set.dark]
    chosen = offers.matrix.select(cameras=table.index, samples=by_day)
    meets = chosen.meets(samples.loc[by_day]).tocsr()
    meets.resize((len(table), len(camera_set.weight)))
    return table, csr_array(meets)


def _loss(found: Appraisal, meets: csr_array, count: IntArray, p: int, e: int, v: int) -> float:
    """Return the weight that is lost if an offer comes in the place of two cameras.

    `count` is of those that stay; `e` is -1 for an existing camera that is credited with nothing.
    """
    camera_set = found.camera_set
    now = np.zeros(len(camera_set.weight), np.int64)
    after = np.zeros(len(camera_set.weight), np.int64)
    mine = camera_set.columns_of(p)
    touched = [mine, meets.indices[meets.indptr[v] : meets.indptr[v + 1]].astype(np.int64)]
    now[mine] += ~found.staying[p]
    after[mine] -= found.staying[p]
    if e >= 0:
        touched.append(camera_set.columns_of(e))
        after[touched[-1]] -= int(found.staying[e])
    after[touched[1]] += 1
    samples = np.unique(np.concatenate(touched))
    before = np.minimum(count[samples] + now[samples], camera_set.k[samples])
    lost = count[samples] + after[samples] < before
    return float(camera_set.weight[samples[lost]].sum())


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


def offers_of(candidates: CandidateSet) -> Offers:
    """Return the work on existing cameras that a set of candidates proposes."""
    table = candidates.table[["measure", "camera_id", "cost_yuan"]]
    return Offers(pd.DataFrame(table[table["camera_id"].notna()]), candidates.matrix)


def prices_of(result: CheckResult, candidates: CandidateSet) -> pd.Series:
    """Return what cameras cost [yuan]: as recorded, else a planned one by the price table."""
    built = candidates.table
    built = built[built["measure"].eq("new") & built["camera_id"].notna()]
    by_table = built.set_index("camera_id")["cost_yuan"]
    recorded = pd.Series(recorded_costs(result.cameras), result.cameras.index)
    return recorded.fillna(by_table.reindex(recorded.index))


def see_by_night(result: CheckResult, scene: Scene | None = None) -> CoverageMatrix | None:
    """Compute what the cameras of a check see by their own light, in the reading ``sure``.

    Parameters
    ----------
    result
        What `check` found.
    scene
        Of the reading ``sure``, built without it.

    Returns
    -------
    CoverageMatrix or None
        None where the check was one by night already, or no camera has a recorded light: then the
        night tells no camera from another.
    """
    heads = result.heads[result.heads["reading"].eq(SURE)]
    lit = "night_reach_m" in heads and bool(np.isfinite(heads["night_reach_m"].astype(float)).any())
    if result.summary.get("night") or not lit:
        return None
    scene = scenes_of(result)[SURE] if scene is None else scene
    shining = at_night(gpd.GeoDataFrame(heads))
    return compute_matrix(
        shining, result.parts, result.samples, scene, camera_ids=result.cameras.index
    )
