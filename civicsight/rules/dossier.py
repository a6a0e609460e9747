"""What a predicate is told: its subject, and the dossier of what was checked and filed.

Rules say here what they ask for; `civicsight.planning.judging.dossier` computes it. So a predicate
stands in one place, and rules import nothing that measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, Protocol

import geopandas as gpd
import pandas as pd

from civicsight.model import City
from civicsight.rules.pack import Pack, Place, ZoneClass
from civicsight.rules.ruling import Ruling

GUESSED: Final = "unknown"
"""Value of a closed list that says nothing."""

GEOMETRY_FIELDS: Final = ("lon", "lat")
"""Fields that every placed subject has."""

INTERIORS: Final = ("whole_interior", "interior_rooms")
"""Scopes of private places of which the inside is private."""

CONTRADICTED: Final = "contradicted"
"""Setting of a camera whose record says outdoors and whose place says indoors."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a rule is about.

    Parameters
    ----------
    kind
        ``camera``, ``zone``, ``obstacle``, ``project`` or ``plan``.
    label
        Its id; empty for the plan where none is on record.
    row
        Its columns.
    """

    kind: str
    label: str
    row: Mapping[str, Any]

    @property
    def geometry(self) -> Any:
        """Return where it is; None where nobody says."""
        return self.row.get("geometry")

    def value(self, name: str) -> Any:
        """Return a field of the record, None where it is missing or says nothing."""
        if name == "id":
            return self.label or None
        if name in GEOMETRY_FIELDS:
            return self.geometry
        value = self.row.get(name)
        if isinstance(value, str):
            return None if value == GUESSED else value
        return None if value is None or pd.isna(value) is True else value


class Gap(NamedTuple):
    """What was found of a part that is not covered for sure.

    `rank` is its place among all, `offers` the cameras that could be turned to cover it.
    """

    rank: int
    severity: str
    certainty: float
    offers: tuple[str, ...]


class Demanded(Protocol):
    """How the parts of places stand."""

    @property
    def status(self) -> Mapping[str, str]:
        """Return the status of each part that could be judged."""

    @property
    def cameras(self) -> Mapping[str, tuple[str, ...]]:
        """Return the cameras that are credited with each part."""

    @property
    def gaps(self) -> Mapping[str, Gap]:
        """Return what was found of each part that is not covered for sure."""

    def parts_of(self, place: str, pack: str | None = None) -> tuple[str, ...]:
        """Return the parts of a place, or those that its class of one law demands."""


class Nearby(Protocol):
    """Labelled places by where they are."""

    def within(self, distance_m: float, of: Any) -> list[str]:
        """Return who is within a distance of a geometry, in the order of the places."""


class Inventory(Protocol):
    """What rules ask of cameras beside one."""

    @property
    def poles(self) -> Nearby:
        """Return the places of existing cameras that stand on poles."""

    @property
    def places(self) -> Nearby:
        """Return the places of all cameras."""

    @property
    def undirected(self) -> frozenset[str]:
        """Return the cameras of which no direction is on record."""

    def builders(self, statuses: tuple[str, ...]) -> Mapping[str, str | None]:
        """Return who built each camera of some states, None where nobody says."""


class Checked(Protocol):
    """The tables of a check that predicates read."""

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """Return the listed places."""

    @property
    def duplicates(self) -> gpd.GeoDataFrame:
        """Return what was found of cameras that add too little."""


class Laws(Protocol):
    """The packs that ask."""

    @property
    def packs(self) -> Sequence[Pack]:
        """Return every pack."""

    def pack(self, pack_id: str) -> Pack:
        """Return a pack by its id."""

    def zone_class(self, pack_id: str, item: str) -> ZoneClass:
        """Return a class of places of a pack."""


class PrivatePlaces(Protocol):
    """Where the private is."""

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """Return the private places."""


class LostCoverage(Protocol):
    """What a proposed facility costs, by reading; as of what measures it."""

    @property
    def shares(self) -> Mapping[str, float]:
        """Return the share of the required coverage that is lost."""

    @property
    def views(self) -> Mapping[str, float]:
        """Return the greatest share of its view that a camera loses."""

    @property
    def areas(self) -> Mapping[str, float]:
        """Return what cameras lose of roads and of other public ground [m2]."""

    @property
    def cameras(self) -> list[str]:
        """Return the cameras that lose something."""

    @property
    def dropped(self) -> list[str]:
        """Return the parts that are for sure no longer covered."""

    @property
    def doubtful(self) -> list[str]:
        """Return the parts that may no longer be."""


class Dossier(Protocol):
    """Everything that predicates ask for, whoever computes it."""

    @property
    def result(self) -> Checked:
        """Return what the check found."""

    @property
    def today(self) -> date:
        """Return the day on which deadlines are judged."""

    @property
    def city(self) -> City:
        """Return the tables of the project."""

    @property
    def rules(self) -> Laws:
        """Return the rule packs."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Return the places that names of authorities may contain."""

    @property
    def tables(self) -> Mapping[str, gpd.GeoDataFrame]:
        """Return the table of each kind of subject; cameras without those removed."""

    @property
    def has_inventory(self) -> bool:
        """Return whether anybody said which cameras exist."""

    @property
    def demanded(self) -> Demanded:
        """Return how the parts of places stand."""

    @property
    def lawful_status(self) -> Mapping[str, str]:
        """Return how parts stand without the cameras that a plan credits with nothing."""

    @property
    def private(self) -> PrivatePlaces:
        """Return what is private in the city."""

    @property
    def exposures(self) -> Mapping[str, Mapping[str, Any]]:
        """Return by camera the private façade that it sees, by reading [m2]."""

    @property
    def inventory(self) -> Inventory:
        """Return where cameras stand, and what their records say."""

    @property
    def signs(self) -> Mapping[str, pd.DataFrame]:
        """Return by camera the approaches of its view and whether a sign is met there."""

    def subjects(self, kind: str) -> Sequence[Subject]:
        """Return every subject of a kind, in the order of the ids."""

    def classes_of(self, zone: Any, pack: str) -> list[str]:
        """Return the items of a law of which a place is."""

    def is_recorded(self, kind: str, name: str) -> bool:
        """Tell whether anyone has filled in a field at all."""

    def finding(self, subject: Subject, predicate: str) -> Ruling:
        """Rule as the findings of the check do."""

    def areas(self, layer: str) -> gpd.GeoDataFrame:
        """Return the areas of a layer."""

    def seen_area(self, label: str, layer: str) -> dict[str, float] | None:
        """Return by reading what a camera sees of a layer [m2]; None where there is no layer."""

    def trust(self, label: str) -> float:
        """Return the chance that a camera's pose is as read for sure."""

    def public_share(self, label: str) -> float | None:
        """Return the share of the ground a camera sees that is target or street; None if blind."""

    def private_hits(self, label: str, scopes: tuple[str, ...]) -> pd.DataFrame | None:
        """Return the private places of some scopes in which a camera stands; None for none."""

    def faced_doors(self, label: str, within_m: float, angle_deg: float) -> pd.DataFrame | None:
        """Return the private doors that a camera faces, or could face; None for none."""

    def doorless(self, label: str, within_m: float, angle_deg: float) -> list[str]:
        """Return the private places without a known door that a camera may face from near by."""

    def papers_of(self, label: str) -> pd.DataFrame:
        """Return the documents of a subject and of the whole plan."""

    def document_kind(self, name: str) -> str:
        """Return the kind of document that a name stands for, or the name."""

    def secret_in_public(self) -> list[str]:
        """Return the secret items that would be left in a public edition."""

    def index_of(self, name: str) -> float | None:
        """Return an index of the plan by the name that rules use; None where nothing counts."""

    def lost_coverage(self, label: str, statuses: tuple[str, ...], years: int) -> LostCoverage:
        """Return what a proposed facility costs."""
