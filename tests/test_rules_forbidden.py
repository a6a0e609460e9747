import pytest

from civicsight.rules import builtin_packs, lint_pack, load_packs
from civicsight.rules.forbidden import (
    banned_amap,
    banned_class,
    banned_industry,
    banned_name,
    banned_tags,
    is_banned_industry,
    is_worship,
    refused_amap,
    says_banned,
)
from civicsight.rules.refused import selectable
from tests.test_rules_overriding import BODY_LINE, zone_pack


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


SELECTOR = "{kind: club, osm: {amenity: nightclub}, conf: 0.9}"

WAYS_AROUND = {
    "any religion": ('{kind: a, osm: {religion: "*"}, conf: 0.9}', "osm.religion"),
    "a religion left out": (
        '{kind: a, osm: {amenity: school}, exclude: {religion: "*"}, conf: 0.9}',
        "exclude.religion",
    ),
    "worship left out": (
        "{kind: a, osm: {amenity: school}, exclude: {amenity: place_of_worship}, conf: 0.9}",
        "exclude.amenity",
    ),
    "a subkey of worship": (
        '{kind: a, osm: {"place_of_worship:type": "*"}, conf: 0.9}',
        "osm.place_of_worship:type",
    ),
    "a former church": ('{kind: a, osm: {"was:building": church}, conf: 0.9}', "osm.was:building"),
    "worship spelt with hyphens": (
        "{kind: a, osm: {amenity: place-of-worship}, conf: 0.9}",
        "osm.amenity",
    ),
    "a mosque in capitals": ("{kind: a, osm: {building: Mosque}, conf: 0.9}", "osm.building"),
    "a word inside a value": (
        "{kind: a, osm: {building: old temple yard}, conf: 0.9}",
        "osm.building",
    ),
    "a pagoda": ("{kind: a, osm: {man_made: pagoda}, conf: 0.9}", "osm.man_made"),
    "a prayer room": ("{kind: a, osm: {amenity: prayer_room}, conf: 0.9}", "osm.amenity"),
    "who runs it": ('{kind: a, osm: {"operator:type": religious}, conf: 0.9}', "osm.operator:type"),
    "whose it is": ("{kind: a, osm: {operator: Catholic Charity}, conf: 0.9}", "osm.operator"),
    "what people may eat": ('{kind: a, osm: {"diet:halal": "yes"}, conf: 0.9}', "osm.diet:halal"),
    "whose kitchen": ("{kind: a, osm: {cuisine: uyghur}, conf: 0.9}", "osm.cuisine"),
    "a name in the language of few": (
        '{kind: a, osm: {amenity: school, "name:ug": "*"}, conf: 0.9}',
        "osm.name:ug",
    ),
    "one place by its name": ("{kind: a, osm: {name: Id Kah}, conf: 0.9}", "osm.name"),
    "one place by its number": ("{kind: a, osm: {wikidata: Q1}, conf: 0.9}", "osm.wikidata"),
    "language of a school": (
        '{kind: a, osm: {"language:bo": "yes"}, conf: 0.9}',
        "osm.language:bo",
    ),
    "a polling station": (
        '{kind: a, osm: {polling_station: "*"}, conf: 0.9}',
        "osm.polling_station",
    ),
    "lands of a people": (
        "{kind: a, osm: {boundary: aboriginal_lands}, conf: 0.9}",
        "osm.boundary",
    ),
    "a code of AMap": ('{kind: a, amap: ["110206"], conf: 0.9}', "amap[0]"),
    "a range that holds one": ('{kind: a, amap: ["110200-110209"], conf: 0.9}', "amap[0]"),
    "a range that only touches": ('{kind: a, amap: ["110207-110300"], conf: 0.9}', "amap[0]"),
    "every code of AMap": ('{kind: a, amap: ["000000-999999"], conf: 0.9}', "amap[0]"),
    "halal restaurants by code": ('{kind: a, amap: ["050100-050123"], conf: 0.9}', "amap[0]"),
    "congregations by code": ('{kind: a, amap: ["130400-130409"], conf: 0.9}', "amap[0]"),
    "a class of Baidu": ("{kind: a, baidu: [旅游景点;教堂], conf: 0.9}", "baidu[0]"),
    "a level that holds one": ("{kind: a, baidu: [旅游景点], conf: 0.9}", "baidu[0]"),
    "a level that holds parties": ("{kind: a, baidu: [政府机构], conf: 0.9}", "baidu[0]"),
    "halal restaurants by class": ("{kind: a, baidu: [美食;清真菜馆], conf: 0.9}", "baidu[0]"),
    "an older script": ("{kind: a, baidu: [旅游景点;寺廟], conf: 0.9}", "baidu[0]"),
    "a space nobody sees": ('{kind: a, baidu: ["旅游景点;寺\\u200b庙"], conf: 0.9}', "baidu[0]"),
    "an industry": ('{kind: a, industry: ["9542"], conf: 0.9}', "industry[0]"),
    "a branch that holds one": ('{kind: a, industry: ["95"], conf: 0.9}', "industry[0]"),
    "a branch with parties": ('{kind: a, industry: ["93"], conf: 0.9}', "industry[0]"),
    "a kind by its name": ("{kind: mosque, osm: {building: public}, conf: 0.9}", "kind"),
}
"""Selectors that a stranger may try, and the field that is named when they are refused."""


@pytest.mark.parametrize("case", WAYS_AROUND)
def test_no_way_around_by_a_selector(case):
    selector, field = WAYS_AROUND[case]
    text = zone_pack().decode()
    assert SELECTOR in text
    found = [
        (fault.where, fault.field)
        for fault in lint_pack(text.replace(SELECTOR, selector).encode())
        if fault.code == "pack.forbidden_selector"
    ]
    assert (f"line {BODY_LINE + 10}", f"zones[0].select[0].{field}") in found


@pytest.mark.parametrize(
    "word",
    ["清真寺", "教會", "佛 教 协会", "Ｍｏｓｑｕｅ", "The Mosques", "église", "kirkko", "мечеть",
     "مسجد", "モスク", "Political parties", "少数民族学校", "信访接待场所", "Uyghur school"],
)  # fmt: skip
def test_no_way_around_by_a_word_of_a_register_or_a_label(word):
    quoted = f'"{word}"'
    for pack, field in (
        (zone_pack(word=quoted), "zones[0].register[0].names[0]"),
        (zone_pack(label=quoted), "zones[0].label.zh"),
    ):
        faults = lint_pack(pack)
        assert [(f.code, f.field) for f in faults] == [("pack.forbidden_selector", field)]


def test_no_way_around_by_what_a_rule_compares_a_field_with():
    """Some lists of capture purposes hold people of a belief, of a descent, or who petition."""
    own = 'where: {item: ["20.1"]}'
    text = zone_pack().decode()
    rule = """
  - id: U20.2
    article: "20"
    subject: [camera]
    where: {purpose: %s}
    title: {zh: 甲, en: a}
    check: {one_of: {field: purpose, values: [%s]}}
    needs: [purpose]
    on_fail: warning
    evidence: [table]
    human: {zh: 甲, en: a}
conflicts: []
"""
    assert own in text
    for where, value, field in (
        ("religious_site", "traffic", "rules[1].where.purpose"),
        ("traffic", "petitioners", "rules[1].check.one_of.values[0]"),
        ("traffic", "少数民族", "rules[1].check.one_of.values[0]"),
    ):
        made = text.replace("rules: [U20.1]", "rules: [U20.1, U20.2]")
        made = made.replace("\nconflicts: []\n", rule % (where, value))
        assert [(f.code, f.field) for f in lint_pack(made.encode())] == [
            ("pack.forbidden_selector", field)
        ]


@pytest.mark.parametrize(
    "text",
    ["convention centre", "contemplation", "template", "technical school", "electronics",
     "island", "third party logistics", "医院", "档案馆", "大型商场"],
)  # fmt: skip
def test_words_that_only_look_alike_are_free(text):
    assert not says_banned(text)


def test_a_first_level_without_such_classes_is_free():
    assert not banned_class("房地产")
    assert not banned_class("旅游景点;公园")
    assert banned_class("政府机构")


def test_what_is_refused_as_a_selector_need_not_hide_a_place():
    assert refused_amap("050121")
    assert not banned_amap("050121")


def test_our_own_packs_select_by_nothing_of_the_kind():
    for name in builtin_packs():
        load_packs([name])


UNLISTED = {
    "a school by its lessons": ("{kind: a, osm: {school: weekend}, conf: 0.9}", "osm.school"),
    "who runs it, by name": ("{kind: a, osm: {operator: Some Union}, conf: 0.9}", "osm.operator"),
    "an unknown building": ("{kind: a, osm: {building: jamatkhana}, conf: 0.9}", "osm.building"),
    "who is served": (
        '{kind: a, osm: {"social_facility:for": migrant}, conf: 0.9}',
        "osm.social_facility:for",
    ),
    "an unknown value left out": (
        "{kind: a, osm: {amenity: school}, exclude: {school: x}, conf: 0.9}",
        "exclude.school",
    ),
    "any school": ('{kind: a, osm: {amenity: "*"}, conf: 0.9}', "osm.amenity"),
    "a code of AMap": ('{kind: a, amap: ["050300"], conf: 0.9}', "amap[0]"),
    "a class of Baidu": ("{kind: a, baidu: [生活服务;活动点], conf: 0.9}", "baidu[0]"),
    "an industry": ('{kind: a, industry: ["9511"], conf: 0.9}', "industry[0]"),
}


@pytest.mark.parametrize("case", UNLISTED)
def test_what_is_not_on_the_list_is_refused_by_key_and_value(case):
    selector, field = UNLISTED[case]
    text = zone_pack().decode()
    found = [(f.code, f.field) for f in lint_pack(text.replace(SELECTOR, selector).encode())]
    assert found == [("pack.unlisted_selector", f"zones[0].select[0].{field}")]


@pytest.mark.parametrize(
    "selector",
    [
        "osm: {building: masjid}", "osm: {operator: Masjid}", "osm: {school: quran}",
        'osm: {"social_facility:for": refugee}', "baidu: [旅游景点;庙]",
        "baidu: [生活服务;教友活动点]", "baidu: [房地产;维族聚居点]",
    ],
)  # fmt: skip
def test_what_loaded_once_is_refused(selector):
    text = zone_pack().decode().replace(SELECTOR, f"{{kind: a, {selector}, conf: 0.9}}")
    codes = {fault.code for fault in lint_pack(text.encode())}
    assert codes
    assert codes <= {"pack.forbidden_selector", "pack.unlisted_selector"}


@pytest.mark.parametrize("word", ["庙", "教友活动点", "维族聚居点", "Masjid", "Quran school"])
def test_what_loaded_once_as_a_word_of_a_register_is_refused(word):
    faults = lint_pack(zone_pack(word=f'"{word}"'))
    assert [fault.code for fault in faults] == ["pack.forbidden_selector"]


def test_the_list_says_nothing_of_what_is_banned():
    listed = selectable()
    for key, values in listed.osm.items():
        assert not list(banned_tags({key: sorted(values)}))
    assert not [
        code for low, high in listed.amap for code in [f"{low}-{high}"] if refused_amap(code)
    ]
    assert not [name for name in listed.baidu if banned_class(name)]
    assert not [code for code in listed.industry if banned_industry(code)]
