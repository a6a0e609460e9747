"""The tables that are computed: heads, mandatory places, their parts and samples, findings."""

from __future__ import annotations

from civicsight.core.column import Column, flag, identifier, must, number, text, thing
from civicsight.core.errors import N_, Text
from civicsight.core.table import Table

# A column is an entry of a few lines; the formatter would give each word one.
# fmt: off

READINGS = ("sure", "assumed", "possible")
"""How much a camera's pose is believed: what its record says, what is assumed, all it could see."""

PRESUMED = ("frontage", "front")
"""Steps that presume a gate: on the front towards a way, or anywhere on it where no way is near."""

NEED = "need_px_m"
"""Column that states what is asked of a view [px/m]; `rules.criteria.Need` compares it."""

HEADS = Table(
    "heads",
    identifier("head_id", heading=N_("Head number")),
    "Point",
    (
        text("camera_id", "Camera that the head belongs to", required=True),
        text("reading", "How much the pose is believed", READINGS,
             required=True),
        must("height_m", "m", "Height of the lens above the ground", 0, 500),
        must("azimuth_deg", "deg", "Direction of view, clockwise from grid north"),
        must("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        must("roll_deg", "deg", "Rotation about the axis of view"),
        must("hfov_deg", "deg", "Horizontal field of view", 0.1, 360),
        must("vfov_deg", "deg", "Vertical field of view", 0.1, 360),
        must("width_px", "px", "Horizontal pixels of the recorded stream", 1),
        must("reach_m", "m", "Greatest distance at which the view is used", 0.1, 10_000),
        must("near_m", "m", "Least distance in focus", 0, 10_000),
        text("lens", "Projection of the lens", ("rectilinear", "equidistant", "cylindrical"),
             required=True),
        number("shift_m", "m", "How far the record was moved off a wall", 0,
               heading=N_("Moved off a wall by [m]")),
        text("host", "Building whose wall carries the head", heading=N_("Carrier")),
        thing("assumptions", "What was assumed, by name"),
        number("confidence", "", "Chance that all assumptions hold", 0, 1),
    ),
)

ZONES = Table(
    "zones",
    identifier("zone_id", heading=N_("Place number")),
    "Any",
    (
        text("item", "Item of the law's list of places", required=True, asked=True,
             heading=N_("Item of the list of places")),
        text("pack", "Rule pack that names the class", required=True),
        text("name", "Name of the place"),
        text("standing", "Whether the class is settled", ("designated", "confirmed", "candidate"),
             required=True, asked=True),
        number("confidence", "", "Chance that the place belongs to the class", 0, 1, required=True,
               asked=True, heading=N_("Confidence")),
        thing("qualifiers", "Open words of the law: large, important, key", asked=True,
              heading=N_("Open words of the law")),
        text("place_id", "Place it was made from", heading=N_("Made from")),
        text("source", "Where it comes from", asked=True),
    ),
)

PARTS = Table(
    "parts",
    identifier("part_id", heading=N_("Part number")),
    "Any",
    (
        text("zone_id", "Zone that the part belongs to", required=True),
        text("item", "Item of the law's list of places", required=True),
        text("article", "Article of law", required=True),
        text("rule", "Rule of the pack", required=True),
        text("pack", "Rule pack", required=True),
        text("kind", "Kind of part",
             ("entrance", "vehicle_entrance", "passage", "perimeter", "area", "road_section",
              "junction", "portal", "deck"),
             required=True),
        text("profile", "Capture quality asked for", required=True,
             heading=N_("Quality asked for")),
        must(NEED, "px/m", "Pixel density asked for", 0,
             heading=N_("Density asked for [px/m]")),
        must("fraction", "", "Share of the part that must be met", 0, 1,
             heading=N_("Share that the rule asks for")),
        Column("k", "int", Text("How many cameras must each meet it"), nullable=False,
               heading=N_("Cameras asked for")),
        number("max_tilt_deg", "deg", "Greatest angle of view below the horizontal", 0, 90,
               heading=N_("Greatest tilt [deg]")),
        number("max_yaw_deg", "deg", "Greatest angle off the direction of walking", 0, 180,
               heading=N_("Greatest angle off the way [deg]")),
        number("target_height_m", "m", "Height of what has to be made out above the ground", 0, 20),
        number("min_time_share", "", "Share of time for which a tour has to hold it", 0, 1),
        text("light", "Light in which a view counts", ("day", "night")),
        flag("inferred", "Whether it was inferred, not mapped", heading=N_("Inferred")),
        flag("confirmed", "Whether a person confirmed it"),
        text("how", "How it was found: one of the seven steps", heading=N_("How it was found")),
        number("confidence", "", "Chance that the part is real and main", 0, 1, required=True),
    ),
)

SAMPLES = Table(
    "samples",
    identifier("sample_id", heading=N_("Sample number")),
    "Point",
    (
        text("part_id", "Part that the sample stands for", required=True),
        must("height_m", "m", "Height of the target above the ground", 0),
        number("normal_deg", "deg",
               "Direction of walking out of the gate, clockwise from grid north",
               heading=N_("Way out of it [deg]")),
        must(NEED, "px/m", "Pixel density asked for", 0),
        must("weight", "",
             "Metres of gate or square metres of area it stands for; 0: a position of a presumed "
             "gate, which is no demand of its own, and which no action may pass over",
             0, heading=N_("Length or area [m, m²]")),
    ),
)

FINDINGS = Table(
    "findings",
    identifier("finding_id", heading=N_("Finding number")),
    "Any",
    (
        text("article", "Article of law", required=True, heading=N_("Article")),
        text("rule", "Rule of the pack", required=True, heading=N_("Rule")),
        text("pack", "Rule pack", required=True, heading=N_("Rule pack")),
        text("kind", "Kind of finding", ("gap", "duplicate", "twin", "near", "overlap"),
             required=True),
        text("subject", "Camera or part that it is about", required=True,
             heading=N_("What it is about")),
        text("outcome", "What was found", ("pass", "fail", "undetermined", "not_applicable"),
             required=True, heading=N_("Outcome")),
        text("severity", "How serious it is", ("violation", "warning", "info", "judgement"),
             required=True, heading=N_("Severity")),
        thing("readings", "Readings of the cameras in which it holds", required=True,
              heading=N_("Readings in which it holds")),
        number("certainty", "", "Chance that it is right, from its data", 0, 1, required=True,
               heading=N_("Certainty")),
        thing("assumptions", "What it stands on", required=True, heading=N_("Assumptions")),
        thing("evidence", "Measures behind it", required=True, heading=N_("Evidence")),
    ),
)
