"""Every lawful candidate of a plan, from a check of what exists.

References
----------
Article 7: what exists is offered first. Article 9: what is forbidden is never put into the set.
Candidates are made around what is not met, and once more, finer, where that leaves gaps (sampling
by what is left uncovered, as in adaptive methods of optimal camera placement).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import IntArray
from civicsight.core.collector import undisturbed
from civicsight.core.errors import MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage.check import scenes_of
from civicsight.coverage.jobs import running_on
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.privacy.facades import Private, find_private
from civicsight.coverage.result import CheckResult
from civicsight.model.plan_tables import CANDIDATES
from civicsight.planning.area.districts import find_districts
from civicsight.planning.area.scope import Scope
from civicsight.planning.candidates.classes import CameraClass, read_classes
from civicsight.planning.candidates.demand import Demand, look_in_batches, put_together, stage
from civicsight.planning.candidates.effort import Memory, forecast
from civicsight.planning.candidates.existing import offer_existing
from civicsight.planning.candidates.gather import Gathered
from civicsight.planning.candidates.lawful import Law
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.candidates.reduce import undominated
from civicsight.planning.candidates.rounds import Search, rivals_of
from civicsight.planning.candidates.ruled_out import RuledOut
from civicsight.planning.candidates.sites import ROUNDS
from civicsight.planning.candidates.unreachable import explain
from civicsight.planning.prices.price_table import Prices, read_prices
from civicsight.planning.solver.model import most_together
from civicsight.scene.bodies import Scene

ROUND_SHARES: Final = (0.0, 0.65, 0.8)
"""Where each round begins and ends in all; looking again from what was kept is the rest."""

STANDING: Final = ("keep", "connect")
"""Measures that leave a camera as it hangs: candidates are made around what these do not meet."""

MADE: Final = ("reaim", "refurbish", "new")
"""Measures of which poses are made, and may be outdone by others."""


@undisturbed()
def generate(
    result: CheckResult,
    *,
    prices: Prices | None = None,
    classes: tuple[CameraClass, ...] | None = None,
    scenes: Mapping[str, Scene] | None = None,
    private: Private | None = None,
    robust_k: int = 0,
    memory_mb: float | None = None,
    ruled_out: RuledOut | None = None,
    scope: Scope | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> CandidateSet:
    """Propose everything that could lawfully be kept, changed or built around what is not met.

    Parameters
    ----------
    result
        What was checked; by night, candidates see by their own light alone.
    prices, classes, scenes, private
        Price table and neutral classes of cameras, by default those of the project; scenes of the
        city and what is private in it, where they are at hand already.
    robust_k, progress, executor
        How many cameras more than the law asks for each sample is to have; called with steps done
        and in all; where lines of sight are cast, as of `check`.
    memory_mb, ruled_out, scope
        Most that it may take [MB], by default ``plan_memory``; what is left alone; what is asked.

    Returns
    -------
    CandidateSet
        The same for any order of the rows of the tables.

    Raises
    ------
    MismatchError
        If `robust_k` is negative, a device has no price, memory lacks, or nothing has a name.
    """
    if robust_k < 0:
        msg = f"robust_k is {robust_k}, expected at least 0"
        raise MismatchError(msg)
    prices, classes = prices or read_prices(), classes or read_classes()
    scenes = scenes_of(result) if scenes is None else scenes
    private = find_private(result.city, result.rules) if private is None else private
    memory, scope = Memory(memory_mb), scope or Scope()
    memory.begin(forecast(result, private=private, robust_k=robust_k, scope=scope))
    with running_on(executor):
        law = Law(result.city, result.rules, private, scenes)
        search = Search(result, law, classes, rivals_of(classes, prices), memory, ruled_out)
        demand = _demand(result, scenes["sure"], robust_k, scope)
        return _generate(search, demand, prices, robust_k, progress)


def _generate(
    search: Search, demand: Demand, prices: Prices, robust_k: int, progress: Progress | None
) -> CandidateSet:
    result, classes, found = search.result, search.classes, Gathered(prices)
    search.ruled_out.require_known(result.city, result.cameras)
    left = search.ruled_out.left_alone(result.cameras)
    offer_existing(result, demand, search.law, found, classes, night=search.night, left_alone=left)
    # What is left to be met; all samples of its parts are looked at.
    wanting = _wanting(found, demand)
    part = demand.samples["part_id"]
    among = np.flatnonzero(part.isin(part[wanting]).to_numpy(bool))
    demand = replace(demand, wanting=wanting, open=among)
    sites = _rounds(search, demand, found, progress)
    can = _together(found, demand)
    missing = explain(demand, can, found.lost, sites, classes, night=search.night)
    rest = stage(progress, ROUND_SHARES[-1], 1.0)
    return _finish(result, demand, found, missing, robust_k, rest)


def _rounds(
    search: Search, demand: Demand, found: Gathered, progress: Progress | None
) -> gpd.GeoDataFrame:
    """Add candidates around what is wanting, again and finer around what then still is.

    Returns the sites that were tried.
    """
    tried = []
    for number in range(len(ROUNDS)):
        if demand.wanting.any():
            meter = stage(progress, *ROUND_SHARES[number : number + 2])
            tried.append(search.run(number, demand, found, meter))
            left = demand.wanting & (_together(found, demand) < demand.asked)
            demand = replace(demand, wanting=left)
    crs = search.result.city.crs
    return gpd.GeoDataFrame(pd.concat(tried) if tried else {"geometry": []}, crs=crs)


def _demand(result: CheckResult, scene: Scene, robust_k: int, scope: Scope) -> Demand:
    """Return the samples of the parts that are asked for, and how many cameras each asks for."""
    samples = result.samples
    counted = samples["part_id"].isin(scope.asked_for(result)) & samples["weight"].gt(0.0)
    samples = gpd.GeoDataFrame(samples[counted]).sort_index()
    k = result.parts["k"].reindex(samples["part_id"]).to_numpy(np.int64)
    every = np.arange(len(samples))
    return Demand(result.parts, samples, scene, every >= 0, k + robust_k, every)


def _wanting(found: Gathered, demand: Demand) -> npt.NDArray[np.bool_]:
    """Tell which samples of parts that fall short are not met by what stands, once connected."""
    kept = found.table()["measure"].isin(STANDING).to_numpy(bool)
    meets = csr_array(found.meets(len(demand.samples))[np.flatnonzero(kept)])
    watchers = np.bincount(meets.indices, minlength=len(demand.samples))
    part = demand.parts.index.get_indexer(demand.samples["part_id"])
    weight = demand.samples["weight"].to_numpy(np.float64)
    met = watchers >= demand.asked
    count = len(demand.parts)
    done, total = np.bincount(part[met], weight[met], count), np.bincount(part, weight, count)
    short = done < demand.parts["fraction"].to_numpy(np.float64) * total - 1e-9
    wanting: npt.NDArray[np.bool_] = short[part] & ~met
    return wanting


def _together(found: Gathered, demand: Demand) -> IntArray:
    """Return how many of the candidates so far can meet each sample together."""
    labels = sorted(found.sites)
    sites = pd.Index(labels, dtype=object)
    capacity = np.array([found.sites[label][2] for label in labels], np.int64)
    site = sites.get_indexer(found.table()["site_id"])
    return most_together(found.meets(len(demand.samples)), site, capacity)


def _finish(
    result: CheckResult,
    demand: Demand,
    found: Gathered,
    missing: pd.DataFrame,
    robust_k: int,
    progress: Progress | None,
) -> CandidateSet:
    """Leave out what others outdo, and put everything into the order of the ids."""
    met, sites = found.meets(len(demand.samples)), found.table_of_sites()
    frame = found.table()
    rows, made = _kept(frame, sites.index, met, int(demand.asked.max(initial=1)))
    q = csr_array(found.matrix(len(demand.samples))[rows])
    table = gpd.GeoDataFrame(frame.iloc[rows].set_index("candidate_id"), crs=result.city.crs)
    table = gpd.GeoDataFrame(CANDIDATES.complete(table))
    # The district of each candidate; of two that share an edge the first by its id.
    districts = find_districts(result.city).sort_index()
    tree = shapely.STRtree(districts.geometry.to_numpy())
    row, district = tree.query(table.geometry.to_numpy(), predicate="intersects")
    names = np.full(len(table), None, object)
    order = np.lexsort((-district, row))
    names[row[order]] = districts.index.to_numpy(object)[district[order]]
    table["district"] = names
    heads = found.all_heads(result.heads)
    heads = gpd.GeoDataFrame(heads[heads["camera_id"].isin(table.index)].sort_index())
    # What candidates deliver anywhere: of poses that were made it is computed now.
    ids, others = table.index[made], np.flatnonzero(~made)
    some = gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids)])
    rows = np.flatnonzero(made)
    seen = look_in_batches(some, ids, demand, progress=progress)
    blocks = [(rows[own], block) for own, block in seen]
    del seen
    whole = put_together([*blocks, (others, csr_array(q[others]))], q.shape)
    return CandidateSet(
        table,
        heads,
        CoverageMatrix(whole, table.index, demand.samples.index),
        sites.loc[sites.index.isin(table["site_id"])],
        found.table_of_banned(),
        found.table_of_barred(),
        missing,
        found.prices,
        robust_k,
        bool(result.summary["night"]),
    )


def _kept(
    frame: pd.DataFrame, sites: pd.Index, meets: csr_array, most: int
) -> tuple[IntArray, npt.NDArray[np.bool_]]:
    """Return the rows that others do not outdo, in the order of the ids, and which were made."""
    cost = frame["cost_yuan"].to_numpy(np.float64)
    clean = frame["exposure_m2"].fillna(0.0).to_numpy(np.float64) == 0.0
    site = sites.get_indexer(frame["site_id"])
    kept = undominated(meets, site, cost, most=most, outdoing=clean)
    planned = frame["candidate_id"].str.startswith("planned:").to_numpy(bool)
    made = frame["measure"].isin(MADE).to_numpy(bool) & ~planned
    rows = np.flatnonzero(kept | ~made)
    rows = rows[np.argsort(frame["candidate_id"].to_numpy(str)[rows], kind="stable")]
    return rows, made[rows]
