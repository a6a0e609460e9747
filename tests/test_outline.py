import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from civicsight.coverage.demand.sites import (
    azimuth_deg,
    course_at,
    facing_deg,
    line_across,
    nearest_line,
    outward_at,
    outwards_at,
    unit,
)
from tests import town

SQUARE = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])


@pytest.mark.parametrize(
    ("vector", "azimuth"), [((0, 1), 0), ((1, 0), 90), ((0, -1), 180), ((-1, 0), 270), ((1, 1), 45)]
)
def test_azimuths_run_clockwise_from_north(vector, azimuth):
    assert azimuth_deg(np.array(vector, float)) == pytest.approx(azimuth)


@pytest.mark.parametrize(
    ("point", "azimuth"),
    [((5, 0), 180), ((10, 5), 90), ((5, 10), 0), ((0, 5), 270), ((5, -3), 180)],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_way_out_of_a_square(point, azimuth, turned):
    outline = SQUARE.reverse() if turned else SQUARE
    assert azimuth_deg(outward_at(outline, Point(point), 1.0)) == pytest.approx(azimuth)


@given(st.floats(0, 40), st.floats(0, 2 * np.pi))
def test_the_way_out_never_leads_in(along, turn):
    c, s = np.cos(turn), np.sin(turn)
    shape = Polygon([(c * x - s * y, s * x + c * y) for x, y in SQUARE.exterior.coords])
    point = shape.exterior.interpolate(along)
    out = outward_at(shape, point, 0.4)
    assert not shape.contains(Point(point.x + 0.6 * out[0], point.y + 0.6 * out[1]))
    assert np.hypot(*out) == pytest.approx(1)


def test_a_line_across_is_as_wide_as_asked_and_square_to_the_way():
    line = line_across(Point(3, 4), np.array([0.6, 0.8]), 5.0)
    assert line.length == pytest.approx(5)
    assert line.centroid.distance(Point(3, 4)) < 1e-9
    ends = np.asarray(line.coords)
    assert (ends[1] - ends[0]) @ np.array([0.6, 0.8]) == pytest.approx(0)


def test_a_course_is_a_chord():
    bend = town.line((0, 0), (10, 0), (10, 10))
    assert course_at(bend, town.point(10, 0), 3.0) == pytest.approx(unit(np.array([1.0, 1.0])))
    assert course_at(bend, town.point(0, 0), 3.0) == pytest.approx([1, 0])


def test_a_vector_without_length_points_north():
    assert unit(np.zeros(2)).tolist() == [0, 1]
    assert facing_deg(np.array([0.0, 2.0]), np.array([3.0, 0.0])) == pytest.approx(90)


def test_the_nearest_of_several_lines():
    pair = town.line((0, 0), (1, 0)).union(town.line((0, 9), (1, 9)))
    assert nearest_line(pair, town.point(0, 7)).distance(town.point(0, 9)) == 0


def out_by_steps(outline, point, reach_m):
    """The way out at one point, found step by step."""
    course = course_at(outline.exterior, point, reach_m)
    normal = np.array([course[1], -course[0]])
    foot = outline.exterior.interpolate(outline.exterior.project(point))
    for step in (0.5, 2.0):
        ahead = outline.contains(Point(foot.x + step * normal[0], foot.y + step * normal[1]))
        behind = outline.contains(Point(foot.x - step * normal[0], foot.y - step * normal[1]))
        if ahead != behind:
            return -normal if ahead else normal
    away = np.array([foot.x - outline.centroid.x, foot.y - outline.centroid.y])
    return normal if float(normal @ away) >= 0 else -normal


@pytest.mark.parametrize("seed", range(20))
def test_ways_out_along_an_outline_are_those_at_each_point(seed):
    rng = np.random.default_rng(seed)
    turn = np.sort(rng.uniform(0.0, 2.0 * np.pi, rng.integers(3, 12)))
    far = rng.choice([1.2, 8.0, 40.0]) * rng.uniform(0.2, 1.0, len(turn))
    outline = shapely.buffer(Polygon(np.column_stack([far * np.cos(turn), far * np.sin(turn)])), 0)
    outline = max(shapely.get_parts(outline), key=lambda part: part.area, default=None)
    if outline is None or outline.is_empty:
        return
    points = shapely.points(rng.uniform(-45.0, 45.0, (30, 2)))
    found = outwards_at(np.array([outline]), np.zeros(30, int), points, 3.0)
    wanted = [out_by_steps(outline, point, 3.0) for point in points]
    assert (found == np.array(wanted)).all()
    assert (outward_at(outline, points[0], 3.0) == found[0]).all()
