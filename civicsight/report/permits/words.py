"""What the permit sheets call things."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.coverage.obstruction import Permit
from civicsight.errors import N_, Text

KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "advert": N_("outdoor advertising"),
        "tree": N_("tree"),
        "pipeline": N_("pipeline"),
        "building": N_("building"),
        "structure": N_("structure"),
    }
)
HOLDS: Final[Mapping[str, Text]] = MappingProxyType(
    {"sure": N_("for sure"), "assumed": N_("if the assumptions hold"), "possible": N_("possibly")}
)
GROWING: Final = N_("It takes nothing when it is put up, but it does once it has grown.")

COVER: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "sure": N_("what is covered for sure"),
        "assumed": N_("what is covered if the assumptions hold"),
        "possible": N_("what may be covered at best"),
    }
)
"""What a reading credits to the cameras."""

SEASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {"summer": N_("summer"), "winter": N_("winter")}
)
HEADLINES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "": N_("No camera that stands loses required coverage."),
        "sure": N_("Cameras that stand lose required coverage, for sure."),
        "assumed": N_(
            "Cameras that stand lose required coverage if the assumptions about them hold; "
            "survey them before you decide."
        ),
        "possible": N_(
            "It cannot be ruled out that cameras that stand lose required coverage; survey them "
            "before you decide."
        ),
    }
)
TABLE_HEADS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "proposal_id": N_("Facility no."),
        "reading": N_("Reading"),
        "holds": N_("How certain"),
        "camera_id": N_("Camera no."),
        "part_id": N_("Part no."),
        "samples_met": N_("Samples met before"),
        "samples_lost": N_("Samples lost"),
        "weight_met": N_("Met before [m or m²]"),
        "weight_lost": N_("Lost [m or m²]"),
        "share_lost": N_("Share lost"),
        "px_m_before": N_("px/m before"),
        "px_m_after": N_("px/m after"),
        "class_before": N_("Quality before"),
        "class_after": N_("Quality after"),
        "season": N_("Season"),
        "greatest_height_m": N_("Greatest height [m]"),
        "offset_m": N_("Smallest move [m]"),
        "offset_deg": N_("Direction of the move [°]"),
        "first_year": N_("First year that harms"),
        "lost_m2": N_("Ground lost [m²]"),
    }
)
"""Headings of the table of losses."""


def headline_of(permit: Permit) -> Text:
    """Say in a sentence what a facility takes."""
    if permit.holds and not permit.loss.holds:
        return GROWING
    return HEADLINES[permit.holds]
