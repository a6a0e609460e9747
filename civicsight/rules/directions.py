"""Which way a number of a pack is stricter: read from where its rules and classes use it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from civicsight.core.errors import Fault
from civicsight.rules.document import Document, Path, check_time
from civicsight.rules.pack import Direction
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import COMBINERS

Change = Literal["tightened", "weakened", "changed"]

PRIVATE_LAYERS: Final = frozenset(
    {"designated_secret", "consent_layer", "privacy", "privacy_entrance"}
)
"""Layers that are to be left alone: no user may loosen a number that a rule measures them by."""

PLACE_NUMBERS: Final[Mapping[str, Direction]] = MappingProxyType(
    {
        "fraction": "higher",
        "around_gates": "higher",
        "test": "lower",
        "where": "lower",
        "below": "higher",
    }
)
"""Which way the numbers beside predicates are stricter.

Of a part the share that has to be seen and the ground around its gates; the size from which on a
place belongs to a class; the result below which a rule applies or is more severe.
"""

PROFILE_NUMBERS: Final[Mapping[str, Direction]] = MappingProxyType(
    {
        "px_per_m": "higher",
        "max_tilt_deg": "lower",
        "max_yaw_deg": "lower",
        "target": "",
        "target_height_m": "",
        "min_time_share": "higher",
        "light": "higher",  # by day, or also at night: the later word asks for more
    }
)
"""Which way the values of a profile are stricter; an angle without a limit is the loosest."""

PROFILE_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"px_per_m": "px/m", "max_tilt_deg": "deg", "max_yaw_deg": "deg", "target": "",
     "target_height_m": "m", "min_time_share": "ratio", "light": ""}
)  # fmt: skip
"""Unit of each value of a profile; empty for words."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place of a pack that refers to a parameter.

    Parameters
    ----------
    name, path
        The parameter, and where the reference stands.
    stricter
        Which way it is stricter there.
    private
        Whether it guards what is to be left alone.
    rule, item
        The rule, or the class, that it belongs to; empty if none.
    """

    name: str
    path: Path
    stricter: Direction
    private: bool = False
    rule: str = ""
    item: str = ""


def find_uses(document: Document) -> Iterator[Use]:
    """Yield every reference to a parameter, of a pack whose shape is right."""
    data: Any = document.data
    for name, profile in data.get("profiles", {}).items():
        for key, stricter in PROFILE_NUMBERS.items():
            if str(profile.get(key, "")).startswith("$"):
                yield _use(profile[key], ("profiles", name, key), stricter)
    for index, zone in enumerate(data.get("zones", ())):
        yield from _place_uses(("zones", index), zone, item=zone["id"])
    for index, place in enumerate(data.get("privacy", ())):
        yield from _place_uses(("privacy", index), place, private=True)
    for index, rule in enumerate(data.get("rules", ())):
        path: Path = ("rules", index)
        check_time()
        yield from _check_uses((*path, "check"), rule["check"], rule["id"])
        yield from _condition_uses((*path, "where"), rule.get("where", {}), rule["id"])
        escalate = rule.get("escalate", {"when": {}})
        yield from _condition_uses((*path, "escalate", "when"), escalate["when"], rule["id"])


def _condition_uses(path: Path, conditions: Any, rule: str) -> Iterator[Use]:
    for key, condition in conditions.items():
        if isinstance(condition, dict) and "below" in condition:
            yield _use(condition["below"], (*path, key, "below"), PLACE_NUMBERS["below"], rule=rule)


def _use(reference: Any, path: Path, stricter: Direction, **known: Any) -> Use:
    return Use(str(reference).removeprefix("$"), path, stricter, **known)


def _place_uses(path: Path, entry: Any, *, private: bool = False, item: str = "") -> Iterator[Use]:
    """Yield the references of one class of places, mandatory or private."""
    bounds = [
        ((*path, section, at, key, "at_least"), inner[key], PLACE_NUMBERS[key])
        for section, key in (("select", "where"), ("qualifiers", "test"))
        for at, inner in enumerate(entry.get(section, ()))
        if inner.get(key)
    ]
    for here, bound, stricter in bounds:
        yield _use(bound["at_least"], here, stricter, private=private, item=item)
    for at, part in enumerate(entry.get("parts", ())):
        for key in sorted({"fraction", "around_gates"} & set(part)):
            yield _use(part[key], (*path, "parts", at, key), PLACE_NUMBERS[key], item=item)


def _check_uses(path: Path, check: Any, rule: str) -> Iterator[Use]:
    """Yield the references of a check and of the checks inside it."""
    name, values = next(iter(check.items()))
    if name in COMBINERS:
        for index, inner in enumerate(values):
            yield from _check_uses((*path, name, index), inner, rule)
        return
    predicate = PREDICATES[name]
    private = predicate.is_private or values.get("layer") in PRIVATE_LAYERS
    for key, value in values.items():
        if isinstance(value, str) and value.startswith("$"):
            stricter = predicate.stricter(key, values)
            yield _use(value, (*path, name, key), stricter, private=private, rule=rule)


def read_directions(document: Document) -> dict[str, tuple[Direction, bool]]:
    """Return by parameter which way it is stricter, and whether it guards what is private."""
    found: dict[str, tuple[Direction, bool]] = {}
    for use in find_uses(document):
        stricter, private = found.get(use.name, ("", False))
        found[use.name] = (stricter or use.stricter, private or use.private)
    return found


def read_rule_params(document: Document) -> dict[str, tuple[str, ...]]:
    """Return the parameters that each rule stands on, those of the classes it covers included."""
    data: Any = document.data
    of_rule: dict[str, list[str]] = defaultdict(list)
    of_item: dict[str, list[str]] = defaultdict(list)
    for use in find_uses(document):
        if use.rule:
            of_rule[use.rule].append(use.name)
        if use.item:
            of_item[use.item].append(use.name)
    found = {}
    for rule in data.get("rules", ()):
        items = rule.get("where", {}).get("item", ()) if "covered" in rule["check"] else ()
        listed = (items,) if isinstance(items, str) else items
        names = [*of_rule[rule["id"]], *(name for item in listed for name in of_item[item])]
        found[rule["id"]] = tuple(dict.fromkeys(names))
    return found


def find_direction_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for every parameter that is stricter one way here and the other way there.

    Nobody could say of such a number whether another value weakens the pack.
    """
    first: dict[str, Use] = {}
    for use in find_uses(document):
        earlier = first.setdefault(use.name, use)
        if use.stricter != earlier.stricter:
            yield document.fault(
                "pack.two_directions", use.path, f"${use.name}", line=document.line(earlier.path)
            )


def compare_values(before: object, after: object, stricter: Direction) -> Change | None:
    """Tell what a change of a number or date does to a pack; None if nothing changed.

    A missing limit, None, is the loosest of all.

    Examples
    --------
    >>> compare_values(0.95, 0.8, "higher")
    'weakened'
    >>> compare_values(None, 30.0, "lower")
    'tightened'
    """
    if before == after:
        return None
    if before is None or after is None:
        return "tightened" if before is None else "weakened"
    if not stricter:
        return "changed"
    alike = all(isinstance(value, str) for value in (before, after))
    if not alike and any(isinstance(value, str) for value in (before, after)):
        return "changed"
    grown: bool = after > before  # type: ignore[operator]  # both text or both numbers
    return "tightened" if grown == (stricter == "higher") else "weakened"
