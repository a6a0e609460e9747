"""Files whose datum, system or axes are a trap: read right where declared, else refused."""

from __future__ import annotations

import ast
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.io.datum_fit import Hypothesis, measure_fit
from civicsight.io.project import read_city
from civicsight.io.report import describe_fault
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.inventory import read_cameras
from civicsight.io.vectors.footprints import read_buildings
from tests.drawn import a_few

PACKAGE = Path(__file__).resolve().parent.parent / "civicsight"


def distances(one, two):
    """Return how far the outlines of two tables lie apart, row by row [m]."""
    return shapely.hausdorff_distance(one.geometry.to_numpy(), two.geometry.to_numpy())


@pytest.fixture(scope="module")
def tsinghua(test_data):
    return read_buildings(test_data("beijing_tsinghua/buildings.geojson"))[0]


@pytest.fixture(scope="module")
def suzhou(test_data):
    return read_buildings(test_data("suzhou_gusu/bd_demo_2.json"))[0]


@pytest.mark.parametrize(("datum", "offset"), [("gcj02", 542), ("bd09", 1339)])
def test_a_vendors_datum_is_undone_where_it_is_declared(test_data, tsinghua, datum, offset):
    path = test_data(f"awkward_made/tsinghua_buildings_{datum}_declared_wgs84.geojson")
    table, report = read_buildings(path, declared=Declared(datum=datum), crs=tsinghua.crs)
    assert len(table) == len(tsinghua)
    assert distances(table, tsinghua).max() < 0.01
    (note,) = [note for note in report.notes if "moved to WGS 84" in str(note)]
    assert abs(int(note.example.values["offset"]) - offset) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("datum", a_few(["gcj02", "bd09"]))
def test_a_vendors_datum_is_never_guessed_but_measured(test_data, tsinghua, datum):
    path = test_data(f"awkward_made/tsinghua_buildings_{datum}_declared_wgs84.geojson")
    table, report = read_buildings(path, crs=tsinghua.crs)
    assert distances(table, tsinghua).min() > 500
    assert not any("moved" in str(note) for note in report.notes)
    city = read_city(test_data("beijing_tsinghua"))[0]
    fit = measure_fit(table, city.roads, city.buildings)
    assert fit.best == Hypothesis(datum)
    assert str(round(fit.offset_m)) in str(fit.warning())


@pytest.mark.parametrize(
    "name",
    [
        "suzhou_cgcs2000_gk120_epsg4549.gpkg",
        "suzhou_cgcs2000_zone40_epsg4528.gpkg",
        "suzhou_webmercator.geojson",
    ],
)
def test_declared_systems_land_on_the_same_place(test_data, suzhou, name):
    table, report = read_buildings(test_data("awkward_made") / name)
    assert CRS(table.crs).to_epsg() == 4549
    assert len(table) == len(suzhou)
    assert distances(table, suzhou).max() < 0.01
    assert report.crs_found.split()[0] in {"EPSG:4549", "EPSG:4528", "EPSG:3857"}


def refused(path, declared=NOTHING):
    with pytest.raises(InputError) as caught:
        read_buildings(path, declared=declared)
    (fault,) = caught.value.faults
    assert fault.file == path.name
    for language in ("zh_CN", "en"):
        assert path.name in describe_fault(fault, language)
    return fault


def test_a_shapefile_without_prj_asks_for_its_system(test_data, tsinghua):
    path = test_data("awkward_made/no_prj/buildings_no_prj.shp")
    fault = refused(path)
    assert fault.code == "crs.missing"
    assert "--source-crs" in str(fault.remedy)
    assert "EPSG:4326" in str(fault.remedy)
    told = Declared(crs=CRS.from_epsg(4326), encoding="gbk")
    table, _ = read_buildings(path, declared=told, crs=tsinghua.crs)
    assert distances(table, tsinghua).max() < 0.01


@pytest.mark.parametrize("declared", [NOTHING, Declared(crs=CRS.from_epsg(4528))])
def test_swapped_axes_are_refused_whatever_is_declared(test_data, declared):
    fault = refused(test_data("awkward_made/swapped_axes_no_crs/suzhou_xy_swapped.shp"), declared)
    assert fault.code == "crs.swapped"
    assert fault.found == "3464416, 40558025"
    assert "EPSG:4528" in str(fault.remedy)


def test_layers_in_three_systems_ask_for_a_choice(test_data, suzhou):
    path = test_data("awkward_made/mixed_crs_layers.gpkg")
    fault = refused(path)
    assert fault.code == "layer.several"
    for layer in ("buildings_4326", "buildings_4549", "buildings_3857"):
        assert layer in fault.found
        table, _ = read_buildings(path, declared=Declared(layer=layer))
        assert distances(table, suzhou.iloc[: len(table)]).max() < 0.01


def test_degrees_labelled_as_metres_are_refused(test_data, tmp_path):
    frame = gpd.read_file(test_data("beijing_tsinghua/buildings.geojson"))[["geometry"]]
    path = tmp_path / "degrees.gpkg"
    frame.set_crs(4548, allow_override=True).to_file(path)
    assert refused(path).code == "crs.degrees"


def test_nothing_left_is_never_a_success(tmp_path):
    path = tmp_path / "points.gpkg"
    lost = [shapely.Point(115.9, 28.6), shapely.LineString([(115.9, 28.6), (115.91, 28.6)])]
    gpd.GeoDataFrame(geometry=lost, crs=4326).to_file(path)
    with pytest.raises(InputError) as caught:
        read_buildings(path, keep_good=True)
    assert {fault.code for fault in caught.value.faults} == {"geometry.unusable"}
    cellar = shapely.box(115.9, 28.6, 115.901, 28.601)
    buried = gpd.GeoDataFrame({"underground": ["yes"]}, geometry=[cellar], crs=4326)
    buried.to_file(tmp_path / "buried.gpkg")
    with pytest.raises(InputError) as caught:
        read_buildings(tmp_path / "buried.gpkg")
    assert [fault.code for fault in caught.value.faults] == ["buildings.none"]


def test_each_row_in_the_datum_that_it_names(test_data):
    """The rows name WGS 84, CGCS2000, GCJ-02 or nothing; what is in GCJ-02 is moved by 470 m."""
    path = test_data("awkward_made/cameras_zh_utf8bom.csv")
    table, report = read_cameras(path, crs=CRS.from_epsg(4549), keep_good=True)
    plain = gpd.GeoSeries(gpd.points_from_xy(*zip(*raw_places(path, table.index), strict=True)),
                          crs=4326, index=table.index).to_crs(4549)  # fmt: skip
    apart = table.geometry.distance(plain)
    words = table.index.map(datum_words(path))
    assert apart[words == "GCJ02"].between(400, 600).all()
    assert apart[words != "GCJ02"].max() < 1e-6
    (note,) = [note for note in report.notes if note.example.values.get("datum") == "GCJ-02"]
    assert note.count >= (words == "GCJ02").sum() > 5


def rows_of(path):
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split(",")
    rows = [dict(zip(header, line.split(","), strict=True)) for line in lines[1:]]
    return {row["点位编号"]: row for row in reversed(rows)}  # of a repeated id the first is kept


def raw_places(path, labels):
    rows = rows_of(path)
    return [(float(rows[label]["经度"]), float(rows[label]["纬度"])) for label in labels]


def datum_words(path):
    return {label: row["坐标系"] for label, row in rows_of(path).items()}


@pytest.mark.slow
def test_every_transformation_puts_longitude_first():
    """One habit keeps latitude and longitude in order: always_xy, and one place that sets it."""
    places = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = getattr(node.func.value, "id", "")
            if (owner, node.func.attr) == ("Transformer", "from_crs"):
                places.add(path.name)
                flags = {word.arg: getattr(word.value, "value", None) for word in node.keywords}
                assert flags.get("always_xy") is True, f"{path.name}:{node.lineno}"
    assert places == {"crs.py"}
