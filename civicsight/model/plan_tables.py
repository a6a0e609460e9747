"""Tables about a plan: candidates, measures taken, measurements at acceptance, proposals."""

from __future__ import annotations

from typing import Final

from civicsight.core.column import Column, day, flag, maybe, must, number, text, thing
from civicsight.core.errors import N_, Text
from civicsight.core.table import Table

MEASURE_KINDS = ("keep", "reaim", "refurbish", "connect", "new", "drop")
"""From what costs nothing to what is built; what is dropped is not built after all."""

MEASURES = Table(
    "measures",
    "camera_id",
    "Point",
    (
        text("measure", "What the plan does with it", MEASURE_KINDS, required=True),
        text("camera_class", "Neutral class of the camera, without a maker"),
        text("site_id", "Site that carries it"),
        text("host", "What carries it"),
        number("height_m", "m", "Height of the lens above the ground", 0, 500),
        number("azimuth_deg", "deg", "Direction of view, clockwise from grid north", -360, 360),
        number("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        number("hfov_deg", "deg", "Horizontal field of view", 0.1, 360),
        must("cost_yuan", "yuan", "What the measure costs", 0),
        must("saved_yuan", "yuan", "What is not spent because it is dropped", 0),
        flag("new_site", "Whether it needs a site that does not exist yet"),
        Column("year", "int", Text("Year in which it is done; 0 where nothing is to be done"),
               nullable=False, low=0, high=2200),
        text("district", "District in which it stands"),
        must("serves", "", "Metres of gate or square metres of area that it meets", 0),
        must("alone", "", "The same, met by no other camera of the plan", 0),
        thing("parts", "Parts of places that it is credited with"),
        number("exposure_m2", "m2", "Private wall that it could see, masks counted", 0),
        thing("assumptions", "What was assumed, by name"),
        text("article", "Article of law that asks for it, beside the demand"),
    ),
)  # fmt: skip


CANDIDATE_MEASURES: Final = ("keep", "reaim", "refurbish", "connect", "new")
"""Leave a camera as it is, set it anew, replace its device, connect it, or build one."""

HOSTS: Final = ("camera", "pole", "lamp", "facade", "gate", "corner", "ground")
"""What carries a candidate; the last two need a pole that is not there yet."""

CANDIDATES = Table(
    "candidates",
    "candidate_id",
    "Point",
    (
        text("measure", "What is done", CANDIDATE_MEASURES, required=True),
        text("camera_id", "Camera that it is about; none for a new one"),
        text("site_id", "Site; the variants of one camera share one", required=True),
        text("host", "What carries it", HOSTS, required=True),
        text("host_id", "Camera, pole, building or entrance that carries it"),
        text("camera_class", "Neutral class of the device; none for one that stays"),
        must("height_m", "m", "Height of the lens above the ground", 0, 500),
        number("azimuth_deg", "deg", "Direction of view of its first head, from grid north"),
        number("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        must("cost_yuan", "yuan", "What it costs, in whole yuan", 0),
        thing("items", "Items of the price table and how many of each", required=True),
        flag("new_site", "Whether nothing of the kind stands there yet"),
        must("exposure_m2", "m2", "Private wall that it could see, masks counted", 0),
        text("mask_plan", "Mask of its picture (polygons, from 0 to 1)"),
        text("district", "District that it stands in"),
        thing("assumptions", "What was assumed, by name"),
    ),
)


MEASURED: Final = Table(
    "measured",
    "camera_id",
    "Point",
    (
        number("height_m", "m", str(N_("Height of the lens, as measured")), 0, 500),
        number("azimuth_deg", "deg", str(N_("Direction of view, as measured")), -360, 360),
        number("tilt_deg", "deg", str(N_("Angle below the horizontal, as measured")), -90, 90),
        number("hfov_deg", "deg", str(N_("Horizontal field of view, as measured")), 0.1, 360),
        number("chart_px_m", "px/m", str(N_("Pixel density on the test chart")), 0, 100_000),
        number("chart_distance_m", "m", str(N_("Distance of the test chart")), 0, 10_000),
        number("blind_m", "m", str(N_("Distance below which nothing is in the picture")), 0, 1_000),
        maybe("sign_up", str(N_("Whether the sign stands"))),
        maybe("mask_set", str(N_("Whether the masks are set as planned"))),
        maybe("night_ok", str(N_("Whether the night picture was accepted"))),
        day("measured_on", str(N_("Day of the measurement"))),
        text("measured_by", str(N_("Who measured"))),
    ),
    placed=False,
)
"""Measurements at acceptance, one row a camera; what was not measured stays empty."""


PROGRESS: Final = Table(
    "progress",
    "camera_id",
    "Point",
    (
        text("contractor", str(N_("Who carries out the works"))),
        day("pole_on", str(N_("Day on which its pole was put up"))),
        day("power_on", str(N_("Day on which it got power"))),
        day("online_on", str(N_("Day on which its pictures arrived on the platform"))),
        day("accepted_on", str(N_("Day on which it was accepted"))),
        day("filed_on", str(N_("Day on which it was filed with the police"))),
        text("remark", str(N_("Remark"))),
    ),
    placed=False,
)
"""What a month's report of the works says of each measure; what is not reached yet stays empty."""


GATE_LIST: Final = Table(
    "gate_list",
    "gate_id",
    "Point",
    (
        text("place", str(N_("The mandatory place"))),
        text("gate", str(N_("The gate that is asked for"))),
        number("chance", "", str(N_("Chance that a gate is there, 0 to 1")), 0, 1),
        text("settles", str(N_("What would be settled by knowing it"))),
        number("presumed_lon", "deg", str(N_("Longitude where it is presumed, WGS 84")), -180, 180),
        number("presumed_lat", "deg", str(N_("Latitude where it is presumed, WGS 84")), -90, 90),
        text(
            "decision",
            str(
                N_(
                    "Whether it is there: yes, no, or moved where it is elsewhere; empty as long "
                    "as nobody knows"
                )
            ),
            ("yes", "no", "moved"),
        ),
        text("decided_by", str(N_("Who found out"))),
        day("decided_on", str(N_("Day on which it was found out"))),
        text("basis", str(N_("On what that relies"))),
        text("row", str(N_("Row of the file"))),
    ),
    placed=False,
)
"""The list of gates that nobody has confirmed, to be filled in; a row's place is where its gate
really is, if elsewhere than presumed."""


SURVEYED: Final = Table(
    "surveyed",
    "camera_id",
    "Point",
    (
        number("height_m", "m", str(N_("Height of the lens, as measured")), 0, 500),
        number("azimuth_deg", "deg", str(N_("Direction of view, as measured")), -360, 360),
        number("tilt_deg", "deg", str(N_("Angle below the horizontal, as measured")), -90, 90),
        maybe("usable", str(N_("Whether it works"))),
        maybe("power", str(N_("Whether power is at hand"))),
        maybe("network", str(N_("Whether a network is at hand"))),
        text("power_source", str(N_("Where its power can be taken from"))),
        text("pole_work", str(N_("What becomes of its pole: new, borrowed, as it is"))),
        text("duct", str(N_("Duct or pipe for its cables"))),
        text("consent", str(N_("What the owner of the place agreed to"))),
        maybe("buildable", str(N_("Whether it can be built there"))),
        text("why_not", str(N_("Why it cannot be built there"))),
        text("remark", str(N_("Remark"))),
        day("surveyed_on", str(N_("Day of the survey"))),
        text("surveyed_by", str(N_("Who surveyed"))),
    ),
    placed=False,
)
"""What was found at each stop of a survey; what was not found out stays empty."""


REPLIES: Final = Table(
    "replies",
    "reply_id",
    "Point",
    (
        text(
            "reply",
            str(
                N_(
                    "Whether the department agrees: agree, disagree, or remark where something is "
                    "to be changed; empty where nothing is said of a point"
                )
            ),
            ("agree", "disagree", "remark"),
        ),
        text("opinion", str(N_("What is to be changed, and why"))),
        text("replied_by", str(N_("Who answers for the department"))),
        day("replied_on", str(N_("Day of the answer"))),
        text("body", str(N_("Department that answers; leave it as it is")), required=True),
        text("root", str(N_("Version that was seen; leave it as it is")), required=True),
        text("row", str(N_("Row of the file"))),
    ),
    placed=False,
)
"""What a department answers to a plan that it was asked about, point by point."""


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
