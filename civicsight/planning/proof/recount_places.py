"""Count what a budget makes lawful again from its files: numpy and paper, nothing of the optimiser.

A bound of each aim follows by weak duality: duals of rows times their room, and what is left of
each variable, which is at most 1. The rows are those of the optimiser, requirement by requirement.
"""

import hashlib
import json
from math import fsum
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

TERMS = ("limits", "floors", "of_candidate", "of_requirement", "standing", "place", "kind",
         "weights")  # fmt: skip
PROBLEM = ("indptr", "cells", "cost", "need", "weight", "site", "capacity", "group", "slack")
AIMS = ("places", "parts", "metres", "exposure", "joined", "surviving")


@np.errstate(all="ignore")
def recount(folder: Path) -> list[str]:
    """Return what is wrong with the certificate in a folder: codes, none if all is right."""
    wrong: list[str] = []
    try:
        plan = json.loads((folder / "plan.json").read_text("utf-8"))
        p = {path.stem: np.load(path) for path in folder.rglob("*.npy")}
        ends = np.append(0, np.cumsum(p["run_length"], dtype=np.int64))
        place = np.repeat(p["run_start"] - ends[:-1], p["run_length"]) + np.arange(ends[-1])
        p |= {"indptr": ends[p["run_ptr"]], "cells": place.astype(np.int32)}
        p["row"] = np.repeat(np.arange(len(p["cost"])), np.diff(p["indptr"]))
        p["worth"] = p["weight"] * (p["need"] > 0)
        asked = np.bincount(p["group"], p["worth"], len(p["slack"])) - p["slack"]
        p["asked"] = np.maximum(asked, 0)
        p["least"] = np.maximum(p["asked"] * (1 - 1e-9) - 1e-9, 0)
        rest = (asked + p["slack"])[p["group"]] - p["worth"]  # what a part weighs without each
        p["lacks"] = (p["need"] > 0) & (rest < (p["least"] * (1 - 1e-9) - 1e-9)[p["group"]])
        p["whose"] = np.full(int(p["place"].max(initial=-1)) + 1, -1, np.int32)
        p["whose"][p["place"][p["place"] >= 0]] = p["kind"][p["place"] >= 0]
        wrong.extend(code for code, is_wrong in _findings(plan, p) if is_wrong)
    except (OSError, ValueError, LookupError, TypeError, EOFError, SyntaxError, TokenError):
        return wrong or ["unreadable"]
    return wrong


def _findings(plan: dict[str, Any], p: dict[str, Any]) -> Any:
    rest = json.dumps({k: v for k, v in plan.items() if k != "sha256"}, sort_keys=True)
    texts = {"sha256": rest.encode(), "dual": p["dual"].tobytes()}
    terms = TERMS + ("exposure",) * ("exposure" in p)
    for part, names in (("problem", PROBLEM), ("terms", terms)):
        heads = [f"{n}:{p[n].dtype.str}:{p[n].shape};".encode() + p[n].tobytes() for n in names]
        texts[part] = b"".join(heads)
    for name, text in texts.items():
        yield f"{name}.changed", plan[name] != hashlib.sha256(text).hexdigest()
    chosen, near, d = np.isin(np.arange(len(p["cost"])), plan["chosen"]), 1e-9, len(p["floors"])
    now, today = _tally(p, chosen), _tally(p, np.zeros_like(chosen))
    paid, at = p["cost"] * chosen, np.bincount(p["site"][chosen] + 1, None, len(p["capacity"]) + 1)
    spent = np.append(fsum(paid), np.bincount(p["of_candidate"] + 1, paid, d + 1)[1:])
    whole, kept = (np.bincount(p["of_requirement"] + 1, p["weight"] * each, d + 1)[1:]
                   for each in (1, now["met"]))  # fmt: skip
    yield "capacity.exceeded", (at[1:] > p["capacity"]).any()
    yield "budget.exceeded", (spent > p["limits"] * (1 + near) + near).any()
    yield "floor.missed", (kept < p["floors"] * whole * (1 - 2 * near) - near).any()
    yield "class.falls", (now["of_kind"] < today["of_kind"]).any()
    yield "cost.differs", not abs(spent[0] - plan["cost"]) <= near * max(1.0, plan["cost"])
    aims = [aim for aim in AIMS if aim in plan["aims"]]
    yield "aims.changed", not 0 < len(aims) == len(plan["aims"])
    aims.sort(key=plan["aims"].index)
    values, bounds, words = (np.array(plan[k], float) for k in ("values", "bounds", "words"))
    room = near * np.maximum(1.0, abs(values)) * 10
    yield "value.differs", not (abs(values - [now["values"][a] for a in aims]) <= room).all()
    proven = list(_prove(p, aims, np.array(plan["kept"], float), today["of_kind"], whole))
    yield "bound.unproven", not (bounds >= proven - room).all() or (p["dual"] < 0).any()
    yield "solver.contradicts", not ((values - room <= words) & (words <= bounds + room)).all()
    is_best = (words <= values + room).all()
    yield "status.contradicts", plan["status"] == "optimal" and not is_best


def _tally(p: dict[str, Any], chosen: Any) -> dict[str, Any]:
    taken = np.zeros(len(p["capacity"]) + 1, bool)
    taken[p["site"][chosen]], taken[-1] = True, False
    found, kinds, open_to = {}, len(p["weights"]), p["place"] >= 0
    seen = chosen | p["standing"] & ~taken[p["site"]]
    for name, some, spare in (("met", chosen, 0), ("seen", seen, 0), ("twice", seen, 1)):
        cover = np.bincount(p["cells"][some[p["row"]]], None, len(p["need"]))
        found[name] = cover >= p["need"] + spare
    own, all_of, safe = (np.bincount(p["group"], p["worth"] * found[name], len(p["slack"]))
                         for name in ("met", "seen", "twice"))  # fmt: skip
    done = np.ones(len(p["whose"]), bool)
    done[p["place"][open_to & (all_of < p["least"])]] = False
    lawful = p["kind"][(all_of >= p["least"]) & (p["kind"] >= 0)]
    of_kind = np.stack([np.bincount(each, None, kinds) for each in (p["whose"][done], lawful)])
    metres = [fsum(np.minimum(each, p["asked"])) for each in (all_of, own, safe)]
    wall = -fsum(p["exposure"][seen]) if "exposure" in p else 0.0
    values = [*(of_kind @ p["weights"]), metres[0], wall, *metres[1:]]
    return found | {"of_kind": of_kind, "values": dict(zip(AIMS, values))}  # noqa: B905


def _prove(p: dict[str, Any], aims: Any, kept: Any, today: Any, whole: Any) -> Any:
    n, m, g, d = len(p["cost"]), len(p["need"]), len(p["slack"]), len(p["floors"])
    last, walled = "surviving" in aims, "exposure" in aims
    inside, limited, asked = p["place"] >= 0, p["limits"] < np.inf, p["asked"]
    of_kind, of = np.append(p["weights"], 0), p["of_requirement"]
    high = [np.zeros(m), np.zeros(m), np.zeros(m * last), p["capacity"], p["limits"][limited],
            -((p["floors"] - 1e-9) * whole)[p["floors"] > 0], np.zeros(g), np.zeros(g),
            np.zeros(g), np.zeros(inside.sum()), -today[0], -today[1],
            np.zeros(g * last), -np.ones(p["standing"].sum() * walled)]  # fmt: skip
    ends, start = np.cumsum([len(part) for part in high]), 0
    for k, aim in enumerate(aims):
        duals, start = p["dual"][start : start + ends[-1] + k], start + ends[-1] + k
        if len(duals) < ends[-1] + k:
            raise ValueError
        parts = np.split(duals, ends)
        seen, own, two, site, paid, lift, q0, q1, q2, part, more, most, q3, stay, stage = parts
        two, q3 = (np.append(each, np.zeros(0 if last else size))
                   for each, size in ((two, m), (q3, g)))  # fmt: skip
        money, floor, by = np.zeros(d + 2), np.zeros(d + 1), np.zeros(g)
        money[:-1][limited], floor[:-1][p["floors"] > 0], by[inside] = paid, lift, part
        f = dict.fromkeys(AIMS, 0.0) | dict(zip(aims, stage)) | {aim: 1.0}  # noqa: B905
        dear, of_site = np.append(more, 0), np.append(site, 0)[p["site"]]
        wall = of_site + (f["exposure"] * p["exposure"] if "exposure" in p else 0.0)
        if walled:
            held = np.bincount(p["site"][p["standing"]], stay, len(p["capacity"]))
            wall = wall - np.append(held, 0)[p["site"]]
        take = np.bincount(p["row"], (seen + own + two)[p["cells"]], n) - wall
        take -= p["cost"] * (money[0] + money[1:][p["of_candidate"]])
        stand = (np.bincount(p["row"], (seen + two)[p["cells"]], n) - wall)[p["standing"]]
        places = of_kind[p["whose"]] * f["places"] + dear[p["whose"]]
        places -= np.bincount(p["place"] + 1, by, len(p["whose"]) + 1)[1:]
        gates = of_kind[p["kind"]] * f["parts"] + by + np.append(most, 0)[p["kind"]]
        rows = p["worth"] * (q0 + q1)[p["group"]] - p["need"] * seen
        owed = np.bincount(p["group"], np.maximum(-rows, 0) * p["lacks"], g)
        left = [places, gates - p["least"] * q0 - owed * (1 - 1e-9), asked * (f["metres"] - q1),
                asked * (f["joined"] - q2), last * asked * (f["surviving"] - q3),
                p["worth"] * q3[p["group"]] - (p["need"] + 1) * two]  # fmt: skip
        mine = p["worth"] * q2[p["group"]] + p["weight"] * floor[of] - p["need"] * own
        rooms = -(kept[:k] - 1e-9 * np.maximum(1.0, abs(kept[:k])))
        sums = [each[each > 0] for each in (*left, take, stand, rows, mine)]
        terms = np.concatenate([duals * np.concatenate([*high, rooms]), *sums])
        yield fsum(terms) + 1e-12 * fsum(abs(terms))
