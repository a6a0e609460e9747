"""Kept files taken through a made next format: whole before or whole after, never in between."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Text, event, text

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import N_, InputError, MismatchError
from civicsight.io import project_layers, save_city
from civicsight.io.edits import compare
from civicsight.io.project_file import PROJECT_LAYER, load_city
from civicsight.io.project_layers import read_edited
from civicsight.io.reader_registry import READERS
from civicsight.model.format_versions import (
    FORMATS,
    PLAN,
    PROJECT,
    STORE,
    Step,
    own_version,
    path_before,
)
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
    migrations,
    open_store,
    postgis,
    sqlite,
    verify,
)
from civicsight.store.layouts import LAYOUTS
from civicsight.store.migrations import look, migrate
from tests.kept.__main__ import HERE
from tests.postgres_made import HAS_DRIVER, WITH_POSTGIS
from tests.store_parts import LI, ROOT, SUN, begun, commit
from tests.test_kept import facts, require_project, require_store, unpacked
from tests.test_store_postgis import server, url  # noqa: F401 - fixtures

NOW = FORMATS[STORE].number
KEPT = f"store-v{NOW}"
"""The store that today's civicsight writes, which a made next format is to take over."""

SAYS = N_("plan")
"""Stands for what a step says; any marked sentence does."""


def widen_project(base: sqlite3.Connection) -> None:
    """Give cameras and buildings a column, the buildings by a table made anew."""
    base.execute("ALTER TABLE cameras ADD COLUMN condition TEXT")
    base.execute("UPDATE cameras SET condition = 'good'")
    made = base.execute("SELECT sql FROM sqlite_master WHERE name = 'buildings'").fetchone()[0]
    base.execute("CREATE TABLE aside AS SELECT * FROM buildings")
    base.execute("DROP TABLE buildings")
    base.execute(made.rstrip().removesuffix(")") + ", storeys_known INTEGER)")
    names = ", ".join(f'"{row[1]}"' for row in base.execute("PRAGMA table_info(aside)"))
    base.execute(f"INSERT INTO buildings ({names}) SELECT {names} FROM aside")  # noqa: S608
    base.execute("DROP TABLE aside")


def widen_store(connection) -> None:
    connection.exec_driver_sql("ALTER TABLE feature ADD COLUMN remark TEXT NOT NULL DEFAULT ''")


@pytest.fixture
def next_project(monkeypatch, tmp_path):
    """A next format of projects, which this process alone knows of: it reads what was made."""

    def here(name, path, *asked):
        if name != "project" or path.parent != tmp_path:
            return READERS[name](path, *asked)
        return None  # the first look, of what is there already

    monkeypatch.setattr(migrations, "read_apart", here)
    known = replace(FORMATS[PROJECT], number=2, steps=(Step(1, SAYS, widen_project),))
    monkeypatch.setitem(FORMATS, PROJECT, known)


@pytest.fixture
def next_store(monkeypatch):
    """A next layout of stores: features have a remark, and there is one table more."""
    steps = (*FORMATS[STORE].steps, Step(NOW, SAYS, widen_store))
    known = replace(FORMATS[STORE], number=NOW + 1, steps=steps)
    monkeypatch.setitem(FORMATS, STORE, known)
    tables = MetaData()
    for table in sqlite.METADATA.sorted_tables:
        copy = table.to_metadata(tables)
        if table.name == "feature":
            copy.append_column(Column("remark", Text, nullable=False, server_default=text("''")))
    tables.tables["store"].to_metadata(tables, name="keyring")
    monkeypatch.setattr(sqlite, "METADATA", tables)
    monkeypatch.setattr(postgis, "METADATA", tables)
    sqlite._wanted_schema.cache_clear()
    yield
    sqlite._wanted_schema.cache_clear()


@pytest.fixture
def project(tmp_path):
    return unpacked("project-v1.gpkg", tmp_path)


@pytest.fixture
def store(tmp_path):
    return unpacked(f"{KEPT}.gpkg", tmp_path)


def dumped(path: Path) -> list[str]:
    """Return everything that a database holds, as statements."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = file.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
        names = [name for kind, name, _ in rows if kind == "table"]
        return [str(rows)] + [
            str(file.execute(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
            for name in names
        ]


def triggers(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as file:
        return sorted(file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))


def names(folder: Path) -> list[str]:
    """Return the files of a folder without the logs of SQLite."""
    return sorted(f.name for f in folder.iterdir() if not f.name.endswith(("-wal", "-shm")))


# Files of today


def test_what_is_up_to_date_is_left_alone(project, store, capsys):
    plan = HERE / f"plan-v{FORMATS[PLAN].number}"
    for path, kind in ((project, PROJECT), (store, STORE), (plan, PLAN)):
        seen, number = migrate(path, ROOT), FORMATS[kind].number
        assert (seen.known.name, seen.found, seen.steps, seen.backup) == (kind, number, (), None)
        assert run(["migrate", str(path), "--lang", "en"]) == OK
        assert "nothing was changed" in " ".join(capsys.readouterr().out.split())
    assert names(project.parent) == ["project-v1.gpkg", f"{KEPT}.gpkg"]


def test_looking_changes_no_byte(project, store):
    before = project.read_bytes(), store.read_bytes()
    assert (look(project).found, look(store).found) == (1, NOW)
    assert before == (project.read_bytes(), store.read_bytes())


@pytest.mark.parametrize("content", [b"", b"{}", b"SQLite format 3\0" + bytes(200)])
def test_what_has_no_format_is_named(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"formats\.unknown"):
        migrate(path)


@pytest.mark.parametrize(("table", "name"), [(PROJECT_LAYER, "project"), ("store", "store")])
def test_a_later_file_is_refused_by_the_command(table, name, request, capsys):
    path = request.getfixturevalue(name)
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TRIGGER IF EXISTS store_no_update")
        file.execute(f"UPDATE {table} SET format = 99")  # noqa: S608
        file.commit()
    assert run(["migrate", str(path), "--as", "root", "--lang", "en"]) == BAD_INPUT
    said = " ".join(capsys.readouterr().err.split())
    assert (
        f"format {FORMATS[name].number} or lower, which is what civicsight {own_version()}" in said
    )
    assert "99" in said


# A project


@pytest.mark.usefixtures("next_project")
def test_an_earlier_project_opens_without_being_changed(project):
    before = project.read_bytes()
    require_project(project, facts("project-v1"))
    assert set(load_city(project).cameras["condition"]) == {"good"}
    assert compare(load_city(project), read_edited(project)).is_empty
    assert project.read_bytes() == before
    assert names(project.parent) == [project.name]


@pytest.mark.usefixtures("next_project")
def test_a_project_is_migrated_with_a_backup(project):
    before, guards = project.read_bytes(), triggers(project)
    done = migrate(project)
    assert done.backup.name == "project-v1.before-v1.gpkg"
    assert done.backup.read_bytes() == before
    assert triggers(project) == guards
    assert len(guards) > 20  # of the spatial indexes, those of the table made anew included
    require_project(project, facts("project-v1"))
    assert set(load_city(project).cameras["condition"]) == {"good"}
    assert migrate(project).backup is None
    assert names(project.parent) == sorted([project.name, done.backup.name])
    shutil.copy(done.backup, project)
    assert migrate(project).backup.name == "project-v1.before-v1-2.gpkg"


@pytest.mark.usefixtures("next_project")
def test_saving_over_an_earlier_project_keeps_it(project):
    before = project.read_bytes()
    save_city(load_city(project), project)
    assert path_before(project, 1).name == "project-v1.before-v1-2.gpkg"
    assert project.with_name("project-v1.before-v1.gpkg").read_bytes() == before
    assert look(project).found == 2


class Failing(sqlite3.Connection):
    """A connection that fails, or ends the process, at a chosen statement."""

    left, kills, seen = -1, False, 0

    def execute(self, *words):
        if words[0] in ("COMMIT", "BEGIN EXCLUSIVE") or self.in_transaction:
            Failing.seen += 1
            if Failing.seen == Failing.left:
                if Failing.kills:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(28, "No space left on device")
        return super().execute(*words)


@pytest.fixture
def failing(monkeypatch):
    """Connections of the steps of a project fail where they are told to."""
    plain = sqlite3.connect
    fake = type("Fake", (), {"connect": lambda *a, **k: plain(*a, factory=Failing, **k)})
    for name in ("OperationalError", "Error", "Connection", "SQLITE_FULL"):
        setattr(fake, name, getattr(sqlite3, name))
    monkeypatch.setattr(project_layers, "sqlite3", fake)
    Failing.left, Failing.kills, Failing.seen = -1, False, 0
    return Failing


def killed(act) -> bool:
    """Do something in a process of its own; tell whether it was killed."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            act()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


IN_STEPS = pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
"""Of the statements of a migration, from the last back: every fifth, or each."""


@IN_STEPS
@pytest.mark.usefixtures("next_project")
def test_a_project_is_whole_wherever_a_migration_breaks_off(project, failing, step):
    whole, place = project.read_bytes(), project.with_name("try.gpkg")
    shutil.copy(project, place)
    migrate(place)
    statements = failing.seen
    assert statements > 50
    for path in project.parent.glob("try.*"):
        path.unlink()
    for number in range(statements, 0, -step):
        place.write_bytes(whole)
        failing.left, failing.seen = number, 0
        with pytest.raises(OSError, match=r"No space left|the disk is full"):
            migrate(place)
        assert place.read_bytes() == whole
        assert names(project.parent) == [project.name, "try.gpkg"]


@pytest.mark.parametrize("call", ["read_apart", "flush", "bring_up", "keep_before"])
@pytest.mark.usefixtures("next_project")
def test_a_project_is_whole_when_a_part_of_its_migration_fails(project, monkeypatch, call):
    whole = project.read_bytes()

    def broken(*words):
        if call == "read_apart" and words[1].parent == project.parent:
            return READERS[words[0]](*words[1:])
        if call != "flush" or words[0].is_dir():
            raise OSError(5, "Input/output error")
        return None

    room = "core.atomic" if call == "flush" else "store.migrations"
    monkeypatch.setattr(f"civicsight.{room}.{call}", broken)
    with pytest.raises(OSError, match="Input/output"):
        migrate(project)
    if call == "flush":  # it is in place by then, and whole
        monkeypatch.undo()
        assert project.with_name("project-v1.before-v1.gpkg").read_bytes() == whole
        assert project.read_bytes() != whole
    else:
        assert project.read_bytes() == whole
        assert names(project.parent) == [project.name]


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
@pytest.mark.usefixtures("next_project")
def test_a_project_is_whole_wherever_its_migration_is_killed(project, failing):
    whole = project.read_bytes()
    failing.kills = True
    for number in (1, 5, 30, 60):
        failing.left, failing.seen = number, 0
        assert killed(lambda: migrate(project))
        assert project.read_bytes() == whole


@pytest.mark.usefixtures("next_project")
def test_a_disk_that_is_full_leaves_the_project(project, monkeypatch, capsys):
    def narrow(base):
        base.execute(f"PRAGMA max_page_count = {project.stat().st_size // 4096 + 1}")
        base.execute("CREATE TABLE much (x)")
        base.execute("INSERT INTO much VALUES (zeroblob(1000000))")

    known = replace(FORMATS[PROJECT], steps=(Step(1, SAYS, narrow),))
    monkeypatch.setitem(FORMATS, PROJECT, known)
    whole = project.read_bytes()
    assert run(["migrate", str(project), "--lang", "en"]) == BAD_INPUT
    assert "No space left" in capsys.readouterr().err
    assert project.read_bytes() == whole
    assert names(project.parent) == [project.name]


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


# The command


@pytest.mark.usefixtures("next_store", "next_project")
def test_the_command_says_what_it_does(project, store, capsys):
    before = dumped(store)
    assert run(["migrate", str(store), "--dry-run", "--lang", "en"]) == OK
    said = capsys.readouterr().out
    assert (
        f"file of plans, format {NOW}; civicsight {own_version()} writes format {NOW + 1}" in said
    )
    assert f"{NOW} to {NOW + 1}: plan" in said
    assert "a backup would be made first" in said
    assert dumped(store) == before
    assert run(["migrate", str(store), "--lang", "en"]) == BAD_INPUT
    assert "--as NAME" in capsys.readouterr().err
    assert run(["migrate", str(store), "--as", ROOT.name, "--lang", "en"]) == OK
    assert f"As it was before: {KEPT}.before-v{NOW}.gpkg" in capsys.readouterr().out
    assert run(["migrate", str(project), "--json"]) == OK
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["found"], told["now"], told["done"]) == ("project", 1, 2, True)
    assert told["backup"] == "project-v1.before-v1.gpkg"


def test_the_folder_of_a_plan_is_never_rewritten(capsys):
    assert run(["migrate", str(HERE / "plan-v1"), "--lang", "en"]) == OK
    assert "digests bind its bytes" in capsys.readouterr().out


# A server


@pytest.mark.skipif(
    not (WITH_POSTGIS and HAS_DRIVER), reason="PostgreSQL with PostGIS is not installed"
)
def test_a_server_is_migrated_in_one_transaction(url, request, monkeypatch):  # noqa: F811
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

    monkeypatch.setitem(FORMATS, STORE, replace(good, steps=(Step(1, SAYS, wrong),)))
    with pytest.raises(RuntimeError):
        migrate(url, ROOT, backed_up=True)
    monkeypatch.setitem(FORMATS, STORE, good)
    assert look(url).found == 1
    assert migrate(url, ROOT, backed_up=True).backup is None
    assert look(url).found == 2
    with open_store(url) as opened:
        verify(opened, LI, expect_head=head.hash)
        assert commit(opened, opened.plan(LI, "donghu")).version == 2
        with opened.database.reading() as connection:
            assert opened.database.backend.layout(connection) == LAYOUTS[NOW]["postgresql"]
