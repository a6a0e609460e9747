"""The tables that come from outside: a city, what stands in it, and what registers say of it."""

from __future__ import annotations

from civicsight.core.column import day, flag, maybe, must, number, text, thing
from civicsight.core.table import Table
from civicsight.model.plan_tables import PROPOSALS
from civicsight.model.records import CAMERA_RECORD, RECORD_TABLES

CAMERAS = Table(
    "cameras",
    "camera_id",
    "Point",
    (
        text("name", "Name of the camera"),
        text(
            "kind",
            "Build of the camera",
            ("fixed", "dome", "ptz", "panorama", "fisheye", "multi_head", "thermal", "unknown"),
        ),
        text("mount", "What carries it", ("wall", "pole", "gate", "ceiling", "roof", "unknown")),
        text("setting", "Indoors or outdoors", ("outdoor", "indoor", "unknown")),
        text("status", "State in the plan", ("existing", "approved", "planned", "removed")),
        number("height_m", "m", "Height of the lens above the ground", 0, 500),
        number("azimuth_deg", "deg", "Direction of view, clockwise from grid north", -360, 360),
        number("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        number("roll_deg", "deg", "Rotation about the axis of view", -180, 180),
        number("hfov_deg", "deg", "Horizontal field of view", 0.1, 360),
        number("vfov_deg", "deg", "Vertical field of view", 0.1, 360),
        number("width_px", "px", "Horizontal pixels of the recorded stream", 1, 100_000),
        number("height_px", "px", "Vertical pixels of the recorded stream", 1, 100_000),
        number("reach_m", "m", "Greatest distance at which the view is used", 0.1, 10_000),
        number("near_m", "m", "Least distance in focus", 0, 1_000),
        number("night_reach_m", "m", "Range of its own light at night; 0: none", 0, 10_000),
        number(
            "detection_range_m",
            "m",
            "Range at which a thermal camera detects a person, by its data sheet",
            0.1,
            10_000,
        ),
        maybe("usable", "Whether it works and can be networked: true, false or unknown"),
        text("purpose", "Purpose of the camera"),
        text(
            "owner",
            "Owner: government, government_leased or non_government",
            ("government", "government_leased", "non_government", "unknown"),
        ),
        text("pole_id", "Pole that several heads share"),
        *CAMERA_RECORD,
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
)

BUILDINGS = Table(
    "buildings",
    "building_id",
    "Polygon",
    (
        must("height_m", "m", "Top above the ground at the foot", 0, 1_000),
        number(
            "base_m",
            "m",
            "Underside above the ground; 0 for a building that stands on it",
            0,
            1_000,
        ),
        flag("height_assumed", "Whether the height is a default"),
        text(
            "height_source",
            "What the height was read from",
            ("height", "levels", "surface", "filled", "default"),
        ),
        text("kind", "Kind of building, as the source names it"),
        text("name", "Name of the building"),
        number("built_from", "year", "First year in which it stands", 1_000, 3_000),
        number("removed_by", "year", "First year in which it no longer stands", 1_000, 3_000),
        thing("tags", "What the source said, as text by key"),
    ),
)

OBSTACLES = Table(
    "obstacles",
    "obstacle_id",
    "Any",
    (
        text("kind", "What it is", ("wall", "fence", "panel", "structure", "unknown")),
        must("height_m", "m", "Top above the ground", 0, 1_000),
        number("base_m", "m", "Underside above the ground, as a panel on legs", 0, 1_000),
        flag("height_assumed", "Whether the height is a default"),
        text("name", "Name of the obstacle"),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
)

CANOPIES = Table(
    "canopies",
    "canopy_id",
    "Polygon",
    (
        text("kind", "What it is", ("tree", "row", "wood")),
        must("height_m", "m", "Top of the crown above the ground", 0, 150),
        number("base_m", "m", "Underside of the crown above the ground", 0, 150),
        number("summer", "", "Share of a sight line that passes with leaves", 0, 1),
        number("winter", "", "Share of a sight line that passes without leaves", 0, 1),
        flag("height_assumed", "Whether the height is a default"),
    ),
)

ROADS = Table(
    "roads",
    "road_id",
    "LineString",
    (
        text("kind", "OSM highway class", required=True),
        text("name", "Name of the road"),
        flag("bridge", "Whether it is on a bridge"),
        flag("tunnel", "Whether it is in a tunnel"),
        thing("tags", "What the source said, as text by key"),
    ),
)

LAND_COVER = Table(
    "land_cover",
    "land_id",
    "Polygon",
    (
        text("kind", "What it is: shown on maps, and nothing computed from it", ("water", "green")),
        text("name", "Name of the water or the park"),
    ),
)

PLACES = Table(
    "places",
    "place_id",
    "Any",
    (
        text("name", "Name of the place"),
        thing("tags", "What the source said, as text by key", required=True),
        text("amap", "AMap type code, six digits; several are separated by |"),
        text("baidu", "Baidu class, two levels; several are separated by |"),
        text("industry", "GB/T 4754 code"),
        text(
            "item",
            "Item of the law's list of places that a register gives it, by its number or name",
        ),
        text("kind", "Kind within the item, such as school or square"),
        text("standing", "Whether the class is settled", ("designated", "confirmed", "candidate")),
        text("source", "osm, amap or the name of the register"),
    ),
)

ENTRANCES = Table(
    "entrances",
    "entrance_id",
    "Point",
    (
        text(
            "kind",
            "main, yes, secondary, service, shop, exit, gate, parking_entrance ...",
            required=True,
        ),
        text("name", "Name of the entrance"),
        flag("vehicle", "Whether vehicles pass"),
        flag("confirmed", "Whether a person confirmed it"),
        number("width_m", "m", "Width of the opening", 0, 200),
        text("confirmed_by", "Who confirmed it"),
        day("confirmed_on", "Day of the confirmation"),
        text("basis", "On what the confirmation relies"),
        text("source", "osm or the name of the register"),
        thing("tags", "What the source said, as text by key"),
    ),
)

BARRIERS = Table(
    "barriers",
    "barrier_id",
    "LineString",
    (
        text("kind", "wall, fence, hedge ...", required=True),
        number("height_m", "m", "Height above the ground", 0, 100),
    ),
)

DISTRICTS = Table(
    "districts",
    "district_id",
    "Polygon",
    (
        text("code", "GB/T 2260 code, six digits", required=True),
        text("name", "Name of the district"),
        text(
            "level",
            "Level of the administration",
            ("province", "city", "county", "street", "other"),
        ),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
)

PRIVATE_PLACES = Table(
    "private_places",
    "private_id",
    "Any",
    (
        text(
            "kind",
            "Kind of private place",
            ("dormitory", "lodging_room", "bath", "changing_room", "toilet", "other_private"),
            required=True,
        ),
        text("name", "Name of the place"),
        text("scope", "How far it reaches", ("whole_interior", "interior_rooms", "facade")),
        number("from_floor", "", "Lowest storey that it takes", -20, 300),
        number("to_floor", "", "Highest storey that it takes", -20, 300),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
)

SIGNS = Table(
    "signs",
    "sign_id",
    "Point",
    (
        number("facing_deg", "deg", "Direction it faces, clockwise from grid north", -360, 360),
        text("approach", "Approach that it serves"),
        text("camera_id", "Camera that it announces"),
        text("text", "What it says"),
        number("height_m", "m", "Height of its centre above the ground", 0, 50),
        day("surveyed_on", "Day on which it was seen"),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
)

PROJECTS = Table(
    "projects",
    "project_id",
    "Any",
    (
        text("name", "Name of the project"),
        text("kind", "Kind of works", ("new", "rebuilt", "extended")),
        text("authority", "Competent police organ"),
        maybe("system_required", "Whether it needs a video system: true, false or unknown"),
        day("main_design_approved_on", "Day on which the design of the main works was approved"),
        day("system_design_on", "Day of the design of the video system"),
        day("main_started_on", "Day on which the main works began"),
        day("main_completed_on", "Day on which the main works were completed"),
        day("system_started_on", "Day on which works on the video system began"),
        day("system_completed_on", "Day on which works on the video system were completed"),
        day("main_in_use_on", "Day on which the main works were put into use"),
        day("system_in_use_on", "Day on which the video system was put into use"),
        day("acceptance_on", "Day of the completion acceptance"),
        text("acceptance_result", "Result of the acceptance", ("passed", "failed", "pending")),
        maybe("police_attended", "Whether the police attended the acceptance"),
        text("police_unit", "Police organ that attended the acceptance"),
        text("shares", "What of its works a camera may share", ("trench", "pole", "both")),
        text("documents", "Papers in the file, separated by semicolons"),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
    placed=False,
)

CITY_TABLES = (
    BUILDINGS,
    OBSTACLES,
    CANOPIES,
    ROADS,
    PLACES,
    ENTRANCES,
    BARRIERS,
    CAMERAS,
    DISTRICTS,
    PRIVATE_PLACES,
    SIGNS,
    PROJECTS,
    *RECORD_TABLES,
    PROPOSALS,
    LAND_COVER,
)
"""Tables of a city, in the order in which they are reported."""
