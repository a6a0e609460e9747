"""What the figures of data quality are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from civicsight.core.errors import N_, Text

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
