"""Heights from text, and what stands in for those that nobody mapped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from civicsight.io import helsinki_path
from civicsight.io.project import read_city
from civicsight.io.vectors.attributes import (
    DEFAULT_STOREYS,
    DEFAULT_STOREYS_OTHER,
    building_heights,
)
from civicsight.io.vectors.measures import STOREY_M, read_length, read_storeys


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12", 12), ("12 m", 12), ("12m", 12), ("12.5 metres", 12.5), ("12,5", 12.5),
        ("40 ft", 12.192), ("40'", 12.192), ("40 feet", 12.192), ("6'6\"", 1.9812),
        ("6 ft 6 in", 1.9812),
        ("250 cm", 2.5), ("3;4", 4), ("10-12", 12), ("10 – 12", 12), (12, 12),
        (np.float64(7.5), 7.5),
        ("0", 0), (" 9 M ", 9),
    ],
)  # fmt: skip
def test_lengths_are_read(text, metres):
    reading = read_length(text)
    assert reading.readable
    assert reading.value == pytest.approx(metres)


@pytest.mark.parametrize("text", ["", None, np.nan, "unknown", "n/a", -1, -1.0, "-1", "nan", "?"])
def test_words_for_unknown_are_unknown(text):
    reading = read_length(text)
    assert reading.readable
    assert np.isnan(reading.value)


@pytest.mark.parametrize(
    "text",
    [
        "about six",
        "-5",
        -5,
        "inf",
        np.inf,
        "12 km",
        "3F",
        "1,200",
        "-1F",
        "1e6x",
        "12;",
        ";",
        "12;x",
        "=1+1",
    ],
)
def test_other_text_is_unreadable(text):
    reading = read_length(text)
    assert reading.readable is (text == "12;")
    assert text == "12;" or np.isnan(reading.value)


@pytest.mark.parametrize(
    ("text", "storeys"), [("3", 3), ("3;4", 4), ("2.5", 2.5), ("3-5", 5), (4, 4)]
)
def test_storeys_are_read(text, storeys):
    assert read_storeys(text).value == storeys


def test_storeys_have_no_unit():
    assert not read_storeys("3 m").readable


@given(st.text(max_size=12))
def test_any_text_gives_a_height_or_none(text):
    value = read_length(text).value
    assert np.isnan(value) or 0 <= value < np.inf


def heights_of(kind="yes", **attributes):
    frame = pd.DataFrame(
        {k.replace("__", ":"): [v] for k, v in attributes.items()}, index=["way/1"]
    )
    heights = building_heights(frame, pd.Series([kind], index=frame.index, dtype=object), "x.pbf")
    return heights.frame.iloc[0], heights.faults


def test_a_mapped_height_wins():
    row, faults = heights_of(height="12 m", building__levels="9")
    assert (row.height_m, row.base_m, row.height_source, row.height_assumed) == (
        12,
        0,
        "height",
        False,
    )
    assert faults == ()


def test_storeys_count_with_the_roof_on_them():
    row, _ = heights_of(building__levels="4", roof__levels="1")
    assert (row.height_m, row.height_source, row.height_assumed) == (15, "levels", False)
    row, _ = heights_of(building__levels="4", roof__levels="2", roof__height="5 m")
    assert row.height_m == 17


@pytest.mark.parametrize("nothing", ["0", "-1", None, -1, 0])
def test_unknown_is_neither_zero_nor_minus_one(nothing):
    row, faults = heights_of(kind="house", height=nothing)
    assert row.height_m == DEFAULT_STOREYS["house"] * STOREY_M
    assert (row.height_source, row.height_assumed) == ("default", True)
    assert faults == ()


def test_an_unknown_kind_gets_the_common_default():
    row, _ = heights_of(kind=None, height=None)
    assert row.height_m == DEFAULT_STOREYS_OTHER * STOREY_M


@pytest.mark.parametrize("bad", ["1000.1", 1e9, "-5", "tall"])
def test_a_height_out_of_range_is_a_fault_and_becomes_the_default(bad):
    row, faults = heights_of(kind="house", height=bad)
    assert row.height_assumed
    assert len(faults) == 1
    assert str(faults[0]) == (
        "[height.unusable] x.pbf, way/1, height: expected a number from 0 to 1000, "
        f"found {str(bad)!r}. It was left out; give a value such as 12 or 12 m."
    )


def test_a_part_may_begin_above_the_ground():
    row, _ = heights_of(height="20", min_height="5")
    assert (row.base_m, row.height_m) == (5, 20)
    row, _ = heights_of(building__levels="5", building__min_level="3")
    assert (row.base_m, row.height_m) == (9, 15)


def test_a_raised_part_of_unknown_height_ends_above_its_underside():
    row, _ = heights_of(kind="church", min_height="30", roof__height="5")
    assert (row.base_m, row.height_m, row.height_assumed) == (30, 35, True)


def test_a_roof_on_posts_is_a_slab():
    row, _ = heights_of(kind="roof", height="5")
    assert (row.base_m, row.height_m) == (4.5, 5)


def test_an_underside_above_the_top_is_a_fault_and_a_thin_slab():
    row, faults = heights_of(height="12", min_height="20")
    assert (row.base_m, row.height_m) == (11.5, 12)
    assert [fault.code for fault in faults] == ["height.upside_down"]


@given(
    height=st.one_of(st.none(), st.floats(-10, 2000)),
    levels=st.one_of(st.none(), st.floats(-3, 300)),
    low=st.one_of(st.none(), st.floats(0, 1500)),
    kind=st.sampled_from([None, "yes", "roof", "house", "tower"]),
)
def test_every_building_has_a_body_within_the_limits(height, levels, low, kind):
    row, _ = heights_of(kind=kind, height=height, building__levels=levels, min_height=low)
    assert 0 <= row.base_m < row.height_m <= 1000


def test_the_input_is_not_changed():
    frame = pd.DataFrame({"height": ["12 m", "x"]}, index=["a", "b"])
    before = frame.copy()
    building_heights(frame, pd.Series([None, None], index=frame.index, dtype=object), "x")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.slow
def test_defaults_are_the_medians_that_they_claim_to_be(test_data):
    """Kinds with twenty mapped heights or more in the six extracts that the table names."""
    paths = [
        helsinki_path(),
        test_data("osm_berlin_wittenau") / "miraustr.osm.pbf",
        test_data("osm_rome_esquilino") / "rome-piazza-vittorio-emanuele.osm.pbf",
        test_data("monaco_osm_dem") / "monaco-latest.osm.pbf",
        test_data("beijing_tsinghua"),
        test_data("osm_beijing_bupt") / "map.osm",
    ]
    tables = [pd.DataFrame(read_city(path)[0].buildings.drop(columns="geometry")) for path in paths]
    mapped = pd.concat([table[~table["height_assumed"]] for table in tables])
    storeys = (mapped["height_m"] / STOREY_M).groupby(mapped["kind"])
    medians = storeys.median()[storeys.count() >= 20]
    checked = {kind: value for kind, value in medians.items() if kind in DEFAULT_STOREYS}
    assert len(checked) >= 12
    for kind, value in checked.items():
        assert abs(DEFAULT_STOREYS[kind] - value) <= 0.5, (kind, value)
    assert abs(DEFAULT_STOREYS_OTHER - medians["yes"]) <= 0.5


def worked_out(kind=None, **attributes):
    """Return what is worked out for one building."""
    frame = pd.DataFrame({name.replace("__", ":"): [value] for name, value in attributes.items()})
    found = building_heights(frame, pd.Series([kind], dtype=object), "a")
    row = found.frame.iloc[0]
    codes = [fault.code for fault in found.faults]
    return float(row["height_m"]), float(row["base_m"]), bool(row["height_assumed"]), codes


@pytest.mark.parametrize(
    ("kind", "attributes", "top", "base"),
    [
        (None, {"min_height": "20"}, 23.0, 20.0),  # a storey above its underside, not a sheet
        (None, {"min_height": "20", "roof__height": "5"}, 25.0, 20.0),
        (None, {"min_height": "20", "roof__height": "0"}, 23.0, 20.0),
        (None, {"building__min_level": "5"}, 18.0, 15.0),
        (None, {"min_height": "9"}, 12.0, 9.0),  # the usual four storeys end there
        (None, {"min_height": "9.5"}, 12.5, 9.5),
        (None, {"min_height": "0"}, 12.0, 0.0),
        (None, {"min_height": "2"}, 12.0, 2.0),
        ("garage", {"min_height": "1"}, 4.0, 1.0),
        ("garage", {"height": ""}, 3.0, 0.0),
    ],
)
def test_a_raised_part_without_storeys_is_as_thick_as_a_storey(kind, attributes, top, base):
    assert worked_out(kind, **attributes) == (top, base, True, [])


@pytest.mark.parametrize(
    ("kind", "attributes", "base", "codes"),
    [
        (None, {"height": "10", "min_height": "9.4"}, 9.4, []),
        (None, {"height": "10", "min_height": "9.5"}, 9.5, []),  # the least thickness itself
        (None, {"height": "10", "min_height": "9.6"}, 9.5, []),
        (None, {"height": "10", "min_height": "10"}, 9.5, []),
        (None, {"height": "10", "min_height": "10.1"}, 9.5, ["height.upside_down"]),
        (None, {"height": "0.3"}, 0.0, []),  # on the ground it may be as thin as it likes
        ("roof", {"height": "5"}, 4.5, []),
        ("carport", {"height": "0.4"}, 0.0, []),
        ("roof", {"height": "5", "min_height": "3"}, 3.0, []),
    ],
)
def test_nothing_raised_is_thinner_than_a_slab(kind, attributes, base, codes):
    found = worked_out(kind, **attributes)
    assert (found[1], found[3]) == (pytest.approx(base), codes)


@pytest.mark.parametrize(
    ("name", "value", "is_taken"),
    [
        ("height", "1000", True), ("height", "1000.1", False),
        ("building__levels", "200", True), ("building__levels", "201", False),
        ("min_height", "1000.1", False),
    ],
)  # fmt: skip
def test_the_greatest_value_itself_is_taken(name, value, is_taken):
    assert (worked_out(**{name: value})[3] == []) is is_taken


def test_no_building_is_higher_than_the_highest():
    assert worked_out(building__levels="200", roof__height="900")[0] == 1_000.0


@pytest.mark.parametrize(
    ("attributes", "top", "is_assumed"),
    [
        ({"height": "0"}, 12.0, True),
        ({"height": "0.1"}, 0.1, False),
        ({"building__levels": "0"}, 12.0, True),
        ({"building__levels": "2"}, 6.0, False),
        ({"building__levels": "2", "roof__levels": "1"}, 9.0, False),
        ({"building__levels": "2", "roof__levels": "1", "roof__height": "2"}, 8.0, False),
        ({"height": "11", "building__levels": "2"}, 11.0, False),
    ],
)
def test_the_height_comes_before_storeys_and_nought_is_unknown(attributes, top, is_assumed):
    assert worked_out(**attributes)[:3] == (top, 0.0, is_assumed)


def test_no_reader_leaves_the_underside_of_a_building_blank():
    found = building_heights(pd.DataFrame(index=range(2)), pd.Series(["yes", None]), "list.csv")
    assert found.frame["base_m"].tolist() == [0.0, 0.0]
