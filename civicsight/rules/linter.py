"""What a schema cannot see: names that point nowhere, and numbers out of their range."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice, pairwise
from typing import Any, Final

from civicsight.core.errors import Fault
from civicsight.rules.checks import find_check_faults
from civicsight.rules.closed import find_name_faults
from civicsight.rules.consultation import find_consultation_faults
from civicsight.rules.directions import find_direction_faults
from civicsight.rules.document import MAX_FAULTS, Document, Path, check_time, in_order
from civicsight.rules.fields import FIELDS
from civicsight.rules.ladders import LADDERS, values_of
from civicsight.rules.pack import SECTION
from civicsight.rules.predicates.declaration import EVIDENCE, INPUTS, MEASURES

RANKS: Final = {
    "law": 10,
    "administrative_regulation": 20,
    "local_regulation": 30,
    "local_government_rule": 40,
    "normative_document": 50,
    "standard": 60,
    "guideline": 70,
    "user": 90,
}
"""Rank of each kind of instrument; the lower number prevails."""
UNIT_RANGES: Final = {
    "ratio": (0.0, 1.0),
    "m": (0.0, 1e5),
    "m2": (0.0, 1e9),
    "deg": (0.0, 360.0),
    "px/m": (0.1, 5e3),
    "V": (0.0, 1e7),
    "count": (0.0, 1e9),
    "day": (0.0, 36_525.0),
    "year": (0.0, 100.0),
}
"""Values that a parameter of a unit can have."""

BOUND_UNITS: Final = {
    "area_m2": "m2",
    "floor_area_m2": "m2",
    "length_m": "m",
    "capacity": "count",
    "voltage_v": "V",
}
"""Unit of each measure of a place that can be bounded."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def find_link_faults(document: Document) -> list[Fault]:
    """Return broken cross references of a pack whose shape is right.

    At most `MAX_FAULTS` are returned, in order of lines.
    """
    found = chain(
        _pack_faults(document),
        _param_faults(document),
        _ladder_faults(document),
        _profile_faults(document),
        _zone_faults(document),
        _privacy_faults(document),
        _article_faults(document),
        _rule_faults(document),
        _covered_faults(document),
        *(find(document) for find in (find_name_faults, find_consultation_faults)),
    )
    faults = list(islice(found, MAX_FAULTS))
    faults = faults or list(find_direction_faults(document))  # a broken reference has no direction
    return in_order(faults)


def _section(document: Document, name: str, default: Any) -> Any:
    return document.data.get(name, default)


def _repeated(document: Document, section: str, key: str) -> Iterator[Fault]:
    """Yield a fault for every id of a list that comes twice."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(_section(document, section, [])):
        path = (section, index, key)
        if entry[key] in seen:
            yield document.fault("pack.repeated_id:line", path, entry[key], line=seen[entry[key]])
        seen.setdefault(entry[key], document.line(path))


def _pack_faults(document: Document) -> Iterator[Fault]:
    instrument = _section(document, "pack", {})["instrument"]
    rank = RANKS[instrument["kind"]]
    if instrument["rank"] != rank:
        yield document.fault(
            "pack.rank", ("pack", "instrument", "rank"), instrument["rank"], rank=rank
        )
    pack_id = _section(document, "pack", {})["id"]
    if pack_id in _section(document, "pack", {})["load_with"]:
        yield document.fault("pack.circular", ("pack", "load_with"), pack_id)


def _ladder_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for a ladder that does not come with the program, or does not rise."""
    ladder = _section(document, "ladder", None)
    if isinstance(ladder, str) and ladder not in LADDERS:
        yield _unknown(document, ("ladder",), ladder, LADDERS)
    if not isinstance(ladder, dict):
        return
    for index, (low, high) in enumerate(pairwise(ladder["levels"])):
        if not low["px_per_m"] < high["px_per_m"]:
            yield document.fault(
                "pack.ladder",
                ("ladder", "levels", index + 1, "px_per_m"),
                high["px_per_m"],
                px=f"{low['px_per_m']:g}",
            )
    standard = ladder.get("standard", "")
    if standard not in {known.standard for known in LADDERS.values()}:
        return  # an assumption, which every surface says
    for index, level in enumerate(ladder["levels"]):
        known = values_of(level["id"], standard)
        if level["px_per_m"] not in known:
            path = ("ladder", "levels", index, "px_per_m")
            yield _off_standard(document, path, level["px_per_m"], known, standard)


def _profile_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for every profile that calls a density standard which no known one states."""
    for name, profile in _section(document, "profiles", {}).items():
        known = values_of(name)
        if profile["basis"] == "standard" and profile["px_per_m"] not in known:
            path = ("profiles", name, "px_per_m")
            yield _off_standard(document, path, profile["px_per_m"], known, "")


def _off_standard(
    document: Document, path: Path, found: float, known: frozenset[float], standard: str
) -> Fault:
    listed = sorted({ladder.standard for ladder in LADDERS.values()})
    values = ", ".join(f"{px:g} px/m" for px in sorted(known)) or "–"
    return document.fault(
        "pack.off_standard", path, found, standard=standard or " / ".join(listed), values=values
    )


def _param_faults(document: Document) -> Iterator[Fault]:
    sources = _section(document, "sources", {})
    for section in ("params", "profiles"):
        for name, entry in _section(document, section, {}).items():
            if entry["source"] not in sources:
                yield _unknown(document, (section, name, "source"), entry["source"], sources)
    for name, entry in _section(document, "profiles", {}).items():
        share = entry.get("min_time_share")
        if isinstance(share, str):
            path: Path = ("profiles", name, "min_time_share")
            yield from filter(None, [find_reference_fault(document, path, share, "ratio")])
    for name, entry in _section(document, "params", {}).items():
        path = ("params", name, "value")
        value, unit = entry["value"], entry["unit"]
        if unit == "date":
            if not (isinstance(value, str) and _DATE.fullmatch(value)):
                yield document.fault("pack.bad_unit:day", path, value)
            continue
        low, high = UNIT_RANGES[unit]
        if isinstance(value, str) or not low <= value <= high:
            yield document.fault("pack.bad_unit:number", path, value, low=low, high=high, unit=unit)


def _unknown(document: Document, path: Path, found: str, known: Any) -> Fault:
    return document.fault(
        "pack.unknown_name", path, found, choices=", ".join(sorted(map(str, known))) or "-"
    )


def find_reference_fault(document: Document, path: Path, reference: str, unit: str) -> Fault | None:
    """Return a fault if ``$name`` names no parameter, or one of another unit."""
    params = _section(document, "params", {})
    name = reference.removeprefix("$")
    if name not in params:
        return _unknown(document, path, reference, [f"${key}" for key in params])
    if params[name]["unit"] != unit:
        return document.fault(
            "pack.wrong_unit:reference", path, f"{reference} [{params[name]['unit']}]", unit=unit
        )
    return None


def _zone_faults(document: Document) -> Iterator[Fault]:
    yield from _repeated(document, "zones", "id")
    load_with = _section(document, "pack", {})["load_with"]
    hidden = _section(document, "policy", {}).get("hide_in_public_output", [])
    for index, zone in enumerate(_section(document, "zones", [])):
        path: Path = ("zones", index)
        check_time()
        yield from _selector_faults(document, (*path, "select"), zone["select"])
        yield from _nameless_kinds(document, path, zone)
        yield from _part_faults(document, path, zone)
        if zone.get("include") and zone["include"] not in load_with:
            yield _unknown(document, (*path, "include"), zone["include"], load_with)
        if zone.get("secrecy") and zone["secrecy"] not in hidden:
            yield _unknown(document, (*path, "secrecy"), zone["secrecy"], hidden)
        yield from _closed_class_faults(document, path, zone)


def _nameless_kinds(document: Document, path: Path, zone: dict[str, Any]) -> Iterator[Fault]:
    """Yield a fault for every selector of a class that does not say what it finds."""
    for at, entry in enumerate(zone["select"]):
        if "kind" not in entry:
            yield document.fault(
                "pack.missing_key", (*path, "select", at), ", ".join(entry), name="kind"
            )


def _part_faults(document: Document, path: Path, zone: dict[str, Any]) -> Iterator[Fault]:
    """Yield broken references of a class's parts and qualifiers."""
    profiles = _section(document, "profiles", {})
    kinds = {entry.get("kind", "") for entry in (*zone["select"], *zone.get("derive", ()))}
    kinds |= {SECTION} & {part["part"] for part in zone["parts"]}  # only a register can name one
    for at, part in enumerate(zone["parts"]):
        here = (*path, "parts", at)
        if part["profile"] not in profiles:
            yield _unknown(document, (*here, "profile"), part["profile"], profiles)
        yield from _references(document, here, part, {"fraction": "ratio", "around_gates": "m"})
        yield from _word_faults(document, (*here, "kinds"), part.get("kinds", ()), kinds)
    for at, qualifier in enumerate(zone.get("qualifiers", ())):
        here = (*path, "qualifiers", at)
        yield from _word_faults(document, (*here, "kinds"), qualifier.get("kinds", ()), kinds)
        yield from _bound_faults(document, (*here, "test"), qualifier.get("test"))


def _closed_class_faults(document: Document, path: Path, zone: dict[str, Any]) -> Iterator[Fault]:
    """Yield faults of a class that no map may fill: designated only, or on wheels."""
    closed = zone.get("designated_only") or zone.get("mobile")
    if closed and (zone["select"] or zone.get("derive")):
        yield document.fault("pack.closed_class", (*path, "select"), len(zone["select"]))


def _references(
    document: Document, path: Path, entry: dict[str, Any], units: dict[str, str]
) -> Iterator[Fault]:
    for key, unit in units.items():
        if key in entry:
            fault = find_reference_fault(document, (*path, key), entry[key], unit)
            if fault is not None:
                yield fault


def _word_faults(document: Document, path: Path, words: Any, known: Any) -> Iterator[Fault]:
    """Yield a fault for every word of a list that is not known."""
    for at, word in enumerate(words):
        if word not in known:
            yield _unknown(document, (*path, at), word, known)


def _bound_faults(document: Document, path: Path, bound: Any) -> Iterator[Fault]:
    if bound:
        yield from _references(document, path, bound, {"at_least": BOUND_UNITS[bound["field"]]})


def _privacy_faults(document: Document) -> Iterator[Fault]:
    yield from _repeated(document, "privacy", "id")
    for index, place in enumerate(_section(document, "privacy", [])):
        yield from _selector_faults(document, ("privacy", index, "select"), place["select"])


def _selector_faults(document: Document, path: Path, selectors: Any) -> Iterator[Fault]:
    for index, selector in enumerate(selectors):
        here = (*path, index)
        if not {"osm", "amap", "baidu", "industry"} & set(selector):
            yield document.fault(
                "pack.empty_selector",
                here,
                ", ".join(selector),
                choices="osm, amap, baidu, industry",
            )
        for at, code in enumerate(selector.get("amap", ())):
            low, _, high = code.partition("-")
            if high and high < low:
                yield document.fault("pack.bad_range", (*here, "amap", at), code)
        yield from _bound_faults(document, (*here, "where"), selector.get("where"))


def _article_faults(document: Document) -> Iterator[Fault]:
    yield from _repeated(document, "articles", "n")
    rules = {rule["id"]: rule["article"] for rule in _section(document, "rules", [])}
    for index, article in enumerate(_section(document, "articles", [])):
        path: Path = ("articles", index)
        if not article["rules"] and "no_rule" not in article:
            yield document.fault("pack.silent_article", path, article["n"])
        for at, rule in enumerate(article["rules"]):
            if rule not in rules:
                yield _unknown(document, (*path, "rules", at), rule, rules)
            elif rules[rule] != article["n"]:
                yield document.fault(
                    "pack.article_mismatch", (*path, "rules", at), rule, n=article["n"]
                )


def _rule_faults(document: Document) -> Iterator[Fault]:
    yield from _repeated(document, "rules", "id")
    listed = {rule for article in _section(document, "articles", []) for rule in article["rules"]}
    articles = [article["n"] for article in _section(document, "articles", [])]
    for index, rule in enumerate(_section(document, "rules", [])):
        path: Path = ("rules", index)
        check_time()
        fields = frozenset[str]().union(*(FIELDS[subject] for subject in rule["subject"]))
        if rule["article"] not in articles:
            yield _unknown(document, (*path, "article"), rule["article"], articles)
        elif rule["id"] not in listed:
            yield document.fault("pack.unlisted_rule", (*path, "id"), rule["id"])
        yield from _condition_faults(document, (*path, "where"), rule.get("where", {}), fields)
        escalate = rule.get("escalate", {"when": {}})["when"]
        yield from _condition_faults(
            document, (*path, "escalate", "when"), escalate, fields | MEASURES
        )
        yield from _word_faults(document, (*path, "needs"), rule["needs"], INPUTS | fields)
        yield from _word_faults(document, (*path, "evidence"), rule["evidence"], EVIDENCE)
        yield from find_check_faults(
            document, (*path, "check"), rule["check"], fields, find_reference_fault
        )


def _condition_faults(
    document: Document, path: Path, conditions: Any, fields: frozenset[str]
) -> Iterator[Fault]:
    for key, condition in conditions.items():
        if key not in fields:
            yield _unknown(document, (*path, key), key, fields)
        if isinstance(condition, dict) and "below" in condition:
            fault = find_reference_fault(
                document, (*path, key, "below"), condition["below"], "ratio"
            )
            if fault is not None:
                yield fault


def _covered_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for every class with parts that not exactly one rule on coverage names."""
    named: Counter[str] = Counter()
    for rule in _section(document, "rules", []):
        items = rule.get("where", {}).get("item", [])
        if "covered" in rule["check"]:
            named.update(items if isinstance(items, list) else [items])
    for index, zone in enumerate(_section(document, "zones", [])):
        count = named[zone["id"]]
        wanted = 0 if zone.get("mobile") else 1
        if count != wanted:
            path: Path = ("zones", index, "id")
            yield document.fault("pack.class_without_rule", path, zone["id"], n=wanted)
