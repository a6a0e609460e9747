"""Ladders of detail as data: levels of pixel density by name, of a standard or of a user's pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from civicsight.core.errors import MismatchError, Text, in_languages
from civicsight.rules.document import Document, read_document


@dataclass(frozen=True, slots=True)
class Level:
    """One rung: its name, the least density that reaches it, and its label for a person."""

    name: str
    px_m: float
    label: Text


@dataclass(frozen=True, slots=True)
class Ladder:
    """Levels of one standard, from the lowest up."""

    name: str
    standard: str
    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        """Check that the levels rise."""
        if not all(low.px_m < high.px_m for low, high in pairwise(self.levels)):
            msg = f"levels of {self.name} do not rise: {[level.px_m for level in self.levels]}"
            raise MismatchError(msg)

    @property
    def px_m(self) -> tuple[float, ...]:
        """Least density of each level [px/m]."""
        return tuple(level.px_m for level in self.levels)


def make_ladder(name: str, entry: Mapping[str, Any]) -> Ladder:
    """Make a ladder of its entry in a file."""
    levels = tuple(
        Level(level["id"], float(level["px_per_m"]), in_languages(level["label"]))
        for level in entry["levels"]
    )
    return Ladder(name, entry.get("standard", name), levels)


def read_ladder(document: Document) -> Ladder | None:
    """Return the ladder that a checked pack chooses or states, None if it does neither."""
    entry: Any = document.data.get("ladder")
    if entry is None:
        return None
    return LADDERS[entry] if isinstance(entry, str) else make_ladder(OWN, entry)


def _delivered() -> Mapping[str, Ladder]:
    name = "ladders.yaml"
    data: Any = read_document(files("civicsight.rules").joinpath(name).read_bytes(), name).data
    return MappingProxyType({key: make_ladder(key, entry) for key, entry in data.items()})


LADDERS: Final = _delivered()
"""Ladders that come with the program, by name; `monitor_to_inspect` is `dori` with outer rungs."""

OWN: Final = "own"
"""Name of a ladder that a pack states itself."""

DEFAULT: Final = "dori"
"""The ladder where no pack chooses one."""


def values_of(level: str, standard: str = "") -> frozenset[float]:
    """Return the densities that known standards give a level [px/m]; none where none names it.

    Parameters
    ----------
    level
        Its id.
    standard
        The one standard that is asked; empty: all of them.
    """
    return frozenset(
        each.px_m
        for ladder in LADDERS.values()
        if standard in ("", ladder.standard)
        for each in ladder.levels
        if each.name == level
    )
