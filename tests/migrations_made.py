"""Made next formats of projects and stores, and what looks into their files."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Text, text

from civicsight.core.errors import N_
from civicsight.io.reader_registry import READERS
from civicsight.model.format_versions import FORMATS, PROJECT, STORE, Step
from civicsight.store import migrations, postgis, sqlite
from tests.test_kept import unpacked
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


def killed(act) -> bool:
    """Do something in a process of its own; tell whether it was killed."""
    child = os.fork()
    if not child:
        with suppress(BaseException):
            act()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


IN_STEPS = pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.slow)])
"""Of the statements of a migration, from the last back: every eleventh, or each."""
