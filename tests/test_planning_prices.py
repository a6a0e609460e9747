"""The price table: every yuan has a source and a day, and a bad row is named with its remedy."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from civicsight.core.errors import InputError, MismatchError
from civicsight.planning.candidates.classes import CLASS_LABELS, read_classes
from civicsight.planning.prices import LABELS, bill, read_prices

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


def test_items_of_ones_own_are_welcome_and_unknown_ones_refused(tmp_path):
    prices = read_prices(written(tmp_path, extra=["crane,day,900,s,2026-01-01,b"]))
    assert prices.cost_yuan((("crane", 2), ("pole", 1))) == 1900
    with pytest.raises(MismatchError, match="add a row"):
        prices.price_yuan("helicopter")


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
