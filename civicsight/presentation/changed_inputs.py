"""What changed since a plan was made: one sentence for every paper and command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Final

from civicsight.core.errors import N_, Text
from civicsight.core.i18n import in_all

INPUTS: Final[Mapping[str, Text]] = {
    "answers": N_("answers of the city"),
    "barriers": N_("fences and barriers"),
    "buildings": N_("buildings"),
    "cameras": N_("cameras"),
    "canopies": N_("trees"),
    "consent_areas": N_("areas of consent"),
    "districts": N_("districts"),
    "documents": N_("documents"),
    "entrances": N_("entrances"),
    "obstacles": N_("obstacles"),
    "places": N_("places"),
    "plans": N_("plans on record"),
    "prices": N_("price table"),
    "private_places": N_("private places"),
    "project": N_("data of the project"),
    "projects": N_("projects on record"),
    "proposals": N_("proposals"),
    "roads": N_("roads"),
    "signs": N_("signs"),
    "terrain": N_("ground elevation"),
}
"""Inputs of a plan, for a person; rule packs are named by their own names."""

RULES: Final = "rules "


def name_input(name: str) -> Text:
    """Return what an input of a plan is called, by the name that the plan gives it."""
    if name.startswith(RULES):
        return N_("rule pack %(name)s", name=name.removeprefix(RULES))
    return INPUTS.get(name, Text(name))


def describe_changed(names: Iterable[str]) -> list[Text]:
    """Say which inputs changed since a plan was made; nothing where none did.

    Parameters
    ----------
    names
        As of `planning.record.plan.Plan.stale`.
    """
    told = [name_input(name) for name in names]
    if not told:
        return []
    whole = reduce(lambda one, other: N_("%(one)s, %(other)s", one=one, other=other), told)
    return [N_("Warning: these changed since the plan was made: %(names)s", names=whole)]


CHANGED: Final = N_("Changed since the plan was made")


def note_changed(names: Iterable[str]) -> dict[str, str]:
    """Return `describe_changed` as a note of a workbook or of layers, in all languages."""
    return {in_all(CHANGED): in_all(text) for text in describe_changed(names)}
