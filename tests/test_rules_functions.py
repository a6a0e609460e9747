"""A class that a file brings is made of public functions: a closed list, whatever words it has."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from civicsight.core.errors import InputError
from civicsight.rules import find_zones, lint_pack, load_packs
from civicsight.rules.closed import plain
from civicsight.rules.document import read_document
from civicsight.rules.functions import delivered, find_function_faults, functions
from civicsight.rules.hidden import hides_amap, is_hidden, is_worship
from tests import town
from tests.test_rules_overriding import zone_pack

WORDS = Path(__file__).parent / "words"


def unescaped(text):
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)


def lines_of(name):
    lines = (WORDS / name).read_text("utf-8").splitlines()
    return [tuple(map(unescaped, line.split("\t"))) for line in lines if not line.startswith("#")]


GROUPS = lines_of("groups.tsv")
"""Words for a faith, people, party, union, embassy, disability, orientation or home."""

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

OWN = "label: {zh: 超市, en: supermarkets}\n    select: [%s]"
"""A class of the form of before."""


def faults_of(selector):
    text = zone_pack().decode().replace("functions: [nightclub]", OWN % selector)
    return lint_pack(text.encode())


@pytest.mark.parametrize("case", [*WAYS_AROUND, *UNLISTED])
def test_no_mark_but_that_of_a_public_function(case):
    selector, field = (WAYS_AROUND | UNLISTED)[case]
    codes = {fault.field: fault.code for fault in faults_of(selector)}
    assert codes["zones[0].select"] == "pack.own_words"
    listed = codes.get(f"zones[0].select[0].{field}")
    assert listed == "pack.no_function" or case in REFUSED_WHOLE


REFUSED_WHOLE = {
    "a kind by its name", "a name in the language of few", "halal restaurants by code",
}  # fmt: skip
"""Ways whose marks are those of a function, or part of one: it is their company that is refused."""

CARRIERS = {
    "label": {"label": {"zh": "WORD", "en": "supermarkets"}},
    "word of a register": {"register": [{"names": ["WORD"]}]},
    "kind": {"select": [{"kind": "WORD", "osm": {"shop": "supermarket"}, "conf": 0.9}]},
    "tag": {"select": [{"kind": "supermarket", "osm": {"shop": "WORD"}, "conf": 0.9}]},
    "key": {"select": [{"kind": "supermarket", "osm": {"WORD": "*"}, "conf": 0.9}]},
    "what is left out": {"select": [{"kind": "supermarket", "osm": {"shop": "supermarket"},
                                     "exclude": {"WORD": "*"}, "conf": 0.9}]},
    "class of Baidu": {"select": [{"kind": "supermarket", "baidu": ["购物;WORD"], "conf": 0.9}]},
    "function": {"functions": ["WORD"]},
    "open word": {"functions": ["supermarket"], "qualifiers": [{"zh": "WORD", "en": "large"}]},
}  # fmt: skip
"""Every key by which a class could choose its places or be called."""

SUPERMARKETS = {
    "label": {"zh": "连锁超市", "en": "Chain supermarkets"},
    "select": [{"kind": "supermarket", "osm": {"shop": "supermarket"}, "conf": 0.9}],
    "register": [{"kind": "supermarket", "names": ["连锁超市"]}],
}
"""A class of the form of before whose every word is in the vocabulary."""


def with_word(value, word):
    if isinstance(value, dict):
        return {key.replace("WORD", word): with_word(inner, word) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_word(inner, word) for inner in value]
    return value.replace("WORD", word) if isinstance(value, str) else value


DOCUMENT = read_document(zone_pack(), "ours.yaml")


def faults_with(**zone):
    """Return the faults of a pack with another class in the place of its own."""
    data = dict(DOCUMENT.data)
    data["zones"] = [{"id": "20.1", "parts": [], **zone}]
    return find_function_faults(replace(DOCUMENT, data=data))


def _based(carrier):
    return {} if "functions" in carrier else SUPERMARKETS


def test_no_word_for_a_group_of_persons_or_for_homes_makes_a_class():
    """Nothing is looked up in a list of bad words: the words stand here and not in the product."""
    assert len(GROUPS) >= 250
    assert {group for group, _ in GROUPS} >= {
        "faith", "people", "party", "union", "embassy", "disability", "orientation", "dwelling",
    }  # fmt: skip
    assert list(faults_with(**SUPERMARKETS)) == []
    loaded = [
        (name, word)
        for _, word in GROUPS
        for name, carrier in CARRIERS.items()
        if next(faults_with(**_based(carrier) | with_word(carrier, word)), None) is None
    ]
    assert loaded == []


def test_no_such_word_is_in_the_vocabulary_or_chooses_by_another_door():
    words = {plain(word) for _, word in GROUPS}
    for name, function in functions("zones").items():
        assert not words & {plain(name), *map(plain, (*function.label.values(), *function.words))}
    text = zone_pack().decode()
    term = (
        "vocabularies: {v: {zh: 单位, en: bodies, terms: [{zh: 教育, en: education, names: [W]}]}}"
    )
    for _, word in GROUPS[::30]:
        said = word.encode("unicode_escape").decode()
        for old, new in (
            ("main_gate_words: [gate]", f'main_gate_words: ["{said}"]'),
            ("conflicts: []", f"conflicts: []\n{term}".replace("W", f'"{said}"')),
            ('where: {item: ["20.1"]}', f'where: {{item: ["20.1"], source: "{said}"}}'),
        ):
            assert old in text
            codes = {fault.code for fault in lint_pack(text.replace(old, new).encode())}
            assert codes == {"pack.not_in_vocabulary"}, (word, new)


def test_a_note_is_kept_and_chooses_nothing():
    noted = zone_pack(own="caveat: {zh: 维吾尔族住户, en: homes of Uyghurs}")
    classes = [load_packs(user=[pack]).zone_class("ours", "20.1") for pack in (zone_pack(), noted)]
    assert classes[1].caveat["en"] == "homes of Uyghurs"
    assert replace(classes[1], caveat=None) == classes[0]


def test_label_marks_and_words_follow_from_the_functions():
    zone = load_packs(user=[zone_pack(functions="supermarket, university")]).zone_class(
        "ours", "20.1"
    )
    assert dict(zone.label) == {"zh": "超市、高等学校", "en": "supermarkets, universities"}
    assert (
        {mark.kind for mark in zone.selectors}
        == set(zone.functions)
        == {"supermarket", "university"}
    )
    assert "连锁超市" in zone.register[0].names


def test_a_class_of_the_form_of_before_is_read_or_told_what_to_write():
    text = zone_pack().decode()
    own = (
        "label: {zh: 连锁超市, en: Chain supermarkets}\n    register: [{names: [连锁超市]}]\n    "
        "select: [{kind: supermarket, osm: {shop: supermarket}, conf: 0.9}]"
    )
    before = text.replace("functions: [nightclub]", own)
    zone = load_packs(user=[before.encode()]).zone_class("ours", "20.1")
    assert zone == load_packs(user=[zone_pack(functions="supermarket")]).zone_class("ours", "20.1")
    (fault,) = lint_pack(before.replace("en: Chain supermarkets", "en: Our places").encode())[:1]
    assert (fault.code, fault.field) == ("pack.own_words", "zones[0].label")
    assert str(fault.expected) == "the line functions: [supermarket]"
    (fault,) = lint_pack(zone_pack(functions="supermarkt"))
    assert "supermarket" in str(fault.expected)


def test_no_home_is_put_into_a_class_by_a_register():
    rules = load_packs(user=[zone_pack(functions="supermarket", own="designated_only: true")])
    row = {"item": "20.1", "source": "list"}

    def zones(tags, **more):
        return find_zones(town.places(a=(town.point(0, 0), tags, row | more)), town.roads(), rules)

    assert list(zones({}, kind="supermarket")["kind"]) == ["supermarket"]
    for tags, more in (
        ({}, {}), ({}, {"kind": "住户"}), ({"building": "apartments"}, {"kind": "supermarket"}),
        ({"landuse": "residential"}, {"kind": "supermarket"}), ({"building": "house"}, {}),
    ):  # fmt: skip
        with pytest.raises(InputError) as caught:
            zones(tags, **more)
        assert caught.value.faults[0].code == "register.no_function"


def test_places_are_taken_by_their_function_whatever_they_are_called():
    """Names that a list of words refused: each is found, and by no word of its name."""
    named = lines_of("useful_names.tsv")
    assert len(named) >= 60
    systems = ("amap", "baidu", "industry")
    chosen = ", ".join(sorted({function for _, function, _ in named}))
    rules = load_packs(user=[zone_pack(functions=chosen)])
    rows = {}
    for at, (name, _, marks) in enumerate(named):
        pairs = dict(mark.split("=") for mark in marks.split())
        tags = {key: value for key, value in pairs.items() if key not in systems}
        codes = {key: value for key, value in pairs.items() if key in systems}
        rows[f"p{at}"] = (town.point(300 * at, 0), {**tags, "name": name}, {"name": name, **codes})
    found = find_zones(town.places(**rows), town.roads(), rules)
    of_ours = {
        place: {entry.kind for entry in classes if entry.pack == "ours"}
        for place, classes in zip(found["place_id"], found["classes"], strict=True)
    }
    refused = [n for at, (n, kind, _) in enumerate(named) if kind not in of_ours.get(f"p{at}", ())]
    assert refused == []


@pytest.mark.parametrize(
    ("tags", "hidden"),
    [
        ({"amenity": "place_of_worship"}, True), ({"building": "yes;temple"}, True),
        ({"building": "church", "tourism": "museum"}, False),
        ({"building": "church", "amenity": "library"}, False),
        ({"amenity": "place_of_worship", "tourism": "museum"}, True),
        ({"building": "mosque", "tourism": "attraction"}, True),
        ({"amenity": "school", "religion": "any", "name": "Church School"}, False),
    ],
)  # fmt: skip
def test_a_place_of_worship_is_known_by_what_it_is_used_for(tags, hidden):
    assert is_worship(tags) is hidden
    assert is_hidden(tags, [], [], []) is hidden


def test_the_vocabulary_has_no_home_and_no_place_of_worship_and_every_entry_finds_places():
    homes = {atom for one in functions("privacy").values() for atom in one.atoms} - {
        "building=hospital"
    }
    laws = {plain(text) for law in delivered() for zone in law.data.get("zones", ())
            for text in zone["label"].values()}  # fmt: skip
    for name, function in functions("zones").items():
        assert not homes & function.atoms
        assert function.select or name == "public_vehicle"
        assert not laws & set(map(plain, function.label.values()))
        for mark in function.select:
            tags = {
                key: value if isinstance(value, str) else value[0]
                for key, value in mark.get("osm", {}).items()
            }
            assert not is_hidden(tags, [], mark.get("industry", ()), mark.get("baidu", ()))
            codes = (code.partition("-") for code in mark.get("amap", ()))
            assert not any(hides_amap(f"{n:06d}") for low, _, high in codes
                           for n in range(int(low), int(high or low) + 1))  # fmt: skip
