"""What the permit sheets call things."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.coverage.obstruction import Permit, worst_share
from civicsight.coverage.result import NOT_JUDGED
from civicsight.presentation.lexicon import share

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
OF_VIEW: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "conditioned": N_(
            "It may take more of the view of a camera that stands than is tolerated, though no "
            "required coverage."
        ),
        "refused": N_(
            "It takes more of the view of a camera that stands than is tolerated, though no "
            "required coverage."
        ),
    }
)
"""Headlines of what takes nothing that is required, and more of a view than is tolerated."""

VERDICTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "free": N_(
            "No view of a camera that stands is hindered: at most %(share)s of one is lost or seen "
            "in a lower class; tolerated are %(tolerance)s."
        ),
        "conditioned": N_(
            "Conditions are needed: it cannot be ruled out that required coverage is lost, or more "
            "of the view of a camera than the %(tolerance)s that are tolerated (up to %(share)s)."
        ),
        "refused": N_(
            "It hinders a camera that stands, for sure: required coverage, or up to %(share)s of "
            "its view; of that %(tolerance)s are tolerated."
        ),
        NOT_JUDGED: N_(
            "Nothing may be concluded from this sheet: hand in the inventory, or an empty one if "
            "no camera stands, and check again."
        ),
    }
)
NOT_LOOKED: Final = N_(
    "Not judged: no inventory of cameras was handed in, so whether a camera that stands is "
    "hindered is not known."
)
GROUND_LABELS: Final[Mapping[str, Text]] = MappingProxyType(
    {"road": N_("road"), "public": N_("other public ground"), "private": N_("private places")}
)
TABLE_HEADINGS: Final[Mapping[str, Text]] = MappingProxyType(
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

LAYER_TITLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "facilities": N_("Proposed facilities"),
        "lost_samples": N_("Samples lost"),
        "lost_ground": N_("Ground lost"),
    }
)
LAYER_HEADINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **TABLE_HEADINGS,
        "base_m": N_("Underside [m]"),
        "greatest_height_m_sure": N_("Greatest height, for sure [m]"),
        "greatest_height_m_assumed": N_("Greatest height, as assumed [m]"),
        "greatest_height_m_possible": N_("Greatest height, whatever is true [m]"),
    }
)
"""Headings of the layers."""

VIEW_HEADINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "proposal_id": N_("Facility no."),
        "verdict": N_("Verdict"),
        "tolerance": N_("Share of a view that is tolerated"),
        "reading": N_("Reading"),
        "holds": N_("How certain"),
        "camera_id": N_("Camera no."),
        "ground": N_("Ground"),
        "quality": N_("Quality before"),
        "seen_m2": N_("Seen before [m²]"),
        "lost_m2": N_("Ground lost [m²]"),
        "lower_m2": N_("Seen in a lower class [m²]"),
    }
)
"""Headings of the table of views."""


def verdict_of(permit: Permit) -> Text:
    """Say whether a facility may stand by all that cameras see, with the figures."""
    figures = {"share": share(worst_share(permit.outlook)), "tolerance": share(permit.tolerance)}
    return Text(VERDICTS[permit.verdict].template, figures)


def headline_of(permit: Permit) -> Text:
    """Say in a sentence what a facility takes."""
    if not permit.looked:
        return NOT_LOOKED
    if permit.holds and not permit.loss.holds:
        return GROWING
    if not permit.holds and permit.verdict in OF_VIEW:
        return OF_VIEW[permit.verdict]
    return HEADLINES[permit.holds]
