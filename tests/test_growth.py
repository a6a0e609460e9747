"""No reader grows faster than its file: rows, columns, members, layers, corners, cells."""

from __future__ import annotations

import pytest

from tests.growth_made import GROWTHS, MOST_SLOPE, slope
from tests.spoilt.corpus import READ_FORMATS

GROWN = {
    "GTiff": "geotiff", "AAIGrid": "relief", "ESRI Shapefile": "shapefile", "OSM": "pbf",
    "text": "csv", "handover": "", "SRTMHGT": "", "XLS": "",
}  # fmt: skip
"""What grows a format, where it is not called like it. Three do not grow here: a tile of SRTM has
one size, nothing here writes XLS, whose cells come from the library that reads ODS, and the package
of a plan is not tried.
"""


def test_every_format_that_is_read_grows_or_it_is_said_why_not():
    grown = {name.split()[0] for name in GROWTHS} | {""}
    assert [name for name in READ_FORMATS if GROWN.get(name, name.lower()) not in grown] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", GROWTHS)
def test_every_reader_grows_no_faster_than_its_file(name, tmp_path):
    steep, times = slope(name, tmp_path)
    assert steep <= MOST_SLOPE, times
