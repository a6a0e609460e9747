"""Tables of budgets: read in both languages, every bad row named with its remedy."""

from __future__ import annotations

import pytest

from civicsight.core.errors import InputError
from civicsight.planning.money.budgets import Grant, read_funds


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


HEADER = "year,district,budget_yuan,floor"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-11-29")


@pytest.mark.parametrize(
    ("header", "line", "yuan"),
    [
        (HEADER, "2027,East,30万元,", 300_000.0),
        ("年度,区县,预算（万元）,最低满足率", "2027,East,30.5,", 305_000.0),
        (
            "year,district,budget (10,000 yuan),floor".replace("10,000", "10000"),
            "2027,East,3,",
            30_000.0,
        ),
        ("年度,区县,资金(元),最低满足率", "2027,East,¥1200.50,", 1_200.5),
        (f"{HEADER},currency", "2027,East,30,,万元", 300_000.0),
        (f"{HEADER},currency", "2027,East,30,,CNY", 30.0),
    ],
)
def test_money_counts_with_the_unit_that_is_stated(tmp_path, header, line, yuan):
    (grant,) = read_funds(write(tmp_path, header, line))
    assert grant.budget_yuan == yuan


@pytest.mark.parametrize(
    ("said", "of"),
    [("works", "works"), ("工程费", "works"), ("总投资", "investment"), ("建设投资", "investment"),
     ("investment", "investment"), ("", "investment")],
)  # fmt: skip
def test_a_row_says_which_sum_it_limits_and_without_a_word_the_investment(tmp_path, said, of):
    (grant,) = read_funds(write(tmp_path, f"{HEADER},budget_of", f"2027,East,5,,{said}"))
    assert grant.budget_of == of
    (plain,) = read_funds(write(tmp_path, HEADER, "2027,East,5,"))
    assert plain.budget_of == "investment"
    assert plain.where == ("budgets.csv", "row 2")


@pytest.mark.parametrize(
    ("line", "field", "found"),
    [
        ('2027,East,"9,5",', "budget_yuan", "9,5"),
        ("2027,East,9.500,", "budget_yuan", "9.500"),
        ("2027,East,USD 5,", "budget_yuan", "USD 5"),
        ("2027,East,5万美元,", "budget_yuan", "5万美元"),
        ("2027,East,inf,", "budget_yuan", "inf"),
        ("2027,East,nan,", "budget_yuan", "nan"),
        ('2027,East,,"0,9"', "floor", "0,9"),
        ("2019,East,5,", "year", "2019"),
        ("2025,East,5,", "year", "2025"),
        ("2999,East,5,", "year", "2999"),
        ("2077,East,5,", "year", "2077"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, line, field, found):
    with pytest.raises(InputError) as caught:
        read_funds(write(tmp_path, HEADER, line))
    (fault,) = caught.value.faults
    assert (fault.file, fault.where, fault.field, fault.found) == (
        "budgets.csv", "row 2", field, found
    )  # fmt: skip
    assert str(fault.expected)
    assert str(fault.remedy)


def test_columns_of_other_money_words_of_other_sums_and_all_rows_come_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        read_funds(write(tmp_path, "year,district,预算（美元）,floor", "2027,East,5,", "soon,,,"))
    assert [fault.field for fault in caught.value.faults] == ["预算（美元）", "year"]
    lines = ("2027,East,5,,profit,CNY", "2027,West,5,,works,USD", "2019,,inf,,,")
    with pytest.raises(InputError) as caught:
        read_funds(write(tmp_path, f"{HEADER},budget_of,currency", *lines))
    fields = [(fault.where, fault.field) for fault in caught.value.faults]
    assert fields == [("row 2", "budget_of"), ("row 3", "currency"), ("row 4", "year"),
                      ("row 4", "budget_yuan")]  # fmt: skip


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
