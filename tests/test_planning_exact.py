"""The exact solver: as cheap as trying every choice, ended in time, never believed unheard."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from threading import Event, Timer

import numpy as np
import pytest

from civicsight.planning.solver import exact, highs, worker
from civicsight.planning.solver.bounds import best_dual, lower_bound
from civicsight.planning.solver.covering import greedy, prune
from civicsight.planning.solver.exact import solve_exact
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits
from civicsight.planning.solver.programme import programme_of
from tests.conftest import INTERPRETED
from tests.drawn import a_few
from tests.small_problems import HEARD_S, optimum, random_problem

RING = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.0])


@pytest.fixture(scope="module")
def hard() -> Problem:
    return hard_problem(1500, 16, 400)


@pytest.mark.parametrize("apart", [False, True])
def test_it_finds_what_trying_every_choice_finds(monkeypatch, apart):
    """Here, or in a process of its own; with prices that leave candidates out, or without.

    From a greedy start those are left out that are in none cheaper, not only in none as cheap.
    """
    monkeypatch.setattr(worker, "SMALL_ENTRIES", 0 if apart else 10**9)
    rng = np.random.default_rng(6)
    for number in range(30 if INTERPRETED else 120):
        problem = random_problem(rng)
        best = optimum(problem)
        dual = best_dual(problem) if number % 2 else None
        starts = (None, np.ones(problem.n_candidate, bool), prune(problem, greedy(problem)))
        start = starts[number % 3]
        found = solve_exact(problem, start=start, dual=dual)
        assert found.infeasible == np.isinf(best)
        if np.isfinite(best):
            assert found.optimal
            assert found.value == pytest.approx(best)
            assert found.bound <= best * (1 + 1e-9) + 1e-9
            assert problem.is_feasible(found.chosen)
        else:
            assert found.chosen is None


def test_what_prices_prove_already_needs_no_solver(monkeypatch):
    monkeypatch.setattr(exact, "ask", None)
    problem = Problem.of([[0], [1]], cost=[3.0, 4.0])
    found = solve_exact(problem, start=np.array([True, True]), dual=np.array([3.0, 4.0]))
    assert (found.optimal, found.value, found.solver) == (True, 7.0, "")


def test_a_choice_that_the_solver_calls_feasible_is_counted_again(monkeypatch):
    def liar(_programme, tell, _limits, _began):
        tell("solution", np.zeros(3))
        return {"values": None, "bound": 4.0, "status": "Optimal", "version": "liar 1"}

    monkeypatch.setattr(exact, "ask", liar)
    found = solve_exact(RING, start=np.array([True, True, False]))
    assert found.value == 5.0
    assert found.bound == 0.0, "who lies about a choice is not believed about a bound"
    assert not found.optimal
    alone = solve_exact(RING)
    assert alone.chosen is None
    assert not alone.infeasible


def test_a_solver_that_returns_its_start_for_the_optimum_is_asked_again(monkeypatch):
    """HiGHS 1.16 does so now and then: value and bound of the optimum, columns of the start."""
    asked = []

    def forgetful(programme, _tell, _limits, _began):
        asked.append(len(programme.start))
        columns = [1.0, 1.0, 1.0] if len(asked) == 1 else [0.0, 1.0, 1.0]
        return {"values": np.array(columns), "bound": 4.0, "status": "Optimal", "version": "f"}

    monkeypatch.setattr(exact, "ask", forgetful)
    found = solve_exact(RING, start=np.ones(3, bool))
    assert (found.value, found.bound, found.optimal) == (4.0, 4.0, True)
    assert asked == [3, 0]
    asked.clear()
    monkeypatch.setattr(exact, "ask", lambda *args: forgetful(*args) | {"values": np.ones(3)})
    stubborn = solve_exact(RING, start=np.ones(3, bool))
    assert (stubborn.value, stubborn.bound, stubborn.optimal) == (7.0, 4.0, False)


def test_it_is_silent(capfd):
    solve_exact(RING)
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_breaks_off_is_the_end_of_the_solver():
    whole = BytesIO()
    highs.send(whole, ("bound", 4.0))
    for size in (3, highs.HEAD.size, len(whole.getvalue()) - 1):
        with pytest.raises(EOFError):
            highs.receive(BytesIO(whole.getvalue()[:size]))


def test_the_same_problem_gives_the_same_choice(monkeypatch):
    monkeypatch.setattr(worker, "SMALL_ENTRIES", 0)
    problem = random_problem(np.random.default_rng(12), 9, 9)
    found = [solve_exact(problem, node_limit=5).chosen.tobytes() for _ in range(3)]
    assert len(set(found)) == 1


def hard_problem(candidates: int, size: int, requirements: int) -> Problem:
    """Return a problem that branch and cut does not finish in minutes."""
    rng = np.random.default_rng(3)
    rows = [
        np.sort(rng.choice(requirements, size, replace=False)).tolist() for _ in range(candidates)
    ]
    return Problem.of(rows, cost=rng.integers(90, 110, candidates), n_requirement=requirements)


@pytest.mark.alone
@pytest.mark.parametrize("size", a_few([[1500, 16, 400], [380, 10, 160]]))
def test_a_stop_is_heard_within_200_ms(size):
    problem = hard_problem(*size)
    heard = Event()
    start, dual = np.ones(problem.n_candidate, bool), best_dual(problem)
    Timer(1.5, heard.set).start()
    began = time.perf_counter()
    found = solve_exact(problem, start=start, dual=dual, limits=Limits(stop=heard))
    assert 1.4 < time.perf_counter() - began < 1.5 + HEARD_S
    assert problem.is_feasible(found.chosen)
    assert found.value < problem.price(start)
    assert lower_bound(problem, dual) <= found.bound < found.value
    assert not found.optimal


@pytest.mark.alone
def test_a_solver_that_does_not_hear_is_ended_and_the_last_choice_stands(monkeypatch, hard):
    monkeypatch.setattr(worker, "SMALL_ENTRIES", 0)
    solve_exact(RING)
    process = worker._idle[-1].process
    deaf = Timer(0.7, os.kill, (process.pid, signal.SIGSTOP))
    deaf.start()
    began = time.perf_counter()
    found = solve_exact(hard, limits=Limits(seconds=1.0))
    assert time.perf_counter() - began < 1.0 + HEARD_S
    assert process.poll() is not None
    assert found.chosen is None or hard.is_feasible(found.chosen)
    assert solve_exact(RING).value == 4.0, "the next one gets a new process"


@pytest.mark.alone
def test_a_solver_that_dies_is_not_waited_for(monkeypatch, hard):
    monkeypatch.setattr(worker, "SMALL_ENTRIES", 0)
    solve_exact(RING)
    Timer(0.5, worker._idle[-1].process.kill).start()
    began = time.perf_counter()
    found = solve_exact(hard, start=np.ones(hard.n_candidate, bool))
    assert time.perf_counter() - began < 5.0
    assert hard.is_feasible(found.chosen)
    solve_exact(RING)
    worker._idle[-1].process.kill()
    worker._idle[-1].process.wait()
    assert solve_exact(RING).optimal, "one that died while idle is replaced"


@pytest.mark.slow
def test_the_process_ends_with_who_asked(hard):
    """Its input closes while it computes: it may not go on for ever."""
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(highs.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        highs.send(process.stdin, highs.to_message(programme_of(hard, whole=True)))
        time.sleep(1.0)
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(timeout=2.0) == 0


def test_messages_survive_the_stream():
    stream = BytesIO()
    highs.send(stream, {"a": np.arange(3.0)})
    stream.seek(0)
    assert highs.receive(stream)["a"].tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(EOFError):
        highs.receive(stream)


def test_the_programme_serves_until_its_input_ends(monkeypatch):
    """The loop of the process, run here with streams of bytes."""

    class EndedError(Exception):
        """Stands for the end of the process."""

    class Inbox:
        def __init__(self):
            programme = programme_of(RING, whole=True)
            self.messages = [None, highs.to_message(programme)]

        def get(self):
            if not self.messages:
                raise EndedError
            return self.messages.pop(0)

        def empty(self):
            return not self.messages

    monkeypatch.setattr(highs, "SimpleQueue", Inbox)
    monkeypatch.setattr(highs, "_listen", lambda _source, _inbox: None)
    sink = BytesIO()
    with pytest.raises(EndedError):
        highs.serve(BytesIO(), sink)
    sink.seek(0)
    messages = []
    while sink.tell() < len(sink.getvalue()):
        messages.append(highs.receive(sink))
    kind, answer = messages[-1]
    assert kind == "done"
    assert answer["status"] == "Optimal"
    assert answer["version"].startswith("HiGHS")


def test_the_listener_of_the_process_ends_it(monkeypatch):
    ended = []
    monkeypatch.setattr(os, "_exit", ended.append)
    inbox = highs.SimpleQueue()
    body = pickle.dumps(None)
    highs._listen(BytesIO(highs.HEAD.pack(len(body)) + body), inbox)
    assert ended == [0]
    assert inbox.get() is None


def test_prices_of_the_solver_prove_the_relaxation():
    answer = worker.ask(
        programme_of(RING, whole=False, method="simplex"), print, Limits(), time.perf_counter()
    )
    assert lower_bound(RING, np.maximum(answer["dual"][:3], 0.0)) == pytest.approx(3.5)
