"""The encoding of a Shapefile is what is declared, else named, else what all its text reads as."""

from __future__ import annotations

import struct

import pytest

from civicsight.core.errors import InputError
from civicsight.io.vectors.shapefile import codec_of, common_share, find_encoding, read_table
from civicsight.io.vectors.vector import read_vector
from tests.bad_input import made_layers as made


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("GBK", "gb18030"), ("gb2312", "gb18030"), ("CP936", "gb18030"), ("936", "gb18030"),
        ("ANSI 936", "gb18030"), ("UTF-8", "utf-8"), ("65001", "utf-8"), ("Big5", "cp950"),
        ("ISO-8859-1", "iso8859-1"), ("88591", "iso8859-1"), ("1252", "cp1252"),
        ("ANSI 1252", "cp1252"), ("nonsense", None), ("hex", None), ("a\x00b", None), ("", None),
    ],
)  # fmt: skip
def test_names_of_encodings(name, codec):
    assert codec_of(name) == codec


@pytest.mark.parametrize("cpg", ["GBK", "936", "ANSI 936", "LDID/77", "\ufeffgbk\n"])
def test_a_cpg_is_believed_in_any_spelling(tmp_path, cpg):
    path = made.shapefile(encoding="gbk")(tmp_path)
    (tmp_path / "houses.cpg").write_text(cpg, encoding="utf-8")
    vector = read_vector(path)
    assert vector.frame["name"].tolist() == ["东楼", "西楼"]
    assert vector.encoding == "GB18030"
    assert ".cpg" in str(vector.notes[0])


def with_driver(folder, byte):
    data = bytearray((folder / "houses.dbf").read_bytes())
    data[29] = byte
    (folder / "houses.dbf").write_bytes(bytes(data))
    (folder / "houses.cpg").unlink()


@pytest.mark.parametrize("byte", [0x4D, 0x7A])
def test_the_driver_byte_is_believed(tmp_path, byte):
    path = made.shapefile(lambda folder: with_driver(folder, byte), encoding="gbk")(tmp_path)
    vector = read_vector(path)
    assert vector.frame["name"].tolist() == ["东楼", "西楼"]
    assert ".dbf" in str(vector.notes[0])


@pytest.mark.parametrize(("encoding", "shown"), [("gbk", "GB18030"), ("utf-8", "UTF-8")])
@pytest.mark.parametrize("byte", [0x00, 0x57])
def test_a_byte_that_says_nothing_leaves_it_to_the_text(tmp_path, encoding, shown, byte):
    path = made.shapefile(lambda folder: with_driver(folder, byte), encoding=encoding)(tmp_path)
    vector = read_vector(path)
    assert vector.frame["name"].tolist() == ["东楼", "西楼"]
    assert vector.encoding == shown


def test_a_byte_that_the_text_contradicts_is_refused(tmp_path):
    path = made.shapefile(lambda folder: with_driver(folder, 0x03), encoding="gbk")(tmp_path)
    with pytest.raises(InputError) as caught:
        read_vector(path)
    fault = caught.value.faults[0]
    assert (fault.code, fault.field) == ("shapefile.encoding", "LDID 0x03")


def test_accents_that_are_named_are_read(tmp_path):
    path = made.shapefile(names=("Müller", "Café"), encoding="latin-1")(tmp_path)
    (tmp_path / "houses.cpg").write_text("ISO-8859-1")
    assert read_vector(path).frame["name"].tolist() == ["Müller", "Café"]


def test_the_share_of_common_characters():
    assert common_share("abc") == 1
    assert common_share("东楼") == 1
    assert common_share("M黮ler") == 0


def test_plain_ascii_needs_no_sentence(tmp_path):
    path = made.shapefile(made.without(".cpg"), ("a", "b"))(tmp_path)
    assert read_vector(path).notes == ()


@pytest.mark.parametrize("cut", [3, 20, 40, 70, -30])
def test_a_cut_table_is_refused(tmp_path, cut):
    path = made.shapefile()(tmp_path)
    dbf = tmp_path / "houses.dbf"
    dbf.write_bytes(dbf.read_bytes()[:cut])
    with pytest.raises(InputError) as caught:
        read_vector(path)
    assert caught.value.faults[0].code == "file.damaged"


def test_suffixes_in_capitals_belong_together(tmp_path):
    made.shapefile()(tmp_path)
    for file in list(tmp_path.iterdir()):
        file.rename(file.with_suffix(file.suffix.upper()))
    assert read_vector(tmp_path / "houses.SHP").frame["name"].tolist() == ["东楼", "西楼"]


def test_a_declared_encoding_beats_the_text(tmp_path):
    made.shapefile(made.without(".cpg"), encoding="gbk")(tmp_path)
    table = read_table(tmp_path / "houses.dbf")
    assert find_encoding(table, {}, "gbk", "a").name == "gb18030"
    with pytest.raises(InputError):
        find_encoding(table, {}, "utf-8", "a")


def test_rows_that_are_struck_out_are_counted_and_fields_stay_in_their_row(tmp_path):
    """GDAL leaves out the first, and all attributes where fields reach out of their row."""
    made.shapefile()(tmp_path)
    table = tmp_path / "houses.dbf"
    content = bytearray(table.read_bytes())
    head = int.from_bytes(content[8:10], "little")
    content[head] = ord("*")
    table.write_bytes(content)
    found = read_vector(tmp_path / "houses.shp")
    assert found.frame["name"].tolist() == ["西楼"]
    assert [(count.code, count.number) for count in found.left] == [("excluded.struck", 1)]
    content[32 + 16] = 255
    table.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_vector(tmp_path / "houses.shp")
    assert caught.value.faults[0].code == "file.damaged"


def test_a_head_without_fields_is_refused(tmp_path):
    path = made.shapefile()(tmp_path)
    (tmp_path / "houses.dbf").write_bytes(
        b"\x03" + bytes(3) + struct.pack("<IHH", 2, 33, 1) + bytes(20) + b"\x0d" + b"  "
    )
    with pytest.raises(InputError):
        read_vector(path)
