"""Tables of budgets: read in both languages, every bad row named with its remedy."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.planning.funds import Grant, read_funds


def write(tmp_path, *lines):
    path = tmp_path / "budgets.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_money_and_floors_by_year_and_district(tmp_path):
    path = write(
        tmp_path, "year,district,budget_yuan,floor", '2027,East,"500,000",', "2028,East,,90%",
        "2027,,800000,", ",West,1000,0.5",
    )  # fmt: skip
    assert read_funds(path) == (
        Grant(2027, "East", 500_000.0),
        Grant(2028, "East", None, 0.9),
        Grant(2027, "", 800_000.0),
        Grant(None, "West", 1_000.0, 0.5),
    )


def test_a_table_in_chinese_is_read(tmp_path):
    path = write(tmp_path, "年度,区县,预算(元),最低满足率", "2027,东湖区,1000,80%")
    assert read_funds(path) == (Grant(2027, "东湖区", 1_000.0, 0.8),)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("soon,East,1,", "year"),
        ("2027.5,East,1,", "year"),
        ("2027,East,-1,", "budget_yuan"),
        ("2027,East,much,", "budget_yuan"),
        ("2027,East,,1.2", "floor"),
        ("2027,East,,most", "floor"),
        ("2027,East,,", "budget_yuan"),
        ("2027,,,0.9", "district"),
        ("2026,East,5,", "district"),
    ],
)
def test_a_bad_row_is_named(tmp_path, line, field):
    path = write(tmp_path, "year,district,budget_yuan,floor", "2026,East,5,", line)
    with pytest.raises(InputError) as caught:
        read_funds(path)
    (fault,) = caught.value.faults
    assert (fault.code, fault.field) == ("funds.row", field)
    assert fault.remedy


def test_a_table_without_money_and_floors_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        read_funds(write(tmp_path, "year,district", "2026,East"))
    assert caught.value.faults[0].code == "funds.column"
