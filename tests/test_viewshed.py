"""Views of one camera, and sight lines of many, on scenes small enough to know by hand."""

from concurrent.futures import Executor, Future

import numpy as np
import pytest
import shapely

from civicsight.core.errors import CrsError, InputError, MismatchError
from civicsight.coverage import viewshed as viewing
from civicsight.coverage.jobs import run_jobs
from civicsight.coverage.viewshed import sightlines, viewshed
from civicsight.model import SAMPLES
from civicsight.scene.bodies import build_scene
from tests.kernel_parts import (
    CRS,
    Backwards,
    camera_at,
    crowns,
    heads_of,
    houses,
    no_houses,
    panels,
    samples_at,
)

pytestmark = pytest.mark.kernels

WALL = shapely.box(40.0, -30.0, 44.0, 30.0)
CELL_M = 2.0


def places(view):
    """Return x and y of all cells."""
    row, col = np.indices(view.visible.shape)
    at = view.transform
    return at.c + (col + 0.5) * at.a, at.f + (row + 0.5) * at.e


@pytest.mark.parametrize("azimuth", [0.0, 45.0, 90.0, 200.0])
@pytest.mark.parametrize("place", [(0.0, 0.0), (1.0, 1.0), (301.0, 201.0), (-7.3, 9_601.0)])
def test_all_round_on_open_ground_every_cell_in_reach_is_seen(place, azimuth):
    """With the eye on the centre of a cell, seams of its sectors run along rows of centres."""
    view = viewshed(
        camera_at(*place, azimuth_deg=azimuth, reach_m=40.0), no_houses(), cell_m=CELL_M
    )
    x, y = places(view)
    slant = (x - place[0]) ** 2 + (y - place[1]) ** 2 + 4.5**2
    assert (view.visible == (slant <= 40.0**2)).all()
    assert view.open.all()
    assert view.area_m2 == view.visible.sum() * 4.0
    assert view.crs == CRS
    np.testing.assert_allclose(
        view.px_m[view.visible], 2560.0 / (2 * np.pi) / np.sqrt(slant)[view.visible], rtol=1e-6
    )
    assert (view.px_m[~view.visible] == 0.0).all()


def test_a_house_hides_what_lies_behind_it_and_is_closed_itself():
    view = viewshed(camera_at(0.0, 0.0), houses((WALL, 9.0)), cell_m=CELL_M)
    x, y = places(view)
    assert ((x > 40) & (x < 44) & (abs(y) < 30) == ~view.open).all()
    behind = (x > 44) & (abs(y) * 40 < 30 * x)
    assert not view.visible[behind].any()
    reach = x**2 + y**2 + 4.5**2 <= 60.0**2
    assert view.visible[reach & view.open & ~((x >= 40) & (abs(y) * 40 <= 30.01 * x))].all()


def test_a_table_and_its_scene_give_the_same_view():
    table = houses((WALL, 3.0), (shapely.box(-20, 10, -10, 20), 9.0, 4.0))
    one, other = (
        viewshed(camera_at(0, 0), what, cell_m=4.0) for what in (table, build_scene(table))
    )
    assert np.array_equal(one.visible, other.visible)
    assert one.transform == other.transform


def test_one_view_makes_no_table_of_its_camera(monkeypatch):
    """A table takes a hundred times as long as the view."""
    scene, camera = build_scene(houses((WALL, 9.0))), camera_at(0.0, 0.0)
    asked = []
    monkeypatch.setattr(type(camera), "as_heads", lambda _camera: asked.append(1))
    assert viewshed(camera, scene).visible.any()
    assert not asked


def test_polygons_have_the_area_of_the_visible_cells():
    camera = camera_at(0.3, 0.7, azimuth_deg=70.0, hfov_deg=130.0)
    view = viewshed(camera, houses((WALL, 9.0)), cell_m=CELL_M)
    shapes = view.to_polygons()
    assert shapes.crs == CRS
    assert shapes.area.sum() == pytest.approx(view.area_m2)
    x, y = places(view)
    inside = shapely.contains_xy(shapes.iloc[0], x, y)
    assert np.array_equal(inside, view.visible)
    sharp = view.to_polygons(least_px_m=30.0)
    assert sharp.area.sum() == pytest.approx((view.px_m >= 30.0).sum() * 4.0)
    assert 0.0 < sharp.area.sum() < shapes.area.sum()
    assert view.to_polygons(least_px_m=1e9).iloc[0].is_empty


def test_nothing_in_reach_is_a_view_without_a_cell():
    view = viewshed(camera_at(0.0, 0.0, height_m=80.0), no_houses())
    assert view.visible.size == view.open.size == view.px_m.size == 0
    assert view.area_m2 == 0.0
    assert view.to_polygons().iloc[0].is_empty


@pytest.mark.parametrize("x", [32.0, 40.0, 42.0])
def test_a_camera_inside_a_building_or_on_its_wall_line_sees_nothing(x):
    """On the line itself the house is on one side; both ways of looking agree that it blinds."""
    house = houses((shapely.box(32.0, -8.0, 48.0, 8.0), 9.0))
    with pytest.raises(MismatchError, match="inside a building or on its wall"):
        viewshed(camera_at(x, 0.0), house)


def test_a_camera_inside_a_building_is_refused():
    with pytest.raises(MismatchError, match="inside a building or on its wall: move it"):
        viewshed(camera_at(42.0, 0.0), houses((WALL, 9.0)))
    assert (
        viewshed(camera_at(42.0, 0.0, height_m=12.0), houses((WALL, 9.0)), cell_m=4.0).area_m2 > 0
    )


def test_a_camera_of_another_crs_or_with_an_impossible_lens_is_refused():
    with pytest.raises(CrsError, match="the scene in"):
        viewshed(camera_at(0.0, 0.0), houses((WALL, 9.0)).to_crs(32636))
    flat = camera_at(0.0, 0.0, lens="rectilinear", hfov_deg=179.9, vfov_deg=60.0)
    with pytest.raises(MismatchError, match="use equidistant or cylindrical"):
        viewshed(flat, no_houses())
    with pytest.raises(InputError, match=r"cell_m: expected a size .* found '0\.7'"):
        viewshed(camera_at(0.0, 0.0), no_houses(), cell_m=0.7)


@pytest.mark.parametrize("walls", [1, 3])
def test_more_walls_than_there_is_room_for_change_nothing(monkeypatch, rng, walls):
    corners = rng.uniform(-45.0, 45.0, (40, 2))
    corners = corners[np.hypot(*corners.T) > 8.0]
    table = houses(*((shapely.box(*c, *(c + 3.0)), rng.uniform(2.0, 9.0)) for c in corners))
    camera = camera_at(0.0, 0.0)
    plenty = viewshed(camera, table, cell_m=CELL_M)
    monkeypatch.setattr(viewing, "WALLS_IN_SECTOR", walls)
    assert np.array_equal(viewshed(camera, table, cell_m=CELL_M).visible, plenty.visible)


def small_town():
    return build_scene(
        houses((WALL, 9.0), (shapely.box(-30, 10, -20, 20), 4.0)),
        panels((shapely.LineString([(10, -20), (30, -20)]), 8.0, 0.0)),
        crowns((shapely.box(-20, -30, -10, -20), 9.0, 0.5, 0.2)),
    )


TARGETS = [(30, 0, 1.5), (50, 0, 1.5), (20, -30, 1.5), (-30, -40, 1.5), (42, 5, 1.5), (90, 0, 1.5)]


def test_sight_lines_name_what_blocks_them():
    scene = small_town()
    heads = heads_of(camera_at(0.0, 0.0), camera_at(-25.0, 15.0, height_m=2.0), camera_at(60, 0))
    lines = sightlines(heads, samples_at(*TARGETS), scene)
    assert lines.inside.tolist() == [False, True, False]
    q = lines.q.toarray()
    assert q.dtype == np.float32
    assert q.shape == (3, 6)
    assert [np.flatnonzero(row).tolist() for row in q] == [[0], [], [1, 5]]
    assert q[0, 0] == pytest.approx(2560.0 / (2 * np.pi) / np.hypot(30.0, 4.5))
    own = lines.blocked[lines.blocked["head"] == 0]
    named = scene.features["layer"].to_numpy()[own["blocker"]]
    assert own["sample"].tolist() == [1, 2, 3, 4]
    assert named.tolist() == ["building", "obstacle", "canopy", "building"]
    np.testing.assert_allclose(
        own["px_m"],
        [2560.0 / (2 * np.pi) / np.hypot(np.hypot(*TARGETS[k][:2]), 4.5) for k in range(1, 5)],
    )


def test_a_cell_is_seen_where_a_sample_at_its_centre_is():
    scene = small_town()
    camera = camera_at(0.0, 0.0, azimuth_deg=60.0, hfov_deg=200.0, near_m=8.0)
    view = viewshed(camera, scene, cell_m=5.0)
    x, y = (v.ravel() for v in places(view))
    samples = samples_at(*((a, b, 1.5) for a, b in zip(x, y, strict=True)))
    q = sightlines(camera.as_heads(), samples, scene).q.toarray()[0]
    wanted = view.open.ravel()
    assert np.array_equal(view.visible.ravel()[wanted], q[wanted] > 0.0)
    np.testing.assert_allclose(view.px_m.ravel()[wanted], q[wanted], rtol=1e-6)


def test_without_heads_or_samples_the_matrix_is_empty_but_of_the_right_shape():
    scene, heads, samples = small_town(), heads_of(camera_at(0, 0)), samples_at(*TARGETS)
    for some, wanted, shape in [
        (heads.iloc[:0], samples, (0, 6)),
        (heads, SAMPLES.empty(CRS), (1, 0)),
        (heads.iloc[:0], SAMPLES.empty(CRS), (0, 0)),
    ]:
        lines = sightlines(some, wanted, scene)
        assert lines.q.shape == shape
        assert lines.q.nnz == 0
        assert list(lines.blocked.columns) == ["head", "sample", "px_m", "blocker"]
        assert len(lines.blocked) == 0


def test_jobs_of_one_head_in_any_order_change_nothing_and_progress_is_told(monkeypatch):
    scene, samples = small_town(), samples_at(*TARGETS)
    heads = heads_of(*(camera_at(float(x), -5.0) for x in (0, 10, 60, -10)))
    whole = sightlines(heads, samples, scene)
    monkeypatch.setattr(viewing, "HEADS_PER_JOB", 1)
    told = []
    parts = sightlines(
        heads, samples, scene, executor=Backwards(4), progress=lambda *n: told.append(n)
    )
    assert (whole.q != parts.q).nnz == 0
    assert whole.blocked.equals(parts.blocked)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_results_come_in_the_order_of_the_jobs_and_weights_count():
    told = []
    jobs = [(2, 5), (3, 2), (10, 3)]
    found = run_jobs(pow, jobs, (10, 1, 5), lambda *n: told.append(n), Backwards(3))
    assert found == [32, 9, 1000]
    assert told[-1] == (16, 16)
    assert run_jobs(pow, jobs, [1, 1, 1], None, None) == [32, 9, 1000]
    assert run_jobs(pow, [], [], None, None) == []


class FirstOnly(Executor):
    """Runs the first job and holds the others back."""

    def __init__(self):
        self.futures = []

    def submit(self, fn, /, *args, **_kwargs):
        future = Future()
        if not self.futures:
            try:
                fn(*args)
            except ValueError as error:
                future.set_exception(error)
        self.futures.append(future)
        return future


def test_a_failing_job_cancels_what_has_not_begun():
    executor = FirstOnly()
    with pytest.raises(ValueError, match="two"):
        run_jobs(int, [("two",), ("2",), ("3",)], [1, 1, 1], None, executor)
    assert [future.cancelled() for future in executor.futures] == [False, True, True]
    with pytest.raises(ValueError, match="two"):
        run_jobs(int, [("two",)], [1], None, None)
