"""What no pack may select places by: religion, ethnicity, places of worship, politics.

Neither law asks for it, and lists of capture purposes that do exist elsewhere. The ban stands here,
in code, because a pack from a stranger would leave it out of its own data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
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

NAMING_KEYS: Final = frozenset(
    {
        "name",
        "alt_name",
        "official_name",
        "short_name",
        "loc_name",
        "local_name",
        "old_name",
        "int_name",
        "nat_name",
        "reg_name",
        "wikidata",
        "wikipedia",
        "website",
        "url",
        "description",
        "note",
        "inscription",
    }
)
"""Tag keys that name one place; a selector may ask that there is a name, not which or whose."""

TELLING_KEYS: Final = frozenset({"language", "cuisine", "diet", "mass", "polling_station"})
"""Tag keys beside `FORBIDDEN_KEYS` by which people are told apart by belief, descent or vote."""

SELECTION_AMAP: Final = (("050121", "050121"),)
"""AMap codes that no pack selects by and that hide no place: halal restaurants."""

FORBIDDEN_AMAP: Final = (("110205", "110207"), ("130300", "130399"), ("130409", "130409"))
"""AMap codes of temples, churches and mosques, of political parties, and of congregations."""

FORBIDDEN_INDUSTRY: Final = ("954", "932")
"""GB/T 4754 codes of religious organisations and of political parties."""


def banned_tags(osm: Mapping[str, object]) -> Iterator[str]:
    """Yield the tags of a selector that are banned, as ``key=value``."""
    for key, values in osm.items():
        listed = values if isinstance(values, list) else [values]
        for value in listed:
            if _is_banned_key(key, str(value)) or _is_banned_value(str(value)):
                yield f"{key}={value}"


def _is_banned_key(key: str, value: str) -> bool:
    """Tell whether a tag key speaks of belief, descent or vote, or names one place.

    That a place has a name in one language tells who lives there, so only the plain name may be
    asked for.
    """
    parts = [_folded(part) for part in key.split(":")]
    naming = [part for part in parts if part in NAMING_KEYS]
    if naming and (len(parts) > 1 or value != "*"):
        return True
    banned = FORBIDDEN_KEYS | FORBIDDEN_VALUES | TELLING_KEYS
    return bool(banned & set(parts)) or any(says_banned(part) for part in parts)


def _is_banned_value(value: str) -> bool:
    words = {_folded(word) for word in value.split(";")}
    return bool(words & FORBIDDEN_VALUES) or any(says_banned(word) for word in words)


def _folded(text: str) -> str:
    """Return text as tags are written: small letters, one underscore between words."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    return re.sub(r"[\s:.-]+", "_", plain)


def banned_amap(code_range: str) -> bool:
    """Tell whether a range of AMap codes reaches into banned ones, which hide a place."""
    return _reaches(code_range, FORBIDDEN_AMAP)


def refused_amap(code_range: str) -> bool:
    """Tell whether no selector may have a range of AMap codes."""
    return _reaches(code_range, (*FORBIDDEN_AMAP, *SELECTION_AMAP))


def _reaches(code_range: str, banned: tuple[tuple[str, str], ...]) -> bool:
    low, _, high = (part.strip() for part in code_range.partition("-"))
    return any(low <= end and (high or low) >= start for start, end in banned)


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
    text = squeezed(name)
    return any(word in text for word in forbidden_words())


def squeezed(text: str) -> str:
    """Return text without case, width, marks and spaces, seen or unseen."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@cache
def _selections() -> tuple[frozenset[str], frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Return whole words, classes of maps, beginnings of words, and what counts anywhere."""
    text = files("civicsight.rules").joinpath("forbidden_selections.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    classes = frozenset(line for line in lines if ";" in line)
    rest = [line for line in lines if ";" not in line]
    stems = tuple(line[:-1] for line in rest if line.endswith("*"))
    words = frozenset(line for line in rest if line.isascii() and not line.endswith("*"))
    anywhere = tuple(line for line in rest if not line.isascii() and not line.endswith("*"))
    return words, classes, stems, anywhere


@lru_cache(maxsize=8192)
def says_banned(text: str) -> bool:
    """Tell whether a word of a pack, in any language, is about religion, ethnicity or politics.

    Case, width, accents, marks and spaces between letters make no difference.
    """
    words, _, stems, anywhere = _selections()
    plain = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    tokens = [token for token in re.split(r"[\W_]+", bare) if token]
    whole = {*tokens, "_".join(tokens)}
    run = squeezed(text)
    return (
        bool(whole & words)
        or any(token.startswith(stems) for token in tokens)
        or any(word in run for word in (*forbidden_words(), *anywhere))
    )


def banned_class(name: str) -> bool:
    """Tell whether no selector may have a class of a map, ``first;second`` or a first level."""
    _, classes, _, _ = _selections()
    whole = {f"{squeezed(first)};" for first in (name.partition(";")[0],) if ";" not in name}
    return says_banned(name) or any(line.startswith(tuple(whole)) for line in classes if whole)


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
        if key in tags
        for word in tags[key].lower().split(";")
    )
