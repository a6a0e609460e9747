"""Compound walls come in from a layer, and gates are found where they are open."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from civicsight.core.errors import InputError
from civicsight.coverage.demand.parts import find_parts
from civicsight.io.reader_registry import read_into
from civicsight.io.registers.barriers import read_barriers
from civicsight.model import BARRIERS, BUILDINGS, ENTRANCES, PLACES, ROADS
from civicsight.rules import find_zones, load_packs

X, Y = 390_000.0, 3_172_000.0
METRIC = CRS(32650)


def layer(path, shapes, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=METRIC)
    frame.to_file(path)
    return path


def test_lines_stay_and_outlines_become_lines(tmp_path):
    court = shapely.box(X, Y, X + 60, Y + 40)
    hole = shapely.Polygon(court.exterior, [shapely.box(X + 9, Y + 9, X + 20, Y + 20).exterior])
    line = shapely.LineString([(X, Y), (X + 10, Y)])
    path = layer(
        tmp_path / "walls.gpkg",
        [line, court, hole],
        编号=["a", "b", "c"],
        围墙类型=["铁艺围栏", "围墙", "绿篱"],
        墙高=["2.2", "2.5m", None],
    )
    table, report = read_barriers(path, crs=METRIC)
    BARRIERS.check(table)
    assert table["kind"].to_dict() == {"a": "fence", "b": "wall", "c#1": "hedge", "c#2": "hedge"}
    assert table["height_m"].tolist()[:2] == [2.2, 2.5]
    assert table.length.tolist() == pytest.approx([10.0, 200.0, 200.0, 44.0])
    assert (report.read, report.kept) == (3, 4)


@pytest.mark.parametrize(
    ("shape", "kind", "code"),
    [(shapely.Point(X, Y), "围墙", "barrier.point"), (None, "凉亭", "cell.value")],
)
def test_a_point_and_what_is_no_wall_are_named(tmp_path, shape, kind, code):
    line = shapely.LineString([(X, Y), (X + 10, Y)])
    path = layer(tmp_path / "walls.gpkg", [line, shape or line], 编号=["a", "b"], 类型=["墙", kind])
    with pytest.raises(InputError, match=code) as caught:
        read_barriers(path, crs=METRIC)
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].where == "2"


def test_a_city_takes_them_in_and_its_gate_moves_to_the_opening(tmp_path):
    rules = load_packs()
    school = shapely.box(X, Y, X + 60, Y + 40)
    corners = [(28, 0), (0, 0), (0, 40), (60, 40), (60, 0), (34, 0)]
    wall = shapely.LineString([(X + east, Y + north) for east, north in corners])
    path = layer(tmp_path / "walls.gpkg", [wall], 编号=["w"], 类型=["围墙"])
    city, report = read_into(path, "barriers", crs=METRIC)
    assert len(city.barriers) == report.part("barriers").kept == 1
    ways = [
        shapely.LineString([(X + 31, Y - 30), (X + 31, Y + 20)]),  # through the opening
        shapely.LineString([(X + 10, Y - 30), (X + 10, Y + 20)]),  # drawn through the wall
    ]
    roads = gpd.GeoDataFrame(
        {"kind": ["service", "service"]}, geometry=ways, index=["in", "through"], crs=METRIC
    )
    roads = ROADS.complete(roads.rename_axis(ROADS.index))
    place = gpd.GeoDataFrame({"name": ["校"], "amap": ["141203"]}, geometry=[school], index=["p"],
                             crs=METRIC)  # fmt: skip
    places = PLACES.complete(place.rename_axis(PLACES.index))
    zones = find_zones(places, roads, rules)
    near = {
        name: find_parts(
            zones, places=places, roads=roads, entrances=ENTRANCES.empty(METRIC), barriers=walls,
            buildings=BUILDINGS.empty(METRIC), rules=rules,
        )
        for name, walls in (("without", BARRIERS.empty(METRIC)), ("with", city.barriers))
    }  # fmt: skip
    where = {
        name: {round(x - X) for x in parts[parts["kind"].str.contains("entrance")].centroid.x}
        for name, parts in near.items()
    }
    assert 10 in where["without"]
    assert where["with"] == {31}
