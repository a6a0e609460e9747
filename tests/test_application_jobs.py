"""Jobs: the same answer as a check, once; progress, an end within a second, and files."""

from __future__ import annotations

import io
import json
import os
import time
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from civicsight.application import messages, work
from civicsight.application.jobs import JobPool, JobState, job_pool
from civicsight.application.work import At, Kind, PlanAims, Task
from civicsight.core.cache import Shelf
from civicsight.core.errors import N_, InputError, MismatchError
from civicsight.coverage._kernels import apart
from civicsight.coverage.check import check
from civicsight.editing.commands import Add, Aim, Move
from civicsight.editing.project import COMPILING, Project
from civicsight.model import READINGS
from civicsight.planning.record.documents import from_documents
from tests.app_town import DIGEST, IN_TOILET, RULES, app_city, app_result, session

NORTH = Add("new/1", 30.0, 48.0, 180.0, height_m=3.5, tilt_deg=12.0, hfov_deg=60.0)
QUICK = PlanAims(steps=200, seconds=20.0)


def project(tmp_path):
    return Project(app_city(), RULES, app_result(), DIGEST, tmp_path / "plans.gpkg")


@pytest.fixture
def pool(tmp_path):
    made = JobPool(tmp_path / "cache", in_threads=True)
    yield made
    made.close()


def test_check_of_a_draft_is_the_check_of_its_city(pool, tmp_path):
    edited = session().do(NORTH)
    job = pool.submit(Kind.CHECK, project(tmp_path), edited)
    assert job.wait(120) is JobState.DONE, job.reasons
    found, by_hand = pool.result(job, RULES), check(edited.draft.city, rules=RULES)
    for reading in READINGS:
        mine, other = found.matrices[reading], by_hand.matrices[reading]
        assert np.array_equal(mine.q.toarray(), other.q.toarray())
    assert found.summary == by_hand.summary == pool.summary(job)["check"]
    with rasterio.open(pool.folder(job) / "coverage.tif") as raster:
        assert raster.read(1).max() == pytest.approx(by_hand.raster.best.max())
    assert job.at.share >= 0.9
    assert job.eta_s is None


@pytest.mark.slow
def test_the_same_job_is_answered_from_disk(pool, tmp_path, monkeypatch):
    first = pool.submit(Kind.CHECK, project(tmp_path), session().do(NORTH))
    assert pool.submit(Kind.CHECK, project(tmp_path), session().do(NORTH)) is first or first.is_over
    first.wait(120)
    monkeypatch.setattr(work, "_check", None)  # nothing is computed again
    again = pool.submit(
        Kind.CHECK, project(tmp_path), session().do(Aim("south", 3.0)).undo().do(NORTH)
    )
    assert (again.state, again.from_cache, again.id) == (JobState.DONE, True, first.id)
    assert pool.find(first.id) is again
    other = pool.submit(Kind.CHECK, project(tmp_path), session().do(Move("twin", 1.0, -8.0)))
    assert other.id != first.id


@pytest.mark.slow
def test_plan_tells_cost_bound_and_gap(pool, tmp_path):
    heard = []
    job = pool.submit(Kind.OPTIMISE, project(tmp_path), aims=QUICK)
    while not job.is_over:
        heard.append(job.at)
        time.sleep(0.005)
    assert job.state is JobState.DONE, job.reasons
    summary = pool.summary(job)
    folder = pool.folder(job) / "plan"
    plan = from_documents(
        {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    )
    assert summary["cost_yuan"] == plan.cost_yuan > 0.0
    assert summary["bound"] <= summary["value"]
    assert [at.share for at in heard] == sorted(at.share for at in heard)
    with pytest.raises(MismatchError, match="no check"):
        pool.result(job, RULES)


def test_the_best_so_far_is_kept_where_somebody_says_that_it_is_enough(pool, tmp_path):
    job = pool.submit(Kind.OPTIMISE, project(tmp_path), aims=PlanAims(steps=10**9, seconds=1e6))
    while job.at.value is None and not job.is_over:
        time.sleep(0.01)
    job.keep_best()
    assert job.wait(120) is JobState.DONE, job.reasons
    assert pool.plan(job).cost_yuan == pool.summary(job)["cost_yuan"] > 0.0


def test_the_word_that_it_is_enough_reaches_the_task_it_is_for(tmp_path, monkeypatch):
    told = {}

    def search(task, _folder, _tell, enough):
        told[task.digest] = enough.wait(5.0)

    monkeypatch.setattr(work, "run", search)
    tasks = [Task(Kind.OPTIMISE, "a", DIGEST, aims=PlanAims(seconds=k)) for k in (1.0, 2.0)]
    lines = [*map(work.as_line, tasks), work.enough_line("ab" * 32)]
    lines += [work.enough_line(task.digest) for task in reversed(tasks)]
    work.serve(io.StringIO("".join(lines)), io.StringIO(), tmp_path / "jobs")
    assert told == {task.digest: True for task in tasks}


def test_cancelled_job_is_over_and_leaves_nothing(pool, tmp_path, monkeypatch):
    def forever(*given):
        folder, tell = given[-2:]
        (folder / "half").write_text("x")
        while True:
            tell(At(0.5, work.CHECKING))
            time.sleep(0.01)

    monkeypatch.setattr(work, "_check", forever)
    job = pool.submit(Kind.CHECK, project(tmp_path), session().do(NORTH))
    waiting = pool.submit(Kind.CHECK, project(tmp_path), session().do(Aim("south", 9.0)))
    while job.at.share < 0.5:
        time.sleep(0.01)
    assert job.eta_s is not None
    waiting.cancel()
    job.cancel()
    assert job.wait(1.0) is JobState.CANCELLED
    assert waiting.wait(1.0) is JobState.CANCELLED
    assert [path.name for path in pool.shelf.folder.iterdir()] == []
    with pytest.raises(MismatchError, match="cancelled"):
        pool.folder(job)


def test_a_job_tells_where_it_is_that_kernels_compile(monkeypatch):
    told = []
    monkeypatch.setattr(apart, "_converse", lambda _order: b"")
    with work.kernels_reported_to(told.append) as tell:
        tell(At(0.5, work.JUDGING))
        apart.compiled(("", "somewhere", "a_kernel", b""))
        tell(At(0.6, work.JUDGING))
    assert [at.share for at in told] == [0.5, 0.5, 0.6]
    assert [at.stage for at in told] == [work.JUDGING, COMPILING, work.JUDGING]


def test_job_that_fails_says_why(pool, tmp_path):
    forged = replace(session(), done=(Move("south", *IN_TOILET),))
    job = pool.submit(Kind.CHECK, project(tmp_path), forged)
    assert job.wait(60) is JobState.FAILED
    assert "WC North" in str(job.reasons[0])


def test_a_torn_project_is_kept_anew_for_its_job(pool, tmp_path):
    job = pool.submit(Kind.CHECK, replace(project(tmp_path), digest="ef" * 32), None)
    job.wait(60)
    (tmp_path / "cache" / "results" / f"{'cd' * 32}.zip").write_bytes(b"torn")
    torn = pool.submit(Kind.CHECK, replace(project(tmp_path), digest="cd" * 32), None)
    assert torn.wait(60) is JobState.DONE


def test_lines_of_a_worker(tmp_path):
    task = Task(Kind.CHECK, str(tmp_path / "none.zip"), DIGEST, aims=PlanAims(years=(2027,)))
    out = io.StringIO()
    work.serve(io.StringIO(work.as_line(task)), out, tmp_path / "jobs")
    first, last = map(json.loads, out.getvalue().splitlines())
    assert messages.at_from(first["at"]) == At(0.0, work.CHECKING)
    assert str(messages.text_from(last["failed"][0])).startswith("the project as it was")


def test_sentences_survive_the_way():
    inner = N_("Move camera %(camera)s", camera="a")
    text = N_("%(one)s; %(other)s", one=inner, other={"zh": "x", "en": "y"})
    assert str(messages.text_from(json.loads(json.dumps(messages.plain_text(text))))) == str(text)


def test_digest_binds_kind_project_draft_and_aims():
    task = Task(Kind.OPTIMISE, "a", DIGEST, "{}", "ab", QUICK)
    others = [
        replace(task, kind=Kind.CHECK),
        replace(task, project_digest="cd" * 32),
        replace(task, session_digest="cd"),
        replace(task, aims=PlanAims(budget_yuan=1.0)),
    ]
    assert len({task.digest, *(other.digest for other in others)}) == 5
    assert replace(task, kept="elsewhere").digest == task.digest


@pytest.mark.alone
def test_worker_process_computes_ends_within_a_second_and_begins_again(tmp_path):
    pool = JobPool(tmp_path / "cache")
    try:
        job = pool.submit(Kind.OPTIMISE, project(tmp_path), aims=PlanAims(steps=10**9))
        while job.state is JobState.WAITING:
            time.sleep(0.01)
        job.cancel()
        began = time.monotonic()
        assert job.wait(5.0) is JobState.CANCELLED
        assert time.monotonic() - began < 1.0
        again = pool.submit(Kind.CHECK, project(tmp_path))
        assert again.wait(240) is JobState.DONE, again.reasons
        assert pool.result(again, RULES).summary == app_result().summary
    finally:
        pool.close()


def test_shelf_keeps_whole_folders_and_the_latest(tmp_path):
    shelf = Shelf(tmp_path / "shelf", most=2)
    names = [letter * 64 for letter in "abc"]
    for name in names:
        with shelf.filling(name) as folder:
            (folder / "x").write_text(name)
        time.sleep(0.01)
    assert shelf.find(names[0]) is None
    assert (shelf.place(names[2]) / "x").read_text() == names[2]
    assert shelf.folder.stat().st_mode & 0o077 == 0
    with pytest.raises(RuntimeError), shelf.filling("d" * 64):
        raise RuntimeError
    assert shelf.find("d" * 64) is None
    for bad in ("../x", "a" * 63, "A" * 64, ""):
        with pytest.raises(MismatchError):
            shelf.place(bad)


def test_scraps_of_others_at_work_stay(tmp_path):
    shelf = Shelf(tmp_path)
    fresh, old = tmp_path / ".making-7-a", tmp_path / ".making-8-b"
    for folder in (fresh, old):
        folder.mkdir()
    os.utime(old, (0, 0))
    shelf.clear_scraps()
    assert (fresh.exists(), old.exists()) == (True, False)
    shelf.clear_scraps(7)
    assert not fresh.exists()


def test_a_server_has_one_pool(tmp_path, monkeypatch):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    job_pool.cache_clear()
    try:
        assert job_pool() is job_pool()
        assert job_pool().cache_dir == tmp_path
    finally:
        job_pool().close()
        job_pool.cache_clear()


def test_reasons_of_a_mismatch():
    assert [str(t) for t in work.reasons_of(MismatchError(N_("the plan")))] == ["the plan"]
    assert [str(t) for t in work.reasons_of(MismatchError("100 %"))] == ["100 %"]
    assert work.reasons_of(InputError([])) == []
