"""A store copied into another file: the same chain and digests, whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pyogrio
import pytest
from sqlalchemy import insert, select

from civicsight.core.errors import InputError
from civicsight.store import Damaged, Denied, approvals, copy_store, open_store, transfer, verify
from tests.store_parts import LI, ROOT, SUN, ZHOU, approved, begun, commit


def rows_of(path):
    """Return every row of every table that holds plans."""
    with open_store(path) as store, store.database.reading() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in transfer.ORDER
        }


def test_a_copy_has_every_row_and_goes_on_by_itself(tmp_path):
    old, new = tmp_path / "old.gpkg", tmp_path / "new.gpkg"
    with begun(old, versions=3) as store:
        plan = approved(store)
        found = copy_store(store, new, ROOT)
        assert found == verify(store, SUN)
        head = found.head
    assert rows_of(old) == rows_of(new)
    with open_store(new) as copied:
        assert verify(copied, SUN, expect_head=head.hash) == found
        assert copied.plan(LI, "donghu") == plan
        assert [a.document_number for a in approvals(copied, LI, "donghu")]
        assert copied.history(SUN)[-1].says == {"appointed": False, "to": "new.gpkg"}
        commit(copied, plan, seed=9)
        assert verify(copied, SUN).versions == found.versions + 1
    with open_store(old) as store:
        assert verify(store, SUN) == found, "nothing of the copy reaches the original"


def test_layers_and_spatial_index_are_there(tmp_path):
    old, new = tmp_path / "old.gpkg", tmp_path / "new.gpkg"
    with begun(old) as store:
        copy_store(store, f"sqlite:///{new}", LI)
    assert pyogrio.list_layers(new).tolist() == pyogrio.list_layers(old).tolist()
    box = (501_000.0, 3_160_000.0, 503_000.0, 3_163_000.0)
    read = [pyogrio.read_dataframe(path, layer="cameras", bbox=box) for path in (old, new)]
    assert 0 < len(read[0]) == len(read[1]) < 12


def test_nothing_is_written_over(tmp_path):
    with begun(tmp_path / "old.gpkg") as store:
        (tmp_path / "new.gpkg").write_text("mine")
        before = verify(store, SUN)
        with pytest.raises(InputError, match="holds no plans yet"):
            copy_store(store, tmp_path / "new.gpkg", ROOT)
        assert (tmp_path / "new.gpkg").read_text() == "mine"
        assert verify(store, SUN) == before
        with pytest.raises(Denied):
            copy_store(store, tmp_path / "other.gpkg", ZHOU)
        assert not (tmp_path / "other.gpkg").exists()


def test_what_is_damaged_is_not_copied(tmp_path):
    path = tmp_path / "old.gpkg"
    with begun(path, versions=2) as store:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DROP TRIGGER feature_no_update")
            connection.execute("UPDATE feature SET properties = '{}' WHERE fid = 1")
        with pytest.raises(Damaged):
            copy_store(store, tmp_path / "new.gpkg", ROOT)
    assert [entry.name for entry in tmp_path.glob("new*")] == []


def test_a_copy_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    def stop_at_plans(table):
        if table is transfer.PLAN:
            raise KeyboardInterrupt
        return insert(table)

    with begun(tmp_path / "old.gpkg") as store:
        monkeypatch.setattr(transfer, "insert", stop_at_plans)
        with pytest.raises(KeyboardInterrupt):
            copy_store(store, tmp_path / "new.gpkg", ROOT)
    assert [entry.name for entry in tmp_path.iterdir() if "new" in entry.name] == []
