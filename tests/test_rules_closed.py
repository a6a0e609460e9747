"""Closed lists of bodies, standards and interfaces: what is on them, and what is on none."""

import pytest

from civicsight.core.errors import PackError
from civicsight.rules import lint_pack, load_packs
from civicsight.rules.closed import entries_of, find_term, lists_of, nearest_term
from civicsight.rules.fields import SUBJECTS
from civicsight.rules.pack import Term, Vocabulary
from civicsight.rules.wording import describe_check
from tests.bad_packs import PACK
from tests.test_rules_overriding import pack

RULES = load_packs()


def lists(rule, field, pack="nanchang"):
    """Return the lists by which a rule judges a field."""
    checks = RULES.rule(pack, rule).check.predicates()
    (found,) = [
        c for c in checks if field in c.values.get("fields", ()) and "vocabulary" in c.values
    ]
    return found.values["vocabulary"]


@pytest.mark.parametrize(
    ("rule", "field", "entry", "term"),
    [
        ("R7.1", "lead", "南昌市公安局", "市公安局"),
        ("R7.1", "lead", "Nanchang Municipal Public Security Bureau", "市公安局"),
        ("R7.1", "lead", "东湖区公安分局", None),
        ("R7.1", "lead", "Corner shop Ltd", None),
        ("R7.1", "co_departments", "南昌市财政局", "财政"),
        ("R7.1", "co_departments", "发改委", "发展和改革"),
        ("R7.1", "co_departments", "Finance", "财政"),
        ("R7.1", "co_departments", "Bakery", None),
        ("R4.1", "authority", "南昌市公安局东湖分局", "公安分局"),
        ("R4.1", "authority", "南昌县公安局", "县（区）公安局"),
        ("R4.1", "authority", "东湖物业公司", None),
        ("R10.1", "standards", "GB37300", "GB 37300"),
        ("R10.1", "standards", "ＧＢ　３５１１４－２０１７", "GB 35114"),
        ("R10.1", "standards", "we like it", None),
        ("R10.1", "capture_profile", "Recognise", "辨认"),
        ("R10.1", "capture_profile", "sharp", None),
        ("R14.2", "interface_standard", "gb/t28181—2016", "GB/T 28181"),
        ("R14.2", "interface_standard", "GB/T 28181-2035", None),
        ("R14.2", "interface_standard", "telepathy", None),
    ],
)  # fmt: skip
def test_an_entry_is_on_the_list_of_the_law_or_on_none(rule, field, entry, term):
    found = find_term(entry, lists(rule, field))
    assert (found and found.label["zh"]) == term


def test_the_nearest_is_named_whatever_was_written():
    interfaces = lists("R14.2", "interface_standard")
    assert nearest_term("GB/T 28181-2035", interfaces).label["en"] == "GB/T 28181"
    assert nearest_term("telepathy", interfaces).label["en"] in {
        "GB/T 28181",
        "GB 35114",
        "GA/T 1400",
    }
    assert nearest_term("财政厅", lists("R7.1", "co_departments")).label["zh"] == "财政"


def test_every_name_of_every_list_stands_for_its_own_term_and_no_two_share_one():
    seen = set()
    for law in RULES.packs:
        for rule in law.rules:
            for check in rule.check.predicates():
                for vocabulary in check.values.get("vocabulary", ()):
                    for term in vocabulary.terms:
                        for name in (*term.label.values(), *term.names):
                            entry = name.replace("*", "云渚" if not name.isascii() else "Yunzhu ")
                            assert find_term(entry, [vocabulary]) is term, entry
                            seen.add((vocabulary.id, term.label["en"]))
    assert {name for name, _ in seen} >= {
        "city_police",
        "county_police",
        "departments",
        "standards",
    }


def test_a_star_is_a_place_or_nothing_and_no_long_story():
    police = Term({"zh": "公安局", "en": "police"}, ("*公安局*分局",))
    found = [Vocabulary("p", {"zh": "甲", "en": "a"}, (police,))]
    assert find_term("公安局分局", found) is police
    assert find_term("云渚市公安局 青岚 分局", found) is police
    assert find_term("公安局分局食堂", found) is None
    assert find_term("甲" * 30 + "公安局分局", found) is None
    assert find_term("", found) is find_term("；", found) is None


def test_a_cell_lists_its_entries_in_any_width():
    assert entries_of("市公安局、财政局；a, b") == ["市公安局", "财政局", "a", "b"]


def test_the_lists_name_the_standards_that_the_law_paper_names():
    named = {term.label["en"] for term in lists("R10.1", "standards")[0].terms}
    assert named >= {"GB 37300", "GB 35114", "GB 55029", "GB/T 28181", "GB/T 25724", "GA/T 1400"}


def test_the_question_is_said_with_its_list():
    check = RULES.rule("nanchang", "R14.2").check
    (line,) = describe_check(check, ["camera"])
    assert "on the list standards of network interfaces" in str(line[1])


def test_a_list_that_the_pack_does_not_have_is_refused(tmp_path):
    path = tmp_path / "pack.yaml"
    text = PACK.replace("vocabulary: [interfaces]", "vocabulary: [telepaths]")
    path.write_text(text.replace("  id: nanchang\n", "  id: elsewhere\n"), "utf-8")
    with pytest.raises(PackError) as caught:
        load_packs(["cn-national-799"], user=[path])
    codes = {fault.found: fault.code for fault in caught.value.faults}
    assert codes["telepaths"] == "pack.bad_parameter"


def test_the_example_of_each_template_names_what_is_on_the_lists():
    rules = [rule for law in RULES.packs for rule in law.rules]
    judged = set()
    for subject, table in SUBJECTS.items():
        for column in table:
            said = column.example
            named = lists_of((rule for rule in rules if subject in rule.subjects), column.name)
            for text in (said.values() if isinstance(said, dict) else [said]) if named else ():
                assert all(find_term(entry, named) for entry in entries_of(text)), (column, text)
                judged.add(column.name)
    assert judged >= {"authority", "lead", "co_departments", "standards", "interface_standard"}


@pytest.mark.parametrize("name", ["*清真寺", "mosque of *", "* church council", "*协会"])
def test_a_list_of_places_of_belief_is_refused_like_a_selector(name):
    term = f'{{zh: 教育, en: education, names: ["{name}"]}}'
    body = f"vocabularies:\n  bodies: {{zh: 单位, en: bodies, terms: [{term}]}}\n"
    faults = lint_pack(pack(body))
    assert [fault.code for fault in faults] == ["pack.not_in_vocabulary"]
    assert faults[0].field == "vocabularies.bodies.terms[0].names[0]"


def test_a_list_of_a_users_own_is_read():
    term = '{zh: 教育, en: education, names: ["*教育局"]}'
    body = f"vocabularies:\n  bodies: {{zh: 单位, en: bodies, terms: [{term}]}}\n"
    assert lint_pack(pack(body)) == ()
