"""How good the data of a project are (ISO 19157), as values with their labels: all is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd

from civicsight.core.errors import N_, Text
from civicsight.model import City
from civicsight.model.provenance import Provenance


@dataclass(frozen=True, slots=True)
class FieldQuality:
    """How much of one column is known.

    Parameters
    ----------
    layer, name
        Table and column.
    meaning, unit
        As the table declares them.
    rows, known, assumed
        Rows of the table; those with a value that the source gives; those with a default instead.
    role
        What the column is for: ``decides`` what can be said for sure, ``helps`` an assumption or a
        filter, or only ``describes``.
    """

    layer: str
    name: str
    meaning: Text
    unit: str
    rows: int
    known: int
    assumed: int
    role: str

    @property
    def missing(self) -> int:
        """Rows without a value."""
        return self.rows - self.known - self.assumed

    @property
    def share(self) -> float:
        """Share of rows with a value of the source [0-1], NaN without rows."""
        return self.known / self.rows if self.rows else float("nan")

    @property
    def verdict(self) -> str:
        """``complete``, ``gaps``, ``mostly_missing``, ``assumed``, ``absent`` or ``no_rows``."""
        if not self.rows:
            return "no_rows"
        if self.known == self.rows:
            return "complete"
        if not self.known:
            return "assumed" if self.assumed else "absent"
        return "gaps" if 2 * self.known >= self.rows else "mostly_missing"


@dataclass(frozen=True, slots=True)
class LayerQuality:
    """One layer: how many rows, where from, how old, and how much of each column is known."""

    name: str
    rows: int
    fields: tuple[FieldQuality, ...]
    provenance: tuple[Provenance, ...]

    @property
    def repaired(self) -> int:
        """Values and shapes that were mended or replaced by a default on import."""
        return sum(entry.repaired for entry in self.provenance)

    @property
    def rejected(self) -> int:
        """Rows that were refused on import."""
        return sum(entry.rejected for entry in self.provenance)

    @property
    def edited(self) -> int:
        """Rows and values that were changed by hand."""
        edits = [entry for entry in self.provenance if entry.how == "edited"]
        return sum(number for entry in edits for _, number in entry.counts)

    @property
    def as_of(self) -> str:
        """The oldest day that the rows are known to be of, ISO 8601; empty if none is known."""
        days = [entry.surveyed_on or entry.imported_on for entry in self.provenance]
        return min((day for day in days if day), default="")

    @property
    def is_surveyed(self) -> bool:
        """Whether the sources themselves say of which day their rows are."""
        imports = [entry for entry in self.provenance if entry.how == "imported"]
        return bool(imports) and all(entry.surveyed_on for entry in imports)


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that the data lack, and what it does to every finding that rests on it.

    Parameters
    ----------
    code, layer
        Stable identifier; table of the project in which it can be mended.
    count, of
        How many rows lack it, of how many that are used.
    lack, effect, remedy
        What is lacking; what it caps, by the code that applies the cap; what would lift it.
    """

    code: str
    layer: str
    count: int
    of: int
    lack: Text
    effect: Text
    remedy: Text

    @property
    def share(self) -> float:
        """Share that lacks it [0-1], NaN where nothing is used."""
        return self.count / self.of if self.of else float("nan")


@dataclass(frozen=True, slots=True)
class Firm:
    """What stands firm: how many of all rest on nothing assumed.

    Parameters
    ----------
    code
        ``cameras``, ``buildings``, ``places``, ``gates`` or ``findings``.
    firm, of
        How many, of how many.
    """

    code: str
    firm: int
    of: int


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """Everything that a project says about itself.

    Parameters
    ----------
    city
        The project.
    cameras
        Its cameras where the check places them, with ``known``: how their direction is known.
    layers
        Its tables, in the order in which they are reported, also those without rows.
    firm
        The headline figures.
    limits
        What caps the findings, the widest first.
    cells
        A grid over the project: counts in each cell that holds anything, and its share by theme.
    cell_m
        Side of a cell.
    max_age_days
        Days after which the rule pack takes an inventory as out of date.
    packs, digests
        Rule packs whose caps these are, and the SHA-256 of each by its id.
    """

    city: City
    cameras: gpd.GeoDataFrame
    layers: tuple[LayerQuality, ...]
    firm: tuple[Firm, ...]
    limits: tuple[Limit, ...]
    cells: gpd.GeoDataFrame
    cell_m: float
    max_age_days: float
    packs: str
    digests: Mapping[str, str]

    def layer(self, name: str) -> LayerQuality:
        """Return one layer.

        Raises
        ------
        KeyError
            If there is no such table.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    def limit(self, code: str) -> Limit:
        """Return one limit.

        Raises
        ------
        KeyError
            If nothing lacks it.
        """
        for limit in self.limits:
            if limit.code == code:
                return limit
        raise KeyError(code)


FIELD_VERDICTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "complete": N_("complete"),
        "gaps": N_("has gaps"),
        "mostly_missing": N_("mostly missing"),
        "assumed": N_("all assumed"),
        "absent": N_("not recorded"),
        "no_rows": N_("no rows"),
    }
)
ROLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "decides": N_("decides what is sure"),
        "helps": N_("helps an assumption or a rule"),
        "describes": N_("describes only"),
    }
)
FIRM_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cameras": N_("cameras in use with a complete record"),
        "buildings": N_("buildings of known height"),
        "places": N_("mandatory places designated or confirmed"),
        "gates": N_("gates and key parts mapped, not inferred"),
    }
)
THEME_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "heights": N_("Buildings: height assumed"),
        "cameras": N_("Cameras: record not complete"),
        "gates": N_("Gates: inferred, not surveyed"),
        "places": N_("Places: not settled"),
    }
)
MISSING_LAYERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "buildings": N_("without buildings nothing hides anything"),
        "cameras": N_("without cameras everything is a gap"),
        "places": N_("without places there is nothing to cover"),
        "entrances": N_("without entrances every gate is inferred"),
        "districts": N_("findings are told apart by districts only where the map has them"),
        "private_places": N_("private places are known from the map alone"),
        "signs": N_("signs cannot be checked"),
        "projects": N_("the dates of building projects cannot be checked"),
        "plans": N_("the plan itself cannot be checked"),
        "documents": N_("no paper that the law asks for can be found"),
        "answers": N_("every question that only a person can answer stays open"),
        "consent_areas": N_("whether consent is needed beforehand is not known"),
        "proposals": N_("there is no permit to check"),
    }
)
"""What cannot be done where a layer has no rows."""
