"""The matrix: labels, limits of angle, readings; an exact stand-in for the engine beside it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from shapely.geometry import Point, box

from civicsight.core.errors import MismatchError, SchemaError
from civicsight.coverage.matrix import CoverageMatrix, at_night, compute_matrices, compute_matrix
from civicsight.coverage.optics.lens import Frame, Optics, density_px_m, in_frame
from civicsight.model import BUILDINGS, HEADS, READINGS, SAMPLES
from civicsight.scene.bodies import build_scene
from tests.drawn import LONG
from tests.small import CRS, cameras, heads, parts, samples, shuffled

Q = csr_array(np.array([[130.0, 0.0, 80.0], [60.0, 0.0, 125.0]], np.float32))
MATRIX = CoverageMatrix(Q, pd.Index(["a", "b"]), pd.Index(["s", "t", "u"]))


def city(*shapes, height=50.0, assumed=False):
    table = gpd.GeoDataFrame(
        {"height_m": height, "height_assumed": assumed},
        index=[f"b{i}" for i in range(len(shapes))],
        geometry=list(shapes),
        crs=CRS,
    )
    return BUILDINGS.complete(table)


def scenes(buildings):
    bounds = {"sure": "highest", "assumed": "as_is", "possible": "lowest"}
    return {reading: build_scene(buildings, assumed=bounds[reading]) for reading in READINGS}


FAR = city(box(5000, 5000, 5010, 5010))


class TestValue:
    def test_reductions(self):
        assert MATRIX.best().tolist() == [130.0, 0.0, 125.0]
        assert MATRIX.watchers(60.0).tolist() == [2, 0, 2]
        assert MATRIX.watchers([125.0, 0.0, 125.0]).tolist() == [1, 0, 1]
        assert MATRIX.met(60.0, 2).tolist() == [True, False, True]
        assert MATRIX.met(60.0, [1, 1, 3]).tolist() == [True, False, False]

    def test_need_of_nothing_still_asks_for_a_view(self):
        assert MATRIX.watchers(0.0).tolist() == [2, 0, 2]

    def test_selection_is_by_label_and_in_its_order(self):
        part = MATRIX.select(cameras=pd.Index(["b"]), samples=pd.Index(["u", "s"]))
        assert part.q.toarray().tolist() == [[125.0, 60.0]]
        with pytest.raises(MismatchError, match="has no 'x'"):
            MATRIX.select(cameras=pd.Index(["x"]))

    @pytest.mark.parametrize(
        ("q", "rows", "message"),
        [
            (Q, ["a"], "has shape"),
            (Q, ["a", "a"], "'a' more than once"),
            (csr_array(np.array([[-1.0, 0, 0], [0, 0, 0]], np.float32)), ["a", "b"], "negative"),
            (csr_array(np.array([[np.nan, 0, 0], [0, 0, 0]], np.float32)), ["a", "b"], "finite"),
        ],
    )
    def test_labels_and_values_are_checked(self, q, rows, message):
        with pytest.raises(MismatchError, match=message):
            CoverageMatrix(q, pd.Index(rows), pd.Index(["s", "t", "u"]))

    @given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2**32 - 1))
    def test_reductions_are_those_of_the_dense_matrix(self, n, m, seed):
        dense = np.random.default_rng(seed).choice([0.0, 60.0, 125.0, 300.0], (n, m))
        matrix = CoverageMatrix(
            csr_array(dense.astype(np.float32)), pd.RangeIndex(n), pd.RangeIndex(m)
        )
        assert matrix.best().tolist() == dense.max(axis=0, initial=0.0).tolist()
        assert matrix.watchers(125.0).tolist() == (dense >= 125.0).sum(axis=0).tolist()
        assert (matrix.meets(125.0).toarray() == (dense >= 125.0)).all()


def one_head(at, azimuth=0.0, height=4.0, **columns):
    cams = cameras(a={"at": at})
    views = heads(cams, azimuth)
    return views.assign(height_m=height, **columns)


class TestLimits:
    """A gate whose people walk north; the camera stands south, off by an angle."""

    def seen(self, views, part, normal=0.0):
        table = parts(p=part)
        points = samples(table, {"p": [1]}).assign(normal_deg=normal)
        return float(compute_matrix(views, table, points, build_scene(FAR)).q.toarray()[0, 0])

    @pytest.mark.parametrize(("down", "kept"), [(29.9, True), (30.1, False)])
    def test_depression(self, down, kept):
        height = 1.6 + 5.0 * np.tan(np.radians(down))
        views = one_head((0, -5), height=height, tilt_deg=30.0)
        assert (self.seen(views, {"max_tilt_deg": 30.0}) > 0) is kept
        assert self.seen(views, {}) > 0

    @pytest.mark.parametrize(
        ("off", "kept"), [(0.0, True), (45.0, True), (45.2, False), (90, False)]
    )
    @pytest.mark.parametrize("sense", [0.0, 180.0])
    def test_yaw_counts_the_axis_of_walking_not_its_sense(self, off, kept, sense):
        at = (-8 * np.sin(np.radians(off)), -8 * np.cos(np.radians(off)))
        views = one_head(at, azimuth=off)
        assert (self.seen(views, {"max_yaw_deg": 45.0}, normal=sense) > 0) is kept

    def test_gate_without_a_direction_has_no_yaw_limit(self):
        views = one_head((-8, 0), azimuth=90.0)
        assert self.seen(views, {"max_yaw_deg": 45.0}, normal=np.nan) > 0

    def test_own_light_bounds_the_night(self):
        cams = cameras(a={"at": (0, -10)}, b={"at": (0, -10)}, c={"at": (0, -10)})
        views = heads(cams, 0.0)
        light = views["camera_id"].map({"a": 5.0, "b": 30.0, "c": np.nan})
        table = parts(p={})
        points = samples(table, {"p": [1]})
        options = {"night_reach_m": light}
        day, _ = compute_matrices(views.assign(**options), table, points, scenes(FAR))
        dark = at_night(views.assign(**options))
        ids = pd.Index(["a", "b", "c"])
        night, _ = compute_matrices(dark, table, points, scenes(FAR), camera_ids=ids)
        assert (day["sure"].q.toarray() > 0).ravel().tolist() == [True, True, True]
        assert (night["sure"].q.toarray() > 0).ravel().tolist() == [False, True, False]
        assert (night["possible"].q.toarray() > 0).ravel().tolist()[1:] == [True, True]

    def test_light_that_ends_before_the_nearest_focus_shows_nothing(self):
        cams = cameras(a={"at": (0, -10)}, b={"at": (0, -10)}, c={"at": (0, -10)})
        views = heads(cams, 0.0).assign(near_m=5.0)
        light = views["camera_id"].map({"a": 4.0, "b": 5.0, "c": 6.0})
        assert set(at_night(views.assign(night_reach_m=light))["camera_id"]) == {"c"}


class TestReadings:
    TABLE = parts(p={})
    POINTS = samples(TABLE, {"p": [1, 1, 1, 1]})

    def test_best_head_of_a_camera_counts(self):
        cams = cameras(a={"at": (0, -10)})
        wide = heads(cams, 0.0)
        tele = wide.assign(width_px=3840.0)
        tele.index = tele.index + "tele"
        both = pd.concat([wide, tele])
        matrices, _ = compute_matrices(both, self.TABLE, self.POINTS, scenes(FAR))
        single, _ = compute_matrices(tele, self.TABLE, self.POINTS, scenes(FAR))
        assert (matrices["sure"].q != single["sure"].q).nnz == 0

    def test_readings_never_take_away(self):
        cams = cameras(a={"at": (0, -10)}, b={"at": (0, -12)})
        views = heads(cams, 0.0)
        away = views["reading"].eq("possible")
        views.loc[away, "azimuth_deg"] = 180.0
        matrices, _ = compute_matrices(views, self.TABLE, self.POINTS, scenes(FAR))
        assert (matrices["possible"].q != matrices["sure"].q).nnz == 0
        assert matrices["sure"].q.nnz == 8

    def test_assumed_building_blocks_for_sure_and_not_at_its_lowest(self):
        house = city(box(-2, -6, 8, -4), height=3.0, assumed=True)
        views = one_head((2, -10))
        matrices, blocked = compute_matrices(views, self.TABLE, self.POINTS, scenes(house))
        seen = {reading: int(matrix.q.nnz) for reading, matrix in matrices.items()}
        assert seen == {"sure": 0, "assumed": 0, "possible": 4}
        assert blocked["reading"].value_counts().to_dict() == {"sure": 4, "assumed": 4}
        assert set(blocked["blocker"]) == {0}
        assert blocked["camera_id"].eq("a").all()
        assert set(blocked["sample_id"]) == set(self.POINTS.index)

    def test_blocked_view_that_would_not_meet_the_need_is_no_evidence(self):
        wall = city(box(-2, -6, 8, -4))
        views = one_head((2, -10), width_px=300.0)
        assert compute_matrices(views, self.TABLE, self.POINTS, scenes(wall))[1].empty

    def test_every_camera_asked_for_has_a_row(self):
        ids = pd.Index(["z", "a"])
        matrices, _ = compute_matrices(
            one_head((0, -10)), self.TABLE, self.POINTS, scenes(FAR), camera_ids=ids
        )
        assert matrices["sure"].camera_ids.tolist() == ["z", "a"]
        assert np.diff(matrices["sure"].q.indptr).tolist() == [0, 4]

    def test_no_heads_and_no_samples(self):
        empty = HEADS.empty(CRS)
        matrices, blocked = compute_matrices(
            empty, self.TABLE, self.POINTS, scenes(FAR), camera_ids=pd.Index(["a"])
        )
        assert matrices["possible"].q.shape == (1, 4)
        assert blocked.empty
        nothing = SAMPLES.empty(CRS)
        matrices, _ = compute_matrices(one_head((0, -10)), self.TABLE, nothing, scenes(FAR))
        assert matrices["sure"].q.shape == (1, 0)

    def test_progress_counts_the_heads_of_all_readings(self):
        calls = []
        compute_matrices(
            one_head((0, -10)),
            self.TABLE,
            self.POINTS,
            scenes(FAR),
            progress=lambda done, total: calls.append((done, total)),
        )
        assert calls[-1] == (3, 3)
        assert [done for done, _ in calls] == sorted(done for done, _ in calls)

    def test_sample_without_a_part_is_refused(self):
        with pytest.raises(MismatchError, match="4 samples belong to no part, first 'p/0'"):
            compute_matrices(one_head((0, 0)), parts(q={}), self.POINTS, scenes(FAR))

    def test_bad_head_is_refused(self):
        with pytest.raises(SchemaError, match="width_px"):
            compute_matrices(one_head((0, 0), width_px=-1.0), self.TABLE, self.POINTS, scenes(FAR))


def stand_in(view, points, buildings):
    """See samples past walls without top, by optics and a plain intersection of lines."""
    head = Frame(view.geometry.x, view.geometry.y, view.height_m, view.azimuth_deg, view.tilt_deg)
    lens = Optics(view.hfov_deg, view.vfov_deg, view.width_px, view.lens, view.near_m, view.reach_m)
    xyz = np.column_stack([points.geometry.x, points.geometry.y, points["height_m"]])
    seen = in_frame(lens, head, xyz)
    lines = shapely.linestrings([[(head.x, head.y), (x, y)] for x, y, _ in xyz])
    walls = shapely.union_all(buildings.geometry.to_numpy())
    seen &= shapely.is_empty(shapely.intersection(lines, walls))
    return np.where(seen, density_px_m(lens, head, xyz), 0.0)


@settings(max_examples=800 if LONG else 16, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["rectilinear", "cylindrical", "equidistant"]))
def test_matrix_is_that_of_the_stand_in(seed, lens):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-30, 30, (4, 2))
    shapes = [box(x, y, x + rng.uniform(2, 9), y + rng.uniform(2, 9)) for x, y in corners]
    free = [Point(p) for p in rng.uniform(-35, 35, (60, 2))]
    free = [p for p in free if all(shape.distance(p) > 0.01 for shape in shapes)]
    table = parts(p={"need_px_m": 1.0})
    points = samples(table, {"p": [1] * (len(free) - 2)}, at=free[2:])
    cams = cameras(**{name: {"at": (p.x, p.y)} for name, p in zip("ab", free, strict=False)})
    views = heads(cams, list(rng.uniform(0, 360, 2)))
    wide = {"rectilinear": 80.0, "cylindrical": 200.0, "equidistant": 180.0}[lens]
    views = views.assign(lens=lens, hfov_deg=wide, tilt_deg=rng.uniform(-5, 40), vfov_deg=60.0)
    town = city(*shapes)
    found = compute_matrices(views, table, points, scenes(town))[0]["sure"].q.toarray()
    for row, name in enumerate("ab"):
        expected = stand_in(views.loc[f"{name}/sure/0"], points, town)
        assert found[row] == pytest.approx(expected, rel=1e-5)


def test_order_of_rows_changes_nothing():
    rng = np.random.default_rng(7)
    table = parts(p={"max_tilt_deg": 30.0}, q={"max_yaw_deg": 45.0})
    points = samples(table, {"p": [1] * 9, "q": [1] * 9}).assign(normal_deg=30.0)
    cams = cameras(**{f"c{i}": {"at": tuple(rng.uniform(-20, 20, 2))} for i in range(9)})
    views = heads(cams, list(rng.uniform(0, 360, 9)))
    town = scenes(city(box(2, -9, 8, -4)))
    one, hidden = compute_matrices(views, table, points, town)
    two, other = compute_matrices(shuffled(views, 1), shuffled(table, 2), shuffled(points, 3), town)
    for reading in READINGS:
        again = two[reading].select(samples=points.index)
        assert (again.q != one[reading].q).nnz == 0
    keys = ["reading", "camera_id", "sample_id"]
    assert (
        hidden.sort_values(keys)
        .reset_index(drop=True)
        .equals(other.sort_values(keys).reset_index(drop=True))
    )
