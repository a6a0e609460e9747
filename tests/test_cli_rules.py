"""The commands on rule packs: what they print in both languages, and how they end."""

import json
import subprocess
import sys

import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.i18n import translate
from civicsight.rules import compare_packs, load_packs, open_pack
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.wording import describe_check, describe_failure, describe_where
from tests.bad_packs import PACK
from tests.test_rules_overriding import BODY_LINE, pack, param, profile, zone_pack


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def ours(tmp_path):
    path = tmp_path / "ours.yaml"
    body = (
        param("gate_fraction", 0.5, "ratio")
        + "  dup_distance: {value: 40, unit: m, basis: assumption, source: bureau}\n"
        + profile("plate", "px_per_m: 100, max_tilt_deg: 30, max_yaw_deg: 30")
    )
    path.write_bytes(pack(body))
    return path


def said(capsys, *words, code=OK):
    assert run([*map(str, words)]) == code
    return capsys.readouterr()


@pytest.mark.parametrize(("language", "word"), [("en", "no fault"), ("zh", "没有问题")])
def test_lint_of_sound_packs(capsys, language, word):
    out = said(capsys, "--lang", language, "rules", "lint", "nanchang", "eu-uk-video").out
    assert out.count(word) == 2
    assert "nanchang 1.0.0" in out


def test_lint_names_what_a_user_weakens(capsys, ours):
    out = said(capsys, "--lang", "en", "rules", "lint", ours).out
    assert "to 50 %; pack nanchang asks for 95 % (assumption)" in out
    assert "tightened: nanchang dup_distance, 30 m → 40 m (assumption)" in out
    assert "plate.px_per_m to 100 px/m; pack nanchang asks for 167 px/m (assumption)" in out
    data = json.loads(said(capsys, "rules", "lint", ours, "--json").out)
    assert data["faults"] == []
    assert data["packs"][0]["id"] == "ours"
    assert set(data["packs"][0]["sha256"]) == {"ours", "nanchang", "cn-national-799"}
    assert {o["direction"] for o in data["packs"][0]["overrides"]} == {"weakened", "tightened"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_lint_names_line_and_field_of_every_fault(capsys, tmp_path, language):
    bad, worse = tmp_path / "bad.yaml", tmp_path / "worse.yaml"
    text = pack("", rank=5).decode()
    bad.write_text(text, "utf-8")
    worse.write_bytes(pack(param("retention_min", 5, "day")))
    line = text[: text.index("rank: 5")].count("\n") + 1
    answer = said(capsys, "--lang", language, "rules", "lint", bad, worse, code=BAD_INPUT)
    assert "bad.yaml" in answer.err
    assert f"line {line}" in answer.err or f"第 {line} 行" in answer.err
    assert "pack.instrument.rank" in answer.err
    assert "worse.yaml" in answer.err
    assert "params.retention_min.value" in answer.err
    answer = said(capsys, "rules", "lint", bad, worse, "--json", code=BAD_INPUT)
    faults = [(f["code"], f["where"], f["field"]) for f in json.loads(answer.out)["faults"]]
    assert faults == [
        ("pack.rank", f"line {line}", "pack.instrument.rank"),
        ("pack.weakens_law", f"line {BODY_LINE + 1}", "params.retention_min.value"),
    ]


def test_a_copy_of_our_own_pack_is_sound(capsys, tmp_path):
    copy = tmp_path / "copy.yaml"
    copy.write_text(PACK, "utf-8")
    assert "no fault" in said(capsys, "--lang", "en", "rules", "lint", copy).out


def test_a_file_with_the_id_of_a_delivered_pack_is_not_shown_as_that_pack(capsys, tmp_path):
    copy = tmp_path / "copy.yaml"
    copy.write_text(PACK, "utf-8")
    answer = said(capsys, "--lang", "en", "rules", "show", str(copy), code=BAD_INPUT)
    assert "expected an id that no other loaded pack has" in " ".join(answer.err.split())


@pytest.mark.parametrize("words", [["lint", "atlantis"], ["show", "atlantis"], ["diff", "atlantis"],
                                   ["lint", "missing.yaml"]])  # fmt: skip
def test_an_unknown_pack(capsys, words):
    answer = said(capsys, "--lang", "en", "rules", *words, code=BAD_INPUT)
    assert words[1] in answer.err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Article 10:", "R10.3", "it passes if", "seen by cameras existing, approved",
                "obstacle_view = 2 % (assumption; lower is stricter; source: Convention",
                "needs: shape of the obstacle; lens and direction", "where it fails: violation",
                "evidence: lost coverage", "a person decides: Which came first", "conflict C6",
                "N10.1", "all of these hold:"]),
        ("zh", ["第 10 条：", "R10.3", "符合条件", "obstacle_view = 2 %（假定；越低越严；来源：",
                "须由人判断：谁在先、谁移位", "不符合时：不符合项", "N10.1", "同时满足："]),
    ],
)  # fmt: skip
def test_show_an_article_in_full(capsys, language, words):
    out = said(capsys, "--lang", language, "rules", "show", "--article", "10").out
    assert [word for word in words if word not in out] == []
    assert "R9.1" not in out


def test_show_a_rule_with_its_classes_and_numbers(capsys):
    out = said(capsys, "--lang", "en", "rules", "show", "--rule", "R8.2").out
    assert "8.2c  Large bridges" in out
    assert "portal: 95 % at 62.5 px/m (observe)" in out
    assert "large_bridge = 100 m" in out
    assert "R8.1 " not in out
    data = json.loads(said(capsys, "rules", "show", "nanchang", "--rule", "R7.3", "--json").out)
    rule = data[0]["rules"][0]
    assert rule["predicates"] == ["marginal_gain"]
    assert [entry["name"] for entry in rule["params"]] == ["dup_min_gain", "dup_trivial_gain"]
    assert rule["params"][0]["stricter"] == "higher"
    assert rule["title"]["zh"]


def test_show_an_overview_and_articles_without_rules(capsys, ours):
    out = said(capsys, "--lang", "en", "rules", "show").out
    assert "nanchang 1.0.0" in out
    assert "cn-national-799 1.0.0" in out
    assert "no rule: A purpose" in out
    assert "it passes if" not in out
    out = said(capsys, "--lang", "en", "rules", "show", "nanchang", "--article", "1").out
    assert "no rule: A purpose" in out
    assert "Weakened" in said(capsys, "--lang", "en", "rules", "show", ours).out


def test_show_what_is_not_there(capsys):
    answer = said(capsys, "--lang", "en", "rules", "show", "--rule", "R99.9", code=BAD_INPUT)
    assert "no R99.9 in" in answer.err


def test_diff_of_a_users_pack_with_ours(capsys, ours):
    out = said(capsys, "--lang", "en", "rules", "diff", ours).out
    assert "WEAKENED  gate_fraction.value: 0.95 → 0.5  [nanchang]" in out
    assert "tightened  dup_distance.value: 30 → 40  [nanchang]" in out
    assert "removed" not in out
    data = json.loads(said(capsys, "rules", "diff", "nanchang", ours, "--json").out)
    weak = [(d["section"], d["name"], d["field"]) for d in data["differences"]
            if d["direction"] == "weakened"]  # fmt: skip
    assert weak == [("params", "gate_fraction", "value"), ("profiles", "plate", "px_per_m")]
    assert data["weakened"] == 2


def test_diff_of_two_laws(tmp_path, capsys):
    changed = PACK.replace(
        "    on_fail: violation\n    evidence: [sign", "    on_fail: info\n    evidence: [sign"
    )
    changed = changed.replace("{value: 0.02, unit: ratio", "{value: 0.10, unit: ratio")
    changed = changed.replace("  - id: R9.4", "  - id: R9.9").replace("R9.3, R9.4]", "R9.3, R9.9]")
    path = tmp_path / "changed.yaml"
    path.write_text(changed, "utf-8")
    found = {
        (d.section, d.name, d.field): (d.kind, d.direction)
        for d in compare_packs([open_pack("nanchang")], open_pack(path))
    }
    assert found == {
        ("params", "obstacle_view", "value"): ("changed", "weakened"),
        ("articles", "9", "rules"): ("changed", "changed"),
        ("rules", "R10.2", "on_fail"): ("changed", "weakened"),
        ("rules", "R9.4", ""): ("removed", "weakened"),
        ("rules", "R9.9", ""): ("added", "tightened"),
    }
    out = said(capsys, "--lang", "en", "rules", "diff", "nanchang", path).out
    assert "removed, WEAKENED  R9.4" in out
    assert "differences: 5, weakened: 3" in out
    assert compare_packs([open_pack("nanchang")], open_pack("nanchang")) == ()


def test_diff_of_a_users_classes(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_bytes(zone_pack())
    found = compare_packs(
        [open_pack(name) for name in ("nanchang", "cn-national-799")], open_pack(path)
    )
    added = [(d.section, d.name) for d in found if d.kind == "added"]
    assert ("zones", "20.1") in added
    assert len(added) == len(set(added))


def test_diff_takes_one_pack_or_two(capsys):
    answer = said(capsys, "--lang", "en", "rules", "diff", *["nanchang"] * 3, code=BAD_INPUT)
    assert "one pack or two" in answer.err


def test_every_rule_is_said_in_both_languages():
    for loaded in (load_packs(), load_packs(["eu-uk-video"])):
        for rule in (rule for own in loaded.packs for rule in own.rules):
            lines = [text for _, text in describe_check(rule.check)]
            lines += [*describe_where(rule.where), describe_failure(rule)]
            for text in lines:
                english, chinese = translate(text, "en"), translate(text, "zh_CN")
                assert english
                assert chinese != english
                assert "%(" not in english + chinese


def test_every_parameter_of_a_predicate_has_words():
    assert all(
        str(one.meaning) for entry in PREDICATES.values() for one in entry.parameters.values()
    )


@pytest.mark.slow
def test_help_lists_the_commands_in_both_languages():
    for language, word in (("en", "line and field"), ("zh", "逐项指出")):
        done = subprocess.run(
            [sys.executable, "-m", "civicsight", "--lang", language, "rules", "--help"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert word in done.stdout
        assert all(name in done.stdout for name in ("lint", "show", "diff"))
