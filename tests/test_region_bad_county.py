"""A bad county costs itself and those that need its rows, no others.

Five towns stand in a row, a kilometre apart. What a town is made of and sees lies within a few
hundred metres, so that the second needs rows of the first, and the third none.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from civicsight.cli.entry import run
from civicsight.core.errors import N_, InputError, SetupError
from civicsight.coverage.check import check
from civicsight.io.datums import from_wgs84
from civicsight.io.vectors.windows import read_layer, write_layer
from civicsight.model import CITY_TABLES, City
from civicsight.region import run as running
from civicsight.region.folder import MANIFEST, open_region
from civicsight.region.gather import import_region, origin_of_city, pieces_of_city
from civicsight.region.run import check_region
from tests.drawn import a_few
from tests.region_made import EAST, NORTH, TOWN_CRS, Here, random_town
from tests.same import assert_same_table

COUNT, PITCH_M = 5, 1_000.0
BAD, NEXT = "390_3172", "391_3172"
FAR = ("392_3172", "393_3172", "394_3172")


def row_of_towns() -> City:
    """Return five towns; the cameras of each stand at its walls, twelve and more."""
    towns = [random_town(n + 1, side_m=400.0, places=3, cameras=14) for n in range(COUNT)]
    tables = {}
    for declared in CITY_TABLES:
        frames = []
        for n, town in enumerate(towns):
            frame = getattr(town, declared.name)
            if not len(frame):
                continue
            shapes = frame.geometry
            if declared.name == "cameras":
                walls = town.buildings.geometry.exterior.to_numpy()
                at = [walls[k % len(walls)].interpolate(5.0 + k) for k in range(len(frame))]
                shapes = gpd.GeoSeries(at, frame.index, crs=TOWN_CRS)
            frame = frame.set_geometry(shapes.translate(20.0 + n * PITCH_M, 500.0))
            frames.append(frame.set_axis([f"t{n}-{label}" for label in frame.index]))
        if frames:
            whole = gpd.GeoDataFrame(pd.concat(frames).rename_axis(declared.index))
            tables[declared.name] = declared.complete(whole).sort_index()
        else:
            tables[declared.name] = declared.empty(TOWN_CRS)
    extent = shapely.box(EAST, NORTH, EAST + COUNT * PITCH_M, NORTH + PITCH_M)
    return City("row", TOWN_CRS, extent, **tables, sources=("made",), synthetic=True)


@pytest.fixture(scope="module")
def city() -> City:
    return row_of_towns()


@pytest.fixture(scope="module")
def whole(city):
    return check(city, raster=False)


@pytest.fixture(scope="module")
def cut(city, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("region") / "r"
    import_region(pieces_of_city(city), origin_of_city(city, PITCH_M), folder)
    return folder


@pytest.fixture(scope="module")
def torn_once(cut, tmp_path_factory):
    """Return a region with a torn county, the folder of its results, and what was found there.

    Who goes on with them takes copies.
    """
    folder = tmp_path_factory.mktemp("torn")
    shutil.copytree(cut, folder / "r")
    torn(folder / "r")
    found = check_region(open_region(folder / "r"), folder / "out", executor=Here())
    return folder, found


@pytest.fixture(scope="module")
def out(torn_once, tmp_path_factory) -> Path:
    """Return one folder of results for all cases: what one shares with another is found there."""
    return shutil.copytree(torn_once[0] / "out", tmp_path_factory.mktemp("results") / "out")


def write(folder: Path, table: str, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> None:
    """Have other rows in the bad county, as if the region had been written with them."""
    path = folder / "parts" / BAD / f"{table}.parquet"
    region = open_region(folder)
    frame = change(read_layer(path, list(region.parts[BAD].layers[table].objects), region.crs))
    write_layer(frame, path)
    sign(folder, table, bounds=[float(value) for value in frame.total_bounds])


def sign(folder: Path, table: str, **more: object) -> None:
    path = folder / "parts" / BAD / f"{table}.parquet"
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    layer = told["parts"][BAD]["layers"][table]
    layer |= {"sha256": sha256(path.read_bytes()).hexdigest(), **more}
    (folder / MANIFEST).write_text(json.dumps(told), encoding="utf-8")


def file_of(folder: Path, table: str) -> Path:
    return folder / "parts" / BAD / f"{table}.parquet"


def torn(folder: Path) -> None:
    os.truncate(file_of(folder, "buildings"), 1_000)


def gone(folder: Path) -> None:
    file_of(folder, "cameras").unlink()


def no_parquet(folder: Path) -> None:
    file_of(folder, "places").write_bytes(b"PAR1" * 200)
    sign(folder, "places")


def bad_value(folder: Path) -> None:
    write(folder, "cameras", lambda frame: frame.assign(height_m=-1e9))


def bad_wall(folder: Path) -> None:
    write(folder, "buildings", lambda frame: frame.drop(columns="height_m"))


def repeated(folder: Path) -> None:
    def same(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame.set_axis([frame.index[0]] * len(frame)).rename_axis(frame.index.name)

    write(folder, "cameras", same)


def degrees(folder: Path) -> None:
    def read_as_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        plain = frame.geometry.to_crs(4326).set_crs(frame.crs, allow_override=True)
        return frame.set_geometry(plain)

    write(folder, "cameras", read_as_metres)


def another_datum(folder: Path) -> None:
    def shift(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        lonlat = shapely.get_coordinates(frame.geometry.to_crs(4326).to_numpy())
        moved = gpd.points_from_xy(*from_wgs84(*lonlat.T, "gcj02"), crs=4326)
        return frame.set_geometry(gpd.GeoSeries(moved, frame.index).to_crs(frame.crs))

    write(folder, "cameras", shift)


SPOILT = {
    torn: ("buildings", "Import the region again"),
    gone: ("cameras", "Import the region again"),
    no_parquet: ("places", "Export the file again"),
    bad_value: ("cameras", "-1000000000.0"),
    bad_wall: ("buildings", "height_m"),
    repeated: ("cameras", "an id of its own"),
    degrees: ("cameras", "coordinate system and datum"),
    another_datum: ("cameras", "GCJ-02"),
}


def assert_costs_itself_and_the_next(found, whole, region) -> None:
    assert set(found.refused) == {BAD}
    assert found.hangs_on == {NEXT: (BAD,)}
    assert tuple(found.parts.index) == FAR
    owners = region.owner_of(whole.cameras.get_coordinates().to_numpy())
    kept = [label for label, owner in zip(whole.cameras.index, owners, strict=True) if owner in FAR]
    assert list(found.result.cameras.index) == kept
    for name in ("part_status", "zones", "cameras"):
        told = getattr(found.result, name)
        assert_same_table(told, getattr(whole, name).loc[told.index], name)


@pytest.mark.parametrize("spoil", a_few(SPOILT), ids=lambda spoil: spoil.__name__)
def test_a_bad_county_costs_itself_and_who_needs_its_rows(
    cut, whole, out, tmp_path, torn_once, spoil
):
    if spoil is torn:
        region, found = open_region(torn_once[0] / "r"), torn_once[1]
    else:
        shutil.copytree(cut, tmp_path / "r")
        spoil(tmp_path / "r")
        region = open_region(tmp_path / "r")
        found = check_region(region, out, executor=Here())
    assert_costs_itself_and_the_next(found, whole, region)
    table, told = SPOILT[spoil]
    assert isinstance(found.refused[BAD], InputError)
    assert f"parts/{BAD}/{table}.parquet" in str(found.refused[BAD])
    assert told in str(found.refused[BAD])


@pytest.mark.slow
def test_nothing_is_wrong_with_a_sound_region(cut, whole, out):
    found = check_region(open_region(cut), out, executor=Here())
    assert (found.refused, found.hangs_on) == ({}, {})
    assert_same_table(found.result.part_status, whole.part_status, "part_status")


@pytest.mark.slow
def test_a_county_that_is_mended_is_judged_and_so_is_the_next(cut, whole, torn_once, tmp_path):
    folder, first = torn_once
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    # Put together again without computing, the same is said.
    kept = check_region(
        open_region(tmp_path / "r"), tmp_path / "out", executor=Here(), kept=True, samples=False
    )
    assert (set(kept.refused), kept.hangs_on) == (set(first.refused), first.hangs_on)
    assert list(kept.parts.index) == list(first.parts.index)
    shutil.copy(file_of(cut, "buildings"), file_of(tmp_path / "r", "buildings"))
    again = check_region(open_region(tmp_path / "r"), tmp_path / "out", executor=Here())
    assert not again.refused
    assert set(again.parts.index[again.parts["computed"]]) == {BAD, NEXT}
    assert_same_table(again.result.part_status, whole.part_status, "part_status")


@pytest.mark.slow
def test_a_county_whose_workers_die_costs_no_more(cut, whole, out, monkeypatch):
    """What its own rows are is then unknown, as if its files could not be read."""
    real = running.own_part

    def die(task, part):
        if part == BAD:
            raise SetupError(N_("killed again and again"))
        return real(task, part)

    monkeypatch.setattr(running, "own_part", die)
    region = open_region(cut)
    found = check_region(region, out, executor=Here())
    assert_costs_itself_and_the_next(found, whole, region)


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_the_command_line_names_it_with_its_fault_and_remedy(torn_once, tmp_path, capsys, workers):
    """What was computed of the sound counties is found by one worker; two compute it."""
    folder, _ = torn_once
    shutil.copytree(folder / "r", tmp_path / "r")
    out = tmp_path / "out"
    if workers == "1":
        shutil.copytree(folder / "out", out)
    words = ["--lang", "en", "region", "check", str(tmp_path / "r"), "--out", str(out)]
    assert run([*words, "--workers", workers]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "Parts judged: 3 of 5" in told
    assert f"{BAD} cannot be used: [region.damaged] parts/{BAD}/buildings.parquet" in told
    assert "Import the region again" in told
    assert f"{NEXT} is not judged, because it depends on {BAD}." in told
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert list(summary["refused"]) == [BAD]
    assert summary["hangs_on_refused"] == {NEXT: [BAD]}
    page = (out / "region.en.html").read_text(encoding="utf-8")
    assert f"{NEXT} is not judged, because it depends on {BAD}." in page
