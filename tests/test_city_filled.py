"""One value that stands for unknown heights is recognised, and real ones are not taken for it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.vectors.filled_heights import LEAST_ROWS, find_filled
from civicsight.io.vectors.footprints import read_buildings


def found(heights, storeys=None, kind=None):
    height = pd.Series(heights, dtype=float)
    levels = pd.Series(np.nan if storeys is None else storeys, index=height.index, dtype=float)
    return find_filled(height, levels, None if kind is None else pd.Series(kind, dtype=object))


def measured(count, seed=3):
    return np.round(np.random.default_rng(seed).uniform(4, 60, count), 1)


def test_the_sentence_names_share_and_value():
    filled = found(np.r_[[15.0] * 52, measured(48)])
    assert filled.rows.sum() == 52
    assert str(filled.notes[0]).startswith("52 % of the heights are exactly 15 m")


def test_unknown_heights_do_not_count_for_the_share():
    filled = found(np.r_[[15.0] * 30, measured(20), [np.nan] * 200])
    assert str(filled.notes[0]).startswith("60 %")


def test_one_value_for_all_is_filled():
    assert found([15.0] * LEAST_ROWS).rows.all()


@pytest.mark.parametrize(
    ("why", "heights", "storeys"),
    [
        ("too few rows", [15.0] * (LEAST_ROWS - 1), None),
        ("measured", measured(500), None),
        ("a small share", np.r_[[15.0] * 20, measured(80)], None),
        ("a near second", np.r_[[15.0] * 40, [18.5] * 11, measured(20)], None),
        ("storeys of a compound", [18.0] * 80 + [3.0] * 10 + [9.0] * 5 + [33.0] * 5, None),
        ("classes", [18.0] * 73 + [41.0] * 12 + [64.0] * 7 + [88.0] * 5 + [111.0] * 3, None),
        ("six storeys each", np.r_[[18.0] * 60, measured(40)], [6.0] * 60 + [np.nan] * 40),
        ("nothing known", [np.nan] * 100, None),
    ],
)
def test_other_reasons_for_one_value(why, heights, storeys):
    assert not found(heights, storeys).rows.any(), why


def test_storeys_that_differ_give_the_filling_away():
    heights = [15.0] * 60 + [3.0] * 10 + [6.0] * 10 + [9.0] * 10
    storeys = [1.0, 2.0, 6.0, 9.0, 30.0] * 12 + [1.0] * 10 + [2.0] * 10 + [3.0] * 10
    assert found(heights, storeys).rows.sum() == 60


@given(st.lists(st.floats(2, 300, allow_nan=False) | st.just(np.nan), max_size=80))
def test_only_rows_of_one_value_are_marked(heights):
    filled = found(heights)
    alike = any("elevations" in str(note) for note in filled.notes)
    assert alike or len(set(np.array(heights)[filled.rows.to_numpy(bool)])) <= 1
    assert bool(filled.notes) == filled.rows.any()


def test_filled_heights_stay_and_count_as_assumed(tmp_path):
    heights = np.r_[[15.0] * 52, measured(48)]
    shapes = [shapely.box(x, 0, x + 8, 9) for x in np.arange(100) * 10.0 + 390_000]
    shapes = [shapely.affinity.translate(shape, 0, 3_170_000) for shape in shapes]
    gpd.GeoDataFrame({"height": heights}, geometry=shapes, crs=32650).to_file(tmp_path / "a.gpkg")
    table, report = read_buildings(tmp_path / "a.gpkg")
    filled = table["height_source"] == "filled"
    assert filled.sum() == report.count("height.filled") == 52
    assert (table["height_m"][filled] == 15).all()
    assert (table["height_assumed"] == filled).all()
    assert any("52 % of the heights are exactly 15 m" in str(note) for note in report.notes)


def test_several_fillers_are_found_beside_measured_heights():
    """A default per district: 51.8 % are exactly 15 m and 19.7 % exactly 32 m."""
    heights = np.r_[[15.0] * 518, [32.0] * 197, measured(285)]
    filled = found(heights)
    assert filled.rows.sum() == 518 + 197 + np.isin(heights[715:], [15.0, 32.0]).sum()
    told = " ".join(map(str, filled.notes))
    assert "52 % of the heights are exactly 15 m" in told
    assert "20 % of the heights are exactly 32 m" in told


def test_a_default_per_kind_is_found_in_its_kind():
    """15 m for 60 of 100 shops, which are an eighth of all buildings."""
    heights = np.r_[[15.0] * 60, measured(40), measured(400, seed=4)]
    kind = ["retail"] * 100 + ["house"] * 400
    assert not found(heights).rows.any()
    filled = found(heights, kind=kind)
    assert (filled.rows.to_numpy() == ((heights == 15) & (np.array(kind) == "retail"))).all()
    assert str(filled.notes[0]).startswith("60 % of the heights of the kind retail are exactly 15")
    storeys = np.r_[[5.0] * 60, [np.nan] * 440]
    assert not found(heights, storeys, kind).rows.any(), "storeys are the reason"


def test_elevations_are_no_heights():
    elevations = np.round(np.random.default_rng(1).uniform(53, 58, 200))
    filled = found(elevations)
    assert filled.rows.all()
    assert "200 heights lie between 53 and 58 m" in str(filled.notes[0])
    assert not found(np.r_[elevations, measured(60)]).rows.any(), "a town has lower houses"


def odd(count):
    """Return heights that differ, in no equal steps, as somebody measures them."""
    return np.round(3.0 + np.cumsum(0.31 + 0.17 * np.sin(np.arange(count) ** 2)), 2)


@pytest.mark.parametrize(("count", "is_filled"), [(24, False), (25, True), (26, True)])
def test_a_quarter_of_all_heights_is_enough(count, is_filled):
    assert found(np.r_[[14.9] * count, odd(100 - count)]).rows.sum() == count * is_filled


@pytest.mark.parametrize(("second", "is_filled"), [(9, True), (10, True), (11, False)])
def test_it_is_four_times_as_frequent_as_the_next(second, is_filled):
    heights = np.r_[[14.9] * 40, [18.5] * second, odd(20)]
    assert found(heights).rows.sum() == 40 * is_filled


@pytest.mark.parametrize(
    ("second", "beside", "count"), [(30, 6, 90), (30, 5, 0), (29, 6, 0), (31, 7, 91)]
)
def test_a_second_filler_needs_thirty_rows_and_three_values_beside_each(second, beside, count):
    assert found(np.r_[[14.9] * 60, [32.3] * second, odd(beside)]).rows.sum() == count


@pytest.mark.parametrize(("values", "count"), [(5, 200), (6, 0)])
def test_more_than_five_fillers_are_classes(values, count):
    fillers = np.repeat([14.9, 32.3, 21.1, 48.7, 9.3, 66.6][:values], 40)
    assert found(np.r_[fillers, odd(18)]).rows.sum() == count


@pytest.mark.parametrize(
    ("alike", "other", "unsaid", "is_filled"),
    [
        (48, 12, 0, False),  # four fifths have one number of storeys: that is why
        (47, 13, 0, True),
        (30, 0, 30, False),  # half of them say so
        (29, 0, 31, True),  # too few say so
    ],
)
def test_storeys_are_a_reason_where_enough_rows_share_them(alike, other, unsaid, is_filled):
    heights = np.r_[[14.9] * 60, odd(40)]
    storeys = [5.0] * alike + [float(n + 6) for n in range(other)] + [np.nan] * (unsaid + 40)
    assert found(heights, storeys).rows.sum() == 60 * is_filled


def steps(value, others):
    """Return one value for eighty rows, and others for some each."""
    return [value] * 80 + [height for height, count in others.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("why", "others", "is_filled"),
    [
        ("steps of two metres", {12.0: 10, 14.0: 10, 16.0: 10}, False),
        ("finer steps are rounding", {11.9: 10, 13.8: 10, 15.7: 10}, True),
        ("three rungs", {20.0: 10, 30.0: 10}, False),
        ("two rungs", {20.0: 20}, True),
        ("every third step", {16.0: 10, 24.0: 10, 30.0: 10}, False),
        ("every fourth step", {18.0: 10, 24.0: 10, 28.2: 10}, True),
        ("nearly equal", {20.0: 10, 30.9: 10}, False),
        ("not equal", {20.0: 10, 31.2: 10}, True),
        ("a slip of one in twenty", {20.0: 10, 30.0: 9, 33.7: 1}, False),
        ("two of twenty are none", {20.0: 10, 30.0: 8, 33.7: 2}, True),
    ],
)
def test_equal_steps_are_a_reason(why, others, is_filled):
    assert found(steps(10.0, others)).rows.sum() == 80 * is_filled, why


def alike(low, middle, high):
    """Return heights of which a twentieth lies at each end, and the rest between, all unlike."""
    return np.r_[[low] * 10, np.linspace(middle - 1.0, middle + 1.0, 80), [high] * 10]


@pytest.mark.parametrize(
    ("low", "high", "is_so"),
    [(90.0, 110.0, True), (90.0, 110.1, False), (89.9, 110.0, False), (95.0, 105.0, True)],
)
def test_elevations_lie_within_a_fifth_of_their_middle(low, high, is_so):
    assert any("elevations" in str(n) for n in found(alike(low, 100.0, high)).notes) is is_so


@pytest.mark.parametrize(("low", "is_so"), [(19.9, False), (20.0, True), (20.1, True)])
def test_elevations_lie_above_twenty_metres(low, is_so):
    heights = alike(low, 22.0, 23.5)
    assert any("elevations" in str(note) for note in found(heights).notes) is is_so


@pytest.mark.parametrize(
    ("heights", "is_so"),
    [
        ([100.0, 101.0, 102.0] * 10, True),
        ([100.0, 101.0] * 15, False),  # two classes
        ([100.0, 101.0, 102.0] * 9 + [101.0] * 2, False),  # 29 rows
    ],
)
def test_a_few_heights_are_no_elevations(heights, is_so):
    assert any("elevations" in str(note) for note in found(heights).notes) is is_so


def test_a_kind_with_few_values_is_held_against_the_steps_of_all():
    """Shops have two heights alone; those of all buildings go up in steps of three metres."""
    rest = [3.0] * 60 + [6.0] * 60 + [9.0] * 60 + [12.0] * 60
    heights = [15.0] * 36 + [18.0] * 4 + rest
    kind = ["retail"] * 40 + ["house"] * 240
    assert not found(heights, kind=kind).rows.any()
