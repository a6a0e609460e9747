"""The tables in which duplicates are handed on, each column declared."""

from __future__ import annotations

from typing import Final

from civicsight.core.errors import N_
from civicsight.core.table import Table, flag, must, number, text, thing

SHARES: Final = Table(
    "duplicates",
    "camera_id",
    "",
    (
        text("status", str(N_("State of the camera in the plan"))),
        must("total", "", str(N_("Weight of listed places that it meets, in m or m2")), 0),
        must("unique", "", str(N_("What is lost if it alone goes, in m or m2")), 0),
        must("fair", "", str(N_("Its part of what several meet together, in m or m2")), 0),
        must("gain", "", str(N_("Share of its own that it adds to what exists")), 0, 1),
        must("kept", "", str(N_("Share of its own that the plan loses without it")), 0, 1),
        text("verdict", str(N_("Verdict on a planned camera"))),
        thing("reasons", str(N_("Why it is meant to see what others see"))),
        flag("goes", str(N_("Whether it is among those that can go together"))),
        must("flips", "", str(N_("Share of disturbed poses that change the verdict")), 0, 1),
        flag("hidden", str(N_("Whether only an assumed height may hide what it adds"))),
        number("cost_yuan", "yuan", str(N_("What it costs")), 0),
        number("saving_yuan", "yuan", str(N_("What is saved if the review follows it")), 0),
        text("instead", str(N_("Existing camera that would do, once worked on"))),
        text("measure", str(N_("The work on it"))),
        number("instead_yuan", "yuan", str(N_("What that work costs")), 0),
    ),
    placed=False,
)
"""One row for each camera in use."""

BY_ZONE: Final = Table(
    "duplicates_by_zone",
    "row_id",
    "",
    (
        text("camera_id", str(N_("Camera")), required=True),
        text("zone_id", str(N_("Listed place")), required=True),
        text("article", str(N_("Article of law")), required=True),
        text("item", str(N_("Item of the law's list of places")), required=True),
        must("total", "", str(N_("Weight of the place that it meets, in m or m2")), 0),
        must("unique", "", str(N_("What the place loses if it alone goes, in m or m2")), 0),
        must("fair", "", str(N_("Its part of what several meet together, in m or m2")), 0),
    ),
    placed=False,
)
"""One row for each camera and place of which it meets something; `unique` is beside all others."""
