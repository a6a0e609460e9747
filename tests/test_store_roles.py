"""Two roles of a database: who works there owns nothing, and can undo nothing."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import json

import geopandas as gpd
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from civicsight.cli.entry import run
from civicsight.core.errors import InputError
from civicsight.store import copy_store, open_store, verify
from civicsight.store.server_roles import init_store
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS
from tests.store_parts import LI, ROOT, approved, begun, commit, layers
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.skipif(not WITH_POSTGIS, reason="PostgreSQL with PostGIS is not installed"),
    pytest.mark.skipif(not HAS_DRIVER, reason="psycopg is not installed"),
]

FORBIDDEN = (
    "ALTER TABLE audit DISABLE TRIGGER audit_no_delete",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_no_delete ON audit",
    "UPDATE audit SET actor = 'nobody'",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "DROP TABLE audit CASCADE",
    "ALTER TABLE audit OWNER TO CURRENT_USER",
    (
        "CREATE OR REPLACE FUNCTION audit_no_delete() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$"
    ),
    "DELETE FROM feature",
    "UPDATE plan_version SET note = ''",
    "UPDATE store SET format = 1",
    "DELETE FROM plan",
    "SET session_replication_role = replica",
    "SET ROLE owner_of_plans",
    "CREATE TABLE mine (x int)",
    "CREATE VIEW mine AS SELECT 1",
    "DROP VIEW cameras",
)


@pytest.fixture
def roles(url):
    return init_store(url, owner="owner_of_plans", user="works")


def as_user(url: str) -> str:
    return make_url(url).set(username="works").render_as_string()


def test_who_works_there_owns_nothing_and_can_undo_nothing(url, roles):
    assert roles.url.startswith("postgresql://works@127.0.0.1:")
    with begun(as_user(url)) as store:
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'works'::regrole"
        with store.database.engine.connect() as connection:
            assert connection.execute(text(owned)).scalar() == 0
        for statement in FORBIDDEN:
            with store.database.engine.connect() as connection:
                with pytest.raises(DBAPIError) as error:
                    connection.execute(text(statement))
                assert error.value.orig.sqlstate == "42501", statement
        verify(store, LI)


@pytest.mark.usefixtures("roles")
def test_a_table_of_the_same_name_deceives_no_trigger(url):
    with begun(as_user(url)) as store, store.database.engine.connect() as connection:
        connection.execute(text("CREATE TEMP TABLE plan_version (plan_id text, n int)"))
        with pytest.raises(DBAPIError, match="never changed"):
            connection.execute(
                text(
                    "INSERT INTO public.document (plan_id, version, name, body) "
                    "VALUES ('donghu', 1, 'x', '{}')"
                )
            )


@pytest.mark.usefixtures("roles")
def test_a_user_does_all_that_the_work_takes(url):
    with begun(as_user(url), versions=2) as store:
        plan = approved(store)
        frame = gpd.read_postgis("SELECT * FROM cameras ORDER BY fid", store.database.engine)
        assert list(frame["name"]) == list(layers()["cameras"]["name"])
        plan = store.commit_version(
            LI, "donghu", base_rev=plan.rev, layers={"phases": layers()["phases"]}
        )
        assert commit(store, plan).version == 4
        end = verify(store, LI).head
    with open_store(url) as store:
        assert verify(store, LI, expect_head=end.hash).versions == 4


@pytest.mark.usefixtures("roles")
def test_a_view_of_the_owner_is_the_one_that_the_program_states(url):
    """Two texts make it, one here and one in the server: they say the same."""
    definitions = "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'"
    with begun(as_user(url)) as store, open_store(url) as owner:
        with store.database.reading() as connection:
            made = dict(connection.execute(text(definitions)).all())
        with owner.database.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION store_show"))
            for name in ("cameras", "measures", "phases"):
                connection.execute(text(f"DROP VIEW {name}"))
            owner.database.backend.show(connection)
            assert dict(connection.execute(text(definitions)).all()) == made


def test_a_store_that_is_there_gets_its_roles_and_keeps_its_plans(url, tmp_path, capsys):
    with begun(tmp_path / "one.gpkg", versions=2) as store:
        there = copy_store(store, url, ROOT)
    words = ["store", "init", url, "--owner", "owner_of_plans", "--user", "works", "--lang", "en"]
    for _ in range(2):
        assert run([*words, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["user"] == "works"
    assert run(words) == 0
    assert "postgresql://works@127.0.0.1" in capsys.readouterr().out
    with open_store(as_user(url)) as store:
        assert verify(store, LI, expect_head=there.head.hash) == there
        assert commit(store, store.plan(LI, "donghu")).version == 3


@pytest.mark.usefixtures("roles")
def test_roles_that_are_not_apart_are_refused(url):
    with pytest.raises(InputError, match="neither the owner nor a superuser"):
        init_store(url, owner="works", user="works")
    with pytest.raises(InputError, match="neither the owner nor a superuser"):
        init_store(url, owner="owner_of_plans", user="civicsight")
    with pytest.raises(InputError, match="may create roles"):
        init_store(as_user(url), owner="another", user="works")
