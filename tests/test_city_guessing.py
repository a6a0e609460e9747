"""What a layer holds is told by shapes, columns, name and values; what fits two kinds asks."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from civicsight.application import intake
from civicsight.cli.entry import OK, run
from civicsight.core.errors import InputError
from civicsight.io import reader_registry
from civicsight.io.project import read_city
from civicsight.io.reader_registry import CITY, guess_kind

X, Y = 390_000.0, 3_172_000.0
POINTS = [shapely.Point(X + 30 * n, Y) for n in range(6)]
AREAS = [shapely.box(X + 30 * n, Y, X + 30 * n + 6, Y + 6) for n in range(6)]
LINES = [shapely.LineString([(X, Y + 30 * n), (X + 40, Y + 30 * n)]) for n in range(6)]

CLEAR = [
    ("crowns.gpkg", AREAS, {"tree_id": "t", "height": 9.0}, "trees"),
    ("trees.gpkg", AREAS, {"id": "t", "height": 9.0}, "trees"),
    ("StreetTrees.gpkg", POINTS, {"height": 9.0}, "trees"),
    ("x.gpkg", AREAS, {"id": "t", "kind": "tree", "height": 9.0}, "trees"),
    ("x.gpkg", AREAS, {"natural": "wood"}, "trees"),
    ("x.gpkg", POINTS, {"编号": "t", "树高": 9.0, "冠幅": 5.0}, "trees"),
    ("x.gpkg", POINTS, {"OBJECTID": 1, "species": "Tilia", "dbh": 0.3}, "trees"),
    ("x.gpkg", LINES, {"类型": "行列树", "树高": 9.0}, "trees"),
    ("x.gpkg", POINTS, {"设备编号": "c", "方位角": 9.0, "俯角": 5.0}, "cameras"),
    ("CCTV.gpkg", POINTS, {"name": "c"}, "cameras"),
    ("x.gpkg", AREAS, {"行政区划代码": "360102", "名称": "东湖区", "级别": "区"}, "districts"),
]
"""Name, shapes, columns and what the rows are; each was taken for buildings."""

HOUSES = [
    {},
    {"id": "b"},
    {"height": 9.0},
    {"编号": "b", "高度": 9.0, "层数": 3},
    {"序号": 1, "高度": 9.0},
    {"name": "A", "type": "school", "floors": 3},
    {"height": 9.0, "material": "wood"},
    {"id": "b", "height": 9.0, "floors": 3, "code": "7"},
    {"building": "yes", "height": 9.0, "source": "survey"},
]
"""Columns of areas that are buildings: nothing else is told."""


def write(path, shapes, columns, crs=32650):
    rows = {name: [value] * len(shapes) for name, value in columns.items()}
    gpd.GeoDataFrame(rows, geometry=shapes, crs=crs).to_file(path)
    return path


@pytest.mark.parametrize(("name", "shapes", "columns", "kind"), CLEAR)
def test_a_layer_is_what_its_shapes_columns_name_and_values_say(
    name, shapes, columns, kind, tmp_path
):
    path = write(tmp_path / name, shapes, columns)
    assert guess_kind(path) == kind
    with pytest.raises(InputError, match=f"--as {kind}") as caught:
        read_city(path)
    assert [fault.code for fault in caught.value.faults] == ["layer.kind"]


@pytest.mark.parametrize("columns", HOUSES)
def test_areas_of_which_nothing_else_is_told_are_buildings(columns, tmp_path):
    path = write(tmp_path / "x.gpkg", AREAS, columns)
    assert guess_kind(path) == "buildings"
    assert len(read_city(path)[0].buildings) == len(AREAS)


@pytest.mark.parametrize(
    ("name", "shapes", "columns", "choices"),
    [
        ("trees.gpkg", AREAS, {"height": 9.0, "levels": 3}, "--as buildings / --as trees"),
        ("a.gpkg", AREAS, {"层数": 3, "冠幅": 5.0}, "--as buildings / --as trees"),
        ("x.gpkg", POINTS, {"id": "t", "树高": 9.0, "俯角": 9.0}, "--as cameras / --as trees"),
    ],
)
def test_what_fits_two_kinds_asks_and_names_both(name, shapes, columns, choices, tmp_path):
    path = write(tmp_path / name, shapes, columns)
    for read in (guess_kind, read_city):
        with pytest.raises(InputError, match=choices) as caught:
            read(path)
        assert [fault.code for fault in caught.value.faults] == ["layer.kind"]


def test_points_of_which_nothing_is_told_ask_and_are_never_buildings(tmp_path):
    with pytest.raises(InputError, match=r"--as cameras / .*--as trees") as caught:
        guess_kind(write(tmp_path / "x.gpkg", POINTS, {"a": 1}))
    assert "buildings" not in str(caught.value)


def test_a_large_layer_is_read_once_and_held_against_the_same_measure(tmp_path, monkeypatch):
    path = write(tmp_path / "trees.gpkg", AREAS, {"height": 9.0})
    monkeypatch.setattr(reader_registry, "READ_TWICE", path.stat().st_size - 1)
    monkeypatch.delattr(reader_registry, "read_vector")
    assert guess_kind(path) == CITY
    with pytest.raises(InputError, match="--as trees"):
        read_city(path)


def test_an_edited_layer_of_a_project_is_no_table_by_itself(tmp_path):
    path = write(tmp_path / "x.gpkg", POINTS, {"camera_id": "c", "kind": "fixed", "tilt_deg": 9.0})
    assert (guess_kind(path), guess_kind(path, edited=True)) == ("cameras", CITY)


def test_the_command_line_and_the_app_take_what_is_told(tmp_path, capsys):
    path = write(tmp_path / "trees.geojson", POINTS, {"height": 9.0})
    assert run(["import", str(path), "--dry-run", "--lang", "en"]) == OK
    assert "(--as trees)" in " ".join(capsys.readouterr().out.split())
    city, _ = read_city(write(tmp_path / "houses.gpkg", AREAS, {"height": 9.0}))
    taken = intake.take_in(city, path, kind=intake.GUESSED)
    assert (taken.kind, len(taken.city.canopies)) == ("trees", len(POINTS))
