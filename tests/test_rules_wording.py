"""Rules in words: each field in the sense of what its rule is about, no code for a word."""

import re
from types import SimpleNamespace

import pytest

from civicsight.core.i18n import translate
from civicsight.model import CAMERAS, OBSTACLES, PLANS, PROJECTS
from civicsight.rules import load_packs
from civicsight.rules.fields import FIELDS
from civicsight.rules.pack import Check
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.records import one_of
from civicsight.rules.ruling import not_recorded
from civicsight.rules.vocabulary import (
    FIELD_WORDS,
    NUMBERS,
    WORDS,
    describe_value,
    field_name,
    field_word,
    number_word,
)
from civicsight.rules.wording import describe_check, describe_failure, describe_where

CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+|[<>]=")
PACKS = [*load_packs().packs, *load_packs(["eu-uk-video"]).packs]
RULES = {(rule.pack, rule.id): rule for pack in PACKS for rule in pack.rules}


@pytest.mark.parametrize(
    ("subject", "table", "name"),
    [("camera", CAMERAS, "kind"), ("obstacle", OBSTACLES, "kind"), ("project", PROJECTS, "kind"),
     ("camera", CAMERAS, "status"), ("plan", PLANS, "status"), ("obstacle", OBSTACLES, "height_m")],
)  # fmt: skip
def test_a_field_is_said_in_the_sense_of_its_subject(subject, table, name):
    (meaning,) = (column.meaning for column in table if column.name == name)
    assert field_name(name, (subject,)) == meaning
    assert str(field_word(name, (subject,))) == f"{meaning} [{name}]"
    assert f"[{name}]" in str(not_recorded(subject, name).because[0])
    assert str(meaning) in str(not_recorded(subject, name).because[0])


def test_rules_about_trees_and_works_do_not_speak_of_the_build_of_cameras():
    said = {
        key: [str(text) for text in describe_where(rule.where, rule.subjects)]
        for key, rule in RULES.items()
        if "kind" in rule.where
    }
    assert "What it is: tree" in said["nanchang", "R10.4"]
    assert "Kind of works: new building, rebuilding, extension" in said["nanchang", "R11.1"]
    assert not any("Build of the camera" in line for lines in said.values() for line in lines)


@pytest.mark.parametrize("key", sorted(RULES), ids="-".join)
def test_no_code_stands_where_a_word_belongs(key):
    rule = RULES[key]
    lines = [text for _, text in describe_check(rule.check, rule.subjects)]
    lines += [*describe_where(rule.where, rule.subjects), describe_failure(rule)]
    for line in lines:
        for language in ("en", "zh_CN"):
            assert not CODE.search(translate(line, language))


def test_every_choice_of_the_delivered_packs_has_a_word():
    leaves = [leaf for rule in RULES.values() for leaf in rule.check.predicates()]
    chosen = {
        choice
        for leaf in leaves
        for key, parameter in PREDICATES[leaf.name].parameters.items()
        if parameter.kind in ("choice", "choices", "word") and key in leaf.values and key != "op"
        for choice in (
            leaf.values[key] if isinstance(leaf.values[key], tuple) else (leaf.values[key],)
        )
    }
    assert {str(choice) for choice in chosen} - set(WORDS) == set()


def test_every_number_of_the_delivered_packs_has_words_in_both_languages():
    for pack in PACKS:
        for name in pack.params:
            assert translate(number_word(name), "zh_CN") != str(NUMBERS[name])
    assert str(number_word("own_number")) == "own_number"


def test_every_field_that_a_rule_may_read_has_words():
    for subject, names in FIELDS.items():
        for name in names:
            assert not CODE.search(str(field_name(name, (subject,)))), (subject, name)
    assert str(field_word("lon")) == str(FIELD_WORDS["lon"])


def compared(**values):
    return Check("compare", values, ())


def test_a_comparison_is_said_as_its_sides_with_a_sign():
    check = compared(left="filed_on", op="<=", right="in_use_on", plus=30.0)
    ((_, said),) = describe_check(check, ("camera",))
    filed, used = (str(field_name(name)) for name in ("filed_on", "in_use_on"))
    assert str(said) == f"{filed} \N{LESS-THAN OR EQUAL TO} {used} + 30 days"
    check = compared(left="retention_days", op=">=", right=30.0, key_target=90.0)
    ((_, said),) = describe_check(check, ("camera",))
    assert str(said).endswith("30 days (for a counter-terrorism target instead 90 days)")
    check = compared(left="inventory_date", op=">=", right="plan_date", minus=365.0)
    ((_, said),) = describe_check(check, ("plan",))
    assert str(said).endswith("\N{MINUS SIGN} 365 days")


def test_what_is_wrong_with_a_value_is_said_in_short():
    subject = SimpleNamespace(kind="zone", label="z", value=lambda _: "candidate")
    ruling = one_of.ask(None, subject, {"field": "standing", "values": ("designated",)})
    assert str(ruling.because[0]) == "standing of the class is candidate from map data"


def test_an_angle_has_its_sign_close_by():
    assert str(describe_value(30.0, "deg")) == "30°"
