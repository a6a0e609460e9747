"""One chapter for each article: what it asks, in words, and what does not meet it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from zlib import crc32

import geopandas as gpd
import pandas as pd

from civicsight.core.errors import N_
from civicsight.core.figure import keyed
from civicsight.planning.compliance import gravest_first
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.presentation.lexicon import (
    ARTICLE_KINDS,
    EFFECTS,
    article_name,
    number,
    numbered,
    place_in,
)
from civicsight.presentation.names import MOST_NAMES, Names
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.exhibits import Build, exhibits_of
from civicsight.report.compliance.public import Tally, tally_of
from civicsight.rules.pack import Article, Pack, Rule
from civicsight.rules.wording import describe_check, describe_failure, describe_where

GATHERED: Final = 4
"""From so many on, findings that are alike are told in one row."""

MOST_NAMED: Final = 12
"""So many of them are named; the table beside the report holds all."""

MOST_REASONS: Final = 2
"""So many reasons of findings in one row are told."""

SAID: Final = ("kind", "rule", "severity", "because", "evidence", "certainty", "department")
"""What findings have in common that are told in one row."""

Found = dict[tuple[Any, ...], str]
"""Findings by what they are about and why, each with the article under which it stands."""

MOST_ROWS: Final = 50
"""So many subjects that fail are listed in a chapter; the table beside the report holds all."""


def chapters(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return the chapters, packs of the nearest law first, articles in the order of the law."""
    tally = tally_of(account)
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    told = Told({}, {})
    return [
        {
            "title": names.pick(pack.instrument.name),
            "id": pack.id,
            "articles": [
                _article(account, names, pack, article, tally, told) for article in pack.articles
            ],
        }
        for pack in packs
    ]


def _article(
    account: Account, names: Names, pack: Pack, article: Article, tally: Tally, told: Told
) -> dict[str, Any]:
    own = own_rules(pack, article)
    head, fresh = head_of(account, names, pack, article, told.found)
    rows = gather(names, fresh, SAID, MOST_NAMED)
    return head | {
        "n": numbered(article.n),
        "kind": names.translate(ARTICLE_KINDS[article.kind]),
        "no_rule": names.pick(article.no_rule) if article.no_rule else "",
        "blocks": _blocks(account, names, own, tally),
        "failing": rows[:MOST_ROWS],
        "more": sum(row["count"] for row in rows[MOST_ROWS:]),
        "exhibits": exhibits_of(account, names, own, _place(names, pack, article), told.drawn),
    }


def head_of(
    account: Account, names: Names, pack: Pack, article: Article, found: Found
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what any volume says of an article first, and its findings that are not told yet.

    `found` has those of earlier articles, and gets these.
    """
    failing = [] if account.public else failing_facts(account, pack, article)
    fresh, elsewhere = untold(failing, _place(names, pack, article), found)
    under = [
        N_(
            "%(count)s findings are those under %(place)s, for the same reasons.",
            count=number(count),
            place=name,
        )
        for name, count in elsewhere.items()
    ]
    notes = [
        N_(
            "%(id)s (%(effect)s): %(note)s",
            id=entry.id,
            effect=EFFECTS[entry.effect],
            note=names.pick(entry.note),
        )
        for entry in pack.conflicts
        if article.n in entry.here
    ]
    head = {
        "title": names.translate(article_name(article.n)),
        "gist": names.pick(article.gist),
        "anchor": f"{pack.id}-{article.n}",
        "elsewhere": names.all(under),
        "conflicts": names.all(notes),
    }
    return head, fresh


def _place(names: Names, pack: Pack, article: Article) -> str:
    return names.translate(place_in(names.pick(pack.instrument.name), article.n))


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
    failing: list[dict[str, Any]], place: str, found: Found
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


def gather(
    names: Names, facts: Iterable[dict[str, Any]], same: Sequence[str], most: int = MOST_NAMES
) -> list[dict[str, Any]]:
    """Return findings as rows of a table; many that are alike are one row, with names.

    Parameters
    ----------
    names, facts
        Words, and the findings.
    same
        What of a row they have in common.
    most
        So many are named.
    """
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    kinds: dict[tuple[str, ...], str] = {}
    for fact, row in ((fact, names.row(fact)) for fact in facts):
        like = tuple(row[name] for name in same)
        alike.setdefault(like, []).append(row)
        kinds[like] = "/".join((row["subject_kind"], row["rule"], row["severity"],
                               fact["department"]))  # fmt: skip
    found: list[dict[str, Any]] = []
    for like, rows in alike.items():
        if len(rows) < GATHERED:
            found += [row | {"names": "", "count": 1} for row in rows]
            continue
        key = f"facts.alike.{kinds[like]}"
        if "because" in same:
            key += f".{crc32(rows[0]['because'].encode())}"
        own = {
            "subject": names.several(rows[0]["subject_kind"], keyed(key, number(len(rows)))),
            "id": "",
            "names": names.listed((row["subject"] for row in rows), most=most),
            "because": _reasons(names, rows, key),
            "count": len(rows),
        }
        found.append(rows[0] | own)
    return found


def _reasons(names: Names, rows: Sequence[dict[str, str]], key: str) -> str:
    """Return the commonest reasons of several findings; where all differ, one of them."""
    reasons = Counter(row["because"] for row in rows)
    (first, times), *others = reasons.most_common()
    if not others:
        return first
    if times == 1:
        return names.translate(N_("for instance: %(why)s", why=first))
    told = [
        f"{why} ({keyed(f'{key}.{crc32(why.encode())}', number(count))})"
        for why, count in reasons.most_common(MOST_REASONS)
    ]
    if len(others) >= MOST_REASONS:
        told.append(names.translate(N_("and others")))
    return names.translate(N_("; ")).join(told)


def _blocks(
    account: Account, names: Names, rules: list[Rule], tally: Tally
) -> list[dict[str, Any]]:
    """Return the rules, those together that ask the same of different classes."""

    def asked(rule: Rule) -> dict[str, Any]:
        lines = describe_check(rule.check, rule.subjects)
        return {
            "check": [(depth, names.translate(text)) for depth, text in lines],
            "severity": names.translate(describe_failure(rule)),
            "human": names.pick(rule.human),
        }

    return [
        same
        | {
            "rules": [
                {
                    "id": rule.id,
                    "title": names.pick(rule.title),
                    "where": names.all(describe_where(rule.where, rule.subjects)),
                    "counts": _counted(account, names, tally.told((rule.pack, rule.id))),
                }
                for rule in group
            ]
        }
        for same, group in groupby(rules, key=asked)
    ]


def _counted(account: Account, names: Names, told: dict[str, str]) -> list[tuple[str, str]]:
    """Return the outcomes that a rule has with how often; none stands for what is not told."""
    if told:
        return [(names.translate(OUTCOMES[name]), cell) for name, cell in told.items()]
    if account.public:
        return [(names.translate(N_("counts not published")), "")]
    return [(names.translate(N_("nothing on record that it is about")), "")]


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
    found: Found
