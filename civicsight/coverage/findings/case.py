"""One reading of a plan, and what a rule asks each camera to add beside others.

References
----------
Article 7. Every measure is a set function of the cameras, so no order of rows enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.findings.camera_set import (
    CameraSet,
    could_gain,
    count_watchers,
    recorded,
    recorded_costs,
    shares_beside,
    with_status,
)
from civicsight.coverage.findings.evidence import (
    TOLERANCE,
    USE_UNRECORDED,
    Trust,
    first_rule,
    predicate_values,
)
from civicsight.coverage.findings.shares import Overlaps, Shares
from civicsight.rules import Rule, Rules

COUNTED: Final = ("existing", "approved", "planned")
"""States of a camera that belong to the plan."""


def statuses_of(rule: Rule) -> tuple[str, ...]:
    """Return the states of a camera that a rule judges."""
    status = rule.where.get("status", COUNTED)
    return (status,) if isinstance(status, str) else tuple(status)


def against_of(case: Case) -> Beside | None:
    """Return what the rule on gain counts beside a camera; None where no rule asks."""
    rule = first_rule(case.rules, "marginal_gain", "camera")
    if rule is None:
        return None
    values = predicate_values(rule, "marginal_gain")
    return beside_of(
        case, rule, with_status(case.camera_set, values["against"]), values["at_least"]
    )


def beside_of(case: Case, rule: Rule, counted: BoolArray, least: float) -> Beside:
    """Measure every camera beside those that count."""
    camera_set, steady = case.camera_set, counted & ~case.camera_set.turning
    shares = shares_beside(camera_set, counted)
    return Beside(rule, float(least), counted, shares, steady, count_watchers(camera_set, steady))


@dataclass(frozen=True, eq=False)  # no slots: what is cached has to lie somewhere
class Belief:
    """How far the data behind a finding on a camera are believed.

    Parameters
    ----------
    camera_set
        Cameras and what they meet.
    trust
        From `heads_trust`, of the reading of the set.
    weights
        From `weigh_parts`.
    """

    camera_set: CameraSet
    trust: Trust
    weights: pd.DataFrame

    def is_capped(self, c: int) -> bool:
        """Tell whether any part that the camera meets is too uncertain for a violation."""
        return bool(self.capped[self.camera_set.part[self.camera_set.columns_of(c)]].any())

    def certainty(self, c: int, others: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """Return how certain a finding on a camera and its stand-ins is, and what it stands on."""
        columns = self.camera_set.columns_of(c)
        part = self.camera_set.part[columns]
        certainty = float(np.average(self.certain[part], weights=self.camera_set.weight[columns]))
        grounds = {name for at in np.unique(part) for name in self.grounds[at]}
        for camera in (self.camera_set.names[c], *others):
            confidence, names = self.trust.get(camera, (1.0, ()))
            certainty *= confidence
            grounds.update(names)
        if not self.unrecorded.isdisjoint(others):
            certainty *= USE_UNRECORDED
            grounds.add("use_unrecorded")
        return certainty, tuple(sorted(grounds))

    @cached_property
    def certain(self) -> FloatArray:
        """Return how certain the demand of each part is."""
        certain: FloatArray = self.weights["certainty"].to_numpy(np.float64)
        return certain

    @cached_property
    def capped(self) -> BoolArray:
        """Tell of each part whether it is too uncertain for a violation."""
        capped: BoolArray = self.weights["capped"].to_numpy(bool)
        return capped

    @cached_property
    def grounds(self) -> npt.NDArray[np.object_]:
        """Return what the demand of each part stands on."""
        grounds: npt.NDArray[np.object_] = self.weights["grounds"].to_numpy(object)
        return grounds

    @cached_property
    def unrecorded(self) -> frozenset[str]:
        """Return the cameras of which nothing says whether they work."""
        cameras = self.camera_set.cameras
        usable = cameras.get("usable", pd.Series(None, cameras.index))
        return frozenset(self.camera_set.names[usable.isna().to_numpy(bool)])


@dataclass(frozen=True, eq=False)  # no slots: what is cached has to lie somewhere
class Case:
    """One reading of the whole plan, with what its findings stand on."""

    reading: str
    camera_set: CameraSet
    belief: Belief
    overlaps: Overlaps
    rules: Rules
    widest: csr_array
    held: pd.DataFrame

    @cached_property
    def costs(self) -> FloatArray:
        """Return what each camera is recorded to cost [yuan], NaN where there is no sum."""
        return recorded_costs(self.camera_set.cameras)

    @cached_property
    def justifications(self) -> list[str | None]:
        """Return why each camera is wanted all the same, None where nobody says."""
        said = recorded(self.camera_set.cameras, "justification")
        return [str(text) if text and pd.notna(text) else None for text in said]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What a rule asks each camera to add beside others.

    `least` is the share of its own that it has to add; `counted` tells whom it is measured beside,
    `steady` which of them do not turn, and `watchers` how many of these meet each sample.
    """

    rule: Rule
    least: float
    counted: BoolArray
    shares: Shares
    steady: BoolArray
    watchers: IntArray

    @property
    def is_low(self) -> BoolArray:
        """Tell which cameras add too little."""
        ratio = self.shares.unique / np.where(self.shares.total > 0.0, self.shares.total, 1.0)
        low: BoolArray = ratio < self.least - TOLERANCE
        return low

    def could_gain(self, case: Case, c: int) -> float:
        """Return what a camera adds at best."""
        return could_gain(case.camera_set, case.widest, c, self.steady, self.watchers)
