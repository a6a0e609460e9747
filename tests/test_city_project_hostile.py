"""Projects made to do harm, and damaged ones: no foreign file, no crash; a refusal says why."""

# ruff: noqa: S608 - the statements are written here

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import zlib
from base64 import b64encode
from contextlib import closing

import numpy as np
import pytest

from civicsight.cli.entry import BAD_INPUT, run
from civicsight.core.bounded.text import MAX_CRS_NESTED
from civicsight.core.errors import CivicsightError, InputError
from civicsight.io import save_city
from civicsight.io.edits import compare
from civicsight.io.project import read_city
from civicsight.io.project_file import load_city
from civicsight.io.project_row import PROJECT_LAYER
from civicsight.io.vectors import database
from civicsight.io.vectors.footprints import read_buildings
from tests.drawn import a_few
from tests.result_town import make_city

CANARY = "canary-of-another-file"
DEEP = 100_000
HEAD = "(type, name, tbl_name, rootpage, sql) VALUES ('table', 'leak', 'leak', 0,"
NESTED = {
    "extent": ("GEOMETRYCOLLECTION(" * DEEP, "project.damaged"),
    "crs": ("PROJCS[" * 20_000, "project.damaged"),
    "sources": ("[" * DEEP, "project.damaged"),
    "provenance": ('[{"a":' * DEEP, "project.damaged"),
    "terrain": ("[" * DEEP, "project.damaged"),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save_city(make_city("town"), tmp_path_factory.mktemp("saved") / "town.gpkg")


@pytest.fixture
def change(saved, tmp_path):
    """Return a function that runs statements on a copy of a project, its triggers away."""

    def make(*statements, name="hostile.gpkg"):
        path = tmp_path / name
        path.write_bytes(saved.read_bytes())
        with closing(sqlite3.connect(path)) as base:
            for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
                base.execute(f'DROP TRIGGER "{trigger}"')
            base.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                base.execute(*((statement,) if isinstance(statement, str) else statement))
            base.commit()
        return path

    return make


def refused(path, read=load_city):
    with pytest.raises(InputError) as caught:
        read(path)
    return caught.value.faults[0]


def virtual(path, column):
    """Return statements that put a view over another file in the place of a table."""
    module = f"VirtualText('{path}', 'UTF-8', 0, POINT, NONE, ';')".replace("'", "''")
    return (
        "ALTER TABLE civicsight RENAME TO kept",
        (f"INSERT INTO sqlite_schema {HEAD} 'CREATE VIRTUAL TABLE leak USING {module}')"),
        "CREATE VIEW civicsight AS SELECT 1 AS fid, format, "
        + ", ".join(
            f"(SELECT group_concat(COL001) FROM leak) AS {name}" if name == column else name
            for name in ("name", "crs", "extent", "sources", "synthetic", "provenance", "terrain")
        )
        + " FROM kept",
    )


@pytest.mark.parametrize("column", ["name", "sources", "extent", "crs"])
def test_no_word_of_another_file_is_read(saved, tmp_path, change, column, capsys):
    (tmp_path / "secret.txt").write_text(f"{CANARY}\n")
    path = change(*virtual(tmp_path / "secret.txt", column))
    for read in (load_city, read_city, lambda file: compare(load_city(saved), file)):
        fault = refused(path, read)
        assert (fault.code, CANARY in str(fault)) == ("gpkg.view", False)
    public = ["report", str(path), "--edition", "public", "--no-pdf", "--out", str(tmp_path / "a")]
    for words in (public, ["import", str(path), "--into", str(saved)]):
        assert run(words) == BAD_INPUT
        told = capsys.readouterr()
        assert CANARY not in told.out + told.err


@pytest.mark.parametrize("name", ["cameras", "gpkg_contents", "gpkg_geometry_columns"])
def test_no_view_is_read_in_place_of_a_table(change, name):
    path = change(f"ALTER TABLE {name} RENAME TO kept", f"CREATE VIEW {name} AS SELECT * FROM kept")
    assert refused(path).code in {"gpkg.view", "file.damaged"}


def test_a_view_that_calls_itself_a_table_is_not_run(change):
    path = change(
        "ALTER TABLE civicsight RENAME TO kept",
        "CREATE VIEW civicsight AS SELECT * FROM kept",
        "UPDATE sqlite_schema SET type = 'table' WHERE name = 'civicsight'",
    )
    assert refused(path).code in {"gpkg.view", "file.damaged"}


def test_a_view_without_end_is_not_run(change):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS fid, "
    path = change(
        "ALTER TABLE cameras RENAME TO kept",
        f"CREATE VIEW cameras AS {endless} camera_id, geom FROM n, kept",
    )
    assert refused(path).code == "gpkg.view"
    path = change(
        "ALTER TABLE gpkg_contents RENAME TO kept",
        "CREATE VIEW gpkg_contents AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) "
        "SELECT kept.* FROM kept, n",
    )
    assert refused(path).code == "gpkg.view"


def test_other_views_and_triggers_are_nobodys_business(saved, change):
    path = change(
        "CREATE VIEW mine AS SELECT * FROM cameras",
        "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('mine', 'attributes')",
        "CREATE TRIGGER spy AFTER INSERT ON cameras BEGIN DELETE FROM cameras; END",
    )
    city = load_city(saved)
    assert load_city(path).cameras.equals(city.cameras)
    edits = compare(city, path)
    assert edits.is_empty
    assert "mine" in str(edits.notes[0])


def test_a_table_that_does_not_come_to_an_end_is_left(saved, monkeypatch):
    monkeypatch.setattr(database, "STEPS", 0)
    monkeypatch.setattr(database, "STEPS_A_BYTE", 0)
    monkeypatch.setattr(database, "PAUSE", 10)
    assert refused(saved).code == "file.endless"


def test_values_need_no_more_memory_than_the_settings_allow(saved, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_READ_MEMORY", "0")
    fault = refused(saved)
    assert fault.code == "file.too_large"
    assert "CIVICSIGHT_READ_MEMORY" in str(fault)


def test_rows_that_share_their_pages_are_not_read_again_and_again(saved):
    with database.opened(saved) as base, pytest.raises(InputError, match="longer than the file"):
        database.Database(base.base, saved, 1_000, base.limit).read(PROJECT_LAYER, ["crs"] * 9)


def test_a_list_of_systems_may_be_long_and_is_asked_for_every_layer(saved, change):
    rows = "WITH RECURSIVE n(x) AS (SELECT 100000 UNION ALL SELECT x + 1 FROM n LIMIT 300) "
    path = change(
        f"INSERT INTO gpkg_spatial_ref_sys {rows}"
        "SELECT x, x, 'a', x, hex(zeroblob(2000)), '' FROM n"
    )
    assert path.stat().st_size < 17 * 300 * 4_000
    assert compare(load_city(saved), path).is_empty


def test_a_value_beyond_all_bounds_is_not_handed_out(change, monkeypatch):
    path = change("UPDATE civicsight SET name = hex(zeroblob(100000))")
    monkeypatch.setattr(database, "MAX_VALUE", 50_000)
    assert refused(path).code == "file.too_large"


def test_columns_without_end_are_refused(change, monkeypatch):
    monkeypatch.setattr(database, "MAX_COLUMNS", 5)
    assert refused(change()).code == "file.too_large"


# -- depth and length ------------------------------------------------------------------------------


@pytest.mark.parametrize("column", NESTED)
def test_what_is_nested_without_end_is_never_followed(change, column):
    text, code = NESTED[column]
    fault = refused(change((f"UPDATE civicsight SET {column} = ?", (text,))))
    assert (fault.code, fault.where, fault.field) == (code, PROJECT_LAYER, column)
    assert len(str(fault)) < 1_000


def test_geometries_nested_without_end_are_never_followed(saved, change):
    deep = b"GP\x00\x01\x00\x00\x00\x00" + bytes.fromhex("010700000001000000") * DEEP
    path = change(("UPDATE cameras SET geom = ? WHERE camera_id = 'c1'", (deep,)))
    fault = refused(path)
    assert (fault.code, fault.where) == ("project.damaged", "cameras 1")
    fault = refused(path, lambda file: compare(load_city(saved), file))
    assert (fault.code, fault.where) == ("wkb.depth", "cameras 1")


def test_json_nested_without_end_is_never_followed(saved, change):
    path = change(("UPDATE cameras SET tags = ?", ('{"a":' * 1_000 + "1" + "}" * 1_000,)))
    assert refused(path).code == "project.edited"
    assert refused(path, lambda file: compare(load_city(saved), file)).code == "edits.bad_value"


@pytest.mark.parametrize("table", ["buildings", "cameras"])
def test_a_definition_of_a_system_is_measured_too(saved, change, table):
    path = change(
        "UPDATE gpkg_spatial_ref_sys SET organization = 'none', definition = "
        f"'{'PROJCS[' * (MAX_CRS_NESTED + 1)}'"
    )
    load_city(path)  # which names its system itself
    assert refused(path, lambda file: compare(load_city(saved), file)).code == "crs.unknown"
    with pytest.raises(InputError, match=r"crs\.unknown"):
        read_buildings(path, layer=table)


# -- size ------------------------------------------------------------------------------------------

PEAK = """
import resource, sys
from civicsight.io.project_file import load_city
from civicsight.core.errors import InputError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load_city(sys.argv[1])
except InputError as error:
    print(error.faults[0].code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def ground(side, told, level=9):
    """Return ground heights of zeros: really `side` x `side` of them, said to be `told`."""
    stream = zlib.compressobj(level)
    row = np.zeros(side).tobytes()
    data = b"".join([*(stream.compress(row) for _ in range(side)), stream.flush()])
    z = b64encode(data).decode()
    return json.dumps({"x0": 0, "y0": 0, "step": 1, "shape": [told, told], "z": z})


@pytest.mark.slow
@pytest.mark.parametrize(("told", "code"), a_few([
    (1_000, "project.damaged"), (12_000, "project.too_large"),
]))  # fmt: skip
def test_ground_that_unpacks_to_more_than_memory_holds_takes_none(change, told, code):
    """1.2 GB of heights in 1.5 MB, told and untold: less than 200 MB are taken."""
    path = change(("UPDATE civicsight SET terrain = ?", (ground(12_000, told),)))
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    found, taken_kb = run.stdout.split()
    assert (found, run.stderr) == (code, "")
    assert int(taken_kb) < 200_000


@pytest.mark.parametrize(("changed", "value"), [
    ("shape", [1, 5]), ("shape", ["a", 2]), ("shape", 3), ("step", 0), ("x0", "nan"), ("z", 5),
    ("z", "!"), ("step", None),
])  # fmt: skip
def test_ground_that_is_none_is_refused(change, changed, value):
    told = json.loads(ground(3, 3)) | {changed: value}
    path = change(("UPDATE civicsight SET terrain = ?", (json.dumps(told),)))
    assert refused(path).code == "project.damaged"


@pytest.mark.parametrize(("column", "value"), [
    ("name", None), ("name", b"\xff"), ("crs", "x"), ("extent", "x"),
    ("extent", "POINT (inf 0)"), ("sources", "{}"), ("sources", "[1]"), ("provenance", "[1]"),
    ("provenance", '[{"layer": "a", "source": "b", "read": "c"}]'), ("provenance", '[{"a": 1}]'),
    ("provenance", '[{"layer": "a", "source": "b", "counts": 5}]'),
])  # fmt: skip
def test_a_row_that_is_not_as_we_write_it_names_its_column(change, column, value):
    fault = refused(change((f"UPDATE civicsight SET {column} = ?", (value,))))
    assert (fault.code, fault.where, fault.field) == ("project.damaged", PROJECT_LAYER, column)
    assert "cannot be read as a project" in str(fault)


def test_a_table_that_is_not_as_we_write_it_is_refused(change):
    assert refused(change("ALTER TABLE civicsight DROP COLUMN extent")).field == "extent"
    assert refused(change("DELETE FROM civicsight")).found == "0 rows"
    twice = "INSERT INTO civicsight SELECT 9, format, civicsight, name, crs, extent, sources"
    path = change(f"{twice}, synthetic, provenance, terrain FROM civicsight")
    assert refused(path).found == "2 rows"
    assert refused(change("UPDATE cameras SET height_m = 'tall'")).code == "project.edited"
    assert refused(change("UPDATE cameras SET tags = '[]'")).code == "project.edited"


@pytest.mark.slow
@pytest.mark.parametrize("turns", [20, pytest.param(300, marks=pytest.mark.slow)])
def test_a_damaged_project_is_a_refusal_and_never_a_fault_of_ours(saved, tmp_path, turns):
    """Bits are flipped where rows and schema are, and the end is cut off."""
    city, data = load_city(saved), saved.read_bytes()
    dice = random.Random(20_261_128)
    path = tmp_path / "damaged.gpkg"
    places = [at for at in range(len(data)) if data[at]]
    refusals = []
    for turn in range(turns):
        changed = bytearray(data)
        for _ in range(dice.choice((1, 4, 40))):
            changed[dice.choice(places)] = dice.randrange(256)
        path.write_bytes(changed if turn % 6 else data[: dice.randrange(100, len(data))])
        read = (load_city, read_city, lambda file: compare(city, file))[turn % 3]
        try:
            read(path)
        except CivicsightError as error:
            refusals.append(str(error))
    assert len(refusals) > turns // 3
    assert not [text for text in refusals if str(tmp_path) in text]
