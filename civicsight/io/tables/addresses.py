"""Addresses whose places are known, and rows that have an address and no coordinates."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from civicsight.core.errors import N_, Fault, Text
from civicsight.io.datums import ground_distance
from civicsight.io.tables.lexicon import simplified
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.synonyms import match_headers
from civicsight.io.tables.words_addresses import ABOVE, ADDRESS_HEADERS, NUMBER_END

if TYPE_CHECKING:
    from civicsight.io.source_options import Declared

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


def address_columns(sheet: Sheet, declared: Declared) -> dict[str, str]:
    """Return the columns of an address and of how sure its place is."""
    said = {} if declared.mapping is None else declared.mapping.columns
    free = [name for name in sheet.header if name not in said.values()]
    return match_headers(free, ADDRESS_HEADERS)


def with_addresses(sheet: Sheet, declared: Declared) -> Sheet:
    """Return a sheet whose rows are placed by their addresses; the others are faults, and left out.

    Each row says in `PLACED_BY` by what it was placed and in `WITHIN` how surely.
    """
    header, known = address_columns(sheet, declared).get("address"), declared.addresses
    if header is None or known is None:
        return sheet
    rows: list[dict[str, str | None]] = []
    where, faults = [], list(sheet.faults)
    for row, label in zip(sheet.rows, sheet.where, strict=True):
        text = row[header] or ""
        spots = known.find(text)
        if len(spots) != 1:
            faults.append(_unplaced(sheet.source, label, header, text, several=bool(spots)))
            continue
        spot = spots[0]
        within = None if spot.within_m is None else f"{spot.within_m:.0f}"
        placed = {"lon": repr(spot.lon), "lat": repr(spot.lat)}
        rows.append({**row, **placed, PLACED_BY: spot.by, WITHIN: within})
        where.append(label)
    return sheet._replace(
        header=["lon", "lat", *sheet.header, PLACED_BY, WITHIN],
        rows=rows,
        where=where,
        faults=tuple(faults),
        notes=(*sheet.notes, *_notes(rows)),
    )


def _notes(rows: list[dict[str, str | None]]) -> list[Text]:
    """Say by what how many rows were placed, and what that is worth."""
    counts = Counter(str(row[PLACED_BY]).replace(",", "").partition(" ")[0] for row in rows)
    return [
        N_(
            "%(what)s: %(count)s rows; each says in %(column)s by which, and in %(within)s how far "
            "off that may be; it is where the address is, not what is mounted there: survey it "
            "before anything rests on metres",
            what=label,
            count=counts[by],
            column=PLACED_BY,
            within=WITHIN,
        )
        for by, label in PLACED.items()
        if counts[by]
    ]


def _unplaced(source: str, where: str, header: str, text: str, *, several: bool) -> Fault:
    code, expected = (
        ("address.unclear", N_("an address that stands at one place"))
        if several
        else ("address.unknown", N_("a street and number that the gazetteer or the city knows"))
    )
    remedy = N_("It was not placed: add the address to the gazetteer, or give coordinates.")
    return Fault(code, source, where, header, text[:100], expected, remedy)
