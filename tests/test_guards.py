"""Cameras that seem to lie elsewhere stop whatever looks from them, from Python as on the line."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

import civicsight as cs
from civicsight.cli.entry import main
from civicsight.core.errors import InputError
from civicsight.io import save_city
from civicsight.io.datums import from_wgs84
from civicsight.io.project import read_city
from civicsight.io.reader_registry import read_into
from civicsight.io.source_options import NOTHING, Declared
from civicsight.model import BUILDINGS
from civicsight.scene.nearness import NEAR_M, require_settled
from tests.kernel_parts import camera_at, houses
from tests.made import seeded_cameras

HOUSE = shapely.box(10.0, 10.0, 30.0, 30.0)
SHIFT_M = 543
"""How far GCJ-02 lies from WGS 84 in this part of Beijing."""


@pytest.fixture(scope="module")
def city(test_data):
    return read_city(test_data("beijing_tsinghua"))[0]


@pytest.fixture(scope="module")
def shifted(city, tmp_path_factory):
    """An inventory whose coordinates are in GCJ-02, though nothing says so."""
    places = seeded_cameras(city, 60, 1).geometry.to_crs(4326)
    lon, lat = from_wgs84(places.x.to_numpy(), places.y.to_numpy(), "gcj02")
    rows = [
        f"c{k},{x!r},{y!r}" for k, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    ]
    path = tmp_path_factory.mktemp("shifted") / "cameras.csv"
    path.write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
    return path


def refused(call, *args, **kwargs):
    with pytest.raises(InputError) as caught:
        call(*args, **kwargs)
    return caught.value.faults


def test_a_measured_shift_stops_a_check_until_the_datum_is_declared(city, shifted):
    cameras, report = cs.read_cameras(shifted, near=city)
    assert [one.kind for one in report.stops] == ["datum.shift"]
    (fault,) = refused(cs.check, city, cameras, raster=False)
    assert (fault.code, fault.field, fault.found) == ("datum.shift", "datum", f"{SHIFT_M} m")
    assert "--datum gcj02" in str(fault.remedy)
    assert 'Declared(datum="gcj02")' in str(fault.remedy)
    cameras, _ = cs.read_cameras(shifted, near=city, declared=Declared(datum="gcj02"))
    require_settled(city, cameras)
    cameras, _ = cs.read_cameras(shifted, near=city, declared=Declared(datum="wgs84"))
    assert len(cs.check(city, cameras, raster=False).cameras) == 60


def test_views_of_rows_that_were_measured_off_are_refused_until_the_datum_is_declared(
    city, shifted
):
    """The rows of a list, and those of a city that took it: each was a view 543 m away."""
    scene = cs.build_scene(BUILDINGS.empty(city.crs))
    read, _ = cs.read_cameras(shifted, near=city)
    taken, _ = read_into(shifted, "cameras", city, declared=NOTHING)
    for rows in (read, read.head(3), taken.cameras.iloc[:3]):
        (fault,) = refused(cs.viewsheds, rows.assign(azimuth_deg=0.0, height_m=4.0), scene)
        assert (fault.code, fault.found) == ("datum.shift", f"{SHIFT_M} m")
    again, _ = read_into(shifted, "cameras", taken, declared=Declared(datum="gcj02"))
    rows = again.cameras.head(3).assign(azimuth_deg=0.0, height_m=4.0)
    with pytest.warns(UserWarning, match="assumed"):
        views = cs.viewsheds(rows, scene, cell_m=4.0)
    assert len(views) == 3


def test_a_project_remembers_the_shift_until_its_source_is_read_again(city, shifted, tmp_path):
    taken, _ = read_into(shifted, "cameras", city, declared=NOTHING)
    path = tmp_path / "project.gpkg"
    save_city(taken, path)
    kept, _ = cs.read_city(path)
    (fault,) = refused(cs.check, kept, raster=False)
    assert (fault.code, fault.file) == ("datum.shift", "cameras.csv")
    looking = kept.cameras.head(3).assign(azimuth_deg=0.0, height_m=4.0)
    (fault,) = refused(cs.viewsheds, looking, cs.build_scene(BUILDINGS.empty(kept.crs)))
    assert fault.code == "datum.shift"
    again, _ = read_into(shifted, "cameras", kept, declared=Declared(datum="gcj02"))
    require_settled(again, None)
    require_settled(again, again.cameras)


@pytest.mark.slow
def test_the_command_line_stops_as_well_and_names_its_option(city, shifted, tmp_path, capsys):
    path = tmp_path / "project.gpkg"
    save_city(city, path)
    asked = ["check", str(path), str(shifted), "--no-raster", "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as stopped:
        main(asked)
    assert stopped.value.code == 2
    assert "--datum gcj02" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()
    with pytest.raises(SystemExit) as stopped:
        main([*asked, "--datum", "gcj02", "--json"])
    assert stopped.value.code in (0, 1)
    assert json.loads(capsys.readouterr().out)["cameras"]["read"] == 60


def test_cameras_far_from_the_city_stop_a_check_and_those_a_little_outside_do_not(city):
    cameras = seeded_cameras(city, 3, 1)
    x, y = city.extent.bounds[2:]
    far, near = (cameras.copy() for _ in range(2))
    far.loc[far.index[1], "geometry"] = shapely.Point(x + 900_000.0, y)
    near.loc[near.index[1], "geometry"] = shapely.Point(x + NEAR_M - 1.0, y)
    (fault,) = refused(cs.check, city, far, raster=False)
    assert (fault.code, fault.where, fault.field) == ("place.far", str(far.index[1]), "geometry")
    assert str(fault.expected) == "a place within 5 km of the city"
    require_settled(city, near)
    (fault,) = refused(cs.check, replace(city, cameras=far), raster=False)
    assert fault.code == "place.far"


@pytest.mark.parametrize("away_m", [NEAR_M + 31.0, 900_000.0])
def test_a_view_from_far_away_is_refused_by_row(away_m):
    scene = cs.build_scene(houses((HOUSE, 9.0)))
    near, far = camera_at(30.0 + NEAR_M, 20.0), camera_at(away_m, 20.0)
    (fault,) = refused(cs.viewshed, far, scene)
    assert (fault.code, fault.where) == ("place.far", "camera")
    (fault,) = refused(cs.viewsheds, [near, far], scene)
    assert (fault.code, fault.where) == ("place.far", "camera 2")
    assert "Check the coordinates, and the CRS they are in." in str(fault)
    assert cs.viewshed(near, scene, cell_m=4.0).area_m2 > 0.0
    assert len(cs.viewsheds([near], scene, cell_m=4.0)) == 1


def test_the_command_line_and_programs_ask_one_bound(city, tmp_path):
    """A row of a file is refused by the distance that a row of a table is refused by."""
    x, y = city.extent.bounds[2:]
    for away_m, told in ((NEAR_M - 1.0, 0), (NEAR_M + 1.0, 1)):
        at = gpd.GeoSeries([shapely.Point(x + away_m, y)], crs=city.crs).to_crs(4326)
        path = tmp_path / f"{told}.csv"
        inside = seeded_cameras(city, 1, 1).geometry.to_crs(4326)
        rows = [f"c{k},{p.x!r},{p.y!r}" for k, p in enumerate([*inside, *at])]
        path.write_text("\n".join(["id,lon,lat", *rows]), encoding="utf-8")
        if told:
            (fault,) = refused(cs.read_cameras, path, near=city)
            assert fault.code == "place.far"
        else:
            assert len(cs.read_cameras(path, near=city)[0]) == 2
