"""Buildings that come and go: a year's city has its own, and cameras are judged among them."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from civicsight.coverage.check import check
from civicsight.io.vectors.footprints import read_buildings
from civicsight.io.vectors.measures import read_year
from civicsight.model.city import YEARS, standing_in, stands_in
from tests.test_check import CAMS, inventory, part_at, town

HOUSE = box(26, -4, 34, -2)
"""Between the camera in the south and its gate."""

NAN = float("nan")


def phased(built, removed, cameras=None):
    """Return the town of one school with a house before its gate in some years."""
    made = town(
        inventory(south=((30, -8), 0.0, {})) if cameras is None else cameras,
        {"school": (box(20, 15, 40, 30), 12.0, False), "house": (HOUSE, 6.0, False)},
    )
    years = {"built_from": [NAN, built], "removed_by": [NAN, removed]}
    object.__setattr__(made, "buildings", made.buildings.assign(**years))
    return made


@pytest.mark.parametrize("year", range(2025, 2033))
def test_a_building_stands_from_its_first_year_until_it_is_gone(year):
    city = phased(2027, 2030)
    stands = standing_in(city, year).buildings.index
    assert ("house" in stands) == (year in {2027, 2028, 2029})
    assert "school" in stands


def test_the_city_of_a_year_stays_what_it_is():
    then = standing_in(phased(2027, NAN), 2027)
    assert then.buildings[list(YEARS)].isna().all().all()
    assert len(standing_in(then, 2020).buildings) == 2
    assert standing_in(then, 2020) is then


def test_without_years_nothing_changes():
    city = town()
    assert standing_in(city, 1900) is city
    assert stands_in(city.buildings.drop(columns=list(YEARS)), 1900).all()


@pytest.mark.slow
def test_a_house_to_come_stands_in_no_sight_line_of_today():
    """Of a year that has not come and of one that has passed, whenever the test is run."""
    assert "house" not in check(phased(2999, NAN), raster=False).city.buildings.index
    assert "house" not in check(phased(NAN, 1990), raster=False).city.buildings.index
    assert "house" in check(phased(1990, 2999), raster=False).city.buildings.index


@pytest.mark.parametrize(
    ("built", "removed", "year", "hidden"),
    [
        (2028, NAN, 2027, False),
        (2028, NAN, 2028, True),
        (NAN, 2028, 2027, True),
        (NAN, 2028, 2028, False),
    ],
)
def test_the_shadow_of_a_building_comes_and_vanishes_with_it(built, removed, year, hidden):
    found = check(phased(built, removed), raster=False, year=year)
    status = found.part_status.loc[part_at(found, "s")]
    assert status["status"] == ("gap" if hidden else "covered")
    assert any("house" in name for name in status["blockers"]) == hidden


@pytest.mark.slow
def test_the_whole_town_is_judged_as_if_the_house_had_never_been():
    without = check(town(CAMS, {"school": (box(20, 15, 40, 30), 12.0, False)}), raster=False)
    gone = check(phased(NAN, 2028, CAMS), raster=False, year=2028)
    for reading, matrix in without.matrices.items():
        assert (matrix.q != gone.matrices[reading].q).nnz == 0
    assert without.part_status["status"].tolist() == gone.part_status["status"].tolist()


@pytest.mark.parametrize(
    ("text", "year"),
    [("2028", 2028), (2028, 2028), (2028.0, 2028), ("2028-03-01", 2028), ("2028年", 2028),
     ("", NAN), ("unknown", NAN)],
)  # fmt: skip
def test_years_as_people_write_them(text, year):
    reading = read_year(text)
    assert reading.readable
    assert reading.value == year or (np.isnan(year) and np.isnan(reading.value))


@pytest.mark.parametrize("text", ["soon", "28", "12028", "-5"])
def test_what_is_no_year(text):
    assert not read_year(text).readable


def test_years_come_with_a_layer_and_what_is_none_is_named(tmp_path):
    path = tmp_path / "houses.geojson"
    frame = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "height": [6.0, 9.0, 12.0],
            "建成年份": ["2028", None, "soon"],
            "removed by": [None, "2027-06-30", None],
        },
        geometry=[box(x, 28.0, x + 1e-4, 28.0001) for x in (115.0, 115.001, 115.002)],
        crs=4326,
    )
    frame.to_file(path)
    table, report = read_buildings(path)
    assert table["built_from"].fillna(0).to_dict() == {"a": 2028, "b": 0, "c": 0}
    assert table["removed_by"].fillna(0).to_dict() == {"a": 0, "b": 2027, "c": 0}
    (fault,) = [each for each in report.repaired if each.code == "year.unusable"]
    assert (fault.where, fault.field, fault.found) == ("c", "built_from", "soon")
