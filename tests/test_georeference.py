"""A layer gets its true place from what is declared, or is refused with what it looks like."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from civicsight.core.errors import InputError
from civicsight.io.crs import number_in, numbered_crs, zone_of
from civicsight.io.datums import from_wgs84
from civicsight.io.georeference import georeference, misplaced
from civicsight.io.report import describe_fault
from civicsight.io.source_options import NOTHING, Declared

NANCHANG = [(115.85, 28.65), (115.86, 28.68), (115.9, 28.7)]


def layer(points=NANCHANG, crs=4326):
    """Return a layer of small squares around points, in the numbers given."""
    size = 1e-4 if abs(points[0][0]) < 400 and abs(points[0][1]) < 400 else 10.0
    shapes = [shapely.box(x, y, x + size, y + size) for x, y in points]
    return gpd.GeoDataFrame({"a": range(len(shapes))}, geometry=shapes, crs=crs)


def moved(code, points=NANCHANG):
    """Return points of Nanchang in another CRS, easting first."""
    forth = Transformer.from_crs(4326, code, always_xy=True)
    return [forth.transform(*point) for point in points]


def fault_of(frame, declared=NOTHING):
    with pytest.raises(InputError) as caught:
        georeference(frame, "a.shp", declared)
    (fault,) = caught.value.faults
    assert fault.file == "a.shp"
    for language in ("en", "zh_CN"):
        assert len(describe_fault(fault, language)) > 20
    return fault


@pytest.mark.parametrize("code", [4326, 4490, 4547, 4548, 4526, 4527, 32650, 3857])
def test_a_true_layer_stays_as_it_is(code):
    frame = layer(moved(code), code)
    out, notes = georeference(frame, "a.shp")
    assert out.crs == CRS.from_epsg(code)
    assert out.geometry.geom_equals(frame.geometry).all()
    assert notes == ()
    assert misplaced(out, "a.shp") == ()


def test_a_declared_crs_serves_a_layer_without_one():
    frame = layer(moved(4548), None)
    out, notes = georeference(frame, "a.shp", Declared(crs=CRS.from_epsg(4548)))
    assert out.crs.to_epsg() == 4548
    assert frame.crs is None
    assert "EPSG:4548" in str(notes[0])


@pytest.mark.parametrize(("datum", "code"), [("wgs84", 4326), ("cgcs2000", 4490), ("gcj02", 4326)])
def test_a_declared_datum_says_that_numbers_are_degrees(datum, code):
    out, _ = georeference(layer(crs=None), "a.shp", Declared(datum=datum))
    assert out.crs.to_epsg() == code


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("code", [4326, 3857])
def test_a_declared_shift_is_undone(datum, code):
    lon, lat = from_wgs84(*np.array(NANCHANG).T, datum)
    shifted = layer(list(zip(lon, lat, strict=True))).to_crs(code)
    out, notes = georeference(shifted, "a.shp", Declared(datum=datum))
    apart = out.to_crs(4548).distance(layer().to_crs(4548)).to_numpy()
    assert out.crs.to_epsg() == 4326
    assert apart.max() < 0.01
    assert any("moved to WGS 84" in str(note) for note in notes)


def test_heights_of_vertices_survive_the_shift():
    solid = shapely.force_3d(layer().geometry.to_numpy(), 7.0)
    frame = gpd.GeoDataFrame(geometry=[*solid, shapely.Point(115.8, 28.6), None], crs=4326)
    out, _ = georeference(frame, "a.shp", Declared(datum="gcj02"))
    assert (shapely.get_coordinates(out.geometry[0], include_z=True)[:, 2] == 7.0).all()
    assert not out.geometry[3].has_z
    assert out.geometry[4] is None


@pytest.mark.parametrize(
    ("points", "names"),
    [
        (NANCHANG, ["EPSG:4326", "EPSG:4490"]),
        (moved(4548), ["EPSG:4534-4554", "EPSG:32643"]),
        (moved(4526), ["EPSG:4526"]),
        (moved(3857), ["EPSG:3857"]),
    ],
)
def test_a_missing_crs_is_never_guessed_but_advised(points, names):
    fault = fault_of(layer(points, None))
    assert fault.code == "crs.missing"
    assert "--source-crs" in str(fault.remedy)
    for name in names:
        assert name in str(fault.remedy)


def test_a_layer_without_any_place_still_needs_a_crs():
    fault = fault_of(gpd.GeoDataFrame(geometry=[None, shapely.Point()]))
    assert fault.code == "crs.missing"
    assert fault.found == ""


SWAPPED = [(y, x) for x, y in NANCHANG]


@pytest.mark.parametrize(
    ("points", "crs", "found"),
    [
        (SWAPPED, 4326, "28.68"),
        (SWAPPED, None, "28.68"),
        ([(43.8, 87.6)], 4326, "43.8"),
        ([(y, x) for x, y in moved(4548)], 4548, "317"),
        ([(y, x) for x, y in moved(4526)], 4526, "317"),
        ([(y, x) for x, y in moved(4526)], None, "317"),
        ([(y, x) for x, y in moved(32650)], 32650, "317"),
    ],
)
def test_swapped_axes(points, crs, found):
    fault = fault_of(layer(points, crs))
    assert fault.code == "crs.swapped"
    assert fault.found.startswith(found)
    assert f"The axes look swapped: {fault.found}" in str(fault.remedy)


def test_declaring_does_not_help_swapped_axes():
    assert fault_of(layer(SWAPPED, None), Declared(datum="gcj02")).code == "crs.swapped"


@pytest.mark.parametrize(
    ("true", "label", "advice"),
    [
        (4526, 4547, "EPSG:4526"),
        (4526, 4527, "EPSG:4526"),
        (4547, 4526, "EPSG:4547"),
        (4498, 4507, "EPSG:4498"),
        (4509, 4498, "EPSG:4509"),
    ],
)
def test_a_wrong_zone_is_seen_by_its_number(true, label, advice):
    fault = fault_of(layer(moved(true), label))
    assert fault.code == "crs.zone"
    assert advice in str(fault.remedy)


def test_degrees_labelled_as_metres():
    fault = fault_of(layer(NANCHANG, 4548))
    assert fault.code == "crs.degrees"
    assert fault.found == "115.86, 28.6801"


@pytest.mark.parametrize("code", [4548, 4526, 3857])
def test_metres_labelled_as_degrees(code):
    fault = fault_of(layer(moved(code), 4326))
    assert fault.code == "crs.metres"
    assert f"EPSG:{code}" in str(fault.remedy) or "EPSG:4534-4554" in str(fault.remedy)


def test_a_longitude_of_4000():
    assert fault_of(layer([(4000.0, 28.6)])).code == "crs.range"


def test_coordinates_beyond_the_domain_of_a_projection():
    assert fault_of(layer([(1e9, 1e9)], 4548)).code == "crs.domain"


def test_a_layer_outside_of_the_area_of_its_crs():
    fault = fault_of(layer(moved(4548), 28992))
    assert fault.code == "crs.area"
    assert "0 of 3" in str(fault.remedy)
    assert "3.2, 50.75, 7.22, 53.7" in str(fault.expected)


def test_a_neighbouring_zone_is_still_used():
    """Cities on the border of two zones are drawn in one of them, so 2 degrees more are allowed."""
    assert georeference(layer(moved(4547), 4547), "a.shp")[0].crs.to_epsg() == 4547


def test_a_layer_beside_the_area_of_its_crs_is_told():
    """Drawn in a wide zone of 6 degrees, labelled as the narrow one of another meridian."""
    suzhou = [(120.59, 31.29), (120.6, 31.3)]
    _, notes = georeference(layer(moved(4510, suzhou), 4549), "a.shp")
    assert "117.59" in str(notes[0])
    assert "EPSG:4549" in str(notes[0])
    assert georeference(layer(moved(4510, suzhou), 4510), "a.shp")[1] == ()


def test_an_unregistered_projection_is_judged_by_its_domain():
    local = CRS.from_proj4("+proj=tmerc +lon_0=116 +lat_0=28 +x_0=1000 +y_0=1000 +ellps=GRS80")
    assert georeference(layer(moved(local), local), "a.shp")[0].crs == local
    assert fault_of(layer([(5e8, 5e8)], local)).code == "crs.domain"


@pytest.mark.parametrize("code", [2436, 2384, 4214, 4610])
def test_old_datums_without_a_published_conversion(code):
    """Beijing 1954 and Xian 1980: the library would convert them 50 to 100 m wrong, silently."""
    fault = fault_of(layer(moved(code), code))
    assert fault.code == "datum.unknown"
    assert "CGCS2000" in str(fault.remedy)


def test_a_datum_with_a_published_conversion_passes():
    amsterdam = [(4.9, 52.37)]
    out, notes = georeference(layer(moved(28992, amsterdam), 28992), "a.shp")
    assert (out.crs.to_epsg(), notes) == (28992, ())
    london = [(-0.1, 51.5)]
    _, notes = georeference(layer(moved(27700, london), 27700), "a.shp")
    assert not notes or "error" in str(notes[0])


@pytest.mark.parametrize("declared", [4547, 32650, 4326])
def test_a_declared_crs_never_overrides_that_of_the_file(declared):
    fault = fault_of(layer(moved(4548), 4548), Declared(crs=CRS.from_epsg(declared)))
    assert fault.code == "crs.contradiction"
    assert "EPSG:4548" in fault.found
    assert f"EPSG:{declared}" in str(fault.expected)


def test_saying_the_same_twice_is_no_contradiction():
    esri = CRS.from_wkt(CRS.from_epsg(4548).to_wkt("WKT1_ESRI"))
    frame = layer(moved(4548), esri)
    assert georeference(frame, "a.shp", Declared(crs=CRS.from_epsg(4548)))[0].crs == esri
    same = Declared(crs=CRS.from_epsg(4490), datum="wgs84")
    assert georeference(layer(), "a.shp", same)[0].crs.to_epsg() == 4326


def test_a_datum_against_the_crs_of_the_file():
    frame = layer(moved(28992, [(4.9, 52.37)]), 28992)
    assert fault_of(frame, Declared(datum="cgcs2000")).code == "datum.contradiction"


def test_a_vendors_datum_outside_of_china():
    fault = fault_of(layer([(24.94, 60.17)]), Declared(datum="bd09"))
    assert fault.code == "datum.outside"
    assert "BD-09" in str(fault.expected)


def test_a_plane_of_its_own_is_no_place_on_earth_until_one_is_declared():
    """MapInfo writes ``NonEarth`` where nobody chose a projection."""
    plane = CRS.from_wkt('LOCAL_CS["Nonearth",UNIT["Meter",1]]')
    assert fault_of(layer(moved(4548), plane)).code == "crs.missing"
    declared = CRS.from_epsg(4548)
    known, notes = georeference(layer(moved(4548), plane), "a.tab", Declared(crs=declared))
    assert known.crs == declared
    assert "as declared" in str(notes[0])


def test_a_geocentric_system_is_no_map():
    assert fault_of(layer(moved(4548), 4978)).code == "crs.kind"


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (shapely.Point(4000, 28.6), "place.range"),
        (shapely.Point(0, 0), "place.null"),
        (shapely.Point(28.6, 115.9), "place.swapped"),
        (shapely.box(-179.9, 50, 179.9, 51), "place.antimeridian"),
        (shapely.Point(115, -91), "place.range"),
    ],
)
def test_single_features_have_faults_of_their_own(shape, code):
    frame = gpd.GeoDataFrame(geometry=[*layer().geometry, shape, None], crs=4326)
    out, _ = georeference(frame, "a.shp")
    (fault,) = misplaced(out, "a.shp")
    assert (fault.code, fault.where, fault.file) == (code, "3", "a.shp")
    assert describe_fault(fault, "zh_CN") != describe_fault(fault, "en")


def test_single_features_beyond_the_domain():
    frame = layer([*moved(4548), (1e9, 1e9)], 4548)
    (fault,) = misplaced(georeference(frame, "a.shp")[0], "a.shp")
    assert (fault.code, fault.where) == ("place.domain", "3")


def test_zones_follow_the_registry():
    """Every zone of CGCS2000 in the registry: meridian, number and partner without number."""
    for number in range(25, 46):
        numbered, plain = numbered_crs(number), CRS.from_epsg(4534 + number - 25)
        assert zone_of(numbered) == (3.0 * number, number)
        assert zone_of(plain) == (3.0 * number, 0)
        assert number_in(number * 1e6 + 556_823) == number
    for number in range(13, 24):
        assert zone_of(numbered_crs(number)) == (6.0 * number - 3, number)
    assert zone_of(CRS.from_epsg(32650)) is None
    assert zone_of(CRS.from_epsg(3857)) is None
    assert number_in(556_823.0) == number_in(13_424_782_000.0) == number_in(46_500_000.0) == 0
    with pytest.raises(ValueError, match="zone is 24"):
        numbered_crs(24)
