import pytest
from shapely import union_all

from civicsight.rules.matching import longest_side, measure, reaches, shape_of
from civicsight.rules.pack import Bound
from tests import town

SQUARE = town.rect(0, 0, 100, 50)


@pytest.mark.parametrize(
    ("field", "geometry", "tags", "value"),
    [
        ("area_m2", SQUARE, {}, 5000),
        ("area_m2", town.point(0, 0), {}, None),
        ("floor_area_m2", SQUARE, {"building:levels": "6"}, 30000),
        ("floor_area_m2", SQUARE, {}, None),
        ("floor_area_m2", town.point(0, 0), {}, None),
        ("length_m", SQUARE, {}, 100),
        ("length_m", town.line((0, 0), (3, 4)), {}, 5),
        ("length_m", town.point(0, 0), {}, None),
        ("capacity", SQUARE, {"capacity": "450"}, 450),
        ("capacity", SQUARE, {"capacity": "many"}, None),
        ("voltage_v", SQUARE, {"voltage": "20000;110000"}, 110000),
    ],
)
def test_measures(field, geometry, tags, value):
    found = measure(field, geometry, tags)
    assert found == (value if value is None else pytest.approx(value))


def test_an_outline_can_show_that_a_shop_is_large_but_not_that_it_is_small():
    bound = Bound("floor_area_m2", 4000)
    assert reaches(bound, SQUARE, {}) is True
    assert reaches(bound, town.rect(0, 0, 10, 10), {}) is None
    assert reaches(bound, town.rect(0, 0, 10, 10), {"building:levels": "2"}) is False


def test_two_carriageways_are_as_long_as_one():
    pair = union_all([town.line((0, 0), (90, 0)), town.line((0, 10), (90, 10))])
    assert longest_side(pair) == pytest.approx(90)


def test_shapes():
    assert [shape_of(g) for g in (SQUARE, town.line((0, 0), (1, 1)), town.point(0, 0))] == [
        "area",
        "line",
        "point",
    ]
