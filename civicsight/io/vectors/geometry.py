"""Footprints made fit for use: repaired, exploded, and nothing lost without a word."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from civicsight.core.arrays import BoolArray, FloatArray, Geometries, ObjectArray
from civicsight.core.bounded.crossings import areas_in, limit_of, tangled
from civicsight.core.errors import N_, Fault
from civicsight.io.faults import fault
from civicsight.io.report import Count

MIN_AREA_M2 = 0.05
"""A piece smaller than this is a sliver left by a repair or a cut [m2]."""

LEAST_RING = 4
"""Fewest coordinates of a ring, the first one repeated at its end."""


class Repair(NamedTuple):
    """Polygons after repair: which of them changed, have no area at all, or next to none.

    `before_m2` is the area as it was drawn, where parts beyond a crossing cancel each other;
    `mixed` are collections of which only the areas are left; `tangled`, some of the lost ones,
    cross themselves too often to be repaired.
    """

    geometry: Geometries
    mended: BoolArray
    lost: BoolArray
    tiny: BoolArray
    before_m2: FloatArray
    mixed: BoolArray
    tangled: BoolArray


def repair_polygons(geometry: Geometries) -> Repair:
    """Make polygons valid, keep their areas only, and tell what changed.

    A bow-tie becomes its two halves, a spike disappears, a hole outside of its shell is left out.
    A geometry without area in the end is lost, and so is one that cannot be repaired; one below
    `MIN_AREA_M2` is tiny. All of them become None.

    Parameters
    ----------
    geometry
        Polygons or multipolygons in metres; None and empty ones are lost.
    """
    flat = shapely.force_2d(geometry)
    finite = np.isfinite(shapely.bounds(flat)).all(axis=1)
    usable = finite & (shapely.get_dimensions(flat) == 2)
    out: Geometries = np.full(len(flat), None, object)
    out[usable] = flat[usable]
    mixed = shapely.get_type_id(out) == shapely.GeometryType.GEOMETRYCOLLECTION
    for row in np.flatnonzero(mixed):
        out[row] = shapely.multipolygons(areas_in(out[row]))
    before: FloatArray = shapely.area(out)
    invalid = usable & ~shapely.is_valid(out)
    knotted = np.zeros(len(out), bool)
    if invalid.any():
        knotted[invalid] = tangled(out[invalid])
        out[knotted] = None
        out[invalid] = _made_valid(out[invalid])
    area = shapely.area(out)
    lost = ~usable | ~(area > 0)
    tiny = ~lost & (area <= MIN_AREA_M2)
    out[lost | tiny] = None
    there = ~lost & ~tiny
    return Repair(out, invalid & there, lost, tiny, before, mixed & there, knotted)


def _made_valid(geometry: Geometries) -> Geometries:
    """Repair polygons; what a hole covers outside of all shells does not become a building.

    What GEOS returns is seldom, but sometimes, not valid: then it is asked once more.
    """
    out = geometry.copy()
    for _ in range(2):
        rest = ~shapely.is_valid(out)
        mended = shapely.make_valid(out[rest], method="structure", keep_collapsed=False)
        out[rest] = polygons_only(mended)
    out[~shapely.is_valid(out)] = None
    for row, drawn in enumerate(geometry):
        parts = shapely.get_parts(drawn)
        if not shapely.get_num_interior_rings(parts).any():
            continue
        shells = shapely.polygons(shapely.get_exterior_ring(parts))
        whole = shapely.union_all(shapely.make_valid(shells, method="structure"))
        out[row] = polygons_only(np.array([shapely.intersection(out[row], whole)], object))[0]
    return out


def polygons_only(geometry: Geometries) -> Geometries:
    """Return the areas of geometries, without the points and lines beside them."""
    mixed = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    out = geometry.copy()
    for row in np.flatnonzero(mixed):
        parts = shapely.get_parts(geometry[row])
        out[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return out


def explode(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `divide` of a frame, without counts."""
    return divide(frame)[0]


def divide(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Count, ...]]:
    """Give each piece of a multipart geometry its own row, with ids ``id#1``, ``id#2`` ...

    Slivers below `MIN_AREA_M2` are dropped; rows in one piece keep their id.

    Returns
    -------
    rows, counts
        The pieces, and how many rows they add; rows of slivers alone are left out and counted.
    """
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    keep = (shapely.get_dimensions(parts) < 2) | (shapely.area(parts) > MIN_AREA_M2)
    parts, row = parts[keep], row[keep]
    count = np.bincount(row, minlength=len(frame))
    start = np.cumsum(count) - count
    nth = np.arange(len(row)) - start[row] + 1
    labels = frame.index.astype(str).to_numpy(object)[row]
    many = count[row] > 1
    labels[many] = [f"{label}#{n}" for label, n in zip(labels[many], nth[many], strict=True)]
    out = frame.iloc[row].copy()
    out.index = pd.Index(labels, name=frame.index.name)
    gone = int((count == 0).sum())
    counts = (
        Count("pieces", N_("rows added by splitting outlines"), len(out) - len(frame) + gone),
        *([Count("excluded.sliver", N_("slivers, left out"), gone)] if gone else []),
    )
    return out.set_geometry(gpd.GeoSeries(parts, index=out.index, crs=frame.crs)), counts


def mended_faults(labels: ObjectArray, repair: Repair, file: str) -> tuple[Fault, ...]:
    """Return one note for each repaired outline, with its area before and after."""
    after = shapely.area(repair.geometry)
    mixed = tuple(
        fault("geometry.mixed", file, str(labels[row]), "geometry", "GeometryCollection")
        for row in np.flatnonzero(repair.mixed)
    )
    return mixed + tuple(
        fault(
            "geometry.invalid",
            file,
            str(labels[row]),
            "geometry",
            f"{repair.before_m2[row]:.1f} -> {after[row]:.1f} m2",
        )
        for row in np.flatnonzero(repair.mended)
    )


def lost_faults(labels: ObjectArray, found: ObjectArray, file: str) -> tuple[Fault, ...]:
    """Return one fault for each footprint without a usable area."""
    return tuple(
        fault("geometry.unusable", file, str(label), "geometry", _shape(geometry))
        for label, geometry in zip(labels, found, strict=True)
    )


def tangled_faults(
    labels: ObjectArray, found: ObjectArray, knotted: BoolArray, file: str
) -> tuple[Fault, ...]:
    """Return one fault for each shape that crosses itself too often to be repaired."""
    return tuple(
        fault(
            "geometry.tangled",
            file,
            str(labels[row]),
            "geometry",
            f"> {limit_of(found[row])}",
            limit=limit_of(found[row]),
        )
        for row in np.flatnonzero(knotted)
    )


def _shape(geometry: shapely.Geometry | None) -> str:
    if geometry is None:
        return "None"
    if geometry.is_empty:
        return f"{geometry.geom_type} EMPTY"
    return (
        f"{geometry.geom_type}, {geometry.area:.2f} m2"
        if geometry.area < 1
        else str(geometry.geom_type)
    )


def as_area(geometry: Geometries) -> Geometries:
    """Turn closed lines into polygons; leave everything else as it is."""
    lines = shapely.get_type_id(geometry) == shapely.GeometryType.LINESTRING
    lines &= shapely.is_closed(geometry) & (shapely.get_num_coordinates(geometry) >= LEAST_RING)
    out = geometry.copy()
    if lines.any():
        xy, of = shapely.get_coordinates(geometry[lines], return_index=True)
        out[lines] = shapely.polygons(shapely.linearrings(xy, indices=of))
    return out


def as_line(geometry: Geometries) -> Geometries:
    """Turn polygons into their outer and inner rings as lines; leave everything else as it is."""
    areas = shapely.get_dimensions(geometry) == 2
    out = geometry.copy()
    out[areas] = shapely.boundary(geometry[areas])
    return out


def points_of(geometry: Geometries) -> Geometries:
    """Return a point for each geometry: itself, the middle of a line, a point inside an area."""
    out = geometry.copy()
    lines = shapely.get_type_id(geometry) == shapely.GeometryType.LINESTRING
    others = ~lines & (shapely.get_type_id(geometry) != shapely.GeometryType.POINT)
    out[lines] = shapely.line_interpolate_point(geometry[lines], 0.5, normalized=True)
    out[others] = shapely.point_on_surface(geometry[others])
    return out
