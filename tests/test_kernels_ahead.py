"""Kernels before anybody waits for one: the list, what compiles it, and that it is all there is."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from io import BytesIO
from pathlib import Path

import numba
import numpy as np
import pytest

from civicsight.cli.entry import BAD_INPUT, OK, run
from civicsight.coverage._kernels import ahead, apart
from civicsight.coverage._kernels import compile as compiling
from tests.conftest import ROOT

pytestmark = pytest.mark.compiled_only

MOST = 2
"""Sets of types of one kernel: flat ground and relief."""

WORK = """
from dataclasses import replace
import numpy as np
from civicsight.coverage.camera import Camera
from civicsight.coverage.check import check
from civicsight.coverage.raster import compute_coverage
from civicsight.coverage.viewshed import viewshed
from civicsight.coverage._kernels import ahead
from civicsight.model.terrain import Terrain
from civicsight.planning.choice.most_coverage import maximise_coverage
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.bounds import best_dual
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.outcome import Limits
from civicsight.scene.bodies import build_scene
from tests.test_check import town
from tests.test_compiling import made

relief = Terrain(np.zeros((40, 60)), -100.0, -100.0, 10.0)
for city in (town(), town(terrain=relief)):
    heads = check(city, cell_m=4.0).heads
    scene = build_scene(city.buildings, terrain=city.terrain)
    viewshed(Camera(60.0, 20.0, city.crs), scene, cell_m=4.0, roofs=True)
    compute_coverage(heads, scene, cell_m=4.0, roofs=True)
fixed = made()
fixed.cost.setflags(write=False)
for asked in (made(), replace(fixed)):
    minimise_cost(asked, limits=Limits(steps=10), exact=False)
    best_dual(asked)
    maximise_coverage(asked, Budgets.of(asked, 20.0), limits=Limits(steps=10))
for kernel in {kernel for kernel, _ in ahead.kept()}:
    home = kernel.__module__.removeprefix("civicsight.")
    for given in kernel.signatures:
        print(home, kernel.__name__, ahead.describe_types(given))
"""


def listed():
    """Return the lines of kernels as they stand."""
    lines = ahead.KEPT.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("kernel ") for line in lines if line.startswith("kernel ")]


def test_the_list_says_of_every_type_what_numba_says():
    for line, (kernel, given) in zip(listed(), ahead.kept(), strict=True):
        home, name, words = line.split(maxsplit=2)
        assert kernel.__module__ == f"civicsight.{home}"
        assert (kernel.__name__, ahead.describe_types(given)) == (name, words)


def test_the_list_names_every_kernel():
    found = set()
    for path in (ROOT / "civicsight").glob("**/_kernels/*.py"):
        home = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, thing in vars(import_module(home)).items():
            if hasattr(thing, "py_func") and thing.__module__ == home:
                found.add((home, name))
    assert found == {(kernel.__module__, kernel.__name__) for kernel, _ in ahead.kept()}
    names = [tuple(line.split()[:2]) for line in listed()]
    assert max(map(names.count, names)) <= MOST


def test_what_is_not_as_it_should_be_is_told_in_full():
    array = np.zeros((2, 2))
    array.setflags(write=False)
    told = ahead.describe_types((numba.typeof(array), numba.typeof(array.T), numba.typeof(1.5)))
    assert told == "readonlyarray(float64,2d,C) readonlyarray(float64,2d,F) f8"


@pytest.mark.slow
def test_a_check_and_a_plan_compile_nothing_that_is_not_listed():
    """Flat and on relief, with roofs; a plan of least cost and within a budget, costs read-only."""
    done = subprocess.run(
        [sys.executable, "-c", WORK], capture_output=True, text=True, check=True, cwd=ROOT
    )
    made = set(done.stdout.splitlines())
    assert made <= set(listed())
    kinds = {line.split()[1] for line in made}
    assert {"see_batch", "look_from_heads", "see_roofs", "bound_ground", "search", "swap"} <= kinds


def test_all_of_the_list_is_compiled_once_and_that_is_noted(monkeypatch, tmp_path):
    asked, told = [], []

    class Kernel:
        def compile(self, given):
            asked.append(given)

    pairs = [(Kernel(), ("a",)), (Kernel(), ("b",)), (len, ("as it is written",))]
    monkeypatch.setattr(ahead, "kept", lambda: iter(pairs))
    monkeypatch.setattr(compiling, "FOLDER", str(tmp_path))
    assert not ahead.is_done()
    assert ahead.compile_all(lambda *at: told.append(at)) == 3
    assert (asked, told[0], told[-1]) == ([("a",), ("b",)], (0, 3), (3, 3))
    assert ahead.is_done()
    monkeypatch.setattr(compiling, "FOLDER", None)
    assert ahead.compile_all() == 3, "and nothing can be noted"


def test_a_command_compiles_all_and_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(ahead, "kept", lambda: iter([(len, ())] * 3))
    monkeypatch.setattr(compiling, "FOLDER", str(tmp_path))
    assert run(["prepare", "--lang", "en"]) == OK
    assert "3 kernels are compiled" in capsys.readouterr().err
    monkeypatch.setattr(compiling, "FOLDER", None)
    assert run(["prepare", "--lang", "en"]) == BAD_INPUT
    assert "CIVICSIGHT_CACHE_DIR" in capsys.readouterr().err


def test_what_compiles_beside_is_not_waited_for_and_ends_with_who_began_it(monkeypatch):
    began = []
    monkeypatch.setattr(
        apart, "start_python", lambda *words, **_: began.append(words) or sleeping()
    )
    apart.compile_beside()
    process = apart._beside
    apart.compile_beside()
    assert began == [("-m", ahead.__name__)], "one at a time"
    assert process.poll() is None
    apart.end_beside()
    assert process.poll() is not None
    assert apart._beside is None
    apart.end_beside()


def test_where_no_process_can_be_had_nothing_is_compiled_beside(monkeypatch):
    monkeypatch.setattr(sys, "executable", "no-such-python")
    apart.compile_beside()
    assert apart._beside is None


def sleeping():
    """Start something that runs until it is ended."""
    code = "import sys; sys.stdin.read()"
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_what_compiles_beside_hears_that_nobody_is_left(monkeypatch):
    ended = []
    monkeypatch.setattr(os, "_exit", ended.append)
    ahead._end_with(BytesIO(b"whatever comes"))
    assert ended == [0]


def test_beside_it_gives_way_and_compiles_the_list(monkeypatch):
    done = []
    monkeypatch.setattr(ahead, "compile_all", lambda: done.append("all"))
    monkeypatch.setattr(ahead, "_end_with", lambda _source: None)
    monkeypatch.setattr(os, "nice", done.append)
    ahead.main()
    assert done == [ahead.NICENESS, "all"]


def test_beside_it_ends_in_order_while_the_other_goes_on():
    """Python ended it with a fatal error: its thread still waited for the buffered input."""
    code = (
        "from civicsight.coverage._kernels import ahead\n"
        "ahead.compile_all = lambda: 0\n"
        "ahead.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_the_list_lies_in_the_package():
    assert Path(ahead.KEPT).parent.name == "_kernels"
