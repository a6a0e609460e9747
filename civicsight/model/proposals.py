"""Facilities that somebody proposes to put up, and that may stand in a view."""

from __future__ import annotations

from typing import Final

from civicsight.core.errors import N_
from civicsight.core.table import Table, day, must, number, text, thing

PROPOSALS: Final = Table(
    "proposals",
    "proposal_id",
    "Any",
    (
        text(
            "kind",
            str(N_("Kind of facility")),
            ("advert", "tree", "pipeline", "building", "structure"),
            required=True,
        ),
        text("name", str(N_("Name of the facility"))),
        must("height_m", "m", str(N_("Top above the ground")), 0, 1_000),
        number("base_m", "m", str(N_("Underside above the ground, of a crown too")), 0, 1_000),
        number("summer", "", str(N_("Share of a sight line that passes in summer")), 0, 1),
        number("winter", "", str(N_("Share of a sight line that passes in winter")), 0, 1),
        number("height_growth_m", "m", str(N_("Growth of a tree's height a year")), 0, 20),
        number("crown_growth_m", "m", str(N_("Growth of its crown's radius a year")), 0, 10),
        day("planned_on", str(N_("Day on which it is to stand"))),
        text("source", str(N_("Where the record comes from"))),
        thing("tags", str(N_("What the source said, as text by key"))),
    ),
)
"""A footprint is a line or an area; the applicant has to state the height, it is never assumed."""
