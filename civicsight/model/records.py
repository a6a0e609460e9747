"""What registers and files say beyond geometry: of a camera, of the plan, its papers and answers.

The law asks for these; none of them changes what a camera sees, but a mask.
"""

from __future__ import annotations

from civicsight.core.column import day, maybe, number, text, thing
from civicsight.core.table import Table

CAMERA_RECORD = (
    text(
        "setting_class",
        "Kind of place in the sense of the law: a public place it lists, another, or none",
        ("listed_public", "other_public", "non_public"),
    ),
    text(
        "room_use",
        "What the room of an indoor camera is used for",
        ("lobby", "corridor", "stairs", "reception", "dining_hall", "plant_room", "room", "other"),
    ),
    text("necessity", "Why it is necessary for public safety"),
    text(
        "builder",
        "Who builds it",
        ("government_department", "responsible_operator", "duty_holder", "other"),
    ),
    text("authority", "Competent police organ"),
    text("owner_unit", "Unit that owns or runs it"),
    day("installed_on", "Day on which it was installed"),
    day("in_use_on", "Day on which it was put into use"),
    day("filed_on", "Day on which it was filed with the police"),
    number("retention_days", "day", "Days for which its images are kept", 0, 36_500),
    text(
        "network_state",
        "Whether it is in the shared network",
        ("connected", "scheduled", "not_connected"),
    ),
    text("interface_standard", "Standard of its network interface, such as GB/T 28181-2022"),
    text("standards", "Standards that it is declared to meet"),
    text("capture_profile", "Capture quality that it is declared for"),
    text("mask_plan", "Masks of its picture (polygons, from 0 to 1)"),
    maybe("secrecy", "Whether its record is secret: true, false or unknown"),
    maybe("key_target", "Whether it serves a key target of counter-terrorism"),
    text("justification", "Why it stands although others see the same"),
    maybe("power", "Whether power is at hand"),
    maybe("network", "Whether a network is at hand"),
    number("device_count", "", "Number of devices that were filed", 0, 10_000),
    text("device_type", "Type of the devices that were filed"),
    text("filed_with", "Police organ with which it was filed"),
    text("ownership", "Who owns it, in the words of the source"),
    text("point_class", "Class of the point as the office grades it, such as one, two or three"),
    text("police_station", "Police station in whose area it stands"),
    text("subdistrict", "Subdistrict or township that it stands in"),
    text("development_zone", "Development zone that it stands in"),
    text("platform", "Platform or network that it is brought into"),
    text("build_unit", "Unit that builds it"),
    text("fund_source", "Where its money comes from"),
    text("pole_work", "What becomes of its pole: new, borrowed, as it is"),
    text("power_source", "Where its power is taken from"),
    text("transmission", "How its pictures are carried"),
    maybe("filing_changed", "Whether what was filed has changed since"),
    day("changed_on", "Day on which what was filed changed"),
    day("change_filed_on", "Day on which the change was filed"),
)
"""Columns of a camera's record that rules read and that have no part in its geometry."""

PLANS = Table(
    "plans",
    "plan_id",
    "Any",
    (
        text("name", "Name of the plan"),
        text(
            "status",
            "State of the plan",
            (
                "draft",
                "joint_review",
                "submitted",
                "returned",
                "approved",
                "in_implementation",
                "superseded",
            ),
        ),
        text("lead", "Who draws it up"),
        text("co_departments", "Departments that take part, separated by semicolons"),
        day("approved_on", "Day of the approval"),
        text("approved_by", "Who approved it"),
        maybe("changed", "Whether it was changed after its approval"),
        day("changed_on", "Day of the last change after the approval"),
        day("change_approved_on", "Day on which the change was approved"),
        text("change_approved_by", "Who approved the change"),
        day("plan_date", "Day of the plan"),
        day("inventory_date", "Day of the inventory of what exists"),
        text("text", "Text of the plan or of its tender papers"),
        text("source", "Where the record comes from"),
    ),
    placed=False,
)

DOCUMENTS = Table(
    "documents",
    "document_id",
    "Any",
    (
        text("kind", "Kind of document", required=True),
        text("subject", "Camera, place or project that it is about; empty for the whole plan"),
        text("department", "Department that it comes from"),
        day("dated_on", "Day of the document"),
        text("title", "Title or file number"),
        text("source", "Where the record comes from"),
    ),
    placed=False,
)

ANSWERS = Table(
    "answers",
    "answer_id",
    "Any",
    (
        text("pack", "Rule pack of the question", required=True),
        text("rule", "Rule that is answered", required=True),
        text("subject", "What it is about; empty for the whole plan"),
        text(
            "answer",
            "What was decided",
            (
                "yes",
                "no",
                "waived",
                "confirmed",
                "present",
                "none_here",
                "removed",
                "shared",
                "justified",
            ),
            required=True,
        ),
        text("answered_by", "Who answered", required=True),
        day("answered_on", "Day of the answer"),
        text("reason", "Reason, or what was found"),
    ),
    placed=False,
)
"""Decisions of people under questions that no computer can answer; a waiver needs a reason."""

CONSENT_AREAS = Table(
    "consent_areas",
    "consent_id",
    "Polygon",
    (
        text("kind", "Kind of area", ("military", "secret_related")),
        text("name", "Name of the unit"),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
)
"""Areas around which consent comes first; a hidden layer that no map says and no output shows."""

CHANGES = Table(
    "changes",
    "change_id",
    "Any",
    (
        text("layer", "Table of the row that was settled", required=True),
        text("subject", "Its number, as it was left", required=True),
        text(
            "what",
            "Kind of difference",
            (
                "added",
                "missing",
                "moved",
                "renumbered",
                "changed",
                "filled",
                "emptied",
                "surveyed",
                "unbuildable",
            ),
            required=True,
        ),
        text("field", "Column that it is about"),
        text("old", "What the register said"),
        text("new", "What the list or the survey says"),
        number("distance_m", "m", "How far apart both places are", 0),
        number("certainty", "", "Chance that both records are of one", 0, 1),
        text("decision", "What was decided", ("take", "keep"), required=True),
        text("decided_by", "Who settled it", required=True),
        day("decided_on", "Day on which it was settled"),
        text("reason", "Why it was settled so"),
        text("source", "Where the record comes from"),
    ),
    placed=False,
)
"""What people settled about single records: who, when and why; rows are added, never changed."""

RECORD_TABLES = (PLANS, DOCUMENTS, ANSWERS, CHANGES, CONSENT_AREAS)
