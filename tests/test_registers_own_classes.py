"""The words of a user's own classes of places are read as those of the built-in packs are."""

from __future__ import annotations

import pytest

from civicsight.cli.entry import OK, run
from civicsight.io import read_places, save_city
from civicsight.io.packs import load_packs
from civicsight.io.registers.classes import classes_of, read_item
from civicsight.io.source_options import Declared
from tests.test_check import CAMS, town
from tests.test_rules_overriding import pack

OWN = """
zones:
  - id: "90.1"
    functions: [supermarket]
    parts:
      - {part: entrance, profile: own, fraction: $gate}
params:
  gate: {value: 0.9, unit: ratio, basis: assumption, source: bureau}
profiles:
  own:
    {px_per_m: 125, label: {zh: 甲, en: a}, basis: assumption, source: bureau}
rules:
  - id: U1.1
    article: "1"
    subject: [zone]
    where: {item: ["90.1"]}
    title: {zh: 覆盖, en: covered}
    check: {covered: {by: [existing], parts: zone}}
    needs: [geometry]
    on_fail: warning
    evidence: [zone]
    human: {zh: 无, en: none}
articles:
  - {n: "1", kind: duty, gist: {zh: 覆盖, en: cover}, rules: [U1.1]}
"""
ROWS = """name,item,x,y
甲店,连锁超市,400,390
乙店,大型超市,410,395
丙店,90.1,420,397
"""


@pytest.fixture(scope="module")
def law(tmp_path_factory):
    path = tmp_path_factory.mktemp("law") / "own.yaml"
    path.write_bytes(pack(OWN))
    return path


@pytest.mark.parametrize(
    ("word", "mine", "ours"),
    [
        ("连锁超市", "90.1", None),
        ("大型超市", "90.1", None),
        ("Chain supermarket", "90.1", None),
        ("90.1", "90.1", "90.1"),
        ("连锁酒馆", None, None),
        ("博物馆", "7.2.1", "8.6"),
    ],
)
def test_a_word_is_that_of_the_packs_that_judge(law, word, mine, ours):
    rules = load_packs(user=[law])
    found = [read_item(word, classes)[0].value for classes in (classes_of(rules), None)]
    assert found[0] == mine or (mine is not None and found[0] is not None)
    assert (found[1] is None) == (ours is None)


@pytest.mark.slow
def test_a_register_is_read_with_the_packs_of_the_command(law, tmp_path):
    source = tmp_path / "shops.csv"
    source.write_text(ROWS, "utf-8")
    declared = Declared(classes=classes_of(load_packs(user=[law])))
    table, _ = read_places(source, near=town(CAMS), declared=declared)
    assert list(table["item"]) == ["90.1"] * 3
    assert set(table["kind"].dropna()) == {"supermarket"}
    city = save_city(town(CAMS), tmp_path / "town.gpkg")
    words = ["import", str(source), "--as", "places", "--into", str(city), "--dry-run", "--json"]
    assert run([*words, "--rules", str(law)]) == OK
