"""What is known of a format that an office may hand over: the row of the table of formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.io.signatures import Signature

CITY, LAYER, BUILDINGS, TABLE = "city", "layer", "buildings", "table"
CATALOGUE, TERRAIN, PACKED = "catalogue", "terrain", "packed"

HOLDS: Final[dict[str, Text]] = {
    CITY: N_("a whole city"),
    LAYER: N_("buildings, cameras, places and every other register with places"),
    BUILDINGS: N_("buildings"),
    TABLE: N_("cameras, places and every other register"),
    CATALOGUE: N_("a catalogue of GB/T 28181"),
    TERRAIN: N_("ground, surface or crowns"),
    PACKED: N_("one data set of another format"),
}
"""What a file may hold."""

NOT_READ: Final = N_("not read")


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Parameters
    ----------
    name, label
        What code and people call it.
    mark
        What it is known by, as the page of the documentation has it; `is_it` looks for that.
    advice
        How to export to it; of one that is not read, what to do instead.
    reader
        The library that reads it, empty if none does.
    holds
        Keys of `HOLDS`, the first one first of all.
    limits
        How much is read, beside what the settings bound.
    drivers
        Those of GDAL that take part, the one that is asked first of all.
    parts
        Endings of the files that belong to one of it, its own first.
    layered
        Whether a file may hold several layers.
    names
        Endings under which such files usually come, beside the first of `parts`. Content decides;
        they say which files of a folder are looked at, and what a file was taken for.
    read_layer
        Where the function is that reads a layer of it, ``package.module:function``, if GDAL knows
        too little of the format: of a path, the name of a layer or None, and what a person declared
        (`Declared`) it makes a `FoundLayer`. It runs in the reading process and nowhere else.
    """

    name: str
    label: str
    mark: str
    is_it: Signature
    advice: Text
    reader: str = ""
    holds: tuple[str, ...] = ()
    limits: Text = NOT_READ
    drivers: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    layered: bool = False
    names: tuple[str, ...] = ()
    read_layer: str = ""

    @property
    def endings(self) -> tuple[str, ...]:
        """Every ending under which such files come."""
        return (*self.names, *self.parts[:1])

    @property
    def is_layer(self) -> bool:
        """Whether it is read as a layer of shapes."""
        return LAYER in self.holds
