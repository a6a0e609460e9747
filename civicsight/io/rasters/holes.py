"""Holes: where a raster says nothing about the area, named so that nobody takes it for flat."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from civicsight.core.arrays import Geometries
from civicsight.core.errors import N_, Fault, Text
from civicsight.io.crs import LONLAT, between
from civicsight.io.rasters.cells import Bounds
from civicsight.io.report import Count
from civicsight.model.terrain import Terrain

MAX_NAMED: Final = 20
"""The largest holes are named one by one; all are counted."""


def name_holes(
    boxes: npt.NDArray[np.float64],
    shares: npt.NDArray[np.float64],
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
    into = between(crs, LONLAT)
    faults = []
    for row in np.argsort(-shares, kind="stable")[:MAX_NAMED]:
        west, south, east, north = into.transform_bounds(*boxes[row])
        where = f"{west:.5f} {south:.5f} - {east:.5f} {north:.5f}"
        share = shares[row] * 100
        said = f"{share:.1f}" if share >= 0.1 else f"{share:.2g}"
        faults.append(Fault(code, name, where, "", "", expected, Text(remedy, {"share": said})))
    return tuple(faults)


def terrain_holes(
    terrain: Terrain, bounds: Bounds, crs: CRS, name: str
) -> tuple[tuple[Fault, ...], tuple[Text, ...], Count]:
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


def unknown_note(share: float) -> Text:
    """Say in which share of the area the ground is not known."""
    return N_(
        "the ground is unknown in %(share)s %% of the area; nothing there counts as covered",
        share=f"{100 * share:.2g}",
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
