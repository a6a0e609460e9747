"""Duplicate construction of a checked city: measures, verdicts, and what need not be built.

References
----------
Article 7: existing resources are used, nothing is built twice. Every measure is a set function of
the cameras, so no order of rows or of removal enters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from civicsight.core.arrays import FloatArray
from civicsight.core.column import flag, identifier, must, number, text, thing
from civicsight.core.errors import N_
from civicsight.core.progress import Progress
from civicsight.core.table import Table
from civicsight.coverage.findings.camera_set import CameraSet
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.findings.shares import sum_shares
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import is_in_use
from civicsight.coverage.result import CheckResult
from civicsight.planning.candidates.lawful import Law, find_breaches
from civicsight.planning.duplicates.appraise import (
    Appraisal,
    Verdict,
    appraise,
    decide,
    intended_reasons,
    read_thresholds,
)
from civicsight.planning.duplicates.plan_set import IncrementalCover, plan_camera_set
from civicsight.planning.duplicates.redundancy import Redundancy, count_redundant
from civicsight.planning.duplicates.reliance import Offers, best_offers
from civicsight.planning.duplicates.sensitivity import flip_shares, may_be_hidden
from civicsight.planning.judging.dossier import Dossier
from civicsight.planning.solver.outcome import Limits
from civicsight.scene.bodies import Scene

SHARES: Final = Table(
    "duplicates",
    identifier("camera_id"),
    "",
    (
        text("status", str(N_("State of the camera in the plan"))),
        must("total", "", str(N_("Weight of listed places that it meets, in m or m2")), 0),
        must("unique", "", str(N_("What is lost if it alone goes, in m or m2")), 0),
        must("fair", "", str(N_("Its part of what several meet together, in m or m2")), 0),
        must("gain", "", str(N_("Share of its own that it adds to what exists")), 0, 1),
        must("kept", "", str(N_("Share of its own that the plan loses without it")), 0, 1),
        text("verdict", str(N_("Verdict on a planned camera"))),
        thing("reasons", str(N_("Why it is meant to see what others see"))),
        flag("goes", str(N_("Whether it is among those that can go together"))),
        must("flips", "", str(N_("Share of disturbed poses that change the verdict")), 0, 1),
        flag("hidden", str(N_("Whether only an assumed height may hide what it adds"))),
        number("cost_yuan", "yuan", str(N_("What it costs")), 0),
        number("saving_yuan", "yuan", str(N_("What is saved if the review follows it")), 0),
        text("instead", str(N_("Existing camera that would do, once worked on"))),
        text("measure", str(N_("The work on it"))),
        number("instead_yuan", "yuan", str(N_("What that work costs")), 0),
    ),
    placed=False,
)
"""One row for each camera in use."""

BY_ZONE: Final = Table(
    "duplicates_by_zone",
    identifier("row_id"),
    "",
    (
        text("camera_id", str(N_("Camera")), required=True),
        text("zone_id", str(N_("Listed place")), required=True),
        text("article", str(N_("Article of law")), required=True),
        text("item", str(N_("Item of the law's list of places")), required=True),
        must("total", "", str(N_("Weight of the place that it meets, in m or m2")), 0),
        must("unique", "", str(N_("What the place loses if it alone goes, in m or m2")), 0),
        must("fair", "", str(N_("Its part of what several meet together, in m or m2")), 0),
    ),
    placed=False,
)
"""One row for each camera and place of which it meets something; `unique` is beside all others."""


Offered = Mapping[int, tuple[str, str, str, float]]

COUNTING, LEAST_COVERS = 1, 2
"""Steps of progress before the scenarios."""


def duplicates(
    result: CheckResult,
    *,
    prices: pd.Series | None = None,
    offers: Offers | None = None,
    barred: Collection[str] = (),
    private: gpd.GeoDataFrame | None = None,
    night: CoverageMatrix | None = None,
    scenarios: int = 20,
    seed: int = 0,
    scene: Scene | None = None,
    limits: Limits | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Duplicates:
    """Judge every planned camera, and count how many standing ones are redundant.

    Parameters
    ----------
    result
        What `check` found; only its reading ``sure`` is credited.
    prices
        Yuan by camera; by default the tag ``cost`` of the records.
    offers
        Existing cameras as they would be once turned or refurbished.
    barred, private
        Cameras that Article 9 forbids (`barred_by_article_9`), and the table of private areas.
    night
        Matrix ``sure`` of the same cameras by night: who stands in by day has to by night.
    scenarios, seed, scene
        Disturbed poses that measure certainty, which, and the scene ``sure`` they are seen in.
    limits, threads, progress
        Of each least cover (`cheapest.minimise_cost`); called with steps done and in all.
    """
    told = _Told(progress, scenarios)
    camera_set = plan_camera_set(result, prices=prices, barred=barred, private=private, night=night)
    told.about(-LEAST_COVERS)
    found = appraise(camera_set, read_thresholds(result.rules), limits=limits, threads=threads)
    more: Any = {"held": camera_set.held, "limits": limits, "threads": threads}
    standing = count_redundant(found.asked, ~camera_set.planned, camera_set.cost_yuan, **more)
    told.about(0)
    flips = flip_shares(
        result, found, scenarios=scenarios, seed=seed, scene=scene, progress=told.scenario
    )
    table = _judge(result, found, flips, offers)
    zones, used = _by_zone(result, found), result.cameras.index[is_in_use(result.cameras)]
    left_out = tuple(sorted(map(str, used.difference(camera_set.camera_ids))))
    return Duplicates(
        result, found, table, zones, standing, IncrementalCover(camera_set), scenarios, left_out
    )


def barred_by_article_9(dossier: Dossier) -> frozenset[str]:
    """Return the cameras that are credited with nothing, whether they exist or are planned.

    The same as those that no plan relies on (`candidates.lawful`).
    """
    law = Law(dossier.city, dossier.rules, dossier.private, dossier.scenes)
    return find_breaches(dossier.result, law).camera_ids


def _judge(
    result: CheckResult, found: Appraisal, flips: FloatArray, offers: Offers | None
) -> pd.DataFrame:
    """Return table `SHARES`."""
    offered: Offered = {}
    if offers is not None:
        offered = best_offers(found, offers, result.samples)
    reasons, hidden = intended_reasons(found), may_be_hidden(result, found)
    unsure = hidden | (flips > found.thresholds.flips + TOLERANCE)
    verdicts = decide(found, unsure, offered, reasons)
    meant = [
        why if verdict is Verdict.INTENDED else ()
        for verdict, why in zip(verdicts, reasons, strict=True)
    ]
    camera_set, shares, ids = found.camera_set, found.shares, found.camera_set.camera_ids
    status = result.cameras["status"].reindex(ids)
    goes = found.spare.goes
    work = [offered.get(i, (None, None, None, np.nan)) for i in range(len(ids))]
    instead_yuan = np.array([offer[3] for offer in work], np.float64)
    saving = np.where(goes, camera_set.cost_yuan, np.nan)
    reuse = np.array([verdict is Verdict.REUSE for verdict in verdicts], bool)
    saving = np.where(reuse, camera_set.cost_yuan - instead_yuan, saving)
    frame = pd.DataFrame(
        {
            "status": status.where(status.notna(), "existing"),
            "total": shares.total,
            "unique": shares.unique,
            "fair": shares.fair,
            "gain": found.gain,
            "kept": found.kept,
            "verdict": [None if verdict is None else str(verdict) for verdict in verdicts],
            "reasons": pd.Series(meant, index=ids, dtype=object),
            "goes": goes,
            "flips": flips,
            "hidden": hidden,
            "cost_yuan": camera_set.cost_yuan,
            "saving_yuan": saving,
            "instead": [offer[2] for offer in work],
            "measure": [offer[1] for offer in work],
            "instead_yuan": instead_yuan,
        },
        index=ids,
    )
    complete = SHARES.complete(frame)
    SHARES.check(complete)
    return complete


def _by_zone(result: CheckResult, found: Appraisal) -> pd.DataFrame:
    """Return table `BY_ZONE`."""
    camera_set = found.camera_set
    row, column = camera_set.row, camera_set.meets.indices
    cover = np.bincount(column, minlength=len(camera_set.weight))[column]
    parts = result.parts
    zones, zone = np.unique(parts["zone_id"].to_numpy(object).astype(str), return_inverse=True)
    key = row * max(len(zones), 1) + zone[camera_set.part[column]]
    pairs, at = np.unique(key, return_inverse=True)
    first = parts.drop_duplicates("zone_id").set_index("zone_id")
    zone_id = zones[pairs % max(len(zones), 1)]
    camera_id = camera_set.camera_ids.to_numpy(object)[pairs // max(len(zones), 1)]
    shares = sum_shares(at, len(pairs), camera_set.weight[column], camera_set.k[column], cover)
    frame = pd.DataFrame(
        {
            "camera_id": camera_id,
            "zone_id": zone_id,
            "article": first["article"].reindex(zone_id).to_numpy(object),
            "item": first["item"].reindex(zone_id).to_numpy(object),
            "total": shares.total,
            "unique": shares.unique,
            "fair": shares.fair,
        },
        index=[f"{camera}/{place}" for camera, place in zip(camera_id, zone_id, strict=True)],
    )
    complete = BY_ZONE.complete(frame)
    BY_ZONE.check(complete)
    return complete


@dataclass(frozen=True, slots=True)
class _Told:
    """Counts the steps of the least covers and of the scenarios as one."""

    progress: Progress | None
    scenarios: int

    def about(self, step: int) -> None:
        """Tell of a step, counted from the first scenario on."""
        if self.progress is not None:
            before = COUNTING + LEAST_COVERS
            self.progress(before + step, before + self.scenarios)

    def scenario(self, done: int, total: int) -> None:
        """Tell of a scenario."""
        del total
        self.about(done)


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """What is built twice, and what stands twice.

    Parameters
    ----------
    result, found
        The check, and the measures of its cameras.
    table, by_zone
        Tables `SHARES` and `BY_ZONE`.
    standing
        How many standing cameras could go together, and which.
    tally
        Counters of all cameras in use, for editing in an app.
    scenarios
        Disturbed poses that the certainty stands on.
    left_out
        Cameras in use that are credited with nothing: temporary, or forbidden by Article 9.
    """

    result: CheckResult
    found: Appraisal
    table: pd.DataFrame
    by_zone: pd.DataFrame
    standing: Redundancy
    incremental: IncrementalCover
    scenarios: int
    left_out: tuple[str, ...]

    @property
    def camera_set(self) -> CameraSet:
        """The cameras and what they meet."""
        return self.found.camera_set

    @property
    def dropped(self) -> tuple[str, ...]:
        """Planned cameras that need not be built, all together."""
        return tuple(self.camera_set.camera_ids[self.found.spare.goes])

    @property
    def avoidable_yuan(self) -> float:
        """What the dropped ones cost, as far as their costs are known [yuan]."""
        known = self.found.spare.goes & self.found.priced
        return float(self.camera_set.cost_yuan[known].sum())

    @property
    def avoidable_if_linked_yuan(self) -> float:
        """The same if cameras outside the shared network were linked [yuan]."""
        known = self.found.spare_all.goes & self.found.priced
        return float(self.camera_set.cost_yuan[known].sum())

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Planned cameras whose cost nobody says; money sums leave them out."""
        camera_set = self.camera_set
        return tuple(camera_set.camera_ids[camera_set.planned & ~self.found.priced])

    @property
    def flagged(self) -> tuple[str, ...]:
        """Planned cameras that a reviewer should look at, by id."""
        quiet = (None, str(Verdict.NOT_DUPLICATE))
        return tuple(self.table.index[~self.table["verdict"].isin(quiet)])
