import pytest

from civicsight.rules.forbidden import (
    banned_amap,
    banned_industry,
    banned_name,
    banned_tags,
    is_banned_industry,
    is_worship,
)


@pytest.mark.parametrize(
    ("osm", "banned"),
    [
        ({"amenity": "bank"}, []),
        ({"amenity": ["bank", "place_of_worship"]}, ["amenity=place_of_worship"]),
        ({"religion:main": "*"}, ["religion:main=*"]),
        ({"building": "Church"}, ["building=Church"]),
        ({"office": "bank;political_party"}, ["office=bank;political_party"]),
    ],
)
def test_banned_tags(osm, banned):
    assert list(banned_tags(osm)) == banned


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("110205", True),
        ("110200-110204", False),
        ("110200-110205", True),
        ("110207-110209", True),
        ("110208", False),
        ("100000-999999", True),
        ("130300", True),
        ("130100-130106", False),
        ("130409", True),
        ("130401-130408", False),
    ],
)
def test_banned_codes_of_amap(code, banned):
    assert banned_amap(code) is banned


@pytest.mark.parametrize(
    ("code", "banned"), [("95", True), ("954", True), ("9542", True), ("932", True), ("92", False)]
)
def test_banned_industry_codes(code, banned):
    assert banned_industry(code) is banned


def test_a_place_of_worship_is_known_by_what_it_is_not_by_who_runs_it():
    assert is_worship({"amenity": "place_of_worship"})
    assert is_worship({"building": "yes;temple"})
    assert not is_worship({"amenity": "school", "religion": "any", "name": "Church School"})


@pytest.mark.parametrize(
    ("name", "banned"),
    [
        ("旅游景点;教堂", True),
        ("旅游景点;寺庙", True),
        ("政府机构;民主党派", True),
        ("政府机构;政治教育机构", True),
        ("政府机构;公检法机构", False),
        ("美食;清真菜馆", False),
        ("教育培训;中学", False),
    ],
)
def test_banned_names_of_classes(name, banned):
    assert banned_name(name) is banned


def test_a_unit_is_hidden_by_its_own_code_but_not_by_a_code_that_takes_it_in():
    assert [is_banned_industry(code) for code in ("9542", "932", "95", "9521")] == [
        True, True, False, False,
    ]  # fmt: skip
