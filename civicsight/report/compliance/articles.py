"""The articles as whoever reads the report needs them: what is asked, how it stands, what fails.

Rules that ask the same of different subjects are one row, and what could not be judged at all is
one table a law; `chapters` tells each rule in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_
from civicsight.planning.judging.verdicts import OUTCOMES
from civicsight.planning.statement.figures import sum_of
from civicsight.presentation.lexicon import article_name, numbered
from civicsight.presentation.names import Names
from civicsight.report.compliance.account import Account, lacking, why_open
from civicsight.report.compliance.chapters import Found, gather, head_of, own_rules
from civicsight.report.compliance.public import SHOWN_OUTCOMES, Tally, tally_of
from civicsight.rules.pack import Article, Pack, Rule
from civicsight.rules.predicates import PREDICATES

TOLD: Final = SHOWN_OUTCOMES[:4]
"""Outcomes that are counted; what a rule does not apply to is none of its subjects."""

OPEN: Final = "undetermined"

SAME: Final = ("kind", "rule", "severity", "department")
"""What findings have in common that are told in one row."""

MOST_FOUND: Final = 8
"""So many rows of findings stand under an article; the annex volume holds all."""

GRAVE: Final = ("violation", "warning")
"""Severities that are told; information stands in the annex volume."""


def outcome_heads(names: Names) -> list[str]:
    """Return the headings of the counts."""
    return [names.translate(OUTCOMES[name]) for name in TOLD]


def laws(account: Account, names: Names) -> list[dict[str, Any]]:
    """Return the laws, the nearest first, each with its articles and with what was not judged."""
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    tally = tally_of(account)
    found: Found = {}
    told = []
    for pack in packs:
        articles, silent = [], []
        for article in pack.articles:
            rules = own_rules(pack, article)
            judged = [rule for rule in rules if _is_told(tally, rule)]
            if judged:
                head, fresh = head_of(account, names, pack, article, found)
                grave = [row for row in fresh if row["severity"] in GRAVE]
                rows = gather(names, grave, SAME)
                told_of = {"found": rows[:MOST_FOUND], "more": len(rows[MOST_FOUND:])}
                asked = asked_rows(account, names, judged, tally)
                articles.append(head | told_of | {"rows": asked})
            quiet = [rule for rule in rules if rule not in judged]
            silent += _silent(account, names, (pack, article), quiet, tally, alone=not judged)
        title = names.pick(pack.instrument.name)
        contents = [(numbered(one.n), f"{pack.id}-{one.n}") for one in pack.articles]
        told.append({"title": title, "contents": contents, "articles": articles, "silent": silent})
    return told


def _is_told(tally: Tally, rule: Rule) -> bool:
    """Tell whether it is told that anything was met, not met or waived."""
    return not {"fail", "waived", "pass"}.isdisjoint(tally.told((rule.pack, rule.id)))


def asked_rows(
    account: Account, names: Names, rules: Sequence[Rule], tally: Tally
) -> list[dict[str, Any]]:
    """Return a row for each thing that is asked, with how it stands.

    Counts for the public stay apart: of some hidden ones no sum is told.
    """
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        alike = rule.id if account.public or rule.check.checks else f"{rule.check}"
        groups.setdefault(alike, []).append(rule)
    rows = []
    for group in groups.values():
        own = tally.cells[group[0].pack, group[0].id]
        title = names.pick(group[0].title)
        if len(group) > 1:
            each = zip(*(tally.counts[rule.pack, rule.id] for rule in group), strict=True)
            own = [f"{sum_of(counts)}" for counts in each]
            text = names.translate(PREDICATES[group[0].check.name].meaning)
            title = text[:1].upper() + text[1:]
        ids = ", ".join(rule.id for rule in group)
        rows.append({"title": title, "rules": ids, "cells": own[: len(TOLD)]})
    return rows


def _silent(
    account: Account,
    names: Names,
    where: tuple[Pack, Article],
    rules: Sequence[Rule],
    tally: Tally,
    *,
    alone: bool,
) -> list[dict[str, Any]]:
    """Return a row for each reason for which nothing is said; `alone`: the article has no other."""
    pack, article = where
    if not rules and not alone:
        return []
    name = N_(
        "%(article)s · %(gist)s", article=article_name(article.n), gist=names.pick(article.gist)
    )
    groups: dict[tuple[str, float], list[Rule]] = {}
    for rule in rules:
        law = (rule.pack, rule.id)
        count = dict(zip(SHOWN_OUTCOMES, tally.counts[law], strict=True))[OPEN].value or 0.0
        key = _why_silent(account, names, tally.open.get(law)), count
        groups.setdefault(key if OPEN in tally.told(law) else (key[0], 0.0), []).append(rule)
    lines = [
        {
            "rules": names.translate(N_("; ")).join(
                f"{names.pick(rule.title)} ({rule.id})" for rule in group
            ),
            "why": why,
            "count": tally.told((group[0].pack, group[0].id)).get(OPEN, ""),
        }
        for (why, _), group in groups.items()
    ]
    if not rules and article.no_rule:
        lines = [{"rules": "", "why": names.pick(article.no_rule), "count": ""}]
    anchor = f"{pack.id}-{article.n}" if alone else ""
    return [{"article": names.translate(name), "anchor": anchor, "lines": lines}]


def _why_silent(account: Account, names: Names, own: pd.DataFrame | None) -> str:
    if account.public:
        return names.translate(N_("counts not published"))
    if own is None:
        return names.translate(N_("nothing on record that it is about"))
    missing, reasons = why_open(own, names.language)
    if missing:
        return names.translate(
            N_("lacking %(fields)s", fields=lacking(missing, names.language, coded=False))
        )
    return reasons[0][0]
