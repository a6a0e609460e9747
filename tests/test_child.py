"""Processes of our own: what lies in the current folder has no part in them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from civicsight.application.jobs import JobPool, JobState
from civicsight.application.work import Kind, PlanAims
from civicsight.editing.project import Project
from civicsight.planning.solver import worker
from civicsight.planning.solver.highs import Programme
from civicsight.planning.solver.outcome import Limits
from tests.app_town import DIGEST, RULES, app_city, app_result, session
from tests.drawn import a_few
from tests.test_application_jobs import NORTH
from tests.ui_server import ROOT, answering, free_port

PLANTED = (
    *("civicsight", "folium", "geopandas", "highspy", "json", "numba", "numpy", "pandas"),
    *("pickle", "pyproj", "scipy", "shapely", "sqlalchemy", "streamlit", "uvicorn"),
)
"""Names under which somebody leaves a module in the folder where civicsight is started."""

CIVICSIGHT = str(Path(sys.executable).with_name("civicsight"))
STREAMLIT = str(Path(sys.executable).with_name("streamlit"))
ENTRANCES = {
    "civicsight app": [CIVICSIGHT, "app", "--port", "PORT"],
    "python -m civicsight app": [sys.executable, "-m", "civicsight", "app", "--port", "PORT"],
    "streamlit run app.py": [
        *(STREAMLIT, "run", str(ROOT / "app.py"), "--server.port", "PORT"),
        *("--server.headless", "true", "--browser.gatherUsageStats", "false"),
        *("--server.address", "127.0.0.1"),
    ],
}


@pytest.fixture
def planted(tmp_path):
    """A folder of modules that leave a mark when they are run."""
    folder = tmp_path / "planted"
    folder.mkdir()
    for name in PLANTED:
        mark = tmp_path / f"ran-{name}"
        text = f"open({str(mark)!r}, 'w').close()\nraise ImportError('planted')\n"
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def inside(planted, monkeypatch):
    """Stand in that folder, with a path that names it by an empty entry, as a stray colon does."""
    monkeypatch.chdir(planted)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}")
    return planted


def ran(planted):
    return sorted(path.name for path in planted.parent.glob("ran-*"))


@pytest.mark.parametrize("kind", [Kind.CHECK, pytest.param(Kind.OPTIMISE, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_a_job_runs_nothing_that_lies_where_the_app_was_started(inside, tmp_path, kind):
    project = Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")
    pool = JobPool(Path("../cache"))  # a relative folder is where it was when the app was started
    try:
        aims = PlanAims(steps=50, seconds=20.0)
        job = pool.submit(kind, project, session().do(NORTH), aims)
        assert job.wait(240) is JobState.DONE, job.reasons
        assert pool.summary(job)
    finally:
        pool.close()
    assert ran(inside) == []
    assert (tmp_path / "cache").is_dir()


def test_a_solver_runs_nothing_that_lies_where_a_plan_is_drawn_up(inside, monkeypatch):
    monkeypatch.setattr(worker, "_idle", [])
    count = worker.SMALL_ENTRIES
    ones = np.ones(count)
    every = np.arange(count + 1, dtype=np.int32)
    programme = Programme(
        ones, ones, every, every[:-1], ones, ones, np.full(count, np.inf), True, "simplex",
        np.empty(0), 1e-6, 0.0, 20.0, 1000,
    )  # fmt: skip
    answer = worker.ask(programme, lambda *_: None, Limits(seconds=20.0), time.perf_counter())
    assert answer is not None
    assert ran(inside) == []
    for process in worker._idle:
        process.end()


@pytest.mark.slow
@pytest.mark.parametrize("name", a_few(ENTRANCES))
def test_the_app_runs_nothing_that_lies_where_it_is_started(planted, tmp_path, name):
    if "-m" in ENTRANCES[name]:
        (planted / "civicsight.py").unlink()  # the one module that `-m` itself looks for there
    port = str(free_port())
    command = [port if word == "PORT" else word for word in ENTRANCES[name]]
    settings = {
        "CIVICSIGHT_ACCOUNTS": str(tmp_path / "accounts.json"),
        "CIVICSIGHT_PROJECT": str(tmp_path / "none.gpkg"),
        "HOME": str(tmp_path),
    }
    with answering(command, planted, tmp_path, f"http://127.0.0.1:{port}", settings):
        pass
    assert ran(planted) == []
