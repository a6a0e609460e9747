"""One door for every source, and a project that comes back from disk as it was."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from civicsight.core.errors import InputError
from civicsight.io import helsinki_path, save_city
from civicsight.io.project import read_city, read_osm
from civicsight.io.project_file import PROJECT_LAYER, load_city
from civicsight.model import CITY_TABLES
from civicsight.model.terrain import Terrain
from tests.city_made import write
from tests.test_city_osm import XML

BOX = (24.940, 60.165, 24.945, 60.168)


@pytest.fixture(scope="module")
def city():
    return read_city(helsinki_path(), name="Helsinki", bounds=BOX)[0]


@pytest.mark.slow
def test_bounds_choose_an_area(city):
    whole, _ = read_city(helsinki_path())
    assert 0 < len(city.buildings) < len(whole.buildings) / 2
    lonlat = gpd.GeoSeries([city.extent], crs=city.crs).to_crs(4326).total_bounds
    assert lonlat == pytest.approx(BOX, abs=1e-6)
    assert city.cameras.intersects(city.extent.buffer(0.5)).all()


def test_what_lies_outside_is_counted():
    _, report = read_city(helsinki_path(), bounds=BOX)
    part = report.part("features")
    assert part.read == part.kept + part.excluded
    assert part.count("excluded.outside") > 5_000


def test_bounds_without_data_are_refused():
    with pytest.raises(InputError, match="expected bounds that meet the data"):
        read_osm(helsinki_path(), bounds=(115.8, 28.6, 115.9, 28.7))


@pytest.mark.slow
def test_the_system_may_be_chosen():
    city, _ = read_osm(helsinki_path(), crs=gpd.GeoSeries(crs=3067).crs, bounds=BOX)
    assert city.crs.to_epsg() == 3067
    assert city.buildings.crs == city.crs


def assert_same(one, two):
    assert (one.name, one.crs, one.sources, one.synthetic) == (
        two.name, two.crs, two.sources, two.synthetic,
    )  # fmt: skip
    assert one.extent.equals(two.extent)
    for table in CITY_TABLES:
        before, after = getattr(one, table.name), getattr(two, table.name)
        pd.testing.assert_frame_equal(
            pd.DataFrame(before.drop(columns="geometry")),
            pd.DataFrame(after.drop(columns="geometry")),
        )
        assert before.geometry.geom_equals(after.geometry).all()


def test_a_project_comes_back_as_it_was(tmp_path, city):
    path = save_city(city, tmp_path / "helsinki.gpkg")
    assert_same(city, load_city(path))
    again, report = read_city(path)
    assert_same(city, again)
    assert report.part("cameras").kept == len(city.cameras)


def test_terrain_and_marks_come_back(tmp_path, city):
    fields = {name: getattr(city, name) for name in city.__dataclass_fields__}
    z = np.array([[1.5, np.nan, 3.0], [4.0, 5.0, 1 / 3]])
    changed = type(city)(**{**fields, "terrain": Terrain(z, 10.5, 20.25, 0.1), "synthetic": True})
    loaded = load_city(save_city(changed, tmp_path / "a.gpkg"))
    assert loaded.synthetic
    assert np.array_equal(loaded.terrain.z, z, equal_nan=True)
    assert (loaded.terrain.x0, loaded.terrain.y0, loaded.terrain.step) == (10.5, 20.25, 0.1)


def test_a_project_is_replaced_whole_or_not_at_all(tmp_path, city, monkeypatch):
    path = save_city(city, tmp_path / "a.gpkg")
    before = path.read_bytes()

    def broken(*_):
        msg = "disk full"
        raise OSError(msg)

    monkeypatch.setattr("civicsight.io.project_file._write_project", broken)
    with pytest.raises(OSError, match="disk full"):
        save_city(city, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.gpkg"]


def test_other_files_are_no_projects(tmp_path, city):
    path = tmp_path / "plain.gpkg"
    city.buildings[["height_m", "geometry"]].to_file(path, driver="GPKG")
    with pytest.raises(InputError, match="expected a project saved by civicsight"):
        load_city(path)


def test_a_later_format_is_refused(tmp_path, city):
    import pyogrio

    path = save_city(city, tmp_path / "a.gpkg")
    row = pyogrio.read_dataframe(path, layer=PROJECT_LAYER).assign(format=99)
    pyogrio.write_dataframe(row, path, layer=PROJECT_LAYER, driver="GPKG")
    with pytest.raises(InputError, match="the version of civicsight that wrote it"):
        load_city(path)


HOUSES = gpd.GeoDataFrame(
    {"height": [9.0, 12.0, 15.0]},
    geometry=[shapely.box(x, 28.68, x + 1e-4, 28.6801) for x in (115.85, 115.86, 115.87)],
    crs=4326,
)


def test_buildings_alone_make_a_city(tmp_path):
    path = tmp_path / "houses.geojson"
    HOUSES.to_file(path, driver="GeoJSON")
    city, report = read_city(path)
    assert (city.name, city.crs.to_epsg(), city.sources) == ("houses", 4548, ("houses.geojson",))
    assert city.buildings["height_m"].tolist() == [9, 12, 15]
    assert [len(getattr(city, t.name)) for t in CITY_TABLES[1:]] == [0] * (len(CITY_TABLES) - 1)
    assert report.part("buildings").kept == 3
    part, _ = read_city(path, bounds=(115.855, 28, 115.865, 29))
    assert part.buildings["height_m"].tolist() == [12]


def osm_export(path, **columns):
    frame = HOUSES.drop(columns="height").assign(element="way", **columns)
    frame.to_file(path, driver="GeoJSON")


def test_a_folder_of_exports_is_one_city(tmp_path):
    osm_export(tmp_path / "a.geojson", id=[1, 2, 3], building=["school", "yes", "yes"])
    osm_export(tmp_path / "b.geojson", id=[3, 4, 5], amenity=["cafe", "bank", "school"])
    write(tmp_path / "SOURCE.md", "words")
    city, report = read_city(tmp_path, name="two")
    assert len(city.buildings) == 3
    assert sorted(city.places.index) == ["way/1", "way/4", "way/5"]
    found = report.part("features")
    assert (found.read, found.count("excluded.bare"), found.kept) == (6, 1, 5)
    assert city.sources[0].endswith("ODbL 1.0")


def test_one_export_is_a_city_too(tmp_path):
    osm_export(tmp_path / "a.geojson", id=[1, 2, 3], building=["school", "yes", "hotel"])
    city, _ = read_city(tmp_path / "a.geojson")
    assert city.buildings.index.tolist() == ["way/1", "way/2", "way/3"]
    assert sorted(city.places.index) == ["way/1", "way/3"]


def test_a_folder_with_one_file_is_that_file(tmp_path):
    HOUSES.to_file(tmp_path / "houses.gpkg", driver="GPKG")
    city, _ = read_city(tmp_path, name="one")
    assert len(city.buildings) == 3


def test_an_unclear_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a file, or a folder with one layer alone"):
        read_city(tmp_path)
    osm_export(tmp_path / "a.geojson", id=[1, 2, 3], building=["school", "yes", "yes"])
    HOUSES.to_file(tmp_path / "houses.gpkg", driver="GPKG")
    with pytest.raises(InputError, match=r"found 'a.geojson, houses.gpkg'"):
        read_city(tmp_path)


@pytest.mark.parametrize(
    "beside", ["cameras.csv", "register.xlsx", "area.osm", "relief.asc", "other.geojson"]
)
def test_no_file_of_a_folder_is_taken_where_another_could_be_meant(tmp_path, beside, monkeypatch):
    HOUSES.to_file(tmp_path / "houses.geojson")
    (tmp_path / "README").write_text("about these files")
    (tmp_path / "style.qml").write_text("<qgis/>")
    monkeypatch.chdir(tmp_path)
    city, _ = read_city(".")
    assert (city.name, len(city.buildings)) == (tmp_path.name.split(".")[0], 3)
    content = {
        "csv": b"id,x,y\n1,2,3\n",
        "osm": b'<osm version="0.6"></osm>',
        "asc": b"ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n1\n",
    }
    if beside.endswith("xlsx"):
        pd.DataFrame({"id": [1]}).to_excel(tmp_path / beside)
    elif beside.endswith("geojson"):
        HOUSES.to_file(tmp_path / beside)
    else:
        (tmp_path / beside).write_bytes(content[beside[-3:]])
    with pytest.raises(InputError, match="Name the file to read") as error:
        read_city(".")
    fault = error.value.faults[0]
    assert (fault.file, {*fault.found.split(", ")}) == (tmp_path.name, {"houses.geojson", beside})


def test_bad_rows_refuse_a_file_unless_asked(tmp_path):
    path = tmp_path / "houses.gpkg"
    rows = pd.concat([HOUSES, HOUSES.iloc[:1].set_geometry([shapely.Point(115.85, 28.68)])])
    gpd.GeoDataFrame(rows, crs=4326).to_file(path, driver="GPKG")
    with pytest.raises(InputError, match="a polygon with an area"):
        read_city(path)
    city, report = read_city(path, keep_good=True)
    assert len(city.buildings) == 3
    assert len(report.rejected) == 1


def test_a_city_on_a_dem(tmp_path):
    osm = write(tmp_path / "small.osm", XML)
    dem = tmp_path / "dem.tif"
    profile = {"driver": "GTiff", "count": 1, "height": 100, "width": 100, "dtype": "float32",
               "crs": 4326, "transform": Affine(2e-4, 0, 115.84, 0, -2e-4, 28.69)}  # fmt: skip
    with rasterio.open(dem, "w", **profile) as out:
        out.write(np.full((100, 100), 21.0, np.float32), 1)
    city, report = read_city(osm, dem=dem)
    centre = city.extent.centroid
    assert city.terrain.height_at(np.array([centre.x]), np.array([centre.y]))[0] == 21
    assert report.part("terrain").layer == "terrain"
    assert city.sources[-1] == "dem.tif"


def test_a_stray_on_the_map_is_left_out_and_named(tmp_path):
    stray = '<node id="9" lat="0" lon="0"><tag k="man_made" v="surveillance"/></node>'
    path = write(tmp_path / "a.osm", XML.replace('<way id="10">', stray + '<way id="10">'))
    city, report = read_city(path)
    assert city.cameras.index.tolist() == ["node/5"]
    assert city.extent.area < 1e6
    part = report.part("features")
    assert part.count("excluded.far") == 1
    assert [fault.where for fault in part.repaired] == ["node/9"]


def test_points_alone_still_choose_a_system(tmp_path):
    tree = '<node id="5" lat="28.68" lon="115.85"><tag k="natural" v="tree"/></node>'
    city, _ = read_city(write(tmp_path / "a.osm", f'<osm version="0.6">{tree}</osm>'))
    assert (city.crs.to_epsg(), len(city.canopies)) == (4548, 1)
    assert city.extent.is_empty


def test_an_export_of_a_map_names_its_features_without_a_place(tmp_path):
    rows = [
        {"type": "Feature", "properties": {"element": "way", "id": n, "building": "yes"},
         "geometry": shape}
        for n, shape in enumerate(
            [
                shapely.geometry.mapping(shapely.box(115.85, 28.68, 115.851, 28.681)),
                {"type": "Polygon", "coordinates": [[[115.85, "x"], [1, 2], [3, 4]]]},
            ]
        )
    ]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": rows})
    city, report = read_city(write(tmp_path / "map.geojson", text))
    assert list(city.buildings.index) == ["way/0"]
    assert [fault.where for fault in report.repaired if fault.file == "map.geojson"] == ["2"]
