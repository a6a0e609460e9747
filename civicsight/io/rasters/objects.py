"""What rasters of height say of objects: crowns out of a surface, heights of known footprints."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from civicsight.core.errors import N_, refuse
from civicsight.io.crs import crs_name
from civicsight.io.osm.obstacles import TREE_BASE_M
from civicsight.io.rasters.cells import Bounds, cells_in, pieces_of
from civicsight.io.rasters.files import Unit
from civicsight.io.rasters.ndsm import RaisedCells, cell_side, raised_cells
from civicsight.io.rasters.source import opened
from civicsight.io.rasters.surface import LEAST_M, PLAIN, SurfaceOptions
from civicsight.io.rasters.terrain import area_holes
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.geometry import explode, repair_polygons
from civicsight.model import BUILDINGS, CANOPIES
from civicsight.model.notes import Note, noted
from civicsight.model.terrain import Terrain
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
        `model.CANOPIES`, and what was found. The parts of the area that the raster does not
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


def part_crowns(h: FloatArray, within: BoolArray, side_m: float, least_m: float) -> Crowns:
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


def _highest_near(height: FloatArray, reach: int) -> IntArray:
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
            up, left = -down, -right
            here = (
                slice(max(up, 0), rows - max(down, 0)),
                slice(max(left, 0), cols - max(right, 0)),
            )
            there = (
                slice(max(down, 0), rows - max(up, 0)),
                slice(max(right, 0), cols - max(left, 0)),
            )
            better = height[there] > best[here]
            best[here] = np.where(better, height[there], best[here])
            at[here] = np.where(better, own[there], at[here])
    return at.ravel()


def _table(geometry: ObjectArray, height: FloatArray, crs: CRS) -> gpd.GeoDataFrame:
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
    exact = noted(
        "read.raster",
        N_(
            "crowns follow cells of %(cell)s m and are as high as their top all over; their "
            "underside is assumed, and what is lower than %(least)s m is left out",
            cell=f"{side:.1f}",
            least=f"{LEAST_CROWN_M:g}",
        ),
    )
    crs_found = crs_name(found.crs)
    notes = (*found.notes, exact)
    return ImportReport(
        name, CANOPIES.name, len(table), len(table), counts, holes, notes=notes, crs_found=crs_found
    )


FEWEST_CELLS: Final = 3
"""A footprint is measured on its inside where that holds so many cells, else on all it holds."""

FEWEST_KNOWN: Final = 10
"""With fewer known heights nothing is concluded about the unit of the surface."""

LIKE_FEET: Final = (2.4, 4.4)
"""Ratios of surface to known heights that speak of feet, of which a metre has 3.28."""


def heights_from_surface(
    buildings: gpd.GeoDataFrame,
    path: str | Path,
    *,
    ground: Terrain | None = None,
    options: SurfaceOptions = PLAIN,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Give footprints with an assumed height the height of the surface inside of them.

    It is the median of the cells that lie inside by more than half their diagonal, or of all cells
    whose centre lies inside where those are fewer than `FEWEST_CELLS`. Heights that the source
    gave stay; how well the surface agrees with them is said in the report.

    Parameters
    ----------
    buildings
        Table `model.BUILDINGS` in metres; not changed.
    path, ground, options
        As of `read_surface`.

    Raises
    ------
    InputError
        As `read_surface`; also if the surface is three times as high as known heights, which
        speaks of feet.
    """
    with opened(path, unit=options.unit, declared=options.declared, wanted="surface") as raster:
        low_x, low_y, high_x, high_y = (float(side) for side in buildings.total_bounds)
        bounds = low_x, low_y, high_x, high_y
        found = raised_cells(raster, bounds, buildings.crs, ground, options.holds)
        measured = surface_heights(buildings, found)
        agreement = _compare(buildings, measured, raster.name)
        name, crs_found = raster.name, crs_name(raster.crs)
    assumed = buildings["height_assumed"].to_numpy(bool)
    taken = assumed & (measured >= LEAST_M)
    table = buildings.copy()
    table.loc[taken, "height_m"] = measured[taken]
    table.loc[taken, "height_source"] = "surface"
    table.loc[taken, "height_assumed"] = False
    # An assumed underside above a measured top belongs to a building that stands on the ground.
    sunk = taken & (np.nan_to_num(table["base_m"].to_numpy(np.float64)) >= table["height_m"])
    table.loc[sunk, "base_m"] = 0.0
    counts = (
        Count("height.surface", N_("height from the surface"), int(taken.sum())),
        Count(
            "height.flat",
            N_("assumed height kept: the surface shows nothing there"),
            int((assumed & (measured < LEAST_M)).sum()),
        ),
        Count(
            "height.unknown",
            N_("assumed height kept: the surface is unknown there"),
            int((assumed & np.isnan(measured)).sum()),
        ),
    )
    notes = (*found.notes, *agreement)
    report = ImportReport(
        name, BUILDINGS.name, len(table), len(table), counts, notes=notes, crs_found=crs_found
    )
    return table, report


def surface_heights(buildings: gpd.GeoDataFrame, found: RaisedCells) -> FloatArray:
    """Return the median height of the surface inside each footprint [m]; NaN where unknown."""
    shape = found.h.shape[0], found.h.shape[1]
    inset = cell_side(found, buildings.crs) * np.sqrt(0.5)
    whole = buildings.geometry
    inner = whole.buffer(-inset)
    medians = _medians(found.h, cells_in(inner, found.transform, shape, found.crs, touched=False))
    every = cells_in(whole, found.transform, shape, found.crs, touched=False)
    inside = np.array([medians.get(row + 1, np.nan) for row in range(len(buildings))])
    coarse = _medians(
        found.h, np.where(np.isin(every, np.flatnonzero(np.isnan(inside)) + 1), every, 0), least=1
    )
    rest = np.array([coarse.get(row + 1, np.nan) for row in range(len(buildings))])
    return np.where(np.isnan(inside), rest, inside)


def _medians(
    h: FloatArray, owner: npt.NDArray[np.int32], least: int = FEWEST_CELLS
) -> dict[int, float]:
    """Return the median of the known cells of each owner that has enough of them."""
    known = (owner > 0) & np.isfinite(h)
    of, value = owner[known], h[known]
    order = np.argsort(of, kind="stable")
    of, value = of[order], value[order]
    numbers, start = np.unique(of, return_index=True)
    groups = np.split(value, start[1:]) if len(numbers) else []
    return {
        int(number): float(np.median(group))
        for number, group in zip(numbers, groups, strict=True)
        if len(group) >= least
    }


def _compare(buildings: gpd.GeoDataFrame, measured: FloatArray, name: str) -> tuple[Note, ...]:
    """Say how well the surface agrees with the heights that the source gave."""
    known = ~buildings["height_assumed"].to_numpy(bool) & (measured >= LEAST_M)
    height = buildings["height_m"].to_numpy(np.float64)[known]
    if len(height) < FEWEST_KNOWN:
        return ()
    ratio = float(np.median(measured[known] / np.maximum(height, LEAST_M)))
    for low, high, code in (
        (*LIKE_FEET, "surface.feet"),
        (1 / LIKE_FEET[1], 1 / LIKE_FEET[0], "buildings.feet"),
    ):
        if low <= ratio <= high:
            expected = N_("a surface as high as the known heights of the footprints")
            remedy = N_("One of them seems to be in feet: declare its unit.")
            refuse(code, name, expected, remedy, found=f"x {ratio:.2f}")
    difference = measured[known] - height
    return (
        noted(
            "read.raster",
            N_(
                "the surface differs from %(count)s known heights by %(median)s m in the median; "
                "90 %% of them differ by at most %(most)s m",
                count=len(height),
                median=f"{np.median(difference):+.1f}",
                most=f"{np.quantile(np.abs(difference), 0.9):.1f}",
            ),
        ),
    )
