"""The tables of private places: what is private, and the facades that stand for it."""

from __future__ import annotations

from typing import Final

from civicsight.core.table import Table, flag, must, number, text, thing

SCOPES: Final = ("whole_interior", "interior_rooms", "facade_openings")
"""How much of a private place is private, as packs say it."""

PRIVATE: Final = Table(
    "private",
    "private_id",
    "Any",
    (
        text("building_id", "Building that it is, or is in"),
        text("scope", "How much of it is private", SCOPES, required=True),
        text("kind", "Class of the pack, or kind of the register", required=True),
        text("pack", "Rule pack that names the class; none for a register"),
        thing("label", "What the class is called in both languages"),
        text("name", "Name of the place"),
        thing("place_ids", "Places of the map, or rows of the register, that say so"),
        text("selector", "Mark by which it was found; none for a register"),
        number("confidence", "", "Chance that it is private", 0, 1, required=True),
        flag("registered", "Whether a register says so"),
        number("from_floor", "", "Lowest storey; 1 is at the ground"),
        number("to_floor", "", "Highest storey"),
        flag("has_facade", "Whether its facade counts as private"),
        thing("assumptions", "What was assumed, by name"),
    ),
)

FACADES: Final = Table(
    "facades",
    "facade_id",
    "Point",
    (
        text("building_id", "Building whose wall it is", required=True),
        text(
            "private_id", "Private place that it belongs to, the surest of several", required=True
        ),
        must("height_m", "m", "Height of the sample above the ground under it", 0),
        must("normal_deg", "deg", "Outward direction of the wall, clockwise from grid north"),
        must("area_m2", "m2", "Area of wall that it stands for", 0),
        must("width_m", "m", "Width of that area along the wall", 0),
        must("low_m", "m", "Lower edge of that area above the ground", 0),
        must("high_m", "m", "Upper edge of that area above the ground", 0),
        must("storey", "", "Storey, counted from 1 at the ground"),
        number("confidence", "", "Chance that it is private", 0, 1, required=True),
        flag("height_assumed", "Whether the height of the building is a default"),
    ),
)
