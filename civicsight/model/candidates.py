"""The table of candidates: every measure that a plan may take, one row a configuration."""

from __future__ import annotations

from typing import Final

from civicsight.core.table import Table, flag, must, number, text, thing

MEASURES: Final = ("keep", "reaim", "refurbish", "connect", "new")
"""Leave a camera as it is, set it anew, replace its device, connect it, or build one."""

HOSTS: Final = ("camera", "pole", "lamp", "facade", "gate", "corner", "ground")
"""What carries a candidate; the last two need a pole that is not there yet."""

CANDIDATES = Table(
    "candidates",
    "candidate_id",
    "Point",
    (
        text("measure", "What is done", MEASURES, required=True),
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
