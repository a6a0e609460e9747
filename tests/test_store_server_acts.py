"""What the database role of the app may say to the server directly: nothing but whole acts.

Whoever takes the app over has its role. Triggers of the server refuse what is no act: a plan that
goes on without its entry in the audit, an entry without its plan, a hash that is none.
"""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from civicsight.store import verify
from civicsight.store.audit import append
from civicsight.store.tables import METADATA
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS
from tests.store_parts import LI, SUN, approved, begun, commit
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures
from tests.test_store_roles import as_user, roles  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.skipif(not WITH_POSTGIS, reason="PostgreSQL with PostGIS is not installed"),
    pytest.mark.skipif(not HAS_DRIVER, reason="psycopg is not installed"),
]

ENTRY = (
    "INSERT INTO audit SELECT seq + 1, at, 'x', role, district, {action}, plan_id, {rev}, {body},"
    " {prev}, {hash} FROM audit ORDER BY seq DESC LIMIT 1"
)
"""An entry after the last, by who counts its hash or does not."""

HASH = (
    "encode(sha256(convert_to('[' || concat_ws(',', seq + 1, to_json(at), to_json('x'::text), "
    "to_json(role), to_json(district), to_json(({action})::text), to_json(plan_id), "
    "coalesce(({rev})::text, 'null'), to_json(({body})::text), to_json(hash), 'null') || ']', "
    "'UTF8')), 'hex')"
)
"""The hash as the store counts it, of an entry that is ASCII throughout."""


def entry(action: str = "'export'", rev: str = "NULL", body: str = "'{}'", **wrong: str) -> str:
    hashed = HASH.format(action=action, rev=rev, body=body)
    told = {"action": action, "rev": rev, "body": body, "prev": "hash", "hash": hashed, **wrong}
    return ENTRY.format(**told)


DIRECT = {
    "a plan goes on": ["UPDATE plan SET rev = rev + 1"],
    "a plan is approved": ["UPDATE plan SET rev = rev + 1, state = 'approved'"],
    "a plan is given away": ["UPDATE plan SET rev = rev + 1, author = 'nobody'"],
    "a plan is renamed": ["UPDATE plan SET plan_id = 'mine'"],
    "a plan is removed": ["DELETE FROM plan"],
    "a plan begins": [
        (
            "INSERT INTO plan SELECT 'more', name, author, district, departments, 'draft', "
            "1, 0, '' "
            "FROM plan"
        )
    ],
    "a version of nobody": [
        (
            "INSERT INTO plan_version SELECT plan_id, n + 1, rev + 1, parent, author, created_at, "
            "note, inputs, layers, manifest, digest FROM plan_version"
        )
    ],
    "a version is changed": ["UPDATE plan_version SET author = 'nobody'"],
    "a version is removed": ["DELETE FROM plan_version"],
    "a row of the next version": [
        (
            "INSERT INTO feature SELECT 9999, plan_id, version + 1, layer, position, 'x', "
            "properties, "
            "geom FROM feature LIMIT 1"
        )
    ],
    "a row of this version": [
        (
            "INSERT INTO feature SELECT 9999, plan_id, version, layer, position, 'x', "
            "properties, geom "
            "FROM feature LIMIT 1"
        )
    ],
    "a row is changed": ["UPDATE feature SET properties = '{}'"],
    "a row is removed": ["DELETE FROM feature"],
    "a document of the next version": [
        "INSERT INTO document SELECT plan_id, version + 1, name, body FROM document LIMIT 1"
    ],
    "a document is changed": ["UPDATE document SET body = '{}'"],
    "a document is removed": ["DELETE FROM document"],
    "a file that no entry names": [
        "INSERT INTO attachment VALUES (encode(sha256('x'), 'hex'), 'x')"
    ],
    "a file of another digest": ["INSERT INTO attachment VALUES (repeat('0', 64), 'x')"],
    "a file is changed": ["UPDATE attachment SET body = ''"],
    "a file is removed": ["DELETE FROM attachment"],
    "an entry without a hash": [entry(hash="''")],
    "an entry of a wrong hash": [entry(hash="md5('x') || md5('x')")],
    "an entry beside the chain": [entry(prev="repeat('0', 64)")],
    "an entry that is no text of JSON": [entry(body="'x'")],
    "an entry for a plan that stayed": [entry("'commit'", "rev + 1")],
    "an entry for a revision that has one": [entry("'commit'", "rev")],
    "an entry for a plan that is another": [
        entry("'reopen'", "rev + 1", '\'{"plan": {"name": "x"}}\''),
        "UPDATE plan SET rev = rev + 1",
    ],
    "a migration that was none": [entry("'migrate'", body="'{\"to\": 99}'")],
    "an entry that names a file that is not there": [
        entry("'opinion'", body="'{\"files\": [{\"sha256\": \"' || repeat('0', 64) || '\"}]}'")
    ],
    "an entry is changed": ["UPDATE audit SET body = '{}'"],
    "an entry is removed": ["DELETE FROM audit"],
    "another store": ["INSERT INTO store VALUES (1, 'x', 'x')"],
    "the store is changed": ["UPDATE store SET store_id = 'x'"],
    "the store is removed": ["DELETE FROM store"],
    "a layer is hidden": ["SELECT store_hide('cameras')"],
    "a layer is shown otherwise": ["SELECT store_show('cameras', 'id', NULL, '[]')"],
    "a layer is marked otherwise": [
        "SELECT store_mark('cameras', 'civicsight ' || repeat('0', 64))"
    ],
    "numbers are drawn again": ["SELECT setval('feature_fid_seq', 1)"],
    **{f"{table} is emptied": [f"TRUNCATE {table} CASCADE"] for table in METADATA.tables},
    **{
        f"{table} is held for itself": [f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"]
        for table in METADATA.tables
    },
}
"""What is said to the server in one transaction that is then kept, by what it would be."""


@pytest.mark.usefixtures("roles")
def test_the_server_refuses_whatever_is_no_act_of_the_program(url):
    with begun(as_user(url), versions=2) as store:
        approved(store)
        before = verify(store, LI)
        done = [name for name, statements in DIRECT.items() if not refused(store, statements)]
        assert done == []
        assert verify(store, LI) == before
        assert not refused(
            store, [entry()]
        )  # a sound entry, so that it is the rest that is refused
        assert verify(store, LI).entries == before.entries + 1
        commit(store, store.plan(LI, "donghu"), seed=7)


def refused(store, statements: list[str]) -> bool:
    """Tell whether the server refuses statements at the latest when they are to be kept."""
    with store.database.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="READ COMMITTED")
        try:
            with connection.begin():
                for statement in statements:
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        except DBAPIError:
            return True
    return False


@pytest.mark.usefixtures("roles")
def test_an_approved_plan_is_not_damaged_by_one_statement(url):
    with begun(as_user(url)) as store:
        approved(store)
        with store.database.engine.connect() as connection:
            with pytest.raises(DBAPIError, match="never changed"):
                connection.execute(text("UPDATE plan SET rev = rev + 1"))
            connection.rollback()
        assert store.plan(LI, "donghu").state == "approved"


def test_a_hash_is_counted_by_the_server_as_by_the_program(url):
    """Signs of every kind: what JSON escapes, what is beyond ASCII, and beyond the first plane."""
    signs = "".join(map(chr, range(1, 0x2FF))) + "城市规划 \u2028\u202e 𠮷😀\U0010ffff"
    with begun(url) as store:
        with store.database.writing() as connection:
            append(connection, SUN, "export", {"signs": signs, signs: [1, None, True, 2.5]})
        verify(store, LI)


CHANGES = {
    "ALTER TABLE audit DISABLE TRIGGER audit_kept": "trigger audit_kept",
    "DROP TRIGGER plan_told ON plan": "trigger plan_told",
    "DROP TRIGGER feature_owned ON feature": "trigger feature_owned",
    (
        "CREATE OR REPLACE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NULL; END $$"
    ): "trigger audit_kept",
}


def test_an_owner_who_takes_the_guards_away_is_named(url):
    with begun(url) as store, store.database.engine.connect() as connection:
        for statement, where in CHANGES.items():
            connection.exec_driver_sql(statement)
            faults = store.database.backend.sound(connection, store.name)
            assert where in {fault.where for fault in faults}, statement
            connection.rollback()
