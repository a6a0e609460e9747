"""Places that rule packs may select, and entrances, out of OSM features."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, ObjectArray
from civicsight.core.bounded.crossings import tangled
from civicsight.core.errors import N_
from civicsight.io.osm import tags
from civicsight.io.report import Count, ImportReport
from civicsight.io.vectors.attributes import Field, read_column
from civicsight.io.vectors.geometry import as_area, points_of, tangled_faults
from civicsight.io.vectors.measures import read_length
from civicsight.model import ENTRANCES, PLACES

PLACE_VALUES: Mapping[str, frozenset[str]] = {
    "landuse": frozenset(
        {"residential", "industrial", "commercial", "retail", "education", "institutional",
         "depot", "port", "religious", "construction", "garages"},
    ),
    "power": frozenset({"plant", "substation", "generator"}),
    "waterway": frozenset({"dam", "lock_gate", "sluice_gate", "weir"}),
    "railway": frozenset({"station", "halt"}),
    "public_transport": frozenset({"station"}),
    "aeroway": frozenset({"aerodrome", "terminal", "heliport"}),
    "emergency": frozenset({"ambulance_station", "disaster_response", "landing_site"}),
    "highway": frozenset({"motorway_junction", "services", "rest_area"}),
    "barrier": frozenset({"toll_booth", "border_control"}),
    "place": frozenset({"square"}),
    "man_made": frozenset(
        {"bridge", "water_works", "wastewater_plant", "pumping_station", "gasometer", "silo",
         "storage_tank", "works", "water_tower", "observatory", "pier", "tunnel",
         "reservoir_covered"},
    ),
}  # fmt: skip
"""Keys of which only some values are places."""

PLACE_KEYS: Mapping[str, frozenset[str]] = {
    "amenity": frozenset(
        {"bench", "waste_basket", "waste_disposal", "recycling", "vending_machine",
         "bicycle_parking", "drinking_water", "telephone", "post_box", "parking_space",
         "parking_entrance", "shelter", "clock", "fountain", "watering_place", "grit_bin",
         "hunting_stand", "give_box", "bicycle_repair_station", "charging_station",
         "compressed_air", "bbq", "lounger", "table"},
    ),
    "office": frozenset(),
    "shop": frozenset({"vacant"}),
    "tourism": frozenset({"information", "artwork", "viewpoint", "picnic_site"}),
    "leisure": frozenset(
        {"picnic_table", "outdoor_seating", "firepit", "bleachers", "bandstand", "bird_hide",
         "slipway"},
    ),
    "historic": frozenset(),
    "heritage": frozenset(),
    "residential": frozenset({"rural"}),
    "station": frozenset(),
    "industrial": frozenset(),
    "telecom": frozenset({"street_cabinet", "distribution_point", "connection_point", "line"}),
    "utility": frozenset(),
    "healthcare": frozenset(),
    "studio": frozenset(),
    "government": frozenset(),
}  # fmt: skip
"""Keys that make a place, with the values that are street furniture or nothing and do not."""

PLAIN_BUILDINGS = frozenset(
    {"yes", "garage", "garages", "carport", "shed", "hut", "roof", "construction", "ruins",
     "container", "greenhouse", "service", "entrance", "proposed", "planned", "demolished", "part",
     "terrace_part"},
)  # fmt: skip
"""Values of ``building`` that tell no use of the building."""

ENTRANCE_BARRIERS = frozenset(
    {"gate", "lift_gate", "swing_gate", "sliding_gate", "wicket_gate", "kissing_gate", "entrance",
     "toll_booth", "turnstile", "full-height_turnstile", "sally_port"},
)  # fmt: skip
"""Values of ``barrier`` that are an opening people or vehicles pass."""

ALWAYS_VEHICLE = frozenset({"lift_gate", "swing_gate", "toll_booth", "parking_entrance", "garage"})
"""Kinds of entrance that are made for vehicles."""

NEVER_VEHICLE = frozenset(
    {"wicket_gate", "kissing_gate", "turnstile", "full-height_turnstile", "subway_entrance",
     "staircase"},
)  # fmt: skip
"""Kinds of entrance that no car passes."""

VEHICLE_ROADS = frozenset(
    {"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
     "living_street", "service", "road", "track", "motorway_link", "trunk_link", "primary_link",
     "secondary_link", "tertiary_link", "busway"},
)  # fmt: skip
"""Classes of road that cars use."""

ON_ROAD_M = 0.5
"""An entrance this close to the middle of a road lies on it [m]; OSM lets them share a point."""

WIDTH = Field("width", read_length, 200.0)


def read_places(features: gpd.GeoDataFrame, source: str) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn whatever a rule pack may select into the table of places, with all its tags.

    Military places are never taken from a map; street furniture is no place.
    """
    used = np.fromiter((_is_place(entry) for entry in features["tags"]), bool, len(features))
    military = tags.has(features, "military") | tags.among(features, "landuse", {"military"})
    military |= tags.among(features, "building", {"military", "barracks"})
    found = features[used | military]
    secret = military[used | military]
    geometry = found.geometry.to_numpy().copy()
    line = tags.has(found, "highway") & ~tags.among(found, "area", {"yes"})
    line |= tags.has(found, "barrier")
    geometry[~line] = as_area(geometry[~line])
    knotted = tangled(geometry)
    faults = tangled_faults(found.index.to_numpy(object), geometry, knotted, source)
    broken = ~knotted & ~shapely.is_valid(geometry)
    geometry[broken] = shapely.make_valid(geometry[broken])
    gone = knotted | shapely.is_empty(geometry)
    frame = gpd.GeoDataFrame(
        {"name": tags.value(found, "name"), "tags": found["tags"], "source": "osm"},
        geometry=geometry,
        crs=features.crs,
        index=found.index,
    )
    table = PLACES.complete(frame[~secret & ~gone])
    counts = (
        Count("named", N_("with a name"), int(table["name"].notna().sum())),
        Count(
            "areas",
            N_("areas"),
            int((shapely.get_dimensions(table.geometry.to_numpy()) == 2).sum()),
        ),
        Count("repaired_outlines", N_("invalid outlines repaired"), int(broken.sum())),
        Count(
            "excluded.military", N_("military places, never taken from a map"), int(secret.sum())
        ),
        Count("excluded.empty", N_("without a usable shape"), int((~secret & gone).sum())),
    )
    return table, ImportReport(source, "places", len(found), len(table), counts, faults)


def _is_place(entry: Mapping[str, str]) -> bool:
    for key, value in entry.items():
        if value in tags.NO:
            continue
        if key in PLACE_KEYS and value not in PLACE_KEYS[key]:
            return True
        if key in PLACE_VALUES and value in PLACE_VALUES[key]:
            return True
    if entry.get("highway") == "pedestrian" and entry.get("area") == "yes":
        return True
    return entry.get("building", "yes") not in PLAIN_BUILDINGS | tags.NO


def read_entrances(
    features: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, source: str
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Turn mapped entrances and gates into the table of entrances.

    Parameters
    ----------
    features
        Tagged features in metres.
    roads
        `model.ROADS`: an entrance on a road for cars is one for vehicles, unless its tags say no.
    source
        Name of the file.
    """
    kind = tags.value(features, "entrance")
    barrier = tags.value(features, "barrier")
    kind = kind.where(kind.notna(), barrier.where(barrier.isin(ENTRANCE_BARRIERS)))
    for key, value in (
        ("amenity", "parking_entrance"),
        ("railway", "subway_entrance"),
        ("emergency", "emergency_ward_entrance"),
    ):
        mapped = pd.Series(value, index=features.index, dtype=object)
        kind = kind.where(kind.notna(), mapped.where(tags.among(features, key, {value})))
    kind = kind.where(kind.notna(), None)
    found = features[kind.notna().to_numpy()]
    kind = kind.dropna()
    points = points_of(found.geometry.to_numpy())
    width, faults = read_column(tags.value(found, "width"), WIDTH, source)
    drawn = pd.Series(shapely.length(found.geometry.to_numpy()), index=found.index)
    is_line = shapely.get_dimensions(found.geometry.to_numpy()) == 1
    width = width.where(width > 0).fillna(drawn.where(is_line & (drawn <= WIDTH.limit)))
    frame = gpd.GeoDataFrame(
        {
            "kind": kind,
            "name": tags.value(found, "name"),
            "vehicle": _vehicle(found, kind, points, roads),
            "confirmed": False,
            "width_m": width,
            "source": "osm",
            "tags": found["tags"],
        },
        geometry=points,
        crs=features.crs,
        index=found.index,
    )
    table = ENTRANCES.complete(frame[kind.ne("no").to_numpy()])
    counts = (
        *(
            Count(f"kind.{name}", N_("kind %(kind)s", kind=name), int(number))
            for name, number in table["kind"].value_counts().items()
        ),
        Count("vehicle", N_("for vehicles"), int(table["vehicle"].sum())),
        Count("excluded.no", N_("marked as no entrance"), int(kind.eq("no").sum())),
    )
    return table, ImportReport(source, "entrances", len(found), len(table), counts, faults)


def _vehicle(
    found: gpd.GeoDataFrame, kind: pd.Series, points: ObjectArray, roads: gpd.GeoDataFrame
) -> BoolArray:
    cars = roads.geometry.to_numpy()[roads["kind"].isin(VEHICLE_ROADS).to_numpy(bool)]
    near, _ = shapely.STRtree(cars).query(points, predicate="dwithin", distance=ON_ROAD_M)
    on_road = np.zeros(len(found), bool)
    on_road[near] = True
    allowed, barred = np.zeros(len(found), bool), np.zeros(len(found), bool)
    for key in ("vehicle", "motor_vehicle"):
        barred |= tags.among(found, key, {"no"})
        allowed |= tags.has(found, key)
    made_for: BoolArray = kind.isin(ALWAYS_VEHICLE).to_numpy(bool)
    never: BoolArray = kind.isin(NEVER_VEHICLE).to_numpy(bool)
    return (made_for | ((on_road | allowed) & ~never)) & ~barred
