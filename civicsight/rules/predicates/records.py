"""Predicates over fields of a record: present, one of a list, in order, free of certain terms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from civicsight.core.days import Bound, find_misdated, read_day
from civicsight.core.errors import N_, Text
from civicsight.rules.brands import find_terms
from civicsight.rules.closed import entries_of, find_term, nearest_name, nearest_term
from civicsight.rules.dossier import INTERIORS, Dossier, Subject
from civicsight.rules.fields import DONE_ON, FOLLOWS, INDICES
from civicsight.rules.pack import Vocabulary
from civicsight.rules.predicates.declaration import (
    DEMANDED,
    HIDING,
    PRIVATE,
    Parameter,
    choice,
    choices,
    declare,
    looks,
    quantity,
)
from civicsight.rules.ruling import Ruling, describe_lacking, failed, not_recorded, passed, unknown
from civicsight.rules.vocabulary import describe_value, field_name, field_word, join, word

EXPOSURE, MASKS = "privacy_exposure", "mask_plan"
"""What a check computes of a camera, and what its record answers."""

AHEAD: Final = ("approved", "planned")
"""States of a camera that is not built yet."""

SHOWN: Final = 60
"""Letters of a name on no list that a reason shows."""


@declare(
    N_("the record states"),
    Parameter("fields", N_("fields"), "fields", required=True),
    Parameter("vocabulary", N_("on the list"), "vocabularies"),
    Parameter("optional", N_("where it states them"), "flag"),
    looks=looks(("fields", (EXPOSURE, MASKS)), *PRIVATE, *HIDING),
)
def has(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a record has its fields.

    A field that no record at all has was never asked for: that is unknown, not a fault of one. What
    is recorded as "no" (power, network) is not there. Where the law names who or what it may be,
    another name is a question.
    """
    if values.get("optional"):
        stated = [name for name in values["fields"] if _holds(dossier, subject, name)]
        return on_lists(dossier, subject, stated, values.get("vocabulary", ()))
    absent = [name for name in values["fields"] if not _holds(dossier, subject, name)]
    if not absent:
        return misdated(dossier, subject, values["fields"]) or on_lists(
            dossier, subject, values["fields"], values.get("vocabulary", ())
        )
    denied = [name for name in absent if _is_no(subject.value(name))]
    if denied:
        said = join(field_word(name, (subject.kind,)) for name in denied)
        return failed(N_("recorded as no: %(fields)s", fields=said), fields=absent)
    because = describe_lacking(subject.kind, tuple(absent))
    if all(dossier.is_recorded(subject.kind, name) for name in absent) and subject.label:
        return failed(because, fields=absent)
    asked = [name for name in absent if dossier.is_recorded(subject.kind, name)]
    if asked and subject.label:
        return failed(because, fields=absent)
    return unknown(because, missing=absent)


def misdated(dossier: Dossier, subject: Subject, names: Iterable[str]) -> Ruling | None:
    """Rule that days of what was done are after today or before what they follow; None if none."""
    kinds = (subject.kind,)
    days = {name: read_day(subject.value(name)) for name in names if name in DONE_ON}
    wrong = []
    for name, day in days.items():
        first = FOLLOWS.get((subject.kind, name))
        began = None if first is None else read_day(subject.value(first))
        since = Bound(began, field_name(first, kinds)) if began and first else None
        text = day and find_misdated(field_name(name, kinds), day, dossier.today, since=since)
        wrong += [text] if text else []
    return failed(*wrong, fields=[*days]) if wrong else None


def on_lists(
    dossier: Dossier, subject: Subject, names: Sequence[str], lists: Sequence[Vocabulary]
) -> Ruling:
    """Ask whether all that fields name is on one of some closed lists, if there are any.

    A body of another place than those of the jurisdiction is on none.
    """
    if not lists:
        return passed()
    unlisted = [
        (name, entry)
        for name in names
        for entry in entries_of(str(subject.value(name)))
        if find_term(entry, lists, dossier.places) is None
    ]
    if not unlisted:
        return passed()
    texts = [
        _elsewhere(dossier, subject, name, entry, lists)
        or N_(
            "%(field)s: %(value)s is not on the list (%(lists)s); nearest on it: %(nearest)s",
            field=field_name(name, (subject.kind,)),
            value=f'"{entry[:SHOWN]}"',
            lists=join(map(word, lists)),
            nearest=nearest_term(entry, lists).label,
        )
        for name, entry in unlisted
    ]
    found = unknown(*texts, missing=["answers"], unlisted=[entry for _, entry in unlisted])
    return found._replace(against=1.0)


def _elsewhere(
    dossier: Dossier, subject: Subject, name: str, entry: str, lists: Sequence[Vocabulary]
) -> Text | None:
    """Say that an entry is like a body of a list and of no place of the jurisdiction."""
    term = find_term(entry, lists, None)
    if term is None:
        return None
    return N_(
        "%(field)s: %(value)s is no name of this jurisdiction for %(term)s; nearest: %(nearest)s",
        field=field_name(name, (subject.kind,)),
        value=f'"{entry[:SHOWN]}"',
        term=word(term),
        nearest=nearest_name(entry, term, dossier.places),
    )


def _holds(dossier: Dossier, subject: Subject, name: str) -> bool:
    if name == EXPOSURE:
        return subject.label in dossier.exposures
    if name == MASKS and not dossier.exposures.get(subject.label, {}).get("before_m2"):
        return True  # nothing private can be seen, so there is nothing to mask
    value = subject.value(name)
    return value is not None and not _is_no(value) and value != ""


def _is_no(value: object) -> bool:
    return isinstance(value, bool | np.bool_) and not value


@declare(
    N_("a field has one of the values"),
    Parameter("field", N_("field"), "field", required=True),
    choices("values", N_("one of")),
    choices(
        "open", N_("of these by a reading of the law that a person has to settle"), required=False
    ),
    choices("ahead", N_("of these as long as it is not built"), required=False),
)
def one_of(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a field has one of the values; of some the law is read so, and a person asked."""
    name = values["field"]
    value = subject.value(name)
    if value is None:
        return not_recorded(subject.kind, name)
    if value in values.get("ahead", ()) and subject.value("status") in AHEAD:
        return passed(value=value)
    if value in values.get("open", ()):
        text = N_(
            "%(field)s is %(value)s, which is allowed only by a reading of the law: whether it "
            "holds here is for a person to say",
            field=field_name(name, (subject.kind,)),
            value=word(value),
        )
        caveats = _caveats(dossier, subject.label)
        return unknown(text, *caveats, missing=["answers"], field=name, value=value)
    if value in values["values"]:
        return passed(value=value)
    return failed(
        N_("%(field)s is %(value)s", field=field_name(name, (subject.kind,)), value=word(value)),
        field=name,
        value=value,
    )


def _caveats(dossier: Dossier, label: str) -> tuple[Text, ...]:
    """Return what packs say of how they read the kinds of private places a camera stands in."""
    hits = dossier.private_hits(label, INTERIORS)
    kinds = set() if hits is None else set(hits["kind"])
    return tuple(
        Text("%(caveat)s", {"caveat": dict(entry.caveat)})
        for pack in dossier.rules.packs
        for entry in pack.privacy
        if entry.id in kinds and entry.caveat
    )


@declare(
    N_("two dates or numbers stand in order"),
    Parameter("left", N_("compared"), "field", required=True),
    choice("op", N_("relation"), "<=", ">="),
    Parameter("right", N_("with"), "operand", required=True, stricter="lower"),
    quantity("plus", N_("and later by"), "day", "lower", required=False),
    quantity("minus", N_("and earlier by"), "day", "higher", required=False),
    Parameter(
        "key_target", N_("for a counter-terrorism target instead"), "operand", stricter="lower"
    ),
    turned_by=("op", ">="),
    looks=looks(("left", tuple(INDICES)), *DEMANDED),
)
def compare(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether two dates or numbers stand in order; days are calendar days.

    What is not yet done and still may be in time is unknown; once its last day is past, and others
    of its kind are recorded, it is late.
    """
    if values["left"] in INDICES:
        return _index(dossier, values["left"], values["op"], float(values["right"]))
    right = _operand(subject, values["right"])
    if right is None:
        name = values["right"] or "in_force"
        return unknown(
            N_("not known: %(fields)s", fields=field_word(name, (subject.kind,))), missing=[name]
        )
    if isinstance(right, date):
        right += timedelta(values.get("plus", 0)) - timedelta(values.get("minus", 0))
    name = values["left"]
    left = _operand(subject, name)
    wrong = misdated(dossier, subject, (name, str(values["right"])))
    if wrong is not None:
        return wrong
    if left is None:
        return _not_yet(dossier, subject, name, right)
    if values.get("key_target") is not None and not isinstance(right, date):
        return _by_tier(subject, left, right, values)
    return _in_order(name, left, values["op"], right)


def _index(dossier: Dossier, name: str, op: str, limit: float) -> Ruling:
    """Judge an index of the plan by what is asked of it; without an inventory there is none."""
    value = dossier.index_of(name) if dossier.has_inventory else None
    if value is None:
        return unknown(N_("not known: %(fields)s", fields=field_word(name)), missing=["inventory"])
    found = {"left": round(value, 6), "right": limit}
    if (value <= limit) if op == "<=" else (value >= limit):
        return passed(**found)
    unit = INDICES[name]
    shown = math.floor(value * 1000.0) / 1000.0  # never shown as reaching what it does not reach
    text = N_(
        "%(field)s is %(left)s, the limit %(right)s",
        field=field_name(name),
        left=describe_value(shown, unit),
        right=describe_value(limit, unit),
    )
    return failed(text, **found)


def _in_order(name: str, left: Any, op: str, right: Any) -> Ruling:
    if (left <= right) if op == "<=" else (left >= right):
        return passed(left=str(left), right=str(right))
    text = N_(
        "%(field)s is %(left)s, the limit %(right)s",
        field=field_name(name),
        left=_shown(left),
        right=_shown(right),
    )
    return failed(text, left=str(left), right=str(right))


def _shown(value: Any) -> Any:
    """Return a number without digits that say nothing, a date as it is."""
    return f"{value:g}" if isinstance(value, float) else value


def _by_tier(subject: Subject, left: float, least: float, values: Mapping[str, Any]) -> Ruling:
    """Judge by the limit of a key target, the common one, or neither where it is not known."""
    high = _operand(subject, values["key_target"])
    key = subject.value("key_target")
    if key is None and least <= left < high:
        text = N_("enough for %(least)g, not for a key target (%(high)g)", least=least, high=high)
        return unknown(text, missing=["key_target"])
    return _in_order(values["left"], left, values["op"], high if key else least)


def _not_yet(dossier: Dossier, subject: Subject, name: str, last: Any) -> Ruling:
    recorded = dossier.is_recorded(subject.kind, name)
    if recorded and isinstance(last, date) and dossier.today > last:
        days = (dossier.today - last).days
        text = N_("overdue since %(last)s, by %(days)s days", last=last.isoformat(), days=days)
        return failed(text, overdue_days=days, right=last.isoformat())
    return not_recorded(subject.kind, name)


def _operand(subject: Subject, operand: Any) -> Any:
    """Return a date or number: as the rule gives it, or of the record."""
    if isinstance(operand, date):
        return operand
    if isinstance(operand, int | float):
        return float(operand)
    day = read_day(operand)
    if day is not None:
        return day
    value = subject.value(str(operand))
    if value is None or isinstance(value, int | float):
        return value
    return read_day(value)


@declare(
    N_("a text has no term of a lexicon"),
    Parameter("field", N_("field"), "field", required=True),
    choice("lexicon", N_("lexicon"), "vendors"),
    department="finance",
)
def no_terms(dossier: Dossier, subject: Subject, values: Mapping[str, Any]) -> Ruling:
    """Ask whether a text has no term of a lexicon."""
    del dossier
    text = subject.value(values["field"])
    if text is None:
        return unknown(
            N_("not recorded: %(fields)s", fields=field_word(values["field"])),
            missing=[values["field"]],
        )
    spans = find_terms(str(text), values["lexicon"])
    if not spans:
        return passed()
    words = ", ".join(dict.fromkeys(span.term for span in spans))
    return failed(
        N_("the text names %(words)s", words=words),
        spans=[(span.start, span.end, span.term) for span in spans],
    )
