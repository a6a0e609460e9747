"""Spoilt files by the hundred: each is read or refused, soon, in bounds, and calls nobody."""

from __future__ import annotations

import sys

import pytest

from civicsight.io.apart import fence
from tests.exchange_made import HOUSES_IN
from tests.spoilt.run import run, table
from tests.spoilt.sound import Sound
from tests.spoilt.spoil import MANY
from tests.spoilt.watch import MOST_MB, watching

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fences are those of Linux")


@pytest.mark.parametrize("each", [1, pytest.param(None, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_each_is_read_or_refused_in_bounds_and_calls_nobody(tmp_path, each):
    outcome = run(tmp_path, each)
    sys.stdout.write(table(outcome))
    assert len(outcome.cases) >= (30 if each else 560)
    for case in outcome.cases:
        assert not case.answer.breaks, case
    assert outcome.called == 0
    if fence.landlock_version():
        assert not outcome.opened


def test_a_piece_of_an_outline_repeated_takes_no_memory(tmp_path):
    """It took 3.2 GB to repair a ring that goes 3,000 times through the same three corners."""
    path = HOUSES_IN["KML with a schema"](tmp_path)
    text = path.read_text(encoding="utf-8")
    begin, end = "<coordinates>", "</coordinates>"
    ring = text.partition(begin)[2].partition(end)[0]
    places = ring.split()
    assert len(places) >= 4
    path.write_text(text.replace(ring, " ".join([places[0], *places[1:] * MANY]), 1), "utf-8")
    with watching(tmp_path, traced=False) as watch:
        answer = watch.read(Sound(path, "buildings"), path)
    assert answer.told == "geometry.tangled"
    assert answer.peak_mb < MOST_MB
