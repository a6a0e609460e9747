"""What the benchmarks say about a figure, a missing peer and the edges of shadows."""

import numpy as np
import pytest

from benchmarks.bars import BARS, Bar, print_table
from benchmarks.job import Job, Setting, find_edges
from benchmarks.peer import INSTALL, ask
from tests.helsinki import workload


def test_a_figure_is_held_against_the_floor_and_the_stretch():
    time, ratio = Bar("t", "s", "t", 10, 2), Bar("r", "x", "r", 40, 90, more_is_better=True)
    verdicts = [time.line({"t": v})[3] for v in (1, 2, 9, 11)]
    assert verdicts == ["stretch", "stretch", "met", "MISSED"]
    assert [ratio.line({"r": v})[3] for v in (100, 50, 39)] == ["stretch", "met", "MISSED"]
    assert time.line({})[2:] == ("-", "not measured")


def test_every_goal_has_a_key_of_its_own_and_a_stretch_beyond_its_floor():
    assert len({bar.key for bar in BARS}) == len(BARS)
    for bar in BARS:
        assert bar.stretch >= bar.must if bar.more_is_better else bar.stretch <= bar.must


def test_tables_line_up(capsys):
    print_table(("name", "n"), [("a", "1"), ("long", "1000")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:4] == ["a        1", "long  1000"]


def test_edges_are_cells_whose_neighbour_in_view_has_the_other_answer():
    col = np.array([0, 1, 2, 3, 5, 1])
    row = np.array([0, 0, 0, 0, 0, 1])
    seen = np.array([True, True, False, False, True, True])
    assert find_edges(row, col, seen).tolist() == [False, True, True, False, False, False]
    assert not len(find_edges(row[:0], col[:0], seen[:0]))


@pytest.fixture(scope="module")
def job():
    return Job(Setting(4.0, 30.0), 4)


def test_a_job_holds_open_cells_in_view_and_their_answers(job):
    assert [len(seen) for seen in job.truth] == [len(row) for row, _ in job.cells]
    seen = np.concatenate(job.truth)
    assert 0 < seen.mean() <= 1
    for row, col in job.cells:
        assert (job.surface[row, col] == 0).all(), "open cells stand on the ground of the surface"


def test_raster_peers_stand_on_free_ground_near_the_camera(job):
    x, y = job.heads.geometry.x, job.heads.geometry.y
    away = np.hypot(*(job.snapped() - np.column_stack([x, y])).T)
    assert (away < 8.0).all()


@pytest.mark.parametrize("peer", INSTALL)
def test_a_missing_peer_says_how_to_install_it(job, peer, tmp_path):
    answer = ask(peer, str(tmp_path / "python"), job)
    assert str(answer).startswith("not installed")
    assert INSTALL[peer] in str(answer)


@pytest.mark.parametrize("tiles", [(1, 1), (2, 1)])
def test_cameras_of_the_workload_stand_outside_all_buildings(tiles):
    buildings, heads = workload(60, tiles=tiles)
    inside = heads.geometry.apply(lambda point: buildings.intersects(point).any())
    assert len(heads) == 60
    assert not inside.any()
    distance = heads.geometry.iloc[:30].apply(lambda point: buildings.distance(point).min())
    assert (distance <= 0.3 + 1e-6).all()


def test_the_mirrored_city_has_every_building_in_every_tile():
    buildings, _ = workload(2)
    city, _ = workload(2, tiles=(2, 2))
    assert len(city) == 4 * len(buildings)
    assert city.area.sum() == pytest.approx(4 * buildings.area.sum())
    assert city.index.is_unique
