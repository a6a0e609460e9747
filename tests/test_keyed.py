"""Two states of a table by key: what is the same, and what differs, beside a plain recount."""

from __future__ import annotations

import datetime as dt
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import wkt

from civicsight.core.keyed_difference import (
    EXACT,
    NEAR_M,
    Tolerance,
    apart_m,
    compare,
    differing,
    is_same,
)

NAN = float("nan")
SQUARE = wkt.loads("POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))")
TURNED = wkt.loads("POLYGON ((2 2, 0 2, 0 0, 2 0, 2 2))")
TOP = wkt.loads("POLYGON ((0 0, 2 0, 2 2, 1 1, 0 2, 0 0))")
SIDE = wkt.loads("POLYGON ((0 0, 2 0, 1 1, 2 2, 0 2, 0 0))")
"""The same five vertices, with the notch above and at the side."""

EMPTY = shapely.Polygon()
NEAR_TURN = Tolerance(within=0.1, turn=360.0)

CASES = (
    *((None, NAN, True), (NAN, np.float64("nan"), True), (pd.NaT, None, True), (None, 0, False)),
    *(("", None, False), (1, 1.0, True), (True, 1, True), ("1", 1, False), (0.1 + 0.2, 0.3, False)),
    *((math.inf, math.inf, True), (math.inf, -math.inf, False), (math.inf, 1.0, False)),
    *(({"a": NAN, "b": 1}, {"b": 1.0, "a": None}, True), ({"a": None}, {}, False)),
    *(([1, 2], (1.0, 2.0), True), ([1, [2]], np.array([1, 2]), False), ([], {}, False)),
    *((np.array([1.0, NAN]), [1, None], True), ([1], 1, False), ([1], None, False)),
    *((dt.date(2026, 3, 1), dt.date(2026, 3, 1), True), ("2026-03-01", "2026-03-02", False)),
    *((SQUARE, TURNED, True), (SQUARE, shapely.MultiPolygon([TURNED]), True), (TOP, SIDE, False)),
    *((SQUARE, SQUARE.exterior, False), (SQUARE, None, False), (SQUARE, EMPTY, False)),
    *((EMPTY, None, True), (EMPTY, shapely.Point(), True), (SQUARE, "POLYGON", False)),
    *((shapely.Point(1, 2), shapely.Point(1, 2 + NEAR_M / 2), True),),
    *((shapely.Point(1, 2), shapely.Point(1, 2 + NEAR_M * 2), False),),
)


@pytest.mark.parametrize("mirrored", [False, True])
def test_what_is_the_same_is_one_rule_for_values_and_for_columns(mirrored):
    for one, two, same in CASES:
        pair = (two, one) if mirrored else (one, two)
        assert is_same(*pair) is same, pair
        columns = [np.empty(1, object), np.empty(1, object)]
        columns[0][0], columns[1][0] = pair
        assert differing(*columns).tolist() == [not same], pair


@pytest.mark.parametrize("dtype", [np.float64, object])
@pytest.mark.parametrize(
    ("tolerance", "rows"),
    [
        (EXACT, [(1.0, 1.0, True), (1.0, 1.0 + 1e-15, False), (NAN, NAN, True)]),
        (Tolerance(within=0.5), [(1.0, 1.5, True), (1.0, 1.6, False), (NAN, 1.0, False)]),
        (Tolerance(share=0.1), [(-10.0, -9.0, True), (10.0, 8.9, False), (0.0, 1e-9, False)]),
        (NEAR_TURN, [(359.95, 0.0, True), (-180.0, 180.0, True), (10.0, 10.2, False)]),
    ],
)
def test_numbers_are_one_within_their_tolerance(tolerance, rows, dtype):
    one, two, same = zip(*rows, strict=True)
    found = differing(np.array(one, dtype), np.array(two, dtype), tolerance)
    assert found.tolist() == [not each for each in same]


def test_how_far_shapes_stray_is_measured_along_their_edges_too():
    pairs = [(TOP, SIDE), (SQUARE, TURNED), (SQUARE, None), (None, None), (SQUARE, EMPTY)]
    far = apart_m(*(np.array(side, object) for side in zip(*pairs, strict=True)))
    assert far.tolist() == pytest.approx([math.sqrt(0.5), 0.0, math.inf, 0.0, math.inf], abs=1e-9)


def test_what_differs_is_told_key_by_key():
    before = gpd.GeoDataFrame(
        {"n": [1.0, 2.0, NAN], "tags": [{"a": 1}, None, {}]},
        index=["c", "b", "gone"],
        geometry=shapely.points([0, 1, 2], [0, 0, 0]),
    )
    after = gpd.GeoDataFrame(
        {"tags": [None, {"a": 2}, None], "n": [3, 1, 5], "new": ["x", None, None]},
        index=["b", "c", "came"],
        geometry=shapely.points([1, 9, 2], [0, 0, 0]),
    )
    found = compare(before, after)
    assert found.to_numpy().tolist() == [
        ["b", "n", 2.0, 3],
        ["b", "new", None, "x"],
        ["c", "tags", {"a": 1}, {"a": 2}],
        ["c", "geometry", shapely.Point(0, 0), shapely.Point(9, 0)],
        ["came", "added", None, None],
        ["gone", "removed", None, None],
    ]
    assert compare(before, before).empty
    assert compare(before, after, ["n"])["key"].tolist() == ["b", "came", "gone"]
    assert compare(before, after, [])["what"].tolist() == ["added", "removed"]
    assert compare(before.iloc[:0], after.iloc[:0])["key"].tolist() == []


VALUES = st.one_of(
    st.none(),
    st.sampled_from([NAN, 0, 0.0, 1, True, 1.5, "", "a", "b"]),
    st.lists(st.sampled_from([0, 1.0, None]), max_size=2),
    st.dictionaries(st.sampled_from("xy"), st.sampled_from([1, NAN]), max_size=2),
)
TABLES = st.dictionaries(
    st.sampled_from("abcd"), st.dictionaries(st.sampled_from("uvw"), VALUES), max_size=4
)


def plainly(value):
    """A value written so that what is the same is written alike: the oracle's own rule."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{plainly(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(plainly, value)) + "]"
    if isinstance(value, str):
        return f"'{value}'"
    return "-" if value is None or value != value else f"{float(value)}"  # noqa: PLR0124


def framed(rows):
    table = pd.DataFrame(index=pd.Index(list(rows), dtype=object))
    for name in sorted({name for row in rows.values() for name in row}):
        table[name] = pd.Series([row.get(name) for row in rows.values()], table.index, dtype=object)
    return table


@given(TABLES, TABLES)
def test_it_finds_what_a_walk_over_every_cell_finds(before, after):
    told = [
        (row.key, row.what, plainly(row.before), plainly(row.after))
        for row in compare(framed(before), framed(after)).itertuples()
    ]
    came = [(key, "added", "-", "-") for key in after if key not in before]
    went = [(key, "removed", "-", "-") for key in before if key not in after]
    cells = [
        (key, name, plainly(before[key].get(name)), plainly(after[key].get(name)))
        for key in before.keys() & after.keys()
        for name in "uvw"
        if plainly(before[key].get(name)) != plainly(after[key].get(name))
    ]
    assert told == sorted(told, key=lambda row: row[0])
    assert sorted(told) == sorted([*came, *went, *cells])
    back = compare(framed(after), framed(before))
    assert set(back["key"]) == {row[0] for row in told}
