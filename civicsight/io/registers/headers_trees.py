"""Names of the columns of a register of trees, and words for their kinds."""

from __future__ import annotations

from typing import Final

from civicsight.io.tables.lexicon import Headers, Words

TREE_HEADERS: Final[Headers] = {
    "canopy_id": ("canopy id", "tree id", "id", "树木编号", "古树编号", "编号", "序号"),
    "kind": ("kind", "类型", "type", "类别"),
    "height_m": ("height m", "树高", "高度", "height", "tree height"),
    "base_m": ("base m", "枝下高", "枝下高度", "分枝点高", "crown base", "clear height"),
    "crown_m": (
        "crown m",
        "冠幅",
        "树冠直径",
        "crown",
        "crown diameter",
        "diameter crown",
        "spread",
    ),
    "evergreen": ("evergreen", "常绿", "是否常绿"),
    "source": ("source", "数据来源", "来源"),
    "tags": ("tags",),
}

TREE_WORDS: Final[Words] = {
    "kind": {
        "tree": ("树", "树木", "乔木", "行道树", "古树", "single tree"),
        "row": ("行列树", "树列", "tree row", "绿篱"),
        "wood": ("林地", "片林", "树林", "forest", "grove"),
    }
}
