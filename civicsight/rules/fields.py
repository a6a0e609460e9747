"""Fields of a record that a rule may read, by what the record is about."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.model import CAMERAS, PLANS, PROJECTS, PROPOSALS, ZONES, Table

INDICES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "index_compliance": "ratio",
        "index_conformance": "ratio",
        "index_reuse": "ratio",
        "index_shared_ready": "ratio",
        "index_privacy_violations": "count",
    }
)
"""Indices of a plan that a check computes and no record holds, with the unit of each."""

SUBJECTS: Final[Mapping[str, Table]] = MappingProxyType(
    {"camera": CAMERAS, "zone": ZONES, "obstacle": PROPOSALS, "project": PROJECTS, "plan": PLANS}
)
"""Tables of the records that rules are about, by subject."""

DONE_ON: Final = frozenset(
    column.name for table in SUBJECTS.values() for column in table if column.past
)
"""Days of what was done: none is after today, as that of works that are still to come may be."""

FOLLOWS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        (subject, column.name): column.follows
        for subject, table in SUBJECTS.items()
        for column in table
        if column.follows
    }
)
"""By subject and day: the day that it cannot come before, where that is on record."""

_COMPUTED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "camera": frozenset({"id", "lon", "lat", "privacy_exposure"}),
        "zone": frozenset({"authority"}),
        "obstacle": frozenset({"opacity", "crown_growth"}),
        "plan": frozenset(INDICES),
    }
)
"""What a rule may read of a record beside the columns of its table."""

FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        subject: _COMPUTED.get(subject, frozenset())
        | {column.name for column in table if column.asked}
        for subject, table in SUBJECTS.items()
    }
)
"""Fields of a record that a rule may read, by subject; any other name is a slip of the pen."""
