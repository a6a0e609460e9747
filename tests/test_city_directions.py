"""Directions in the words that inventories use."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.tables.directions import SECTORS, WINDS, read_azimuth, read_direction

KNOWN = {
    "北": 0, "东北": 45, "东": 90, "东南": 135, "南": 180, "西南": 225, "西": 270, "西北": 315,
    "朝南": 180, "正北": 0, "面向东": 90, "西北方向": 315, "南侧": 180, "摄像机朝东北方向": 45,
    "北偏东30°": 30, "北偏东 30 度": 30, "南偏西15度": 195, "东偏北20°": 70, "西偏南10": 260,
    "北偏西45°": 315, "北偏东三十度": 30, "南偏东十五°": 165, "北东30°": 30, "南西20度": 200,
    "由南向北": 0, "自东向西": 270, "东北向西南": 225, "北北东": 22.5, "西北西": 292.5,
    "270度": 270, "４５": 45, "45°": 45, "-20": 340, "359.5": 359.5, "12°30′": None,
    "N": 0, "nnw": 337.5, "North-East": 45, "N30°E": 30, "S15W": 195, "725": 5, "-365": 355,
}  # fmt: skip


@pytest.mark.parametrize(("text", "degrees"), [(k, v) for k, v in KNOWN.items() if v is not None])
def test_directions(text, degrees):
    found = read_direction(text)
    assert (found.state, found.azimuths) == ("known", (pytest.approx(degrees),))
    assert found.turned == (text in {"725", "-365"})


@pytest.mark.parametrize("wind", WINDS)
def test_the_sixteen_winds(wind):
    assert read_direction(wind).azimuths == (WINDS.index(wind) * 22.5,)


@pytest.mark.parametrize("text", ["全向", "全方位", "360", "360°", "360度", "all", "Omni"])
def test_a_view_to_all_sides_is_no_direction(text):
    """Least of all north."""
    assert read_direction(text) == ("all_round", (), False)


@pytest.mark.parametrize(
    ("text", "degrees"),
    [("NE;SW", (45, 225)), ("北、南", (0, 180)), ("10,20", None), ("东西向", (90, 270)),
     ("90;180;270", (90, 180, 270))],
)  # fmt: skip
def test_several_directions(text, degrees):
    found = read_direction(text)
    if degrees is None:
        # A comma between two numbers is a decimal comma: one number.
        assert found.azimuths == (10.2,)
    else:
        assert (found.state, found.azimuths) == ("several", degrees)


@pytest.mark.parametrize("text", ["forward", "backward", "双向", "下行", "left"])
def test_directions_along_a_road(text):
    assert read_direction(text).state == "relative"


@pytest.mark.parametrize("text", ["", "未知", "无", "-", "N/A", "unknown", "?"])
def test_nothing_said(text):
    assert read_direction(text).state == "silent"


@pytest.mark.parametrize(
    "text", ["up", "东偏西10°", "北偏南5°", "北偏东95°", "4000", "inf", "路口"]
)
def test_what_is_no_direction(text):
    assert read_direction(text).state == "unreadable"


def test_leaning_directions_agree_with_geometry():
    """The angle of the sum of the two main directions, weighted by sine and cosine."""
    cardinal = {"北": (0, 1), "东": (1, 0), "南": (0, -1), "西": (-1, 0)}
    for start, end in [("北", "东"), ("北", "西"), ("南", "东"), ("东", "南"), ("西", "北")]:
        for angle in (0, 12, 45, 80):
            a = np.radians(angle)
            east, north = (
                cardinal[start][n] * np.cos(a) + cardinal[end][n] * np.sin(a) for n in (0, 1)
            )
            (found,) = read_direction(f"{start}偏{end}{angle}°").azimuths
            assert found == pytest.approx(np.degrees(np.arctan2(east, north)) % 360)


def test_codes_of_the_standard_are_the_eight_winds():
    assert sorted(SECTORS.values()) == [n * 45.0 for n in range(8)]
    assert (SECTORS[1], SECTORS[4], SECTORS[6]) == (90.0, 0.0, 45.0)


@given(st.text(max_size=12))
def test_any_text_has_a_state(text):
    found = read_direction(text)
    assert all(0 <= azimuth < 360 for azimuth in found.azimuths)
    assert (found.state == "known") == (len(found.azimuths) == 1)
    azimuth = read_azimuth(text)
    assert azimuth is None or np.isnan(azimuth) or 0 <= azimuth <= 360
