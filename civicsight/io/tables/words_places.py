"""Words that people write beside coordinates: hemispheres, and names of geodetic systems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from civicsight.io.datums import Datum

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
    "度": "°",
    "º": "°",
    "˚": "°",
    "∘": "°",
    "⁰": "°",
    "分": "'",
    "′": "'",
    "’": "'",
    "‘": "'",
    "´": "'",
    "`": "'",
    "秒": '"',
    "″": '"',
    "”": '"',
    "“": '"',
    "''": '"',
}
"""Signs for degrees, minutes and seconds, and the one that stands for all of them."""

_DATUM_WORDS: Mapping[Datum, tuple[str, ...]] = {
    "wgs84": ("wgs84", "wgs1984", "wgs84坐标系", "gps", "gps坐标", "epsg4326", "osm", "天地图"),
    "cgcs2000": (
        "cgcs2000",
        "epsg4490",
        "国家2000",
        "国家2000坐标系",
        "2000国家大地坐标系",
        "国家大地2000",
        "2000坐标系",
        "大地2000",
        "cgcs2000坐标系",
        "国家2000大地坐标系",
    ),
    "gcj02": (
        "gcj02",
        "gcj",
        "gcj02坐标系",
        "火星",
        "火星坐标",
        "火星坐标系",
        "国测局",
        "国测局坐标",
        "国测局坐标系",
        "高德",
        "高德坐标",
        "高德地图",
        "amap",
        "腾讯",
        "腾讯坐标",
        "腾讯地图",
        "tencent",
    ),
    "bd09": ("bd09", "bd09ll", "bd09坐标系", "百度", "百度坐标", "百度坐标系", "百度地图", "baidu"),
}
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
