"""Mutants of core rules: what is changed, what is drawn, how each is tried, what is asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tools import mutants
from tools.mutants import BY_HAND, ROOT, Stratum

SEED = 7


def becomes(source: str) -> set[str]:
    """Return every line that may come out of a source, whatever the seed chooses."""
    drawn = [mutants.mutants_of(source, "m.py", "s", seed) for seed in range(12)]
    return {mutant.becomes for own in drawn for mutant in own}


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("a < b", {"a <= b", "a >= b"}),
        ("a == b", {"a != b"}),
        ("a is not b", {"a is b"}),
        ("a not in b", {"a in b"}),
        ("(a) <= (b)", {"(a) < (b)", "(a) > (b)"}),
        ("a and b or c", {"a or b or c", "a and b and c"}),
        ("not (a or b)", {"(a or b)", "not (a and b)"}),
        ("~a & -b", {"a & -b", "~a & b", "~a | -b"}),
        ("a += b - c", {"a -= b - c", "a += b + c"}),
        ("x = 3", {"x = 4", "x = 2"}),
        ("x = True", {"x = False"}),
        ("y = a if b or c else d", {"y = a if not (b or c) else d", "y = a if b and c else d"}),
        ("y = [a for a in b if a]", {"y = [a for a in b if True]"}),
        ("x.gt(y)", {"x.ge(y)", "x.le(y)"}),
        ("math.floor(y)", {"math.ceil(y)", "math.round(y)"}),
        ("any(y)", {"all(y)"}),
        ("x = '名称', a <b  # 说明", {"x = '名称', a <=b  # 说明", "x = '名称', a >=b  # 说明"}),
        ("for a in b: break", {"for a in (): break", "for a in b: continue"}),
        ("try: a\nexcept B: c", {"except (): c"}),
        ("@rule\ndef f(): a", {""}),
    ],
)
def test_each_place_is_changed_to_what_a_slip_would_write(source, changed):
    assert becomes(source) == changed


@pytest.mark.parametrize(
    "source",
    [
        '"""A text: 3 < 4."""',
        "def f(a: int | None = None) -> int | None: return a",
        "zip(a, b, strict=True)",
        "@dataclass(frozen=True)\nclass A: b: int",
        "@cache\ndef f(): return a",
        "if TYPE_CHECKING:\n    from a import b",
        "x = f'{a + 1:.2f}'",
        "x = 'a %s' % b",
    ],
)
def test_what_decides_nothing_is_left_alone(source):
    assert becomes(source) == set()


def test_what_is_drawn_hangs_on_the_seed_and_on_each_line_alone(tmp_path):
    lines = [f"x{n} = a{n} < b{n}\n" for n in range(40)]
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("".join(lines), "utf-8")
    strata = [Stratum("first", ("one.py",), ()), Stratum("second", ("two.py",), ())]

    def draw(seed: int) -> list[tuple[str, str, str]]:
        return [mutant.key for mutant in mutants.draw(strata, seed, 11, tmp_path)]

    first = draw(SEED)
    assert Counter(key[0] for key in first) == {"one.py": 6, "two.py": 5}
    assert [key[0] for key in first[:4]] == ["one.py", "two.py"] * 2  # every stratum from the start
    (tmp_path / "one.py").write_text("# a new line\n" + "".join(lines), "utf-8")
    assert draw(SEED) == first
    assert draw(SEED + 1) != first


RULE = """
def is_late(day, last):
    return day > last


SPARE = 3
"""

CASES = """
from rule import is_late


def test_the_last_day_is_in_time():
    assert not is_late(3, 3)
"""

OF_SPARE = """

def test_spare():
    from rule import SPARE

    assert SPARE == 3
"""


@pytest.fixture
def tree(tmp_path) -> Path:
    """Return a tree with one module, one file of tests and what `make mutants` reads."""
    declared = tmp_path / "tests" / "mutants"
    declared.mkdir(parents=True)
    (tmp_path / "rule.py").write_text(RULE, "utf-8")
    (tmp_path / "tests" / "test_rule.py").write_text(CASES, "utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n    slow: a\n    alone: b\n    browser: c\npythonpath = .\n", "utf-8"
    )
    (declared / "strata.toml").write_text(
        'seed = 7\ndrawn = 1\n[strata.days]\nmodules = ["spare.py"]\ntests = ["test_rule"]\n',
        "utf-8",
    )
    (declared / "by_hand.toml").write_text(
        'tests = []\n[[mutant]]\nsays = "late on the last day"\nmodule = "rule.py"\n'
        'was = "day > last"\nbecomes = "day >= last"\n'
        '[[mutant]]\nsays = "spare"\nmodule = "rule.py"\nwas = "3"\nbecomes = "4"\n',
        "utf-8",
    )
    (declared / "survivors.toml").write_text("survivor = []\n", "utf-8")
    return tmp_path


def tried(told: str) -> dict[str, tuple[str, str]]:
    """Return outcome and killing test by what each line became."""
    lines = [line.split("  ") for line in told.splitlines() if " s  rule.py" in line]
    return {line[-2]: (line[0].split()[0], line[-1]) for line in lines}


@pytest.mark.slow
def test_mutants_are_tried_in_a_copy_and_a_run_goes_on_where_it_was(tree, capsys):
    assert mutants.main(["--list"], tree) == 1
    assert "2 mutants were not tried yet" in capsys.readouterr().out

    assert mutants.main([], tree) == 1
    told = capsys.readouterr().out
    assert (tree / "rule.py").read_text("utf-8") == RULE
    killed = ("killed", "tests/test_rule.py::test_the_last_day_is_in_time")
    assert tried(told) == {"day >= last": killed, "4": ("survived", "")}
    assert "rule.py:6 survived\n  - 3\n  + 4" in told
    assert "1 survivors have no reason in survivors.toml" in told

    (tree / "tests" / "test_more.py").write_text(CASES + OF_SPARE, "utf-8")
    declared = tree / "tests" / "mutants" / "by_hand.toml"
    more = declared.read_text("utf-8").replace("tests = []", 'tests = ["test_more"]')
    declared.write_text(more, "utf-8")
    assert mutants.main([], tree) == 0
    told = capsys.readouterr().out
    assert tried(told) == {"4": ("killed", "tests/test_more.py::test_spare")}  # and no other again
    assert told.splitlines()[-1].split() == ["all", "2", "2", "2", "0", "0", "0", "100.0%"]


def test_a_mutant_that_never_ends_is_ended(tree):
    (tree / "tests" / "test_rule.py").write_text("import time\n\ntime.sleep(600)\n", "utf-8")
    trial = mutants.Trial(tree, tree / "out")
    assert trial.run(tree, ["tests/test_rule.py"], 1.0) == (None, "")


def test_a_test_that_fails_without_any_change_ends_the_run(tree):
    (tree / "tests" / "test_rule.py").write_text("def test_it():\n    assert False\n", "utf-8")
    with pytest.raises(SystemExit, match=r"tests/test_rule\.py fails without any change"):
        mutants.main([], tree)


def test_a_survivor_has_a_reason_and_a_reason_its_survivor():
    drawn = mutants.mutants_of("x = a < b\ny = c < d\nz = e < f\n", "m.py", "s", SEED)
    known = {m.name: {"outcome": outcome} for m, outcome in zip(drawn, OUTCOMES, strict=True)}
    killed, alive, _ = (mutant.key for mutant in drawn)

    def said(reasons, known=known):
        return "\n".join(mutants.faults(drawn, known, reasons))

    assert "1 of 3 survived" in said({alive: "why"})
    assert "explains" not in said({alive: "why"})
    assert "1 survivors have no reason" in said({})
    assert f"explains one that is killed or not drawn: {killed}" in said({alive: "a", killed: "b"})
    assert "not drawn: ('m.py', 'gone'" in said({alive: "a", ("m.py", "gone", "x"): "b"})
    assert "not tried yet" in said({alive: "why"}, {drawn[1].name: {"outcome": "survived"}})
    assert not said({}, {name: {"outcome": "killed"} for name in known})


OUTCOMES = ("killed", "survived", "timeout")


def test_what_is_declared_is_there():
    """Modules, tests, the lines that were changed by hand, and those of every survivor."""
    _, _, strata = mutants.read_strata()
    hand, more = mutants.by_hand(ROOT)
    assert [stratum.name for stratum in strata if not stratum.modules] == []
    named = {test for stratum in strata for test in stratum.tests} | set(more)
    assert [test for test in sorted(named) if not (ROOT / test).is_file()] == []
    assert len(hand) >= 11
    assert {mutant.stratum for mutant in hand} == {BY_HAND}
    for (module, was, _), reason in mutants.explained(ROOT).items():
        lines = (line.strip() for line in (ROOT / module).read_text("utf-8").splitlines())
        assert was in " ".join(lines), module
        assert reason.strip(), was
