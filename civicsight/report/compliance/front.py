"""Page one of the compliance report, which a mayor can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from civicsight.core.errors import N_
from civicsight.core.figure import Figure, keyed
from civicsight.coverage.result import NOT_JUDGED, no_inventory
from civicsight.model import READINGS
from civicsight.planning.judging.confirmations import confirmed_gates
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.statement.figures import (
    Figures,
    doubles_asked,
    figures_by_district,
    figures_of_check,
)
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
from civicsight.presentation.numbers import OF_BAR
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.brief import list_steps
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.public import LEAST, SHOWN_OUTCOMES, published, shown
from civicsight.report.listing import list_classes
from civicsight.report.partition import (
    WAYS,
    beside_headline,
    describe_double,
    describe_judged,
    without_inventory,
    worst_places,
)
from civicsight.rules.departures import name_override
from civicsight.rules.vocabulary import describe_value

GRADED: Final = ("fail", "undetermined")
"""Outcomes that may be of any severity."""

PLAIN: Final = "info"
"""Severity of every other outcome."""

MOST_STEPS: Final = 4
"""So many steps stand on page one."""

COUNTS: Final = ("covered", "assumed", "possible", "gap", "unknown")


def front_page(account: Account, names: Names) -> dict[str, Any]:
    """Return everything that page one says."""
    found = account.figures
    matrix = outcome_matrix(account, names, found)
    failed = dict(zip(SEVERITY_LABELS, matrix["rows"][0]["cells"], strict=True))
    table = confirmed_gates(account.result)
    count = published if account.public else number
    return {
        "plan": _plan(account, names, found),
        "packs": describe_packs(account, names),
        "matrix": matrix,
        "classes": class_rows(account, names, found),
        "statuses": [names.translate(STATUS_LABELS[name]) for name in COUNTS],
        "judged": _judged(account, names),
        "steps": [] if account.public else _steps(account, names, found),
        "districts": district_rows(account, names),
        "doubles": _doubles(account, names, found),
        "covered": _share(account, found["share.covered.before"], found),
        "indices": index_rows(account, names, found),
        "privacy": _privacy(account, names, found),
        "weakened": _weakened(account, names),
        "confirmed": [
            {
                **{name: row[name] for name in ("by", "on", "basis")},
                "count": keyed(
                    f"gates.confirmed.{row['by']}/{row['on']}/{row['basis']}", count(row["count"])
                ),
            }
            for row in table.to_dict("records")
        ],
        "waivers": _waivers(account, names),
        "violations": failed["violation"],
        "warnings": failed["warning"],
        "questions": "" if account.public else f"{found['facts.open']}",
    }


def legal_notes(account: Account, names: Names) -> dict[str, Any]:
    """Return where the laws differ, what is noted of classes, and waivers."""
    rules, comma = account.result.rules, names.translate(N_(", "))
    return {
        "conflicts": [
            {
                "id": entry.id,
                "here": comma.join(map(numbered, entry.here)),
                "there": comma.join(map(numbered, entry.there)),
                "law": names.pick(rules.pack(entry.other_pack).instrument.name),
                "effect": names.translate(EFFECTS[entry.effect]),
                "note": names.pick(entry.note),
            }
            for entry in rules.conflicts
        ],
        "notes": [] if account.public else _notes(account, names),
        "waivers": _waivers(account, names),
    }


def _judged(account: Account, names: Names) -> dict[str, Any]:
    """Return how everything stands, and what was not judged."""
    found = describe_judged(account.result, published if account.public else number)
    beside = without_inventory if account.public else beside_headline
    sentences = () if account.public else found.sentences
    return {
        "headings": [names.translate(heading) for heading in found.headings],
        "rows": [(names.translate(label), figures) for label, figures in found.rows],
        "sentences": [names.translate(text) for text in sentences],
        "worst": []
        if account.public
        else [names.translate(text) for text in worst_places(account.result, names)],
        "first": [names.translate(text) for text in beside(account.result)],
    }


def _steps(account: Account, names: Names, found: Figures) -> list[str]:
    """Return what to do first."""
    steps = list_steps(account.result, names, found)
    return [names.translate(text) for text in steps[:MOST_STEPS]]


def _plan(account: Account, names: Names, found: Figures) -> dict[str, str]:
    plan = account.dossier.plan
    city = account.result.city
    count = published if account.public else number
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
            "status": names.translate(STATUSES[pack.instrument.status]),
            "checked": pack.instrument.status_checked,
            "articles": pack.instrument.articles_available,
            "open": "yes" if pack.instrument.status != "in_force" else "",
        }
        for pack in account.result.rules.packs
    ]


def outcome_matrix(account: Account, names: Names, found: Figures) -> dict[str, Any]:
    """Return how many facts there are by outcome and severity, each once for all its bases."""
    rows = []
    for name in SHOWN_OUTCOMES:
        # What is met has one severity; its other cells are empty by definition and tell nothing.
        kinds = list(SEVERITY_LABELS) if name in GRADED else [PLAIN]
        (cells,) = shown(account, [[found[f"facts.{name}.{kind}"] for kind in kinds]])
        told = dict(zip(kinds, cells, strict=True))
        cells = [told.get(kind, "") for kind in SEVERITY_LABELS]
        rows.append({"label": names.translate(OUTCOMES[name]), "cells": cells})
    return {
        "headings": [names.translate(label) for label in SEVERITY_LABELS.values()],
        "rows": rows,
    }


def class_rows(account: Account, names: Names, found: Figures) -> list[dict[str, Any]]:
    """Return how the parts of each class of places stand.

    The public sees the classes of the laws that demand by themselves: from those of a law beside
    them, which count the same places once more, small counts could be told.
    """
    rows = list_classes(account.result, names, found)
    if account.public:
        rows = [row for row in rows if row["pack"] in account.result.rules.demanding]
    cells = shown(account, [[row[name] for name in ("parts", *OF_BAR)] for row in rows])
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
    rows = list_classes(account.result, names, figures_of_check(account.result))
    return [{"label": row["label"], "note": row["note"]} for row in rows if row["note"]]


def district_rows(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return how the parts of each district stand; each part counts once, in the sum too."""
    found = figures_by_district(account.result)
    cells = shown(account, [[own[name] for name in ("parts", *OF_BAR)] for own in found.values()])
    return [
        {"label": name or names.translate(N_("in none of them")), "cells": own}
        for name, own in zip(found, cells, strict=True)
    ]


def _doubles(account: Account, names: Names, found: Figures) -> list[dict[str, str]]:
    labels = {
        ("duplicate", "planned"): N_("planned cameras that add next to nothing"),
        ("duplicate", "existing"): N_("existing cameras that others stand in for"),
        ("twin", "planned"): N_("planned cameras close to another that looks the same way"),
        ("twin", "existing"): N_("existing cameras close to another that looks the same way"),
        ("near", "planned"): N_("planned cameras close to another, direction unknown"),
        ("near", "existing"): N_("existing cameras close to another, direction unknown"),
    }
    asked = doubles_asked(account.result.rules)
    count = published if account.public else number  # no sum of them is told
    return [
        {"label": names.translate(label)}
        | {
            way: describe_double(found, f"doubles.{kind}.{standing}.{way}", names.translate, count)
            for way in WAYS
        }
        for (kind, standing), label in labels.items()
        if kind in asked
    ]


def index_rows(account: Account, names: Names, found: Figures) -> list[dict[str, str]]:
    """Return the shares among the indices, at the packs' own values beside where they differ."""
    before = account.at_defaults.to_dict() if account.at_defaults else {}
    return [
        {
            "label": names.translate(label),
            "text": names.translate(text),
            "value": _share(account, found[f"indices.{name}"], found),
            "before": _share(
                account,
                replace(found[f"indices.{name}"], key=f"defaults.{name}", value=before[name]),
                found,
            )
            if before
            else "",
        }
        for name, (label, text) in INDEX_LABELS.items()
    ]


def _share(account: Account, figure: Figure, found: Figures) -> str:
    if figure.value is None or no_inventory(account.result):
        return "–"
    if not account.public:
        return f"{figure}"
    of_parts = figure.key.startswith(("share.", "indices.compliance", "defaults.compliance"))
    few = of_parts and figure.value * found.of("parts.count.before") < LEAST
    return published(0) if few else figure.written(lambda value: share(round(value, 2)))


def _privacy(account: Account, names: Names, figures: Figures) -> dict[str, str]:
    """Return who stands in private places, who sees of them, and of whom nobody can say.

    Where no camera is on record with its direction, nobody looked at what any of them sees.
    """
    before = account.at_defaults or account.indices
    count, digits = _counting(account), -2 if account.public else 0
    area = _unlooked if no_inventory(account.result) else number
    looked = bool(account.result.heads["reading"].eq(READINGS[0]).any())
    see = (
        count
        if looked or no_inventory(account.result)
        else lambda _: names.translate(STATE_LABELS[NOT_JUDGED])
    )

    def told(name: str, write: Callable[[int], str]) -> str:
        return figures[f"indices.{name}"].written(lambda value: write(int(value)))

    def square(name: str) -> str:
        return figures[f"indices.{name}"].written(lambda value: area(round(value, digits)))

    return {
        "violations": told("privacy_violations", count),
        "violations_before": count(before.privacy_violations),
        "warnings": told("privacy_warnings", see),
        "warnings_before": see(before.privacy_warnings),
        "open": told("privacy_open", count),
        "before": square("exposed_before_m2"),
        "after": square("exposed_after_m2"),
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
                "name": names.translate(name_override(entry)),
                "pack": entry.pack,
                "by": entry.by,
                "before": names.translate(describe_value(entry.before, entry.unit)),
                "after": names.translate(describe_value(entry.after, entry.unit)),
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
