"""Draw the streets, places and buildings of the made district."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import shapely

from district import plane
from district.network import join_streets
from district.plane import District, Frame, Point
from district.site import Block, Door, Site
from district.sites import SITES
from district.streets import RIVER, SECTION, STREETS

UNKNOWN_HEIGHT_M = {"shed": 3.0, "industrial": 9.0}
"""What is assumed for a building of unknown height, by its kind."""

POST_M = 0.8
"""A wall ends this far beside the opening of a gate."""

WALL_OFFSET_M = 0.25
"""Walls stand just outside the line of the site."""

SOURCE = "虚构名录"

PRIVATE = {
    "dormitory": {"building": "dormitory"},
    "hotel": {"tourism": "hotel"},
    "public_bath": {"amenity": "public_bath"},
    "toilets": {"amenity": "toilets"},
}
"""Tags of houses that are private places, by kind."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate on the map: its middle, its direction outward and what belongs to it."""

    entrance_id: str
    place_id: str
    item: str
    door: Door
    middle: Point
    azimuth_deg: float
    frame: Frame
    """Frame at the middle of the gate, its y axis pointing out of the place."""


@dataclass(slots=True)
class Drawing:
    """The district with handles to what cameras are aimed at."""

    district: District
    gates: dict[str, Gate]
    places: dict[str, str]
    outlines: dict[str, shapely.Geometry]
    names: dict[str, str]
    approaches: list[Point]


def draw() -> Drawing:
    """Draw everything but trees and cameras."""
    drawing = Drawing(District(), {}, {}, {}, {}, [])
    for site in SITES:
        _site(drawing, site)
    _streets(drawing)
    _lines(drawing)
    _extras(drawing)
    return drawing


def gate_frame(site: Site, door: Door) -> Frame:
    """Return the frame of a gate: x along the edge, y outward."""
    w, d, t = site.width, site.depth, door.along_m
    x, y, turn = {"S": (t, 0.0, 180.0), "N": (t, d, 0.0), "E": (w, t, -90.0), "W": (0.0, t, 90.0)}[
        door.edge
    ]
    return site.frame.inner(x, y, turn)


def _place(
    drawing: Drawing, name: str, tags: dict[str, str], geometry: shapely.Geometry, item: str = ""
) -> str:
    """Add a place; one with an item of the law is designated by the register."""
    return drawing.district.add(
        "places",
        "P",
        name=name,
        tags=json.dumps(tags, ensure_ascii=False, sort_keys=True),
        item=item or None,
        standing="designated" if item else None,
        source=SOURCE,
        geometry=geometry,
    )


def _streets(drawing: Drawing) -> None:
    for street in join_streets(drawing.approaches):
        tags = {
            "highway": street.kind,
            "name": street.name,
            "name:en": street.english,
            "width": str(2 * street.half_m),
        }
        tags |= {"bridge": "yes"} if street.bridge else {}
        tags |= {"tunnel": "yes"} if street.tunnel else {}
        drawing.district.add(
            "roads",
            "R",
            kind=street.kind,
            name=street.name,
            bridge=street.bridge,
            tunnel=street.tunnel,
            tags=json.dumps(tags, ensure_ascii=False, sort_keys=True),
            geometry=plane.line(street.points),
        )


def _site(drawing: Drawing, site: Site) -> None:
    outline = plane.rectangle(site.frame, site.width, site.depth)
    drawing.outlines[site.key] = outline
    if site.height_m is not None:
        kind = (
            site.tags.get("tourism")
            or site.tags.get("amenity")
            or site.tags.get("shop")
            or "office"
        )
        _building(drawing, outline, Block(0, 0, 0, 0, site.height_m, site.name, kind))
    for block in site.blocks:
        footprint = _footprint(site.frame, block)
        _building(drawing, footprint, block)
        if block.kind in PRIVATE:
            tags = {"name": block.name, **PRIVATE[block.kind]}
            _place(drawing, block.name, tags, footprint)
    if site.item or site.tags:
        tags = {"name": site.name, "name:en": site.english, **site.tags}
        drawing.places[site.key] = _place(drawing, site.name, tags, outline, site.item)
    for door in site.doors:
        _door(drawing, site, door)
    if site.enclosure:
        _enclosure(drawing, site)
    for kind, points in site.ways:
        _way(drawing, kind, f"{site.name}内部道路", [site.frame.local(*point) for point in points])


def _footprint(frame: Frame, block: Block) -> shapely.Polygon:
    corner = frame.inner(block.x, block.y, block.turn_deg)
    if block.wing and block.kind in ("house", "apartments", "museum"):
        return plane.ring(corner, block.width, block.depth, block.wing)
    if block.wing:
        return plane.corner_block(corner, block.width, block.depth, block.wing)
    return plane.rectangle(corner, block.width, block.depth)


def _building(drawing: Drawing, footprint: shapely.Polygon, block: Block) -> str:
    known = block.height_m is not None
    label = drawing.district.add(
        "buildings",
        "B",
        height_m=block.height_m if known else UNKNOWN_HEIGHT_M[block.kind],
        base_m=block.base_m,
        height_assumed=not known,
        height_source="height" if known else "default",
        kind=block.kind,
        name=block.name or None,
        tags=json.dumps({"building": block.kind}),
        geometry=footprint,
    )
    if block.name:
        drawing.names.setdefault(block.name, label)
    return label


def _door(drawing: Drawing, site: Site, door: Door) -> None:
    frame = gate_frame(site, door)
    tags = {"entrance": "main", "name": f"{site.name}{door.name}"}
    kind = "gate" if site.enclosure or site.height_m is None else "main"
    label = drawing.district.add(
        "entrances",
        "G",
        kind=kind,
        name=f"{site.name}{door.name}",
        vehicle=door.vehicle,
        confirmed=True,
        width_m=door.width_m,
        source=SOURCE,
        tags=json.dumps(tags, ensure_ascii=False, sort_keys=True),
        geometry=shapely.Point(frame.at(0, 0)),
    )
    drawing.gates[door.key] = Gate(
        label, drawing.places[site.key], site.item, door, frame.at(0, 0), frame.azimuth(0, 1), frame
    )
    if door.vehicle and site.enclosure == "wall":
        corner = frame.inner(door.width_m / 2 + 1.5, -5.0)
        _building(
            drawing, plane.rectangle(corner, 4.0, 3.0), Block(0, 0, 4, 3, 3.2, "", "guardhouse")
        )
    reach = _street_ahead(frame)
    if reach is not None:
        kind = "service" if door.vehicle else "footway"
        _way(drawing, kind, None, [frame.local(0, 0), frame.local(0, reach)])
        drawing.approaches.append(frame.local(0, reach))


def _street_ahead(frame: Frame) -> float | None:
    """Return how far the next street lies in front of a gate, at most 60 m."""
    ray = shapely.LineString([frame.local(0, 0), frame.local(0, 60)])
    start = shapely.Point(frame.local(0, 0))
    hits = [
        ray.intersection(shapely.LineString(street.points))
        for street in STREETS
        if not street.tunnel
    ]
    distances = [start.distance(hit) for hit in hits if not hit.is_empty]
    return min(distances, default=None)


def _way(drawing: Drawing, kind: str, name: str | None, points: list[Point]) -> None:
    drawing.district.add(
        "roads",
        "R",
        kind=kind,
        name=name,
        bridge=False,
        tunnel=False,
        tags=json.dumps({"highway": kind}),
        geometry=plane.line(points),
    )


def _enclosure(drawing: Drawing, site: Site) -> None:
    """Wall or fence around a site, open at its gates."""
    height = 2.4 if site.enclosure == "wall" else 1.8
    w, d, o = site.width, site.depth, WALL_OFFSET_M
    edges = {
        "S": ((-o, -o), (w + o, -o)),
        "N": ((-o, d + o), (w + o, d + o)),
        "W": ((-o, -o), (-o, d + o)),
        "E": ((w + o, -o), (w + o, d + o)),
    }
    for edge, (start, end) in edges.items():
        length = math.dist(start, end)
        cuts = [0.0]
        for door in sorted((x for x in site.doors if x.edge == edge), key=lambda x: x.along_m):
            half = door.width_m / 2 + POST_M
            cuts += [door.along_m + o - half, door.along_m + o + half]
        cuts.append(length)
        for a, b in zip(cuts[::2], cuts[1::2], strict=True):
            ends = [
                tuple(s + (e - s) * t / length for s, e in zip(start, end, strict=True))
                for t in (a, b)
            ]
            geometry = plane.line([site.frame.local(*point) for point in ends])
            drawing.district.add(
                "barriers", "W", kind=site.enclosure, height_m=height, geometry=geometry
            )
            if site.enclosure == "wall":
                drawing.district.add(
                    "obstacles",
                    "O",
                    kind="wall",
                    height_m=height,
                    base_m=0.0,
                    height_assumed=False,
                    name=f"{site.name}围墙",
                    geometry=geometry,
                )


def _lines(drawing: Drawing) -> None:
    """Places that are lines: the important section, the bridge and the underpass."""
    bridge = next(street for street in STREETS if street.bridge)
    tunnel = next(street for street in STREETS if street.tunnel)
    rows = (
        (
            "section",
            "澄川大道重要路段",
            "Chengchuan Avenue, important section",
            "8.2b",
            {"highway": "primary"},
            SECTION,
        ),
        (
            "bridge",
            "沅澄大桥",
            "Yuancheng Bridge",
            "8.2c",
            {"highway": "primary", "bridge": "yes"},
            bridge.points,
        ),
        (
            "underpass",
            tunnel.name,
            tunnel.english,
            "8.2c",
            {"highway": "footway", "tunnel": "yes"},
            tunnel.points,
        ),
    )
    for key, name, english, item, marks, points in rows:
        tags = {"name": name, "name:en": english, **marks}
        geometry = plane.line(points)
        drawing.outlines[key] = geometry
        drawing.places[key] = _place(drawing, name, tags, geometry, item)


def _extras(drawing: Drawing) -> None:
    """River on the sketch and the things that are there to stand in the way."""
    _, _, half, points = RIVER
    centre = plane.line(points)
    drawing.outlines["river"] = shapely.set_precision(centre.buffer(half, cap_style="flat"), 0.01)


def panel(drawing: Drawing, name: str, ends: tuple[Point, Point], base: float, top: float) -> str:
    """Set up a billboard between two points of the map."""
    return drawing.district.add(
        "obstacles",
        "O",
        kind="panel",
        height_m=top,
        base_m=base,
        height_assumed=False,
        name=name,
        geometry=shapely.LineString(ends),
    )


def column(drawing: Drawing, name: str, middle: Point, radius: float, top: float) -> str:
    """Set up a round column at a point of the map."""
    return drawing.district.add(
        "obstacles",
        "O",
        kind="structure",
        height_m=top,
        base_m=0.0,
        height_assumed=False,
        name=name,
        geometry=plane.disc(middle, radius),
    )


def kiosk(
    drawing: Drawing, name: str, frame: Frame, width: float, depth: float, height: float
) -> str:
    """Set up a small building."""
    block = Block(0, 0, width, depth, height, name, "kiosk")
    return _building(drawing, plane.rectangle(frame, width, depth), block)


def tree(
    drawing: Drawing, middle: Point, radius: float = 2.2, base: float = 2.8, top: float = 7.5
) -> str:
    """Plant a tree at a point of the map."""
    return drawing.district.add(
        "canopies",
        "T",
        kind="tree",
        height_m=top,
        base_m=base,
        summer=0.15,
        winter=0.6,
        height_assumed=False,
        geometry=plane.disc(middle, radius, 10),
    )
