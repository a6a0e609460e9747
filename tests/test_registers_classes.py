"""What places are: every class of AMap, Baidu and GB/T 4754 that the packs use, and no other."""

from __future__ import annotations

import re

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from civicsight.io.registers.classes import (
    amap_code,
    classes_of,
    district_level,
    read_amap,
    read_baidu,
    read_district_code,
    read_floor,
    read_floors,
    read_industry,
    read_item,
)
from civicsight.io.registers.words import AMAP_CLASSES
from civicsight.rules import find_zones, load_packs
from civicsight.rules.hidden import hides_amap
from tests import town

RULES = load_packs()
NO_ROADS = town.roads()

LAW = {
    "8.1": ("130100-130106 130500-130504 141101-141103", "92 8622 871 872"),
    "8.2a": (
        "150100-150107 150200-150210 150300-150304 150400 150500 150600",
        "5331 5412 5441 5531 5532 5631",
    ),
    "8.2b": ("180200-180203 190304-190306 190308 190309", ""),
    "8.2c": ("190306 190307 190310", ""),
    "8.3": ("", "441 442 443 451 461 761"),
    "8.4": ("160100-160199 160300-160399 160400-160501 070400-070499 070600-070699",
            "601 631 662 671 681"),
    "8.5": (
        (
            "141200-141206 141300 090100-090211 090300 090400 090500 140300-140800 080101 "
            "080600-080603 080308"
        ),
        "83 73 84 882 8831 8921 9013",
    ),
    "8.6": ("140100 140900", "885 8832 884"),
    "8.7": (
        "060100-060102 060700-060706 070501 110100-110105 110200-110204 150900-150906",
        "7222 7223 592 595 785 786",
    ),
    "8.8": ("010100-010199 090500", "594 5941 5265 5266 8431"),
    "8.10": ("120300-120302", "702"),
    "8.11": ("080301-080303 180300-180302 151000", "9011"),
}  # fmt: skip
"""The table of the law as data: codes of AMap and GB/T 4754 by item of Article 8."""


def codes_of(text):
    for part in text.split():
        low, _, high = part.partition("-")
        yield from (f"{n:06d}" for n in range(int(low), int(high or low) + 1))


def items_of(column, text):
    places = town.places(a=(town.point(0, 0), {}, {column: text}))
    return set(find_zones(places, NO_ROADS, RULES)["item"])


@pytest.mark.parametrize("item", LAW)
def test_every_code_of_the_law_table_selects_its_class(item):
    amap, industry = LAW[item]
    rows = {f"c{code}": (town.point(0, 0), {}, {"amap": code}) for code in codes_of(amap)}
    rows |= {f"g{code}": (town.point(0, 0), {}, {"industry": code}) for code in industry.split()}
    found = find_zones(town.places(**rows), NO_ROADS, RULES)
    named = found[found["item"] == item]
    assert set(named["place_id"]) == set(rows)
    assert named["standing"].eq("candidate").all()
    assert named["confidence"].between(0.5, 0.95).all()


def ranges_of_the_packs():
    marks = [mark for pack in RULES.packs for zone in pack.zones for mark in zone.selectors]
    marks += [mark for pack in RULES.packs for place in pack.privacy for mark in place.selectors]
    return [span for mark in marks for span in mark.amap]


def named_codes():
    for name, (code, thirds) in AMAP_CLASSES.items():
        if thirds == "*":
            yield f"{name};whatever it is called", f"{code}00"
        yield from (
            (f"{name};{third}", f"{code}{number:02d}")
            for number, third in enumerate(thirds.split())
            if third not in "*-"
        )


def test_every_name_of_a_class_is_read_back_as_its_code():
    for name, code in named_codes():
        assert amap_code(name) == code


def test_every_range_of_the_packs_has_names():
    """A pack that selects a class by its code selects it by its name as well."""
    codes = {code for _, code in named_codes()}
    assert not [(low, high) for low, high in ranges_of_the_packs()
                if not any(low <= code <= high for code in codes)]  # fmt: skip


def test_only_classes_that_rules_use_have_names():
    gates = {"150501", "150907", "150908", "150909", "991000", "991001", "991400", "991401"}
    spare = [
        code
        for _, code in named_codes()
        if code not in gates
        and not hides_amap(code)
        and not any(low <= code <= high for low, high in ranges_of_the_packs())
    ]
    assert not spare


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("科教文化服务;学校;中学", "141202"),
        ("科教文化服务；学校；中学", "141202"),
        ("科教文化服务;学校;中学|风景名胜;公园广场;公园", "141202|110101"),
        ("科教文化服务;学校", "141200"),
        ("科教文化服务;学校;学校内部设施", None),
        ("科教文化服务", None),
        ("中学", None),
        ("金融保险服务;银行;某某村镇银行", "160100"),
        ("餐饮服务;快餐厅;肯德基", None),
        ("餐饮服务;快餐厅;肯德基|购物服务;商场;购物中心", "060101"),
        ("141202", "141202"),
        ("141202|110101", "141202|110101"),
        ("141202;110101", "141202|110101"),
        ("１４１２０２", "141202"),
        ("050300", "050300"),
        ("通行设施;临街院门;临街院正门", "991401"),
        ("风景名胜;风景名胜;寺庙道观", "110205"),
    ],
)
def test_names_and_codes_of_amap(text, codes):
    assert read_amap(text).value == codes


@pytest.mark.parametrize("text", ["14120", "1412021", "141202|5"])
def test_numbers_that_are_no_codes_of_amap_are_refused(text):
    assert read_amap(text).expected is not None


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("教育培训;中学", "教育培训;中学"),
        ("教育培训 ； 中学", "教育培训;中学"),
        ("教育培训;中学|房地产;住宅区", "教育培训;中学|房地产;住宅区"),
        ("教育培训>中学", "教育培训;中学"),
        ("房地产", "房地产"),
    ],
)
def test_classes_of_baidu(text, classes):
    assert read_baidu(text).value == classes


def test_names_of_worship_and_politics_become_codes_that_hide():
    names = [
        "风景名胜;风景名胜;寺庙道观",
        "风景名胜;风景名胜;教堂",
        "风景名胜;风景名胜;回教寺",
        "政府机构及社会团体;民主党派;民主党派",
        "政府机构及社会团体;社会团体;教会",
    ]
    codes = [amap_code(name) for name in names]
    assert all(code and hides_amap(code) for code in codes)
    for code in codes:
        assert not items_of("amap", f"{code}|141202")


@given(st.text(max_size=60))
def test_any_text_is_no_class_or_one_that_is_known(text):
    """An unknown word never selects, and nothing that a cell says stops the reading."""
    for column, read in (("amap", read_amap), ("baidu", read_baidu), ("industry", read_industry)):
        cell = read(text)
        if cell.value is None:
            continue
        value = str(cell.value)
        known = {
            "amap": lambda part: re.fullmatch(r"\d{6}", part),
            "baidu": lambda part: part,
            "industry": lambda part: re.fullmatch(r"[A-T]?\d{2,4}", part),
        }[column]
        assert all(known(part) for part in value.split("|"))
        if column == "baidu":
            listed = {name for pack in RULES.packs for zone in pack.zones
                      for mark in zone.selectors for name in mark.baidu}  # fmt: skip
            if not listed & {*value.split("|"), *(v.split(";")[0] for v in value.split("|"))}:
                assert not items_of(column, value)


@given(st.integers(0, 999_999).map(lambda number: f"{number:06d}"))
def test_a_code_of_amap_selects_only_if_the_table_of_the_law_has_it(code):
    listed = {item for item, (amap, _) in LAW.items() if code in set(codes_of(amap))}
    if not listed:
        # the national pack's own classes come in through the last item
        assert items_of("amap", code) <= {"8.11"}
    else:
        assert items_of("amap", code) >= listed


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("P8334", "P8334"),
        ("8334", "8334"),
        ("p83", "P83"),
        ("Ｐ８３３４", "P8334"),
        ("8334、8336", "8334|8336"),
        ("Q8334", None),
        ("83345", None),
        ("8", None),
        ("9900", None),
        ("U9700", None),
        ("学校", None),
    ],
)
def test_industries(text, codes):
    cell = read_industry(text)
    assert cell.value == codes
    assert (cell.expected is None) is (codes is not None)


@pytest.mark.parametrize(
    ("text", "item", "kind"),
    [
        ("8.5", "8.5", None),
        ("8.2A", "8.2a", None),
        ("8-10", "8.10", None),
        ("第八条第（五）项", "8.5", None),
        ("（十）", "8.10", None),
        ("5", "8.5", None),
        ("学校", "8.5", "education"),
        ("国家机关", "8.1", "organ"),
        ("住宅小区", "8.10", "quarter"),
        ("大型广场", "8.7", "square"),
        ("国防科技工业单位", "8.9", None),
        ("Residential Quarter", "8.10", "quarter"),
        ("Museums, archives and key protected heritage sites", "8.6", None),
        ("20.1", "20.1", None),
    ],
)
def test_items(text, item, kind):
    cell, said = read_item(text)
    assert (cell.value, cell.expected, said) == (item, None, kind)


@pytest.mark.parametrize(
    "text", ["第二项", "8.2", "8.2d", "8.99", "寺庙", "党政机关", "餐馆", "5.", ""]
)
def test_what_names_no_item_is_refused(text):
    cell, kind = read_item(text)
    assert cell.value is None
    assert kind is None
    assert cell.expected is not None


def test_names_that_come_near_are_offered():
    expected = read_item("党政机关")[0].expected
    assert "政府机关" in str(expected)
    assert "such as 8.1" in str(expected)


def test_the_second_item_is_refused_with_its_parts():
    assert "8.2a, 8.2b, 8.2c" in str(read_item("第二项")[0].expected)


def test_all_eleven_items_have_names_for_registers():
    named = {zone.id for zone in RULES.zone_classes if zone.register}
    assert named == set(classes_of(RULES).items)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("360102", "360102"),
        ("360102000000", "360102"),
        ("360102001", "360102001"),
        ("360102001000", "360102001"),
        ("360000", "360000"),
        ("３６０１０２", "360102"),
        ("36010", None),
        ("160102", None),
        ("360003", None),
        ("东湖区", None),
    ],
)
def test_codes_of_districts(text, code):
    assert read_district_code(text).value == code


def test_the_level_of_a_district_follows_from_its_code():
    codes = ("360000", "360100", "360102", "360102001")
    assert [district_level(code) for code in codes] == ["province", "city", "county", "street"]


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("3", "3"), ("3F", "3"), ("F3", "3"), ("三层", "3"), ("第十二层", "12"), ("二十楼", "20"),
        ("二十三层", "23"), ("首层", "1"), ("B2", "-2"), ("地下一层", "-1"), ("负二层", "-2"),
        ("-1", "-1"), ("夹层", None), ("B-1", None), ("1234", None),
    ],
)  # fmt: skip
def test_storeys(text, floor):
    assert read_floor(text).value == floor


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("1-6F", "1", "6"), ("6", "6", "6"), ("地下一层至三层", "-1", "3"), ("B2-B1", "-2", "-1"),
     ("-2--1", "-2", "-1"), ("五~二层", "2", "5")],
)  # fmt: skip
def test_ranges_of_storeys(text, low, high):
    assert [cell.value for cell in read_floors(text)] == [low, high]


def test_a_place_without_any_class_is_no_zone():
    places = gpd.GeoDataFrame(town.places(a=(Point(town.X, town.Y), {})))
    assert find_zones(places, NO_ROADS, RULES).empty
