"""Plans and versions come back as they went in, and whoever was faster is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from civicsight.core.errors import InputError
from civicsight.planning.record.documents import to_documents, to_record
from civicsight.planning.record.root import root_of
from civicsight.store import Conflict, file_digest, open_store, sqlite, stale_inputs, verify
from tests.plan_made import hand_plan
from tests.store_parts import CRS, LI, SUN, begun, commit, layers

DOCUMENTS = {"ledger": {"事项": [0, 2.5, None]}, "parameters": {"seed": 0}}
"""Of the first version that `commit` makes."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plans.gpkg"


def code_of(error) -> str:
    return error.value.faults[0].code


def test_a_version_comes_back_as_it_went_in(path):
    given = layers()
    with begun(path) as store:
        version = store.read_version(LI, "donghu")
    assert version.layers.keys() == given.keys()
    for name in ("cameras", "measures"):
        assert_geodataframe_equal(version.layers[name], given[name])
        assert version.layers[name].crs == given[name].crs
    pd.testing.assert_frame_equal(version.layers["phases"], given["phases"])
    assert version.documents == DOCUMENTS
    assert version.head.inputs == {"city.gpkg": "c" * 64}


def test_the_digest_is_over_the_bytes_in_the_file(path):
    """The digests are computed again from the columns, without any code of the store."""
    with begun(path) as store:
        digest = store.plan(LI, "donghu").digest
        bound = store.history(SUN, "donghu")[-1].says["row"]
    with closing(sqlite3.connect(path)) as file:
        row = list(file.execute("SELECT * FROM plan_version").fetchone())
        feature = file.execute(
            "SELECT layer, position, feature_id, properties, geom FROM feature WHERE fid = 3"
        ).fetchone()
    head = json.dumps([*feature[:-1], len(feature[-1])], separators=(",", ":")).encode()
    of_row = json.loads(row[9])["layers"][feature[0]][feature[2]]
    assert of_row == hashlib.sha256(head + feature[-1]).hexdigest()
    text = json.dumps([*row[:-1], None], separators=(",", ":")).encode()
    assert bound == hashlib.sha256(text).hexdigest()
    assert digest == row[-1] == root_by_hand(row)


def root_by_hand(row) -> str:
    """Count the root of a version without the record of a plan from its row."""

    def named(value) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def digest(text: str) -> str:
        return hashlib.sha256(json.dumps([text, None], separators=(",", ":")).encode()).hexdigest()

    abouts, manifest = json.loads(row[8]), json.loads(row[9])
    told = {f"layer {named(name)}": digest(named(about)) for name, about in abouts.items()}
    for layer, rows in manifest["layers"].items():
        told |= {f"row {named(layer)} {named(label)}": value for label, value in rows.items()}
    told |= {f"document {named(name)}": digest(named(value)) for name, value in DOCUMENTS.items()}
    lines = "".join(f"{told[name]}  {name}\n" for name in sorted(told))
    return hashlib.sha256(lines.encode()).hexdigest()


def test_versions_of_the_same_content_have_the_same_root_and_rows_of_their_own(path):
    with begun(path, versions=0) as store:
        plan = commit(store, store.plan(LI, "donghu"), note="one")
        again = commit(store, plan, note="two")
        other = commit(store, again, seed=1)
        rows = [entry.says["row"] for entry in store.history(SUN, "donghu")[1:]]
    assert plan.digest == again.digest != other.digest
    assert len(set(rows)) == 3


def test_a_version_of_a_plan_has_the_root_of_its_folder(path):
    """What else a version holds counts beside it; what follows from the record does not."""
    record = to_record(hand_plan())
    with begun(path, versions=0) as store:
        rev = store.plan(LI, "donghu").rev
        plan = store.commit_version(
            LI, "donghu", base_rev=rev, layers={"measures": hand_plan().measures}, documents=record
        )
        assert plan.digest == root_of(to_documents(hand_plan()))
        more = store.commit_version(
            LI, "donghu", base_rev=plan.rev, layers={}, documents=record | {"session": "x"}
        )
        assert more.digest != plan.digest
        verify(store, SUN)


def test_every_version_stays_and_follows_the_one_before(path):
    with begun(path, versions=3) as store:
        heads = store.list_versions(LI, "donghu")
        costs = [store.read_version(LI, "donghu", n).layers["measures"] for n in (1, 2, 3)]
    assert [head.n for head in heads] == [1, 2, 3]
    assert [head.parent for head in heads] == ["", heads[0].digest, heads[1].digest]
    for n, frame in enumerate(costs):
        pd.testing.assert_series_equal(frame["cost_yuan"], layers(seed=n)["measures"]["cost_yuan"])


def test_a_conflict_names_who_and_when(path):
    with begun(path) as store:
        old = store.plan(LI, "donghu")
        commit(store, old, note="mine")
        last = store.history(SUN, "donghu")[-1]
        with pytest.raises(Conflict) as error:
            commit(store, old, note="too late")
        assert (error.value.who, error.value.at) == (LI.name, last.at)
        assert len(store.list_versions(LI, "donghu")) == 2


def test_what_is_empty_comes_back_empty(path):
    empty = gpd.GeoDataFrame(
        {"cost_yuan": pd.Series([], dtype="float64"), "n": pd.Series([], dtype="int64")},
        index=pd.Index([], name="id", dtype=str),
        geometry=gpd.GeoSeries([], crs=CRS),
        crs=CRS,
    )
    bare = pd.DataFrame(index=pd.Index(["a"], name="id"))
    with begun(path, versions=0) as store:
        rev = store.plan(LI, "donghu").rev
        store.commit_version(LI, "donghu", base_rev=rev, layers={"none": empty, "bare": bare})
        version = store.read_version(LI, "donghu")
        assert_geodataframe_equal(version.layers["none"], empty)
        pd.testing.assert_frame_equal(version.layers["bare"], bare)
        assert verify(store, LI).versions == 1


def test_text_columns_of_both_kinds_and_shapes_of_all_kinds_come_back(path):
    shapes = [
        shapely.Point(),
        shapely.Point(1, 2, 3),
        shapely.LineString([(0, 0), (3, 4)]),
        shapely.MultiPoint([(1, 1), (2, 2)]),
        shapely.box(0, 0, 2, 1),
        None,
    ]
    frame = gpd.GeoDataFrame(
        {"text": pd.array(["甲", None, "丙", "", "a", "b"], dtype="str"), "值 (m)": range(6)},
        index=pd.Index(list("abcdef"), name="id"),
        geometry=shapes,
        crs=CRS,
    ).rename_geometry("place")
    with begun(path, versions=0) as store:
        rev = store.plan(LI, "donghu").rev
        store.commit_version(LI, "donghu", base_rev=rev, layers={"mixed": frame})
        back = store.read_version(LI, "donghu").layers["mixed"]
        verify(store, LI)
    assert back.geometry.name == "place"
    assert shapely.get_coordinate_dimension(back.geometry["b"]) == 3
    assert_geodataframe_equal(back[frame.columns], frame)


BAD = {
    "store.layer_name": {"plan_version": layers()["phases"]},
    "store.repeated_id": {"cameras": layers()["cameras"].iloc[[0, 0]]},
    "store.crs": {"cameras": layers()["cameras"].set_crs(None, allow_override=True)},
    "store.geometry": {
        "cameras": layers()["cameras"].set_geometry(
            shapely.transform(layers()["cameras"].geometry.to_numpy(), lambda xy: xy * np.inf)
        )
    },
    "store.value": {"phases": layers()["phases"].assign(cost_yuan=[1.0, np.inf])},
}


@pytest.mark.parametrize("code", BAD)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(path, code):
    with begun(path) as store:
        before = store.plan(LI, "donghu")
        with pytest.raises(InputError) as error:
            store.commit_version(LI, "donghu", base_rev=before.rev, layers=BAD[code])
        assert code_of(error) == code
        assert store.plan(LI, "donghu") == before


def test_a_document_that_json_cannot_hold_is_named(path):
    with begun(path) as store, pytest.raises(InputError, match="certificate"):
        store.commit_version(LI, "donghu", base_rev=2, layers={}, documents={"certificate": {1j}})


def test_a_store_has_one_crs(path):
    with begun(path) as store:
        other = {"cameras": layers()["cameras"].to_crs("EPSG:32650")}
        with pytest.raises(InputError) as error:
            store.commit_version(LI, "donghu", base_rev=2, layers=other)
    assert (code_of(error), error.value.faults[0].where) == ("store.crs", "cameras")


def test_missing_and_doubled_names_are_said(path):
    with begun(path) as store:
        for call in (
            lambda: store.plan(LI, "xihu"),
            lambda: store.read_version(LI, "donghu", 9),
            lambda: store.new_plan(LI, "donghu", name="again"),
            lambda: store.new_plan(LI, " ", name="nothing"),
        ):
            with pytest.raises(InputError) as error:
                call()
            assert code_of(error) in {"store.no_plan", "store.no_version", "store.plan_exists"}


def test_a_result_is_stale_once_an_input_changes(path, tmp_path):
    city = tmp_path / "city.gpkg"
    city.write_bytes(b"old")
    assert file_digest(city) == hashlib.sha256(b"old").hexdigest()
    with begun(path) as store:
        head = store.read_version(LI, "donghu").head
    assert stale_inputs(head, {"city.gpkg": "c" * 64}) == []
    said = stale_inputs(head, {"city.gpkg": file_digest(city)})
    assert [str(text) for text in said] == [
        "city.gpkg changed since version 1 was computed from it"
    ]


def test_a_store_that_is_there_is_opened_not_made_anew(path):
    begun(path).close()
    with open_store(f"sqlite:///{path}", create=True) as store:
        assert [plan.name for plan in store.list_plans(LI)] == ["东湖区规划"]


def test_statements_are_compiled_once_for_all_files(path):
    with begun(path) as store:
        store.read_version(LI, "donghu")
    known = len(sqlite.COMPILED)
    with begun(path.with_name("others.gpkg")) as store:
        store.read_version(LI, "donghu")
    with open_store(path) as store:
        assert store.read_version(LI, "donghu").documents == DOCUMENTS
    assert len(sqlite.COMPILED) == known > 0
