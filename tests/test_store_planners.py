"""Many planners on one PostGIS: who waits for whom, what the server calls them, and its end."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import text

from civicsight.core.errors import InputError
from civicsight.store import open_store, postgis, system_user, verify
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS
from tests.store_parts import LI, SUN, begun, commit
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.skipif(not WITH_POSTGIS, reason="PostgreSQL with PostGIS is not installed"),
    pytest.mark.skipif(not HAS_DRIVER, reason="psycopg is not installed"),
]


@pytest.fixture
def impatient(monkeypatch):
    """Whoever waits for somebody else at all is refused at once."""
    monkeypatch.setattr(postgis, "WAIT", "200ms")


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_planners_of_two_plans_do_not_wait_for_each_other(url):
    with begun(url) as one, open_store(url) as other:
        one.new_plan(LI, "west", name="西湖区规划")
        with one.database.writing(plan_id="donghu"):  # somebody is in the midst of a long commit
            assert commit(other, other.plan(LI, "west"), seed=1).version == 1
            with pytest.raises(InputError, match=r"store\.busy"):
                commit(other, other.plan(LI, "donghu"))
            with pytest.raises(InputError, match=r"store\.busy"):
                other.new_plan(LI, "third", name="第三个")  # asks for the whole store
        assert commit(other, other.plan(LI, "donghu"), seed=2).version == 2
        assert verify(one, LI).versions == 3


@pytest.mark.slow
def test_many_on_several_plans_lose_nothing_and_keep_one_chain(url):
    begun(url).close()
    with open_store(url) as store:
        for name in ("p0", "p1", "p2"):
            store.new_plan(LI, name, name=name)

    def work(name):
        with open_store(url) as store:
            plan = store.plan(LI, name)
            for number in range(4):
                plan = commit(store, plan, seed=number, note=f"{name} {number}")

    team = [Thread(target=work, args=(f"p{n}",)) for n in range(3)]
    for member in team:
        member.start()
    for member in team:
        member.join()
    with open_store(url) as store:
        proof = verify(store, LI)
        assert proof.versions == 1 + 3 * 4
        assert [entry.seq for entry in store.history(SUN)] == list(range(1, proof.entries + 1))
        for name in ("p0", "p1", "p2"):
            notes = [head.note for head in store.list_versions(LI, name)]
            assert notes == [f"{name} {number}" for number in range(4)]


@pytest.mark.slow
def test_a_store_whose_numbers_no_sequence_gave_goes_on(url):
    """Of before, features were numbered by the highest there was."""
    with begun(url) as store:
        with store.database.engine.begin() as connection:
            connection.execute(text("ALTER SEQUENCE feature_fid_seq RESTART"))
        plan = commit(store, store.plan(LI, "donghu"), seed=1)
        assert commit(store, plan, seed=2).version == 3
        verify(store, LI)


def test_a_connection_says_whose_it_is(url):
    with begun(url) as store, store.database.reading() as connection:
        (name,) = connection.execute(text("SELECT current_setting('application_name')")).scalars()
    assert name.startswith(f"civicsight {system_user()}@")


def end_connection(store, pid: int) -> None:
    """Let the server end somebody's connection, as it does all when it goes down."""
    with store.database.reading() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def broken_off(store, other) -> None:
    with store.database.writing(plan_id="donghu") as connection:
        end_connection(other, connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        connection.execute(text("SELECT 1"))


def test_a_server_that_goes_away_is_said_and_the_next_act_is_done(url):
    with begun(url) as store, open_store(url) as other:
        with pytest.raises(InputError, match="whole or not at all") as error:
            broken_off(store, other)
        assert error.value.faults[0].code == "store.lost"
        assert commit(store, store.plan(LI, "donghu"), seed=1).version == 2
        verify(other, LI)


def test_a_server_that_does_not_come_back_is_said_too(server, url):
    with begun(url) as store:
        gone = replace(store.database, engine=postgis.connect(server.set(port=1)).engine)
        with pytest.raises(InputError, match=r"store\.lost"), gone.reading():
            pass
