"""Local systems of coordinates: points worked out by other formulae, in both zones of Nanchang."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Transformer

from civicsight.cli.entry import BAD_INPUT, OK, VIOLATION, run
from civicsight.core.errors import InputError
from civicsight.io import read_places
from civicsight.io.apart.reading import read_apart
from civicsight.io.project_file import load_city, save_city
from civicsight.io.registers.local_systems import read_local_system
from civicsight.io.source_options import Declared
from tests.documented import read_pieces
from tests.plan_made import checked

FOUR = {
    "model": "four", "axes": "north_east", "crs": "EPSG:4548", "shift_north_m": "3170123.456",
    "shift_east_m": "401234.567", "rotation_s": "1234.5", "scale_ppm": "-12.3",
}  # fmt: skip
SEVEN = {
    "model": "seven", "axes": "north_east", "convention": "coordinate_frame",
    "ellipsoid": "krass", "meridian_deg": "115.75", "false_easting_m": "50000",
    "false_northing_m": "-3000000", "scale_ppm": "3.21", "tx_m": "12.345", "ty_m": "-123.456",
    "tz_m": "-78.901", "rx_s": "1.234", "ry_s": "-0.567", "rz_s": "2.345",
}  # fmt: skip

ZONES = {"EPSG:4548": (115.9, 28.68), "EPSG:4547": (115.2, 28.4)}
"""A place in either zone of Nanchang, by the system of that zone."""

PARTS_PER_MILLION, SECOND = 1e-6, math.radians(1 / 3600)


def write_parameters(path, rows):
    pd.DataFrame(rows.items(), columns=["parameter", "value"]).to_csv(path, index=False)
    return path


def system_of(path):
    return read_local_system(read_apart("sheet", path))


def into_four(east, north, rows):
    """Solve the four parameters for a place in the local system, by complex numbers."""
    turn = float(rows["rotation_s"]) * SECOND
    k = (1 + float(rows["scale_ppm"]) * PARTS_PER_MILLION) * complex(math.cos(turn), math.sin(turn))
    shift = complex(float(rows["shift_north_m"]), float(rows["shift_east_m"]))
    local = (complex(north, east) - shift) / k
    return local.real, local.imag


def into_seven(lon, lat, rows):
    """Lead a place of CGCS2000 into the local system by matrices: the way back."""
    a, f = 6_378_137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    phi, lam = math.radians(lat), math.radians(lon)
    n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
    placed = np.array([n * math.cos(phi) * math.cos(lam), n * math.cos(phi) * math.sin(lam),
                       n * (1 - e2) * math.sin(phi)])  # fmt: skip
    rx, ry, rz = (float(rows[name]) * SECOND for name in ("rx_s", "ry_s", "rz_s"))
    turn = np.array([[1, rz, -ry], [-rz, 1, rx], [ry, -rx, 1]])
    shift = np.array([float(rows[name]) for name in ("tx_m", "ty_m", "tz_m")])
    scale = 1 + float(rows["scale_ppm"]) * PARTS_PER_MILLION
    x, y, z = np.linalg.solve(scale * turn, placed - shift)
    a, f = 6_378_245.0, 1 / 298.3
    e2 = f * (2 - f)
    flat = math.hypot(x, y)
    phi = math.atan2(z, flat * (1 - e2))
    for _ in range(20):
        n = a / math.sqrt(1 - e2 * math.sin(phi) ** 2)
        phi = math.atan2(z + e2 * n * math.sin(phi), flat)
    projection = (
        f"+proj=tmerc +lat_0=0 +lon_0={rows['meridian_deg']} +x_0={rows['false_easting_m']} "
        f"+y_0={rows['false_northing_m']} +ellps=krass"
    )
    crs = CRS.from_user_input(projection)
    way = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    east, north = way.transform(math.degrees(math.atan2(y, x)), math.degrees(phi))
    return north, east


def around(lon, lat, zone):
    """Return places up to 20 km around one, in degrees and in the metres of a zone."""
    lon, lat = np.meshgrid(lon + np.array([-0.2, 0.0, 0.2]), lat + np.array([-0.18, 0.0, 0.18]))
    lon, lat = lon.ravel(), lat.ravel()
    east, north = Transformer.from_crs("EPSG:4490", zone, always_xy=True).transform(lon, lat)
    return lon, lat, east, north


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("order", ["north_east", "east_north"])
def test_four_parameters_are_right_to_a_tenth_of_a_millimetre(tmp_path, zone, order):
    rows = FOUR | {"crs": zone, "axes": order}
    _, _, east, north = around(*ZONES[zone], zone)
    local = np.array([into_four(e, n, rows) for e, n in zip(east, north, strict=True)])
    system = system_of(write_parameters(tmp_path / "local.csv", rows))
    assert system.crs == CRS.from_user_input(zone)
    assert system.northing_first == (order == "north_east")
    found = system.out_of(local[:, ::-1])
    assert np.abs(found - np.column_stack([east, north])).max() < 1e-4


@pytest.mark.parametrize("zone", ZONES)
def test_seven_parameters_are_right_to_a_millimetre(tmp_path, zone):
    """Heights count as 0: what that leaves is measured here with the places at 0 as well."""
    lon, lat, east, north = around(*ZONES[zone], zone)
    local = np.array([into_seven(*place, SEVEN) for place in zip(lon, lat, strict=True)])
    system = system_of(write_parameters(tmp_path / "local.csv", SEVEN))
    found = system.out_of(local[:, ::-1])
    way = Transformer.from_crs(system.crs, zone, always_xy=True)
    assert (
        np.abs(np.column_stack(way.transform(*found.T)) - np.column_stack([east, north])).max()
        < 1e-3
    )


def test_a_scale_is_written_as_millionths_or_as_a_factor(tmp_path):
    rows = {name: value for name, value in FOUR.items() if name != "scale_ppm"}
    factor = system_of(write_parameters(tmp_path / "a.csv", rows | {"scale_factor": "0.9999877"}))
    found = system_of(write_parameters(tmp_path / "b.csv", FOUR))
    far = np.array([[1e5, 1e5]])
    assert np.abs(factor.out_of(far) - found.out_of(far)).max() < 1e-4
    for other in ({"scale_ppm": "0.9999877"}, {"scale_factor": "-12.3"}):
        with pytest.raises(InputError):
            system_of(write_parameters(tmp_path / "c.csv", rows | other))
    with pytest.raises(InputError, match="once at most"):
        system_of(write_parameters(tmp_path / "d.csv", FOUR | {"scale_factor": "0.9999877"}))


def test_the_two_conventions_of_rotation_differ_by_the_sign(tmp_path):
    other = {name: str(-float(SEVEN[name])) for name in ("rx_s", "ry_s", "rz_s")}
    rows = [SEVEN, SEVEN | other | {"convention": "position_vector"}]
    local = np.array([into_seven(115.9, 28.68, SEVEN)])[:, ::-1]
    found = [
        system_of(write_parameters(tmp_path / f"{n}.csv", one)).out_of(local)
        for n, one in enumerate(rows)
    ]
    assert np.abs(found[0] - found[1]).max() < 1e-9


def test_chinese_names_and_words_are_read(tmp_path):
    rows = {
        "转换模型": "四参数", "坐标轴": "X北Y东", "目标坐标系": "EPSG:4548", "X平移(m)": "1.5",
        "Y平移(m)": "2.5", "旋转角(秒)": "0", "尺度(ppm)": "0",
    }  # fmt: skip
    path = tmp_path / "参数.xlsx"
    pd.DataFrame(rows.items(), columns=["参数", "数值"]).to_excel(path, index=False)
    system = system_of(path)
    assert system.northing_first
    assert system.out_of(np.array([[10.0, 20.0], [np.nan, 1.0]])).tolist()[0] == [12.5, 21.5]


def test_the_file_on_the_page_is_read_in_both_languages(tmp_path):
    found = []
    for page in ("docs/importing.md", "docs/importing.zh-CN.md"):
        files = [piece.text for piece in read_pieces(page) if piece.kind == "file"]
        (block,) = (text for text in files if "EPSG:4548\n" in text)
        (tmp_path / "local.csv").write_text(block, encoding="utf-8")
        found.append(system_of(tmp_path / "local.csv"))
    assert found[0] == found[1] == system_of(write_parameters(tmp_path / "local.csv", FOUR))


def test_every_fault_of_a_file_is_named_at_once(tmp_path):
    rows = FOUR | {
        "axes": "up",
        "crs": "EPSG:4490",
        "rotation_s": "much",
        "scale_ppm": "0.9999877e9",
    }
    with pytest.raises(InputError) as caught:
        system_of(write_parameters(tmp_path / "bad.csv", rows | {"height": "3"}))
    assert len(caught.value.faults) == 5
    with pytest.raises(InputError) as caught:
        system_of(write_parameters(tmp_path / "few.csv", {"model": "seven", "axes": "north_east"}))
    assert "rx_s" in str(caught.value.faults[0].expected)
    (tmp_path / "wide.csv").write_text("dx,dy\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="parameter and value"):
        system_of(tmp_path / "wide.csv")


def local_town(tmp_path):
    """Return the town of the plan by hand, and parameters that lead from a local system into it."""
    city = checked().city
    city = replace(city, cameras=city.cameras.assign(status="existing"))
    save_city(city, tmp_path / "city.gpkg")
    rows = FOUR | {"crs": city.crs.to_string()}
    parameters = write_parameters(tmp_path / "local.csv", rows)
    places = {
        label: into_four(place.x, place.y, rows) for label, place in city.cameras.geometry.items()
    }
    return city, parameters, places


@pytest.mark.slow
def test_a_survey_comes_back_in_local_coordinates(tmp_path, capsys):
    city, parameters, places = local_town(tmp_path)
    north, east = places["south"]
    table = pd.DataFrame(
        {"camera_id": ["south", "away"], "lon": "", "lat": "", "X": [north + 3.0, None],
         "Y": [east, None], "height_m": [4.5, 5.5], "surveyed_by": "Li",
         "surveyed_on": "2026-08-10"},
    )  # fmt: skip
    table.to_csv(tmp_path / "survey.csv", index=False)
    words = ["survey", "in", tmp_path / "city.gpkg", tmp_path / "survey.csv", "--accept"]
    words += ["--local", parameters, "--lang", "en"]
    assert run(list(map(str, words))) == OK, capsys.readouterr().err
    found = load_city(tmp_path / "city.gpkg")
    moved = found.cameras.geometry["south"].distance(city.cameras.geometry["south"])
    assert moved == pytest.approx(3.0, abs=0.001)
    assert found.cameras.geometry["away"].equals(city.cameras.geometry["away"])
    kept = (tmp_path / "city.gpkg").read_bytes()
    assert not [
        value for value in ("3170123.456", "401234.567", "1234.5") if value.encode() in kept
    ]


@pytest.mark.slow
def test_what_was_built_is_measured_in_local_coordinates(tmp_path, capsys):
    _, parameters, places = local_town(tmp_path)
    rows = [(label, places[label][0] + 0.5, places[label][1]) for label in ("south", "twin")]
    table = pd.DataFrame(rows, columns=["camera_id", "X坐标", "Y坐标"])
    table.to_csv(tmp_path / "measured.csv", index=False)
    words = ["accept", tmp_path / "city.gpkg", "--measured", tmp_path / "measured.csv"]
    words = [*map(str, words), "--lang", "en", "--out", str(tmp_path / "out")]
    assert run(words) == BAD_INPUT  # in no known system these are far away
    capsys.readouterr()
    assert run([*words, "--local", str(parameters)]) in (OK, VIOLATION)
    protocol = pd.read_csv(tmp_path / "out" / "acceptance.csv")
    away = protocol[protocol.iloc[:, 1].str.contains("Place")].iloc[:, 3]
    assert away.tolist() == pytest.approx([0.5, 0.5], abs=0.01)


@pytest.mark.slow
def test_registers_of_a_check_come_in_local_coordinates(tmp_path, capsys):
    city, parameters, _ = local_town(tmp_path)
    middle = city.extent.centroid
    north, east = into_four(middle.x, middle.y, FOUR | {"crs": city.crs.to_string()})
    (tmp_path / "places.csv").write_text(
        f"place_id,category,name,X,Y\nnew,school,New,{north},{east}\n", encoding="utf-8"
    )
    words = ["check", tmp_path / "city.gpkg", "--register", tmp_path / "places.csv"]
    words = [*map(str, words), "--lang", "en", "--out", str(tmp_path / "out")]
    assert run(words) == BAD_INPUT  # in no known system it is far away
    capsys.readouterr()
    assert run([*words, "--local", str(parameters)]) in (OK, VIOLATION), capsys.readouterr().err


def test_outlines_and_layers_come_in_local_coordinates(tmp_path):
    system = system_of(write_parameters(tmp_path / "local.csv", FOUR))
    box = shapely.box(10.0, 20.0, 60.0, 90.0)
    table = pd.DataFrame({"place_id": ["a"], "name": ["School"], "item": ["8.5"], "wkt": [box.wkt]})
    table.to_csv(tmp_path / "places.csv", index=False)
    layer = tmp_path / "places.shp"
    frame = gpd.GeoDataFrame({"name": ["School"], "item": ["8.5"]}, geometry=[box], crs=system.crs)
    frame.to_file(layer)
    layer.with_suffix(".prj").unlink()
    assert "assumed WGS 84" not in read_places(
        tmp_path / "places.csv", crs=system.crs, declared=Declared(local=system)
    )[1].summary("en")
    wanted = shapely.transform(box, system.out_of)
    for path in (tmp_path / "places.csv", layer):
        found, _ = read_places(path, crs=system.crs, declared=Declared(local=system))
        assert found.geometry.iloc[0].equals_exact(wanted, 1e-3, normalize=True), path.name
