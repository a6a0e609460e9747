"""What the names of columns and values mean that people write in files.

Headers are compared without case, spaces, punctuation and units in brackets, in simplified
characters. To teach a new word, add it to the declaration of its column (`model`); those of further
languages are files of data (`lexicon`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from civicsight.core.column import headers_in, words_in
from civicsight.io.tables.lexicon import Headers, Words, joined, joined_values, simplified
from civicsight.io.tables.units import without_unit
from civicsight.model import CAMERAS, ENTRANCES
from civicsight.model.inputs import CAMERA_SOURCE, POSITION, SHAPE

CAMERA_HEADERS: Final[Headers] = joined({**CAMERAS.headers, **headers_in(CAMERA_SOURCE)}, "cameras")
"""Columns of a camera inventory."""

VALUES: Final[Words] = joined_values({**CAMERAS.words, **words_in(CAMERA_SOURCE)})
"""Words for its closed lists, by column."""

PLACE_HEADERS: Final[Headers] = joined(headers_in(POSITION), "place")
"""Columns that say where a row is, and in which geodetic system."""

SHAPE_HEADERS: Final[Headers] = headers_in(SHAPE)
"""Columns that hold a whole shape, or longitude and latitude in one cell."""

CODED_HEADERS: Final = {
    "azimuth_deg": ("direction_code", ("监视方位", "监控方位", "摄像机监视方位")),
}  # fmt: skip
"""Headers under which standards keep codes, and the meaning that those have, by meaning."""

ENTRANCE_HEADERS: Final[Headers] = joined(ENTRANCES.headers, "entrances")
"""Columns of a register of entrances."""

UNKNOWN_WORDS = frozenset({"", "na", "nan", "null", "none", "unknown", "未知", "不详"})
"""Cells that say nothing."""

REMARK = re.compile(r"[(\[【][^(\[【)\]】]*[)\]】]")
"""What stands in brackets; without brackets in it, so that a row of them is looked through once."""

SILENT_WORDS = UNKNOWN_WORDS | {
    "无", "空", "待定", "待测", "暂无", "待补充", "待核实", "未填", "tbd", "?"
}  # fmt: skip
"""Cells of a number or direction that say nothing."""


def normal(text: object) -> str:
    """Return a header or value in the form in which words are compared."""
    plain = unicodedata.normalize("NFKC", str(text)).lower().translate(simplified())
    plain = REMARK.sub("", plain)
    return re.sub(r"[\s_\-:./*—–―─]+", "", plain)


@lru_cache(maxsize=1 << 14)
def normal_word(word: str) -> str:
    """Return a word of ours as `normal` does, once: each meets every column of every file."""
    return normal(word)


def match_headers(columns: Iterable[object], headers: Headers) -> dict[str, str]:
    """Find the column for each meaning; the earlier word of a list wins, a column serves once.

    Returns
    -------
    dict
        Column of the file by meaning; meanings without a column are missing.
    """
    present: dict[str, str] = {}
    names = [str(column) for column in columns]
    for name in names:
        present.setdefault(normal(name), name)
    known = {normal_word(word) for words in headers.values() for word in words}
    for name in names:
        if normal(name) not in known and (stem := without_unit(name)) != name:
            present.setdefault(normal(stem), name)  # "height_ft" is a height, in feet
    found: dict[str, str] = {}
    taken: set[str] = set()
    for meaning, words in headers.items():
        for word in words:
            column = present.get(normal_word(word))
            if column is not None and column not in taken:
                found[meaning] = column
                taken.add(column)
                break
    return found


def match_value(column: str, text: str, values: Words = VALUES) -> str | None:
    """Return the value of a closed list that a word stands for, None if it stands for none."""
    plain = normal(text)
    for value, words in values.get(column, {}).items():
        if plain == normal_word(value) or any(plain == normal_word(word) for word in words):
            return value
    return None


ADDRESS_HEADERS: Final[Headers] = {
    "address": ("address", "地址", "详细地址", "安装地址", "点位地址", "设备地址", "单位地址",
                "门牌地址", "门牌", "安装位置", "full address", "street address", "addr full",
                "adresse", "dirección", "住所", "주소"),
    "within_m": ("within m", "accuracy m", "accuracy", "精度", "定位精度", "误差"),
}  # fmt: skip
"""Columns of an inventory without coordinates, and of a gazetteer."""
