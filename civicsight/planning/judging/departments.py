"""Which department a finding goes to first; governments settle the division of work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.rules.predicates import PREDICATES

DEPARTMENTS: Final[Mapping[str, Text]] = {
    "police": N_("public security"),
    "planning": N_("natural resources and planning"),
    "construction": N_("housing and construction"),
    "urban_management": N_("urban management"),
    "landscaping": N_("landscaping"),
    "utilities": N_("power and telecommunications"),
    "finance": N_("finance and procurement"),
    "owner": N_("unit that owns or runs it"),
}

OF_FACILITIES: Final[Mapping[str, str]] = {
    "advert": "urban_management",
    "tree": "landscaping",
    "pipeline": "utilities",
    "building": "planning",
    "structure": "construction",
}
"""Who decides on a proposed facility, by its kind."""


def department_of(subject_kind: str, predicates: tuple[str, ...], facility: str | None) -> str:
    """Return the key of the department that a finding goes to.

    Examples
    --------
    >>> department_of("obstacle", ("keeps_coverage",), "tree")
    'landscaping'
    """
    if subject_kind == "obstacle":
        return OF_FACILITIES.get(str(facility), "construction")
    if subject_kind == "project":
        return "construction"
    mending = (PREDICATES[name].department for name in predicates)
    return next(filter(None, mending), "police")
