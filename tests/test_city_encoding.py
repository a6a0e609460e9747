"""Bytes become text in the encoding they are in, or nothing at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.io.tables.text_files import decode

TEXT = "编号,名称,经度\n1,东门广场,115.9\n2,滕王阁西侧路口,115.8\n"


def fault_of(data, declared=None):
    with pytest.raises(InputError) as caught:
        decode(data, "a.csv", declared)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    ("codec", "mark", "name"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8 BOM"),
        ("utf-16-le", b"\xff\xfe", "UTF-16 LE"),
        ("utf-16-be", b"\xfe\xff", "UTF-16 BE"),
        ("utf-16-le", b"", "UTF-16 LE"),
        ("utf-16-be", b"", "UTF-16 BE"),
        ("utf-32-le", b"\xff\xfe\x00\x00", "UTF-32 LE"),
        ("gb18030", b"", "GB18030"),
        ("gbk", b"", "GB18030"),
    ],
)
def test_the_stated_order(codec, mark, name):
    found = decode(mark + TEXT.encode(codec), "a.csv")
    assert (found.text, found.encoding, found.notes) == (TEXT, name, ())


def test_characters_of_four_bytes():
    text = TEXT + "3,\U00020bb7野家\u3400\n"
    assert decode(text.encode("gb18030"), "a.csv").text == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("시설,카메라대수,위도,경도,경기도 성남시 분당구 서현로\n", "cp949"),
        ("Lokacija;Šubićeva\nMartićeva;1\n", "cp1250"),
        ("имя,Москва улица Тверская\n", "cp1251"),
        ("編號,名稱,經度,緯度,臺北市信義區\n", "big5"),
        ("番号,なまえ,ところ\n", "cp932"),
        ("id,name\n1,Café à côté\n", "latin-1"),
    ],
)
def test_other_encodings_are_declared_and_never_guessed(text, codec):
    data = text.encode(codec)
    fault = fault_of(data)
    assert fault.code == "csv.encoding"
    assert fault.where.startswith("row ")
    assert "0x" in fault.found
    assert decode(data, "a.csv", codec).text == text


def test_mixed_encodings_name_line_and_byte():
    mostly_utf8 = TEXT.encode() + "3,八一桥\n".encode("gbk")
    position = len(TEXT.encode()) + 2
    fault = fault_of(mostly_utf8)
    assert (fault.code, fault.where) == ("csv.mixed_encodings", "row 4")
    assert fault.found == f"0x{mostly_utf8[position]:02x} @ {position}"
    mostly_gbk = TEXT.encode("gbk") + "3,八一桥头\n".encode()
    fault = fault_of(mostly_gbk)
    assert (fault.code, fault.where) == ("csv.mixed_encodings", "row 4")


def test_gbk_is_never_read_as_latin_letters():
    """Neither where somebody declares it so nor where an earlier program already did it."""
    data = TEXT.encode("gbk")
    for declared in ("latin-1", "cp1252"):
        assert fault_of(data, declared).code in {"csv.mojibake", "csv.encoding"}
    assert fault_of(data.decode("latin-1").encode("utf-8")).code == "csv.mojibake"


@pytest.mark.parametrize("name", ["rot13", "zip", "hex", "idna", "klingon", "utf-7", "a\x00b", "é"])
def test_a_codec_that_no_table_is_in_is_refused(name):
    assert fault_of(b"id,name\n1,a\n", name).code == "encoding.unknown"


def test_a_declared_encoding_that_does_not_fit_is_refused():
    fault = fault_of(TEXT.encode("gbk"), "utf-8")
    assert (fault.code, fault.where) == ("csv.encoding", "row 1")
    assert "UTF-8" in str(fault.expected)


def test_text_with_zero_bytes_is_refused():
    assert fault_of(b"id,name\n1,a\x00b\n").code == "csv.nul"


def test_characters_that_were_lost_before_are_told():
    found = decode("id,name\n1,a\ufffdb\n".encode(), "a.csv")
    assert "1 characters were lost" in str(found.notes[0])


def test_latin_letters_that_belong_there_are_kept():
    text = "id,name\n1,Zürich Straße\n2,Århus\n3,Łódź\n"
    assert decode(text.encode(), "a.csv").text == text


def text_of(data, declared=None):
    """Return the text, or the codes of the faults."""
    try:
        return decode(data, "a.csv", declared).text, set()
    except InputError as error:
        return None, {fault.code for fault in error.faults}


@given(st.binary(max_size=200), st.sampled_from([None, "gbk", "cp949", "utf-16", "latin-1"]))
@example(b"\xff\xfe\x00\xd8", None)
@example(b"\x00\x00", None)
def test_any_bytes_give_text_or_a_fault(data, declared):
    text, codes = text_of(data, declared)
    assert bool(codes) == (text is None)
    assert "\x00" not in (text or "")


@given(st.text("路口东西南北中人民广场监控点位摄像机一二三四五六", min_size=12, max_size=40))
def test_chinese_comes_back_from_gbk(words):
    """Common words decode to themselves, or are refused where they look like another language."""
    wanted = f"名称\n{words}\n"
    text, codes = text_of(wanted.encode("gbk"))
    assert text == wanted or codes == {"csv.encoding"}
