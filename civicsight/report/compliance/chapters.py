"""One chapter for each article: what it asks, in words, and what does not meet it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_
from civicsight.planning.compliance import gravest_first
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.presentation.lexicon import number
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.exhibits import Build, exhibits_of
from civicsight.report.compliance.public import HIDDEN, SHOWN_OUTCOMES, rule_counts
from civicsight.report.compliance.speech import (
    ARTICLE_KINDS,
    EFFECTS,
    Speech,
    article_name,
    numbered,
    place_in,
)
from civicsight.rules.pack import Article, Pack, Rule
from civicsight.rules.wording import describe_check, describe_failure, describe_where

GATHERED: Final = 4
"""From so many on, findings that a rule has for one reason are told in one row."""

MOST_NAMED: Final = 12
"""So many of them are named; the table beside the report holds all."""

SAID: Final = ("kind", "rule", "severity", "because", "evidence", "certainty", "department")
"""What findings have in common that are told in one row."""

MOST_ROWS: Final = 50
"""So many subjects that fail are listed in a chapter; the table beside the report holds all."""


def chapters(account: Account, speech: Speech) -> list[dict[str, Any]]:
    """Return the chapters, packs of the nearest law first, articles in the order of the law."""
    counts = rule_counts(account)
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    told = Told({}, {})
    return [
        {
            "title": speech.pick(pack.instrument.name),
            "id": pack.id,
            "articles": [
                _article(account, speech, pack, article, counts, told) for article in pack.articles
            ],
        }
        for pack in packs
    ]


def _article(
    account: Account,
    speech: Speech,
    pack: Pack,
    article: Article,
    counts: dict[tuple[str, str], list[str]],
    told: Told,
) -> dict[str, Any]:
    own = own_rules(pack, article)
    law = speech.pick(pack.instrument.name)
    place = speech.say(place_in(law, article.n))
    failing = [] if account.public else failing_facts(account, pack, article)
    fresh, elsewhere = untold(failing, place, told.found)
    rows = _gathered(speech, fresh)
    return {
        "title": speech.say(article_name(article.n)),
        "n": numbered(article.n),
        "anchor": f"{pack.id}-{article.n}",
        "kind": speech.say(ARTICLE_KINDS[article.kind]),
        "gist": speech.pick(article.gist),
        "no_rule": speech.pick(article.no_rule) if article.no_rule else "",
        "blocks": _blocks(account, speech, own, counts),
        "failing": rows[:MOST_ROWS],
        "more": sum(row["count"] for row in rows[MOST_ROWS:]),
        "elsewhere": [
            speech.say(
                N_(
                    "%(count)s findings are those under %(place)s, for the same reasons.",
                    count=number(count),
                    place=name,
                )
            )
            for name, count in elsewhere.items()
        ],
        "exhibits": exhibits_of(account, speech, own, place, told.drawn),
        "conflicts": [
            {"id": entry.id, "effect": speech.say(EFFECTS[entry.effect])}
            | {"note": speech.pick(entry.note)}
            for entry in pack.conflicts
            if article.n in entry.here
        ],
    }


def failing_facts(account: Account, pack: Pack, article: Article) -> list[dict[str, Any]]:
    """Return the facts that fail an article, gravest first; questions have their own list."""
    facts = account.compliance.facts
    asked = {(pack.id, rule) for rule in article.rules}
    mine = [any((one.pack, one.rule) in asked for one in bases) for bases in facts["bases"]]
    own = facts[pd.Series(mine, facts.index, dtype=bool)]
    failing = own[own["outcome"].eq("fail") & own["severity"].ne("judgement")]
    rows: list[dict[str, Any]] = gravest_first(gpd.GeoDataFrame(failing)).to_dict("records")
    return rows


def untold(
    failing: list[dict[str, Any]], place: str, found: dict[tuple[Any, ...], str]
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Part findings into those that are new, and how many stand under which earlier article."""
    fresh, elsewhere = [], Counter[str]()
    for row in failing:
        because = tuple(str(text) for text in row["because"])
        key = (row["subject_kind"], row["subject"], row["severity"], because)
        if found.setdefault(key, place) == place:
            fresh.append(row)
        else:
            elsewhere[found[key]] += 1
    return fresh, elsewhere


def _gathered(speech: Speech, fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return findings as rows of a table; those of one rule and reason are one row, with names."""
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in map(speech.row, fresh):
        key = tuple(row[name] for name in SAID)
        alike.setdefault(key, []).append(row)
    found: list[dict[str, Any]] = []
    for rows in alike.values():
        if len(rows) < GATHERED:
            found += [row | {"names": "", "count": 1} for row in rows]
            continue
        names = speech.list_names((row["subject"] for row in rows), MOST_NAMED)
        head = speech.several(rows[0]["subject_kind"], len(rows))
        found.append(rows[0] | {"subject": head, "id": "", "names": names, "count": len(rows)})
    return found


def _blocks(
    account: Account, speech: Speech, rules: list[Rule], counts: dict[tuple[str, str], list[str]]
) -> list[dict[str, Any]]:
    """Return the rules, those together that ask the same of different classes."""

    def asked(rule: Rule) -> dict[str, Any]:
        lines = describe_check(rule.check, rule.subjects)
        return {
            "check": [(depth, speech.say(text)) for depth, text in lines],
            "severity": speech.say(describe_failure(rule)),
            "human": speech.pick(rule.human),
        }

    return [
        same
        | {
            "rules": [
                {
                    "id": rule.id,
                    "title": speech.pick(rule.title),
                    "where": speech.all(describe_where(rule.where, rule.subjects)),
                    "counts": _counted(account, speech, counts[rule.pack, rule.id]),
                }
                for rule in group
            ]
        }
        for same, group in groupby(rules, key=asked)
    ]


def _counted(account: Account, speech: Speech, cells: list[str]) -> list[tuple[str, str]]:
    """Return the outcomes that a rule has with how often; none stands for what is not told."""
    told = [
        (speech.say(OUTCOMES[name]), cell)
        for name, cell in zip(SHOWN_OUTCOMES, cells, strict=True)
        if cell not in ("0", HIDDEN)
    ]
    if told:
        return told
    if account.public:
        return [(speech.say(N_("counts not published")), "")]
    return [(speech.say(N_("nothing on record that it is about")), "")]


def own_rules(pack: Pack, article: Article) -> list[Rule]:
    """Return the rules of an article."""
    return [rule for rule in pack.rules if rule.id in article.rules]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What earlier articles have shown, each with the article.

    Parameters
    ----------
    drawn
        What is drawn of the whole plan.
    found
        Findings, by what they are about and why: two laws that ask the same get one list.
    """

    drawn: dict[Build, str]
    found: dict[tuple[Any, ...], str]
