"""Ladders and limits (vector V17 and the figures of the limits)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage.optics import quality as qu
from civicsight.rules import load_packs


def name(px_m, ladder):
    level = qu.level_of(px_m, qu.LADDERS[ladder])
    return level.name if level else None


@pytest.mark.parametrize(
    ("px_m", "level"),
    [
        (24.999, None),
        (25.0, "detect"),
        (62.499, "detect"),
        (62.5, "observe"),
        (125.0, "recognise"),
        (249.999, "recognise"),
        (250.0, "identify"),
        (5000.0, "identify"),
    ],
)
def test_v17_edges_of_the_2015_ladder(px_m, level):
    assert name(px_m, "dori") == level


def test_v17_outer_rungs_of_the_2015_ladder():
    assert name(24.999, "monitor_to_inspect") == "monitor"
    assert name(12.4, "monitor_to_inspect") is None
    assert name(1000.0, "monitor_to_inspect") == "inspect"


@pytest.mark.parametrize(
    ("px_m", "level"),
    [
        (19.9, None),
        (20.0, "overview"),
        (40.0, "outline"),
        (80.0, "discern"),
        (125.0, "perceive"),
        (250.0, "characterise"),
        (500.0, "validate"),
        (1500.0, "scrutinise"),
    ],
)
def test_v17_edges_of_the_2025_ladder(px_m, level):
    assert name(px_m, "oodpcvs") == level


def test_levels_have_to_rise():
    level = qu.LADDERS["dori"].levels[0]
    with pytest.raises(MismatchError, match=r"do not rise: \[25.0, 25.0\]"):
        qu.Ladder("bad", "", (level, level))


def test_night_is_the_lesser_of_density_and_own_light():
    assert qu.night_reach_m(40.0, 30.0) == 30.0
    assert qu.night_reach_m(20.0, 30.0) == 20.0
    assert qu.night_reach_m(40.0, 0.0) == 0.0
    assert qu.night_reach_m(40.0, 0.0, scene_lux=5.0, camera_lux=0.1) == 40.0
    assert qu.night_reach_m(40.0, 0.0, scene_lux=4.9, camera_lux=0.1) == 0.0


def test_pitch_to_a_face_warns_above_15_and_fails_beyond_what_the_profile_allows():
    person = load_packs().asked_of("person")
    assert person.max_tilt_deg == 30
    assert qu.face_pitch(3.6, 7.5, person) is qu.Pitch.OK  # 14.9 deg
    assert qu.face_pitch(3.6, 7.4, person) is qu.Pitch.WARN  # 15.1 deg
    assert qu.face_pitch(3.6, 3.47, person) is qu.Pitch.WARN  # 29.96 deg
    assert qu.face_pitch(3.6, 3.4, person) is qu.Pitch.FAIL
    assert qu.face_pitch(3.6, 3.47, replace(person, max_tilt_deg=20.0)) is qu.Pitch.FAIL


def test_a_plate_is_legible_by_the_profile_of_the_packs_and_by_nothing_else():
    """Seen at 207 px/m it met the check, while the editor asked for 295.5."""
    plate = load_packs().asked_of("plate")
    good = {"depression_deg": 18, "yaw_deg": 25, "px_m": 207}
    assert qu.capture_faults(plate, **good) == ()
    stricter = replace(plate, px_per_m=295.5, max_yaw_deg=20.0)
    assert [str(fault) for fault in qu.capture_faults(stricter, **good)] == [
        "horizontal angle 25°, at most 20.0°",
        "207 px/m, at least 295.5 px/m",
    ]


def test_every_limit_of_a_profile_that_is_passed_is_named():
    plate = load_packs().asked_of("plate")
    faults = qu.capture_faults(plate, depression_deg=31, yaw_deg=-32, px_m=166)
    assert [str(fault) for fault in faults] == [
        "vertical angle 31°, at most 30°",
        "horizontal angle 32°, at most 30°",
        "166 px/m, at least 167 px/m",
    ]
