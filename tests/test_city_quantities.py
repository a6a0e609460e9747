"""Numbers as people write them into tables."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.tables.quantities import read_amount


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("6", "m", 6), ("6米", "m", 6), ("3.5 米", "m", 3.5), ("3,5 m", "m", 3.5),
        ("600 cm", "m", 6), ("六百厘米", "m", 6), ("40 ft", "m", 12.192), ("6'6\"", "m", 1.9812),
        ("４．５", "m", 4.5), ("六米", "m", 6), ("十二米", "m", 12), ("三点五米", "m", 3.5),
        ("两米半", "m", 2.5), ("一百零五", "m", 105), ("-3", "m", -3), ("+5", "m", 5),
        ("约5m", "m", 5), ("大约 5 米", "m", 5), ("5米左右", "m", 5), ("~5", "m", 5),
        ("about 5 m", "m", 5), ("120度", "deg", 120), ("-15°", "deg", -15),
        ("1920像素", "px", 1920),
        ("1920 px", "px", 1920), ("4 mm", "mm", 4), ("1e2", "", 100), (".5", "", 0.5),
    ],
)  # fmt: skip
def test_amounts(text, unit, value):
    assert read_amount(text, unit).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "m"), ("tall", "m"), ("1,200", "m"), ("1,920", "px"), ("3-4m", "m"), ("5~6米", "m"),
        ("3;4", "m"), ("inf", "m"), ("1e400", "m"), ("nan", "deg"), ("6m high", "m"),
        ("5 px", "m"),
        ("三点", "m"), ("十米五", "m"), ("1.2.3", "deg"), ("0x10", ""), ("1_000", ""),
        ("四楼", "m"),
    ],
)  # fmt: skip
def test_what_is_no_single_number(text, unit):
    """A comma that may stand for thousands, a range and a word are never made into a number."""
    assert read_amount(text, unit).value is None


@pytest.mark.parametrize("text", ["约5m", "5米左右", "~5", "≈5 m"])
def test_approximate_numbers_are_noted(text):
    assert "approximate" in str(read_amount(text, "m").notice)


@pytest.mark.parametrize("text", ["５", "五", "五米"])
def test_numbers_in_other_signs_are_noted(text):
    assert str(read_amount(text, "m").notice) == "It was read as 5."


def test_plain_numbers_are_not_noted():
    assert read_amount("5 m", "m").notice is None


@given(st.text(max_size=10), st.sampled_from(["m", "deg", "px", "mm", ""]))
def test_any_text_is_a_finite_number_or_none(text, unit):
    value = read_amount(text, unit).value
    assert value is None or math.isfinite(value)


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_numbers_come_back(number):
    text = f"{number:.6f}"
    assert read_amount(text, "deg").value == pytest.approx(float(text), abs=1e-9)
