"""What crosses to a reading process comes back as it was, and what is none of it is refused."""

from __future__ import annotations

import json
import struct
import tracemalloc
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from pyproj import CRS

from civicsight.core.errors import CrsError, Fault, InputError, PackError, SchemaError, Text
from civicsight.core.i18n import LANGUAGES
from civicsight.io.apart.codec import message, pack, unpack, value_of
from civicsight.io.rasters.surface import SurfaceOptions
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import ColumnMapping, Corrections, Declared
from civicsight.model.notes import Note
from civicsight.model.provenance import Provenance
from civicsight.model.terrain import Terrain

LIMIT = 10_000_000
UTM = CRS(32635)
NESTED = Text("%(what)s: %(value)s", {"what": Text("roads"), "value": {"zh": "a", "en": "b"}})
FAULT = Fault("a.b", "file.csv", "row 3", "height", "-1", Text("a height"), NESTED)
NOTE = Note("rows.refused", NESTED, 2, ("row 3",), "roads", "file.csv")
REPORT = ImportReport(
    "file.csv", "roads", 3, 2, (Count("excluded.x", Text("left out"), 1),), (FAULT,), (FAULT,) * 2,
    (NOTE,), "UTF-8", "EPSG:4326", (ImportReport("a", "b"),), (FAULT,), ("x",), "bd09",
    {"row 3": ("c1", "c1#2")},
)  # fmt: skip

VALUES = [
    None, True, 3, -(10**30), 0.1, "text", "\ud800", "\x00\n", [1, [2.5]], (1, (2, "a")), {"a": {}},
    {"$": "float", "is": "1"}, {1: "a", (2, 3): None}, {"a", "b"}, frozenset({("a", "b")}),
    b"\x00\xff", Path("/a/b.csv"), pd.Timestamp("2026-03-01 10:00"), np.float32(0.1), np.int64(3),
    np.bool_(True), NESTED, FAULT, REPORT, Provenance("roads", "a.csv", counts=(("x", 1),)),
    Declared("gcj02", UTM, "gb18030", "1", "true"),
    Corrections({"row 3": {"height": "4.5"}}, "Li"),
    ColumnMapping({"a": "b"}, {"kind": {"ptz": ("x",)}}),
    SurfaceOptions("buildings", step_m=3.0), Count("a", Text("b"), 1), UTM,
    shapely.Point(1, 2, 3), shapely.Polygon(), shapely.box(0, 0, 1, 1),
]  # fmt: skip


def there_and_back(value: object) -> object:
    packed = pack(value)
    return unpack(packed.text, packed.beside, limit=LIMIT)


@pytest.mark.parametrize(
    "value", VALUES, ids=lambda value: repr(sorted(value) if isinstance(value, set) else value)[:40]
)
def test_a_value_comes_back_as_it_was(value):
    found = there_and_back(value)
    assert type(found) is type(value)
    assert found == value


def test_a_report_reads_the_same_in_both_languages():
    found = there_and_back(REPORT)
    for language in LANGUAGES:
        assert found.summary(language) == REPORT.summary(language)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_json_lacks_come_back(number):
    assert np.array_equal(there_and_back({"a": [number]})["a"], [number], equal_nan=True)


def test_ground_comes_back_cell_for_cell(rng):
    ground = Terrain(np.where(rng.random((7, 5)) < 0.2, np.nan, rng.random((7, 5))), 3.0, 4.0, 2.0)
    found = there_and_back(ground)
    assert np.array_equal(found.z, ground.z, equal_nan=True)
    assert (found.x0, found.y0, found.step) == (3.0, 4.0, 2.0)


FRAMES = {
    "plain": pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": [True, False]}, index=["x", "y"]),
    "empty": pd.DataFrame(index=["x"], columns=pd.Index([], dtype=object)),
    "no rows": pd.DataFrame({"a": pd.Series(dtype=object), "b": pd.Series(dtype=float)}),
    "objects": pd.DataFrame({"a": [{"a": 1}, None], "b": [True, None], "c": ["a", np.nan]},
                            dtype=object),
    "types": pd.DataFrame({"u": np.array([1, 2], "uint8"), "f": np.array([1, 2], "float32"),
                           "t": pd.to_datetime(["2026-03-01", None])}),
    "labels": pd.DataFrame({"a": [1, 2, 3]}, index=pd.Index([3, 1, 2], name="number")),
    "names": pd.DataFrame({"a": ["x", "\n"], "b": pd.array(["x", None], dtype="str")}),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_a_table_comes_back_with_its_types(name):
    frame = FRAMES[name]
    found = there_and_back(frame)
    assert_frame_equal(found, frame, check_exact=True, check_column_type=True)
    for column in frame:
        assert list(map(type, found[column])) == list(map(type, frame[column]))


def test_shapes_come_back_with_their_system():
    shapes = [shapely.Point(1, 2), None, shapely.Point(), shapely.box(0, 0, 1, 1)]
    frame = gpd.GeoDataFrame({"a": [1, 2, 3, 4]}, geometry=shapes, crs=UTM)
    assert_geodataframe_equal(there_and_back(frame), frame)
    bare = frame.set_crs(None, allow_override=True)
    assert there_and_back(bare).crs is None
    series = frame.geometry
    found = there_and_back(series)
    assert found.crs == UTM
    assert found.geom_equals_exact(series, 0)[[0, 3]].all()


@pytest.mark.parametrize(
    "error",
    [InputError([FAULT]), PackError([FAULT]), SchemaError([FAULT, FAULT]), CrsError("no CRS"),
     CrsError(NESTED), FileNotFoundError(2, "no such file"), PermissionError(13, "not permitted")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_an_error_comes_back_with_all_its_faults(error):
    found = there_and_back(error)
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert getattr(found, "faults", ()) == getattr(error, "faults", ())


@pytest.mark.parametrize(
    "value",
    [object(), date, np.array([{}]), np.array(["a"]), lambda: 1, {"a": object()}, ValueError],
)
def test_what_is_not_listed_does_not_cross(value):
    with pytest.raises(TypeError, match="does not cross"):
        pack(value)


HOSTILE = {
    "another kind": {"$": "Popen", "is": {"args": "x"}},
    "another field": {"$": "Fault", "is": {"code": "a", "shell": "x"}},
    "no mapping": {"$": "Text", "is": {"template": 3, "values": {}}},
    "a width": {"$": "Text", "is": {"template": "%(n)999999999s", "values": {"n": 1}}},
    "a place without value": {"$": "Text", "is": {"template": "%(m)s", "values": {"n": 1}}},
    "another error": {"$": "error", "name": "SystemExit", "is": [1]},
    "deep shapes": {"$": "geometry", "is": "0107000000" + "01000000" * 100_000},
    "a table that is none": {"$": "table", "at": 7},
    "objects in an array": {"$": "array", "type": "|O", "shape": [1], "at": 0},
    "a shape that does not fit": {"$": "array", "type": "<f8", "shape": [10**12], "at": 0},
    "a system that is none": {"$": "crs", "is": "PROJCS["},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_never_sent_is_refused(name):
    with pytest.raises(ValueError, match=r"\w"):
        unpack(json.dumps(HOSTILE[name]), (b"\x00" * 8,), limit=LIMIT)


def test_values_in_each_other_without_end_are_refused():
    with pytest.raises(ValueError, match="deeper"):
        unpack("[" * 1_000 + "]" * 1_000, limit=LIMIT)
    with pytest.raises(MemoryError, match="room"):
        unpack("[" * 100_000 + "]" * 100_000, limit=LIMIT)


def test_a_damaged_table_is_refused(rng):
    """Flip bytes of a stream: it is refused, or read as a table of other numbers."""
    content = message(FRAMES["plain"])
    for _ in range(200):
        damaged = bytearray(content)
        for at in rng.integers(content.index(b"\n") + 1, len(content), 3):
            damaged[at] = rng.integers(256)
        try:
            value_of(damaged, limit=LIMIT)
        except (ValueError, MemoryError):
            continue


def stream(table, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as made:
        made.write_table(table)
    return bytes(sink.getvalue())


def said_of(*columns, rows):
    said = [{"name": name, "how": how, "type": kind} for name, how, kind in columns]
    about = {"columns": said, "labels": None, "rows": rows, "range": [0, rows, 1]}
    return {b"civicsight": json.dumps(about | {"index_name": None}).encode()}


def frame_of(content, limit=LIMIT):
    return unpack('{"$": "table", "at": 0}', (content,), limit=limit)


ZEROS = pa.table(
    {"0": np.zeros(100_000)}, metadata=said_of(("a", "number", "float64"), rows=100_000)
)


def test_a_stream_that_would_grow_is_refused():
    assert len(frame_of(stream(ZEROS))) == 100_000
    packed = stream(ZEROS, compression="zstd")
    assert len(packed) < 5_000
    with pytest.raises(ValueError, match="would grow"):
        frame_of(packed)
    words = ZEROS.set_column(0, "0", pa.array(["a"] * 100_000).dictionary_encode())
    with pytest.raises(ValueError, match="dictionary does not cross"):
        frame_of(stream(words))


def test_columns_that_share_their_bytes_are_refused():
    """Of a hundred columns of other bytes each, all are said to lie where the first does."""
    count, rows = 100, 1_000
    names = [(str(n), "number", "float64") for n in range(count)]
    table = pa.table(
        {str(n): np.full(rows, float(n)) for n in range(count)}, metadata=said_of(*names, rows=rows)
    )
    whole, size = stream(table), 8 * rows
    assert frame_of(whole).iloc[0].tolist() == list(range(count))
    shared = whole
    for n in range(1, count):
        shared = shared.replace(struct.pack("<qq", n * size, size), struct.pack("<qq", 0, size))
    body = whole.index(np.full(rows, 1.0).tobytes())
    assert shared != whole
    small = bytearray(shared)
    length = struct.pack("<q", count * size)
    at = small.rindex(length, 0, body)
    small[at : at + 8] = struct.pack("<q", size)
    with pytest.raises(ValueError, match="would grow"):
        frame_of(bytes(small[: body + size]))


def test_a_table_of_more_cells_than_allowed_is_refused():
    nothing = pa.table(
        {"0": pa.nulls(1_000_000, pa.bool_())},
        metadata=said_of(("a", "nothing", "object"), rows=1_000_000),
    )
    content = stream(nothing)
    assert len(content) < 300_000
    assert len(frame_of(content, limit=20_000_000)) == 1_000_000
    with pytest.raises(MemoryError, match="more than there is room for"):
        frame_of(content, limit=10_000_000)


TABLE_AT = {"$": "table", "at": 0}
TEXTS = pa.table(
    {"0": pa.array(["ab"] * 100_000, pa.large_string())},
    metadata=said_of(("a", "text", "object"), rows=100_000),
)
CELLS = pa.table(
    {"0": pa.array(["[[" + "[]," * 99_999 + "[]]]"], pa.large_string())},
    metadata=said_of(("a", "json", "object"), rows=1),
)
NO_COLUMNS = pa.table({}, metadata=said_of(rows=10**12))
VAST = {
    "lists of nothing": (json.dumps([[]] * 100_000), b""),
    "objects of nothing": (json.dumps([{}] * 100_000), b""),
    "numbers": (json.dumps([7] * 200_000), b""),
    "one table many times": (json.dumps([TABLE_AT] * 100), stream(ZEROS)),
    "one array many times": (
        json.dumps([{"$": "array", "at": 0, "type": "|u1", "shape": [10**6]}] * 10), bytes(10**6)
    ),
    "short texts": (json.dumps(TABLE_AT), stream(TEXTS)),
    "cells of JSON": (json.dumps(TABLE_AT), stream(CELLS)),
    "rows without columns": (json.dumps(TABLE_AT), stream(NO_COLUMNS)),
}  # fmt: skip
"""What is small on the line, and takes more than five megabytes once it is built."""


@pytest.mark.parametrize("name", VAST)
def test_what_would_fill_the_memory_is_not_built(name):
    text, beside = VAST[name]
    assert len(text) + len(beside) < 2_000_000
    tracemalloc.start()
    with pytest.raises(MemoryError, match="more than there is room for"):
        unpack(text, (beside,), limit=5_000_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10_000_000


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"[]\n", b"{}\n", b"[-1]\n", b"[2]\n1", b"[1.5]\n1"]
)
def test_a_message_that_is_none_is_refused(content):
    with pytest.raises(ValueError, match=r"\w"):
        value_of(content, limit=LIMIT)


def test_types_that_are_not_sent_are_refused():
    sink = pa.BufferOutputStream()
    table = pa.table({"0": pa.array([[1], [2]])})
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    with pytest.raises(ValueError, match="list"):
        unpack('{"$": "table", "at": 0}', (sink.getvalue(),), limit=LIMIT)
