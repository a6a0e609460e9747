"""Kept stores taken through a made next layout: whole before or whole after."""

# ruff: noqa: F811 - fixtures are named as arguments

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import event

from civicsight.cli.entry import run
from civicsight.core.errors import InputError, MismatchError
from civicsight.model.format_versions import FORMATS, STORE, Step, own_version
from civicsight.store import (
    Act,
    Actor,
    Damaged,
    Denied,
    Role,
    StoreFull,
    appoint,
    approvals,
    backup,
    open_store,
    sqlite,
    verify,
)
from civicsight.store.layouts import LAYOUTS
from civicsight.store.migrations import look, migrate
from tests.migrations_made import (  # noqa: F401 - fixtures
    IN_STEPS,
    KEPT,
    NOW,
    SAYS,
    dumped,
    killed,
    names,
    next_store,
    store,
    triggers,
    widen_store,
)
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS
from tests.store_parts import LI, ROOT, SUN, begun, commit
from tests.test_kept import facts, require_store, unpacked
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures

# A store


def test_the_layout_of_today_is_the_one_of_its_number(store):
    """Whoever changes a table or a trigger of a store raises its number, and adds a step."""
    assert LAYOUTS.keys() == set(range(1, FORMATS[STORE].number + 1))
    with open_store(store) as opened, opened.database.reading() as connection:
        found = opened.database.backend.layout(connection)
    assert found == LAYOUTS[FORMATS[STORE].number]["sqlite"]


@pytest.mark.usefixtures("next_store")
def test_an_earlier_store_opens_for_reading(store, tmp_path):
    before = dumped(store)
    require_store(store, facts(KEPT))
    with open_store(store) as opened:
        plan = opened.plan(LI, "draft")
        for act in (
            lambda: commit(opened, plan),
            lambda: opened.new_plan(LI, "x", name="x"),
            lambda: backup(opened, ROOT, tmp_path / "copies"),
        ):
            with pytest.raises(InputError, match=rf"civicsight migrate {KEPT}\.gpkg") as error:
                act()
            assert error.value.faults[0].code == "store.older"
        with pytest.raises(Denied):
            opened.history(LI)
    assert dumped(store) == before


@pytest.mark.usefixtures("next_store")
def test_a_store_is_migrated_with_a_backup_and_goes_on(store):
    before, wanted = dumped(store), facts(KEPT)
    done = migrate(store, ROOT)
    assert done.backup.name == f"{KEPT}.before-v{NOW}.gpkg"
    assert dumped(done.backup) == before
    require_store(store, wanted, more=1)
    with open_store(store) as opened:
        last = opened.history(SUN)[-1]
        assert (last.action, last.actor) == (Act.MIGRATE, ROOT.name)
        assert last.says == {
            "from": NOW, "to": NOW + 1, "civicsight": own_version(), "backup": done.backup.name,
            "appointed": True,
        }  # fmt: skip
        plan = commit(opened, opened.plan(LI, "draft"), seed=3)
        assert plan.version == 3
        verify(opened, SUN, expect_head=last.hash)
    assert [name for name, _ in triggers(store)] == [name for name, _ in triggers(done.backup)]
    with closing(sqlite3.connect(store)) as file:
        assert file.execute("SELECT DISTINCT remark FROM feature").fetchall() == [("",)]
        for statement in ("UPDATE feature SET remark = 'x'", "DELETE FROM audit"):
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                file.execute(statement)
    assert migrate(store, ROOT).backup is None


def test_a_store_of_format_1_keeps_its_digests_and_has_roots_from_then_on(tmp_path, capsys):
    """What was approved stays bound as it was; what it does not prove is said."""
    old, wanted = unpacked("store-v1.gpkg", tmp_path), facts("store-v1")
    require_store(old, wanted)
    assert migrate(old, ROOT).backup.name == "store-v1.before-v1.gpkg"
    require_store(old, wanted, more=1)
    with open_store(old) as opened:
        appoint(opened, ROOT, Actor("Qin", Role.ANALYST))
    words = ["plan", "verify", str(old), "--plan", "optimised", "--as", "Qin", "--lang", "en"]
    root = wanted["plans"]["optimised"][3]
    run([*words, "--root", root, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["root"], found["proved_by"]) == (root, "row")
    assert "root.differs" not in found["wrong"]
    with open_store(old) as opened:
        before = opened.plan(LI, "draft")
        plan = commit(opened, before, seed=3)
        entry = opened.history(SUN)[-1]
        assert entry.says["plan"]["digest"] == plan.digest != entry.says["row"]
        (approval,) = approvals(opened, SUN, "approved")
        assert approval.digest == wanted["approvals"]["approved"][0][0]
        verify(opened, SUN, expect_head=wanted["head"])


def test_a_migrated_store_is_refused_by_who_knows_the_format_before(store, request):
    request.getfixturevalue("next_store")
    migrate(store, ROOT)
    known = FORMATS[STORE]
    FORMATS[STORE] = replace(known, number=NOW, steps=known.steps[:-1])
    try:
        with pytest.raises(InputError, match=f"format {NOW} or lower") as error:
            open_store(store)
    finally:
        FORMATS[STORE] = known
    assert f"wrote it ({own_version()})" in str(error.value)


@pytest.mark.usefixtures("next_store")
def test_a_number_that_the_audit_does_not_tell_is_found(store):
    migrate(store, ROOT)
    with closing(sqlite3.connect(store)) as file:
        (kept,) = file.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'store_no_update'"
        ).fetchone()
        file.execute("DROP TRIGGER store_no_update")
        file.execute("UPDATE store SET store_id = 'another'")
        file.execute(kept)
        file.commit()
    with pytest.raises(Damaged, match="store"):
        open_store(store)


@pytest.mark.usefixtures("next_store")
def test_who_may_migrate_a_store(store):
    before = dumped(store)
    with pytest.raises(MismatchError, match="--as"):
        migrate(store)
    assert dumped(store) == before
    for who in (LI, Actor("nobody", Role.ADMIN)):
        with pytest.raises(Denied):
            migrate(store, who)
    assert look(store).found == NOW
    assert names(store.parent) == [store.name]
    require_store(store, facts(KEPT), more=2)


@pytest.mark.parametrize(
    "tampered",
    ["DROP TRIGGER feature_no_update", "ALTER TABLE plan ADD COLUMN x", "DROP INDEX audit_of_plan"],
)
@pytest.mark.usefixtures("next_store")
def test_a_store_that_was_tampered_with_is_not_made_whole(store, tampered):
    with closing(sqlite3.connect(store)) as file:
        file.execute(tampered)
    before = dumped(store)
    for act in (lambda: migrate(store, ROOT), lambda: open_store(store)):
        with pytest.raises(Damaged):
            act()
    assert dumped(store) == before
    assert names(store.parent) == [store.name]


@pytest.mark.usefixtures("next_store")
def test_a_changed_row_is_found_before_anything_is_kept(store):
    with closing(sqlite3.connect(store)) as file:
        (kept,) = file.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'feature_no_update'"
        ).fetchone()
        file.execute("DROP TRIGGER feature_no_update")
        file.execute("UPDATE feature SET properties = '{}' WHERE fid = 1")
        file.execute(kept)
        file.commit()
    before = dumped(store)
    with pytest.raises(Damaged):
        migrate(store, ROOT)
    assert dumped(store) == before


def test_a_step_that_breaks_an_approval_is_not_kept(store, request, monkeypatch):
    request.getfixturevalue("next_store")

    def wrong(connection):
        widen_store(connection)
        connection.exec_driver_sql(
            "UPDATE plan_version SET note = 'better' WHERE plan_id = 'draft'"
        )

    known = replace(FORMATS[STORE], steps=(Step(NOW, SAYS, wrong),))
    monkeypatch.setitem(FORMATS, STORE, known)
    before = dumped(store)
    with pytest.raises(Damaged):
        migrate(store, ROOT)
    assert dumped(store) == before


@pytest.fixture
def statements(monkeypatch):
    """Statements of a store fail, or end the process, where they are told to."""
    told = {"seen": 0, "left": -1, "kills": False}
    plain = sqlite.engine_of

    def count(_connection, _cursor, statement, *_):
        told["seen"] += 1
        if told["seen"] == told["left"]:
            if told["kills"]:
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(5, statement)

    def watched(path):
        engine = plain(path)
        event.listen(engine, "before_cursor_execute", count)
        return engine

    monkeypatch.setattr(sqlite, "engine_of", watched)
    return told


@pytest.mark.slow
@IN_STEPS
@pytest.mark.usefixtures("next_store")
def test_a_store_is_whole_wherever_a_migration_breaks_off(store, statements, step):
    whole, before = store.read_bytes(), dumped(store)
    place = store.with_name("try.gpkg")
    place.write_bytes(whole)
    migrate(place, ROOT)
    total = statements["seen"]
    assert total > 150
    for path in store.parent.glob("try.*"):
        path.unlink()
    place.write_bytes(whole)
    for number in range(total, 0, -step):
        statements["seen"], statements["left"] = 0, number
        with pytest.raises(OSError, match=r"Errno 5|Input/output error"):
            migrate(place, ROOT)
        assert dumped(place) == before, number
        assert names(store.parent) == [store.name, "try.gpkg"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
@pytest.mark.usefixtures("next_store")
def test_a_store_is_whole_wherever_its_migration_is_killed(store, statements):
    before = dumped(store)
    statements["kills"] = True
    for number in (10, 40, 60, 80, 100, 130, 160):
        statements["seen"], statements["left"] = 0, number
        assert killed(lambda: migrate(store, ROOT))
        assert dumped(store) == before, number
    statements["left"] = -1
    require_store(store, facts(KEPT))
    assert migrate(store, ROOT).backup is not None
    require_store(store, facts(KEPT), more=1)


@pytest.mark.usefixtures("next_store")
def test_a_disk_that_is_full_leaves_the_store(store, monkeypatch):
    before, plain = dumped(store), sqlite.engine_of

    def narrow(path):
        engine = plain(path)

        @event.listens_for(engine, "connect")
        def limit(connection, _record):
            connection.execute(f"PRAGMA max_page_count={store.stat().st_size // 4096 + 1}")

        return engine

    monkeypatch.setattr(sqlite, "engine_of", narrow)
    with pytest.raises(StoreFull):
        migrate(store, ROOT)
    monkeypatch.setattr(sqlite, "engine_of", plain)
    assert dumped(store) == before
    usage = shutil._ntuple_diskusage(10, 9, 1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StoreFull):
        migrate(store, ROOT)
    monkeypatch.undo()
    assert names(store.parent) == [store.name]


# A server


@pytest.mark.slow
@pytest.mark.skipif(
    not (WITH_POSTGIS and HAS_DRIVER), reason="PostgreSQL with PostGIS is not installed"
)
def test_a_server_is_migrated_in_one_transaction(url, request, monkeypatch):
    with begun(url) as opened:
        head = verify(opened, LI).head
        with opened.database.reading() as connection:
            assert opened.database.backend.layout(connection) == LAYOUTS[NOW]["postgresql"]
    request.getfixturevalue("next_store")
    with pytest.raises(InputError, match="civicsight migrate"):
        open_store(url)
    with pytest.raises(InputError, match="pg_dump"):
        migrate(url, ROOT)
    good = FORMATS[STORE]

    def wrong(connection):
        widen_store(connection)
        raise RuntimeError

    monkeypatch.setitem(
        FORMATS, STORE, replace(good, steps=(*good.steps[:-1], Step(NOW, SAYS, wrong)))
    )
    with pytest.raises(RuntimeError):
        migrate(url, ROOT, backed_up=True)
    monkeypatch.setitem(FORMATS, STORE, good)
    assert look(url).found == NOW
    assert migrate(url, ROOT, backed_up=True).backup is None
    assert look(url).found == NOW + 1
    with open_store(url) as opened:
        verify(opened, LI, expect_head=head.hash)
        assert commit(opened, opened.plan(LI, "donghu")).version == 2
        with opened.database.reading() as connection:
            assert opened.database.backend.layout(connection) == LAYOUTS[NOW]["postgresql"]
