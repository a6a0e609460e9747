"""What is possible bounds what any pose sees: how fine a wall is, at the edge of a picture too."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from civicsight.coverage._kernels.accumulate import eye_at
from civicsight.coverage._kernels.surfaces import wall_density
from civicsight.coverage.optics.lens import WIDEST_RECTILINEAR_DEG
from civicsight.coverage.pose.assumptions import BEST_OPTICS, WIDEST_DEG
from civicsight.coverage.pose.confidence_levels import possible_views
from civicsight.coverage.pose.image import Record
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.prepare import prepare_heads
from civicsight.coverage.privacy.look import _edge_gains, _unbounded
from civicsight.scene.bodies import build_scene
from tests import town
from tests.conftest import INTERPRETED
from tests.test_privacy_exposure import cameras

pytestmark = pytest.mark.kernels


def directions(azimuth, tilt, roll, across, up):
    """Rays of a plane picture at tangents off its axis, by turning axes one after another."""
    a, t, r = np.radians([azimuth, tilt, roll])
    forward = np.array([np.sin(a) * np.cos(t), np.cos(a) * np.cos(t), -np.sin(t)])
    right = np.array([np.cos(a), -np.sin(a), 0.0])
    above = np.cross(right, forward)
    right, above = np.cos(r) * right - np.sin(r) * above, np.cos(r) * above + np.sin(r) * right
    return forward + np.outer(across, right) + np.outer(up, above)


def walls_seen(record, rng, n=200):
    """Points of walls that one pose of a plane camera sees, their normals, and tangents off axis.

    The first four are the corners of the picture; all walls are turned to the camera.
    """
    half_h, half_v = np.radians(record.hfov_deg / 2), np.radians(record.vfov_deg / 2)
    across = rng.uniform(-1, 1, n) * np.tan(half_h)
    up = rng.uniform(-1, 1, n) * np.tan(half_v)
    across[:4] = np.tan(half_h) * np.array([1, 1, -1, -1])
    up[:4] = np.tan(half_v) * np.array([1, -1, 1, -1])
    pose = record.azimuth_deg, record.tilt_deg, record.roll_deg
    ray = directions(*pose, across, up)
    point = ray / np.linalg.norm(ray, axis=1)[:, None] * rng.uniform(2, 60, n)[:, None]
    normal = np.arctan2(-ray[:, 0], -ray[:, 1]) + rng.uniform(-0.2, 0.2, n)
    return point, normal, across, up


def bound_px_m(record, point, normal):
    """The density that the reading ``possible`` gives at points around a camera in the plain."""
    fields = (
        "azimuth_deg",
        "tilt_deg",
        "roll_deg",
        "hfov_deg",
        "vfov_deg",
        "width_px",
        "height_px",
    )
    row = {name: getattr(record, name) for name in fields}
    row |= {"kind": record.kind, "height_m": 10.0}
    made = town.buildings(far=(town.rect(900, 900, 910, 910), {"height_m": 3.0}))
    heads = read_heads(cameras(c=(0.0, 0.0, row)), buildings=made)
    possible = heads[heads["reading"].eq("possible")]
    eyes = _unbounded(prepare_heads(possible, build_scene(made)), _edge_gains(possible), 1.0)
    eye, out = eye_at(eyes.table, 0), np.column_stack([np.sin(normal), np.cos(normal)])
    return np.array([wall_density(eye, *row) for row in np.column_stack([point, out])])


@pytest.mark.parametrize("blank", ["azimuth_deg", "tilt_deg", "vfov_deg", "hfov_deg", "width_px"])
@pytest.mark.parametrize("seed", range(2 if INTERPRETED else 12))
def test_no_pose_sees_a_wall_finer_than_what_is_possible(blank, seed):
    rng = np.random.default_rng([seed, len(blank)])
    widest = WIDEST_DEG if blank == "hfov_deg" else WIDEST_RECTILINEAR_DEG
    hfov = rng.uniform(BEST_OPTICS.hfov_deg, widest)
    true = Record(
        kind="fixed",
        azimuth_deg=rng.uniform(0, 360),
        tilt_deg=rng.uniform(-10, 80),
        roll_deg=rng.uniform(-10, 10),
        hfov_deg=hfov,
        vfov_deg=rng.uniform(10, min(hfov, WIDEST_DEG)),
        width_px=rng.uniform(640, BEST_OPTICS.width_px),
    )
    point, normal, across, up = walls_seen(true, rng)
    focal = true.width_px / (2 * np.tan(np.radians(true.hfov_deg / 2)))
    facing = -(point[:, 0] * np.sin(normal) + point[:, 1] * np.cos(normal))
    depth = np.linalg.norm(point, axis=1) / np.sqrt(1 + across**2 + up**2)
    there = focal * facing / depth**2
    assert (there <= bound_px_m(replace(true, **{blank: nan}), point, normal) * (1 + 1e-9)).all()


@pytest.mark.parametrize(("hfov", "vfov"), [(30.0, 17.1), (60.0, 35.0), (100.0, 67.0)])
def test_a_wall_in_the_corner_of_the_picture_is_as_fine_as_the_bound(hfov, vfov):
    """The bound is met: by a wall square to the line of sight, in the corner of a level picture."""
    record = Record(kind="fixed", tilt_deg=0.0, hfov_deg=hfov, vfov_deg=vfov, width_px=2000.0)
    view = possible_views(replace(record, height_m=6.0))[0]
    assert view.lens == "cylindrical"
    across, up = np.tan(np.radians([hfov / 2, vfov / 2]))
    focal, far = 1000.0 / across, 20.0
    finest = focal * (1 + across**2 + up**2) / far
    per_radian = view.width_px / np.radians(view.hfov_deg)
    assert view.edge_gain * per_radian / far == pytest.approx(finest)


@pytest.mark.parametrize(("kind", "hfov"), [("fisheye", 180.0), ("panorama", 180.0)])
def test_a_picture_that_is_not_plane_has_no_finer_edge(kind, hfov):
    record = Record(kind=kind, hfov_deg=hfov, vfov_deg=60.0, width_px=2000.0)
    assert {view.edge_gain for view in possible_views(record)} == {1.0}
