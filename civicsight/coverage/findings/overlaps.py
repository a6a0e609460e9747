"""How many cameras meet each sample, and what each camera shares with the others.

References
----------
Article 7: information for the planner; an overlap is not in itself a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray
from civicsight.coverage.findings.camera_set import (
    CameraSet,
    build_camera_set,
    shares_beside,
    stand_ins,
    with_status,
)
from civicsight.coverage.findings.case import COUNTED
from civicsight.coverage.findings.duplicates import CREDITED
from civicsight.coverage.findings.evidence import Finding, findings_table, first_rule, heads_trust
from civicsight.coverage.findings.shares import Overlaps, Shares, measure_overlaps
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.model import READINGS
from civicsight.rules import Rule, Rules

MOST_PARTNERS: Final = 10
"""A camera names at most this many others, those it shares most with first."""


def count_watchers(
    samples: gpd.GeoDataFrame, matrices: Mapping[str, CoverageMatrix]
) -> pd.DataFrame:
    """Count the cameras that meet each sample, and the best density, in each reading.

    Returns
    -------
    DataFrame
        By sample: ``cameras_sure`` ... and ``best_px_m_sure`` ...
    """
    columns = {}
    for reading in READINGS:
        matrix = matrices[reading].select(samples=samples.index)
        columns[f"cameras_{reading}"] = matrix.watchers(samples)
        columns[f"best_px_m_{reading}"] = matrix.best().astype(np.float64)
    return pd.DataFrame(columns, index=samples.index)


def find_overlaps(
    cameras: gpd.GeoDataFrame,
    parts: gpd.GeoDataFrame,
    samples: gpd.GeoDataFrame,
    matrices: Mapping[str, CoverageMatrix],
    heads: gpd.GeoDataFrame,
    rules: Rules,
) -> gpd.GeoDataFrame:
    """Describe every camera that meets demand together with others.

    Parameters
    ----------
    cameras, parts, samples, heads
        Tables of `model`.
    matrices
        Matrix of each reading.
    rules
        Rule packs; without a rule on duplicates there are no rows.

    Returns
    -------
    GeoDataFrame
        Table `model.FINDINGS` of kind ``overlap`` and severity ``info``: total, unique and fair
        share, and the cameras it shares most with. The geometry is what is shared.
    """
    rule = first_rule(rules, "marginal_gain", "camera")
    if rule is None:
        return findings_table([], cameras.crs)
    found: dict[str, Finding] = {}
    for reading in CREDITED:
        camera_set = build_camera_set(cameras, parts, samples, matrices[reading])
        trust = heads_trust(heads, reading)
        everyone = with_status(camera_set, COUNTED)
        shares = shares_beside(camera_set, everyone)
        overlaps = measure_overlaps(camera_set.meets, camera_set.weight)
        for c in np.unique(overlaps.first):
            subject = camera_set.names[c]
            if subject in found:
                before = found[subject]
                found[subject] = replace(before, readings=(*before.readings, reading))
            else:
                finding = _overlap(camera_set, rule, int(c), everyone, shares, overlaps)
                believed, grounds = trust.get(subject, (1.0, ()))
                found[subject] = replace(
                    finding, readings=(reading,), certainty=believed, assumptions=grounds
                )
    return findings_table([found[name] for name in sorted(found)], cameras.crs)


def _overlap(
    camera_set: CameraSet,
    rule: Rule,
    c: int,
    everyone: BoolArray,
    shares: Shares,
    overlaps: Overlaps,
) -> Finding:
    subject = camera_set.names[c]
    _, columns, meets = stand_ins(camera_set, c, everyone)
    # The cameras that share most with one.
    of_camera = overlaps.of(c)
    order = np.lexsort((overlaps.second[of_camera], -overlaps.shared[of_camera].round(9)))
    partners = [
        {
            "camera": camera_set.names[overlaps.second[i]],
            "shared": round(float(overlaps.shared[i]), 6),
            "containment": round(float(overlaps.containment[i]), 4),
            "jaccard": round(float(overlaps.jaccard[i]), 4),
        }
        for i in of_camera[order][:MOST_PARTNERS]
    ]
    return Finding(
        name=f"overlap/{subject}",
        kind="overlap",
        subject=subject,
        rule=rule,
        outcome="not_applicable",
        severity="info",
        readings=(),
        certainty=1.0,
        assumptions=(),
        evidence={
            "verdict": "overlap",
            "total": round(float(shares.total[c]), 6),
            "unique": round(float(shares.unique[c]), 6),
            "fair": round(float(shares.fair[c]), 6),
            "with": partners,
        },
        geometry=shapely.multipoints(camera_set.points[columns[meets.any(axis=0)]]),
    )
