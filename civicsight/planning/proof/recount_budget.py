"""Count a plan within budgets again from its files: numpy and paper, nothing of the optimiser."""

import hashlib
import json
from math import fsum
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

TERMS = ("limits", "floors", "of_candidate", "of_requirement")
PROBLEM = ("indptr", "cells", "cost", "need", "weight", "site", "capacity", "group", "slack")


@np.errstate(all="ignore")
def recount(folder: Path) -> list[str]:
    """Return what is wrong with the certificate in a folder: codes, none if all is right."""
    try:
        plan = json.loads((folder / "plan.json").read_text("utf-8"))
        p = {path.stem: np.load(path) for path in folder.rglob("*.npy")}
        ends = np.append(0, np.cumsum(p["run_length"], dtype=np.int64))
        place = np.repeat(p["run_start"] - ends[:-1], p["run_length"]) + np.arange(ends[-1])
        p |= {"indptr": ends[p["run_ptr"]], "cells": place.astype(np.int32)}
        p["chosen"] = np.isin(np.arange(len(p["cost"])), plan["chosen"])
        return [code for code, is_wrong in _findings(plan, p) if is_wrong]
    except (OSError, ValueError, LookupError, TypeError, EOFError, SyntaxError, TokenError):
        return ["unreadable"]


def _findings(plan: dict[str, Any], p: dict[str, Any]) -> Any:
    rest = json.dumps({k: v for k, v in plan.items() if k != "sha256"}, sort_keys=True)
    texts = {"sha256": rest.encode(), "dual": p["dual"].tobytes()}
    for part, names in (("problem", PROBLEM), ("terms", TERMS)):
        heads = [f"{n}:{p[n].dtype.str}:{p[n].shape};".encode() + p[n].tobytes() for n in names]
        texts[part] = b"".join(heads)
    for name, text in texts.items():
        yield f"{name}.changed", plan[name] != hashlib.sha256(text).hexdigest()
    taken = p["cells"][np.repeat(p["chosen"], np.diff(p["indptr"]))]
    met = np.bincount(taken, minlength=len(p["need"])) >= p["need"]
    paid, place, near = p["cost"] * p["chosen"], len(p["floors"]) + 1, 1e-9
    at = np.bincount(p["site"][p["chosen"]] + 1, minlength=len(p["capacity"]) + 1)[1:]
    spent = np.append(fsum(paid), np.bincount(p["of_candidate"] + 1, paid, place)[1:])
    asked = p["floors"] * np.bincount(p["of_requirement"] + 1, p["weight"], place)[1:]
    kept = np.bincount(p["of_requirement"] + 1, p["weight"] * met, place)[1:]
    value, room = fsum(p["weight"][met & (p["need"] > 0)]), near * max(1.0, plan["met"])
    yield "capacity.exceeded", (at > p["capacity"]).any()
    yield "budget.exceeded", (spent > p["limits"] * (1 + near) + near).any()
    yield "floor.missed", (kept < asked * (1 - 2 * near) - near).any()
    yield "cost.differs", not abs(spent[0] - plan["cost"]) <= near * max(1.0, plan["cost"])
    yield "weight.differs", not abs(value - plan["met"]) <= room
    yield "bound.unproven", not plan["bound"] >= _prove(p) - room or (p["dual"] < 0).any()
    yield "solver.contradicts", not value - room <= plan["solver_bound"] <= plan["bound"] + room


def _prove(p: dict[str, Any]) -> float:
    n, sites, limited, least = len(p["need"]), len(p["capacity"]), p["limits"] < np.inf, p["floors"]
    whole = np.bincount(p["of_requirement"] + 1, p["weight"], len(least) + 1)[1:]
    room = np.r_[p["capacity"], p["limits"][limited], ((1e-9 - least) * whole)[least > 0]]
    price, dear = p["dual"][:n], np.append(p["dual"][n:], np.zeros(len(room)))[: len(room)]
    money, lift = np.zeros(len(limited) + 1), np.zeros(len(least) + 1)
    money[:-1][limited], lift[:-1][least > 0] = np.split(dear[sites:], [limited.sum()])
    row, of = np.repeat(np.arange(len(p["cost"])), np.diff(p["indptr"])), p["of_candidate"]
    left = np.bincount(row, price[p["cells"]], len(p["cost"]))
    left -= np.append(dear[:sites], 0)[p["site"]] + p["cost"] * (money[0] + money[1:][of])
    rest = p["weight"] * ((p["need"] > 0) + lift[p["of_requirement"]]) - p["need"] * price
    parts = np.r_[dear * room, left[left > 0], rest[rest > 0]]
    return fsum(parts) + 1e-12 * fsum(abs(parts))  # weak duality, with room for rounding
