"""What stands where no map shows it: a surface model cut into prisms, and heights for footprints.

A surface model does not know what it sees. Its prisms follow the edges of its cells, stand on the
ground even under a bridge or a crown, and hold trees as well as houses. So they are marked as
assumed: a reading that has to be sure takes them at least as high as they are, one that has to be
possible takes them away.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from civicsight.core.arrays import ObjectArray
from civicsight.core.errors import N_
from civicsight.io.crs import crs_name
from civicsight.io.rasters.cells import Bounds, cells_in, pieces_of
from civicsight.io.rasters.files import Unit
from civicsight.io.rasters.ndsm import RaisedCells, cell_side, raised_cells
from civicsight.io.rasters.source import opened
from civicsight.io.rasters.terrain import area_holes
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.io.vectors.geometry import Repair, explode, repair_polygons
from civicsight.model import OBSTACLES
from civicsight.model.notes import noted
from civicsight.model.terrain import Terrain

LEAST_M: Final = 2.0
"""What is lower than this is street furniture, a car or noise [m] (assumption of the project)."""

STEP_M: Final = 1.0
"""Heights are rounded up to whole multiples of this, so that a flat roof is one prism [m]."""

SurfaceHolds = Literal["surface", "above_ground", "buildings"]
"""What a surface raster holds; see `ndsm.Holds`."""

Grid = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class SurfaceOptions:
    """What a person says of a surface raster, and how it is cut.

    Parameters
    ----------
    holds
        ``surface`` above datum, heights ``above_ground`` of everything, or of ``buildings`` only;
        the prisms of buildings are no assumption.
    unit, declared
        Unit of the heights, and CRS of the raster, where it declares none itself.
    least_m, step_m
        Least height of an obstacle, and width of a height class [m].
    """

    holds: SurfaceHolds = "surface"
    unit: Unit | None = None
    declared: Declared = NOTHING
    least_m: float = LEAST_M
    step_m: float = STEP_M


PLAIN: Final = SurfaceOptions()
"""A surface above datum in the unit that it declares, or metres."""


class Standing(NamedTuple):
    """Cells higher than the least height, and those that a map already explains."""

    classes: Grid
    built: int
    crowned: int


def read_surface(
    path: str | Path,
    bounds: Bounds,
    crs: CRS,
    *,
    ground: Terrain | None = None,
    footprints: gpd.GeoDataFrame | None = None,
    crowns: gpd.GeoDataFrame | None = None,
    options: SurfaceOptions = PLAIN,
) -> tuple[gpd.GeoDataFrame, ImportReport]:
    """Read obstacles out of a surface model.

    Connected cells of one height class become one prism, as high as the upper bound of its class:
    never lower than the raster, and higher by less than a class. Cells that a footprint touches
    or a crown holds are left to them. Where the raster says nothing, an obstacle of kind
    ``unknown`` says so: no sight line through it counts as sure.

    Parameters
    ----------
    path
        GeoTIFF, grid as text (ASC) or point cloud (LAS, LAZ), also zipped.
    bounds, crs
        Area in the working CRS: ``min_x, min_y, max_x, max_y`` [m].
    ground
        The ground under a surface above datum.
    footprints, crowns
        Tables `model.BUILDINGS` and `model.CANOPIES` in the working CRS, which win.
    options
        What the raster holds, and how it is cut.

    Returns
    -------
    table, report
        `model.OBSTACLES`, and what was found, cut and left out.

    Raises
    ------
    InputError
        If the raster cannot be read (`opened`), does not meet the area, or contradicts the ground
        (`raised_cells`).
    """
    with opened(path, unit=options.unit, declared=options.declared, wanted="surface") as raster:
        found = raised_cells(raster, bounds, crs, ground, options.holds)
        standing = _standing(found, footprints, crowns, options)
        cut = pieces_of(
            standing.classes, standing.classes > 0, found.transform, found.crs, crs, raster.name
        )
        prisms = _table(cut.geometry, cut.value * options.step_m, crs, raster.name, options.holds)
        table = prisms
        if len(found.gaps):
            zero = np.zeros(len(found.gaps))
            gaps = _table(found.gaps, zero, crs, raster.name, "surface", "unknown")
            both = pd.concat([frame for frame in (prisms, gaps) if len(frame)])
            table = gpd.GeoDataFrame(both, geometry="geometry", crs=crs)
        return table, _report(raster.name, (prisms, table), found, standing, bounds, options)


def _standing(
    found: RaisedCells,
    footprints: gpd.GeoDataFrame | None,
    crowns: gpd.GeoDataFrame | None,
    options: SurfaceOptions,
) -> Standing:
    shape = found.h.shape[0], found.h.shape[1]
    tall = found.within & (np.nan_to_num(found.h, nan=0.0) >= options.least_m)
    built, crowned = np.zeros(shape, bool), np.zeros(shape, bool)
    if footprints is not None and len(footprints):
        # A cell on the edge of a roof is as high as the roof, on both sides of the wall.
        built = cells_in(footprints.geometry, found.transform, shape, found.crs, touched=True) > 0
    if crowns is not None and len(crowns):
        crowned = cells_in(crowns.geometry, found.transform, shape, found.crs, touched=False) > 0
    free = tall & ~built & ~crowned
    # A height on the border of two classes belongs to the lower one, whatever its last digit.
    number = np.ceil(np.nan_to_num(found.h, nan=0.0) / options.step_m - 1e-6)
    classes = np.where(free, number, 0).astype(np.int32)
    return Standing(classes, int((tall & built).sum()), int((tall & crowned & ~built).sum()))


def _table(
    geometry: ObjectArray,
    height: npt.ArrayLike,
    crs: CRS,
    source: str,
    holds: SurfaceHolds,
    kind: str = "structure",
) -> gpd.GeoDataFrame:
    repair: Repair = repair_polygons(geometry)
    keep = ~repair.lost & ~repair.tiny
    prefix = "surface" if kind == "structure" else f"surface/{kind}"
    labels = pd.Index([f"{prefix}/{n + 1}" for n in range(len(geometry))], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "kind": kind,
            "height_m": np.asarray(height, np.float64),
            "height_assumed": holds != "buildings",
            "source": source,
        },
        geometry=repair.geometry,
        crs=crs,
        index=labels,
    )
    return gpd.GeoDataFrame(OBSTACLES.complete(explode(frame[keep]))).rename_axis(OBSTACLES.index)


def _report(
    name: str,
    tables: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame],
    found: RaisedCells,
    standing: Standing,
    bounds: Bounds,
    options: SurfaceOptions,
) -> ImportReport:
    prisms, table = tables
    counts = (
        Count("kind.structure", N_("prisms of the surface"), len(prisms)),
        Count("kind.unknown", N_("areas where the surface is unknown"), len(table) - len(prisms)),
        Count("cells.raised", N_("cells that became obstacles"), int((standing.classes > 0).sum())),
        Count("cells.built", N_("cells left to footprints"), standing.built),
        Count("cells.crowned", N_("cells left to trees"), standing.crowned),
        Count("implausible", N_("cells with impossible heights, taken as unknown"), found.bad),
        Count("height_assumed", N_("height assumed"), int(table["height_assumed"].sum())),
        *found.counts,
    )
    holes = area_holes(
        found.gaps,
        shapely.box(*bounds),
        table.crs,
        name,
        code="surface.hole",
        remedy=N_(
            "What stands in this %(share)s %% of the area is unknown; no view through it counts "
            "as sure. Fill the hole or use another raster."
        ).template,
    )
    cell = cell_side(found, table.crs)
    exact = noted(
        "read.raster",
        N_(
            "obstacles follow cells of %(cell)s m: each edge is a staircase within %(half)s m of "
            "the true one, heights are rounded up by less than %(step)s m, and nothing below "
            "%(least)s m counts",
            cell=f"{cell:.1f}",
            half=f"{cell * np.sqrt(0.5):.1f}",
            step=f"{options.step_m:g}",
            least=f"{options.least_m:g}",
        ),
    )
    trees = noted(
        "heights.surface",
        N_(
            "a surface does not tell trees from houses: its obstacles are marked as assumed, "
            "solid for what is sure and absent for what is possible"
        ),
    )
    own = (exact,) if options.holds == "buildings" else (exact, trees)
    notes = (*found.notes, *own)
    crs_found = crs_name(found.crs)
    return ImportReport(
        name, "obstacles", len(table), len(table), counts, holes, notes=notes, crs_found=crs_found
    )
