"""Page one of the compliance report, which a mayor can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_
from civicsight.coverage.result import NOT_JUDGED, no_inventory
from civicsight.coverage.standing import status_of_parts
from civicsight.model import READINGS
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.judging.confirmations import confirmed_gates
from civicsight.planning.judging.facts import count_open
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.statement.figures import doubles_asked, figures_of_check
from civicsight.presentation.drawing import draw_bar
from civicsight.presentation.lexicon import (
    EFFECTS,
    INDEX_LABELS,
    SEVERITY_LABELS,
    STATE_LABELS,
    STATUSES,
    number,
    numbered,
    share,
)
from civicsight.presentation.names import Names
from civicsight.presentation.numbers import count_statuses
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.brief import list_steps
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.public import LEAST, SHOWN_OUTCOMES, published, shown
from civicsight.report.judged import (
    WAYS,
    beside_headline,
    say_judged,
    tell_double,
    without_inventory,
    worst_places,
)
from civicsight.report.listing import list_classes
from civicsight.rules.departures import name_override
from civicsight.rules.vocabulary import say_value

GRADED: Final = ("fail", "undetermined")
"""Outcomes that may be of any severity."""

PLAIN: Final = "info"
"""Severity of every other outcome."""

MOST_STEPS: Final = 4
"""So many steps stand on page one."""

COUNTS: Final = ("covered", "assumed", "possible", "gap", "unknown")


def front_page(account: Account, names: Names) -> dict[str, Any]:
    """Return everything that page one says."""
    matrix = outcome_matrix(account, names)
    failed = dict(zip(SEVERITY_LABELS, matrix["rows"][0]["cells"], strict=True))
    table = confirmed_gates(account.result)
    count = published if account.public else number
    return {
        "plan": _plan(account, names),
        "packs": describe_packs(account, names),
        "matrix": matrix,
        "classes": class_rows(account, names),
        "statuses": [names.say(STATUS_LABELS[name]) for name in COUNTS],
        "judged": _judged(account, names),
        "steps": [] if account.public else _steps(account, names),
        "districts": district_rows(account, names),
        "doubles": _doubles(account, names),
        "indices": index_rows(account, names),
        "privacy": _privacy(account, names),
        "weakened": _weakened(account, names),
        "confirmed": [
            {"by": row["by"], "on": row["on"], "basis": row["basis"], "count": count(row["count"])}
            for row in table.to_dict("records")
        ],
        "waivers": _waivers(account, names),
        "violations": failed["violation"],
        "warnings": failed["warning"],
        "questions": "" if account.public else number(count_open(account.compliance.facts)),
    }


def legal_notes(account: Account, names: Names) -> dict[str, Any]:
    """Return where the laws differ, what is noted of classes, and waivers."""
    rules, comma = account.result.rules, names.say(N_(", "))
    return {
        "conflicts": [
            {
                "id": entry.id,
                "here": comma.join(map(numbered, entry.here)),
                "there": comma.join(map(numbered, entry.there)),
                "law": names.pick(rules.pack(entry.other_pack).instrument.name),
                "effect": names.say(EFFECTS[entry.effect]),
                "note": names.pick(entry.note),
            }
            for entry in rules.conflicts
        ],
        "notes": [] if account.public else _notes(account, names),
        "waivers": _waivers(account, names),
    }


def _judged(account: Account, names: Names) -> dict[str, Any]:
    """Return how everything stands, and what was not judged."""
    found = say_judged(account.result, published if account.public else number)
    beside = without_inventory if account.public else beside_headline
    sentences = () if account.public else found.sentences
    return {
        "heads": [names.say(head) for head in found.heads],
        "rows": [(names.say(label), figures) for label, figures in found.rows],
        "sentences": [names.say(text) for text in sentences],
        "worst": []
        if account.public
        else [names.say(text) for text in worst_places(account.result, names)],
        "first": [names.say(text) for text in beside(account.result)],
    }


def _steps(account: Account, names: Names) -> list[str]:
    """Return what to do first."""
    result = account.result
    steps = list_steps(result, names, figures_of_check(result))
    return [names.say(text) for text in steps[:MOST_STEPS]]


def _plan(account: Account, names: Names) -> dict[str, str]:
    plan = account.dossier.plan
    city = account.result.city
    count = published if account.public else number
    found = figures_of_check(account.result)
    dates = sorted({e.surveyed_on or e.imported_on for e in city.provenance} - {""})
    return {
        "name": names.subject("plan", plan.label) if plan.label else "",
        "date": str(plan.value("plan_date") or ""),
        "approved_on": str(plan.value("approved_on") or ""),
        "inventory": str(plan.value("inventory_date") or ""),
        "lead": str(plan.value("lead") or ""),
        "data_dates": " – ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "",
        **{
            name: found[key].written(lambda value: count(int(value)))
            for name, key in (
                ("cameras", "cameras.count"),
                ("places", "places.count.before"),
                ("parts", "parts.count.before"),
            )
        },
    }


def describe_packs(account: Account, names: Names) -> list[dict[str, str]]:
    """Return each law with its rule pack, and what is known of whether it is in force."""
    return [
        {
            "law": names.pick(pack.instrument.name),
            "version": f"{pack.id} {pack.version}",
            "sha256": pack.sha256,
            "status": names.say(STATUSES[pack.instrument.status]),
            "checked": pack.instrument.status_checked,
            "articles": pack.instrument.articles_available,
            "open": "yes" if pack.instrument.status != "in_force" else "",
        }
        for pack in account.result.rules.packs
    ]


def outcome_matrix(account: Account, names: Names) -> dict[str, Any]:
    """Return how many facts there are by outcome and severity, each once for all its bases."""
    facts = account.compliance.facts
    counted = facts.groupby(["outcome", "severity"]).size().to_dict()
    rows = []
    for name in SHOWN_OUTCOMES:
        # What is met has one severity; its other cells are empty by definition and tell nothing.
        kinds = list(SEVERITY_LABELS) if name in GRADED else [PLAIN]
        (cells,) = shown(account, [[int(counted.get((name, kind), 0)) for kind in kinds]])
        told = dict(zip(kinds, cells, strict=True))
        cells = [told.get(kind, "") for kind in SEVERITY_LABELS]
        rows.append({"label": names.say(OUTCOMES[name]), "cells": cells})
    return {"heads": [names.say(label) for label in SEVERITY_LABELS.values()], "rows": rows}


def class_rows(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return how the parts of each class of places stand.

    The public sees the classes of the laws that demand by themselves: from those of a law beside
    them, which count the same places once more, small counts could be told.
    """
    rows = list_classes(account.result, names)
    if account.public:
        rows = [row for row in rows if row["pack"] in account.result.rules.demanding]
    cells = shown(account, [[row[name] for name in ("total", *COUNTS)] for row in rows])
    return [
        {
            "label": row["label"],
            "cells": own,
            "bar": "" if account.public else draw_bar(row["statuses"], row["label"]),
        }
        for row, own in zip(rows, cells, strict=True)
    ]


def _notes(account: Account, names: Names) -> list[dict[str, str]]:
    """Return why a class has no place, and what a place from a map does not say of it."""
    rows = list_classes(account.result, names)
    return [{"label": row["label"], "note": row["note"]} for row in rows if row["note"]]


def district_rows(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return how the parts of each district stand; each part counts once, in the sum too."""
    result = account.result
    districts = find_districts(result.city)
    if districts.empty or result.parts.empty:
        return []
    where = pd.Series(name_districts(result.parts.geometry, districts), result.parts.index)
    where = where.where(where.ne(""), names.say(N_("in none of them")))
    status = status_of_parts(result)
    known = sorted(set(where))
    counts = [count_statuses(status[where.eq(name)]) for name in known]
    cells = shown(account, [[c.total, *(getattr(c, k) for k in COUNTS)] for c in counts])
    return [{"label": name, "cells": own} for name, own in zip(known, cells, strict=True)]


def _doubles(account: Account, names: Names) -> list[dict[str, str]]:
    labels = {
        ("duplicate", "planned"): N_("planned cameras that add next to nothing"),
        ("duplicate", "existing"): N_("existing cameras that others stand in for"),
        ("twin", "planned"): N_("planned cameras close to another that looks the same way"),
        ("twin", "existing"): N_("existing cameras close to another that looks the same way"),
        ("near", "planned"): N_("planned cameras close to another, direction unknown"),
        ("near", "existing"): N_("existing cameras close to another, direction unknown"),
    }
    asked, found = doubles_asked(account.result.rules), figures_of_check(account.result)
    count = published if account.public else number  # no sum of them is told
    return [
        {"label": names.say(label)}
        | {
            way: tell_double(found, f"doubles.{kind}.{standing}.{way}", names.say, count)
            for way in WAYS
        }
        for (kind, standing), label in labels.items()
        if kind in asked
    ]


def index_rows(account: Account, names: Names) -> list[dict[str, str]]:
    """Return the shares among the indices, at the packs' own values beside where they differ."""
    now = account.indices.to_dict()
    before = account.at_defaults.to_dict() if account.at_defaults else {}
    return [
        {
            "label": names.say(label),
            "text": names.say(text),
            "value": _share(account, name, now),
            "before": _share(account, name, before) if before else "",
        }
        for name, (label, text) in INDEX_LABELS.items()
    ]


def _share(account: Account, name: str, values: dict[str, Any]) -> str:
    value = values[name]
    if value is None or no_inventory(account.result):
        return "–"
    if not account.public:
        return share(value)
    few = name.startswith("compliance") and value * values["parts"] < LEAST
    return published(0) if few else share(round(value, 2))


def _privacy(account: Account, names: Names) -> dict[str, str]:
    """Return who stands in private places, who sees of them, and of whom nobody can say.

    Where no camera is on record with its direction, nobody looked at what any of them sees.
    """
    found, before = account.indices, account.at_defaults or account.indices
    count, digits = _counting(account), -2 if account.public else 0
    area = _unlooked if no_inventory(account.result) else number
    looked = bool(account.result.heads["reading"].eq(READINGS[0]).any())
    see = (
        count
        if looked or no_inventory(account.result)
        else lambda _: names.say(STATE_LABELS[NOT_JUDGED])
    )
    return {
        "violations": count(found.privacy_violations),
        "violations_before": count(before.privacy_violations),
        "warnings": see(found.privacy_warnings),
        "warnings_before": see(before.privacy_warnings),
        "open": count(found.privacy_open),
        "before": area(round(found.exposed_before_m2, digits)),
        "after": area(round(found.exposed_after_m2, digits)),
    }


def _counting(account: Account) -> Callable[[int], str]:
    """Return what writes a count of cameras: nothing is 0 of which nobody has seen a list."""
    if no_inventory(account.result):
        return _unlooked
    return published if account.public else number


def _unlooked(_: float) -> str:
    return "–"


def _weakened(account: Account, names: Names) -> dict[str, Any]:
    found = account.weakening
    if found is None:
        return {"rows": [], "passing": "0", "dropped": "0"}
    count = published if account.public else number
    return {
        "rows": [
            {
                "name": names.say(name_override(entry)),
                "pack": entry.pack,
                "by": entry.by,
                "before": names.say(say_value(entry.before, entry.unit)),
                "after": names.say(say_value(entry.after, entry.unit)),
                "parts": count(len(parts)),
            }
            for entry, parts in found.by_override
        ],
        "passing": count(len(found.passing)),
        "dropped": count(len(found.dropped)),
    }


def _waivers(account: Account, names: Names) -> list[dict[str, str]]:
    facts = account.compliance.facts
    return [
        {
            **names.row(row),
            "by": row["answered_by"],
            "on": str(row["answered_on"]),
            "reason": row["answer_reason"] or "–",
        }
        for row in facts[facts["outcome"].eq("waived")].to_dict("records")
    ]
