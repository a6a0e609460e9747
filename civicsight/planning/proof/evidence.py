"""The files that prove a plan: the problem, the duals, the choice, and the heads of candidates.

The cheapest plan carries the certificate that `certificate` issues. A plan within budgets proves
another number, the weight that is met, and its bound holds for these budgets; its files say so, and
`recount_budget` counts them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array, load_npz, save_npz

from civicsight.core.bounded.text import TORN
from civicsight.core.errors import N_, MismatchError
from civicsight.core.progress import Progress
from civicsight.coverage.check import scenes_of
from civicsight.coverage.matrix import CoverageMatrix
from civicsight.coverage.result import CheckResult
from civicsight.io.apart.reading import read_apart
from civicsight.planning.candidates.model import CandidateSet
from civicsight.planning.proof import certificate, recount_budget, recount_places
from civicsight.planning.proof.rebuild import ROWS, Rebuilt, rebuild
from civicsight.planning.proof.runs import encode, open_runs, save_runs
from civicsight.planning.record.plan import Goal, Proof
from civicsight.planning.solver import worker
from civicsight.planning.solver.budget_model import Budgets
from civicsight.planning.solver.lawful_model import Lawful
from civicsight.planning.solver.model import Problem
from civicsight.planning.solver.outcome import Outcome

HEADS_FILE, DENSITIES_FILE, LABELS_FILE = "heads.parquet", "densities.npz", "labels.json"
"""Heads of candidates, px/m of each at each sample, and the ids of both."""
TERMS: Final = "terms"
"""Folder of the budgets and floors of a plan, and of the district of everything."""

Files = dict[str, bytes]


def prove(
    problem: Problem, outcome: Outcome, offers: CandidateSet, lawful: Lawful | None = None
) -> tuple[Proof, Files]:
    """Write the files that prove an outcome, and count them again at once.

    Parameters
    ----------
    problem, outcome
        What was asked for, and the answer.
    offers
        The candidates; their heads go along, so that rows of the matrix can be rebuilt.
    lawful
        What was asked for where the outcome has stages, with the budgets.

    Raises
    ------
    MismatchError
        If an independent count finds something else than the optimiser says.
    """
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if lawful is None or not outcome.stages:
            certificate.issue(problem, outcome).save(folder)
        else:
            _save_places(folder, lawful, outcome)
        goal = Goal.WIDEST if outcome.stages else Goal.CHEAPEST
        wrong = recount(folder)
        if wrong:
            msg = f"the plan does not stand a recount: {', '.join(wrong)}"
            raise MismatchError(msg)
        told = json.loads((folder / certificate.PLAN).read_text("utf-8"))
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    # What rows of the matrix can be rebuilt from.
    plain = gpd.GeoDataFrame(offers.heads.drop(columns="assumptions", errors="ignore"))
    heads, densities = BytesIO(), BytesIO()
    plain.to_parquet(heads)
    save_npz(densities, csr_array(offers.matrix.q))
    labels = {
        "candidates": list(map(str, offers.matrix.camera_ids)),
        "samples": list(map(str, offers.matrix.sample_ids)),
    }
    matrix_files = {
        HEADS_FILE: heads.getvalue(),
        DENSITIES_FILE: densities.getvalue(),
        LABELS_FILE: json.dumps(labels, ensure_ascii=False).encode(),
    }
    files |= matrix_files
    value, bound, word = outcome.value, told["bound"], told["solver_bound"]
    run = (outcome.status, float(value), float(bound), float(word), outcome.seed, outcome.steps)
    return Proof(goal, *run), files


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder, which is made."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def recount(folder: Path) -> list[str]:
    """Return what is wrong with the proof in a folder: codes, none if all is right."""
    try:
        told = json.loads((folder / certificate.PLAN).read_text("utf-8"))
    except (OSError, ValueError):
        return ["unreadable"]
    count = certificate.verify
    if isinstance(told, dict) and told.get("goal") == Goal.WIDEST:
        count = recount_places.recount if "aims" in told else recount_budget.recount
    try:
        return count(folder)
    except MemoryError:  # an array says that it is larger than memory
        return ["unreadable"]


def chosen_ids(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the ids of the candidates that a kept plan takes, from the files of its proof.

    Raises
    ------
    MismatchError
        If its proof does not name them.
    """
    try:
        told, labels = (json.loads(files[name]) for name in (certificate.PLAN, LABELS_FILE))
        return tuple(str(labels["candidates"][k]) for k in told["chosen"])
    except (KeyError, ValueError, IndexError, TypeError):
        text = N_("the proof of this plan does not name its candidates: draw it up anew")
        raise MismatchError(text) from None


def load_problem(folder: Path) -> Problem:
    """Read the problem of a proof."""
    indptr, cells = open_runs(folder / certificate.PROBLEM, mode=None).decode()
    plain = {
        name: np.load(folder / certificate.PROBLEM / f"{name}.npy") for name in certificate.PLAIN
    }
    return Problem(indptr, cells, **plain)


def read_densities(files: Mapping[str, bytes]) -> csr_array:
    """Read the densities of all candidates; what it raises is among `core.bounded.text.TORN`."""
    return csr_array(load_npz(BytesIO(files[DENSITIES_FILE])))


def read_matrix(files: Mapping[str, bytes]) -> tuple[CoverageMatrix, gpd.GeoDataFrame] | None:
    """Read the densities of all candidates and their heads; None where that cannot be done."""
    try:
        labels = json.loads(files[LABELS_FILE])
        ids = (pd.Index(labels["candidates"]), pd.Index(labels["samples"]))
        densities = read_densities(files)
        with TemporaryDirectory(prefix="civicsight-") as folder:
            found = Path(folder) / HEADS_FILE
            found.write_bytes(files[HEADS_FILE])
            heads = read_apart("heads", found)
        return CoverageMatrix(densities, *ids), heads
    except TORN:
        return None


def rebuild_rows(
    files: Mapping[str, bytes],
    result: CheckResult,
    *,
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Rebuilt, bool]:
    """Compute rows of the matrix of a plan again by brute force: of all it takes, and of some.

    Parameters
    ----------
    files, result
        Of the proof; what `check` finds of the inputs of the plan, which are not stale.
    rows, seed, progress
        How many rows beside those of what is chosen, and which; called with rows done and in all.
        Whoever verifies draws the seed: one that is known beforehand tells what will not be looked
        at.

    Returns
    -------
    tuple
        What the comparison of densities found, and whether the problem that was solved asks of
        candidates exactly what these densities meet.

    Raises
    ------
    MismatchError
        If a file cannot be read, or the check has other samples than the plan.
    """
    read = read_matrix(files)
    if read is None:
        msg = "the files of the matrix cannot be read"
        raise MismatchError(msg)
    matrix, heads = read
    samples = result.samples.reindex(matrix.sample_ids)
    if samples["part_id"].isna().any():
        msg = "the check has other samples than the plan: its inputs changed"
        raise MismatchError(msg)
    scene = scenes_of(result)["sure"]
    taken = matrix.camera_ids[json.loads(files[certificate.PLAN])["chosen"]]
    found = rebuild(
        matrix,
        heads,
        result.parts,
        samples,
        scene,
        always=taken,
        rows=rows,
        seed=seed,
        progress=progress,
    )
    # Whether the problem asks of candidates exactly what the densities meet.
    meets = csr_array(matrix.meets(samples))
    meets.sort_indices()
    with TemporaryDirectory() as scratch:
        unpack(files, Path(scratch))
        problem = load_problem(Path(scratch))
    same = np.array_equal(meets.indptr, problem.indptr)
    return found, same and np.array_equal(meets.indices, problem.cells)


def _save_places(folder: Path, lawful: Lawful, outcome: Outcome) -> None:
    """Write what proves the places that budgets make lawful."""
    places, stages = lawful.places, outcome.stages
    more = {
        "standing": places.standing,
        "place": places.place,
        "kind": places.kind,
        "weights": places.weights,
        "exposure": lawful.exposure,
    }
    told = {
        "aims": list(lawful.aims),
        "values": [stage.value for stage in stages],
        "kept": [stage.kept for stage in stages],
        "bounds": [stage.bound for stage in stages],
        "words": [stage.word for stage in stages],
    }
    _save_bought(folder, lawful.problem, outcome, lawful.budgets, more, told)


def _save_weight(folder: Path, problem: Problem, outcome: Outcome, budgets: Budgets) -> None:
    """Write what proves the weight that budgets buy."""
    met = float(problem.worth[problem.is_met(outcome.chosen)].sum())
    _save_bought(folder, problem, outcome, budgets, {}, {"met": met})


def _save_bought(
    folder: Path,
    problem: Problem,
    outcome: Outcome,
    budgets: Budgets,
    more: Mapping[str, Any],
    aims: Mapping[str, Any],
) -> None:
    """Write a problem, its terms and an outcome, with more terms and what it reaches."""
    matrix, terms = folder / certificate.PROBLEM, folder / TERMS
    matrix.mkdir(parents=True)
    terms.mkdir()
    save_runs(matrix, encode(problem.indptr, problem.cells))
    for entry in fields(Problem):
        if entry.name in certificate.PLAIN:
            np.save(matrix / f"{entry.name}.npy", getattr(problem, entry.name))
    stated = {
        "limits": np.append(budgets.total_yuan, budgets.limits_yuan),
        "floors": budgets.floors,
        "of_candidate": budgets.of_candidate,
        "of_requirement": budgets.of_requirement,
        **more,
    }
    text = b""
    for name, array in stated.items():
        np.save(terms / f"{name}.npy", array)
        text += f"{name}:{array.dtype.str}:{array.shape};".encode() + array.tobytes()
    dual = np.array(outcome.dual, np.float64)
    np.save(folder / certificate.DUAL, dual)
    told: dict[str, Any] = {
        "goal": str(Goal.WIDEST),
        "budget_yuan": budgets.total_yuan if np.isfinite(budgets.total_yuan) else None,
        "chosen": np.flatnonzero(outcome.chosen).tolist(),
        "cost": problem.price(outcome.chosen),
        **aims,
        "bound": outcome.bound,
        "solver": worker.SOLVER.NAME if outcome.solver_bound < outcome.bound else "",
        "solver_bound": outcome.solver_bound,
        "status": str(outcome.status),
        "seed": outcome.seed,
        "steps": outcome.steps,
        "problem": problem.sha256,
        "terms": hashlib.sha256(text).hexdigest(),
        "dual": hashlib.sha256(dual.tobytes()).hexdigest(),
    }
    rest = {key: value for key, value in told.items() if key != "sha256"}
    digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
    text_of_all = json.dumps(told | {"sha256": digest}, sort_keys=True, indent=1)
    (folder / certificate.PLAN).write_text(text_of_all + "\n", encoding="utf-8")
