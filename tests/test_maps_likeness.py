"""A person and a plate in a picture, held against a projection matrix that is made for the test."""

from __future__ import annotations

from math import radians, tan

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from civicsight.coverage.optics.lens import Frame, Optics, square_vfov_deg
from civicsight.coverage.optics.quality import FACE_HEIGHT_M
from civicsight.maps.likeness import BLUE, PERSON_M, PLATE_M, portray
from civicsight.rules.pack import TARGET_HEIGHTS_M

PLATE_HEIGHT_M = TARGET_HEIGHTS_M["plate"]

WIDTH, HFOV = 2560.0, 60.0
VFOV = square_vfov_deg(HFOV, 16.0, 9.0)
POSES = [(4.5, 30.0, 10.0, 0.0, 20.0), (6.0, 200.0, 15.0, 4.0, 15.0), (3.0, 0.0, 0.0, 0.0, 40.0),
         (12.0, 300.0, 35.0, -3.0, 17.0)]  # fmt: skip
"""Height, azimuth, tilt, roll and distance."""


def optics(**more):
    return Optics(**{"hfov_deg": HFOV, "vfov_deg": VFOV, "width_px": WIDTH} | more)


def upright(distance_m, across, height):
    """Return a point by the camera's own axes of the ground: right, forward, up from its foot."""
    return np.array([across, distance_m, height])


def pinhole(height_m, tilt, roll, point):
    """Return column and row from the middle of the picture by a matrix of rotation and focus."""
    focal = WIDTH / 2.0 / tan(radians(HFOV / 2.0))
    look = point - np.array([0.0, 0.0, height_m])
    # Axes of a picture: right, down, forward; tilt turns about the right, roll about the view.
    level = np.array([look[0], -look[2], look[1]])
    turn = Rotation.from_euler("x", tilt, degrees=True)
    spin = Rotation.from_euler("z", -roll, degrees=True)
    x, y, z = (spin * turn).apply(level)
    return np.array([focal * x / z, focal * y / z])


def apart(pose, one, two):
    height, _, tilt, roll, distance = pose
    a, b = (pinhole(height, tilt, roll, upright(distance, *spot)) for spot in (one, two))
    return float(np.hypot(*(b - a)))


@pytest.mark.parametrize("pose", POSES)
def test_sizes_are_those_of_a_pinhole_by_matrix(pose):
    height, azimuth, tilt, roll, distance = pose
    found = portray(optics(), Frame(0.0, 0.0, height, azimuth, tilt, roll), distance)
    plate = PLATE_M[0] / 2.0
    assert found.person_px == pytest.approx(apart(pose, (0.0, 0.0), (0.0, PERSON_M)), rel=1e-9)
    assert found.face_px == pytest.approx(
        apart(pose, (-0.08, FACE_HEIGHT_M), (0.08, FACE_HEIGHT_M)), rel=1e-9
    )
    assert found.plate_px == pytest.approx(
        apart(pose, (-plate, PLATE_HEIGHT_M), (plate, PLATE_HEIGHT_M)), rel=1e-9
    )


def test_a_level_view_has_the_density_of_a_plane_in_both_directions():
    found = portray(optics(), Frame(0.0, 0.0, 1.6, 90.0, 0.0), 25.0)
    px_m = WIDTH / (2.0 * 25.0 * tan(radians(HFOV / 2.0)))
    assert found.plate_px == pytest.approx(px_m * 0.44)
    assert found.person_px == pytest.approx(px_m * 1.70)


@pytest.mark.parametrize("lens", ["equidistant", "cylindrical"])
def test_a_lens_of_angles_gives_each_metre_its_share_of_the_circle(lens):
    wide = optics(hfov_deg=180.0, vfov_deg=90.0, lens=lens)
    found = portray(wide, Frame(0.0, 0.0, FACE_HEIGHT_M, 10.0, 0.0), 12.0)
    angle = 2.0 * np.degrees(np.arctan2(0.08, 12.0))
    assert found.face_px == pytest.approx(WIDTH * angle / 180.0, rel=1e-6)


@pytest.mark.parametrize("distance", [8.0, 13.0, 30.0])
def test_what_is_drawn_is_as_large_as_what_is_told(distance):
    found = portray(optics(), Frame(0.0, 0.0, 3.0, 45.0, 4.0), distance)
    blue = np.array([int(BLUE[k : k + 2], 16) for k in (1, 3, 5)])
    plate = found.plate.astype(float)
    sky = plate[0, 0]
    # A pixel of the plate's edge is sky and plate by its share of both.
    share = np.abs(plate - sky).sum(axis=2) / np.abs(blue - sky).sum()
    middle = share[share.shape[0] // 2]
    drawn = np.flatnonzero(middle > 0.02)
    assert drawn[-1] - drawn[0] + 1 == pytest.approx(found.plate_px, abs=2.0)
    person = np.abs(found.person.astype(float) - found.person[0, 0]).sum(axis=(1, 2))
    rows = np.flatnonzero(person > 6.0)
    assert rows[-1] - rows[0] + 1 == pytest.approx(found.person_px, abs=2.0)


def test_what_lies_outside_of_the_picture_is_told_and_grey():
    near = portray(optics(), Frame(0.0, 0.0, 3.0, 0.0, 0.0), 6.0)
    half = radians(VFOV / 2.0)
    lowest = 3.0 - 6.0 * tan(half)  # the lower edge of the picture at this distance
    assert (near.sees_face, near.sees_plate) == (lowest <= FACE_HEIGHT_M, lowest <= PLATE_HEIGHT_M)
    assert not near.whole_person
    assert not near.sees_plate
    assert near.plate is None  # no pixel of it
    grey = near.person[:, 0] != near.person[0, 0]
    inside = int((~grey.any(axis=1)).sum())
    head = pinhole(3.0, 0.0, 0.0, upright(6.0, 0.0, PERSON_M))[1]
    edge = WIDTH / 2.0 * 9.0 / 16.0
    air = 0.12 * near.person_px
    assert inside == pytest.approx(edge - head + air, abs=2.0)


def test_what_is_behind_a_plane_picture_is_not_drawn():
    found = portray(optics(), Frame(0.0, 0.0, 6.0, 0.0, 85.0), 80.0)
    assert found.person is None
    assert not any([found.whole_person, found.sees_face, found.sees_plate])


def test_beyond_its_reach_nothing_is_seen():
    far = portray(optics(reach_m=30.0), Frame(0.0, 0.0, 3.0, 0.0, 3.0), 40.0)
    assert not any([far.whole_person, far.sees_face, far.sees_plate])
