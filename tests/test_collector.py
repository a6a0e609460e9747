"""Garbage is looked for again as it was before, whatever happened in between."""

from __future__ import annotations

import gc

import pytest

from civicsight.core.collector import undisturbed


@pytest.mark.parametrize("running", [True, False])
def test_the_collector_is_as_it_was_before(running):
    before = gc.isenabled()
    (gc.enable if running else gc.disable)()
    try:
        with undisturbed():
            assert not gc.isenabled()
            with undisturbed():
                assert not gc.isenabled()
            assert not gc.isenabled()
        assert gc.isenabled() is running
        with pytest.raises(ZeroDivisionError):
            undisturbed()(lambda: 1 / 0)()
        assert gc.isenabled() is running
    finally:
        (gc.enable if before else gc.disable)()
