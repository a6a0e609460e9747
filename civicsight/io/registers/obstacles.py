"""Registers of obstacles (billboards, walls, pipelines) and of trees with their crowns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_
from civicsight.io.faults import fault
from civicsight.io.osm.obstacles import (
    ROW_WIDTH_M,
    TREE_BASE_M,
    TREE_CROWN_M,
    TREE_HEIGHT_M,
    WOOD_BASE_M,
    WOOD_HEIGHT_M,
    octagons,
)
from civicsight.io.osm.roads import (
    BARRIER_HEIGHT_M,
    BILLBOARD_BASE_M,
    BILLBOARD_TOP_M,
    COLUMN_TOP_M,
)
from civicsight.io.registers.prepare import bad_cell, find_headers, read_placed
from civicsight.io.registers.words import SEE_THROUGH, TREES
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.tables.inventory import fill
from civicsight.io.tables.rows import Rows
from civicsight.io.tables.sheet import Sheet
from civicsight.io.tables.source_schema import SourceSchema
from civicsight.io.tables.synonyms import normal
from civicsight.io.vectors.geometry import divide
from civicsight.model import CANOPIES, OBSTACLES
from civicsight.model.inputs import LISTED_OBSTACLES, LISTED_TREES
from civicsight.scene.bodies import TRANSMITTANCE

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry


DEFAULT_TOP_M = {
    "wall": BARRIER_HEIGHT_M["wall"],
    "fence": BARRIER_HEIGHT_M["fence"],
    "panel": BILLBOARD_TOP_M,
    "structure": COLUMN_TOP_M,
}
"""Top of an obstacle whose height is not told, by kind [m]: the same as for mapped ones."""

ACROSS_DEG = 90.0
FLAT = frozenset({"panel", "wall", "fence"})
"""Kinds that have a direction; a point of them is no body."""


def _settle(rows: Rows) -> None:
    """Name tops below the underside, and flat points whose direction could not be read."""
    top, base = rows.number("height_m"), rows.number("base_m")
    for row in np.flatnonzero(base >= top):
        expected = N_("a top above the underside of %(base)s m", base=f"{base[row]:g}")
        remedy = N_("Both count from the ground: check the top and the underside.")
        rows.fault(int(row), "height_m", "obstacle.top", expected, remedy)
    lost = np.isnan(rows.number("facing_deg")) & np.isnan(rows.number("diameter_m"))
    kinds, shapes = rows.text("kind"), rows.points.to_numpy()
    for row in np.flatnonzero(lost & rows.good()):
        if kinds[row] in FLAT and shapely.get_dimensions(shapes[row]) == 0:
            expected = N_("a line, an area, a panel with width and direction, or a diameter")
            remedy = N_("A point alone hides nothing; say how wide it is and where it faces.")
            rows.fault(int(row), "facing_deg", "obstacle.no_shape", expected, remedy)


OBSTACLE_SCHEMA = SourceSchema(LISTED_OBSTACLES, {"kind": "structure"}, after=_settle)


def read_obstacles(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a register of obstacles.

    Parameters, results and errors as for `read_cameras`. A line or an area is taken as drawn. A
    point becomes a panel across the direction that it faces, ``width_m`` wide; or a round body of
    ``diameter_m``, or a square one of ``width_m``. A height that is not told is assumed by kind,
    and said. Fences that a camera sees through are left out. Trees are refused: a crown is no
    solid body, and belongs to the layer of trees.
    """
    sheet, declared = read_placed(path, declared)
    found = find_headers(sheet, LISTED_OBSTACLES.headers, declared)
    sheet, clear = _without_crowns(sheet, found.get("kind"))
    sheet = _without_shapeless(sheet, found)
    listed, report = fill(sheet, OBSTACLE_SCHEMA, crs, near=near, declared=declared, keep_good=True)
    report = report.raise_rejected(keep_good=keep_good)
    unknown = listed["height_m"].isna().to_numpy()
    tops = listed["kind"][unknown].map(DEFAULT_TOP_M)
    assumed = tuple(
        fault("obstacle.height", report.source, str(label), "height_m", height=f"{top_m:g}")
        for label, top_m in tops.items()
    )
    table = _shaped(listed)
    counts = (
        *report.counts,
        Count("height_assumed", N_("height assumed by kind"), len(assumed)),
        Count("excluded.see_through", N_("fences that a camera sees through"), clear),
    )
    read, repaired = report.read + clear, (*report.repaired, *assumed)
    return table, replace(report, read=read, kept=len(table), counts=counts, repaired=repaired)


def _without_crowns(sheet: Sheet, header: str | None) -> tuple[Sheet, int]:
    """Refuse trees, and leave out and count what a camera sees through."""
    if header is None:
        return sheet, 0
    kinds = [normal(row[header]) if row[header] else "" for row in sheet.rows]
    faults = [
        bad_cell(
            sheet,
            where,
            header,
            str(row[header]),
            N_("a solid obstacle: wall, fence, panel or structure"),
            N_("Trees let part of the view pass: import them with --as trees, or a canopy raster."),
        )
        for row, where, kind in zip(sheet.rows, sheet.where, kinds, strict=True)
        if kind in TREES
    ]
    opaque = [number for number, kind in enumerate(kinds) if kind not in SEE_THROUGH]
    geometry = sheet.geometry
    if geometry is not None:
        geometry = gpd.GeoSeries(geometry.iloc[opaque].to_numpy(), crs=geometry.crs)
    kept = sheet._replace(
        rows=[sheet.rows[n] for n in opaque],
        where=[sheet.where[n] for n in opaque],
        geometry=geometry,
        faults=(*sheet.faults, *faults),
    )
    return kept, len(kinds) - len(opaque)


def _without_shapeless(sheet: Sheet, found: dict[str, str]) -> Sheet:
    """Add a fault for each point of which nothing says how far it reaches."""
    faults = list(sheet.faults)
    refused = {fault.where for fault in faults}
    shapes = sheet.geometry.to_numpy() if sheet.geometry is not None else None
    for number_, (row, where) in enumerate(zip(sheet.rows, sheet.where, strict=True)):
        if where in refused or (
            shapes is not None
            and (shapes[number_] is None or shapely.get_dimensions(shapes[number_]) > 0)
        ):
            continue
        said = {name for name, header in found.items() if row.get(header) is not None}
        panel = {"width_m", "facing_deg"} <= said
        body = "diameter_m" in said or ("width_m" in said and not _is_panel(row, found))
        if not panel and not body:
            faults.append(fault("obstacle.no_shape", sheet.source, where, "width_m, facing_deg"))
    return sheet._replace(faults=tuple(faults))


def _is_panel(row: dict[str, str | None], found: dict[str, str]) -> bool:
    """Tell whether a row is of a kind that has a direction."""
    text = row.get(found.get("kind", ""))
    flat = {
        word for kind in ("panel", "wall", "fence") for word in OBSTACLE_SCHEMA.words["kind"][kind]
    }
    return text is not None and normal(text) in {*map(normal, flat), "panel", "wall", "fence"}


def _shaped(listed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn what a register says into `model.OBSTACLES`."""
    kinds = listed["kind"].to_numpy()
    height = listed["height_m"].to_numpy(float)
    unknown = np.isnan(height)
    base = listed["base_m"].to_numpy(float)
    hung = np.isnan(base) & unknown & (kinds == "panel")
    base = np.where(hung, BILLBOARD_BASE_M, np.where(np.isnan(base), 0.0, base))
    usual = np.array([DEFAULT_TOP_M[kind] for kind in kinds], float)
    height = np.where(unknown, np.maximum(usual, base + 1.0), height)
    shapes = [
        shape_of(shape, *numbers)
        for shape, *numbers in zip(
            listed.geometry.to_numpy(),
            *(listed[name].to_numpy(float) for name in ("width_m", "diameter_m", "facing_deg")),
            strict=True,
        )
    ]
    frame = gpd.GeoDataFrame(
        {
            "kind": kinds,
            "height_m": height,
            "base_m": base,
            "height_assumed": unknown,
            "name": listed["name"],
            "source": listed["source"],
            "tags": listed["tags"],
        },
        geometry=gpd.GeoSeries(shapes, index=listed.index, crs=listed.crs),
        index=listed.index,
        crs=listed.crs,
    )
    table = gpd.GeoDataFrame(OBSTACLES.complete(frame))
    OBSTACLES.check(table)
    return table


def shape_of(shape: BaseGeometry, width: float, diameter: float, facing: float) -> BaseGeometry:
    """Return the shape of an obstacle; a point becomes a panel, or a round or square body."""
    if shapely.get_dimensions(shape) > 0:
        return shape
    centre: FloatArray = shapely.get_coordinates(shape)[0]
    if np.isfinite(diameter):
        return shapely.buffer(shape, diameter / 2, quad_segs=4)
    half = width / 2
    if np.isfinite(facing):
        across = np.radians(facing + ACROSS_DEG)
        step = np.array([np.sin(across), np.cos(across)]) * half
        return shapely.LineString([centre - step, centre + step])
    return shapely.box(*(centre - half), *(centre + half))


KINDS: Final = ("tree", "row", "wood")
"""Kind of a point, a line and an area of which nothing else is said, by dimension."""

TREE_SCHEMA: Final = SourceSchema(LISTED_TREES)


def read_trees(
    path: str | Path,
    *,
    crs: CRS | None = None,
    near: BaseGeometry | None = None,
    declared: Declared = NOTHING,
    keep_good: bool = False,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read a register or a layer of trees as crowns, which let part of a view pass.

    A point becomes an octagon as wide as its crown, a line a row as wide, an area stays as drawn.
    Heights, widths and undersides that are not told are those of mapped trees, heights counted as
    assumed. Parameters, results and errors as for `read_cameras`.

    Returns
    -------
    trees
        `model.CANOPIES`, every row one polygon.
    report
        What was read, assumed and rejected.
    """
    sheet, declared = read_placed(path, declared)
    listed, report = fill(
        sheet, TREE_SCHEMA, crs, near=near, declared=declared, keep_good=keep_good
    )
    crowns = _crowns(listed)
    rows, divided = divide(crowns)
    table = gpd.GeoDataFrame(CANOPIES.complete(rows))
    CANOPIES.check(table)
    unknown = int(listed["crown_m"].isna()[shapely.get_dimensions(listed.geometry) == 0].sum())
    counts = (
        *report.counts,
        Count("height_assumed", N_("height assumed by kind"), int(crowns["height_assumed"].sum())),
        Count("crown_assumed", N_("width of the crown assumed"), unknown),
        *divided,
    )
    return table, replace(report, kept=len(table), counts=counts, given=None)


def _crowns(listed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Turn what a register says into `model.CANOPIES`, before shapes are split."""
    shapes = listed.geometry.to_numpy()
    dimension = shapely.get_dimensions(shapes)
    kind = listed["kind"].where(listed["kind"].notna(), np.array(KINDS, object)[dimension])
    wood = (kind == "wood").to_numpy()
    width = listed["crown_m"].to_numpy(float)
    known = listed["height_m"].where(listed["height_m"] > 0)
    height = known.fillna(0.0) + known.isna() * np.where(wood, WOOD_HEIGHT_M, TREE_HEIGHT_M)
    usual = np.minimum(np.where(wood, WOOD_BASE_M, TREE_BASE_M), height / 2)
    base = np.minimum(listed["base_m"].fillna(usual), height)
    point, line = dimension == 0, dimension == 1
    crowns = shapes.copy()
    across = np.where(np.isnan(width), TREE_CROWN_M, width)
    crowns[point] = octagons(shapely.get_coordinates(shapes[point]), across[point] / 2)
    across = np.where(np.isnan(width), ROW_WIDTH_M, width)
    crowns[line] = shapely.buffer(shapes[line], across[line] / 2, quad_segs=2)
    evergreen = np.array([value is True for value in listed["evergreen"]], bool)
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "height_m": height,
            "base_m": base,
            "summer": TRANSMITTANCE["summer"],
            "winter": np.where(evergreen, TRANSMITTANCE["summer"], TRANSMITTANCE["winter"]),
            "height_assumed": known.isna(),
        },
        geometry=crowns,
        crs=listed.crs,
        index=listed.index,
    )
