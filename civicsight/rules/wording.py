"""What a rule asks, in words: its predicates with their parameters, to be read in any language."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from civicsight.core.errors import N_, Text
from civicsight.rules.fields import INDICES
from civicsight.rules.pack import Check, Param, Rule, Source
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import Parameter
from civicsight.rules.vocabulary import WORDS, describe_value, field_name, join, word

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

LEADS: Final = ("layer", "fields", "kind", "question")
"""Parameters that say what a question is about; others stand in brackets behind them."""


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
        (_detail(value, predicate.parameters[key], subjects) for key, value in values.items()),
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
        right = describe_value(values["right"], INDICES[values["left"]])
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
    other = _detail(values["key_target"], sides["key_target"], subjects)
    return N_("%(meaning)s (%(details)s)", meaning=said, details=other)


def _detail(value: Any, parameter: Parameter, subjects: Collection[str]) -> Text:
    if parameter.kind == "flag":
        return parameter.meaning if value else N_("not: %(what)s", what=parameter.meaning)
    return N_("%(key)s %(value)s", key=parameter.meaning, value=_shown(value, parameter, subjects))


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
    return describe_value(value, unit or "day")


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
            value = describe_value(condition["below"], "ratio")
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
        value=describe_value(param.value, param.unit),
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
