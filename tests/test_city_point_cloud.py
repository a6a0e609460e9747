"""Point clouds: every point is counted, and every cell is what all its points say."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile

import laspy
import numpy as np
import pytest
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.io.apart.reading import read_apart
from civicsight.io.file_formats import sniff
from civicsight.io.rasters import point_cloud
from civicsight.io.rasters.las_header import bridge
from civicsight.io.rasters.objects import read_canopy
from civicsight.io.rasters.point_cloud import grid_cloud
from civicsight.io.rasters.source import opened
from civicsight.io.rasters.terrain import load_terrain
from civicsight.io.source_options import Declared
from civicsight.model.terrain import Terrain
from tests.city_made import METRIC, X0, Y0
from tests.drawn import LONGER, a_few

SIDE = 40.0
AREA = (X0 + 4, Y0 + 4, X0 + 36, Y0 + 36)
GROUND, VEGETATION, BUILDING, LOW, WIRE, HIGH = 2, 5, 6, 7, 14, 18
COUNT = 40_000


def cloud(path, xyz, kinds, *, crs=METRIC, form=6, keys=(), withheld=None, scale=0.001):
    """Write a cloud; `keys` are keys of GeoTIFF in place of well-known text."""
    header = laspy.LasHeader(point_format=form, version="1.4" if form > 5 else "1.2")
    header.scales, header.offsets = [scale] * 3, [X0, Y0, 0.0]
    if crs is not None and not keys:
        header.add_crs(crs, keep_compatibility=form < 6)
    if keys:
        said = laspy.vlrs.known.GeoKeyDirectoryVlr()
        raw = struct.pack("<4H", 1, 1, 0, len(keys))
        raw += b"".join(struct.pack("<4H", key, 0, 1, value) for key, value in keys)
        said.parse_record_data(raw)
        header.vlrs.append(said)
    las = laspy.LasData(header)
    las.x, las.y, las.z = xyz
    las.classification = kinds
    las.return_number = las.number_of_returns = np.ones(len(kinds), np.uint8)
    if withheld is not None:
        las.withheld = withheld
    las.write(path, laz_backend=laspy.LazBackend.Lazrs)
    return path


def made(rng, count=COUNT):
    """Return points of all kinds: a slope, a house on it, trees, wires and noise."""
    x, y = X0 + rng.uniform(0, SIDE, count), Y0 + rng.uniform(0, SIDE, count)
    z = 50 + 0.02 * (x - X0) + rng.normal(0, 0.05, count)
    kinds = np.full(count, GROUND, np.uint8)
    house = (x > X0 + 10) & (x < X0 + 20) & (y > Y0 + 10) & (y < Y0 + 24)
    kinds[house], z[house] = BUILDING, 62.0
    for kind, share, lift in ((VEGETATION, 0.1, 4), (LOW, 0.02, -30), (HIGH, 0.02, 200),
                              (WIRE, 0.02, 25)):  # fmt: skip
        them = (rng.random(count) < share) & ~house
        kinds[them] = kind
        z[them] += lift
    withheld = rng.random(count) < 0.03
    return (x, y, z), kinds, withheld


def by_hand(file, wanted, side):
    """Return the height of every cell that has one, from all points of a file, one by one."""
    las = laspy.read(file)
    best = min if wanted == "ground" else max
    low_x, high_y = las.header.mins[0], las.header.maxs[1]
    x0 = (np.floor(low_x / 0.5) - 1) * 0.5
    y1 = (np.ceil(high_y / 0.5) + 1) * 0.5
    left = {LOW, HIGH, WIRE} if wanted == "surface" else set(range(256)) - {GROUND}
    cells = {}
    for x, y, z, kind, hidden in zip(
        las.x, las.y, las.Z, las.classification, las.withheld, strict=True
    ):
        if not hidden and int(kind) not in left:
            place = int((y1 - y) // side), int((x - x0) // side)
            cells[place] = best(cells.get(place, int(z)), int(z))
    return {place: z * las.header.scales[2] + las.header.offsets[2] for place, z in cells.items()}


@pytest.mark.parametrize(("name", "form"), [("a.las", 6), ("a.laz", 6), ("a.laz", 3)])
@pytest.mark.parametrize("wanted", ["ground", "surface"])
def test_each_cell_is_what_all_its_points_say(tmp_path, rng, monkeypatch, name, form, wanted):
    monkeypatch.setattr(point_cloud, "CHUNK", 7_001)
    xyz, kinds, withheld = made(rng)
    kinds[kinds == HIGH] = HIGH if form == 6 else LOW
    path = cloud(tmp_path / name, xyz, kinds, withheld=withheld, form=form)
    assert sniff(path) == "LAS"
    with opened(path, wanted=wanted) as raster:
        side, z = raster.source.transform.a, raster.source.read(1)
        expected = by_hand(path, wanted, side)
        known = {tuple(map(int, place)) for place in np.argwhere(np.isfinite(z))}
        drawn = known - expected.keys()
        assert known >= expected.keys()
        assert [z[place] for place in expected] == list(expected.values())
        assert side in {0.5, 1.0}
        number = {count.code: count.number for count in raster.counts}
        assert any(f"{side:g} m" in str(note) for note in raster.notes)
    assert number.pop("cells.bridged", 0) == len(drawn)
    assert bool(drawn) == (wanted == "ground")
    assert number.pop("points") == sum(number.values()) == COUNT
    free = ~withheld
    noise = np.isin(kinds, (LOW, HIGH))
    assert number["points.withheld"] == withheld.sum()
    assert number["points.noise"] == (free & noise).sum()
    if wanted == "ground":
        assert number["points.used"] == (free & (kinds == GROUND)).sum()
    else:
        assert number["points.wires"] == (free & (kinds == WIRE)).sum()
        assert number["points.used"] == (free & ~noise & (kinds != WIRE)).sum()


@pytest.mark.parametrize("each", a_few([9.0, 1.0, 100.0]))
def test_cells_are_as_large_as_the_density_asks(tmp_path, rng, each):
    """The mean cell holds 8 points or more, and one of half its side fewer."""
    count = int(SIDE * SIDE * each)
    x, y = X0 + rng.uniform(0, SIDE, count), Y0 + rng.uniform(0, SIDE, count)
    path = cloud(tmp_path / "a.las", (x, y, np.zeros(count)), np.full(count, GROUND, np.uint8))
    measured = grid_cloud(path, tmp_path, "ground", None)
    cells = {side: len(by_hand(path, "ground", side)) for side in (0.5, 1, 2, 4, 8, 16)}
    expected = next(side for side, filled in cells.items() if count / filled >= 8)
    assert f"each cell of {expected:g} m" in str(measured.notes[0])


def test_ground_and_surface_come_into_a_city_through_a_child(tmp_path, rng):
    xyz, kinds, withheld = made(rng)
    pond = (xyz[0] > X0 + 25) & (xyz[1] < Y0 + 15)
    (x, y, z), kinds, withheld = (axis[~pond] for axis in xyz), kinds[~pond], withheld[~pond]
    path = cloud(tmp_path / "city.laz", (x, y, z), kinds, withheld=withheld)
    packed = tmp_path / "city.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "tile/city.laz")
    terrain, report = read_apart("terrain", packed, AREA, METRIC)
    here, _ = load_terrain(path, AREA, METRIC)
    assert np.array_equal(terrain.z, here.z, equal_nan=True)
    x, y = np.array([X0 + 30.0, X0 + 15.0, X0 + 32]), np.array([Y0 + 30.0, Y0 + 17.0, Y0 + 8])
    open_ground, under_house, water = terrain.height_at(x, y)
    assert open_ground == pytest.approx(50 + 0.02 * 30, abs=0.3)
    assert under_house == pytest.approx(50 + 0.02 * 15, abs=0.3)
    assert report.count("cells.bridged") > 100
    assert np.isnan(water), "where nothing was measured a hole stays one"
    assert report.count("points") == (~pond).sum()
    level = Terrain(np.full((2, 2), 50.4), X0 - 50, Y0 - 50, 200.0)
    table, found = read_apart("surface", path, AREA, METRIC, ground=level)
    high = table[table["height_m"] > 10]
    assert high.geometry.union_all().area == pytest.approx(10 * 14, abs=30)
    assert found.count("points.used") > 0


def test_ground_is_drawn_on_a_slope_under_what_hides_it_and_nowhere_else():
    row, column = np.mgrid[0:60, 0:80]
    slope = 50 + 0.3 * row - 0.2 * column
    z, covered = slope.copy(), np.zeros(slope.shape, bool)
    z[20:35, 20:40] = z[:, 60:] = np.nan
    covered[20:34, 20:40] = covered[:, 60:] = True
    count = bridge(z, covered, 9.0)
    assert np.abs(z - slope)[20:34, 20:40].max() < 1e-9
    assert np.isnan(z[34, 20:40]).all(), "nothing hides the ground there"
    assert np.isnan(z[:, 60:]).all(), "no ground on the other side"
    assert count == 14 * 20
    assert bridge(np.full((3, 3), np.nan), np.ones((3, 3), bool), 9.0) == 0
    wide = slope.copy()
    wide[10:50, 10:70] = np.nan
    bridge(wide, np.isnan(wide), 9.0)
    assert np.isnan(wide[30, 40]), "too far from any ground"


@pytest.mark.parametrize("form", [3, 6])
def test_the_system_is_that_of_the_file_or_declared(tmp_path, rng, form):
    xyz, kinds, _ = made(rng, 5_000)
    kinds[kinds == HIGH] = LOW
    keys = [(1024, 1), (2048, 4490), (3072, METRIC.to_epsg())]
    for said in ({}, {"keys": keys}):
        path = cloud(tmp_path / "a.las", xyz, kinds, form=form, **said)
        with opened(path, wanted="surface") as raster:
            assert raster.crs.to_epsg() == METRIC.to_epsg()
    bare = cloud(tmp_path / "b.las", xyz, kinds, form=form, crs=None)
    assert refused(bare).code == "crs.missing"
    with opened(bare, wanted="surface", declared=Declared(crs=METRIC)) as raster:
        assert raster.crs == METRIC
    own = cloud(tmp_path / "d.las", xyz, kinds, form=form, keys=[(2048, 4490), (3072, 32767)])
    assert refused(own).code == "crs.missing"
    globe = cloud(tmp_path / "c.las", xyz, kinds, form=form, crs=CRS.from_epsg(4326))
    assert refused(globe).code == "cloud.degrees"


def test_feet_by_key_are_feet(tmp_path, rng):
    xyz, kinds, _ = made(rng, 5_000)
    path = cloud(tmp_path / "a.las", xyz, kinds, keys=[(3072, METRIC.to_epsg()), (4099, 9002)])
    with opened(path, wanted="ground") as raster:
        assert raster.metres == 0.3048


def refused(path, wanted="surface", **said):
    with pytest.raises(InputError) as caught, opened(path, wanted=wanted, **said):
        pass
    return caught.value.faults[0]


def test_a_cloud_without_ground_is_refused_with_advice(tmp_path, rng):
    xyz, _, _ = made(rng, 2_000)
    path = cloud(tmp_path / "a.laz", xyz, np.ones(2_000, np.uint8))
    fault = refused(path, "ground")
    assert (fault.code, fault.found) == ("cloud.no_ground", "2000")
    assert "Classify the ground" in str(fault.remedy)
    noise = cloud(tmp_path / "b.laz", xyz, np.full(2_000, LOW, np.uint8))
    assert refused(noise).code == "cloud.empty"


def test_a_cloud_is_no_canopy(tmp_path, rng):
    path = cloud(tmp_path / "a.laz", *made(rng, 2_000)[:2])
    with pytest.raises(InputError) as caught:
        read_canopy(path, AREA, METRIC)
    assert caught.value.faults[0].code == "raster.format"


COUNT_AT, OLD_COUNT_AT, MAX_X_AT, SCALE_AT, VLRS_AT, LENGTH_AT = 247, 107, 179, 131, 100, 105


@pytest.mark.parametrize(
    ("name", "form", "at", "said", "code"),
    [
        ("a.las", 6, COUNT_AT, struct.pack("<Q", 60_001), "cloud.count"),
        ("a.las", 6, COUNT_AT, struct.pack("<Q", 59_999), "cloud.count"),
        ("a.las", 6, COUNT_AT, struct.pack("<Q", 1 << 60), "cloud.count"),
        ("a.laz", 6, COUNT_AT, struct.pack("<Q", 60_001), "cloud.count"),
        ("a.laz", 6, COUNT_AT, struct.pack("<Q", 59_999), "cloud.count"),
        ("a.laz", 6, COUNT_AT, struct.pack("<Q", 1 << 60), "cloud.count"),
        ("a.laz", 3, OLD_COUNT_AT, struct.pack("<I", 100_001), "cloud.count"),
        ("a.laz", 3, OLD_COUNT_AT, struct.pack("<I", 50_000), "cloud.count"),
        ("a.laz", 3, OLD_COUNT_AT, struct.pack("<I", 59_999), "cloud.count"),
        ("a.laz", 3, OLD_COUNT_AT, struct.pack("<I", 60_500), "file.damaged"),
        ("a.las", 6, MAX_X_AT, struct.pack("<d", X0 + SIDE / 2), "file.damaged"),
        ("a.las", 6, MAX_X_AT, struct.pack("<d", np.nan), "file.damaged"),
        ("a.las", 6, MAX_X_AT, struct.pack("<d", 1e9), "dem.too_large"),
        ("a.las", 6, SCALE_AT, struct.pack("<d", 0.0), "file.damaged"),
        ("a.las", 6, VLRS_AT, struct.pack("<I", 1 << 31), "file.damaged"),
        ("a.las", 6, LENGTH_AT, struct.pack("<H", 4), "file.damaged"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, rng, name, form, at, said, code):
    xyz, kinds, _ = made(rng, 60_000)
    kinds[kinds == HIGH] = LOW
    path = cloud(tmp_path / name, xyz, kinds, form=form)
    content = bytearray(path.read_bytes())
    content[at : at + len(said)] = said
    path.write_bytes(bytes(content))
    assert refused(path).code == code


@pytest.mark.parametrize("name", ["a.las", "a.laz"])
def test_any_damage_gives_a_raster_or_a_fault(tmp_path, rng, name):
    """Read apart, as strangers' files are: their reader may ask for any memory, or die."""
    whole = cloud(tmp_path / name, *made(rng, 3_000)[:2]).read_bytes()
    codes = set()
    for _ in range(8 * LONGER):
        content = bytearray(whole)
        for place in rng.integers(0, len(content) if rng.random() < 0.5 else 400, 3):
            content[place] = rng.integers(0, 256)
        path = tmp_path / f"b{name}"
        path.write_bytes(bytes(content[: rng.integers(1, len(content))]) if rng.random() < 0.2
                         else bytes(content))  # fmt: skip
        try:
            read_apart("terrain", path, AREA, METRIC)
        except InputError as error:
            codes |= {fault.code for fault in error.faults}
    assert "file.damaged" in codes
    assert not codes & {"file.unreadable", "file.endless"}


@pytest.mark.slow
def test_ten_million_points_are_read_in_200_megabytes(tmp_path, rng):
    """1 km2 at 10 points per m2, a file of 300 MB."""
    path = tmp_path / "large.las"
    header = laspy.LasHeader(point_format=6, version="1.4")
    header.scales, header.offsets = [0.001] * 3, [X0, Y0, 0.0]
    header.add_crs(METRIC)
    with laspy.open(path, mode="w", header=header) as out:
        for _ in range(20):
            points = laspy.ScaleAwarePointRecord.zeros(500_000, header=header)
            points.x = X0 + rng.uniform(0, 1_000, 500_000)
            points.y = Y0 + rng.uniform(0, 1_000, 500_000)
            points.z = rng.normal(50, 0.1, 500_000)
            points.classification[:] = GROUND
            out.write_points(points)
    assert path.stat().st_size > 300_000_000
    tracemalloc.start()
    try:
        terrain, report = load_terrain(path, (X0, Y0, X0 + 1_000, Y0 + 1_000), METRIC)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200_000_000
    assert report.count("points") == report.count("points.used") == 10_000_000
    assert np.isfinite(terrain.z).mean() > 0.99
