"""What a version of a plan leaves unjudged, as an approval records it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from civicsight.planning.record.documents import find_plan
from civicsight.planning.record.plan import Plan as Optimised
from civicsight.planning.statement.figures import figures_of


def count_unjudged(documents: Mapping[str, Any]) -> dict[str, int] | None:
    """Count the places and parts of a version that are not judged with its plan.

    Parameters
    ----------
    documents
        Of the version; one that the optimiser did not draw up holds no figures, which gives None.
    """
    plan = find_plan(documents)
    return None if plan is None else unjudged_of(plan)


def unjudged_of(plan: Optimised) -> dict[str, int]:
    """Count the places and parts that are not judged with a plan."""
    n = figures_of(plan)
    return {name: n.of(f"{name}.not_judged.after") for name in ("places", "parts")}
