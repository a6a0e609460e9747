"""What codes of the tables are called, for maps and reports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import Language, translate

PART_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "entrance": N_("Entrance"),
        "vehicle_entrance": N_("Vehicle entrance"),
        "passage": N_("Passage"),
        "perimeter": N_("Perimeter"),
        "area": N_("Area"),
        "road_section": N_("Road section"),
        "junction": N_("Junction"),
        "portal": N_("Portal"),
        "deck": N_("Bridge deck"),
    }
)
CAMERA_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "fixed": N_("fixed"),
        "dome": N_("dome"),
        "ptz": N_("turning (PTZ)"),
        "panorama": N_("panorama"),
        "fisheye": N_("fisheye"),
        "multi_head": N_("several heads"),
        "thermal": N_("thermal"),
        "unknown": N_("unknown"),
    }
)
MOUNTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "wall": N_("wall"),
        "pole": N_("pole"),
        "gate": N_("gate"),
        "ceiling": N_("ceiling"),
        "roof": N_("roof"),
        "unknown": N_("unknown"),
    }
)
CAMERA_STATES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "existing": N_("existing"),
        "approved": N_("approved"),
        "planned": N_("planned"),
        "removed": N_("removed"),
    }
)
UNUSED_REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "removed": N_("removed"),
        "out_of_use": N_("out of use"),
        "indoor": N_("indoors"),
        "off_terrain": N_("outside the terrain"),
    }
)
UNDETERMINED: Final = "open"
"""Verdict of what hangs on a fact that is not on record: no severity, a question to settle."""

VERDICTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "violation": N_("Violation"),
        "warning": N_("Warning"),
        UNDETERMINED: N_("To be settled"),
        "judgement": N_("For a person to decide"),
        "info": N_("Information"),
    }
)
"""What a reader of a page is told of a finding, most urgent first."""

OUTCOMES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "pass": N_("met"),
        "fail": N_("not met"),
        "undetermined": N_("to be settled"),
        "not_applicable": N_("only described"),
    }
)
STANDINGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "designated": N_("designated by the authority"),
        "confirmed": N_("confirmed by a person"),
        "candidate": N_("candidate from map data"),
    }
)
FINDING_KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "gap": N_("Gap"),
        "duplicate": N_("Duplicate"),
        "twin": N_("Twin"),
        "near": N_("Near pair, direction unknown"),
        "overlap": N_("Overlap"),
    }
)


def word(words: Mapping[str, Text], code: object, language: Language) -> str:
    """Return what a code is called; a code that is not listed speaks for itself, none is empty."""
    if code is None or code != code:  # noqa: PLR0124 - NaN is the missing value of a column
        return ""
    text = words.get(str(code))
    return str(code) if text is None else translate(text, language)


def verdict_of(severity: str, outcome: str) -> str:
    """Return the verdict of a finding, a key of `VERDICTS`.

    Examples
    --------
    >>> verdict_of("info", "undetermined"), verdict_of("info", "not_applicable")
    ('open', 'info')
    """
    return UNDETERMINED if outcome == "undetermined" else severity


def number(value: float, digits: int = 0) -> str:
    """Write a number with groups of three digits; an unknown one is a dash.

    Examples
    --------
    >>> number(12345.678, 1), number(float("nan"))
    ('12,345.7', '–')
    """
    return "–" if value != value else f"{value:,.{digits}f}"  # noqa: PLR0124 - NaN


def share(value: float) -> str:
    """Write a share as per cent; only all is 100 % and only none is 0 %.

    Examples
    --------
    >>> share(0.9996), share(1.0), share(0.0004), share(float("nan"))
    ('> 99 %', '100 %', '< 1 %', '–')
    """
    if value != value:  # noqa: PLR0124 - NaN
        return "–"
    if 0.0 < value < 0.01:
        return "< 1 %"
    if 0.99 < value < 1.0:
        return "> 99 %"
    return f"{value:.0%}".replace("%", " %")
