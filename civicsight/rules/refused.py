"""Find the selectors that no pack may have: by religion, ethnicity, worship, politics, or unlisted.

Everything is looked at by which a pack could pick places or cameras: marks of maps and what they
leave out, names of registers and classes, closed lists, and the words that rules compare a field
with. Keys, values and codes that a pack may use are an allow-list, which is data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from civicsight.core.errors import N_, Fault
from civicsight.rules.document import Document, Path, check_time
from civicsight.rules.forbidden import (
    banned_class,
    banned_industry,
    banned_tags,
    refused_amap,
    says_banned,
)
from civicsight.rules.pack import label_of

ANY: Final = "*"
"""Value that asks for nothing but the key."""


@dataclass(frozen=True, slots=True)
class Selectable:
    """Values by key of OpenStreetMap, ranges of AMap, classes of Baidu, starts of industries."""

    osm: Mapping[str, frozenset[str]]
    amap: tuple[tuple[str, str], ...]
    baidu: frozenset[str]
    industry: tuple[str, ...]


@cache
def selectable() -> Selectable:
    """Return the list that comes with the packs."""
    text = files("civicsight.rules").joinpath("selectable.txt").read_text("utf-8")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    by_kind: dict[str, list[list[str]]] = {"osm": [], "amap": [], "baidu": [], "industry": []}
    for kind, *rest in lines:
        by_kind[kind].append(rest)
    ranges = [entry[0].partition("-") for entry in by_kind["amap"]]
    return Selectable(
        {key: frozenset(values) for key, *values in by_kind["osm"]},
        tuple((low, high) for low, _, high in ranges),
        frozenset(entry[0] for entry in by_kind["baidu"]),
        tuple(entry[0] for entry in by_kind["industry"]),
    )


def unlisted_tags(osm: Mapping[str, object]) -> Iterator[str]:
    """Yield the tags of a selector that are not on the list, as ``key=value``."""
    known = selectable().osm
    for key, values in osm.items():
        for value in values if isinstance(values, list) else [values]:
            if str(value) not in known.get(key, ()):
                yield f"{key}={value}"


def is_listed(system: str, code: str) -> bool:
    """Tell whether a code of ``amap``, ``baidu`` or ``industry`` is on the list."""
    known = selectable()
    if system == "baidu":
        return code in known.baidu
    if system == "industry":
        return code.startswith(known.industry)
    low, _, high = (part.strip() for part in code.partition("-"))
    return any(first <= low and (high or low) <= last for first, last in known.amap)


REMEDY = N_("No pack may select places by religion, ethnicity, worship or politics; remove it.")

LISTED = N_("a key and value, or a code, of the list of what packs may select by")
SELECT_BY = N_(
    "Choose a mark that the list has (civicsight/rules/selectable.txt), or name the places in a "
    "register."
)


def find_refused_selectors(document: Document) -> Iterator[Fault]:
    """Yield a fault for every word, tag or code of a pack that selects by what is banned."""
    data: Any = document.data
    for section in ("zones", "privacy"):
        for index, entry in enumerate(data.get(section, ())):
            check_time()
            for at, selector in enumerate(entry["select"]):
                yield from _selector_faults(document, (section, index, "select", at), selector)
    for index, zone in enumerate(data.get("zones", ())):
        yield from _word_faults(document, ("zones", index), _named(zone))
    for name, vocabulary in data.get("vocabularies", {}).items():
        yield from _word_faults(document, ("vocabularies", name), _texts(vocabulary))
    for index, rule in enumerate(data.get("rules", ())):
        check_time()
        for key in ("where", "check", "escalate"):
            yield from _word_faults(document, ("rules", index, key), _texts(rule.get(key, {})))


def _fault(document: Document, path: Path, found: object) -> Fault:
    return document.fault("pack.forbidden_selector", path, found, N_("another mark"), REMEDY)


def _unlisted(document: Document, path: Path, found: object) -> Fault:
    return document.fault("pack.unlisted_selector", path, found, LISTED, SELECT_BY)


def _selector_faults(document: Document, path: Path, selector: Any) -> Iterator[Fault]:
    """Yield the banned marks of one selector."""
    for key in ("osm", "exclude"):
        tags = selector.get(key, {})
        banned_here = list(banned_tags(tags))
        for tag in banned_here:
            yield _fault(document, (*path, key, tag.partition("=")[0]), tag)
        for tag in unlisted_tags(tags):
            if tag not in banned_here:
                yield _unlisted(document, (*path, key, tag.partition("=")[0]), tag)
    for key, banned in (
        ("amap", refused_amap),
        ("baidu", banned_class),
        ("industry", banned_industry),
    ):
        for at, code in enumerate(selector.get(key, ())):
            if banned(code):
                yield _fault(document, (*path, key, at), code)
            elif not is_listed(key, code):
                yield _unlisted(document, (*path, key, at), code)


def _named(zone: Any) -> Iterator[tuple[Path, str]]:
    """Yield the words by which a class picks its places from a register or a person's answer."""
    for language, text in zone["label"].items():
        yield ("label", language), text
    for section in ("select", "derive", "register"):
        for at, entry in enumerate(zone.get(section, ())):
            yield (section, at, "kind"), entry.get("kind", "")
    for at, qualifier in enumerate(zone.get("qualifiers", ())):
        yield from ((("qualifiers", at, key), text) for key, text in label_of(qualifier).items())
    for at, words in enumerate(zone.get("register", ())):
        yield from ((("register", at, "names", n), name) for n, name in enumerate(words["names"]))


def _texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _word_faults(
    document: Document, path: Path, words: Iterator[tuple[Path, str]]
) -> Iterator[Fault]:
    for step, text in words:
        if says_banned(text):
            yield _fault(document, (*path, *step), text)
