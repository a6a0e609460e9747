"""Rows of the page: findings with their filters, classes of places, districts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd

from civicsight.core.errors import N_
from civicsight.core.i18n import pick
from civicsight.planning.area.districts import find_districts, name_districts
from civicsight.planning.statement.figures import OF_CLASS, Figures, classes_in
from civicsight.presentation.evidence import finding_sentence, finding_title
from civicsight.presentation.lexicon import OUTCOMES, VERDICTS, verdict_of, word
from civicsight.presentation.names import Names
from civicsight.presentation.numbers import statuses_in

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult


MAX_ROWS: Final = 1_500
"""Findings on the page; a browser stays quick, and nobody reads more. The tables hold all."""

LAYERS: Final = {
    "gap": "gaps",
    "duplicate": "duplicates",
    "twin": "duplicates",
    "near": "duplicates",
    "overlap": "duplicates",
}


def list_findings(
    findings: gpd.GeoDataFrame, result: CheckResult, names: Names
) -> list[dict[str, str]]:
    """Return the findings as texts, most serious first, else in their own order."""
    districts = name_districts(findings.geometry, find_districts(result.city))
    items = result.parts["item"].to_dict()
    packs = result.parts["pack"].to_dict()
    rank = {name: k for k, name in enumerate(("violation", "warning", "judgement", "info"))}
    rows = []
    for row, district in zip(findings.itertuples(), districts, strict=True):
        item = items.get(row.subject, "")
        place = names.class_of(packs[row.subject], item) if item else ""
        verdict = verdict_of(row.severity, row.outcome)
        law = names.translate(
            N_("Article %(article)s, %(rule)s", article=row.article, rule=row.rule)
        )
        rows.append(
            {
                "id": str(row.Index),
                "layer": LAYERS[row.kind],
                "article": str(row.article),
                "severity": row.severity,
                "verdict": verdict,
                "verdict_text": word(VERDICTS, verdict, names.language),
                "outcome": row.outcome,
                "outcome_text": ""
                if row.outcome == "undetermined"
                else word(OUTCOMES, row.outcome, names.language),
                "district": district,
                "item": item,
                "class_text": place,
                "title": finding_title(row, names),
                "place": names.translate(N_(" · ")).join(
                    text for text in (place, district, law) if text
                ),
                "sentence": finding_sentence(row, names),
                "stands_on": names.grounds(row.assumptions),
            }
        )
    return sorted(rows, key=lambda entry: rank[entry["severity"]])


def find_filters(
    rows: Sequence[dict[str, str]], names: Names, found: Figures
) -> list[dict[str, Any]]:
    """Return the choices that narrow findings down; one that divides nothing is left out."""
    translate = names.translate
    articles = {
        article: translate(N_("Article %(article)s", article=article))
        for article in sorted({row["article"] for row in rows})
    }
    verdicts = {
        name: translate(
            N_(
                "%(name)s (%(count)s)",
                name=word(VERDICTS, name, names.language),
                count=found[f"findings.{name}"],
            )
        )
        for name in VERDICTS
        if found.of(f"findings.{name}")
    }
    items = {row["item"]: row["class_text"] for row in rows if row["item"]}
    classes = {item: items[item] for item in sorted(items, key=_item_order)}
    districts = {row["district"]: row["district"] for row in rows if row["district"]}
    choices = (
        ("article", translate(N_("Article")), articles),
        ("verdict", translate(N_("Verdict")), verdicts),
        ("class", translate(N_("Class")), classes),
        ("district", translate(N_("District")), dict(sorted(districts.items()))),
    )
    return [
        {
            "name": name,
            "label": label,
            "options": [{"value": value, "label": text} for value, text in options.items()],
        }
        for name, label, options in choices
        if len(options) > 1
    ]


def list_classes(result: CheckResult, names: Names, found: Figures) -> list[dict[str, Any]]:
    """Return the classes of all laws as texts and figures."""
    rows = []
    for zone_class in classes_in(result.rules):
        key = f"class.{zone_class.pack}.{zone_class.id}"
        is_empty = not found.of(f"{key}.places")
        note = ""
        if zone_class.mobile:
            note = names.translate(N_("a list of vehicles and vessels, without a place on a map"))
        elif zone_class.designated_only and is_empty:
            note = names.translate(N_("never taken from maps: only a register can name them"))
        elif is_empty:
            note = names.translate(N_("none found in the data: ask the authority for its register"))
        elif zone_class.caveat:
            note = pick(dict(zone_class.caveat), names.language)
        rows.append(
            {
                "pack": zone_class.pack,
                "label": names.class_of(zone_class.pack, zone_class.id),
                "note": note,
                "statuses": statuses_in(found, key),
                **{name: found[f"{key}.{name}"] for name in OF_CLASS},
            }
        )
    return rows


def _item_order(item: str) -> tuple[int, str]:
    """Sort 8.2a before 8.10."""
    tail = item.partition(".")[2]
    digits = "".join(character for character in tail if character.isdigit())
    return int(digits or 0), tail
