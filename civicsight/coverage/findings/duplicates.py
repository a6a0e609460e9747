"""Cameras that add too little to the others: duplicate construction.

Every measure is a set function of the cameras, so no order of rows or of removal enters. A camera
is judged beside all the others that count, hence of two twins both show no share of their own; of
planned cameras that replace each other only those are dropped that can go *together*.

References
----------
Article 7: existing resources are used, nothing is built twice. Thresholds are parameters of the
rule pack. Planned cameras get verdicts, existing ones information. Only what is sure can be a
violation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray, IntArray
from civicsight.coverage.findings.camera_set import (
    PRIVATE_OWNER,
    build_camera_set,
    needs_connection,
    relies_on,
    stand_ins,
    with_status,
)
from civicsight.coverage.findings.case import (
    COUNTED,
    Belief,
    Beside,
    Case,
    against_of,
    beside_of,
    statuses_of,
)
from civicsight.coverage.findings.evidence import (
    TOLERANCE,
    Finding,
    findings_table,
    first_rule,
    heads_trust,
    lower_severity,
    predicate_values,
    weigh_parts,
)
from civicsight.coverage.findings.rivals import find_rivals, no_rivals, settle
from civicsight.coverage.findings.shares import measure_overlaps
from civicsight.coverage.findings.twins import find_idle, find_near, find_twins
from civicsight.coverage.findings.withheld import hold, none_withheld
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.rules import Rule, Rules

CREDITED: Final = ("sure", "assumed")
"""Readings in which a duplicate is looked for: what is merely possible duplicates everything."""


def find_duplicates(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    heads: gpd.GeoDataFrame,
    rules: Rules,
    held: pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Find cameras whose demand the others meet, and near twins.

    Parameters
    ----------
    cameras, parts, zones, samples, heads
        Tables of `model`; cameras placed or not.
    matrices
        Matrix of each reading.
    rules
        Rule packs; a question that no pack asks yields no rows.
    held
        Cameras of which nothing may be said to be too much, from `withheld`; none by default.

    Returns
    -------
    GeoDataFrame
        Table `model.FINDINGS` of kinds ``duplicate``, ``twin`` and ``near`` (a pair close together
        whose directions are not all recorded), and ``overlap`` where better optics would do.
        Planned cameras: ``fail`` if it holds for sure, else ``undetermined``; others: information.
        One of `held` has the verdict ``not_weighed``, is ``undetermined`` and never dropped. Sorted
        by severity and id. The geometry is what is shared, or the line between two of a pair.
    """
    return settle(*weigh_duplicates(cameras, parts, zones, samples, matrices, heads, rules, held))


def weigh_duplicates(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    heads: gpd.GeoDataFrame,
    rules: Rules,
    held: pd.DataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Find what `find_duplicates` does, and the rivals of which it is open who goes."""
    weights = weigh_parts(parts, zones, rules)
    held = none_withheld() if held is None else held
    found: dict[str, list[Finding]] = {}
    rivals = [no_rivals()]
    widest = build_camera_set(cameras, parts, samples, matrices["possible"]).meets
    for reading in CREDITED:
        camera_set = build_camera_set(cameras, parts, samples, matrices[reading])
        overlaps = measure_overlaps(camera_set.meets, camera_set.weight)
        belief = Belief(camera_set, heads_trust(heads, reading), weights)
        case = Case(reading, camera_set, belief, overlaps, rules, widest, held)
        beside, low, idle = _adds_little(case)
        rivals.append(find_rivals(camera_set, with_status(camera_set, COUNTED), idle, reading))
        for finding in [*_by_gain(case), *_by_contribution(case, beside, low), *_upgrades(case)]:
            found.setdefault(finding.name, []).append(hold(finding, held))
        for finding in find_twins(camera_set, heads, reading, rules):
            found.setdefault(finding.name, []).append(finding)
    for finding in (*find_near(camera_set, heads, rules), *find_idle(cameras, camera_set, rules)):
        found[finding.name] = [finding]
    # What holds in several readings is one row, told as in the surest of them.
    joined = [
        replace(same[0], readings=tuple(reading for one in same for reading in one.readings))
        for same in found.values()
    ]
    table = findings_table(joined, cameras.crs)
    return table, pd.concat(rivals, ignore_index=True)


def _by_gain(case: Case) -> list[Finding]:
    """Judge each camera beside those that exist or are approved."""
    beside = against_of(case)
    if beside is None:
        return []
    low = np.flatnonzero((beside.shares.total > 0.0) & beside.is_low)
    return [_duplicate(case, beside, int(c)) for c in low]


def _adds_little(case: Case) -> tuple[Beside | None, BoolArray, BoolArray]:
    """Tell which planned cameras add too little to all others, and which of them nothing at all."""
    camera_set, nobody = case.camera_set, np.zeros(len(case.camera_set.status), bool)
    rule = first_rule(case.rules, "contribution", "camera")
    if rule is None:
        return None, nobody, nobody
    least = predicate_values(rule, "contribution")["at_least"]
    beside = beside_of(case, rule, with_status(camera_set, COUNTED), least)
    low: BoolArray = with_status(camera_set, statuses_of(rule)) & (beside.shares.total > 0.0)
    low &= beside.is_low
    flagged = against_of(case)  # by the rule on gain; one verdict a camera is enough
    if flagged is not None:
        low &= ~flagged.is_low
    held = camera_set.cameras.index.isin(case.held.index)
    return beside, low, low & (beside.shares.unique <= TOLERANCE) & ~held


def _by_contribution(case: Case, beside: Beside | None, low: BoolArray) -> list[Finding]:
    """Judge each planned camera beside all others; which can go together is settled later."""
    if beside is None:
        return []
    found = [_duplicate(case, beside, int(c)) for c in np.flatnonzero(low)]
    return [replace(one, evidence={**one.evidence, "drop": False}) for one in found]


def _upgrades(case: Case) -> list[Finding]:
    """Find planned cameras whose view an existing neighbour has already, only too coarsely."""
    gain, twin_rule = against_of(case), first_rule(case.rules, "separation", "camera")
    rule = first_rule(case.rules, "reuse_considered", "zone")
    if gain is None or twin_rule is None or rule is None:
        return []
    camera_set, total = case.camera_set, gain.shares.total
    reach = float(predicate_values(twin_rule, "separation")["distance"])
    others = np.flatnonzero(gain.counted & ~camera_set.turning)
    judged = np.flatnonzero(with_status(camera_set, statuses_of(gain.rule)) & (total > 0.0))
    tree = shapely.STRtree(camera_set.places[others])
    at, near = tree.query(camera_set.places[judged], predicate="dwithin", distance=reach)
    findings = []
    bounds = np.flatnonzero(np.diff(at, prepend=-1, append=-1))
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        c, close = int(judged[at[start]]), np.sort(others[near[start:stop]])
        columns = camera_set.columns_of(c)
        weight = camera_set.weight[columns]
        seen = _dense(camera_set.q, close, columns) @ weight
        met = _dense(camera_set.meets, close, columns) @ weight
        enough = (1.0 - gain.least) * total[c] - TOLERANCE
        fits = np.flatnonzero((seen >= enough) & (met < enough))
        if len(fits):
            names = camera_set.names[close[fits]].tolist()
            findings.append(_upgrade(case, rule, c, names, seen[fits] / total[c], columns))
    return findings


def _dense(matrix: csr_array, rows: IntArray, columns: IntArray) -> BoolArray:
    """Tell where some rows of a sorted matrix are above zero in some columns, sorted too."""
    found = np.zeros((len(rows), len(columns)), bool)
    for at, row in enumerate(rows):
        entries = slice(*matrix.indptr[row : row + 2])
        own = matrix.indices[entries][matrix.data[entries] > 0]
        found[at] = np.isin(columns, own, assume_unique=True)
    return found


def _upgrade(
    case: Case, rule: Rule, c: int, names: list[str], seen: FloatArray, columns: IntArray
) -> Finding:
    subject = case.camera_set.names[c]
    certainty, grounds = case.belief.certainty(c, names)
    return Finding(
        name=f"upgrade/{subject}",
        kind="overlap",
        subject=subject,
        rule=rule,
        outcome="not_applicable",
        severity="info",
        readings=(case.reading,),
        certainty=certainty,
        assumptions=grounds,
        evidence={
            "verdict": "upgrade",
            "camera_status": str(case.camera_set.status[c]),
            "cameras": names,
            "seen": [round(float(share), 4) for share in seen],
        },
        geometry=shapely.multipoints(case.camera_set.points[columns]),
    )


def _duplicate(case: Case, beside: Beside, c: int) -> Finding:
    """Write the evidence card of one camera whose gain is below the least."""
    camera_set, rule, shares = case.camera_set, beside.rule, beside.shares
    subject = camera_set.names[c]
    others, columns, meets = stand_ins(camera_set, c, beside.counted)
    cover = relies_on(camera_set, others, columns, meets)
    total, unique = float(shares.total[c]), float(shares.unique[c])
    gain = unique / total
    certainty, grounds = case.belief.certainty(c, cover.names)
    judged = camera_set.status[c] in statuses_of(rule)
    severity = _severity(case, rule, c, gain, certainty) if judged else "info"
    sure = case.reading == "sure"
    if sure and judged and beside.could_gain(case, c) >= beside.least - TOLERANCE:
        sure, severity = False, rule.on_unknown or "info"
        grounds = (*grounds, "building_height")
    # The cameras that alone meet all that a camera meets.
    pairs = case.overlaps
    own = pairs.of(c)
    others = pairs.second[own[pairs.containment[own] >= 1.0 - TOLERANCE]]
    counts = (
        beside.counted if case.camera_set.turning[c] else beside.counted & ~case.camera_set.turning
    )
    names: list[str] = case.camera_set.names[others[counts[others]]].tolist()
    evidence = {
        "verdict": _verdict(case, c, rule, gain, cover.names) if judged else "redundant_with",
        "camera_status": str(camera_set.status[c]),
        "total": round(total, 6),
        "unique": round(unique, 6),
        "fair": round(float(shares.fair[c]), 6),
        "gain": round(gain, 6),
        "relies_on": list(cover.names),
        "relies_on_exact": cover.exact,
        "dominated_by": names,
        "saving": None if np.isnan(case.costs[c]) else float(case.costs[c]),
        "justification": case.justifications[c],
    }
    return Finding(
        name=f"duplicate/{subject}/{rule.id}",
        kind="duplicate",
        subject=subject,
        rule=rule,
        outcome=("fail" if sure else "undetermined") if judged else "not_applicable",
        severity=severity,
        readings=(case.reading,),
        certainty=certainty,
        assumptions=grounds,
        evidence=evidence,
        geometry=shapely.multipoints(camera_set.points[columns[meets.any(axis=0)]]),
    )


def _severity(case: Case, rule: Rule, c: int, gain: float, certainty: float) -> str:
    """Return how serious a duplicate is: never a violation unless it is sure and certain."""
    if case.reading != "sure":
        return rule.on_unknown or "info"
    severity: str = rule.on_fail
    trivial = rule.escalate_when.get("marginal_gain", {}).get("below")
    unjustified = case.justifications[c] is None
    if rule.escalate_to and trivial is not None and gain < trivial - TOLERANCE and unjustified:
        severity = rule.escalate_to
    policy = case.rules.policy
    if case.belief.is_capped(c) or certainty < policy.confirmed_confidence:
        severity = lower_severity(severity, policy.candidate_cap)
    return severity


def _verdict(case: Case, c: int, rule: Rule, gain: float, names: Sequence[str]) -> str:
    """Say in one word what a reviewer should consider."""
    cameras = case.camera_set.cameras
    others = cameras.index.get_indexer(list(names))
    private = cameras.get("owner", pd.Series(None, cameras.index)).eq(PRIVATE_OWNER)
    standing = (case.camera_set.status[others] != "planned").all()
    if standing and not private.iloc[c] and needs_connection(cameras.iloc[others]).any():
        return "network_instead"
    if gain <= TOLERANCE:
        return "certain"
    trivial = rule.escalate_when.get("marginal_gain", {}).get("below", 0.0)
    return "substantial" if gain < trivial - TOLERANCE else "partial"
