"""Vector files are recognised by content; what GDAL should not open never reaches it."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.core.errors import InputError
from civicsight.io.file_formats import sniff
from civicsight.io.vectors import geojson as geojson_module
from civicsight.io.vectors.files import require_file
from civicsight.io.vectors.footprints import buildings_of
from civicsight.io.vectors.geopackage import layer_names
from civicsight.io.vectors.vector import Vector, read_vector
from tests.city_made import METRIC, X0, Y0, box, write


def moved(xy):
    return xy + np.array([X0, Y0])


SQUARES = gpd.GeoDataFrame(
    {"height": [9.0, 12.0], "name": ["甲", "乙"]},
    geometry=[shapely.transform(box(x, 0, 9, 9), moved) for x in (0, 20)],
    crs=METRIC,
)

WRITERS = {
    "a.gpkg": lambda frame, path: frame.to_file(path, driver="GPKG"),
    "a.shp": lambda frame, path: frame.to_file(path, driver="ESRI Shapefile", encoding="utf-8"),
    "a.fgb": lambda frame, path: frame.to_file(path, driver="FlatGeobuf"),
    "a.parquet": lambda frame, path: frame.to_parquet(path),
    "a.geojson": lambda frame, path: frame.to_crs(4326).to_file(path, driver="GeoJSON"),
}

FORMATS = {
    "a.gpkg": "GPKG",
    "a.shp": "ESRI Shapefile",
    "a.fgb": "FlatGeobuf",
    "a.parquet": "Parquet",
    "a.geojson": "GeoJSON",
}


def refused(path, **options):
    with pytest.raises(InputError) as caught:
        read_vector(path, **options)
    return caught.value.faults[0]


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_rows(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](SQUARES, path)
    vector = read_vector(path)
    assert vector.driver == sniff(path) == FORMATS[name]
    assert vector.frame.index.tolist() == ["1", "2"]
    frame = vector.frame.to_crs(METRIC).sort_values("height")  # FlatGeobuf orders rows by place
    assert frame["name"].tolist() == ["甲", "乙"]
    assert frame["height"].tolist() == [9, 12]
    assert frame.geometry.name == "geometry"
    same = frame.geometry.to_numpy()
    assert shapely.hausdorff_distance(same, SQUARES.geometry.to_numpy()).max() < 1e-3


def test_the_name_of_a_file_proves_nothing(tmp_path):
    SQUARES.to_file(tmp_path / "a.gpkg", driver="GPKG")
    renamed = (tmp_path / "a.gpkg").rename(tmp_path / "a.geojson")
    assert read_vector(renamed).driver == "GPKG"


CANARY = "canary,lon,lat\nsecret,1,2\n"
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{path}</SrcDataSource>'
    '<GeometryField encoding="PointFromColumns" x="lon" y="lat"/></OGRVRTLayer></OGRVRTDataSource>'
)


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.kml", "a.vrt", "a.parquet"])
@pytest.mark.parametrize(
    "content",
    [
        VRT,
        "<OGRWFSDataSource><URL>http://127.0.0.1:9/wfs</URL></OGRWFSDataSource>",
        '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink/></kml>',
        '<?xml version="1.0"?>\n' + VRT,
    ],
)
def test_files_that_point_elsewhere_are_refused_under_any_name(tmp_path, name, content):
    secret = write(tmp_path / "secret.csv", CANARY)
    fault = refused(write(tmp_path / name, content.format(path=secret)))
    assert fault.code == "file.format"
    assert "secret" not in str(fault)


def test_a_pipeline_is_no_geojson(tmp_path):
    secret = write(tmp_path / "secret.csv", CANARY)
    command = {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline read {secret}"}
    fault = refused(write(tmp_path / "a.gdalg.json", json.dumps(command)))
    assert fault.code == "geojson.collection"


@pytest.mark.parametrize(
    "address",
    ["/vsicurl/http://127.0.0.1:9/a.geojson", "http://127.0.0.1:9/a.fgb", "/vsimem/a", "missing"],
)
def test_addresses_are_no_files(address):
    with pytest.raises(InputError, match="expected an existing file"):
        require_file(address)


def test_a_database_that_is_no_geopackage_is_refused(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        database.execute("CREATE TABLE houses (id INTEGER, wkt TEXT)")
        database.execute("INSERT INTO houses VALUES (1, 'POINT (1 2)')")
        database.commit()
    assert refused(tmp_path / "a.gpkg").code == "file.format"


def test_what_gdal_takes_for_another_format_is_refused(tmp_path, monkeypatch):
    SQUARES.to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
    monkeypatch.setattr("pyogrio.read_info", lambda *_, **__: {"driver": "OGR_VRT"})
    fault = refused(tmp_path / "a.fgb")
    assert (fault.code, fault.found) == ("file.damaged", "OGR_VRT")


def test_an_empty_file_is_refused(tmp_path):
    assert refused(write(tmp_path / "a.gpkg", "")).code == "file.empty"


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.parquet"])
def test_half_a_file_is_refused(tmp_path, name):
    WRITERS[name](SQUARES, tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: min(len(data) // 2, 900)])
    fault = refused(tmp_path / name)
    assert fault.code in {"file.damaged", "layer.missing"}
    assert fault.file == name


@pytest.mark.parametrize("lost", [".shx", ".dbf"])
def test_a_shapefile_that_lost_a_file_is_refused(tmp_path, lost):
    WRITERS["a.shp"](SQUARES, tmp_path / "a.shp")
    (tmp_path / f"a{lost}").unlink()
    fault = refused(tmp_path / "a.shp")
    assert fault.code == "shapefile.incomplete"
    assert lost in str(fault.expected)


def test_several_layers_need_a_choice(tmp_path):
    path = tmp_path / "a.gpkg"
    SQUARES.to_file(path, layer="one", driver="GPKG")
    SQUARES.iloc[:1].to_file(path, layer="two", driver="GPKG")
    assert refused(path).found == "one, two"
    assert len(read_vector(path, layer="two").frame) == 1
    assert refused(path, layer="three").code == "layer.missing"
    assert layer_names(path) == ["one", "two"]


def test_a_layer_without_geometry_is_refused(tmp_path):
    import pyogrio

    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(SQUARES.drop(columns="geometry"), path, layer="plain", driver="GPKG")
    assert refused(path).code == "layer.no_geometry"


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.parquet"])
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_missing_coordinate_system_is_never_guessed(tmp_path, name):
    bare = gpd.GeoDataFrame(SQUARES.drop(columns="geometry"), geometry=list(SQUARES.geometry))
    WRITERS[name](bare,
                  tmp_path / name)  # fmt: skip
    fault = refused(tmp_path / name)
    assert fault.code == "crs.missing"
    assert "never guessed" in str(fault.remedy)


def test_other_geometry_columns_are_renamed(tmp_path):
    SQUARES.rename_geometry("shape").to_parquet(tmp_path / "a.parquet")
    assert read_vector(tmp_path / "a.parquet").frame.geometry.name == "geometry"


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members})


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [1, 2]}


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ('{"type": "FeatureCollection",\n "features": [', "geojson.damaged", "line 2, column 15"),
        ("[1, 2]", "geojson.collection", ""),
        ("{}", "geojson.collection", ""),
        ('{"type": "Point", "coordinates": [1, 2]}', "geojson.collection", ""),
        ("[" * 100_000, "geojson.damaged", ""),
        (collection(crs={"type": "link", "properties": {"href": "http://127.0.0.1:9"}}),
         "geojson.crs", ""),
        (collection(crs={"type": "name", "properties": {"name": "EPSG:999999"}}),
         "geojson.crs", ""),
        (collection(crs="EPSG:4326"), "geojson.crs", ""),
    ],
)  # fmt: skip
def test_broken_geojson_is_refused(tmp_path, text, code, where):
    fault = refused(write(tmp_path / "a.geojson", text))
    assert (fault.code, fault.where) == (code, where)


def test_geojson_that_is_not_utf8_is_refused(tmp_path):
    fault = refused(write(tmp_path / "a.geojson", collection(feature(POINT, a="名")).encode()
                          .decode("unicode_escape"), "gbk"))  # fmt: skip
    assert fault.code == "geojson.damaged"
    assert fault.found == "not UTF-8"


def test_geojson_above_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(geojson_module, "MAX_BYTES", 10)
    assert refused(write(tmp_path / "a.geojson", collection())).code == "file.too_large"


@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:EPSG::3857", "urn:ogc:def:crs:EPSG:9.8:3857", "EPSG:3857", "epsg:3857",
     "http://www.opengis.net/def/crs/EPSG/0/3857"],
)  # fmt: skip
def test_a_named_system_is_honoured(tmp_path, name):
    crs = {"type": "name", "properties": {"name": name}}
    place = {"type": "Point", "coordinates": [13_425_000, 3_676_000]}
    vector = read_vector(write(tmp_path / "a.geojson", collection(feature(place), crs=crs)))
    assert vector.frame.crs.to_epsg() == 3857


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[0, 0], [1, 1]]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "Point", "coordinates": [True, 2]},
        {"type": "Point", "coordinates": ["1", "2"]},
        {"type": "Point", "coordinates": "1,2"},
        {"type": "Point", "coordinates": [1]},
        {"type": "Banana", "coordinates": [1, 2]},
        {"coordinates": [1, 2]},
        "POINT (1 2)",
        7,
    ],
)
def test_a_broken_geometry_is_named_and_the_others_are_read(tmp_path, geometry):
    path = write(tmp_path / "a.geojson", collection(feature(POINT, n=1), feature(geometry, n=2)))
    vector = read_vector(path)
    assert [(fault.code, fault.where) for fault in vector.faults] == [("geojson.geometry", "2")]
    assert vector.frame["n"].tolist() == [1, 2]


def test_features_without_properties_and_ids(tmp_path):
    rows = [
        {"type": "Feature", "id": "w7", "geometry": POINT, "properties": None},
        feature(None),
        5,
    ]
    vector = read_vector(write(tmp_path / "a.geojson", collection(*rows)))
    assert vector.frame["id"].tolist()[0] == "w7"
    assert vector.frame.geometry.isna().tolist() == [False, True, True]


def test_a_collection_without_features_is_refused(tmp_path):
    path = tmp_path / "empty.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(InputError, match="at least one feature") as caught:
        read_vector(path)
    assert caught.value.faults[0].code == "file.no_features"


def test_a_cut_geopackage_is_refused_wherever_its_layers_are_asked_for(tmp_path):
    path = tmp_path / "cut.gpkg"
    points = gpd.GeoDataFrame({"n": [1.0] * 900}, geometry=[shapely.Point(1, 2)] * 900, crs=4326)
    points.to_file(path, driver="GPKG")
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(InputError, match="a complete file in the format GPKG"):
        layer_names(path)


def test_a_layer_without_any_row_is_refused_by_name():
    """As a damaged exchange file may have it: its columns are there, and not one feature."""
    empty = gpd.GeoDataFrame({"height": []}, geometry=[], crs="EPSG:32650")
    vector = Vector(empty, "MapInfo File")
    with pytest.raises(InputError) as caught:
        buildings_of(vector, "houses.mif")
    (fault,) = caught.value.faults
    assert fault.file == "houses.mif"
