"""Names of the columns of addresses, and what may stand around one that says the same."""

from __future__ import annotations

import re
from typing import Final

from civicsight.io.tables.lexicon import Headers

ADDRESS_HEADERS: Final[Headers] = {
    "address": (
        "address",
        "地址",
        "详细地址",
        "安装地址",
        "点位地址",
        "设备地址",
        "单位地址",
        "门牌地址",
        "门牌",
        "安装位置",
        "full address",
        "street address",
        "addr full",
        "adresse",
        "dirección",
        "住所",
        "주소",
    ),
    "within_m": ("within m", "accuracy m", "accuracy", "精度", "定位精度", "误差"),
}
"""Columns of an inventory without coordinates, and of a gazetteer."""

ABOVE: Final = re.compile(
    r"^(?:中国|中华人民共和国)?(?:[^省市区县\d]{2,8}(?:省|自治区))?(?:[^省市区县\d]{2,8}市)?"
    r"(?:[^省市区县\d]{1,8}(?:区|县))?(?=[^省市区县\d]+\d)"
)
"""Province, city and county before a street."""

NUMBER_END: Final = re.compile(r"(?<=\d)号$")
"""What may follow the number of a house."""
