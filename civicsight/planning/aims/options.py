"""Three options for whoever decides: at least, recommended, everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from civicsight.core.errors import N_, Text
from civicsight.planning.aims.request import Aims
from civicsight.planning.record.plan import Plan

T = TypeVar("T")

LEAST, RECOMMENDED, EVERYTHING = "least", "recommended", "everything"

OPTIONS: Final[Mapping[str, Text]] = {
    LEAST: N_("At least"),
    RECOMMENDED: N_("Recommended"),
    EVERYTHING: N_("Everything"),
}
"""The options in the order in which they stand side by side."""

WHAT: Final[Mapping[str, Text]] = {
    LEAST: N_("what the law demands of known gates, for least money"),
    RECOMMENDED: N_("the same, few new sites before little money: what exists goes first"),
    EVERYTHING: N_("gates that are only presumed as well, even if any one camera fails"),
}  # fmt: skip
"""What each asks for. Money on a gate that is only presumed may be lost, so that it is asked for by
the last one alone."""

ASKED: Final = {
    LEAST: (True, False, 0),
    RECOMMENDED: (True, True, 0),
    EVERYTHING: (False, False, 1),
}
"""Whether each asks for known gates alone, for few new sites, and how many cameras may fail."""


def three_of(aims: Aims) -> dict[str, Aims]:
    """Return what each option asks, with the years, districts and bans of some aims."""
    plain = replace(aims, budget_yuan=None, grants=(), extras=False)
    return {
        code: replace(
            plain, scope=replace(aims.scope, known_gates=known), few_sites=few, robust_k=spare
        )
        for code, (known, few, spare) in ASKED.items()
    }


def none_dearer(plans: Mapping[str, T], cost_of: Callable[[T], float]) -> dict[str, T]:
    """Let the recommended option stand for the least one where the search left that one dearer.

    Both meet the same: few new sites are another order of aims, and no other demand.
    """
    found = dict(plans)
    if {LEAST, RECOMMENDED} <= found.keys() and cost_of(found[RECOMMENDED]) < cost_of(found[LEAST]):
        found[LEAST] = found[RECOMMENDED]
    return found


def alike(plans: Mapping[str, Plan]) -> list[tuple[str, ...]]:
    """Return the options that came out as one plan, each group in order."""
    groups: dict[tuple[tuple[str, str, int], ...], list[str]] = {}
    for code, plan in plans.items():
        works = plan.measures.sort_index()
        done = zip(works.index.astype(str), works["measure"], works["year"], strict=True)
        groups.setdefault(tuple(done), []).append(code)
    return [tuple(group) for group in groups.values() if len(group) > 1]
