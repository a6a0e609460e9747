"""Degrees as people write them: exact, or nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.tables.quantities import Angle, read_angle, read_degrees

EXACT = float(115 + Fraction(54, 60) + Fraction("12.3") / 3600)


@pytest.mark.parametrize(
    "text",
    [
        "115°54′12.3″",
        "115°54'12.3\"",
        "115° 54' 12.3\"",
        "115º54’12.3”",
        "115˚54´12.3″",
        "115°54′12.3''",
        "115度54分12.3秒",
        "１１５°５４′１２．３″",
        "115:54:12.3",
        "115 54 12.3",
        "115°54′12.3",
        " 115°54′12.3″ ",
    ],
)
def test_degrees_minutes_and_seconds(text):
    assert read_angle(text) == Angle(EXACT, None)


@pytest.mark.parametrize(
    ("text", "value", "axis"),
    [
        ("115.9035", 115.9035, None),
        ("115.9035°", 115.9035, None),
        ("115,9035", 115.9035, None),
        ("１１５．９", 115.9, None),
        ("115°54'", 115.9, None),
        ("115°54", 115.9, None),
        ("115°54.6'", 115.91, None),
        ("-0.5", -0.5, None),
        ("−33.9", -33.9, None),
        ("+28.7", 28.7, None),
        ("115.9E", 115.9, "lon"),
        ("E115.9", 115.9, "lon"),
        ("115.9 W", -115.9, "lon"),
        ("28.7n", 28.7, "lat"),
        ("S33°54'", -33.9, "lat"),
        ("东经115.9", 115.9, "lon"),
        ("东经：115°54′", 115.9, "lon"),
        ("北纬28度42分", 28.7, "lat"),
        ("南纬33.9", -33.9, "lat"),
        ("28.7 north", 28.7, "lat"),
        ("-115°54'", -115.9, None),
    ],
)
def test_spellings(text, value, axis):
    assert read_angle(text) == Angle(value, axis)
    assert read_degrees(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "°", "N", "E", "abc", "115°60'", "115°54'60\"", "115°54.5'12\"", "-28.7N",
        "+28.7N", "115°54'12\"3", "115.9°30'", "115 54", "115;9", "115,9,5", "1e400", "nan", "inf",
        "0x10", "٣٣", "115.9EE", "115°-54'", "=115.9", "115.9 28.7", "1" * 13, "NaN°", "北",
        "一百度",
    ],
)  # fmt: skip
def test_what_is_no_single_angle_is_nothing(text):
    assert read_degrees(text) is None


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59_999))
def test_every_written_angle_is_read_to_the_last_bit(degrees, minutes, thousandths):
    seconds = Fraction(thousandths, 1000)
    text = f"{degrees}°{minutes}′{thousandths // 1000}.{thousandths % 1000:03}″"
    assert read_degrees(text) == float(degrees + Fraction(minutes, 60) + seconds / 3600)


@given(st.floats(-180, 180))
def test_every_decimal_comes_back(value):
    text = f"{value:.17f}"
    assert read_degrees(text) == float(text)


@given(st.text(max_size=40))
def test_any_text_is_an_angle_or_nothing(text):
    angle = read_angle(text)
    assert angle is None or abs(angle.value) < 1e112
