"""The file of a store is a GeoPackage: other programs list its layers with CRS and Chinese text."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import subprocess
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geoseries_equal

from civicsight.store import export_version, open_store, verify
from civicsight.store.frames import box_of, decode, encode
from tests.store_parts import DEPARTMENT, LI, approved, begun, commit, layers


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "规划.gpkg"
    with begun(path, versions=2) as store:
        approved(store)
    return path


def test_gdal_lists_all_layers_with_crs_and_chinese_text(path):
    assert dict(pyogrio.list_layers(path)) == {
        "cameras": "Point",
        "measures": "Polygon",
        "phases": None,
        "plans": None,
        "opinions": None,
        "approvals": None,
    }
    given = layers(seed=1)
    for name in ("cameras", "measures"):
        frame = pyogrio.read_dataframe(path, layer=name)
        assert frame.crs.to_epsg() == 4547
        key = given[name].index.name
        assert list(frame[key]) == list(given[name].index)
        assert_geoseries_equal(frame.geometry, given[name].geometry.reset_index(drop=True))
        assert set(frame["plan_name"]) == {"东湖区规划"}
        assert set(frame["plan_state"]) == {"approved"}
    cameras = pyogrio.read_dataframe(path, layer="cameras")
    assert list(cameras["name"]) == list(given["cameras"]["name"])
    np.testing.assert_array_equal(cameras["height_m"], given["cameras"]["height_m"])
    assert cameras["heads"].dtype == "int64"
    opinion = pyogrio.read_dataframe(path, layer="opinions").iloc[0]
    assert (opinion["department"], opinion["text"]) == (DEPARTMENT, "同意")
    approval = pyogrio.read_dataframe(path, layer="approvals").iloc[0]
    assert approval["document_number"] == "洪府字〔2026〕12号"


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
def test_ogrinfo_reads_it_without_a_warning(path):
    done = subprocess.run(
        ["ogrinfo", "-ro", "-al", path], capture_output=True, text=True, check=True
    )
    assert "东湖区3号" in done.stdout
    assert 'ID["EPSG",4547]' in done.stdout
    assert not done.stderr


def test_it_has_the_marks_and_extents_of_a_geopackage(path):
    header = path.read_bytes()[:72]
    assert header[:16] == b"SQLite format 3\0"
    assert header[68:72] == b"GPKG"
    assert struct.unpack(">I", header[60:64])[0] == 10_400
    box = pyogrio.read_info(path, layer="cameras", force_total_bounds=True)["total_bounds"]
    with closing(sqlite3.connect(path)) as file:
        kept = file.execute(
            "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'cameras'"
        ).fetchone()
        assert file.execute("SELECT count(*) FROM gpkg_spatial_ref_sys").fetchone()[0] >= 4
    assert kept == tuple(box) == tuple(layers(seed=1)["cameras"].total_bounds)


def test_the_spatial_index_finds_what_a_box_holds(path):
    frame = layers(seed=1)["cameras"]
    low_x, low_y, high_x, high_y = (*frame.total_bounds[:2], 502_000, 3_162_000)
    with closing(sqlite3.connect(path)) as file:
        found = file.execute(
            "SELECT f.feature_id FROM feature_place p JOIN feature f USING (fid) WHERE version = 2 "
            "AND layer = 'cameras' AND max_x >= ? AND min_x <= ? AND max_y >= ? AND min_y <= ?",
            (low_x, high_x, low_y, high_y),
        ).fetchall()
    inside = frame.intersects(shapely.box(low_x, low_y, high_x, high_y))
    assert {label for (label,) in found} == set(frame.index[inside])
    assert 0 < inside.sum() < len(frame)


def test_layers_follow_what_the_current_versions_hold(tmp_path):
    path = tmp_path / "plans.gpkg"
    with begun(path) as store:
        more = layers()["cameras"].assign(note="说明")
        plan = store.plan(LI, "donghu")
        store.commit_version(LI, "donghu", base_rev=plan.rev, layers={"cameras": more})
        assert "note" in pyogrio.read_info(path, layer="cameras")["fields"]
        assert "measures" not in dict(pyogrio.list_layers(path))
        other = store.new_plan(LI, "xihu", name="西湖区规划")
        commit(store, other, seed=5)
        verify(store, LI)
    frame = pyogrio.read_dataframe(path, layer="cameras")
    assert frame["plan_id"].value_counts().to_dict() == {"donghu": 12, "xihu": 12}
    assert frame.loc[frame["plan_id"] == "xihu", "note"].isna().all()


def test_names_that_sql_knows_stay_inside(tmp_path):
    """A column may be called anything; only plain words become part of a statement."""
    hostile = 'x" FROM feature; DROP TABLE audit; --'
    frame = pd.DataFrame(
        {hostile: [1.5], "it's": ["a"], "费用": [2.5], "Fid": [3], "plan_id": ["mine"]},
        index=pd.Index(["r"], name='i"d'),
    )
    path = tmp_path / "plans.gpkg"
    with begun(path, versions=0) as store:
        store.commit_version(LI, "donghu", base_rev=1, layers={"odd": frame})
        pd.testing.assert_frame_equal(store.read_version(LI, "donghu").layers["odd"], frame)
        verify(store, LI)
    shown = pyogrio.read_dataframe(path, layer="odd")
    assert list(shown.columns) == [
        "feature_id",
        "费用",
        "plan_id",
        "plan_name",
        "plan_state",
        "plan_version",
    ]
    assert shown.loc[0, "费用"] == 2.5


def test_a_crs_of_ones_own_is_kept(tmp_path):
    local = "+proj=tmerc +lat_0=28.6 +lon_0=115.9 +x_0=1000 +y_0=2000 +ellps=GRS80 +units=m"
    frame = gpd.GeoDataFrame(
        {"n": [1]}, index=pd.Index(["a"], name="id"), geometry=[shapely.Point(1, 2)], crs=local
    )
    path = tmp_path / "plans.gpkg"
    with begun(path, versions=0) as store:
        store.commit_version(LI, "donghu", base_rev=1, layers={"spots": frame})
        assert store.read_version(LI, "donghu").layers["spots"].crs == frame.crs
    assert pyogrio.read_dataframe(path, layer="spots").crs == frame.crs


def test_blobs_are_those_that_gdal_writes(tmp_path):
    """The same features, written by GDAL, have the same header, envelope and WKB."""
    frame = layers()["measures"]
    pyogrio.write_dataframe(frame.reset_index(), tmp_path / "gdal.gpkg", layer="m", driver="GPKG")
    with closing(sqlite3.connect(tmp_path / "gdal.gpkg")) as file:
        theirs = [blob for (blob,) in file.execute("SELECT geom FROM m ORDER BY fid")]
    ours = encode(frame.geometry.to_numpy(), 4547)
    assert ours == theirs
    assert shapely.equals_exact(decode(ours)[0], frame.geometry.iloc[0], 0)
    assert box_of(ours[-1]) is None
    assert box_of(b"GP\0\1") is None
    assert box_of(b"GP\0\1" + bytes(9)) is None


def test_an_exported_version_stands_alone(path, tmp_path):
    with open_store(path) as store:
        out = export_version(store, LI, "donghu", tmp_path / "out" / "v1.gpkg", n=1)
        digest = store.read_version(LI, "donghu", 1).digest
    frame = pyogrio.read_dataframe(out, layer="cameras")
    given = layers(seed=0)["cameras"]
    assert_geoseries_equal(frame.geometry, given.geometry.reset_index(drop=True))
    about = pyogrio.read_dataframe(out, layer="about").set_index("name")["value"]
    assert (about["root"], about["version"]) == (digest, "1")
    assert "事项" in about["document ledger"]
