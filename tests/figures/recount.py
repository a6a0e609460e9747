"""Count every figure of a plan again, from the tables that it leaves and from nothing else.

It imports nothing of the product and shares no code with what counts there: it reads ``plan.json``
of the folder of a plan, and beside it, where they are, ``earlier.json``, the version before, and
the tables of the check that the plan was made from (``check/*.csv``).

``python recount.py FOLDER`` prints the figures by key.
"""

from __future__ import annotations

import ast
import csv
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any
from zlib import crc32

Row = dict[str, Any]
Table = dict[str, Row]

STATE = {"covered": "covered", "assumed": "assumed", "possible": "assumed", "gap": "gap"}
WORST_STATE = ("gap", "not_judged", "assumed", "covered")
WHEN = ("before", "after")
WORST = ("open", "not_judged", "presumed", "met")
GATES = ("entrance", "vehicle_entrance")
VERDICTS = ("violation", "warning", "info", "judgement", "open")
NOUGHT = ("rule.", "facts.", "records.", "documents.", "values.", "district.", "cameras.outside",
          "cameras.on_target.", "camera.", "private.", "consultation.")  # fmt: skip
NEED = "need_px_m"
REASONS = ("because_en", "because_zh_CN")
CODED = ("coded_en", "coded_zh_CN")
NEAR = 1e-9
"""Of a share that is asked for: what rounding may take off it."""

REMEDY = {"inside": "take_down", "sight": "mask", "door": "move", "consent": "move"}
HARDER = ("mask", "move", "take_down")
ACTIONS = ("keep", "reaim", "refurbish", "connect", "new", *HARDER, "drop")
BECOMES = {
    "built": ("new",),
    "changed": ("reaim", "refurbish", "connect", "mask"),
    "given_up": ("move", "take_down", "drop"),
}
ROWS = {
    "curve": ("budget_yuan", "cost_yuan", "places", "most_places", "parts", "most_parts",
              "metres", "most_metres"),
    "funds": ("budget_yuan", "spent_yuan", "floor", "share"),
    "robustness": ("failed", "scenarios", "mean", "worst"),
    "alternatives": ("cost_yuan", "differs"),
    "unbuilt": ("cost_yuan",),
    "unreachable": ("samples", "weight"),
    "forbidden": ("count",),
    "barred": ("area_m2",),
}  # fmt: skip
MERGED = ("joined", "outlines_replaced", "parts_hidden")
YEARLY = ("storage", "platform", "licence", "power", "network", "upkeep")
TIMES = {"camera-day": 365, "camera-month": 12, "camera-year": 1}


def recount(folder: Path) -> dict[str, float | None]:
    """Count all figures of a plan in a folder, by key."""
    record, plan = read(folder / "plan.json")
    asked = record["parameters"]
    before = plan.get("before", {})
    after = stand_after(plan["parts"], before)
    places = plan.get("places_before", {})
    ids = {*places, *(row["zone_id"] for row in after.values())}
    open_anyway = set(asked.get("uncounted_places", ()))
    found = counts(after, places_of(ids, after, open_anyway), "after")
    check = folder / "check"
    if check.is_dir():
        before, places = stand_before(check)
    found |= counts(before, places, "before")
    found |= changes(before, after, plan) | by_place(before, after)
    found |= measures(plan)
    found |= money(plan)
    found |= certificate(record, plan, asked)
    found |= rows(plan) | works(plan) | paid(plan, int(found["cost.investment"] or 0))
    found |= spent(plan, asked)
    if check.is_dir():
        found |= of_check(check)
        found |= classes(rows_in(check / "parts.csv", "part_id"), before, after)
    return found | beside(folder, found, after, plan)


def read(path: Path) -> tuple[Row, dict[str, Table]]:
    """Return the record of a plan, and its tables."""
    record = json.loads(path.read_text("utf-8"))
    return record, {k: rows_of(own) for k, own in record.items() if "columns" in _dict(own)}


def beside(
    folder: Path, found: Mapping[str, Any], after: Table, plan: Mapping[str, Table]
) -> dict[str, float | None]:
    """Count what the version before has, and what differs between the two; else what stands has."""
    if not (folder / "earlier.json").exists():
        return {f"earlier.works.action.{name}.cameras": 0 for name in ACTIONS}
    record, known = read(folder / "earlier.json")
    left = stand_after(known["parts"], known.get("before", {}))
    ids = {row["zone_id"] for row in left.values()} | known.get("places_before", {}).keys()
    open_anyway = set(record["parameters"].get("uncounted_places", ()))
    own = counts(left, places_of(ids, left, open_anyway), "after")
    own |= measures(known) | money(known) | works(known)
    told = {f"earlier.{key}": value for key, value in own.items()}
    told |= since(folder / "check", known, plan)
    told |= {f"compared.{key}": value for key, value in by_place(left, after).items()}
    told |= {f"compared.{key}": value for key, value in between(left, after).items()}
    for key in {*own, *found}:
        if key.startswith("works.year_district"):
            pair = float(own.get(key) or 0), float(found.get(key) or 0)
            told |= {f"earlier.{key}": pair[0], key: pair[1], f"compared.{key}": pair[1] - pair[0]}
    return told


def since(check: Path, known: Mapping[str, Table], plan: Mapping[str, Table]) -> dict[str, float]:
    """Count cameras that one version leaves and the other does not, and those that differ."""
    standing = rows_in(check / "cameras.csv", "camera_id")
    sides = []
    for one in (known, plan):
        gone = {label for label, row in one["measures"].items() if row["measure"] == "drop"}
        kept = {label: {} for label in standing.keys() - gone}
        sides.append(kept | one["cameras"])
    removed = {label for label, row in standing.items() if row["status"] == "removed"}
    was, now = ({one for one in side if one not in removed or side[one]} for side in sides)
    return {
        "since.built": len(now - was),
        "since.changed": sum(sides[0][label] != sides[1][label] for label in was & now),
        "since.given_up": len(was - now),
    }


def spent(plan: Mapping[str, Table], asked: Row) -> dict[str, float]:
    """Sum what is spent of each row of a table of budgets, in the sum that it limits."""
    terms = {row["item"]: row for row in plan.get("terms", {}).values()}
    found = {}
    for row, said in zip(plan["funds"].values(), asked.get("grants") or (), strict=False):
        year, district = int(row["year"]), row["district"]
        sum_yuan = sum(
            own["cost_yuan"]
            for own in plan["measures"].values()
            if year in (0, own["year"]) and district in ("", own["district"])
        )
        if said.get("budget_of") == "investment":
            sum_yuan = math.ceil(sum_yuan)
            sum_yuan += sum(added_to(terms, sum_yuan).values())
        found[f"spent.{year}/{district}"] = sum_yuan
    return found


def _dict(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def rows_of(table: Row) -> Table:
    """Return the rows of a table of a plan by their index."""
    labels = table["index"] or [str(n) for n in range(table["rows"])]
    columns = table["columns"]
    return {
        str(label): {name: values[n] for name, values in columns.items()}
        for n, label in enumerate(labels)
    }


def rows_in(path: Path, label: str) -> Table:
    """Return the rows of a CSV file by one of its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row[label]: row for row in csv.DictReader(file)}


def compliance(status: str, share: float, required: float) -> str:
    """Return how a part stands: met, met where its gate is presumed, or open."""
    if status == "covered":
        return "met"
    enough = share >= max(required * (1.0 - NEAR) - NEAR, 0.0)
    return "presumed" if status == "assumed" and enough else "open"


def stand_after(parts: Table, before: Table) -> Table:
    """Return how parts stand with a plan; those that could not be judged stay so."""
    found = {
        label: {
            "zone_id": row["zone_id"],
            "kind": row["kind"],
            "state": STATE[row["status_after"]],
            "compliance": compliance(row["status_after"], row["share_after"], row["required"]),
        }
        for label, row in parts.items()
    }
    unseen = {label: row for label, row in before.items() if row["compliance"] == "not_judged"}
    return {label: row for label, row in unseen.items() if label not in found} | found


def stand_before(check: Path) -> tuple[Table, Table]:
    """Return how parts and places stand by the tables of a check."""
    parts, status = rows_in(check / "parts.csv", "part_id"), rows_in(
        check / "part_status.csv", "part_id"
    )  # fmt: skip
    found: Table = {}
    for label, row in status.items():
        share, required = float(row["fraction_sure"]), float(row["required"])
        found[label] = {
            "zone_id": parts[label]["zone_id"],
            "kind": parts[label]["kind"],
            "state": STATE[row["status"]],
            "compliance": compliance(row["status"], share, required),
            "is_presumed": parts[label]["how"] in ("front", "frontage")
            and parts[label]["confirmed"] != "True",
        }
    for label, row in rows_in(check / "missing.csv", "part_id").items():
        unseen = {"state": "not_judged", "compliance": "not_judged", "is_presumed": False}
        found.setdefault(label, {"zone_id": row["zone_id"], "kind": row["kind"]} | unseen)
    zones = rows_in(check / "zones.csv", "place")
    ids = {*zones, *left_out(check / "left_out.csv", zones)}
    return found, places_of(ids, found, set())


def left_out(path: Path, zones: Table) -> dict[str, str]:
    """Return why places are left out, by what stands for each: an open word, or no measure."""
    laws = defaultdict(set)
    for row in zones.values():
        laws[row["place_id"]].add(row["pack"])
    with path.open(encoding="utf-8", newline="") as file:
        return {
            f"left out {n}": "open_word" if row["value"] else "no_measure"
            for n, row in enumerate(csv.DictReader(file))
            if not laws[row["place_id"]] - {row["pack"]}
        }


def places_of(ids: Iterable[str], parts: Table, open_anyway: set[str]) -> Table:
    """Return how places stand: as the worst of their parts."""
    own = defaultdict(list)
    for row in parts.values():
        own[row["zone_id"]].append(row)
    found: Table = {}
    for place in ids:
        state = next(
            (one for one in WORST_STATE if any(row["state"] == one for row in own[place])),
            "not_judged",
        )
        worst = next(
            (one for one in WORST if any(row["compliance"] == one for row in own[place])),
            "not_judged",
        )
        if place in open_anyway and worst != "not_judged":
            worst = "open"
        found[place] = {"state": state, "compliance": worst}
    return found


def counts(parts: Table, places: Table, when: str) -> dict[str, float | None]:
    """Count places, parts and gates by state and by compliance."""
    gates = {label: row for label, row in parts.items() if row["kind"] in GATES}
    found: dict[str, float | None] = {}
    for name, table in (("places", places), ("parts", parts), ("gates", gates)):
        states = Counter(row["state"] for row in table.values())
        worst = Counter(row["compliance"] for row in table.values())
        found[f"{name}.count.{when}"] = len(table)
        for state in WORST_STATE:
            found[f"{name}.{state}.{when}"] = states[state]
        found[f"{name}.compliant.{when}"] = worst["met"] + worst["presumed"]
        found[f"{name}.presumed.{when}"] = worst["presumed"]
        found[f"{name}.open.{when}"] = worst["open"]
    covered, count = found[f"parts.covered.{when}"], found[f"parts.count.{when}"]
    found[f"share.covered.{when}"] = covered / count if count else None
    return found


def changes(before: Table, after: Table, plan: Mapping[str, Table]) -> dict[str, float | None]:
    """Count what a plan closes, opens, leaves open and why, and what it does not credit."""
    now = {label for label, row in after.items() if row["compliance"] == "open"}
    lost = {row["part_id"] for row in plan["unreachable"].values()}
    kept = plan.get("before", {})
    lacking = {label for label, row in kept.items() if row["uncredited"]}
    uncredited = Counter(row["uncredited"] for row in kept.values())
    return {
        **between(before, after),
        "gaps.not_asked": sum(label in now and not row["is_asked"] for label, row in kept.items()),
        "gaps.unreachable": len(now & lost),
        "parts.met_in_part": len(lost & after.keys() - now),
        "parts.uncredited.planned": uncredited["planned"],
        "parts.uncredited.barred": uncredited["barred"],
        "parts.uncredited": uncredited["planned"] + uncredited["barred"],
        "gaps.uncredited": len(lacking & now),
        "gates.presumed": sum(bool(row["is_presumed"]) for row in before.values()),
        "samples.unreachable": sum(row["samples"] for row in plan["unreachable"].values()),
    }


def between(before: Table, after: Table) -> dict[str, float | None]:
    """Count the gaps that are closed and opened, and the places of which a part differs."""
    was, now = (
        {label for label, row in table.items() if row["compliance"] == "open"}
        for table in (before, after)
    )
    return {
        "gaps.closed": len(was - now),
        "gaps.opened": len(now - was),
        "places.changed": len(
            {
                (after.get(label) or before[label])["zone_id"]
                for label in before.keys() | after.keys()
                if before.get(label, {}).get("state") != after.get(label, {}).get("state")
            }
        ),
        "places.compared": len(
            {row["zone_id"] for table in (before, after) for row in table.values()}
        ),
    }


def by_place(before: Table, after: Table) -> dict[str, float | None]:
    """Count the parts of each place by state, before and after, and its gaps closed and opened."""
    found: Counter[str] = Counter()
    for label in before.keys() | after.keys():
        was, now = before.get(label, {}), after.get(label, {})
        key = f"place.{(now or was)['zone_id']}"
        found.update({f"{key}.{when}_{state}": 0 for when in WHEN for state in WORST_STATE})
        found.update(
            f"{key}.{when}_{row['state']}" for when, row in (("before", was), ("after", now)) if row
        )
        open_ = [row.get("compliance") == "open" for row in (was, now)]
        found[f"{key}.parts"] += bool(was)
        found[f"{key}.closed"] += open_ == [True, False] and now.get("compliance") != "not_judged"
        found[f"{key}.opened"] += open_ == [False, True]
    return dict(found)


def measures(plan: Mapping[str, Table]) -> dict[str, float | None]:
    """Count cameras by what is done with them."""
    ends: dict[str, str] = {}
    for row in plan["barred"].values():
        asked = REMEDY.get(row["reason"], "move")
        asked = "move" if asked == "mask" and row.get("maskable") is False else asked
        known = ends.get(row["camera_id"], asked)
        ends[row["camera_id"]] = max(asked, known, key=HARDER.index)
    works = defaultdict(set)
    for row in plan["bill"].values():
        works[row["camera_id"]].add(row["item"])
    done = Counter(
        action_of(label, row, ends, works.get(label, set()))
        for label, row in plan["measures"].items()
    )
    rows = plan["measures"].values()
    named = [row["assumptions"] or () for row in rows]
    sums: Counter[str] = Counter({f"works.action.{one}.{name}": 0 for one in ACTIONS
                                  for name in ("cameras", "cost_yuan")})  # fmt: skip
    for label, row in plan["measures"].items():
        if row["year"] > 0 or row["measure"] == "drop":
            key = f"works.action.{action_of(label, row, ends, works.get(label, set()))}"
            sums[f"{key}.cameras"] += 1
            sums[f"{key}.cost_yuan"] += row["cost_yuan"]
    return {
        **sums,
        "measures.done": sum(sums[f"works.action.{name}.cameras"] for name in ACTIONS),
        **{f"measures.{name}": done[name] for name in ACTIONS},
        **{f"measures.{name}": sum(done[one] for one in own) for name, own in BECOMES.items()},
        "measures.untouched": sum(
            row["measure"] == "keep" and label not in works
            for label, row in plan["measures"].items()
        ),
        "measures.works": sum(row["year"] > 0 for row in rows),
        "measures.unbuilt": len(plan["unbuilt"]),
        "cameras.barred": len({row["camera_id"] for row in plan["barred"].values()}),
        "cameras.unweighed": sum("not_weighed" in own for own in named),
    }


def action_of(label: str, row: Row, ends: Mapping[str, str], works: set[str]) -> str:
    """Return what is done with one camera."""
    if row["measure"] == "drop" and row["year"] > 0:
        return ends.get(label, "move") if row["article"] else "take_down"
    if row["measure"] == "reaim" and works == {"mask"}:
        return "mask"
    return str(row["measure"])


def money(plan: Mapping[str, Table]) -> dict[str, float | None]:
    """Sum works, what is added to them, and what the cameras cost a year."""
    terms = {row["item"]: row for row in plan.get("terms", {}).values()}
    works = sum(row["cost_yuan"] for row in plan["bill"].values())
    invested = base = sum(whole(Fraction(cost)) for cost in items_of(plan["bill"]))
    invested += sum(added_to(terms, base).values())
    a_year = yearly(plan, terms)
    present = None
    if a_year is not None and {"rate", "life"} <= terms.keys():
        rate = Fraction(str(terms["rate"]["price_yuan"])) / 100
        years = range(1, int(terms["life"]["price_yuan"]) + 1)
        present = invested + whole(a_year * sum((1 / (1 + rate) ** n for n in years), Fraction()))
    return {
        "cost.works": works,
        "cost.investment": invested,
        "cost.added": invested - works,
        "cost.later": None if present is None else present - invested,
        "cost.yearly": a_year,
        "cost.present": present,
        "cost.saved": sum(row["saved_yuan"] for row in plan["measures"].values()),
    }


def added_to(terms: Mapping[str, Row], base: int) -> dict[str, int]:
    """Return what comes on top of works [yuan], by item."""
    added: dict[str, int] = {}
    for name in ("design", "supervision", "contingency", "tax"):
        if name in terms:
            share = Fraction(str(terms[name]["price_yuan"])) / 100
            of = base if name == "supervision" else base + sum(added.values())
            added[name] = whole(share * of)
    return added


def certificate(record: Row, plan: Mapping[str, Table], asked: Row) -> dict[str, float | None]:
    """Return what was reached and what nothing can beat, rounded down where it counts."""
    value, bound, claim = (record["proof"][name] for name in ("value", "bound", "solver_bound"))
    stages = [row for _, row in sorted(plan["stages"].items(), key=lambda pair: int(pair[0]))]
    first = stages[0]["aim"] if stages and record["proof"]["goal"] == "widest" else ""
    weights = ((asked.get("policy") or {}).get("weights") or {}).values()
    if first == "exposure":
        value, bound, claim = abs(value), abs(bound), abs(claim)
    if first in ("places", "parts") and all(float(each).is_integer() for each in weights):
        bound, claim = math.floor(bound + 1e-6), math.floor(claim + 1e-6)
    gap: float | None = None
    if meets(value, bound):
        gap = 0.0
    elif value and math.isfinite(bound):
        gap = abs(value - bound) / abs(value)
    same = [meets(value, bound), *(meets(row["value"], row["bound"]) for row in stages[1:])]
    is_met = same[0] if record["proof"]["goal"] != "widest" else all(same)
    spent = [row["processor_s"] for row in plan["history"].values() if row.get("processor_s")]
    found = {
        "proof.value": value,
        "proof.bound": bound,
        "proof.claim": claim,
        "proof.gap": gap,
        "proof.more": 0.0 if is_met else abs(value - bound),
        "proof.steps": record["proof"]["steps"],
        "proof.seconds": spent[-1] if spent else None,
    }
    for row in stages:
        found |= {f"aims.{row['aim']}.{name}": row[name] for name in ("value", "bound")}
    return found


def paid(plan: Mapping[str, Table], investment: int) -> dict[str, float | None]:
    """Sum points and money by project and what projects have in common, where nobody says who pays.

    Shares are whole yuan, and whole hundreds of yuan of projects: what rounding leaves of one is
    carried on to the next.
    """
    done = {label: row for label, row in plan["measures"].items() if row["year"] > 0}
    yuan = carried(investment, [whole(Fraction(row["cost_yuan"])) for row in done.values()])
    projects: dict[tuple[Any, ...], list[int]] = {}
    for row, own in zip(done.values(), yuan, strict=True):
        key = (row["year"], row["district"] or "", row["measure"])
        known = projects.setdefault(key, [0, 0])
        known[0] += 1
        known[1] += own
    ordered = sorted(projects.items())
    sums = [money for _, (_, money) in ordered]
    hundreds = carried(whole(Fraction(sum(sums), 100)), sums)
    found: Counter[str] = Counter({f"money.all..{name}": 0 for name in ("points", "yuan")})
    counted: Counter[int] = Counter()
    zone = {label: row["zone_id"] for label, row in plan["parts"].items()}
    for ((year, district, what), (points, _)), share in zip(ordered, hundreds, strict=True):
        counted[year] += 1
        parts = {part for row in done.values()
                 if (row["year"], row["district"] or "", row["measure"]) == (year, district, what)
                 for part in row["parts"] or ()}  # fmt: skip
        project = f"money.project.{year}-{counted[year]:02d}"
        found[f"{project}.parts"] += len(parts)
        found[f"{project}.places"] += len({zone[part] for part in parts if part in zone})
        found["money.projects"] += 1
        for row in (
            f"year.{year}", "source.", f"district.{district}", f"year_district.{year}/{district}",
            f"year_source.{year}/", f"district_source.{district}/",
            f"project.{year}-{counted[year]:02d}", "all.",
        ):  # fmt: skip
            found[f"money.{row}.points"] += points
            found[f"money.{row}.yuan"] += share * 100
    return dict(found)


def carried(total: int, weights: list[int]) -> list[int]:
    """Share a whole number out by weights, so that all shares before one are right to the half."""
    shares, before, so_far = [], 0, 0
    for weight in weights:
        so_far += weight
        now = whole(Fraction(total * so_far, sum(weights))) if sum(weights) else 0
        shares.append(now - before)
        before = now
    return shares


def meets(value: float, bound: float) -> bool:
    """Tell whether nothing is left between what was reached and what nothing can beat."""
    return abs(value - bound) <= 1e-8 * max(1.0, abs(value))


def rows(plan: Mapping[str, Table]) -> dict[str, float | None]:
    """Return what tables of a plan hold that are shown row by row."""
    return {
        f"{table}.{label}.{name}": len(row[name]) if isinstance(row[name], list) else row[name]
        for table, names in ROWS.items()
        for label, row in plan.get(table, {}).items()
        for name in names
    }


def works(plan: Mapping[str, Table]) -> dict[str, float | None]:
    """Sum the works by year, by year and district, and by class of devices."""
    found: Counter[str] = Counter()
    for row in plan["measures"].values():
        if row["year"] <= 0:
            continue
        for key in (
            f"works.year.{row['year']}",
            f"works.year_district.{row['year']}/{row['district'] or ''}",
            f"works.device.{row['camera_class'] or ''}",
        ):
            found[f"{key}.cameras"] += 1
            found[f"{key}.cost_yuan"] += row["cost_yuan"]
    for row in plan["bill"].values():
        own = plan["measures"].get(row["camera_id"], {})
        where = (own.get("year"), own.get("district") or "", row["item"], row["unit"])
        key = f"works.item.{'/'.join(map(str, where))}"
        found[f"{key}.quantity"] += row["quantity"]
        found[f"{key}.cost_yuan"] += row["cost_yuan"]
    return dict(found)


def of_check(check: Path) -> dict[str, float | None]:
    """Count cameras, their records, rows, heights, and what was not judged and why."""
    cameras, heads = rows_in(check / "cameras.csv", "camera_id"), listed(check / "heads.csv")
    parts, status = (rows_in(check / f"{name}.csv", "part_id") for name in ("parts", "part_status"))
    missing, zones = listed(check / "missing.csv"), rows_in(check / "zones.csv", "place")
    why = {
        label: why_unjudged(row, {one["camera_id"] for one in heads}, label)
        for label, row in cameras.items()
    }
    found: dict[str, float | None] = {
        "cameras.count": len(cameras),
        "cameras.used": sum(is_used(row) for row in cameras.values()),
        "cameras.undirected": sum(row["azimuth_deg"] == "" for row in cameras.values()),
        "cameras.seeing": sum(one in cameras for one in {one["camera_id"] for one in heads}),
        "cameras.judged": sum(not reason for reason in why.values()),
        "cameras.not_judged": sum(bool(reason) for reason in why.values()),
        "cameras.inside": len(listed(check / "barred.csv")),
        "cameras.withheld": len(listed(check / "withheld.csv")),
        **{f"cameras.reason.{name}": n for name, n in Counter(filter(None, why.values())).items()},
    }
    presumed = [row["how"] for row in parts.values() if row["confirmed"] != "True"]
    found |= classes_today(
        parts, status, missing, zones, listed(check / "left_out.csv"), listed(check / "asked.csv")
    )
    found["gates.waiting"] = sum(
        row["kind"] in GATES and row["confirmed"] != "True" for row in parts.values()
    )
    found |= {
        f"consultation.{department}": count
        for department, count in Counter(
            row["department"] for row in listed(check / "consultation.csv")
        ).items()
    }
    found |= {f"gates.presumed.{way}": presumed.count(way) for way in ("frontage", "front")}
    lacking = {(row["zone_id"], row["reason"]) for row in missing}
    lacking |= set(left_out(check / "left_out.csv", zones).items())
    places = Counter(reason for _, reason in lacking)
    of_parts = Counter(row["reason"] for row in missing)
    for reason in places | of_parts:
        found |= {
            f"places.reason.{reason}": places[reason],
            f"parts.reason.{reason}": of_parts[reason],
        }
    found["places.unsettled"] = len({one for one, reason in lacking if reason != "open_word"})
    imported = [row for row in listed(check / "provenance.csv") if row["how"] == "imported"]
    for name in ("read", "kept", "repaired", "rejected"):
        found[f"rows.{name}"] = sum(int(row[name]) for row in imported)
    said = [pair for row in imported for pair in ast.literal_eval(row["counts"])]
    found["rows.divided"] = sum(n for code, n in said if code in ("pieces", "roofs"))
    found["rows.left_out"] = sum(
        n for code, n in said if code.startswith("excluded.") or code in MERGED
    )
    found |= (
        by_law(parts, status)
        | findings(check)
        | judged(check)
        | indices(check / "report", allowed(check))
    )
    found |= on_record(check) | credited(parts, status, cameras)
    found |= districts(check, status) | confirmed(check, parts)
    found |= hanging(check, cameras, heads, parts) | waiting(check, parts) | doubles(check)
    found["notes.count"] = len(listed(check / "notes.csv"))
    for row in listed(check / "notes.csv"):
        which = crc32(ast.literal_eval(row["example"])["en"].encode())
        found[f"notes.{row['source']}.{row['layer']}.{row['kind']}.{which}"] = int(row["count"])
    return found | records(cameras, heads) | rests_on(check, parts, status, zones)


def findings(check: Path) -> dict[str, float | None]:
    """Count findings by verdict, and those that nobody can decide by what they hang on."""
    gaps = [row for row in listed(check / "gaps.csv") if row["outcome"] in ("fail", "undetermined")]
    found: Counter[str] = Counter()
    for row in (*gaps, *listed(check / "duplicates.csv")):
        is_open = row["outcome"] == "undetermined"
        found["findings.open" if is_open else f"findings.{row['severity']}"] += 1
        for name in set(json.loads(row["assumptions"]) or ()) if is_open else ():
            found[f"findings.ground.{name}"] += 1
    return {f"findings.{name}": found[f"findings.{name}"] for name in VERDICTS} | found


def by_law(parts: Table, status: Table) -> dict[str, float | None]:
    """Count the parts of a place that a law asks for, and how they stand."""
    found: Counter[str] = Counter()
    for label, row in parts.items():
        state = status[label]["status"] if label in status else "not_judged"
        for pack in {pack for pack, _ in classes_of(row)}:
            key = f"place.{row['zone_id']}.law.{pack}"
            found.update((f"{key}.parts", f"{key}.{STATE.get(state, state)}"))
    known = {key.rpartition(".")[0] for key in found}
    return {f"{key}.{name}": found[f"{key}.{name}"] for key in known
            for name in ("parts", *WORST_STATE)}  # fmt: skip


def credited(parts: Table, status: Table, cameras: Table) -> dict[str, float | None]:
    """Count by class the cameras that parts are covered by, by their status and their owner."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for label, row in parts.items():
        if status.get(label, {}).get("status") == "covered":
            for law in classes_of(row):
                seen[law].update(map(str, ast.literal_eval(status[label]["cameras"])))
    found: Counter[str] = Counter()
    for (pack, item), labels in seen.items():
        own = [cameras[one] for one in labels]
        found.update(f"class.{pack}.{item}.credited.{row['status'] or 'existing'}" for row in own)
        found.update(f"class.{pack}.{item}.credited.{row['owner']}" for row in own)
    return dict(found)


def on_record(check: Path) -> dict[str, float | None]:
    """Count what is on record of which subjects, their values, papers, and where they are."""
    found: Counter[str] = Counter()
    for row in listed(check / "fields.csv"):
        found[f"records.{row['kind']}.{row['field']}"] += row["is_known"] == "True"
    for row in listed(check / "subjects.csv"):
        found[f"records.{row['kind']}"] += 1
        for name in ("cameras", "places"):
            if row["code"] and row["kind"] == {"cameras": "camera", "places": "zone"}[name]:
                found[f"district.{row['code']}.{name}"] += 1
        found["cameras.outside"] += row["kind"] == "camera" and row["is_outside"] == "True"
        if row["kind"] == "camera":
            share = row["on_target"]
            least = "unknown" if share == "" else f"{min(int(float(share) * 4), 3) / 4:g}"
            found[f"cameras.on_target.{least}"] += 1
    for row in listed(check / "values.csv"):
        if row["outcome"] not in ("", "not_applicable") and (
            row["as_asked"] == "True" or row["outcome"] != "pass"
        ):
            key = f"{row['pack']}.{row['rule']}.{row['kind']}.{row['field']}.{row['value']}"
            found[f"values.{key}"] += 1
    covered = {row["part_id"] for row in listed(check / "part_status.csv")
               if row["status"] == "covered"}  # fmt: skip
    fall: dict[str, set[str]] = defaultdict(set)
    for row in listed(check / "fall.csv"):
        fall[row["facility"]].add(row["part_id"])
    found |= {f"facility.{one}.covered": len(covered - own) for one, own in fall.items()}
    where = {row["sample_id"]: row["building_id"] for row in listed(check / "pieces.csv")}
    for row in listed(check / "report" / "private.csv"):
        key = f"private.{row['camera_id']}.{where[row['sample_id']]}"
        for name, column in (("sure", "px_m_sure"), ("possible", "px_m_possible"),
                             ("masked", "masked_px_m_possible")):  # fmt: skip
            found[f"{key}.{name}_m2"] += float(row["area_m2"]) * (float(row[column]) > 0.0)
    found.update(f"documents.{row['kind']}" for row in listed(check / "documents.csv"))
    for row in listed(check / "ways.csv"):
        found[f"camera.{row['camera_id']}.ways.{row['met']}"] += 1
    return dict(found)


def allowed(check: Path) -> float:
    """Return the private facade that a camera may see [m2]."""
    return float(listed(check / "allowed.csv")[0]["area_m2"])


def districts(check: Path, status: Table) -> dict[str, float | None]:
    """Count by district its parts and how they stand."""
    found: Counter[str] = Counter()
    for row in listed(check / "districts.csv"):
        how = status.get(row["part_id"], {}).get("status", "not_judged")
        name = f"parts_{how}" if how in ("assumed", "possible") else how
        found.update((f"district.{row['district']}.parts", f"district.{row['district']}.{name}"))
    names = ("parts", "covered", "parts_assumed", "parts_possible", "gap", "not_judged")
    known = {key.rpartition(".")[0] for key in found}
    return {f"{key}.{name}": found[f"{key}.{name}"] for key in known for name in names}


def confirmed(check: Path, parts: Table) -> dict[str, float | None]:
    """Count the gates that somebody confirmed and of which something is asked, by who and why."""
    asked = {row["entrance_id"] for row in parts.values()}
    days = {row["source"]: row["imported_on"] for row in listed(check / "provenance.csv")
            if row["layer"] == "entrances"}  # fmt: skip
    found: Counter[str] = Counter()
    for label, row in rows_in(check / "entrances.csv", "entrance_id").items():
        if row["confirmed"] == "True" and label in asked:
            day = row["confirmed_on"] or days.get(row["source"], "")
            who = (row["confirmed_by"], day, row["basis"] or row["source"])
            found["gates.confirmed." + "/".join(who)] += 1
    for row in listed(check / "answers.csv"):
        if row["answer"] == "confirmed":
            who = (row["answered_by"], row["answered_on"], row["reason"])
            found["gates.confirmed." + "/".join(who)] += 1
    return dict(found)


def judged(check: Path) -> dict[str, float | None]:
    """Count verdicts by rule and outcome and what waits for an answer, and facts by severity."""
    found: Counter[str] = Counter()
    for row in listed(check / "verdicts.csv"):
        key, outcome = f"rule.{row['pack']}.{row['rule']}", row["outcome"]
        found[f"{key}.{outcome}"] += 1
        is_asked = row["severity"] == "judgement" and outcome in ("fail", "undetermined")
        if is_asked or outcome == "undetermined":
            key = f"{key}.{'judgement' if is_asked else 'data'}"
            found.update((key, *(f"{key}.{crc32(row[name].encode())}" for name in REASONS)))
    for row in listed(check / "facts.csv"):
        if row["outcome"] == "fail":
            rules = ", ".join(dict.fromkeys(one[2] for one in ast.literal_eval(row["bases"])))
            key = f"facts.alike.{row['subject_kind']}/{rules}/{row['severity']}/{row['department']}"
            said = {row[name] for name in (*REASONS, *CODED)}
            found.update((key, *(f"{key}.{crc32(one.encode())}" for one in said)))
        outcome, severity = row["outcome"], row["severity"]
        found[f"facts.{outcome}.{severity}"] += 1
        found["facts.open"] += outcome == "undetermined" or (outcome, severity) == (
            "fail",
            "judgement",
        )
    return found


def indices(folder: Path, allowed_m2: float) -> dict[str, float | None]:
    """Measure the indices by their formulas, from the tables that a report leaves."""
    parts = rows_in(folder / "parts.csv", "part_id")
    cameras = rows_in(folder / "cameras.csv", "camera_id")
    samples, seen = rows_in(folder / "needs.csv", "sample_id"), listed(folder / "px.csv")
    whole: Counter[str] = Counter()
    for row in samples.values():
        whole[row["part_id"]] += float(row["weight"])
    found: dict[str, float | None] = {"indices.parts": len(parts), "indices.judged": len(whole)}

    def met(reading: str, chosen: set[str], *, fine: bool = True) -> dict[str, float]:
        looks: Counter[str] = Counter()
        for row in seen:
            px = float(row[f"px_m_{reading}"])
            need = float(samples[row["sample_id"]][NEED]) if fine else 0.0
            looks[row["sample_id"]] += row["camera_id"] in chosen and px > 0.0 and px >= need
        reached: Counter[str] = Counter()
        for label, count in looks.items():
            part = samples[label]["part_id"]
            least = int(parts[part]["k"]) if fine else 1
            reached[part] += float(samples[label]["weight"]) * (count >= least)
        return {part: reached[part] / whole[part] if whole[part] else 0.0 for part in whole}

    everybody = set(cameras)
    for reading in ("sure", "assumed", "possible"):
        own = met(reading, everybody)
        enough = sum(own[part] >= float(parts[part]["fraction"]) - NEAR for part in own)
        found[f"indices.compliance_{reading}"] = enough / len(parts) if parts else None
        any_ = sum(met(reading, everybody, fine=False).values())
        found[f"indices.conformance_{reading}"] = sum(own.values()) / any_ if any_ else None
    total = sum(met("sure", everybody).values())
    for name, column in (("reuse", "stands"), ("shared_ready", "shared")):
        some = {label for label, row in cameras.items() if row[column] == "yes"}
        found[f"indices.{name}"] = sum(met("sure", some).values()) / total if total else None
    inside = {label for label, row in cameras.items() if row["inside_private"] == "yes"}
    areas: dict[str, Counter[str]] = {"sure": Counter(), "possible": Counter()}
    pieces: dict[str, dict[str, float]] = {"before": {}, "after": {}}
    for row in listed(folder / "private.csv"):
        area = float(row["area_m2"])
        for reading, sums in areas.items():
            sums[row["camera_id"]] += area * (float(row[f"masked_px_m_{reading}"]) > 0.0)
        for when, column in (("before", "px_m_possible"), ("after", "masked_px_m_possible")):
            if float(row[column]) > 0.0:
                pieces[when][row["sample_id"]] = area
    sees, could = ({label for label, area in areas[name].items() if area > allowed_m2} - inside
                   for name in ("sure", "possible"))  # fmt: skip
    return found | {
        "indices.privacy_violations": len(inside),
        "indices.privacy_warnings": len(sees),
        "indices.privacy_open": len(could - sees),
        **{f"indices.exposed_{when}_m2": sum(own.values()) for when, own in pieces.items()},
    }


def value_of(counted: Mapping[str, float | None], key: str) -> float | None:
    """Return the number of a key, or the sum of several; what no row counts is nought."""
    if "+" in key:
        return sum(value_of(counted, one) or 0 for one in key.split("+"))
    return counted.get(key, 0 if key.startswith(NOUGHT) or ".credited." in key else None)


def doubles(check: Path) -> dict[str, float | None]:
    """Count what others do already, planned and standing apart, for sure and only if assumed."""
    found: Counter[str] = Counter()
    for kind in ("duplicate", "twin", "near"):
        for way in ("sure", "only_if_assumed"):
            found[f"doubles.{kind}.{way}"] = 0
            for name in ("planned", "existing"):
                found[f"doubles.{kind}.{name}.{way}"] = 0
    for row in listed(check / "duplicates.csv"):
        status = (json.loads(row["evidence"]) or {}).get("camera_status")
        name = "planned" if status in ("planned", "approved") else "existing"
        way = "sure" if "sure" in row["readings"] else "only_if_assumed"
        found.update((f"doubles.{row['kind']}.{way}", f"doubles.{row['kind']}.{name}.{way}"))
    return dict(found)


def hanging(check: Path, cameras: Table, heads: list[Row], parts: Table) -> dict[str, float | None]:
    """Count what the record of a camera or the height of a building would settle."""
    known = directions(cameras, heads)
    gaps = [row for row in listed(check / "gaps.csv") if row["outcome"] == "undetermined"]
    of_camera, of_building = defaultdict(set), defaultdict(set)
    assumed = {row["building_id"] for row in listed(check / "buildings.csv")
               if row["height_assumed"] == "True"}  # fmt: skip
    findings: Counter[str] = Counter()
    for row in gaps:
        evidence = json.loads(row["evidence"]) or {}
        for label in set(map(str, evidence.get("cameras") or ())):
            if known.get(label) in ("assumed", "unknown"):
                of_camera[label].add(row["subject"])
                findings[label] += 1
        if "building_height" in (json.loads(row["assumptions"]) or ()):
            for label in evidence.get("blockers") or ():
                layer, _, rest = str(label).partition(" ")
                if layer == "building" and rest.split(" ")[0] in assumed:
                    of_building[rest.split(" ")[0]].add(row["subject"])
    for row in listed(check / "duplicates.csv"):
        evidence = json.loads(row["evidence"]) or {}
        others = [one for key in ("relies_on", "twin") for one in several(evidence.get(key))]
        if row["outcome"] == "undetermined":
            findings.update({row["subject"], *others})
        elif row["outcome"] == "fail" and "use_unrecorded" in (
            json.loads(row["assumptions"]) or ()
        ):
            findings.update(
                one for one in dict.fromkeys(others)
                if one in cameras and cameras[one]["usable"] == ""
            )  # fmt: skip
    found: dict[str, float | None] = {
        "data.to_record": len(of_camera),
        "data.to_record.parts": len(set().union(*of_camera.values())),
        "data.to_measure": len(of_building),
        "data.to_measure.parts": len(set().union(*of_building.values())),
    }
    for name in ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px"):
        found[f"data.to_record.{name}"] = sum(cameras[one][name] == "" for one in of_camera)
    for label in cameras:
        places = {parts[one]["zone_id"] for one in of_camera.get(label, ())}
        found |= {
            f"camera.{label}.places": len(places),
            f"camera.{label}.findings": findings[label],
        }
    return found


def several(value: Any) -> list[str]:
    """Return one value or several as a list."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def waiting(check: Path, parts: Table) -> dict[str, float | None]:
    """Count by place the gates that wait for a word, and the cameras of which nothing is said."""
    open_ = [row["zone_id"] for row in parts.values()
             if row["kind"] in GATES and row["confirmed"] != "True"]  # fmt: skip
    beside = Counter(
        place
        for row in listed(check / "withheld.csv")
        if row["reason"] == "presumed_gate"
        for place in ast.literal_eval(row["beside"])
    )
    found: dict[str, float | None] = {
        f"place.{one}.waiting": open_.count(one) for one in set(open_)
    }
    return found | {f"place.{one}.withheld": count for one, count in beside.items()}


def classes_today(
    parts: Table, status: Table, missing: list[Row], zones: Table, out: list[Row], asked: list[Row]
) -> dict[str, float | None]:
    """Count by class of each law its places, and its parts by state; what was not found too."""
    found: Counter[str] = Counter()
    for row in zones.values():
        found.update(f"class.{pack}.{item}.places" for pack, item in classes_of(row))
    found.update(f"class.{row['pack']}.{row['item']}.places" for row in out)
    rows = [
        (classes_of(row), STATE[status[label]["status"]] if label in status else "not_judged")
        for label, row in parts.items()
    ]
    rows += [
        (classes_of(zones[row["zone_id"]]), "not_judged")
        for row in missing
        if row["part_id"] not in parts and row["zone_id"] in zones
    ]
    for own, state in rows:
        for pack, item in own:
            found.update((f"class.{pack}.{item}.parts", f"class.{pack}.{item}.{state}"))
    known = {key.rpartition(".")[0] for key in found}
    known |= {f"class.{row['pack']}.{row['item']}" for row in asked}
    for row in zones.values():
        known_as = [row["standing"], *(["settled"] if row["standing"] != "candidate" else [])]
        found.update(f"class.{pack}.{item}.{one}" for pack, item in classes_of(row)
                     for one in known_as)  # fmt: skip
    for label, row in parts.items():
        how = status[label]["status"] if label in status else ""
        if how in ("assumed", "possible"):
            found.update(f"class.{pack}.{item}.parts_{how}" for pack, item in classes_of(row))
    names = ("places", "settled", "candidate", "confirmed", "designated", "parts", *WORST_STATE,
             "parts_assumed", "parts_possible")  # fmt: skip
    return {f"{key}.{name}": found[f"{key}.{name}"] for key in known for name in names}


def classes_of(row: Row) -> set[tuple[str, str]]:
    """Return the laws and classes of a place or part."""
    several = ast.literal_eval(row.get("classes") or "()")
    return {(one[0], one[1]) for one in several or [(row["pack"], row["item"])]}


def listed(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_used(row: Row) -> bool:
    """Tell whether a camera counts."""
    placed = row["placed"] in ("kept", "moved")
    return row["status"] != "removed" and row["usable"] != "False" and placed


def why_unjudged(row: Row, seeing: set[str], label: str) -> str:
    """Return why a camera was not judged; empty if it was."""
    if is_used(row):
        return "" if label in seeing else "no_view"
    if row["status"] == "removed":
        return "removed"
    return "out_of_use" if row["placed"] in ("kept", "moved") else str(row["reason"])


def records(cameras: Table, heads: list[Row]) -> dict[str, float | None]:
    """Count how the direction of cameras is known, what their records lack, and who was moved."""
    known = directions(cameras, heads)
    shift: dict[str, float] = defaultdict(float)
    for row in heads:
        shift[row["camera_id"]] = max(shift[row["camera_id"]], float(row["shift_m"] or 0.0))
    open_ = [cameras[label] for label, name in known.items() if name in ("assumed", "unknown")]
    return {
        **{
            f"data.direction_{name}": list(known.values()).count(name)
            for name in ("sure", "assumed", "unknown")
        },
        "data.unused": list(known.values()).count("unused"),
        **{
            f"data.missing.{name}": sum(row[name] == "" for row in open_)
            for name in ("height_m", "azimuth_deg", "tilt_deg", "hfov_deg", "width_px")
        },
        "data.moved": sum(metres > 0.0 for metres in shift.values()),
        "data.moved_most_m": max(shift.values(), default=0.0),
    }


def directions(cameras: Table, heads: list[Row]) -> dict[str, str]:
    """Return how the direction of each camera is known."""
    sure = {row["camera_id"] for row in heads if row["reading"] == "sure"}
    aimed = {
        row["camera_id"]
        for row in heads
        if row["reading"] == "assumed" and float(row["hfov_deg"]) < 300.0
    }
    used = {row["camera_id"] for row in heads}
    return {
        label: "sure"
        if label in sure
        else "assumed"
        if label in aimed
        else "unknown"
        if label in used
        else "unused"
        for label in cameras
    }


def rests_on(check: Path, parts: Table, status: Table, zones: Table) -> dict[str, float | None]:
    """Count heights that are assumed, places that only a map names, and parts that are inferred."""
    assumed = [row["height_assumed"] == "True" for row in listed(check / "buildings.csv")]
    open_ = sum(row["standing"] == "candidate" for row in zones.values())
    judged = {label: row for label, row in status.items() if label in parts}
    return {
        "data.buildings": len(assumed),
        "data.heights_assumed": sum(assumed),
        "data.heights_assumed.share": sum(assumed) / len(assumed) if assumed else None,
        "data.places": len(zones),
        "data.settled": len(zones) - open_,
        "data.candidates": open_ + len(left_out(check / "left_out.csv", zones)),
        "data.inferred": sum(
            row["inferred"] == "True" and row["confirmed"] != "True" for row in parts.values()
        ),
        "data.unbuilt": sum(
            row["status"] == "covered" and row["built"] != "True" for row in judged.values()
        ),
        **{
            f"data.parts_{name}": sum(row["status"] == name for row in judged.values())
            for name in ("assumed", "possible")
        },
    }


def classes(parts: Table, before: Table, after: Table) -> dict[str, float | None]:
    """Count by class of each law the parts that it asks for, and those that are compliant."""
    found: Counter[str] = Counter()
    for label, row in parts.items():
        if label not in after and label not in before:
            continue
        for pack, item in classes_of(row):
            key = f"class.{pack}.{item}"
            found[f"{key}.count"] += 1
            for when, table in (("before", before), ("after", after)):
                met = table.get(label, {}).get("compliance") in ("met", "presumed")
                found[f"{key}.{when}"] += met
    return dict(found)


def items_of(bill: Table) -> list[float]:
    """Return what each item of work comes to: rows of one item and price are one line."""
    lines: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in bill.values():
        key = (row["item"], row["unit"], row["unit_yuan"], row["source"], row["dated_on"])
        lines[key] += row["cost_yuan"]
    return list(lines.values())


def yearly(plan: Mapping[str, Table], terms: Table) -> int | None:
    """Return what the cameras cost a year that a bill names, each row rounded; None without one."""
    counted = {row["camera_id"] for row in plan["bill"].values()}
    paying: Counter[str] = Counter()
    for label, row in plan["measures"].items():
        if label in counted:
            own = ((f"{name}.{row['measure']}", name) for name in YEARLY)
            paying.update(next((one for one in pair if one in terms), "") for pair in own)
    del paying[""]
    if not paying:
        return None
    return sum(
        whole(Fraction(str(terms[item]["price_yuan"])) * times(terms[item]["unit"]) * n)
        for item, n in paying.items()
    )


def times(unit: str) -> Fraction:
    """Return how often a yearly row is paid in a year."""
    if unit in TIMES:
        return Fraction(TIMES[unit])
    return Fraction(1, int(unit.removeprefix("camera-").removesuffix("-years")))


def whole(value: Fraction) -> int:
    """Return whole yuan, a half up."""
    return math.floor(value + Fraction(1, 2))


if __name__ == "__main__":
    print(json.dumps(recount(Path(sys.argv[1])), indent=1, sort_keys=True))  # noqa: T201
