"""Heights of footprints from a surface: what their source does not say, measured."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from civicsight.core.arrays import FloatArray
from civicsight.core.errors import N_, Text
from civicsight.io.crs import crs_name
from civicsight.io.rasters.ndsm import RaisedCells, cell_side, raised_cells
from civicsight.io.rasters.pieces import cells_in
from civicsight.io.rasters.source import opened
from civicsight.io.rasters.surface import LEAST_M, PLAIN, SurfaceOptions
from civicsight.io.refusal import refuse
from civicsight.io.report import Count, ImportReport
from civicsight.model import BUILDINGS
from civicsight.model.terrain import Terrain

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
        Table `schema.BUILDINGS` in metres; not changed.
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
    table = _raised(buildings, measured, taken)
    counts = _counts(assumed, taken, measured)
    notes = (*found.notes, *agreement)
    report = ImportReport(
        name, BUILDINGS.name, len(table), len(table), counts, notes=notes, crs_found=crs_found
    )
    return table, report


def _counts(
    assumed: npt.NDArray[np.bool_], taken: npt.NDArray[np.bool_], measured: FloatArray
) -> tuple[Count, ...]:
    return (
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


def _raised(
    buildings: gpd.GeoDataFrame, measured: FloatArray, taken: npt.NDArray[np.bool_]
) -> gpd.GeoDataFrame:
    table = buildings.copy()
    table.loc[taken, "height_m"] = measured[taken]
    table.loc[taken, "height_source"] = "surface"
    table.loc[taken, "height_assumed"] = False
    # An assumed underside above a measured top belongs to a building that stands on the ground.
    sunk = taken & (np.nan_to_num(table["base_m"].to_numpy(np.float64)) >= table["height_m"])
    table.loc[sunk, "base_m"] = 0.0
    return table


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


def _compare(buildings: gpd.GeoDataFrame, measured: FloatArray, name: str) -> tuple[Text, ...]:
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
            refuse(
                code,
                name,
                N_("a surface as high as the known heights of the footprints"),
                N_("One of them seems to be in feet: declare its unit."),
                found=f"x {ratio:.2f}",
            )
    difference = measured[known] - height
    return (
        N_(
            "the surface differs from %(count)s known heights by %(median)s m in the median; 90 %% "
            "of them differ by at most %(most)s m",
            count=len(height),
            median=f"{np.median(difference):+.1f}",
            most=f"{np.quantile(np.abs(difference), 0.9):.1f}",
        ),
    )
