"""Names that people give to the columns and values of a list of proposed facilities.

The first Chinese word of a column is the one that templates use.
"""

from __future__ import annotations

from collections.abc import Mapping

PROPOSAL_HEADERS: Mapping[str, tuple[str, ...]] = {
    "proposal_id": ("proposal id", "id", "申请编号", "编号", "序号", "设施编号", "许可编号"),
    "kind": ("kind", "设施类别", "设施类型", "类型", "type", "类别"),
    "name": ("name", "设施名称", "名称", "项目名称", "树种"),
    "height_m": ("height m", "顶部高度", "高度", "总高", "树高", "height", "top", "顶高"),
    "base_m": (
        "base m",
        "底部高度",
        "离地高度",
        "底高",
        "净空高度",
        "枝下高",
        "base",
        "min height",
        "crown base",
    ),
    "summer": ("summer", "夏季透光率", "透光率", "通透率", "transmittance", "summer transmittance"),
    "winter": ("winter", "冬季透光率", "winter transmittance"),
    "height_growth_m": ("height growth m", "年增高", "每年增高", "年高生长量", "height growth"),
    "crown_growth_m": (
        "crown growth m",
        "冠幅半径年增长",
        "树冠年增长",
        "年冠幅生长量",
        "crown growth",
    ),
    "planned_on": ("planned on", "计划设置日期", "计划日期", "拟建日期", "开工日期", "date"),
    "width_m": ("width m", "宽度", "长度", "面宽", "width", "length"),
    "crown_m": ("crown m", "冠幅", "树冠直径", "外径", "crown diameter", "crown"),
    "facing_deg": ("facing deg", "朝向", "facing", "direction", "方位角"),
    "source": ("source", "数据来源", "来源", "申请人", "applicant"),
    "tags": ("tags",),
}
PROPOSAL_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "advert": (
            "广告牌",
            "户外广告",
            "户外广告牌",
            "大型广告牌",
            "灯箱",
            "电子屏",
            "led屏",
            "显示屏",
            "宣传栏",
            "指示牌",
            "店招",
            "billboard",
            "advertising",
            "sign",
            "screen",
        ),
        "tree": ("树木", "树", "乔木", "行道树", "绿化树", "大树", "trees"),
        "pipeline": ("管线", "管道", "架空管线", "管廊", "电缆", "架空线", "pipe", "cable"),
        "building": ("建筑", "建筑物", "房屋", "楼", "临时建筑", "house"),
        "structure": (
            "构筑物",
            "其他设施",
            "立柱",
            "杆塔",
            "铁塔",
            "岗亭",
            "报刊亭",
            "候车亭",
            "天桥",
            "围挡",
            "围墙",
            "雕塑",
            "其他",
            "other",
            "kiosk",
            "tower",
            "wall",
        ),
    }
}
