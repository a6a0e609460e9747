"""Words in the name of a layer, and in columns that nobody reads, which tell what its rows are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, frozenset[str]]] = {
    "buildings": frozenset({"building", "footprint", "house", "roof", "建筑", "房屋", "楼栋"}),
    "cameras": frozenset({"camera", "cctv", "摄像", "监控", "探头"}),
    "entrances": frozenset({"entrance", "gate", "出入口", "大门"}),
    "places": frozenset({"place", "poi", "场所"}),
    "signs": frozenset({"sign", "提示标识", "标牌"}),
    "trees": frozenset({"tree", "crown", "canopy", "树", "乔木", "林木", "古木"}),
}
"""Words of the name of a file or a layer by kind: Latin ones whole and in the singular."""

COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "trees": frozenset(
        {"crown", "canopy", "dbh", "species", "genus", "树种", "胸径", "地径", "冠", "树龄"}
    )
}
"""Words of the names of columns that a kind has and a reader need not know."""

KIND_COLUMNS: Final = ("natural", "landcover")
"""Keys of OSM beside the column of kinds whose values say what a row is."""
