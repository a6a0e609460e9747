"""What packs from users do to the packs they are loaded with, and what they may not do.

A user may set what is an assumption, either way, and every change is listed. What a law says may
only be tightened, and so may what protects the private; a number of a standard gives way to that of
another standard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from civicsight.core.errors import Fault
from civicsight.rules.build import read_profiles, restated, usual_of
from civicsight.rules.composition import Override
from civicsight.rules.directions import (
    PROFILE_NUMBERS,
    PROFILE_UNITS,
    compare_values,
    read_directions,
)
from civicsight.rules.document import Document

SEVERITIES: Final = ("judgement", "info", "warning", "violation")
"""From the mildest to the gravest."""


def is_user(document: Document) -> bool:
    """Tell whether a pack is one of a user, below every law."""
    head: Any = document.data["pack"]
    return bool(head["instrument"]["kind"] == "user")


def find_overrides(documents: Sequence[Document]) -> Iterator[Override]:
    """Yield what users set otherwise than a pack does; of several users the last one counts.

    Parameters
    ----------
    documents
        Checked packs, those of users in the order in which their values apply.
    """
    users = [document for document in documents if is_user(document)]
    for base in documents:
        others = [user for user in users if user is not base]
        if is_user(base):
            others = others[users.index(base) :]
        last: dict[tuple[str, str, str], Override] = {}
        for user in others:
            changes = [*_param_changes(base, user), *_profile_changes(base, user)]
            stated = {("param", name) for name in user.data.get("params", {})}
            stated |= {("profile", name) for name in user.data.get("profiles", {})}
            last = {key: entry for key, entry in last.items() if key[:2] not in stated}
            last |= {(entry.kind, entry.what, entry.field): entry for entry in changes}
        yield from last.values()


def _param_changes(base: Document, user: Document) -> Iterator[Override]:
    """Yield the parameters of a pack that a user sets to another value."""
    own: Any = base.data.get("params", {})
    theirs: Any = user.data.get("params", {})
    directions = read_directions(base)
    for name, entry in theirs.items():
        if name not in own or own[name]["unit"] != entry["unit"]:
            continue
        stricter, private = directions.get(name, ("", False))
        before, after = _plain(own[name]["value"]), _plain(entry["value"])
        change = compare_values(before, after, stricter)
        if change is not None:
            yield _override(base, user, name, before, after, change, own[name], private=private)


def _profile_changes(base: Document, user: Document) -> Iterator[Override]:
    """Yield the numbers of a pack's profiles that a user sets to another value."""
    own, theirs = read_profiles(base), read_profiles(user)
    for name, entry in theirs.items():
        for key, stricter in PROFILE_NUMBERS.items() if name in own else ():
            now, then = (
                {**usual_of(each), **each} for each in (own[name], restated(own[name], entry))
            )
            before, after = _plain(now.get(key)), _plain(then.get(key))
            change = compare_values(before, after, stricter)
            if change is not None:
                yield _override(base, user, name, before, after, change, own[name], field=key)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int) else value


def _override(
    base: Document,
    user: Document,
    name: str,
    before: Any,
    after: Any,
    change: Any,
    stated: Mapping[str, Any],
    *,
    field: str = "value",
    private: bool = False,
) -> Override:
    heads: Any = (base.data["pack"]["id"], user.data["pack"]["id"])
    return Override(
        heads[0],
        name,
        before,
        after,
        change,
        heads[1],
        "param" if field == "value" else "profile",
        field,
        stated.get("unit", PROFILE_UNITS.get(field, "")),
        stated["basis"],
        private,
    )


def find_refused_overrides(documents: Sequence[Document]) -> Iterator[Fault]:
    """Yield a fault for every value that a user may not loosen."""
    pairs = [(u, base) for u in documents if is_user(u) for base in documents if base is not u]
    for user, base in pairs:
        for change in (*_param_changes(base, user), *_profile_changes(base, user)):
            if change.direction != "tightened":
                yield from _refusals(change, user)


def _refusals(change: Override, user: Document) -> Iterator[Fault]:
    """Yield why one weakened value is refused, if it is."""
    section = f"{change.kind}s"
    data: Any = user.data
    path = (section, change.what, change.field)
    pack, before = change.pack, "-" if change.before is None else change.before
    if change.private:
        yield user.fault("pack.loosens_privacy", path, change.after, before=before, pack=pack)
    elif change.basis == "law":
        yield user.fault("pack.weakens_law", path, change.after, before=before, pack=pack)
    elif change.basis == "standard" and data[section][change.what]["basis"] != "standard":
        yield user.fault("pack.weakens_standard", path, change.after, before=before, pack=pack)


def find_silencing_faults(documents: Sequence[Document], own: set[str]) -> Iterator[Fault]:
    """Yield a fault for everything by which a pack from outside would silence another.

    Parameters
    ----------
    documents
        Checked packs.
    own
        Ids of the packs that come with the program; they are trusted.
    """
    by_id = {_id(document): document for document in documents}
    for document in documents:
        if _id(document) in own:
            continue
        yield from _policy_faults(document, [by_id[pack_id] for pack_id in own])
        yield from _include_faults(document, by_id)


def _id(document: Document) -> str:
    head: Any = document.data["pack"]
    return str(head["id"])


def _policy_faults(document: Document, laws: Sequence[Document]) -> Iterator[Fault]:
    """Yield a fault for a policy by which findings would count for less, or for more."""
    stated: Any = document.data.get("policy", {})
    for key in ("confirmed_confidence", "candidate_cap"):
        wanted = {law.data["policy"][key] for law in laws if "policy" in law.data}
        if wanted and key in stated and stated[key] not in wanted:
            yield document.fault(
                "pack.policy",
                ("policy", key),
                stated[key],
                choices=", ".join(sorted(map(str, wanted))),
            )


def _include_faults(document: Document, by_id: Mapping[str, Document]) -> Iterator[Fault]:
    """Yield a fault for a class that takes over the places of a pack and asks for less."""
    data: Any = document.data
    for index, zone in enumerate(data.get("zones", ())):
        taken = by_id.get(zone.get("include", ""))
        if taken is None:
            continue
        inner: Any = taken.data
        outranked = inner["pack"]["instrument"]["rank"] < data["pack"]["instrument"]["rank"]
        wanted = max((_severity(rule) for rule in _covering(inner)), default=0)
        given = max((_severity(rule) for rule in _covering(data, zone["id"])), default=0)
        if is_user(document) or not outranked or given < wanted:
            yield document.fault("pack.silences", ("zones", index, "include"), zone["include"])


def _severity(rule: Mapping[str, Any]) -> int:
    return SEVERITIES.index(rule["on_fail"])


def _covering(data: Mapping[str, Any], item: str | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield the rules that ask for coverage, of one class or of all."""
    for rule in data.get("rules", ()):
        items = rule.get("where", {}).get("item", ())
        if "covered" in rule["check"] and (item is None or item == items or item in items):
            yield rule
