"""Thirty kinds of forgery in a store on a server, past its triggers: each is found, always."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import json
import re
from base64 import b64encode

import psycopg
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.core.errors import InputError
from civicsight.planning.record.documents import (
    ARRAYS_RECORD,
    PLAN_RECORD,
    documents_in,
    from_documents,
)
from civicsight.planning.record.root import LIST_FILE
from civicsight.store import open_store
from civicsight.store.optimised_plans import keep_plan
from civicsight.store.records import as_text
from tests.forgeries_made import LANG, city, drawn_up, folder, made, record, reseal, verify  # noqa: F401 - fixtures
from tests.forgery_kinds import KINDS
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS, new_database, serving
from tests.test_forgeries_thirty import LI, REFUSED, root_of

pytestmark = [
    pytest.mark.skipif(not WITH_POSTGIS, reason="PostgreSQL with PostGIS is not installed"),
    pytest.mark.skipif(not HAS_DRIVER, reason="psycopg is not installed"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def server():
    with serving(WITH_POSTGIS[-1]) as url:
        yield url


@pytest.fixture(scope="module")
def kept(made, server):
    """The honest plan on a server."""
    url = new_database(server, "plans")
    with open_store(url, create=True) as store:
        assert keep_plan(store, LI, "east", from_documents(documents_in(made)), "East")[1] == (
            root_of(made)
        )
    return url


def put(url, bodies):
    """Put documents in the place of others as who owns the server can, past every trigger."""
    with psycopg.connect(url.replace("+psycopg", "")) as there:
        there.execute("SET session_replication_role = replica")
        for name, body in bodies.items():
            there.execute("UPDATE document SET body = %s WHERE name = %s", (body, name))


def held(url):
    with psycopg.connect(url.replace("+psycopg", "")) as there:
        names = [PLAN_RECORD, ARRAYS_RECORD]
        rows = there.execute("SELECT name, body FROM document WHERE name = ANY(%s)", (names,))
        return dict(rows.fetchall())


def test_the_honest_plan_passes(kept, made, verify):
    for more in ((), ("--root", root_of(made))):
        code, found = verify(kept, "--plan", "east", *more)
        assert (code, found["wrong"]) == (OK, [])


@pytest.mark.parametrize("name", KINDS)
def test_what_was_changed_in_its_place_is_found(record, kept, capsys, name):
    honest = held(kept)
    KINDS[name].does(record)
    files = documents_in(record)
    text = json.loads(files.pop("plan.json"))
    del files[LIST_FILE]
    packed = {name: b64encode(content).decode() for name, content in files.items()}
    put(kept, {PLAN_RECORD: as_text(text), ARRAYS_RECORD: as_text(packed)})
    try:
        assert run(["plan", "verify", kept, "--plan", "east", *LANG]) == BAD_INPUT
        said = " ".join(capsys.readouterr().err.split())
        assert re.search(r"east 1, document (plan|arrays): expected what civicsight wrote", said)
    finally:
        put(kept, honest)
    assert run(["plan", "verify", kept, "--plan", "east", *LANG]) == OK


@pytest.mark.parametrize("name", KINDS)
def test_what_the_program_itself_was_given_to_keep_is_found_by_the_root(
    record, made, server, verify, name
):
    KINDS[name].does(record)
    reseal(record)
    url = new_database(server, f"forged{[*KINDS].index(name)}")
    forged = documents_in(record)
    with open_store(url, create=True) as store:
        if KINDS[name].found == REFUSED:
            with pytest.raises(InputError, match=REFUSED):
                keep_plan(store, LI, "east", from_documents(forged), "East")
            return
        keep_plan(store, LI, "east", from_documents(forged), "East")
    code, found = verify(url, "--plan", "east", "--root", root_of(made))
    assert code == VIOLATION
    assert "root.differs" in found["wrong"]
