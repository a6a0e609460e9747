"""Words that people write beside heights and storeys, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

FEET = 0.3048
INCH = 0.0254

UNITS: Mapping[str, float] = {
    "": 1.0,
    "m": 1.0,
    "meter": 1.0,
    "meters": 1.0,
    "metre": 1.0,
    "metres": 1.0,
    "米": 1.0,
    "公尺": 1.0,
    "cm": 0.01,
    "厘米": 0.01,
    "mm": 0.001,
    "毫米": 0.001,
    "ft": FEET,
    "feet": FEET,
    "foot": FEET,
    "英尺": FEET,
    "'": FEET,
    "in": INCH,
    "inch": INCH,
    "inches": INCH,
    "英寸": INCH,
    '"': INCH,
}
"""Metres by unit of length; the international foot (0.3048 m exactly)."""

STOREY_WORDS = frozenset(
    {"层", "层楼", "楼", "f", "fl", "floor", "floors", "storey", "storeys", "story", "stories",
     "level", "levels"}
)  # fmt: skip
"""What makes a number one of storeys."""

ABOUT_WORDS = ("大约", "约", "约为", "近", "about", "approx.", "approx", "ca.", "ca", "circa", "~",
               "≈")  # fmt: skip
AROUND_WORDS = ("左右", "上下")
"""What stands before or behind a number that is not exact."""

UNKNOWN_WORDS = frozenset(
    {"", "nan", "none", "null", "na", "n/a", "unknown", "-", "--", "?", "/", "未知", "不详", "无",
     "暂无", "待定"}
)  # fmt: skip
"""Cells that say nothing."""

ABOVE_WORDS = ("地上", "地面", "above ground")
BELOW_WORDS = ("地下", "负", "basement", "below ground", "b", "-")
"""What tells storeys above the ground from those below it."""

RANGE_SIGNS = "-–—~至到"

FULL_STOPS = {"′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "''": '"'}
"""Other spellings of the signs for feet and inches."""

DIGITS: Mapping[str, int] = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9,
}  # fmt: skip
TENS: Mapping[str, int] = {"十": 10, "百": 100}
"""Chinese numerals up to 999, as in names of storeys."""

FEET_HEADER = r"(?i)(?:[^a-z]|^)(?:ft|feet|foot)(?:[^a-z]|$)|英尺"
"""What a header says whose column is in feet."""

YEAR_HEADERS: Mapping[str, tuple[str, ...]] = {
    "built_from": ("built from", "stands from", "建成年份", "启用年份"),
    "removed_by": ("removed by", "demolished in", "拆除年份"),
}
"""Names of columns with the first year in which a building stands, and in which it does not."""
