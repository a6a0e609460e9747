"""Certificates: complete on disk, counted again from paper, refused after any change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from civicsight.core.errors import InputError, MismatchError
from civicsight.planning.proof import recount as recounting
from civicsight.planning.proof.certificate import DUAL, PLAN, PROBLEM, WRONG, issue, load, verify
from civicsight.planning.proof.recount import prove, recount
from civicsight.planning.proof.runs import LONGEST, encode, open_runs, save_runs
from civicsight.planning.solver import highs, worker
from civicsight.planning.solver.bounds import best_dual, lower_bound, round_up
from civicsight.planning.solver.exact import solve_exact
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Outcome, Status
from tests.conftest import INTERPRETED
from tests.small_problems import feasible_choices, random_problem

RING = Problem.of([[0, 1], [1, 2], [2, 0]], cost=[3.0, 2.0, 2.0])


def outcome_of(problem: Problem, chosen, dual, **changes) -> Outcome:
    value = problem.price(chosen)
    bound = min(round_up(problem, lower_bound(problem, dual)), value)
    plain = Outcome(chosen, value, bound, bound, dual, Status.FEASIBLE, (), 7, 1000)
    return replace(plain, **changes)


def ring_certificate():
    chosen = np.array([False, True, True])
    return issue(RING, outcome_of(RING, chosen, best_dual(RING), status=Status.OPTIMAL))


def random_certificate(rng):
    """Return a certificate of some feasible choice, or None where there is none."""
    problem = random_problem(rng, 8, 8)
    choices = feasible_choices(problem)
    if not len(choices):
        return None
    chosen = choices[rng.integers(len(choices))]
    return issue(problem, outcome_of(problem, chosen, best_dual(problem)))


def test_a_certificate_comes_back_from_disk_as_it_was(tmp_path):
    first = ring_certificate()
    first.save(tmp_path / "a")
    second = load(tmp_path / "a")
    assert second.to_dict() == first.to_dict()
    assert second.problem.sha256 == RING.sha256
    assert (second.cost, second.bound, second.gap, second.solver_gap) == (4.0, 4.0, 0.0, 0.0)
    assert second.status is Status.OPTIMAL
    assert (second.dual == first.dual).all()
    assert (second.chosen == first.chosen).all()


def test_the_verifier_knows_nothing_of_the_package():
    text = Path(recounting.__file__).read_text(encoding="utf-8")
    assert "civicsight" not in text
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) < 60


def test_both_prove_the_same_bound():
    rng = np.random.default_rng(1)
    for _ in range(50 if INTERPRETED else 300):
        problem = random_problem(rng)
        dual = rng.exponential(1.0, problem.n_requirement) * (rng.random() < 0.9)
        names = recounting.NAMES
        paper = {name: getattr(problem, name) for name in names} | {"dual": dual}
        ours = round_up(problem, lower_bound(problem, dual))
        assert prove(paper) == pytest.approx(ours, rel=1e-9, abs=1e-9)


# What a flipped bit makes of a header may make numpy warn before it refuses.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_is_issued_verifies_and_what_is_changed_does_not(tmp_path):
    rng = np.random.default_rng(2)
    for number in range(10 if INTERPRETED else 40):
        certificate = random_certificate(rng)
        if certificate is None:
            continue
        folder = tmp_path / str(number)
        certificate.save(folder)
        assert recount(folder) == []
        for path in sorted(folder.rglob("*.*")):
            clean = path.read_bytes()
            place = int(rng.integers(len(clean)))
            changed = bytearray(clean)
            changed[place] ^= 1 << int(rng.integers(8))
            path.write_bytes(bytes(changed))
            assert recount(folder) or same_content(path, clean, bytes(changed)), path.name
            path.write_bytes(clean)


def same_content(path: Path, before: bytes, after: bytes) -> bool:
    """Tell whether a flipped bit changes nothing of what a file says: padding, or white space."""
    if path.suffix == ".json":
        return json.loads(before) == json.loads(after)
    start = 10 + int.from_bytes(before[8:10], "little")
    return before[start:] == after[start:]


def edit(folder: Path, **changes) -> None:
    """Change a plan as a forger would: with a digest that fits."""
    plan = json.loads((folder / PLAN).read_text()) | changes
    plan.pop("sha256")
    text = json.dumps(plan, sort_keys=True).encode()
    plan["sha256"] = recounting.hashlib.sha256(text).hexdigest()
    (folder / PLAN).write_text(json.dumps(plan))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"chosen": [1]}, {"coverage.short", "cost.differs"}),
        ({"chosen": [0, 1]}, {"cost.differs"}),
        ({"cost": 3.0}, {"cost.differs", "bound.unproven", "solver.contradicts"}),
        ({"bound": 4.0, "solver_bound": 5.0}, {"solver.contradicts"}),
        ({"bound": 5.0, "solver_bound": 5.0}, {"bound.unproven", "solver.contradicts"}),
        ({"bound": 2.0, "solver_bound": 3.0}, {"status.contradicts"}),
        ({"bound": float("nan")}, {"bound.unproven", "solver.contradicts"}),
        ({"chosen": [99]}, {"unreadable"}),
        ({"chosen": None}, {"unreadable"}),
    ],
)
def test_a_forged_plan_is_refused_by_what_it_says(tmp_path, changes, codes):
    ring_certificate().save(tmp_path)
    edit(tmp_path, **changes)
    assert set(recount(tmp_path)) == codes
    with pytest.raises(InputError) as error:
        load(tmp_path)
    assert {fault.code for fault in error.value.faults} == {f"certificate.{c}" for c in codes}


def test_other_prices_prove_another_bound(tmp_path):
    certificate = ring_certificate()
    certificate.save(tmp_path)
    low = np.zeros(3)
    np.save(tmp_path / DUAL, low)
    edit(tmp_path, dual=recounting.hashlib.sha256(low.tobytes()).hexdigest())
    assert recount(tmp_path) == ["bound.unproven"]
    for wrong in ([-1.0, 9.0, 9.0], [np.inf, 1.0, 1.0], [np.nan, 1.0, 1.0]):
        np.save(tmp_path / DUAL, np.array(wrong))
        edit(tmp_path, dual=recounting.hashlib.sha256(np.array(wrong).tobytes()).hexdigest())
        assert recount(tmp_path) in (["bound.unproven"], ["unreadable"])


def test_a_certificate_for_another_problem_is_refused(tmp_path):
    ring_certificate().save(tmp_path)
    np.save(tmp_path / PROBLEM / "cost.npy", np.array([3.0, 2.0, 1.0]))
    assert "problem.changed" in recount(tmp_path)


def test_sites_and_slack_are_counted(tmp_path):
    problem = Problem.of(
        [[0], [1], [0, 1]],
        cost=[2.0, 2.0, 9.0],
        site=[0, 0, -1],
        capacity=[1],
        group=[0, 0],
        slack=[1.0],
    )
    issue(problem, outcome_of(problem, np.array([True, False, False]), np.zeros(2))).save(tmp_path)
    assert recount(tmp_path) == []
    edit(tmp_path, chosen=[0, 1], cost=4.0)
    assert recount(tmp_path) == ["capacity.exceeded"]
    edit(tmp_path, chosen=[], cost=0.0)
    assert "coverage.short" in recount(tmp_path)


@pytest.mark.parametrize("name", [PLAN, DUAL, f"{PROBLEM}/need.npy", f"{PROBLEM}/run_ptr.npy"])
def test_a_file_that_is_missing_or_cut_off_is_named_so(tmp_path, name):
    ring_certificate().save(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-3])
    assert verify(tmp_path)
    path.unlink()
    assert verify(tmp_path) == ["unreadable"]


def test_every_code_has_a_sentence():
    text = Path(recounting.__file__).read_text(encoding="utf-8")
    for code in WRONG:
        assert code in text or code.endswith(".changed")


@pytest.mark.parametrize(
    "changes", [{"chosen": np.array([True, False, False])}, {"value": 5.0}, {"solver_bound": 4.5}]
)
def test_nothing_is_issued_for_what_is_not_so(changes):
    good = outcome_of(RING, np.array([False, True, True]), best_dual(RING))
    with pytest.raises(MismatchError):
        issue(RING, replace(good, **changes))


def test_runs_hold_what_compressed_rows_hold(tmp_path):
    rng = np.random.default_rng(3)
    for number in range(30):
        dense = rng.random((6, 700)) < rng.choice([0.02, 0.5, 0.98, 1.0, 0.0], (6, 1))
        indptr = np.append(0, np.cumsum(dense.sum(axis=1)))
        cells = np.nonzero(dense)[1].astype(np.int32)
        runs = encode(indptr, cells)
        assert runs.run_length.max(initial=0) <= LONGEST
        folder = tmp_path / str(number)
        folder.mkdir()
        save_runs(folder, runs)
        mapped = open_runs(folder)
        for j in range(6):
            assert mapped.row(j).tolist() == np.flatnonzero(dense[j]).tolist()
        back = open_runs(folder, mode=None).decode()
        assert back[0].tolist() == indptr.tolist()
        assert back[1].tolist() == cells.tolist()
        assert back[1].dtype == np.int32


def test_the_certificate_names_the_solver_that_runs(monkeypatch):
    """Whoever is put in the place of HiGHS is named, and nobody who did not run."""
    told = []
    other = SimpleNamespace(
        NAME="Other 1.0", solve=lambda *args: told.append("asked") or highs.solve(*args)
    )
    monkeypatch.setattr(worker, "SOLVER", other)
    exact = solve_exact(RING)
    assert told
    good = outcome_of(RING, exact.chosen, np.zeros(3))
    assert issue(RING, replace(good, solver_bound=exact.value)).solver == "Other 1.0"
