"""What a pack calls places: names of classes that maps use, and words that registers use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from civicsight.core.errors import N_, Fault
from civicsight.rules.document import Document, Path
from civicsight.rules.pack import ZoneClass


def plain(name: str) -> str:
    """Return a name in the form in which names are compared: no case, width, space or marks."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[^\w]+", "", folded)


def register_words(classes: tuple[ZoneClass, ...]) -> dict[str, tuple[str, str]]:
    """Return item and kind by each name that a register may give a place, in comparable form.

    The names of a class are the words that its pack lists and its label in both languages. Of two
    classes with one name the first counts; packs of higher rank come first.
    """
    found: dict[str, tuple[str, str]] = {}
    for zone in classes:
        for words in zone.register:
            for name in words.names:
                found.setdefault(plain(name), (zone.id, words.kind))
    for zone in classes:
        for name in zone.label.values():
            found.setdefault(plain(name), (zone.id, ""))
    return found


def find_name_faults(document: Document) -> Iterator[Fault]:
    """Yield a fault for every name that comes twice, or means an unknown kind."""
    zones: Any = document.data.get("zones", [])
    seen: dict[str, int] = {}
    for index, zone in enumerate(zones):
        kinds = {entry.get("kind", "") for entry in (*zone["select"], *zone.get("derive", ()))}
        for at, words in enumerate(zone.get("register", ())):
            path: Path = ("zones", index, "register", at)
            if words.get("kind", "") not in kinds | {""}:
                yield document.fault(
                    "pack.unknown_name",
                    (*path, "kind"),
                    words["kind"],
                    N_("one of %(choices)s", choices=", ".join(sorted(kinds)) or "-"),
                    N_("Correct the name, or declare it."),
                )
            yield from _word_faults(document, path, words["names"], seen)


def _word_faults(
    document: Document, path: Path, names: Any, seen: dict[str, int]
) -> Iterator[Fault]:
    for number, name in enumerate(names):
        here = (*path, "names", number)
        if plain(name) in seen:
            yield document.fault(
                "pack.repeated_id",
                here,
                name,
                N_("each id once; it is also on line %(line)s", line=seen[plain(name)]),
                N_("Give it an id of its own."),
            )
        seen.setdefault(plain(name), document.line(here))
