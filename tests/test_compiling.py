"""Kernels are compiled in a process of its own: the same code, and a stop that need not wait."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from io import BytesIO
from queue import SimpleQueue
from threading import Event
from types import SimpleNamespace

import numba
import numpy as np
import pandas as pd
import pytest

from civicsight.core.errors import MismatchError
from civicsight.coverage._kernels import apart, compiler
from civicsight.coverage._kernels import compile as compiling
from civicsight.coverage.jobs import run_jobs
from civicsight.planning import make
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.choice.most_coverage import maximise_coverage
from civicsight.planning.choice.order_of_aims import by_order
from civicsight.planning.solver import bounds, budget_search, covering, presolve, search
from civicsight.planning.solver._kernels import cover
from civicsight.planning.solver.bounds import best_dual
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits, Status
from tests.conftest import ROOT

ORDER = ("", "somewhere", "a_kernel", b"")
DEAF = "import sys\nsys.stdin.buffer.read()\n"
ECHO = "import pickle, sys\npickle.dump(pickle.load(sys.stdin.buffer)[2], sys.stdout.buffer)\n"


@pytest.fixture
def compiler_is(monkeypatch, tmp_path):
    """Let another script stand in for the compiler."""

    def stand_in(text):
        path = tmp_path / "stand_in.py"
        path.write_text(text, encoding="utf-8")
        apart.end()
        monkeypatch.setattr(apart, "COMPILER", path)

    yield stand_in
    apart.end()


@pytest.fixture(scope="module")
def warm():
    """Compile all that the problems below need: what a test blocks is then all that is missing."""
    minimise_cost(made(), limits=Limits(steps=10), exact=False)
    best_dual(made())
    maximise_coverage(made(), Budgets.of(made(), 20.0), limits=Limits(steps=10))


@pytest.fixture
def waited():
    """Return the names of the kernels that were waited for."""
    names = []
    with apart.reported_to(names.append):
        yield names


def block(monkeypatch, module, name):
    """Let a kernel not be compiled yet."""
    monkeypatch.setattr(module, name, lambda *_args: apart.compiled(ORDER))


def made(seed=3):
    rng = np.random.default_rng(seed)
    rows = [rng.choice(60, 6, replace=False).tolist() for _ in range(40)]
    rows += [[r] for r in range(60)]
    return Problem.of(rows, cost=rng.integers(2, 9, 100).astype(float), n_requirement=60)


@pytest.fixture
def stop():
    return Event()


def press(stop):
    """Return a watcher that presses stop once it is told that a kernel compiles."""
    return lambda progress: stop.set() if progress.stage == "compile" else None


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (presolve, "find_implied_rows"),
        (search.kernel, "begin"),
        (search.kernel, "search"),
        (bounds, "share_costs"),
        (presolve, "lower_prices"),
    ],
)
def test_a_stop_while_a_kernel_compiles_keeps_the_plan_so_far(
    monkeypatch, compiler_is, stop, waited, module, name
):
    """The compiler never answers: only the stop ends the wait."""
    compiler_is(DEAF)
    block(monkeypatch, module, name)
    problem = made()
    with apart.reported_to(lambda _name: stop.set()):
        found = minimise_cost(problem, limits=Limits(steps=10, stop=stop), exact=False)
    assert waited == ["a_kernel"]
    assert found.status is Status.STOPPED
    assert problem.is_feasible(found.chosen)
    assert found.value == problem.price(found.chosen)
    assert found.bound <= found.solver_bound <= found.value
    assert apart._process is None, "who compiles in vain is ended"
    assert apart.pending() == ""


@pytest.mark.usefixtures("warm")
def test_a_stop_before_the_first_plan_says_so(monkeypatch, compiler_is, stop, waited):
    """The watcher hears that a kernel compiles, and presses stop."""
    compiler_is(DEAF)
    block(monkeypatch, covering, "choose_greedily")
    found = minimise_cost(made(), limits=Limits(stop=stop), watch=press(stop))
    assert waited == ["a_kernel"]
    assert (found.status, found.chosen.any(), found.bound) == (Status.UNDECIDED, False, 0.0)
    block(monkeypatch, budget_search.kernels, "refresh")
    ranked = by_order(made(), limits=Limits(stop=stop))
    assert (ranked.outcome.status, ranked.stages) == (Status.UNDECIDED, ())
    offers = SimpleNamespace(table=pd.DataFrame(index=range(len(made().cost))))
    with pytest.raises(MismatchError, match="Stopped before there was a first plan"):
        make.choose(made(), offers, make.Aims(), make.Run(Limits(stop=stop)))


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("name", ["refresh", "fill", "swap"])
def test_within_a_budget_a_stop_is_heard_while_a_kernel_compiles(
    monkeypatch, compiler_is, stop, waited, name
):
    compiler_is(DEAF)
    block(monkeypatch, budget_search.kernels, name)
    problem = made()
    with apart.reported_to(lambda _name: stop.set()):
        found = maximise_coverage(problem, Budgets.of(problem, 20.0), limits=Limits(stop=stop))
    assert waited == ["a_kernel"]
    assert found.status is (Status.STOPPED if name == "swap" else Status.UNDECIDED)
    assert problem.price(found.chosen) <= 20.0


@pytest.mark.usefixtures("warm")
def test_a_stop_before_any_price_proves_nothing(monkeypatch, compiler_is, stop, waited):
    compiler_is(DEAF)
    block(monkeypatch, bounds, "share_costs")
    with apart.reported_to(lambda _name: stop.set()):
        assert best_dual(made(), limits=Limits(stop=stop)).tolist() == [0.0] * 60
    assert waited == ["a_kernel"]


@pytest.mark.usefixtures("warm")
def test_an_error_of_the_watcher_waits_for_no_compiler(monkeypatch, compiler_is, waited):
    compiler_is(DEAF)
    block(monkeypatch, search.kernel, "search")

    def refuse(progress):
        if progress.stage == "compile":
            raise KeyError(progress.stage)

    with pytest.raises(KeyError, match="compile"):
        minimise_cost(made(), watch=refuse)
    assert waited == ["a_kernel"]


def test_a_key_press_waits_for_no_compiler(monkeypatch, compiler_is):
    compiler_is(DEAF)
    monkeypatch.setenv("CIVICSIGHT_THREADS", "2")
    asked = Event()

    def job(waits):
        return apart.compiled(ORDER) if waits else asked.wait()

    def interrupt(_done, _total):
        raise KeyboardInterrupt

    with apart.reported_to(lambda _name: asked.set()), pytest.raises(KeyboardInterrupt):
        run_jobs(job, [(True,), (False,)], [1, 1], interrupt, None)
    assert apart._process is None


def test_what_is_over_outside_ends_what_is_within():
    inner, outer, order = Event(), Event(), []

    def wait():
        apart.compiled(ORDER)

    with apart.heeding(outer.is_set):
        outer.set()
        with apart.heeding(inner.is_set):
            wait()
        order.append("the inner block is not the one that is over")
    assert not order
    inner.set()
    with apart.heeding(inner.is_set):
        wait()
    with pytest.raises(apart.Unready), apart.workers(1, inner.is_set) as pool:
        pool.submit(wait).result()


@pytest.mark.parametrize("text", ["", "raise SystemExit(1)", "print('no pickle')"])
def test_a_compiler_that_fails_has_no_answer(compiler_is, text):
    compiler_is(text)
    assert apart.compiled(ORDER) is None
    assert apart._process is None


def test_where_no_process_can_be_had_there_is_no_answer(compiler_is, monkeypatch):
    compiler_is(ECHO)
    monkeypatch.setattr(sys, "executable", "no-such-python")
    assert apart.compiled(ORDER) is None


def test_a_compiler_that_ended_by_itself_is_replaced(compiler_is):
    compiler_is(ECHO)
    assert apart.compiled(ORDER) == "a_kernel"
    apart._process.wait()
    assert apart.compiled(ORDER) == "a_kernel"


@pytest.mark.compiled_only
@pytest.mark.parametrize("refuses", [False, True])
def test_code_of_the_process_computes_the_same(monkeypatch, tmp_path, refuses):
    """Also where the disk refuses, and nothing is kept."""
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    folder = None if refuses else compiling._cache_folder()
    monkeypatch.setattr(compiling, "FOLDER", folder)
    apart.end()  # the next one looks at the environment as it is now
    names = []
    for _ in range(2):
        count = compiling.kernel(cover.count_entries.py_func)
        with apart.reported_to(names.append):
            ends = np.zeros(4, np.int64)
            count(np.array([2, 0, 2], np.int32), ends)
        assert ends.tolist() == [0, 1, 1, 3]
    apart.end()
    assert names == ["count_entries"] * (2 if refuses else 1)


@pytest.mark.compiled_only
def test_what_another_process_compiles_at_the_same_time_is_taken_from_the_disk(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("CIVICSIGHT_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling, "FOLDER", compiling._cache_folder())
    columns, ends = np.array([2, 0, 2], np.int32), np.zeros(4, np.int64)
    types = compiling.dumps((numba.typeof(columns), numba.typeof(ends)))
    first, second, third = (compiling.kernel(cover.count_entries.py_func) for _ in range(3))
    assert compiling.code_of(first, types) != compiling.KEPT
    assert compiling.code_of(second, types) == compiling.KEPT
    # The third looked before the first was done, and asks for what the first has compiled by now.
    load, looks = third._cache.disk.load_overload, []

    def look(*words):
        looks.append(words)
        return load(*words) if len(looks) > 1 else None

    monkeypatch.setattr(third._cache.disk, "load_overload", look)
    monkeypatch.setattr(apart, "compiled", lambda _order: compiling.KEPT)
    third(columns, ends)
    assert ends.tolist() == [0, 1, 1, 3]
    assert (len(looks), sum(third._cache_hits.values())) == (2, 1)


@pytest.mark.compiled_only
def test_what_no_other_process_finds_by_name_is_compiled_here():
    @compiling.kernel
    def double(x):
        return 2.0 * x

    heard = []
    with apart.reported_to(heard.append):
        assert double(1.5) == 3.0
    assert not heard


@pytest.mark.compiled_only
def test_a_compiler_of_another_text_has_no_answer():
    types = compiling.dumps(cover.count_entries.signatures)
    assert compiler._fill("another text", cover.__name__, "count_entries", types) is None


def test_the_compiler_ends_with_who_asked(monkeypatch):
    ended, inbox = [], SimpleQueue()
    monkeypatch.setattr(os, "_exit", ended.append)
    compiler._listen(BytesIO(pickle.dumps(ORDER)), inbox)
    assert (inbox.get(), ended) == (ORDER, [0])


COLD = """
import threading, time
from civicsight.coverage._kernels import apart
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.outcome import Limits
from tests.test_compiling import made

stop, asked = threading.Event(), []

def press(progress):
    if progress.stage == "compile" and not asked:
        asked.append(time.perf_counter())
        stop.set()

found = minimise_cost(made(), limits=Limits(stop=stop), watch=press)
print(found.status, time.perf_counter() - asked[0])
"""


@pytest.mark.alone
@pytest.mark.compiled_only
def test_with_nothing_compiled_yet_a_stop_is_heard_within_a_second(tmp_path):
    """The kernels of a plan take some ten seconds to compile."""
    env = {**os.environ, "CIVICSIGHT_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COLD], capture_output=True, text=True, check=True, cwd=ROOT, env=env
    )
    status, seconds = done.stdout.split()
    assert (status, done.stderr) == ("undecided", "")
    assert float(seconds) < 1.0
