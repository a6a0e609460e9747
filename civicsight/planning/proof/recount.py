"""Count a certificate again from its files: numpy and paper, nothing of the optimiser."""

import hashlib
import json
from collections.abc import Iterator
from math import ceil, fsum
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

NAMES = ("indptr", "cells", "cost", "need", "weight", "site", "capacity", "group", "slack")


@np.errstate(all="ignore")
def recount(folder: Path) -> list[str]:
    """Return what is wrong with the certificate in a folder: codes, none if all is right."""
    try:
        plan = json.loads((folder / "plan.json").read_text("utf-8"))
        p = {path.stem: np.load(path) for path in (folder / "problem").glob("*.npy")}
        ends = np.append(0, np.cumsum(p["run_length"], dtype=np.int64))
        place = np.repeat(p["run_start"] - ends[:-1], p["run_length"]) + np.arange(ends[-1])
        p |= {"indptr": ends[p["run_ptr"]], "cells": place.astype(np.int32)}
        p |= {"dual": np.load(folder / "dual.npy"), "chosen": np.zeros(len(p["cost"]), bool)}
        p["chosen"][np.array(plan["chosen"], int)] = True
        return [code for code, is_wrong in _findings(plan, p) if is_wrong]
    except (OSError, ValueError, LookupError, TypeError, EOFError, SyntaxError, TokenError):
        return ["unreadable"]


def _findings(plan: dict[str, Any], p: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    text = b"".join(f"{n}:{p[n].dtype.str}:{p[n].shape};".encode() + p[n].tobytes() for n in NAMES)
    rest = json.dumps({k: v for k, v in plan.items() if k != "sha256"}, sort_keys=True)
    for name, data in (("sha256", rest.encode()), ("problem", text), ("dual", p["dual"].tobytes())):
        yield f"{name}.changed", plan[name] != hashlib.sha256(data).hexdigest()
    taken = p["cells"][np.repeat(p["chosen"], np.diff(p["indptr"]))]
    unmet = np.bincount(taken, minlength=len(p["need"])) < p["need"]
    lost = np.bincount(p["group"][unmet] + 1, p["weight"][unmet], len(p["slack"]) + 1)
    at = np.bincount(p["site"][p["chosen"]] + 1, minlength=len(p["capacity"]) + 1)[1:]
    cost, bound, word, near = plan["cost"], plan["bound"], plan["solver_bound"], 1e-9
    yield "coverage.short", lost[0] > 0 or (lost[1:] > p["slack"] * (1 + near) + near).any()
    yield "capacity.exceeded", (at > p["capacity"]).any()
    near *= max(1.0, cost)
    yield "cost.differs", not abs(fsum(p["cost"][p["chosen"]]) - cost) <= near
    yield "bound.unproven", not bound <= min(prove(p), cost) + near or (p["dual"] < 0).any()
    yield "solver.contradicts", not bound - near <= word <= cost + near
    yield "status.contradicts", plan["status"] == "optimal" and not word >= cost - near


def prove(p: dict[str, Any]) -> float:
    """Return the bound that duals prove: their worth, less what candidates and slack can save."""
    size, site, worth = np.diff(p["indptr"]), p["site"], p["need"] * p["dual"]
    paid = np.bincount(np.repeat(np.arange(len(size)), size), p["dual"][p["cells"]], len(size))
    left = p["cost"] - paid
    pick = np.lexsort((left, site))
    rank = np.arange(len(site)) - np.searchsorted(site[pick], site[pick])
    pick = pick[(left[pick] < 0) & (rank < np.append(p["capacity"], len(site))[site[pick]])]
    saved = fsum(-left[pick])
    for group, slack in enumerate(p["slack"] * (1 + 1e-9) + 1e-9):
        fits = np.flatnonzero((p["group"] == group) & (p["weight"] <= slack))
        fits = fits[np.argsort(-worth[fits] / p["weight"][fits])]
        over = np.cumsum(p["weight"][fits]) - slack
        saved += fsum(worth[fits] * np.clip(1 - over / p["weight"][fits], 0, 1))
    off = 2.0**-50 * (16 + size.max(initial=0)) * (fsum(worth) + saved + fsum(paid[left < 0]))
    step = float(np.gcd.reduce(whole := p["cost"].astype(np.int64)))
    total, exact = max(0.0, fsum(worth) - saved - off), bool((p["cost"] == whole).all() and step)
    return float(ceil(total / step - 1e-10) * step if exact else total)
