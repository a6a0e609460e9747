"""What a file holds is measured before a library decodes it, wherever in the program it is read."""

from __future__ import annotations

import ast
import json
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import shapely

import civicsight
from civicsight.core.bounded.text import (
    MAX_CRS,
    MAX_CRS_NESTED,
    MAX_NESTED,
    MAX_WKT_NESTED,
    inflate,
    load_crs,
    load_json,
    load_wkt,
)
from civicsight.core.bounded.wkb import load_wkb
from civicsight.core.errors import InputError
from civicsight.coverage.privacy.masks import read_mask
from civicsight.io.registers.read import read_districts
from civicsight.io.tables.cells import _own_tags
from civicsight.planning.proof.evidence import recount
from civicsight.planning.record.documents import PLAN_FILE, from_documents, table_from_json
from civicsight.store import Damaged, versions
from civicsight.store.frames import HEADER, MAGIC, decode
from tests.source_trees import nodes_of
from tests.store_parts import LI, begun
from tests.test_planning_certificate import ring_certificate
from tests.test_registers_kinds import DISTRICT_ROWS

PACKAGE = Path(civicsight.__file__).parent
DEEP = 100_000
DEEP_WKB = bytes.fromhex("010700000001000000") * DEEP
DEEP_WKT = "GEOMETRYCOLLECTION(" * DEEP


def test_bounds_leave_what_is_written_alone():
    assert load_json("[" * MAX_NESTED + "]" * MAX_NESTED)
    assert load_json(json.dumps({"a": ["[" * 999] * 99})) == {"a": ["[" * 999] * 99}
    assert inflate(zlib.compress(b"abc"), 3) == b"abc"
    shape = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
    assert load_wkb([None, shapely.to_wkb(shape)]).tolist() == [None, shape]


@pytest.mark.parametrize("size", [0, 2, 4])
def test_packed_bytes_are_of_the_size_that_was_said(size):
    with pytest.raises(ValueError, match="does not unpack"):
        inflate(zlib.compress(b"abc"), size)


@pytest.mark.parametrize("blob", [
    bytes.fromhex("010700000001000000") * DEEP, bytes.fromhex("0106000000ffffffff"),
    bytes.fromhex("0102000000ffffffff"), b"", b"\x01\x08\x00\x00\x00\x00\x00\x00\x00",
])  # fmt: skip
def test_geometries_that_a_program_did_not_write_are_refused(blob):
    with pytest.raises(ValueError, match=r"\w"):
        load_wkb([blob])


@pytest.mark.parametrize(("load", "text"), [
    (load_wkt, DEEP_WKT), (load_wkt, "POINT"), (load_wkt, "("), (load_json, "[" * DEEP),
    (load_json, "{"), (load_json, '"' * 99 + "[" * 99), (load_json, "1" * 5_000),
    (load_json, b"\xff"), (load_crs, "PROJCS[" * (MAX_CRS_NESTED + 1)), (load_crs, "EPSG:4326"),
    (load_crs, "x" * (MAX_CRS + 1)),
])  # fmt: skip
def test_texts_that_are_none_or_nested_without_end_are_refused(load, text):
    with pytest.raises(ValueError, match=r"\w"):
        load(text)


def test_every_shape_that_is_written_passes():
    shape = shapely.GeometryCollection([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])])
    for _ in range(3):
        assert load_wkt(shape.wkt) == shape
        assert load_wkb([shape.wkb]) == shape
        shape = shapely.GeometryCollection([shape])
    deeper = "(" * (MAX_WKT_NESTED + 1) + ")" * (MAX_WKT_NESTED + 1)
    with pytest.raises(ValueError, match="nested deeper"):
        load_wkt(deeper)


# -- where files are read --------------------------------------------------------------------------


def test_a_mask_nested_without_end_is_none():
    with pytest.raises(InputError, match=r"mask\.not_wkt"):
        read_mask(DEEP_WKT[:19_000])


def test_a_cell_of_a_register_nested_without_end_is_no_place(tmp_path):
    path = tmp_path / "districts.csv"
    path.write_text(f'{DISTRICT_ROWS}360104,x,"{DEEP_WKT[:90_000]}"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"place\.wkt"):
        read_districts(path)


def test_tags_nested_without_end_are_kept_as_the_text_that_they_are():
    text = '{"a":' * 500 + "1" + "}" * 500
    assert _own_tags(text) == {"tags": text}


def test_a_plan_nested_without_end_is_damaged():
    table = {"columns": {"geometry": [DEEP_WKB.hex()]}, "kinds": {}, "rows": 1, "crs": "EPSG:4547"}
    with pytest.raises(ValueError, match=r"wkb\.depth"):
        table_from_json(table)
    for plan in (b"[" * DEEP, json.dumps({"format": 1, "proof": {}, "measures": table}).encode()):
        with pytest.raises(InputError, match=r"plan\.damaged"):
            from_documents({PLAN_FILE: plan})


@pytest.mark.parametrize("told", [{}, {"goal": "widest"}, {"goal": "widest", "aims": []}])
def test_prices_that_say_they_are_larger_than_memory_are_unreadable(tmp_path, told):
    ring_certificate().save(tmp_path)
    np.save(tmp_path / "dual.npy", np.zeros(3))
    found = (tmp_path / "dual.npy").read_bytes()
    data = found.replace(b"(3,), }" + b" " * 15, b"(1" + b"0" * 15 + b",), }")
    assert (len(data), data == found) == (len(found), False)
    with pytest.raises(MemoryError):
        np.load(BytesIO(data))
    (tmp_path / "dual.npy").write_bytes(data)
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps(plan | told), encoding="utf-8")
    assert recount(tmp_path) == ["unreadable"]


def test_a_store_whose_digests_were_made_again_is_damaged_all_the_same(tmp_path, monkeypatch):
    blob = HEADER.pack(MAGIC, 1, 4547) + DEEP_WKB
    with pytest.raises(ValueError, match=r"wkb\.depth"):
        decode([None, blob])
    with begun(tmp_path / "a.plans.gpkg") as store:
        real = versions.unpack_layer
        monkeypatch.setattr(
            versions,
            "unpack_layer",
            lambda about, rows: real(about, [replace(row, geom=blob) for row in rows]),
        )
        with pytest.raises(Damaged):
            store.read_version(LI, "donghu")


CALLS: dict[str, set[str]] = {
    "from_wkb": {"core/bounded/wkb.py", "io/vectors/shapes.py", "editing/result_file.py"},
    "from_wkt": {
        "core/bounded/text.py",
        "coverage/window.py",
        "editing/result_file.py",
        "report/geotiff.py",
    },
    "from_geojson": set(),
}
"""What decodes geometries and systems, and the modules that may call it.

`kept.py` reads the cache that the same user wrote, `geotiff.py` and
`window.py` a system that they just wrote.
"""


def test_nothing_else_decodes_geometries():
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in nodes_of(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                known = CALLS.get(node.func.attr)
                assert known is None or name in known, f"{name}:{node.lineno}"
                unpickles = any(key.arg == "allow_pickle" and getattr(key.value, "value", 1)
                                for key in node.keywords)  # fmt: skip
                assert not unpickles, f"{name}:{node.lineno}"
