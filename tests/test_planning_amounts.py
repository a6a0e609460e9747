"""Sums of money as people write them: read exactly, or refused with what to write instead."""

from __future__ import annotations

from decimal import Decimal

import pytest

from civicsight.planning.prices.amounts import (
    AmountError,
    factor_of,
    factor_of_header,
    read_amount,
    read_budget,
    read_number,
)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("500000", 500_000), ("500,000", 500_000), ("1,234,567.89", "1234567.89"), ("0", 0),
        ("50万元", 500_000), ("50 万", 500_000), ("12.3456万元", 123_456), ("1.2亿元", 120_000_000),
        ("¥1,200", 1_200), ("￥50万元", 500_000), ("人民币 80 元", 80), ("RMB 80", 80),
        ("1000 yuan", 1_000), ("３５００元", 3_500), ("1e6", 1_000_000), ("2千元", 2_000),
    ],
)  # fmt: skip
def test_a_sum_counts_with_the_unit_that_it_says(text, yuan):
    assert read_amount(text) == Decimal(yuan)


@pytest.mark.parametrize(
    "text",
    [
        "9,5", "1,50", "9.500,00", "1,2345", ",5", "1.2.3", "-5", "+-3", "inf", "nan", "much", "",
        "USD 100", "$100", "100美元", "HK$ 5", "100 欧元", "5 k", "5 bananas", "5万美元", "10百元",
        "1e999", "5元万", "¥", "0x10", "１２,５",
    ],
)  # fmt: skip
def test_what_may_mean_two_things_is_refused_in_words(text):
    with pytest.raises(AmountError) as caught:
        read_amount(text)
    assert str(caught.value.expected)
    assert str(caught.value.remedy)


def test_the_unit_of_the_column_counts_and_none_contradicts_it():
    assert read_amount("3.5", 10_000) == 35_000
    assert read_amount("3.5万元", 10_000) == 35_000
    for text, unit in (("3.5元", 10_000), ("3.5万元", 1)):
        with pytest.raises(AmountError, match="one unit"):
            read_amount(text, unit)


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("预算(元)", 1), ("预算（万元）", 10_000), ("budget (10,000 yuan)", 10_000), ("单价", None),
        ("budget_yuan", None), ("预算(含税)", None), ("单价【万元】", 10_000),
    ],
)  # fmt: skip
def test_a_header_says_its_unit_in_brackets(header, factor):
    assert factor_of_header(header) == factor


@pytest.mark.parametrize("header", ["price (USD)", "单价（美元）", "单价(百元)", "budget (k yuan)"])
def test_a_header_of_other_money_is_refused(header):
    with pytest.raises(AmountError):
        factor_of_header(header)
    assert factor_of("台") is None


def test_a_budget_has_no_parts_of_a_cent():
    assert read_budget("12.345万元") == 123_450.0
    assert read_budget("0.1") == 0.1
    with pytest.raises(AmountError, match="groups of three"):
        read_budget("9.500")  # nine and a half, or nine thousand five hundred?
    with pytest.raises(AmountError):
        read_budget("9.5055")
    assert read_number("3,5") is None
    assert read_number("3.5") == Decimal("3.5")
