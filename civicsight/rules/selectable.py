"""By what a pack may select places: an allow-list of keys, values and codes, which is data.

What no list of bans foresees - another word for a mosque, a school by its lessons, homes of
refugees - is not on a list of what the laws speak of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

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
