"""Names that people give to the columns and values of tables of money: budgets, aims, prices."""

from __future__ import annotations

from typing import Final

FUND_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("year", "年度", "年份"),
    "district": ("district", "区县", "行政区", "县区", "辖区"),
    "budget_yuan": ("budget_yuan", "budget", "预算(元)", "资金(元)", "预算", "资金"),
    "floor": ("floor", "最低满足率", "最低达标率", "最低覆盖率"),
}
"""Headings by column; the first is the one that this project writes."""

POLICY_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "aim": ("aim", "目标"),
    "class": ("class", "类别", "场所类别", "条款项"),
    "weight": ("weight", "权重"),
}
"""The same of a table of aims and weights."""

AIM_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "places": ("场所",), "parts": ("部位",), "metres": ("满足量",), "exposure": ("隐私",),
    "joined": ("纳入",), "surviving": ("抗故障",),
}  # fmt: skip
"""What such a table calls each aim beside its code."""

PRICE_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "item": ("item", "项目编码", "项目", "条目"),
    "unit": ("unit", "单位", "计量单位"),
    "price_yuan": ("price_yuan", "price", "单价(元)", "单价", "综合单价", "价格"),
    "source": ("source", "价格来源", "来源", "出处"),
    "date": ("date", "价格日期", "日期", "基准日期"),
    "basis": ("basis", "依据", "计价依据", "说明"),
}
"""Headers by column; the first is the one that this project writes."""

PRICE_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "camera": ("camera", "路", "台", "个"),
    "day": ("day", "days", "日", "天"),
    "month": ("month", "months", "月", "个月"),
    "year": ("year", "years", "年"),
    "%": ("%", "％", "percent", "百分比"),
}
"""Words of the units of its yearly rows and shares: a camera and a time, years, percent."""
