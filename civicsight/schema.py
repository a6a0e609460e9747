"""The tables that cross module borders, each declared once: column, kind, unit, meaning.

All tables of a project share one metric CRS; `civicsight.table` says what a declaration holds and
how a table is checked against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import geopandas as gpd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from civicsight.errors import CrsError, Text
from civicsight.provenance import Provenance
from civicsight.table import (
    Column,
    Table,
    day,
    flag,
    maybe,
    must,
    number,
    require_metric,
    text,
    thing,
)
from civicsight.terrain import Terrain

__all__ = [
    "BARRIERS",
    "BUILDINGS",
    "CAMERAS",
    "CANOPIES",
    "CITY_TABLES",
    "DISTRICTS",
    "ENTRANCES",
    "FINDINGS",
    "HEADS",
    "OBSTACLES",
    "PARTS",
    "PLACES",
    "PRIVATE_PLACES",
    "PROJECTS",
    "READINGS",
    "ROADS",
    "SAMPLES",
    "SIGNS",
    "TABLES",
    "ZONES",
    "City",
    "Column",
    "Table",
    "empty_tables",
    "require_metric",
]

READINGS = ("sure", "assumed", "possible")
"""How much a camera's pose is believed: what its record says, what is assumed, all it could see."""


CAMERAS = Table(
    "cameras",
    "camera_id",
    "Point",
    (
        text("name", "Name of the camera"),
        text(
            "kind",
            "Build of the camera",
            ("fixed", "dome", "ptz", "panorama", "fisheye", "multi_head", "unknown"),
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
        maybe("usable", "Whether it works and can be networked: true, false or unknown"),
        text("purpose", "Purpose of the camera"),
        text(
            "owner",
            "Owner: government, government_leased or non_government",
            ("government", "government_leased", "non_government", "unknown"),
        ),
        text("pole_id", "Pole that several heads share"),
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
        text("item", "Item of Article 8 that a register gives it, such as 8.5"),
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
            "Kind of private place in the sense of Article 9",
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
        maybe("system_required", "Whether it needs a video system: true, false or unknown"),
        day("main_design_approved_on", "Day on which the design of the main works was approved"),
        day("system_design_on", "Day of the design of the video system"),
        day("main_in_use_on", "Day on which the main works were put into use"),
        day("system_in_use_on", "Day on which the video system was put into use"),
        day("acceptance_on", "Day of the completion acceptance"),
        text("acceptance_result", "Result of the acceptance", ("passed", "failed", "pending")),
        maybe("police_attended", "Whether the police attended the acceptance"),
        text("documents", "Papers in the file, separated by semicolons"),
        text("source", "Where the record comes from"),
        thing("tags", "What the source said, as text by key"),
    ),
    placed=False,
)

HEADS = Table(
    "heads",
    "head_id",
    "Point",
    (
        text("camera_id", "Camera that the head belongs to", required=True),
        text("reading", "How much the pose is believed", READINGS, required=True),
        must("height_m", "m", "Height of the lens above the ground", 0, 500),
        must("azimuth_deg", "deg", "Direction of view, clockwise from grid north"),
        must("tilt_deg", "deg", "Angle of view below the horizontal", -90, 90),
        must("roll_deg", "deg", "Rotation about the axis of view"),
        must("hfov_deg", "deg", "Horizontal field of view", 0.1, 360),
        must("vfov_deg", "deg", "Vertical field of view", 0.1, 360),
        must("width_px", "px", "Horizontal pixels of the recorded stream", 1),
        must("reach_m", "m", "Greatest distance at which the view is used", 0.1),
        must("near_m", "m", "Least distance in focus", 0),
        text(
            "lens",
            "Projection of the lens",
            ("rectilinear", "equidistant", "cylindrical"),
            required=True,
        ),
        number("shift_m", "m", "How far the record was moved off a wall", 0),
        text("host", "Building whose wall carries the head"),
        thing("assumptions", "What was assumed, by name"),
        number("confidence", "", "Chance that all assumptions hold", 0, 1),
    ),
)

ZONES = Table(
    "zones",
    "zone_id",
    "Any",
    (
        text("item", "Item of Article 8, such as 8.5", required=True),
        text("pack", "Rule pack that names the class", required=True),
        text("name", "Name of the place"),
        text(
            "standing",
            "Whether the class is settled",
            ("designated", "confirmed", "candidate"),
            required=True,
        ),
        number("confidence", "", "Chance that the place belongs to the class", 0, 1, required=True),
        thing("qualifiers", "Open words of the law: large, important, key"),
        text("place_id", "Place it was made from"),
        text("source", "Where it comes from"),
    ),
)

PARTS = Table(
    "parts",
    "part_id",
    "Any",
    (
        text("zone_id", "Zone that the part belongs to", required=True),
        text("item", "Item of Article 8, such as 8.5", required=True),
        text("article", "Article of law", required=True),
        text("rule", "Rule of the pack", required=True),
        text("pack", "Rule pack", required=True),
        text(
            "kind",
            "Kind of part",
            (
                "entrance",
                "vehicle_entrance",
                "passage",
                "perimeter",
                "area",
                "road_section",
                "junction",
                "portal",
                "deck",
            ),
            required=True,
        ),
        text("profile", "Capture quality asked for", required=True),
        must("need_px_m", "px/m", "Pixel density asked for", 0),
        must("fraction", "", "Share of the part that must be met", 0, 1),
        Column("k", "int", Text("How many cameras must each meet it"), nullable=False),
        number("max_tilt_deg", "deg", "Greatest angle of view below the horizontal", 0, 90),
        number("max_yaw_deg", "deg", "Greatest angle off the direction of walking", 0, 180),
        flag("inferred", "Whether it was inferred, not mapped"),
        flag("confirmed", "Whether a person confirmed it"),
        text("how", "How it was found: one of the seven steps"),
        number("confidence", "", "Chance that the part is real and main", 0, 1, required=True),
    ),
)

SAMPLES = Table(
    "samples",
    "sample_id",
    "Point",
    (
        text("part_id", "Part that the sample stands for", required=True),
        must("height_m", "m", "Height of the target above the ground", 0),
        number(
            "normal_deg", "deg", "Direction of walking out of the gate, clockwise from grid north"
        ),
        must("need_px_m", "px/m", "Pixel density asked for", 0),
        must("weight", "", "Metres of gate or square metres of area it stands for", 0),
    ),
)

FINDINGS = Table(
    "findings",
    "finding_id",
    "Any",
    (
        text("article", "Article of law", required=True),
        text("rule", "Rule of the pack", required=True),
        text("pack", "Rule pack", required=True),
        text("kind", "Kind of finding", ("gap", "duplicate", "twin", "overlap"), required=True),
        text("subject", "Camera or part that it is about", required=True),
        text(
            "outcome",
            "What was found",
            ("pass", "fail", "undetermined", "not_applicable"),
            required=True,
        ),
        text(
            "severity",
            "How serious it is",
            ("violation", "warning", "info", "judgement"),
            required=True,
        ),
        thing("readings", "Readings of the cameras in which it holds", required=True),
        number("certainty", "", "Chance that it is right, from its data", 0, 1, required=True),
        thing("assumptions", "What it stands on", required=True),
        thing("evidence", "Measures behind it", required=True),
    ),
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
)
"""Tables of a city, in the order in which they are reported."""

TABLES = (*CITY_TABLES, HEADS, ZONES, PARTS, SAMPLES, FINDINGS)


def empty_tables(crs: CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return every table of a city without rows."""
    return {table.name: table.empty(crs) for table in CITY_TABLES}


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """The tables of one project, all in one metric CRS.

    Parameters
    ----------
    name
        What people call it.
    crs
        The working CRS.
    extent
        Area that was read; nothing outside it is known.
    sources
        Origin and licence of each layer, shown on every output.
    terrain
        The ground; None where it is taken as flat at height 0.
    synthetic
        Whether it is made up; every output then says so.
    provenance
        What was imported into each layer and edited there, oldest first.
    """

    name: str
    crs: CRS
    extent: BaseGeometry
    buildings: gpd.GeoDataFrame = field(metadata={"table": BUILDINGS})
    obstacles: gpd.GeoDataFrame = field(metadata={"table": OBSTACLES})
    canopies: gpd.GeoDataFrame = field(metadata={"table": CANOPIES})
    roads: gpd.GeoDataFrame = field(metadata={"table": ROADS})
    places: gpd.GeoDataFrame = field(metadata={"table": PLACES})
    entrances: gpd.GeoDataFrame = field(metadata={"table": ENTRANCES})
    barriers: gpd.GeoDataFrame = field(metadata={"table": BARRIERS})
    cameras: gpd.GeoDataFrame = field(metadata={"table": CAMERAS})
    districts: gpd.GeoDataFrame = field(metadata={"table": DISTRICTS})
    private_places: gpd.GeoDataFrame = field(metadata={"table": PRIVATE_PLACES})
    signs: gpd.GeoDataFrame = field(metadata={"table": SIGNS})
    projects: gpd.GeoDataFrame = field(metadata={"table": PROJECTS})
    terrain: Terrain | None = None
    sources: tuple[str, ...] = ()
    synthetic: bool = False
    provenance: tuple[Provenance, ...] = ()

    def __post_init__(self) -> None:
        """Check every table and that all share the CRS."""
        for entry in fields(self):
            table = entry.metadata.get("table")
            if table is not None:
                frame = getattr(self, entry.name)
                table.check(frame)
                if frame.crs != self.crs:
                    msg = f"{table.name} is in {frame.crs.name!r}, the city in {self.crs.name!r}"
                    msg += ": convert it with to_crs()"
                    raise CrsError(msg)
