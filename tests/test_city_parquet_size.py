"""What a Parquet file takes in memory, told by its pages; files that say less are not decoded."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from civicsight.core.errors import CivicsightError, InputError
from civicsight.io.vectors.database import CELL_BYTES
from civicsight.io.vectors.parquet import LEVEL_BYTES, decoded_bytes
from civicsight.io.vectors.vector import read_vector

N = 10_000
GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
}
TEXTS = ["x" * 300] * N, [f"text {k}" for k in range(N)], [None, "ab"] * (N // 2)
WRITERS = [
    {},
    {"data_page_version": "2.0"},
    {"compression": "zstd"},
    {"use_dictionary": False},
    {"use_dictionary": False, "compression": "none", "data_page_size": 4_000},
    {"row_group_size": 1_500},
]


def write(path, columns, **options):
    """Write columns with a geometry beside them."""
    point = shapely.to_wkb(shapely.Point(115.86, 28.68))
    rows = len(next(iter(columns.values())))
    table = pa.table({**columns, "geometry": pa.repeat(pa.scalar(point), rows)})
    table = table.replace_schema_metadata({"geo": json.dumps(GEO)})
    parquet.write_table(table, path, **options)
    return path


def size_of(path, limit=10**15):
    return decoded_bytes(path, parquet.read_metadata(path), limit)


@pytest.mark.parametrize("options", WRITERS, ids=str)
def test_texts_are_counted_as_long_as_they_are(tmp_path, options):
    """The oracle adds up lengths; pages of dictionaries may come on top, the texts never twice."""
    columns = {f"t{number}": pa.array(texts) for number, texts in enumerate(TEXTS)}
    path = write(tmp_path / "a.parquet", columns, **options)
    real = sum(len(text) for texts in TEXTS for text in texts if text) + 21 * N
    cells = 4 * N * CELL_BYTES
    found = size_of(path, real + cells + 2 * path.stat().st_size + 500_000)
    assert real + cells <= found <= real + cells + 500_000


@pytest.mark.parametrize("options", WRITERS, ids=str)
def test_numbers_are_counted_whatever_their_pages_are(tmp_path, options):
    columns = {"a": pa.array(np.zeros(N)), "b": pa.array(np.arange(N, dtype=np.int32))}
    with_texts = size_of(write(tmp_path / "a.parquet", columns, **options))
    without = size_of(write(tmp_path / "b.parquet", {"a": columns["a"]}, **options))
    assert with_texts - without == N * (8 + LEVEL_BYTES)


@pytest.mark.parametrize("column", [
    pa.array([{"p": "y" * 100, "q": [{"z": "w" * 50}] * 2}] * N),
    pa.array([[("k", "v" * 200)]] * N, pa.map_(pa.string(), pa.string())),
    pa.array(["v" * 200] * N).dictionary_encode(), pa.array([b"v" * 200] * N),
    pa.array(["v" * 200] * N, pa.large_string()),
])  # fmt: skip
def test_texts_inside_of_others_are_counted(tmp_path, column):
    path = write(tmp_path / "a.parquet", {"a": column})
    assert 200 * N <= size_of(path, 5_000_000) <= 200 * N + 6 * N * CELL_BYTES
    assert len(read_vector(path).frame) == N


def refused(path):
    with pytest.raises(InputError) as caught:
        read_vector(path)
    return caught.value.faults[0]


def test_the_limit_is_that_of_the_settings(tmp_path, monkeypatch):
    path = write(tmp_path / "a.parquet", {"a": pa.array(["v" * 200] * N)})
    monkeypatch.setenv("CIVICSIGHT_READ_MEMORY", "2")
    fault = refused(path)
    assert fault.code == "file.too_large"
    assert "CIVICSIGHT_READ_MEMORY" in str(fault)
    monkeypatch.setenv("CIVICSIGHT_READ_MEMORY", "4")
    assert len(read_vector(path).frame) == N


PEAK = """
import resource, sys
import pyarrow.parquet
from civicsight.io.vectors.vector import read_vector
from civicsight.core.errors import InputError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_vector(sys.argv[1])
except InputError as error:
    print(error.faults[0].code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def same_numbers(rows):
    column = pa.array(np.zeros(rows))
    return {f"n{number}": column for number in range(130)}


def same_text(rows):
    return {"t": pa.repeat(pa.scalar("x" * 20_000), rows)}


def same_beginning(rows):
    return {"t": pa.array(["x" * 20_000 + str(k) for k in range(rows)])}


@pytest.mark.parametrize(("columns", "rows", "options"), [
    pytest.param(same_numbers, 2_000_000, {}, marks=pytest.mark.slow),
    pytest.param(same_text, 100_000, {"write_statistics": False}, marks=pytest.mark.slow),
    (same_beginning, 3_000, {"use_dictionary": False, "data_page_size": 100 << 20,
                             "column_encoding": {"t": "DELTA_BYTE_ARRAY"}}),
])  # fmt: skip
def test_a_small_file_never_takes_all_memory(tmp_path, columns, rows, options, monkeypatch):
    """Files of less than a megabyte that decode to gigabytes: less than 200 MB are taken."""
    path = write(tmp_path / "a.parquet", columns(rows), **options)
    assert path.stat().st_size < 1_200_000
    if rows < 10_000:
        monkeypatch.setenv("CIVICSIGHT_READ_MEMORY", "50")
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    found, taken_kb = run.stdout.split()
    assert found == "file.too_large"
    assert int(taken_kb) < 200_000


def test_too_many_columns_are_refused(tmp_path):
    path = write(tmp_path / "a.parquet", {f"n{k}": pa.array([1]) for k in range(2_001)})
    assert refused(path).code == "file.too_large"


def test_a_damaged_file_is_a_refusal_and_never_a_fault_of_ours(tmp_path):
    frame = gpd.GeoDataFrame(
        {"n": np.arange(50), "t": [f"text {k % 3}" for k in range(50)]},
        geometry=shapely.points(np.linspace(115, 116, 50), 28.5),
        crs=4326,
    )
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    data = path.read_bytes()
    dice = random.Random(20_261_128)
    refusals = []
    for turn in range(300):
        changed = bytearray(data)
        for _ in range(dice.choice((1, 4, 20))):
            changed[dice.randrange(4, len(data))] = dice.randrange(256)
        path.write_bytes(changed if turn % 6 else data[: dice.randrange(10, len(data))])
        try:
            read_vector(path)
        except CivicsightError as error:
            refusals.append(str(error))
    assert len(refusals) > 50
    assert not [text for text in refusals if str(tmp_path) in text]
