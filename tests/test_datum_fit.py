"""The fit of places to roads and buildings: it finds the datum, warns, and moves nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

import civicsight as cs
from civicsight import io as gates
from civicsight.core.errors import CrsError, InputError
from civicsight.core.i18n import translate
from civicsight.io.datum_fit import FEWEST, HYPOTHESES, Hypothesis, measure_fit
from civicsight.io.datums import SHIFTED, from_wgs84, to_wgs84
from civicsight.io.project import read_city
from civicsight.io.reader_registry import read_into
from civicsight.io.source_options import NOTHING, Declared
from tests.made import seeded_cameras


def loud(report):
    """Return the notes that are heard first."""
    return [one for one in report.told() if one.is_loud]


SHIFT_M = {"gcj02": 542.4, "bd09": 1339.2}
"""Median shift of the footprints of Tsinghua, as the set that was made from them measures it."""


@pytest.fixture(scope="module")
def city(test_data):
    return read_city(test_data("beijing_tsinghua"))[0]


def as_datum(frame, datum, *, swapped=False):
    """Return points with their coordinates in a datum, labelled as WGS 84."""
    lonlat = frame.geometry.to_crs(4326)
    pair = from_wgs84(lonlat.x, lonlat.y, datum)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*pair[:: -1 if swapped else 1]), crs=4326)


@pytest.mark.slow
@pytest.mark.parametrize("datum", sorted(SHIFTED))
def test_footprints_in_a_vendors_datum_are_found(test_data, city, datum):
    path = test_data(f"awkward_made/tsinghua_buildings_{datum}_declared_wgs84.geojson")
    frame = gpd.read_file(path)
    before = frame.copy()
    fit = measure_fit(frame, city.roads, city.buildings)
    assert fit.kind == "footprints"
    assert fit.best == Hypothesis(datum)
    assert fit.scores[fit.best] > 0.99
    assert fit.scores[fit.claimed] < 0.3
    assert fit.offset_m == pytest.approx(SHIFT_M[datum], abs=2.0)
    assert fit.confidence > 0.95
    for language, words in (("en", "Nothing was moved"), ("zh_CN", "数据未作移动")):
        sentence = translate(fit.warning(), language)
        assert words in sentence
        assert f"{fit.offset_m:.0f}" in sentence
    assert frame.equals(before)


def test_true_footprints_raise_no_alarm(city):
    fit = measure_fit(city.buildings, city.roads, city.buildings)
    assert fit.best == fit.claimed == Hypothesis("wgs84")
    assert fit.warning() is None


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("count", [20, 200])
def test_cameras_along_streets(city, count, seed):
    cameras = seeded_cameras(city, count, seed)
    assert measure_fit(cameras, city.roads, city.buildings).warning() is None
    for datum in sorted(SHIFTED):
        fit = measure_fit(as_datum(cameras, datum), city.roads, city.buildings)
        assert fit.kind == "points"
        assert fit.best == Hypothesis(datum)
        assert fit.offset_m == pytest.approx(SHIFT_M[datum], abs=2.0)
        assert not fit.fits


def test_swapped_axes_are_told():
    """Where both orders are on the globe, as in Turkey, only the fit can tell them apart."""
    lonlat = gpd.GeoSeries(gpd.points_from_xy([32.85], [39.93]), crs=4326).to_crs(32636)
    x, y = lonlat.x[0], lonlat.y[0]
    walls = [shapely.box(x + 60 * i, y + 60 * k, x + 60 * i + 40, y + 60 * k + 40)
             for i in range(12) for k in range(12)]  # fmt: skip
    buildings = gpd.GeoDataFrame(geometry=walls, crs=32636)
    streets = [shapely.LineString([(x - 10, y - 10 + 60 * k), (x + 720, y - 10 + 60 * k)])
               for k in range(12)]  # fmt: skip
    roads = gpd.GeoDataFrame(geometry=streets, crs=32636)
    cameras = gpd.GeoDataFrame(
        geometry=[
            shapely.Point(x + 60 * i - 1, y + 60 * k + 20) for i in range(12) for k in range(9)
        ],
        crs=32636,
    )
    fit = measure_fit(as_datum(cameras, "wgs84", swapped=True), roads, buildings)
    assert fit.best == Hypothesis("wgs84", swapped=True)
    assert "swapped" in str(fit.warning())
    assert measure_fit(cameras, roads, buildings).warning() is None


def test_a_wrong_claim_is_found_the_other_way_round(city):
    """Cameras in WGS 84 that were declared as GCJ-02 were moved away from their streets."""
    cameras = seeded_cameras(city, 100, 1)
    lonlat = cameras.geometry.to_crs(4326)
    moved = to_wgs84(lonlat.x, lonlat.y, "gcj02")
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*moved), crs=4326)
    fit = measure_fit(frame, city.roads, city.buildings, claimed="gcj02")
    assert fit.best == Hypothesis("wgs84")
    assert fit.offset_m == pytest.approx(SHIFT_M["gcj02"], abs=2.0)


def test_chance_fits_nothing(city, rng):
    low_x, low_y, high_x, high_y = city.buildings.total_bounds
    xy = rng.uniform((low_x, low_y), (high_x, high_y), (200, 2))
    frame = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=city.crs)
    assert measure_fit(frame, city.roads, city.buildings).warning() is None


def test_outside_of_china_all_datums_are_one(rng):
    walls = shapely.buffer(shapely.points(rng.uniform(400_000, 401_000, (60, 2))), 10)
    buildings = gpd.GeoDataFrame(geometry=walls, crs=32633)
    roads = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(4e5, 4e5), (4.01e5, 4.01e5)])], crs=32633
    )
    places = gpd.GeoDataFrame(geometry=shapely.centroid(walls), crs=32633)
    fit = measure_fit(places, roads, buildings)
    assert fit.best == fit.claimed
    assert len({fit.scores[h] for h in HYPOTHESES if not h.swapped}) == 1


def test_too_little_says_nothing(city):
    few = city.buildings.iloc[: FEWEST - 1]
    assert measure_fit(few, city.roads, city.buildings) is None
    assert measure_fit(city.buildings, city.roads, city.buildings.iloc[:0]) is None


def test_the_same_seed_gives_the_same_fit(city):
    cameras = as_datum(seeded_cameras(city, 50, 2), "gcj02")
    first = measure_fit(cameras, city.roads, city.buildings, seed=5)
    again = measure_fit(cameras, city.roads, city.buildings, seed=5)
    assert first.confidence == again.confidence
    assert np.array_equal(list(first.scores.values()), list(again.scores.values()))


def test_an_inventory_is_held_against_the_project_that_takes_it(city, tmp_path):
    places = as_datum(seeded_cameras(city, 60, 1), "gcj02").geometry
    rows = [f"c{n},{p.x!r},{p.y!r}" for n, p in enumerate(places)]
    path = tmp_path / "cameras.csv"
    path.write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    for declared, told in ((NOTHING, True), (Declared(datum="gcj02"), False)):
        _, report = read_into(path, "cameras", city, declared=declared)
        notes = [str(note) for note in report.part("cameras").notes]
        assert any("look like GCJ-02" in note for note in notes) is told


def test_a_doubtful_inventory_is_warned_of_and_too_few_places_are_said_to_be_untested(
    city, tmp_path
):
    places = as_datum(seeded_cameras(city, 60, 1), "gcj02").geometry
    rows = [f"c{n},{p.x!r},{p.y!r}" for n, p in enumerate(places)]
    path = tmp_path / "cameras.csv"
    path.write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    _, report = read_into(path, "cameras", city)
    assert [str(text)[:37] for text in loud(report)] == ["the coordinates look like GCJ-02, not"]
    path.write_text("\n".join(["id,lon,lat", *rows[:3]]), encoding="utf-8")
    _, report = read_into(path, "cameras", city)
    assert loud(report) == []
    assert any("was not tested" in str(note) for note in report.part("cameras").notes)


def test_places_stand_in_houses_and_areas_cut_none(city):
    """Registers of places are points in buildings or areas around them, and not of the street."""
    inside = city.buildings.geometry.representative_point().iloc[::20].to_frame("geometry")
    areas = city.places[city.places.geom_type != "Point"]
    for rows, layer, how in ((inside, "places", "places"), (areas, "private_places", "areas")):
        fit = measure_fit(rows, city.roads, city.buildings, layer=layer)
        assert (fit.kind, fit.warning()) == (how, None)
        lonlat = rows.geometry.to_crs(4326)
        moved = shapely.transform(
            lonlat.to_numpy(), lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "gcj02"))
        )
        frame = gpd.GeoDataFrame(geometry=moved, crs=4326)
        fit = measure_fit(frame, city.roads, city.buildings, layer=layer)
        assert (fit.kind, fit.best, fit.fits) == (how, Hypothesis("gcj02"), False)
        assert fit.offset_m == pytest.approx(SHIFT_M["gcj02"], abs=3.0)


def shifted_table(frame, columns):
    """Return a table of points in GCJ-02 that says nothing of its datum."""
    places = as_datum(frame, "gcj02").geometry
    rows = [f"r{n},{p.x!r},{p.y!r},{columns[1]}" for n, p in enumerate(places)]
    return "\n".join([f"id,lon,lat,{columns[0]}", *rows])


@pytest.mark.parametrize(
    ("kind", "read", "columns"),
    [
        ("cameras", cs.read_cameras, ("kind", "fixed")),
        ("entrances", gates.read_entrances, ("kind", "main")),
        ("places", gates.read_places, ("item", "1")),
        ("private", gates.read_private_places, ("kind", "dormitory")),
        ("signs", gates.read_signs, ("name", "s")),
    ],
)
def test_every_reader_measures_the_datum_on_every_path(city, tmp_path, kind, read, columns):
    """Python, command line and app: 540 m off is warned of, and what is assumed is named."""
    street = seeded_cameras(city, 60, 1)
    doors = city.buildings.geometry.representative_point().iloc[::10].to_frame("geometry")
    path = tmp_path / "rows.csv"
    indoors = kind in {"places", "private"}
    path.write_text(shifted_table(doors if indoors else street, columns), encoding="utf-8")
    _, direct = read(path, near=city)
    _, into = read_into(path, kind, city)
    for report in (direct, into):
        assert ["look like GCJ-02, not WGS 84" in str(text) for text in loud(report)] == [True]
        assert "assumed WGS 84" in report.summary("en")
        assert "假定" in report.summary()
    _, told = read(path, near=city, declared=Declared(datum="gcj02"))
    assert loud(told) == []
    assert "assumed WGS 84" not in told.summary("en")


def test_a_layer_that_names_no_system_says_what_is_assumed(test_data, city):
    path = test_data("awkward_made/tsinghua_buildings_gcj02_declared_wgs84.geojson")
    _, report = gates.read_buildings(path, near=city)
    assert "look like GCJ-02" in str(loud(report)[0])
    assert "assumed WGS 84" in report.summary("en") or "WGS 84" in report.crs_found


def test_without_a_city_it_is_said_that_nothing_was_tested(city, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(shifted_table(seeded_cameras(city, 20, 1), ("kind", "fixed")), encoding="utf-8")
    _, report = cs.read_cameras(path)
    assert any("was not tested" in str(note) for note in report.notes)
    with pytest.raises(CrsError, match="the city near it is in"):
        cs.read_cameras(path, crs=CRS.from_epsg(32650), near=city)


def test_an_extent_may_be_given_by_its_bounds(city, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(shifted_table(seeded_cameras(city, 20, 1), ("kind", "fixed")), encoding="utf-8")
    by_shape, told = cs.read_cameras(path, crs=city.crs, near=city.extent)
    by_bounds, same = cs.read_cameras(path, crs=city.crs, near=city.extent.bounds)
    assert by_bounds.geometry.equals(by_shape.geometry)
    assert told.notes == same.notes
    assert any("was not tested" in str(note) for note in same.notes)
    far = tuple(bound + 90_000.0 for bound in city.extent.bounds)
    with pytest.raises(InputError):
        cs.read_cameras(path, crs=city.crs, near=far)
