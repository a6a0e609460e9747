"""The measures of a plan as layers of a GeoPackage, in the looks of its maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd

from civicsight.core.errors import N_
from civicsight.coverage.result import CheckResult
from civicsight.planning.plan import Plan
from civicsight.presentation.symbols import STATUS_LABELS, STATUS_STYLES
from civicsight.report.geopackage import TITLES, flat_layer, layers_of, write_layers
from civicsight.report.plan.maps import LOOKS, numbered
from civicsight.report.plan.words import MEASURE_LABELS
from civicsight.report.qml import STYLES, Style

LAYERS: Final = "plan.gpkg"
"""File of the layers of a plan; the record has their digests, for the ground is not in it."""

GROUND: Final = ("zones", "buildings")
SIGNS: Final = {"keep": "square", "reaim": "triangle", "refurbish": "diamond", "connect": "pause",
                "new": "disc", "drop": "cross"}  # fmt: skip


def write_plan_layers(
    path: Path, plan: Plan, result: CheckResult, *, notice: Mapping[str, str]
) -> None:
    """Write measures and parts as the plan leaves them, over places and buildings."""
    ground = layers_of(result)
    layers = plan_layers(plan, result) | {name: ground[name] for name in GROUND}
    looks = {
        name: {"color": LOOKS[name][0], "sign": SIGNS[name], "radius": 6, "width": 2}
        for name in LOOKS
    }
    statuses = {name: look for name, look in STATUS_STYLES.items() if name != "unknown"}
    styles = {
        "measures": Style("marker", looks, "measure", dict(MEASURE_LABELS)),
        "planned_parts": Style("any", statuses, "status_after", dict(STATUS_LABELS)),
        **{name: STYLES[name] for name in GROUND},
    }
    titles = {
        "measures": N_("Measures of the plan"),
        "planned_parts": N_("Parts with the plan"),
        **{name: TITLES[name] for name in GROUND},
    }
    write_layers(path, layers, titles, styles, notice=notice)


def plan_layers(plan: Plan, result: CheckResult) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a plan, with columns that a GeoPackage can hold."""
    numbers = numbered(plan)["number"]
    measures = plan.measures.assign(number=numbers.reindex(plan.measures.index))
    known = plan.parts[plan.parts.index.isin(result.parts.index)]
    shapes = result.parts.geometry.reindex(known.index)
    parts = gpd.GeoDataFrame(known, geometry=shapes, crs=result.parts.crs)
    return {"measures": flat_layer(measures), "planned_parts": flat_layer(parts)}
