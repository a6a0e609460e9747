"""What the columns of tables of budgets and weights are called, in Chinese and English."""

from __future__ import annotations

from typing import Final

FUND_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "year": ("year", "年度", "年份"),
    "district": ("district", "区县", "行政区", "县区", "辖区"),
    "budget_yuan": ("budget_yuan", "budget", "预算(元)", "资金(元)", "预算", "资金"),
    "floor": ("floor", "最低满足率", "最低达标率", "最低覆盖率"),
}
"""Headings by column; the first is the one that this project writes."""

WEIGHT_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "class": ("class", "类别", "场所类别", "条款项"),
    "weight": ("weight", "权重"),
}
"""The same of a table of weights."""
