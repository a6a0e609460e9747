"""Cells that a person corrected: read in place of what the file says, which stays on record."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.core.i18n import LANGUAGES
from civicsight.io.guessing import read_columns
from civicsight.io.reader_registry import read_into
from civicsight.io.source_options import ColumnMapping, Corrections, Declared
from civicsight.io.tables.inventory import read_cameras
from tests.city_made import METRIC, write

TEXT = (
    "编号,经度,纬度,类型,挂高\n"
    "A1,115.86,28.68,球机,四米五\nA2,115.86,没有,球机,5\nA3,115.86,28.68,球机,\n"
)
CELLS = {"row 2": {"挂高": " 4.5 "}, "row 3": {"纬度": "28.681"}, "row 4": {"挂高": "3"}}


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "cams.csv", TEXT)


def declared(cells, **more):
    return Declared(corrections=Corrections(cells, "Li"), **more)


def test_what_was_corrected_is_read_and_what_the_file_said_stays_with_the_row(path):
    before = path.read_bytes()
    with pytest.raises(InputError):
        read_cameras(path, crs=METRIC)
    table, report = read_cameras(path, crs=METRIC, declared=declared(CELLS))
    assert table["height_m"].tolist() == [4.5, 5.0, 3.0]
    assert table["tags"].tolist() == [
        {"挂高": "四米五", "corrected_by": "Li"},
        {"纬度": "没有", "corrected_by": "Li"},
        {"corrected_by": "Li"},
    ]
    assert path.read_bytes() == before
    assert report.count("corrected") == 3
    assert ("corrected", 3) in report.provenance()[0].counts
    assert [fault.where for fault in report.repaired] == ["row 2", "row 3", "row 4"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_what_who_corrected(path, language):
    _, report = read_cameras(path, crs=METRIC, declared=declared(CELLS))
    said = report.summary(language)
    assert "四米五" in said
    assert {"en": "Li corrected it to: 4.5.", "zh_CN": "Li 改正为：4.5。"}[language] in said
    assert {"en": "It was empty.", "zh_CN": "原为空。"}[language] in said


def test_a_cell_is_emptied(path):
    cells = {"row 2": {"挂高": ""}, "row 3": {"纬度": "28.68"}}
    table, report = read_cameras(path, crs=METRIC, declared=declared(cells))
    assert table["height_m"].isna().tolist() == [True, False, True]
    assert "Li emptied it." in report.summary("en")


def test_a_correction_holds_beside_a_mapping_and_is_counted_column_by_column(path):
    mapping = ColumnMapping({"height_m": ""})
    table, _ = read_cameras(path, crs=METRIC, declared=declared(CELLS, mapping=mapping))
    assert table.loc["A1", "tags"] == {"挂高": "四米五", "corrected_by": "Li"}
    seen = read_columns(path, "cameras", declared(CELLS))
    assert [one.lost for one in seen.columns] == [0] * 5
    assert [one.lost for one in read_columns(path, "cameras").columns] == [0, 0, 1, 0, 1]


@pytest.mark.parametrize("cells", [{"row 9": {"挂高": "3"}}, {"row 2": {"高": "3"}}])
def test_a_correction_of_what_is_not_there_is_refused(path, cells):
    with pytest.raises(InputError, match=r"cell\.corrected.*row"):
        read_cameras(path, crs=METRIC, declared=declared(cells))


def test_buildings_are_not_corrected_in_silence(tmp_path):
    path = write(tmp_path / "a.geojson", "{}")
    with pytest.raises(InputError, match="Correct the file itself"):
        read_into(path, "buildings", declared=declared({"row 2": {"a": "b"}}))
