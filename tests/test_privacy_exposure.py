"""Exposure of private facades: by hand, against exact sight lines, and what masks make of it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import CrsError
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.privacy.exposure import HITS, expose
from civicsight.coverage.privacy.facades import Private, sample_facades
from civicsight.coverage.privacy.look import WallPoints, look_at_walls
from civicsight.model import CAMERAS, READINGS
from civicsight.scene.bodies import build_scene
from tests import town
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.oracle import see
from tests.oracle_cells import features_of
from tests.scenes import fuzz
from tests.test_privacy_facades import _areas, facades_of, home
from tests.witness import scene_of

NO_AREAS = pd.DataFrame()


def private_of(*_, terrain=None, **rows):
    return Private(NO_AREAS, facades_of(terrain, **rows), NO_AREAS)


def cameras(**rows):
    """Build recorded cameras: ``name=(x, y, columns)``; they look north, level."""
    plain = {
        "kind": "fixed",
        "height_m": 10.0,
        "tilt_deg": 0.0,
        "azimuth_deg": 0.0,
        "hfov_deg": 90.0,
        "vfov_deg": 60.0,
        "width_px": 2000.0,
        "reach_m": 30.0,
    }
    frame = gpd.GeoDataFrame(
        [plain | (row[2] if len(row) > 2 else {}) for row in rows.values()],
        index=list(rows),
        geometry=[town.point(row[0], row[1]) for row in rows.values()],
        crs=town.CRS,
    )
    return gpd.GeoDataFrame(CAMERAS.complete(frame))


def look(table, buildings, private, density=25.0):
    heads = read_heads(table, buildings=buildings)
    scenes = dict.fromkeys(READINGS, build_scene(buildings))
    return expose(heads, scenes, private, density, camera_ids=table.index)


WALL = {"wall": home(town.rect(-50, 10, 50, 30), 30.0)}


class TestByHand:
    def square(self, density, distance=10.0, **columns):
        """A camera at 10 m before the middle of a wall of 100 m by 30 m, square to it."""
        made = town.buildings(**WALL)
        table = cameras(c=(0.0, 10.0 - 0.05 - distance, columns))
        return look(table, made, private_of(**WALL), density).area_m2("sure")["c"]

    def test_square_before_a_wall(self):
        """At 10 m a view of 90 by 60 degrees is 20 m wide and 10 +- 5.77 m high.

        Samples at 4.5, 7.5, 10.5 and 13.5 m are in it: four storeys of 3 m, 20 columns of 1 m. The
        focal length is 1000 px, so that the whole wall has 100 px/m, off the axis too.
        """
        assert self.square(25.0) == pytest.approx(4 * 3 * 20)
        assert self.square(100.0) == pytest.approx(4 * 3 * 20)
        assert self.square(100.01) == 0.0

    def test_at_twice_the_distance_four_times_the_area_but_for_the_roof(self):
        """10 +- 11.55 m: all storeys up to the sample at 19.5 m."""
        assert self.square(50.0, 20.0) == pytest.approx(7 * 3 * 40)
        assert self.square(50.1, 20.0) == 0.0

    def test_recorded_reach_does_not_end_what_the_picture_shows(self):
        assert self.square(50.0, 20.0, reach_m=5.0) == self.square(50.0, 20.0)

    def test_along_a_wall_only_the_near_part_is_fine_enough(self):
        """All round, d = 2 m before a wall: N/(2 pi r) * d/r >= density where r is at most sqrt.

        A band of one storey, the sample at the height of the lens: r = sqrt(d^2 + s^2).
        """
        made = town.buildings(wall=home(town.rect(-50, 10, 50, 30), 3.0))
        private = private_of(wall=home(town.rect(-50, 10, 50, 30), 3.0))
        columns = {
            "kind": "panorama",
            "hfov_deg": 360.0,
            "vfov_deg": 90.0,
            "width_px": 4000.0,
            "height_m": 1.5,
        }
        table = cameras(c=(0.0, 10.0 - 0.05 - 2.0, columns))
        area = look(table, made, private, 25.0).area_m2("sure")["c"]
        farthest = np.sqrt(4000.0 * 2.0 / (2 * np.pi * 25.0))
        along = np.sqrt(farthest**2 - 4.0)
        assert area == pytest.approx(3.0 * 2 * np.floor(along + 0.5))

    def test_walls_turned_away_are_not_seen(self):
        """A camera high above sees over the house, but not its far side."""
        house = {"a": home(town.rect(-5, 10, 5, 16), 3.0)}
        made = town.buildings(**house)
        table = cameras(c=(0.0, 0.0, {"height_m": 30.0, "tilt_deg": 60.0, "hfov_deg": 100.0}))
        private = private_of(**house)
        q = look(table, made, private, 5.0).matrices["sure"].q.toarray()[0]
        seen = private.facades[q > 0]
        assert set(seen["normal_deg"].round(3)) == {180.0}


@pytest.mark.kernels
class TestOracle:
    @pytest.mark.parametrize("seed", (1, 4) if INTERPRETED else a_few(range(6)))
    def test_the_samples_seen_are_those_of_brute_force(self, seed):
        case = fuzz(seed, 4)
        made = case.buildings.assign(kind="house", tags=None)
        facades, _ = sample_facades(_areas(made), made, case.terrain)
        facades = facades.iloc[:: max(1, len(facades) // 1500)]
        scene = scene_of(case)
        features, _ = features_of(case.buildings, case.obstacles, case.canopies, case.terrain)
        looks = look_at_walls(case.heads, WallPoints(facades, scene), 2.0)
        xy = facades.get_coordinates().to_numpy()
        z = scene.ground_at(*xy.T) + facades["height_m"].to_numpy()
        targets = np.column_stack([xy, z])
        normal = np.radians(facades["normal_deg"].to_numpy())
        out = np.column_stack([np.sin(normal), np.cos(normal), np.zeros(len(normal))])
        seen = np.zeros((len(case.heads), len(facades)))
        seen[looks.head, looks.sample] = looks.px_m
        compared = 0
        for row, recorded in enumerate(case.cameras()):
            camera = replace(recorded, near=0.0, reach=400.0)
            sight = see(camera, targets, features, case.terrain, margins=True)
            px_m = _slanted(camera, targets, out)
            expected = sight.visible & (px_m >= 2.0)
            sure = (np.abs(sight.clearance) > 1e-6) & (np.abs(px_m - 2.0) > 1e-6)
            assert ((seen[row] > 0) == expected)[sure].all()
            both = (seen[row] > 0) & expected
            assert seen[row][both] == pytest.approx(px_m[both], rel=1e-6)
            compared += int(expected.sum())
        assert compared > 0


def _slanted(camera, targets, out):
    """Return px/m across walls: density of a facing target, times its share that faces."""
    v = targets - (camera.x, camera.y, camera.z)
    r = np.linalg.norm(v, axis=1)
    facing = np.clip(-(v * out).sum(axis=1), 0.0, None)
    half = np.radians(camera.hfov) / 2
    if camera.lens != "rectilinear":
        return camera.width_px / (2 * half) / r * (facing / r)
    a, t = np.radians([camera.azimuth, camera.tilt])
    axis = np.array([np.sin(a) * np.cos(t), np.cos(a) * np.cos(t), -np.sin(t)])
    deep = v @ axis
    plane = camera.width_px / (2 * np.tan(half)) / np.where(deep > 0, deep, np.inf)
    return np.where(deep > 0, plane * facing / np.where(deep > 0, deep, 1.0), 0.0)


GAP = {
    "house": home(town.rect(-15, 20, 15, 30), 9.0),
    "left": (town.rect(-40, 10, -2, 11), {"kind": "yes", "height_m": 12.0}),
    "right": (town.rect(2, 10, 40, 11), {"kind": "yes", "height_m": 12.0}),
}
NARROW = {"height_m": 4.0, "hfov_deg": 80.0, "vfov_deg": 50.0}


class TestOpening:
    """A house behind a wall with a gap of 4 m."""

    def view(self, x=0.0, mask=None, **rows):
        made = town.buildings(**(GAP | rows))
        table = cameras(c=(x, 0.0, NARROW))
        if mask is not None:
            table["mask_plan"] = mask
        return look(table, made, private_of(**GAP, **rows))

    def test_through_the_gap_it_is_seen(self):
        found = self.view()
        assert found.area_m2("sure")["c"] > 1.0
        hits = found.hits("sure")
        assert list(hits.columns) == list(HITS)
        assert hits["building_id"].tolist() == ["house"]
        assert hits["area_m2"][0] == found.area_m2("sure")["c"] == found.plan_m2("sure")

    def test_with_the_gap_closed_it_is_not(self):
        closed = self.view(gate=(town.rect(-2, 10, 2, 11), {"kind": "yes", "height_m": 12.0}))
        assert closed.area_m2("possible")["c"] == 0.0
        assert closed.hits().empty
        assert list(closed.hits().columns) == list(HITS)
        assert closed.plan_m2() == 0.0

    def test_behind_the_wall_it_is_not(self):
        assert self.view(x=-30.0).area_m2("possible")["c"] == 0.0

    def test_a_mask_over_the_gap_ends_it(self):
        masked = self.view(mask="POLYGON ((0.3 0, 0.7 0, 0.7 1, 0.3 1, 0.3 0))")
        assert masked.area_m2()["c"] == 0.0
        assert masked.area_m2(masked=False)["c"] == self.view().area_m2()["c"]
        table = masked.cameras()
        assert table.loc["c", ["sure_m2", "assumed_m2", "possible_m2"]].tolist() == [0.0, 0.0, 0.0]
        assert table.loc["c", "before_m2"] > 1.0
        assert not table.loc["c", "unplaced"]
        (hit,) = masked.hits().itertuples()
        assert (hit.masked_m2, hit.area_m2) == (0.0, table.loc["c", "before_m2"])

    def test_half_a_mask_leaves_half(self):
        whole = self.view().area_m2()["c"]
        half = self.view(mask="POLYGON ((0 0, 0.5 0, 0.5 1, 0 1, 0 0))").area_m2()["c"]
        assert half == pytest.approx(whole / 2)


class TestReadings:
    def test_what_is_not_recorded_is_possible_and_not_sure(self):
        made = town.buildings(**WALL)
        table = cameras(
            known=(0.0, 0.0),
            unknown=(5.0, 0.0, {"azimuth_deg": np.nan}),
            away=(10.0, 0.0, {"azimuth_deg": 180.0}),
        )
        found = look(table, made, private_of(**WALL)).cameras()
        assert (found["sure_m2"] > 0).tolist() == [True, False, False]
        assert (found["possible_m2"] > 0).tolist() == [True, True, False]
        assert (found["sure_m2"] <= found["assumed_m2"]).all()
        assert (found["assumed_m2"] <= found["possible_m2"]).all()

    def test_a_mask_of_unknown_direction_proves_nothing(self):
        made = town.buildings(**WALL)
        table = cameras(c=(0.0, 0.0, {"azimuth_deg": np.nan}), d=(0.0, 0.0))
        table["mask_plan"] = "POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))"
        found = look(table, made, private_of(**WALL))
        assert found.unplaced == {"c"}
        assert found.cameras()["unplaced"].tolist() == [True, False]
        assert found.area_m2()["c"] == found.area_m2(masked=False)["c"] > 0.0
        assert found.area_m2()["d"] == 0.0

    def test_a_plan_counts_a_facade_once_and_a_camera_with_none_has_a_row(self):
        made = town.buildings(**WALL)
        table = cameras(a=(0.0, 0.0), b=(0.0, 0.0), c=(0.0, 0.0, {"setting": "indoor"}))
        found = look(table, made, private_of(**WALL))
        area = found.area_m2("sure")
        assert area["a"] == area["b"] == found.plan_m2("sure")
        assert area["c"] == 0.0
        assert isinstance(found.veiled["sure"], CoverageMatrix)

    def test_assumed_heights_in_the_way_hide_nothing_that_is_possible(self):
        from civicsight.coverage.check import BOUNDS

        rows = WALL | {"low": (town.rect(-40, 5, 40, 6), {"kind": "yes", "height_m": 40.0})}
        made = town.buildings(**rows)
        assert made["height_assumed"].tolist() == [False, True]
        heads = read_heads(cameras(c=(0.0, 0.0)), buildings=made)
        scenes = {name: build_scene(made, assumed=bound) for name, bound in BOUNDS.items()}
        found = expose(heads, scenes, private_of(**WALL), 25.0).cameras()
        assert found.loc["c", "sure_m2"] == found.loc["c", "assumed_m2"] == 0.0
        assert found.loc["c", "possible_m2"] > 0.0


def test_tables_of_two_crs_are_refused():
    made = town.buildings(**WALL)
    heads = read_heads(cameras(c=(0.0, 0.0)), buildings=made)
    private = private_of(**WALL)
    moved = replace(private, facades=private.facades.to_crs("EPSG:4547"))
    with pytest.raises(CrsError, match="to_crs"):
        expose(heads, dict.fromkeys(READINGS, build_scene(made)), moved, 25.0)


def test_nothing_private_and_no_camera():
    made = town.buildings(a=(town.rect(0, 0, 9, 9), {"kind": "office"}))
    table = cameras(c=(20.0, 0.0))
    nothing = look(table, made, private_of(a=(town.rect(0, 0, 9, 9), {"kind": "office"})))
    assert nothing.area_m2().tolist() == [0.0]
    assert nothing.hits().empty
    nobody = look(table.iloc[:0], made, private_of(**WALL))
    assert nobody.plan_m2() == 0.0
