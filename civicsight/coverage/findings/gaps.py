"""Parts of mandatory places that are not covered, ranked, with what stands in the way.

References
----------
Article 8. A gap is certain only if the part is not covered even in the most generous reading of the
cameras; else it is undetermined and names the assumptions on which it would be covered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.coverage.findings.evidence import (
    NO_INVENTORY,
    SEVERITIES,
    TOLERANCE,
    Finding,
    Trust,
    findings_table,
    heads_trust,
    lower_severity,
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
    tours: pd.DataFrame | None = None,
    looked: bool = True,
) -> gpd.GeoDataFrame:
    """Find the parts that are not covered for sure.

    Parameters
    ----------
    status, reuse, repairs, tours
        From `part_status`; cameras that could be turned, from `find_reuse`; cameras out of use
        close by, from `find_repairs`; cameras that look at it for part of the time, from
        `find_tours`.
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
        not covered. The geometry is the uncovered samples in the last of them; where each is seen,
        as at a gate that is only presumed, a point of the part. Empty if every part is covered.
    """
    uncovered = status[status["status"].ne(STATUSES[0])]
    tables = (uncovered, parts, weigh_parts(parts, zones, rules))
    records = (pd.DataFrame(table.loc[uncovered.index]).to_dict("records") for table in tables)
    unmet = {reading: _unmet(samples, parts, matrices[reading]) for reading in READINGS}
    trust = {reading: heads_trust(heads, reading) for reading in READINGS}
    offers, idle = _by_part(reuse, _offer), _by_part(repairs, _out_of_use)
    turning = _by_part(tours, _tour)
    findings = []
    for part_id, row, part, weight in zip(uncovered.index, *records, strict=True):
        left = unmet[UNMET_IN[row["status"]][-1]].get(part_id, NOTHING_OPEN)
        finding = _judge(str(part_id), row, part, weight, rules, trust)
        finding = finding if looked else replace(finding, **NOT_LOOKED_AT)
        aid = [each.get(part_id, []) for each in (offers, idle, turning)]
        findings.append(_show(finding, left, *aid))
    ranked = [
        replace(finding, evidence={**finding.evidence, "rank": rank})
        for rank, finding in enumerate(sorted(findings, key=_order), start=1)
    ]
    return findings_table(ranked, samples.crs)


class _Open(NamedTuple):
    """The samples of a part that are not seen well enough: where they are, and their weights."""

    points: npt.NDArray[np.object_]
    weight: FloatArray


NOTHING_OPEN: Final = _Open(np.zeros(0, object), np.zeros(0))


def _unmet(
    samples: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, matrix: CoverageMatrix
) -> dict[str, _Open]:
    """Return what is open of each part."""
    rows = samples.index.get_indexer(unmet_samples(samples, parts, matrix))
    points = np.asarray(samples.geometry.array, object)[rows]
    weight = samples["weight"].to_numpy(np.float64)[rows]
    of_part = samples["part_id"].to_numpy(object)[rows]
    groups = pd.Series(of_part).groupby(of_part, sort=False).indices
    return {str(part): _Open(points[own], weight[own]) for part, own in groups.items()}


def _show(
    finding: Finding,
    left: _Open,
    offers: list[dict[str, Any]],
    idle: list[dict[str, Any]],
    tours: list[dict[str, Any]],
) -> Finding:
    """Add what is open, who could close it, and who looks at it for part of the time."""
    evidence = {
        **finding.evidence,
        "samples_unmet": len(left.points),
        "weight_unmet": round(float(left.weight.sum()), 6),
        "reuse": offers,
        "out_of_use": idle,
        "tours": tours,
    }
    spots = left.points if len(left.points) else [finding.geometry.representative_point()]
    return replace(finding, evidence=evidence, geometry=shapely.multipoints(spots))


def _by_part(
    table: pd.DataFrame | None, tell: Callable[[dict[Hashable, Any]], dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Return what each row tells of its part, as plain values."""
    told: dict[str, list[dict[str, Any]]] = {}
    for row in [] if table is None else table.to_dict("records"):
        told.setdefault(row["part_id"], []).append(tell(row))
    return told


def _judge(
    part_id: str,
    row: Mapping[Hashable, Any],
    part: Mapping[Hashable, Any],
    weight: Mapping[Hashable, Any],
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
        "target_height_m": _plain(part["target_height_m"]),
        "min_time_share": _plain(part["min_time_share"]),
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


def _credit(
    row: Mapping[Hashable, Any], trust: Mapping[str, Trust]
) -> tuple[float, tuple[str, ...]]:
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


def _offer(offer: dict[Hashable, Any]) -> dict[str, Any]:
    """Tell of a camera that could be turned."""
    return {
        "camera": str(offer["camera_id"]),
        "how": str(offer["how"]),
        "distance_m": round(float(offer["distance_m"]), 1),
        "share": round(float(offer["share"]), 4),
        "px_m": round(float(offer["px_m"]), 1),
        "turn_deg": _known(offer["turn_deg"]),
    }


def _out_of_use(repair: dict[Hashable, Any]) -> dict[str, Any]:
    """Tell of a camera out of use close by."""
    return {
        "camera": str(repair["camera_id"]),
        "why": str(repair["why"]),
        "distance_m": round(float(repair["distance_m"]), 1),
        "would_cover": repair["would_cover"],
    }


def _tour(tour: dict[Hashable, Any]) -> dict[str, Any]:
    """Tell of a camera that looks at a part for a share of the time."""
    return {"camera": str(tour["camera_id"]), "share": round(float(tour["share"]), 6)}


def _plain(value: Any) -> float | None:
    """Return a number of a part, None if it states none."""
    return None if pd.isna(value) else float(value)


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
