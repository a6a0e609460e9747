"""An eye on a wall, a corner, a seam or a roof: rasters and lines of sight decide alike."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import shapely

from civicsight.core.errors import MismatchError
from civicsight.coverage.prepare import LEAST_GAP_M, prepare_heads
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import viewshed
from civicsight.scene.bodies import build_scene
from tests.drawn import LONGER, a_few
from tests.eyes_made import compare, draw_eyes, make_relief, make_town, scene_of
from tests.kernel_parts import camera_at, heads_of, houses

TWO = houses((shapely.box(10, 10, 30, 30), 9.0), (shapely.box(30, 10, 50, 30), 9.0))
"""Two houses of 9 m that share the wall at x = 30."""

PLACES = {
    "corner": (10.0, 10.0),
    "wall": (20.0, 10.0),
    "seam": (30.0, 20.0),
    "end of the seam": (30.0, 10.0),
    "roof": (20.0, 20.0),
}
TOWNS = 30


def area(x, y, height_m, table=TWO, **look):
    return viewshed(camera_at(x, y, height_m=height_m, reach_m=80.0, **look), table).area_m2


def test_who_stands_on_the_edge_of_a_roof_does_not_see_through_the_house_below():
    """Half of a circle lies before a wall, three quarters about a corner: the house hides the rest.

    In reach are targets of 1.5 m within sqrt(80^2 - 7.5^2) m in plan.
    """
    disc = np.pi * (80.0**2 - 7.5**2)
    assert area(*PLACES["wall"], 9.0) == pytest.approx(0.5 * disc, rel=0.01)
    assert area(*PLACES["end of the seam"], 9.0) == pytest.approx(0.5 * disc, rel=0.01)
    assert area(*PLACES["corner"], 9.0) == pytest.approx(0.75 * disc, rel=0.01)
    for name in ("seam", "roof"):
        assert area(*PLACES[name], 9.0) == 0.0


def test_an_eye_between_a_storey_and_the_one_upon_it_is_inside():
    stacked = houses((shapely.box(10, 10, 30, 30), 6.0), (shapely.box(10, 10, 30, 30), 9.0, 6.0))
    for place in ("roof", "wall", "corner"):
        with pytest.raises(MismatchError, match="inside a building or on its wall"):
            area(*PLACES[place], 6.0, stacked)


@pytest.mark.parametrize("off_m", [-1e-9, -1e-10, 0.0, 1e-10, 1e-9])
def test_a_hair_off_a_slanting_wall_is_on_it(off_m):
    """Coordinates of seven digits before the point are rounded by half a nanometre."""
    corner = np.array([500_000.0, 3_170_000.0])
    a, b, c = corner + np.array([(3.3, 1.7), (20.9, 9.4), (10.0, 30.0)])
    slanting = houses((shapely.Polygon([a, b, c]), 9.0))
    along = (b - a) / np.hypot(*(b - a))
    at = a + 0.37 * (b - a) + off_m * np.array([along[1], -along[0]])
    heads = heads_of(*(camera_at(*map(float, at), height_m=h) for h in (4.0, 9.0)))
    eyes = prepare_heads(heads, build_scene(slanting))
    assert eyes.inside.tolist() == [True, False]
    assert eyes.table[1, 2] == 9.0 + LEAST_GAP_M


@pytest.mark.slow
@pytest.mark.compiled_only
@pytest.mark.parametrize("target_m", a_few([1.5, 0.3, 12.0], 1))
def test_eyes_on_every_part_of_two_houses_and_a_raised_one(target_m):
    post = shapely.box(60, 10, 70, 30)
    scene = build_scene(
        houses(*TWO[["geometry", "height_m"]].to_numpy().tolist(), (post, 9.0, 4.0))
    )
    places = {**PLACES, "post": (60.0, 20.0), "foot": (60.0, 10.0), "deck": (65.0, 20.0)}
    heights = (0.0, 2.0, 4.0, 4.0 - 1e-7, 4.0001, 6.0, 9.0, 9.0 + 1e-7, 9.0001, 12.0)
    asked = list(product(places, heights))
    cameras = [camera_at(*places[place], height_m=h, reach_m=60.0) for place, h in asked]
    for which, found in zip(asked, compare(scene, cameras, target_m), strict=True):
        assert (found.raster_alone[:3], found.line_alone[:3]) == ([], []), which


@pytest.mark.compiled_only
@pytest.mark.parametrize(
    "relief", [pytest.param(False, marks=pytest.mark.slow), True], ids=["flat", "relief"]
)
def test_rasters_and_lines_agree_on_eyes_that_touch_a_drawn_town(relief):
    visible, wrong = 0, []
    for seed in range((6 if relief else TOWNS) * LONGER):
        rng = np.random.default_rng([seed, 37])
        town = make_town(rng)
        scene = scene_of(town, rng, make_relief(rng) if relief else None)
        names, cameras = zip(*draw_eyes(town, scene, rng, 10), strict=True)
        for target_m in (1.5,) if relief else (1.5, 7.0):
            for name, found in zip(names, compare(scene, list(cameras), target_m), strict=True):
                visible += found.visible
                np.testing.assert_allclose(found.px_m, found.line_px_m, rtol=4e-7)
                if found.raster_alone or found.line_alone:
                    counts = len(found.raster_alone), len(found.line_alone)
                    where = (found.raster_alone + found.line_alone)[0]
                    wrong.append((seed, target_m, name, counts, where))
    assert visible > 1_000 * LONGER, "the comparison has to be about something"
    assert not wrong, "\n".join(map(str, wrong[:9]))


def test_rasters_of_many_see_what_single_views_see_from_walls():
    cameras = [camera_at(*place, height_m=9.0) for place in PLACES.values()]
    raster = compute_coverage(heads_of(*cameras), build_scene(TWO), cell_m=4.0)
    views = [viewshed(camera, TWO, cell_m=4.0) for camera in cameras]
    assert raster.seen.tolist() == [int(view.visible.sum()) for view in views]
