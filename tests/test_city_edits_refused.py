"""Edited copies of a project that are refused, and how single values are read."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate as shift
from shapely.geometry import Point, Polygon

from civicsight.core.column import Column
from civicsight.core.errors import InputError, MismatchError, Text
from civicsight.core.i18n import LANGUAGES
from civicsight.io import save_city
from civicsight.io.edits import apply, compare
from civicsight.io.edits.values import UnreadableError, read_value
from civicsight.io.project_file import load_city
from civicsight.io.report import describe_fault
from civicsight.model import CAMERAS
from tests.drawn import LONGER
from tests.result_town import TOWN_CRS, area, at, make_city, table
from tests.test_city_edits import city, edited, file, moved, rewrite, saved

__all__ = ["city", "file", "saved"]  # fixtures


def codes_of(city, after):
    with pytest.raises(InputError) as caught:
        compare(city, after)
    return [fault.code for fault in caught.value.faults], caught.value.faults


# -- what cannot be taken over is refused, all at once -----------------------------------------


def test_every_bad_cell_is_named_at_once(city, file):
    def spoiled(frame):
        frame["height_m"] = ["4 m", "9000", "4", "4"]
        frame.loc[2, "kind"] = "cube"
        frame.loc[3, "tags"] = "{no json"
        frame["usable"] = ["maybe", "true", "true", "true"]
        frame.loc[1, "geometry"] = None
        return frame

    codes, _ = codes_of(city, rewrite(file, "cameras", spoiled, geometry_type="Point"))
    assert codes == ["edits.no_geometry"]
    rewrite(file, "cameras", lambda frame: frame.set_geometry(city.cameras.geometry.to_numpy()))
    codes, faults = codes_of(city, file)
    assert codes == ["edits.bad_value"] * 5
    told = {(fault.where, fault.field, fault.found, str(fault.expected)) for fault in faults}
    assert told == {
        ("cameras c1", "height_m", "4 m", "a number"),
        ("cameras c2", "height_m", "9000.0", "a number from 0 to 500 m"),
        ("cameras c3", "kind", "cube",
         "one of fixed, dome, ptz, panorama, fisheye, multi_head, thermal, unknown"),
        ("cameras c4", "tags", "{no json", 'JSON such as {"key": "value"}'),
        ("cameras c1", "usable", "maybe", "yes or no (1 or 0)"),
    }  # fmt: skip
    for language in LANGUAGES:
        assert all(describe_fault(fault, language) for fault in faults)


def test_a_new_building_needs_a_height(city, file):
    def drawn(frame):
        new = frame.iloc[:1].assign(building_id=None, height_m=np.nan, geometry=[area(1, 1, 5, 5)])
        return gpd.GeoDataFrame(pd.concat([frame, new], ignore_index=True), crs=frame.crs)

    _, faults = codes_of(city, rewrite(file, "buildings", drawn))
    assert [(f.file, f.where, f.field) for f in faults] == [
        ("copy.gpkg", "buildings building-1", "height_m")
    ]


def test_an_outline_that_crosses_itself_and_a_far_place_are_refused(city, file):
    def crossed(frame):
        bow = Polygon([(x, y) for x, y in np.array(area(0, 0, 9, 9).exterior.coords)[[0, 2, 1, 3]]])
        frame.loc[0, "geometry"] = bow
        return frame

    codes, faults = codes_of(city, rewrite(file, "buildings", crossed))
    assert codes == ["edits.crossing"]
    assert "Self-intersection" in faults[0].found
    rewrite(file, "buildings", lambda f: f.set_geometry(city.buildings.geometry.to_numpy()))
    codes, faults = codes_of(city, rewrite(file, "cameras", lambda f: moved(f, "c1", 90_000.0)))
    assert codes == ["edits.far"]
    assert faults[0].found == "90 km"


@pytest.mark.parametrize(("change", "options", "code"), [
    (lambda frame: frame.drop(columns="camera_id"), {}, "edits.no_id"),
    (lambda frame: frame.set_crs(None, allow_override=True), {}, "edits.no_crs"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_layer_without_numbers_or_system_is_refused(city, file, change, options, code):
    assert codes_of(city, rewrite(file, "cameras", change, **options))[0] == [code]


def test_files_that_are_no_copy_are_refused(city, file, tmp_path):
    other = save_city(replace(city, name="other"), tmp_path / "other.gpkg")
    assert codes_of(city, other)[0] == ["edits.other_project"]
    plain = tmp_path / "plain.gpkg"
    pyogrio.write_dataframe(gpd.GeoDataFrame({"a": [1]}, geometry=[at(0, 0)], crs=TOWN_CRS), plain)
    assert codes_of(city, plain)[0] == ["edits.no_layer"]
    assert codes_of(city, tmp_path / "none.gpkg")[0] == ["file.missing"]
    twice = pyogrio.read_dataframe(file, layer="cameras")
    pyogrio.write_dataframe(twice, file, layer="cameras copy", append=True)
    assert codes_of(city, file)[0] == ["edits.layer_twice"]
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(file.read_bytes()[:5000])
    assert codes_of(city, broken)[0] == ["file.damaged"]


def test_changes_are_not_put_into_a_project_that_went_on(city, file):
    edits = compare(city, rewrite(file, "cameras", edited))
    gone = replace(city, cameras=city.cameras.drop(index="c1"))
    with pytest.raises(MismatchError, match="has changed since the comparison, first at 'c1'"):
        apply(gone, edits)
    other = city.cameras.copy()
    other.loc["c3", "kind"] = "ptz"
    with pytest.raises(MismatchError, match="'c3'"):
        apply(replace(city, cameras=other), edits)
    once = apply(city, edits)
    with pytest.raises(MismatchError):
        apply(once, edits)


@pytest.mark.parametrize(("column", "value"), [
    ("camera_id", None), ("camera_id", "c2"), ("tags", "{"), ("usable", "perhaps"),
])  # fmt: skip
def test_an_edited_copy_is_no_project_until_its_changes_are_taken(file, column, value):
    def spoiled(frame):
        frame.loc[0, column] = value
        return frame

    rewrite(file, "cameras", spoiled)
    with pytest.raises(InputError, match=r"import copy\.gpkg --into PROJECT\.gpkg") as why:
        load_city(file)
    assert (why.value.faults[0].where, why.value.faults[0].field) == ("cameras", column)


def test_a_box_that_nobody_ticked_is_not_taken_for_ticked(file):
    def opened(frame):
        frame["height_assumed"] = pd.array([None, True, True, True], "boolean")
        return frame

    with pytest.raises(InputError, match="height_assumed"):
        load_city(rewrite(file, "buildings", opened))


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "raw", "value"), [
    ("float", "3.5", 3.5), ("float", 3, 3.0), ("int", 4.0, 4), ("int", "4", 4),
    ("bool", 1, True), ("bool", 0.0, False), ("bool", "t", True), ("bool", "NO", False),
    ("maybe", "true", True), ("maybe", "", None), ("maybe", np.bool_(0), False),
    ("date", pd.Timestamp("2026-03-01 12:00"), "2026-03-01"), ("date", "2026/03/01", "2026-03-01"),
    ("object", '{"a": 1}', {"a": 1}), ("object", {"a": 1}, {"a": 1}),
    ("object", np.array([1, 2]), [1, 2]),
    ("text", 12.0, "12"), ("text", 12.5, "12.5"), ("text", True, "true"), ("text", "", None),
    ("text", pd.NaT, None),
])  # fmt: skip
def test_values_are_read_as_their_column_means_them(kind, raw, value):
    got = read_value(Column("x", kind, Text("x")), raw)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(("kind", "raw"), [
    ("float", "tall"), ("float", "inf"), ("int", 4.5), ("bool", "2"), ("date", "soon"),
    ("object", "{"),
])  # fmt: skip
def test_values_that_cannot_be_meant_are_not_read(kind, raw):
    with pytest.raises(UnreadableError):
        read_value(Column("x", kind, Text("x")), raw)


@pytest.mark.parametrize(("kind", "old", "raw"), [
    ("float", 0.1 + 0.2, 0.3), ("float", np.nan, ""), ("text", "", None), ("text", None, ""),
    ("text", "007", 7), ("object", {"a": (1, 2)}, '{"a": [1, 2]}'), ("bool", False, None),
    ("date", "2026-03-01", "2026-03-01T00:00:00"),
])  # fmt: skip
def test_what_says_the_same_is_the_same(kind, old, raw):
    assert read_value(Column("x", kind, Text("x")), raw, old) is old


# -- for any edit ------------------------------------------------------------------------------

KINDS = next(column.choices for column in CAMERAS if column.name == "kind")
STEPS = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, 9)),
    st.tuples(st.just("move"), st.integers(0, 9), st.floats(-50, 50), st.floats(-50, 50)),
    st.tuples(st.just("retype"), st.integers(0, 9), st.sampled_from(KINDS)),
    st.tuples(st.just("turn"), st.integers(0, 9), st.floats(0, 359)),
    st.tuples(st.just("add"), st.floats(0, 130), st.floats(0, 130)),
    st.tuples(st.just("rename"), st.integers(0, 9), st.text(max_size=5)),
)


def take(frame, step):
    """Take one step of editing; return the table after it."""
    what, *values = step
    if what == "add":
        label = f"x{len(frame)}-{values[0]}-{values[1]}"
        row = table(CAMERAS, [{"camera_id": label, "geometry": at(*values)}])
        return frame if label in frame.index else pd.concat([frame, row])
    if frame.empty:
        return frame
    label = frame.index[values[0] % len(frame)]
    if what == "delete":
        return frame.drop(index=label)
    if what == "move":
        frame.loc[label, "geometry"] = shift(frame.geometry[label], *values[1:])
    else:
        column = {"retype": "kind", "turn": "azimuth_deg", "rename": "name"}[what]
        frame.loc[label, column] = values[1] or None
    return frame


@given(steps=st.lists(STEPS, max_size=8))
@settings(max_examples=10 * LONGER)
def test_taking_over_the_difference_gives_the_edited_table(steps):
    before = make_city("town")
    frame = before.cameras.copy()
    for step in steps:
        frame = take(frame, step)
    frame = CAMERAS.complete(gpd.GeoDataFrame(frame, crs=before.crs))
    after = replace(before, cameras=frame.set_geometry("geometry", crs=before.crs))
    edits = compare(before, {"cameras": after.cameras.iloc[::-1].reset_index()})
    again = apply(before, edits)
    assert compare(after, again).is_empty
    assert set(again.cameras.index) == set(after.cameras.index)
    for label, shape in after.cameras.geometry.items():
        assert again.cameras.geometry[label].distance(shape) <= 0.001
    assert edits.is_empty == compare(before, after).is_empty


def test_moves_below_the_tolerance_are_not_taken(city):
    frame = moved(city.cameras.reset_index(), "c1", 0.0009)
    assert compare(city, {"cameras": frame}).is_empty
    frame = moved(city.cameras.reset_index(), "c1", 0.0011)
    assert not compare(city, {"cameras": frame}).is_empty


def test_a_row_far_from_its_twin_keeps_nothing(city):
    """Two rows with one id: the nearer keeps it, also where it was moved and the other not new."""
    frame = city.cameras.reset_index()
    frame.loc[1, "camera_id"] = "c1"  # c2 was given the number of c1
    edits = compare(city, {"cameras": frame})
    layer = edits.layer("cameras")
    assert layer.removed == ("c2",)
    assert layer.added.geometry.iloc[0].equals(Point(city.cameras.geometry["c2"]))
    assert shapely.equals(apply(city, edits).cameras.geometry["c1"], city.cameras.geometry["c1"])


def test_words_of_closed_lists_are_known_and_an_emptied_layer_is_pointed_out(city, file):
    def worded(frame):
        frame.loc[0, "kind"] = "球机"
        frame["usable"] = ["否", "true", "true", "true"]
        return frame

    changed = compare(city, rewrite(file, "cameras", worded)).layer("cameras").changed
    assert {(change.field, change.new) for change in changed} >= {
        ("kind", "ptz"),
        ("usable", False),
    }
    rewrite(file, "cameras", lambda frame: frame.iloc[:0])
    edits = compare(city, file)
    assert any("all 4 rows go" in str(note) for note in edits.layer("cameras").notes)


def test_a_change_is_shown_with_no_more_digits_than_tell_it(city):
    frame = city.cameras.copy()
    frame.loc["c1", "height_m"] = 5.123456789
    frame.loc["c2", "height_m"] = frame.loc["c2", "height_m"] + 0.00001
    told = compare(city, {"cameras": frame}).summary("en")
    assert "height_m: 4 → 5.123" in told
    assert "4.00001" in told
