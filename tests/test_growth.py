"""No reader grows faster than its file: rows, columns, members, layers, corners, cells."""

from __future__ import annotations

import pytest

from tests.growth_made import GROWTHS, MOST_SLOPE, slope


@pytest.mark.slow
@pytest.mark.parametrize("name", GROWTHS)
def test_every_reader_grows_no_faster_than_its_file(name, tmp_path):
    steep, times = slope(name, tmp_path)
    assert steep <= MOST_SLOPE, times
