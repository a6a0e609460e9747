"""Parts of mandatory places that are not covered, ranked, with what stands in the way.

References
----------
Article 8. A gap is certain only if the part is not covered even in the most generous reading of the
cameras; else it is undetermined and names the assumptions on which it would be covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.coverage.findings.evidence import (
    NO_INVENTORY,
    SEVERITIES,
    TOLERANCE,
    Finding,
    Trust,
    findings_table,
    heads_trust,
    lower_severity,
    points_of,
    weigh_parts,
)
from civicsight.coverage.findings.status import MET_IN, STATUSES, UNMET_IN, unmet_samples
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.model import NEED, READINGS
from civicsight.rules import Rules

BUILDING_HEIGHT: Final = 0.7
"""Chance that an assumed building is as low as it is taken to be (assumption of the project)."""

UNDETERMINED: Final = {"assumed": "info", "possible": "warning"}
"""Severity of a part that is covered only if assumptions hold, or only if all goes well."""

NOT_LOOKED_AT: Final[Mapping[str, Any]] = {
    "outcome": "undetermined",
    "severity": "info",
    "certainty": 0.0,
    "assumptions": (NO_INVENTORY,),
}
"""What can be said of a gap where nobody said which cameras stand."""


def find_gaps(
    status: pd.DataFrame,
    parts: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    heads: gpd.GeoDataFrame,
    rules: Rules,
    *,
    reuse: pd.DataFrame | None = None,
    repairs: pd.DataFrame | None = None,
    looked: bool = True,
) -> gpd.GeoDataFrame:
    """Find the parts that are not covered for sure.

    Parameters
    ----------
    status, reuse, repairs
        From `part_status`; cameras that could be turned, from `find_reuse`; cameras out of use
        close by, from `find_repairs`.
    parts, zones, samples, heads
        Tables of `model`.
    matrices, rules, looked
        Matrix of each reading; rule packs, where the rule of each part says how serious a gap is;
        whether anybody said which cameras stand: if nobody did, every gap is undetermined.

    Returns
    -------
    GeoDataFrame
        Table `model.FINDINGS`, most serious first. ``outcome`` is ``fail`` for a part that no
        reading covers and ``undetermined`` for the others; ``readings`` are those in which it is
        not covered. The geometry is the uncovered samples in the last of them. Empty if every part
        is covered.
    """
    weights = weigh_parts(parts, zones, rules)
    unmet = {reading: _unmet(samples, parts, matrices[reading]) for reading in READINGS}
    trust = {reading: heads_trust(heads, reading) for reading in READINGS}
    offers = {} if reuse is None else dict(iter(reuse.groupby("part_id")))
    idle = {} if repairs is None else dict(iter(repairs.groupby("part_id")))
    findings = []
    for part_id, row in status[status["status"].ne(STATUSES[0])].iterrows():
        open_samples = unmet[UNMET_IN[row["status"]][-1]].get(part_id, samples.iloc[:0])
        finding = _judge(str(part_id), row, parts.loc[part_id], weights.loc[part_id], rules, trust)
        finding = finding if looked else replace(finding, **NOT_LOOKED_AT)
        findings.append(_show(finding, open_samples, offers.get(part_id), idle.get(part_id)))
    ranked = [
        replace(finding, evidence={**finding.evidence, "rank": rank})
        for rank, finding in enumerate(sorted(findings, key=_order), start=1)
    ]
    return findings_table(ranked, samples.crs)


def _unmet(
    samples: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, matrix: CoverageMatrix
) -> dict[str, gpd.GeoDataFrame]:
    """Return the samples of each part that are not seen well enough."""
    return dict(iter(samples.loc[unmet_samples(samples, parts, matrix)].groupby("part_id")))


def _show(
    finding: Finding,
    open_samples: gpd.GeoDataFrame,
    offers: pd.DataFrame | None,
    idle: pd.DataFrame | None,
) -> Finding:
    """Add what is open, and who could close it."""
    evidence = {
        **finding.evidence,
        "samples_unmet": len(open_samples),
        "weight_unmet": round(float(open_samples["weight"].sum()), 6),
        "reuse": _offers(offers),
        "out_of_use": _out_of_use(idle),
    }
    geometry = points_of(open_samples, open_samples.index)
    return replace(finding, evidence=evidence, geometry=geometry)


def _judge(
    part_id: str,
    row: pd.Series,
    part: pd.Series,
    weight: pd.Series,
    rules: Rules,
    trust: Mapping[str, Trust],
) -> Finding:
    """Say how serious and how certain it is that a part is not covered."""
    rule = rules.rule(part["pack"], part["rule"])
    certain = row["status"] == "gap"
    severity = rule.on_fail if certain else rule.on_unknown or UNDETERMINED[row["status"]]
    if weight["capped"] or not certain:
        severity = lower_severity(severity, rules.policy.candidate_cap)
    believed, grounds = _credit(row, trust)
    evidence = {
        "status": row["status"],
        "item": row["item"],
        "part_kind": part["kind"],
        "profile": part["profile"],
        NEED: float(row[NEED]),
        "k": int(row["k"]),
        "required": float(row["required"]),
        **{f"fraction_{name}": float(row[f"fraction_{name}"]) for name in READINGS},
        **{f"best_px_m_{name}": round(float(row[f"best_px_m_{name}"]), 1) for name in READINGS},
        "cameras": list(row["cameras"]),
        "blockers": list(row["blockers"]),
    }
    return Finding(
        name=f"gap/{part_id}",
        kind="gap",
        subject=part_id,
        rule=rule,
        outcome="fail" if certain else "undetermined",
        severity=severity,
        readings=UNMET_IN[row["status"]],
        certainty=float(weight["certainty"]) * (1.0 - believed),
        assumptions=tuple(sorted({*weight["grounds"], *grounds})),
        evidence=evidence,
        geometry=part["geometry"],
    )


def _credit(row: pd.Series, trust: Mapping[str, Trust]) -> tuple[float, tuple[str, ...]]:
    """Return the chance that the part is covered after all, and what that stands on.

    A camera of complete record that covers it in this reading only does so past a building whose
    height is assumed.
    """
    reading = MET_IN[row["status"]]
    if reading is None:
        return 0.0, ()
    best = 0.0
    grounds: set[str] = set()
    for camera in row["cameras"]:
        confidence, names = trust[reading].get(camera, (0.0, ()))
        if not names:
            confidence, names = BUILDING_HEIGHT, ("building_height",)
        best = max(best, confidence)
        grounds.update(names)
    return best, tuple(sorted(grounds))


def _offers(offers: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the cameras that could be turned as plain values."""
    if offers is None:
        return []
    return [
        {
            "camera": str(offer["camera_id"]),
            "how": str(offer["how"]),
            "distance_m": round(float(offer["distance_m"]), 1),
            "share": round(float(offer["share"]), 4),
            "px_m": round(float(offer["px_m"]), 1),
            "turn_deg": _known(offer["turn_deg"]),
        }
        for _, offer in offers.iterrows()
    ]


def _out_of_use(repairs: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the cameras out of use close by as plain values."""
    if repairs is None:
        return []
    return [
        {
            "camera": str(repair["camera_id"]),
            "why": str(repair["why"]),
            "distance_m": round(float(repair["distance_m"]), 1),
            "would_cover": repair["would_cover"],
        }
        for _, repair in repairs.iterrows()
    ]


def _known(angle_deg: float) -> float | None:
    """Return an angle for a person to read, None if it is not known."""
    return None if pd.isna(angle_deg) else round(float(angle_deg), 1)


def _order(finding: Finding) -> tuple[int, float, float, str]:
    """Rank by severity, then by how certain and how large the shortfall is."""
    evidence = finding.evidence
    short = 1.0 - evidence[f"fraction_{finding.readings[-1]}"] / max(
        evidence["required"], TOLERANCE
    )
    return (
        -SEVERITIES.index(finding.severity),
        -round(finding.certainty * short, 9),
        -round(evidence["weight_unmet"], 6),
        finding.subject,
    )
