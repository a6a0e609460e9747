"""The shipped oracle against the kernels and against the tests' own; wrong matrices are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from shapely.geometry import Point, box

from civicsight.coverage.matrix import CoverageMatrix, compute_matrix
from civicsight.model import BUILDINGS, HEADS, PARTS, SAMPLES
from civicsight.model.terrain import Terrain
from civicsight.planning.proof import oracle as shipped
from civicsight.planning.proof.oracle import Look, Oracle, density_at, is_allowed, rises
from civicsight.planning.proof.rebuild import rebuild
from civicsight.scene.bodies import build_scene
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.oracle import ground_clearance, see
from tests.oracle_cells import features_of
from tests.oracle_view import Camera, view_of
from tests.scenes import CRS, fuzz
from tests.small import cameras, heads, parts, samples
from tests.witness import scene_of
from tests.witness_lines import make_samples, targets_of

TIE_M = 1e-6
FAR = BUILDINGS.complete(
    gpd.GeoDataFrame(
        {"height_m": [9.0], "height_assumed": False},
        index=["far"],
        geometry=[box(500, 500, 510, 510)],
        crs="EPSG:4548",
    )
)


def look_of(camera: Camera, origin) -> Look:
    """Turn a camera of the tests' oracle into one of the shipped one."""
    return Look(
        (camera.x - origin[0], camera.y - origin[1], camera.z),
        camera.azimuth,
        camera.tilt,
        camera.roll,
        camera.hfov,
        camera.vfov,
        camera.lens,
        camera.near,
        camera.reach,
        camera.width_px,
    )


def demand(case, rng, n):
    """Return a table of one part and samples in a made scene."""
    points = make_samples(rng, n, case)
    table = parts(p={"max_tilt_deg": 40.0, "max_yaw_deg": 70.0}).set_crs(CRS, allow_override=True)
    axis = np.where(rng.random(n) < 0.5, rng.uniform(0, 360, n), np.nan)
    points = SAMPLES.complete(points.assign(normal_deg=axis))
    return PARTS.complete(table), points


@pytest.mark.parametrize("seed", a_few(range(4 if INTERPRETED else 16), 2))
def test_both_oracles_and_the_kernels_agree_on_made_scenes(seed):
    rng = np.random.default_rng(seed)
    case = fuzz(seed, 3)
    points = make_samples(rng, 40 if INTERPRETED else 150, case)
    scene = scene_of(case)
    ours, targets = Oracle(scene), targets_of(case, points)
    features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
    shift = np.array([*scene.origin, 0.0])
    hidden = seen = 0
    for camera in case.cameras():
        sight = see(camera, targets, features, case.terrain, margins=True)
        look = look_of(camera, scene.origin)
        around = ours.holders(*look.eye, edge=True)
        for k, target in enumerate((targets - shift).tolist()):
            if np.isnan(target[2]) or abs(sight.clearance[k]) < TIE_M:
                continue
            density = density_at(look, tuple(target))
            assert (density > 0) == sight.in_view[k]
            if density:
                assert density == pytest.approx(sight.px_m[k], rel=1e-9)
                free = ours.is_free(look.eye, tuple(target), around)
                solid = any(ours.passing[i] == 0.0 for i in around)
                assert solid or free == sight.visible[k]
                hidden += not free
                seen += free
    assert hidden + seen > 0


@pytest.mark.parametrize("seed", range(100, 103 if INTERPRETED else 112))
def test_rows_of_the_matrix_are_those_of_the_oracle(seed):
    rng = np.random.default_rng(seed)
    case = fuzz(seed, 5)
    table, points = demand(case, rng, 40 if INTERPRETED else 200)
    scene = scene_of(case)
    views = HEADS.complete(case.heads.assign(camera_id=["a", "a", "b", "c", "d"], reading="sure"))
    matrix = compute_matrix(views, table, points, scene)
    found = rebuild(matrix, views, table, points, scene)
    assert found.differences == ()
    assert found.ties <= 1
    assert sorted(found.camera_ids) == ["a", "b", "c", "d"]
    assert found.seen == matrix.q.nnz
    assert found.pairs == 4 * len(points)


@pytest.fixture(scope="module")
def street():
    cams = cameras(a={"at": (0, -10)}, b={"at": (3, -12)}, c={"at": (300, 300)})
    views = heads(cams)
    views = views[views["reading"].eq("sure")]
    table = parts(p={})
    points = samples(table, {"p": [1, 1, 1]})
    scene = build_scene(FAR)
    return compute_matrix(views, table, points, scene), views, table, points, scene


def test_a_right_matrix_has_no_differences_and_progress_is_told(street):
    told = []
    found = rebuild(*street, progress=lambda *at: told.append(at))
    assert found.differences == ()
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.camera_ids[-1] == "c", "who sees nothing comes last"


@pytest.mark.parametrize("factor", [0.0, 1.001])
def test_an_entry_that_is_wrong_is_named(street, factor):
    matrix, *rest = street
    q = matrix.q.toarray()
    q[0, 1] *= np.float32(factor)
    wrong = CoverageMatrix(csr_array(q), matrix.camera_ids, matrix.sample_ids)
    (entry,) = rebuild(wrong, *rest).differences
    assert (entry.camera_id, entry.sample_id) == ("a", "p/1")
    assert entry.found_px_m == pytest.approx(matrix.q.toarray()[0, 1], rel=1e-5)
    assert entry.stored_px_m == pytest.approx(entry.found_px_m * factor, rel=1e-5)


def test_a_matrix_of_another_city_is_found_out(street):
    matrix, views, table, points, _ = street
    wall = FAR.assign(geometry=[box(-20, -6, 30, -5)])
    found = rebuild(matrix, views, table, points, build_scene(wall))
    assert len(found.differences) == matrix.q.nnz


def test_the_draw_is_by_name_and_seed(street):
    matrix, views, *rest = street
    first = rebuild(matrix, views, *rest, rows=1, seed=3).camera_ids
    turned = matrix.select(cameras=pd.Index(["c", "b", "a"]))
    assert rebuild(turned, views, *rest, rows=1, seed=3).camera_ids == first
    drawn = {rebuild(matrix, views, *rest, rows=1, seed=s).camera_ids for s in range(8)}
    assert drawn == {("a",), ("b",)}


def test_a_mask_takes_its_part_of_the_picture_out(street):
    _, views, table, points, scene = street
    masked = views.assign(mask_plan="POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))")
    matrix = compute_matrix(masked, table, points, scene)
    found = rebuild(matrix, masked, table, points, scene)
    assert (found.differences, found.seen) == ((), 0)
    assert len(rebuild(street[0], masked, table, points, scene).differences) == street[0].q.nnz


def test_a_line_that_grazes_a_wall_may_go_either_way(street):
    """The sample lies on the line over the very edge of a wall."""
    _, views, table, points, _ = street
    one = points.iloc[[0]].assign(geometry=[Point(0.0, 0.0)])
    edge = BUILDINGS.complete(FAR.assign(geometry=[box(0.0, -6.0, 4.0, -5.0)]))
    scene = build_scene(edge)
    own = views[views["camera_id"].eq("a")]
    matrix = compute_matrix(own, table, one, scene)
    for q in (0.0, float(compute_matrix(own, table, one, build_scene(FAR)).q.toarray()[0, 0])):
        stored = CoverageMatrix(
            csr_array(np.array([[q]], np.float32)), matrix.camera_ids, matrix.sample_ids
        )
        assert rebuild(stored, own, table, one, scene).differences == ()


def test_it_imports_no_kernel():
    text = Path(shipped.__file__).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith(("from", "import"))]
    assert not [line for line in lines if "coverage" in line or "_kernels" in line]


def test_ground_is_followed_as_the_tests_do():
    rng = np.random.default_rng(5)
    terrain = Terrain(rng.uniform(0, 6, (7, 9)), -3.0, 2.0, 5.0)
    low, high = 0, 0
    for _ in range(200):
        x, y = rng.uniform(-3, 37, 2), rng.uniform(2, 32, 2)
        eye = np.array([x[0], y[0], rng.uniform(4, 9)])
        target = np.array([x[1], y[1], rng.uniform(2, 8)])
        clear = float(ground_clearance(Camera(*eye, reach=99.0), target[None], terrain)[0])
        if abs(clear) > 1e-6:
            assert rises(terrain, tuple(eye), tuple(target)) == (clear < 0)
            low, high = low + (clear < 0), high + (clear > 0)
    assert min(low, high) > 20
    holed = terrain.z.copy()
    holed[3, 4] = np.nan
    hole = Terrain(holed, -3.0, 2.0, 5.0)
    assert rises(hole, (0.0, 17.0, 99.0), (30.0, 17.0, 99.0))
    assert not rises(hole, (0.0, 4.0, 99.0), (30.0, 4.0, 99.0))


@pytest.mark.parametrize("lens", ["rectilinear", "equidistant", "cylindrical"])
def test_frames_are_those_of_the_tests(lens):
    rng = np.random.default_rng(6)
    for _ in range(60):
        camera = Camera(
            *rng.uniform(-5, 5, 3),
            *rng.uniform(-180, 180, 1),
            *rng.uniform(-80, 80, 2),
            *rng.uniform(20, 160, 2),
            lens,
            *rng.uniform(0, 3, 1),
            30.0,
        )
        camera = replace(camera, roll=0.0) if lens == "cylindrical" else camera
        targets = rng.uniform(-25, 25, (40, 3))
        view, px_m = view_of(camera, targets)
        found = np.array([density_at(look_of(camera, (0.0, 0.0)), tuple(t)) for t in targets])
        sure = np.abs(view).min(axis=0) > 1e-9
        inside = view.min(axis=0) >= 0
        assert ((found > 0) == inside)[sure].all()
        assert found[inside & sure] == pytest.approx(px_m[inside & sure])


def test_limits_of_angle():
    eye = (0.0, -10.0, 6.0)
    assert is_allowed(eye, (0.0, 0.0, 1.0), 27.0, 45.0, 180.0)
    assert not is_allowed(eye, (0.0, 0.0, 1.0), 26.0, 45.0, 180.0)
    assert not is_allowed(eye, (0.0, 0.0, 1.0), 90.0, 45.0, 90.0)
    assert is_allowed(eye, (0.0, 0.0, 1.0), np.nan, np.nan, np.nan)
    assert is_allowed(eye, (10.0, 0.0, 1.0), np.nan, 45.0, 0.0)


def test_above_and_below():
    """A line straight down through a roof, and a camera within a house."""
    scene = build_scene(FAR.assign(geometry=[box(0, 0, 10, 10)]))
    ours = Oracle(scene)
    x, y = 5.0 - scene.origin[0], 5.0 - scene.origin[1]
    down = Look((x, y, 20.0), 0.0, 90.0, 0.0, 90.0, 90.0, "rectilinear", 0.0, 50.0, 1000.0)
    assert ours.sees(down, (x, y, 9.5)) > 0
    assert ours.sees(down, (x, y, 1.0)) == 0
    assert not ours.is_free(down.eye, (x, y, 1.0), [])
    inside = replace(down, eye=(x, y, 4.0))
    assert ours.sees(inside, (x, y, 9.5)) == 0
    assert np.isnan(density_at(down, down.eye)) or density_at(down, down.eye) == 0
