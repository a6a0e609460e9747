"""The figures of the code base are those of a graph that was drawn by hand."""

from __future__ import annotations

import numpy as np

from tools.figures import circles, imports, modules, rooms, seconds, sizes


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


def test_every_module_is_in_a_room():
    found = modules()
    counted = sum(int(figure.split(" lines, ")[1].split()[0]) for _, figure in rooms())
    assert counted == len(found) - 1
    assert dict(sizes())["modules"] == f"{len(found):,}"


def test_a_stage_is_run_and_timed(monkeypatch):
    monkeypatch.setattr("tools.figures.STAGES", ("help", "no-such-stage"))
    (told, took), (_, failed) = seconds()
    assert (told, took.endswith(" s")) == ("make help", True)
    assert failed.endswith(" s, failed")
