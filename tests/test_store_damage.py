"""Whatever another program or the disk changes in the file is named before it is used."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pyogrio
import pytest

from civicsight.core.errors import InputError
from civicsight.store import Damaged, approvals, open_store, opinions, verify
from civicsight.store.tables import SEALED, guards
from tests.store_parts import LI, SUN, approved, begun, layers


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "plans.gpkg"
    with begun(path, versions=2) as store:
        approved(store)
    return path


@pytest.fixture
def path(original, tmp_path):
    return Path(shutil.copy(original, tmp_path))


def places(error) -> str:
    return " | ".join(f"{fault.where} {fault.field} {fault.found}" for fault in error.value.faults)


def foreign(path: Path, *statements: str, guards: bool = False) -> None:
    """Write into the file as a stranger would, who first takes away what guards it."""
    with closing(sqlite3.connect(path)) as file:
        if not guards:
            triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = triggers.fetchall()
            for name, _ in triggers:
                file.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            file.execute(statement)
        for _, sql in [] if guards else triggers:
            file.execute(sql)
        file.commit()


CHANGES = {
    "UPDATE feature SET properties = replace(properties, 'new', 'old') WHERE layer = 'measures' "
    "AND version = 2 AND feature_id = 'm3'": "donghu 2, measures  m3",
    "DELETE FROM feature WHERE version = 2 AND feature_id = 'camera-7'": "cameras  camera-7",
    "INSERT INTO feature SELECT 999, plan_id, version, layer, 99, 'camera-x', properties, geom "
    "FROM feature WHERE fid = 25": "cameras  camera-x",
    "UPDATE document SET body = '{}' WHERE version = 2 AND name = 'ledger'": "document ledger",
    "UPDATE plan SET state = 'draft'": "plan  donghu",
    "UPDATE plan SET rev = 5": "plan  donghu",
    "INSERT INTO plan SELECT 'more', name, author, district, departments, state, rev, version, "
    "digest FROM plan": "plan  more",
    "DELETE FROM plan": "plan  donghu",
    "UPDATE store SET created_at = 'x'": "store  ",
    "DELETE FROM plan_version WHERE n = 1": "donghu 1 plan_version",
    "UPDATE plan_version SET author = 'x' WHERE n = 2": "donghu 2 plan_version",
    "UPDATE audit SET body = replace(body, '同意', '反对') WHERE action = 'opinion'": "audit ",
    "DELETE FROM audit WHERE action = 'opinion'": "audit ",
    "UPDATE gpkg_contents SET min_x = 0 WHERE table_name = 'cameras'": "gpkg_contents cameras",
    "UPDATE gpkg_geometry_columns SET srs_id = 4326": "gpkg_geometry_columns cameras",
    "DROP VIEW cameras": "view cameras",
    "CREATE TRIGGER x AFTER INSERT ON audit BEGIN SELECT 1; END": "trigger x",
    "DROP INDEX audit_of_plan": "index audit_of_plan",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_a_foreign_change_is_named_when_the_store_is_opened(path, statement):
    foreign(path, statement)
    with pytest.raises(Damaged) as error:
        open_store(path)
    assert CHANGES[statement] in places(error)
    assert error.value.faults[0].file == "plans.gpkg"


def test_a_change_of_an_older_version_is_named_when_it_is_read(path):
    foreign(path, "UPDATE feature SET position = 77 WHERE version = 1 AND feature_id = 'm2'")
    with open_store(path) as store:
        store.read_version(LI, "donghu")
        with pytest.raises(Damaged) as error:
            store.read_version(LI, "donghu", 1)
        assert "donghu 1, measures  m2" in places(error)
        with pytest.raises(Damaged):
            verify(store, LI)


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("DELETE FROM feature_place WHERE fid = 25", "cameras feature_place camera-"),
        ("UPDATE feature_place SET max_x = max_x + 9 WHERE fid = 25", "cameras feature_place"),
        ("INSERT INTO feature_place VALUES (999, 0, 1, 0, 1)", "feature_place"),
    ],
)
def test_a_spatial_index_that_misleads_is_named(path, statement, place):
    foreign(path, statement)
    with open_store(path) as store, pytest.raises(Damaged) as error:
        verify(store, LI)
    assert place in places(error)


def test_a_change_under_an_open_store_is_named_before_use(path):
    with open_store(path) as store:
        foreign(path, "UPDATE feature SET geom = zeroblob(40) WHERE feature_id = 'camera-1'")
        with pytest.raises(Damaged, match="camera-1"):
            store.read_version(LI, "donghu")
        foreign(path, "UPDATE audit SET at = 'x' WHERE action = 'approve'")
        with pytest.raises(Damaged, match="audit"):
            approvals(store, LI, "donghu")


@pytest.mark.parametrize("table", ["store", "plan_version", "feature", "document", "audit", "plan"])
def test_the_file_itself_refuses_changes(path, table):
    with closing(sqlite3.connect(path)) as file:
        for statement in ("DELETE FROM {}", "UPDATE {} SET rowid = rowid"):
            with pytest.raises(sqlite3.IntegrityError, match=SEALED):
                file.execute(statement.format(table))


def test_nothing_slips_into_a_version_that_is_there(path):
    with closing(sqlite3.connect(path)) as file:
        for statement in (
            "INSERT INTO feature VALUES (999, 'donghu', 2, 'cameras', 99, 'x', '{}', NULL)",
            "INSERT INTO document SELECT plan_id, version, 'x', body FROM document",
            "INSERT OR REPLACE INTO plan_version SELECT * FROM plan_version",
            "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 3",
            "UPDATE plan SET version = 3, rev = rev + 1",
            "UPDATE plan SET rev = rev + 1",
            "UPDATE plan SET rev = rev + 1, state = 'draft'",
            (
                "INSERT INTO plan SELECT 'more', name, author, district, departments, "
                "'draft', 1, 0, "
                "'' FROM plan"
            ),
            (
                "INSERT INTO audit SELECT seq + 1, at, actor, role, district, action, "
                "plan_id, rev, "
                "body, hash, hash FROM audit ORDER BY seq DESC LIMIT 1"
            ),
            (
                "INSERT INTO audit SELECT seq + 1, at, actor, role, district, action, "
                "plan_id, NULL, "
                "body, prev, hash FROM audit ORDER BY seq DESC LIMIT 1"
            ),
        ):
            with pytest.raises(sqlite3.IntegrityError, match=SEALED):
                file.execute(statement)


@pytest.mark.parametrize("name", [name for name, _, _ in guards("sqlite")])
def test_a_trigger_that_was_taken_away_is_named(path, name):
    foreign(path, f"DROP TRIGGER {name}", guards=True)
    with pytest.raises(Damaged) as error:
        open_store(path)
    assert f"trigger {name}" in places(error)


def test_a_layer_written_by_another_program_is_named(path):
    """GDAL does not overwrite a view; a program that removes it first is found out."""
    frame = layers()["cameras"].reset_index().drop(columns="tags")
    foreign(
        path,
        "DROP VIEW cameras",
        "DELETE FROM gpkg_geometry_columns WHERE table_name = 'cameras'",
        "DELETE FROM gpkg_contents WHERE table_name = 'cameras'",
        guards=True,
    )
    pyogrio.write_dataframe(frame, path, layer="cameras", driver="GPKG", append=True)
    assert "cameras" in dict(pyogrio.list_layers(path))
    with pytest.raises(Damaged) as error:
        open_store(path)
    assert "view cameras" in places(error)


def test_rows_cannot_be_added_to_a_layer_and_what_is_none_of_ours_may_stay(path):
    frame = pyogrio.read_dataframe(path, layer="measures")
    with pytest.raises(Exception, match="view"):
        pyogrio.write_dataframe(frame, path, layer="measures", driver="GPKG", append=True)
    pyogrio.write_dataframe(frame, path, layer="notes", driver="GPKG", append=True)
    with open_store(path) as store:
        verify(store, LI)


def test_a_cut_off_end_is_seen_by_the_hash_on_the_paper(path):
    with open_store(path) as store:
        (approval,) = approvals(store, LI, "donghu")
        state = store.plan(LI, "donghu")
        before = store.history(SUN, "donghu")[-2]
    row = before.says["plan"]
    foreign(
        path,
        "DELETE FROM audit WHERE action = 'approve'",
        f"UPDATE plan SET state = '{row['state']}', rev = {row['rev']}",  # noqa: S608
    )
    with open_store(path) as store:
        assert store.plan(LI, "donghu").rev == state.rev - 1
        verify(store, LI)
        verify(store, LI, expect_head=f" {store.history(SUN, 'donghu')[-1].hash.upper()}")
        with pytest.raises(Damaged) as error:
            verify(store, LI, expect_head=approval.head_hash)
    assert error.value.faults[0].code == "store.cut"


def content(path: Path) -> object:
    """Read everything that a store says, after everything was compared."""
    with open_store(path) as store:
        verify(store, LI)
        versions = [store.read_version(LI, "donghu", n) for n in (1, 2)]
        frames = [
            (name, frame.to_json() if name == "phases" else frame.to_wkb(hex=True).to_csv())
            for version in versions
            for name, frame in version.layers.items()
        ]
        said = [(version.head, version.documents) for version in versions]
        decided = opinions(store, LI, "donghu"), approvals(store, LI, "donghu")
        return store.list_plans(LI), frames, said, decided, store.history(SUN)


def shown(path: Path) -> object:
    """Read what another program sees: the marks of the file, its system tables and its layers."""
    with closing(sqlite3.connect(path)) as file:
        names = file.execute("SELECT table_name FROM gpkg_contents").fetchall()
        tables = [name for (name,) in names]
        tables += ["gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"]
        rows = {name: file.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}  # noqa: S608
        marks = [file.execute(f"PRAGMA {name}").fetchall() for name in ("application_id",)]
        return rows, marks


def flipped(path: Path, tmp_path: Path, times: int) -> tuple[int, int]:
    """Flip single bits of the file; count what was reported, and what left all content as it was.

    A flip that is neither is a change that went unseen, and fails the test.
    """
    before, seen = content(path), shown(path)
    data = path.read_bytes()
    random_ = random.Random(2026)
    copy = tmp_path / "flipped.gpkg"
    reported = same = 0
    for _ in range(times):
        at, bit = random_.randrange(len(data)), 1 << random_.randrange(8)
        copy.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        try:
            after = content(copy)
        except InputError:
            reported += 1
        else:
            assert after == before, f"byte {at}, bit {bit}"
            assert shown(copy) == seen, f"byte {at}, bit {bit}"
            same += 1
        for companion in ("-wal", "-shm"):
            Path(f"{copy}{companion}").unlink(missing_ok=True)
    return reported, same


@pytest.mark.slow
def test_a_flipped_bit_is_reported_or_changes_nothing(path, tmp_path):
    reported, same = flipped(path, tmp_path, 60)
    assert reported + same == 60
    assert reported > 15


def test_a_table_that_cannot_even_be_looked_through_is_reported(path):
    """The index of places is a table of a kind of its own, whose columns its makers ask for."""
    data = path.read_bytes()
    assert b"nodeno" in data
    path.write_bytes(data.replace(b"nodeno", b"nodfno"))
    with pytest.raises(InputError):
        content(path)


def test_a_name_in_the_schema_that_is_no_text_any_more_is_reported(path):
    """SQLite names what it cannot read byte by byte, which Python cannot decode."""
    data = path.read_bytes()
    sealed = b"plan_version_sealed BEFORE INSERT ON "
    broken = data.replace(sealed + b"p", sealed + b"\xf0")
    assert broken != data
    path.write_bytes(broken)
    with pytest.raises(InputError):
        content(path)


@pytest.mark.slow
def test_five_hundred_flipped_bits(path, tmp_path):
    reported, same = flipped(path, tmp_path, 500)
    assert reported + same == 500


def test_a_flip_in_the_header_of_a_geometry_is_reported(path):
    """Digests over decoded geometries do not see these bytes; those over stored bytes do."""
    with closing(sqlite3.connect(path)) as file:
        blob = file.execute("SELECT geom FROM feature WHERE fid = 25").fetchone()[0]
    for at in (3, 4, 7):
        changed = bytearray(blob)
        changed[at] ^= 1
        copy = path.with_name(f"flip-{at}.gpkg")
        shutil.copy(path, copy)
        foreign(copy, f"UPDATE feature SET geom = x'{changed.hex()}' WHERE fid = 25")  # noqa: S608
        with pytest.raises(Damaged):
            content(copy)


def test_a_file_that_was_replaced_under_an_open_store_is_not_used(path, tmp_path):
    other = tmp_path / "other.gpkg"
    shutil.copy(path, other)
    with open_store(path) as store:
        other.replace(path)
        with pytest.raises(InputError, match="replaced"):
            store.plan(LI, "donghu")
