"""Processes are killed while they commit, and many write at once: nothing acknowledged is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import numpy as np
import pytest

from civicsight.store import State, approvals, open_store, verify
from tests.store_parts import LI, SUN, begun, commit_forever, commit_often

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX"),
    pytest.mark.alone,
]


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that have imported everything before they begin."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store_parts"])
    return context


def acknowledged(log: Path) -> list[tuple[int, str]]:
    """Return revision and digest of what was reported as kept; a torn last line was not."""
    lines = log.read_bytes().split(b"\n")[:-1] if log.exists() else []
    return [(int(rev), digest.decode()) for rev, digest in (line.split() for line in lines)]


def require_whole(path: Path, log: Path, killed: int) -> None:
    """Compare the store with what its killed writers had been told."""
    with open_store(path) as store:
        proof = verify(store, LI)
        history = {e.rev: e for e in store.history(SUN, "donghu") if e.rev is not None}
        for rev, digest in acknowledged(log):
            assert history[rev].says["plan"]["digest"] == digest, f"after {killed} kills"
        plan = store.plan(LI, "donghu")
        assert sorted(history) == list(range(1, plan.rev + 1))
        assert proof.versions == plan.version
        done = [e for e in history.values() if e.says["plan"]["state"] == State.APPROVED]
        assert len(done) == len(approvals(store, LI, "donghu"))


def killed_often(context: ForkServerContext, folder: Path, times: int) -> int:
    """Kill a writer so many times at random moments; return how many acts were acknowledged."""
    path, log = folder / "plans.gpkg", folder / "log"
    begun(path).close()
    moments = random.Random(7)
    for number in range(times):
        seen = len(acknowledged(log))
        writer = context.Process(target=commit_forever, args=(str(path), str(log), number * 1_000))
        writer.start()
        wait_for(lambda seen=seen: len(acknowledged(log)) > seen)
        time.sleep(moments.random() * 0.06)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        writer.close()
        if number % 10 == 9:
            require_whole(path, log, number + 1)
    return len(acknowledged(log))


def wait_for(happened) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_ten_killed_writers_lose_nothing(processes, tmp_path):
    assert killed_often(processes, tmp_path, 10) >= 10


@pytest.mark.slow
def test_five_hundred_killed_writers_lose_nothing(processes, tmp_path):
    assert killed_often(processes, tmp_path, 500) >= 500


def write_together(
    context: ForkServerContext, path: Path, writers: int, times: int
) -> tuple[list[tuple[str, str]], list[float]]:
    """Let several processes commit to one plan; return their conflicts and times [s]."""
    begun(path, versions=0).close()
    gate, results = context.Barrier(writers), context.Queue()
    team = [
        context.Process(target=commit_often, args=(str(path), f"writer {n}", times, gate, results))
        for n in range(writers)
    ]
    for member in team:
        member.start()
    told = [results.get(timeout=600) for _ in team]
    for member in team:
        member.join()
    names = {name for name, _, _ in told}
    conflicts = [conflict for _, found, _ in told for conflict in found]
    assert {who for who, _ in conflicts} <= names | {LI.name}
    with open_store(path) as store:
        assert verify(store, LI).versions == writers * times
        notes = {head.note for head in store.list_versions(LI, "donghu")}
        assert notes == {f"{name} {n}" for name in names for n in range(times)}
        assert store.plan(LI, "donghu").rev == writers * times + 1
    return conflicts, [second for _, _, seconds in told for second in seconds]


def test_eight_writers_lose_no_commit(processes, tmp_path):
    conflicts, seconds = write_together(processes, tmp_path / "plans.gpkg", 8, 8)
    assert conflicts
    assert len(seconds) == 64


@pytest.mark.slow
def test_eight_writers_of_sixty_commits_each(processes, tmp_path):
    _, seconds = write_together(processes, tmp_path / "plans.gpkg", 8, 60)
    assert np.quantile(seconds, 0.95) < 5.0


CREATOR = """
import sys
from pathlib import Path
from tests.store_parts import begun
for n in range(10_000):
    begun(Path(sys.argv[1]) / f"{n}.gpkg").close()
    print(n, flush=True)
"""


def test_a_creator_that_is_killed_leaves_a_whole_store_or_none(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", CREATOR, tmp_path], stdout=subprocess.PIPE, text=True
    ) as creator:
        done = [int(creator.stdout.readline()) for _ in range(3)][-1]
        time.sleep(0.03)
        creator.kill()
    for path in tmp_path.glob("*.gpkg"):
        with open_store(path) as store:
            verify(store, LI)
    assert (tmp_path / f"{done}.gpkg").exists()
