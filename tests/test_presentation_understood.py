"""What was understood of a table as a person reads it, and what a column or a word may be said."""

from __future__ import annotations

import pytest

from civicsight.core.i18n import LANGUAGES
from civicsight.io.guessing import LAYER_SCHEMAS, read_columns
from civicsight.presentation.column_profiles import (
    HEADINGS,
    field_labels,
    understood_rows,
    value_labels,
)
from tests.city_made import write

TEXT = (
    "编号,经度,纬度,类型,挂高,注\nA1,115.86,28.68,球机,5m,甲\n"
    "A2,115.861,28.681,转转机,,乙\nA3,115.86,28.681,转转机,4,\nA4,没有,28.681,怪,4,\n"
)


def told(tmp_path, text=TEXT, language="en", schema=None):
    seen = read_columns(write(tmp_path / "a.csv", text), "cameras")
    rows = understood_rows(seen.columns, language, schema)
    assert all(len(row) == len(HEADINGS) for row in rows)
    return {row[0]: row[1:] for row in rows}


def test_each_column_says_what_it_is_how_many_cells_it_has_and_what_of_them_was_not_understood(
    tmp_path,
):
    rows = told(tmp_path)
    assert rows["类型"][1] == "4 (100 %)"
    assert rows["类型"][3] == "3: 转转机 (2), 怪 (1)"
    assert rows["挂高"][1:] == ("3 (75 %)", "5m → 5, 4", "")
    assert rows["经度"][3] == "1: 没有 (1)"
    assert rows["注"][0] == "kept as text without a meaning"


def test_examples_are_codes_for_a_mapping_and_words_for_a_page(tmp_path):
    assert told(tmp_path)["类型"][2] == "球机 → ptz"
    rows = told(tmp_path, language="zh_CN", schema=LAYER_SCHEMAS["cameras"])
    assert rows["类型"][2].startswith("球机 → 云台")
    assert told(tmp_path, TEXT.replace("115.86,", "115.860,"))["经度"][2] == "115.860, 115.861"


def test_of_many_values_the_first_are_shown_and_all_are_counted(tmp_path):
    lines = "".join(f"B{n},115.86,28.68,怪{n}\n" for n in range(9))
    cell = told(tmp_path, "编号,经度,纬度,类型\n" + lines)["类型"][3]
    assert cell.startswith("9: 怪0 (1), ")
    assert cell.endswith(" …")
    assert cell.count("(1)") == 6


def test_metres_that_are_none_are_counted(tmp_path):
    rows = told(tmp_path, "编号,x,y\nA,400000,3170000\nB,北边,3170000\n")
    assert rows["x"][3] == "1: 北边 (1)"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LAYER_SCHEMAS)
def test_every_field_and_every_word_has_a_name_of_its_own(kind, language):
    schema = LAYER_SCHEMAS[kind]
    fields = field_labels(schema, language)
    assert set(fields) == set(schema.all_headers) - {"tags"}
    assert len(set(fields.values())) == len(fields)
    for meaning in fields:
        values = value_labels(schema, meaning, language)
        assert len(set(values.values())) == len(values), meaning
        assert all(values.values())
