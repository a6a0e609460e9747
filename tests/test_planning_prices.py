"""The price table: every yuan has a source and a day, and a bad row is named with its remedy."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from civicsight.core.errors import InputError, MismatchError
from civicsight.planning.candidates.classes import CLASS_LABELS, read_classes
from civicsight.planning.prices.price_table import LABELS, bill, read_prices

GOOD = {item: ["camera", "100", "tender 12", "2026-01-02", "quotation"] for item in LABELS}
HEADER = ["item", "unit", "price_yuan", "source", "date", "basis"]


def written(tmp_path, changes=(), *, header=HEADER, extra=(), left_out=()):
    rows = {item: list(cells) for item, cells in GOOD.items() if item not in left_out}
    for item, column, value in changes:
        rows[item][HEADER.index(column) - 1] = value
    lines = [",".join(header), *(",".join([item, *cells]) for item, cells in rows.items()), *extra]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_price_of_the_project_has_a_source_a_day_and_a_basis():
    table = read_prices().table
    assert set(table.index) == set(LABELS)
    assert table[["unit", "source", "date", "basis"]].ne("").all(axis=None)
    assert all(date.fromisoformat(day) for day in table["date"])
    assert table["basis"].str.contains("assumption of the project").all()


def test_every_class_has_a_label_and_a_price():
    for kind in read_classes():
        assert kind.camera_class in CLASS_LABELS
        assert read_prices().price_yuan(f"device.{kind.camera_class}") > 0


def test_a_table_in_chinese_is_read(tmp_path):
    header = ["项目", "单位", "单价(元)", "价格来源", "日期", "依据"]
    assert read_prices(written(tmp_path, header=header)).price_yuan("pole") == 100


def test_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for item, cells in GOOD.items():
        book.active.append([item, cells[0], int(cells[1]), *cells[2:]])
    path = tmp_path / "prices.xlsx"
    book.save(path)
    assert read_prices(path).price_yuan("pole") == 100


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("price_yuan", "99.5"),
        ("price_yuan", "-1"),
        ("price_yuan", "dear"),
        ("price_yuan", ""),
        ("price_yuan", "1e30"),
        ("price_yuan", "nan"),
        ("source", ""),
        ("date", "soon"),
        ("basis", ""),
        ("unit", ""),
    ],
)
def test_a_bad_cell_is_named(tmp_path, column, value):
    with pytest.raises(InputError) as caught:
        read_prices(written(tmp_path, [("pole", column, value)]))
    (fault,) = caught.value.faults
    assert (fault.file, fault.field, fault.found) == ("prices.csv", column, value)
    assert fault.where == f"row {list(GOOD).index('pole') + 2}"
    assert str(fault.expected)
    assert str(fault.remedy)


def test_all_faults_come_at_once(tmp_path):
    changes = [("pole", "source", ""), ("mask", "date", "x")]
    with pytest.raises(InputError) as caught:
        read_prices(written(tmp_path, changes, left_out=["keep"]))
    assert len(caught.value.faults) == 3


def test_an_item_stands_once(tmp_path):
    extra = ["pole,pole,1,s,2026-01-01,b"]
    with pytest.raises(InputError, match="each item once"):
        read_prices(written(tmp_path, extra=extra))


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(InputError, match="a column source"):
        read_prices(written(tmp_path, header=[*HEADER[:3], "who", *HEADER[4:]]))


def test_items_that_no_plan_counts_are_refused_with_what_comes_near(tmp_path):
    """Such a row was read and had no effect: a misspelt term was no term, and nobody heard."""
    rows = ["crane,day,900,s,2026-01-01,b", "contingencies,%,5,s,2026-01-01,b"]
    with pytest.raises(InputError) as caught:
        read_prices(written(tmp_path, extra=rows))
    first, second = caught.value.faults
    assert (first.where, first.field, first.found) == ("row 22", "item", "crane")
    assert "contingency" in str(second.expected)
    with pytest.raises(MismatchError, match="add a row"):
        read_prices().price_yuan("helicopter")


def faults_of(path):
    """Return what is wrong with a table: where, in which field, what was found."""
    with pytest.raises(InputError) as caught:
        read_prices(path)
    assert all(str(fault.expected) and str(fault.remedy) for fault in caught.value.faults)
    return [(fault.where, fault.field, fault.found) for fault in caught.value.faults]


AT = f"row {list(GOOD).index('pole') + 2}"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("price_yuan", "USD 700"), ("price_yuan", "700美元"), ("price_yuan", '"9,5"'),
        ("price_yuan", "0"), ("price_yuan", "5 bananas"), ("price_yuan", "0.55555万元"),
        ("unit", "metre"), ("unit", "米"), ("unit", "元/米"), ("unit", "USD/pole"), ("unit", "m2"),
        ("date", "2099-01-01"), ("date", "2026-01-01 or so"),
    ],
)  # fmt: skip
def test_money_units_and_days_that_cannot_be_meant_are_refused(
    tmp_path, monkeypatch, column, value
):
    monkeypatch.setenv("CIVICSIGHT_TODAY", "2026-11-29")
    found = faults_of(written(tmp_path, [("pole", column, value)]))
    assert found == [(AT, column, value.strip('"'))]


@pytest.mark.parametrize(
    ("header", "unit", "price"),
    [
        ("price_yuan", "pole", "0.55万元"), ("单价（万元）", "pole", "0.55"),
        ("单价(元)", "根", "5500"), ("price_yuan", "万元/根", "0.55"), ("单价", "元/根", '"5,500"'),
        ("price_yuan", "pole", "¥5500"),
    ],
)  # fmt: skip
def test_a_price_counts_with_the_unit_that_is_stated(tmp_path, header, unit, price):
    others = "0.55" if "万元" in header else "5500"  # the whole column is in the unit of its header
    changes = [(item, "price_yuan", others) for item in GOOD]
    changes += [("pole", "unit", unit), ("pole", "price_yuan", price)]
    path = written(tmp_path, changes, header=[*HEADER[:2], header, *HEADER[3:]])
    assert read_prices(path).price_yuan("pole") == 5_500


@pytest.mark.parametrize("header", ["price (USD)", "单价（美元）"])
def test_a_column_of_other_money_is_refused_once(tmp_path, header):
    path = written(tmp_path, header=[*HEADER[:2], header, *HEADER[3:]])
    assert faults_of(path) == [("", header, header)]


def test_a_column_says_the_currency(tmp_path):
    path = written(tmp_path, header=[*HEADER, "currency"])
    lines = path.read_text("utf-8").splitlines()
    said = {"pole": "USD", "mask": "万元"}
    told = [f"{line},{said.get(line.split(',')[0], 'CNY')}" for line in lines[1:]]
    path.write_text("\n".join([lines[0], *told]) + "\n", encoding="utf-8")
    assert faults_of(path) == [(AT, "currency", "USD")]
    path.write_text("\n".join([lines[0], *told]).replace("USD", "元") + "\n", encoding="utf-8")
    assert read_prices(path).price_yuan("mask") == 1_000_000


def test_what_costs_nothing_is_said_in_a_word(tmp_path):
    prices = read_prices(written(tmp_path, [("connect", "price_yuan", "免费")]))
    assert prices.price_yuan("connect") == 0
    again = tmp_path / "again.csv"
    again.write_text(prices.to_csv(), encoding="utf-8")
    assert read_prices(again).digest == prices.digest


def test_terms_are_read_as_strictly(tmp_path):
    extra = ['design,%,"3,5",s,2026-01-02,b', "storage,camera-day,USD 1,s,2026-01-02,b",
             "platform,camera-day,0,s,2026-01-02,b", "tax,%,0,s,2026-01-02,b",
             "upkeep,camera-year,0.012万元,s,2026-01-02,b"]  # fmt: skip
    found = faults_of(written(tmp_path, extra=extra))
    assert [(field, text) for _, field, text in found] == [
        ("price_yuan", "3,5"), ("price_yuan", "USD 1"), ("price_yuan", "0")
    ]  # fmt: skip
    terms = read_prices(written(tmp_path, extra=extra[3:])).terms.set_index("item")
    assert terms["price_yuan"].to_dict() == {"tax": 0.0, "upkeep": 120.0}


def test_the_bill_adds_up():
    prices = read_prices()
    some = [(("pole", 1), ("device.wide", 1)), (("device.wide", 2),)]
    lines = bill(prices, some)
    assert lines["quantity"].to_dict() == {"device.wide": 3, "pole": 1}
    assert lines["cost_yuan"].sum() == sum(prices.cost_yuan(items) for items in some)


def test_a_table_is_written_and_reads_back_as_the_same_prices(tmp_path):
    own = read_prices(
        written(tmp_path, extra=["upkeep,camera-year,120.5,tender 12,2026-01-02,quotation"])
    )
    path = tmp_path / "again.csv"
    for prices in (own, read_prices()):
        path.write_text(prices.to_csv(), encoding="utf-8")
        assert read_prices(path).digest == prices.digest
    assert len(own.terms) == 1
