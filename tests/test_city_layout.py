"""The table is found on its page, whatever stands around it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.io.source_options import Declared
from civicsight.io.tables import text_files
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.tables.layout import count_known
from civicsight.io.tables.sheet import known_words, read_csv
from civicsight.io.tables.source import read_sheet
from civicsight.io.tables.synonyms import normal
from civicsight.io.tables.text_files import find_separator
from civicsight.model import CAMERAS
from tests.city_made import METRIC, write

KNOWN = count_known(known_words())
CORPUS = sorted((Path(__file__).parent / "corpus" / "tables").glob("*.csv"))


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("id,lon,lat\n1,2,3\n", ","),
        ("id;lon;lat\n1;115,9;28,6\n", ";"),
        ("id\tlon\tlat\n1\t2\t3\n", "\t"),
        ("id|lon|lat\n1|2|3\n", "|"),
        ("Cameras, all of them, as of May\nid;lon;lat\n1;2;3\n", ";"),
        ("Lokacija;Broj;Godina\nA, b, c;1;2\n", ";"),
    ],
)
def test_separators(text, separator):
    assert find_separator(text, KNOWN) == separator


def test_titles_above_the_header_are_named(tmp_path):
    text = "Inventory,,\nas of,2026,\n,,\nid,lon,lat\n1,2,3\n"
    sheet = read_csv(write(tmp_path / "a.csv", text))
    assert (sheet.header, sheet.where) == (["id", "lon", "lat"], ["row 5"])
    assert "row 4 were left out: Inventory | as of" in str(sheet.notes[0])


def test_words_in_the_rows_do_not_make_a_header(tmp_path):
    sheet = read_csv(write(tmp_path / "a.csv", "a,b\nheight,k\nl,z\n"))
    assert sheet.header == ["a", "b"]


def test_a_table_that_is_pasted_beside_is_left_out(tmp_path):
    text = "id,lon,lat,,,,total,total\n1,2,3,,,,4,4\n2,3,4,,,,,\n"
    sheet = read_csv(write(tmp_path / "a.csv", text))
    assert sheet.header == ["id", "lon", "lat"]
    assert any("column 7, column 8" in str(note) for note in sheet.notes)


def test_empty_columns_at_the_end_are_left_out(tmp_path):
    sheet = read_csv(write(tmp_path / "a.csv", "id,lon,lat,,\n1,2,3,,\n2,3,4,,\n"))
    assert sheet.header == ["id", "lon", "lat"]


def test_cells_beyond_the_header_are_columns_where_most_rows_have_them(tmp_path):
    sheet = read_csv(write(tmp_path / "a.csv", "id,name\n1,a,5,6\n2,b,7,8\n"))
    assert sheet.header == ["id", "name", "column 3", "column 4"]
    assert sheet.faults == ()


def test_too_many_rows_cost_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "MAX_ROWS", 3)
    with pytest.raises(InputError) as caught:
        read_csv(write(tmp_path / "a.csv", "id,name\n" + "1,a\n" * 5))
    assert caught.value.faults[0].code == "csv.too_many"


@pytest.mark.parametrize(("name", "limit"), [("MAX_CELLS", 5), ("MAX_LINE", 20)])
def test_limits(tmp_path, monkeypatch, name, limit):
    monkeypatch.setattr(text_files, name, limit)
    with pytest.raises(InputError) as caught:
        read_csv(write(tmp_path / "a.csv", "id,name\n1,a\n2,bbbbbbbbbbbbbbbbbbbbbbbbb\n"))
    assert caught.value.faults[0].code in {"csv.too_many", "csv.long_line"}
    assert caught.value.faults[0].where == "row 3"


def attempt(path, declared=None):
    """Return the table of an inventory, or None where it is refused."""
    try:
        table, _ = read_cameras(path, crs=METRIC, keep_good=True, declared=declared or Declared())
    except InputError as error:
        faults = error.faults
    else:
        CAMERAS.check(table)
        return table
    wrong = [fault for fault in faults if not fault.file or not str(fault.expected)]
    assert not wrong
    return None


BYTES = st.binary(max_size=120) | st.text(max_size=60).map(
    lambda text: text.encode("utf-8", "surrogatepass")
)
CELLS = st.sampled_from(
    ["", "115.86", "28.68", "A1", "NE", "全向", "约5m", "１２", '"', "=1", "0", "-", "1e9", "球机"]
) | st.text(max_size=5)  # fmt: skip
HEADERS = st.sampled_from(
    ["id", "lon", "lat", "x", "y", "height", "direction", "type", "cameras", "datum", "tags", ""]
)


@given(BYTES, st.sampled_from([None, "gbk", "utf-16", "cp949"]))
@example(b"id,lon,lat\n1,2,\x00\n", None)
@example(b"\xff\xfeA\x00", None)
@example(b"PK\x03\x04", None)
def test_any_bytes_are_an_inventory_or_refused(tmp_path_factory, data, encoding):
    path = tmp_path_factory.mktemp("bytes") / "a.csv"
    path.write_bytes(data)
    attempt(path, Declared(encoding=encoding))


@given(
    st.lists(HEADERS, min_size=1, max_size=7),
    st.lists(st.lists(CELLS, min_size=1, max_size=7), max_size=5),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_any_table_is_an_inventory_or_refused(tmp_path_factory, header, rows, separator):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    lines = [separator.join(cells) for cells in (header, *rows)]
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    attempt(path)


@pytest.mark.slow
@settings(max_examples=5_000)
@given(
    st.lists(HEADERS, min_size=3, max_size=8),
    st.lists(st.lists(CELLS, min_size=1, max_size=8), max_size=8),
)
def test_many_more_tables(tmp_path_factory, header, rows):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    lines = [",".join(cells) for cells in (header, *rows)]
    path.write_bytes(os.linesep.join(lines).encode("utf-8", "replace"))
    attempt(path)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_was_once_found(path):
    """Every file that a search found and that was mended since."""
    attempt(path)
    try:
        read_sheet(path)
    except InputError as error:
        assert error.faults  # noqa: PT017 - refusing is as good as reading


@pytest.mark.parametrize("bracket", ["(", "[", "【"])
def test_a_row_of_open_brackets_is_looked_through_once(bracket, tmp_path):
    """A million of them would take hours if each began a search of its own."""
    assert normal(bracket * 1_000_000 + "x") == bracket * 1_000_000 + "x"
    path = tmp_path / "c.csv"
    path.write_text(f"id,lon,lat,{bracket * 50_000}\nc,115.9,28.6,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="column names of at most 1000 characters") as refused:
        read_cameras(path)
    assert len(str(refused.value)) < 500


def test_remarks_in_brackets_are_left_out_of_names():
    assert normal("高度（单位：米）") == normal("高度")
    assert normal("Height [m] (above ground)") == normal("Height")
