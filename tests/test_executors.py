"""Lines of sight are cast anywhere: threads, processes, a cluster, equal to the bit."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from civicsight.core.errors import SetupError, WriteError
from civicsight.coverage import viewshed as views
from civicsight.coverage.check import check
from civicsight.coverage.jobs import run_jobs, running_on
from civicsight.coverage.shared_memory import NAME, Kept, keep, take
from civicsight.io.project import read_city
from civicsight.io.tables.inventory import read_cameras
from civicsight.planning.candidates.make import generate
from civicsight.planning.compliance import judge
from tests.drawn import a_few
from tests.region_made import random_town
from tests.same import assert_same_check, assert_same_table
from tests.test_demo_district import DEMO


@pytest.fixture(scope="module", params=["town", pytest.param("district", marks=pytest.mark.slow)])
def city(request):
    if request.param == "town":
        return random_town(2, side_m=600.0, places=4, cameras=24)
    found = read_city(DEMO / "district.gpkg")[0]
    return replace(found, cameras=read_cameras(DEMO / "cameras.csv", crs=found.crs)[0])


@pytest.fixture(scope="module")
def whole(city):
    return check(city, cell_m=4.0)


@contextmanager
def processes():
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        yield executor


@contextmanager
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client.get_executor()


@pytest.mark.parametrize(
    "somewhere", a_few([lambda: ThreadPoolExecutor(3), cluster, processes]), ids=["3", "dask", "2"]
)
def test_a_check_is_the_same_wherever_its_lines_are_cast(city, whole, somewhere, monkeypatch):
    monkeypatch.setattr(views, "HEADS_PER_JOB", 6)
    with somewhere() as executor:
        assert_same_check(check(city, cell_m=4.0, executor=executor), whole)


class Counting(ThreadPoolExecutor):
    """Threads that count what they are given."""

    asked = 0

    def submit(self, *call, **words):
        Counting.asked += 1
        return super().submit(*call, **words)


def test_judging_and_candidates_cast_their_lines_where_they_are_told(whole):
    with Counting(2) as executor:
        assert_same_table(
            judge(whole, executor=executor).verdicts, judge(whole).verdicts, "verdicts"
        )
        judged, Counting.asked = Counting.asked, 0
        here, there = generate(whole), generate(whole, executor=executor)
    assert judged > 0
    assert Counting.asked > 0
    assert (here.matrix.q != there.matrix.q).nnz == 0


def test_who_runs_inside_is_heard_and_not_beyond():
    with Counting(2) as executor, running_on(executor):
        Counting.asked = 0
        assert run_jobs(pow, [(2, 5)], [1], None, None) == [32]
        with running_on(None):
            assert run_jobs(pow, [(2, 3)], [1], None, None) == [8]
        assert Counting.asked == 2
    run_jobs(pow, [(2, 5)], [1], None, None)
    assert Counting.asked == 2


def test_what_jobs_share_is_one_file_however_often_it_is_kept(tmp_path):
    things = (np.arange(1000.0), {"a": np.ones(3, np.int32)}, "text")
    kept = keep(things, tmp_path)
    assert keep(things, tmp_path) == kept
    assert len(list(tmp_path.glob(f"*/{NAME}"))) == 1
    assert len(pickle.dumps(kept)) < 500
    numbers, named, text = take(kept)
    assert numbers.flags.writeable, "kernels are compiled for arrays that may be written to"
    assert np.array_equal(numbers, things[0])
    assert named["a"].dtype == np.int32
    assert text == "text"
    numbers[0] = 7.0
    assert (tmp_path / kept.digest / NAME).read_bytes() == read_again(tmp_path, things)


def read_again(folder: Path, things) -> bytes:
    kept = keep(things, folder / "again")
    return (folder / "again" / kept.digest / NAME).read_bytes()


def test_a_file_that_is_not_what_was_written_is_refused(tmp_path):
    kept = keep((np.arange(50.0),), tmp_path)
    place = tmp_path / kept.digest / NAME
    spoilt = bytearray(place.read_bytes())
    spoilt[-80] ^= 1
    place.write_bytes(spoilt)
    with pytest.raises(SetupError, match="CIVICSIGHT_CACHE_DIR"):
        take(kept)
    with pytest.raises(SetupError, match="CIVICSIGHT_CACHE_DIR"):
        take(Kept(str(tmp_path), "0" * 64))
    for cut in (0, 3, 70):
        place.write_bytes(bytes(spoilt[:cut]))
        with pytest.raises(SetupError):
            take(kept)


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(WriteError):
        keep((np.arange(50.0),), tmp_path)
    assert not list(tmp_path.glob(f"*/{NAME}"))
