"""What a rule asks, in words: its predicates with their parameters, to be read in any language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.model import CAMERAS, OBSTACLES, PLANS, PROJECTS, ZONES
from civicsight.rules.fields import INDICES
from civicsight.rules.pack import Check, Param, Rule, Source, Term, Vocabulary
from civicsight.rules.predicates import PREDICATES, Parameter
from civicsight.rules.vocabulary import FIELD_WORDS, KEYS, NUMBERS, WORDS

COMBINED: Final[Mapping[str, Text]] = {
    "all": N_("all of these hold:"),
    "any": N_("at least one of these holds:"),
}
"""What joins checks."""

ORDERS: Final[Mapping[str, str]] = {
    "<=": "\N{LESS-THAN OR EQUAL TO}",
    ">=": "\N{GREATER-THAN OR EQUAL TO}",
}
"""Signs of a comparison."""

CODED: Final = N_("%(meaning)s [%(name)s]")
"""A field with the name that data use."""

LEADS: Final = ("layer", "fields", "kind", "question")
"""Parameters that say what a question is about; others stand in brackets behind them."""

_FIELDS: Final[Mapping[str, Mapping[str, Text]]] = {
    kind: {column.name: column.meaning for column in table}
    for kind, table in (
        ("camera", CAMERAS),
        ("project", PROJECTS),
        ("plan", PLANS),
        ("zone", ZONES),
        ("obstacle", OBSTACLES),
    )
}
"""What each field means, by what the record is about: `kind` is of cameras, trees and works."""


def word(text: object) -> Text:
    """Return a word of a pack as a person says it; one of no closed list stays as written."""
    if isinstance(text, Term | Vocabulary):
        return Text("%(label)s", {"label": text.label})
    return WORDS.get(str(text)) or Text("%(word)s", {"word": text})


def field_name(name: str, subjects: Collection[str] = ()) -> Text:
    """Return a field of a record as a person says it.

    Parameters
    ----------
    name
        The name that data use.
    subjects
        What the records are about, for a field that many of them have and each in its own sense.
    """
    if name in FIELD_WORDS:
        return FIELD_WORDS[name]
    for kind in (*subjects, *_FIELDS):
        if name in _FIELDS[kind]:
            return _FIELDS[kind][name]
    return word(name)


def field_word(name: str, subjects: Collection[str] = ()) -> Text:
    """Return a field of a record as a person says it, with the name that data use."""
    if any(name in fields for fields in _FIELDS.values()):
        return replace(CODED, values={"meaning": field_name(name, subjects), "name": name})
    return field_name(name, subjects)


def without_codes(text: Text) -> Text:
    """Return a sentence without the names that data use, for whoever reads no data."""
    meaning = text.values.get("meaning") if text.template == CODED.template else None
    if isinstance(meaning, Text):
        return without_codes(meaning)
    inner = {
        key: without_codes(value) if isinstance(value, Text) else value
        for key, value in text.values.items()
    }
    return replace(text, values=inner)


def number_word(name: str) -> Text:
    """Return what a number of a pack means; one of a user's own pack keeps its name."""
    return NUMBERS.get(name) or Text("%(word)s", {"word": name})


def join(texts: Iterable[Text], *, loose: bool = False) -> Text:
    """Join words with commas, or sentences loosely with semicolons, to one line."""
    joined = Text("")
    for number, text in enumerate(texts):
        if not number:
            joined = text
        elif loose:
            joined = N_("%(one)s; %(other)s", one=joined, other=text)
        else:
            joined = N_("%(one)s, %(other)s", one=joined, other=text)
    return joined


def describe_check(
    check: Check, subjects: Collection[str] = (), depth: int = 0
) -> Iterator[tuple[int, Text]]:
    """Yield a check line by line, each with how deep it stands in others.

    `subjects` are what its rule is about: they tell which record a field is of.
    """
    if not check.checks:
        yield depth, _question(check, subjects)
        return
    yield depth, COMBINED[check.name]
    for inner in check.checks:
        yield from describe_check(inner, subjects, depth + 1)


def _question(check: Check, subjects: Collection[str]) -> Text:
    """Return what a predicate asks as one line."""
    if check.name == "compare":
        return _order(check, subjects)
    predicate, values = PREDICATES[check.name], dict(check.values)
    said: Text = predicate.meaning
    if check.name == "one_of":
        field, choices = field_name(values.pop("field"), subjects), values.pop("values")
        said = N_("%(field)s is one of: %(values)s", field=field, values=join(map(word, choices)))
    for key in LEADS:
        if key in values:
            about = _shown(values.pop(key), predicate.parameters[key], subjects)
            said = N_("%(key)s: %(value)s", key=said, value=about)
    details = join(
        (_detail(key, value, predicate.parameters[key], subjects) for key, value in values.items()),
        loose=True,
    )
    if not values:
        return said
    return N_("%(meaning)s (%(details)s)", meaning=said, details=details)


def _order(check: Check, subjects: Collection[str]) -> Text:
    """Return a comparison as its two sides with a sign between them."""
    values = check.values
    sides = PREDICATES[check.name].parameters
    right = _shown(values["right"], sides["right"], subjects)
    if values["left"] in INDICES and isinstance(values["right"], float):
        right = say_value(values["right"], INDICES[values["left"]])
    for key, sign in (("plus", "+"), ("minus", "\N{MINUS SIGN}")):
        if key in values:
            days = _number(values[key], "day")
            right = Text(
                "%(right)s %(sign)s %(days)s", {"right": right, "sign": sign, "days": days}
            )
    said = Text(
        "%(left)s %(sign)s %(right)s",
        {
            "left": field_name(values["left"], subjects),
            "sign": ORDERS[values["op"]],
            "right": right,
        },
    )
    if values.get("key_target") is None:
        return said
    other = _detail("key_target", values["key_target"], sides["key_target"], subjects)
    return N_("%(meaning)s (%(details)s)", meaning=said, details=other)


def _detail(key: str, value: Any, parameter: Parameter, subjects: Collection[str]) -> Text:
    if parameter.kind == "flag":
        return KEYS[key] if value else N_("not: %(what)s", what=KEYS[key])
    return N_("%(key)s %(value)s", key=KEYS[key], value=_shown(value, parameter, subjects))


def _shown(value: Any, parameter: Parameter, subjects: Collection[str]) -> Text:
    """Return the value of a parameter, or its values in a row."""
    values = value if isinstance(value, tuple) else (value,)
    fields = parameter.kind in ("field", "fields", "operand")
    return join(
        (
            _number(entry, parameter.unit)
            if isinstance(entry, float)
            else (field_name(entry, subjects) if fields else word(entry))
            for entry in values
        ),
        loose=fields,
    )


def _number(value: float, unit: str) -> Text:
    return say_value(value, unit or "day")


def say_value(value: object, unit: str) -> Text:
    """Return a number with its unit, a share as percent, or a date."""
    if value is None:
        return N_("no limit")
    if not isinstance(value, float):
        return Text("%(value)s", {"value": value})
    if unit == "ratio":
        return Text("%(value)s %%", {"value": f"{value * 100:g}"})
    if unit == "deg":
        return Text("%(value)s°", {"value": f"{value:g}"})
    units = {"day": N_("days"), "year": N_("years"), "count": Text("")}
    shown = units.get(unit) or Text("%(unit)s", {"unit": unit.replace("m2", "m²")})
    return Text("%(value)s %(unit)s", {"value": f"{value:,g}", "unit": shown})


def describe_where(conditions: Mapping[str, Any], subjects: Collection[str] = ()) -> Iterator[Text]:
    """Yield the conditions under which a rule about `subjects` applies, or is more severe."""
    for key, condition in conditions.items():
        name = field_name(key, subjects)
        if not isinstance(condition, Mapping):
            listed = condition if isinstance(condition, tuple) else (condition,)
            yield N_("%(key)s: %(value)s", key=name, value=join(word(entry) for entry in listed))
        elif "missing" in condition:
            state = WORDS["missing" if condition["missing"] else "recorded"]
            yield N_("%(key)s: %(value)s", key=name, value=state)
        elif "below" in condition:
            value = say_value(condition["below"], "ratio")
            yield N_("%(key)s: below %(value)s", key=name, value=value)
        elif "before" in condition:
            yield N_("%(key)s: before %(value)s", key=name, value=word(condition["before"]))
        else:
            yield N_("%(key)s: from %(value)s", key=name, value=word(condition["from"]))


def describe_param(param: Param, sources: Mapping[str, Source]) -> Text:
    """Return a parameter with its value, what it stands on and which way it is stricter.

    A source that is not among those of the pack is one of a user's pack and keeps its short name.
    """
    directions = {
        "higher": N_("later is stricter") if param.unit == "date" else N_("higher is stricter"),
        "lower": N_("earlier is stricter") if param.unit == "date" else N_("lower is stricter"),
    }
    return N_(
        "%(name)s = %(value)s (%(basis)s; %(stricter)s; source: %(source)s)",
        name=param.name,
        value=say_value(param.value, param.unit),
        basis=word(param.basis),
        source=sources[param.source].ref if param.source in sources else param.source,
        stricter=directions.get(param.stricter, N_("neither way is stricter")),
    )


def describe_failure(rule: Rule) -> Text:
    """Return how grave it is when a rule fails."""
    text = word(rule.on_fail)
    if rule.escalate_to:
        when = join(describe_where(rule.escalate_when, rule.subjects))
        text = N_(
            "%(one)s; %(other)s where %(when)s", one=text, other=word(rule.escalate_to), when=when
        )
    if rule.on_unknown:
        text = N_(
            "%(one)s; %(other)s where data are missing", one=text, other=word(rule.on_unknown)
        )
    return text
