"""HiGHS, CP-SAT, SCIP or spopt on one covering problem: `cover.py SOLVER JOB ANSWER`.

Needs highspy, ortools, pyscipopt or spopt. Building the model is part of what is timed, and of the
limit. Sites have no capacities here, and every requirement counts whole or not at all.
"""

import contextlib
import importlib.metadata
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

REST_S = 0.5
"""Least time that a solver gets after its model is built."""

MOST_WAITS = 20.0
"""So many times as long as its processors' time a solver may run at most."""


def main(solver: str, job_file: str, answer_file: str) -> None:
    with np.load(job_file) as file:
        job = {name: file[name] for name in file.files}
    job["weight"] = np.where(job["need"] > 0, job["weight"], 0.0)  # what nobody can meet
    solve, package = SOLVERS[solver]
    load()
    if job["cpu"]:
        time.perf_counter = cpu_now
    wall, cpu = time.perf_counter(), cpu_s()
    chosen, bound = solve(job, wall + float(job["seconds"]))
    wall, cpu = time.perf_counter() - wall, cpu_s() - cpu
    np.savez(answer_file, chosen=chosen, bound=bound, wall=wall, cpu=cpu, peak_mib=peak_mib())
    print(json.dumps({"version": importlib.metadata.version(package)}))


def load() -> None:
    """Import what there is, before any clock runs."""
    for name in ("highspy", "ortools.sat.python.cp_model", "pyscipopt", "spopt.locate"):
        try:
            __import__(name)
        except ModuleNotFoundError:
            continue


def highs(job: dict, until: float) -> tuple[np.ndarray, float]:
    """State the programme as arrays, so that its matrix is built at the speed of HiGHS."""
    import highspy

    n, m = len(job["cost"]), len(job["need"])
    budgeted = np.isfinite(job["budget"])
    indptr, index, value = job["indptr"], job["cells"], np.ones(len(job["cells"]))
    cost, upper, low = job["cost"], np.ones(n), job["need"].astype(float)
    if budgeted:  # a column more for each requirement: whether it is met
        index, value = with_row(indptr, index, value, m, job["cost"])
        indptr = np.concatenate([indptr + np.arange(n + 1), indptr[-1] + n + np.arange(1, m + 1)])
        index = np.concatenate([index, np.arange(m)])
        value = np.concatenate([value, -job["need"]])
        cost, upper = np.concatenate([np.zeros(n), -job["weight"]]), np.ones(n + m)
        low = np.append(np.zeros(m), -np.inf)
    high = np.full(len(low), np.inf)
    high[m:] = job["budget"]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(low)
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(len(cost)), upper
    model.row_lower_, model.row_upper_ = low, high
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = indptr.astype(np.int32)
    model.a_matrix_.index_, model.a_matrix_.value_ = index.astype(np.int32), value
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
    solver = highspy.Highs()
    for name, setting in (("output_flag", False), ("threads", int(job["threads"]))):
        solver.setOptionValue(name, setting)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(model)
    solver.HandleUserInterrupt = True
    with limited(job, until, solver.cancelSolve) as rest:
        solver.setOptionValue("time_limit", rest)
        solver.run()
    info, values = solver.getInfo(), np.array(solver.getSolution().col_value)
    found = info.primal_solution_status == 2
    bound = -info.mip_dual_bound if budgeted else info.mip_dual_bound
    return values[:n] > 0.5 if found else np.zeros(n, bool), bound


def with_row(
    indptr: np.ndarray, index: np.ndarray, value: np.ndarray, row: int, entries: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Add an entry of one row at the end of each column."""
    ends = indptr[1:]
    return np.insert(index, ends, row), np.insert(value, ends, entries)


def cp_sat(job: dict, until: float) -> tuple[np.ndarray, float]:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    n, m, cost = len(job["cost"]), len(job["need"]), np.rint(job["cost"]).astype(int).tolist()
    taken = [model.new_bool_var("") for _ in range(n)]
    candidates = by_requirement(job)
    if np.isfinite(job["budget"]):
        met = [model.new_bool_var("") for _ in range(m)]
        for variable, some, need in zip(met, candidates, job["need"].tolist(), strict=True):
            model.add(cp_model.LinearExpr.sum([taken[j] for j in some]) >= need * variable)
        model.add(cp_model.LinearExpr.weighted_sum(taken, cost) <= int(job["budget"]))
        weight = np.rint(job["weight"]).astype(int).tolist()
        model.maximize(cp_model.LinearExpr.weighted_sum(met, weight))
    else:
        for some, need in zip(candidates, job["need"].tolist(), strict=True):
            if need == 1:
                model.add_bool_or([taken[j] for j in some])
            elif need:
                model.add(cp_model.LinearExpr.sum([taken[j] for j in some]) >= need)
        model.minimize(cp_model.LinearExpr.weighted_sum(taken, cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = int(job["threads"])
    with limited(job, until, solver.stop_search) as rest:
        solver.parameters.max_time_in_seconds = rest
        status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return np.zeros(n, bool), solver.best_objective_bound
    chosen = np.array(solver.values(taken), bool)
    return chosen, solver.best_objective_bound


def scip(job: dict, until: float) -> tuple[np.ndarray, float]:
    """State the programme by rows; SCIP has one thread, and counts the processor's time itself."""
    from pyscipopt import Model, quicksum

    model = Model()
    model.hideOutput()
    budgeted, cost = np.isfinite(job["budget"]), job["cost"].tolist()
    taken = [model.addVar(vtype="B", obj=0.0 if budgeted else one) for one in cost]
    for need, weight, some in zip(
        job["need"].tolist(), job["weight"].tolist(), by_requirement(job), strict=True
    ):
        if need:
            met = need * model.addVar(vtype="B", obj=-weight) if budgeted else need
            model.addCons(quicksum(taken[j] for j in some) >= met)
    if budgeted:
        spent = quicksum(one * each for one, each in zip(cost, taken, strict=True))
        model.addCons(spent <= float(job["budget"]))
    model.setParam("timing/clocktype", 1 if job["cpu"] else 2)
    model.setParam("limits/time", max(REST_S, until - time.perf_counter()))
    model.optimize()
    bound = -model.getDualbound() if budgeted else model.getDualbound()
    if not model.getNSols():
        return np.zeros(len(taken), bool), bound
    best = model.getBestSol()
    return np.array([model.getSolVal(best, one) for one in taken]) > 0.5, bound


def spopt(job: dict, until: float) -> tuple[np.ndarray, float]:
    """Solve LSCP, or MCLP with as many sites as the budget says: every candidate costs one."""
    import pulp
    from spopt.locate import LSCP, MCLP

    n, m = len(job["cost"]), len(job["need"])
    away = np.ones((m, n))
    away[job["cells"], np.repeat(np.arange(n), np.diff(job["indptr"]))] = 0.0
    asked = job["need"] > 0  # what nobody can meet would make it infeasible
    away, weight = away[asked], job["weight"][asked]
    budgeted = np.isfinite(job["budget"])
    if budgeted:
        model = MCLP.from_cost_matrix(away, weight, 0.5, p_facilities=int(job["budget"]))
    else:
        model = LSCP.from_cost_matrix(away, 0.5)
    rest = max(REST_S, until - time.perf_counter())
    cbc = pulp.PULP_CBC_CMD(msg=False, timeLimit=rest, threads=int(job["threads"]))
    model.problem.solve(cbc)
    taken = [variable.value() for variable in model.fac_vars]
    if None in taken:
        return np.zeros(n, bool), float("nan")
    # PuLP does not hand out the bound of CBC: it is known only where the solution is optimal.
    optimal = model.problem.sol_status == pulp.LpSolutionOptimal
    return np.array(taken) > 0.5, pulp.value(model.problem.objective) if optimal else float("nan")


def by_requirement(job: dict) -> list[list[int]]:
    """Return the candidates of each requirement."""
    order = np.argsort(job["cells"], kind="stable")
    of = np.repeat(np.arange(len(job["cost"])), np.diff(job["indptr"]))[order]
    ends = np.searchsorted(job["cells"][order], np.arange(1, len(job["need"])))
    return [some.tolist() for some in np.split(of, ends)]


@contextlib.contextmanager
def limited(job: dict, until: float, stop: Callable[[], None]) -> Iterator[float]:
    """Give the seconds that are left; where those of the processors count, stop it after them."""
    rest = max(REST_S, until - time.perf_counter())
    if not job["cpu"]:
        yield rest
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            if time.perf_counter() >= until:
                stop()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield MOST_WAITS * rest
    finally:
        done.set()


def cpu_now() -> float:
    """Return the seconds of processor of this process and of those below it that still run."""
    ticks = 0
    for path in Path("/proc/self/task").glob("*/children"):
        for child in path.read_text().split():
            with contextlib.suppress(OSError):
                fields = Path("/proc", child, "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
    return cpu_s() + ticks / os.sysconf("SC_CLK_TCK")


def cpu_s() -> float:
    """Return the seconds of processor of this process and of those that it waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak_mib() -> float:
    """Return the greatest memory of this process and of the largest that it waited for."""
    return sum(
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


SOLVERS = {"HiGHS": (highs, "highspy"), "CP-SAT": (cp_sat, "ortools"),
           "SCIP": (scip, "pyscipopt"), "spopt": (spopt, "spopt")}  # fmt: skip

if __name__ == "__main__":
    main(*sys.argv[1:])
