"""Frames and densities of the kernels against those of `civicsight.coverage.optics.lens`."""

import math

import numpy as np
import pytest

from civicsight.coverage.optics.lens import Frame, Optics, density_px_m, frame_vectors
from civicsight.coverage.optics.lens import in_frame as image_holds
from tests.kernel_parts import LENSES, camera_at, compiled, eye_of, random_look

pytestmark = [pytest.mark.kernels, pytest.mark.parts]

in_frame, in_reach, pixel_density = compiled("eyes", "in_frame", "in_reach", "pixel_density")

TIE = 1e-9
"""Angles of view are moved by this share to find out which points lie on an edge."""


def as_optics(camera, share=1.0):
    """Return lens and frame for `optics`, the angles widened or narrowed a little."""
    pose = (camera.azimuth_deg, camera.tilt_deg, camera.roll_deg)
    wide = [min(angle * share, 360.0) for angle in (camera.hfov_deg, camera.vfov_deg)]
    lens = Optics(
        *wide, camera.width_px, camera.lens, camera.near_m / share, camera.reach_m * share
    )
    return lens, Frame(camera.x, camera.y, camera.height_m, *pose)


def random_points(rng, camera, count=200):
    """Draw directions all round, more of them near the axis, at all distances about the reach."""
    directions = rng.normal(size=(count, 3))
    forward, _, _ = frame_vectors(camera.azimuth_deg, camera.tilt_deg, camera.roll_deg)
    directions[: count // 2] = forward + 0.6 * rng.normal(size=(count // 2, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    sight = directions * rng.uniform(0.1, 1.3 * camera.reach_m, (count, 1))
    return sight, sight + np.array([camera.x, camera.y, camera.height_m])


@pytest.mark.parametrize("lens", LENSES)
def test_frame_and_density_are_those_of_the_optics(rng, lens):
    seen = 0
    for _ in range(40):
        look = random_look(rng, lens) | ({"roll_deg": 0.0} if lens == "cylindrical" else {})
        camera = camera_at(70.0, 40.0, **look)
        eye, _ = eye_of(camera)
        sight, points = random_points(rng, camera)
        framed = np.array([in_frame(eye, *v) and in_reach(eye, *v) for v in sight])
        narrow, wide = (image_holds(*as_optics(camera, s), points) for s in (1 - TIE, 1 + TIE))
        assert (narrow <= framed).all()
        assert (framed <= wide).all()
        seen += framed.sum()
        density = [pixel_density(eye, *v) for v in sight]
        np.testing.assert_allclose(density, density_px_m(*as_optics(camera), points), rtol=1e-9)
    assert seen > 500


def test_axes_are_those_of_the_optics(rng):
    for lens in LENSES[:2]:
        for _ in range(50):
            camera = camera_at(0.0, 0.0, **random_look(rng, lens))
            eye, _ = eye_of(camera)
            expected = frame_vectors(camera.azimuth_deg, camera.tilt_deg, camera.roll_deg)
            found = np.array(
                [eye.fx, eye.fy, eye.fz, eye.rx, eye.ry, eye.rz, eye.ux, eye.uy, eye.uz]
            )
            np.testing.assert_allclose(found, np.concatenate(expected), atol=1e-12)


@pytest.mark.parametrize("lens", LENSES)
def test_the_sector_of_an_eye_holds_all_that_its_lens_images(rng, lens):
    for _ in range(80):
        eye, _ = eye_of(camera_at(0.0, 0.0, **random_look(rng, lens)))
        assert 0.0 < eye.sector_half <= math.pi
        for _ in range(60):
            v = rng.normal(size=3)
            if in_frame(eye, *v):
                turn = math.atan2(v[0], v[1]) - eye.sector_azimuth
                turn = (turn + math.pi) % (2.0 * math.pi) - math.pi
                assert abs(turn) <= eye.sector_half + 1e-9


@pytest.mark.parametrize(
    ("look", "half_deg"),
    [
        ({"lens": "rectilinear", "hfov_deg": 60.0, "vfov_deg": 40.0}, 30.0),
        ({"lens": "rectilinear", "hfov_deg": 60.0, "vfov_deg": 40.0, "tilt_deg": 90.0}, 180.0),
        ({"lens": "rectilinear", "hfov_deg": 60.0, "vfov_deg": 40.0, "roll_deg": 90.0}, 20.0),
        ({"lens": "equidistant", "hfov_deg": 100.0}, 50.0),
        ({"lens": "equidistant", "hfov_deg": 180.0}, 180.0),
        ({"lens": "equidistant", "hfov_deg": 100.0, "tilt_deg": 40.0}, 180.0),
        ({"lens": "cylindrical", "hfov_deg": 100.0, "tilt_deg": 40.0}, 50.0),
        ({"lens": "cylindrical", "hfov_deg": 360.0}, 180.0),
    ],
)
def test_sectors_worked_out_by_hand(look, half_deg):
    eye, _ = eye_of(camera_at(0.0, 0.0, **look))
    assert math.degrees(eye.sector_half) == pytest.approx(half_deg, abs=1e-3)


def test_a_band_that_reaches_the_vertical_has_no_bound_there():
    eye, _ = eye_of(camera_at(0.0, 0.0, tilt_deg=45.0, vfov_deg=90.0))
    assert eye.low_slope == -math.inf
    assert eye.high_slope == pytest.approx(0.0, abs=1e-12)
    with np.errstate(invalid="ignore"):  # a slope without end over no distance
        assert in_frame(eye, 0.0, 0.0, -1.0)
    assert not in_frame(eye, 1.0, 0.0, 0.001)


@pytest.mark.parametrize("lens", LENSES)
def test_the_lens_itself_gets_endless_pixels_and_what_is_behind_it_none(lens):
    angles = {"hfov_deg": 90.0, "vfov_deg": 90.0}
    eye, _ = eye_of(camera_at(0.0, 0.0, lens=lens, azimuth_deg=0.0, **angles))
    assert pixel_density(eye, 0.0, 0.0, 0.0) == math.inf
    assert not in_frame(eye, 0.0, -1.0, 0.0)
    assert (pixel_density(eye, 0.0, -1.0, 0.0) == 0.0) == (lens == "rectilinear")


def test_near_limit_and_reach_belong_to_the_range():
    eye, _ = eye_of(camera_at(0.0, 0.0, near_m=3.0, reach_m=5.0))
    assert [in_reach(eye, d, 0.0, 0.0) for d in (2.999, 3.0, 5.0, 5.001)] == [
        False,
        True,
        True,
        False,
    ]
    assert in_reach(eye, 0.0, 3.0, -4.0)
