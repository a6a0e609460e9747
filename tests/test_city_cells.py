"""Single cells: days, yes and no, words of closed lists."""

from __future__ import annotations

import pytest

from civicsight.core.column import day, maybe
from civicsight.io.source_options import NOTHING
from civicsight.io.tables.cells import cell_reader
from civicsight.io.tables.inventory import CAMERA_SCHEMA
from civicsight.model import CAMERAS

COLUMNS = {column.name: column for column in CAMERAS}
read_day = cell_reader(day("seen_on", "Day"), CAMERA_SCHEMA, NOTHING)
read_yes = cell_reader(maybe("works", "Whether"), CAMERA_SCHEMA, NOTHING)


@pytest.mark.parametrize(
    "text",
    ["2019-03-01", "2019/3/1", "2019.3.1", "2019年3月1日", "２０１９/3/1", "2019-03-01 12:30"],
)
def test_days(text):
    assert read_day(text).value == "2019-03-01"


@pytest.mark.parametrize(
    "text", ["3/1/2019", "2019-13-01", "2019-02-30", "May", "20190301", "43525"]
)
def test_what_is_no_day_in_a_known_order(text):
    """Day and month cannot be told apart; a number may be anything."""
    cell = read_day(text)
    assert cell.value is None
    assert "year, month, day" in str(cell.expected)


@pytest.mark.parametrize("text", ["", "无", "待定", "-"])
def test_days_that_are_not_known(text):
    assert read_day(text) == (None, None, None, ())


@pytest.mark.parametrize(
    ("text", "value"), [("是", True), ("√", True), ("1", True), ("否", False), ("×", False),
                        ("0", False), ("未知", None)],
)  # fmt: skip
def test_yes_and_no(text, value):
    assert read_yes(text) == (value, None, None, ())


def test_a_word_that_is_not_known_names_the_choices():
    cell = cell_reader(COLUMNS["kind"], CAMERA_SCHEMA, NOTHING)("转转机")
    assert "ptz" in str(cell.expected)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [("reach_m", "50000", 10_000), ("reach_m", "80米", 80), ("width_px", "1920像素", 1920)],
)
def test_numbers_of_columns(column, text, value):
    assert cell_reader(COLUMNS[column], CAMERA_SCHEMA, NOTHING)(text).value == value
