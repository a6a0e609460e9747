"""The plan in three dimensions as one document: a header and plain numbers for the browser.

What stands comes from `prisms`, where lenses look from `frusta`; names, signs and colours are those
of the plan map. ``browser/solid.js`` draws it. Coordinates count from the middle of the window.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from civicsight.core.errors import N_
from civicsight.core.i18n import DEFAULT_LANGUAGE, Language, translate
from civicsight.coverage.standing import shown_parts
from civicsight.maps.legend import body_looks, labels_of, legend_of
from civicsight.maps.picture import write_png
from civicsight.maps.prisms import (
    Bodies,
    Window,
    cut_bodies,
    cut_relief,
    ground_at,
    known_ground,
    level_of,
)
from civicsight.maps.solid_marks import inside, mark, mark_cameras
from civicsight.model import READINGS, City
from civicsight.model.terrain import Terrain
from civicsight.presentation.lexicon import number
from civicsight.presentation.names import Names, name_all
from civicsight.presentation.symbols import (
    CAMERA_STYLES,
    GREEN,
    MAIN_ROADS,
    PART_STYLES,
    PATHS,
    ROADS,
    STATUS_STYLES,
    STATUSES,
    WATER,
    ZONE_STYLE,
    level_colours,
)

if TYPE_CHECKING:
    from civicsight.coverage.raster import CoverageRaster
    from civicsight.coverage.result import CheckResult

WHOLE_M: Final = 900.0
"""A city is drawn whole if it reaches no farther from its middle [m]."""

AROUND_M: Final = 750.0
"""Half the side of the window around a place of a larger city [m]."""

GRID_M: Final = 250.0
"""Middles of windows lie on a grid, so that places near each other share one [m]."""

MARGIN_M: Final = 20.0
SIGN_M: Final = 4.0
"""Height of the sign above a gate [m]."""

OFF_WALL_M: Final = 0.8
Arrays = dict[str, npt.NDArray[Any]]


def window_of(city: City, place: shapely.Point | None = None) -> Window:
    """Return the part of a city that is drawn: all of a small one, else what is around a place.

    Without a place the middle of the city is taken.
    """
    west, south, east, north = city.extent.bounds
    half = max(east - west, north - south) / 2.0 + MARGIN_M
    if half <= WHOLE_M:
        return Window((west + east) / 2.0, (south + north) / 2.0, half)
    middle = city.extent.centroid if place is None else place
    x, y = (round(value / GRID_M) * GRID_M for value in (middle.x, middle.y))
    return Window(x, y, AROUND_M)


def scene_map(
    result: CheckResult, window: Window, language: Language = DEFAULT_LANGUAGE
) -> SolidMap:
    """Write down a part of a result for the 3D view.

    Parameters
    ----------
    result
        What `check` found. Whoever may not see a camera must be given a result without it.
    window
        Which part, from `window_of`.
    language
        Language of names and legend.
    """
    names, terrain = name_all(result, language), known_ground(result.city.terrain)
    bodies = cut_bodies(result.city, window, terrain)
    relief = cut_relief(window, terrain)
    arrays: Arrays = {
        name: getattr(bodies, name) for name in ("walls", "wall_kind", "caps", "cap_kind")
    }
    if relief is not None:
        arrays["relief"] = relief
    arrays |= _land_cover(result.city, window) | _roads(result.city, window)
    near = result.zones.geometry.to_numpy()
    near = near[shapely.intersects(near, shapely.box(*window.bounds))]
    arrays |= _paths("zone", _rings(near)[0], window)
    covered: list[float] | None = None
    if result.raster is not None:
        arrays["coverage"], covered = paint_ground(result.raster, window, result.rules.ladder.px_m)
    cameras = inside(result.cameras, window)
    cameras, views = mark_cameras(cameras, result.heads, names.cameras, window, terrain)
    parts, edges = _parts(result, names, window, terrain)
    arrays |= views | edges | _samples(result, window, terrain)
    zones = inside(result.zones, window)
    places = mark(zones, names.zones, np.zeros(len(zones)), window, terrain)
    present = {
        "land_cover": {("green", "water")[k] for k in set(arrays.get("cover_water", ()))},
        "cameras": {list(CAMERA_STYLES)[k] for k in cameras["style"]},
        "parts": {list(PART_STYLES)[k] for k in parts["style"]},
    }
    header = {"half": window.half_m, "middle": [window.east, window.north]} | {
        "bodies": bodies.drawn,
        "roads": [dict(look) for look in ROADS],
        "zone": dict(ZONE_STYLE),
        "cover": [GREEN["fill"], WATER["fill"]],
        "looks": body_looks(),
        "states": [STATUS_STYLES[name]["color"] for name in STATUSES],
        "covered": covered,
        "cameras": cameras,
        "parts": parts,
        "places": places,
        "legend": legend_of(names, bodies, set(arrays), present),
        "labels": labels_of(language),
        "notes": _notes(result, bodies, names),
        "credits": list(result.city.sources),
    }
    document = pack(header, arrays)
    return SolidMap(document, sha256(document).hexdigest(), window)


def paint_ground(
    raster: CoverageRaster, window: Window, levels: Sequence[float]
) -> tuple[npt.NDArray[np.uint8], list[float]]:
    """Return the picture of what is seen on the ground of a window, and its box.

    `levels` are the least densities of its classes [px/m]. The picture is a PNG, a pixel a cell;
    the box is west, south, east and north from the middle of
    the window [m]: cells lie on a grid of their own, so it is up to a cell larger.
    """
    best, _, _, to_crs = raster.to_dense(window.bounds)
    classes = np.digitize(best, levels).astype(np.uint8)
    rows, cols = classes.shape
    west, north = to_crs.c - window.east, to_crs.f - window.north
    box = [west, north - rows * raster.cell_m, west + cols * raster.cell_m, north]
    return np.frombuffer(write_png(classes, level_colours(len(levels))), np.uint8), box


def pack(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Join a header and arrays: its length, JSON, then each array at a multiple of four bytes."""
    told: dict[str, list[Any]] = {}
    offset = 0
    for name, array in arrays.items():
        told[name] = [array.dtype.name, offset, array.size]
        offset += -(-array.nbytes // 4) * 4
    text = json.dumps({**header, "arrays": told}, ensure_ascii=False, separators=(",", ":"))
    data = text.encode()
    data += b" " * (-len(data) % 4)
    parts = [len(data).to_bytes(4, "little"), data]
    for array in arrays.values():
        raw = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        parts += [raw, bytes(-len(raw) % 4)]
    return b"".join(parts)


def _land_cover(city: City, window: Window) -> Arrays:
    """Return the outlines of what is green and of water, and which of them are water."""
    cover = city.land_cover.iloc[
        np.sort(city.land_cover.sindex.query(shapely.box(*window.bounds), "intersects"))
    ].sort_values("kind", kind="stable")  # water lies over what is green
    if cover.empty:
        return {}
    cut = shapely.clip_by_rect(cover.geometry.to_numpy(), *window.bounds)
    rings, of = _rings(cut)
    water = cover["kind"].eq("water").to_numpy()[of]
    return _paths("cover", rings, window) | {"cover_water": water.astype(np.uint8)}


def _rings(shapes: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return the rings of areas, holes the other way round, and which shape each is of.

    Filled by their winding, areas that overlap stay filled, and holes empty.
    """
    areas, of = shapely.get_parts(shapes, return_index=True)
    real = (shapely.get_dimensions(areas) == 2) & ~shapely.is_empty(areas)
    rings, within = shapely.get_rings(shapely.orient_polygons(areas[real]), return_index=True)
    return rings, of[real][within]


def _roads(city: City, window: Window) -> Arrays:
    """Return streets as paths with their rank: main, other, footpath."""
    near = city.roads.iloc[np.sort(city.roads.sindex.query(shapely.box(*window.bounds)))]
    roads = near[~near["tunnel"].astype(bool)]
    cut = shapely.clip_by_rect(roads.geometry.to_numpy(), *window.bounds)
    kinds = roads["kind"]
    rank = np.where(kinds.isin(MAIN_ROADS), 0, np.where(kinds.isin(PATHS), 2, 1))
    lines, of = shapely.get_parts(cut, return_index=True)
    real = (shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(
        lines
    )
    return _paths("road", lines[real], window) | {"road_rank": rank[of[real]].astype(np.uint8)}


def _paths(name: str, lines: npt.NDArray[Any], window: Window) -> Arrays:
    xy = shapely.get_coordinates(lines) - (window.east, window.north)
    start = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))])
    return {f"{name}_xy": xy.astype(np.float32), f"{name}_start": start.astype(np.uint32)}


def _parts(
    result: CheckResult, names: Names, window: Window, terrain: Terrain | None
) -> tuple[dict[str, Any], Arrays]:
    """Return gates and other parts: their signs, and their lines on the ground."""
    parts = inside(result.parts, window)
    shown = shown_parts(result).reindex(parts.index)
    data = mark(parts, names.parts, np.full(len(parts), SIGN_M), window, terrain)
    data["styles"] = list(PART_STYLES.values())
    data["way"] = _ways(parts)
    for at, way in zip(data["at"], data["way"], strict=True):
        if way is not None:  # a sign on the wall itself would sink into it
            at[0] += OFF_WALL_M * math.sin(math.radians(way))
            at[1] += OFF_WALL_M * math.cos(math.radians(way))
    data["style"] = [list(PART_STYLES).index(name) for name in shown]
    shapes = parts.geometry.to_numpy()
    out: npt.NDArray[np.object_] = np.where(
        shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes
    )
    xy, of = shapely.get_coordinates(out, return_index=True)
    joined = np.flatnonzero(of[1:] == of[:-1])
    z = ground_at(xy[:, 0], xy[:, 1], terrain) - level_of(window, terrain)
    local = np.column_stack([xy - (window.east, window.north), z])
    edges = np.hstack([local[joined], local[joined + 1]]).astype(np.float32)
    return data, {"edges": edges, "edge_part": of[joined].astype(np.uint32)}


def _ways(parts: gpd.GeoDataFrame) -> list[float | None]:
    """Return the direction out of each gate, None for what has none."""
    if "normal_deg" not in parts:
        return [None] * len(parts)
    return [None if math.isnan(way) else way for way in parts["normal_deg"].astype(float)]


def _samples(result: CheckResult, window: Window, terrain: Terrain | None) -> Arrays:
    """Return the points that stand for gates, by the first reading in which cameras meet them.

    Only beside the picture of coverage: whoever may not see that may not see these.
    """
    if result.raster is None or not result.matrices:
        return {}
    samples = result.samples
    k = result.parts["k"].reindex(samples["part_id"]).fillna(1).to_numpy(int)
    state = np.full(len(samples), len(STATUSES) - 1, np.uint8)
    for rank, reading in reversed(list(enumerate(READINGS))):
        state[result.matrices[reading].met(samples, k)] = rank
    west, south, east, north = window.bounds
    x, y = samples.geometry.x.to_numpy(), samples.geometry.y.to_numpy()
    inside = (x > west) & (x < east) & (y > south) & (y < north)
    z = ground_at(x, y, terrain) - level_of(window, terrain) + samples["height_m"].to_numpy(float)
    xyz = np.column_stack([x - window.east, y - window.north, z])[inside]
    return {"samples": xyz.astype(np.float32), "sample_state": state[inside]}


def _notes(result: CheckResult, bodies: Bodies, names: Names) -> list[str]:
    notes = []
    if result.city.synthetic:
        notes.append(names.translate(N_("Made-up data: no such place exists.")))
    if bodies.left_out:
        text = N_(
            "Drawn are %(drawn)s of %(all)s bodies, those nearest the middle first.",
            drawn=number(bodies.drawn),
            all=number(bodies.drawn + bodies.left_out),
        )
        notes.append(names.translate(text))
    terrain = result.city.terrain
    if terrain is None:
        notes.append(names.translate(N_("No terrain was given: the ground is drawn flat.")))
    elif np.isnan(terrain.z).any():
        text = N_("Ground whose height is not known is drawn at the lowest known height.")
        notes.append(translate(text, names.language))
    return notes


@dataclass(frozen=True, slots=True, eq=False)
class SolidMap:
    """A part of a plan in three dimensions; it holds no address and nothing of a session.

    Parameters
    ----------
    document
        Header and numbers, from `pack`.
    digest
        SHA-256 of it.
    window
        What it shows.
    """

    document: bytes
    digest: str
    window: Window
