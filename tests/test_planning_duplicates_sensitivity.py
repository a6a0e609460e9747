"""Disturbed poses: how they are drawn, and which verdicts survive them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from civicsight.coverage.check import build_scenes, check
from civicsight.coverage.result import CheckResult
from civicsight.model import BUILDINGS
from civicsight.planning.duplicates import Verdict, duplicates
from civicsight.planning.duplicates.sensitivity import perturb_heads
from tests.small import CRS, cameras, heads, shuffled
from tests.test_check import inventory, town


def houses(*shapes):
    rows = [{"height_m": 9.0, "height_assumed": False}] * len(shapes)
    made = gpd.GeoDataFrame(rows, index=[f"h{i}" for i in range(len(shapes))],
                            geometry=list(shapes), crs=CRS)  # fmt: skip
    return BUILDINGS.complete(made)


class TestDraw:
    def drawn(self, seed=1, buildings=None, order=None, **errors):
        table = heads(cameras(**{f"c{i}": {} for i in range(40)}), 350.0)
        table = table if order is None else shuffled(table, order)
        buildings = BUILDINGS.empty(CRS) if buildings is None else buildings
        return table, perturb_heads(table, buildings, np.random.default_rng(seed), **errors)

    def test_errors_stay_within_their_bounds_and_fill_them(self):
        before, after = self.drawn(height_m=0.5)
        turned = (after["azimuth_deg"] - before["azimuth_deg"]).abs()
        moved = after.geometry.distance(before.geometry)
        lifted = (after["height_m"] - before["height_m"]).abs()
        for error, most in ((turned, 5.0), (moved, 2.0), (lifted, 0.5)):
            assert error.max() <= most
            assert error.max() > 0.9 * most

    def test_heads_of_one_camera_move_as_one(self):
        before, after = self.drawn()
        step = after.geometry.x - before.geometry.x
        assert step.groupby(after["camera_id"]).nunique().eq(1).all()

    def test_order_of_rows_changes_nothing(self):
        _, one = self.drawn()
        _, two = self.drawn(order=3)
        two = two.loc[one.index]
        assert one["azimuth_deg"].equals(two["azimuth_deg"])
        assert one.geometry.equals(two.geometry)

    def test_nobody_ends_up_inside_a_building(self):
        wall = houses(box(-10, -10, 200, 0))  # right in front of all cameras
        assert not self.drawn(buildings=wall)[1].geometry.within(box(-10, -10, 200, 0)).any()
        free = self.drawn()[1].geometry.within(box(-10, -10, 200, 0))
        assert free.any()

    def test_camera_shut_in_on_all_sides_stays(self):
        spot = Point(0.0, -10.0)
        tower = spot.buffer(9.0).difference(spot.buffer(0.01))
        before, after = self.drawn(buildings=houses(tower))
        first = before.index[before["camera_id"].eq("c0")][0]
        assert after.geometry[first].distance(before.geometry[first]) <= 0.01


CAMS = inventory(
    south=((30, -8), 0.0, {}),
    twin=((31, -8), 0.0, {"status": "planned"}),
    away=((5, -8), 180.0, {"status": "planned"}),
)
"""The school's south gate with a twin; the picture of each is 4 m wide at the gate and more."""


@pytest.fixture(scope="module")
def result() -> CheckResult:
    return check(town(CAMS), raster=False)


class TestVerdicts:
    def test_twin_that_looks_at_the_middle_survives(self, result):
        found = duplicates(result, scenarios=8, seed=2)
        assert found.table["verdict"]["twin"] == Verdict.CERTAIN
        assert found.table["flips"]["twin"] == 0.0
        assert found.scenarios == 8

    def test_gate_at_the_edge_of_the_picture_makes_it_uncertain(self):
        """A fifth of the gate is all but out of the old camera's frame: a degree decides."""
        cams = CAMS.copy()
        cams.loc["south", "azimuth_deg"] = 21.0
        close = check(town(cams), raster=False)
        found = duplicates(close, scenarios=12, seed=2)
        assert found.table["flips"]["twin"] > 0.2
        assert found.table["verdict"]["twin"] == Verdict.UNCERTAIN

    def test_same_seed_gives_the_same_and_progress_is_told(self, result):
        told = []
        scene = build_scenes(result.city)["sure"]
        one, two = (
            duplicates(
                result, scenarios=4, seed=7, scene=scene,
                progress=lambda done, total: told.append((done, total)),
            ).table
            for _ in range(2)
        )  # fmt: skip
        pd.testing.assert_frame_equal(one, two)
        assert told[-1] == (7, 7)
        assert [done for done, _ in told[:6]] == sorted(done for done, _ in told[:6])
