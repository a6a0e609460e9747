"""Houses and cameras in the formats that offices exchange, through both ways in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from civicsight.city import load_city
from civicsight.city.declared import Declared
from civicsight.city.kinds import READERS
from civicsight.city.report import ImportReport
from civicsight.cli.entry import OK, run
from civicsight.ui.services import intake
from tests import exchange_made as made
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
    assert len(FILES) >= 20


@pytest.mark.parametrize(("kind", "name"), FILES)
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


@pytest.mark.parametrize(("kind", "name"), [pair for pair in FILES if "DXF" not in pair[1]])
def test_through_the_app(kind, name, tmp_path):
    path = KINDS[kind][name](tmp_path)
    base = make_city("豫章")
    base = base if kind == "cameras" else _without_buildings(base)
    taken = intake.take_in(base, path.name, path.read_bytes(), kind=kind, datum="", keep_good=False)
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


def test_attributes_arrive_as_they_were(tmp_path):
    for name in ("KML without a schema", "blocks of a DXF", "MIF in GBK", "TAB in GBK"):
        folder = tmp_path / name
        folder.mkdir()
        path = made.CAMERAS_IN[name](folder)
        layer = "摄像机" if drawn(path) else None
        table, _ = READERS["cameras"](path, declared=Declared(crs=TOWN_CRS if layer else None,
                                                              layer=layer))  # fmt: skip
        assert table.index.tolist() == ["c-1", "c-2"], name
        assert table["height_m"].tolist() == [4.0, 5.5], name
        if "GBK" in name or "KML" in name:
            assert table["name"].tolist() == ["东门", "西门"], name
