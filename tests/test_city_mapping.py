"""A mapping file gives the same reading again, and nothing of it is taken on trust."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.core.errors import InputError
from civicsight.core.i18n import translate
from civicsight.io.source_options import ColumnMapping, Declared
from civicsight.io.tables.column_matching import describe_columns
from civicsight.io.tables.inventory import CAMERA_SCHEMA, read_cameras
from civicsight.io.tables.mapping_file import read_mapping, write_mapping
from civicsight.io.tables.source import read_sheet
from tests.city_made import METRIC, write
from tests.drawn import is_unspoilt

TEXT = (
    "编号,经度,纬度,类型,挂高,注,方向\n"
    "A1,115.86,28.68,球机,约5m,甲,全向\nA2,115.861,28.681,转转机,4,乙,北偏东30°\n"
)


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "cams.csv", TEXT)


def seen_of(path, mapping=None):
    return describe_columns(read_sheet(path), CAMERA_SCHEMA, Declared(mapping=mapping))


def faults_of(tmp_path, text):
    with pytest.raises(InputError) as caught:
        read_mapping(write(tmp_path / "m.yaml", text))
    return caught.value.faults


def test_what_was_understood_column_by_column(path):
    seen = seen_of(path)
    assert (seen.source, seen.rows) == ("cams.csv", 2)
    entries = {entry.header: entry for entry in seen.columns}
    assert [entry.meaning for entry in entries.values()] == [
        "camera_id", "lon", "lat", "kind", "height_m", "", "azimuth_deg",
    ]  # fmt: skip
    assert entries["类型"].unread == (("转转机", 1),)
    assert (entries["类型"].cells, entries["类型"].lost, entries["挂高"].lost) == (2, 1, 0)
    assert entries["类型"].examples == (("球机", "ptz"),)
    assert entries["挂高"].examples == (("约5m", "5"), ("4", "4"))
    assert (entries["挂高"].unit, entries["挂高"].noticed, entries["挂高"].filled) == ("m", 1, 1)
    assert entries["方向"].examples == (("全向", ""), ("北偏东30°", "30"))
    assert str(entries["注"].label) == "kept as text without a meaning"
    assert entries["经度"].examples[0] == ("115.86", "115.86")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_written_mapping_reproduces_the_reading(path, tmp_path, language):
    file = write_mapping(tmp_path / "m.yaml", seen_of(path), CAMERA_SCHEMA, language=language)
    text = file.read_text(encoding="utf-8")
    assert "转转机" in text.splitlines()[-1]
    mapping = read_mapping(file)
    assert mapping.columns["height_m"] == "挂高"
    assert mapping.columns["reach_m"] == ""
    before = read_cameras(path, crs=METRIC, keep_good=True)
    after = read_cameras(path, crs=METRIC, keep_good=True, declared=Declared(mapping=mapping))
    assert before[0].equals(after[0])
    assert before[1].rejected == after[1].rejected
    again = write_mapping(
        tmp_path / "n.yaml", seen_of(path, mapping), CAMERA_SCHEMA, mapping, language=language
    )
    assert again.read_text(encoding="utf-8") == text


def test_words_of_ones_own(path, tmp_path):
    mapping = read_mapping(write(tmp_path / "m.yaml", "words:\n  kind:\n    ptz: [转转机]\n"))
    table, report = read_cameras(path, crs=METRIC, declared=Declared(mapping=mapping))
    assert table["kind"].tolist() == ["ptz", "ptz"]
    assert report.rejected == ()


def test_a_column_can_be_given_another_meaning_or_none(path):
    mapping = ColumnMapping(
        {"name": "注", "height_m": "", "azimuth_deg": ""}, {"kind": {"ptz": ("转转机",)}}
    )
    table, _ = read_cameras(path, crs=METRIC, declared=Declared(mapping=mapping))
    assert table["name"].tolist() == ["甲", "乙"]
    assert table[["height_m", "azimuth_deg"]].isna().all(axis=None)
    assert table.loc["A1", "tags"] == {"挂高": "约5m", "方向": "全向"}


def test_a_code_of_directions_is_read_only_where_it_is_said(tmp_path):
    """In GB/T 28181 1 is east and 4 is north; as degrees they would be almost north."""
    path = write(tmp_path / "c.csv", "id,x,y,方向\n1,400000,3170000,1\n2,400010,3170000,4\n")
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC)
    assert [fault.code for fault in caught.value.faults] == ["column.directions"]
    said = Declared(mapping=ColumnMapping({"azimuth_deg": "方向"}))
    assert read_cameras(path, crs=METRIC, declared=said)[0]["azimuth_deg"].tolist() == [1, 4]
    mapping = ColumnMapping({"direction_code": "方向", "azimuth_deg": ""})
    coded, _ = read_cameras(path, crs=METRIC, declared=Declared(mapping=mapping))
    assert coded["azimuth_deg"].isna().all()
    assert [tags["direction_sector_deg"] for tags in coded["tags"]] == ["90", "0"]


@pytest.mark.parametrize(
    ("columns", "code", "field"),
    [({"heigth_m": "挂高"}, "mapping.meaning", "heigth_m"),
     ({"height_m": "高高"}, "mapping.header", "height_m")],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused(path, columns, code, field):
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC, declared=Declared(mapping=ColumnMapping(columns)))
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == (code, field)
    assert "height_m" in str(fault.expected) or "挂高" in str(fault.expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("columns: {a: b, a: c}\n", "mapping.repeated_key"),
        ("columns: &x {a: b}\nwords: *x\n", "mapping."),
        ("columns: !!python/object:os.system {}\n", "mapping."),
        ("- a\n", "mapping.not_a_mapping"),
        ("column: {}\n", "mapping.shape"),
        ("columns: [a]\n", "mapping.shape"),
        ("columns: {a: [b]}\n", "mapping.shape"),
        ("words: {kind: ptz}\n", "mapping.shape"),
        ("words: {kind: {ptz: word}}\n", "mapping.shape"),
        ("words: {kind: {ptz: [[a]]}}\n", "mapping.shape"),
        ("columns: {a: 'b\n", "mapping.syntax"),
        ("#" * 200_001, "mapping.too_large"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, code):
    for fault in faults_of(tmp_path, text):
        assert fault.code.startswith(code)
        assert fault.file == "m.yaml"
        assert "mapping" in str(fault.remedy)


@pytest.mark.parametrize(
    ("words", "expected"),
    [({"kind": {"bulet": ("x",)}}, "fixed"), ({"knid": {"ptz": ("x",)}}, "kind")],
)
def test_words_for_values_that_do_not_exist_are_refused(path, words, expected):
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC, declared=Declared(mapping=ColumnMapping(words=words)))
    (fault,) = caught.value.faults
    assert fault.code == "mapping.word"
    assert expected in str(fault.expected)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="an existing file"):
        read_mapping(tmp_path / "none.yaml")


def test_numbers_and_words_of_yaml_are_headers(tmp_path):
    mapping = read_mapping(write(tmp_path / "m.yaml", "columns: {lon: 5, lat: no, x: }\n"))
    assert mapping.columns == {"lon": "5", "lat": "no", "x": ""}


HEADERS = (
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(is_unspoilt)
)


@given(st.lists(HEADERS.filter(bool), min_size=2, max_size=5, unique=True), st.data())
def test_any_headers_survive_the_file(tmp_path_factory, names, data):
    """Whatever stands in a header, colons and quotes too, is written so that it is read again."""
    folder = tmp_path_factory.mktemp("mapping")
    from civicsight.io.tables.sheet import Sheet

    sheet = Sheet("a.csv", names, [dict.fromkeys(names, "x")], ["row 2"])
    said = {"height_m": data.draw(st.sampled_from(names)), "kind": ""}
    told = ColumnMapping(said)
    seen = describe_columns(sheet, CAMERA_SCHEMA, Declared(mapping=told))
    mapping = read_mapping(write_mapping(folder / "m.yaml", seen, CAMERA_SCHEMA, told))
    assert mapping.columns["height_m"] == said["height_m"]


@given(st.text(max_size=60))
def test_any_text_is_a_mapping_or_a_fault(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("mapping") / "m.yaml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        mapping = read_mapping(path)
    except InputError:
        return
    assert isinstance(mapping, ColumnMapping)


def test_keys_are_explained_and_may_be_the_headers_that_people_know(path, tmp_path):
    file = write_mapping(tmp_path / "m.yaml", seen_of(path), CAMERA_SCHEMA)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert "  lon: 经度  # 经度（度）" in lines
    assert any(line.startswith("  height_m: 挂高  # 镜头") for line in lines)
    mapping = read_mapping(write(tmp_path / "n.yaml", "columns: {挂高: 注, 摄像机类型: }\n"))
    table, _ = read_cameras(
        write(path, TEXT.replace("甲", "3").replace("乙", "4")),
        crs=METRIC,
        declared=Declared(mapping=mapping),
    )
    assert table["height_m"].tolist() == [3, 4]
    assert set(table["kind"]) == {"unknown"}


def test_a_mapping_in_another_encoding_is_read(tmp_path):
    file = tmp_path / "m.yaml"
    file.write_bytes("columns: {height_m: 安装高度}\n".encode("gbk"))
    assert read_mapping(file).columns == {"height_m": "安装高度"}


def test_a_wide_colon_is_named_with_its_line(tmp_path):
    (fault,) = faults_of(tmp_path, "columns:\n  # 含义：列\n  lon：经度\n  lat: 纬度\n")
    assert (fault.code, fault.where, fault.found) == ("mapping.colon", "line 3", "lon：经度")


def test_choices_are_listed_in_the_language_of_the_reader(path):
    write(path, "编号,经度,纬度,状态\n1,115.86,28.68,是\n")
    with pytest.raises(InputError) as caught:
        read_cameras(path, crs=METRIC)
    (fault,) = caught.value.faults
    assert translate(fault.expected, "en") == "one of existing, approved, planned, removed"
    assert "现有, 已批复, 规划, 拆除" in translate(fault.expected, "zh_CN")
    assert "existing, approved, planned, removed" in str(fault)
