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
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import IntArray
from civicsight.core.errors import MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage.check import build_scenes
from civicsight.coverage.jobs import running_on
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.privacy.facades import Private, find_private
from civicsight.coverage.result import CheckResult
from civicsight.model.plan_tables import CANDIDATES
from civicsight.planning.candidates.classes import CameraClass, read_classes
from civicsight.planning.candidates.existing import offer_existing
from civicsight.planning.candidates.gather import Gathered
from civicsight.planning.candidates.lawful import Law
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.candidates.offers import camera_sites, items_of, own_classes
from civicsight.planning.candidates.poses import FARTHEST_M, aim, heads_of
from civicsight.planning.candidates.reduce import undominated
from civicsight.planning.candidates.sites import ROUNDS, find_sites
from civicsight.planning.candidates.trial import Demand, look, stage, try_poses
from civicsight.planning.candidates.unreachable import explain
from civicsight.planning.judging.sightings import areas_of
from civicsight.planning.prices import Prices, read_prices
from civicsight.planning.requirements import most_together
from civicsight.scene.bodies import Scene

ROUND_SHARE: Final = 0.45
"""Share of one round in all; looking from what was kept is the rest."""

STANDING: Final = ("keep", "connect")
"""Measures that leave a camera as it hangs: candidates are made around what these do not meet."""

MADE: Final = ("reaim", "refurbish", "new")
"""Measures of which poses are made, and may be outdone by others."""


def generate(
    result: CheckResult,
    *,
    prices: Prices | None = None,
    classes: tuple[CameraClass, ...] | None = None,
    scenes: Mapping[str, Scene] | None = None,
    private: Private | None = None,
    robust_k: int = 0,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> CandidateSet:
    """Propose everything that could lawfully be kept, changed or built around what is not met.

    Parameters
    ----------
    result
        What was checked; by night, candidates see by their own light alone.
    prices, classes
        Price table and neutral classes of cameras, by default those of the project.
    scenes, private
        Scenes of the city and what is private in it, where they are at hand already.
    robust_k, progress, executor
        How many cameras more than the law asks for each sample is to have; called with steps done
        and in all; where lines of sight are cast, as of `check`.

    Returns
    -------
    CandidateSet
        The same for any order of the rows of the tables.

    Raises
    ------
    MismatchError
        If `robust_k` is negative, or the price table lacks the device of a class.
    """
    if robust_k < 0:
        msg = f"robust_k is {robust_k}, expected at least 0"
        raise MismatchError(msg)
    prices, classes = prices or read_prices(), classes or read_classes()
    scenes = build_scenes(result.city) if scenes is None else scenes
    private = find_private(result.city, result.rules) if private is None else private
    with running_on(executor):
        law = Law(result.city, result.rules, private, scenes)
        return _generate(result, law, scenes["sure"], prices, classes, robust_k, progress)


def _generate(
    result: CheckResult, law: Law, scene: Scene, prices: Prices, classes: tuple[CameraClass, ...],
    robust_k: int, progress: Progress | None,
) -> CandidateSet:  # fmt: skip
    demand, found = _demand(result, scene, robust_k), Gathered(prices)
    search = _Search(result, law, classes, _rivals(classes, prices))
    offer_existing(result, demand, law, found, classes, night=search.night)
    demand = _opened(demand, _wanting(found, demand))
    sites = _rounds(search, demand, found, progress)
    can = _together(found, demand)
    missing = explain(demand, can, found.lost, sites, classes, night=search.night)
    rest = stage(progress, len(ROUNDS) * ROUND_SHARE, 1.0)
    return _finish(result, demand, found, missing, robust_k, rest)


def _rounds(
    search: _Search, demand: Demand, found: Gathered, progress: Progress | None
) -> gpd.GeoDataFrame:
    """Add candidates around what is wanting, again and finer around what then still is.

    Returns the sites that were tried.
    """
    tried = []
    for number in range(len(ROUNDS)):
        if demand.wanting.any():
            meter = stage(progress, number * ROUND_SHARE, (number + 1) * ROUND_SHARE)
            tried.append(search.run(number, demand, found, meter))
            left = demand.wanting & (_together(found, demand) < demand.asked)
            demand = replace(demand, wanting=left)
    crs = search.result.city.crs
    return gpd.GeoDataFrame(pd.concat(tried) if tried else {"geometry": []}, crs=crs)


def _rivals(classes: tuple[CameraClass, ...], prices: Prices) -> dict[str, tuple[CameraClass, ...]]:
    """Return for each class the others that look as wide and whose device costs no more."""
    cost = {kind: prices.price_yuan(f"device.{kind.camera_class}") for kind in classes}
    return {
        kind.camera_class: tuple(
            other
            for other in classes
            if other.hfov_deg * other.heads >= kind.hfov_deg * kind.heads
            and other.vfov_deg >= kind.vfov_deg
            and (cost[other], other.camera_class) < (cost[kind], kind.camera_class)
        )
        for kind in classes
    }


def _demand(result: CheckResult, scene: Scene, robust_k: int) -> Demand:
    """Return the samples of mandatory parts, and how many cameras each asks for."""
    samples = result.samples
    counted = samples["part_id"].isin(result.parts.index) & samples["weight"].gt(0.0)
    samples = gpd.GeoDataFrame(samples[counted]).sort_index()
    k = result.parts["k"].reindex(samples["part_id"]).to_numpy(np.int64)
    every = np.arange(len(samples))
    return Demand(result.parts, samples, scene, every >= 0, k + robust_k, every)


def _opened(demand: Demand, wanting: npt.NDArray[np.bool_]) -> Demand:
    """Return what is left to be met; all samples of its parts are looked at."""
    part = demand.samples["part_id"]
    among = np.flatnonzero(part.isin(part[wanting]).to_numpy(bool))
    return replace(demand, wanting=wanting, open=among)


def _wanting(found: Gathered, demand: Demand) -> npt.NDArray[np.bool_]:
    """Tell which samples of parts that fall short are not met by what stands, once connected."""
    kept = found.table()["measure"].isin(STANDING).to_numpy(bool)
    meets = demand.meets(csr_array(found.matrix(len(demand.samples))[np.flatnonzero(kept)]))
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
    return most_together(demand.meets(found.matrix(len(demand.samples))), site, capacity)


class _Search:
    """Rounds of poses around what is wanting."""

    def __init__(
        self,
        result: CheckResult,
        law: Law,
        classes: tuple[CameraClass, ...],
        rivals: dict[str, tuple[CameraClass, ...]],
    ) -> None:
        self.result, self.law, self.classes, self.rivals = result, law, classes, rivals
        self.night, self.number = bool(result.summary["night"]), 0
        self.own: dict[CameraClass, int] = {}
        self.tried: set[str] = set()

    def run(
        self, number: int, demand: Demand, found: Gathered, progress: Progress | None
    ) -> gpd.GeoDataFrame:
        """Add the lawful poses of one round, and return the sites that were tried."""
        self.number = number
        sites = self._sites(demand, found)
        wanting = gpd.GeoDataFrame(demand.samples[demand.wanting])
        poses = self._poses(sites, wanting, demand)
        poses = poses[~poses.index.isin(self.tried)]
        self.tried |= set(poses.index)
        if not len(poses):
            return sites
        kinds = {kind.camera_class: kind for kind in self.classes}
        places = gpd.GeoSeries(
            sites.geometry.to_numpy()[poses["site"].to_numpy(np.int64)], poses.index, sites.crs
        )
        turned = poses["camera_class"].eq("own").to_numpy(bool)
        made = [heads_of(poses[~turned], places[~turned], kinds, night=self.night)]
        for kind, own in self.own.items():
            some = poses.index[turned & poses["kind"].eq(own).to_numpy(bool)]
            made.append(heads_of(poses.loc[some], places[some], {"own": kind}, night=self.night))
        heads = gpd.GeoDataFrame(pd.concat(made), crs=sites.crs)
        heads = gpd.GeoDataFrame(heads[heads["reach_m"].gt(0.1)])
        seeing = poses[poses.index.isin(heads["camera_id"])]
        cost = self._costs(seeing, sites, found.prices)
        site = seeing["site"].to_numpy(np.int64)
        passed = try_poses(heads, seeing.index, site, cost, demand, self.law, progress=progress)
        found.add_passed(passed, seeing, sites)
        return sites

    def _sites(self, demand: Demand, found: Gathered) -> gpd.GeoDataFrame:
        """Return sites in the order of their ids, those inside private places aside."""
        cameras, wanting = self.result.cameras, gpd.GeoDataFrame(demand.samples[demand.wanting])
        sites = find_sites(
            self.result.city,
            cameras,
            self.law.private.areas,
            wanting,
            within_m=FARTHEST_M,
            spacing=ROUNDS[self.number],
        ).assign(height_m=np.nan)
        own = camera_sites(cameras)
        tree = shapely.STRtree(wanting.geometry.to_numpy())
        near = tree.query(own.geometry.to_numpy(), predicate="dwithin", distance=FARTHEST_M)[0]
        sites = gpd.GeoDataFrame(pd.concat([sites, own.iloc[np.unique(near)]]), crs=own.crs)
        hits = self.law.inside(sites.rename_axis("camera_id"))["camera_id"].unique()
        for label in sorted(hits):
            site = sites.loc[label]
            measure = "refurbish" if site["host"] == "camera" else "new"
            found.banned.append((measure, site["host"], "inside", site.geometry.wkt))
        return gpd.GeoDataFrame(sites[~sites.index.isin(hits)].sort_index())

    def _poses(
        self, sites: gpd.GeoDataFrame, wanting: gpd.GeoDataFrame, demand: Demand
    ) -> pd.DataFrame:
        """Return all poses by candidate, with ``measure``, and ``kind`` of own devices."""
        every = self._aim(sites, np.arange(len(sites)), wanting, demand, self.classes)
        host = sites["host"].to_numpy(object)[every["site"].to_numpy(np.int64)]
        every["measure"] = np.where(host == "camera", "refurbish", "new")
        every["kind"] = -1
        tables = [every]
        self.own = {}
        for number, (kind, labels) in enumerate(own_classes(self.result.cameras).items()):
            rows = sites.index.get_indexer("camera:" + labels)
            turned = self._aim(sites, rows[rows >= 0], wanting, demand, (kind,))
            tables.append(turned.assign(measure="reaim", kind=number))
            self.own[kind] = number
        poses = pd.concat([table for table in tables if len(table)] or [every], ignore_index=True)
        return poses.set_axis(_labels(poses, sites))

    def _aim(
        self,
        sites: gpd.GeoDataFrame,
        rows: IntArray,
        wanting: gpd.GeoDataFrame,
        demand: Demand,
        classes: tuple[CameraClass, ...],
    ) -> pd.DataFrame:
        some = gpd.GeoDataFrame(sites.iloc[rows])
        poses = aim(
            some,
            wanting,
            demand.parts,
            demand.scene,
            classes,
            rivals=self.rivals,
            number=self.number,
            night=self.night,
        )
        return poses.assign(site=rows[poses["site"].to_numpy(np.int64)])

    def _costs(
        self, poses: pd.DataFrame, sites: gpd.GeoDataFrame, prices: Prices
    ) -> npt.NDArray[np.float64]:
        hosts = sites["host"].to_numpy(object)[poses["site"].to_numpy(np.int64)]
        known: dict[tuple[str, str, str], int] = {}
        keys = list(zip(poses["measure"], hosts, poses["camera_class"], strict=True))
        for key in set(keys):
            known[key] = prices.cost_yuan(items_of(*key))
        return np.array([known[key] for key in keys], np.float64)


def _labels(poses: pd.DataFrame, sites: gpd.GeoDataFrame) -> pd.Index:
    """Name each pose by measure, site, height, class and direction."""
    names = sites.index.to_numpy(object)[poses["site"].to_numpy(np.int64)]
    columns = (poses[name] for name in ("measure", "height_m", "camera_class"))
    turns = (poses[name] for name in ("azimuth_deg", "tilt_deg"))
    labels = [
        f"{measure}:{site}@{height:g}/{kind}/{azimuth:g}/{tilt:g}"
        for measure, height, kind, azimuth, tilt, site in zip(*columns, *turns, names, strict=True)
    ]
    return pd.Index(labels, dtype=object)


def _finish(
    result: CheckResult,
    demand: Demand,
    found: Gathered,
    missing: pd.DataFrame,
    robust_k: int,
    progress: Progress | None,
) -> CandidateSet:
    """Leave out what others outdo, and put everything into the order of the ids."""
    q, sites = found.matrix(len(demand.samples)), found.table_of_sites()
    frame = found.table()
    rows, made = _kept(frame, sites.index, demand.meets(q), int(demand.asked.max(initial=1)))
    table = gpd.GeoDataFrame(frame.iloc[rows].set_index("candidate_id"), crs=result.city.crs)
    table = gpd.GeoDataFrame(CANDIDATES.complete(table))
    table["district"] = _districts(table, result)
    heads = found.all_heads(result.heads)
    heads = gpd.GeoDataFrame(heads[heads["camera_id"].isin(table.index)].sort_index())
    return CandidateSet(
        table,
        heads,
        CoverageMatrix(
            _whole(q[rows], made, table, heads, demand, progress), table.index, demand.samples.index
        ),
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
    kept = undominated(meets, sites.get_indexer(frame["site_id"]), cost, most=most)
    planned = frame["candidate_id"].str.startswith("planned:").to_numpy(bool)
    made = frame["measure"].isin(MADE).to_numpy(bool) & ~planned
    rows = np.flatnonzero(kept | ~made)
    rows = rows[np.argsort(frame["candidate_id"].to_numpy(str)[rows], kind="stable")]
    return rows, made[rows]


def _whole(
    q: csr_array,
    made: npt.NDArray[np.bool_],
    table: gpd.GeoDataFrame,
    heads: gpd.GeoDataFrame,
    demand: Demand,
    progress: Progress | None,
) -> csr_array:
    """Return what candidates meet anywhere: poses were tried over what is open alone.

    A camera that only gets a mask was looked from everywhere already; it sees no more for that.
    """
    ids = table.index[made]
    some = gpd.GeoDataFrame(heads[heads["camera_id"].isin(ids)])
    others = np.setdiff1d(np.arange(len(demand.samples)), demand.open)
    beyond = look(some, ids, demand, among=others, progress=progress)
    rows = csr_array(
        (np.ones(len(ids), np.float32), (np.flatnonzero(made), np.arange(len(ids)))),
        shape=(len(table), len(ids)),
    )
    return csr_array(q.maximum(rows @ beyond))


def _districts(table: gpd.GeoDataFrame, result: CheckResult) -> Any:
    """Return the district of each candidate; of two that share an edge the first by its id."""
    districts = areas_of(result.city, "district").sort_index()
    tree = shapely.STRtree(districts.geometry.to_numpy())
    row, district = tree.query(table.geometry.to_numpy(), predicate="intersects")
    names = np.full(len(table), None, object)
    order = np.lexsort((-district, row))
    names[row[order]] = districts.index.to_numpy(object)[district[order]]
    return names
