"""What the benchmarks say about a figure, a missing peer, solvers and the edges of shadows."""

import importlib
import time

import numpy as np
import pytest

from benchmarks import job as views
from benchmarks.bars import BARS, Bar, print_table
from benchmarks.chain import STAGES
from benchmarks.job import Setting, find_edges
from benchmarks.peer import INSTALL, ask
from benchmarks.peers.cover import highs
from benchmarks.planning.duplicates import made_city
from benchmarks.planning.goals import CPU, Goal
from benchmarks.planning.race import INSTALL as INSTALL_SOLVERS
from benchmarks.planning.race import OURS, SOLVERS, Job, race
from civicsight.coverage.findings.camera_set import EXISTING, PLANNED
from civicsight.planning.solver.model import Problem
from tests.helsinki import workload
from tests.small_problems import every_choice


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


@pytest.mark.parametrize(("stage", "module", "name"), STAGES)
def test_every_stage_of_the_chain_is_called_so_where_it_is_timed(stage, module, name):
    assert callable(getattr(importlib.import_module(module), name)), stage


def test_tables_line_up(capsys):
    print_table(("name", "n"), [("a", "1"), ("long", "1000")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:4] == ["a        1", "long  1000"]


def test_the_seeded_city_of_duplicates_has_cameras_of_both_kinds():
    made = made_city(3, 2)
    assert made.status.tolist() == [EXISTING] * 3 + [PLANNED] * 2
    assert np.isfinite(made.cost_yuan).tolist() == [False] * 3 + [True] * 2


def test_edges_are_cells_whose_neighbour_in_view_has_the_other_answer():
    col = np.array([0, 1, 2, 3, 5, 1])
    row = np.array([0, 0, 0, 0, 0, 1])
    seen = np.array([True, True, False, False, True, True])
    assert find_edges(row, col, seen).tolist() == [False, True, True, False, False, False]
    assert not len(find_edges(row[:0], col[:0], seen[:0]))


@pytest.fixture(scope="module")
def job():
    return views.Job(Setting(4.0, 30.0), 4)


@pytest.mark.slow
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


def test_a_goal_says_by_how_much_it_was_missed():
    most = Goal("g1", "gap", "gap", "%", 0.1)
    least = Goal("g6", "speed", "times", "x", 20, at_least=True)
    assert [most.verdict(v) for v in (0.05, 0.1, 0.3)] == ["met", "met", "MISSED by 0.2"]
    assert [least.verdict(v) for v in (21, 15.5)] == ["met", "MISSED by 4.5"]
    figures = {"gap": {OURS: 0.05, CPU: 0.01, "HiGHS": 1.25}}
    found = ("G1", "gap", "<= 0.1 %", "0.05", "0.01", "met", "1.25", "-", "-", "-")
    assert most.line(figures) == found
    assert least.line(figures)[3:6] == ("-", "-", "not measured")


@pytest.mark.compiled_only
@pytest.mark.slow
def test_a_solver_that_is_missing_is_named_and_ours_is_counted_again(tmp_path):
    ring = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[2.0, 2.0, 3.0])
    answers, rows, said = race(Job("ring", ring, 10.0, 1), str(tmp_path / "python"))
    assert (answers[OURS].value, answers[OURS].bound) == (4.0, 4.0)
    assert len(rows) == 1
    assert [INSTALL_SOLVERS in sentence for sentence in said] == [True] * len(SOLVERS)


def test_what_is_no_answer_has_no_value():
    ring = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[2.0, 2.0, 3.0])
    cover, money = Job("", ring, 1.0, 1), Job("", ring, 1.0, 1, budget=3.0)
    one, two = np.array([False, False, True]), np.array([True, True, False])
    assert np.isnan(cover.value_of(one))
    assert cover.value_of(two) == 4.0
    assert money.value_of(one) == 2.0
    assert np.isnan(money.value_of(two))


@pytest.mark.parametrize("budget", [np.inf, 5.0])
def test_highs_is_asked_the_same_question(budget, tmp_path):
    rng = np.random.default_rng(3)
    problem = random_covering(rng)
    job, folder = Job("", problem, 10.0, 1, budget=budget), tmp_path
    job.write(folder / "job.npz")
    with np.load(folder / "job.npz") as file:
        asked = {name: file[name] for name in file.files}
    chosen, bound = highs(asked, time.perf_counter() + 10.0)
    value = job.value_of(chosen)
    choices = every_choice(problem.n_candidate)
    values = np.array([job.value_of(choice) for choice in choices])
    best = np.nanmax(values) if np.isfinite(budget) else np.nanmin(values)
    assert value == pytest.approx(best)
    assert bound == pytest.approx(best)


def random_covering(rng):
    rows = [np.flatnonzero(rng.random(10) < 0.4).tolist() for _ in range(8)]
    degree = np.bincount(np.concatenate(rows).astype(int), minlength=10)
    need = np.minimum(rng.integers(1, 3, 10), degree)
    return Problem.of(rows, cost=rng.integers(1, 6, 8).astype(float), n_requirement=10, need=need,
                      weight=rng.integers(1, 5, 10).astype(float))  # fmt: skip
