"""What the hand-made result demands of its town and finds in it, in every status there is."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import MultiPoint

from civicsight.model import FINDINGS, PARTS, ZONES
from tests.result_town import area, at, line, table


def make_zones(label: str) -> gpd.GeoDataFrame:
    rows = [
        ("8.5:way/1", "8.5", "designated", label, area(20, 20, 50, 60)),
        ("8.6:way/3", "8.6", "candidate", label, area(70, 70, 110, 110)),
        ("8.10:way/4", "8.10", "candidate", None, area(20, 80, 50, 110)),
    ]
    return table(
        ZONES,
        [
            {
                "zone_id": z,
                "item": item,
                "pack": "nanchang",
                "name": name,
                "standing": standing,
                "confidence": 0.85,
                "qualifiers": (),
                "place_id": z.partition(":")[2],
                "source": label,
                "geometry": geometry,
            }
            for z, item, standing, name, geometry in rows
        ],
    )


PART_ROWS = (
    (
        "p1",
        "8.5:way/1",
        "8.5",
        "entrance",
        "covered",
        line((50, 38), (50, 42)),
        1.0,
        1.0,
        1.0,
        260.0,
    ),
    (
        "p2",
        "8.5:way/1",
        "8.5",
        "vehicle_entrance",
        "assumed",
        line((30, 60), (34, 60)),
        0.0,
        1.0,
        1.0,
        180.0,
    ),
    ("p3", "8.6:way/3", "8.6", "entrance", "possible", at(70, 90), 0.0, 0.5, 1.0, 130.0),
    ("p4", "8.6:way/3", "8.6", "entrance", "gap", line((88, 110), (92, 110)), 0.0, 0.0, 0.25, 40.0),
    ("p5", "8.10:way/4", "8.10", "area", "gap", area(22, 112, 48, 120), 0.0, 0.1, 0.3, 20.0),
)


def make_parts(label: str) -> gpd.GeoDataFrame:
    return table(
        PARTS,
        [
            {
                "part_id": p,
                "zone_id": zone,
                "item": item,
                "article": "8",
                "rule": f"R8.{item[2:]}",
                "pack": "nanchang",
                "kind": kind,
                "profile": "recognise",
                "need_px_m": 125.0,
                "fraction": 0.95,
                "k": 1,
                "inferred": p == "p3",
                "how": label,
                "confidence": 0.8,
                "geometry": geometry,
            }
            for p, zone, item, kind, _, geometry, *_ in PART_ROWS
        ],
    )


def make_status(label: str) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {
                "part_id": p,
                "item": item,
                "required": 0.95,
                "fraction_sure": s,
                "fraction_assumed": a,
                "fraction_possible": m,
                "status": status,
                "need_px_m": 125.0,
                "k": 1,
                "best_px_m": best,
                "weight": 4.0,
                "cameras": ("c1",) if status == "covered" else (),
                "built": status == "covered",
                "blockers": (f"building way/3 ({label})", "obstacle panel/1", "ground")
                if status == "gap"
                else (),
            }
            for p, _, item, _, status, _, s, a, m, best in PART_ROWS
        ]
    )
    return frame.set_index("part_id")


def make_findings(label: str) -> dict[str, gpd.GeoDataFrame]:
    def finding(
        f: str, kind: str, subject: str, outcome: str, severity: str, geometry, **more: Any
    ) -> dict[str, Any]:
        return {
            "finding_id": f,
            "article": "8" if kind == "gap" else "7",
            "rule": "R8.6" if kind == "gap" else "R7.4",
            "pack": "nanchang",
            "kind": kind,
            "subject": subject,
            "outcome": outcome,
            "severity": severity,
            "readings": ("sure",),
            "certainty": 0.8,
            "assumptions": (),
            "geometry": geometry,
            **more,
        }

    def gap(
        part: str,
        outcome: str,
        severity: str,
        geometry,
        status: str,
        *assumptions: str,
        **more: Any,
    ) -> dict[str, Any]:
        evidence = {
            "status": status,
            "need_px_m": 125.0,
            "required": 0.95,
            "fraction_sure": 0.0,
            "fraction_assumed": 0.0,
            "fraction_possible": 0.25,
            "best_px_m_possible": 40.0,
            "cameras": [],
            "blockers": [],
            "reuse": [],
            **more,
        }
        readings = {"gap": ("sure", "assumed", "possible"), "possible": ("sure", "assumed")}.get(
            status, ("sure",)
        )
        return finding(
            f"gap/{part}",
            "gap",
            part,
            outcome,
            severity,
            geometry,
            readings=readings,
            assumptions=assumptions,
            evidence=evidence,
        )

    reuse = [
        {
            "camera": "c4",
            "how": "re-aim",
            "distance_m": 30.0,
            "turn_deg": None,
            "share": 1.0,
            "px_m": 140.0,
        }
    ]
    gaps = [
        gap(
            "p4",
            "fail",
            "violation",
            MultiPoint([at(88, 110), at(90, 110), at(92, 110)]),
            "gap",
            blockers=[f"building way/3 ({label})", "ground"],
            reuse=reuse,
            note=label,
            out_of_use=[
                {"camera": "c9", "why": "broken", "distance_m": 12.2, "would_cover": True},
                {"camera": "c8", "why": "removed", "distance_m": 8.0, "would_cover": None},
                {"camera": "c7", "why": "indoor", "distance_m": 3.0, "would_cover": None},
            ],
        ),
        gap("p5", "fail", "warning", area(22, 112, 48, 120), "gap", "candidate_place"),
        gap(
            "p2",
            "undetermined",
            "warning",
            MultiPoint([at(30, 60), at(34, 60)]),
            "assumed",
            "outward_half",
            cameras=["c3"],
        ),
        gap(
            "p3",
            "undetermined",
            "warning",
            at(70, 90),
            "possible",
            "any_direction",
            "inferred_part",
        ),
    ]
    twins = [
        finding(
            "twin/c1/c2",
            "twin",
            "c1",
            "not_applicable",
            "info",
            line((52, 40), (53, 42)),
            evidence={
                "twin": "c2",
                "camera_status": "existing",
                "twin_status": "planned",
                "distance_m": 2.24,
                "angle_deg": 2.0,
                "containment": 0.97,
                "jaccard": 0.9,
                "verdict": "twin",
            },
        ),
        finding(
            "duplicate/c2/R7.3",
            "duplicate",
            "c2",
            "undetermined",
            "info",
            MultiPoint([at(50, 38), at(50, 40)]),
            readings=("assumed",),
            assumptions=("pixels_by_kind",),
            evidence={
                "verdict": "redundant_with",
                "camera_status": "planned",
                "total": 4.0,
                "unique": 0.12,
                "fair": 2.0,
                "gain": 0.03,
                "relies_on": ["c1"],
                "relies_on_exact": True,
                "dominated_by": [],
                "saving": None,
                "justification": label,
            },
        ),
    ]
    overlaps = [
        finding(
            "overlap/c1",
            "overlap",
            "c1",
            "pass",
            "info",
            MultiPoint([at(50, 38)]),
            evidence={
                "total": 4.0,
                "unique": 0.1,
                "fair": 2.0,
                "with": [{"camera": "c2", "shared": 3.9, "containment": 0.97, "jaccard": 0.9}],
            },
        )
    ]
    return {
        "gaps": table(FINDINGS, gaps),
        "duplicates": table(FINDINGS, twins),
        "overlaps": table(FINDINGS, overlaps),
    }
