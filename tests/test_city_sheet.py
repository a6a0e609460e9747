"""CSV files are read exactly, or refused with the line that is wrong."""

from __future__ import annotations

import csv as csv_module
import io
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.io.tables import sheet as sheet_module
from civicsight.io.tables import text_files
from civicsight.io.tables.sheet import read_csv
from tests.city_made import write
from tests.drawn import is_unspoilt


def refused(path):
    with pytest.raises(InputError) as caught:
        read_csv(path)
    return caught.value.faults


def test_a_byte_order_mark_and_any_line_end(tmp_path):
    path = write(tmp_path / "a.csv", "\ufeffid, name \r\n1,x\r2,y\n\n,\n3,z\n")
    sheet = read_csv(path)
    assert sheet.header == ["id", "name"]
    assert [row["id"] for row in sheet.rows] == ["1", "2", "3"]
    assert sheet.where == ["row 2", "row 3", "row 6"]


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("id,id\n1,2\n", "csv.header", "row 1"),
        ("id,name\n", "csv.empty", ""),
        ('id,name\n1,a\n2,"open\n3,b\n', "csv.quote", "row 3"),
        ('id,name\n1,"a"b\n', "csv.quote", "row 2"),
        ("id,name\n1,a\x00b\n", "csv.nul", "row 2"),
    ],
)
def test_broken_tables_are_refused(tmp_path, text, code, where):
    fault = refused(write(tmp_path / "a.csv", text))[0]
    assert (fault.code, fault.where) == (code, where)


@pytest.mark.parametrize(
    ("text", "where"), [("id,name\n1,a,b\n2,c\n", "row 2"), ("id,name\n1\n2,c\n", "row 2")]
)
def test_rows_of_another_length_are_named(tmp_path, text, where):
    """They are left out, never shifted into other columns; the others stay readable."""
    sheet = read_csv(write(tmp_path / "a.csv", text))
    assert [(fault.code, fault.where) for fault in sheet.faults] == [("csv.ragged_row", where)]
    assert sheet.rows == [{"id": "2", "name": "c"}]


def test_a_column_without_a_name_is_called_by_its_position(tmp_path):
    sheet = read_csv(write(tmp_path / "a.csv", "id,\n1,2\n"))
    assert sheet.header == ["id", "column 2"]
    assert "column 2" in str(sheet.notes[0])


def test_a_table_above_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_module, "MAX_BYTES", 10)
    (fault,) = refused(write(tmp_path / "a.csv", "id,name\n1,abcdef\n"))
    assert (fault.code, fault.found) == ("file.too_large", "17 bytes")


def test_an_endless_cell_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "MAX_CELL", 10)
    (fault,) = refused(write(tmp_path / "a.csv", "id,name\n1,abcdefghijkl\n"))
    assert (fault.code, fault.where) == ("csv.quote", "row 2")


CONTROLS = "".join(map(chr, {*range(32), 127, 0xFFFE, 0xFFFF} - {9, 10, 13}))
"""Characters that are taken out of any text, and counted."""

MARKED_AS_TEXT = re.compile(r"""\s*(['‘’＇][\d=+@-]|="[^"]*"\s*$)""")
"""How spreadsheet programs mark a text that would be a number or a formula: read without it."""

CELL = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters=CONTROLS), max_size=8
).filter(lambda text: is_unspoilt(text) and not MARKED_AS_TEXT.match(text))


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_what_a_writer_wrote_is_read(tmp_path_factory, rows):
    """A table written by another program comes back cell by cell, but for outer blanks.

    A row that is no record, as one of units below the header, is named in a note instead.
    """
    buffer = io.StringIO(newline="")
    writer = csv_module.writer(buffer, quoting=csv_module.QUOTE_ALL)
    writer.writerows([("id", "name"), *rows, ("last", "row")])
    path = write(tmp_path_factory.mktemp("csv") / "a.csv", buffer.getvalue())
    kept = [row for row in (*rows, ("last", "row")) if any(cell.strip() for cell in row)]
    sheet = read_csv(path)
    assume(not any("left out" in str(note) for note in sheet.notes))
    assert [(row["id"] or "", row["name"] or "") for row in sheet.rows] == [
        (a.strip(), b.strip()) for a, b in kept
    ]
