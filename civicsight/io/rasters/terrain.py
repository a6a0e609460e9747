"""Ground heights from a raster, resampled into the working CRS, and the holes in them.

Where a raster says nothing about the area, it is named, so that nobody takes it for flat.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import numpy as np
import shapely
from pyproj import CRS

from civicsight.core.arrays import FloatArray, Geometries
from civicsight.core.errors import N_, Fault, Text
from civicsight.io.crs import bounds_in_degrees, crs_name
from civicsight.io.faults import reject
from civicsight.io.rasters.cells import (
    GROUND_M,
    MAX_CELLS,
    Bounds,
    Cells,
    Window,
    affine_of,
    into_cells,
    read_cells,
    refuse_size,
    transformer,
)
from civicsight.io.rasters.files import Unit
from civicsight.io.rasters.source import Raster, opened
from civicsight.io.report import Count, ImportReport
from civicsight.io.source_options import NOTHING, Declared
from civicsight.model.notes import Note, noted
from civicsight.model.terrain import Terrain

MAX_NAMED: Final = 20
"""The largest holes are named one by one; all are counted."""


def name_holes(
    boxes: FloatArray,
    shares: FloatArray,
    crs: CRS,
    name: str,
    *,
    code: str,
    expected: Text,
    remedy: str,
) -> tuple[Fault, ...]:
    """Name holes by their box in longitude and latitude and their share of the area.

    Parameters
    ----------
    boxes
        ``min_x, min_y, max_x, max_y`` [m], one row a hole.
    shares
        Parts of the area, from 0 to 1.
    crs
        CRS of the boxes.
    name
        File name.
    code, expected
        As of `errors.Fault`.
    remedy
        Marked sentence with ``%(share)s``, the share in percent.
    """
    faults = []
    for row in np.argsort(-shares, kind="stable")[:MAX_NAMED]:
        west, south, east, north = bounds_in_degrees(boxes[row], crs)
        where = f"{west:.5f} {south:.5f} - {east:.5f} {north:.5f}"
        share = shares[row] * 100
        said = f"{share:.1f}" if share >= 0.1 else f"{share:.2g}"
        faults.append(Fault(code, name, where, "", "", expected, Text(remedy, {"share": said})))
    return tuple(faults)


def terrain_holes(
    terrain: Terrain, bounds: Bounds, crs: CRS, name: str
) -> tuple[tuple[Fault, ...], tuple[Note, ...], Count]:
    """Name each connected hole of a terrain inside of the area; also say the whole share."""
    from scipy import ndimage

    x = terrain.x0 + np.arange(terrain.z.shape[1]) * terrain.step
    y = terrain.y0 + np.arange(terrain.z.shape[0]) * terrain.step
    inside = np.ix_((y >= bounds[1]) & (y <= bounds[3]), (x >= bounds[0]) & (x <= bounds[2]))
    unknown = np.zeros(terrain.z.shape, bool)
    unknown[inside] = np.isnan(terrain.z[inside])
    labels, count = ndimage.label(unknown, np.ones((3, 3)))
    total = max(int(unknown[inside].size), 1)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:] / total
    boxes = np.array(
        [
            (x[cols.start], y[rows.start], x[cols.stop - 1], y[rows.stop - 1])
            for rows, cols in ndimage.find_objects(labels, count)
        ]
    ).reshape(-1, 4)
    faults = name_holes(
        boxes,
        sizes,
        crs,
        name,
        code="dem.hole",
        expected=N_("heights everywhere in the area of the city"),
        remedy=N_(
            "The ground is unknown in this %(share)s %% of the area, not flat; fill the hole or "
            "use another DEM."
        ).template,
    )
    notes = (unknown_note(float(sizes.sum())),) if count else ()
    return faults, notes, Count("holes", N_("holes in the terrain"), int(count))


def unknown_note(share: float) -> Note:
    """Say in which share of the area the ground is not known."""
    return noted(
        "raster.unknown",
        N_(
            "the ground is unknown in %(share)s %% of the area; nothing there counts as covered",
            share=f"{100 * share:.2g}",
        ),
    )


def area_holes(
    pieces: Geometries, area: shapely.Polygon, crs: CRS, name: str, *, code: str, remedy: str
) -> tuple[Fault, ...]:
    """Name holes that are areas.

    Parameters
    ----------
    pieces
        Polygons inside of the area.
    area
        The area of the city.
    crs, name, code, remedy
        As of `name_holes`.
    """
    return name_holes(
        shapely.bounds(pieces).reshape(-1, 4),
        shapely.area(pieces) / area.area,
        crs,
        name,
        code=code,
        expected=N_("heights everywhere in the area of the city"),
        remedy=remedy,
    )


MIN_STEP_M = 0.5
"""The grid is never finer than this [m]."""


MANY_ALIKE = 9
"""So many cells of one value are no accident."""

APART_M = 10.0
"""Ground does not leap so far from one value to all others [m]."""


class Grid(NamedTuple):
    """Nodes of a terrain: south-west corner, step [m] and number of rows and columns."""

    x0: float
    y0: float
    step: float
    n_row: int
    n_col: int


def read_terrain(
    path: str | Path,
    bounds: Bounds,
    crs: CRS,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
) -> Terrain:
    """Read ground heights of an area; see `load_terrain`, which also reports what was found."""
    return load_terrain(path, bounds, crs, unit=unit, declared=declared)[0]


def load_terrain(
    path: str | Path,
    bounds: Bounds,
    crs: CRS,
    *,
    unit: Unit | None = None,
    declared: Declared = NOTHING,
    named: Bounds | None = None,
) -> tuple[Terrain, ImportReport]:
    """Read ground heights of an area.

    Heights are interpolated between the centres of the raster's cells. Where the raster has no
    height or ends, the terrain is unknown (NaN), never flat, and the report names the hole.

    Parameters
    ----------
    path
        GeoTIFF or grid as text (ASC), with a declared CRS, an SRTM tile ``N43E007.hgt``, or a point
        cloud with classes; each also zipped.
    bounds
        Area in the working CRS: ``min_x, min_y, max_x, max_y`` [m].
    crs
        Working CRS.
    unit, declared
        Unit of the heights, by default metres, and CRS where the raster declares none.
    named
        Area whose holes the report names; the whole one by default.

    Raises
    ------
    InputError
        If the file is of another format or has no CRS, if it does not meet the area at all, or
        if the area would need more than `MAX_CELLS` nodes.
    """
    with opened(path, unit=unit, declared=declared, wanted="ground") as raster:
        grid = _grid(raster, bounds, crs)
        z, cells = _sample(raster, grid, crs)
        if cells is None:
            refuse_elsewhere(raster.name)
        if np.isnan(z).all():
            refuse_empty(raster.name)
        terrain = Terrain(z, grid.x0, grid.y0, grid.step)
        return terrain, _terrain_report(terrain, named or bounds, crs, raster, cells)


def refuse_elsewhere(name: str) -> NoReturn:
    """Refuse a raster that says nothing about the area."""
    reject("dem.elsewhere", name)


def refuse_empty(name: str) -> NoReturn:
    """Refuse a raster that covers the area and has no height there, or only impossible ones."""
    reject("dem.elsewhere:cells", name)


def odd_values(z: FloatArray) -> tuple[Note, ...]:
    """Name a lowest or highest value that stands alone, as an undeclared "unknown" does.

    Parameters
    ----------
    z
        Ground heights, NaN where unknown [m].
    """
    known = z[np.isfinite(z)]
    low, high = known.min(), known.max()
    if low == high:
        flat = noted(
            "raster.odd",
            N_("every cell holds %(value)s m: check that the raster is filled", value=f"{low:g}"),
        )
        return (flat,) if known.size >= MANY_ALIKE else ()
    notes = []
    for value, rest in ((low, known[known > low]), (high, known[known < high])):
        count, apart = known.size - rest.size, np.abs(rest - value).min()
        if count >= MANY_ALIKE and apart > APART_M:
            notes.append(
                noted(
                    "raster.odd",
                    N_(
                        "%(count)s cells hold %(value)s m exactly, %(apart)s m off all others: "
                        "if that stands for unknown, declare it as the no-data value of the raster",
                        count=count,
                        value=f"{value:g}",
                        apart=f"{apart:.0f}",
                    ),
                )
            )
    return tuple(notes)


def _terrain_report(
    terrain: Terrain, bounds: Bounds, crs: CRS, raster: Raster, cells: Cells
) -> ImportReport:
    z = terrain.z
    unknown = int(np.isnan(z).sum())
    faults, holes, number = terrain_holes(terrain, bounds, crs, raster.name)
    note = noted(
        "read.raster",
        N_(
            "%(file)s: grid of %(step)s m, heights from %(low)s to %(high)s m",
            file=raster.name,
            step=f"{terrain.step:.1f}",
            low=f"{np.nanmin(z):.0f}",
            high=f"{np.nanmax(z):.0f}",
        ),
    )
    counts = (
        Count("excluded.unknown", N_("grid nodes without a height"), unknown),
        Count("implausible", N_("cells with impossible heights, taken as unknown"), cells.bad),
        number,
        *raster.counts,
    )
    return ImportReport(
        raster.name,
        "terrain",
        z.size,
        z.size - unknown,
        counts,
        faults,
        notes=(note, *raster.notes, *odd_values(cells.z), *holes),
        crs_found=crs_name(raster.crs),
    )


def _grid(raster: Raster, bounds: Bounds, crs: CRS) -> Grid:
    """Lay nodes over the area, as far apart as the cells of the raster on their shorter side."""
    centre = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    into = transformer(crs, raster)
    x, y = into.transform(*centre)
    if not np.isfinite([x, y]).all():
        refuse_elsewhere(raster.name)
    a, b, _, d, e, _ = affine_of(raster)
    corners_x = np.array([x, x + a, x + b])
    corners_y = np.array([y, y + d, y + e])
    px, py = into.transform(corners_x, corners_y, direction="INVERSE")
    sides = np.hypot(np.diff(px[[0, 1, 0, 2]])[::2], np.diff(py[[0, 1, 0, 2]])[::2])
    if not np.isfinite(sides).all():
        refuse_elsewhere(raster.name)
    step = max(float(sides.min()), MIN_STEP_M)
    x0, y0 = np.floor(bounds[0] / step) * step, np.floor(bounds[1] / step) * step
    n_col = int(np.ceil((bounds[2] - x0) / step)) + 1
    n_row = int(np.ceil((bounds[3] - y0) / step)) + 1
    if n_col * n_row > MAX_CELLS:
        refuse_size(raster.name, n_row, n_col)
    return Grid(float(x0), float(y0), step, max(n_row, 2), max(n_col, 2))


def _sample(raster: Raster, grid: Grid, crs: CRS) -> tuple[FloatArray, Cells | None]:
    """Interpolate the raster at the nodes; also return its cells, if it has any there."""
    x = grid.x0 + np.arange(grid.n_col) * grid.step
    y = grid.y0 + np.arange(grid.n_row) * grid.step
    px, py = transformer(crs, raster).transform(*(axis.ravel() for axis in np.meshgrid(x, y)))
    col, row = (axis - 0.5 for axis in into_cells(raster, np.asarray(px), np.asarray(py)))
    high, wide = raster.source.height, raster.source.width
    known = np.isfinite(col) & np.isfinite(row)
    known &= (col >= 0) & (row >= 0) & (col <= wide - 1) & (row <= high - 1)
    z = np.full(col.shape, np.nan)
    cells = None
    if known.any():
        col_low, row_low = int(col[known].min()), int(row[known].min())
        col_end = min(int(col[known].max()) + 2, wide)
        row_end = min(int(row[known].max()) + 2, high)
        cells = read_cells(raster, Window(row_low, row_end, col_low, col_end), GROUND_M)
        z[known] = _bilinear(cells.z, row[known] - row_low, col[known] - col_low)
    return z.reshape(grid.n_row, grid.n_col), cells


def _bilinear(z: FloatArray, row: FloatArray, col: FloatArray) -> FloatArray:
    r = np.minimum(row.astype(np.int64), max(z.shape[0] - 2, 0))
    c = np.minimum(col.astype(np.int64), max(z.shape[1] - 2, 0))
    r1, c1 = np.minimum(r + 1, z.shape[0] - 1), np.minimum(c + 1, z.shape[1] - 1)
    v, u = row - r, col - c
    top = z[r, c] * (1 - u) + z[r, c1] * u
    out: FloatArray = top * (1 - v) + (z[r1, c] * (1 - u) + z[r1, c1] * u) * v
    return out
