"""The same store in PostGIS: a server of its own on this machine, where one is installed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from civicsight.core.errors import InputError
from civicsight.store import (
    Conflict,
    Damaged,
    Denied,
    File,
    State,
    approvals,
    copy_store,
    leave_remark,
    open_store,
    postgis,
    threads,
    verify,
)
from tests.drawn import a_few
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS, new_database, serving
from tests.store_parts import LI, ROOT, SUN, ZHOU, approve_latest, approved, begun, commit, layers

pytestmark = [
    pytest.mark.skipif(not WITH_POSTGIS, reason="PostgreSQL with PostGIS is not installed"),
    pytest.mark.skipif(not HAS_DRIVER, reason="psycopg is not installed"),
]


@pytest.fixture(scope="module")
def server():
    with serving(WITH_POSTGIS[-1]) as url:
        yield url


@pytest.fixture
def url(server, request):
    return new_database(server, f"d{abs(hash(request.node.name))}")


@pytest.mark.slow
def test_a_store_says_the_same_as_in_a_file(url, tmp_path, monkeypatch):
    """With one clock both have the same digests, down to the head of the audit."""
    monkeypatch.setattr("civicsight.store.audit.now", lambda: "2026-03-01T00:00:00.000Z")
    monkeypatch.setattr("civicsight.store.store.now", lambda: "2026-03-01T00:00:00.000Z")
    monkeypatch.setattr("civicsight.store.store.uuid4", lambda: type("Id", (), {"hex": "1"}))
    told = []
    for place in (url, tmp_path / "plans.gpkg"):
        with begun(place, versions=2) as store:
            plan = approved(store)
            told.append((plan, verify(store, LI), approvals(store, LI, "donghu")))
            version = store.read_version(LI, "donghu")
            for name in ("cameras", "measures"):
                assert_geodataframe_equal(version.layers[name], layers(seed=1)[name])
    assert told[0] == told[1]


def test_a_store_goes_from_a_file_to_a_server_and_back(url, tmp_path):
    with begun(tmp_path / "one.gpkg", versions=2) as store:
        plan = approved(store)
        there = copy_store(store, url, ROOT)
        assert there == verify(store, LI)
        with pytest.raises(InputError, match="holds no plans yet"):
            copy_store(store, url, ROOT)
    with open_store(url) as store:
        assert verify(store, LI, expect_head=there.head.hash) == there
        assert store.plan(LI, "donghu") == plan
        frame = gpd.read_postgis("SELECT * FROM cameras ORDER BY fid", store.database.engine)
        assert len(frame) == len(layers()["cameras"])
        back = copy_store(store, tmp_path / "two.gpkg", ROOT)
        assert back.entries == there.entries + 1
        commit(store, plan, seed=5)
    with open_store(tmp_path / "two.gpkg") as store:
        assert verify(store, LI, expect_head=there.head.hash) == back
        assert_geodataframe_equal(
            store.read_version(LI, "donghu").layers["cameras"], layers(seed=1)["cameras"]
        )


def test_acts_conflicts_and_denials(url):
    with begun(url) as store:
        old = store.plan(LI, "donghu")
        new = commit(store, old, seed=4)
        with pytest.raises(Conflict):
            commit(store, old)
        with pytest.raises(Denied):
            store.commit_version(ZHOU, "donghu", base_rev=new.rev, layers=layers(3))
        with pytest.raises(InputError, match="one of these states"):
            approve_latest(store, new.digest)
        assert sum("refused" in entry.says for entry in store.history(SUN)) == 2
    with open_store(url) as store:
        assert store.plan(LI, "donghu").state == State.DRAFT


def test_layers_are_geometries_of_postgis(url):
    with begun(url) as store:
        frame = gpd.read_postgis("SELECT * FROM cameras ORDER BY fid", store.database.engine)
        given = layers()["cameras"]
        assert frame.crs.to_epsg() == 4547
        assert list(frame["name"]) == list(given["name"])
        np.testing.assert_array_equal(frame["height_m"], given["height_m"])
        assert frame.geometry.geom_equals(given.geometry.reset_index(drop=True)).all()
        store.commit_version(LI, "donghu", base_rev=2, layers={"phases": layers()["phases"]})
        with store.database.reading() as connection:
            views = connection.execute(text("SELECT viewname FROM pg_views")).scalars().all()
        assert "phases" in views
        assert "cameras" not in views


CHANGES = {
    "UPDATE feature SET properties = '{}' WHERE feature_id = 'm2'": "measures",
    "DELETE FROM audit WHERE seq = 2": "audit 3",
    "UPDATE plan SET state = 'approved', rev = 2": "plan",
    "ALTER TABLE audit DISABLE TRIGGER audit_no_delete": "trigger audit_no_delete",
    "CREATE OR REPLACE VIEW plans AS SELECT fid, plan_id, name, author, district, state, rev, "
    "version, digest FROM (SELECT 1::bigint AS fid, p.* FROM plan p) q": "view plans",
}


@pytest.mark.parametrize("statement", a_few(CHANGES, 2))
def test_a_foreign_change_is_named(url, statement):
    with begun(url) as store, store.database.engine.connect() as connection:
        if "TRIGGER" not in statement and "VIEW" not in statement:
            with pytest.raises(DBAPIError, match="never changed"):
                connection.execute(text(statement))
            connection.rollback()
            connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(statement))
        connection.commit()
    with pytest.raises(Damaged) as error:
        open_store(url)
    assert CHANGES[statement] in {fault.where.split(", ")[-1] for fault in error.value.faults}


def test_an_empty_database_is_no_store(url):
    with pytest.raises(InputError, match=r"store\.not_a_store"):
        open_store(url)


def test_a_table_cannot_be_emptied(url):
    with begun(url) as store, store.database.engine.connect() as connection:
        for table in ("audit", "feature", "plan"):
            with pytest.raises(DBAPIError, match="never changed"):
                connection.execute(text(f"TRUNCATE {table}"))
            connection.rollback()


def test_a_server_that_is_not_there_is_said(server, monkeypatch):
    with pytest.raises(InputError, match=r"store\.server"):
        open_store(server.set(port=1).render_as_string(hide_password=False))
    monkeypatch.setattr(postgis, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"civicsight\[postgis\]"):
        postgis.connect(server)


@pytest.mark.slow
def test_the_same_new_file_may_come_with_two_acts_at_once(url):
    with begun(url) as store:
        other = store.new_plan(LI, "xihu", name="西湖区规划")
        commit(store, other)
    gate = Barrier(2, timeout=30)

    def remark(plan_id):
        with open_store(url) as store:
            digest = store.plan(LI, plan_id).digest
            for n in range(10):
                gate.wait()
                file = File("sheet.pdf", b"%PDF-1.7 " + str(n).encode())
                leave_remark(store, LI, plan_id, "see", digest=digest, files=[file])

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(remark, plan_id) for plan_id in ("donghu", "xihu")]:
            done.result()
    with open_store(url) as store:
        verify(store, SUN)
        found = [threads(store, LI, plan_id) for plan_id in ("donghu", "xihu")]
        assert [len(each) for each in found] == [10, 10]
        with store.database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM attachment")).scalar() == 10
