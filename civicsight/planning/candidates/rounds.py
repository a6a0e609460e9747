"""Rounds of poses around what is wanting: sites, poses of every class, and which of them pass."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import IntArray
from civicsight.core.progress import Progress
from civicsight.coverage.jobs import place_on_curve
from civicsight.coverage.matrix import SHORTEST_REACH_M
from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.classes import CameraClass
from civicsight.planning.candidates.demand import Demand, stage
from civicsight.planning.candidates.effort import Memory
from civicsight.planning.candidates.gather import Gathered
from civicsight.planning.candidates.lawful import Law
from civicsight.planning.candidates.offers import camera_sites, items_of, own_classes
from civicsight.planning.candidates.poses import aim, heads_of
from civicsight.planning.candidates.ruled_out import ASKED, RuledOut
from civicsight.planning.candidates.sights import FARTHEST_M
from civicsight.planning.candidates.sites import ROUNDS, find_sites
from civicsight.planning.candidates.trial import Poses, try_poses
from civicsight.planning.prices.price_table import Prices

AIMING: Final = 0.2
"""Share of finding sites and aiming in a round."""


class Search:
    """Rounds of poses around what is wanting."""

    def __init__(
        self,
        result: CheckResult,
        law: Law,
        classes: tuple[CameraClass, ...],
        rivals: dict[str, tuple[CameraClass, ...]],
        memory: Memory,
        ruled_out: RuledOut | None = None,
    ) -> None:
        self.memory, self.ruled_out = memory, ruled_out or RuledOut()
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
        aimed, rest = stage(progress, 0.0, AIMING), stage(progress, AIMING, 1.0)
        if aimed is not None:
            aimed(1, 1)
        poses = poses[~poses.index.isin(self.tried) & self._see(poses)]
        self.tried |= set(poses.index)
        self.memory.count(poses=len(poses))
        if not len(poses):
            return sites
        site = poses["site"].to_numpy(np.int64)
        cost = self._costs(poses, sites, found.prices)
        tried = Poses(
            poses.index, _rank(sites)[site], cost, lambda rows: self._heads(poses.iloc[rows], sites)
        )
        passed = try_poses(tried, demand, self.law, self.memory, progress=rest)
        found.add_passed(passed, poses, sites)
        return sites

    def _heads(self, poses: pd.DataFrame, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the heads of some poses."""
        kinds = {kind.camera_class: kind for kind in self.classes}
        places = gpd.GeoSeries(
            sites.geometry.to_numpy()[poses["site"].to_numpy(np.int64)], poses.index, sites.crs
        )
        turned = poses["camera_class"].eq("own").to_numpy(bool)
        made = [heads_of(poses[~turned], places[~turned], kinds, night=self.night)]
        for kind, own in self.own.items():
            some = poses.index[turned & poses["kind"].eq(own).to_numpy(bool)]
            if len(some):
                turns = poses.loc[some]
                made.append(heads_of(turns, places[some], {"own": kind}, night=self.night))
        return gpd.GeoDataFrame(pd.concat(made), crs=sites.crs)

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
        lawful = gpd.GeoDataFrame(sites[~sites.index.isin(hits)].sort_index())
        out = self.ruled_out.carries_nothing(lawful)
        if out.any():
            self._pass_over(gpd.GeoDataFrame(lawful[out]), demand, found)
        return gpd.GeoDataFrame(lawful[~out])

    def _pass_over(self, sites: gpd.GeoDataFrame, demand: Demand, found: Gathered) -> None:
        """Note which samples are in range of sites that carry nothing new by somebody's wish."""
        tree = shapely.STRtree(sites.geometry.to_numpy())
        points = demand.samples.geometry.to_numpy()
        lost = found.lost.setdefault(ASKED, np.zeros(len(points), bool))
        lost[tree.query(points, predicate="dwithin", distance=FARTHEST_M)[0]] = True

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
        # Name each pose by measure, site, height, class and direction.
        names = sites.index.to_numpy(object)[poses["site"].to_numpy(np.int64)]
        columns = (poses[name] for name in ("measure", "height_m", "camera_class"))
        turns = (poses[name] for name in ("azimuth_deg", "tilt_deg"))
        labels = [
            f"{measure}:{site}@{height:g}/{kind}/{azimuth:g}/{tilt:g}"
            for measure, height, kind, azimuth, tilt, site in zip(
                *columns, *turns, names, strict=True
            )
        ]
        return poses.set_axis(pd.Index(labels, dtype=object))

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

    def _see(self, poses: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Tell which poses see anything: by night some devices have no light."""
        reach = {kind.camera_class: kind.reach(night=self.night) for kind in self.classes}
        own = {number: kind.reach(night=self.night) for kind, number in self.own.items()}
        far = poses["camera_class"].map(reach).fillna(poses["kind"].map(own))
        sees: npt.NDArray[np.bool_] = far.gt(SHORTEST_REACH_M).to_numpy(bool)
        return sees

    def _costs(
        self, poses: pd.DataFrame, sites: gpd.GeoDataFrame, prices: Prices
    ) -> npt.NDArray[np.float64]:
        hosts = sites["host"].to_numpy(object)[poses["site"].to_numpy(np.int64)]
        known: dict[tuple[str, str, str], int] = {}
        keys = list(zip(poses["measure"], hosts, poses["camera_class"], strict=True))
        for key in set(keys):
            known[key] = prices.cost_yuan(items_of(*key))
        return np.array([known[key] for key in keys], np.float64)


def rivals_of(
    classes: tuple[CameraClass, ...], prices: Prices
) -> dict[str, tuple[CameraClass, ...]]:
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


def _rank(sites: gpd.GeoDataFrame) -> IntArray:
    """Return the number of each site, in an order in which neighbours come together."""
    order = np.argsort(place_on_curve(sites.get_coordinates().to_numpy(), 32.0), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank
