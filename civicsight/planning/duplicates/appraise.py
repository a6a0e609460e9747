"""The measures behind every verdict: shares of all cameras, and what is lost without a planned one.

References
----------
Article 7. A planned camera is measured beside all that stay: what exists, and the planned ones
that are left when those that can go together have gone. So of two planned twins one is idle and
one is not, whatever the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.coverage.findings.evidence import TOLERANCE
from civicsight.coverage.findings.shares import Shares, measure_shares
from civicsight.planning.duplicates.camera_set import CameraSet
from civicsight.planning.duplicates.redundancy import Spare, find_spare, whole_costs
from civicsight.planning.duplicates.requirements import (
    KEPT_APART,
    Requirements,
    needed_weight,
    split,
)
from civicsight.planning.duplicates.thresholds import Thresholds
from civicsight.planning.solver.outcome import Limits

LEVEL: Final = "level"
"""Reason beside `KEPT_APART`: the others see it too, but not as finely as asked for."""


def appraise(
    fleet: CameraSet,
    thresholds: Thresholds,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
) -> Appraisal:
    """Measure every camera, and find which planned ones can go together.

    Parameters
    ----------
    fleet, thresholds
        Cameras and what they meet; from which share on a camera is a duplicate.
    limits, seed, threads
        As of `optimise.cheapest`.
    """
    shares = measure_shares(fleet.meets, fleet.weight, fleet.k)
    asked = split(fleet)
    standing = ~fleet.planned & fleet.linked
    costs, known = whole_costs(fleet.cost_yuan, fleet.planned)
    credited = {"linked": standing, "all": ~fleet.planned}
    judged, held = fleet.planned & ~fleet.held, fleet.planned & fleet.held
    more: Any = {"limits": limits, "seed": seed, "threads": threads}
    spares = {
        name: find_spare(asked, judged, exists | held, costs, **more)
        for name, exists in credited.items()
        if name == "linked" or not fleet.linked.all()
    }
    spares.setdefault("all", spares["linked"])
    staying = {name: exists | _stays(fleet, spares[name]) for name, exists in credited.items()}
    return Appraisal(
        fleet,
        thresholds,
        asked,
        shares,
        gain=_ratio(needed_weight(fleet, asked, standing), shares.total),
        kept=_ratio(needed_weight(fleet, asked, staying["linked"]), shares.total),
        gain_all=_ratio(needed_weight(fleet, asked, ~fleet.planned), shares.total),
        kept_all=_ratio(needed_weight(fleet, asked, staying["all"]), shares.total),
        spare=spares["linked"],
        spare_all=spares["all"],
        staying=staying["linked"],
        staying_all=staying["all"],
        priced=known,
    )


def is_low(gain: FloatArray, kept: FloatArray, thresholds: Thresholds) -> BoolArray:
    """Tell where a camera adds too little to what exists, or to the whole plan."""
    short: BoolArray = (gain < thresholds.gain - TOLERANCE) | (kept <= TOLERANCE)
    return short | (kept < thresholds.contribution - TOLERANCE)


def intended_reasons(found: Appraisal) -> list[tuple[str, ...]]:
    """Say for every camera which intended redundancy alone keeps it from being a duplicate.

    Returns
    -------
    list
        Keys of `KEPT_APART`, or `LEVEL`; empty for a camera that is a duplicate all the same, or
        that nobody could replace.
    """
    fleet = found.fleet
    standing = ~fleet.planned & fleet.linked
    reasons: list[list[str]] = [[] for _ in fleet.camera_ids]
    present = _present(fleet)
    for dropped in [[reason] for reason in present] + [present] * (len(present) > 1):
        asked = split(fleet, frozenset(KEPT_APART) - frozenset(dropped))
        gain = _ratio(needed_weight(fleet, asked, standing), found.shares.total)
        kept = _ratio(needed_weight(fleet, asked, found.staying), found.shares.total)
        for c in np.flatnonzero(found.judged & ~found.low & is_low(gain, kept, found.thresholds)):
            if len(dropped) == 1 or not reasons[c]:
                reasons[c] += dropped
    for c in np.flatnonzero(found.judged & ~found.low & _seen_anyway(found)):
        if not reasons[c]:
            reasons[c].append(LEVEL)
    return [tuple(some) for some in reasons]


def _stays(fleet: CameraSet, spare: Spare) -> BoolArray:
    stays: BoolArray = fleet.planned & ~spare.goes
    return stays


def _present(fleet: CameraSet) -> list[str]:
    """Return the reasons that can matter at all."""
    matters = {
        "k": bool((fleet.k > 1).any()),
        "turning": bool(fleet.turning.any()),
        "side": bool(fleet.side.any()),
        "purpose": len(np.unique(fleet.purpose[fleet.purpose >= 0])) > 1,
    }
    return [name for name in KEPT_APART if matters[name]]


def _seen_anyway(found: Appraisal) -> BoolArray:
    """Tell which cameras would add too little if any view, however coarse, were good enough."""
    fleet = found.fleet
    if fleet.q.nnz == fleet.meets.nnz:
        return np.zeros(len(fleet.planned), bool)
    row = np.repeat(np.arange(fleet.q.shape[0]), np.diff(fleet.q.indptr))
    shares = []
    for background in (~fleet.planned & fleet.linked, found.staying):
        others = background & ~fleet.turning
        seen = np.bincount(
            fleet.q.indices[others[row] & (fleet.q.data > 0)], minlength=len(fleet.weight)
        )
        column = fleet.meets.indices
        with_it = seen[column] + ~others[fleet.row]
        lost = fleet.weight[column] * (with_it <= fleet.k[column])
        total = np.bincount(fleet.row, lost, len(fleet.planned))
        shares.append(_ratio(total.astype(np.float64), found.shares.total))
    return is_low(shares[0], shares[1], found.thresholds)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return shares; 1 for a camera that meets no demand, which nobody can replace."""
    return np.where(whole > 0.0, part / np.where(whole > 0.0, whole, 1.0), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Appraisal:
    """Measures of every camera; arrays have shape ``(n_camera,)``.

    Parameters
    ----------
    fleet, thresholds, asked
        What was measured, and by what.
    shares
        Total, unique and fair share among all cameras in use, whoever owns them.
    gain, kept
        Share of its own that a camera adds to what exists and is linked; and that is lost without
        it when the planned cameras that can go have gone.
    gain_all, kept_all
        The same if every camera in use is credited, whoever owns it.
    spare, spare_all
        Planned cameras that can go together, beside what is linked and beside all.
    staying, staying_all
        Cameras that are then left.
    priced
        Whose costs are known.
    """

    fleet: CameraSet
    thresholds: Thresholds
    asked: Requirements
    shares: Shares
    gain: FloatArray
    kept: FloatArray
    gain_all: FloatArray
    kept_all: FloatArray
    spare: Spare
    spare_all: Spare
    staying: BoolArray
    staying_all: BoolArray
    priced: BoolArray

    @property
    def judged(self) -> BoolArray:
        """Which cameras get a verdict: planned ones that meet some demand."""
        return self.fleet.planned & (self.shares.total > 0.0)

    @property
    def low(self) -> BoolArray:
        """Which of them are duplicates of what exists and is linked, or of the plan."""
        return self.judged & is_low(self.gain, self.kept, self.thresholds)

    @property
    def low_all(self) -> BoolArray:
        """Which would be if all cameras in use were linked."""
        return self.judged & is_low(self.gain_all, self.kept_all, self.thresholds)
