"""Words of GB/T 28181: tags that hold an id, and what access and telephones look like in text.

A module of its own, because Chinese stands in modules of words alone.
"""

from __future__ import annotations

import re
from typing import Final

DOT, COLON, DASH = "[.．。]", "[:：]", "[-‐–—－]"

SECRETS: Final = re.compile(
    rf"[a-z][a-z0-9+.-]*{COLON}//\S+"  # address of a stream, often with its password
    r"|(?:password|passwd|pwd|密码|口令)(?:[:：=\s]|为|是)*[!-~]+"
    rf"|(?:[^\s@]+@)?(?<![\d.])\d{{1,3}}(?:{DOT}\d{{1,3}}){{3}}(?!{DOT}?\d)(?:{COLON}\d+)?"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?<![0-9a-f])[0-9a-f]{{2}}(?:(?:{COLON}|{DASH})[0-9a-f]{{2}}){{5}}(?![0-9a-f])"
    r"|(?<![0-9a-f.])[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}(?![0-9a-f.])"
    r"|(?<![0-9a-f])(?:[0-9a-f]{1,4}:){4,}[0-9a-f:]+"
    r"|(?<![0-9a-f:])(?=[0-9a-f:]*::)[0-9a-f:]{3,}(?![0-9a-f:])"
    rf"|(?<!\d)(?:[+＋]?86(?:{DASH}|\s)?)?[1１][3-9３-９]\d(?:(?:{DASH}|\s)?\d{{4}}){{2}}(?!\d)"
    rf"|(?<!\d)(?:[+＋]?86(?:{DASH}|\s)?)?[(（]?[0０]\d{{2,3}}[)）]?(?:{DASH}|\s)?\d{{7,8}}(?!\d)"
    rf"|(?:电话|手机|tel|phone){COLON}?\s*\d(?:{DASH}?\d){{4,}}"
    # number of an identity card: place, day of birth, serial number
    r"|(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?!\d)",
    re.IGNORECASE,
)
"""Digits of any script count, full-width ones as well."""


ID_TAGS = ("gb_id", "国标编码", "国标编号", "国标ID", "国标id", "GB28181编码", "gb28181_id")
"""Tags that hold it, the first that is filled counts."""
