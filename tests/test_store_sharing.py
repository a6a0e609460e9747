"""Versions share what did not change, and each is read as it was committed."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import sqlite3
from contextlib import closing

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import text

from civicsight.store import open_store, verify
from civicsight.store.migrations import migrate
from tests.migrations_made import unpacked
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS
from tests.store_parts import LI, ROOT, begun, layers
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures


def asked(path, statement):
    with closing(sqlite3.connect(path)) as file:
        return file.execute(statement).fetchall()


def put(store, tables, documents):
    plan = store.plan(LI, "donghu")
    return store.commit_version(LI, "donghu", base_rev=plan.rev, layers=tables, documents=documents)


def test_a_version_keeps_what_differs_and_reads_whole(tmp_path):
    path = tmp_path / "plans.gpkg"
    first = layers(12)
    second = first | {"cameras": first["cameras"].copy()}
    second["cameras"].loc["camera-3", "name"] = "moved"
    third = second | {"cameras": second["cameras"].iloc[:-2]}
    papers = [{"a": 1, "b": [2]}, {"a": 1, "b": [3]}, {"b": [3]}]
    given = [*papers, {"a": 1}]
    with begun(path, versions=0) as store:
        for tables, documents in zip((first, second, third, first), given, strict=True):
            put(store, tables, documents)
        for n, tables in enumerate((first, second, third, first), start=1):
            version = store.read_version(LI, "donghu", n)
            assert_geodataframe_equal(version.layers["cameras"], tables["cameras"])
            assert_geodataframe_equal(version.layers["measures"], tables["measures"])
            assert version.documents == given[n - 1]
        roots = [head.digest for head in store.list_versions(LI, "donghu")]
        assert len(set(roots)) == 4
        verify(store, LI)
    counted = "SELECT version, count(*) FROM {} GROUP BY version ORDER BY version"
    assert asked(path, counted.format("feature"))[1:] == [(2, 1), (3, 2), (4, 3)]
    assert asked(path, counted.format("document")) == [(1, 2), (2, 1), (4, 1)]
    assert len(gpd.read_file(path, layer="cameras")) == len(first["cameras"])


def test_a_layer_shows_no_row_that_the_latest_version_lacks(tmp_path):
    path = tmp_path / "plans.gpkg"
    tables = layers(12)
    with begun(path, versions=0) as store:
        put(store, tables, {})
        put(store, tables | {"cameras": tables["cameras"].iloc[:5]}, {})
    shown = gpd.read_file(path, layer="cameras")
    assert list(shown["camera_id"]) == list(tables["cameras"].index[:5])


def test_a_row_that_was_taken_away_behind_the_store_is_named(tmp_path):
    """One that an earlier version brought belongs to the later ones as well."""
    from civicsight.store import Damaged

    path = tmp_path / "plans.gpkg"
    with begun(path, versions=0) as store:
        put(store, layers(12), {"a": 1})
        put(store, layers(12), {"a": 1})
    for statement, named in (
        ("DELETE FROM feature WHERE feature_id = 'camera-2'", "camera-2"),
        ("DELETE FROM document", "document a"),
    ):
        copy = tmp_path / "copy.gpkg"
        copy.write_bytes(path.read_bytes())
        with closing(sqlite3.connect(copy)) as file:
            table = statement.split()[2]
            (kept,) = file.execute(
                "SELECT sql FROM sqlite_master WHERE name = ?", (f"{table}_no_delete",)
            ).fetchone()
            file.execute(f"DROP TRIGGER {table}_no_delete")
            file.execute(statement)
            file.execute(kept)
            file.commit()
        with pytest.raises(Damaged, match=named):
            open_store(copy)


def test_a_store_of_format_2_shows_and_holds_what_it_did(tmp_path):
    old = unpacked("store-v2.gpkg", tmp_path)
    with open_store(old) as store:
        names = [plan.plan_id for plan in store.list_plans(LI) if plan.version]
        before = {name: store.read_version(LI, name).layers for name in names}
        heads = [store.list_versions(LI, name) for name in names]
    assert migrate(old, ROOT).backup is not None
    with open_store(old) as store:
        assert [store.list_versions(LI, name) for name in names] == heads
        for name, tables in before.items():
            for layer, table in store.read_version(LI, name).layers.items():
                assert table.equals(tables[layer])
    for layer in {layer for tables in before.values() for layer in tables}:
        wanted = sum(len(tables.get(layer, ())) for tables in before.values())
        assert asked(old, f'SELECT count(*) FROM "{layer}"') == [(wanted,)]  # noqa: S608


@pytest.mark.skipif(
    not (WITH_POSTGIS and HAS_DRIVER), reason="PostgreSQL with PostGIS is not installed"
)
def test_a_server_of_format_2_shows_and_holds_what_it_did(url):
    """All rows differ between its versions, so that it lies there as format 2 left it."""
    first, second = ({"cameras": layers(n, seed=n)["cameras"]} for n in (12, 9))
    with begun(url, versions=0) as store:
        for tables in (first, second):
            put(store, tables, {})
        with store.database.engine.begin() as connection:
            for statement in (
                "SET session_replication_role = replica",
                "DELETE FROM feature WHERE properties = ''",
                "UPDATE store SET format = 2",
                "DROP TABLE attachment",
                "DROP FUNCTION attachment_no_update(), attachment_no_delete(), attachment_named()",
                # what came with format 5
                (
                    "DROP FUNCTION plan_begins(), plan_told(), audit_chained(), audit_hashed(), "
                    "audit_kept(), plan_version_told(), feature_owned(), document_owned() CASCADE"
                ),
                "DROP INDEX feature_of_plan",
                "CREATE INDEX feature_of_version ON feature (plan_id, version, layer, position)",
            ):
                connection.execute(text(statement))
    migrate(url, ROOT, backed_up=True)
    with open_store(url) as store:
        for n, tables in enumerate((first, second), start=1):
            found = store.read_version(LI, "donghu", n).layers["cameras"]
            assert_geodataframe_equal(found, tables["cameras"])
        with store.database.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM cameras")).scalar() == 9
        put(store, first, {})
        assert verify(store, LI).versions == 3


def grown(path, rows, versions):
    """Commit versions that differ in five rows each; return the size of the file [MB]."""
    tables = layers(rows)
    with begun(path, versions=0) as store:
        for n in range(versions):
            cameras = tables["cameras"].copy()
            cameras.iloc[n * 5 : n * 5 + 5, cameras.columns.get_loc("name")] = f"version {n}"
            tables = tables | {"cameras": cameras}
            put(store, tables, {"parameters": {"n": n}})
    return path.stat().st_size / 1e6


@pytest.mark.slow
def test_versions_take_little_more_than_one(tmp_path):
    one, many = (grown(tmp_path / f"{n}.gpkg", 300, n) for n in (1, 12))
    assert many < 1.3 * one


@pytest.mark.slow
def test_a_hundred_versions_of_twenty_thousand_rows_stay_under_200_mb(tmp_path):
    assert grown(tmp_path / "plans.gpkg", 13_333, 100) < 200  # half as many measures beside
