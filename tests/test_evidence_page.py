"""The page of evidence: each row names what shows it, and whatever is named is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from civicsight.cli.tree import program

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/evidence.md"
ROW = re.compile(r"^\| (?P<requirement>.+?) \| (?P<shown>.+) \|$")
REFERENCE = re.compile(r"`([^`]+)`")
HEADS = {"requirement", "---"}


def rows() -> list[tuple[str, str]]:
    """Each requirement beside what shows it, in the order of the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = [match.groups() for line in lines if (match := ROW.match(line))]
    return [(requirement, shown) for requirement, shown in found if requirement not in HEADS]


@cache
def names_in(path: Path) -> frozenset[str]:
    """`test_name` and `TestClass::test_name` of a file."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    inside = [(f"{kind.name}::", node) for kind in classes for node in kind.body]
    pairs = [*(("", node) for node in nodes), *inside]
    names = {lead + node.name for lead, node in pairs if isinstance(node, ast.FunctionDef)}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


@cache
def whole_program():
    return program("en", whole=True)


@cache
def targets() -> frozenset[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z]+):", text, re.MULTILINE))


def has_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def has_verb(words: list[str]) -> bool:
    """Whether a command exists with all options that are named; a slash parts sisters."""
    command = whole_program()
    while words and "commands" in dir(command):
        first, *rest = words
        names = first.split("/")
        if not set(names) <= set(command.commands):
            return False
        command, words = command.commands[names[0]], rest
    known = {option for parameter in command.params for option in parameter.opts}
    return {word for word in words if word.startswith("--")} <= known


def is_there(reference: str) -> bool:
    """Whether a reference leads to something in this repository."""
    path, _, test = reference.partition("::")
    if test:
        return (ROOT / path).is_file() and test in names_in(ROOT / path)
    match reference.split():
        case ["make", target, *_]:
            found = target in targets()
        case ["python", "-m", "pytest", *words]:
            paths = [word for word in words if "/" in word]
            found = bool(paths) and all((ROOT / word).is_file() for word in paths)
        case ["python", "-m", module, *_]:
            found = has_module(module)
        case ["civicsight", *words] if words:
            found = has_verb(words)
        case [only]:
            found = "/" in only and (ROOT / only).is_file()
        case _:
            found = False
    return found


@pytest.mark.parametrize(
    "good",
    [
        "tests/test_evidence_page.py::test_what_is_there_is_found",
        "tests/test_duplicates.py::TestPitfalls::test_indoor_camera_replaces_nobody",
        "make verify",
        'make bench BENCH="--only start"',
        "python -m benchmarks.planning --case g1",
        "python -m pytest -m slow tests/test_cities.py",
        "civicsight rules lint/show/diff",
        "civicsight report CITY --edition public",
        "tests/recount.py",
    ],
)
def test_what_is_there_is_found(good):
    assert is_there(good)


@pytest.mark.parametrize(
    "bad",
    [
        "tests/test_evidence_page.py::test_nobody_wrote_this",
        "tests/test_duplicates.py::test_indoor_camera_replaces_nobody",
        "tests/test_nothing.py::test_what_is_there_is_found",
        "tests/test_evidence_page.py::is_there",
        "make coffee",
        "python -m benchmarks.nothing",
        "python -m pytest tests/test_nothing.py",
        "civicsight",
        "civicsight rules lint/burn",
        "civicsight report CITY --edition public --burn",
        "tests/nothing.py",
        "word",
    ],
)
def test_what_is_not_there_is_found_out(bad):
    assert not is_there(bad)


def test_every_row_names_what_shows_it_and_all_of_it_is_there():
    assert len(rows()) > 100
    silent = [requirement for requirement, shown in rows() if not REFERENCE.findall(shown)]
    missing = [
        f"{requirement}: {reference}"
        for requirement, shown in rows()
        for reference in REFERENCE.findall(shown)
        if not is_there(reference)
    ]
    assert silent == []
    assert missing == []


def test_every_line_of_a_table_is_a_row():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("|") and not ROW.match(line)] == []
    assert [shown for _, shown in rows() if "|" in shown] == []


def test_no_requirement_stands_twice():
    counts = Counter(requirement.casefold() for requirement, _ in rows())
    assert [requirement for requirement, count in counts.items() if count > 1] == []


def test_it_speaks_of_the_product_alone():
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"(?i)\bissues?\b|\bdesign/|/(?:work|tmp|root|home)\b", text) == []
