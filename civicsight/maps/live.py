"""The map of the app as plain data: what stays is a document, what a click changes is a group.

A browser fetches the document once and keeps it; with each act only the group travels. The ground
and the coverage are tiles. ``browser/live.js`` draws it with the code of the plan map, so that the
app, notebooks and reports show the same signs.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.errors import N_
from civicsight.core.hues import BUILDING
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.coverage.standing import directions_of
from civicsight.io.crs import moved
from civicsight.maps.basemap import BUILDINGS_Z, CROWNS_Z, LAND_Z, OBSTACLES_Z, ROADS_Z
from civicsight.maps.encode import WEB_MERCATOR, WGS84
from civicsight.maps.events import EDITED
from civicsight.maps.layers import PlanLayer, feature_layer, image_layer
from civicsight.maps.plan import extent_of, feature_layers, panel_data
from civicsight.maps.rings import place_rings
from civicsight.maps.search import search_data
from civicsight.maps.shapes import view_wedges
from civicsight.maps.vectortiles import GREENS, MAIN, MAX_ZOOM, MIN_ZOOM, PATH, STREET, WATERS
from civicsight.presentation.lexicon import camera_name
from civicsight.presentation.names import Names, name_all
from civicsight.presentation.symbols import (
    CAMERA_STYLES,
    CROWN,
    DRAWN_STYLE,
    GREEN,
    OBSTACLE,
    PART_STYLES,
    ROAD_EDGE,
    ROADS,
    VIEW_STYLES,
    WATER,
)

if TYPE_CHECKING:
    from civicsight.coverage.result import CheckResult

Tool = Literal["select", "point", "add", "move", "zone", "obstacle", "wall"]
"""What a click means: choose, name a place on the ground whatever lies there, place a camera, put
the chosen one there (in three dimensions; on the map it is dragged), draw a place, an obstacle or
one that is a line."""

HANDLE_M: Final = 30.0
"""Distance from a camera of the handle that turns it."""

SHOWN_PX: Final = 380
CLOSEST: Final = 18
"""Room for what a map flies to as a whole, and the closest it comes."""

PIXEL_M: Final = 40_075_016.685_578_49 / 256
"""Side of a pixel where the world is one tile [m of the projection]."""

DRAFTED: Final = ("covered", "unbuilt")
"""Statuses that a draft can give to parts, whether or not the project has such."""

PREVIEW_OPACITY: Final = 0.75
PREVIEW_Z: Final = 25
"""Above the coverage of the plan, below the buildings."""

EDGES: Final = tuple(
    {**look, "color": ROAD_EDGE, "metres": look["metres"] + 2.0} for look in ROADS[:2]
)
THIN: Final = {**OBSTACLE, "metres": 2.0, "least": 0.3}
"""Walls and fences from afar: hardly more than a hair, or they would be all that one sees."""

GROUND_LOOKS: Final[Mapping[str, tuple[tuple[str, int | None, Mapping[str, Any]], ...]]] = {
    "land_cover": (("land_cover", GREENS, GREEN), ("land_cover", WATERS, WATER)),
    "roads": (
        ("roads", MAIN, EDGES[0]),
        ("roads", STREET, EDGES[1]),
        ("roads", STREET, ROADS[1]),
        ("roads", MAIN, ROADS[0]),
        ("roads", PATH, ROADS[2]),
    ),
    "buildings": (("buildings", None, BUILDING),),
    "canopies": (("canopies", None, CROWN),),
    "obstacles": (("obstacles", None, THIN), ("obstacles_lines", None, THIN)),
}
"""Layers of the ground and how they are painted: layer of the tile, its value, and the style."""

GROUND_Z: Final = {
    "land_cover": LAND_Z,
    "roads": ROADS_Z,
    "buildings": BUILDINGS_Z,
    "canopies": CROWNS_Z,
    "obstacles": OBSTACLES_Z,
}


@dataclass(frozen=True, slots=True, eq=False)
class LiveMap:
    """A map that can be drawn any number of times; it holds no address and nothing of a session.

    Parameters
    ----------
    document
        JSON of the layers and the legend.
    digest
        SHA-256 of it.
    bounds
        ``[[south, west], [north, east]]`` of what it is about, in degrees.
    ground
        Layers of the ground that the city has, keys of `GROUND_LOOKS`.
    coverage
        Whether there is a raster of what cameras see.
    """

    document: bytes
    digest: str
    bounds: list[list[float]]
    ground: tuple[str, ...]
    coverage: bool


def live_map(
    result: CheckResult, language: Language = DEFAULT_LANGUAGE, *, hidden: Collection[str] = ()
) -> LiveMap:
    """Write down a result for the map of the app.

    Parameters
    ----------
    result
        What `check` found. Whoever may not see a camera must be given a result without it.
    language
        Language of names and legend.
    hidden
        Keys of layers that are off when the page opens.
    """
    names = name_all(result, language)
    layers = [
        _entry(layer, show=layer.show and layer.key not in hidden)
        for layer in feature_layers(result, names, facts=False)
    ]
    city = result.city
    ground = tuple(key for key in GROUND_LOOKS if len(getattr(city, key)))
    coverage = result.raster is not None
    present = (
        {entry["key"] for entry in layers} | set(ground) | ({"coverage"} if coverage else set())
    )
    notes = [names.translate(N_("Made-up data: no such place exists."))] if city.synthetic else []
    places = place_rings(result, names)
    if places is not None:
        text = N_(
            "From afar a place is a ring of its parts, with the number of those that are "
            "not covered for sure; a dot where there is none."
        )
        notes.append(names.translate(text))
    panel = panel_data(result, names, present, notes, DRAFTED)
    panel["dark"] = names.translate(N_("Dark look"))
    told = {"layers": layers, "places": places, "panel": panel, "search": search_data(city, names)}
    document = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return LiveMap(document, sha256(document).hexdigest(), extent_of(result), ground, coverage)


def ground_tiles(drawn: LiveMap, url: str) -> list[dict[str, Any]]:
    """Return what the browser has to know of the vector tiles at an address ``…{z}/{x}/{y}…``."""
    return [
        {
            "key": key,
            "url": url,
            "z": GROUND_Z[key],
            "least": MIN_ZOOM,
            "most": MAX_ZOOM,
            "looks": [
                {"layer": layer, "value": value, "style": dict(style)}
                for layer, value, style in GROUND_LOOKS[key]
            ],
        }
        for key in drawn.ground
    ]


def live_group(
    *,
    tool: Tool = "select",
    selected: tuple[str, str] | None = None,
    fly: Mapping[str, Any] | None = None,
    hidden: Iterable[tuple[str, str]] = (),
    layers: Sequence[Mapping[str, Any]] = (),
    camera: Mapping[str, Any] | None = None,
    focus: Iterable[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return what changes on the map without it being made anew.

    Parameters
    ----------
    tool
        What a click means.
    selected
        Layer and id of the feature that is marked.
    fly
        Where the map goes, once: ``{layer, id}`` or ``{at: [lat, lng], zoom}``; the same value
        does not move it again, so add a number that counts to return to the same place.
    hidden
        Features of the document that are not drawn, as layer and id: `layers` draws them anew.
    layers
        From `edited_layers`, `preview_layer` and `drawn_layer`.
    camera
        From `camera_handles`: the camera that can be dragged.
    focus
        Features that stay bright while all else is dimmed, as layer and id, the chosen one first.
    """
    return {
        "tool": tool,
        "selected": list(selected) if selected else None,
        "fly": dict(fly) if fly else None,
        "hidden": [list(pair) for pair in hidden],
        "layers": list(layers),
        "camera": camera,
        "focus": [list(pair) for pair in focus],
    }


def edited_layers(
    cameras: gpd.GeoDataFrame, heads: gpd.GeoDataFrame, language: Language = DEFAULT_LANGUAGE
) -> list[dict[str, Any]]:
    """Draw cameras that differ from the document, and where they look.

    Parameters
    ----------
    cameras, heads
        The changed rows of tables `model.CAMERAS` and `model.HEADS`.
    language
        Language of what a camera without a name is called.
    """
    if cameras.empty:
        return []
    layers = []
    for reading in VIEW_STYLES:
        wedges = view_wedges(heads, reading)
        if len(wedges):
            key, looks = f"{EDITED}views_{reading}", [VIEW_STYLES[reading]]
            layers.append(feature_layer(key, wedges, looks, [0] * len(wedges)))
    order = {name: k for k, name in enumerate(CAMERA_STYLES)}
    style = [order[name] for name in directions_of(heads, cameras.index)]
    titles = [
        camera_name(label, name, language)
        for label, name in zip(cameras.index.astype(str), cameras["name"], strict=True)
    ]
    looks = list(CAMERA_STYLES.values())
    layers.append(feature_layer(f"{EDITED}cameras", cameras.geometry, looks, style, titles=titles))
    return [_entry(layer) for layer in layers]


def edited_parts(
    shapes: gpd.GeoSeries, statuses: Sequence[str], names: Names
) -> list[dict[str, Any]]:
    """Draw parts whose status is another one than in the document."""
    if shapes.empty:
        return []
    order = {name: k for k, name in enumerate(PART_STYLES)}
    style = [order[name] for name in statuses]
    titles = [names.parts.get(label, label) for label in shapes.index.astype(str)]
    looks = list(PART_STYLES.values())
    return [_entry(feature_layer(f"{EDITED}parts", shapes, looks, style, titles=titles))]


def preview_layer(pictures: Sequence[Mapping[str, Any]], language: Language) -> dict[str, Any]:
    """Draw what one camera sees, from `picture.coverage_pictures`."""
    alt = translate(N_("What the chosen camera sees on the ground"), language)
    return _entry(image_layer("preview", pictures, alt=alt, opacity=PREVIEW_OPACITY, z=PREVIEW_Z))


def drawn_layer(
    key: str,
    shapes: gpd.GeoSeries,
    titles: Sequence[str],
    look: Mapping[str, Any] = MappingProxyType(DRAWN_STYLE),
) -> dict[str, Any]:
    """Draw what is not in the document yet, by its ids: drawn by hand, or read from a file."""
    style = [0] * len(shapes)
    return _entry(feature_layer(EDITED + key, shapes, [look], style, titles=titles))


def flight_to(shapes: gpd.GeoSeries) -> dict[str, Any]:
    """Return where a map has to go to show shapes whole, as `live_group` takes it."""
    west, south, east, north = moved(shapes, WEB_MERCATOR).total_bounds
    metres_a_pixel = max(east - west, north - south, 1.0) / SHOWN_PX
    zoom = int(np.clip(np.floor(np.log2(PIXEL_M / metres_a_pixel)), MIN_ZOOM, CLOSEST))
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    at = moved(gpd.GeoSeries([middle], crs=WEB_MERCATOR), WGS84).iloc[0]
    return {"at": [at.y, at.x], "zoom": zoom}


def camera_handles(
    camera_id: str,
    place: shapely.Point,
    azimuth_deg: float,
    crs: CRS,
    language: Language = DEFAULT_LANGUAGE,
    views: Sequence[shapely.Polygon] = (),
) -> dict[str, Any]:
    """Return the handles of the camera under edit; without a direction it can only be moved.

    `views` are its sectors without what hides them: they follow the handles while one is dragged.
    """
    turn = np.radians(azimuth_deg)
    ahead = shapely.Point(place.x + HANDLE_M * np.sin(turn), place.y + HANDLE_M * np.cos(turn))
    known = not pd.isna(azimuth_deg)
    spots = moved(gpd.GeoSeries([place, ahead if known else place], crs=crs), WGS84)
    at, heading = ([float(spot.y), float(spot.x)] for spot in spots)
    labels = {
        "move": translate(N_("Move the camera: drag, or arrow keys"), language),
        "aim": translate(N_("Turn the camera: drag, or arrow keys"), language),
    }
    return {
        "id": camera_id,
        "at": at,
        "heading": heading if known else None,
        "labels": labels,
        "views": [
            shapely.get_coordinates(ring)[:, ::-1].round(7).tolist()
            for ring in moved(gpd.GeoSeries(list(views), crs=crs), WGS84).exterior
        ],
    }


def _entry(layer: PlanLayer, *, show: bool = True) -> dict[str, Any]:
    """Return a layer as data, without facts: the page shows those beside the map."""
    data = {name: value for name, value in layer.data.items() if name not in ("rows", "labels")}
    return {"key": layer.key, "maker": layer.maker, "data": data, "show": show}
