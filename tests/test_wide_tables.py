"""A table has as many columns as tables of offices have; one with more is refused at once."""

from __future__ import annotations

import timeit

import numpy as np
import pytest

from civicsight.core.errors import InputError
from civicsight.io.tables import text_files
from civicsight.io.tables.layout import count_known, lay_out
from civicsight.io.tables.sheet import known_words
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.text_files import MAX_COLUMNS
from tests.city_made import write
from tests.workbooks import make_workbook

FAR = 200_000
KNOWN = count_known(known_words())


def wide(columns: int, rows: int = 2) -> str:
    """Return a table with so many columns, the first three those of a camera."""
    names = ["id", "lon", "lat", *(f"attribute {n}" for n in range(columns - 3))]
    cells = [[str(row), "115.9", "28.7", *["1"] * (columns - 3)] for row in range(rows)]
    return "\n".join(",".join(line) for line in (names, *cells)) + "\n"


def test_200_000_columns_are_refused_before_a_row_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "wide.csv", wide(FAR))
    read = []
    lines = text_files._lines
    monkeypatch.setattr(
        text_files, "_lines", lambda *a: (read.append(line) or line for line in lines(*a))
    )
    with pytest.raises(InputError) as caught:
        read_sheet(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.found, fault.where) == ("csv.too_wide", str(FAR), "row 1")
    assert str(MAX_COLUMNS) in str(fault.expected)
    assert len(read) == 1, "the rows below the header were read for nothing"


def test_the_remedy_of_a_wide_table_works(tmp_path):
    text = wide(MAX_COLUMNS + 1)
    with pytest.raises(InputError):
        read_sheet(write(tmp_path / "wide.csv", text))
    kept = "\n".join(",".join(line.split(",")[:5]) for line in text.splitlines())
    assert len(read_sheet(write(tmp_path / "kept.csv", kept)).header) == 5


def test_a_table_at_the_limit_is_read(tmp_path):
    assert len(read_sheet(write(tmp_path / "a.csv", wide(MAX_COLUMNS))).header) == MAX_COLUMNS


def test_empty_columns_behind_a_table_count_for_nothing(tmp_path):
    text = "id,lon,lat" + "," * 5_000 + "\n1,115.9,28.7" + "," * 5_000 + "\n"
    assert read_sheet(write(tmp_path / "a.csv", text)).header == ["id", "lon", "lat"]


def test_a_workbook_is_held_to_the_same_number(tmp_path):
    header = ["id", "lon", "lat", *(f"attribute {n}" for n in range(MAX_COLUMNS))]
    with pytest.raises(InputError) as caught:
        read_sheet(make_workbook(tmp_path / "a.xlsx", [header, [1, 115.9, 28.7]]))
    assert [fault.code for fault in caught.value.faults] == ["csv.too_wide"]


@pytest.mark.slow
def test_the_time_for_a_table_grows_as_its_columns_do(monkeypatch):
    """Four doublings of the columns: 540 s for 200,000 were the square of what 1,000 took."""
    monkeypatch.setattr(text_files, "MAX_COLUMNS", 1 << 30)
    sizes = [2_000 << doubling for doubling in range(5)]
    took = []
    for size in sizes:
        records = [(n + 1, line.split(",")) for n, line in enumerate(wide(size).splitlines())]
        took.append(
            min(timeit.repeat(lambda r=records: lay_out(r, "a.csv", KNOWN), number=1, repeat=3))
        )
    slope = np.polyfit(np.log(sizes), np.log(took), 1)[0]
    assert slope <= 1.4, dict(zip(sizes, took, strict=True))
