"""Outlines to directed walls, and the buckets that find them."""

from itertools import pairwise

import numpy as np
import shapely

from civicsight.scene import segments as walling
from civicsight.scene.bodies import GROUNDED, build_scene
from civicsight.scene.segments import BUCKET_M
from tests.kernel_parts import crowns, houses, no_houses, panels

BOX = shapely.box(10.0, 20.0, 30.0, 50.0)
LINE = shapely.LineString([(0, 0), (10, 0), (10, 10)])


def signed_area(walls, feature):
    """Return the area left of the walls of a feature, by the shoelace formula."""
    x0, y0, x1, y1 = walls.xyz[walls.start[feature] : walls.start[feature + 1], :4].T
    return 0.5 * (x0 * y1 - x1 * y0).sum()


def test_walls_run_with_the_inside_on_their_left_whatever_the_input():
    court = shapely.box(0, 0, 40, 40).difference(shapely.box(10, 10, 30, 30))
    pair = shapely.MultiPolygon([shapely.box(50, 0, 60, 10), shapely.box(80, 0, 90, 10)])
    for turned in (court, shapely.reverse(court)):
        scene = build_scene(houses((turned, 9.0), (pair, 6.0)))
        walls = scene.walls
        assert np.diff(walls.start).tolist() == [8, 8]
        assert (np.diff(walls.owner) >= 0).all()
        assert [signed_area(walls, k) for k in (0, 1)] == [1200.0, 200.0]
        assert (walls.xyz[:8, 4:] == (GROUNDED, 9.0)).all()


def test_panels_have_two_sides_and_no_wall_has_no_length():
    doubled = shapely.LineString([(0, 0), (10, 0), (10, 0), (10, 10)])
    for line in (LINE, doubled, shapely.LineString([(0, 0, 7), (10, 0, 7), (10, 10, 7)])):
        walls = build_scene(no_houses(), panels((line, 3.0, 1.0))).walls
        ends = [tuple(row) for row in walls.xyz[:, :4].tolist()]
        assert len(ends) == 4
        assert {(c, d, a, b) for a, b, c, d in ends} == set(ends)
        assert (walls.xyz[:, 4:] == (1.0, 3.0)).all()


def brute_buckets(boxes, index, rows):
    """Return which of the rows each bucket has to list, box by box."""
    found = []
    for row in range(index.n_row):
        for col in range(index.n_col):
            west, south = index.x0 + col * index.size, index.y0 + row * index.size
            meets = (
                (boxes[:, 0] < west + index.size) & (boxes[:, 2] >= west)
                & (boxes[:, 1] < south + index.size) & (boxes[:, 3] >= south)
            )  # fmt: skip
            found.append(set(rows[meets].tolist()))
    return found


def listed(index):
    assert len(index.start) == index.n_row * index.n_col + 1
    assert index.start[-1] == len(index.items)
    return [set(index.items[a:b].tolist()) for a, b in pairwise(index.start)]


def random_town(rng, count=30, width=200.0):
    corners = rng.uniform(0.0, width, (count, 2))
    sizes = rng.uniform(1.0, 60.0, (count, 2))
    return houses(*((shapely.box(*c, *(c + s)), 9.0) for c, s in zip(corners, sizes, strict=True)))


def test_every_bucket_lists_the_walls_whose_box_meets_it(rng):
    scene = build_scene(random_town(rng), canopies=crowns((BOX, 9.0, 1.0, 0.7)))
    index, xyz = scene.solid_index, scene.walls.xyz
    boxes = np.hstack([np.minimum(xyz[:, :2], xyz[:, 2:4]), np.maximum(xyz[:, :2], xyz[:, 2:4])])
    solid = np.flatnonzero(scene.walls.owner != 30)
    assert index.size == BUCKET_M
    assert len(solid) == len(boxes) - 4
    assert listed(index) == brute_buckets(boxes[solid], index, solid)
    assert listed(scene.volume_index) == [{0}]


def test_a_sparse_scene_gets_larger_buckets_rather_than_too_many(rng, monkeypatch):
    monkeypatch.setattr(walling, "MAX_BUCKETS", 16)
    scene = build_scene(random_town(rng, width=1000.0))
    index = scene.solid_index
    assert index.n_row * index.n_col <= 16
    assert index.size == 256.0
    xyz = scene.walls.xyz
    boxes = np.hstack([np.minimum(xyz[:, :2], xyz[:, 2:4]), np.maximum(xyz[:, :2], xyz[:, 2:4])])
    assert listed(index) == brute_buckets(boxes, index, np.arange(len(boxes)))
