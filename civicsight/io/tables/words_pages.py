"""Words by which rows that are no data and columns that no table may bring in are known."""

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


WHOLE: Final = frozenset(
    {"ip", "ipaddr", "ipaddress", "ipv4", "ipv6", "devip", "deviceip", "cameraip", "port",
     "ipport", "rtspport", "httpport", "sdkport", "user", "username", "login", "loginname",
     "mac", "macaddr", "macaddress", "gateway", "netmask", "subnetmask", "streamurl", "mainstream",
     "certnum", "certifiable", "contact", "contactinfo", "contactperson", "contactphone", "phone",
     "phoneno", "phonenumber", "tel", "telephone", "mobile", "mobilephone", "mac地址", "网关",
     "登录名", "取流地址", "视频流地址", "码流地址"}
)  # fmt: skip
"""Headers as `synonyms.normal` writes them."""

PARTS: Final = re.compile(
    r"password|passwd|pwd|rtsp|ip地址|密码|口令|端口|用户名|账号|帐号|子网掩码|联系人|联系方式|"
    r"联系电话|电话|手机|^(?:设备|摄像机|相机|网络)?ip$"
)
"""What makes a header one of these wherever it stands in it."""


def is_access(header: str) -> bool:
    """Tell whether a header, as `synonyms.normal` writes it, is over such a column.

    Examples
    --------
    >>> is_access("ipaddress"), is_access("camera_id")
    (True, False)
    """
    return header in WHOLE or PARTS.search(header) is not None
