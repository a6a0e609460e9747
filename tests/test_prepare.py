"""The gate before the kernels: what is refused, and what each head stands in."""

import numpy as np
import pytest
import shapely

from civicsight.core.errors import CrsError, InputError, MismatchError, SchemaError
from civicsight.coverage._kernels.views import Eye
from civicsight.coverage.prepare import (
    LEAST_GAP_M,
    WIDEST_RECTILINEAR_DEG,
    prepare,
    prepare_camera,
    prepare_heads,
    prepare_points,
)
from civicsight.coverage.viewshed import viewshed
from civicsight.model import SAMPLES
from civicsight.model.terrain import Terrain
from civicsight.scene.bodies import build_scene
from tests.kernel_parts import (
    LENSES,
    camera_at,
    crowns,
    heads_of,
    houses,
    make_terrain,
    no_houses,
    random_look,
    samples_at,
)

HOUSE = shapely.box(10.0, 10.0, 30.0, 30.0)


def rows(eyes):
    return [Eye(*row) for row in eyes.table]


def test_a_scene_is_laid_out_once():
    scene, other = build_scene(no_houses()), build_scene(no_houses())
    assert prepare(scene) is prepare(scene)
    assert prepare(scene) is not prepare(other)


def test_the_terrain_is_given_relative_to_the_origin_and_bounded(rng):
    terrain = make_terrain(rng, 30, 18, x0=500_003.0, y0=3_170_000.0)
    scene = build_scene(no_houses(), terrain=terrain)
    ground = prepare(scene).ground
    assert (ground.x0 + scene.origin[0], ground.y0 + scene.origin[1]) == (500_003.0, 3_170_000.0)
    assert ground.low.shape == (4, 3)
    assert ground.low.min() == terrain.z.min()
    assert ground.high.max() == terrain.z.max()
    assert ground.z is not terrain.z, "kernels need an array that they may write to"


def test_a_camera_and_a_table_of_it_give_the_same_eyes(rng):
    scene = build_scene(houses((HOUSE, 9.0)), terrain=make_terrain(rng))
    cameras = [camera_at(50.0, 60.0, **random_look(rng, lens)) for lens in LENSES * 3]
    table = prepare_heads(heads_of(*cameras), scene).table
    single = [prepare_camera(camera, scene).table[0] for camera in cameras]
    np.testing.assert_array_equal(table[:, :24], np.array(single)[:, :24])
    eye = rows(prepare_camera(cameras[0], scene))[0]
    ground = scene.terrain.height_at(np.array([50.0]), np.array([60.0]))[0]
    assert (eye.x, eye.y, eye.z) == (50.0, 60.0, ground + cameras[0].height_m)
    assert (eye.reach, eye.near) == (cameras[0].reach_m, cameras[0].near_m)


def test_heads_keep_their_order_and_the_table_is_left_alone():
    heads = heads_of(camera_at(3.0, 0.0), camera_at(1.0, 0.0), camera_at(2.0, 0.0))
    before = heads.copy()
    eyes = prepare_heads(heads, build_scene(no_houses()))
    assert eyes.table[:, 0].tolist() == [3.0, 1.0, 2.0]
    assert heads.equals(before)
    assert len(prepare_heads(heads.iloc[:0], build_scene(no_houses())).table) == 0


def test_a_head_inside_a_building_is_blind_and_one_on_its_roof_or_under_it_is_not():
    scene = build_scene(houses((HOUSE, 9.0, 4.0)))
    cameras = [camera_at(20.0, 20.0, height_m=h) for h in (3.0, 6.0, 12.0)]
    eyes = prepare_heads(heads_of(*cameras, camera_at(0.0, 0.0)), scene)
    assert eyes.inside.tolist() == [False, True, False, False]
    assert [eye.reach for eye in rows(eyes)] == [60.0, 0.0, 60.0, 60.0]


@pytest.mark.parametrize(
    ("height", "moved"), [(9.0, LEAST_GAP_M), (4.0, -LEAST_GAP_M), (9.5, 0.0), (3.5, 0.0)]
)
def test_an_eye_on_the_plane_of_a_roof_or_underside_leaves_it(height, moved):
    scene = build_scene(houses((HOUSE, 9.0, 4.0)))
    eyes = prepare_camera(camera_at(20.0, 20.0, height_m=height), scene)
    assert eyes.table[0, 2] == height + moved
    assert not eyes.inside[0]


def test_heads_look_through_the_crowns_they_hang_in_and_no_others():
    left, right = shapely.box(0, 0, 10, 10), shapely.box(8, 0, 20, 10)
    scene = build_scene(no_houses(), canopies=crowns((left, 9.0, 2.0, 0.2), (right, 9.0, 2.0, 0.6)))
    places = [(15, 5, 5), (9, 5, 5), (30, 5, 5), (5, 5, 5), (5, 5, 12), (5, 5, 1)]
    cameras = [camera_at(float(x), float(y), height_m=float(z)) for x, y, z in places]
    eyes = prepare_heads(heads_of(*cameras), scene)
    through = [set(eyes.skips[eye.skip_from : eye.skip_to].tolist()) for eye in rows_as_int(eyes)]
    assert through == [{1}, {0, 1}, set(), {0}, set(), set()]
    assert not eyes.inside.any()


def rows_as_int(eyes):
    return [
        eye._replace(skip_from=int(eye.skip_from), skip_to=int(eye.skip_to)) for eye in rows(eyes)
    ]


def test_a_plane_image_has_no_size_beyond_its_widest_angle():
    scene = build_scene(no_houses())
    for name in ("hfov_deg", "vfov_deg"):
        wide = camera_at(
            0.0, 0.0, lens="rectilinear", **{"hfov_deg": 90.0, "vfov_deg": 60.0} | {name: 179.6}
        )
        with pytest.raises(MismatchError, match=r"is 179.6, expected at most 179.5 for a rectili"):
            prepare_camera(wide, scene)
        with pytest.raises(SchemaError, match=r"head.wide_lens\] heads, h1, hfov_deg: .*fisheye"):
            prepare_heads(heads_of(camera_at(0.0, 0.0), wide), scene)
    widest = {"hfov_deg": WIDEST_RECTILINEAR_DEG, "vfov_deg": 60.0, "lens": "rectilinear"}
    assert prepare_camera(camera_at(0.0, 0.0, **widest), scene).table[0, 13] > 200.0


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("azimuth_deg", np.nan, "a finite number"),
        ("azimuth_deg", np.inf, "a finite number"),
        ("height_m", np.nan, "a number from 0 to 500 m"),
        ("height_m", -np.inf, "a number from 0 to 500 m"),
        ("width_px", 0.0, "a finite number of at least 1 px"),
        ("reach_m", 0.0, "a number from 0.1 to 10000 m"),
        ("reach_m", -1.0, "a number from 0.1 to 10000 m"),
        ("reach_m", 1e6, "a number from 0.1 to 10000 m"),
        ("near_m", np.inf, "a number from 0 to 10000 m"),
        ("near_m", 60.0, "a least distance below the range of 60.0 m"),
        ("near_m", 70.0, "a least distance below the range of 60.0 m"),
    ],
)
def test_a_senseless_number_of_a_head_is_named(column, value, expected):
    heads = heads_of(camera_at(0.0, 0.0), camera_at(9.0, 0.0))
    heads.loc["h1", column] = value
    (fault,) = refused(heads)
    assert (fault.file, fault.where, fault.field) == ("heads", "h1", column)
    assert fault.found == str(value)
    assert str(fault.expected) == expected
    assert str(fault.remedy)


def refused(heads, scene=None):
    with pytest.raises(InputError) as caught:
        prepare_heads(heads, scene or build_scene(houses((HOUSE, 9.0))))
    return caught.value.faults


@pytest.mark.parametrize("place", [(np.nan, 0.0), (0.0, np.inf), (-np.inf, 0.0)])
def test_a_head_without_a_finite_place_is_named(place):
    heads = heads_of(camera_at(0.0, 0.0), camera_at(9.0, 0.0))
    heads.loc["h1", "geometry"] = shapely.Point(*place)
    (fault,) = refused(heads)
    assert (fault.where, fault.field) == ("h1", "geometry")
    assert fault.found == str(shapely.Point(*place))
    assert str(fault.expected) == "a finite Point"


@pytest.mark.parametrize("place", [(1.1e6, 0.0), (0.0, -1.1e6), (1e8, 1e8), (1e9, 0.0), (0, 1e300)])
def test_cameras_far_from_everything_are_named(place):
    near, far = camera_at(0.0, 0.0), camera_at(9.0, 0.0)
    heads = heads_of(near, far)
    heads.loc["h1", "geometry"] = shapely.Point(*place)
    (fault,) = refused(heads)
    assert (fault.code, fault.where, fault.field) == ("head.far", "h1", "geometry")
    assert fault.found == str(shapely.Point(*place))
    assert str(fault.expected) == "a place within 1,000 km of the city"
    assert "the CRS they are in" in str(fault.remedy)


def test_a_single_camera_far_from_everything_is_refused_too():
    scene = build_scene(houses((HOUSE, 9.0)))
    with pytest.raises(InputError, match=r"head\.far.* within 1,000 km .*POINT \(4e\+06|4000000 0"):
        prepare_camera(camera_at(4e6, 0.0), scene)
    assert len(prepare_camera(camera_at(9e5, -9e5), scene).table) == 1


def test_an_empty_scene_is_nowhere_so_nothing_is_far_from_it_but_terrain_is_somewhere():
    assert len(prepare_camera(camera_at(5e7, 4e6), build_scene(no_houses())).table) == 1
    flat = Terrain(np.zeros((3, 3)), 0.0, 0.0, 10.0)
    with pytest.raises(InputError, match=r"head\.far"):
        prepare_camera(camera_at(5e7, 4e6), build_scene(no_houses(), terrain=flat))


def test_heads_have_to_follow_their_declaration():
    with pytest.raises(SchemaError, match="hfov_deg"):
        prepare_heads(heads_of(camera_at(0, 0)).assign(hfov_deg=np.nan), build_scene(no_houses()))
    with pytest.raises(SchemaError, match="weight"):
        prepare_points(samples_at((0, 0, 1)).drop(columns="weight"), build_scene(no_houses()))


def test_cameras_and_samples_have_to_be_in_the_crs_of_the_scene():
    scene = build_scene(no_houses())
    camera = camera_at(0.0, 0.0)
    object.__setattr__(camera, "crs", camera.crs.from_epsg(4548))
    with pytest.raises(CrsError, match=r"cameras are in EPSG:4548, the scene in EPSG:32635"):
        prepare_camera(camera, scene)
    with pytest.raises(CrsError, match=r"convert them with to_crs\(\)"):
        prepare_heads(heads_of(camera_at(0, 0)).set_crs(4548, allow_override=True), scene)
    with pytest.raises(CrsError, match=r"samples are in EPSG:4548, the scene in EPSG:32635"):
        prepare_points(samples_at((0, 0, 1)).set_crs(4548, allow_override=True), scene)


def holed_scene():
    z = np.zeros((9, 9))
    z[6, 6] = np.nan
    return build_scene(houses((HOUSE, 9.0)), terrain=Terrain(z, 0.0, 0.0, 10.0))


@pytest.mark.parametrize("place", [(200.0, 5.0), (61.0, 61.0)])
def test_a_camera_needs_known_ground_under_it(place):
    scene = holed_scene()
    with pytest.raises(MismatchError, match=r"does not cover 1 cameras, first row 1: give a DEM"):
        prepare_heads(heads_of(camera_at(5.0, 5.0), camera_at(*place)), scene)
    with pytest.raises(MismatchError, match=r"first row 0"):
        viewshed(camera_at(*place), scene)


def test_samples_are_placed_above_the_ground_and_know_the_solid_they_lie_in():
    z = np.tile(np.arange(12) * 1.0, (12, 1))
    scene = build_scene(
        houses((HOUSE, 9.0), (shapely.box(50, 10, 70, 30), 9.0, 4.0)),
        canopies=crowns((shapely.box(80, 10, 90, 30), 9.0, 0.5, 0.2)),
        terrain=Terrain(z, 0.0, 0.0, 10.0),
    )
    samples = samples_at(
        (20, 20, 1.5),
        (5, 5, 1.5),
        (20, 20, 12),
        (60, 20, 1.5),
        (60, 20, 6),
        (85, 20, 3),
        (500, 0, 1),
    )
    points, inside_of = prepare_points(samples, scene)
    np.testing.assert_allclose(points[:, 2], [3.5, 2.0, 14.0, 7.5, 12.0, 11.5, np.nan])
    assert points[:, 0].tolist() == [20, 5, 20, 60, 60, 85, 500]
    assert inside_of.tolist() == [[0], [-1], [-1], [-1], [1], [-1], [-1]]
    points, inside_of = prepare_points(SAMPLES.empty("EPSG:32635"), scene)
    assert points.shape == (0, 3)
    assert inside_of.shape == (0, 1)
