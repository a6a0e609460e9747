"""A column as a whole tells what its commas are, and whether its days begin with day or month."""

from __future__ import annotations

import pytest
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.io.source_options import Declared
from civicsight.io.tables.inventory import read_cameras


def read(tmp_path, header, rows, **declared):
    path = tmp_path / "c.csv"
    lines = [";".join((f"c{n}", *row)) for n, row in enumerate(rows)]
    path.write_text("\n".join(["id;" + header, *lines]), encoding="utf-8")
    table, report = read_cameras(path, declared=Declared(**declared))
    return table, " ".join(map(str, report.notes))


def test_european_coordinates_in_metres(tmp_path):
    rows = [("338.645,73", "4.406.889,1", "3,5"), ("338.700", "4.406.900,25", "4")]
    table, told = read(tmp_path, "x;y;height_m", rows, crs=CRS.from_epsg(25833))
    own = table.geometry.to_crs(25833)
    assert own.x.round(2).tolist() == [338_645.73, 338_700.0]
    assert own.y.round(2).tolist() == [4_406_889.1, 4_406_900.25]
    assert table["height_m"].tolist() == [3.5, 4.0]
    for column in ("x", "y", "height_m"):
        assert f"numbers of the column {column} have a decimal comma" in told


def test_commas_between_thousands(tmp_path):
    rows = [("406,889", "3,172,040"), ("406,890", "3,172,041.5")]
    table, told = read(tmp_path, "x;y", rows, crs=CRS.from_epsg(32650))
    own = table.geometry.to_crs(32650)
    assert own.x.round(1).tolist() == [406_889, 406_890]
    assert own.y.round(1).tolist() == [3_172_040, 3_172_041.5]
    assert "numbers of the column x have commas between thousands" in told


def test_degrees_with_a_comma(tmp_path):
    table, told = read(tmp_path, "lon;lat", [("115,903", "28,674"), ("115,904", "28,675")])
    own = table.geometry.to_crs(4326)
    assert own.x.round(3).tolist() == [115.903, 115.904]
    assert "numbers of the column lat have a decimal comma" in told


@pytest.mark.parametrize("cells", [("1,200", "1,300"), ("3,5", "3.25")])
def test_what_nothing_tells_is_left_as_it_is(tmp_path, cells):
    """A thousand or a fraction: no other cell says which, or the cells contradict each other."""
    rows = [("115.9035", "28.6742", cell) for cell in cells]
    try:
        _, told = read(tmp_path, "lon;lat;reach_m", rows)
    except InputError as error:
        told = str(error)
    assert "numbers of the column reach_m" not in told


@pytest.mark.parametrize(
    ("cells", "days", "told"),
    [
        (["25/03/2024", "04/05/2024"], ["2024-03-25", "2024-05-04"], "begin with the day"),
        (["03/25/2024", "04/05/2024"], ["2024-03-25", "2024-04-05"], "begin with the month"),
        (["01.02.2024", "03.04.2024"], ["2024-02-01", "2024-04-03"], "begin with the day"),
        (["45376", "45377"], ["2024-03-25", "2024-03-26"], "are numbers of a spreadsheet"),
    ],
)
def test_days_by_column(tmp_path, cells, days, told):
    rows = [("115.9035", "28.6742", cell) for cell in cells]
    table, notes = read(tmp_path, "lon;lat;installed_on", rows)
    assert table["installed_on"].tolist() == days
    assert f"days of the column installed_on {told}" in notes


@pytest.mark.parametrize("cells", [["03/04/2024", "05/06/2024"], ["25/03/2024", "03/25/2024"]])
def test_days_that_nothing_tells_are_refused_with_advice(tmp_path, cells):
    rows = [("115.9035", "28.6742", cell) for cell in cells]
    with pytest.raises(InputError, match="the column as a whole"):
        read(tmp_path, "lon;lat;installed_on", rows)


def test_several_directions_stay_several(tmp_path):
    _, told = read(tmp_path, "lon;lat;azimuth", [("115.9035", "28.6742", "90,5")])
    assert "column azimuth" not in told
