"""One page for each place that is not covered as asked: map, evidence, who could help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from civicsight.core.errors import N_
from civicsight.planning.compliance import gravest_first
from civicsight.presentation.evidence import finding_remedy, finding_sentence
from civicsight.presentation.lexicon import STANDINGS, share, word
from civicsight.presentation.names import Facts, part_facts
from civicsight.presentation.symbols import STATUS_LABELS
from civicsight.report.compliance.account import Account
from civicsight.report.compliance.picture import prepare_layers
from civicsight.report.compliance.speech import Speech
from civicsight.report.judged import rank_places

COVERED: Final = "covered"
"""The predicate that asks for coverage of a place."""

MOST_PARTS: Final = 6
"""So many parts of a place are told in full, so that it stays one page."""

MOST_PAGES: Final = 10
"""So many places are told on a page of their own, those first at which most is not covered."""

Draw = Callable[[str, set[str], str], str]


def failing_places(account: Account) -> pd.DataFrame:
    """Return the facts of places that are not covered as a rule asks, the worst place first."""
    rules = account.result.rules.by_predicate(COVERED)
    asked = {(rule.pack, rule.id) for rule in rules}
    facts = account.compliance.facts
    about = [any((one.pack, one.rule) in asked for one in bases) for bases in facts["bases"]]
    failed = facts["subject_kind"].eq("zone") & facts["outcome"].eq("fail")
    found = gravest_first(facts[failed & pd.Series(about, facts.index, dtype=bool)])
    rank = {str(label): n for n, label in enumerate(rank_places(account.result).index)}
    return found.sort_values("subject", key=lambda own: own.map(rank), kind="stable")


def place_rows(account: Account, speech: Speech) -> list[dict[str, Any]]:
    """Return each place that fails and has no page of its own as a row of a table."""
    failing = failing_places(account).drop_duplicates("subject")
    return [_head(account, speech, row) for row in failing.iloc[MOST_PAGES:].to_dict("records")]


def place_pages(account: Account, speech: Speech) -> list[dict[str, Any]]:
    """Return a page for each of the worst places that fail."""
    result = account.result
    draw = prepare_layers(result).draw
    facts = dict(zip(result.parts.index, part_facts(result, speech.names), strict=True))
    gaps = {str(row.subject): row for row in result.gaps.itertuples()}
    failing = failing_places(account)
    rules = failing.groupby("subject")["bases"].agg(  # two laws may ask for one place
        lambda own: [one.rule for bases in own for one in bases]
    )
    return [
        _page(account, speech, row, facts, gaps, draw)
        | {"rule": speech.list_names(rules[row["subject"]])}
        for row in failing.drop_duplicates("subject").head(MOST_PAGES).to_dict("records")
    ]


def _head(account: Account, speech: Speech, verdict: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of a place in a row, and at the head of its page."""
    result = account.result
    zone = result.zones.loc[verdict["subject"]]
    status = result.part_status["status"].reindex(_parts_of(account, verdict))
    return {
        **speech.row(verdict),
        "title": speech.names.zones[verdict["subject"]],
        "class": speech.names.class_of(zone["pack"], zone["item"]),
        "classes": speech.names.classes_of(zone),
        "standing": word(STANDINGS, zone["standing"], speech.language),
        "confidence": share(float(zone["confidence"])),
        "covered": int(status.eq("covered").sum()),
        "open": int(status.ne("covered").sum()),
        "count": len(status),
    }


def _parts_of(account: Account, verdict: dict[str, Any]) -> pd.Index:
    parts = account.result.parts
    return parts.index[parts["zone_id"].eq(verdict["subject"])]


def _page(
    account: Account,
    speech: Speech,
    verdict: dict[str, Any],
    facts: dict[str, Facts],
    gaps: dict[str, Any],
    draw: Draw,
) -> dict[str, Any]:
    status = account.result.part_status["status"].reindex(_parts_of(account, verdict))
    order = [
        name for name in ("gap", "possible", "assumed") for name in status.index[status.eq(name)]
    ]
    helpers = {
        str(entry["camera"])
        for name in order
        if name in gaps
        for key in ("reuse", "out_of_use")
        for entry in gaps[name].evidence.get(key, ())
    }
    head = _head(account, speech, verdict)
    return head | {
        "picture": draw(verdict["subject"], helpers, head["title"]),
        "parts": [
            _part(name, facts[name], gaps, status, speech)
            | {"name": _within(speech, speech.names.parts[name], head["title"])}
            for name in order[:MOST_PARTS]
        ],
        "more": max(0, len(order) - MOST_PARTS),
    }


def _within(speech: Speech, part: str, place: str) -> str:
    """Return the name of a part without that of its place, under which it stands."""
    return part.removeprefix(speech.say(N_("%(place)s: %(part)s", place=place, part="")))


def _part(
    name: str, facts: Facts, gaps: dict[str, Any], status: pd.Series, speech: Speech
) -> dict[str, Any]:
    said = finding_sentence(gaps[name], speech.names) if name in gaps else ""
    mends = finding_remedy(gaps[name], speech.names) if name in gaps else ""
    return {
        "status": status[name],
        "label": speech.say(STATUS_LABELS[status[name]]),
        "facts": facts,
        "sentence": said,
        "remedy": "" if mends in said else mends,
    }
