"""One value that stands for unknown heights is recognised, and real ones are not taken for it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io.vectors.filled import LEAST_ROWS, find_filled
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
