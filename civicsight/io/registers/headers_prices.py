"""What the columns of a price table are called, in Chinese and English."""

from __future__ import annotations

from typing import Final

PRICE_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "item": ("item", "项目编码", "项目", "条目"),
    "unit": ("unit", "单位", "计量单位"),
    "price_yuan": ("price_yuan", "price", "单价(元)", "单价", "综合单价", "价格"),
    "source": ("source", "价格来源", "来源", "出处"),
    "date": ("date", "价格日期", "日期", "基准日期"),
    "basis": ("basis", "依据", "计价依据", "说明"),
}
"""Headers by column; the first is the one that this project writes."""
