"""The kept problems of the benchmarks are those of their digests, to the last value."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.planning import frozen, instances
from civicsight.planning.choice.cheapest import minimise_cost
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Limits


@pytest.mark.parametrize("name", frozen.NAMES)
def test_a_kept_problem_is_that_of_its_digest(name):
    problem = frozen.read(name)
    assert frozen.digests()[name] == frozen.row_of(name, problem)
    assert problem.is_feasible(np.ones(problem.n_candidate, bool)) or len(problem.capacity)


def test_what_is_written_is_read_again(tmp_path):
    problem = instances.make_city(instances.TINY)
    frozen.write("zones", problem, tmp_path)
    assert frozen.digest_of(frozen.read("zones", tmp_path)) == frozen.digest_of(problem)


def test_another_value_is_another_problem(tmp_path):
    problem = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.0])
    frozen.write("zones", problem, tmp_path)
    other = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.5])
    table = (tmp_path / frozen.TABLE.name).read_text()
    frozen.write("zones", other, tmp_path)
    (tmp_path / frozen.TABLE.name).write_text(table)
    with pytest.raises(ValueError, match=r"zones\.npz holds"):
        frozen.read("zones", tmp_path)


def test_a_kept_problem_is_solved():
    outcome = minimise_cost(frozen.read("district"), limits=Limits(steps=2_000), exact=False)
    assert outcome.bound <= outcome.value
    assert frozen.read("district").is_feasible(outcome.chosen)
