"""The ground of a mandatory place: its outline and which way leads out, its buildings, its ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from civicsight.core.arrays import FloatArray, Geometries, IntArray

OPEN_BELOW_M: Final = 2.5
"""A building that begins this high above the ground has a passage under it; a door is lower."""

HOST_M: Final = 3.0
"""A point this close to a building belongs to it; maps draw a shop's point on its doorstep."""

BUILT_SHARE: Final = 0.6
"""Share of an outline under roofs from which on the place is a building, not a site with some."""

OWN_SHARE: Final = 0.5
"""Share of a building inside an outline from which on it belongs to the place."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One zone on the ground.

    Parameters
    ----------
    zone_id
        The zone.
    outline
        Its area, without holes; None for a point in the open.
    centre
        Where its mark stands; inside the outline if it has one.
    built
        Whether the outline is that of buildings.
    tenant
        Whether it is one of several places in a building, whose door is the one nearest to it.
    owners
        Positions of its buildings in the table.
    """

    zone_id: str
    outline: Polygon | None
    centre: Point
    built: bool = False
    tenant: bool = False
    owners: frozenset[int] = frozenset()


def find_sites(
    zones: gpd.GeoDataFrame, places: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> dict[str, list[Site]]:
    """Return the sites of every zone that is a point or an area.

    A zone of several areas has a site for each. A point inside a building takes the building's
    outline; it is a tenant if the building has places of other names too.

    Parameters
    ----------
    zones, places, buildings
        Tables of `model`, in one metric CRS.
    """
    shapes = np.asarray(buildings.geometry.array)
    tree = shapely.STRtree(shapes)
    found: dict[str, list[Site]] = defaultdict(list)
    points = zones[zones.geometry.geom_type.isin(["Point", "MultiPoint"])]
    areas = zones[zones.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    crowd = _names_inside(places, shapes, tree)
    for site in _area_sites(areas.geometry, shapes, tree):
        found[site.zone_id].append(site)
    hosts = _hosts(points, shapes, tree)
    names = buildings["name"].to_numpy(object)
    marks, called = points.geometry.to_numpy(), points["name"].to_numpy(object)
    for zone_id, mark, name, host in zip(points.index, marks, called, hosts, strict=True):
        known = name if isinstance(name, str) else ""
        found[str(zone_id)].append(
            _point_site(str(zone_id), mark, known, int(host), shapes, names, crowd)
        )
    return dict(found)


def standing_buildings(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings that stand on the ground; one may walk and look under the others."""
    return buildings[~(buildings["base_m"] >= OPEN_BELOW_M)]


def _area_sites(areas: gpd.GeoSeries, shapes: Geometries, tree: shapely.STRtree) -> Iterator[Site]:
    """Yield a site for each part of some areas."""
    parts, zone = shapely.get_parts(areas.to_numpy(), return_index=True)
    outlines = shapely.polygons(shapely.get_exterior_ring(parts))
    part, building = tree.query(outlines, predicate="intersects")
    order = np.lexsort((building, part))
    part, building = part[order], building[order]
    shapely.prepare(outlines)
    inside = shapes[building]
    across = ~shapely.covers(outlines[part], inside)
    inside[across] = shapely.intersection(inside[across], outlines[part[across]])
    mine = shapely.area(inside) >= OWN_SHARE * shapely.area(shapes[building])
    part, building, inside = part[mine], building[mine], inside[mine]
    ends = np.searchsorted(part, np.arange(len(parts) + 1))
    labels, centres = areas.index.astype(str), shapely.point_on_surface(parts)
    for at, (begin, end) in enumerate(pairwise(ends.tolist())):
        covered = shapely.union_all(inside[begin:end]) if end - begin > 1 else inside[begin:end]
        yield Site(
            labels[zone[at]],
            outlines[at],
            centres[at],
            built=bool(shapely.area(covered).sum() >= BUILT_SHARE * parts[at].area),
            owners=frozenset(building[begin:end].tolist()),
        )


def _point_site(
    zone_id: str,
    mark: BaseGeometry,
    name: str,
    host: int,
    shapes: npt.NDArray[np.object_],
    names: npt.NDArray[np.object_],
    crowd: Mapping[int, set[str]],
) -> Site:
    centre = mark if isinstance(mark, Point) else mark.centroid
    if host < 0:
        return Site(zone_id, None, centre)
    outline = Polygon(max(shapely.get_parts(shapes[host]), key=lambda part: part.area).exterior)
    whole = bool(name) and names[host] == name
    others = crowd.get(host, set()) - {name}
    tenant = bool(others) and not whole
    return Site(zone_id, outline, centre, built=True, tenant=tenant, owners=frozenset({host}))


def _hosts(
    points: gpd.GeoDataFrame, shapes: npt.NDArray[np.object_], tree: shapely.STRtree
) -> npt.NDArray[np.intp]:
    """Return the building of each point, -1 for one in the open; of several the smallest."""
    hosts = np.full(len(points), -1)
    if not len(points) or not len(shapes):
        return hosts
    geometries = shapely.centroid(np.asarray(points.geometry.array))
    row, building = tree.query(geometries, predicate="dwithin", distance=HOST_M)
    distance = shapely.distance(geometries[row], shapes[building])
    order = np.lexsort((building, shapely.area(shapes[building]), np.round(distance, 2)))[::-1]
    hosts[row[order]] = building[order]
    return hosts


def _names_inside(
    places: gpd.GeoDataFrame, shapes: npt.NDArray[np.object_], tree: shapely.STRtree
) -> dict[int, set[str]]:
    """Return the names of all places whose point lies in each building."""
    crowd: dict[int, set[str]] = defaultdict(set)
    inside = places[places.geometry.geom_type.eq("Point") & places["name"].notna()]
    if not len(inside) or not len(shapes):
        return crowd
    row, building = tree.query(np.asarray(inside.geometry.array), predicate="intersects")
    for name, at in zip(inside["name"].to_numpy(object)[row], building.tolist(), strict=True):
        crowd[at].add(str(name))
    return crowd


def azimuth_deg(vector: FloatArray) -> float:
    """Return the direction of a vector, degrees clockwise from grid north.

    Examples
    --------
    >>> azimuth_deg(np.array([1.0, 0.0]))
    90.0
    """
    return float(np.degrees(np.arctan2(vector[0], vector[1])) % 360.0)


def vector_of(azimuth: float) -> FloatArray:
    """Return the unit vector of a direction, degrees clockwise from grid north."""
    turn = np.radians(azimuth)
    return np.array([np.sin(turn), np.cos(turn)])


def unit(vector: FloatArray) -> FloatArray:
    """Return a vector of length one; north if it has no length."""
    length = float(np.hypot(*vector))
    return np.asarray(vector / length) if length > 1e-9 else np.array([0.0, 1.0])


def course_at(line: BaseGeometry, point: Point, reach_m: float) -> FloatArray:
    """Return the direction in which a line runs near a point, over `reach_m` to each side.

    A chord, not a tangent: at a corner of an outline the tangent would jump.
    """
    along = shapely.line_locate_point(line, [point])
    course: FloatArray = _courses(np.array([line], object), np.zeros(1, int), along, reach_m)[0]
    return course


def _courses(
    lines: Geometries, of: IntArray, along: FloatArray, reach_m: float | FloatArray
) -> FloatArray:
    """Return the direction of the line of each point about a distance along it, ``(n, 2)``."""
    length, closed = (
        values[of][:, None] for values in (shapely.length(lines), shapely.is_closed(lines))
    )
    steps = along[:, None] + np.asarray(reach_m)[..., None] * np.array([-1.0, 1.0])
    steps = np.where(closed, steps % length, np.clip(steps, 0.0, length))
    ends = shapely.get_coordinates(shapely.line_interpolate_point(lines[of][:, None], steps))
    chord = ends[1::2] - ends[::2]
    size = np.hypot(*chord.T)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 1e-9, chord / size, np.array([0.0, 1.0]))


def nearest_line(geometry: BaseGeometry, point: Point) -> BaseGeometry:
    """Return the part of a line geometry that is nearest to a point."""
    parts = shapely.get_parts(geometry)
    return parts[int(np.argmin(shapely.distance(parts, point)))]


def outward_at(outline: Polygon, point: Point, reach_m: float) -> FloatArray:
    """Return the unit vector that leads out of an outline at a point on or near it."""
    outlines, points = np.array([outline], object), np.array([point], object)
    outward: FloatArray = outwards_at(outlines, np.zeros(1, int), points, reach_m)[0]
    return outward


def outwards_at(
    outlines: Geometries, of: IntArray, points: Geometries, reach_m: float | FloatArray
) -> FloatArray:
    """Return the unit vectors that lead out of outlines at points on or near them, ``(n, 2)``.

    `of` is the outline of each point; `reach_m` may be one for all points, or one for each.
    """
    rings = shapely.get_exterior_ring(outlines)
    along = shapely.line_locate_point(rings[of], points)
    course = _courses(rings, of, along, reach_m)
    normal = np.column_stack([course[:, 1], -course[:, 0]])
    foot = shapely.get_coordinates(shapely.line_interpolate_point(rings[of], along))
    middle = shapely.get_coordinates(shapely.centroid(outlines))[of]
    turned = ((foot - middle) * normal).sum(axis=1) < 0.0  # where neither step tells
    shapely.prepare(outlines)
    for step in (2.0, 0.5):
        ahead, behind = (
            shapely.contains(outlines[of], shapely.points(foot + sign * step * normal))
            for sign in (1.0, -1.0)
        )
        turned = np.where(ahead != behind, ahead, turned)
    return np.where(turned[:, None], -normal, normal)


def line_across(centre: Point, outward: FloatArray, width_m: float) -> LineString:
    """Return a line of a width across an opening, at right angles to the way through it."""
    half = np.array([outward[1], -outward[0]]) * width_m / 2
    middle = np.array([centre.x, centre.y])
    return LineString([middle - half, middle + half])


def facing_deg(one: FloatArray, other: FloatArray) -> float:
    """Return the angle between two directions, degrees from 0 to 180."""
    return float(np.degrees(np.arccos(np.clip(float(unit(one) @ unit(other)), -1.0, 1.0))))
