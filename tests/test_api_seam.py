"""A town across the seam of two map zones is judged as one away from it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import civicsight as cs
from civicsight.core.errors import CrsError
from tests.drawn import a_few
from tests.seam_town import CAMERAS, LATITUDE, SEAM, read_town


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def town(folder):
    return read_town(folder, SEAM)


@pytest.fixture(scope="module")
def result(town):
    return cs.check(*town)


# A city on both sides of a zone border is measured in one system.


def scale_error(degrees_off):
    """Return by how much a transverse Mercator grid lengthens this far off its meridian."""
    return (math.radians(degrees_off) * math.cos(math.radians(LATITUDE))) ** 2 / 2


def test_the_town_lies_on_both_sides_of_the_seam(town):
    city, cameras = town
    assert city.crs.to_epsg() == 4548
    lon = cameras.to_crs(4326).geometry.x
    assert lon["west-of-seam"] < SEAM < lon["east-of-seam"]
    halves = [frame.to_crs(4326).total_bounds for frame in (city.places, city.buildings)]
    assert all(bounds[0] < SEAM < bounds[2] for bounds in halves)


def test_cameras_look_across_the_seam(result):
    """The gates that face it are met from the other side, the one behind the kiosk is not."""
    status = result.part_status
    met = status[status["cameras"].map(bool)]
    across = {"east-of-seam", "its-twin", "west-of-seam"}
    assert across == {name for names in met["cameras"] for name in names if name in CAMERAS}
    hidden = status[status["blockers"].map(lambda names: any("way/5" in one for one in names))]
    assert len(hidden) == 1
    planned = result.duplicates[result.duplicates["subject"].eq("its-twin")]
    assert planned["outcome"].eq("fail").any()


def by_gate(result, table, column):
    """Return rows labelled by mapped gate, not by part: equal gates are numbered by place."""
    gates = result.parts["entrance_id"]
    labels = table[column].map(lambda label: gates.get(label, label))
    return table.set_axis(labels).sort_index(kind="stable")


@pytest.mark.parametrize(("lon", "zone"), a_few([(115.95, 4548), (117.0, 4548), (115.05, 4547)]))
def test_a_town_on_the_seam_is_judged_as_one_away_from_it(folder, result, lon, zone):
    """All that differs is the scale of the grid: 0.026 % on the seam, less anywhere else."""
    city, cameras = read_town(folder, lon)
    assert city.crs.to_epsg() == zone
    other = cs.check(city, cameras, raster=False)
    error = scale_error(1.5)
    assert 2.6e-4 < error < 2.7e-4
    mine, theirs = (
        by_gate(each, each.part_status.reset_index(), "part_id") for each in (result, other)
    )
    same = ["item", "need_px_m", "k", "status", "cameras", "blockers"]
    assert len(mine) == 3
    assert_frame_equal(mine[same], theirs[same])
    for column in mine.columns[mine.columns.str.startswith(("fraction", "best"))]:
        np.testing.assert_allclose(mine[column], theirs[column], rtol=error)
    verdicts = ["article", "rule", "outcome", "severity", "readings", "assumptions"]
    for name in ("gaps", "duplicates", "overlaps"):
        one, two = (
            by_gate(each, getattr(each, name), "subject")[verdicts] for each in (result, other)
        )
        assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))


def test_two_systems_are_never_mixed(town):
    city, cameras = town
    with pytest.raises(CrsError, match=r"convert them with to_crs\(\)"):
        cs.check(city, cameras.to_crs(4547))
    scene = cs.build_scene(city.buildings)
    with pytest.raises(CrsError):
        cs.viewshed(cs.Camera(0.0, 0.0, 4547), scene)
