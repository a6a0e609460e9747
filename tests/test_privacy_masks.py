"""Masks: what is one, what falls in it under each lens, and that it takes coverage everywhere."""

from dataclasses import replace
from typing import ClassVar

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from civicsight.core.errors import InputError
from civicsight.coverage.camera import Camera
from civicsight.coverage.matrix import compute_matrices
from civicsight.coverage.optics.footprint import Picture
from civicsight.coverage.pose.sensor_views import read_heads
from civicsight.coverage.privacy.masks import (
    masked,
    placed_masks,
    read_bound,
    read_mask,
    read_masks,
    write_bound,
    write_mask,
)
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import sightlines, viewshed
from civicsight.model import BUILDINGS, CAMERAS, READINGS
from civicsight.scene.bodies import build_scene
from tests.drawn import a_few
from tests.oracle_view import Camera as Eye
from tests.oracle_view import axes, view_of
from tests.scenes import fuzz
from tests.small import CRS, parts, samples
from tests.witness import scene_of
from tests.witness_lines import make_samples

LEFT = "POLYGON ((0 0, 0.5 0, 0.5 1, 0 1, 0 0))"
X, Y = 500_000.0, 3_000_000.0
LENSES = ("rectilinear", "equidistant", "cylindrical")


def cameras(n, **columns):
    plain = {
        "kind": "fixed",
        "height_m": 4.0,
        "tilt_deg": 10.0,
        "azimuth_deg": 0.0,
        "hfov_deg": 90.0,
        "vfov_deg": 60.0,
        "width_px": 2560.0,
        "reach_m": 40.0,
    }
    frame = gpd.GeoDataFrame(
        {**plain, **columns},
        index=[f"c{k}" for k in range(n)],
        geometry=[Point(X + 4.0 * k, Y) for k in range(n)],
        crs=CRS,
    )
    return gpd.GeoDataFrame(CAMERAS.complete(frame))


class TestText:
    def test_a_mask_survives_being_written(self):
        mask = read_mask("MULTIPOLYGON (((0 0, 1 0, 1 .25, 0 0)), ((.5 .5, .75 .5, .75 1, .5 .5)))")
        assert read_mask(write_mask(mask)).equals(mask)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("masked by the installer", "mask.not_wkt"),
            ("", "mask.not_wkt"),
            ("POINT (0.5 0.5)", "mask.shape"),
            ("LINESTRING (0 0, 1 1)", "mask.shape"),
            ("GEOMETRYCOLLECTION (POINT (0 0))", "mask.shape"),
            ("POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))", "mask.shape"),
            ("POLYGON EMPTY", "mask.empty"),
            ("POLYGON ((0 0, 1920 0, 1920 1080, 0 0))", "mask.outside"),
            ("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))", "mask.crossing"),
            ("POLYGON ((0 0, NaN 1, 1 0, 0 0))", "mask.outside"),
            ("POLYGON ((" + "0 0, " * 60_000 + "0 0))", "mask.not_wkt"),
        ],
    )
    def test_what_is_no_mask_is_refused_with_a_reason(self, text, code):
        with pytest.raises(InputError) as caught:
            read_mask(text, label="C-7")
        (fault,) = caught.value.faults
        assert (fault.code, fault.where, fault.field) == (code, "C-7", "mask_plan")
        assert len(fault.found) <= 80

    def test_all_faults_of_a_table_come_at_once_and_blanks_are_no_masks(self):
        table = cameras(4).assign(mask_plan=["x", None, " ", "POINT (0 0)"])
        with pytest.raises(InputError) as caught:
            read_masks(table)
        assert [fault.where for fault in caught.value.faults] == ["c0", "c3"]
        assert read_masks(table.iloc[1:3]) == {}
        assert read_masks(table.drop(columns="mask_plan")) == {}


class TestPicture:
    @pytest.mark.parametrize("lens", LENSES)
    @pytest.mark.parametrize("seed", range(8))
    def test_what_is_in_frame_is_in_the_picture_and_nothing_else(self, lens, seed):
        rng = np.random.default_rng(seed)
        angles = rng.uniform((0, -20, -30, 20, 20), (360, 80, 30, 120, 120))
        picture = Picture(*rng.uniform(-9, 9, 3), *angles, lens)
        eye = Eye(picture.x, picture.y, picture.z, *angles, lens=lens, near=0.0, reach=1e9)
        points = rng.uniform(-60, 60, (4000, 3))
        margin = view_of(eye, points)[0][2:].min(axis=0)
        at = picture.project(points)
        if lens == "equidistant":
            inside = np.hypot(*(at - 0.5).T) <= 0.5
        else:
            inside = ((at >= 0.0) & (at <= 1.0)).all(axis=1)
        clear = np.abs(margin) > 1e-6
        assert clear.sum() > 3900
        assert (inside == (margin > 0))[clear].all()
        assert inside.any()

    @pytest.mark.parametrize("lens", LENSES)
    def test_right_is_right_and_down_is_down(self, lens):
        picture = Picture(0.0, 0.0, 5.0, 40.0, 10.0, 0.0, 80.0, 60.0, lens)
        forward, right, up = axes(Eye(0, 0, 5.0, 40.0, 10.0))
        ahead = np.array([0.0, 0.0, 5.0]) + 10.0 * forward
        middle, aside, low = picture.project([ahead, ahead + right, ahead - up])
        assert middle == pytest.approx((0.5, 0.5))
        assert aside[0] > 0.5
        assert low[1] > 0.5
        assert low[0] == pytest.approx(0.5)

    def test_by_hand(self):
        """Level to the north, 90 by 90 degrees: 10 m ahead the picture is 20 by 20 m."""
        picture = Picture(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 90.0, 90.0, "rectilinear")
        at = picture.project([(5.0, 10.0, 0.0), (-10.0, 10.0, 10.0), (0.0, -1.0, 0.0)])
        assert at[:2] == pytest.approx(np.array([[0.75, 0.5], [0.0, 0.0]]))
        assert np.isnan(at[2]).all()
        assert not masked(picture, read_mask(LEFT), [(0.0, -1.0, 0.0)]).any()

    def test_a_rolled_camera_turns_its_picture(self):
        """Turned clockwise by 90 degrees, what is above appears on the left."""
        picture = Picture(0.0, 0.0, 0.0, 0.0, 0.0, 90.0, 90.0, 90.0, "rectilinear")
        assert picture.project([0.0, 10.0, 5.0]) == pytest.approx((0.25, 0.5))


class TestCoverage:
    @pytest.mark.parametrize("seed", [301, 304, 310, 317])
    def test_sight_lines_in_the_mask_are_gone_and_no_other(self, seed):
        case = replace(fuzz(seed, 5), cell_m=8.0)
        samples = make_samples(np.random.default_rng(seed), 300, case)
        scene = scene_of(case)
        plain = sightlines(case.heads, samples, scene)
        heads = case.heads.assign(mask_plan=LEFT)
        veiled = sightlines(heads, samples, scene)
        before, after = plain.q.toarray(), veiled.q.toarray()
        for row, (head, eye) in enumerate(
            zip(case.heads.itertuples(), case.cameras(), strict=True)
        ):
            angles = (eye.azimuth, eye.tilt, eye.roll, eye.hfov, eye.vfov)
            picture = Picture(eye.x, eye.y, eye.z, *angles, head.lens)
            xy = samples.get_coordinates().to_numpy()
            z = scene.ground_at(*xy.T) + samples["height_m"].to_numpy()
            hidden = masked(picture, read_mask(LEFT), np.column_stack([xy, z]))
            clear = np.abs(picture.project(np.column_stack([xy, z]))[:, 0] - 0.5) > 1e-9
            assert (after[row][hidden & clear] == 0.0).all()
            assert (after[row][~hidden & clear] == before[row][~hidden & clear]).all()
        assert len(veiled.blocked) <= len(plain.blocked)
        assert veiled.q.nnz < plain.q.nnz

    @pytest.mark.parametrize("roofs", a_few([True, False]))
    @pytest.mark.parametrize("seed", a_few([306, 311, 314]))
    def test_the_raster_counts_what_the_single_views_show(self, seed, roofs):
        case = replace(fuzz(seed, 4), cell_m=4.0)
        scene = scene_of(case)
        masks = [LEFT, None, "POLYGON ((0 0.4, 1 0.4, 1 1, 0 0.7, 0 0.4))", None]
        heads = case.heads.assign(mask_plan=masks[: len(case.heads)], reading="sure")
        heads = heads.assign(reach_m=heads["reach_m"].clip(upper=60.0))
        raster = compute_coverage(heads, scene, cell_m=4.0, roofs=roofs)
        plain = compute_coverage(heads.drop(columns="mask_plan"), scene, cell_m=4.0, roofs=roofs)
        best, count, _, transform = raster.to_dense()
        total, finest = np.zeros(count.shape, int), np.zeros(best.shape)
        for row, (head, mask) in enumerate(zip(heads.itertuples(), masks, strict=False)):
            names = Camera.__dataclass_fields__.keys() - {"x", "y", "crs", "mask"}
            pose = {name: getattr(head, name) for name in names}
            camera = Camera(head.geometry.x, head.geometry.y, heads.crs, mask=mask, **pose)
            if compute_coverage(heads.iloc[[row]], scene, cell_m=4.0).seen[0] == 0 and not roofs:
                continue
            view = viewshed(camera, scene, cell_m=4.0, roofs=roofs)
            y = round((transform.f - view.transform.f) / 4.0)
            x = round((view.transform.c - transform.c) / 4.0)
            window = (slice(y, y + len(view.visible)), slice(x, x + view.visible.shape[1]))
            total[window] += view.visible
            finest[window] = np.maximum(finest[window], view.px_m)
            assert raster.seen[row] == view.visible.sum()
        assert (count == total).all()
        assert best == pytest.approx(finest, rel=1e-6)
        assert (raster.to_dense()[1] <= plain.to_dense()[1]).all()
        assert raster.seen.sum() < plain.seen.sum()

    def test_one_view_loses_its_left_half_and_keeps_its_right(self):
        camera = Camera(X, Y, CRS, tilt_deg=20.0, reach_m=30.0)
        scene = build_scene(far_away())
        whole = viewshed(camera, scene)
        right = viewshed(replace(camera, mask=LEFT), scene)
        west, east = whole.transform.c, whole.transform.a
        middle = west + (np.arange(whole.visible.shape[1]) + 0.5) * east
        assert (right.visible == (whole.visible & (middle > X))).all()
        assert (right.px_m[~right.visible] == 0).all()
        assert right.area_m2 == pytest.approx(whole.area_m2 / 2)

    def test_a_camera_with_a_mask_that_is_none_is_refused(self):
        with pytest.raises(InputError, match="mask"):
            Camera(0.0, 0.0, "EPSG:4548", mask="the left half")

    def test_every_reading_of_a_recorded_camera_loses_what_is_masked(self):
        table = cameras(2).assign(mask_plan=[LEFT, None])
        heads = read_heads(table, buildings=far_away())
        assert list(heads["mask_plan"].notna()) == [True] * 3 + [False] * 3
        q = matrices(heads, (X - 5.0, X + 5.0))
        for reading in ("sure", "assumed", "possible"):
            assert (q[reading] > 0).tolist() == [[False, True], [True, True]]

    def test_unknown_direction_leaves_what_is_possible(self):
        """Nobody knows what the mask hides: it neither takes nor proves."""
        table = cameras(1, azimuth_deg=np.nan, kind="fixed").assign(mask_plan=[LEFT])
        heads = read_heads(table, buildings=far_away())
        assert set(heads["reading"]) == {"possible"}
        assert placed_masks(heads) == {}
        assert (matrices(heads, (X - 5.0, X + 5.0))["possible"] > 0).all()

    def test_a_bad_mask_stops_the_reading(self):
        with pytest.raises(InputError, match="c0"):
            read_heads(cameras(1).assign(mask_plan="left"), buildings=far_away())


class TestTour:
    """Two stops, of which the first looks north for most of the time."""

    TAGS: ClassVar = {"presets": "0/10/60/90;180/10/60/10"}

    def heads(self, mask, tags=None):
        table = cameras(1, kind="ptz", height_px=1440.0, vfov_deg=np.nan)
        table = table.assign(mask_plan=[mask])
        table["tags"] = [tags or self.TAGS]
        return read_heads(table, buildings=far_away()).query("reading == 'sure'")

    def test_a_mask_is_proven_where_it_is_bound_to_the_stop(self):
        for mask, proven in ((LEFT, []), (f"1: {LEFT}", [0]), (f"2: {LEFT}; 1: {LEFT}", [0, 1])):
            heads = self.heads(mask)
            assert heads["stop"].tolist() == [1, 2]
            assert sorted(placed_masks(heads, proven=True)) == proven
        assert sorted(placed_masks(self.heads(LEFT))) == [0, 1]  # it may take from either
        assert sorted(placed_masks(self.heads(f"2: {LEFT}"))) == [1]

    def test_a_tour_of_one_stop_has_one_picture(self):
        heads = self.heads(LEFT, {"presets": "0/10/60/90;180/10/60/0"})
        assert sorted(placed_masks(heads, proven=True)) == [0]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            (f"0: {LEFT}", "mask.stop"),
            (f"1: {LEFT}; 1: {LEFT}", "mask.stop"),
            (f"1: {LEFT}; {LEFT}", "mask.stop"),
            ("1: left", "mask.not_wkt"),
        ],
    )
    def test_a_mask_of_stops_that_cannot_be_read_is_named(self, text, code):
        with pytest.raises(InputError, match="c0") as caught:
            self.heads(text)
        assert caught.value.faults[0].code == code

    def test_what_is_written_is_read_again(self):
        masks = {1: read_mask(LEFT), 3: read_mask("POLYGON ((0 0, 1 0, 1 1, 0 0))")}
        again = read_bound(write_bound(masks))
        assert again.keys() == masks.keys()
        assert all(again[stop].equals(masks[stop]) for stop in masks)
        assert write_bound({0: masks[1]}) == write_mask(masks[1])


def far_away():
    """One building out of everybody's sight."""
    frame = gpd.GeoDataFrame(
        {"height_m": [5.0]},
        index=["b"],
        geometry=[box(X + 900, Y + 900, X + 910, Y + 910)],
        crs=CRS,
    )
    return gpd.GeoDataFrame(BUILDINGS.complete(frame))


def matrices(heads, xs):
    """Return px/m at points 12 m north of the first camera, by reading."""
    table = parts(p={"need_px_m": 20.0})
    points = samples(table, {"p": [1.0] * len(xs)}, at=[Point(x, Y + 12.0) for x in xs])
    scenes = dict.fromkeys(READINGS, build_scene(far_away()))
    found, _ = compute_matrices(heads, table, points, scenes)
    return {reading: matrix.q.toarray() for reading, matrix in found.items()}
