"""Views of the 3D view: their rays against the frame of the lens, their ends against the ground."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from civicsight.coverage.optics.lens import Frame, Optics, in_frame
from civicsight.maps.prisms import COLUMNS, look_out
from civicsight.model.terrain import Terrain
from tests.result_town import TOWN_CRS, at, make_heads

LENSES = [
    ("rectilinear", 70.0, 45.0, 20.0),
    ("cylindrical", 180.0, 50.0, 15.0),
    ("equidistant", 160.0, 160.0, 80.0),
]


def head(lens="rectilinear", hfov=70.0, vfov=45.0, tilt=20.0, **more):
    """Return one head, five metres above the ground."""
    row = make_heads().iloc[[0]].copy()
    values = {"lens": lens, "hfov_deg": hfov, "vfov_deg": vfov, "tilt_deg": tilt, "height_m": 5.0,
              "azimuth_deg": 40.0, "reach_m": 300.0, "geometry": at(0, 0), **more}  # fmt: skip
    for name, value in values.items():
        row[name] = value
    return gpd.GeoDataFrame(row, geometry="geometry", crs=TOWN_CRS)


@pytest.mark.parametrize(("lens", "hfov", "vfov", "tilt"), LENSES)
def test_rays_run_along_the_edge_of_the_picture(lens, hfov, vfov, tilt):
    """The engine images every ray through a lens a little wider, and none through a narrower."""
    seen = look_out(head(lens, hfov, vfov, tilt), None)
    frame = Frame(0.0, 0.0, 5.0, azimuth_deg=40.0, tilt_deg=tilt)
    points = (0.0, 0.0, 5.0) + 10.0 * seen.rays[0]
    for more, expected in ((0.01, True), (-0.01, False)):
        optics = Optics(hfov + more, vfov + more, 1920.0, lens)
        assert (in_frame(optics, frame, points) == expected).all()
    assert np.linalg.norm(seen.rays, axis=-1) == pytest.approx(1.0)


def test_a_view_ends_at_the_ground_or_at_its_reach():
    seen = look_out(head(reach_m=30.0), None)
    ends = seen.eyes[0] + seen.length_m[0][:, None] * seen.rays[0]
    above = ends[:, 2]
    assert above.min() == pytest.approx(0.0, abs=1e-9)
    level = above > 1e-6
    assert seen.length_m[0][level] == pytest.approx(30.0)
    assert seen.rays[0][~level][:, 2].max() < 0.0


def test_the_near_edge_is_where_the_footprint_of_the_lens_begins():
    """The lowest ray of the middle column meets the ground at h / tan(tilt + vfov / 2)."""
    seen = look_out(head(), None)
    middle = COLUMNS // 2
    end = seen.length_m[0][middle] * seen.rays[0][middle]
    assert np.hypot(*end[:2]) == pytest.approx(5.0 / np.tan(np.radians(20.0 + 22.5)))


def test_a_level_ray_goes_as_far_as_the_reach():
    seen = look_out(head(tilt=0.0, vfov=20.0, reach_m=90.0), None)
    assert seen.length_m[0][COLUMNS:] == pytest.approx(90.0)


@pytest.mark.parametrize("slope", [0.0, 0.04, -0.04])
def test_in_relief_a_ray_ends_where_a_plane_of_that_slope_lies(slope):
    """A plane that rises to the east: the ray meets it at t = h / (slope * dx - dz)."""
    x = np.arange(120) * 10.0
    spot = at(0, 0)
    terrain = Terrain(np.tile(slope * (x - 600.0), (120, 1)), spot.x - 600.0, spot.y - 600.0, 10.0)
    seen = look_out(head(reach_m=200.0), terrain)
    fall = slope * seen.rays[0][:, 0] - seen.rays[0][:, 2]
    with np.errstate(divide="ignore"):
        expected = np.where(fall > 0.0, np.minimum(5.0 / fall, 200.0), 200.0)
    assert seen.length_m[0] == pytest.approx(expected, rel=1e-6)


def test_no_heads_have_no_views():
    seen = look_out(head().iloc[:0], None)
    assert seen.rays.shape == (0, 2 * COLUMNS, 3)
    assert seen.length_m.shape == (0, 2 * COLUMNS)
