"""Heights above the ground, cell by cell, from a surface model or ready made."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray, Geometries
from civicsight.core.errors import N_, refuse
from civicsight.io.crs import between
from civicsight.io.faults import reject
from civicsight.io.rasters.cells import (
    GROUND_M,
    Affine,
    Bounds,
    centres,
    outline,
    pieces_of,
    read_cells,
    shifted,
    window_of,
)
from civicsight.io.rasters.files import FOOT_M
from civicsight.io.rasters.source import Raster
from civicsight.io.rasters.terrain import refuse_elsewhere, refuse_empty
from civicsight.io.report import Count
from civicsight.io.vectors.geometry import MIN_AREA_M2
from civicsight.model.notes import Note, noted
from civicsight.model.terrain import Terrain

Holds = Literal["surface", "above_ground", "buildings", "canopy"]
"""What a raster holds: the surface above datum (a DSM), or heights above the ground of all that
stands on it, of buildings only, or of trees only."""

BELIEVED_M: Final[dict[Holds, tuple[float, float]]] = {
    "surface": GROUND_M,
    "above_ground": (-100.0, 1_000.0),
    "buildings": (-100.0, 1_000.0),
    "canopy": (-100.0, 130.0),
}
"""Heights that are believed [m]: above the ground those below 0 are the noise of a survey, and no
tree is taller than some 116 m."""

ON_GROUND_M: Final = 1.0
"""A cell of a surface within this of the ground is open ground [m]."""

OPEN_SHARE: Final = 0.01
"""Least share of open ground in any city; streets alone are more."""

BELOW_SHARE: Final = 0.2
"""Greatest share of cells that may lie more than `BELOW_M` under the ground."""

BELOW_M: Final = 2.0
"""Two surveys of one place may differ by this [m]."""

DEEP_M: Final = 10.0
"""A surface so far under the ground is no surface but an undeclared "unknown", such as 0 [m]."""

FEW_CELLS: Final = 30
"""With fewer cells nothing is concluded about their unit or datum."""


class RaisedCells(NamedTuple):
    """Heights above the ground [m], NaN where unknown, with the place of the cells.

    Parameters
    ----------
    h
        Heights of the window, never negative.
    transform, crs
        Where the cells are.
    within
        Cells whose centre lies in the area.
    bad
        Cells with impossible values.
    gaps
        Parts of the area about which the raster says nothing, in the working CRS.
    notes
        What had to be decided.
    counts
        What became of the points of a cloud.
    """

    h: FloatArray
    transform: Affine
    crs: CRS
    within: BoolArray
    bad: int
    gaps: Geometries
    notes: tuple[Note, ...]
    counts: tuple[Count, ...]


def raised_cells(
    raster: Raster, bounds: Bounds, crs: CRS, ground: Terrain | None, holds: Holds
) -> RaisedCells:
    """Read how high everything stands above the ground.

    The heights stay on the raster's own grid; the ground is interpolated at the centres of its
    cells, in float64.

    Parameters
    ----------
    raster
        Open raster.
    bounds, crs
        Area in the working CRS [m].
    ground
        The ground below a surface.
    holds
        What the raster holds.

    Raises
    ------
    InputError
        If the raster does not meet the area, a surface comes without ground or does not touch it
        anywhere, or ready heights never come down to it.
    """
    window = window_of(raster, bounds, crs)
    if window is None:
        refuse_elsewhere(raster.name)
    # Ready heights that declare 0 as "nothing" mean that nothing stands there.
    empty = holds != "surface" and raster.source.nodata == 0
    cells = read_cells(raster, window, BELIEVED_M[holds], masked=not empty)
    transform = shifted(raster, window)
    x, y = centres(transform, cells.z.shape)
    if raster.crs != crs:
        x, y = between(raster.crs, crs).transform(x, y)
    within = (x >= bounds[0]) & (x <= bounds[2]) & (y >= bounds[1]) & (y <= bounds[3])
    z, notes = cells.z, list(raster.notes)
    if holds == "surface":
        z = _above(z, x, y, ground, raster.name)
    elif holds == "canopy":
        blank = np.isnan(z) & within
        z = np.nan_to_num(z, nan=0.0)
        share = f"{100 * blank.sum() / max(within.sum(), 1):.2g}"
        bare = N_(
            "cells without a value, %(share)s %% of the area, are taken as without trees",
            share=share,
        )
        notes += [noted("read.raster", bare)] if blank.any() else []
    else:
        _require_low(z[within], raster.name)
    if np.isnan(z[within]).all():
        refuse_empty(raster.name)
    if empty:
        nothing = N_("0 is declared as no data and taken as nothing standing there")
        notes.append(noted("read.raster", nothing))
    # What the raster does not cover of the area, and where it has no value.
    unknown = np.isnan(z)
    area = shapely.box(*bounds)
    beyond = shapely.difference(area, outline(raster, crs))
    without = pieces_of(
        unknown.astype(np.int32), unknown, transform, raster.crs, crs, raster.name
    ).geometry
    inside = shapely.intersection(shapely.make_valid(without), area) if len(without) else without
    parts = shapely.get_parts(np.array([beyond, *inside], object))
    merged = shapely.get_parts(shapely.union_all(parts[shapely.get_dimensions(parts) == 2]))
    # A sliver beside a rotated or reprojected edge is no hole.
    gaps = np.asarray(merged[shapely.area(merged) > MIN_AREA_M2])
    return RaisedCells(
        np.maximum(z, 0.0),
        transform,
        raster.crs,
        within,
        cells.bad,
        gaps,
        tuple(notes),
        raster.counts,
    )


def _above(
    z: FloatArray, x: FloatArray, y: FloatArray, ground: Terrain | None, name: str
) -> FloatArray:
    if ground is None:
        reject("surface.no_ground", name)
    below = ground.height_at(x, y)
    _require_one_datum(z, below, name)
    above = z - below
    return np.where(above < -DEEP_M, np.nan, above)


def _require_one_datum(z: FloatArray, ground: FloatArray, name: str) -> None:
    """Refuse a surface that is in other units than the ground, or above another zero."""
    known = np.isfinite(z) & np.isfinite(ground)
    if known.sum() < FEW_CELLS:
        return
    top, low = z[known], ground[known]
    open_share = float((np.abs(top - low) <= ON_GROUND_M).mean())
    below = float((top - low < -BELOW_M).mean())
    if open_share >= OPEN_SHARE and below <= BELOW_SHARE:
        return
    found = f"{np.median(top - low):.1f} m"
    for factor, code in ((FOOT_M, "surface.feet"), (1 / FOOT_M, "dem.feet")):
        if float((np.abs(top * factor - low) <= ON_GROUND_M * max(factor, 1)).mean()) > max(
            OPEN_SHARE, 4 * open_share
        ):
            remedy = N_("One of them seems to be in feet: declare its unit.")
            refuse(code, name, N_("surface and ground in one unit of height"), remedy, found=found)
    expected = N_("a surface that meets the ground in the streets, above the same zero")
    remedy = N_(
        "Check that DSM and DEM have the same vertical datum; if the raster holds heights "
        "above the ground, say so."
    )
    refuse("surface.datum", name, expected, remedy, found=found)


def _require_low(h: FloatArray, name: str) -> None:
    """Refuse "heights above the ground" that never come down to it."""
    known = h[np.isfinite(h)]
    if len(known) < FEW_CELLS or float((np.abs(known) <= BELOW_M).mean()) >= OPEN_SHARE:
        return
    reject("surface.not_above_ground", name, found=f"{np.median(known):.1f} m")


def cell_side(found: RaisedCells, crs: CRS) -> float:
    """Return the longer side of a cell in the middle of the window [m]."""
    a, b, c, d, e, f = found.transform
    rows, cols = found.h.shape
    col, row = np.array([0.0, 1.0, 0.0]) + cols / 2, np.array([0.0, 0.0, 1.0]) + rows / 2
    back = between(found.crs, crs)
    x, y = back.transform(a * col + b * row + c, d * col + e * row + f)
    return float(np.hypot(np.asarray(x)[1:] - x[0], np.asarray(y)[1:] - y[0]).max())
