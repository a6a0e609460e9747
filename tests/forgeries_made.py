"""A plan as the command leaves it, folders of it to be forged, what counts its digests anew."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, load_npz, save_npz

from civicsight.cli.entry import OK, run
from civicsight.io import save_city
from civicsight.planning.proof import recount as recounting
from civicsight.planning.record.root import LIST_FILE, list_of
from tests.test_check import CAMS, town

LANG = ["--lang", "en"]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Let one worker at a time go on."""
    with path.open("w") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    return save_city(town(CAMS), tmp_path_factory.mktemp("city") / "town.gpkg")


@pytest.fixture(scope="session")
def drawn_up(city, tmp_path_factory):
    """A copy of the folder and the file of plans that the command itself leaves.

    It is run by the first worker that asks.
    """
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    out = shared / "drawn-up"
    with held(shared / "drawing-up"):
        if not out.exists():
            words = [
                "plan",
                "optimise",
                str(city),
                "--out",
                str(out / "plan"),
                "--no-pdf",
                "--steps",
                "200",
                "--seconds",
                "3600",
                "--years",
                "2027,2028",
                "--store",
                str(out / "plans.gpkg"),
                "--plan",
                "east",
                "--as",
                "Li",
                *LANG,
            ]
            assert run(words) == OK
    return Path(shutil.copytree(out, tmp_path_factory.mktemp("made") / "own"))


@pytest.fixture(scope="session")
def made(drawn_up):
    """The folder of that plan."""
    return drawn_up / "plan"


@pytest.fixture
def folder(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "plan"))


@pytest.fixture
def record(folder):
    """The same folder without documents: a forger renders them anew, which takes its time."""
    keep_only(folder, listed(folder))
    return folder


def keep_only(folder: Path, names: list[str]) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in {*names, LIST_FILE}:
            path.unlink()


@pytest.fixture
def verify(capsys):
    """Verify a folder; return the exit code and what is said."""

    def act(folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["plan", "verify", str(folder), *more, "--json", *LANG])
        return code, json.loads(capsys.readouterr().out)

    return act


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def listed(folder: Path) -> list[str]:
    return [line.split("  ")[1] for line in (folder / LIST_FILE).read_text().splitlines()]


def reseal(folder: Path) -> None:
    """Count every digest in a folder anew: those of the certificate, and the list of the plan."""
    proof = folder / "certificate"
    plan = read_json(proof / "plan.json")
    p = {path.stem: np.load(path) for path in proof.rglob("*.npy")}
    ends = np.append(0, np.cumsum(p["run_length"], dtype=np.int64))
    place = np.repeat(p["run_start"] - ends[:-1], p["run_length"]) + np.arange(ends[-1])
    p |= {"indptr": ends[p["run_ptr"]], "cells": place.astype(np.int32)}
    heads = [f"{n}:{p[n].dtype.str}:{p[n].shape};".encode() + p[n].tobytes()
             for n in recounting.NAMES]  # fmt: skip
    plan["problem"] = hashlib.sha256(b"".join(heads)).hexdigest()
    plan["dual"] = hashlib.sha256(p["dual"].tobytes()).hexdigest()
    rest = json.dumps({k: v for k, v in plan.items() if k != "sha256"}, sort_keys=True)
    plan["sha256"] = hashlib.sha256(rest.encode()).hexdigest()
    write_json(proof / "plan.json", plan)
    files = {name: (folder / name).read_bytes() for name in listed(folder)}
    (folder / LIST_FILE).write_bytes(list_of(files))


# What is forged


def cut_cost(folder: Path) -> None:
    """Let a chosen camera cost a hundred yuan less, wherever its cost stands."""
    proof = folder / "certificate"
    plan, cost = read_json(proof / "plan.json"), np.load(proof / "problem" / "cost.npy")
    one = max(plan["chosen"], key=lambda k: cost[k])
    cost[one] -= 100.0
    np.save(proof / "problem" / "cost.npy", cost)
    for name in ("cost", "bound", "solver_bound"):
        plan[name] -= 100.0
    write_json(proof / "plan.json", plan)
    told = read_json(folder / "plan.json")
    for name in ("value", "bound", "solver_bound"):
        told["proof"][name] -= 100.0
    whose = told["measures"]["columns"]["cost_yuan"]
    dearest = whose.index(max(whose))
    whose[dearest] -= 100.0
    camera = told["measures"]["index"][dearest]
    line = told["bill"]["columns"]["camera_id"].index(camera)
    told["bill"]["columns"]["cost_yuan"][line] -= 100.0
    write_json(folder / "plan.json", told)


def change_density(folder: Path, row: int | None = None) -> None:
    """Let a camera deliver more pixels a metre than it does; by default the first of the chosen."""
    path = folder / "certificate" / "densities.npz"
    matrix = csr_array(load_npz(path))
    chosen = read_json(folder / "certificate" / "plan.json")["chosen"]
    seen = [k for k in chosen if matrix.indptr[k] < matrix.indptr[k + 1]]
    row = seen[0] if row is None else row
    matrix.data[matrix.indptr[row]] *= 1.001
    file = BytesIO()
    save_npz(file, matrix)
    path.write_bytes(file.getvalue())


def change_choice(folder: Path) -> None:
    """Drop a camera from what was chosen."""
    path = folder / "certificate" / "plan.json"
    plan = read_json(path)
    plan["chosen"].pop()
    write_json(path, plan)


def change_price(folder: Path) -> None:
    """Halve a price and double what is bought for it."""
    told = read_json(folder / "plan.json")
    bill = told["bill"]["columns"]
    bill["unit_yuan"][0] /= 2.0
    bill["quantity"][0] *= 2.0
    write_json(folder / "plan.json", told)


FORGED = {"cost": cut_cost, "px/m": change_density, "choice": change_choice, "price": change_price}
"""What is forged, by what it is."""
