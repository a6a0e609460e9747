"""What differs between two packs, and where the second asks for less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from civicsight.core.keyed_difference import is_same
from civicsight.rules.build import read_profiles, restated
from civicsight.rules.directions import PROFILE_NUMBERS, Change, compare_values, read_directions
from civicsight.rules.document import Document
from civicsight.rules.overriding import SEVERITIES, is_user

LISTS: Final = (
    ("zones", "id"),
    ("privacy", "id"),
    ("articles", "n"),
    ("rules", "id"),
    ("conflicts", "id"),
)
"""Sections that are lists, and the key that names an entry."""

DEMANDING: Final = ("zones", "privacy", "rules")
"""Sections whose entries each demand something."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two packs do not have in common.

    Parameters
    ----------
    section, name, field
        What differs; the field is empty where a whole entry is there once only.
    kind
        ``added`` and ``removed`` in the second pack, or ``changed``.
    before, after
        The values; None where there is none.
    direction
        What the difference does to the demands of the first pack.
    pack
        The first pack.
    """

    section: str
    name: str
    field: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any
    direction: Change
    pack: str


def compare_packs(before: Sequence[Document], after: Document) -> tuple[Difference, ...]:
    """Return what differs between packs and another one.

    Parameters
    ----------
    before
        Checked packs. Several may stand here only if the other one is a user's.
    after
        A checked pack. Of a user's pack only what it says counts: what it leaves out stays as the
        others have it.
    """
    found: list[Difference] = []
    known: dict[str, set[str]] = {}
    for base in before:
        for section, entries in _sections(base).items():
            known.setdefault(section, set()).update(entries)
            found += _compare_section(base, after, section)
    packs = " + ".join(_id(base) for base in before)
    for section, entries in _sections(after).items():
        demanding: Change = "tightened" if section in DEMANDING else "changed"
        found += [
            Difference(section, name, "", "added", None, entry, demanding, packs)
            for name, entry in entries.items()
            if name not in known.get(section, set())
        ]
    return tuple(found)


def _id(document: Document) -> str:
    data: Any = document.data
    return str(data["pack"]["id"])


def _sections(document: Document) -> dict[str, dict[str, Any]]:
    """Return the entries of each section by name; a policy is one section of single values."""
    data: Any = document.data
    found: dict[str, dict[str, Any]] = {
        "params": dict(data.get("params", {})),
        "profiles": dict(read_profiles(document)),
        "vocabularies": dict(data.get("vocabularies", {})),
    }
    if not is_user(document):
        found["instrument"] = {"instrument": data["pack"]["instrument"]}
    if "policy" in data:
        found["policy"] = {"policy": data["policy"]}
    for section, key in LISTS:
        found[section] = {entry[key]: entry for entry in data.get(section, ())}
    return found


def _compare_section(base: Document, after: Document, section: str) -> Iterator[Difference]:
    """Yield what a pack lost and what changed in one section."""
    own = _sections(base)[section]
    theirs = _sections(after).get(section, {})
    demanding: Change = "weakened" if section in DEMANDING else "changed"
    for name, entry in own.items():
        if name in theirs:
            said = theirs[name]
            if section == "profiles" and is_user(after):
                said = restated(entry, said)
            yield from _compare_entry(base, section, name, entry, said)
        elif not is_user(after):
            yield Difference(section, name, "", "removed", entry, None, demanding, _id(base))


def _compare_entry(
    base: Document, section: str, name: str, own: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    """Yield the fields of one entry that differ."""
    for field in dict.fromkeys((*own, *theirs)):
        before, after = own.get(field), theirs.get(field)
        if is_same(before, after):
            continue
        direction = _direction(base, section, name, field, before, after)
        yield Difference(section, name, field, "changed", before, after, direction, _id(base))


def _direction(
    base: Document, section: str, name: str, field: str, before: Any, after: Any
) -> Change:
    """Tell what a changed field does to a demand."""
    if section == "params" and field == "value":
        stricter, _ = read_directions(base).get(name, ("", False))
        return compare_values(before, after, stricter) or "changed"
    if section == "profiles" and field in PROFILE_NUMBERS:
        return compare_values(before, after, PROFILE_NUMBERS[field]) or "changed"
    if section == "rules" and field == "on_fail":
        return "weakened" if SEVERITIES.index(after) < SEVERITIES.index(before) else "tightened"
    return "changed"
