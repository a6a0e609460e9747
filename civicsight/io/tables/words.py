"""Words inside of cells and around tables: numerals, units, directions, datums, totals, notes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from civicsight.io.datums import Datum

NUMERALS: Final = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8,
    "玖": 9,
}  # fmt: skip
"""Digits."""

TENS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
"""What multiplies the digit before it."""

POINT: Final = "点"
HALF: Final = "半"

UNITS: Final = {
    "弧度": "rad", "英寸": "in", "分米": "dm", "公里": "km", "千米": "km", "厘米": "cm",
    "公分": "cm", "毫米": "mm", "英尺": "ft", "米": "m", "公尺": "m", "度": "°", "像素": "px",
    "毫": "mm",
}  # fmt: skip
"""Units by their Chinese names, the longer before those that they hold."""

COUNTED: Final = ("台", "个", "路", "只", "部", "支", "套", "处")
"""Classifiers behind a number of cameras."""

APPROXIMATE: Final = re.compile(
    r"^(?:大约|大概|约为|约|估计|近|approximately|approx\.?|about|around|circa|ca\.?|~|≈)\s*"
    r"|\s*(?:左右|上下|许|approx\.?)$",
    re.IGNORECASE,
)
"""Remarks that a value is not exact."""

RANGE: Final = re.compile(r"[0-9.,]+\s*(?:mm|m|°)?\s*(?:-|~|;|to|至|到)\s*[0-9.,]+.*")
"""Two numbers where one is wanted."""

CARDINALS: Final = {"北": 0.0, "东": 90.0, "南": 180.0, "西": 270.0}

WIND_WORDS: Final = {
    "东北": 45.0, "东南": 135.0, "西南": 225.0, "西北": 315.0,
    "北东": 45.0, "南东": 135.0, "南西": 225.0, "北西": 315.0,
    "北北东": 22.5, "北东北": 22.5, "东北东": 67.5, "东东北": 67.5,
    "东南东": 112.5, "东东南": 112.5, "南南东": 157.5, "南东南": 157.5,
    "南南西": 202.5, "南西南": 202.5, "西南西": 247.5, "西西南": 247.5,
    "西北西": 292.5, "西西北": 292.5, "北北西": 337.5, "北西北": 337.5,
    **CARDINALS,
}  # fmt: skip
"""Directions by name [deg clockwise from north]."""

LEANING: Final = re.compile(r"([北南东西])偏([北南东西])([0-9.]+)°?")
"""Such as thirty degrees east of north."""

QUADRANT: Final = re.compile(r"([北南])([东西])([0-9.]+)°?")
"""Surveyors' bearings, from north or south towards east or west."""

TOWARDS: Final = re.compile(r"[由自从]?[北南东西]{1,3}[向往至朝到→]([北南东西]{1,3})")
"""Looking from one side to the other."""

BEFORE: Final = re.compile(r"^(?:镜头|摄像机|监控)?(?:面朝|面向|面对|朝向|朝|向|对|往|正|面)+")
TOWARDS_THING: Final = re.compile(
    r"(?:镜头|摄像机|监控)?(?:面朝|面向|面对|朝向|朝|向|对着|对准|对|往|正对)[^\x00-\x7f东南西北]+"
)
"""Looking at something that has a name, which is no direction before one knows where it is."""

AFTER: Final = re.compile(r"(?:双向|方向|方位|方|向|侧|面)+$")
"""What may stand around the name of a direction without changing it."""

LIST: Final = re.compile(r"[;；、,，/|&+和及与]+")
"""What separates several directions."""

ALL_ROUND: Final = frozenset(
    {"全向", "全方位", "全景", "环视", "全角度", "四周", "四面", "360", "360°", "全向360°",
     "360°全景", "360°全向", "all", "allround", "alldirections", "omni", "omnidirectional",
     "panoramic", "360deg", "360degrees", "0360", "0360°"},
)  # fmt: skip
"""Words for a view to all sides."""

BOTH_WAYS: Final = {"东西": (90.0, 270.0), "南北": (0.0, 180.0)}
"""Two opposite directions in one word."""

RELATIVE: Final = frozenset(
    {"forward", "backward", "forwards", "backwards", "both", "left", "right", "正向", "反向",
     "顺向", "逆向", "双", "双向", "单向", "上行", "下行", "来向", "去向", "来", "去", "进", "出",
     "左", "右", "前", "后"},
)  # fmt: skip
"""Directions along a road, which are none by themselves."""

RESOLUTIONS: Final = {
    "720p": (1280, 720), "1080p": (1920, 1080), "1080": (1920, 1080), "720": (1280, 720),
    "4k": (3840, 2160), "2k": (2560, 1440), "qcif": (176, 144), "cif": (352, 288),
    "4cif": (704, 576), "d1": (720, 576),
}  # fmt: skip
"""Pixels across and down of the picture sizes that have a name."""

MILLIONS: Final = re.compile(
    r"(\d+(?:\.\d+)?)(?:(?P<million>mp|megapixels?|百万|兆|m)|万|萬|w)(?:像素|畫素|px|pixels?)?"
)
"""Millions or ten thousands of pixels, in lower case without blanks."""

PICTURES: Final = {
    1.0: (1280, 720), 1.3: (1280, 960), 2.0: (1920, 1080), 3.0: (2048, 1536), 4.0: (2560, 1440),
    5.0: (2560, 1920), 6.0: (3072, 2048), 8.0: (3840, 2160), 12.0: (4000, 3000),
}  # fmt: skip
"""Usual pixels across and down by millions of them; of two that are sold the narrower ones."""

DAYS: Final = ("天", "日", "d", "day", "days")
"""What may stand behind a number of days."""

PIECE: Final = re.compile(r"(\d{1,2})\s*(?:x|×|\*|台|个|個|只|支)?\s*([^\d\s+＋,，、;；/]+)")
"""A number and the build that it counts."""

BETWEEN: Final = re.compile(r"[\s+＋,，、;；/和与及&]*")
"""What may stand between and around the pieces of a cell."""


Axis = Literal["lon", "lat"]

HEMISPHERES: Mapping[str, tuple[Axis, int]] = {
    "东经": ("lon", 1),
    "西经": ("lon", -1),
    "北纬": ("lat", 1),
    "南纬": ("lat", -1),
    "经度": ("lon", 1),
    "纬度": ("lat", 1),
    "EAST": ("lon", 1),
    "WEST": ("lon", -1),
    "NORTH": ("lat", 1),
    "SOUTH": ("lat", -1),
    "E": ("lon", 1),
    "W": ("lon", -1),
    "N": ("lat", 1),
    "S": ("lat", -1),
    "东": ("lon", 1),
    "西": ("lon", -1),
    "北": ("lat", 1),
    "南": ("lat", -1),
}
"""Axis and sign of a hemisphere; longer words first, so that none hides behind a shorter one."""

DEGREE_MARKS: Mapping[str, str] = {
    "度": "°", "º": "°", "˚": "°", "∘": "°", "⁰": "°", "分": "'", "′": "'", "’": "'", "‘": "'",
    "´": "'", "`": "'", "秒": '"', "″": '"', "”": '"', "“": '"', "''": '"',
}  # fmt: skip
"""Signs for degrees, minutes and seconds, and the one that stands for all of them."""

_DATUM_WORDS: Mapping[Datum, tuple[str, ...]] = {
    "wgs84": ("wgs84", "wgs1984", "wgs84坐标系", "gps", "gps坐标", "epsg4326", "osm", "天地图"),
    "cgcs2000": ("cgcs2000", "epsg4490", "国家2000", "国家2000坐标系", "2000国家大地坐标系",
                 "国家大地2000", "2000坐标系", "大地2000", "cgcs2000坐标系", "国家2000大地坐标系"),
    "gcj02": ("gcj02", "gcj", "gcj02坐标系", "火星", "火星坐标", "火星坐标系", "国测局",
              "国测局坐标", "国测局坐标系", "高德", "高德坐标", "高德地图", "amap", "腾讯",
              "腾讯坐标", "腾讯地图", "tencent"),
    "bd09": ("bd09", "bd09ll", "bd09坐标系", "百度", "百度坐标", "百度坐标系", "百度地图", "baidu"),
}  # fmt: skip
"""What people call the systems, in the form in which `synonyms.normal` compares words."""

DATUM_OF: Mapping[str, Datum] = {
    word: datum for datum, words in _DATUM_WORDS.items() for word in words
}
"""System by word."""

BETWEEN_COORDINATES = (";", ",", "、", "/", r"\|", r"\s+")
"""Patterns of what stands between two coordinates in one cell, the surest first."""

_LOOSE = frozenset({"gps", "gps坐标", "osm", "天地图"})
"""Words that people also use of coordinates in another system, once they stand in a header."""


AXIS = re.compile(r"(?<![a-z])(?:lon|lng|long|lat|x|y)(?![a-z])|longitude|latitude|[经經纬緯]")
"""What the name of a column of coordinates holds, in lower case."""


NOTE_COLUMN = re.compile(
    r"备注|備註|附注|说明|說明|注释|註釋|坐标来源|座標來源|坐标系|座標系|"
    r"(?<![a-z])(?:remarks?|notes?|comments?|datum)(?![a-z])"
)
"""What the name of a column holds whose cells are notes, which may name the datum."""


SPEAKS = re.compile(r"坐标|座標|坐標|拾取|coord|datum")
"""Words of a note about coordinates, in lower case."""


def _as_pattern(word: str) -> str:
    """Return a pattern of a word: a whole one in Latin letters, digits behind any separator."""
    if not word.isascii():
        return re.escape(word)
    spaced = re.sub(r"(?<=[a-z])(?=[0-9])", r"[\\W_]*", word)
    return f"(?<![a-z]){spaced}(?![a-z0-9])"


_NAMED: Mapping[Datum, re.Pattern[str]] = {
    datum: re.compile("|".join(_as_pattern(word) for word in words if word not in _LOOSE))
    for datum, words in _DATUM_WORDS.items()
}


_VENDORS: re.Pattern[str] = re.compile(
    r"高德(?!坐标)|腾讯(?!坐标)|百度(?!坐标)|(?<![a-z])(?:amap|tencent|baidu)(?![a-z0-9])"
)
"""Names of vendors alone: in the name of a column they tell whose classes or links it holds."""


def named_datums(text: str, *, column: bool = False) -> set[Datum]:
    """Return the systems that a title, a note or a name speaks of, by themselves or their vendors.

    Parameters
    ----------
    text
        What is said.
    column
        Whether it is the name of a column, where a vendor alone is no datum.

    Examples
    --------
    >>> named_datums("cameras_GCJ-02.csv"), named_datums("a map of the camera map")
    ({'gcj02'}, set())
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _VENDORS.sub("", plain) if column else plain
    return {datum for datum, pattern in _NAMED.items() if pattern.search(plain)}


def header_datums(headers: Iterable[str]) -> set[Datum]:
    """Return the systems that headers name, beside or instead of a word for the axis.

    Examples
    --------
    >>> header_datums(["lon (GCJ-02)", "lat (GCJ-02)"]), header_datums(["lon", "lat"])
    ({'gcj02'}, set())
    """
    plain = [
        re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", unicodedata.normalize("NFKC", header).lower())
        for header in headers
    ]
    return {
        datum
        for word, datum in DATUM_OF.items()
        if word not in _LOOSE and any(word in header for header in plain)
    }


ABOVE: Final = re.compile(
    r"^(?:中国|中华人民共和国)?(?:[^省市区县\d]{2,8}(?:省|自治区))?(?:[^省市区县\d]{2,8}市)?"
    r"(?:[^省市区县\d]{1,8}(?:区|县))?(?=[^省市区县\d]+\d)"
)
"""Province, city and county before a street."""


NUMBER_END: Final = re.compile(r"(?<=\d)号$")
"""What may follow the number of a house."""


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


FEET = 0.3048
INCH = 0.0254

LENGTH_UNITS: Mapping[str, float] = {
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
