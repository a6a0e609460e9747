"""What a plan does with each camera: one row a camera, kept, changed, built or dropped."""

from __future__ import annotations

from civicsight.core.errors import Text
from civicsight.core.table import Column, Table, flag, must, number, text, thing

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
