"""Shapes are mended without losing area, and what is lost is named."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.vectors.geometry import (
    as_area,
    as_line,
    explode,
    lost_faults,
    points_of,
    polygons_only,
    repair_polygons,
)

BOW_TIE = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4)])
SPIKE = shapely.Polygon([(0, 0), (10, 0), (10, 10), (10, 30), (10, 10), (0, 10)])
HOLE_OUTSIDE = shapely.Polygon(
    [(0, 0), (10, 0), (10, 10), (0, 10)], [[(20, 20), (21, 20), (21, 21), (20, 21)]]
)
FLAT = shapely.Polygon([(0, 0), (5, 0), (10, 0)])
TINY = shapely.box(0, 0, 0.1, 0.1)
HUGE = shapely.Polygon([(0, 0), (np.inf, 0), (0, 1)])


def repaired(*shapes):
    return repair_polygons(np.array([*shapes, None], object)[:-1])


def test_invalid_outlines_keep_their_area():
    repair = repaired(BOW_TIE, SPIKE)
    assert repair.mended.all()
    assert shapely.is_valid(repair.geometry).all()
    assert shapely.area(repair.geometry) == pytest.approx([8, 100])


def test_a_valid_outline_is_left_alone():
    square = shapely.box(0, 0, 3, 3)
    repair = repaired(square)
    assert not (repair.mended | repair.lost | repair.tiny).any()
    assert repair.geometry[0].equals(square)


def test_what_has_no_area_is_lost():
    line = shapely.LineString([(0, 0), (1, 1)])
    repair = repaired(FLAT, line, shapely.Point(0, 0), shapely.Polygon(), None, HUGE)
    assert repair.lost.all()
    assert all(shape is None for shape in repair.geometry)


def test_a_speck_is_tiny_and_not_lost():
    repair = repaired(TINY)
    assert repair.tiny.all()
    assert not repair.lost.any()


def test_heights_in_coordinates_are_dropped():
    lifted = shapely.force_3d(shapely.box(0, 0, 3, 3), 12.0)
    assert not shapely.has_z(repaired(lifted).geometry).any()


def test_a_hole_outside_is_mended():
    repair = repaired(HOLE_OUTSIDE)
    assert shapely.is_valid(repair.geometry).all()
    assert not repair.lost.any()


def test_what_geos_returns_unmended_is_mended_once_more():
    """GEOS 3.14 gives two pieces that cross at a corner for this ring, and calls them invalid."""
    drawn = shapely.Polygon([(10, 18), (0, 0), (14, 10), (12, 14), (12, 15), (15, 8)])
    repair = repaired(drawn)
    assert shapely.is_valid(repair.geometry).all()
    assert shapely.area(repair.geometry).tolist() == [77.5]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=9, unique=True)
)
def test_any_ring_becomes_valid_or_is_lost(corners):
    repair = repaired(shapely.Polygon(corners))
    for shape, lost in zip(repair.geometry, repair.lost | repair.tiny, strict=True):
        assert (shape is None) == lost
        assert lost or (shape.is_valid and shape.area > 0)


def test_points_and_lines_beside_areas_are_dropped():
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)])
    only = polygons_only(np.array([mixed, shapely.box(0, 0, 2, 2)], object))
    assert shapely.area(only) == pytest.approx([1, 4])
    assert (shapely.get_dimensions(only) == 2).all()


def test_pieces_get_rows_of_their_own():
    two = shapely.union(shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6))
    frame = gpd.GeoDataFrame(
        {"kind": ["a", "b"]}, geometry=[two, shapely.box(9, 9, 10, 10)], index=["way/1", "way/2"],
        crs=32650,
    )  # fmt: skip
    out = explode(frame)
    assert out.index.tolist() == ["way/1#1", "way/1#2", "way/2"]
    assert out["kind"].tolist() == ["a", "a", "b"]
    assert out.crs == frame.crs


def test_a_sliver_is_not_a_piece():
    pair = shapely.union(shapely.box(0, 0, 1, 1), shapely.box(5, 5, 5.01, 5.01))
    frame = gpd.GeoDataFrame(geometry=[pair], index=["way/1"], crs=32650)
    assert explode(frame).index.tolist() == ["way/1"]


def test_closed_lines_become_areas_and_back():
    ring = shapely.LineString([(0, 0), (4, 0), (4, 4), (0, 0)])
    open_line = shapely.LineString([(0, 0), (4, 0), (4, 4)])
    back_and_forth = shapely.LineString([(0, 0), (4, 0), (0, 0)])
    out = as_area(np.array([ring, open_line, back_and_forth], object))
    assert [shape.geom_type for shape in out] == ["Polygon", "LineString", "LineString"]
    assert as_line(out)[0].length == pytest.approx(ring.length)


def test_every_shape_has_a_point_on_it():
    shapes = np.array(
        [
            shapely.Point(1, 2),
            shapely.LineString([(0, 0), (10, 0)]),
            shapely.box(0, 0, 2, 2),
            shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 5), (6, 5)]]),
        ]
    )
    points = points_of(shapes)
    assert all(shape.distance(point) < 1e-9 for shape, point in zip(shapes, points, strict=True))
    assert points[1].equals(shapely.Point(5, 0))


def test_faults_say_what_was_there():
    found = np.array([None, shapely.Polygon(), FLAT, shapely.LineString([(0, 0), (9, 9)])], object)
    faults = lost_faults(np.array(["1", "2", "3", "4"], object), found, "a.gpkg")
    assert [fault.found for fault in faults] == [
        "None", "Polygon EMPTY", "Polygon, 0.00 m2", "LineString, 0.00 m2",
    ]  # fmt: skip
