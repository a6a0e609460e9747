"""Turn a checked document into a `Pack`, with every ``$name`` replaced by its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from civicsight.core.i18n import Label
from civicsight.rules.consultation import read_consulted, terms_of
from civicsight.rules.directions import read_directions, read_rule_params
from civicsight.rules.document import Document
from civicsight.rules.pack import (
    MIN_TIME_SHARE,
    TARGET_HEIGHTS_M,
    Article,
    Bound,
    Check,
    Conflict,
    Derivation,
    Instrument,
    Pack,
    Param,
    PartSpec,
    Place,
    Policy,
    PrivacyClass,
    Profile,
    Qualifier,
    RegisterWords,
    Rule,
    Selector,
    Source,
    Term,
    Vocabulary,
    ZoneClass,
    label_of,
)
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import COMBINERS

Entry = Mapping[str, Any]


def build_pack(
    document: Document, params: Mapping[str, Param], profiles: Mapping[str, Entry]
) -> Pack:
    """Build a pack from a document without faults.

    Parameters
    ----------
    document
        The pack as data.
    params, profiles
        What users set instead of the pack's own, by name, profiles as `read_profiles` has them;
        names that the pack lacks are ignored.
    """
    data: Any = document.data
    head = data["pack"]
    own = read_params(document)
    own_params = {
        name: replace(params[name], stricter=stated.stricter, private=stated.private)
        if name in params
        else stated
        for name, stated in own.items()
    }
    own_profiles = {
        name: _profile(name, restated(entry, profiles.get(name, {})), own_params)
        for name, entry in data.get("profiles", {}).items()
    }
    stands_on = read_rule_params(document)
    lists = _vocabularies(data.get("vocabularies", {}))
    rules = tuple(
        _rule(entry, head["id"], own_params, lists, stands_on[entry["id"]])
        for entry in data.get("rules", ())
    )
    covering = (rule for rule in rules if rule.check.name == "covered")
    demands = {item: rule for rule in covering for item in _items(rule.where)}
    bodies = terms_of(data.get("vocabularies", {}))
    return Pack(
        head["id"],
        head["version"],
        head["released"],
        frozen(head["title"]),
        frozen({k: v for k, v in head["jurisdiction"].items() if k not in ("bounds", "places")}),
        _instrument(head["instrument"]),
        tuple(head["load_with"]),
        _sources(data["sources"]),
        _policy(data["policy"]) if "policy" in data else None,
        MappingProxyType(own_params),
        MappingProxyType(own_profiles),
        tuple(
            _zone(entry, head["id"], demands, own_params, own_profiles)
            for entry in data.get("zones", ())
        ),
        tuple(_privacy(entry, head["id"], own_params) for entry in data.get("privacy", ())),
        tuple(_article(entry, head["id"]) for entry in data.get("articles", ())),
        rules,
        tuple(_conflict(entry, head["id"]) for entry in data.get("conflicts", ())),
        document.sha256,
        frozen(head["jurisdiction"].get("bounds")),
        consultation=tuple(
            read_consulted(entry, head["id"], bodies) for entry in data.get("consultation", ())
        ),
        places=_places(head["jurisdiction"]),
    )


def _places(entry: Entry) -> tuple[Place, ...]:
    """Return the places of a jurisdiction: its own, and those that it lies in."""
    own = str(entry["code"]).rstrip("0")
    return tuple(
        Place(
            each["code"],
            tuple(name for key, name in each.items() if key != "code"),
            each["code"].startswith(own),
        )
        for each in entry.get("places", ())
    )


def _sources(entries: Entry) -> Mapping[str, Source]:
    return MappingProxyType(
        {
            name: Source(name, entry["kind"], _ref(entry["ref"]), entry["verified"])
            for name, entry in entries.items()
        }
    )


def read_params(document: Document) -> dict[str, Param]:
    """Return the parameters that a document states."""
    entries: Any = document.data.get("params", {})
    directions = read_directions(document)
    return {
        name: Param(
            name,
            e["value"] if isinstance(e["value"], str) else float(e["value"]),
            e["unit"],
            e["basis"],
            e["source"],
            *directions.get(name, ("", False)),
        )
        for name, e in entries.items()
    }


def read_profiles(document: Document) -> dict[str, Entry]:
    """Return the capture profiles that a document states, by name, its own numbers filled in."""
    params: Any = document.data.get("params", {})
    entries: Any = document.data.get("profiles", {})
    return {
        name: {
            key: params[value.removeprefix("$")]["value"] if _is_reference(value) else value
            for key, value in entry.items()
        }
        for name, entry in entries.items()
    }


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("$")


INHERITED: Final = ("target", "target_height_m", "min_time_share", "light")
"""What a user's pack that states a profile anew need not say: it stays as the profile has it."""


def restated(own: Entry, theirs: Entry) -> Entry:
    """Return a profile as a user's pack states it anew; what it is silent on stays.

    Who looks at another target looks at its height, not at that of the target before.
    """
    if not theirs:
        return own
    moved = theirs.get("target", own.get("target")) != own.get("target")
    kept = [key for key in INHERITED if key in own and not (moved and key == "target_height_m")]
    return {**{key: own[key] for key in kept}, **theirs}


def usual_of(entry: Entry) -> Entry:
    """Return what a profile that is silent on it asks of a view."""
    target = entry.get("target", "person")
    return {
        "target": target,
        "target_height_m": TARGET_HEIGHTS_M[target],
        "min_time_share": MIN_TIME_SHARE,
        "light": "day",
    }


def _profile(name: str, stated: Entry, params: Mapping[str, Param]) -> Profile:
    entry: dict[str, Any] = {
        key: _number(value, params) if _is_reference(value) else value
        for key, value in {**usual_of(stated), **stated}.items()
    }
    return Profile(
        name,
        float(entry["px_per_m"]),
        frozen(entry["label"]),
        entry["basis"],
        entry["source"],
        entry.get("max_tilt_deg"),
        entry.get("max_yaw_deg"),
        entry.get("biometric", False),
        entry["target"],
        float(entry["target_height_m"]),
        float(entry["min_time_share"]),
        entry["light"],
    )


def _ref(text: str | dict[str, str]) -> Label:
    """Return what a source is called; a name in one language serves in all."""
    label: Label = frozen({"en": text} if isinstance(text, str) else text)
    return label


def frozen(value: Any) -> Any:
    """Return data that cannot be changed: mappings read-only, lists as tuples."""
    if isinstance(value, dict):
        return MappingProxyType({key: frozen(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return tuple(frozen(inner) for inner in value)
    return value


def _instrument(entry: Entry) -> Instrument:
    return Instrument(
        label_of(entry),
        entry["kind"],
        entry["rank"],
        entry.get("decree"),
        entry["in_force"],
        entry["status"],
        entry["status_checked"],
        entry["articles_available"],
    )


def _policy(entry: Entry) -> Policy:
    return Policy(
        float(entry["confirmed_confidence"]),
        entry["candidate_cap"],
        tuple(entry["hide_in_public_output"]),
        tuple(entry["main_gate_words"]),
    )


def _number(reference: str, params: Mapping[str, Param]) -> float:
    return float(params[reference.removeprefix("$")].value)


def _bound(entry: Entry | None, params: Mapping[str, Param]) -> Bound | None:
    if entry is None:
        return None
    return Bound(entry["field"], _number(entry["at_least"], params))


def _tags(entry: Mapping[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (key, tuple(value) if isinstance(value, list) else (value,)) for key, value in entry.items()
    )


def read_selector(entry: Entry, params: Mapping[str, Param]) -> Selector:
    """Return a selector of a pack, its bound by the values of parameters."""
    codes = entry.get("amap", ())
    parts = (code.partition("-") for code in codes)
    return Selector(
        entry.get("kind", ""),
        _tags(entry.get("osm", {})),
        _tags(entry.get("exclude", {})),
        tuple((low, high or low) for low, _, high in parts),
        tuple(entry.get("industry", ())),
        entry.get("geom", ""),
        _bound(entry.get("where"), params),
        float(entry["conf"]),
        tuple(entry.get("baidu", ())),
    )


def _zone(
    entry: Entry,
    pack_id: str,
    demands: Mapping[str, Rule],
    params: Mapping[str, Param],
    profiles: Mapping[str, Profile],
) -> ZoneClass:
    """Build a class of places; the rule that asks for its coverage gives article and rule."""
    demand = demands.get(entry["id"])
    return ZoneClass(
        entry["id"],
        pack_id,
        frozen(entry["label"]),
        frozen(entry.get("caveat")),
        demand.article if demand else "",
        demand.id if demand else "",
        entry.get("builder"),
        entry.get("mobile", False),
        entry.get("designated_only", False),
        entry.get("secrecy"),
        entry.get("include"),
        tuple(entry.get("entrances", ())),
        tuple(
            Qualifier(label_of(q), tuple(q.get("kinds", ())), _bound(q.get("test"), params))
            for q in entry.get("qualifiers", ())
        ),
        tuple(read_selector(selector, params) for selector in entry["select"]),
        tuple(
            Derivation(
                d["kind"],
                d["method"],
                tuple(d["roads"]),
                tuple(d.get("with", ())),
                float(d["conf"]),
            )
            for d in entry.get("derive", ())
        ),
        tuple(_part(part, params, profiles) for part in entry["parts"]),
        tuple(
            RegisterWords(words.get("kind", ""), tuple(words["names"]))
            for words in entry.get("register", ())
        ),
        tuple(entry.get("functions", ())),
    )


def _items(where: Mapping[str, Any]) -> tuple[str, ...]:
    items = where.get("item", ())
    return (items,) if isinstance(items, str) else tuple(items)


def _part(entry: Entry, params: Mapping[str, Param], profiles: Mapping[str, Profile]) -> PartSpec:
    around = entry.get("around_gates")
    return PartSpec(
        entry["part"],
        profiles[entry["profile"]],
        _number(entry["fraction"], params),
        entry.get("k", 1),
        tuple(entry.get("kinds", ())),
        tuple(entry.get("standing", ())),
        _number(around, params) if around else None,
    )


def _privacy(entry: Entry, pack_id: str, params: Mapping[str, Param]) -> PrivacyClass:
    return PrivacyClass(
        entry["id"],
        pack_id,
        frozen(entry["label"]),
        entry["scope"],
        frozen(entry.get("caveat")),
        tuple(read_selector(selector, params) for selector in entry["select"]),
    )


def _article(entry: Entry, pack_id: str) -> Article:
    return Article(
        entry["n"],
        pack_id,
        entry["kind"],
        frozen(entry["gist"]),
        tuple(entry["rules"]),
        frozen(entry.get("no_rule")),
    )


def _vocabularies(entries: Entry) -> dict[str, Vocabulary]:
    return {
        name: Vocabulary(
            name,
            label_of(entry),
            tuple(Term(label_of(term), tuple(term.get("names", ()))) for term in entry["terms"]),
        )
        for name, entry in entries.items()
    }


def _check(entry: Entry, params: Mapping[str, Param], lists: Mapping[str, Vocabulary]) -> Check:
    name, values = next(iter(entry.items()))
    if name in COMBINERS:
        inner = tuple(_check(each, params, lists) for each in values)
        return Check(name, MappingProxyType({}), inner)
    resolved = dict(_resolved(values, params))
    for key, parameter in PREDICATES[name].parameters.items():
        if parameter.kind == "vocabularies" and key in resolved:
            resolved[key] = tuple(lists[each] for each in resolved[key])
    return Check(name, MappingProxyType(resolved))


def _resolved(values: Entry, params: Mapping[str, Param]) -> Mapping[str, Any]:
    """Replace references by the values of their parameters."""
    return MappingProxyType(
        {
            key: params[value[1:]].value
            if isinstance(value, str) and value.startswith("$")
            else _resolved(value, params)
            if isinstance(value, dict)
            else frozen(value)
            for key, value in values.items()
        }
    )


def _rule(
    entry: Entry,
    pack_id: str,
    params: Mapping[str, Param],
    lists: Mapping[str, Vocabulary],
    stands_on: tuple[str, ...],
) -> Rule:
    escalate = entry.get("escalate", {})
    return Rule(
        entry["id"],
        pack_id,
        entry["article"],
        tuple(entry["subject"]),
        frozen(entry["title"]),
        _resolved(entry.get("where", {}), params),
        _check(entry["check"], params, lists),
        tuple(entry["needs"]),
        entry["on_fail"],
        entry.get("on_unknown"),
        _resolved(escalate.get("when", {}), params),
        escalate.get("to"),
        tuple(entry["evidence"]),
        frozen(entry["human"]),
        stands_on,
    )


def _conflict(entry: Entry, pack_id: str) -> Conflict:
    there = entry["there"]
    return Conflict(
        entry["id"],
        pack_id,
        tuple(entry["here"]),
        there["pack"],
        tuple(there["articles"]),
        entry["effect"],
        frozen(entry["note"]),
    )
