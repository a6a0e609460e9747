"""Whom a plan is put before, and by which marks a point of it concerns them: the list of a pack.

No law says which point concerns which department. The list is a convention that a pack states, so
that it can be read, discussed and replaced by that of a user's pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from civicsight.core.errors import N_, Fault, Text
from civicsight.rules.closed import plain
from civicsight.rules.document import Document, Path
from civicsight.rules.pack import Consulted, Term, label_of

WORKS: Final[Mapping[str, Text]] = {
    "new_pole": N_("new pole"),
    "borrowed_pole": N_("pole or lamp post that is there"),
    "building": N_("fitting on a building or a gate"),
    "digging": N_("digging for power and network"),
    "power": N_("power"),
    "network": N_("network"),
    "device": N_("device that is bought"),
}
"""Kinds of work by which a point may concern somebody; the schema has the same."""

SHOWN: Final = ("position", "works", "money")
"""What somebody who is consulted may be told of a point, beside what it is and what it is for."""


def read_consulted(entry: Mapping[str, Any], pack_id: str, terms: Mapping[str, Term]) -> Consulted:
    """Build an entry of the list; `terms` are the bodies of the pack by their plain names."""
    places = tuple(
        (place.get("pack", pack_id), place["item"], tuple(place.get("kinds", ())))
        for place in entry.get("places", ())
    )
    return Consulted(
        pack_id,
        terms[plain(entry["body"])],
        label_of(entry["why"]),
        entry.get("every", False),
        places,
        tuple(entry.get("works", ())),
        frozenset(entry["shows"]),
    )


def terms_of(vocabularies: Mapping[str, Any]) -> dict[str, Term]:
    """Return the terms of closed lists as data by the plain form of each label."""
    return {
        plain(name): Term(label_of(term), tuple(term.get("names", ())))
        for vocabulary in vocabularies.values()
        for term in vocabulary["terms"]
        for name in label_of(term).values()
    }


def find_consultation_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for each body that is on no list or stands twice, and each unknown place."""
    data: Any = document.data
    bodies = terms_of(data.get("vocabularies", {}))
    seen: dict[str, int] = {}
    for index, entry in enumerate(data.get("consultation", ())):
        path: Path = ("consultation", index, "body")
        term = bodies.get(plain(entry["body"]))
        if term is None:
            known = dict.fromkeys(one.label["en"] for one in bodies.values())
            yield _unknown(document, path, entry["body"], known)
        elif term.label["en"] in seen:
            yield document.fault(
                "pack.repeated_id:line", path, entry["body"], line=seen[term.label["en"]]
            )
        else:
            seen[term.label["en"]] = document.line(path)


def find_place_faults(documents: Iterable[Document]) -> Iterator[Fault]:
    """Yield a fault for each item that its pack has not, and each kind that its item has not.

    An entry may name places of another pack, which has to be loaded with it.
    """
    loaded = list(documents)
    kinds = {_id(one): _kinds(one) for one in loaded}
    for document in loaded:
        entries: Any = document.data.get("consultation", ())
        for index, entry in enumerate(entries):
            for at, place in enumerate(entry.get("places", ())):
                path: Path = ("consultation", index, "places", at)
                yield from _one_place(document, path, place, kinds)


def _one_place(
    document: Document, path: Path, place: Any, kinds: Mapping[str, Mapping[str, set[str]]]
) -> Iterator[Fault]:
    """Yield what is wrong with one place of an entry."""
    pack = place.get("pack", _id(document))
    if pack not in kinds:
        yield _unknown(document, (*path, "pack"), pack, kinds)
    elif place["item"] not in kinds[pack]:
        yield _unknown(document, (*path, "item"), place["item"], kinds[pack])
    else:
        known = kinds[pack][place["item"]]
        for number, kind in enumerate(place.get("kinds", ())):
            if kind not in known:
                yield _unknown(document, (*path, "kinds", number), kind, known)


def _id(document: Document) -> str:
    head: Any = document.data["pack"]
    return str(head["id"])


def _kinds(document: Document) -> dict[str, set[str]]:
    """Return the kinds of places by the items of a pack."""
    zones: Any = document.data.get("zones", ())
    return {
        zone["id"]: {one.get("kind", "") for one in (*zone["select"], *zone.get("derive", ()))}
        for zone in zones
    }


def _unknown(document: Document, path: Path, found: str, known: Iterable[str]) -> Fault:
    return document.fault("pack.unknown_name", path, found, choices=", ".join(sorted(known)) or "-")
