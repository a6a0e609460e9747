"""Bodies of the 3D view: areas, volumes and walls against geometry worked out another way."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity

from civicsight.maps import prisms
from civicsight.maps.prisms import Window, cut_bodies, cut_relief, known_ground, level_of
from civicsight.model import BUILDINGS, CANOPIES
from civicsight.model.terrain import Terrain
from tests.result_town import EAST, NORTH, TOWN_CRS, area, make_city, table

WINDOW = Window(EAST + 65.0, NORTH + 65.0, 80.0)
COURT = shapely.Polygon(
    [(0, 0), (40, 0), (40, 30), (0, 30)], [[(10, 10), (10, 20), (30, 20), (30, 10)]]
)
ELL = shapely.Polygon([(50, 0), (80, 0), (80, 10), (60, 10), (60, 40), (50, 40)])


def town(shapes, heights, base=0.0, assumed=()):
    """Return a city of these buildings alone, in metres from its corner."""
    rows = [
        {
            "building_id": f"b{k}",
            "height_m": height,
            "base_m": base,
            "height_assumed": k in assumed,
            "geometry": shapely.affinity.translate(shape, EAST, NORTH),
        }
        for k, (shape, height) in enumerate(zip(shapes, heights, strict=True))
    ]
    city = make_city("town")
    return replace(city, buildings=table(BUILDINGS, rows), obstacles=city.obstacles.iloc[:0])


def cap_areas(bodies):
    """Return the signed area of each cap: above 0 for a roof."""
    x0, y0, x1, y1, x2, y2, _ = bodies.caps.astype(float).T
    return ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2.0


def volume(bodies):
    """Return the volume by the divergence theorem: a third of the flow of (x, y, z) outwards."""
    x0, y0, x1, y1, low, top = bodies.walls.astype(float).T
    flow = ((y1 - y0) * x0 - (x1 - x0) * y0) * (top - low)
    return (flow.sum() + (cap_areas(bodies) * bodies.caps[:, 6]).sum()) / 3.0


def test_a_court_is_left_open_and_its_walls_look_into_it():
    bodies = cut_bodies(town([COURT], [12.0]), WINDOW, None)
    assert len(bodies.walls) == 8
    assert cap_areas(bodies).sum() == pytest.approx(40 * 30 - 20 * 10)
    assert volume(bodies) == pytest.approx((40 * 30 - 20 * 10) * 12.0, rel=1e-6)
    length = np.hypot(*(bodies.walls[:, 2:4] - bodies.walls[:, :2]).T)
    assert (length * 12.0).sum() == pytest.approx((2 * 70 + 2 * 30) * 12.0)
    x0, y0, x1, y1 = bodies.walls[:, :4].T
    mid = np.column_stack([(x0 + x1) / 2 + 65.0, (y0 + y1) / 2 + 65.0])
    out = mid + 0.5 * np.column_stack([y1 - y0, x0 - x1]) / length[:, None]
    assert not shapely.intersects_xy(COURT, *out.T).any()


@pytest.mark.parametrize("shape", [COURT, ELL, shapely.Point(20, 20).buffer(9.0)])
def test_caps_cover_the_footprint_and_nothing_else(shape):
    bodies = cut_bodies(town([shape], [5.0]), WINDOW, None)
    corners = bodies.caps[:, :6].reshape(-1, 3, 2).astype(float) + 65.0
    joined = shapely.union_all(shapely.polygons(corners))
    assert shapely.area(joined) == pytest.approx(shape.area, rel=1e-5)
    assert shapely.hausdorff_distance(joined, shape) < 1e-3
    assert (bodies.caps[:, 6] == 5.0).all()


def test_several_bodies_add_up_by_their_kind():
    bodies = cut_bodies(town([COURT, ELL], [12.0, 7.5], assumed={1}), WINDOW, None)
    assert set(bodies.wall_kind) == {0, 1}
    assert (bodies.wall_kind == 1).sum() == 6
    assert cap_areas(bodies)[bodies.cap_kind == 1].sum() == pytest.approx(ELL.area)
    assert volume(bodies) == pytest.approx(1000 * 12.0 + ELL.area * 7.5, rel=1e-6)
    assert (bodies.drawn, bodies.left_out) == (2, 0)


def test_what_hangs_above_the_ground_has_an_underside():
    bodies = cut_bodies(town([ELL], [9.0], base=4.0), WINDOW, None)
    assert sorted(set(bodies.caps[:, 6])) == [4.0, 9.0]
    assert cap_areas(bodies).sum() == pytest.approx(0.0, abs=1e-4)
    assert volume(bodies) == pytest.approx(ELL.area * 5.0, rel=1e-6)


def test_panels_have_two_sides_and_crowns_stand_clear_of_the_ground():
    city = make_city("town")
    crown = {"canopy_id": "t", "height_m": 8.0, "base_m": 2.5, "geometry": area(1, 1, 5, 5)}
    bodies = cut_bodies(replace(city, canopies=table(CANOPIES, [crown])), WINDOW, None)
    panel = bodies.walls[bodies.wall_kind == 2]
    assert (panel[0, [0, 1, 2, 3]] == panel[1, [2, 3, 0, 1]]).all()
    trees = bodies.walls[bodies.wall_kind >> 1 == 2]
    assert (trees[:, 4] == 2.5).all()
    assert (trees[:, 5] == 8.0).all()


def test_the_whole_town_is_as_large_as_its_table_says():
    city = make_city("town")
    bodies = cut_bodies(city, WINDOW, None)
    own = bodies.cap_kind < 2
    assert cap_areas(bodies)[own].sum() == pytest.approx(city.buildings.area.sum())
    expected = (city.buildings.area * city.buildings["height_m"]).sum()
    assert (cap_areas(bodies) * bodies.caps[:, 6])[own].sum() == pytest.approx(expected)


def test_in_relief_tops_follow_the_lowest_ground_and_feet_reach_below_it():
    z = np.add.outer(np.zeros(15), np.arange(15) * 1.0)  # rises a metre every ten to the east
    terrain = Terrain(z + 100.0, EAST - 5.0, NORTH - 5.0, 10.0)
    bodies = cut_bodies(town([COURT], [12.0]), WINDOW, terrain)
    middle = 100.0 + 7.0
    assert level_of(WINDOW, terrain) == pytest.approx(middle)
    assert bodies.walls[:, 5] == pytest.approx(100.5 + 12.0 - middle)
    assert (bodies.walls[:, 4] <= 100.5 - middle).all()
    relief = cut_relief(WINDOW, terrain)
    assert relief.shape == (prisms.RELIEF_NODES,) * 2
    assert relief[80, 80] == pytest.approx(0.0, abs=1e-6)
    assert relief[:, 100] - relief[:, 80] == pytest.approx(2.0, abs=1e-5)


def test_ground_that_nobody_knows_lies_at_the_lowest_known_height():
    z = np.array([[np.nan, 3.0], [5.0, 4.0]])
    assert known_ground(Terrain(z, 0.0, 0.0, 1.0)).z[0, 0] == 3.0
    assert known_ground(Terrain(np.full((2, 2), np.nan), 0.0, 0.0, 1.0)) is None
    assert known_ground(None) is None


def test_a_crowded_window_keeps_what_is_nearest(monkeypatch):
    rows = [shapely.box(10.0 * k, 60, 10.0 * k + 5, 65) for k in range(13)]
    city = town(rows, [6.0] * 13)
    monkeypatch.setattr(prisms, "MAX_WALLS", 5 * 5)
    bodies = cut_bodies(city, WINDOW, None)
    assert (bodies.drawn, bodies.left_out) == (5, 8)
    away = sorted(shapely.distance(rows, shapely.Point(65, 65)))
    assert np.abs(bodies.walls[:, 0]).max() <= away[4] + 5.0


def test_buildings_elsewhere_are_not_drawn():
    bodies = cut_bodies(town([COURT, ELL], [6.0, 6.0]), Window(EAST + 20, NORTH + 15, 12.0), None)
    assert bodies.drawn == 1


def test_an_empty_window_is_empty():
    city = make_city("town")
    bodies = cut_bodies(city, Window(EAST + 9_000, NORTH, 50.0), None)
    assert len(bodies.walls) == len(bodies.caps) == bodies.drawn == 0
    assert isinstance(city.buildings, gpd.GeoDataFrame)
    assert city.buildings.crs == TOWN_CRS
