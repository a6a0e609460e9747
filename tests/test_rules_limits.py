"""A pack from a stranger can at worst be slow, and not for long."""

import time

import pytest

from civicsight.core.errors import PackError
from civicsight.rules import document, lint_pack, load_packs
from civicsight.rules.document import MAX_ENTRIES, MAX_VALUES, check_time, read_document, time_limit
from tests.test_rules_overriding import BODY_LINE, pack, param

SLOW_S = 15.0
"""No file takes longer than this to be refused or read; the loaded machine of a test included."""


def timed(source):
    start = time.thread_time()
    faults = lint_pack(source, name="bomb.yaml")
    return faults, time.thread_time() - start


def many_params(count):
    line = "  p{}: {{value: 1, unit: m, basis: assumption, source: bureau}}\n"
    return "params:\n" + "".join(line.format(n) for n in range(count))


def rules_with(checks):
    return (
        'articles: [{n: "20", kind: duty, gist: {zh: 甲, en: a}, rules: [U20.1]}]\n'
        'rules:\n  - {id: U20.1, article: "20", subject: [camera], title: {zh: 甲, en: a},\n'
        "     needs: [optics], on_fail: info, evidence: [gap], human: {zh: 甲, en: a},\n"
        "     check: {all: [" + checks + "]}}\n"
    )


BOMBS = {
    "a billion laughs": (
        "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)),
        "pack.anchor",
        "line 1",
    ),
    "one long text many times over": (
        "a: &a '" + "x" * 400_000 + "'\nb: [" + ", ".join(["*a"] * 100_000) + "]\n",
        "pack.anchor",
        "line 1",
    ),
    "more bytes than are read": (
        "a: '" + "x" * document.MAX_BYTES + "'\n",
        "pack.too_large",
        "line 1",
    ),
    "a list without end": ("a: [" + "1, " * 300_000 + "1]\n", "pack.too_large", "line 1"),
    "a mapping without end": (
        "".join(f"k{n}: 1\n" for n in range(80_000)),
        "pack.too_large",
        f"line {MAX_ENTRIES + 1}",
    ),
    "many middling lists": (
        "".join(f"k{n}: [" + "1, " * 1_900 + "1]\n" for n in range(60)),
        "pack.too_large",
        f"line {MAX_VALUES // 1_902 + 1}",
    ),
    "brackets without end": ("a: " + "[" * 400_000, "pack.syntax", "line 1"),
    "brackets one too deep": ("a: " + "[" * 20 + "]" * 20, "pack.too_deep", "line 1"),
    "braces without end": ("a: " + "{b: " * 200_000, "pack.too_deep", "line 1"),
    "a repeated key for ever": ("a: 1\n" * 150_000, "pack.repeated_key", "line 2"),
    "entries of mixed kinds that must differ": (
        pack("").decode().replace("load_with: []", "load_with: [" + "a, 1, {b: c}, " * 600 + "a]"),
        "pack.bad_type",
        "line 12",
    ),
    "many names that none of many is": (
        pack(many_params(1_900) + rules_with("{on_target: {at_least: $q}}, " * 1_900)),
        "pack.unknown_name",
        f"line {BODY_LINE + 1_905}",
    ),
    "many references to many names": (
        pack(
            many_params(1_900)
            + rules_with(
                ", ".join(f"{{reuse_considered: {{radius: $p{n}}}}}" for n in range(1_900))
            )
        ),
        None,
        None,
    ),
    "a text made to hang a pattern": (
        pack(param("p", 1, "m").replace("bureau", "a" * 400_000 + "!")),
        "pack.bad_value",
        f"line {BODY_LINE + 1}",
    ),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_costs_little_and_is_named(case):
    text, code, where = BOMBS[case]
    faults, seconds = timed(text if isinstance(text, bytes) else text.encode())
    assert seconds < SLOW_S
    assert len(faults) <= document.MAX_FAULTS
    if code is None:
        assert faults == ()
    else:
        assert (code, where) in {(fault.code, fault.where) for fault in faults}
        assert sum(len(str(fault)) for fault in faults) < 10_000_000


def test_what_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr("civicsight.rules.loader.time_limit", lambda name: time_limit(name, 0.0))
    fault = lint_pack(pack(""), name="slow.yaml")[0]
    assert (fault.code, fault.file) == ("pack.too_slow", "slow.yaml")
    with pytest.raises(PackError):
        load_packs(user=[pack("")])


def test_time_is_looked_at_while_the_schema_and_the_linter_work():
    """A pack that is read in time is stopped in each later step too."""
    from civicsight.rules.linter import find_link_faults
    from civicsight.rules.shape import find_shape_faults

    document = read_document(
        pack(param("p", 1, "m") + rules_with("{reuse_considered: {radius: $p}}")), "late.yaml"
    )
    for step in (find_shape_faults, find_link_faults):
        assert step(document) == []
        with pytest.raises(PackError), time_limit("late.yaml", -1.0):
            step(document)


def test_without_a_limit_nothing_stops():
    check_time()
    with time_limit("outer", 60.0), time_limit("inner", -1.0):
        check_time()
    check_time()


def test_no_pattern_of_a_pack_is_ever_compiled():
    body = (
        "policy: {confirmed_confidence: 0.8, candidate_cap: warning,\n"
        '  hide_in_public_output: [a], main_gate_words: ["(a+)+$", "("]}\n'
    )
    faults = lint_pack(pack(body))
    assert {fault.found for fault in faults} == {"(a+)+$", "("}


@pytest.mark.parametrize("key", ['"religion\\n"', '"p\\n"'])
def test_a_line_break_at_the_end_is_no_part_of_a_name(key):
    fault = lint_pack(
        pack(f"params: {{{key}: {{value: 1, unit: m, basis: law, source: bureau}}}}\n")
    )
    assert [entry.code for entry in fault] == ["pack.bad_value"]
