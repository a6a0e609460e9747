"""A backup of a database server: a dump that is read back, proved, and restored."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import os
import subprocess

import pytest
from sqlalchemy import text

from civicsight.core.errors import InputError
from civicsight.store import Damaged, backup, dumps, open_store, verify
from civicsight.store.server_roles import init_store
from civicsight.store.tables import AUDIT, FEATURE
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS, new_database
from tests.store_parts import ROOT, SUN, approved, begun
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures

on_a_server = pytest.mark.skipif(
    not (WITH_POSTGIS and HAS_DRIVER), reason="PostgreSQL with PostGIS is not installed"
)


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    if WITH_POSTGIS:
        path = f"{WITH_POSTGIS[-1].parent}{os.pathsep}{os.environ['PATH']}"
        monkeypatch.setenv("PATH", path)


@pytest.mark.slow
@on_a_server
def test_a_dump_is_the_store_and_comes_back(server, url, tmp_path):
    works = init_store(url, user="works").url
    with begun(works, versions=2) as store:
        approved(store)
        copy = backup(store, ROOT, tmp_path / "copies")
        found = verify(store, SUN)
        assert store.history(SUN)[-1].says["file"] == copy.name
    assert [file.name for file in copy.parent.iterdir()] == [copy.name]
    again = new_database(server, "again")
    place = again.replace("+psycopg", "")
    subprocess.run(["pg_restore", "--no-owner", f"--dbname={place}", copy], check=True)
    init_store(again, user="works")
    with open_store(again) as store:
        assert verify(store, SUN, expect_head=found.head.hash) == found


@on_a_server
def test_a_dump_of_a_store_that_was_changed_is_no_backup(url, tmp_path):
    with begun(url) as store:
        with store.database.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text("UPDATE feature SET properties = '{}' WHERE feature_id = 'm2'"))
        with pytest.raises(Damaged, match="m2"):
            backup(store, ROOT, tmp_path / "copies")
    assert not list((tmp_path / "copies").iterdir())


@on_a_server
def test_without_the_programs_it_is_said_who_makes_the_backup(url, tmp_path, monkeypatch):
    with begun(url) as store:
        before = len(store.history(SUN))
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(InputError, match="administrator of the server"):
            backup(store, ROOT, tmp_path)
        assert len(store.history(SUN)) == before


def test_values_of_a_dump_are_those_of_the_database():
    lines = [
        "SET x = 1;\n",
        "COPY public.feature (fid, geom, properties) FROM stdin;\n",
        '7\t\\\\x00ff\t{"a":"\\\\\\\\n\\n\\t东"}\n',
        "8\t\\N\tCOPY public.audit (seq) FROM stdin;\n",
        "\\.\n",
        "COPY public.other (x) FROM stdin;\n",
        "1\n",
        "\\.\n",
        "COPY public.audit (seq, rev, body) FROM stdin;\n",
        "1\t\\N\t\n",
        "\\.\n",
    ]
    assert list(dumps.batches(lines)) == [
        (
            FEATURE,
            [
                {"fid": 7, "geom": b"\x00\xff", "properties": '{"a":"\\\\n\n\t东"}'},
                {"fid": 8, "geom": None, "properties": "COPY public.audit (seq) FROM stdin;"},
            ],
        ),
        (AUDIT, [{"seq": 1, "rev": None, "body": ""}]),
    ]
    with pytest.raises(ValueError, match="breaks off"):
        list(dumps.batches(lines[:3]))
