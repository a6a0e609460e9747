"""Houses and cameras in the formats that offices exchange, through both ways in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from civicsight.application import intake
from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.core.errors import InputError
from civicsight.io import load_city
from civicsight.io.apart.reading import read_apart
from civicsight.io.reader_registry import TABLE_READERS
from civicsight.io.report import ImportReport
from civicsight.io.source_options import Declared
from tests import exchange_made as made
from tests.drawn import a_few
from tests.result_town import TOWN_CRS, make_city

CODE = "EPSG:4548"
KINDS = {"buildings": made.HOUSES_IN, "cameras": made.CAMERAS_IN}
FILES = [(kind, name) for kind, by_name in KINDS.items() for name in by_name]


ROUNDED_M = {"PMTiles": 0.6, "GeoJSONSeq": 0.02, "TAB": 0.02, "TAB in GBK": 0.02}
"""What a format rounds places to; all others keep a millimetre [m]."""


def drawn(path: Path) -> bool:
    return path.suffix == ".dxf"


def options_of(path: Path, kind: str) -> list[str]:
    """Return what has to be declared of a drawing on the command line."""
    if not drawn(path):
        return []
    map_file = path.with_name("map.yaml")
    map_file.write_text("columns:\n  height: elevation\n", encoding="utf-8")
    layer = {"buildings": "JZD", "cameras": "摄像机"}[kind]
    chosen = ["--source-crs", CODE, "--layer", layer]
    return [*chosen, "--mapping", str(map_file)] if kind == "buildings" else chosen


def assert_adds_up(report: dict[str, object] | ImportReport) -> None:
    """Hold that every row read is kept or left out for a reason."""
    told = report if isinstance(report, dict) else report.to_dict()
    counts = told["counts"]
    out = sum(n for code, n in counts.items() if code.startswith("excluded."))
    more = counts.get("joined", 0) - counts.get("pieces", 0)
    assert told["read"] == told["kept"] + out + more + len(told["rejected"])


def assert_houses(table, *, rounded_m: float = 1e-3) -> None:
    rows = table.to_crs(TOWN_CRS).sort_values("height_m")
    assert rows["height_m"].tolist() == made.HOUSES["height"].tolist()
    assert not rows["height_assumed"].any()
    apart = shapely.hausdorff_distance(rows.geometry.to_numpy(), made.HOUSES.geometry.to_numpy())
    assert apart.max() < rounded_m


def assert_cameras(table, *, rounded_m: float = 1e-3) -> None:
    rows = table.to_crs(TOWN_CRS).sort_index()
    apart = shapely.distance(rows.geometry.to_numpy(), made.CAMERAS.geometry.to_numpy())
    assert apart.max() < rounded_m


def test_there_are_twenty_files():
    assert len(FILES) >= len(SENT) >= 20


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pair if k % 12 == 0 else pytest.param(*pair, marks=pytest.mark.slow)
        for k, pair in enumerate(FILES)
    ],
)
def test_through_the_command_line(kind, name, tmp_path, capsys):
    path = KINDS[kind][name](tmp_path)
    out = tmp_path / "out.gpkg"
    words = ["import", str(path), "--as", kind, "--out", str(out), "--json", "--lang", "en"]
    assert run([*words, *options_of(path, kind)]) == OK
    (report,) = json.loads(capsys.readouterr().out)["parts"]
    assert_adds_up(report)
    expected = 3 if kind == "buildings" else 2
    assert report["kept"] == expected
    if drawn(path):
        assert report["read"] == 9
        left = {
            code: n for code, n in report["counts"].items() if code.startswith("excluded.") and n
        }
        assert left == {"excluded.entity": 1, "excluded.sheet": 1, "excluded.layer": 7 - expected}
    elif "PMTiles" not in name:  # tiles cut houses at their edges
        assert report["read"] == expected
    rounded_m = ROUNDED_M.get(name, 1e-3)
    city = load_city(out)
    if kind == "buildings":
        assert_houses(city.buildings, rounded_m=rounded_m)
    else:
        assert_cameras(city.cameras, rounded_m=rounded_m)


SENT = [pair for pair in FILES if "DXF" not in pair[1]]
"""Files that say all of themselves: what a drawing lacks is declared on the command line."""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pair if k % 4 == 0 else pytest.param(*pair, marks=pytest.mark.slow)
        for k, pair in enumerate(SENT)
    ],
)
def test_through_the_app(kind, name, tmp_path):
    path = KINDS[kind][name](tmp_path)
    base = make_city("豫章")
    base = base if kind == "cameras" else _without_buildings(base)
    taken = intake.take_in(base, path, kind=kind)
    assert_adds_up(taken.report)
    assert taken.report.kept == (3 if kind == "buildings" else 2)
    rounded_m = ROUNDED_M.get(name, 1e-3)
    if kind == "buildings":
        assert_houses(taken.city.buildings, rounded_m=rounded_m)
    else:
        new = taken.city.cameras[~taken.city.cameras.index.isin(base.cameras.index)]
        assert_cameras(new, rounded_m=rounded_m)


def _without_buildings(city):
    return replace(city, buildings=city.buildings.iloc[:0])


AS_THEY_LIE = {
    "houses.gdb": made.GDB,
    "houses.mif": made.MIF,
    "houses.tab": made.by_gdal("houses.tab", "MapInfo File", made.HOUSES),
}


@pytest.mark.parametrize("name", AS_THEY_LIE)
def test_what_belongs_to_a_file_is_seen_by_the_reading_process(name, tmp_path):
    path = AS_THEY_LIE[name](tmp_path)
    table, report = read_apart("buildings", path)
    assert_houses(table, rounded_m=0.02)
    assert report.source == name


@pytest.mark.parametrize("name", ["houses.mif", "houses.tab"])
def test_a_part_that_is_not_there_is_named(name, tmp_path):
    path = AS_THEY_LIE[name](tmp_path)
    lost = path.with_suffix(".mid" if name == "houses.mif" else ".dat")
    lost.unlink()
    with pytest.raises(InputError, match=rf"mapinfo\.incomplete.*'{lost.suffix}'"):
        TABLE_READERS["buildings"](path)


def folders(*frames: str) -> str:
    return made.kml("".join(f"<Folder><name>f{n}</name>{f}</Folder>" for n, f in enumerate(frames)))


def test_where_several_layers_hold_something_one_is_asked_for(tmp_path, capsys):
    """An empty folder is none; links in the file are counted and not followed."""
    link = "<NetworkLink><Link><href>other.kml</href></Link></NetworkLink>"
    marks = made.placemarks(made.CAMERAS)
    path = made.text("a.kml", folders(marks, marks.replace("c-", "d-"), link))(tmp_path)
    words = ["import", str(path), "--as", "cameras", "--dry-run", "--lang", "en"]
    assert run(words) == BAD_INPUT
    assert "found f0, f1" in " ".join(capsys.readouterr().err.split())
    assert run([*words, "--layer", "f1"]) == OK
    assert "which are never followed: 1" in " ".join(capsys.readouterr().out.split())
    alone = made.text("b.kml", folders(marks, link))(tmp_path)
    assert len(TABLE_READERS["cameras"](alone)[0]) == 2


def test_a_picture_over_the_map_is_no_building(tmp_path):
    box = "<north>28.7</north><south>28.6</south><east>115.9</east><west>115.8</west>"
    over = f"<GroundOverlay><Icon><href>a.png</href></Icon><LatLonBox>{box}</LatLonBox>"
    path = made.HOUSES_IN["KML with a schema"](tmp_path)
    whole = path.read_text("utf-8").replace("<Placemark", f"{over}</GroundOverlay><Placemark", 1)
    path.write_text(whole, encoding="utf-8")
    table, report = TABLE_READERS["buildings"](path)
    assert_houses(table)
    assert_adds_up(report)
    assert (report.read, report.count("excluded.picture")) == (4, 1)


@pytest.mark.parametrize("name", ["c.gml", "c.kml"])
def test_identifiers_stay_the_text_that_they_are(name, tmp_path):
    rows = made.CAMERAS.assign(camera_id=["0012", "0013"])
    driver = {"c.gml": "GML", "c.kml": "LIBKML"}[name]
    path = made.by_gdal(name, driver, rows, 0 if driver == "GML" else 4326)(tmp_path)
    table, report = TABLE_READERS["cameras"](path)
    assert table.index.tolist() == ["0012", "0013"]
    assert not {"lowerCorner", "tessellate"} & {key for tags in table["tags"] for key in tags}
    assert report.kept == 2


PLACES = made.HOUSES[["name", "geometry"]]
OTHERS = {
    "places": made.by_gdal("p.kml", "LIBKML", PLACES.assign(place_id=list("abc"), item="1"), 4326),
    "private": made.by_gdal("p.gml", "GML", PLACES.assign(kind="toilet")),
    "districts": made.zipped("d.zip", made.by_gdal("d.tab", "MapInfo File", PLACES.assign(
        code=["360102", "360103", "360104"], level="county"))),
    "entrances": made.text("e.gpx", made.gpx(made.CAMERAS)),
    "signs": made.text("s.dxf", made.dxf([made.note("前方有摄像机"), made.outline(0)]), "gb18030"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "kept"), a_few(zip(OTHERS, (3, 3, 3, 2, 1), strict=True), 2))
def test_other_registers_come_in_the_same_way(kind, kept, tmp_path):
    path = OTHERS[kind](tmp_path)
    declared = Declared(crs=TOWN_CRS) if drawn(path) else Declared()
    table, report = TABLE_READERS[kind](path, declared=declared)
    assert len(table) == kept
    assert_adds_up(report)


def test_attributes_arrive_as_they_were(tmp_path):
    for name in ("KML without a schema", "blocks of a DXF", "MIF in GBK", "TAB in GBK"):
        folder = tmp_path / name
        folder.mkdir()
        path = made.CAMERAS_IN[name](folder)
        layer = "摄像机" if drawn(path) else None
        table, _ = TABLE_READERS["cameras"](path, declared=Declared(crs=TOWN_CRS if layer else None,
                                                              layer=layer))  # fmt: skip
        assert table.index.tolist() == ["c-1", "c-2"], name
        assert table["height_m"].tolist() == [4.0, 5.5], name
        if "GBK" in name or "KML" in name:
            assert table["name"].tolist() == ["东门", "西门"], name
