"""A system that fails while something is written: nothing half, nothing lost, and it is said."""

from __future__ import annotations

import pytest

from tests.faults_made import CODES, KNOWN, PLACES, STEPS, outcome

pytestmark = pytest.mark.skipif(not KNOWN, reason="the filter is written for Linux on x86_64")

QUICK = (("a file", "write"), ("several files", "move"), ("accounts", "create"), ("a plan", "sync"))


@pytest.mark.parametrize(("name", "step"), QUICK)
def test_a_fault_leaves_nothing_half_and_is_said(name, step, tmp_path):
    how, said = outcome(name, step, CODES["EIO"], tmp_path)
    assert how in {"told", "done"}, said


@pytest.mark.slow
@pytest.mark.parametrize("name", PLACES)
def test_every_fault_at_every_place(name, tmp_path):
    wrong = []
    for step in STEPS:
        for named, code in CODES.items():
            folder = tmp_path / f"{step}-{named}"
            folder.mkdir()
            how, said = outcome(name, step, code, folder)
            if how not in {"told", "done"}:
                wrong.append((step, named, how, said[:400]))
    assert wrong == []
