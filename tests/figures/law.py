"""What a law says by itself, whatever a check finds: words of rule packs, with their thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from civicsight.core.errors import N_
from civicsight.core.i18n import Language, pick, translate
from civicsight.presentation.lexicon import EFFECTS, VERIFIED, article_name, numbered, place_in
from civicsight.report.compliance.pictures import MILESTONES
from civicsight.rules import Rules
from civicsight.rules.vocabulary import number_word
from civicsight.rules.wording import describe_check, describe_failure, describe_where


@cache
def phrases(rules: Rules, language: Language) -> frozenset[str]:
    """Return the sentences and names of rule packs in a language, as papers print them."""
    return frozenset(" ".join(text.split()) for text in _said(rules, language) if len(text) > 3)


def _said(rules: Rules, language: Language) -> Iterator[str]:
    def say(text: object) -> str:
        return translate(text, language)  # type: ignore[arg-type]

    yield from (f"{sign} {say(text)}" for sign, text in MILESTONES.values())

    for pack in rules.packs:
        yield pick(pack.instrument.name, language)
        yield f"{pack.id} {pack.version}"
        yield pack.instrument.articles_available
        for article in pack.articles:
            yield pick(article.gist, language)
            yield f"{numbered(article.n)} {pick(article.gist, language)}"
            yield f"{say(article_name(article.n))} · {pick(article.gist, language)}"
            yield say(place_in(pick(pack.instrument.name, language), article.n))
            if article.no_rule:
                yield pick(article.no_rule, language)
        for rule in pack.rules:
            yield f"{rule.id} {pick(rule.title, language)}"
            yield pick(rule.title, language)
            yield say(describe_failure(rule))
            yield from (say(text) for _, text in describe_check(rule.check, rule.subjects))
            yield from map(say, describe_where(rule.where, rule.subjects))
            if rule.human:
                yield pick(rule.human, language)
        for entry in pack.conflicts:
            yield pick(entry.note, language)
            yield say(EFFECTS[entry.effect])
            for articles in (entry.here, entry.there):
                n = say(N_(", ")).join(map(numbered, articles))
                yield say(N_("Article %(n)s: %(gist)s", n=n, gist=EFFECTS[entry.effect]))
        for param in pack.params.values():
            yield say(number_word(param.name))
        for source in pack.sources.values():
            yield pick(source.ref, language)
            yield say(VERIFIED[source.verified])
        for zone in pack.zones:
            if zone.caveat:
                yield pick(dict(zone.caveat), language)
