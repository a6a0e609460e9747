"""The figures of the code base are those of a graph that was drawn by hand."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from tools.figures import called_once, circles, code_lines, imports, modules, rooms, seconds


def test_imports_inside_of_functions_and_for_types_count(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "from a.b import name, c\n"
        "if TYPE_CHECKING:\n    import a.d\n"
        "def work():\n    from a import e\n",
        encoding="utf-8",
    )
    known = frozenset({"a", "a.b", "a.b.c", "a.d", "a.e"})
    assert sorted(imports(path, known)) == ["a.b", "a.b.c", "a.d", "a.e"]


def test_circles_are_found_however_long():
    linked = np.zeros((5, 5), bool)
    for one, other in ((0, 1), (1, 2), (2, 0), (3, 4), (0, 3)):
        linked[one, other] = True
    assert circles(list("abcde"), linked) == [["a", "b", "c"]]


def test_code_is_counted_without_blanks_comments_and_docstrings():
    source = (
        '"""What it is."""\n\n# why\nLIMIT = 3\n"""A limit."""\n'
        'def twice(value):\n    """Return it twice.\n\n    Long.\n    """\n'
        '    text = """\n    no docstring"""\n    return (\n        value, text)\n'
    )
    assert code_lines(source, ast.parse(source)) == {4, 6, 11, 12, 13, 14}


def test_a_private_helper_named_once_is_counted():
    tree = ast.parse(
        "def _once(): ...\ndef _twice(): ...\ndef open(): _once(), _twice(), _twice()\n"
        "class A:\n    def __init__(self): self._own()\n    def _own(self): ...\n"
    )
    assert called_once(tree) == 2


@pytest.mark.slow
def test_every_module_is_in_a_room():
    headings, *rows = rooms()
    counted = {row[0]: int(row[headings.index("modules")]) for row in rows}
    outside = {"civicsight", "civicsight.__main__"}
    assert counted.pop("all") == sum(counted.values()) == len(modules().keys() - outside)


def test_a_stage_is_run_and_timed(monkeypatch):
    monkeypatch.setattr("tools.figures.STAGES", ("help", "no-such-stage"))
    _, (told, took), (_, failed) = seconds()
    assert (told, took.endswith(" s")) == ("make help", True)
    assert failed.endswith(" s, failed")
