"""Crossings of an outline are counted before it is repaired; too many are told by every reader."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely

from civicsight.core.bounded import crossings
from civicsight.core.bounded.crossings import FEW, MOST, areas_in, limit_of, tangled
from civicsight.core.errors import InputError
from civicsight.io.citymodels.reader import read_citymodel
from civicsight.io.osm.obstacles import read_canopies
from civicsight.io.osm.places import read_places
from civicsight.io.vectors.footprints import read_buildings
from civicsight.io.vectors.geometry import repair_polygons
from civicsight.maps.prisms import cut_bodies
from tests.city_made import METRIC, box, features, knot
from tests.test_city_footprints import layer
from tests.test_citymodels import DECLARED, block, cityjson, codes, saved
from tests.test_maps_prisms import WINDOW, town


def is_tangled(shape):
    return bool(tangled(np.array([shape], object))[0])


def counted(shape):
    """Count by comparing each pair: returns to a corner, and edges that meet between corners."""
    found, edges = 0, set()
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            corners = list(ring.coords)
            found += sum(a == b for a, b in combinations(corners[:-1], 2))
            edges |= {frozenset(pair) for pair in pairwise(corners)}
    lines = [shapely.LineString(list(edge)) for edge in edges if len(edge) == 2]
    return found + sum(
        not set(a.coords) & set(b.coords) and shapely.intersects(a, b)
        for a, b in combinations(lines, 2)
    )


def drawn(seed):
    """Return a shape of few places, so that corners, edges and rings often meet."""
    dice = np.random.default_rng(seed)
    corners = dice.integers(0, 5, (20, 2)).astype(float)
    other = shapely.Polygon(dice.integers(0, 9, (6, 2)).astype(float))
    return (
        shapely.Polygon(corners),
        shapely.Polygon(np.tile(corners[:4], (5, 1))),
        shapely.Polygon(corners, [other.exterior.coords]),
        shapely.MultiPolygon([shapely.Polygon(corners), other, other]),
    )[seed % 4]


@pytest.mark.parametrize("at_once", [1, 100, 4_000_000])
def test_crossings_are_those_of_each_pair(monkeypatch, at_once):
    monkeypatch.setattr(crossings, "AT_ONCE", at_once)
    for seed in range(24):
        shape = drawn(seed)
        count = counted(shape)
        assert not crossings._is_beyond(shape, count)
        assert crossings._is_beyond(shape, count - 1)


def test_only_what_is_invalid_and_could_cross_so_often_is_counted(monkeypatch):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr(crossings, "_is_beyond", never)
    turns = np.linspace(0, 2 * np.pi, 50_000)
    round_one = shapely.Polygon(np.column_stack([np.cos(turns), np.sin(turns)]))
    line = shapely.LineString(np.random.default_rng(1).uniform(0, 9, (1000, 2)))
    few = shapely.Polygon(np.random.default_rng(1).uniform(0, 9, (FEW - 1, 2)))
    shapes = np.array([round_one, line, few, None, shapely.Point(0, 0)], object)
    assert not tangled(shapes).any()
    assert FEW * (FEW - 1) // 2 <= MOST < (FEW + 1) * FEW // 2


def test_a_shape_may_touch_itself_at_each_of_its_corners():
    """The outline of cells of a raster that hang together by their corners is repaired."""
    steps = np.arange(60_001)
    there = np.column_stack([steps, steps % 2])
    back = np.column_stack([steps, 1 - steps % 2])[::-1]
    shape = shapely.Polygon(np.vstack([there, back]))
    assert shapely.get_num_coordinates(shape) > MOST
    assert not shape.is_valid
    assert limit_of(shape) > MOST
    assert not is_tangled(shape)


def test_areas_are_found_in_collections_of_collections():
    inner = shapely.GeometryCollection([shapely.MultiPolygon([box(0, 0, 1, 1)]), shapely.Point()])
    shape = shapely.GeometryCollection([inner, box(2, 2, 1, 1), shapely.Point(0, 0)])
    assert areas_in(shape).tolist() == [box(0, 0, 1, 1), box(2, 2, 1, 1)]


@pytest.mark.parametrize(
    "shape",
    [
        knot(),
        shapely.MultiPolygon([box(50, 50, 1, 1), knot()]),
        shapely.GeometryCollection([knot(), shapely.Point(0, 0)]),
        shapely.Polygon(np.random.default_rng(2).uniform(0, 99, (1200, 2))),
    ],
)
def test_what_crosses_itself_too_often_is_not_repaired(shape):
    repair = repair_polygons(np.array([box(0, 0, 2, 2), shape], object))
    assert repair.tangled.tolist() == repair.lost.tolist() == [False, True]
    assert repair.geometry[1] is None


def test_a_collection_of_crossing_areas_is_repaired():
    bow_tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    shape = shapely.GeometryCollection([bow_tie, box(3, 3, 17, 17), shapely.Point(1, 1)])
    repair = repair_polygons(np.array([shape], object))
    whole = shapely.union_all([*shapely.get_parts(shapely.make_valid(bow_tie)), box(3, 3, 17, 17)])
    assert repair.mixed.all()
    assert repair.mended.all()
    assert repair.geometry[0].equals(whole)


def test_a_row_that_crosses_itself_too_often_is_refused_and_the_others_stay(tmp_path):
    path = layer(tmp_path, [box(20, 0, 5, 5), knot(), box(40, 0, 5, 5)], id=["a", "b", "c"])
    with pytest.raises(InputError, match=r"geometry\.tangled"):
        read_buildings(path, crs=METRIC)
    table, report = read_buildings(path, crs=METRIC, keep_good=True)
    (fault,) = report.rejected
    assert (fault.where, fault.found) == ("b", f"> {MOST}")
    assert str(MOST) in str(fault.expected)
    assert "Simplify" in str(fault.remedy)
    assert table.index.tolist() == ["a", "c"]


def test_rows_of_one_building_are_joined_without_those(tmp_path):
    path = layer(tmp_path, [box(0, 0, 5, 5), knot(), box(40, 0, 5, 5)], id=[7, 7, 8])
    table, report = read_buildings(path, crs=METRIC, keep_good=True)
    assert [fault.code for fault in report.rejected] == ["geometry.tangled"]
    assert table.geometry.area.to_dict() == {"7": pytest.approx(25), "8": pytest.approx(25)}


def test_lines_beside_an_area_are_never_cut_where_they_cross(tmp_path, monkeypatch):
    """Each crossing would be a corner: lines that go the same way often would take all memory."""
    united = []
    monkeypatch.setattr(shapely, "union_all", lambda shapes: united.extend(shapes) or shapes[0])
    line = shapely.LineString(knot().exterior.coords)
    path = layer(tmp_path, [line, box(0, 0, 5, 5), line, box(40, 0, 5, 5)], id=[7, 7, 7, 8])
    table, report = read_buildings(path, crs=METRIC)
    assert [shape.geom_type for shape in united] == ["Polygon"]
    assert {fault.code for fault in report.repaired} == {"geometry.mixed"}
    assert table.geometry.area.to_dict() == {"7": pytest.approx(25), "8": pytest.approx(25)}


@pytest.mark.parametrize(
    ("read", "tags"), [(read_places, {"amenity": "school"}), (read_canopies, {"natural": "wood"})]
)
def test_a_map_is_read_without_those_and_says_so(read, tags):
    table, report = read(features(("way/1", tags, knot()), ("way/2", tags, box(30, 0, 5, 5))), "x")
    assert table.index.tolist() == ["way/2"]
    assert [(f.code, f.where) for f in report.repaired] == [("geometry.tangled", "way/1")]


def test_a_model_of_a_city_is_read_without_those(tmp_path):
    corners, faces = block(0, 0, 9, 9, 0, 9)
    long = [(kind, [first, *rest * 500]) for kind, (first, *rest) in faces]
    shapes = {"good": faces, "bad": long}
    objects = {name: ("Building", "2", corners, shape, {}) for name, shape in shapes.items()}
    path = saved(tmp_path, cityjson(objects, crs=None))
    assert codes(path, declared=DECLARED) == ["geometry.tangled"]
    table, report = read_citymodel(path, declared=DECLARED, keep_good=True)
    assert table.index.tolist() == ["good"]
    assert report.rejected[0].where == "bad"


def test_no_map_is_drawn_of_those():
    """A project file may hold any shape; the app opens it."""
    bodies = cut_bodies(town([box(0, 0, 9, 9), knot()], [9.0, 9.0]), WINDOW, None)
    alone = cut_bodies(town([box(0, 0, 9, 9)], [9.0]), WINDOW, None)
    assert len(bodies.caps) == len(alone.caps)
