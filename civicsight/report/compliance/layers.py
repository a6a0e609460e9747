"""Verdicts as layers of a GeoPackage: by what they are about, in the looks of the map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd

from civicsight.core.errors import N_, Text
from civicsight.planning.compliance import gravest_first
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.presentation.symbols import STATUS_STYLES
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.exports import in_words
from civicsight.report.geopackage import TITLES, flat_layer, layers_of, write_layers
from civicsight.report.qml import STYLES, Style

LAYERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "zone": N_("Judgements of places"),
        "camera": N_("Judgements of cameras"),
        "project": N_("Judgements of projects"),
        "obstacle": N_("Judgements of proposed facilities"),
    }
)
"""Layers of verdicts by the kind of their subjects."""

OPEN: Final = ("fail", "undetermined", "waived")
"""Outcomes that are on the layers; what is met or does not apply stands in the table."""

LOOKS: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "fail": STATUS_STYLES["gap"] | {"fill": 0.25},
        "undetermined": STATUS_STYLES["assumed"] | {"fill": 0.05},
        "waived": STATUS_STYLES["unknown"] | {"fill": 0.05},
    }
)
GROUND: Final = ("zones", "parts", "cameras", "buildings")
"""Layers of the check that lie under the verdicts."""


def write_verdict_layers(path: Path, account: Account, notice: Mapping[str, str]) -> None:
    """Write the verdicts that are open, over places, parts, cameras and buildings."""
    ground = layers_of(account.result)
    layers = verdict_layers(account) | {name: ground[name] for name in GROUND}
    style = Style("any", LOOKS, "outcome", {name: OUTCOMES[name] for name in OPEN})
    own = {f"verdicts_{kind}": title for kind, title in LAYERS.items()}
    styles = dict.fromkeys(own, style) | {name: STYLES[name] for name in GROUND}
    write_layers(path, layers, own | {name: TITLES[name] for name in GROUND}, styles, notice=notice)


def verdict_layers(account: Account) -> dict[str, gpd.GeoDataFrame]:
    """Return the verdicts that are open by kind of subject, gravest first."""
    verdicts = gravest_first(account.compliance.facts)
    verdicts = verdicts[verdicts["outcome"].isin(OPEN) & verdicts.geometry.notna()]
    said = verdicts.assign(
        because=[in_words(texts, "zh_CN") for texts in verdicts["because"]],
        because_en=[in_words(texts, "en") for texts in verdicts["because"]],
        bases=[tuple(map(" ".join, bases)) for bases in verdicts["bases"]],
    )
    return {
        f"verdicts_{kind}": flat_layer(gpd.GeoDataFrame(said[said["subject_kind"].eq(kind)]))
        for kind in LAYERS
    }
