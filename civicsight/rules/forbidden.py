"""What no pack may select places by: religion, ethnicity, places of worship, politics.

Neither law asks for it, and lists of capture purposes that do exist elsewhere. The ban stands here,
in code, because a pack from a stranger would leave it out of its own data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

FORBIDDEN_KEYS: Final = frozenset(
    {
        "religion",
        "denomination",
        "ethnicity",
        "ethnic",
        "diocese",
        "deanery",
        "parish",
        "political",
        "politics",
        "political_party",
        "party",
        "service_times",
    }
)
"""Tag keys that say what people believe, descend from or vote for."""

FORBIDDEN_VALUES: Final = frozenset(
    {
        "place_of_worship",
        "religion",
        "religious",
        "church",
        "cathedral",
        "chapel",
        "mosque",
        "temple",
        "synagogue",
        "shrine",
        "monastery",
        "convent",
        "wayside_shrine",
        "wayside_cross",
        "presbytery",
        "kingdom_hall",
        "political",
        "political_party",
        "politician",
        "ethnic",
        "ethnicity",
    }
)
"""Tag values that mark such a place, whatever the key."""

WORSHIP_VALUES: Final = FORBIDDEN_VALUES - {"political", "political_party", "politician"}
"""Values by which a place of worship is known in the data, so that no other mark selects it."""

WORSHIP_KEYS: Final = (
    "amenity",
    "building",
    "historic",
    "landuse",
    "man_made",
    "tourism",
    "office",
)
"""Keys where such a value says what the place is."""

FORBIDDEN_AMAP: Final = (("110205", "110207"), ("130300", "130399"), ("130409", "130409"))
"""AMap codes of temples, churches and mosques, of political parties, and of congregations."""

FORBIDDEN_INDUSTRY: Final = ("954", "932")
"""GB/T 4754 codes of religious organisations and of political parties."""


def banned_tags(osm: Mapping[str, object]) -> Iterator[str]:
    """Yield the tags of a selector that are banned, as ``key=value``."""
    for key, values in osm.items():
        listed = values if isinstance(values, list) else [values]
        for value in listed:
            words = set(str(value).lower().replace(":", "_").split(";"))
            if FORBIDDEN_KEYS & set(key.lower().split(":")) or words & FORBIDDEN_VALUES:
                yield f"{key}={value}"


def banned_amap(code_range: str) -> bool:
    """Tell whether a range of AMap codes reaches into banned ones."""
    low, _, high = code_range.partition("-")
    return any(low <= end and (high or low) >= start for start, end in FORBIDDEN_AMAP)


def banned_industry(prefix: str) -> bool:
    """Tell whether an industry code names, or takes in, a banned one."""
    return any(prefix.startswith(code) or code.startswith(prefix) for code in FORBIDDEN_INDUSTRY)


@cache
def forbidden_words() -> tuple[str, ...]:
    """Return the Chinese words for such places; class names that hold one are never selected."""
    text = files("civicsight.rules").joinpath("forbidden_words.txt").read_text("utf-8")
    return tuple(text.split())


def banned_name(name: str) -> bool:
    """Tell whether the name of a class says that it is about religion, ethnicity or politics."""
    return any(word in name for word in forbidden_words())


def is_banned_industry(code: str) -> bool:
    """Tell whether a unit with an industry code is a religious or a political organisation."""
    return code.startswith(FORBIDDEN_INDUSTRY)


def is_military(tags: Mapping[str, str]) -> bool:
    """Tell whether a place is one of the armed forces; only their own register may name it."""
    return (
        tags.get("military", "no") != "no"
        or tags.get("landuse") == "military"
        or tags.get("office") == "military"
        or tags.get("government") in ("military", "defence", "intelligence")
        or tags.get("building") in ("military", "barracks", "bunker")
    )


def is_worship(tags: Mapping[str, str]) -> bool:
    """Tell whether a place is one of worship; then no other mark makes it a zone.

    A school or hospital that a church runs stays a school or hospital.
    """
    return any(
        word in WORSHIP_VALUES
        for key in WORSHIP_KEYS
        for word in tags.get(key, "").lower().split(";")
    )
