"""Where rows are: in degrees of any datum or metres of any zone, and what cannot be right."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from civicsight.core.errors import InputError
from civicsight.io.crs import working_crs
from civicsight.io.datums import from_wgs84
from civicsight.io.report import describe_fault
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.positions import locate
from civicsight.io.tables.sheet import Sheet

LON, LAT = 115.8582, 28.6829
CRS_4548 = CRS.from_epsg(4548)
GOOD = [(LON, LAT), (LON + 0.01, LAT), (LON, LAT + 0.01)]


def sheet_with(rows, header=("lon", "lat"), geometry=None):
    """Return rows as a table does: the header is row 1."""
    rows = [dict(zip(header, (None if c is None else str(c) for c in row), strict=True))
            for row in rows]  # fmt: skip
    where = [f"row {n}" for n in range(2, len(rows) + 2)]
    return Sheet("a.csv", list(header), rows, where, geometry)


def place(rows, header=("lon", "lat"), *, crs=None, near=None, declared=NOTHING, placed=True):
    found = {name: name for name in header}
    return locate(sheet_with(rows, header), found, crs, near, declared, placed=placed)


def in_metres(code, points=GOOD):
    forth = Transformer.from_crs(4326, code, always_xy=True)
    return [forth.transform(*point) for point in points]


def coordinates(places):
    return shapely.get_coordinates(places.to_numpy())


def refusal(rows, header=("x", "y"), **options):
    with pytest.raises(InputError) as caught:
        place(rows, header, **options)
    (fault,) = caught.value.faults
    assert describe_fault(fault, "zh_CN") != describe_fault(fault, "en")
    return fault


TRUE = np.array(in_metres(4548))


def test_degrees_choose_their_working_system():
    got = place(GOOD)
    assert got.places.crs == CRS_4548 == working_crs((LON, LAT, LON, LAT))
    assert np.allclose(coordinates(got.places), TRUE, atol=1e-6)
    assert got.faults == []


def test_degrees_minutes_and_seconds_are_the_same_place():
    got = place([("115°51′29.52″E", "北纬28°40′58.44″")], crs=CRS_4548)
    assert np.allclose(coordinates(got.places), TRUE[:1], atol=1e-6)


def test_rows_of_many_datums():
    """Each row in the datum that it names; where it names none, in the declared one."""
    words = {"gcj02": "GCJ-02", "bd09": "百度坐标", "cgcs2000": "国家2000", "wgs84": "WGS84"}
    rows = []
    for datum, word in words.items():
        lon, lat = from_wgs84([LON], [LAT], datum)
        rows.append((repr(float(lon[0])), repr(float(lat[0])), word))
    lon, lat = from_wgs84([LON], [LAT], "bd09")
    rows.append((repr(float(lon[0])), repr(float(lat[0])), None))
    got = place(rows, ("lon", "lat", "datum"), crs=CRS_4548, declared=Declared(datum="bd09"))
    assert got.faults == []
    assert np.allclose(coordinates(got.places), TRUE[0], atol=1e-3)
    assert [note.count for note in got.notes] == [1, 2]


def test_a_datum_without_a_conversion_is_a_fault_of_its_row():
    got = place([(LON, LAT, "北京54"), (LON, LAT, "WGS84")], ("lon", "lat", "datum"), crs=CRS_4548)
    (fault,) = got.faults
    assert (fault.code, fault.where, fault.found) == ("place.datum", "row 2", "北京54")


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ((0, 0), "place.null", "lon, lat"),
        ((LAT, LON), "place.swapped", "lon, lat"),
        (("28.68N", "115.86E"), "place.swapped", "lon"),
        ((4000, LAT), "place.range", "lon, lat"),
        ((LON, 95), "place.range", "lon, lat"),
        ((LON, -28.7), "place.far", ""),
        ((24.9, 60.2), "place.far", ""),
        ((None, LAT), "place.number", "lon"),
        (("115°61'", LAT), "place.number", "lon"),
        ((556_823.8, 3_463_294.1), "place.metres", "lon, lat"),
    ],
)
def test_each_wrong_place_has_its_own_message(row, code, field):
    got = place([*GOOD, row])
    faults = [fault for fault in got.faults if fault.where == "row 5"]
    assert {fault.code for fault in faults} == {code}
    assert {fault.where for fault in got.faults} == {"row 5"}
    assert field in {fault.field for fault in faults}
    assert got.places.crs == CRS_4548, "a wrong row never moves the working system"


def test_metres_in_the_declared_system():
    got = place(in_metres(32650), ("x", "y"), declared=Declared(crs=CRS.from_epsg(32650)))
    assert got.places.crs == CRS_4548
    assert np.allclose(coordinates(got.places), TRUE, atol=1e-3)
    assert "EPSG:32650" in str(got.notes[0])


@pytest.mark.parametrize("code", [4526, 4527, 4498])
def test_metres_with_the_number_of_a_zone(code):
    got = place(in_metres(code), ("x", "y"), crs=CRS_4548)
    assert np.allclose(coordinates(got.places), TRUE, atol=1e-3)
    assert f"EPSG:{code}" in str(got.notes[0])


def test_metres_in_the_working_system():
    got = place(in_metres(4548), ("x", "y"), crs=CRS_4548)
    assert np.array_equal(coordinates(got.places), TRUE)


def test_metres_without_a_system_are_refused_with_advice():
    fault = refusal(in_metres(4548))
    assert fault.code == "crs.missing"
    assert "EPSG:4534-4554" in str(fault.remedy)


def test_degrees_under_the_headings_of_metres():
    assert refusal(GOOD, crs=CRS_4548).code == "crs.degrees"
    got = place(GOOD, ("x", "y"), declared=Declared(crs=CRS.from_epsg(4490)))
    assert np.allclose(coordinates(got.places), TRUE, atol=1e-6)


def test_rows_in_two_zones_are_refused():
    fault = refusal([in_metres(4526)[0], in_metres(4527)[1]])
    assert (fault.code, fault.found) == ("crs.zone", "38, 39")


def test_a_zone_against_the_declared_one():
    fault = refusal(in_metres(4526), declared=Declared(crs=CRS.from_epsg(4527)))
    assert fault.code == "crs.zone"
    assert "EPSG:4526" in str(fault.remedy)


def test_northing_first_in_every_row_is_as_surveyors_write_it():
    rows = [(y, x) for x, y in in_metres(4527)]
    got = place(rows, ("x", "y"), declared=Declared(crs=CRS.from_epsg(4527)))
    assert np.allclose(coordinates(got.places), TRUE, atol=1e-6)
    assert "x counts to the north" in str(got.notes[0])


def test_metres_beside_degrees_are_said_to_be_unread():
    rows = [(lon, lat, *xy) for (lon, lat), xy in zip(GOOD, in_metres(4548), strict=True)]
    got = place(rows, ("lon", "lat", "x", "y"))
    assert any("not read" in str(note) and "x, y" in str(note) for note in got.notes)
    empty = place([(*point, None, None) for point in GOOD], ("lon", "lat", "x", "y"))
    assert not any("not read" in str(note) for note in empty.notes)


def test_northing_under_the_heading_of_easting_is_a_fault_of_each_row():
    rows = [(y, x) for x, y in in_metres(4527)]
    sheet, found = sheet_with(rows, ("east", "north")), {"x": "east", "y": "north"}
    with pytest.raises(InputError) as caught:
        locate(sheet, found, declared=Declared(crs=CRS.from_epsg(4527)))
    assert [fault.code for fault in caught.value.faults] == ["place.swapped"] * 3


NEAR = shapely.box(*(TRUE.min(axis=0) - 2000), *(TRUE.max(axis=0) + 2000))


def test_another_zone_is_named_when_it_leads_into_the_city():
    fault = refusal(in_metres(4547), crs=CRS_4548, near=NEAR)
    assert fault.code == "crs.zone"
    assert "EPSG:4547" in str(fault.remedy)


def test_single_rows_far_from_the_city():
    rows = [*in_metres(4548), (TRUE[0, 1], TRUE[0, 0]), (TRUE[0, 0] + 60_000, TRUE[0, 1])]
    got = place(rows, ("x", "y"), crs=CRS_4548, near=NEAR)
    assert {(fault.code, fault.where) for fault in got.faults} == {
        ("place.swapped", "row 5"),
        ("place.far", "row 6"),
    }


def test_a_vendors_datum_beside_metres_is_a_fault():
    rows = [(*in_metres(4548)[0], "GCJ-02")]
    got = place(rows, ("x", "y", "datum"), crs=CRS_4548)
    assert [fault.code for fault in got.faults] == ["place.datum"]


def test_rows_that_need_no_place():
    got = place([*GOOD, (None, None)], placed=False)
    assert got.faults == []
    assert got.places.isna().tolist() == [False, False, False, True]
    got = place([("a",)], ("name",), crs=CRS_4548, placed=False)
    assert got.places.isna().all()


def test_no_row_with_a_place_chooses_no_system():
    with pytest.raises(InputError) as caught:
        place([(0, 0), (0, 0)])
    assert {fault.code for fault in caught.value.faults} == {"place.null"}
    assert refusal([(None, None)], ("lon", "lat"), placed=False).code == "crs.unknown"


def layer_of(points, words, declared=NOTHING):
    geometry = gpd.GeoSeries(gpd.points_from_xy(*np.array(points).T), crs=4326)
    sheet = sheet_with([(word,) for word in words], ("datum",), geometry)
    return locate(sheet, {"datum": "datum"}, CRS_4548, None, declared)


def test_rows_of_a_layer_may_name_their_datum():
    lon, lat = from_wgs84([LON], [LAT], "gcj02")
    got = layer_of([(lon[0], lat[0]), (LON, LAT)], ["高德", "WGS84"])
    assert np.allclose(coordinates(got.places), TRUE[0], atol=1e-3)
    assert got.faults == []


def test_a_layer_that_was_moved_already_is_not_moved_twice():
    got = layer_of([(LON, LAT)] * 2, ["GCJ-02", None], Declared(datum="gcj02"))
    assert np.allclose(coordinates(got.places), TRUE[0], atol=1e-3)
    got = layer_of([(LON, LAT)] * 2, ["BD-09", "GCJ-02"], Declared(datum="gcj02"))
    assert [(fault.code, fault.where) for fault in got.faults] == [("place.datum", "row 2")]
