"""A region cut anyhow says of every row what one machine says of the whole."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from civicsight.core.errors import InputError, SchemaError
from civicsight.coverage.check import check
from civicsight.coverage.demand import find, gates, openings
from civicsight.coverage.demand.ends import ROAD_REACH_M
from civicsight.io import save_city
from civicsight.io.osm.features import helsinki_path
from civicsight.io.project import read_city
from civicsight.model import CITY_TABLES
from civicsight.model.terrain import Terrain
from civicsight.region.folder import MANIFEST, open_region
from civicsight.region.gather import import_region, origin_of_city, pieces_of_city
from civicsight.region.own import BESIDE_M, CONTEXT_M, Options
from civicsight.region.run import check_region
from civicsight.region.sources import area_of_sources, pieces_of_sources, source_of
from civicsight.rules import crossings
from tests.drawn import a_few
from tests.region_made import EAST, NORTH, TOWN_CRS, Here, random_town
from tests.same import TABLES, assert_same_table

LAYERS = [table.name for table in CITY_TABLES]


def counties(n: int, seed: int) -> gpd.GeoDataFrame:
    """Return `n` counties of random shape that fill the town."""
    rng = np.random.default_rng(seed)
    seeds = shapely.multipoints(rng.uniform(0, 1_200, (n, 2)) + np.array([EAST, NORTH]))
    frame = shapely.box(EAST - 500, NORTH - 500, EAST + 1_700, NORTH + 1_700)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=frame))
    return gpd.GeoDataFrame(
        {"title": [f"county {k}" for k in range(n)]},
        index=pd.Index([f"36010{k}" for k in range(n)], name="part"),
        geometry=shapely.intersection(cells, frame),
        crs=TOWN_CRS,
    )


def assert_same_as_whole(result, whole):
    for name in TABLES:
        assert_same_table(getattr(result, name), getattr(whole, name), name)
    assert result.summary == whole.summary
    assert result.barred == whole.barred


def cut(city, folder, tile_m=None, outlines=None):
    return import_region(pieces_of_city(city), origin_of_city(city, tile_m, outlines), folder)


@pytest.fixture(scope="module")
def crowded():
    """Few places and many planned cameras: most of them compete with others across a border."""
    return random_town(7, places=4, cameras=40, planned=0.9)


@pytest.fixture(scope="module")
def whole(crowded):
    return check(crowded, raster=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tile_m", "outlines"),
    [
        (600.0, None),
        pytest.param(400.0, None, marks=pytest.mark.slow),
        pytest.param(50_000.0, None, marks=pytest.mark.slow),
        pytest.param(None, 5, marks=pytest.mark.slow),
    ],
)
def test_every_table_is_that_of_the_whole(crowded, whole, tmp_path, tile_m, outlines, monkeypatch):
    region = cut(crowded, tmp_path / "r", tile_m, outlines and counties(outlines, 3))
    assert len(region.parts) >= {50_000.0: 1, 600.0: 4, 400.0: 9, None: 4}[tile_m]
    found = check_region(region, tmp_path / "out", executor=Here())
    assert not found.refused
    assert_same_as_whole(found.result, whole)
    assert found.parts["computed"].all()
    # Nothing changed, so no worker reads a row.
    monkeypatch.setattr("civicsight.region.work.kept_frames", None)
    lean = check_region(region, tmp_path / "out", executor=Here(), samples=False)
    assert not len(lean.result.samples)
    assert list(lean.result.samples) == list(whole.samples)
    assert lean.result.summary == found.result.summary
    assert_same_as_whole(replace(lean.result, samples=found.result.samples), whole)


@pytest.mark.slow
def test_a_camera_outside_of_the_area_that_was_read_is_judged_in_no_part(tmp_path):
    """A window of a part is larger than the area: what stands in it alone was seen by nobody."""
    city = random_town(3, side_m=300.0, places=2, cameras=4)
    west, south, east, north = city.extent.bounds
    cameras = city.cameras.copy()
    spots = [(east + 0.3, north), (east + 3.0, north), (west - 30.0, south)]
    cameras.loc[cameras.index[:3], "geometry"] = [shapely.Point(spot) for spot in spots]
    places = city.places.copy()
    places.loc[places.index[:1], "geometry"] = shapely.box(east + 4, north, east + 8, north + 4)
    city = replace(city, cameras=cameras, places=places)
    whole = check(city, raster=False)
    assert {note["layer"]: note["count"] for note in whole.summary["notes"]} == {
        "cameras": 3,
        "places": 1,
    }
    region = cut(city, tmp_path / "r", 150.0)
    assert region.area.equals(city.extent)
    found = check_region(region, tmp_path / "out", executor=Here())
    assert_same_as_whole(found.result, whole)
    assert whole.cameras["placed"].eq("off_map").tolist()[:3] == [False, True, True]
    # A list of before says no area: the box of buildings and roads stands for it.
    listed = json.loads((region.folder / MANIFEST).read_text("utf-8"))
    del listed["area"]
    (region.folder / MANIFEST).write_text(json.dumps(listed), "utf-8")
    boxes = pd.concat([city.buildings.geometry, city.roads.geometry]).total_bounds
    assert open_region(region.folder).area.equals(shapely.box(*boxes))


def test_rivals_across_borders_are_settled_together(whole):
    told = whole.duplicates["evidence"].map(lambda evidence: evidence.get("drop"))
    kept = whole.duplicates["evidence"].map(lambda evidence: evidence.get("verdict"))
    assert told.eq(True).any()
    assert kept.eq("kept_if_others_go").any(), "the town above has nothing to settle"


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2)])
def test_random_towns_are_the_same_by_night_and_in_winter_too(seed, tmp_path):
    city = random_town(seed, side_m=900.0)
    whole = check(city, raster=False, night=seed == 2, season="winter")
    region = cut(city, tmp_path / "r", 500.0)
    options = Options(night=seed == 2, season="winter")
    found = check_region(region, tmp_path / "out", executor=Here(), options=options)
    assert_same_as_whole(found.result, whole)


@pytest.mark.slow
def test_only_what_changed_and_its_neighbours_are_computed_again(tmp_path):
    city = random_town(3, side_m=2_400.0, places=16, cameras=40)
    region = cut(city, tmp_path / "a", 800.0)
    first = check_region(region, tmp_path / "out", executor=Here())
    again = check_region(region, tmp_path / "out", executor=Here())
    assert first.parts["computed"].all()
    assert not again.parts["computed"].any()
    assert_same_as_whole(again.result, first.result)

    corner = region.parts[min(region.parts)]
    moved = city.cameras.index[region.owner_of(whole_xy(city)) == corner.name][:1]
    cameras = city.cameras.copy()
    cameras.loc[moved, "azimuth_deg"] = 10.0
    changed = replace(city, cameras=cameras)
    other = check_region(cut(changed, tmp_path / "b", 800.0), tmp_path / "out", executor=Here())
    computed = set(other.parts.index[other.parts["computed"]])
    assert corner.name in computed
    assert computed < set(region.parts), "far parts were computed again"
    assert_same_as_whole(other.result, check(changed, raster=False))


@pytest.mark.slow
def test_a_spoilt_part_is_named_and_the_rest_goes_on(tmp_path):
    city = random_town(3, side_m=2_400.0, places=6, cameras=12)
    region = cut(city, tmp_path / "r", 800.0)
    bad = min(region.parts)
    layer = tmp_path / "r" / "parts" / bad / "buildings.parquet"
    layer.write_bytes(layer.read_bytes()[:-10])
    found = check_region(region, tmp_path / "out", executor=Here())
    assert bad in found.refused
    assert f"parts/{bad}/buildings.parquet" in str(found.refused[bad])
    judged = set(found.parts.index)
    assert judged
    assert set(found.refused) | set(found.hangs_on) | judged == set(region.parts)
    whole = check(city, raster=False)
    kept = whole.cameras.index[np.isin(region.owner_of(whole_xy(city)), sorted(judged))]
    assert list(found.result.cameras.index) == list(kept)
    mine = whole.part_status.loc[found.result.part_status.index]
    assert_same_table(found.result.part_status, mine, "part_status")


def whole_xy(city):
    return city.cameras.get_coordinates().to_numpy()


def test_all_that_a_place_may_hang_on_lies_within_the_context():
    search = gates.GateSearch()
    exit_and_stop = openings.METRO_REACH_M + max(search.stop_m, search.front_m, ROAD_REACH_M)
    assert exit_and_stop + 2 * search.band_m + find.AROUND_M < CONTEXT_M
    assert crossings.BEYOND_M + crossings.JUNCTION_M < CONTEXT_M
    assert 2 * openings.METRO_REACH_M + 2 * search.band_m <= BESIDE_M


def spoil(folder: Path, **changes) -> None:
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps(told | changes), encoding="utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99},
        {"format": None},
        {"crs": "nonsense"},
        {"tile_m": -5.0},
        {"origin": [1.0]},
        {"parts": {"../x": {"title": "", "bounds": [0, 0, 1, 1], "layers": {}}}},
        {"parts": {"a": {"title": "", "bounds": [0, 0, 1], "layers": {}}}},
        {"parts": {"a": {"title": "", "bounds": [0, 0, 1, 1], "layers": {"passwd": {}}}}},
        {"parts": {"a": {"title": "", "bounds": [2, 0, 1, 1], "layers": {}}}},
        {"parts": 7},
        {"common": None},
    ],
    ids=str,
)
def test_a_list_that_cannot_be_used_is_refused_in_words(tiny, tmp_path, changes):
    shutil.copytree(tiny, tmp_path / "r")
    spoil(tmp_path / "r", **changes)
    with pytest.raises(InputError, match=r"region\.json"):
        open_region(tmp_path / "r")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100])
def test_a_torn_list_is_refused_in_words(tiny, tmp_path, text):
    shutil.copytree(tiny, tmp_path / "r")
    (tmp_path / "r" / MANIFEST).write_bytes(text)
    with pytest.raises(InputError, match=r"region\.json"):
        open_region(tmp_path / "r")
    with pytest.raises(InputError, match="region import"):
        open_region(tmp_path / "nothing")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny") / "r"
    cut(random_town(5, side_m=300.0, places=1, cameras=3), folder, 200.0)
    return folder


@pytest.mark.slow
def test_rows_come_back_as_they_were(tmp_path):
    city = random_town(4, side_m=600.0)
    region = cut(city, tmp_path / "r", 150.0)
    back = region.read_window((EAST - 1e4, NORTH - 1e4, EAST + 1e4, NORTH + 1e4))
    for name in ("buildings", "roads", "places", "entrances", "cameras"):
        assert_same_table(getattr(back, name), getattr(city, name), name)
    window = (EAST + 100.0, NORTH + 100.0, EAST + 220.0, NORTH + 250.0)
    some = region.read_window(window)
    met = city.buildings[city.buildings.intersects(shapely.box(*window))]
    assert list(some.buildings.index) == list(met.index)


def test_of_a_project_only_the_window_is_read(tmp_path):
    city = random_town(4, side_m=600.0)
    sources = [source_of(str(save_city(city, tmp_path / "town.gpkg")))]
    window = (EAST + 100.0, NORTH + 100.0, EAST + 220.0, NORTH + 250.0)
    ground = shapely.box(*window)
    rows = dict(pieces_of_sources(sources, window))
    for name in ("buildings", "roads", "places", "cameras"):
        table = getattr(city, name)
        assert list(rows[name].index) == list(table[table.intersects(ground)].index)
    assert area_of_sources(sources, city.crs, window).equals(city.extent.intersection(ground))
    assert area_of_sources(sources, city.crs).equals(city.extent)


def test_what_is_not_a_region_is_not_written(tmp_path):
    city = random_town(5, side_m=300.0, places=1, cameras=3)
    ground = Terrain(np.zeros((2, 2)), EAST, NORTH, 300.0)
    with pytest.raises(InputError, match="relief"):
        cut(replace(city, terrain=ground), tmp_path / "r", 200.0)
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="not there yet"):
        cut(city, tmp_path / "there", 200.0)
    twice = [("cameras", city.cameras), ("cameras", city.cameras)]
    with pytest.raises(InputError, match="each id once"):
        import_region(twice, origin_of_city(city, 200.0), tmp_path / "r")
    spoilt = city.buildings.assign(height_m=-4.0)
    with pytest.raises(SchemaError, match="height_m"):
        import_region([("buildings", spoilt)], origin_of_city(city, 200.0), tmp_path / "r")
    with pytest.raises(InputError, match="at least one row"):
        import_region([], origin_of_city(city, 200.0), tmp_path / "r")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"], "nothing half-written"


@pytest.mark.slow
@pytest.mark.parametrize("tile_m", [900.0, 300.0])
def test_helsinki_is_the_same_however_it_is_cut(tmp_path, tile_m):
    read = read_city(helsinki_path())[0]
    city = replace(read, **{name: getattr(read, name).sort_index() for name in LAYERS})
    region = cut(city, tmp_path / "r", tile_m)
    found = check_region(region, tmp_path / "out", executor=Here())
    assert_same_as_whole(found.result, check(city, raster=False))


@pytest.mark.slow
@pytest.mark.parametrize("spoilt", a_few(["about.json", "cameras.parquet"]))
def test_kept_rows_that_are_not_what_was_written_are_computed_anew(tiny, tmp_path, spoilt):
    region = open_region(tiny)
    first = check_region(region, tmp_path)
    (path, *_) = sorted((tmp_path / "found").glob(f"*/{spoilt}"))
    path.write_bytes(path.read_bytes()[:-9] + b"something")
    again = check_region(region, tmp_path)
    assert again.parts["computed"].any()
    for name in TABLES:
        assert_same_table(getattr(again.result, name), getattr(first.result, name), name)
    assert not check_region(region, tmp_path).parts["computed"].any()
