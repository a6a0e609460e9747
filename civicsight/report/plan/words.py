"""What the documents of a plan call things."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text

MEASURE_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "keep": N_("Keep as it is"),
        "reaim": N_("Re-aim and record"),
        "refurbish": N_("Replace the device in its place"),
        "connect": N_("Connect to the shared network"),
        "new": N_("Build new"),
        "drop": N_("Drop from the plan"),
    }
)
ENDS_BREACH: Final = N_("Mask, move or take down: Article %(article)s")
"""What is done with a standing camera that breaks the law, in the place of `drop`."""

HOST_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "camera": N_("place of a camera"),
        "pole": N_("existing pole"),
        "lamp": N_("lamp post"),
        "facade": N_("wall of a building"),
        "gate": N_("gate"),
        "corner": N_("street corner, with a new pole"),
        "ground": N_("open ground, with a new pole"),
    }
)
PRICE_SOURCES: Final[Mapping[str, Text]] = MappingProxyType(
    {"planning figures of the project": N_("planning figures of the project")}
)
"""Sources of the prices that come with the project; a city's own are said as they are."""

UNITS: Final[Mapping[str, Text]] = MappingProxyType({"camera": N_("camera"), "pole": N_("pole")})
STATUS_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "optimal": N_("proved optimal: no better plan exists for what was asked"),
        "feasible": N_("the steps that were allowed were used up; the gap bounds what is left"),
        "stopped": N_("stopped before the end; the plan is valid, the gap bounds what is left"),
        "infeasible": N_("nothing satisfies what is asked for"),
    }
)
GOAL_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cheapest": N_("least cost for all that can be covered"),
        "widest": N_(
            "most places made lawful within the budget, then gates and key parts, then metres"
        ),
    }
)
SAFEGUARDS: Final[tuple[Text, ...]] = (
    N_(
        "Organisation: the lead department answers for the plan; each department named in it gives "
        "its opinion in joint review, with name and date, before the plan is submitted."
    ),
    N_(
        "One plan: nothing is built beside it. A proposal for another camera is checked against "
        "this inventory first, so that nothing is built twice."
    ),
    N_(
        "Privacy: a position inside a private place, or with a view of private walls that no mask "
        "removes, was never among the choices. Masks named in the table of cameras are set before "
        "a camera is put into use, and checked at acceptance."
    ),
    N_(
        "Neutrality: the plan and its specification name performance and interfaces, no maker, no "
        "model and no supplier; the bill names classes of work."
    ),
    N_(
        "In step with the works: cameras that belong to another project are designed, built and "
        "put into use together with it."
    ),
    N_(
        "Acceptance: place, height, direction and picture of every camera are measured when it is "
        "built, and its coverage is computed anew; what deviates is mended before acceptance."
    ),
    N_(
        "Obstruction: new boards, trees and structures are checked against these views before they "
        "are permitted."
    ),
    N_(
        "Upkeep: the inventory is updated with every change; the plan says by itself when one of "
        "its inputs is no longer as it was."
    ),
)
"""What a plan of this kind provides for, whatever its cameras."""


def measure_text(measure: str, article: str | None, year: int) -> Text:
    """Name a measure; one that ends a breach of the law is named with the article."""
    if measure == "drop" and isinstance(article, str) and year > 0:
        return Text(ENDS_BREACH.template, {"article": article})
    return MEASURE_LABELS[measure]
