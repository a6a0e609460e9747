"""One chapter for each article: what it asks, in words, and what does not meet it."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd

from civicsight.errors import N_
from civicsight.planning.compliance import gravest_first
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.exhibits import Build, exhibits_of
from civicsight.report.compliance.public import rule_counts
from civicsight.report.compliance.speech import Speech
from civicsight.report.compliance.words import ARTICLE_KINDS, EFFECTS
from civicsight.rules.pack import Article, Pack, Rule
from civicsight.rules.wording import describe_check, describe_failure, describe_where, word

MOST_ROWS: Final = 50
"""So many subjects that fail are listed in a chapter; the table beside the report holds all."""


def chapters(account: Account, speech: Speech) -> list[dict[str, Any]]:
    """Return the chapters, packs of the nearest law first, articles in the order of the law."""
    counts = rule_counts(account)
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    shown: dict[Build, str] = {}
    return [
        {
            "title": speech.pick(pack.instrument.name),
            "id": pack.id,
            "articles": [
                _article(account, speech, pack, article, counts, shown) for article in pack.articles
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
    shown: dict[Build, str],
) -> dict[str, Any]:
    verdicts = account.compliance.verdicts
    own = verdicts[verdicts["pack"].eq(pack.id) & verdicts["rule"].isin(article.rules)]
    failing = own[own["outcome"].eq("fail") & own["severity"].ne("judgement")]
    failing = gravest_first(gpd.GeoDataFrame(failing))
    law = speech.pick(pack.instrument.name)
    place = speech.say(N_("%(law)s, Article %(n)s", law=law, n=article.n))
    listed = [] if account.public else failing.head(MOST_ROWS).to_dict("records")
    return {
        "n": article.n,
        "anchor": f"{pack.id}-{article.n}",
        "kind": speech.say(ARTICLE_KINDS[article.kind]),
        "gist": speech.pick(article.gist),
        "no_rule": speech.pick(article.no_rule) if article.no_rule else "",
        "rules": _rules(speech, pack, article, counts),
        "failing": [speech.row(row) for row in listed],
        "more": 0 if account.public else len(failing) - len(listed),
        "exhibits": exhibits_of(account, speech, _own_rules(pack, article), place, shown),
        "conflicts": [
            {"id": entry.id, "effect": speech.say(EFFECTS[entry.effect])}
            | {"note": speech.pick(entry.note)}
            for entry in pack.conflicts
            if article.n in entry.here
        ],
    }


def _rules(
    speech: Speech, pack: Pack, article: Article, counts: dict[tuple[str, str], list[str]]
) -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "title": speech.pick(rule.title),
            "about": [speech.say(word(name)) for name in rule.subjects],
            "where": [speech.say(text) for text in describe_where(rule.where, rule.subjects)],
            "check": [
                (depth, speech.say(text))
                for depth, text in describe_check(rule.check, rule.subjects)
            ],
            "severity": speech.say(describe_failure(rule)),
            "human": speech.pick(rule.human),
            "counts": counts[pack.id, rule.id],
        }
        for rule in _own_rules(pack, article)
    ]


def _own_rules(pack: Pack, article: Article) -> list[Rule]:
    return [rule for rule in pack.rules if rule.id in article.rules]
