"""Obstacles of a register: their shapes, and what they hide from a camera."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from civicsight.coverage.check import check
from civicsight.io.registers.obstacles import read_obstacles
from civicsight.model import BUILDINGS, OBSTACLES
from civicsight.scene.bodies import build_scene
from tests.city_made import METRIC, X0, Y0, box
from tests.test_check import part_at
from tests.test_check import town as school
from tests.test_registers_kinds import OBSTACLE_ROWS
from tests.test_registers_read import faults_of, table_of


def test_obstacles_get_a_shape_from_what_the_register_says(tmp_path):
    table, report = table_of(tmp_path, OBSTACLE_ROWS, read_obstacles, crs=METRIC)
    OBSTACLES.check(table)
    assert list(table["kind"]) == ["panel", "structure", "structure", "panel"]
    panel, column, booth, unknown = table.geometry
    assert panel.equals_exact(shapely.LineString([(X0, Y0 + 3), (X0, Y0 - 3)]), 1e-6)
    assert column.area == pytest.approx(np.pi * 0.49, rel=0.03)
    assert booth.bounds == pytest.approx((X0 - 1, Y0 - 1, X0 + 1, Y0 + 1))
    assert unknown.bounds == pytest.approx((X0 - 2, Y0, X0 + 2, Y0))
    assert list(table["height_assumed"]) == [False, True, False, True]
    assert table["height_m"].tolist() == [6.0, 3.5, 2.5, 6.0]
    assert table["base_m"].tolist() == [2.5, 0.0, 0.0, 2.5]
    assert (report.read, report.kept) == (5, 4)
    assert report.count("excluded.see_through") == 1
    assert [fault.code for fault in report.repaired] == ["obstacle.height"] * 2


def test_lines_and_areas_of_a_layer_are_taken_as_drawn(tmp_path):
    layer = gpd.GeoDataFrame(
        {"设施类型": ["架空管线", "围墙", "临时建筑"], "高度": ["5.5", "2.2", "3"],
         "底高": ["5", None, None]},
        geometry=[
            shapely.LineString([(X0, Y0), (X0 + 50, Y0)]),
            shapely.LineString([(X0, Y0), (X0, Y0 + 50)]),
            box(X0 + 60, Y0, 5, 5),
        ],
        crs=METRIC,
    )  # fmt: skip
    path = tmp_path / "facilities.gpkg"
    layer.to_file(path)
    table, _ = read_obstacles(path, crs=METRIC)
    assert list(table["kind"]) == ["structure", "wall", "structure"]
    assert table["base_m"].tolist() == [5.0, 0.0, 0.0]
    assert table.geometry.equals(gpd.GeoSeries(layer.geometry.to_numpy(), table.index, crs=METRIC))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (f"1,行道树,树,6,,4,0,,{X0},{Y0}", "cell.value"),
        (f"1,广告牌,牌,6,,6,,,{X0},{Y0}", "obstacle.no_shape"),
        (f"1,管线,线,6,,,,,{X0},{Y0}", "obstacle.no_shape"),
        (f"1,飞艇,艇,6,,6,0,,{X0},{Y0}", "cell.value"),
        (f"1,广告牌,牌,-6,,6,0,,{X0},{Y0}", "cell.value"),
    ],
)
def test_what_is_no_solid_shape_is_refused(tmp_path, row, code):
    header = OBSTACLE_ROWS.split("\n", 1)[0]
    found = faults_of(tmp_path, f"{header}\n{row}\n", read_obstacles, crs=METRIC)
    assert found[0][:2] == (code, "row 2")


def test_a_registered_billboard_hides_what_lies_behind_it(tmp_path):
    """The obstacles of a register stand in the scene that a check looks at."""
    table, _ = table_of(tmp_path, OBSTACLE_ROWS, read_obstacles, crs=METRIC)
    scene = build_scene(BUILDINGS.empty(METRIC), table)
    features = scene.features.set_index("id")
    assert features["layer"].eq("obstacle").all()
    assert sorted(features.index) == ["1", "2", "4", "5"]
    assert features.loc["1", ["base", "top"]].tolist() == [2.5, 6.0]


@pytest.mark.slow
def test_a_registered_billboard_turns_a_covered_gate_into_a_gap(tmp_path):
    """A check looks past the obstacles of a register, and names the one that hides a gate."""
    header = OBSTACLE_ROWS.split("\n", 1)[0]
    board = f"9,广告牌,挡牌,6,0,14,180,,{X0 + 30},{Y0 - 4}"
    obstacles, _ = table_of(tmp_path, f"{header}\n{board}\n", read_obstacles, crs=METRIC)
    city = school()
    placed = obstacles.set_geometry(obstacles.translate(-X0, -Y0)).set_crs(
        city.crs, allow_override=True
    )
    clear = check(city, raster=False)
    hidden = check(replace(city, obstacles=placed), raster=False)
    gate = part_at(clear, "s")
    assert clear.part_status.loc[gate, "status"] == "covered"
    assert hidden.part_status.loc[gate, "status"] == "gap"
    assert "9" in str(hidden.part_status.loc[gate, "blockers"])
