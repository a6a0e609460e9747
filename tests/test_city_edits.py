"""A project that went to QGIS and came back: every change seen, and nothing that is none."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.affinity import translate as shift
from shapely.geometry import MultiPolygon, Polygon

from civicsight.core.errors import InputError
from civicsight.io import save_city
from civicsight.io.edits import apply, compare
from civicsight.io.project_file import load_city
from civicsight.model import CITY_TABLES, PLACES, PROJECTS, SIGNS, City
from civicsight.report.geopackage import write_geopackage
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


@pytest.fixture(scope="module")
def saved(city, tmp_path_factory):
    return save_city(city, tmp_path_factory.mktemp("saved") / "copy.gpkg")


@pytest.fixture
def file(saved, tmp_path):
    return Path(shutil.copy(saved, tmp_path))


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


def test_an_outline_over_the_same_corners_is_drawn_anew(city):
    corners = [(0, 0), (20, 0), (20, 20), (10, 10), (0, 20)]
    swapped = [corners[at] for at in (0, 1, 3, 2, 4)]
    before, after = (
        replace(city, buildings=city.buildings.assign(
            geometry=[Polygon([at(*corner) for corner in outline]), *city.buildings.geometry[1:]]))
        for outline in (corners, swapped)
    )  # fmt: skip
    (entry,) = compare(before, after).layer("buildings").reshaped
    assert not entry.moved
    assert entry.distance_m == pytest.approx(50**0.5)


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
