"""The proof that goes with a plan: what it costs, what no plan can beat, and all it takes to check.

A certificate is a folder: ``plan.json`` (the choice, the figures and digests), ``dual.npy`` (the
duals that prove the bound) and ``problem`` (every array of the problem, its matrix as runs).
`recount` checks it from these files alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from civicsight.core.arrays import BoolArray, FloatArray
from civicsight.core.errors import N_, Fault, InputError, MismatchError, Text
from civicsight.core.regular import require_all_regular
from civicsight.model.format_versions import CERTIFICATE, FORMATS, steps_from
from civicsight.planning.proof import recount
from civicsight.planning.proof.runs import encode, open_runs, save_runs
from civicsight.planning.solver import worker
from civicsight.planning.solver.bounds import lower_bound, round_up
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Outcome, Status, gap_between

PLAN, DUAL, PROBLEM = "plan.json", "dual.npy", "problem"

PLAIN: Final = tuple(
    entry.name for entry in fields(Problem) if entry.name not in ("indptr", "cells")
)

WRONG: Final = {
    "format.changed": N_("a later civicsight issued it, in a format that this one does not know"),
    "unreadable": N_("a file of the certificate is missing or cannot be read"),
    "sha256.changed": N_("plan.json is not as it was written"),
    "problem.changed": N_("the problem is not the one that the certificate was issued for"),
    "dual.changed": N_("the prices are not those that the certificate was issued with"),
    "coverage.short": N_("the chosen cameras leave more unmet than may stay unmet"),
    "capacity.exceeded": N_("a site carries more cameras than it can"),
    "cost.differs": N_("the chosen cameras do not cost what the certificate says"),
    "bound.unproven": N_("the prices do not prove the lower bound"),
    "solver.contradicts": N_("the solver's bound is below what is proven, or above the cost"),
    "status.contradicts": N_("the plan is called optimal and its bound is below its cost"),
}
"""What `recount` finds, for a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A plan's cost, its bound, and what proves both.

    Parameters
    ----------
    problem
        What was asked for.
    chosen
        bool, shape ``(n_candidate,)``.
    cost
        Of the chosen [yuan].
    bound
        What no plan can cost less than, as `dual` proves [yuan].
    solver_bound
        The same by a solver's word, at least `bound` [yuan].
    solver
        Name and version of the solver, empty if there was none.
    dual
        Dual of each requirement [yuan].
    status
        How the optimisation ended.
    seed, steps
        What repeats it.
    """

    problem: Problem
    chosen: BoolArray
    cost: float
    bound: float
    solver_bound: float
    solver: str
    dual: FloatArray
    status: Status
    seed: int
    steps: int

    @property
    def gap(self) -> float:
        """Share of its cost by which the plan is from the best at most, without a solver's word."""
        return gap_between(self.cost, self.bound)

    @property
    def solver_gap(self) -> float:
        """The same by the solver's word."""
        return gap_between(self.cost, self.solver_bound)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``plan.json`` holds: plain values, with the digests of everything."""
        plan: dict[str, Any] = {
            "chosen": np.flatnonzero(self.chosen).tolist(),
            "cost": self.cost,
            "bound": self.bound,
            "gap": self.gap,
            "solver": self.solver,
            "solver_bound": self.solver_bound,
            "status": str(self.status),
            "seed": self.seed,
            "steps": self.steps,
            "problem": self.problem.sha256,
            "dual": hashlib.sha256(self.dual.tobytes()).hexdigest(),
        }
        text = json.dumps(plan, sort_keys=True).encode()
        return plan | {"sha256": hashlib.sha256(text).hexdigest()}

    def save(self, folder: Path) -> None:
        """Write the certificate into a folder, which is made; ``plan.json`` comes last."""
        matrix = folder / PROBLEM
        matrix.mkdir(parents=True, exist_ok=True)
        save_runs(matrix, encode(self.problem.indptr, self.problem.cells))
        for name in PLAIN:
            np.save(matrix / f"{name}.npy", getattr(self.problem, name))
        np.save(folder / DUAL, self.dual)
        text = json.dumps(self.to_dict(), sort_keys=True, indent=1)
        (folder / PLAN).write_text(text + "\n", encoding="utf-8")


def issue(problem: Problem, outcome: Outcome, *, solver: str | None = None) -> Certificate:
    """Issue the certificate of a choice, counting again what the optimiser says.

    Parameters
    ----------
    problem, outcome
        What was asked for, and the answer: a choice of least cost.
    solver
        Name and version of who gave the outcome's `solver_bound`, by default of `worker.SOLVER`;
        left out where the duals prove as much.

    Raises
    ------
    MismatchError
        If the choice is not feasible, does not cost what it says, or beats its own bound.
    """
    if not problem.is_feasible(outcome.chosen):
        msg = "the choice is not feasible: no certificate can be issued"
        raise MismatchError(msg)
    cost = problem.price(outcome.chosen)
    bound = round_up(problem, lower_bound(problem, outcome.dual))
    word = max(bound, outcome.solver_bound)
    near = 1e-9 * max(1.0, cost)
    if abs(cost - outcome.value) > near or word > cost + near:
        msg = f"the choice costs {cost}, said to cost {outcome.value}, said to be {word} at least"
        raise MismatchError(msg)
    dual = np.array(outcome.dual, np.float64)
    chosen = outcome.chosen.copy()
    return Certificate(
        problem,
        chosen,
        cost,
        min(bound, cost),
        min(word, cost),
        (solver or worker.SOLVER.NAME) if word > bound else "",
        dual,
        outcome.status,
        outcome.seed,
        outcome.steps,
    )


def load(folder: Path) -> Certificate:
    """Read a certificate that `recount` finds nothing wrong with.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    steps_from(CERTIFICATE, _number(folder), folder.name)
    faults = [_fault(folder, code) for code in verify(folder)]
    if faults:
        raise InputError(faults)
    plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    indptr, cells = open_runs(folder / PROBLEM, mode=None).decode()
    plain = {name: np.load(folder / PROBLEM / f"{name}.npy") for name in PLAIN}
    problem = Problem(indptr, cells, **plain)
    chosen = np.zeros(problem.n_candidate, np.bool_)
    chosen[plan["chosen"]] = True
    return Certificate(
        problem,
        chosen,
        plan["cost"],
        plan["bound"],
        plan["solver_bound"],
        plan["solver"],
        np.load(folder / DUAL),
        Status(plan["status"]),
        plan["seed"],
        plan["steps"],
    )


def verify(folder: Path) -> list[str]:
    """Return what is wrong with a certificate, codes of `WRONG`; none if all is right."""
    if _number(folder) > FORMATS[CERTIFICATE].number:
        return ["format.changed"]
    try:
        return recount.recount(folder)
    except (MemoryError, RecursionError):  # arrays and lists that say they are without end
        return ["unreadable"]


def _number(folder: Path) -> int:
    """Return the format of a certificate; the first one does not state it."""
    require_all_regular(folder)
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return 1  # to be counted, and found unreadable
    number = plan.get("format", 1) if isinstance(plan, dict) else 1
    return number if isinstance(number, int) else 1


def _fault(folder: Path, code: str) -> Fault:
    remedy = N_("Compute the plan anew, or fetch the certificate from where it was issued.")
    expected: Text = N_("a certificate that can be counted again")
    return Fault(f"certificate.{code}", folder.name, "", "", str(WRONG[code]), expected, remedy)
