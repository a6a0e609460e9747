"""The articles as whoever reads the report needs them: what is asked, how it stands, what fails.

Rules that ask the same of different subjects are one row, and what could not be judged at all is
one table a law; `chapters` tells each rule in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from civicsight.core.errors import N_
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.presentation.lexicon import number
from civicsight.report.compliance.account import Account, in_words, lacking
from civicsight.report.compliance.chapters import failing_facts, own_rules, untold
from civicsight.report.compliance.public import HIDDEN, SHOWN_OUTCOMES, outcome_counts, shown
from civicsight.report.compliance.speech import EFFECTS, Speech, article_name, numbered, place_in
from civicsight.rules.pack import Article, Pack, Rule
from civicsight.rules.predicates import PREDICATES

TOLD: Final = SHOWN_OUTCOMES[:4]
"""Outcomes that are counted; what a rule does not apply to is none of its subjects."""

SINGLE: Final = 3
"""More findings of one rule and severity than this are one row, with names."""

MOST_REASONS: Final = 2
"""So many reasons of findings in one row are told."""

MOST_FOUND: Final = 8
"""So many rows of findings stand under an article; the annex volume holds all."""

GRAVE: Final = ("violation", "warning")
"""Severities that are told; information stands in the annex volume."""

Counts = dict[tuple[str, str], list[str]]


def outcome_heads(speech: Speech) -> list[str]:
    """Return the headings of the counts."""
    return [speech.say(OUTCOMES[name]) for name in TOLD]


def laws(account: Account, speech: Speech) -> list[dict[str, Any]]:
    """Return the laws, the nearest first, each with its articles and with what was not judged."""
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    counted = outcome_counts(account)
    cells = dict(zip(counted, shown(account, list(counted.values())), strict=True))
    found: dict[tuple[Any, ...], str] = {}
    told = []
    for pack in packs:
        articles, silent = [], []
        for article in pack.articles:
            rules = own_rules(pack, article)
            judged = [rule for rule in rules if _is_told(cells[rule.pack, rule.id])]
            if judged:
                rows = asked_rows(account, speech, judged, cells)
                articles.append(_article(account, speech, (pack, article), rows, found))
            quiet = [rule for rule in rules if rule not in judged]
            silent += _silent(account, speech, (pack, article), quiet, cells, alone=not judged)
        title = speech.pick(pack.instrument.name)
        contents = [(numbered(one.n), f"{pack.id}-{one.n}") for one in pack.articles]
        told.append({"title": title, "contents": contents, "articles": articles, "silent": silent})
    return told


def _is_told(cells: Sequence[str]) -> bool:
    """Tell whether it is told that anything was met, not met or waived."""
    return any(
        cell not in ("0", HIDDEN)
        for name, cell in zip(SHOWN_OUTCOMES, cells, strict=True)
        if name in ("fail", "waived", "pass")
    )


def _article(
    account: Account,
    speech: Speech,
    where: tuple[Pack, Article],
    rows: list[dict[str, Any]],
    found: dict[tuple[Any, ...], str],
) -> dict[str, Any]:
    pack, article = where
    place = speech.say(place_in(speech.pick(pack.instrument.name), article.n))
    failing = [] if account.public else failing_facts(account, pack, article)
    fresh, elsewhere = untold(failing, place, found)
    rows_found = _found(speech, [row for row in fresh if row["severity"] in GRAVE])
    return {
        "title": speech.say(article_name(article.n)),
        "gist": speech.pick(article.gist),
        "anchor": f"{pack.id}-{article.n}",
        "rows": rows,
        "found": rows_found[:MOST_FOUND],
        "more": len(rows_found[MOST_FOUND:]),
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
        "conflicts": [
            speech.say(
                N_(
                    "%(id)s (%(effect)s): %(note)s",
                    id=entry.id,
                    effect=EFFECTS[entry.effect],
                    note=speech.pick(entry.note),
                )
            )
            for entry in pack.conflicts
            if article.n in entry.here
        ],
    }


def asked_rows(
    account: Account, speech: Speech, rules: Sequence[Rule], cells: dict[tuple[str, str], list[str]]
) -> list[dict[str, Any]]:
    """Return a row for each thing that is asked, with how it stands.

    Counts for the public stay apart: of some hidden ones no sum is told.
    """
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        alike = rule.id if account.public or rule.check.checks else f"{rule.check}"
        groups.setdefault(alike, []).append(rule)
    counted = outcome_counts(account)
    rows = []
    for group in groups.values():
        own = cells[group[0].pack, group[0].id]
        title = speech.pick(group[0].title)
        if len(group) > 1:
            each = zip(*(counted[rule.pack, rule.id] for rule in group), strict=True)
            own = [number(sum(counts)) for counts in each]
            title = _capital(speech.say(PREDICATES[group[0].check.name].meaning))
        ids = ", ".join(rule.id for rule in group)
        rows.append({"title": title, "rules": ids, "cells": own[: len(TOLD)]})
    return rows


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _found(speech: Speech, facts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return findings as rows; many of one rule and severity are one row with the first names."""
    alike: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in map(speech.row, facts):
        key = tuple(row[name] for name in ("kind", "rule", "severity", "department"))
        alike.setdefault(key, []).append(row)
    rows: list[dict[str, Any]] = []
    for own in alike.values():
        if len(own) <= SINGLE:
            rows += [row | {"names": ""} for row in own]
            continue
        head = speech.several(own[0]["subject_kind"], len(own))
        names = speech.list_names(row["subject"] for row in own)
        rows.append(own[0] | {"subject": head, "names": names, "because": _reasons(speech, own)})
    return rows


def _reasons(speech: Speech, rows: Sequence[dict[str, str]]) -> str:
    """Return the commonest reasons of several findings; where all differ, one of them."""
    reasons = Counter(row["because"] for row in rows)
    (first, times), *others = reasons.most_common()
    if not others:
        return first
    if times == 1:
        return speech.say(N_("for instance: %(why)s", why=first))
    told = [f"{why} ({number(count)})" for why, count in reasons.most_common(MOST_REASONS)]
    if len(others) >= MOST_REASONS:
        told.append(speech.say(N_("and others")))
    return speech.say(N_("; ")).join(told)


def _silent(
    account: Account,
    speech: Speech,
    where: tuple[Pack, Article],
    rules: Sequence[Rule],
    cells: dict[tuple[str, str], list[str]],
    *,
    alone: bool,
) -> list[dict[str, Any]]:
    """Return a row for each reason for which nothing is said; `alone`: the article has no other."""
    pack, article = where
    if not rules and not alone:
        return []
    name = N_(
        "%(article)s · %(gist)s", article=article_name(article.n), gist=speech.pick(article.gist)
    )
    groups: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        key = (_why_silent(account, speech, rule), cells[rule.pack, rule.id][1])
        groups.setdefault(key, []).append(f"{speech.pick(rule.title)} ({rule.id})")
    lines = [
        {"rules": speech.say(N_("; ")).join(titles), "why": why,
         "count": "" if count in ("0", HIDDEN) else count}
        for (why, count), titles in groups.items()
    ]  # fmt: skip
    if not rules and article.no_rule:
        lines = [{"rules": "", "why": speech.pick(article.no_rule), "count": ""}]
    anchor = f"{pack.id}-{article.n}" if alone else ""
    return [{"article": speech.say(name), "anchor": anchor, "lines": lines}]


def _why_silent(account: Account, speech: Speech, rule: Rule) -> str:
    if account.public:
        return speech.say(N_("counts not published"))
    verdicts = account.compliance.verdicts
    own = verdicts[verdicts["pack"].eq(rule.pack) & verdicts["rule"].eq(rule.id)]
    own = own[own["outcome"].eq("undetermined")]
    if own.empty:
        return speech.say(N_("nothing on record that it is about"))
    missing = Counter(name for names in own["missing"] for name in names or ())
    if missing:
        return speech.say(
            N_("lacking %(fields)s", fields=lacking(missing, speech.language, coded=False))
        )
    reasons = Counter(in_words(texts, speech.language) for texts in own["because"])
    return reasons.most_common(1)[0][0]
