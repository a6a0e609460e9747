"""Words of rows that stand on the page of a table and are none of its rows, Chinese and English."""

from __future__ import annotations

import re
from typing import Final

UNIT_CELL: Final = re.compile(
    r"[(\[【]?(?:单位[:：]?)?"
    r"(?:m|km|cm|mm|米|千米|公里|厘米|毫米|°|度|°c|deg|degrees?|px|像素|台|个|路|只|s|秒|%|"
    r"units?|单位|/|-|—)[)\]】]?",
    re.IGNORECASE,
)
"""A cell of a row of units below the header, in half width."""

TOTAL: Final = re.compile(
    r"(?:合计|总计|小计|共计|累计|总数|合共|grand\s?total|sub\s?total|totals?|sum)"
    r"(?:[:：(].{0,20}|\d.{0,10})?|共\s?\d+\s?[台个路条处只部]",
    re.IGNORECASE,
)
"""The first cell of a row that adds others up, without blanks."""

NOTE: Final = re.compile(
    r"(?:备?注|附注|说明|填表|填报|制表|审核|审批|复核|统计|单位负责人|负责人|联系人|联系电话|"
    r"经办人|盖章|日期|数据来源|来源|note|notes|remark|remarks|source)"
    r"(?:[:：.\d(]|人|说明|单位|日期|时间|$)",
    re.IGNORECASE,
)
"""How the first line below a table begins."""

SECTION: Final = re.compile(r"\(?[一二三四五六七八九十]{1,3}(?:\)、?|[、.:]).+")
"""The one filled cell of a row that heads those below it, in half width."""

DASHES: Final = re.compile(r"[-—–―─－_=/\\~.·…*]+")
"""A cell that says that nothing follows, or rules a line."""

INVISIBLE: Final = "\u200b\u200c\u200e\u200f\u202a\u202c\u202d\u2060\ufe0e\ufe0f\ufeff"
"""Marks without a width, which stand around text that was copied from a page or a chat."""

BRACKETS: Final = "()[]（）【】 "
"""What stands around a unit."""

AS_TEXT: Final = re.compile(r'="([^"]*)"')
"""A formula of nothing but a text, by which systems export long numbers for a spreadsheet."""

APOSTROPHE: Final = re.compile(r"['‘’＇](?=[\d=+@-])")
"""What a spreadsheet program begins a text with that would be a number otherwise."""
