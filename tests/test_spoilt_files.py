"""Spoilt files by the hundred: each is read or refused, soon, in bounds, and calls nobody."""

from __future__ import annotations

import sys

import pytest

from civicsight.city.apart import fence
from tests.spoilt.run import run, table

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")


@pytest.mark.parametrize("each", [1, pytest.param(None, marks=pytest.mark.slow)])
def test_each_is_read_or_refused_in_bounds_and_calls_nobody(tmp_path, each):
    outcome = run(tmp_path, each)
    sys.stdout.write(table(outcome))
    assert len(outcome.cases) >= (30 if each else 560)
    for case in outcome.cases:
        assert not case.answer.breaks, case
    assert outcome.called == 0
    if fence.landlock_version():
        assert not outcome.opened
