"""Where the rows of a layer come from: kept with the project, so that a year later one can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from civicsight.model.notes import Note, note_from_dict

BOUNDARY, YEARS = "boundary", "years"
"""Layers of entries that are about the project as a whole: where it was cut off, and how much that
left out; the years that it plans for, as its source."""

MERGED: Final = ("joined", "outlines_replaced", "parts_hidden")
"""Codes of rows that were read and went into others."""

DIVIDED: Final = ("pieces", "roofs")
"""Codes of rows that one of the source made more."""


def count_left_out(counts: Iterable[tuple[str, int]]) -> int:
    """Count the rows that were left out for a named reason, by codes and numbers."""
    return sum(number for code, number in counts if code.startswith("excluded.") or code in MERGED)


How = Literal["imported", "edited"]
"""Whether the rows were read from a source or changed by hand."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was done once to one layer of a project.

    Parameters
    ----------
    layer
        Table of the project.
    source
        Name of the file or place, never its folder.
    how
        Whether rows were imported, or edited by hand and taken back.
    imported_on, surveyed_on
        Day of the import, and day that the source itself names as that of its data; ISO 8601,
        empty where it is not known.
    datum, crs_found, encoding
        Geodetic system that was declared, coordinate system and text encoding of the source.
    read, kept, repaired, rejected
        Rows found, rows taken, rows of which a value was mended or replaced, rows refused.
    licence
        Licence or owner that binds whoever passes the rows on.
    counts
        Further figures of the import by code.
    notes
        What a person has to know of how it was read.
    """

    layer: str
    source: str
    how: How = "imported"
    imported_on: str = ""
    surveyed_on: str = ""
    datum: str = ""
    crs_found: str = ""
    encoding: str = ""
    read: int = 0
    kept: int = 0
    repaired: int = 0
    rejected: int = 0
    licence: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def left_out(self) -> int:
        """Rows that were left out for a reason that is named, without those that were refused."""
        return count_left_out(self.counts)

    @property
    def divided(self) -> int:
        """Rows that were added because one of the source is several things."""
        return sum(number for code, number in self.counts if code in DIVIDED)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold."""
        own = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return own | {"counts": dict(self.counts), "notes": [one.to_dict() for one in self.notes]}


def from_dict(data: Mapping[str, Any]) -> Provenance:
    """Return what `Provenance.to_dict` was made from; keys of later versions are left out."""
    known = {entry.name for entry in fields(Provenance)}
    values = {name: value for name, value in data.items() if name in known}
    counts = tuple((str(code), int(n)) for code, n in dict(values.pop("counts", {})).items())
    notes = tuple(map(note_from_dict, values.pop("notes", ())))
    return Provenance(**values, counts=counts, notes=notes)


def notes_in(entries: Iterable[Provenance], *, but: Collection[str] = ()) -> tuple[Note, ...]:
    """Return the notes of a project on how its lists were read.

    Of a source that was read again the last reading counts; `but` are layers to leave out.
    """
    last: dict[tuple[str, str], tuple[Note, ...]] = {}
    for entry in entries:
        if entry.layer not in but and (entry.notes or entry.how == "imported"):
            last[entry.layer, entry.source] = entry.notes
    return tuple(one for notes in last.values() for one in notes)


def years_of(entries: Iterable[Provenance]) -> tuple[int, ...]:
    """Return the years that a project plans for, as they were chosen last; none of one without."""
    chosen = of_layer(entries, YEARS)
    return tuple(map(int, chosen[-1].source.split(", "))) if chosen else ()


def of_layer(entries: Iterable[Provenance], layer: str) -> tuple[Provenance, ...]:
    """Return what is known of one layer, oldest first."""
    return tuple(entry for entry in entries if entry.layer == layer)
