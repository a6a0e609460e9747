"""Cameras close together that look the same way, and those of which nobody knows whether they do.

References
----------
Article 7. Distance and angle are parameters of the rule pack. A camera that turns beside a fixed
one is no twin: the one leads, the other watches. Two that look apart on one pole are none either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.coverage.findings.camera_set import CameraSet, with_status
from civicsight.coverage.findings.evidence import (
    TOLERANCE,
    Finding,
    Trust,
    heads_trust,
    predicate_values,
)
from civicsight.coverage.findings.reuse import GUESSED
from civicsight.coverage.findings.shares import shared_weight
from civicsight.coverage.pose.assumptions import confidence_of
from civicsight.coverage.pose.image import FULL_CIRCLE_DEG
from civicsight.coverage.pose.sensor_views import is_out_of_use
from civicsight.rules import Rule, Rules
from civicsight.rules.ruling import OUT_OF_USE

UNTOLD: Final = GUESSED - {"direction_by_sector"}
"""Assumptions of a head whose direction nobody recorded; a sector is a record, if a coarse one."""


def find_twins(
    camera_set: CameraSet, heads: gpd.GeoDataFrame, reading: str, rules: Rules
) -> list[Finding]:
    """Find pairs close together that look the same way, as far as their directions are recorded.

    A pair is named once, by the judged one (planned); of two planned ones by the later id. That two
    stand at one point is geometry: of those that exist it is information, whatever they meet.
    """
    rule = _twin_rule(rules)
    if rule is None or not len(camera_set.status):
        return []
    bearing = float(predicate_values(rule, "separation")["bearing"])
    believed = heads[heads["reading"].eq(reading)]
    axes, trust, untold = _axes(believed), heads_trust(heads, reading), _undirected(heads)
    shared = shared_weight(camera_set.meets, camera_set.weight)
    totals = shared.diagonal()
    findings = []
    for one, two, judged in _close_pairs(camera_set, rule):
        ids = [camera_set.names[i] for i in (one, two)]
        angle = _least_angle(axes.get(ids[0]), axes.get(ids[1]))
        if angle is None or angle > bearing + TOLERANCE or not untold.isdisjoint(ids):
            continue
        pair = _pair(camera_set, rule, (one, two), trust)
        both = float(shared[one, two])
        said = (camera_set.purposes[one], camera_set.purposes[two])
        differs = all(isinstance(text, str) and text for text in said) and said[0] != said[1]
        weights = (float(totals[one]), float(totals[two]), both)
        findings.append(_twin(pair, reading, angle, weights, differs=differs, verdict=judged))
    return findings


def find_near(camera_set: CameraSet, heads: gpd.GeoDataFrame, rules: Rules) -> list[Finding]:
    """Find pairs close together of which nobody knows whether they look the same way."""
    rule = _twin_rule(rules)
    if rule is None or not len(camera_set.status):
        return []
    untold, trust = _undirected(heads), heads_trust(heads, "possible")
    found = []
    for one, two, judged in _close_pairs(camera_set, rule):
        ids = [camera_set.names[i] for i in (one, two)]
        if untold.isdisjoint(ids) or not trust.keys() >= set(ids):
            continue
        pair = _pair(camera_set, rule, (one, two), trust)
        blind = sorted(untold & set(ids))
        evidence = {**pair.evidence, "undirected": blind, "verdict": "direction_unknown"}
        found.append(
            replace(
                pair,
                name="near/" + "/".join(ids),
                kind="near",
                outcome="undetermined" if judged else "not_applicable",
                readings=("possible",),
                evidence=evidence,
            )
        )
    return found


def find_idle(cameras: gpd.GeoDataFrame, camera_set: CameraSet, rules: Rules) -> Iterator[Finding]:
    """Yield pairs close together that look the same way on record, of which one is out of use.

    It covers nothing, so that the other is no double; before another is built it may be repaired.
    """
    rule = _twin_rule(rules)
    out = is_out_of_use(cameras) & cameras["status"].ne("removed").to_numpy(bool)
    if rule is None or not len(camera_set.status) or not out.any():
        return
    values = predicate_values(rule, "separation")
    idle, used = cameras[out], cameras.loc[list(camera_set.names)]
    at, of = shapely.STRtree(idle.geometry.to_numpy()).query(
        used.geometry.to_numpy(), predicate="dwithin", distance=float(values["distance"])
    )
    apart = used["azimuth_deg"].to_numpy(np.float64)[at] - idle["azimuth_deg"].to_numpy()[of]
    angle = np.abs((apart + 180.0) % 360.0 - 180.0)
    turns = (used["kind"].eq("ptz").to_numpy()[at]) | (idle["kind"].eq("ptz").to_numpy()[of])
    alike = (angle <= float(values["bearing"]) + TOLERANCE) & ~turns
    for one, two, between in zip(at[alike], of[alike], angle[alike], strict=True):
        here, there = used.geometry.iloc[one], idle.geometry.iloc[two]
        distance = float(here.distance(there))
        yield Finding(
            name=f"twin/{used.index[one]}/{idle.index[two]}",
            kind="twin",
            subject=str(used.index[one]),
            rule=rule,
            outcome="not_applicable",
            severity="info",
            readings=("sure",),
            certainty=1.0,
            assumptions=(),
            evidence={
                "camera_status": str(camera_set.status[one]),
                "twin": str(idle.index[two]),
                "twin_status": str(idle["status"].iloc[two] or "existing"),
                "distance_m": round(distance, 2),
                "angle_deg": round(float(between), 1),
                "verdict": OUT_OF_USE,
            },
            geometry=shapely.linestrings([*here.coords, *there.coords]) if distance else here,
        )


def _close_pairs(camera_set: CameraSet, rule: Rule) -> Iterator[tuple[int, int, bool]]:
    """Yield the pairs within the distance of a rule, and whether the first of each is judged."""
    values = predicate_values(rule, "separation")
    counted = with_status(camera_set, values["against"])
    status = rule.where.get("status", values["against"])
    judged = with_status(camera_set, (status,) if isinstance(status, str) else status)
    points = camera_set.cameras.geometry.to_numpy()
    first, second = shapely.STRtree(points).query(
        points, predicate="dwithin", distance=float(values["distance"])
    )
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if a < b and counted[a] and counted[b] and camera_set.turning[a] == camera_set.turning[b]:
            one, two = (a, b) if judged[a] and not judged[b] else (b, a)
            yield one, two, bool(judged[one])


def _undirected(heads: gpd.GeoDataFrame) -> frozenset[str]:
    """Return the cameras whose direction nobody recorded, not even to a sector."""
    believed = heads[heads["reading"].eq("assumed")]
    guessed = believed["assumptions"].map(lambda names: not UNTOLD.isdisjoint(names)).astype(bool)
    unread = set(heads["camera_id"]) - set(believed["camera_id"])
    return frozenset(unread | set(believed.loc[guessed, "camera_id"]))


def _twin_rule(rules: Rules) -> Rule | None:
    """Return the rule that asks for distance and angle between cameras (not to a pole)."""
    for rule in rules.by_predicate("separation"):
        if predicate_values(rule, "separation").get("bearing") is not None:
            return rule
    return None


def _axes(heads: gpd.GeoDataFrame) -> dict[str, FloatArray]:
    """Return the directions of each camera's heads; NaN for a view all round."""
    azimuth = heads["azimuth_deg"].where(heads["hfov_deg"] < FULL_CIRCLE_DEG).to_numpy(np.float64)
    of, cameras = pd.factorize(heads["camera_id"].to_numpy(object))
    order, ends = np.argsort(of, kind="stable"), np.cumsum(np.bincount(of))
    return dict(zip(map(str, cameras), np.split(azimuth[order], ends)[:-1], strict=True))


def _least_angle(one: FloatArray | None, two: FloatArray | None) -> float | None:
    """Return the least angle between two sets of directions; 0 to a view all round [deg]."""
    if one is None or two is None:
        return None
    apart = np.abs((one[:, None] - two[None, :] + 180.0) % 360.0 - 180.0)
    return float(np.where(np.isnan(apart), 0.0, apart).min())


def _pair(camera_set: CameraSet, rule: Rule, pair: tuple[int, int], trust: Trust) -> Finding:
    """Say of a pair where its cameras stand, as information."""
    ids = [camera_set.names[i] for i in pair]
    points = camera_set.places[list(pair)]
    distance = float(points[0].distance(points[1]))
    line = shapely.linestrings(shapely.get_coordinates(points)) if distance > 0.0 else points[0]
    assumptions = tuple(sorted({name for camera in ids for name in trust[camera][1]}))
    return Finding(
        name="twin/" + "/".join(ids),
        kind="twin",
        subject=ids[0],
        rule=rule,
        outcome="not_applicable",
        severity="info",
        readings=(),
        certainty=confidence_of(assumptions),
        assumptions=assumptions,
        evidence={
            "camera_status": str(camera_set.status[pair[0]]),
            "twin": ids[1],
            "twin_status": str(camera_set.status[pair[1]]),
            "distance_m": round(distance, 2),
        },
        geometry=line,
    )


def _twin(
    pair: Finding,
    reading: str,
    angle_deg: float,
    weights: tuple[float, float, float],
    *,
    differs: bool,
    verdict: bool,
) -> Finding:
    """Judge a pair that looks the same way; `weights` are of the first, the second and of both."""
    one, two, shared = weights
    # Nothing in common at the level asked for: the one does another job than the other.
    other_level = one > 0.0 and shared <= TOLERANCE
    severity = "info"
    if verdict and reading == "sure" and not differs and not other_level:
        severity = pair.rule.on_fail
    outcome = ("fail" if reading == "sure" else "undetermined") if verdict else "not_applicable"
    union = one + two - shared
    evidence = {
        **pair.evidence,
        "angle_deg": round(angle_deg, 1),
        "containment": round(shared / one, 6) if one > 0.0 else 0.0,
        "jaccard": round(shared / union, 6) if union > 0.0 else 0.0,
        "verdict": "other_purpose" if differs else "other_level" if other_level else "twin",
    }
    return replace(pair, readings=(reading,), outcome=outcome, severity=severity, evidence=evidence)
