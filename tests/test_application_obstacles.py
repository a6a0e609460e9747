"""What a drawn obstacle takes: as a check of the whole city with it finds, and nothing besides."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from shapely.geometry import LineString, box

from civicsight.application.obstacles import judge_obstacle, limit_obstacle
from civicsight.coverage.check import check
from civicsight.editing.commands import DrawObstacle
from civicsight.editing.draft import Draft
from civicsight.editing.project import Project
from civicsight.model import READINGS
from tests.app_town import DIGEST, RULES, app_city, app_result
from tests.drawn import every_other

TOP_M = 6.0
WALL = LineString([(25.0, -4.0), (35.0, -4.0)])
AWAY = box(-58.0, -58.0, -50.0, -50.0)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path_factory.mktemp("p") / "p.gpkg")


@pytest.mark.parametrize(
    ("kind", "shape"),
    every_other(
        [
            (kind, shape)
            for kind in ("wall", "panel", "structure")
            for shape in (WALL, box(25.0, -5.0, 35.0, -3.0))
        ],
        1,
    ),
)
def test_the_gates_that_fall_are_those_of_a_check_of_the_whole_city(project, shape, kind):
    found = judge_obstacle(project, shape, TOP_M, 0.0, kind)
    closed = shape.geom_type == "Polygon"
    ring = shape.exterior.coords[:-1] if closed else shape.coords
    command = DrawObstacle("obstacle/1", tuple(ring), TOP_M, 0.0, closed, kind)
    # Cameras that are only planned play no part in the permit check.
    cameras = app_city().cameras
    stands = cameras[cameras["status"].fillna("existing").eq("existing")]
    before = check(replace(app_city(), cameras=stands), rules=RULES, raster=False)
    city = command.apply(Draft(app_city())).city
    after = check(replace(city, cameras=stands), rules=RULES, raster=False)
    for reading in READINGS:
        column = f"fraction_{reading}"
        need = before.parts["fraction"].reindex(before.part_status.index)
        was = before.part_status[column] >= need - 1e-9
        now = after.part_status[column].reindex(was.index) >= need - 1e-9
        fallen = set(was.index[was & ~now])
        told = found.permit.loss.parts
        own = told[told["reading"].eq(reading) & told["falls"].astype(bool)]
        assert set(own["part_id"]) == fallen
    assert len(found.falling)
    assert found.permit.verdict == "refused"
    assert set(found.ground) == set(found.cameras.index)


def test_the_view_that_a_camera_loses_is_that_of_the_permit_check(project):
    found = judge_obstacle(project, WALL, TOP_M, 0.0, "wall")
    rows = found.permit.outlook
    for label, row in found.cameras.iterrows():
        own = rows[rows["camera_id"].eq(label) & rows["holds"].eq(row["holds"])]
        own = own[own["reading"].eq(row["holds"])]
        lost = own["lost_m2"].sum() + own["lower_m2"].sum()
        assert row["share"] == pytest.approx(lost / own["seen_m2"].sum())
    assert found.cameras["share"].max() <= 1.0
    assert isinstance(found.falling, pd.Series)


def test_what_stands_aside_takes_nothing_and_is_free(project):
    found = judge_obstacle(project, AWAY, TOP_M, 0.0, "structure")
    assert found.cameras.empty
    assert found.falling.empty
    assert found.permit.verdict == "free"


def test_limits_of_height_and_place_are_found_when_asked_for(project):
    found = judge_obstacle(project, WALL, TOP_M, 0.0, "wall")
    limited = limit_obstacle(project, found)
    height = limited.heights["sure"]
    assert 0.0 <= height < TOP_M
    lower = judge_obstacle(project, WALL, max(height, 0.01), 0.0, "wall")
    assert lower.permit.holds != "sure"
