"""Copies, their way back, and what happens where there is no space."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pyogrio
import pytest
from sqlalchemy import event

from civicsight.core.errors import InputError
from civicsight.store import (
    Actor,
    Damaged,
    Denied,
    Role,
    StoreFull,
    backup,
    database,
    export_version,
    open_store,
    restore,
    sqlite,
    verify,
)
from civicsight.store.audit import chain_faults
from tests.store_parts import LI, ROOT, SUN, approved, begun, commit


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plans.gpkg"


def files(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_backup_holds_the_store_as_it_was(path, tmp_path):
    with begun(path) as store:
        plan = approved(store)
        copy = backup(store, ROOT, tmp_path / "copies")
        commit(store, plan, seed=5)
    assert files(copy.parent) == [copy.name]
    assert copy.name.startswith("plans-20")
    with open_store(copy) as kept:
        assert kept.plan(LI, "donghu") == plan
        assert verify(kept, LI).versions == 1
        assert kept.history(SUN)[-1].action == "backup"


def test_restoring_keeps_what_was_there(path, tmp_path):
    with begun(path) as store:
        before = store.plan(LI, "donghu")
        copy = backup(store, ROOT, tmp_path / "copies")
        after = commit(store, before, seed=5)
    kept = restore(copy, path, ROOT)
    with open_store(path) as store:
        assert store.plan(LI, "donghu") == before
        assert store.history(SUN)[-1].says["to"] == "plans.gpkg"
        verify(store, LI)
    with open_store(kept) as store:
        assert store.plan(LI, "donghu") == after
    assert files(tmp_path) == sorted(["copies", "plans.gpkg", kept.name])


def test_restoring_over_a_store_that_is_lost(path, tmp_path):
    """The file is ruined and has a log beside it: both are kept, and the log is not replayed."""
    with begun(path) as store:
        copy = backup(store, ROOT, tmp_path / "copies")
    path.write_bytes(b"ruined")
    Path(f"{path}-wal").write_bytes(b"log")
    with pytest.raises(Damaged):
        open_store(path)
    kept = restore(copy, path, ROOT)
    assert kept.read_bytes() == b"ruined"
    assert Path(f"{kept}-wal").exists()
    with open_store(path) as store:
        verify(store, LI)
    assert restore(copy, tmp_path / "new.gpkg", ROOT) is None


def test_a_backup_that_is_damaged_is_not_restored(path, tmp_path):
    with begun(path) as store:
        copy = backup(store, ROOT, tmp_path / "copies")
    before = path.read_bytes()
    data = bytearray(copy.read_bytes())
    at = data.index("东湖区3号".encode())
    data[at] ^= 1
    copy.write_bytes(data)
    with pytest.raises(Damaged):
        restore(copy, path, ROOT)
    assert path.read_bytes() == before


def test_only_an_administrator_restores(path, tmp_path):
    with begun(path) as store:
        copy = backup(store, ROOT, tmp_path / "copies")
    with pytest.raises(Denied):
        restore(copy, path, LI)
    with open_store(copy) as store:
        assert store.history(SUN)[-1].says["refused"] == "store.denied"


def limited(store, pages: int) -> None:
    """Let the file have no more than so many pages: what a full disk does, without a disk."""

    @event.listens_for(store.database.engine, "connect")
    def limit(connection, _record):
        connection.execute(f"PRAGMA max_page_count={pages}")

    store.database.engine.dispose()


def test_a_full_disk_at_a_commit_leaves_everything_before_whole(path):
    with begun(path) as store:
        plan = store.plan(LI, "donghu")
        limited(store, path.stat().st_size // 4096 + 8)
        with pytest.raises(StoreFull, match="MiB of free space") as error:
            commit(store, plan, count=3_000)
        assert error.value.needed_bytes > 3_000 * 300
        assert store.plan(LI, "donghu") == plan
        verify(store, LI)
    with open_store(path) as store:
        assert commit(store, plan, count=300).version == 2
        verify(store, LI)


def test_too_little_space_is_said_before_anything_is_written(path, monkeypatch, tmp_path):
    with begun(path) as store:
        plan = store.plan(LI, "donghu")
        out = export_version(store, LI, "donghu", tmp_path / "out.gpkg")
        before = out.read_bytes()
        usage = shutil._ntuple_diskusage(10, 9, 1_000_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        for act in (
            lambda: commit(store, plan),
            lambda: export_version(store, LI, "donghu", out),
            lambda: backup(store, ROOT, tmp_path / "copies"),
        ):
            with pytest.raises(StoreFull) as error:
                act()
            assert error.value.free_bytes == 1_000_000 < error.value.needed_bytes
        monkeypatch.undo()
        assert out.read_bytes() == before
        assert store.plan(LI, "donghu") == plan
    assert files(tmp_path) == ["out.gpkg", "plans.gpkg"]


def test_an_export_that_breaks_off_leaves_the_old_file(path, monkeypatch, tmp_path):
    with begun(path) as store:
        out = export_version(store, LI, "donghu", tmp_path / "out.gpkg")
        before = out.read_bytes()

        def broken(*_, **__):
            raise RuntimeError

        monkeypatch.setattr(pyogrio, "write_dataframe", broken)
        with pytest.raises(RuntimeError):
            export_version(store, LI, "donghu", out)
    assert out.read_bytes() == before
    assert files(tmp_path) == ["out.gpkg", "plans.gpkg"]


@pytest.fixture
def small_disk(tmp_path):
    """Mount a disk of 16 MB, where that is allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", "size=16m", "none", str(place)]
    if (
        shutil.which("mount") is None
        or subprocess.run(command, check=False, capture_output=True).returncode
    ):
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_real_disk_that_is_full(small_disk, monkeypatch):
    """The space is taken after it was asked for, so that the database itself meets the end."""
    path = small_disk / "plans.gpkg"
    filler = small_disk / "filler"
    with begun(path) as store:
        plan = commit(store, store.plan(LI, "donghu"), count=2_000)
        out = export_version(store, LI, "donghu", small_disk / "out.gpkg")
        before = out.read_bytes()
        monkeypatch.setattr(database, "require_space", lambda *_: None)
        filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - 300_000))
        with pytest.raises(StoreFull):
            commit(store, plan, count=3_000)
        module = import_module("civicsight.store.backup")  # the function has the same name
        monkeypatch.setattr(module, "require_space", lambda *_: None)
        with pytest.raises(StoreFull):
            backup(store, ROOT, small_disk / "copies")
        assert files(small_disk / "copies") == []
        monkeypatch.undo()
        with pytest.raises(StoreFull):
            export_version(store, LI, "donghu", out)
        assert out.read_bytes() == before
        assert store.plan(LI, "donghu") == plan
        filler.unlink()
        assert commit(store, plan, count=100).version == plan.version + 1
        verify(store, LI)


def test_a_later_format_is_refused(path):
    begun(path).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TRIGGER store_no_update")
        file.execute("UPDATE store SET format = 99")
        file.commit()
    with pytest.raises(InputError, match=r"store\.newer"):
        open_store(path)


def test_what_is_no_store_is_refused(path, tmp_path):
    with pytest.raises(InputError, match=r"store\.missing"):
        open_store(path)
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE x (y)")
    with pytest.raises(InputError, match=r"store\.not_a_store"):
        open_store(path)
    (tmp_path / "text.gpkg").write_text("these are no pages\n" * 99)
    with pytest.raises(Damaged):
        open_store(tmp_path / "text.gpkg")
    with pytest.raises(InputError, match=r"store\.url"):
        open_store("oracle://plans")


def test_a_network_share_is_refused(path, monkeypatch, tmp_path):
    begun(path).close()
    table = tmp_path / "mounts"
    share = str(path.parent).replace(" ", "\\040")
    table.write_text(f"none / ext4 rw 0 0\nserver:/x {share} nfs4 rw 0 0\n")
    monkeypatch.setattr(sqlite, "MOUNTS", table)
    with pytest.raises(InputError, match="nfs4"):
        open_store(path)
    with pytest.raises(InputError, match="nfs4"):
        open_store(tmp_path / "new.gpkg", create=True)
    table.write_text(f"x {share} nfs4 rw 0 0\ny {share} ext4 rw 0 0\n")
    open_store(path).close()
    monkeypatch.setattr(sqlite, "MOUNTS", tmp_path / "none")
    assert sqlite.file_system_of(path) == ""
    with pytest.raises(InputError, match="UNC"):
        sqlite.refuse_network_share(Path("\\\\server\\share\\plans.gpkg"))


@pytest.fixture
def shelf(tmp_path, request):
    """Return a folder and what closes it: root may write whatever its mode says."""
    if os.geteuid():
        yield tmp_path, lambda: tmp_path.chmod(0o500)
        tmp_path.chmod(0o700)
    else:
        disk = request.getfixturevalue("small_disk")
        closed = ["/bin/mount", "-o", "remount,ro", str(disk)]
        yield disk, lambda: subprocess.run(closed, check=True)


def test_a_file_that_cannot_be_written_is_said(shelf):
    folder, close = shelf
    begun(folder / "plans.gpkg").close()
    (folder / "plans.gpkg").chmod(0o400)
    close()
    with open_store(folder / "plans.gpkg") as store:
        plan = store.plan(LI, "donghu")  # it is read all the same
        with pytest.raises(InputError, match=r"store\.read_only"):
            commit(store, plan)


def test_a_program_that_holds_the_file_is_waited_for_and_then_named(path, monkeypatch):
    begun(path).close()
    monkeypatch.setattr(sqlite, "WAIT_S", 0.1)
    with open_store(path) as store, closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match=r"store\.busy"):
            commit(store, store.plan(LI, "donghu"))
        other.rollback()
        assert commit(store, store.plan(LI, "donghu")).version == 2


def test_progress_is_told(path):
    told = []
    with begun(path, versions=3) as store:
        verify(store, LI, watch=lambda *step: told.append(step))
        with store.database.reading() as connection:
            assert chain_faults(connection, "x", last=2) == []
    assert told == [("versions", n, 3) for n in (1, 2, 3)]
    assert Actor("a", Role.ADMIN).district == ""
