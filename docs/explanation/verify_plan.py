"""Count the plan in a folder again, with numpy and nothing else: no line of civicsight is used.

    python verify_plan.py FOLDER [ROOT]

Without ROOT, the one on paper, a plan is held against itself alone. Why: `certificate.md`.
"""

import hashlib
import json
import math
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np

NEAR, SAME = 1e-9, ("bound", "solver_bound", "status", "seed", "steps")
RECORD = {"plan.json", "root.sha256", "told.json"}
BOUGHT = "not counted: what a budget reaches, and its bounds: civicsight plan verify counts them"


def verify(folder, root=""):
    """Return what is wrong, then what is proved and what was not counted, a line each."""
    wrong, apart = [], []
    try:
        wrong += files(folder, root)
        record = json.loads((folder / "plan.json").read_text("utf-8"))
        claim = json.loads((folder / "certificate" / "plan.json").read_text("utf-8"))
        p = problem(folder / "certificate")
        is_bought = record["proof"]["goal"] != "cheapest"
        found = choice(claim, p) | tables(record, claim, p) | ({} if is_bought else bound(claim, p))
        found["the problem does not follow from the px/m"] = not follows(p)
        wrong += [text for text in found if found[text]]
        apart = [BOUGHT if is_bought else limit(claim["cost"], claim["bound"])][: not wrong]
    except (OSError, ValueError, LookupError, TypeError, EOFError, ArithmeticError) as error:
        wrong.append(f"a file is missing or cannot be read: {type(error).__name__}")
    papers = {path.name for path in folder.iterdir() if path.is_file()} - RECORD
    return wrong, apart + [f"not counted: {name}: from the record" for name in sorted(papers)]


def files(folder, root):
    """Hold every file against the list, and the list against the root."""
    text = (folder / "root.sha256").read_bytes()
    listed = {line[66:]: line[:64] for line in text.decode().splitlines()}
    for name, digest in listed.items():
        content = (folder / name).read_bytes() if (folder / name).is_file() else b""
        if hashlib.sha256(content).hexdigest() != digest:
            yield f"{'changed' if content else 'missing'}: {name}"
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*/**/*") if p.is_file()}
    yield from (f"not of this plan: {name}" for name in sorted(there - listed.keys()))
    if root and hashlib.sha256(text).hexdigest() != root:
        yield "this is not the plan that the root was given for"


def problem(proof):
    """Return the arrays of the certificate, and the requirements that each candidate meets."""
    p = {path.stem: np.load(path) for path in proof.rglob("*.npy")}
    runs = [range(a, a + n) for a, n in zip(p["run_start"], p["run_length"], strict=True)]
    p["meets"] = [[c for run in runs[a:b] for c in run] for a, b in pairwise(p["run_ptr"])]
    return p | {"px": dict(np.load(proof / "densities.npz"))}


def choice(claim, p):
    """Count what the chosen cameras meet, carry and cost, one by one."""
    chosen, widest, lost = claim["chosen"], claim.get("goal") == "widest", Counter()
    met = Counter(cell for k in chosen for cell in p["meets"][k])
    for cell in np.flatnonzero([met[c] < need for c, need in enumerate(p["need"])]):
        lost[p["group"][cell]] += p["weight"][cell]
    slack = np.append(p["slack"] * (1 + NEAR) + NEAR, 0.0)  # the last: what is in no group
    at = Counter(p["site"][k] for k in chosen if p["site"][k] >= 0)
    cost = math.fsum(p["cost"][k] for k in chosen)
    return {
        "a candidate is chosen twice, or is none": chosen != sorted({k for k in chosen if k >= 0}),
        "more stays unmet than may": not widest and any(lost[g] > slack[g] for g in lost),
        "a site carries more cameras than it can": any(n > p["capacity"][s] for s, n in at.items()),
        "the choice does not cost what is said": not math.isclose(cost, claim["cost"]),
        "the choice costs more than the budget": widest and cost > p["limits"][0] + NEAR,
    }


def follows(p):
    """Tell whether what meets a requirement has more px/m there than whatever does not."""
    row = np.repeat(np.arange(len(p["meets"])), np.diff(p["px"]["indptr"])).tolist()
    px = dict(zip(zip(row, p["px"]["indices"].tolist(), strict=True), p["px"]["data"], strict=True))
    meets = {(j, cell) for j, cells in enumerate(p["meets"]) for cell in cells}
    least = defaultdict(lambda: math.inf)
    for pair in meets:
        least[pair[1]] = min(least[pair[1]], px.get(pair, 0.0))
    others = (density < least[pair[1]] for pair, density in px.items() if pair not in meets)
    return all(density > 0 for density in least.values()) and all(others)


def bound(claim, p):
    """Prove the bound from the duals: no choice costs less, wherever they came from."""
    y, sites, groups = p["dual"], defaultdict(list), defaultdict(list)
    for j, cells in enumerate(p["meets"]):
        sites[p["site"][j]].append(min(0.0, p["cost"][j] - math.fsum(y[cells])))
    gain = [sum(sorted(s)[: p["capacity"][k] if k >= 0 else None]) for k, s in sites.items()]
    room = p["slack"] * (1 + NEAR) + NEAR
    for cell, (group, weight) in enumerate(zip(p["group"], p["weight"], strict=True)):
        if group >= 0 and weight <= room[group]:
            groups[group].append((p["need"][cell] * y[cell] / weight, weight))
    for group, entries in groups.items():  # what may stay unmet, the dearest first
        for rate, weight in sorted(entries, reverse=True):
            gain.append(-rate * min(weight, max(room[group], 0.0)))
            room[group] -= weight
    least = math.fsum(p["need"] * y) + math.fsum(gain)
    step = math.gcd(*map(int, p["cost"])) if (p["cost"] % 1 == 0).all() else 0
    least = math.ceil(least / step - 1e-8) * step if step else least
    low, word, cost = (claim[name] for name in ("bound", "solver_bound", "cost"))
    near = NEAR * max(1.0, cost)
    return {
        "the duals do not prove the bound": (y < 0).any() or not low <= min(least, cost) + near,
        "the solver contradicts cost or bound": not low - near <= word <= cost + near,
        "called optimal, and a bound below": claim["status"] == "optimal" and word < cost - near,
    }


def limit(cost, low):
    """Say what the bound leaves, rounded up; nought only where it meets the cost."""
    up = max(math.ceil((cost - low) / max(cost, NEAR) * 1e4 - 1e-6) / 100, 0.01)
    return f"proved: no plan can be {f'more than {up:.2f} % ' * (cost - low > 1e-8 * cost)}cheaper"


def tables(record, claim, p):
    """Hold the tables that people read against the certificate, camera by camera."""
    proof, money, bill = record["proof"], record["measures"], record["bill"]["columns"]
    own = dict(zip(money["index"], money["columns"]["cost_yuan"], strict=True))
    columns = (bill[name] for name in ("camera_id", "quantity", "unit_yuan", "cost_yuan"))
    lines, paid = list(zip(*columns, strict=True)), Counter()
    for camera, _, _, cost in lines:
        paid[camera] += cost
    taken = sorted(p["cost"][k] for k in claim["chosen"] if p["cost"][k] > 0)
    return {
        "record and certificate say other figures": any(proof[n] != claim[n] for n in SAME)
        or (proof["goal"] == "cheapest" and proof["value"] != claim["cost"]),
        "the measures do not cost what was chosen": not record["parameters"].get("life_cycle")
        and taken != sorted(cost for cost in own.values() if cost > 0),
        "a line of the bill differs": not all(abs(n * u - cost) <= 0.01 for _, n, u, cost in lines),
        "the bill is not the cost of its camera": paid.keys() - own.keys()
        or any(not math.isclose(paid[c], cost, abs_tol=0.01) for c, cost in own.items()),
    }


if __name__ == "__main__":
    found, rest = verify(Path(sys.argv[1]), *sys.argv[2:3])
    print(*found or ["all that is counted is as the plan says"], *rest, sep="\n")
    sys.exit(bool(found))
