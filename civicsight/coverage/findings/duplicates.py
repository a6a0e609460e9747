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
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.coverage.findings.camera_set import (
    CameraSet,
    build_camera_set,
    could_gain,
    relies_on,
    shares_beside,
    stand_ins,
    with_status,
)
from civicsight.coverage.findings.evidence import (
    TOLERANCE,
    USE_UNRECORDED,
    Finding,
    Trust,
    findings_table,
    first_rule,
    heads_trust,
    lower_severity,
    points_of,
    predicate_values,
    weigh_parts,
)
from civicsight.coverage.findings.rivals import find_rivals, no_rivals, settle
from civicsight.coverage.findings.shares import Overlaps, Shares, measure_overlaps
from civicsight.coverage.findings.twins import find_near, find_twins
from civicsight.coverage.findings.withheld import hold, none_withheld
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.rules import Rule, Rules

CREDITED: Final = ("sure", "assumed")
"""Readings in which a duplicate is looked for: what is merely possible duplicates everything."""

COUNTED: Final = ("existing", "approved", "planned")
"""States of a camera that belong to the plan."""


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
        team = build_camera_set(cameras, parts, samples, matrices[reading])
        overlaps = measure_overlaps(team.meets, team.weight)
        case = _Case(
            reading, team, overlaps, heads_trust(heads, reading), weights, rules, widest, held
        )
        low, idle = _adds_little(case)
        rivals.append(find_rivals(team, with_status(team, COUNTED), idle, reading))
        for finding in [*_by_gain(case), *_by_contribution(case, low), *_upgrades(case)]:
            found.setdefault(finding.name, []).append(hold(finding, held))
        for finding in find_twins(team, heads, reading, rules):
            found.setdefault(finding.name, []).append(finding)
    for finding in find_near(team, heads, rules):
        found[finding.name] = [finding]
    table = findings_table([_join(same) for same in found.values()], cameras.crs)
    return table, pd.concat(rivals, ignore_index=True)


def _by_gain(case: _Case) -> list[Finding]:
    """Judge each camera beside those that exist or are approved."""
    rule = first_rule(case.rules, "marginal_gain", "camera")
    if rule is None:
        return []
    values = predicate_values(rule, "marginal_gain")
    background = with_status(case.team, values["against"])
    shares = shares_beside(case.team, background)
    gain = _ratio(shares.unique, shares.total)
    low = np.flatnonzero((shares.total > 0.0) & (gain < values["at_least"] - TOLERANCE))
    least = values["at_least"]
    return [_duplicate(case, rule, int(c), background, shares, least) for c in low]


def _adds_little(case: _Case) -> tuple[BoolArray, BoolArray]:
    """Tell which planned cameras add too little to all others, and which of them nothing at all."""
    team, nobody = case.team, np.zeros(len(case.team.status), bool)
    rule = first_rule(case.rules, "contribution", "camera")
    if rule is None:
        return nobody, nobody
    shares = shares_beside(team, with_status(team, COUNTED))
    least = predicate_values(rule, "contribution")["at_least"]
    judged = with_status(team, _statuses(rule)) & (shares.total > 0.0)
    low: BoolArray = judged & (_ratio(shares.unique, shares.total) < least - TOLERANCE)
    if low.any():
        low &= ~_covered_by_existing(case)
    held = team.cameras.index.isin(case.held.index)
    return low, low & (shares.unique <= TOLERANCE) & ~held


def _by_contribution(case: _Case, low: BoolArray) -> list[Finding]:
    """Judge each planned camera beside all others; which can go together is settled later."""
    rule = first_rule(case.rules, "contribution", "camera")
    if rule is None or not low.any():
        return []
    everyone = with_status(case.team, COUNTED)
    shares = shares_beside(case.team, everyone)
    least = predicate_values(rule, "contribution")["at_least"]
    found = [_duplicate(case, rule, int(c), everyone, shares, least) for c in np.flatnonzero(low)]
    return [replace(one, evidence={**one.evidence, "drop": False}) for one in found]


def _covered_by_existing(case: _Case) -> BoolArray:
    """Tell which cameras the rule on gain already flags; one verdict a camera is enough."""
    rule = first_rule(case.rules, "marginal_gain", "camera")
    if rule is None:
        return np.zeros(len(case.team.status), bool)
    values = predicate_values(rule, "marginal_gain")
    shares = shares_beside(case.team, with_status(case.team, values["against"]))
    low: BoolArray = _ratio(shares.unique, shares.total) < values["at_least"] - TOLERANCE
    return low


def _upgrades(case: _Case) -> list[Finding]:
    """Find planned cameras whose view an existing neighbour has already, only too coarsely."""
    gain_rule = first_rule(case.rules, "marginal_gain", "camera")
    twin_rule = first_rule(case.rules, "separation", "camera")
    rule = first_rule(case.rules, "reuse_considered", "zone")
    if gain_rule is None or twin_rule is None or rule is None:
        return []
    team, values = case.team, predicate_values(gain_rule, "marginal_gain")
    reach = float(predicate_values(twin_rule, "separation")["distance"])
    total = shares_beside(team, with_status(team, values["against"])).total
    others = np.flatnonzero(with_status(team, values["against"]) & ~team.turning)
    findings = []
    for c in np.flatnonzero(with_status(team, _statuses(gain_rule)) & (total > 0.0)):
        columns = team.meets.indices[team.meets.indptr[c] : team.meets.indptr[c + 1]]
        weight = team.weight[columns]
        seen = np.asarray((team.q[others][:, columns] > 0).toarray(), bool) @ weight
        met = np.asarray(team.meets[others][:, columns].toarray(), bool) @ weight
        away = team.cameras.geometry.iloc[others].distance(team.cameras.geometry.iloc[c]).to_numpy()
        enough = (1.0 - values["at_least"]) * total[c] - TOLERANCE
        fits = np.flatnonzero((seen >= enough) & (met < enough) & (away <= reach))
        if len(fits):
            names = [str(team.cameras.index[others[i]]) for i in fits]
            findings.append(_upgrade(case, rule, int(c), names, seen[fits] / total[c], columns))
    return findings


def _upgrade(
    case: _Case, rule: Rule, c: int, names: list[str], seen: FloatArray, columns: Any
) -> Finding:
    subject = str(case.team.cameras.index[c])
    certainty, grounds = case.certainty(c, names)
    samples = case.team.samples.index[columns]
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
            "camera_status": str(case.team.status[c]),
            "cameras": names,
            "seen": [round(float(share), 4) for share in seen],
        },
        geometry=points_of(case.team.samples, samples),
    )


def _duplicate(
    case: _Case, rule: Rule, c: int, background: BoolArray, shares: Shares, least: float
) -> Finding:
    """Write the evidence card of one camera whose gain is below `least`."""
    team = case.team
    subject = str(team.cameras.index[c])
    cover = relies_on(team, c, background)
    _, columns, meets = stand_ins(team, c, background)
    total, unique = float(shares.total[c]), float(shares.unique[c])
    gain = unique / total
    certainty, grounds = case.certainty(c, cover.names)
    judged = team.status[c] in _statuses(rule)
    severity = _severity(case, rule, c, gain, certainty) if judged else "info"
    sure = case.reading == "sure"
    if sure and judged and could_gain(team, case.widest, c, background) >= least - TOLERANCE:
        sure, severity = False, rule.on_unknown or "info"
        grounds = (*grounds, "building_height")
    evidence = {
        "verdict": _verdict(case, c, rule, gain, cover.names) if judged else "redundant_with",
        "camera_status": str(team.status[c]),
        "total": round(total, 6),
        "unique": round(unique, 6),
        "fair": round(float(shares.fair[c]), 6),
        "gain": round(gain, 6),
        "relies_on": list(cover.names),
        "relies_on_exact": cover.exact,
        "dominated_by": _dominators(case, c, background),
        "saving": _tag_number(team.cameras, c, "cost"),
        "justification": _tag(team.cameras, c, "justification"),
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
        geometry=points_of(team.samples, team.samples.index[columns[meets.any(axis=0)]]),
    )


def _severity(case: _Case, rule: Rule, c: int, gain: float, certainty: float) -> str:
    """Return how serious a duplicate is: never a violation unless it is sure and certain."""
    if case.reading != "sure":
        return rule.on_unknown or "info"
    severity: str = rule.on_fail
    trivial = rule.escalate_when.get("marginal_gain", {}).get("below")
    unjustified = not _tag(case.team.cameras, c, "justification")
    if rule.escalate_to and trivial is not None and gain < trivial - TOLERANCE and unjustified:
        severity = rule.escalate_to
    policy = case.rules.policy
    if case.is_capped(c) or certainty < policy.confirmed_confidence:
        severity = lower_severity(severity, policy.candidate_cap)
    return severity


def _verdict(case: _Case, c: int, rule: Rule, gain: float, names: Sequence[str]) -> str:
    """Say in one word what a reviewer should consider."""
    cameras = case.team.cameras
    others = cameras.index.get_indexer(list(names))
    private = cameras.get("owner", pd.Series(None, cameras.index)).eq("non_government")
    standing = (case.team.status[others] != "planned").all()
    if standing and not private.iloc[c] and private.iloc[others].any():
        return "network_instead"
    if gain <= TOLERANCE:
        return "certain"
    trivial = rule.escalate_when.get("marginal_gain", {}).get("below", 0.0)
    return "substantial" if gain < trivial - TOLERANCE else "partial"


def _dominators(case: _Case, c: int, background: BoolArray) -> list[str]:
    """Return the cameras that alone meet all that a camera meets."""
    pairs = case.overlaps
    whole = (pairs.first == c) & (pairs.containment >= 1.0 - TOLERANCE)
    others = pairs.second[whole]
    counts = background if case.team.turning[c] else background & ~case.team.turning
    return [str(case.team.cameras.index[i]) for i in others[counts[others]]]


def _join(same: list[Finding]) -> Finding:
    """Join what holds in several readings into one row, told as in the surest of them."""
    first = same[0]
    readings = tuple(reading for finding in same for reading in finding.readings)
    return replace(first, readings=readings)


def _statuses(rule: Rule) -> tuple[str, ...]:
    """Return the states of a camera that a rule judges."""
    status = rule.where.get("status", COUNTED)
    return (status,) if isinstance(status, str) else tuple(status)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return part / np.where(whole > 0.0, whole, 1.0)


def _tag(cameras: gpd.GeoDataFrame, row: int, name: str) -> str | None:
    """Return a text of the inventory beside the declared columns: a column of its own, or a tag."""
    value = cameras[name].iloc[row] if name in cameras.columns else None
    if (value is None or value != value) and "tags" in cameras.columns:  # noqa: PLR0124 - NaN
        tags = cameras["tags"].iloc[row]
        value = tags.get(name) if isinstance(tags, Mapping) else None
    return str(value) if value else None


def _tag_number(cameras: gpd.GeoDataFrame, row: int, name: str) -> float | None:
    text = _tag(cameras, row, name)
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One reading of the whole plan, with what its findings stand on."""

    reading: str
    team: CameraSet
    overlaps: Overlaps
    trust: Trust
    weights: pd.DataFrame
    rules: Rules
    widest: csr_array
    held: pd.DataFrame

    def demand(self, c: int) -> tuple[pd.DataFrame, FloatArray]:
        """Return what is known of the parts that a camera meets, and their weights."""
        start, stop = self.team.meets.indptr[c : c + 2]
        columns = self.team.meets.indices[start:stop]
        parts = self.team.samples["part_id"].to_numpy(object)[columns]
        return self.weights.loc[parts], self.team.weight[columns]

    def is_capped(self, c: int) -> bool:
        """Tell whether any part that the camera meets is too uncertain for a violation."""
        parts, _ = self.demand(c)
        return bool(parts["capped"].any())

    def certainty(self, c: int, others: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """Return how certain a finding on a camera and its stand-ins is, and what it stands on."""
        parts, weight = self.demand(c)
        certainty = float(np.average(parts["certainty"].to_numpy(np.float64), weights=weight))
        grounds = {name for names in parts["grounds"] for name in names}
        for camera in (str(self.team.cameras.index[c]), *others):
            confidence, names = self.trust.get(camera, (1.0, ()))
            certainty *= confidence
            grounds.update(names)
        usable = self.team.cameras.get("usable", pd.Series(None, self.team.cameras.index))
        if others and usable.reindex(list(others)).isna().any():
            certainty *= USE_UNRECORDED
            grounds.add("use_unrecorded")
        return certainty, tuple(sorted(grounds))
