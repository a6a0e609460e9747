"""A project that went to QGIS and came back: every change seen, and nothing that is none."""

from __future__ import annotations

import json
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
from shapely.geometry import MultiPolygon, Point, Polygon

from civicsight.city import load_city, save_city
from civicsight.city.edits import apply, compare
from civicsight.city.edits.values import UnreadableError, read_value
from civicsight.city.report import describe_fault
from civicsight.errors import InputError, MismatchError, Text
from civicsight.i18n import LANGUAGES
from civicsight.report.geopackage import write_geopackage
from civicsight.schema import CAMERAS, CITY_TABLES, PLACES, PROJECTS, SIGNS, City
from civicsight.table import Column
from tests.result_factory import make_result
from tests.result_town import TOWN_CRS, area, at, make_city, table

DAY = "2026-03-01"


@pytest.fixture(scope="module")
def city() -> City:
    """A town with a row in most tables, flags of both kinds and a row without a place."""
    town = make_city("镇")
    projects = table(
        PROJECTS,
        [
            {"project_id": "p1", "system_required": True, "acceptance_on": "2025-06-30",
             "geometry": None},
            {"project_id": "p2", "system_required": None, "geometry": area(0, 0, 9, 9)},
        ],
    )  # fmt: skip
    signs = table(SIGNS, [{"sign_id": "007", "facing_deg": 90.0, "geometry": at(3, 4)}])
    places = gpd.GeoDataFrame(
        pd.concat(
            [
                town.places,
                table(
                    PLACES,
                    [
                        {"place_id": "r/1", "name": "school", "item": "8.10", "standing":
                         "candidate", "tags": {"b": "2", "a": "1"}, "geometry": area(1, 1, 5, 5)}
                    ],
                ),
            ]
        ),
        crs=town.crs,
    )  # fmt: skip
    return replace(town, projects=projects, signs=signs, places=places)


@pytest.fixture
def file(city, tmp_path):
    return save_city(city, tmp_path / "copy.gpkg")


def rewrite(file, layer, change, **options):
    """Change a layer and write it anew, as a desktop GIS does; its rows get new numbers."""
    frame = change(pyogrio.read_dataframe(file, layer=layer))
    pyogrio.write_dataframe(frame, file, layer=layer, driver="GPKG", **options)
    return file


def moved(frame, label, east, north=0.0):
    """Move one camera."""
    row = frame.index[frame["camera_id"] == label][0]
    frame.loc[row, "geometry"] = shift(frame.geometry.loc[row], east, north)
    return frame


def codes_of(city, after):
    with pytest.raises(InputError) as caught:
        compare(city, after)
    return [fault.code for fault in caught.value.faults], caught.value.faults


def assert_same(one: City, two: City) -> None:
    for declared in CITY_TABLES:
        a, b = getattr(one, declared.name), getattr(two, declared.name)
        assert list(a.index) == list(b.index), declared.name
        assert list(a.dtypes) == list(b.dtypes), declared.name
        for name in a.columns.drop("geometry"):
            for left, right in zip(a[name], b[name], strict=True):
                assert left == right or (pd.isna(left) and pd.isna(right)), (declared.name, name)
        assert a.geometry.geom_equals(b.geometry).eq(a.geometry.notna()).all(), declared.name


# -- nothing was changed ---------------------------------------------------------------------------


def test_a_copy_does_not_differ(city, file):
    edits = compare(city, file)
    assert edits.is_empty
    assert [layer.layer for layer in edits.layers] == [declared.name for declared in CITY_TABLES]
    assert edits.summary("en").endswith("Nothing was changed.")
    assert edits.table().empty
    assert_same(apply(city, edits), city)
    assert apply(city, edits).provenance == city.provenance


def test_other_numbers_and_another_order_of_rows_are_no_change(city, file):
    def shuffled(frame):
        return frame.iloc[::-1].assign(fid=range(1_000, 1_000 + len(frame)))

    for layer in ("cameras", "buildings", "places", "projects"):
        rewrite(file, layer, shuffled)
    assert compare(city, file).is_empty


def test_what_a_gis_makes_of_values_is_no_change(city, file):
    def as_text(frame):
        frame["height_assumed"] = ["true" if flag else "false" for flag in frame["height_assumed"]]
        frame["height_m"] = frame["height_m"].map(lambda number: f"{number:.1f}")
        return frame

    def as_numbers(frame):
        frame["usable"] = [1.0, 1.0, 1.0, 1.0]
        frame["tags"] = [json.dumps(json.loads(text), indent=1) for text in frame["tags"]]
        frame["purpose"] = frame["purpose"].astype(object)
        return frame

    def shortened(frame):
        frame["item"] = pd.to_numeric(frame["item"])  # 8.10 is now 8.1
        frame["name"] = frame["name"].fillna("")
        frame["tags"] = [json.dumps(dict(reversed(json.loads(text).items())))
                         for text in frame["tags"]]  # fmt: skip
        return frame

    def dated(frame):
        frame["acceptance_on"] = pd.to_datetime(frame["acceptance_on"])
        frame["system_required"] = [True, None]
        return frame

    def counted(frame):
        frame["sign_id"] = frame["sign_id"].astype(float)  # 007 is now 7.0
        return frame

    for layer, change in (
        ("buildings", as_text),
        ("cameras", as_numbers),
        ("places", shortened),
        ("projects", dated),
        ("signs", counted),
    ):
        rewrite(file, layer, change)
    edits = compare(city, file)
    assert edits.is_empty, edits.summary("en")


@pytest.mark.parametrize(("suffix", "driver"), [("geojson", "GeoJSON"), ("gpkg", "GPKG")])
def test_another_system_is_brought_back_and_its_rounding_forgiven(city, tmp_path, suffix, driver):
    for name in ("cameras", "buildings"):
        frame = getattr(city, name).drop(columns="tags").to_crs(4326)
        options = {"COORDINATE_PRECISION": "7"} if driver == "GeoJSON" else {}
        out = tmp_path / f"{name}.{suffix}"
        pyogrio.write_dataframe(frame.reset_index(), out, driver=driver, layer=name, **options)
        edits = compare(city, out)
        assert edits.is_empty, edits.summary("en")


def test_a_shapefile_cuts_names_of_columns_and_they_are_known(city, tmp_path):
    for layer in ("cameras", "buildings"):
        file = save_city(city, tmp_path / f"{layer}.gpkg")
        frame = pyogrio.read_dataframe(file, layer=layer)
        if layer == "cameras":
            frame["azimuth_deg"] = frame["azimuth_deg"] + 10
        cut = frame.rename(columns=lambda name: name[:10])
        pyogrio.write_dataframe(cut, tmp_path / f"{layer}.shp", encoding="utf-8")
        (edits,) = compare(city, tmp_path / f"{layer}.shp").layers
        assert {change.field for change in edits.changed} <= {"azimuth_deg"}
        assert (edits.removed, edits.reshaped, len(edits.added)) == ((), (), 0)
        assert not [note for note in edits.notes if "_de" in str(note)]
    assert len(compare(city, tmp_path / "cameras.shp").layers[0].changed) == (
        city.cameras["azimuth_deg"].notna().sum()
    )


def test_a_layer_saved_under_another_name_is_known_by_its_numbers(city, tmp_path):
    out = tmp_path / "my edit 2.gpkg"
    frame = moved(city.cameras.drop(columns="tags").reset_index(), "c1", 5.0)
    pyogrio.write_dataframe(frame, out, layer="my edit")
    edits = compare(city, out)
    assert [entry.label for entry in edits.layer("cameras").moved] == ["c1"]
    assert "columns that the file lacks, left as they were: tags" in edits.summary("en")


def test_single_and_multi_and_height_are_no_change(city, file):
    def dressed(frame):
        frame["geometry"] = [
            MultiPolygon([Polygon([(x, y, 7.0) for x, y in shape.exterior.coords])])
            for shape in frame.geometry
        ]
        return frame

    assert compare(city, rewrite(file, "buildings", dressed)).is_empty


def test_points_of_a_multi_layer_are_points_in_the_project(city, file):
    def promoted(frame):
        several = [shapely.MultiPoint([(p.x + 3, p.y)]) for p in frame.geometry]
        return frame.set_geometry(gpd.GeoSeries(several, crs=frame.crs))

    after = apply(city, compare(city, rewrite(file, "cameras", promoted)))
    assert set(after.cameras.geom_type) == {"Point"}
    assert after.cameras.geometry.x.to_list() == (city.cameras.geometry.x + 3).to_list()


@pytest.mark.parametrize("shape", [shapely.MultiPoint([(0, 0), (9, 0)]), area(0, 0, 9, 9)])
def test_a_camera_in_two_places_or_in_an_area_is_refused(city, file, shape):
    def drawn(frame):
        frame.loc[0, "geometry"] = shape
        return frame

    rewrite(file, "cameras", drawn, geometry_type="Unknown")
    with pytest.raises(InputError) as caught:
        compare(city, file)
    assert "edits.shape" in {fault.code for fault in caught.value.faults}


def test_a_corner_put_on_a_straight_wall_is_no_change(city, file):
    def cornered(frame):
        frame["geometry"] = frame.geometry.segmentize(7.0)
        return frame

    assert compare(city, rewrite(file, "buildings", cornered)).is_empty


# -- what was changed is seen ------------------------------------------------------------------


def edited(frame):
    """Move c1 by 3-4-5, delete c2, retype c3, copy c4, add one without a number."""
    frame = moved(frame, "c1", 3.0, 4.0)
    frame = frame[frame["camera_id"] != "c2"]
    frame.loc[frame["camera_id"] == "c3", ["kind", "azimuth_deg"]] = ["fixed", 45.0]
    copy = frame[frame["camera_id"] == "c4"].copy()
    copy["geometry"] = copy.geometry.translate(2.0)
    new = copy.copy()
    new[["camera_id", "name", "kind"]] = [None, "new", "dome"]
    # The copy stands before the one it was made from: the place decides, not the order.
    return gpd.GeoDataFrame(pd.concat([copy, frame, new], ignore_index=True), crs=frame.crs)


def test_every_kind_of_edit_is_seen_and_taken_over(city, file, tmp_path):
    edits = compare(city, rewrite(file, "cameras", edited))
    layer = edits.layer("cameras")
    assert list(layer.added.index) == ["camera-1", "camera-2"]
    assert layer.removed == ("c2",)
    assert [(e.label, round(e.distance_m, 6)) for e in layer.moved] == [("c1", 5.0)]
    assert [(c.label, c.field, c.new) for c in layer.changed] == [
        ("c3", "kind", "fixed"),
        ("c3", "azimuth_deg", 45.0),
    ]
    assert [(f.label, f.copy_of) for f in layer.fresh] == [("camera-1", "c4"), ("camera-2", "")]
    rows = edits.table()
    assert rows["what"].value_counts().to_dict() == {
        "added": 2, "removed": 1, "moved": 1, "changed": 2,
    }  # fmt: skip
    after = apply(city, edits, edited_on=DAY)
    assert list(after.cameras.index) == ["c1", "c3", "c4", "camera-1", "camera-2"]
    assert after.cameras.loc["c1"].geometry.equals(at(55, 44))
    assert after.cameras.loc["c3", "kind"] == "fixed"
    assert after.cameras.loc["camera-2", "name"] == "new"
    assert after.cameras.loc["camera-2", "tags"] == {"name": "镇"}
    (entry,) = after.provenance
    assert (entry.how, entry.source, entry.imported_on, entry.layer) == (
        "edited", "copy.gpkg", DAY, "cameras",
    )  # fmt: skip
    assert dict(entry.counts) == {
        "edited.added": 2, "edited.removed": 1, "edited.moved": 1, "edited.changed": 2,
    }  # fmt: skip
    assert_same(load_city(save_city(after, tmp_path / "after.gpkg")), after)
    assert compare(after, after).is_empty
    # The file still has rows without a number; taken over once more, they are the same rows.
    assert compare(after, file).is_empty


def test_the_difference_is_told_in_both_languages(city, file):
    edits = compare(city, rewrite(file, "cameras", edited))
    english = edits.summary("en")
    for line in (
        "- cameras: 2 added, 1 removed, 1 moved, by 5.00 m at most, 2 values changed in 1 rows",
        "added: camera-1, a new number, for it was copied from c4",
        "added: camera-2, a new number, for it had none",
        "removed: c2",
        "moved: c1, by 5.00 m",
        "changed: c3, kind: dome → fixed",
        "changed: c3, azimuth_deg: (empty) → 45",
        "- no difference: buildings,",
    ):
        assert line in english
    chinese = edits.summary("zh_CN")
    for line in ("新增 2", "移动", "c3", "dome → fixed", "（空）"):
        assert line in chinese


def test_a_summary_stays_short_and_the_table_is_whole(city, file):
    def many(frame):
        copies = [frame[frame["camera_id"] == "c4"].assign(camera_id=f"n{k}") for k in range(30)]
        return gpd.GeoDataFrame(pd.concat([frame, *copies]), crs=frame.crs)

    edits = compare(city, rewrite(file, "cameras", many))
    assert "... and 20 more" in edits.summary("en")
    assert len(edits.table()) == 30


def test_new_outlines_and_moved_ones_are_told_apart(city, file):
    def redrawn(frame):
        frame.loc[0, "geometry"] = shift(frame.geometry[0], 0.0, -2.0)
        frame.loc[1, "geometry"] = frame.geometry[1].union(area(100, 45, 115, 50))
        return frame

    layer = compare(city, rewrite(file, "buildings", redrawn)).layer("buildings")
    assert [(e.label, round(e.distance_m, 6)) for e in layer.moved] == [("way/1", 2.0)]
    assert [(e.label, round(e.distance_m, 6)) for e in layer.redrawn] == [("way/2", 5.0)]
    after = apply(city, compare(city, file))
    assert after.buildings.loc["way/2"].geometry.area == pytest.approx(40 * 30 + 5 * 5)


def test_a_move_is_seen_in_another_system_to_a_few_centimetres(city, tmp_path):
    frame = moved(city.cameras.drop(columns="tags").reset_index(), "c1", 0.5).to_crs(4326)
    out = tmp_path / "cameras.geojson"
    pyogrio.write_dataframe(frame, out, driver="GeoJSON", COORDINATE_PRECISION="7")
    (entry,) = compare(city, out).layer("cameras").moved
    assert entry.distance_m == pytest.approx(0.5, abs=0.02)


def test_a_place_can_be_given_and_taken_where_a_table_allows_it(city, file):
    def swapped(frame):
        return frame.set_geometry(frame.geometry.iloc[::-1].to_numpy()).set_crs(TOWN_CRS)

    edits = compare(city, rewrite(file, "projects", swapped, geometry_type="Unknown"))
    after = apply(city, edits)
    assert after.projects.geometry.isna().tolist() == [False, True]
    assert "no longer on the map: p2" in edits.summary("en")
    assert "drawn anew: p1" in edits.summary("en")


def test_a_height_that_stays_marked_as_assumed_is_pointed_out(city, file):
    def measured(frame):
        frame.loc[frame["height_assumed"], "height_m"] = 20.0
        frame.loc[frame["building_id"] == "way/2", "height_assumed"] = False
        return frame

    edits = compare(city, rewrite(file, "buildings", measured))
    assert "2 new heights are still marked as assumed" in edits.summary("en")


def test_what_the_project_does_not_know_is_named_and_left(city, file):
    def richer(frame):
        return frame.assign(angle=1.0, name_en="x")

    rewrite(file, "cameras", richer)
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"a": [1]}, geometry=[at(0, 0)], crs=TOWN_CRS), file, layer="notes",
        append=True,
    )  # fmt: skip
    edits = compare(city, file)
    assert edits.is_empty
    text = edits.summary("en")
    assert "layers that are not part of a project, left aside: notes" in text
    assert "columns that the table does not have, left aside: angle, name_en" in text


def test_a_column_of_the_project_beyond_the_declared_ones_is_compared(city):
    own = replace(city, cameras=city.cameras.assign(cost=[1.0, 2.0, 3.0, np.nan], code="a"))
    frame = own.cameras.copy()
    frame.loc["c1", "cost"] = 9.0
    edits = compare(own, {"cameras": frame})
    assert [(c.field, c.old, c.new) for c in edits.layer("cameras").changed] == [("cost", 1.0, 9.0)]
    after = apply(own, edits)
    assert after.cameras["cost"].dtype == float
    assert after.cameras.loc["c1", "cost"] == 9.0


def test_the_layers_of_a_report_can_be_edited_too(tmp_path):
    result = make_result()
    placed = result.cameras.assign(placed="kept", shift_m=0.0)
    placed.loc["c3", ["placed", "shift_m"]] = ["moved", 0.4]
    placed.loc["c3", "geometry"] = shift(placed.geometry["c3"], 0.4)
    out = tmp_path / "civicsight.gpkg"
    result.cameras = placed
    write_geopackage(out, result, notice={})
    edits = compare(result.city, out)
    assert edits.is_empty, edits.summary("en")
    assert "1 cameras stand where the check moved them" in edits.summary("en")
    rewrite(out, "cameras", lambda frame: moved(frame, "c3", 7.0))
    assert [e.label for e in compare(result.city, out).layer("cameras").moved] == ["c3"]


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
         "one of fixed, dome, ptz, panorama, fisheye, multi_head, unknown"),
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
@settings(max_examples=25)
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
