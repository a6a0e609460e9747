"""Addresses whose places are known, by street and number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from civicsight.core.errors import N_, Text
from civicsight.io.datums import ground_distance
from civicsight.io.tables.lexicon import simplified
from civicsight.io.tables.words import ABOVE, NUMBER_END

SAME_M: Final = 60.0
"""Places of one address farther apart than this leave it open which is meant [m]."""

PLACED_BY: Final = "placed_by"
WITHIN: Final = "placed_within_m"
"""Columns that say by what a row was placed, and how far off that may be."""

ALONE: Final = "street and number alone"
"""Said where not both name a city or county above the street."""

GAZETTEER: Final = "gazetteer"
PLACED: Final[Mapping[str, Text]] = {
    GAZETTEER: N_("placed by an address of the gazetteer"),
    "building": N_("placed by the address of a building of the city"),
    "place": N_("placed by the address of a place of the city"),
}
"""By what a row may be placed; its first word is the first one in `PLACED_BY`."""


class Spot(NamedTuple):
    """Where an address is.

    Degrees in WGS 84, by what it is known, the city or county that is said above the street, and
    how far off the place may be [m].
    """

    lon: float
    lat: float
    by: str
    above: str = ""
    within_m: float | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """The places of each street and number."""

    spots: Mapping[str, tuple[Spot, ...]]

    def over(self, other: Addresses) -> Addresses:
        """Return both; where both know a street and number, this one is believed."""
        return Addresses({**other.spots, **self.spots})

    def find(self, text: str) -> tuple[Spot, ...]:
        """Return where an address may be: one place, none, or several that lie apart.

        Street and number have to be the same; a city or county that both name must not differ.
        """
        above, street = parted(text)
        fits = [s for s in self.spots.get(street, ()) if s.above in above or above in s.above]
        fits = [spot for spot in fits if spot.above == above] or fits
        if not fits:
            return ()
        first = fits[0]
        apart = max(_apart(first, spot) for spot in fits)
        if apart > SAME_M:
            return tuple(fits)
        within = first.within_m if apart == 0.0 else max(apart, first.within_m or 0.0)
        by = first.by if above and first.above else f"{first.by}, {ALONE}"
        return (first._replace(by=by, within_m=within),)


def parted(text: str) -> tuple[str, str]:
    """Return what stands above the street, and street and number as they are compared.

    The second is empty where there is no number: a street alone is no place.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(simplified())
    plain = re.sub(r"[\s,;.]+", "", plain)
    found = ABOVE.match(plain)
    above = found[0] if found else ""
    street = NUMBER_END.sub("", plain[len(above) :])
    return above, street if re.search(r"\d", street) else ""


def gathered(entries: Iterable[tuple[str, Spot]]) -> Addresses:
    """Return addresses with their places."""
    spots: dict[str, list[Spot]] = {}
    for text, spot in entries:
        above, street = parted(text)
        if street:
            spots.setdefault(street, []).append(spot._replace(above=above))
    return Addresses({street: tuple(found) for street, found in spots.items()})


def _apart(one: Spot, other: Spot) -> float:
    lon, lat = np.array([one.lon, other.lon]), np.array([one.lat, other.lat])
    return float(ground_distance(lon[:1], lat[:1], lon[1:], lat[1:])[0])
