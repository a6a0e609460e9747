"""Every question that is left, one for each rule, with room for name, date and answer."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_
from civicsight.presentation.lexicon import number
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.exports import in_words, lacking
from civicsight.report.compliance.speech import Speech
from civicsight.report.compliance.words import SUBJECT_KINDS, place_in
from civicsight.rules.pack import Rule

MOST_SUBJECTS: Final = 12
MOST_REASONS: Final = 3
"""So many subjects and reasons stand under a question; the table holds all."""


def questions(account: Account, speech: Speech) -> dict[str, list[dict[str, Any]]]:
    """Return the questions that only a person can answer, and those that data would answer."""
    verdicts = account.compliance.verdicts
    judged = verdicts["severity"].eq("judgement") & verdicts["outcome"].isin(
        ["fail", "undetermined"]
    )
    lacks = verdicts["outcome"].eq("undetermined") & ~judged
    packs = sorted(account.result.rules.packs, key=lambda pack: -pack.instrument.rank)
    rules = [rule for pack in packs for rule in pack.rules]
    return {
        "judgement": _ask(account, speech, rules, verdicts[judged]),
        "data": _ask(account, speech, rules, verdicts[lacks]),
    }


def _ask(
    account: Account, speech: Speech, rules: list[Rule], verdicts: pd.DataFrame
) -> list[dict[str, Any]]:
    groups = dict(iter(verdicts.groupby(["pack", "rule"])))
    asked = [rule for rule in rules if (rule.pack, rule.id) in groups]
    return [_question(account, speech, rule, groups[rule.pack, rule.id]) for rule in asked]


def _question(account: Account, speech: Speech, rule: Rule, own: pd.DataFrame) -> dict[str, Any]:
    """Return one question with what it is about, most frequent reasons first."""
    reasons = Counter(in_words(texts, speech.language) for texts in own["because"])
    missing = Counter(name for names in own["missing"] for name in names or ())
    subjects = _subjects(account, speech, own)
    law = speech.pick(account.result.rules.pack(rule.pack).instrument.name)
    return {
        "rule": rule.id,
        "place": speech.say(place_in(law, rule.article)),
        "title": speech.pick(rule.title),
        "human": speech.pick(rule.human),
        "count": "" if account.public else number(len(own)),
        "reasons": []
        if account.public
        else [
            {"text": text, "count": number(times) if times > 1 else ""}
            for text, times in reasons.most_common(MOST_REASONS)
            if text
        ],
        "missing": lacking([name for name, _ in missing.most_common(6)], speech.language),
        "subjects": [] if account.public else subjects[:MOST_SUBJECTS],
        "more": 0 if account.public else max(0, len(subjects) - MOST_SUBJECTS),
    }


def _subjects(account: Account, speech: Speech, own: pd.DataFrame) -> list[str]:
    """Name what a question is about; a kind of which it is about all, by the kind alone."""
    named: list[str] = []
    for kind, labels in own.groupby("subject_kind", sort=False)["subject"]:
        count = len(labels)
        if count > MOST_SUBJECTS and count == len(account.dossier.subjects(str(kind))):
            every = N_(
                "every %(kind)s (%(count)s)", kind=SUBJECT_KINDS[str(kind)], count=number(count)
            )
            named.append(speech.say(every))
        else:
            named += [speech.subject(str(kind), label) for label in labels]
    return named
