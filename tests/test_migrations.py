"""Kept files taken through a made next format: whole before or whole after, never in between."""

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

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
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
from civicsight.store.migrations import look, migrate
from tests.kept.__main__ import HERE
from tests.migrations_made import (  # noqa: F401 - fixtures
    IN_STEPS,
    KEPT,
    NOW,
    SAYS,
    dumped,
    killed,
    names,
    next_project,
    next_store,
    project,
    store,
    triggers,
)
from tests.store_parts import ROOT
from tests.test_kept import facts, require_project

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


@pytest.mark.slow
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
