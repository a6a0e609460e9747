"""What every finding has in common: how certain it is, how serious it may be, its row.

References
----------
A finding is never more certain than its data: a class of place that is only a candidate, a gate
that was inferred, or any input below the confidence that the rule packs ask for caps its severity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.core.errors import N_, Text
from civicsight.coverage.pose.assumptions import ASSUMPTIONS
from civicsight.model import FINDINGS
from civicsight.rules import Rule, Rules

Trust = Mapping[str, tuple[float, tuple[str, ...]]]
"""By camera: the chance that its pose is as read, and the assumptions behind it."""

SEVERITIES: Final = ("judgement", "info", "warning", "violation")
"""From the least serious up; a judgement is a question and stays one."""

NO_INVENTORY: Final = "no_inventory"
"""No cameras were handed in, not even a list without any: what exists was not looked at."""

NOT_LOOKED: Final = N_("no inventory of cameras was handed in, so what exists was not looked at")
"""The same, for a person."""

GROUNDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **{name: entry.meaning for name, entry in ASSUMPTIONS.items()},
        "building_height": N_("the height of a building in the way is assumed"),
        "candidate_place": N_("nobody has yet settled that the place belongs to its class"),
        "inferred_part": N_("the entrance or part was inferred from the map, not surveyed"),
        "uncertain_part": N_("it is not certain that the entrance or part is a main one"),
        NO_INVENTORY: NOT_LOOKED,
        "use_unrecorded": N_("the record does not say whether the other camera works"),
    }
)
"""Everything that a finding may stand on, for a person; keys as in ``assumptions``."""

USE_UNRECORDED: Final = 0.75
"""Chance that a camera of which nothing is said works and can be used (assumption)."""

TOLERANCE: Final = 1e-9
"""Rounding of sums of weights: a share that reaches its bound to this has reached it."""


def lower_severity(severity: str, most: str) -> str:
    """Return a severity, or the most serious one allowed."""
    return min(severity, most, key=SEVERITIES.index)


def weigh_parts(parts: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, rules: Rules) -> pd.DataFrame:
    """Return how certain the demand of each part is.

    Returns
    -------
    DataFrame
        By part: ``certainty`` [0-1], ``capped`` (whether no violation may rest on it) and
        ``grounds``, keys of `GROUNDS`.
    """
    least = rules.policy.confirmed_confidence
    place = zones.reindex(parts["zone_id"])
    zone_confidence = place["confidence"].astype("float64").fillna(0.0).to_numpy()
    candidate = ~place["standing"].isin(["designated", "confirmed"]).to_numpy(bool)
    candidate |= zone_confidence < least
    confirmed = parts["confirmed"].to_numpy(bool)
    part_confidence = parts["confidence"].astype("float64").fillna(0.0).to_numpy()
    part_confidence = np.where(confirmed, 1.0, part_confidence)
    inferred = parts["inferred"].to_numpy(bool) & ~confirmed
    doubtful = (part_confidence < least) & ~inferred
    flags = {"candidate_place": candidate, "inferred_part": inferred, "uncertain_part": doubtful}
    grounds = [tuple(name for name, flag in flags.items() if flag[i]) for i in range(len(parts))]
    return pd.DataFrame(
        {
            "certainty": zone_confidence * part_confidence,
            "capped": candidate | inferred | doubtful,
            "grounds": pd.Series(grounds, index=parts.index, dtype=object),
        },
        index=parts.index,
    )


def first_rule(rules: Rules, predicate: str, subject: str) -> Rule | None:
    """Return the rule of highest rank that asks a predicate of a subject, None without one."""
    for rule in rules.by_predicate(predicate):
        if subject in rule.subjects:
            return rule
    return None


def predicate_values(rule: Rule, predicate: str) -> Mapping[str, Any]:
    """Return the parameters with which a rule asks a predicate."""
    asked = {check.name: check for check in rule.check.predicates()}
    return asked[predicate].values  # noqa: PD011 - the field of a Check, not of a table


def heads_trust(heads: gpd.GeoDataFrame, reading: str) -> Trust:
    """Return by camera how far its heads of one reading are believed, and what they stand on."""
    trust: dict[str, tuple[float, tuple[str, ...]]] = {}
    own = heads["reading"].eq(reading).to_numpy(bool)
    columns = (
        heads[name].to_numpy(object)[own] for name in ("camera_id", "confidence", "assumptions")
    )
    for camera, confidence, assumptions in zip(*columns, strict=True):
        before, names = trust.get(camera, (0.0, ()))
        joined = tuple(sorted({*names, *assumptions}))
        trust[camera] = (max(before, float(confidence)), joined)
    return trust


def findings_table(findings: Sequence[Finding], crs: CRS) -> gpd.GeoDataFrame:
    """Turn findings into the table `model.FINDINGS`, in their order."""
    if not findings:
        return FINDINGS.empty(crs)
    rows = [
        {
            "article": finding.rule.article,
            "rule": finding.rule.id,
            "pack": finding.rule.pack,
            "kind": finding.kind,
            "subject": finding.subject,
            "outcome": finding.outcome,
            "severity": finding.severity,
            "readings": finding.readings,
            "certainty": finding.certainty,
            "assumptions": finding.assumptions,
            "evidence": dict(finding.evidence),
        }
        for finding in findings
    ]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, index=[finding.name for finding in findings]),
        geometry=[finding.geometry for finding in findings],
        crs=crs,
    )
    table: gpd.GeoDataFrame = FINDINGS.complete(frame)
    return table


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of `model.FINDINGS`, with the rule that it is about."""

    name: str
    kind: str
    subject: str
    rule: Rule
    outcome: str
    severity: str
    readings: tuple[str, ...]
    certainty: float
    assumptions: tuple[str, ...]
    evidence: Mapping[str, Any]
    geometry: BaseGeometry
