"""From the findings of all parts to those of the region: what spans parts is settled here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from civicsight.coverage.findings.evidence import SEVERITIES, TOLERANCE
from civicsight.coverage.findings.rivals import settle
from civicsight.coverage.result import CheckResult, partition
from civicsight.coverage.summary import (
    count_cameras,
    count_findings,
    count_parts,
    count_zones,
    without_looking,
)
from civicsight.model import READINGS
from civicsight.model.provenance import notes_in
from civicsight.region.folder import Region, around
from civicsight.region.own import Frames
from civicsight.region.results import joined
from civicsight.region.work import in_order
from civicsight.rules import Rules
from civicsight.scene.nearness import with_rows_outside

TOLD: Final = ("gaps", "duplicates", "overlaps")


def merge(
    region: Region, rules: Rules, parts: Iterable[Frames], *, night: bool
) -> tuple[CheckResult, pd.DataFrame]:
    """Join what parts own to the result of the region; it has neither matrices nor layers.

    Parameters
    ----------
    region, rules
        What was checked, against which packs.
    parts
        Of each part, what it owns and what was found of it.

    Returns
    -------
    tuple
        Tables equal to those of a check of all these parts on one machine, and the numbers that
        each part adds to those of all.
    """
    tables = _joined(list(parts))
    status, counts = tables["part_status"], tables["counts"]
    found = {name: gpd.GeoDataFrame(tables[name]) for name in TOLD}
    barred = tuple(sorted(name for names in counts["barred"] for name in names))
    box = shapely.box(*around([part.bounds for part in region.parts.values()]))
    result = CheckResult(
        region.as_city({}, box),
        rules,
        **{name: tables[name] for name in ("cameras", "heads", "zones", "parts", "samples")},
        matrices={},
        part_status=status,
        **found,
        raster=None,
        summary=_summary(region, rules, tables, found, len(barred), night=night),
        left_out=tables["left_out"],
        blocked=pd.DataFrame(),
        missing=tables["missing"],
        withheld=tables["withheld"],
        looked=region.has_cameras,
        barred=barred,
    )
    numbers = counts.join(tables["buildings"])
    return (
        replace(result, summary=result.summary | {"partition": partition(result).counts()}),
        numbers,
    )


def _joined(parts: list[Frames]) -> Frames:
    """Join the rows of all parts, in the order in which a check has them, and settle rivals."""
    tables = {name: joined([one[name] for one in parts]) for name in parts[0]}
    tables |= in_order(tables)
    status = tables["part_status"]
    return tables | {
        "part_status": status.reindex(tables["parts"].index.intersection(status.index, sort=False)),
        "gaps": ranked(gpd.GeoDataFrame(tables["gaps"])),
        "duplicates": settle(gpd.GeoDataFrame(tables["duplicates"]), tables["rivals"]),
        "overlaps": tables["overlaps"].sort_values("subject"),
        "withheld": tables["withheld"].sort_index(),
    }


def ranked(gaps: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put gaps in the order of a check of all of them, and number them by it."""
    columns = (gaps[name] for name in ("severity", "certainty", "readings", "evidence", "subject"))
    keys = [_order(*row) for row in zip(*columns, strict=True)]
    out = gaps.iloc[sorted(range(len(keys)), key=keys.__getitem__)]
    told = [{**evidence, "rank": rank} for rank, evidence in enumerate(out["evidence"], start=1)]
    return gpd.GeoDataFrame(out.assign(evidence=pd.Series(told, out.index, dtype=object)))


def _order(
    severity: str,
    certainty: float,
    readings: tuple[str, ...],
    evidence: Mapping[str, Any],
    subject: str,
) -> tuple[int, float, float, str]:
    """Return by what gaps are sorted: severity, then how certain and how large the shortfall is."""
    met = evidence[f"fraction_{readings[-1]}"] / max(evidence["required"], TOLERANCE)
    shortfall = round(certainty * (1.0 - met), 9)
    return (-SEVERITIES.index(severity), -shortfall, -round(evidence["weight_unmet"], 6), subject)


def _summary(
    region: Region,
    rules: Rules,
    tables: Frames,
    found: Mapping[str, gpd.GeoDataFrame],
    barred: int,
    *,
    night: bool,
) -> dict[str, Any]:
    """Put the numbers of a region together, as those of a check."""
    total = tables["counts"].drop(columns="barred").sum()
    buildings = {name: int(value) for name, value in tables["buildings"].sum().items()}
    count = buildings["count"]
    parts, status = tables["parts"], tables["part_status"]
    samples = {f"met_{name}": int(total[f"met_{name}"]) for name in READINGS}
    outside = {
        str(layer): tuple(sorted(own["label"])) for layer, own in tables["outside"].groupby("layer")
    }
    counts = {
        "city": region.name,
        "synthetic": region.synthetic,
        "night": night,
        "sources": list(region.sources),
        "rules": rules.versions,
        "rules_sha256": dict(rules.sha256),
        "cameras": count_cameras(tables["cameras"], tables["heads"]) | {"barred": barred},
        "buildings": {
            **buildings,
            "height_assumed_share": buildings["height_assumed"] / count if count else 0.0,
        },
        "zones": count_zones(tables["zones"]) | {"left_out": len(tables["left_out"])},
        "parts": count_parts(parts, status, looked=region.has_cameras),
        "samples": {"count": int(total["samples"]), **samples},
        "notes": [one.to_dict() for one in with_rows_outside(notes_in(region.provenance), outside)],
        "findings": count_findings(*(found[name] for name in TOLD), looked=region.has_cameras),
        "redundant": {
            name: {
                "serve_demand": int(total[f"serve_{name}"]),
                "no_share_of_their_own": int(total[f"spare_{name}"]),
            }
            for name in READINGS
        },
    }
    return counts if region.has_cameras else without_looking(counts)
