import numpy as np
import pytest
import shapely

from civicsight.coverage.demand.ends import across_road, find_portals, junction_ground
from civicsight.coverage.demand.sites import azimuth_deg
from civicsight.coverage.demand.surroundings import look_around
from tests import town


def city(roads=None, buildings=None):
    return look_around(
        roads=town.roads() if roads is None else roads,
        entrances=town.entrances(),
        barriers=town.barriers(),
        buildings=town.buildings() if buildings is None else buildings,
    )


def ends(span, **more):
    found = find_portals(span, on_foot=more.pop("on_foot", False), city=city(**more))
    return sorted(
        (
            round(line.centroid.x - town.X, 1),
            round(line.centroid.y - town.Y, 1),
            round(azimuth_deg(out)),
            round(line.length, 1),
        )
        for line, out in found
    )


def test_both_ends_of_a_bridge():
    assert ends(town.line((0, 0), (120, 0))) == [(0, 0, 270, 6), (120, 0, 90, 6)]


def test_carriageways_side_by_side_end_together():
    pair = shapely.union_all([town.line((0, 0), (120, 0)), town.line((0, 14), (120, 14))])
    assert ends(pair) == [(0, 7, 270, 20), (120, 7, 90, 20)]


def test_every_stair_of_an_underpass_is_an_end():
    arms = shapely.union_all(
        [town.line((0, 0), (20, 0)), town.line((20, 0), (40, 0)), town.line((20, 0), (20, 15))]
    )
    assert ends(arms, on_foot=True) == [(0, 0, 270, 3), (20, 15, 0, 3), (40, 0, 90, 3)]


def test_an_end_indoors_is_none():
    house = town.buildings(b=(town.rect(30, -10, 60, 10),))
    assert ends(town.line((0, 0), (40, 0)), on_foot=True, buildings=house) == [(0, 0, 270, 3)]


def test_the_outline_of_a_bridge_ends_at_its_short_sides():
    found = ends(town.rect(0, 0, 120, 20))
    assert found == [(0, 10, 270, 6), (120, 10, 90, 6)]


def test_a_ring_has_no_ends():
    assert ends(town.line((0, 0), (50, 0), (50, 50), (0, 0))) == []


def test_a_line_across_the_road_at_a_toll_plaza():
    road = town.roads(r=(town.line((0, -50), (0, 50)), "trunk"))
    line, out = across_road(town.point(8, 10), city(road), None)
    assert line.length == pytest.approx(6)
    assert abs(out[0]) < 1e-9
    assert across_road(town.point(80, 10), city(road), None) is None
    assert across_road(town.point(8, 10), city(road), 14.0)[0].length == pytest.approx(14)


def test_the_ground_of_a_junction_is_the_open_part():
    corner = town.buildings(b=(town.rect(0, 0, 100, 100),))
    open_share = junction_ground(town.point(0, 0), city(buildings=corner)).area
    assert open_share == pytest.approx(0.75 * np.pi * 15**2, rel=0.01)


@pytest.mark.parametrize("length", [8, 29, 30, 31])
def test_both_ends_of_a_short_bridge_are_two_gates(length):
    """Closer together than two carriageways may be, and led out of in opposite directions."""
    assert ends(town.line((0, 0), (length, 0))) == [(0, 0, 270, 6), (length, 0, 90, 6)]


@pytest.mark.parametrize(("apart", "lines"), [(29.9, 2), (30.0, 2), (30.1, 4)])
def test_carriageways_farther_apart_end_by_themselves(apart, lines):
    pair = shapely.union_all([town.line((0, 0), (120, 0)), town.line((0, apart), (120, apart))])
    assert len(ends(pair)) == lines


@pytest.mark.parametrize(("turn_deg", "lines"), [(59.0, 3), (61.0, 4)])
def test_ends_that_lead_elsewhere_are_not_side_by_side(turn_deg, lines):
    """Two ways from far apart end close together; the one leads out turned by so much."""
    turn = np.radians(turn_deg)
    other = town.line((-120 * np.cos(turn), -120 * np.sin(turn) - 10), (0, -10))
    pair = shapely.union_all([town.line((-150, 0), (0, 0)), other])
    assert len(ends(pair)) == lines


@pytest.mark.parametrize(("off", "is_near"), [(29.9, True), (30.0, True), (30.1, False)])
def test_a_mark_of_a_toll_plaza_is_near_its_road(off, is_near):
    road = town.roads(r=(town.line((0, -50), (0, 50)), "trunk"))
    assert (across_road(town.point(off, 10), city(road), None) is not None) is is_near
