"""Cameras close together that look the same way.

References
----------
Article 7. Distance and angle are parameters of the rule pack. A camera that turns beside a fixed
one is no twin: the one leads, the other watches. Two that look apart on one pole are none either.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from civicsight.coverage.findings.evidence import TOLERANCE, Finding, predicate_values
from civicsight.coverage.findings.shares import shared_weight
from civicsight.coverage.findings.team import Team, with_status
from civicsight.coverage.pose.assumptions import confidence_of
from civicsight.coverage.pose.image import FULL_CIRCLE_DEG
from civicsight.rules import Rule, Rules

FloatArray = npt.NDArray[np.float64]


def find_twins(team: Team, heads: gpd.GeoDataFrame, reading: str, rules: Rules) -> list[Finding]:
    """Find pairs of which one is judged (planned), and existing pairs that share demand.

    A pair is named once, by the judged one; of two planned ones by the later id.
    """
    rule = _twin_rule(rules)
    if rule is None or not len(team.status):
        return []
    values = predicate_values(rule, "separation")
    axes = _axes(heads[heads["reading"].eq(reading)])
    counted = with_status(team, values["against"])
    status = rule.where.get("status", values["against"])
    judged = with_status(team, (status,) if isinstance(status, str) else status)
    points = team.cameras.geometry.to_numpy()
    first, second = shapely.STRtree(points).query(
        points, predicate="dwithin", distance=float(values["distance"])
    )
    shared = shared_weight(team.meets, team.weight)
    totals = shared.diagonal()
    findings = []
    for a, b in zip(first, second, strict=True):
        if a >= b or not (counted[a] and counted[b]) or team.turning[a] != team.turning[b]:
            continue
        one, two = (a, b) if judged[a] and not judged[b] else (b, a)
        angle = _least_angle(
            axes.get(str(team.cameras.index[one])), axes.get(str(team.cameras.index[two]))
        )
        both = float(shared[one, two])
        if angle is None or angle > float(values["bearing"]) + TOLERANCE:
            continue
        if judged[one] or (both > 0.0 and not _purposes_differ(team, (int(one), int(two)))):
            findings.append(
                _twin(
                    team,
                    heads,
                    reading,
                    rule,
                    (int(one), int(two)),
                    angle,
                    both,
                    totals[[one, two]],
                    verdict=bool(judged[one]),
                )
            )
    return findings


def _twin_rule(rules: Rules) -> Rule | None:
    """Return the rule that asks for distance and angle between cameras (not to a pole)."""
    for rule in rules.by_predicate("separation"):
        if predicate_values(rule, "separation").get("bearing") is not None:
            return rule
    return None


def _axes(heads: gpd.GeoDataFrame) -> dict[str, FloatArray]:
    """Return the directions of each camera's heads; NaN for a view all round."""
    azimuth = heads["azimuth_deg"].where(heads["hfov_deg"] < FULL_CIRCLE_DEG)
    by_camera = azimuth.groupby(heads["camera_id"])
    return {str(camera): group.to_numpy(np.float64) for camera, group in by_camera}


def _least_angle(one: FloatArray | None, two: FloatArray | None) -> float | None:
    """Return the least angle between two sets of directions; 0 to a view all round [deg]."""
    if one is None or two is None:
        return None
    apart = np.abs((one[:, None] - two[None, :] + 180.0) % 360.0 - 180.0)
    return float(np.where(np.isnan(apart), 0.0, apart).min())


def _twin(
    team: Team,
    heads: gpd.GeoDataFrame,
    reading: str,
    rule: Rule,
    pair: tuple[int, int],
    angle_deg: float,
    shared: float,
    totals: FloatArray,
    *,
    verdict: bool,
) -> Finding:
    ids = [str(team.cameras.index[i]) for i in pair]
    points = team.cameras.geometry.iloc[list(pair)]
    distance = float(points.iloc[0].distance(points.iloc[1]))
    line = shapely.linestrings([[p.x, p.y] for p in points]) if distance > 0.0 else points.iloc[0]
    differs = _purposes_differ(team, pair)
    # Nothing in common at the level asked for: the one does another job than the other.
    other_level = bool(totals[0] > 0.0 and shared <= TOLERANCE)
    believed = heads[heads["reading"].eq(reading) & heads["camera_id"].isin(ids)]
    assumptions = tuple(sorted({name for names in believed["assumptions"] for name in names}))
    severity = "info"
    if verdict and reading == "sure" and not differs and not other_level:
        severity = rule.on_fail
    outcome = ("fail" if reading == "sure" else "undetermined") if verdict else "not_applicable"
    union = float(totals.sum() - shared)
    return Finding(
        name="twin/" + "/".join(ids),
        kind="twin",
        subject=ids[0],
        rule=rule,
        outcome=outcome,
        severity=severity,
        readings=(reading,),
        certainty=confidence_of(assumptions),
        assumptions=assumptions,
        evidence={
            "camera_status": str(team.status[pair[0]]),
            "twin": ids[1],
            "twin_status": str(team.status[pair[1]]),
            "distance_m": round(distance, 2),
            "angle_deg": round(angle_deg, 1),
            "containment": round(shared / float(totals[0]), 6) if totals[0] > 0.0 else 0.0,
            "jaccard": round(shared / union, 6) if union > 0.0 else 0.0,
            "verdict": "other_purpose" if differs else "other_level" if other_level else "twin",
        },
        geometry=line,
    )


def _purposes_differ(team: Team, pair: tuple[int, int]) -> bool:
    """Tell whether both records name a purpose, and not the same."""
    one, two = (_text(team.cameras, i, "purpose") for i in pair)
    return one is not None and two is not None and one != two


def _text(cameras: gpd.GeoDataFrame, row: int, name: str) -> str | None:
    value = cameras.get(name, pd.Series(None, cameras.index)).iloc[row]
    return value if isinstance(value, str) and value else None
