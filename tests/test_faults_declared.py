"""Every fault of a catalogue is declared once, used, and given the values of its sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from civicsight.core.errors import InputError, Text
from civicsight.core.faults import DECLARED, PLACEHOLDER, declare, fault, reject
from tests.source_trees import nodes_of

PACKAGE = Path(__file__).resolve().parent.parent / "civicsight"
ROOMS = sorted(
    path.parent.name for path in PACKAGE.glob("*/faults.py") if path.parent.name != "core"
)
PLACE = {"file", "where", "field", "found"}
METHODS = {"fault", "note", "reject"}
"""Names under which a document makes a declared fault of one of its values, in `OF_VALUES`."""
OF_VALUES = PACKAGE / "rules" / "document.py"


@cache
def declared() -> dict[str, str]:
    """Return the room of each fault."""
    for room in ROOMS:
        import_module(f"civicsight.{room}.faults")
    rooms = {}
    for room in ROOMS:
        for node in nodes_of(PACKAGE / room / "faults.py"):
            if isinstance(node, ast.Dict):
                rooms |= {ast.literal_eval(key): room for key in node.keys if key is not None}
    return rooms


def raised() -> Iterator[tuple[Path, ast.Call, str]]:
    """Return every place where a declared fault is made, with the key that it names."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "vendor" in path.parts or path.name == "faults.py":
            continue
        for node in nodes_of(path):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            key = node.args[0]
            keys = (key.body, key.orelse) if isinstance(key, ast.IfExp) else (key,)
            is_method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
            if not all(isinstance(one, ast.Constant) for one in keys) and (
                is_method or path == OF_VALUES
            ):
                continue  # a row that says its code itself, and the methods of a document
            if is_method or getattr(node.func, "id", "") in {"fault", "reject"}:
                for one in keys:
                    yield path, node, ast.literal_eval(one)


def test_every_fault_that_is_raised_is_declared_in_its_room():
    wrong = [
        (path.name, node.lineno, key)
        for path, node, key in raised()
        if declared().get(key) != path.relative_to(PACKAGE).parts[0]
    ]
    assert not wrong


def test_every_fault_that_is_declared_is_raised():
    assert declared().keys() == {key for _, _, key in raised()}
    assert declared().keys() <= DECLARED.keys()


def test_each_is_given_the_values_of_its_sentences_and_no_others():
    declared()
    for path, node, key in raised():
        needed = {name for text in DECLARED[key] for name in PLACEHOLDER.findall(text)}
        given = {word.arg for word in node.keywords} - PLACE
        assert given == needed, (path.name, node.lineno, key)


def test_a_placeholder_has_no_name_of_the_place():
    declared()
    names = {
        name for texts in DECLARED.values() for text in texts for name in PLACEHOLDER.findall(text)
    }
    assert not names & (PLACE | {"key"})


def test_a_fault_carries_its_place_and_its_sentences(monkeypatch):
    monkeypatch.setitem(DECLARED, "a.b:one", ("%(n)s cells", "Take %(m)s out."))
    made = fault("a.b:one", "a.csv", "row 2", "id", "5", n=4, m="one")
    assert str(made) == "[a.b] a.csv, row 2, id: expected 4 cells, found '5'. Take one out."
    assert (made.expected, made.remedy) == (
        Text("%(n)s cells", {"n": 4}),
        Text("Take %(m)s out.", {"m": "one"}),
    )
    with pytest.raises(InputError) as error:
        reject("a.b:one", "a.csv", "row 2", "id", "5", n=4, m="one")
    assert error.value.faults == (made,)


def test_no_fault_is_declared_twice():
    declared()
    with pytest.raises(ValueError, match="declared twice"):
        declare({next(iter(DECLARED)): ("a", "b")})
