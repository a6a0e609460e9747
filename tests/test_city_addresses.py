"""Rows with addresses and no coordinates: placed by what is known, or listed and not placed."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.coverage.check import check
from civicsight.io import save_city
from civicsight.io.datums import to_wgs84
from civicsight.io.gazetteer import read_gazetteer
from civicsight.io.project import read_city
from civicsight.io.project_file import load_city
from civicsight.io.reader_registry import read_into
from civicsight.io.source_options import Declared
from civicsight.io.tables.addresses import parted
from civicsight.presentation.names import name_all
from tests.test_check import inventory, town

X, Y = 390_000.0, 3_172_000.0
UTM = CRS.from_epsg(32650)

GAZETTEER = (
    "address,lon,lat,accuracy m\n"
    "南昌市东湖区八一大道100号,115.8922,28.6765,10\n"
    "南昌市东湖区民德路5号,115.8930,28.6770,\n"
    "南昌市西湖区民德路5号,115.8800,28.6600,\n"
)
ROWS = (
    "camera_id,地址\n"
    "a,江西省南昌市东湖区八一大道 100 号\n"
    "b,八一大道１００号\n"
    "c,八一大道\n"
    "d,八一大道101号\n"
    "e,民德路5号\n"
    "f,东湖区民德路5号\n"
    "g,西湖区八一大道100号\n"
    "h,\n"
)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def made_city(folder):
    """Return a city of two houses with an address each."""
    boxes = [shapely.box(X + 50 * n, Y, X + 50 * n + 30, Y + 40) for n in range(2)]
    frame = gpd.GeoDataFrame({"id": ["h1", "h2"], "height": [9.0, 9.0]}, geometry=boxes, crs=UTM)
    frame.to_file(folder / "houses.gpkg")
    city, _ = read_city(folder / "houses.gpkg", crs=UTM)
    buildings = city.buildings.copy()
    buildings["tags"] = [
        {"addr:street": "八一大道", "addr:housenumber": "7"},
        {"addr:street": "Main Street", "addr:housenumber": "12"},
    ]
    return replace(city, buildings=buildings)


def test_an_address_is_parted_into_what_is_above_and_street_and_number():
    assert parted("江西省南昌市东湖区八一大道 100 号") == ("江西省南昌市东湖区", "八一大道100")
    assert parted("八一大道１００号") == ("", "八一大道100")
    assert parted("八一大道100-2号")[1] != parted("八一大道1002号")[1]
    assert parted("Main Street, 12") == ("", "mainstreet12")
    assert parted("八一大道")[1] == ""


def test_rows_are_placed_by_a_gazetteer_and_the_others_are_listed(tmp_path):
    rows = write(tmp_path / "rows.csv", ROWS)
    with pytest.raises(InputError, match="--gazetteer"):
        read_into(rows, "cameras")
    known = read_gazetteer(write(tmp_path / "known.csv", GAZETTEER))
    city, report = read_into(rows, "cameras", declared=Declared(addresses=known), keep_good=True)
    assert list(city.cameras.index) == ["a", "b", "f"]
    tags = list(city.cameras["tags"])
    sure, alone = "gazetteer", "gazetteer, street and number alone"
    assert [entry["placed_by"] for entry in tags] == [sure, alone, sure]
    assert [entry.get("placed_within_m") for entry in tags] == ["10", "10", None]
    places = city.cameras.to_crs(4326).geometry
    assert places["a"].distance(shapely.Point(115.8922, 28.6765)) < 1e-9
    assert places["f"].distance(shapely.Point(115.8930, 28.6770)) < 1e-9
    assert [(fault.where, fault.code) for fault in report.rejected] == [
        ("row 4", "address.unknown"),
        ("row 5", "address.unknown"),
        ("row 6", "address.unclear"),
        ("row 8", "address.unknown"),
        ("row 9", "address.unknown"),
    ]
    assert (report.read, report.kept) == (8, 3)
    said = " ".join(str(note) for note in report.part("cameras").notes)
    assert "survey it before anything rests on metres" in said
    assert "same address, which need not be one pole: 2, 3" in said
    with pytest.raises(InputError, match="address that stands at one place"):
        read_into(rows, "cameras", declared=Declared(addresses=known))


def test_a_gazetteer_in_another_datum_is_moved_once(tmp_path):
    declared = Declared(datum="gcj02")
    known = read_gazetteer(write(tmp_path / "known.csv", GAZETTEER), declared=declared)
    rows = write(tmp_path / "rows.csv", "camera_id,address\na,东湖区八一大道100号\n")
    city, _ = read_into(rows, "cameras", declared=replace(declared, addresses=known))
    lon, lat = to_wgs84([115.8922], [28.6765], "gcj02")
    place = city.cameras.to_crs(4326).geometry["a"]
    assert place.distance(shapely.Point(lon[0], lat[0])) < 1e-8


def test_an_address_at_two_places_is_no_place(tmp_path):
    text = (
        "address,lon,lat\nA 1,115.89,28.67\nA 1,115.8901,28.67\nB 1,115.89,28.67\nB 1,115.9,28.67\n"
    )
    known = read_gazetteer(write(tmp_path / "known.csv", text))
    near, far = known.find("a 1"), known.find("b 1")
    assert [round(spot.within_m) for spot in near] == [10]
    assert len(far) == 2


def test_rows_are_placed_by_the_addresses_of_the_city(tmp_path):
    city = made_city(tmp_path)
    text = "camera_id,address\na,八一大道7号\nb,12 Main Street\nc,12 Other Street\n"
    rows = write(tmp_path / "rows.csv", text)
    found, report = read_into(rows, "cameras", city, keep_good=True)
    assert list(found.cameras.index) == ["a", "b"]
    tags = list(found.cameras["tags"])
    alone = ", street and number alone"
    assert [entry["placed_by"] for entry in tags] == [f"building h1{alone}", f"building h2{alone}"]
    assert [entry["placed_within_m"] for entry in tags] == ["25", "25"]
    assert found.cameras.geometry["a"].distance(shapely.Point(X + 15, Y + 20)) < 0.01
    assert [fault.code for fault in report.rejected] == ["address.unknown"]
    assert "placed by the address of a building of the city: 2 rows" in " ".join(
        str(note) for note in report.part("cameras").notes
    )


def test_the_command_line_takes_a_gazetteer(tmp_path, capsys):
    project = save_city(made_city(tmp_path), tmp_path / "town.gpkg")
    lon, lat = (
        gpd.GeoSeries([shapely.Point(X + 5, Y - 9)], crs=UTM).to_crs(4326).get_coordinates().iloc[0]
    )
    known = write(tmp_path / "known.csv", f"address,lon,lat\n八一大道7号,{lon},{lat}\n")
    rows = write(tmp_path / "rows.csv", "camera_id,address\na,八一大道7号\nb,Main Street 12\n")
    words = ["import", str(rows), "--as", "cameras", "--gazetteer", str(known), "--lang", "en"]
    assert run([*words, "--into", str(project), "--accept"]) == OK
    said = " ".join(capsys.readouterr().out.split())
    assert "placed by an address of the gazetteer: 1 rows" in said
    tags = list(load_city(project).cameras["tags"])
    told = [entry["placed_by"].partition(",")[0] for entry in tags]
    assert told == ["gazetteer", "building h2"]
    assert run([*words, "--dry-run"]) == BAD_INPUT


def test_what_a_row_placed_by_its_address_covers_is_covered_only_if_that_holds():
    city = town(inventory(south=((30, -8), 0.0, {}), north=((30, 48), 180.0, {})))
    cameras = city.cameras.copy()
    cameras.at["south", "tags"] = {"placed_by": "gazetteer", "placed_within_m": "10"}
    result = check(replace(city, cameras=cameras), raster=False)
    readings = result.heads.groupby("camera_id")["reading"].agg(set)
    assert readings["north"] == {"sure", "assumed", "possible"}
    assert readings["south"] == {"assumed", "possible"}
    south = result.parts.index[result.parts["entrance_id"].eq("s")][0]
    assert result.part_status["status"].to_dict().pop(south) == "assumed"
    (gap,) = result.gaps.itertuples()
    assert gap.outcome == "undetermined"
    assert "placed_by_address" in gap.assumptions
    names = name_all(result, "en")
    assert "placed by its address" in names.grounds(gap.assumptions)
