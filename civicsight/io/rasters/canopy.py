"""Crowns out of a canopy raster: each tree top with the cells that lead up to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Text
from civicsight.io.crs import crs_name
from civicsight.io.osm.trees import TREE_BASE_M
from civicsight.io.rasters.cells import Bounds
from civicsight.io.rasters.holes import area_holes
from civicsight.io.rasters.ndsm import RaisedCells, cell_side, raised_cells
from civicsight.io.rasters.pieces import pieces_of
from civicsight.io.rasters.source import opened
from civicsight.io.rasters.units import Unit
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.geometry import explode, repair_polygons
from civicsight.model import CANOPIES
from civicsight.scene.bodies import TRANSMITTANCE

LEAST_CROWN_M: Final = 2.0
"""Lower green is shrubs and hedges, over which a camera looks (assumption of the project) [m]."""

APART_M: Final = 6.0
"""Two tree tops nearer than this are one crown: a street tree is some 5 m wide (assumption) [m]."""

WOOD_M2: Final = 300.0
"""A larger crown is a group of trees that the raster does not tell apart (assumption) [m2]."""

Grid = npt.NDArray[np.int32]


class Crowns(NamedTuple):
    """Number of the crown of each cell, 0 outside; the top of each crown, by number from 1 [m]."""

    number: Grid
    top: FloatArray


def read_canopy(
    path: str | Path,
    bounds: Bounds,
    crs: CRS,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
    least_m: float = LEAST_CROWN_M,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read crowns out of a raster of canopy heights above the ground.

    Each top that is highest within `APART_M` is a crown; the other cells belong to the top that
    they lead up to. A crown is as high as its top all over, which hides more than the tree does,
    and its underside is assumed, as that of a mapped tree.

    Parameters
    ----------
    path
        GeoTIFF, heights above the ground, 0 or no data where there is no tree.
    bounds, crs
        Area in the working CRS: ``min_x, min_y, max_x, max_y`` [m].
    unit, declared, least_m
        Unit and CRS where the raster declares none itself; least height of a crown [m].

    Returns
    -------
    table, report
        `schema.CANOPIES`, and what was found. The parts of the area that the raster does not
        cover are named; nothing is known of trees there.

    Raises
    ------
    InputError
        If the raster cannot be read (`opened`) or does not meet the area (`raised_cells`).
    """
    with opened(path, unit=unit, declared=declared) as raster:
        found = raised_cells(raster, bounds, crs, None, "canopy")
        side = cell_side(found, crs)
        crowns = part_crowns(found.h, found.within, side, least_m)
        cut = pieces_of(
            crowns.number, crowns.number > 0, found.transform, found.crs, crs, raster.name
        )
        table = _table(cut.geometry, crowns.top[cut.value - 1], crs)
        return table, _report(raster.name, table, found, bounds, side)


def part_crowns(
    h: FloatArray, within: npt.NDArray[np.bool_], side_m: float, least_m: float
) -> Crowns:
    """Part canopy cells into crowns: from each cell climb to the highest in reach, and on.

    Parameters
    ----------
    h
        Heights above the ground [m], NaN where there is nothing.
    within
        Cells that count.
    side_m
        Side of a cell [m].
    least_m
        Least height of a crown [m].
    """
    from scipy import ndimage

    height = np.where(within, np.nan_to_num(h, nan=0.0), 0.0)
    green = height >= least_m
    higher = _highest_near(height, max(round(APART_M / side_m / 2), 1))
    while not np.array_equal(further := higher[higher], higher):
        higher = further
    tops = green & (higher == np.arange(height.size)).reshape(height.shape)
    marks, count = ndimage.label(tops, np.ones((3, 3)))
    number = np.where(green, marks.ravel()[higher].reshape(height.shape), 0).astype(np.int32)
    top = ndimage.maximum(height, number, np.arange(1, count + 1)) if count else np.zeros(0)
    return Crowns(number, np.asarray(top, np.float64))


def _highest_near(height: FloatArray, reach: int) -> npt.NDArray[np.int64]:
    """Return for each cell the flat number of the highest within `reach` cells, itself if none is.

    Of equal ones the first to be looked at wins; a cell as high as its surroundings keeps itself.
    """
    rows, cols = height.shape
    best, at = height.copy(), np.arange(height.size).reshape(height.shape)
    own = at.copy()
    span = range(-reach, reach + 1)
    for down in span:
        for right in span:
            if np.hypot(down, right) > reach + 0.5 or abs(down) >= rows or abs(right) >= cols:
                continue
            here = (slice(max(-down, 0), rows - max(down, 0)),
                    slice(max(-right, 0), cols - max(right, 0)))  # fmt: skip
            there = (slice(max(down, 0), rows - max(-down, 0)),
                     slice(max(right, 0), cols - max(-right, 0)))  # fmt: skip
            better = height[there] > best[here]
            best[here] = np.where(better, height[there], best[here])
            at[here] = np.where(better, own[there], at[here])
    return at.ravel()


def _table(geometry: npt.NDArray[np.object_], height: FloatArray, crs: CRS) -> gpd.GeoDataFrame:
    repair = repair_polygons(geometry)
    keep = ~repair.lost & ~repair.tiny
    frame = gpd.GeoDataFrame(
        {
            "kind": np.where(shapely.area(repair.geometry) > WOOD_M2, "wood", "tree"),
            "height_m": np.asarray(height, np.float64),
            "base_m": np.minimum(TREE_BASE_M, np.asarray(height, np.float64) / 2),
            "summer": TRANSMITTANCE["summer"],
            "winter": TRANSMITTANCE["winter"],
            "height_assumed": False,
        },
        geometry=repair.geometry,
        crs=crs,
        index=pd.Index([f"crown/{n + 1}" for n in range(len(geometry))], dtype=object),
    )
    return gpd.GeoDataFrame(CANOPIES.complete(explode(frame[keep]))).rename_axis(CANOPIES.index)


def _report(
    name: str, table: gpd.GeoDataFrame, found: RaisedCells, bounds: Bounds, side: float
) -> ImportReport:
    counts = (
        *(
            Count(f"kind.{kind}", label, int((table["kind"] == kind).sum()))
            for kind, label in (("tree", N_("single trees")), ("wood", N_("woods")))
        ),
        Count("implausible", N_("cells with impossible heights, taken as unknown"), found.bad),
    )
    holes = area_holes(
        found.gaps,
        shapely.box(*bounds),
        table.crs,
        name,
        code="canopy.hole",
        remedy=N_(
            "Nothing is known of trees in this %(share)s %% of the area: no crown is assumed "
            "there. Use a raster of the whole area."
        ).template,
    )
    exact: Text = N_(
        "crowns follow cells of %(cell)s m and are as high as their top all over; their underside "
        "is assumed, and what is lower than %(least)s m is left out",
        cell=f"{side:.1f}",
        least=f"{LEAST_CROWN_M:g}",
    )
    crs_found = crs_name(found.crs)
    notes = (*found.notes, exact)
    return ImportReport(
        name, CANOPIES.name, len(table), len(table), counts, holes, notes=notes, crs_found=crs_found
    )
