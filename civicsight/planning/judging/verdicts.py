"""The table of verdicts, a row for each rule and subject, and the department each goes to first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from civicsight.core.column import day, identifier, number, text, thing
from civicsight.core.errors import N_, Text
from civicsight.core.table import Table
from civicsight.rules.predicates import PREDICATES
from civicsight.rules.predicates.declaration import SUBJECTS

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


@lru_cache(maxsize=4096)
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


OUTCOMES: Final[dict[str, Text]] = {
    "pass": N_("met"),
    "fail": N_("not met"),
    "undetermined": N_("cannot be told"),
    "not_applicable": N_("does not apply"),
    "waived": N_("waived"),
}
"""Every outcome of a rule, for a person."""

VERDICTS: Final = Table(
    "verdicts",
    identifier("verdict_id", heading=N_("Judgement number")),
    "Any",
    (
        text("pack", str(N_("Rule pack")), required=True),
        text("rule", str(N_("Rule of the pack")), required=True),
        text("article", str(N_("Article of law")), required=True),
        text("subject_kind", str(N_("Kind of what it is about")), SUBJECTS, required=True),
        text("subject", str(N_("What it is about; empty for the plan as a whole"))),
        text("outcome", str(N_("What was found")), tuple(OUTCOMES), required=True),
        text(
            "severity",
            str(N_("How serious it is")),
            ("violation", "warning", "info", "judgement"),
            required=True,
        ),
        number("certainty", "", str(N_("Chance that it is right, from its data")), 0, 1),
        thing("because", str(N_("Reasons")), required=True),
        thing("missing", str(N_("What it lacks to be told"))),
        thing("evidence", str(N_("Measures behind it")), required=True),
        text(
            "department",
            str(N_("Department that it goes to first")),
            tuple(DEPARTMENTS),
            heading=N_("Department that it goes to first"),
        ),
        text("answered_by", str(N_("Who answered"))),
        day("answered_on", str(N_("Day of the answer"))),
        text("answer_reason", str(N_("Reason, or what was found"))),
    ),
    placed=False,
)
