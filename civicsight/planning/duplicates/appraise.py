"""The measures behind every verdict on a planned camera, the shares that packs ask, the verdicts.

A planned camera is measured beside all that stay: what exists, and the planned ones that are left
when those that can go together have gone. So of two planned twins one is idle and one is not,
whatever the order. Each verdict is a finding for review, none a refusal.

References
----------
Article 7 leaves the approval of a plan to people; thresholds are those of the rule packs. Article
14: a camera outside the network is linked before one beside it is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_, Text
from civicsight.coverage.findings.camera_set import CameraSet
from civicsight.coverage.findings.evidence import TOLERANCE, first_rule, predicate_values
from civicsight.coverage.findings.shares import Shares, measure_shares
from civicsight.planning.duplicates.redundancy import (
    KEPT_APART,
    Requirements,
    Spare,
    find_spare,
    needed_weight,
    split,
    whole_costs,
)
from civicsight.planning.solver.outcome import Limits
from civicsight.rules import Rules

GAIN: Final = "marginal_gain"
CONTRIBUTION: Final = "contribution"


def read_thresholds(rules: Rules) -> Thresholds:
    """Read the thresholds of the packs; one that no pack states is 0, so that it never flags."""
    gain = first_rule(rules, GAIN, "camera")
    contribution = first_rule(rules, CONTRIBUTION, "camera")
    asked = [rule for rule in (gain, contribution) if rule is not None]
    flips = 1.0 - rules.policy.confirmed_confidence if asked else 0.0
    return Thresholds(
        float(predicate_values(gain, GAIN)["at_least"]) if gain else 0.0,
        float(predicate_values(contribution, CONTRIBUTION)["at_least"]) if contribution else 0.0,
        flips,
        tuple(f"{rule.pack}:{rule.id}" for rule in asked),
        tuple(dict.fromkeys(rule.article for rule in asked)),
        rules.versions,
    )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What makes a planned camera a duplicate.

    Parameters
    ----------
    gain
        Least share of its own that it has to add to what exists or is approved [0-1].
    contribution
        Least share of its own that the plan has to lose without it [0-1].
    flips
        Share of disturbed poses from which a verdict that changes is uncertain [0-1]: what the
        packs leave between certainty and a confirmed finding.
    rules, articles, versions
        Rules that state them, as ``pack:rule``; their articles; packs and versions.
    """

    gain: float
    contribution: float
    flips: float
    rules: tuple[str, ...]
    articles: tuple[str, ...]
    versions: str

    @property
    def asked(self) -> bool:
        """Whether any pack asks for duplicates at all."""
        return bool(self.rules)


LEVEL: Final = "level"
"""Reason beside `KEPT_APART`: the others see it too, but not as finely as asked for."""


def appraise(
    camera_set: CameraSet,
    thresholds: Thresholds,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    threads: int = 1,
) -> Appraisal:
    """Measure every camera, and find which planned ones can go together.

    Parameters
    ----------
    camera_set, thresholds
        Cameras and what they meet; from which share on a camera is a duplicate.
    limits, seed, threads
        As of `cheapest.minimise_cost`.
    """
    shares = measure_shares(camera_set.meets, camera_set.weight, camera_set.k)
    asked = split(camera_set)
    standing = ~camera_set.planned & camera_set.linked
    costs, known = whole_costs(camera_set.cost_yuan, camera_set.planned)
    credited = {"linked": standing, "all": ~camera_set.planned}
    judged, held = camera_set.planned & ~camera_set.held, camera_set.planned & camera_set.held
    more: Any = {"limits": limits, "seed": seed, "threads": threads}
    spares = {
        name: find_spare(asked, judged, exists | held, costs, **more)
        for name, exists in credited.items()
        if name == "linked" or not camera_set.linked.all()
    }
    spares.setdefault("all", spares["linked"])
    staying = {name: exists | _stays(camera_set, spares[name]) for name, exists in credited.items()}
    return Appraisal(
        camera_set,
        thresholds,
        asked,
        shares,
        gain=_ratio(needed_weight(camera_set, asked, standing), shares.total),
        kept=_ratio(needed_weight(camera_set, asked, staying["linked"]), shares.total),
        gain_all=_ratio(needed_weight(camera_set, asked, ~camera_set.planned), shares.total),
        kept_all=_ratio(needed_weight(camera_set, asked, staying["all"]), shares.total),
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
    camera_set = found.camera_set
    standing = ~camera_set.planned & camera_set.linked
    reasons: list[list[str]] = [[] for _ in camera_set.camera_ids]
    matters = {
        "k": bool((camera_set.k > 1).any()),
        "turning": bool(camera_set.turning.any()),
        "side": bool(camera_set.side.any()),
        "purpose": len(np.unique(camera_set.purpose[camera_set.purpose >= 0])) > 1,
    }
    present = [name for name in KEPT_APART if matters[name]]
    for dropped in [[reason] for reason in present] + [present] * (len(present) > 1):
        asked = split(camera_set, frozenset(KEPT_APART) - frozenset(dropped))
        gain = _ratio(needed_weight(camera_set, asked, standing), found.shares.total)
        kept = _ratio(needed_weight(camera_set, asked, found.staying), found.shares.total)
        for c in np.flatnonzero(found.judged & ~found.low & is_low(gain, kept, found.thresholds)):
            if len(dropped) == 1 or not reasons[c]:
                reasons[c] += dropped
    for c in np.flatnonzero(found.judged & ~found.low & _seen_anyway(found)):
        if not reasons[c]:
            reasons[c].append(LEVEL)
    return [tuple(some) for some in reasons]


def _stays(camera_set: CameraSet, spare: Spare) -> BoolArray:
    stays: BoolArray = camera_set.planned & ~spare.goes
    return stays


def _seen_anyway(found: Appraisal) -> BoolArray:
    """Tell which cameras would add too little if any view, however coarse, were good enough."""
    camera_set = found.camera_set
    if camera_set.q.nnz == camera_set.meets.nnz:
        return np.zeros(len(camera_set.planned), bool)
    row = np.repeat(np.arange(camera_set.q.shape[0]), np.diff(camera_set.q.indptr))
    shares = []
    for background in (~camera_set.planned & camera_set.linked, found.staying):
        others = background & ~camera_set.turning
        seen = np.bincount(
            camera_set.q.indices[others[row] & (camera_set.q.data > 0)],
            minlength=len(camera_set.weight),
        )
        column = camera_set.meets.indices
        with_it = seen[column] + ~others[camera_set.row]
        lost = camera_set.weight[column] * (with_it <= camera_set.k[column])
        total = np.bincount(camera_set.row, lost, len(camera_set.planned))
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
    camera_set, thresholds, asked
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

    camera_set: CameraSet
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
        return self.camera_set.planned & (self.shares.total > 0.0)

    @property
    def low(self) -> BoolArray:
        """Which of them are duplicates of what exists and is linked, or of the plan."""
        return self.judged & is_low(self.gain, self.kept, self.thresholds)

    @property
    def low_all(self) -> BoolArray:
        """Which would be if all cameras in use were linked."""
        return self.judged & is_low(self.gain_all, self.kept_all, self.thresholds)


class Verdict(StrEnum):
    """What a reviewer should consider of a planned camera."""

    CERTAIN = "certain"
    SUBSTANTIAL = "substantial"
    REUSE = "reaim_or_refurbish"
    NETWORK = "network_instead"
    INTENDED = "intended_redundancy"
    UNCERTAIN = "uncertain"
    NOT_DUPLICATE = "not_duplicate"
    NOT_WEIGHED = "not_weighed"


MEANINGS: Final[Mapping[Verdict, Text]] = MappingProxyType(
    {
        Verdict.CERTAIN: N_(
            "Finding for review: all that it would see of listed places others see already, as "
            "finely as asked for."
        ),
        Verdict.SUBSTANTIAL: N_(
            "Finding for review: it adds less than the rules ask for to what others see already."
        ),
        Verdict.REUSE: N_(
            "Finding for review: an existing camera would do the same for less money, once turned "
            "or refurbished."
        ),
        Verdict.NETWORK: N_(
            "Finding for review: cameras outside the shared network see the same; link them "
            "instead of building."
        ),
        Verdict.INTENDED: N_("Others see the same, but do not replace it: no duplicate."),
        Verdict.UNCERTAIN: N_(
            "Finding for review: it may be a duplicate, but a small error of the recorded poses or "
            "of an assumed height would change that."
        ),
        Verdict.NOT_DUPLICATE: N_("No duplicate: the plan needs it."),
        Verdict.NOT_WEIGHED: N_(
            "Nothing is said against it: something beside it was not judged, and that may need it."
        ),
    }
)
"""What each verdict says to a person."""

NAMES: Final[Mapping[Verdict, Text]] = MappingProxyType(
    {
        Verdict.CERTAIN: N_("duplicate"),
        Verdict.SUBSTANTIAL: N_("mostly duplicate"),
        Verdict.REUSE: N_("turn or refurbish an existing one"),
        Verdict.NETWORK: N_("link instead of building"),
        Verdict.INTENDED: N_("redundancy that is meant"),
        Verdict.UNCERTAIN: N_("uncertain"),
        Verdict.NOT_DUPLICATE: N_("no duplicate"),
        Verdict.NOT_WEIGHED: N_("not weighed"),
    }
)
"""What each verdict is called in a table."""

REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "k": N_("the place asks for more than one camera"),
        "turning": N_("the other camera turns and looks elsewhere for part of the time"),
        "side": N_("the other camera looks at the gate from the other side"),
        "purpose": N_("the other camera is recorded for another purpose"),
        "level": N_("the other camera sees it too coarsely; better optics there could do"),
    }
)
"""Why cameras that see the same are no duplicates."""


def decide(
    found: Appraisal,
    unsure: BoolArray,
    offered: Mapping[int, object],
    reasons: list[tuple[str, ...]],
) -> list[Verdict | None]:
    """Give each planned camera that meets some demand its verdict; None to all others.

    Parameters
    ----------
    found
        Measures of all cameras.
    unsure
        Cameras whose verdict a small error of the data would change.
    offered
        Planned cameras for which work on an existing one does as well for less.
    reasons
        Intended redundancy of each camera.
    """
    low, low_all = found.low, found.low_all
    verdicts: list[Verdict | None] = [None] * len(low)
    if not found.thresholds.asked:
        return verdicts
    for c in np.flatnonzero(found.judged):
        against = unsure[c] or low[c] or low_all[c] or int(c) in offered
        if against and found.camera_set.held[c]:
            verdicts[c] = Verdict.NOT_WEIGHED
        elif unsure[c]:
            verdicts[c] = Verdict.UNCERTAIN
        elif low[c]:
            idle = found.kept[c] <= TOLERANCE
            verdicts[c] = Verdict.CERTAIN if idle else Verdict.SUBSTANTIAL
        elif low_all[c]:
            verdicts[c] = Verdict.NETWORK
        elif int(c) in offered:
            verdicts[c] = Verdict.REUSE
        else:
            verdicts[c] = Verdict.INTENDED if reasons[c] else Verdict.NOT_DUPLICATE
    return verdicts
