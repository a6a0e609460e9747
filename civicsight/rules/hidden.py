"""Places that no selector finds: those of worship, of politics, and of the armed forces.

Exact marks of maps and registers, never words of a name: a street, a school or a station keeps its
function whatever it is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

WORSHIP: Final = frozenset(
    [
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
    ]
)
"""Tag values of such a place."""

FORM_KEYS: Final = ("building", "historic", "landuse", "man_made", "tourism")
"""Keys by which a value of `WORSHIP` tells what was built."""

USE_KEYS: Final = ("amenity", "office")
"""Keys by which such a value tells what the place is used for."""

OTHER_USES: Final = {"tourism": {"museum", "gallery"}, "railway": {"station"}}
"""Uses beside those of `USE_KEYS` and of medicine that a former building of worship may have."""

AMAP: Final = (("110205", "110207"), ("130300", "130399"), ("130409", "130409"))
"""AMap codes of temples, churches and mosques, of political parties, and of congregations."""

INDUSTRY: Final = ("954", "932")
"""GB/T 4754 codes of religious organisations and of political parties."""

BAIDU: Final = frozenset(
    files("civicsight.rules").joinpath("hidden_baidu.txt").read_text("utf-8").split()
)
"""Classes of Baidu of the same."""


def hides_amap(code: str) -> bool:
    """Tell whether a code of AMap hides a place."""
    return any(low <= code <= high for low, high in AMAP)


def is_hidden(
    tags: Mapping[str, str], codes: Sequence[str], trades: Sequence[str], classes: Sequence[str]
) -> bool:
    """Tell whether a place is found by no mark, given its tags and its codes of each system."""
    return (
        is_worship(tags)
        or is_military(tags)
        or any(hides_amap(code) for code in codes)
        or any(code.startswith(INDUSTRY) for code in trades)
        or bool(BAIDU.intersection(classes))
    )


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

    A school or hospital that a church runs stays a school or hospital, and so does what a building
    that was put up for worship is used for today: a museum in a church is a museum.
    """
    if _is_worship(tags, USE_KEYS):
        return True
    used = "healthcare" in tags or any(key in tags for key in USE_KEYS)
    used = used or any(tags.get(key) in uses for key, uses in OTHER_USES.items())
    return not used and _is_worship(tags, FORM_KEYS)


def _is_worship(tags: Mapping[str, str], keys: Sequence[str]) -> bool:
    said = (word for key in keys for word in tags.get(key, "").lower().split(";"))
    return any(word.strip() in WORSHIP for word in said)
